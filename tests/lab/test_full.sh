#!/bin/sh
# A disk that is full, a file that may not grow, a report that nobody takes: what has been found
# stays, the status and one line say so, and the log goes on when there is room.  (A disk that
# breaks: its beginning here, and in the middle of a scan in the unit test of outputs.)
[ -n "$ALONE" ] || exec unshare -m --propagation private env ALONE=1 sh "$0" "$@"
. tests/lab/lab.sh
lab_up "$1"
is_nmap && skip_all "postern's own"

PLAN='-n -Pn -T4 --max-rate 600 --checkpoint 100ms -p 1-900'
HOST=10.91.2.10
DISK=$T/disk
mkdir -m 755 "$DISK"

findings() {
	sed -e '/^#/d' -e '/^$/d' -e 's/ ([0-9.]*s latency)//' "$1"
}

# A disk of so many bytes, which is gone at the end with this mount namespace.
disk() {
	mountpoint -q "$DISK" && umount "$DISK"
	mount -t tmpfs -o size="$1" none "$DISK"
}

# stopped WHAT WHY: the scan that was just run, its status in $status, could not write its log.
stopped() {
	same "$1: status" 75 $status
	same "$1: what is wrong, and how to go on" "postern: warning: $log: $2; what it has is kept
postern: to go on: postern --resume $log" "$(cat "$T/err")"
	"$SCANNER" --verify "$log" 2>"$T/err"
	same "$1: the log can be resumed" 75 $?
	scan --resume "$log" >"$T/out" 2>"$T/err"
	same "$1: it is, to the end" 0 $?
	same "$1: the same end" "$(findings "$T/whole.${log##*.}")" "$(findings "$log")"
	"$SCANNER" --verify "$log" 2>"$T/err"
	same "$1: all of it as it was written" 0 $?
}

# shellcheck disable=SC2086
scan $PLAN -oN "$T/whole.N" -oG "$T/whole.G" $HOST >/dev/null
same "a scan with room (control)" 0 $?

for format in N G; do
	disk 8k
	log=$DISK/log.$format
	# shellcheck disable=SC2086
	scan $PLAN -o$format "$log" $HOST >"$T/out" 2>"$T/err"
	status=$?
	mount -o remount,size=1m "$DISK"
	stopped "a full disk under -o$format" 'No space left on device'
	log=$T/limit.$format
	# shellcheck disable=SC2086
	in_ns scanner prlimit --fsize=6000 "$SCANNER" $PLAN -o$format "$log" $HOST \
	    >"$T/out" 2>"$T/err"
	status=$?
	stopped "a bound on the size of files under -o$format" 'No space left on device'
done

# The XML has no room: it is rendered anew when there is some.
disk 8k
log=$T/beside.N
scan -n -sL -oN "$log" -oX "$DISK/xml" 10.0.0.0/20 >"$T/out" 2>"$T/err"
same "a full disk under -oX: status" 75 $?
has "and why" "$T/err" "^postern: warning: $DISK/xml: No space left on device; "
mount -o remount,size=4m "$DISK"
scan --resume "$log" -oX "$DISK/xml" >"$T/out" 2>"$T/err"
same "both go on to the end" 0 $?
hosts_in() {
	/usr/bin/python3 -c '
import sys, xml.etree.ElementTree as et
print(len(list(et.parse(sys.argv[1]).iter("host"))))' "$1"
}
same "and the document is whole" 4096 "$(hosts_in "$DISK/xml")"
before=$(cksum <"$DISK/xml")
scan --resume "$log" -oX "$DISK/xml" >"$T/out" 2>"$T/err"
same "a log that is complete leaves it so: status" 0 $?
same "and as it was" "$before" "$(cksum <"$DISK/xml")"
printf '# altered\n# postern: x\n' >>"$log"
scan --resume "$log" -oX "$DISK/xml" >"$T/out" 2>"$T/err"
same "so does one that is refused: status" 2 $?
same "and as it was" "$before" "$(cksum <"$DISK/xml")"

# Not even its header has room.
disk 4k
for left in 0 96; do
	head -c $((4096 - left)) /dev/zero >"$DISK/fill"
	rm -f "$DISK/log"
	count_start "ip daddr $HOST"
	# shellcheck disable=SC2086
	scan $PLAN -oN "$DISK/log" $HOST >"$T/out" 2>"$T/err"
	same "no room for a header: status, packets" "2 0" "$? $(count)"
	same "and why" "postern: $DISK/log: No space left on device; nothing was scanned" \
	    "$(cat "$T/err")"
done
# A disk that breaks: where a process has no memory, writing to it is the same error.
sleep 60 &
memory=$!
count_start "ip daddr $HOST"
# shellcheck disable=SC2086
scan $PLAN -oN /proc/$memory/mem $HOST >"$T/out" 2>"$T/err"
same "a broken disk: status, packets" "2 0" "$? $(count)"
same "and why" "postern: /proc/$memory/mem: Input/output error; nothing was scanned" \
    "$(cat "$T/err")"
kill $memory

# The report's reader stops, and then goes away: the log is whole all the same.
mkfifo "$T/pipe"
sleep 60 <"$T/pipe" &
reader=$!
log=$T/piped
ip netns exec $LAB-scanner "$SCANNER" -n -sL -oN "$log" 10.0.0.0/17 >"$T/pipe" 2>"$T/err" &
SCAN=$!
wait_for 10 grep -qs '^# postern: done' "$log"
still() { before=$(wc -c <"$log"); sleep 0.3; [ "$(wc -c <"$log")" -eq "$before" ]; }
ok "a full pipe stalls the scan" wait_for 10 still
ok "which does not end" alive $SCAN
kill $reader
wait $SCAN
same "the reader is gone, the log is there: status, and not a word" "0 " "$? $(cat "$T/err")"
same "all of it" 32768 "$(reports_of "$log" | sort -u | wc -l)"
"$SCANNER" --verify "$log" 2>"$T/err"
same "as it was written" 0 $?
# shellcheck disable=SC2086
in_ns scanner sh -c '"$@" >/dev/full' sh "$SCANNER" $PLAN -oN "$T/report.N" $HOST 2>"$T/err"
same "no room for the report, but for the log: status" 0 $?
same "which is said" "postern: warning: standard output: No space left on device; what it has \
is kept" "$(cat "$T/err")"
same "and all of it is in the log" "$(findings "$T/whole.N")" "$(findings "$T/report.N")"
umount "$DISK"
tap_done
