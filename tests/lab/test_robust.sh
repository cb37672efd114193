#!/bin/sh
# test_robust.sh BUILD: what goes on round a scan: signals, pipes, two at once, odd lists.
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/lab.sh
lab_up "$1"
is_nmap && skip_all "postern's own"

# ends SECONDS PID WHAT STATUS: the process ends in time, and so.
ends() {
	for _ in $(seq $(($1 * 10))); do
		kill -0 "$2" 2>/dev/null || break
		sleep 0.1
	done
	kill -0 "$2" 2>/dev/null && { kill -KILL "$2"; ok "$3" false; return; }
	wait "$2"
	same "$3" "$4" $?
}

scan_bg -n -p 80 --max-rate 20 --exclude 10.91.2.128-255 -oN "$T/excl" 10.91.2.0/24
sleep 2.5
kill -USR1 $SCAN
sleep 0.5
has "SIGUSR1 asks for the counters, and the scan goes on" "$T/err" \
    '^postern: sent [1-9][0-9]*, refused [0-9]*, full 0, received [0-9]*, dropped 0, '\
'invalid [0-9]*, late [0-9]*; canaries [0-9]*, lost [0-9]*; '\
'estimated loss [0-9.]* %; hosts in hand [1-9]'
kill -INT $SCAN
ends 5 $SCAN "a scan with --exclude is interrupted" 75
count_start 'ip daddr 10.91.2.128/25'
scan --resume "$T/excl" >"$T/out" 2>&1
same "the resumed one sends nothing to what is excluded" 0 "$(count)"
scan -n -sn 10.91.2.200 >"$T/out" 2>&1
ok "(control: what is sent there is counted)" test "$(count)" -gt 0
ok "and has been through the rest" grep -q '128 IP addresses' "$T/excl"

mkfifo "$T/fifo"
sleep 30 >"$T/fifo" &
writer=$!
ip netns exec $LAB-scanner "$SCANNER" -n -sL -iL - <"$T/fifo" >/dev/null 2>&1 &
pid=$!
sleep 1
kill -TERM $pid
ends 3 $pid "SIGTERM while a list is awaited, without a log" 1
kill $writer

scan_bg -n -p 80 --max-rate 20 -oN "$T/two" 10.91.2.0/24
sleep 1
scan --resume "$T/two" >"$T/out" 2>"$T/err"
same "a log that is being written is not resumed" 2 $?
has "and it says so" "$T/err" 'another postern'
kill -INT $SCAN
ends 5 $SCAN "the one that writes it is not disturbed" 75
scan --resume "$T/two" >"$T/out" 2>&1
same "afterwards it is resumed" 0 $?

in_ns scanner sh -c "trap '' CHLD; exec \"\$@\"" sh "$SCANNER" -n -p 80 10.91.2.10 >"$T/out" 2>&1
same "whoever called us ignores SIGCHLD" 0 $?
nohup ip netns exec $LAB-scanner "$SCANNER" -n -p 80 --max-rate 20 \
    -oN "$T/hup" 10.91.2.0-39 >"$T/out" 2>&1 &
pid=$!
sleep 1
kill -HUP $pid
ends 60 $pid "nohup: SIGHUP is ignored if it was" 0

# The reader goes away after one line: there is no use in going on.
# shellcheck disable=SC2016
in_ns scanner sh -c '"$1" -n -sL 10.0.0.0/8 | head -n 1' sh "$SCANNER" >"$T/out" 2>"$T/err" &
ends 10 $! "a report that nobody reads ends the scan" 0
same "without a word" 0 "$(wc -l <"$T/err")"

# The first reader stops for a while: a log is still closed, or can be resumed, in bounded time.
in_ns scanner sh -c '"$1" -n -sL -oN "$2" 10.0.0.0/12 | sleep 30' sh "$SCANNER" \
    "$T/slow" 2>/dev/null &
sleep 2
pid=$(pgrep -P "$(pgrep -n -P $! sh)" -f "$SCANNER" | head -n 1)
[ -n "$pid" ] || pid=$(pgrep -n -f "$SCANNER -n -sL -oN $T/slow")
kill -TERM "$pid"
for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
ok "one SIGTERM ends a scan whose report is not read" sh -c "! kill -0 $pid 2>/dev/null"
scan -n --resume "$T/slow" >/dev/null 2>"$T/err"
has "with --resume other options are refused" "$T/err" 'leave out -n'

# Replies that nobody asked for, at every moment of the start.
cat >"$T/storm.py" <<'PY'
import socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0x806))
me = s.getsockname()[4]
ip = bytes((10, 91, 1, 77))
arp = b"\xff" * 6 + me + b"\x08\x06" + b"\x00\x01\x08\x00\x06\x04\x00\x02" + me + ip + \
    b"\xff" * 6 + bytes((10, 91, 1, 1))
end = time.time() + 8
while time.time() < end:
    s.send(arp)
    time.sleep(0.0003)
PY
ip netns exec $LAB-lan python3 "$T/storm.py" &
storm=$!
sleep 0.5
bad=0
for _ in $(seq 10); do scan -n -p 22,80 10.91.1.10 >"$T/out" 2>&1 || bad=$((bad + 1)); done
same "replies that nobody asked for harm no start" 0 $bad
ok "(control: they do come)" kill -0 $storm
wait $storm

