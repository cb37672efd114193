#!/bin/sh
# Names, forward and reverse: DNS, the hosts file, lmhosts files, and servers that are dead.
. tests/lab/lab.sh
lab_up "$1"

scan -v --reason -p 22,80 -oN "$T/n" -oG "$T/g" www.lab.test three.lab.test 10.91.1.11 \
    10.91.2.14 10.91.2.16 >"$T/out" 2>"$T/err"
ok "a scan of names and addresses ends with 0" test $? -eq 0
has "names: a name is looked up" "$T/n" '^Nmap scan report for www\.lab\.test \(10\.91\.2\.10\)$'
has "ping: up by echo, up by ARP, down" "$T/n" '^Host is up, received echo-reply' \
    '^Host is up, received arp-response' '10\.91\.2\.16 \[host down'
has "reverse names: of an address" "$T/n" \
    '^Nmap scan report for printer\.lab\.test \(10\.91\.1\.11\)$'
has "ports: of a name" "$T/g" '^Host: 10\.91\.2\.10 .*Ports: 22/open/tcp.*, 80/open/tcp'
has "an rDNS record line when the reverse name differs" "$T/n" \
    '^rDNS record for 10\.91\.2\.10: web1\.lab\.test$'
has "-oG has the reverse name, not the typed one" "$T/g" \
    '^Host: 10\.91\.2\.10 \(web1\.lab\.test\)'
has "an address without a reverse name stands bare" "$T/n" \
    '^Nmap scan report for 10\.91\.2\.14$'
has "and has empty brackets in -oG" "$T/g" '^Host: 10\.91\.2\.14 \(\)'

three='10\.91\.2\.1[013]'
has "one address of three is scanned" "$T/n" "^Nmap scan report for three\.lab\.test \($three\)$"
has "and the others are named" "$T/n" \
    "^Other addresses for three\.lab\.test \(not scanned\): $three $three$"
same "each of the three once" "10.91.2.10 10.91.2.11 10.91.2.13" \
    "$(sed -n '/report for three/s/.*(\(.*\))/\1/p; s/^Other addresses .*: //p' "$T/n" |
	tr ' ' '\n' | sort -V | paste -sd' ' -)"

scan -n -p 22 -oN "$T/b" both.lab.test >/dev/null
has "an IPv6 address is one of the others" "$T/b" \
    '^Nmap scan report for both\.lab\.test \(10\.91\.2\.10\)$' \
    '^Other addresses for both\.lab\.test \(not scanned\): 2001:db8::10$'
scan -n -sn --resolve-all -oN "$T/ra" three.lab.test both.lab.test >/dev/null
same "--resolve-all: every IPv4 address is scanned" \
    "three.lab.test (10.91.2.10) three.lab.test (10.91.2.11) three.lab.test (10.91.2.13)" \
    "$(sed -n 's/^Nmap scan report for \(three.*\)/\1/p' "$T/ra" | sort | paste -sd' ' -)"
same "and only the others are named as such" \
    "Other addresses for both.lab.test (not scanned): 2001:db8::10" \
    "$(grep '^Other addresses' "$T/ra")"

scan -p 22 -oN "$T/h" -oG "$T/hg" moved.lab.test 10.91.2.15 >/dev/null
has "the hosts file wins over DNS, forward" "$T/h" \
    '^Nmap scan report for moved\.lab\.test \(10\.91\.2\.11\)$'
has "and backward" "$T/hg" '^Host: 10\.91\.2\.15 \(edge\.from\.hosts\)'

scan -n -p 22 -oN "$T/nr" 10.91.2.10 fw.lab.test >/dev/null
has "-n leaves reverse names out, but not names" "$T/nr" '^Nmap scan report for 10\.91\.2\.10$' \
    '^Nmap scan report for fw\.lab\.test \(10\.91\.2\.11\)$'
scan -R -sn -v -oG "$T/R" 10.91.2.12 >/dev/null
has "-R looks up hosts that are down, too" "$T/R" '10\.91\.2\.12 \(silent\.lab\.test\).*Down'
scan -sn -v -oG "$T/noR" 10.91.2.12 >/dev/null
has "without -R they have no name" "$T/noR" '10\.91\.2\.12 \(\).*Down'

scan -sn -oG "$T/block" www.lab.test/30 >/dev/null
same "name/30 is the block round its address" "10.91.2.10 Up
10.91.2.11 Up" "$(hosts_of "$T/block")"

scan -p 22 -oN "$T/u" nowhere.lab.test 10.91.2.10 >"$T/out" 2>"$T/err"
status=$?
has "an unknown name is told" "$T/err" 'nowhere\.lab\.test'
has "and the rest goes on" "$T/u" '^Nmap scan report for .*10\.91\.2\.10'
if is_nmap; then
	for what in "an unknown name: status" "log" "IPv6 only" "excluded names" \
	    "--resolve-all resumed" "--hosts" "lmhosts" "dead servers"; do
		skip "$what" "not nmap's"
	done
	tap_done
