#!/bin/sh
# The states of hosts and ports and their reasons, against the lab's truth and against nmap.
. tests/lab/lab.sh
lab_up "$1"

HOSTS='10.91.1.10-12 10.91.2.10-16'
UP='^10.91.(1.1[01]|2.1[01345])$'

# shellcheck disable=SC2086
scan -n -v --reason -p $LAB_PORTS -oN "$T/n" -oG "$T/g" $HOSTS >"$T/out" 2>"$T/err"
ok "a scan of all hosts ends with 0" test $? -eq 0
same "the state of every port" "$(truth $UP | cut -d' ' -f1-3)" "$(ports_of "$T/g")"
same "the reason of every port, and who gave it" "$(truth $UP)" "$(reasons_of "$T/n")"
same "-oN and -oG agree" "$(ports_of "$T/g")" "$(reasons_of "$T/n" | cut -d' ' -f1-3)"
same "up and down" "$(truth_hosts | awk '{ print $1, ($2 == "up" ? "Up" : "Down") }')" \
    "$(hosts_of "$T/g")"
ok "nothing on stderr" test ! -s "$T/err"
has "hosts on the link show their MAC address" "$T/n" \
    '^MAC Address: ([0-9A-F]{2}:){5}[0-9A-F]{2} \(.*\)$'
same "and only they do" 2 "$(grep -c '^MAC Address:' "$T/n")"

# "address up|down reason" from the lines of a -oN file.
host_reasons() {
	awk '/^Nmap scan report for .*\[host down/ {
		reason = match($0, /received [a-z-]+/) ? substr($0, RSTART + 9, RLENGTH - 9) : "?"
		print $5, "down", reason
		next
	    }
	    /^Nmap scan report for / { host = $NF }
	    /^Host is up/ { sub(/,$/, "", $5); print host, "up", $5 }' "$1" | sort -V
}
expected=$(truth_hosts | cut -d' ' -f1-3)
same "the reason of every host" "$expected" "$(host_reasons "$T/n")"

# shellcheck disable=SC2086
scan -n -sn -v --reason -oN "$T/sn" $HOSTS >/dev/null
same "-sn gives the same hosts and reasons" "$expected" "$(host_reasons "$T/sn")"
hasnt "-sn scans no port" "$T/sn" '/tcp|scanned ports'

count_start 'ip daddr 10.91.2.12 icmp type echo-request'
scan -n -Pn --reason -p $LAB_PORTS -oN "$T/pn" -oG "$T/pg" 10.91.2.12 >/dev/null
same "-Pn finds the ports of a host that answers no ping" "$(truth 2.12)" "$(reasons_of "$T/pn")"
same "-Pn sends no ping" 0 "$(count)"
has "-Pn says that the user said so" "$T/pn" '^Host is up, received user-set'
scan -n -P0 -p 8443 -oG "$T/p0" 10.91.2.12 >/dev/null
same "-P0 is -Pn" "10.91.2.12 8443 open" "$(ports_of "$T/p0")"
scan -n -p 8443 -oG "$T/nop" 10.91.2.12 >/dev/null
same "without -Pn it is down, and not scanned" "" "$(ports_of "$T/nop")"

scan -n -sn -v -oG "$T/dead" 10.91.2.12 10.91.2.200-203 10.91.1.200-201 >/dev/null
same "dead addresses are down" 7 "$(hosts_of "$T/dead" | grep -c ' Down$')"

if is_nmap; then
	skip "a host that limits its RSTs: every state is right" "nmap's are not"
	skip "the same states as nmap" "this is nmap"
	tap_done
fi

start=$(now_ms)
scan -n -vvvvvvvvvv -p 1-1000 -oG "$T/slow" 10.91.2.14 >/dev/null
spent=$(($(now_ms) - start))
has "a host that limits its RSTs: the open port is found" "$T/slow" 'Ports: 22/open/tcp//ssh///'
closed=$(sed -n 's/.*Ignored State: closed (\([0-9]*\)).*/\1/p' "$T/slow")
ok "and of the 999 closed ones nearly all ($closed)" test "${closed:-0}" -ge 900
echo "# 1,000 ports of it took $spent ms; its limit alone takes about 20,000"

# shellcheck disable=SC2086
in_ns scanner nmap -n -v -p $LAB_PORTS -oG "$T/nmap" $HOSTS >/dev/null
same "the same states as nmap" "$(ports_of "$T/nmap")" "$(ports_of "$T/g")"
same "the same hosts as nmap" "$(hosts_of "$T/nmap")" "$(hosts_of "$T/g")"
tap_done
