#!/bin/sh
# Ctrl-C at several moments, then --resume: the log says what an uninterrupted scan's says.
. tests/lab/lab.sh
lab_up "$1"
is_nmap && skip_all "nmap neither finishes its log when interrupted nor resumes within a host"

TARGETS='-n --max-rate 150 -p 20-25,80,443,1001-1040 10.91.1.10-13 10.91.2.10-11 10.91.2.13-17'

# shellcheck disable=SC2086
scan $TARGETS -oN "$T/whole.N" -oG "$T/whole.G" >/dev/null
ok "an uninterrupted scan" test $? -eq 0

# What a log says of each host, but for times: its lines, each with its host before it.
findings() {
	sed -e '/^#/d' -e '/^$/d' -e 's/ ([0-9.]*s latency)//' "$1" |
	    awk '/^Nmap scan report for |^Host: / { host = $0 } { print host ": " $0 }' |
	    sort -V
}

# interrupted AFTER FORMAT: a scan into one log, stopped after so many seconds.
interrupted() {
	log=$T/log.$1.$2
	rm -f "$log"
	# shellcheck disable=SC2086
	scan_bg $TARGETS "-o$2" "$log"
	wait_for 10 grep -qs '# postern: plan' "$log"
	sleep "$1"
	kill -INT $SCAN
	wait $SCAN
	ok "Ctrl-C after $1 s into -o$2: status 75" test $? -eq 75
	has "its last words: interrupted, and the totals" "$log" \
	    '^# postern stopped at .*\(interrupted\) -- [0-9]+ IP address'
}

# resumed FORMAT: and taken up again, to the end.
resumed() {
	scan --resume "$log" >"$T/out" 2>"$T/err"
	ok "resumed from -o$1: status 0" test $? -eq 0
	same "the same hosts and ports as without interruption" "$(findings "$T/whole.$1")" \
	    "$(findings "$log")"
	same "the same totals" "$(totals "$T/whole.$1")" "$(totals "$log")"
	same "one footer" 1 "$(grep -c '^# Nmap done at ' "$log")"
}

totals() {
	sed -n 's/^# Nmap done at .* -- \(.*\) scanned in .*/\1/p' "$1"
}

for after in 0 0.7 1.5 2.5; do
	for format in N G; do
		interrupted $after $format
		resumed $format
	done
	same "no host twice" "" "$(reports_of "$T/log.$after.N" | sort | uniq -d)"
done

# Interrupted three times over.
interrupted 0.5 N
for again in 1 2; do
	scan_bg --resume "$log"
	sleep 1.2
	kill -INT $SCAN
	wait $SCAN
	ok "interrupted again ($again): status 75" test $? -eq 75
done
resumed N

# Two Ctrl-C: at once, and what is on disk still resumes.
log=$T/twice.G
# shellcheck disable=SC2086
scan_bg $TARGETS -oG "$log"
wait_for 10 grep -qs '# postern: plan' "$log"
sleep 1
kill -INT $SCAN; kill -INT $SCAN
wait $SCAN
ok "Ctrl-C twice: status 75" test $? -eq 75
resumed G

# A torn last line: the log is cut in the middle of a record.
interrupted 1.5 N
size=$(wc -c <"$log")
truncate -s $((size - 30)) "$log"
resumed N
has "what was torn off is told" "$T/err" 'postern: '

# A target list is given again.
printf '10.91.1.10-13\n10.91.2.10-11 10.91.2.13-17\n' >"$T/list"
chmod 644 "$T/list"
log=$T/list.n
scan_bg -n --max-rate 150 -p 20-25,80,443,1001-1040 -iL "$T/list" -oN "$log"
wait_for 10 grep -qs '# postern: plan' "$log"
sleep 1.5
kill -INT $SCAN
wait $SCAN
ok "a scan with -iL is interrupted: status 75" test $? -eq 75
scan --resume "$log" >"$T/out" 2>"$T/err"
ok "without the list it is refused" test $? -eq 2
scan --resume "$log" -iL "$T/list" >"$T/out" 2>"$T/err"
ok "with the list it goes on" test $? -eq 0
same "to the same end" "$(findings "$T/whole.N")" "$(findings "$log")"

# What may be touched is narrowed since, never widened.  A host under way is left alone, too.
many=$(for net in 192.0.2 198.51.100 203.0.113; do
	seq -f "$net.%.0f" 1 254
done | paste -sd,)
narrowed() {
	what=$1 left=$2; shift 2
	log=$T/narrow
	rm -f "$log"
	scan_bg -n --max-rate 150 --checkpoint 100ms -p 1-200 -oN "$log" \
	    --exclude "$many,10.91.2.13" \
	    10.91.1.10-11 10.91.2.10-13
	wait_for 10 grep -qs '^# postern: partial 1:0 ' "$log"
	kill -KILL $SCAN
	wait $SCAN 2>/dev/null
	wait_for 5 flock -n "$log" true
	count_start 'ip daddr { 10.91.2.10, 10.91.2.13 }'
	scan --resume "$log" "$@" >"$T/out" 2>"$T/err"
	same "$what: status" 0 $?
	same "nothing more is sent to what it names, nor to what was excluded before" 0 "$(count)"
	same "the others are done" "$left" "$(reports_of "$log" | sort -V | paste -sd' ' -)"
	scan --verify "$log" 2>"$T/err"
	same "the log is complete" 0 $?
}
printf '10.91.2.10\n' >"$T/not"
chmod 644 "$T/not"
narrowed "--resume with --exclude" '10.91.1.10 10.91.1.11 10.91.2.11' --exclude 10.91.2.10
narrowed "--resume with --excludefile" '10.91.1.10 10.91.2.11' --excludefile "$T/not" \
    --exclude 10.91.1.11
for wider in 10.91.2.13 '-p 1-300' '--exclude-ports 80' "--exclude 10.91.1.10 10.91.2.13"; do
	before=$(cksum <"$log")
	# shellcheck disable=SC2086
	scan --resume "$log" $wider >"$T/out" 2>"$T/err"
	same "--resume with $wider: status" 2 $?
	has "and why" "$T/err" '^postern: with --resume .*: leave out '
	same "the log is as it was" "$before" "$(cksum <"$log")"
done
tap_done
