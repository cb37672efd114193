#!/usr/bin/python3
"""nameserver.py [--elsewhere ADDRESS] LOG SERVER...: name servers that tests may not trust.

A SERVER is ADDRESS@PORT[,OPTION...], over UDP and TCP, IPv4 and IPv6.  What it does with a
question is in the name asked: the first label of NAME.dns.test is a word of the table below; the
last octet of 10.91.9.N in a PTR question is the number of one.  Every other address of 10/8 has a
name; there are no other names.  The true name of 10.1.2.3 is n10-1-2-3.good.test, the true address
of a word is 10.91.9.N; "forged" and 10.66.66.66 are only in lies.  Options make a whole server bad:

    rcode=N     answer everything with that code            mute        answer nothing
    late=S      answer S seconds late                       notcp       no connections
    limit=N     answer N queries a second, drop the rest
    loss        drop the first query about every tenth name, and the second about every hundredth

LOG gets a line for each query, "PORT ID SERVER NAME" (ID is "tcp" for those over TCP), and is made
when all servers listen.  "nameserver.py --table" prints the table.  Only the standard library.
"""

import collections
import getopt
import heapq
import random
import select
import socket
import struct
import sys
import threading
import time
import zlib

# What comes of each word: the look-up's result as a log has it, "/" between those allowed.  In
# which questions: p, PTR; f, names; b, both.
TABLE = """
  1 good          b found            the truth, at once
  2 wrongid       b found            a lie with another number, then the truth
  3 wrongport     b found            a lie from another port
  4 wrongaddress  b found            a lie from another address
  5 wrongquestion b found            a lie about another name
  6 wrongtype     b found            a lie that repeats the name with another type
  7 noquestion    b found            a lie that repeats no question
  8 twoquestions  b found            a lie that repeats it twice
  9 echo          b found            the query itself comes back
 10 short         b found            datagrams of 0, 3, 11 and 12 bytes
 11 lost          b found            the first query is lost

 20 loop          b bad-name/server-failed   a pointer to itself
 21 twoloop       b bad-name/server-failed   two pointers to each other
 22 beyond        b bad-name/server-failed   a pointer beyond the end
 23 forward       b found/bad-name/server-failed/not-found   a pointer to what comes later
 24 ownerloop     b bad-name/server-failed   a record about a pointer to itself
 25 rdlong        b bad-name/server-failed   RDLENGTH beyond the end
 26 rdshort       b found/bad-name/server-failed/not-found   RDLENGTH less than what is there
 27 rdzero        b found/bad-name/server-failed/not-found   RDLENGTH 0
 28 label64       b bad-name/server-failed   a label of 64 bytes
 29 label128      b bad-name/server-failed   a label of a type that does not exist
 30 manyrecords   b found/bad-name/server-failed   65,535 records said, one there
 31 norecords     b not-found        no record said, one there
 32 toolong       b bad-name/server-failed/not-found   a name over 255 bytes
 33 torn          b bad-name/server-failed   it ends within a record
 34 noise         b bad-name/server-failed   random bytes for records
 35 unrelated     b not-found/bad-name/server-failed   a record about another name

 40 control       p bad-name         control bytes in a name
 41 slash         p bad-name
 42 star          p bad-name
 43 escape        p bad-name         terminal escapes
 44 quotes        p bad-name
 45 markup        p bad-name
 46 longest       p found            255 bytes, the most there may be
 47 utf8          p bad-name
 48 root          p bad-name         an empty name
 49 dot           p bad-name         a dot within a label
 50 nul           p bad-name
 51 space         p bad-name
 52 backslash     p bad-name
 53 grepable      p bad-name         a tab, and what -oG has for an open port
 54 newline       p bad-name         a line of a log of its own
 55 percent       p bad-name

 60 cname         b found            another name, and its record
 61 cnames        b found            and five of them in a row
 62 cnameself     b not-found/bad-name/server-failed   a name that is another name for itself
 63 cnameloop     b not-found/bad-name/server-failed   three in a ring

 70 nx            b not-found
 71 empty         b not-found        it exists, without such a record
 72 servfail      b server-failed
 73 refused       b refused
 74 formerr       b server-failed
 75 notimp        b server-failed
 76 silent        b timed-out

 80 tcp           b found            cut off; the whole over TCP
 81 forty         b found            the same, 10 records of 40
 82 big           b found            over TCP it has 65,535 bytes
 83 drip          b found            over TCP, a byte at a time
 84 crawl         b server-failed/timed-out   over TCP, a byte a second
 85 tcpcut        b server-failed/timed-out   over TCP, half of it
 86 tcpmute       b server-failed/timed-out   over TCP, nothing
 87 tcpclose      b server-failed/timed-out   over TCP, closed at once
 88 tcplong       b server-failed/timed-out   over TCP, less than its length says
 89 tcpzero       b server-failed/timed-out   over TCP, a length of 0
 90 tcpid         b server-failed/timed-out   over TCP, a lie with another number
 91 tcpquestion   b server-failed/timed-out   over TCP, a lie about another name
 92 tcptwice      b found/server-failed/timed-out   over TCP, cut off again
 93 partial       b found/server-failed/timed-out   10 records of 40, and TCP is closed at once

100 flood         - found            1,000 lies with other numbers, then the truth
101 v4v6          - found            an IPv4 and an IPv6 address
102 many          - found            three addresses
103 liar          - found            a lie, and nothing wrong with it
"""
ROWS = [line.split(None, 4) for line in TABLE.splitlines() if line]
WORDS = {row[1]: int(row[0]) for row in ROWS}
BY_NUMBER = {number: word for word, number in WORDS.items()}

