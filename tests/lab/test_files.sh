#!/bin/sh
# The files of the logs: which are made, gone on with, emptied, refused; no others are touched.
. tests/lab/lab.sh
lab_up "$1"
is_nmap && skip_all "nmap asks less of its files"
D=$T/dir
mkdir -m 755 "$D" || exit 1

snapshot() {
	(cd "$D" && find . -printf '%p %y %s %m %n %l\n' | sort &&
	    find . -type f -exec cksum {} + | sort)
}

names() {
	(cd "$D" && find . -mindepth 1 -printf '%P\n' | sort | paste -sd' ' -)
}

fresh() {
	rm -rf "${D:?}"/*
}

listed() {
	scan -n -sL "$@" 10.91.1.10 >"$T/out" 2>"$T/err"
}

# bad WHAT REGEX ARGS...: refused with status 2, one line that matches, and no file changed.
bad() {
	label=$1 regex=$2; shift 2
	before=$(snapshot)
	scan "$@" >"$T/out" 2>"$T/err"
	status=$?
	same "$label: status 2, one line" "2 1" "$status $(wc -l <"$T/err")"
	has "$label: it says why" "$T/err" "^postern: $regex"
	same "$label: no file is made or changed" "$before" "$(snapshot)"
}

bad_log() {
	label=$1 regex=$2; shift 2
	bad "$label" "$regex" -n -sL "$@" 10.91.1.10
}

# Names.
listed -oN "$D/%Y-%m-%d-%y.%Q%%"
same "escapes in a name" "$(date +%Y-%m-%d-%y).Q%" "$(names)"
fresh
listed -oN "$D/n%T%D" -oG "$D/g%H%M%S%m%d%y"
same "one instant for all names" "$(names | sed 's/g\([0-9]*\) .*/g\1 n\1/')" "$(names)"
fresh
listed -oA "$D/all%%"
same "-oA: four files" "all%.gnmap all%.jsonl all%.nmap all%.xml" "$(names)"
same "for their owner only" 600 "$(stat -c %a "$D"/* | sort -u)"
has "the first is the normal log" "$D/all%.nmap" '^Nmap scan report for 10\.91\.1\.10'
has "the second the grepable one" "$D/all%.gnmap" '^Host: 10\.91\.1\.10 '

# Those that exist.
fresh
: >"$D/empty"
listed -oN "$D/empty"
same "an empty file is taken" 0 $?
has "and written" "$D/empty" '^# Nmap done at '
echo before >"$D/there"
for option in -oN -oG -oX -oJ; do
	bad_log "$option, and the file has something in it" "$option $D/there: exists" \
	    $option "$D/there"
done
mkdir "$D/a.jsonl"
bad_log "the last of -oA can't be made" "-oJ $D/a.jsonl: Is a directory" -oA "$D/a"
rmdir "$D/a.jsonl"
bad_log "one after it has no directory: the first goes again" "-oX $D/none/x: " \
    -oN "$D/new" -oX "$D/none/x"
bad_log "one file twice" "-oN and -oJ name the same file" -oN "$D/new" -oJ "$D/new"
bad_log "one new file under two names" "-oX $D/\./new: .*two options" \
    -oN "$D/new" -oX "$D/./new"
: >"$D/empty"
bad_log "one old file under two names" "-oN $D/empty: is the same file as that of -oX" \
    -oN "$D/empty" -oX "$D/./empty"
ln -s there "$D/link"
ln "$D/empty" "$D/hard"
for option in -oN -oX -oJ; do
	bad_log "$option, a symbolic link" "$option $D/link: is reached by" $option "$D/link"
	bad_log "$option, a file with two names" "$option $D/hard: has other links" \
	    $option "$D/hard"
	bad_log "$option, no plain file" "$option /dev/null: not a plain file" $option /dev/null
done
: >"$D/other"
chown 65534 "$D/other"
bad_log "a file of another user" "-oJ $D/other: belongs to another" -oJ "$D/other"

# --append-output.
fresh
for option in -oN -oG -oJ; do
	echo before >"$D/app"
	listed --append-output $option "$D/app"
	same "--append-output $option: status 0" 0 $?
	same "what was there stays first" before "$(head -1 "$D/app")"
done
printf 'Host: 10.0.' >"$D/torn"
listed --append-output -oG "$D/torn"
same "what follows a torn line begins one of its own" "Host: 10.0.
# Nmap" "$(head -2 "$D/torn" | sed 's/# Nmap .*/# Nmap/')"
listed --append-output -oG "$D/new"
same "a new log is made all the same" 1 "$(grep -c '^Host: ' "$D/new")"
listed --append-output -oG "$D/new"
same "and then gone on with" "2 2" \
    "$(grep -c '^Host: ' "$D/new") $(grep -c '^# Nmap done at ' "$D/new")"
ln "$D/new" "$D/hard"
bad_log "nothing is appended to a file with two names" "-oG $D/new: has other links" \
    --append-output -oG "$D/new"
bad_log "nor to XML" "--append-output: nothing may follow" --append-output -oX "$D/x"

# --log-key.
fresh
key=$D/key
printf 0123456789abcdef >"$key"
good_key() {
	rm -f "$D/log"
	listed --log-key "$2" -oN "$D/log"
	same "a key $1 is taken" 0 $?
}
bad_key() {
	bad_log "a key $1" "--log-key .*/key: $2" --log-key "$key" -oN "$D/new"
}
chmod 400 "$key"
good_key "of mode 400" "$key"
chmod 600 "$key"
good_key "of mode 600" "$key"
ln -s key "$D/link"
good_key "by a link" "$D/link"
scan --verify "$D/log" --log-key "$key" >/dev/null 2>"$T/err"
same "with it the log is verified" 0 $?
scan --verify "$D/log" >/dev/null 2>"$T/err"
same "without it, nothing is said of the log" 2 $?
has "but what to give" "$T/err" 'sealed with a key: give it by --log-key'
for mode in 640 620 604 601; do
	chmod $mode "$key"
	bad_key "of mode $mode" "is open to others"
done
chmod 600 "$key"
chown 65534 "$key"
bad_key "of another user" "belongs to another"
chown 0 "$key"
printf 0123456789abcde >"$key"
bad_key "of 15 bytes" "has less than 16"
rm "$key" && mkdir "$key"
bad_key "that is a directory" "Is a directory"
rmdir "$key" && mkfifo -m 600 "$key"
bad_key "that is a pipe" "not a plain file"
rm "$key"
bad_key "that is not there" "No such file"
printf 0123456789abcdef >"$key"
chown 65534 "$D"
before=$(snapshot)
in_ns scanner env SUDO_UID=65534 SUDO_GID=65534 "$SCANNER" -n -sL --log-key "$key" \
    -oN "$D/new" 10.91.1.10 >"$T/out" 2>"$T/err"
same "a key that sudo's user can't read is not read for them" 2 $?
same "and no log is made" "$before" "$(snapshot)"
chown 0 "$D"

# An old log: one that was stopped early.
fresh
scan_bg -n -Pn --max-rate 100 -p 1-400 -oN "$D/old" 10.91.1.10 10.91.2.10
wait_for 10 grep -qs '# postern: plan' "$D/old"
bad "--convert of a log that is being written" "--convert $D/old: another postern" \
    --convert "$D/old" -oX "$T/x"
scan --verify "$D/old" >/dev/null 2>"$T/err.verify"
hasnt "--verify may look at one that is" "$T/err.verify" 'another postern'
sleep 0.3
kill -INT $SCAN
wait $SCAN
same "an interrupted scan to make the log" 75 $?

echo before >"$D/there"
for how in --resume --convert; do
	bad "$how and the same file" "-oX $D/\./old: is the same file as that of $how" \
	    $how "$D/old" -oX "$D/./old"
	bad "$how: -oN is not written over" "-oN $D/there: exists" $how "$D/old" \
	    -oN "$D/there"
	ln "$D/there" "$D/hard"
	bad "$how: nor is -oJ with two names" "-oJ $D/there: has other links" $how "$D/old" \
	    -oJ "$D/there"
	rm "$D/hard"
	echo before >"$D/x"
	bad "$how: -oX stays when another is refused" "-oG $D/there: exists" $how "$D/old" \
	    -oX "$D/x" -oG "$D/there"
	bad "$how: what was made goes again" "-oJ $D/none/j: No such" $how "$D/old" \
	    -oX "$D/new" -oJ "$D/none/j"
done
bad "--convert without a log" "--convert $D/none: No such file" --convert "$D/none" -oX "$D/x"
bad "--verify of a directory" "--verify $D: not a plain file" --verify "$D"
echo before >"$D/j"
for how in --convert --resume; do
	bad "$how: -oX is written over only if it is this scan's" "$D/x: File exists" \
	    $how "$D/old" -oX "$D/x"
	bad "$how: and -oJ" "$D/j: File exists" $how "$D/old" -oJ "$D/j"
	same "$how: both stay as they were" "before before" "$(cat "$D/x" "$D/j" | paste -sd' ')"
done
rm "$D/x" "$D/j"
for how in --convert --convert --resume; do
	scan $how "$D/old" -oX "$D/x" -oJ "$D/j" >"$T/out" 2>"$T/err"
	status=$?
	same "$how: -oX is rendered anew" 1 "$(grep -c '<nmaprun ' "$D/x")"
	same "$how: -oJ as well" 1 "$(grep -c '"record":"start"' "$D/j")"
done
same "the resumed scan: status 0" 0 $status
has "its log is complete" "$D/old" '^# postern: complete '
tap_done
