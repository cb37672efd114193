#!/bin/sh
# --skip-done: nmap begins, postern does the rest; together they have every host once.
. tests/lab/lab.sh
lab_up "$1"
is_nmap && skip_all "nmap goes on with its own logs only"

TARGETS='10.91.1.10-12 10.91.2.10-15'
ALL=$(printf '10.91.1.%s\n' 10 11 12; printf '10.91.2.%s\n' 10 11 12 13 14 15)
SCAN_ARGS='-n -v -Pn -p 20-59'

# In the background, its process id in $NMAP; slow, and each host goes to its log at once.
nmap_bg() {
	# shellcheck disable=SC2086
	ip netns exec $LAB-scanner nmap $SCAN_ARGS --max-rate 60 --max-hostgroup 1 "$@" \
	    $TARGETS >/dev/null 2>&1 </dev/null &
	NMAP=$!
}

# Hosts of a log of nmap's, in its order; the last one of a log without an end may be in part.
hosts_in() {
	sed -n -e 's/^Host: \([0-9.]*\) .*/\1/p' \
	    -e 's/^Nmap scan report for \([0-9.]*\).*/\1/p' "$1" | uniq
}

enough() {
	for log in n g; do
		[ -e "$T/$log" ] && [ "$(hosts_in "$T/$log" | wc -l)" -ge 4 ] || return 1
	done
}

# postern_rest LOG: a scan of all without those that the log has done, into $T/new.
postern_rest() {
	skip=$1
	rm -f "$T/new"
	# shellcheck disable=SC2086
	scan --skip-done "$skip" $SCAN_ARGS -oG "$T/new" $TARGETS >"$T/out" 2>"$T/err"
}

minus() {
	echo "$1" | grep -vxF "$2"
}

nmap_bg -oN "$T/n" -oG "$T/g" -oX "$T/x"
wait_for 60 enough
kill -KILL $NMAP
wait $NMAP 2>/dev/null
hasnt "nmap was killed before its end" "$T/n" '^# Nmap done'
for log in n g; do
	done=$(hosts_in "$T/$log" | sed '$d')
	rest=$(minus "$ALL" "$done")
	count_start "ip daddr { $(echo "$done" | paste -sd, -) }"
	postern_rest "$T/$log"
	ok "the rest of nmap's -o$log: status 0" test $? -eq 0
	same "it is each host that nmap has not finished, once" "$rest" \
	    "$(hosts_in "$T/new" | sort -V)"
	same "together they have every host" "$ALL" \
	    "$({ echo "$done"; hosts_in "$T/new"; } | sort -V)"
	same "nothing is sent to the others" 0 "$(count)"
	n=$(echo "$done" | wc -l)
	has "how many are left out is said" "$T/err" "/$log: $n hosts finished in it are not"
	has "and recorded" "$T/new" "^# postern: run skipped $n hosts of .*%2f$log\$" \
	    '^# postern: list skip-done$'
done

postern_rest "$T/x"
ok "nmap's XML is refused: status 2" test $? -eq 2
has "which says what is read" "$T/err" 'only -oN and -oG are read'
: >"$T/nothing"
postern_rest "$T/nothing"
ok "an empty file too" test $? -eq 2
sed 1q "$T/n" >"$T/header"
postern_rest "$T/header"
ok "and one without a host" test $? -eq 2
postern_rest "$T"
ok "and a directory" test $? -eq 2
cp "$T/g" "$T/same"
# shellcheck disable=SC2086
scan --skip-done "$T/same" $SCAN_ARGS --append-output -oG "$T/same" $TARGETS >"$T/out" 2>&1
ok "and the log that is written" test $? -eq 2
same "which stays as it was" "$(cksum <"$T/g")" "$(cksum <"$T/same")"

# Nothing but addresses is taken: no target, no option, no file.
{
	echo "# Nmap 7.93 scan initiated x as: nmap -oN $T/made -iL /etc/passwd 10.91.1.12"
	printf 'Nmap scan report for 10.91.1.11\nHost is up.\n# Nmap done at x\n'
} >"$T/forged"
scan --skip-done "$T/forged" -n -sn -oG "$T/two" 10.91.1.10-11 >/dev/null 2>&1
same "a forged log adds no target" 10.91.1.10 "$(hosts_in "$T/two")"
ok "and makes no file" test ! -e "$T/made"

# nmap's own --resume takes a host that was torn for done.  We do not.
three_hosts() {
	[ -e "$T/torn" ] && [ "$(grep -c '^Host is up' "$T/torn")" -ge 3 ]
}
nmap_bg -oN "$T/torn"
wait_for 60 three_hosts
kill -KILL $NMAP
wait $NMAP 2>/dev/null
truncate -s -20 "$T/torn"
last=$(hosts_in "$T/torn" | tail -n 1)
in_ns scanner nmap --resume "$T/torn" >/dev/null 2>&1
has "nmap went on with its log to the end" "$T/torn" '^# Nmap done'
postern_rest "$T/torn"
same "the host that was torn, and it alone, is scanned again" "$last" "$(hosts_in "$T/new")"

in_ns scanner nmap -n -p 1-3000 --host-timeout 50ms -oN "$T/late" 10.91.1.10 10.91.2.11 \
    >/dev/null 2>&1
has "nmap gave a host up" "$T/late" '^Skipping host 10.91.2.11 '
echo 'Nmap scan report for 10.91.2.10 [host down]' >>"$T/late"
postern_rest "$T/late"
has "which is not done" "$T/new" '^Host: 10\.91\.2\.11 '
hasnt "but a host that was down is" "$T/new" '^Host: 10\.91\.2\.10 '

# Interrupted and resumed: the log to skip is given again.
rm -f "$T/new"
# shellcheck disable=SC2086
scan_bg --skip-done "$T/g" $SCAN_ARGS --max-rate 60 -oG "$T/new" $TARGETS
wait_for 10 grep -qs '# postern: plan' "$T/new"
sleep 1.5
kill -INT $SCAN
wait $SCAN
ok "interrupted: status 75" test $? -eq 75
scan --resume "$T/new" >/dev/null 2>"$T/err"
ok "resumed without it: status 2" test $? -eq 2
has "it has to be given again" "$T/err" 'skip-done'
scan --resume "$T/new" --skip-done "$T/g" >/dev/null 2>"$T/err"
ok "resumed with it: status 0" test $? -eq 0
same "still the rest, each host once" "$rest" "$(hosts_in "$T/new" | sort -V)"
has "it was recorded again" "$T/new" '^# postern: resumed '
same "by both runs" 2 "$(grep -c '^# postern: run skipped' "$T/new")"

# A log of ours is as good, whole or not.
mv "$T/new" "$T/ours"
postern_rest "$T/ours"
same "what our own log has done is left out, and the rest is scanned" \
    "$(minus "$ALL" "$rest")" "$(hosts_in "$T/new" | sort -V)"
cat "$T/ours" "$T/new" >"$T/both"
postern_rest "$T/both"
ok "with both nothing is left: status 0" test $? -eq 0
same "and nothing is scanned" "" "$(hosts_in "$T/new")"
tap_done