A, CNAME, PTR, TXT, AAAA = 1, 5, 12, 16, 28
RCODES = {"formerr": 1, "servfail": 2, "nx": 3, "notimp": 4, "refused": 5}
NAMES = {
    "control": [b"a\x01\x07\x7f", b"test"],
    "slash": [b"a/b", b"test"],
    "star": [b"*", b"test"],
    "escape": [b"\x1b[2J\x1b]0;owned\x07", b"test"],
    "quotes": [b"a\"b'c`d", b"test"],
    "markup": [b"<script>&amp;--></script>", b"test"],
    "longest": [b"l" * 63, b"o" * 63, b"n" * 63, b"g" * 61],
    "utf8": [b"n\xc3\xa9\xe2\x80\xae", b"test"],
    "root": [],
    "dot": [b"a.b", b"test"],
    "nul": [b"a\0b", b"test"],
    "space": [b"a b", b"test"],
    "backslash": [b"a\\b", b"test"],
    "grepable": [b"a)\tPorts: 22/open/tcp//ssh///", b"test"],
    "newline": [b"a\nHost: 10.66.66.66 (forged)\tStatus: Up\n", b"test"],
    "percent": [b"%n%s%n", b"test"],
}


def wire(labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def name(text):
    return wire(text.encode().split(b"."))


def pointer(to):
    return struct.pack("!H", 0xc000 | to)


def record(kind, data, owner=b"\xc0\x0c", length=None):
    return owner + struct.pack("!HHIH", kind, 1, 60, len(data) if length is None else length) + data


class Query:
    """A question, and the answers that can be made of it.  ValueError: it is none."""

    def __init__(self, raw):
        if len(raw) < 17 or raw[2] & 0x80:
            raise ValueError("no query")
        self.raw, labels, at = raw, [], 12
        while raw[at]:
            labels.append(raw[at + 1:at + 1 + raw[at]])
            at += raw[at] + 1
            if at + 5 > len(raw):
                raise ValueError("a name without an end")
        self.kind = struct.unpack("!H", raw[at + 1:at + 3])[0]
        self.question = raw[12:at + 5]
        self.records = 12 + len(self.question)      # where they begin in an answer
        self.name = b".".join(labels).decode("ascii", "replace").lower()
        first, _, zone = self.name.partition(".")
        self.octets = self.name.split(".")[3::-1]
        if zone == "9.91.10.in-addr.arpa":
            self.word = BY_NUMBER.get(int(first), "nx")
        elif zone.endswith(".10.in-addr.arpa"):
            self.word = "good"
        else:
            self.word = first if zone == "dns.test" and first in WORDS else "nx"

    def truth(self, more=""):
        if self.kind == PTR:
            return record(PTR, name("n" + "-".join(self.octets) + ".good.test" + more))
        return record(self.kind, self.address(WORDS[self.word]))

    def address(self, last):
        """Of an A or AAAA record."""
        return (bytes([10, 91, 9, last]) if self.kind == A else
                socket.inet_pton(socket.AF_INET6, "fd00:91:9::%d" % last))

    def pack(self, *records, rcode=0, cut=False, counts=None, number=None, question=None):
        """An answer; counts are those of questions and of records, where they are not true."""
        question = self.question if question is None else question
        questions, answers = counts or (1, len(records))
        flags = 0x8180 | rcode | (0x200 if cut else 0)
        return ((self.raw[:2] if number is None else number) +
                struct.pack("!HHHHH", flags, questions, answers, 0, 0) + question +
                b"".join(records))

    def lie(self, **how):
        data = name("forged.test") if self.kind == PTR else bytes([10, 66, 66, 66])
        if self.kind == AAAA:
            data *= 4
        return self.pack(record(self.kind, data), **how)

    def another_number(self):
        return bytes([self.raw[0] ^ 0x55, self.raw[1]])


def lies(q):
    """What comes before the truth: pairs of which socket sends it, and bytes.  None: no lies."""
    other_type = q.question[:-4] + struct.pack("!HH", TXT, 1)
    return {
        "wrongid": lambda: [("own", q.lie(number=q.another_number()))],
        "wrongport": lambda: [("port", q.lie())],
        "wrongaddress": lambda: [("elsewhere", q.lie())],
        "wrongquestion": lambda: [("own", q.lie(question=name("forged.dns.test") +
                                                q.question[-4:]))],
        "wrongtype": lambda: [("own", q.lie(question=other_type))],
        "noquestion": lambda: [("own", q.lie(counts=(0, 1), question=b""))],
        "twoquestions": lambda: [("own", q.lie(counts=(2, 1), question=q.question * 2))],
        "echo": lambda: [("own", q.raw)],
        "short": lambda: [("own", q.lie()[:n]) for n in (0, 3, 11, 12)],
        "liar": lambda: [("own", q.lie())],
        "flood": lambda: [("own", q.lie(number=struct.pack("!H", n))) for n in
                          random.sample(range(65536), 1000) if struct.pack("!H", n) != q.raw[:2]],
    }.get(q.word, lambda: None)()


def broken(q):
    """An answer that can't be right; None: the word asks for none."""
    at = q.records                      # of the record's owner; its data are 12 bytes on
    data = name("forged.test") if q.kind == PTR else bytes([10, 66, 66, 66])

    # A name that is broken: in a PTR record its data, else whom the record is about.
    def bad(text):
        return q.pack(record(PTR, text) if q.kind == PTR else record(q.kind, data, owner=text))

    here = at + 12 if q.kind == PTR else at
    good = q.truth()
    size = len(good) - 12
    return {
        "loop": lambda: bad(pointer(here)),
        "twoloop": lambda: q.pack(
            record(PTR, pointer(at + 14) + pointer(at + 12)) if q.kind == PTR else
            record(q.kind, pointer(at) + data[2:], owner=pointer(at + 12))),
        "beyond": lambda: bad(pointer(0x3fff)),
        "forward": lambda: (
            q.pack(record(PTR, pointer(here + 2) + good[12:])) if q.kind == PTR else
            q.pack(record(q.kind, good[12:], owner=pointer(at + 12 + size))) + q.question),
        "ownerloop": lambda: q.pack(record(q.kind, data, owner=pointer(at))),
        "rdlong": lambda: q.pack(record(q.kind, good[12:], length=size + 100)),
        "rdshort": lambda: q.pack(record(q.kind, good[12:], length=size - 3)),
        "rdzero": lambda: q.pack(record(q.kind, good[12:], length=0)),
        "label64": lambda: bad(b"\x40" + b"x" * 64 + b"\0"),
        "label128": lambda: bad(b"\x80" + b"x" * 128 + b"\0"),
        "manyrecords": lambda: q.pack(good, counts=(1, 65535)),
        "norecords": lambda: q.pack(good, counts=(1, 0)),
        "toolong": lambda: bad(wire([b"x" * 60] * 5)),
        "torn": lambda: q.pack(good)[:-3],
        "noise": lambda: q.pack(random.Random(q.name).randbytes(300), counts=(1, 7)),
        "unrelated": lambda: q.pack(record(q.kind, data, owner=name("forged.test"))),
    }.get(q.word, lambda: None)()


def aliases(q, names, end):
    """CNAME records from the question over the names, and a true record of the last."""
    owners = [b"\xc0\x0c"] + [name(n) for n in names]
    chain = [record(CNAME, to, owner=owner) for owner, to in zip(owners, owners[1:])]
    return q.pack(*chain, *([owners[-1] + q.truth()[2:]] if end else []))


def answer(q):
    """The answer to a question over UDP, or None for silence."""
    w = q.word
    if w == "silent":
        return None
    if w in RCODES:
        return q.pack(rcode=RCODES[w])
    if w == "empty" or q.kind not in (A, AAAA, PTR) or (q.kind == AAAA and w != "v4v6"):
        return q.pack()
    if w in ("forty", "partial"):
        return q.pack(*forty(q)[:10], cut=True)
    if 80 <= WORDS[w] < 100:
        return q.pack(cut=True)
    if w in NAMES:
        return q.pack(record(PTR, wire(NAMES[w])))
    if w == "cname":
        return aliases(q, ["alias.dns.test"], True)
    if w == "cnames":
        return aliases(q, ["alias%d.dns.test" % n for n in range(5)], True)
    if w == "cnameself":
        return q.pack(record(CNAME, b"\xc0\x0c"))
    if w == "cnameloop":
        return q.pack(record(CNAME, name("a.dns.test")),
                      record(CNAME, name("b.dns.test"), owner=name("a.dns.test")),
                      record(CNAME, b"\xc0\x0c", owner=name("b.dns.test")))
    if w == "many":
        return q.pack(*[record(q.kind, q.address(last)) for last in (102, 103, 104)])
    return broken(q) or q.pack(q.truth())


def forty(q):
    if q.kind == PTR:
        return [q.truth(".x%d" % n) for n in range(40)]
    return [record(q.kind, q.address(200 + n)) for n in range(40)]


def big(q):
    """As many bytes as a message over TCP can have."""
    whole, filler = [q.truth()], record(TXT, b"\xff" + b"x" * 255)
    left = 65535 - q.records - len(whole[0])
    whole += [filler] * (left // len(filler) - 1)
    left -= len(filler) * (left // len(filler) - 1)
    return q.pack(*whole, record(TXT, b"\0" * (left - 12)))


def over_tcp(q):
    """The answer over TCP: its bytes, seconds between two of them, and is it then closed?"""
    w = q.word
    if w in ("tcpmute", "tcpclose", "partial"):
        return b"", 0, w != "tcpmute"
    if w == "big":
        message = big(q)
    elif w == "forty":
        message = q.pack(*forty(q))
    elif w == "tcpid":
        message = q.lie(number=q.another_number())
    elif w == "tcpquestion":
        message = q.lie(question=name("forged.dns.test") + q.question[-4:])
    elif w == "tcptwice":
        message = q.pack(q.truth(), cut=True)
    elif 80 <= WORDS[w] < 100:
        message = q.pack(q.truth())
    else:
        message = answer(q) or b""
    size = {"tcplong": 65535, "tcpzero": 0}.get(w, len(message))
    stream = struct.pack("!H", size) + (b"" if w == "tcpzero" else message)
    if w == "tcpcut":
        return stream[:len(stream) // 2], 0, True
    return stream, {"drip": 0.002, "crawl": 1}.get(w, 0), False


class Server:
    """One of the servers: its sockets, its options, and what it remembers of its queries."""

    def __init__(self, spec):
        place, *options = spec.split(",")
        host, port = place.rsplit("@", 1)
        self.place = place
        self.options = dict(option.partition("=")[::2] for option in options)
        self.limit = float(self.options.get("limit", 0))
        self.late = float(self.options.get("late", 0))
        self.credit, self.then = 0.0, time.monotonic()
        self.asked = collections.Counter()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.udp = datagrams(host, int(port), family)
        self.port = datagrams(host, 0, family)
        if "notcp" not in self.options:
            self.tcp = socket.create_server((host, int(port)), family=family, backlog=64)
            threading.Thread(target=self.accept, daemon=True).start()

    def drops(self, q):
        """Is this query lost, or one too many?"""
        count = self.asked[q.name] = self.asked[q.name] + 1
        chance = zlib.crc32(q.name.encode()) % 100
        if "mute" in self.options or (q.word == "lost" and count == 1):
            return True
        if "loss" in self.options and ((count == 1 and chance < 10) or
                                       (count == 2 and chance < 1)):
            return True
        if not self.limit:
            return False
        now = time.monotonic()
        self.credit = min(self.credit + (now - self.then) * self.limit, self.limit / 10)
        self.then = now
        if self.credit < 1:
            return True
        self.credit -= 1
        return False

    def datagram(self, data, to, send):
        """Answer one: send(seconds from now, socket's name, bytes)."""
        q = Query(data)
        note(to[1], "%d" % struct.unpack("!H", data[:2]), self.place, q.name)
        if self.drops(q):
            return
        if "rcode" in self.options:
            send(0, "own", q.pack(rcode=int(self.options["rcode"])))
            return
        first = lies(q)
        for n, (via, lie) in enumerate(first or []):
            send(n // 20 * 0.004, via, lie)     # no faster than it can be read
        whole = answer(q)
        if whole is not None:
            send(self.late + (0.05 + len(first) / 5000 if first else 0), "own", whole)

    def accept(self):
        while True:
            conn, who = self.tcp.accept()
            threading.Thread(target=self.connection, args=(conn, who), daemon=True).start()

    def connection(self, conn, who):
        conn.settimeout(20)
        try:
            with conn:
                while self.stream(conn, who):
                    pass
        except (OSError, ValueError, IndexError):
            pass

    def stream(self, conn, who):
        """Answer one query of a connection: may there be another?"""
        head = conn.recv(2, socket.MSG_WAITALL)
        if len(head) != 2:
            return False
        q = Query(conn.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL))
        note(who[1], "tcp", self.place, q.name)
        data, pause, close = over_tcp(q)
        if not pause:
            conn.sendall(data)
            return not close
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for n in range(len(data)):
            conn.sendall(data[n:n + 1])
            time.sleep(pause)
        return True


def datagrams(host, port, family):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind((host, port))
    s.setblocking(False)
    return s


def note(*what):
    LOG.write(" ".join(str(w) for w in what) + "\n")


def take(server, elsewhere, later):
    """Answer the datagrams that wait, at most some of them."""
    for _ in range(64):
        try:
            data, to = server.udp.recvfrom(4096)
        except OSError:
            return

        def send(wait, via, answer_bytes, to=to):
            s = {"own": server.udp, "port": server.port, "elsewhere": elsewhere}[via]
            if s is None or s.family != server.udp.family:
                return
            heapq.heappush(later, (time.monotonic() + wait, next(ORDER), s, answer_bytes, to))

        try:
            server.datagram(data, to, send)
        except (ValueError, IndexError):
            pass


def serve(servers, elsewhere):
    later = []          # (when, order, socket, bytes, to)
    by_socket = {server.udp: server for server in servers}
    while True:
        wait = max(0, later[0][0] - time.monotonic()) if later else None
        for s in select.select(list(by_socket), [], [], wait)[0]:
            take(by_socket[s], elsewhere, later)
        while later and later[0][0] <= time.monotonic():
            _, _, s, data, to = heapq.heappop(later)
            try:
                s.sendto(data, to)
            except OSError:
                pass


def main():
    global LOG
    options, args = getopt.getopt(sys.argv[1:], "", ["table", "elsewhere="])
    options = dict(options)
    if "--table" in options:
        for row in ROWS:
            print(*row[:4])
        sys.exit()
    servers = [Server(spec) for spec in args[1:]]
    elsewhere = None
    if "--elsewhere" in options:
        elsewhere = datagrams(options["--elsewhere"], 0, socket.AF_INET)
    LOG = open(args[0], "w", buffering=1)
    serve(servers, elsewhere)


ORDER = iter(range(1 << 62))
LOG = None

if __name__ == "__main__":
    main()
