#!/usr/bin/python3
"""table.py DIRECTORY CASE...: the table of what bench.sh measured, and what was not reached.

Times, rates and packets are medians of the runs; missed, wrong, loss and memory the worst of
them.  Exit status: 1 when something did not run.  Only the standard library is used.
"""

import csv
import operator
import os
import statistics
import sys

PEERS = ("nmap", "masscan", "zmap")
WORST = ("missed", "wrong", "own_loss", "peak_kib", "dropped", "exit", "timed_out")
OPS = {"<=": operator.le, ">=": operator.ge}


class Tool:
    """What one tool had in its runs; a number is the median, or the worst."""

    def __init__(self, rows):
        self.ran = all(row["exit"] == "0" or row["timed_out"] == "1" for row in rows)
        self.value = {}
        for key in rows[0]:
            if key != "tool":
                pick = max if key in WORST else statistics.median
                self.value[key] = pick(float(row[key]) for row in rows)
        self.timed_out = self.value["timed_out"] == 1


class Case:
    def __init__(self, directory, name):
        self.name, self.title, self.limit, self.reach = name, name, None, []
        with open(os.path.join(directory, name + ".reach"), encoding="utf-8") as f:
            for line in f:
                word, text = line.rstrip("\n").split("\t")
                if word == "title":
                    self.title = text
                elif word == "limit":
                    self.limit = float(text)
                else:
                    self.reach.append(text)
        with open(os.path.join(directory, name + ".tsv"), encoding="utf-8") as f:
            rows = list(csv.DictReader(f, delimiter="\t"))
        names = sorted({r["tool"] for r in rows},
                       key=lambda n: (n.startswith("bare-"), not n.startswith("postern"), n))
        self.tools = {n: Tool([r for r in rows if r["tool"] == n]) for n in names}
        # Where rates are compared, a device that drops has still been sent to.
        self.sweep = any(text.split()[1] == "rate" for text in self.reach)

    def what(self, tool, key):
        return self.limit if tool == "limit" else self.tools[tool].value[key]

    def reached(self, text):
        """(what it has, in units of what it is held against; yes, no or unknown)."""
        tool, key, op, number, *other = text.split()
        if tool not in self.tools or not self.tools[tool].ran or self.tools[tool].timed_out:
            return "", "no"
        have = self.what(tool, key)
        if other:
            if other[0] != "limit" and not self.tools[other[0]].ran:
                return "", "unknown"
            have /= self.what(other[0], key) or 1
        yes = OPS[op](have, float(number))
        late = other and other[0] != "limit" and self.tools[other[0]].timed_out
        return f"{have:.4g}", "yes" if yes else "unknown" if late else "no"

    def best_peer(self, tool):
        """Times it is faster than the fastest peer that ended; "> N" if none did."""
        peers = [t for n, t in self.tools.items() if n.startswith(PEERS) and t.ran]
        if tool in peers or not peers:
            return ""
        best = min(peers, key=lambda t: t.value["wall"])
        return ("> " if best.timed_out else "") + \
            f"{best.value['wall'] / tool.value['wall']:.2f}"

    def to_limit(self, name, tool):
        """Of a limit of its own, times that; else the share of what a bare loop sends."""
        if self.limit is not None:
            return f"{tool.value['wall'] / self.limit:.2f} x"
        device = "cable" if "bare-packetmmsg-cable" in self.tools else "tap"
        kind = "rawmmsg" if name.startswith("postern-raw") else "packetmmsg"
        if not self.sweep or (name == "postern-raw" and device == "tap"):
            device, kind = "tun", "rawmmsg"
        bare = self.tools.get(f"bare-{kind}-{device}")
        if bare is None or not bare.ran:
            return ""
        rate = tool.value["rate"] if self.sweep else tool.value["sent"] / tool.value["wall"]
        return f"{100 * rate / bare.value['rate']:.3g} %"

    def marks(self, tool):
        """What the report was worth; of one that was cut short, nothing is said."""
        if tool.timed_out:
            return ["cut", "cut"]
        void = " (void)" if tool.value["dropped"] and not self.sweep else ""
        return [f"{tool.value['missed']:.0f}", f"{tool.value['wrong']:.0f}{void}"]

    def row(self, name, tool):
        v = tool.value
        if not tool.ran:
            return [self.title, name, f"did not run ({v['exit']:.0f})"] + [""] * 9
        mine = [t for t in self.reach if t.split()[0] == name]
        results = [self.reached(t) for t in mine]
        bare = name.startswith("bare-")
        return [self.title, name, ("> " if tool.timed_out else "") + f"{v['wall']:.2f}",
                f"{v['sent']:.0f}", f"{v['rate'] / 1000:.0f}",
                *(["", ""] if bare or name == "single" else self.marks(tool)),
                f"{v['peak_kib'] / 1024:.1f}", "" if bare else self.best_peer(tool),
                "" if bare else self.to_limit(name, tool),
                "; ".join(t.partition(" ")[2] for t in mine),
                "; ".join(f"{r}{' (' + h + ')' if h else ''}" for h, r in results)]


HEAD = ["case", "tool", "seconds", "packets", "1,000/s", "missed", "wrong", "MiB",
        "x best peer", "of the limit", "to reach", "reached"]


def main():
    cases = [Case(sys.argv[1], name) for name in sys.argv[2:]]
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for case in cases:
        for name, tool in case.tools.items():
            print("| " + " | ".join(case.row(name, tool)) + " |")
    print()
    for case in cases:
        for text in case.reach:
            have, answer = case.reached(text)
            if answer != "yes":
                print(f"not reached ({answer}): {case.name}: {text}" +
                      (f": it is {have}" if have else ""))
    silent = [f"{c.name} {n}" for c in cases for n, t in c.tools.items() if not t.ran]
    if silent:
        print("did not run: " + ", ".join(silent))
    sys.exit(1 if silent else 0)


if __name__ == "__main__":
    main()
