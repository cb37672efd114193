"""read.py READER FILE: a listing (scans.sh) by a library of Python."""
import sys


def host(address, state, names):
    print("host", address, state, ",".join(n for n in names if n) or "-")


def port(address, number, state, service):
    print("port", address, number, state, service)


def libnmap(path):
    from libnmap.parser import NmapParser
    for h in NmapParser.parse_fromfile(path).hosts:
        host(h.address, h.status, h.hostnames)
        for s in h.services:
            port(h.address, s.port, s.state, s.service)


def summary(path):
    from libnmap.parser import NmapParser
    r = NmapParser.parse_fromfile(path)
    if r.is_consistent() and r.elapsed >= 0 and r.endtime >= r.started > 0:
        print(r.version, r.hosts_up, r.hosts_down, r.hosts_total, r.summary)


def nmap(path):
    from nmap import PortScanner
    scanner = PortScanner()
    with open(path) as f:
        scanner.analyse_nmap_xml_scan(f.read())
    for address in scanner.all_hosts():
        h = scanner[address]
        host(address, h.state(), [n["name"] for n in h["hostnames"]])
        for number in h.all_tcp():
            port(address, number, h["tcp"][number]["state"], h["tcp"][number]["name"])


def brutespray(path):
    """Its own functions that read a file; nothing is attacked."""
    from importlib.machinery import SourceFileLoader
    from types import SimpleNamespace
    b = SourceFileLoader("brutespray", "/usr/bin/brutespray").load_module()
    b.args = SimpleNamespace(file=path)
    {"gnmap": b.make_dic_gnmap, "xml": b.make_dic_xml}[b.getInput(path)]()
    for service, ports in b.services.items():
        for number, addresses in ports.items():
            for address in addresses:
                port(address, number, "open", service)


sys.dont_write_bytecode = True
{f.__name__: f for f in (libnmap, summary, nmap, brutespray)}[sys.argv[1]](sys.argv[2])
