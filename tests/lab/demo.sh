#!/bin/sh
# demo.sh BUILD: one scan in a lab of network namespaces, told step by step.
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/lab.sh
lab_up "$1"

say() {
	printf '\n==> %s\n' "$*"
}

show() {
	printf '$ postern %s\n' "$*"
	scan "$@"
}

say "The lab: a scanner, a router, hosts with services, firewalls, limits, and a name server.
    None of it can reach this machine's networks. What is true in it:"
truth_table | awk '{ printf "    %-11s %-10s %-9s %s\n", $1, $2, $3, $4 }'

say "A scan in four steps: names, ping, reverse names, ports. While it runs, ps shows its
    processes. Look: each program has a user of its own, none is root, no capability is left
    (CapEff), and each is under a system call filter (Seccomp: 2)."
ARGS="-v --reason --max-rate 80 -p $LAB_PORTS -oN $T/log.nmap -oG $T/log.gnmap
    www.lab.test three.lab.test nowhere.lab.test 10.91.1.10-12 10.91.2.10-16"
# shellcheck disable=SC2086
echo "\$ postern" $ARGS
# shellcheck disable=SC2086
scan_bg $ARGS
sleep 1
pids=$(tree "$SCAN" | cut -d' ' -f2 | paste -sd, -)
ps -o user:20,pid,ppid,stat,args -p "$pids"
for pid in $(echo "$pids" | tr , ' '); do
	echo "    $pid: $(grep -E '^(Uid|CapEff|NoNewPrivs|Seccomp):' "/proc/$pid/status" |
	    tr -s '\t\n' ' ')"
done
wait $SCAN
echo "    exit status $? (1: complete, but a name was unknown), and on stderr:"
cat "$T/err"

say "What it said. Look for 'received arp-response' (on the link) and 'from 10.91.1.254' (the
    router's word for 10.91.2.15); rDNS record (www is web1 by its reverse name)."
cat "$T/out"

say "Its log in nmap's normal format; the comment lines are the journal for --resume."
head -n 25 "$T/log.nmap" | cut -c 1-160
echo "    ..."
tail -n 3 "$T/log.nmap"
say "And in nmap's grepable format."
grep -v '^# postern' "$T/log.gnmap"

say "A scan of 1,500 ports is interrupted with Ctrl-C after three seconds."
ARGS="-n --max-rate 250 -p 1-1500 -oN $T/stopped.nmap 10.91.2.10"
echo "\$ postern $ARGS"
# shellcheck disable=SC2086
scan_bg $ARGS
sleep 3
kill -INT $SCAN
wait $SCAN
echo "    exit status $? (75: can be resumed). The log ends:"
tail -n 2 "$T/stopped.nmap"
say "It goes on from the log alone, which is read when there is no privilege any more."
show --resume "$T/stopped.nmap"
echo "    exit status $?. The log now (long lines of the journal are cut off here):"
cut -c 1-160 "$T/stopped.nmap"

say "The lab and the logs are gone when this ends. More: make check; postern --doctor."