scan -n -sn -e eth0 10.91.1.10-11 >"$T/out" 2>&1
same "on one interface, too, the first reply is seen" 2 "$(grep -c 'Host is up' "$T/out")"
ok "and without a retransmission" grep -Eq 'in 0\.[01]' "$T/out"
scan -n -sn 10.91.1.252-255 >"$T/out" 2>&1
same "the broadcast address of a link is nobody's, and no error" 0 $?
ip -n $LAB-scanner route del default
scan -n -sn 10.99.0.1 >"$T/out" 2>"$T/err"
same "no route: something is missing" 1 $?
has "and it says so" "$T/err" 'no route to 10\.99\.0\.1$'
scan -n -sn 10.99.0.1-2 >"$T/out" 2>"$T/err"
same "to two of them: the same" 1 $?
has "and it names one" "$T/err" 'no route to 2 of the targets, as 10\.99\.0\.1 '
scan -n -e eth0 -p 22 127.0.0.1 >"$T/out" 2>"$T/err"
same "by that interface there is none to this machine itself" 1 $?
has "and it says so" "$T/err" 'no route to 127\.0\.0\.1$'
ip -n $LAB-scanner route add default via 10.91.1.254

# A link of its own: brought down and up again, or taken away, during a scan by it alone.
link_up() {
	ip -n $LAB-scanner link set gone0 up
	ip -n $LAB-scanner neigh replace 10.98.0.7 lladdr 02:00:00:00:00:07 dev gone0 \
	    nud permanent
	ip -n $LAB-scanner route add 10.98.1.0/24 via 10.98.0.7
}
by_link() {
	ip -n $LAB-scanner link add gone0 type veth peer name gone1
	ip -n $LAB-scanner link set gone1 up
	ip -n $LAB-scanner addr add 10.98.0.1/24 dev gone0
	link_up
	scan -n -v -Pn -e gone0 --max-rate 200 --max-retries 0 -p 1-800 "$@" 10.98.1.7 \
	    >"$T/out" 2>"$T/err" &
	by_link=$!
	sleep 1.5
}
by_link
ip -n $LAB-scanner link set gone0 down
sleep 0.5
link_up
wait $by_link
same "a link that is down for a while ends no scan" 0 $?
has "nor does it cost a probe" "$T/out" 'sent 800, refused 0, full [1-9]'
ip -n $LAB-scanner link del gone0
by_link -oN "$T/gone"
ip -n $LAB-scanner link set gone0 down
wait $by_link
same "a link that stays down: the network went away" 5 $?
has "and it says so" "$T/err" 'for ten seconds nothing could be sent'
link_up
scan -e gone0 --resume "$T/gone" >"$T/out" 2>"$T/err"
same "once it is back, the scan goes on" 0 $?
has "and no probe was lost" "$T/gone" 'sent 800, refused 0, '
ip -n $LAB-scanner link del gone0
by_link
ip -n $LAB-scanner link del gone0
wait $by_link
same "a link that is gone: the network went away" 5 $?
has "and it says so" "$T/err" 'interface disappeared'
ip -n $LAB-scanner link add gone0 type veth peer name gone1
scan -n -e gone0 -p 22 10.98.1.7 >"$T/out" 2>"$T/err"
same "a link that was never up: there is no network" 5 $?
has "and it says so" "$T/err" 'no capture on gone0'
ip -n $LAB-scanner link del gone0

# While there is nothing to be done, nothing is: a list of targets that takes its time.
mkfifo "$T/waits"
ip netns exec "$LAB-scanner" "$SCANNER" -n -sn -iL - >/dev/null 2>&1 <"$T/waits" &
SCAN=$!
exec 9>"$T/waits"
prober_ticks() {
	pid=$(tree "$SCAN" | sed -n 's/^prober //p')
	[ -n "$pid" ] && awk '{ print $14 + $15 }' "/proc/$pid/stat"
}
wait_for 10 prober_ticks >/dev/null
sleep 1
before=$(prober_ticks)
sleep 1
after=$(prober_ticks)
ok "a prober that waits takes no time ($before, $after ticks)" test $((after - before)) -le 5
echo 10.91.2.10 >&9
exec 9>&-
wait "$SCAN"
same "and then scans" 0 $?

{ for _ in $(seq 2000); do echo 10.91.2.99; done; echo 10.91.2.10; } >"$T/same"
start=$(now_ms)
scan -n -p 80 -v -oG "$T/g" -iL "$T/same" >/dev/null 2>&1
spent=$(($(now_ms) - start))
ok "2,000 times the same silent address is asked once ($spent ms)" test $spent -lt 10000
same "and told 2,000 times" 2000 "$(grep -c '10\.91\.2\.99.*Status: Down' "$T/g")"

# How the processes of a scan are scheduled; the prober is interrupted by none of the others.
policies() {
	tree "$SCAN" | while read -r role pid; do
		echo "$role $(chrt -p "$pid" | sed -n 's/.*policy: SCHED_//p')"
	done | sort | tr '\n' ' '
}
are() { test "$(policies)" = "$1"; }
silent='-n -Pn --max-rate 50 --max-retries 0 -p 1-300 10.91.2.12'
scan_as() {	# POLICY: as chrt(1) names it
	# shellcheck disable=SC2086
	ip netns exec "$LAB-scanner" chrt "$1" 0 "$SCANNER" $silent >/dev/null 2>&1 </dev/null &
	SCAN=$!
}
scan_as --other
ok "only the prober, and the process in front, may take the others' turn" wait_for 10 are \
    'coordinator BATCH front OTHER logger BATCH prober OTHER resolver BATCH '
kill -TERM "$SCAN"
ends 5 "$SCAN" "that scan is stopped" 1
scan_as --idle
ok "but as the user has chosen, where that is so" wait_for 60 are \
    'coordinator IDLE front IDLE logger IDLE prober IDLE resolver IDLE '
kill -TERM "$SCAN"
ends 60 "$SCAN" "and that one" 1
tap_done
