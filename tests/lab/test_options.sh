#!/bin/sh
# What each option does to the packets sent and the logs written.
. tests/lab/lab.sh
lab_up "$1"

# The ports that an expression means, as a log of a host with everything closed lists them.
ports() {
	rm -f "$T/p"
	scan -n "$@" -oG "$T/p" 10.91.1.11 >/dev/null 2>&1
	numbers_of "$T/p"
}
same "-p a list" 22,25,80 "$(ports -p 80,22,25)"
same "-p a range" 1-3,9 "$(ports -p 1-3,9 | sed 's/^1,2,3,/1-3,/')"
same "-p from the lowest" 1,2,3 "$(ports -p -3)"
same "-p to the highest" 65533,65534,65535 "$(ports -p 65533-)"
same "-p names" 22,25 "$(ports -p smtp,ssh)"
same "-p a name with a wildcard" 80,280 "$(ports -p 'http,http-m*' | cut -d, -f1,2)"
same "-p T: and U:" 53,80 "$(ports -p U:9,T:53,80)"
same "-p overlapping" 5,6,7 "$(ports -p 5-6,6-7,6)"
same "--exclude-ports" 10,13 "$(ports -p 10-13 --exclude-ports 11-12)"
same "--top-ports 3" 23,80,443 "$(ports --top-ports 3)"
total() {
	rm -f "$T/p"
	scan -n "$@" -oG "$T/p" 10.91.1.11 >/dev/null 2>&1
	total_of "$T/p"
}
same "-F is a hundred ports" 100 "$(total -F)"
same "a thousand without any option" 1000 "$(total)"
same "--top-ports 250" 250 "$(total --top-ports 250)"
same "-p- is 65535 ports" 65535 "$(total -p- )"

scan -n -p 22,23,80 --open -oN "$T/o" -oG "$T/og" 10.91.1.10-11 10.91.2.11 >/dev/null
same "--open lists open ports only" "10.91.1.10 22 open
10.91.1.10 80 open
10.91.2.11 22 open" "$(ports_of "$T/og")"
same "and leaves out hosts without one" "10.91.1.10 10.91.2.11" \
    "$(reports_of "$T/o" | sort -V | paste -sd' ' -)"
scan -n -p 22 --reason -oN "$T/r" 10.91.1.10 >/dev/null
has "--reason" "$T/r" '^PORT +STATE +SERVICE +REASON$' '^22/tcp open  ssh     syn-ack ttl 64$'
scan -n -p 22 -oN "$T/r0" 10.91.1.10 >/dev/null
hasnt "without it, none" "$T/r0" '^[^#].*(syn-ack|up, received)'
scan -n -sn -v -oN "$T/v" -oG "$T/vg" 10.91.1.10-12 >/dev/null
has "-v shows hosts that are down" "$T/v" '10\.91\.1\.12 \[host down'
has "in -oG as well" "$T/vg" '^Host: 10\.91\.1\.12 \(\)[[:space:]]Status: Down$'
scan -n -sn -oG "$T/nv" 10.91.1.10-12 >/dev/null
same "without -v they are left out" "10.91.1.10 Up
10.91.1.11 Up" "$(hosts_of "$T/nv")"

count_start ''
scan -n -sL -oN "$T/L" 10.91.2.0/30 10.91.2.8,10 >/dev/null
same "-sL lists" "10.91.2.0 10.91.2.1 10.91.2.2 10.91.2.3 10.91.2.8 10.91.2.10" \
    "$(reports_of "$T/L" | sort -V | paste -sd' ' -)"
same "and sends nothing" 0 "$(count)"

listed() {
	scan -n -sL "$@" -oG "$T/i" >/dev/null 2>&1
	hosts_of "$T/i" | cut -d' ' -f1 | paste -sd' ' -
	rm -f "$T/i"
}
printf '10.91.2.10 10.91.2.20-21 # a comment\n\t10.91.2.30\n' >"$T/list"
chmod 644 "$T/list"
same "-iL a file" "10.91.2.10 10.91.2.20 10.91.2.21 10.91.2.30" "$(listed -iL "$T/list")"
same "-iL - is stdin" "10.91.2.10 10.91.2.20 10.91.2.21 10.91.2.30" "$(listed -iL - <"$T/list")"
same "--exclude" "10.91.2.8 10.91.2.11" "$(listed 10.91.2.8-11 --exclude 10.91.2.9,10.91.2.10/32)"
same "--exclude a name, and an address behind it" "10.91.2.11 10.91.2.12" \
    "$(listed 10.91.2.10-13 --exclude web1.lab.test,10.91.2.13)"
