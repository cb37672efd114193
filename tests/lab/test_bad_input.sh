#!/bin/sh
# Bad input: one line on stderr that names the thing, nothing hostile in it, nothing written.
. tests/lab/lab.sh
lab_up "$1"
is_nmap && skip_all "nmap's messages are its own"
D=$T/dir
mkdir -m 755 "$D" || exit 1

snapshot() {
	(cd "$D" && find . -printf '%p %y %s %m %T@\n' | sort &&
	    find . -type f -exec cksum {} + | sort)
}

# run CMD...: its status in $status, its words in $T/out and $T/err.
run() {
	before=$(snapshot)
	"$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	after=$(snapshot)
}

# bad WHAT STATUS WORD ARGS...: refused with that status, and a line with the word in it.
bad() {
	label=$1 expected=$2 word=$3; shift 3
	run scan "$@"
	refused "$label" "$expected" "$word"
}

refused() {
	wrong=
	[ $status -eq "$2" ] || wrong="$wrong status $status instead of $2,"
	[ "$(wc -l <"$T/err")" -eq 1 ] || wrong="$wrong not one line on stderr,"
	grep -q '^postern: ' "$T/err" || wrong="$wrong no \"postern: \","
	grep -qF -e "$3" "$T/err" || wrong="$wrong nothing named $3,"
	printable "$T/err" || wrong="$wrong control bytes on stderr,"
	printable "$T/out" || wrong="$wrong control bytes on stdout,"
	[ "$before" = "$after" ] || wrong="$wrong files were written,"
	[ -z "$wrong" ] || {
		echo "#$wrong and stderr was:"
		LC_ALL=C tr -c '\n -~' '?' <"$T/err" | sed 's/^/# /'
	}
	ok "$1" test -z "$wrong"
}

esc=$(printf '\033')

bad "an unknown option" 2 --nonesuch --nonesuch 10.91.1.10
bad "an unknown option with an escape sequence in it" 2 --non "--non${esc}[2Jsuch" 10.91.1.10
bad "an option without its value" 2 -p 10.91.1.10 -p
bad "a bad target" 2 10.91.1.300 10.91.1.300
bad "a bad prefix" 2 10.91.1.0/33 10.91.1.0/33
bad "a target with an escape sequence" 2 evil "evil${esc}]0;x"
bad "a bad port" 2 70000 -p 70000 10.91.1.10
bad "a reversed range of ports" 2 20-10 -p 20-10 10.91.1.10
bad "an unknown service" 2 nosuchservice -p nosuchservice 10.91.1.10
bad "a bad rate" 2 many --max-rate many 10.91.1.10
bad "a bad -T" 2 9 -T9 10.91.1.10
bad "no target at all" 2 target -p 80
bad "no such list" 2 "$D/none" -iL "$D/none"
bad "a list that is a directory" 2 "$D" -iL "$D"
: >"$D/empty"
bad "an empty list" 2 target -iL "$D/empty"
# What can't be read in a list is left out, and the rest goes on.
printf '10.91.1.10 10.91.1.999\n' >"$D/badlist"
bad "a bad target in a list" 1 10.91.1.999 -n -sn -iL "$D/badlist"
has "the rest of the list goes on" "$T/out" 'report for 10\.91\.1\.10'
printf '10.91.1.11\000\033[31m\n10.91.1.10\n' >"$D/binary"
bad "a list with NUL and escapes" 1 "$D/binary" -n -sn -iL "$D/binary"
has "the rest of that list goes on" "$T/out" 'report for 10\.91\.1\.10'
bad "no such interface" 2 none0 -e none0 10.91.1.10
bad "a bad name server" 2 1.2.3 --dns-servers 1.2.3 10.91.1.10

bad "a log in no directory" 2 "$D/none/log" -oN "$D/none/log" 10.91.1.10
bad "a log that is a directory" 2 "$D" -oN "$D" 10.91.1.10
echo kept >"$D/kept"
ln -s kept "$D/link"
ln -s nothing "$D/dangling"
bad "a log that is a symbolic link" 2 "$D/link" -oN "$D/link" 10.91.1.10
bad "a log that is a dangling link" 2 "$D/dangling" -oG "$D/dangling" 10.91.1.10
bad "a log that exists" 2 "$D/kept" -oN "$D/kept" 10.91.1.10
bad "the second log exists: the first is not made" 2 "$D/kept" -oN "$D/new" -oG "$D/kept" 10.91.1.10