fi
ok "an unknown name: status 1" test $status -eq 1
same "in one line" 1 "$(wc -l <"$T/err" | tr -d ' ')"
has "the log says so, too" "$T/u" '^# Failed to resolve "nowhere\.lab\.test"'

scan -n -sn -oN "$T/six" six.lab.test >"$T/out" 2>"$T/err"
ok "a name without an IPv4 address: status 1" test $? -eq 1
same "in one line" 1 "$(wc -l <"$T/err" | tr -d ' ')"
has "that says why" "$T/err" \
    'failed to resolve "six\.lab\.test": no IPv4 address, and others are not scanned yet$'
has "and the log says so" "$T/six" '^# Failed to resolve "six\.lab\.test": no IPv4 address$'
scan -n -sn --exclude three.lab.test,six.lab.test -oG "$T/x" 10.91.2.10-14 >/dev/null
same "all addresses of an excluded name are left alone" "10.91.2.14 Up" "$(hosts_of "$T/x")"

scan_bg -n -Pn -p 1-100 --max-rate 60 --max-hostgroup 1 --resolve-all -oN "$T/rr" three.lab.test
wait_for 10 grep -qs "^# postern: done " "$T/rr"
kill -INT $SCAN
wait $SCAN
scan --resume "$T/rr" >/dev/null 2>"$T/err"
ok "--resolve-all goes on with --resume: status 0" test $? -eq 0
same "each address is scanned once" "10.91.2.10 10.91.2.11 10.91.2.13" \
    "$(reports_of "$T/rr" | sort | paste -sd' ' -)"

printf '10.91.2.13 other.name.test\n10.91.1.11 LANBOX #PRE #DOM:office\n' >"$T/lmhosts"
chmod 644 "$T/lmhosts"
scan --hosts "$T/lmhosts" -sn -oN "$T/l" other.name.test lanbox 10.91.1.11 >/dev/null
has "--hosts: names from it" "$T/l" '^Nmap scan report for other\.name\.test \(10\.91\.2\.13\)$' \
    '^Nmap scan report for lanbox \(10\.91\.1\.11\)$'
scan --hosts "$T/lmhosts" -sn -oG "$T/lg" 10.91.1.11 10.91.2.13 >/dev/null
has "--hosts wins over DNS backward, lmhosts lines too" "$T/lg" \
    '10\.91\.1\.11 \((LANBOX|lanbox)\)' '10\.91\.2\.13 \(other\.name\.test\)'

# The system's own server is taken away, so that only the one on the command line can answer.
echo 'nameserver 10.91.3.54' >"/etc/netns/$LAB-scanner/resolv.conf"
scan --dns-servers 10.91.3.53 -sn -oG "$T/s" fw.lab.test >/dev/null
same "--dns-servers is asked" "10.91.2.11 Up" "$(hosts_of "$T/s")"
scan --dns-servers 10.91.3.53:53 -sn -oG "$T/s53" fw.lab.test >/dev/null
same "--dns-servers with a port" "10.91.2.11 Up" "$(hosts_of "$T/s53")"
scan --dns-servers 10.91.3.54,10.91.3.53 -sn -oG "$T/s2" fw.lab.test >/dev/null
same "a dead server, then one that answers" "10.91.2.11 Up" "$(hosts_of "$T/s2")"

start=$(now_ms)
scan -p 22,80 -oG "$T/dead" 10.91.2.10-11 fw.lab.test >/dev/null 2>"$T/err"
status=$?
spent=$(($(now_ms) - start))
ok "only a dead server: status 1, for the name of a target" test $status -eq 1
same "the addresses are scanned" "10.91.2.10 22 open
10.91.2.10 80 open
10.91.2.11 22 open
10.91.2.11 80 filtered" "$(ports_of "$T/dead")"
ok "and it holds them up for less than 15 seconds ($spent ms)" test "$spent" -lt 15000
has "the name is told" "$T/err" 'fw\.lab\.test'
has "and that nobody could be asked for names, once" "$T/err" \
    'no name server answered: the name of 1 address is not known'
same "in two lines" 2 "$(wc -l <"$T/err" | tr -d ' ')"
has "the log tells a name not known from none" "$T/dead" \
    '^# postern: name 10\.91\.2\.10 timed out$'
same "of that host only" 1 "$(grep -c '^# postern: name ' "$T/dead")"
scan --convert "$T/dead" -oN "$T/dead.n" -oJ "$T/dead.j" -oX "$T/dead.x"
same "in a log that is converted, too" 1 "$(grep -c '^# postern: name ' "$T/dead.n")"
same "and in JSON" 1 "$(grep -c '"hostnames":\[\],"rdns":"timed out",' "$T/dead.j")"
same "and in XML" 1 "$(grep -c 'Whether it has a name is not known: timed out' "$T/dead.x")"
tap_done