same "--excludefile" "10.91.2.11 10.91.2.22" \
    "$(listed 10.91.2.10-11 10.91.2.20-22 --excludefile "$T/list")"

scan -n -p 22 -oN - 10.91.1.10 >"$T/out" 2>/dev/null
has "-oN - is stdout" "$T/out" '^Nmap scan report for 10\.91\.1\.10$' \
    '^22/tcp open'
scan -n -p 22 -oG - 10.91.1.10 >"$T/out" 2>/dev/null
same "-oG - is stdout" "10.91.1.10 22 open" "$(ports_of "$T/out")"
hasnt "and nothing else is on it" "$T/out" '^[^#H]'

# -T0 and -T1 wait for minutes between two probes: one probe shows that they work at all.
for level in 0 1; do
	is_nmap && { skip "-T$level" "nmap waits after its last probe as well"; continue; }
	rm -f "$T/T"
	in_ns scanner timeout 60 "$SCANNER" -n -Pn -T$level -p 22 -oG "$T/T" 10.91.2.10 >/dev/null
	same "-T$level" "10.91.2.10 22 open" "$(ports_of "$T/T")"
done
rm -f "$T/T"
start=$(now_ms)
scan -n -Pn -T2 -p 20-24 -oG "$T/T" 10.91.2.10 >/dev/null
spent=$(($(now_ms) - start))
ok "-T2 waits 0.4 s between two probes ($spent ms for 5)" test $spent -ge 1600
for level in 3 4 5; do
	rm -f "$T/T"
	scan -n -T$level -p $LAB_PORTS -oG "$T/T" 10.91.2.10-11 >/dev/null
	same "-T$level" "$(truth '2.1[01]$' | cut -d' ' -f1-3)" "$(ports_of "$T/T")"
done

count_start 'tcp flags & (syn | ack) == syn'
start=$(now_ms)
scan -n -Pn --max-rate 200 -p 1-600 10.91.2.10 >/dev/null
spent=$(($(now_ms) - start))
sent=$(count)
echo "# --max-rate 200: $sent packets in $spent ms"
ok "--max-rate: no more than that" test $((sent * 1000)) -le $((spent * 200 + 20000))
ok "and every port is asked" test "$sent" -ge 600

# Milliseconds that a scan of silent ports takes.
spent() {
	start=$(now_ms)
	scan -n -Pn --max-retries 0 "$@" 10.91.2.12 >/dev/null
	echo $(($(now_ms) - start))
}
ms=$(spent --scan-delay 100ms --initial-rtt-timeout 100ms -p 3001-3010)
ok "--scan-delay: so long between two probes ($ms ms for 10)" test "$ms" -ge 900
fixed='--min-rtt-timeout 200ms --initial-rtt-timeout 200ms --max-rtt-timeout 200ms'
# shellcheck disable=SC2086
ms=$(spent $fixed -p 3001-3010)
ok "time-outs as they are given ($ms ms)" test "$ms" -ge 200 -a "$ms" -lt 1000
# shellcheck disable=SC2086
ms=$(spent $fixed --max-parallelism 1 -p 3001-3010)
ok "--max-parallelism 1: each waits for the one before ($ms ms)" test "$ms" -ge 1800
# What the first three do to the pace, tests/unit/prober/test_engine_bounds.c shows.
for option in '--min-rate 1000' '--min-parallelism 20' '--max-scan-delay 20ms' \
    '--min-hostgroup 50' '--max-hostgroup 1' --defeat-rst-ratelimit --send-eth \
    --send-ip '-T Aggressive'; do
	rm -f "$T/T"
	# shellcheck disable=SC2086
	scan -n $option -p $LAB_PORTS -oG "$T/T" 10.91.2.10-11 >/dev/null
	same "$option changes no state" "$(truth '2.1[01]$' | cut -d' ' -f1-3)" \
	    "$(ports_of "$T/T")"
done
# Two options that contradict each other: one line, and status 2.
contradicts() {
	scan -n -p 22 "$@" 10.91.1.10 >"$T/out" 2>"$T/err"
	same "$* is refused" "2 0 1" "$? $(wc -l <"$T/out") $(wc -l <"$T/err")"
}
if is_nmap; then
	skip "contradictions, options in the log" "nmap has them otherwise"
