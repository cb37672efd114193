#!/bin/sh
# What a log records of the run itself: by whom, of what, where, when, how much, and how it ended.
. tests/lab/lab.sh
lab_up "$1"
is_nmap && skip_all "nmap records none of it"

printf '10.91.1.11\n' >"$T/list"
printf '10.91.1.13\n' >"$T/not"
chmod 644 "$T/list" "$T/not"
SUDO_UID=0 SUDO_GID=0 SUDO_USER='eve) uid 7' scan -T4 -p 22,80 -iL "$T/list" \
    --excludefile "$T/not" -oN "$T/n" -oG "$T/g" 10.91.1.10 >"$T/out" 2>"$T/err"
ok "a scan of two hosts: status 0" test $? -eq 0

# The words of what is recorded, in a log's header or behind it, but for interfaces.
header() { sed '/^# postern: plan check /q' "$1"; }
words() { sed -n 's/^# postern: run \([a-z]*\) .*/\1/p' | grep -vx interface | paste -sd' ' -; }

for log in n g; do
	same "each thing once in the header of -o$log, of two lists both" \
	    "version kernel host start who scope list list walls" "$(header "$T/$log" | words)"
	time='20[0-9-]{8}T[0-9:]{8}\.[0-9]{6}Z'
	has "and what it is" "$T/$log" \
	    '^# postern: run version postern [0-9.]+ build [0-9a-f]{32,}$' \
	    "^# postern: run kernel $(uname -s) $(uname -r) $(uname -m)\$" \
	    "^# postern: run start $time [+-][0-9]{4}\$" \
	    '^# postern: run who uid 0 .* sudo-uid 0 sudo-user eve%29%20uid%207$' \
	    '^# postern: run interface lo index 1 addr 127\.0\.0\.1/8' \
	    '^# postern: run interface eth0 index [0-9]+ mac [0-9a-f:]{17} addr 10\.91\.1\.1/24' \
	    '^# postern: run scope [0-9a-f]{16}$' \
	    '^# postern: run list iL [0-9a-f]{16} 11$' \
	    '^# postern: run walls .*'
	has "the footer: packets, whom it asked, when and how it ended" "$T/$log" \
	    '^# postern: sent [0-9]+, .*; pings [0-9]+, ports [0-9]+$' \
	    '^# postern: asked 2 queries of 10\.91\.3\.53; answered 2, failed 0, timed out 0$' \
	    "^# postern: end $time exit complete\$"
done
hasnt "none of it is in the report" "$T/out" 'postern: |asked|[0-9a-f]{16}'
build=$(readelf -n "$SCANNER" | sed -n 's/.*Build ID: //p')
has "the build id is the program's" "$T/n" "^# postern: run version postern .* build $build\$"
same "and that of --version" "$build" "$(scan --version | sed -n 's/.*(build \(.*\))$/\1/p')"

# What the digests of a scan are, by its log.
digests() {
	rm -f "$T/d"
	scan -n -sL -oN "$T/d" "$@" >/dev/null 2>&1
	sed -n 's/^# postern: run \(scope\|list\) \(.*\)/\2/p' "$T/d" | paste -sd' ' -
}
same "a list that is a pipe is a stream" "iL - stream" \
    "$(cat "$T/list" | digests -iL - | cut -d' ' -f2-)"
same "a file on standard input is a file" "$(digests -iL "$T/list")" \
    "$(digests -iL - <"$T/list")"
before=$(digests -iL "$T/list" 10.91.1.10)
printf '10.91.1.12\n' >"$T/list"
after=$(digests -iL "$T/list" 10.91.1.10)
same "another list has another digest, in the same scope" "${before%% *}" "${after%% *}"
ok "($before, $after)" test "$before" != "$after"
ok "other targets are another scope" \
    test "$(digests 10.91.1.10)" != "$(digests 10.91.1.11)"

# A resumed log has both runs in it, and each part its end.
scan_bg -n --max-rate 20 -p 1-60 -oN "$T/r" 10.91.1.10
wait_for 10 grep -qs '# postern: plan' "$T/r"
sleep 0.5
kill -INT $SCAN
wait $SCAN
ok "interrupted: status 75" test $? -eq 75
has "which its end says" "$T/r" "^# postern: end $time exit interrupted\$"
scan --resume "$T/r" >/dev/null 2>"$T/err"
ok "resumed: status 0" test $? -eq 0
same "each run is recorded" "version kernel host start who scope walls" \
    "$(sed '1,/^# postern: plan check /d; /^# postern: resumed /q' "$T/r" | words)"
same "in the same scope" 1 "$(grep '^# postern: run scope' "$T/r" | sort -u | wc -l)"
same "with its own end" 2 "$(grep -c '^# postern: end ' "$T/r")"
has "the last one of which is complete" "$T/r" "^# postern: end $time exit complete\$"
scan --resume "$T/r" >/dev/null 2>"$T/err"
has "and the log can be read" "$T/err" 'already complete'
tap_done
