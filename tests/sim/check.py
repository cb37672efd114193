#!/usr/bin/python3
"""check.py [-f FORMAT] [-p PORT] TRUTH REPORT: is a scanner's report the truth?

TRUTH is what `simnet --truth` wrote, "-" for standard input.  REPORT is one of: gnmap (-oG of
nmap and postern), xml (-oX), list (masscan -oL), json (masscan -oJ), csv (zmap; a file with
addresses alone is of hosts that are up, or with -p of hosts with that port open).

Output is key=value lines; what a format cannot say is "na".  Exit status: 0 right, 1 wrong.
gnmap leaves out the ports of an ignored state, and where there is more than one it does not
say which: "hidden" ports are only known not to be open (use xml).  Only the standard library is used.
"""

import collections
import csv
import getopt
import json
import re
import sys
import xml.etree.ElementTree


class Report:
    """What a scanner said: states by host and port ("80", "53/udp"), hosts up, repeats."""

    def __init__(self, whole, may_hide=False):
        self.whole = whole          # says each port's state, not the open ones alone
        self.may_hide = may_hide    # but may leave out some that are not open
        self.ports = {}
        self.rest = {}              # host: (state, how many), of ports not listed
        self.up = set()
        self.down = set()
        self.duplicates = 0

    def port(self, host, number, proto, state):
        key = number if proto == "tcp" else number + "/" + proto
        states = self.ports.setdefault(host, {})
        if key in states:
            self.duplicates += 1
            if states[key] == "open":
                return
        states[key] = state

    def host(self, host, is_up):
        if host in self.up or host in self.down:
            self.duplicates += 1
        (self.up if is_up else self.down).add(host)


def read_gnmap(f):
    report = Report(True, may_hide=True)
    for line in f:
        if not line.startswith("Host: "):
            continue
        fields = line.rstrip("\n").split("\t")
        host = fields[0].split()[1]
        for field in fields[1:]:
            name, _, value = field.partition(": ")
            if name == "Status":
                report.host(host, value == "Up")
            elif name == "Ports":
                for entry in value.split(", "):
                    part = entry.strip().split("/")
                    if len(part) > 2:
                        report.port(host, part[0], part[2], part[1])
            elif name == "Ignored State":
                state, number = re.fullmatch(r"(\S+) \((\d+)\)", value.strip()).groups()
                report.rest[host] = (state, int(number))
    return report


def expand(ports):
    for span in ports.split(","):
        low, _, high = span.partition("-")
        for number in range(int(low), int(high or low) + 1):
            yield str(number)


def elements(f):
    """Each element as it ends; a file that breaks off, of a scan that was killed, ends there."""
    try:
        for _, element in xml.etree.ElementTree.iterparse(f):
            yield element
    except xml.etree.ElementTree.ParseError:
        print("truncated=1")


def read_xml(f):
    report = Report(True)
    for host in elements(f):
        if host.tag != "host" or host.find("status") is None:
            continue
        addr = host.find("address").get("addr")
        report.host(addr, host.find("status").get("state") == "up")
        for port in host.iterfind("ports/port"):
            report.port(addr, port.get("portid"), port.get("protocol"),
                        port.find("state").get("state"))
        for extra in host.iterfind("ports/extraports"):
            for why in extra.iterfind("extrareasons[@ports]"):
                for number in expand(why.get("ports")):
                    report.port(addr, number, why.get("proto"), extra.get("state"))
        host.clear()
    return report


def read_list(f):
    report = Report(False)
    for line in f:
        word = line.split()
        if len(word) >= 4 and word[0] in ("open", "closed"):
            report.port(word[3], word[2], word[1], word[0])
    return report


def read_json(f):
    report = Report(False)
    for line in f:
        line = line.strip().rstrip(",")
        if not line.startswith("{") or '"ports"' not in line:
            continue
        record = json.loads(line)
        for port in record["ports"]:
            report.port(record["ip"], str(port["port"]), port["proto"], port["status"])
    return report


def read_csv(f, port):
    """zmap: success=0 is an answer that is none, a RST; repeats are zmap's own."""
    report = Report(False)
    names = None
    for row in csv.reader(f):
        if not row:
            continue
        if not row[0][:1].isdigit():
            names = row
            continue
        record = dict(zip(names or ["saddr"], row))
        if record.get("success", "1") != "1" or record.get("repeat", "0") != "0":
            continue
        number = record.get("sport", port)
        if number is None:
            report.host(record["saddr"], True)
        else:
            report.port(record["saddr"], number, "tcp", "open")
    return report


def guess(name):
    with open(name, encoding="utf-8", errors="replace") as f:
        head = f.read(4096)
    for form, pattern in (("xml", r"\s*<"), ("json", r"\s*[\[{]"), ("list", r"#masscan"),
                          ("list", r"(open|closed) \w+ \d+"), ("gnmap", r"(?m)^(# |Host: )")):
        if re.match(pattern, head):
            return form
    return "csv"


