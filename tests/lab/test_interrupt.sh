#!/bin/sh
# Signals in each step: one ends the scan soon, with its log and a line that says how to go on;
# two end it at once; a stopped process goes on where it was.
. tests/lab/lab.sh
lab_up "$1"
is_nmap && skip_all "postern's own"

# A second is what is wanted of a healthy network; the machine may be busy.
SOON=3000 AT_ONCE=1000

# A scan that is long enough in one step, and what may be seen when it is there.
step_args() {
	case $1 in
	names)		echo '--dns-servers 10.91.3.54 -sn a.lab.test b.lab.test 10.91.1.10' ;;
	ping)		echo '-n -sn --max-rate 200 10.91.2.0-255' ;;
	reverse)	echo '--dns-servers 10.91.3.54 -sn 10.91.1.10-11 10.91.2.10-15' ;;
	ports)		echo '-n -Pn --max-rate 300 -p 1-900 10.91.2.10' ;;
	esac
}
# What has to be given again, behind a space.
again() {
	step_args "$1" | grep -o '^--dns-servers [^ ]*' | sed 's/^/ /'
}

# Packets that the step sends.
step_packets() {
	case $1 in
	names|reverse)	echo 'ip daddr 10.91.3.54' ;;
	ping)		echo 'ip daddr 10.91.2.0/24' ;;
	ports)		echo 'ip daddr 10.91.2.10' ;;
	esac
}

sent() {
	[ "$(count)" -gt "$1" ]
}

# begin STEP: a scan in that step.
begin() {
	log=$T/log
	rm -f "$log"
	count_start "$(step_packets "$1")"
	# shellcheck disable=SC2046
	scan_bg $(step_args "$1") -oN "$log"
	wait_for 10 grep -qs '^# postern: plan' "$log"
	wait_for 10 sent 1
}

# ended: wait for its end; the time in $took, the status in $status.
ended() {
	wait $SCAN
	status=$?
	took=$(($(now_ms) - start))
}

resumes() {
	# shellcheck disable=SC2046
	scan --resume "$log" $(step_args "$1" | grep -o '^--dns-servers [^ ]*') \
	    >"$T/out" 2>"$T/err"
	status=$?
	[ $status -le 1 ] || sed 's/^/# /' "$T/err"
	ok "$2 resumes ($status)" test $status -le 1
	has "and is finished" "$log" '^# Nmap done at '
	same "no host twice" "" "$(reports_of "$log" | sort | uniq -d)"
}

once() {
	begin "$1"
	start=$(now_ms)
	kill -"$2" $SCAN
	ended
	same "SIG$2 in $1: status" 75 $status
	ok "SIG$2 in $1: after $took ms" test $took -lt $SOON
	same "one line: how to go on, with what the log can't say" \
	    "postern: to go on: postern --resume $log$(again "$1")" "$(cat "$T/err")"
	has "the log says that it was stopped" "$log" '^# postern stopped at .*\(interrupted\)' \
	    '^# postern: stopped interrupted '
}

twice() {
	begin "$1"
	start=$(now_ms)
	kill -INT $SCAN
	sleep 0.02	# or the two are one
	kill -INT $SCAN
	ended
	same "Ctrl-C twice in $1: status" 75 $status
	ok "Ctrl-C twice in $1: after $took ms" test $took -lt $SOON
	same "one line: how to go on, with what the log can't say" \
	    "postern: to go on: postern --resume $log$(again "$1")" "$(cat "$T/err")"
}

for step in names ping reverse ports; do
	for signal in TERM HUP INT; do
		once $step $signal
	done
	resumes $step "an interrupted log ($step)"
	twice $step
	resumes $step "a twice interrupted one ($step)"
done

scan_bg -n -sn --max-rate 200 10.91.2.0-255
sleep 1
kill -INT $SCAN
sleep 0.02
kill -INT $SCAN
wait $SCAN
same "without a log: status 1, and nothing to go on with" "1 0" "$? $(grep -c resume "$T/err")"

# What only a resumed part left alone, and documents, have to be named again: who follows the
# line may not touch what was excluded, nor be left with a document of the first part.
log=$T/again.nmap
scan_bg -n -Pn --max-rate 150 -p 1-600 -oA "$T/again" 10.91.2.10-11
wait_for 10 grep -qs '^# postern: plan' "$log"
kill -INT $SCAN
wait $SCAN
documents="-oX $T/again.xml -oJ $T/again.jsonl"
same "the line names the documents" "postern: to go on: postern --resume $log $documents" \
    "$(cat "$T/err")"