# As nobody, from a place where nobody may run it.
mkdir -m 755 "$T/pub"
cp -r "$B/sbin" "$B/libexec" "$T/pub" && chmod -R go=rX "$T/pub"
run in_ns scanner setpriv --reuid 65534 --regid 65534 --clear-groups \
    "$T/pub/sbin/postern" 10.91.1.10
refused "not root" 4 postern:
run in_ns scanner "$T/pub/sbin/postern" -n -p 22 10.91.1.10
ok "the same as root goes on (control)" test $status -eq 0
chmod go+w "$T/pub/libexec/postern/prober"
run in_ns scanner "$T/pub/sbin/postern" -n -p 22 10.91.1.10
ok "a helper that anyone could have written is refused" test $status -ne 0
has "by its name" "$T/err" 'prober'

# Logs that are not what --resume takes.  A good one is made first, and stopped early.
scan_bg -n -Pn --max-rate 100 -p 1-400 -oN "$D/good" 10.91.1.10 10.91.2.10
wait_for 10 grep -qs '# postern: plan' "$D/good"
sleep 0.5
kill -INT $SCAN
wait $SCAN
ok "an interrupted scan to make logs from: status 75" test $? -eq 75

bad "resume: no such log" 2 "$D/none" --resume "$D/none"
bad "resume: a directory" 2 "$D" --resume "$D"
ln -s good "$D/goodlink"
bad "resume: a symbolic link" 2 "$D/goodlink" --resume "$D/goodlink"
bad "resume: an empty log" 2 "$D/empty" --resume "$D/empty"
bad "resume: not a log" 2 "$D/kept" --resume "$D/kept"
in_ns scanner nmap -n -p 22 -oN "$D/nmap" 10.91.1.10 >/dev/null
bad "resume: nmap's log" 2 "$D/nmap" --resume "$D/nmap"
head -c 60 "$D/good" >"$D/torn"
bad "resume: broken off within its header" 2 "$D/torn" --resume "$D/torn"
sed 's/^# postern: option .*/# postern: option -oN \/etc\/motd/' "$D/good" >"$D/options"
bad "resume: options put in" 2 "$D/options" --resume "$D/options"
sed 's/^# postern: target .*/# postern: target 10.91.2.0\/24/' "$D/good" >"$D/targets"
bad "resume: targets changed" 2 "$D/targets" --resume "$D/targets"
sed "s/^# postern: target /&${esc}[2J${esc}]0;owned/" "$D/good" >"$D/escapes"
bad "resume: terminal escapes put in" 2 "$D/escapes" --resume "$D/escapes"
sed "1s/as: .*/as: postern --resume -oN \/etc\/motd ${esc}[31m/" "$D/good" >"$D/header"
bad "resume: another command line in its first line" 2 "$D/header" --resume "$D/header"
{ sed '/^# postern: plan/q' "$D/good"; head -c 100000 /dev/zero | tr '\0' 'A'; echo
  sed '1,/^# postern: plan/d' "$D/good"; } >"$D/long"
bad "resume: a line without end" 2 "$D/long" --resume "$D/long"
{ cat "$D/good"; head -c 4096 /dev/zero; echo; cat "$D/good"; } >"$D/twice"
bad "resume: two logs in one file" 2 "$D/twice" --resume "$D/twice"

# A forger makes the checks right as well (they are no secret): then the plan's own rules hold.
forged() {
	sed "$3" "$D/good" | "$B/tests/lab/forge" >"$D/forged"
	bad "resume: forged: $1" 2 "$2" --resume "$D/forged"
}
option='s/^# postern: option p .*/&\n# postern: option'
forged "an option that writes a file" oN "$option oN $(echo "$D/owned" | sed 's|/|\\/|g')/"
forged "an option that reads a file" iL "$option iL \\/etc\\/passwd/"
forged "an option that no one has" nonesuch "$option nonesuch 1/"
forged "a bad value" 99999 's/^# postern: option p .*/# postern: option p 99999/'
forged "a bad target" 10.91.1.999 's/^# postern: target .*/# postern: target 10.91.1.999/'
forged "a target with an escape sequence" "$D/forged" \
    "s/^# postern: target .*/# postern: target ${esc}[2J/"
sed '1s/as: .*/as: postern for people/' "$D/good" | "$B/tests/lab/forge" >"$D/forged"
run scan --resume "$D/forged"
ok "what the first line says is not read (control for the forger)" test $status -eq 0
rm -f "$D/forged"
bad "resume: with targets as well" 2 10.91.1.11 --resume "$D/good" 10.91.1.11
run scan --resume "$D/good"
ok "the log itself can be resumed (control)" test $status -eq 0
bad "resume: a finished log: nothing is done" 0 "$D/good" --resume "$D/good"
tap_done