def read_report(name, form, port):
    form = form or guess(name)
    with open(name, encoding="utf-8", errors="replace") as f:
        if form == "csv":
            return form, read_csv(f, port)
        return form, {"gnmap": read_gnmap, "xml": read_xml, "list": read_list,
                      "json": read_json}[form](f)


def truth_by_host(f):
    """(host, kind, {port: state}) for each host, as they stream by."""
    host, kind, ports = None, None, {}
    for line in f:
        addr, port, state = line.split()
        if port == "-":
            if host is not None:
                yield host, kind, ports
            host, kind, ports = addr, state, {}
        else:
            ports[port] = state
    if host is not None:
        yield host, kind, ports


class Verdict:
    def __init__(self, report):
        self.report = report
        self.n = collections.Counter()
        self.wrong = collections.Counter()
        self.seen = set()
        # Does the report say which hosts are up, or only which ports are open?
        self.says_up = report.whole or bool(report.up)

    def differ(self, kind, truth, said, number=1):
        """A dying host may be seen either way, but nothing is open that never was."""
        if kind == "dying" and said != "open":
            self.n["dying"] += number
            return
        self.wrong[truth + "_as_" + said] += number
        if truth == "open":
            self.n["missed_open"] += number
        elif said == "open":
            self.n["false_open"] += number

    def unlisted(self, host, kind, missing):
        """Ports of a host that is up, and that the report has no line for."""
        state, number = self.report.rest.get(host, (None, 0))
        if state is None and not self.report.may_hide:
            state, number = "unreported", sum(missing.values())
        if number == sum(missing.values()):
            for truth, count in missing.items():
                if truth != state:
                    self.differ(kind, truth, state, count)
            return
        self.n["hidden"] += sum(missing.values())
        if missing["open"]:
            self.differ(kind, "open", "hidden", missing["open"])
        if state is not None and number != missing[state]:
            self.differ(kind, state, "other_number", abs(number - missing[state]))

    def host(self, host, kind, ports):
        said = self.report.ports.get(host, {})
        missing = collections.Counter()
        self.seen.add(host)
        self.n["truth_hosts"] += kind != "mute"
        self.n["mute_hosts"] += kind == "mute"
        here = not self.says_up or host in self.report.up or bool(said)
        self.n["missed_hosts"] += not here and kind != "mute"
        found = 0
        for port, truth in ports.items():
            if truth == "open":
                self.n["truth_open"] += 1
            state = said.get(port)
            if state is None:
                missing[truth] += 1
                continue
            found += 1
            if state != truth:
                self.differ(kind, truth, state)
        self.n["outside"] += len(said) - found
        if ports and missing and self.report.whole and here and kind != "mute":
            self.unlisted(host, kind, missing)
        elif missing["open"] and (ports and (not self.report.up or said)):
            self.differ(kind, "open", "unreported", missing["open"])
        elif missing["open"] and self.report.whole:
            self.n["open_of_missed_hosts"] += missing["open"]

    def strangers(self):
        """What the report says of hosts that are not there."""
        for host in (self.report.up | set(self.report.ports)) - self.seen:
            opened = sum(s == "open" for s in self.report.ports.get(host, {}).values())
            self.n["false_open"] += opened
            if host in self.report.up or opened:
                self.n["false_hosts"] += 1

    def right(self):
        return not (self.wrong or self.report.duplicates or self.n["missed_hosts"] or
                    self.n["false_hosts"] or self.n["false_open"] or self.n["outside"] or
                    self.n["open_of_missed_hosts"])

    def write(self, form):
        n = self.n
        reported = [s for states in self.report.ports.values() for s in states.values()]
        rows = [("format", form), ("truth_hosts", n["truth_hosts"]),
                ("mute_hosts", n["mute_hosts"]), ("truth_open", n["truth_open"]),
                ("reported_hosts", len(self.report.up) if self.says_up else "na"),
                ("reported_open", reported.count("open")),
                ("missed_hosts", n["missed_hosts"] if self.says_up else "na"),
                ("false_hosts", n["false_hosts"]),
                ("missed_open", n["missed_open"] + n["open_of_missed_hosts"]),
                ("false_open", n["false_open"]),
                ("wrong_states", sum(self.wrong.values())), ("hidden", n["hidden"]),
                ("outside", n["outside"]), ("dying", n["dying"]),
                ("duplicates", self.report.duplicates)]
        rows += [("wrong." + what, number) for what, number in sorted(self.wrong.items())]
        rows.append(("verdict", "right" if self.right() else "wrong"))
        for key, value in rows:
            print(f"{key}={value}")


def main():
    try:
        options, names = getopt.getopt(sys.argv[1:], "f:p:")
        truth, report = names
    except (getopt.GetoptError, ValueError):
        sys.exit(__doc__)
    options = dict(options)
    form, said = read_report(report, options.get("-f"), options.get("-p"))
    verdict = Verdict(said)
    with sys.stdin if truth == "-" else open(truth, encoding="ascii") as f:
        for host in truth_by_host(f):
            verdict.host(*host)
    verdict.strangers()
    verdict.write(form)
    sys.exit(0 if verdict.right() else 1)


if __name__ == "__main__":
    main()