# shellcheck disable=SC2086
scan_bg --resume "$log" --exclude 10.91.2.11,192.0.2.1 --exclude '192.0.3.*' $documents
sleep 0.5
kill -INT $SCAN
wait $SCAN
same "and what was excluded on --resume" "postern: to go on: postern --resume $log\
 --exclude 10.91.2.11,192.0.2.1 --exclude '192.0.3.*' $documents" "$(cat "$T/err")"
scan_bg --resume "$log" --exclude "$(seq -f 192.0.2.%g 1 250 | paste -sd,)"
sleep 0.5
kill -INT $SCAN
wait $SCAN
has "of what is too long for a line, nothing is cut off" "$T/err" \
    '^postern: to go on: postern --resume LOG, and again .*exclusions'

# A report that nobody reads stalls the logger: the second Ctrl-C does not wait for it.
mkfifo "$T/pipe"
sleep 60 <"$T/pipe" &
reader=$!
log=$T/stalled
env --default-signal=INT,QUIT ip netns exec $LAB-scanner "$SCANNER" -n -sL -oN "$log" \
    10.0.0.0/12 >"$T/pipe" 2>"$T/err" </dev/null &
SCAN=$!
wait_for 10 grep -qs '^# postern: done' "$log"
size() { wc -c <"$log"; }
still() { before=$(size); sleep 0.3; [ "$(size)" -eq "$before" ]; }
ok "a report that is not read stalls the log" wait_for 10 still
kill -INT $SCAN
sleep 0.2
start=$(now_ms)
kill -INT $SCAN
ended
same "Ctrl-C twice while it is stalled: status" 75 $status
ok "after $took ms" test $took -lt $AT_ONCE
same "one line: how to go on" "postern: to go on: postern --resume $log" "$(cat "$T/err")"
kill $reader
"$SCANNER" --verify "$log" 2>"$T/err"
same "what there is can be resumed" 75 $?

# The terminal is closed: the scan ends as by Ctrl-C.
cat >"$T/terminal.py" <<'END'
import os, pty, sys, time
log, err, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.dup2(os.open(err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
    os.execvp(command[0], command)
for _ in range(100):
    if os.path.exists(log) and "plan check" in open(log).read():
        break
    time.sleep(0.1)
time.sleep(0.5)
os.close(terminal)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
log=$T/hung
# shellcheck disable=SC2046
/usr/bin/python3 "$T/terminal.py" "$log" "$T/err" ip netns exec $LAB-scanner "$SCANNER" \
    $(step_args ports) -oN "$log"
same "a closed terminal: status" 75 $?
has "what it says last: how to go on" "$T/err" "^postern: to go on: postern --resume $log\$"
resumes ports "its log"

# Three seconds asleep, one of them or all: no answer is taken for lost.
# shellcheck disable=SC2046
scan -T5 -oG "$T/whole" $(step_args ports) >/dev/null
has "a scan of 900 ports (control)" "$T/whole" '22/open/.*80/open/.*Ignored State: closed \(898\)'
asleep() {
	log=$T/asleep
	rm -f "$log"
	# shellcheck disable=SC2046
	scan_bg -T5 $(step_args ports) -oG "$log"
	count_start "$(step_packets ports)"
	wait_for 10 sent 100
	pids=$(tree $SCAN | sed -n "s/^$1 //p")
	# shellcheck disable=SC2086
	kill -STOP $pids
	sleep 3
	# The process in front has no part in the scan, which goes on as under Ctrl-Z.
	[ "$1" = front ] || not grep -q '^# Nmap done' "$log"
	ok "$1 sleeps, and the scan with it" test $? -eq 0
	# shellcheck disable=SC2086
	kill -CONT $pids
	wait $SCAN
	same "$1 woken up again: status" 0 $?
	same "each port as it is" "$(sed '/^#/d' "$T/whole")" "$(sed '/^#/d' "$log")"
	"$SCANNER" --verify "$log" 2>"$T/err"
	same "each record as it was written" 0 $?
}
for who in '[a-z]*' front coordinator prober logger; do
	asleep "$who"
done
tap_done