else
	contradicts --min-rate 10 --max-rate 5
	contradicts --min-parallelism 3 --max-parallelism 2
	contradicts --min-hostgroup 3 --max-hostgroup 2
	contradicts --scan-delay 2s --max-scan-delay 1s
	contradicts --min-rtt-timeout 2s --max-rtt-timeout 1s
	scan -n -p 22 -T4 --scan-delay 20ms --min-rate 0.5 --send-eth -oN "$T/rec" 10.91.1.10 \
	    >/dev/null
	has "options are in the log" "$T/rec" '^# postern: option scan-delay 20ms$' \
	    '^# postern: option min-rate 0\.5$' '^# postern: list send-eth$'
	has "and what was sent and came" "$T/rec" \
	    '^# postern: sent [0-9]+, refused 0, .*; estimated loss [0-9]+\.[0-9]{2} %; '
	# Our SYNs to this machine's own ports come in again, by the loopback.
	scan -n -p 40000-40099 -oN "$T/own" 10.91.1.1 >/dev/null
	has "but nothing that we sent ourselves" "$T/own" '^# postern: sent .* invalid 0, '
	hasnt "and no host is uncertain where nothing is lost" "$T/rec" 'uncertain'
fi

for tries in 0 2; do
	count_start 'ip daddr 10.91.2.12 tcp flags & (syn | ack) == syn'
	scan -n -Pn --max-retries $tries -p 3001-3040 10.91.2.12 >/dev/null
	sent=$(count)
	echo "# --max-retries $tries: $sent packets to 40 silent ports"
	[ $tries -eq 0 ] && same "--max-retries 0: one probe a port" 40 "$sent"
done
ok "--max-retries 2: more than one, not more than three" test "$sent" -gt 40 -a "$sent" -le 120

start=$(now_ms)
scan -n -Pn --host-timeout 2s --max-rate 10 -p 3001-3100 -oN "$T/ht" 10.91.2.12 >/dev/null
spent=$(($(now_ms) - start))
has "--host-timeout: the host is skipped" "$T/ht" \
    '^Skipping host .*10\.91\.2\.12.* due to host timeout'
ok "and the scan ends ($spent ms)" test $spent -lt 6000

# The hosts and ports that are asked, each once, in their order, by what the kernel sees.
asked() {
	in_ns router nft add table ip order
	in_ns router nft add chain ip order seen '{ type filter hook prerouting priority -300; }'
	in_ns router nft add rule ip order seen \
	    'ip saddr 10.91.1.1 tcp flags syn meta nftrace set 1'
	in_ns router nft monitor trace >"$T/trace" &
	monitor=$!
	sleep 0.5
	scan -n -Pn "$@" -p 101-120 >/dev/null
	sleep 0.5
	kill $monitor
	wait $monitor 2>/dev/null
	in_ns router nft delete table ip order
	# A canary asks a port again that has answered.
	sed -n '/order seen packet/s/.* ip daddr \([0-9.]*\).* tcp dport \([0-9]*\).*/\1 \2/p' \
	    "$T/trace" | awk '!seen[$0]++'
}
order() {
	asked "$@" 10.91.2.10 | cut -d' ' -f2 | paste -sd' ' -
}
# The hosts, one after the other; two that are asked at once are there many times.
hosts() {
	asked "$@" 10.91.2.10-11 | cut -d' ' -f1 | uniq | wc -l
}
same "-r asks the ports in rising order" "$(seq -s' ' 101 120)" "$(order -r)"
got=$(order)
ok "without it they are shuffled" test "$got" != "$(seq -s' ' 101 120)"
same "but all of them" "$(seq -s' ' 101 120)" \
    "$(echo "$got" | tr ' ' '\n' | sort -nu | paste -sd' ' -)"

same "--max-hostgroup 1: one host after the other" 2 "$(hosts --max-hostgroup 1)"
got=$(hosts)
ok "without it both at once (changing $got times)" test "$got" -gt 4

scan -n -p 22 -e eth0 -oG "$T/e" 10.91.1.10 >/dev/null
has "-e takes an interface" "$T/e" 'Status: Up'
scan --version >"$T/out"; has "--version" "$T/out" '[0-9]+\.[0-9]+'
scan --help >"$T/out"; has "--help" "$T/out" '-p' '--max-rate' '-oG'
tap_done
