#!/bin/sh
# kill -9 for each process in each step: nothing stays behind, the status says so, the log
# resumes.
. tests/lab/lab.sh
lab_up "$1"
is_nmap && skip_all "nmap is one process"

# A scan that is long enough in one step, and short enough to be resumed.
step_args() {
	case $1 in
	names)		echo '--dns-servers 10.91.3.54 -sn a.lab.test b.lab.test 10.91.1.10' ;;
	ping)		echo '-n -sn --max-rate 200 10.91.2.0-127' ;;
	reverse)	echo '--dns-servers 10.91.3.54 -sn 10.91.1.10-11 10.91.2.10-15' ;;
	ports)		echo '-n -Pn --max-rate 300 -p 1-900 10.91.2.10' ;;
	esac
}

pid_of() {
	echo "$family" | sed -n "s/^$1 //p"
}

all_there() {
	family=$(tree "$SCAN" 2>/dev/null)
	for role in front coordinator resolver prober logger; do
		[ -n "$(pid_of $role)" ] || return 1
	done
	grep -q '# postern: plan' "$log" 2>/dev/null
}

none_alive() {
	for pid in $pids; do
		alive "$pid" && return 1
	done
	return 0
}

attack() {
	victim=$1 step=$2 log=$T/$1.$2
	# shellcheck disable=SC2046
	scan_bg $(step_args "$step") -oN "$log"
	wait_for 10 all_there || {
		echo "$family" | sed 's/^/# /'
		ok "$victim killed in $step: the five processes are there" false
		kill -KILL $SCAN
		return
	}
	sleep 0.4
	pids=$(echo "$family" | cut -d' ' -f2)
	before=$(wc -c <"$log")
	kill -KILL "$(pid_of "$victim")"
	wait $SCAN
	status=$?
	expected=70
	[ "$victim" = front ] && expected=137
	same "$victim killed in $step: status" $expected $status
	ok "nothing stays behind" wait_for 5 none_alive
	[ "$victim" = front ] || has "what died is named" "$T/err" "^postern: .*$victim"
	ok "the log has lost nothing" test "$(wc -c <"$log")" -ge "$before"
	# shellcheck disable=SC2046
	scan --resume "$log" $(step_args "$step" | grep -o '^--dns-servers [^ ]*') \
	    >"$T/out" 2>"$T/err"
	status=$?
	[ $status -le 1 ] || sed 's/^/# /' "$T/err"
	ok "the log resumes ($status)" test $status -le 1
	has "and is finished" "$log" '^# Nmap done at '
	same "no host twice" "" "$(reports_of "$log" | sort | uniq -d)"
}

for step in names ping reverse ports; do
	for role in front coordinator resolver prober logger; do
		attack $role $step
	done
done

# The ports of a scan that was killed and resumed are those of one that was not.
scan -n -Pn -p 1-900 -oG "$T/whole" 10.91.2.10 >/dev/null
scan_bg -n -Pn --max-rate 300 -p 1-900 -oG "$T/killed" 10.91.2.10
wait_for 10 grep -qs '# postern: plan' "$T/killed"
sleep 1
kill -KILL $SCAN
wait $SCAN
sleep 0.5
scan --resume "$T/killed" >/dev/null 2>&1
same "killed and resumed finds the same ports" "$(ports_of "$T/whole")" "$(ports_of "$T/killed")"
same "all of them" 900 "$(total_of "$T/killed")"
tap_done
