#!/bin/sh
# bench.sh BUILD [CASE...]: measure postern and its peers side by side, in the simulator, with a
# name server, or into a cable.
#
# The tools of a case (cases.sh) run one after the other, RUNS times, in any order; one that took
# longer than 100 s not again, and none longer than TIMEOUT.  Raw results go to
# BUILD/bench/CASE.tsv, then table.py makes the table.  POSTERN=path measures another build.  Exit
# status: 1 when something did not run; numbers that are not reached are only told.
cd "$(dirname "$0")/../.." || exit 1
. tests/sim/sim.sh
. tests/bench/names.sh
. tests/bench/cable.sh
. tests/bench/cases.sh

RUNS=${RUNS:-3}
TIMEOUT=${TIMEOUT:-150}
SLOW=100
COLUMNS_ALL="tool run exit timed_out wall cpu peak_kib sent rate dropped missed wrong own_loss"

[ "$(id -u)" = 0 ] || { echo "not root" >&2; exit 1; }
[ -c /dev/net/tun ] || { echo "no /dev/net/tun" >&2; exit 1; }
sim_init "$1"; shift
POSTERN=${POSTERN:-$B/sbin/postern}
OUT=$B/bench
R=$T/report
mkdir -p "$OUT"

# The words of a case.
scenario() {
	NET=sim
	SCENARIO=tests/sim/scenarios/$1.sim
	"$SIMNET" --truth "$2" "$SCENARIO" "$T/truth"
	echo "title	$3" >"$OUT/$case.reach"
}
names() {
	NET=names
	NAMES=$1
	SCENARIO=${3:-}
	echo "title	$2" >"$OUT/$case.reach"
}
tool() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$T/tools"; }
limit() { echo "limit	$1" >>"$OUT/$case.reach"; }
reach() { echo "reach	$1" >>"$OUT/$case.reach"; }

# value KEY FILE: of a file with key=value lines; 0 when it has none.
value() {
	sed -n "s/^$1=//p" "$2" | grep . || echo 0
}

# What was sent, a second; and the share of what went into the bottlenecks that they dropped.
rate() {
	awk -v n="$sent" -v s="$(value seconds "$T/stats")" \
	    'BEGIN { printf "%.0f", (s > 0 ? n / s : 0) }'
}
own_loss() {
	sed -n 's/^path\..*\.out=\([0-9]*\) .* dropped=\([0-9]*\)/\1 \2/p' "$T/stats" |
	    awk '{ n += $1; d += $2 } END { printf "%.5f", (n > 0 ? d / n : 0) }'
}

# The report against the truth.  A bare loop has none, and single keeps it to itself.
check() {
	: >"$T/verdict"
	case $NET-$name in
	*-bare-*|sim-single) ;;
	names-*) names_check "$NAMES" "$R" >"$T/verdict" 2>/dev/null || : ;;
	*) /usr/bin/python3 tests/sim/check.py "$T/truth" "$R" >"$T/verdict" 2>/dev/null || : ;;
	esac
}

# All that is not as it should be, missed open ports among it; without a verdict, a scanner's
# report could not be read.
errors() {
	case $name in
	bare-*|single) ;;
	*) grep -q '^verdict=' "$T/verdict" || { echo 1; return; } ;;
	esac
	# Under -Pn all hosts are up because the user says so.
	case $command in
	*" -Pn "*) grep -v '^false_hosts=' "$T/verdict" ;;
	*) cat "$T/verdict" ;;
	esac >"$T/verdict.judged"
	awk -F= '$1 ~ /^(wrong_states|missed_hosts|false_hosts|outside|duplicates)$/ { n += $2 }
	    END { print n + 0 }' "$T/verdict.judged"
}

# A line of the raw results.
row() {
	sent=$(($(value probes "$T/stats") + dropped))
	set -- "$name" "$run"
	for key in exit timed_out wall cpu peak_kib; do
		set -- "$@" "$(value $key "$T/result")"
	done
	set -- "$@" "$sent" "$(rate)" "$dropped" "$(value missed_open "$T/verdict")" \
	    "$(errors)" "$(own_loss)"
	(IFS='	'; echo "$*")
}

# One run of one tool.
measure() {
	SIM_KIND=$kind
	rm -f "$R" "$T/result"
	"${NET}_up" "$SCENARIO" || return 1
	eval "sim_scan \$B/tests/bench/measure -t $TIMEOUT \$T/result $command" \
	    >"$T/log" 2>&1 </dev/null
	sleep 0.2
	"${NET}_stats" >"$T/stats"
	dropped=$(value device_dropped "$T/stats")
	check
	row >>"$OUT/$case.tsv"
	log_run
}

# What is seen while it runs; and why something did not.
log_run() {
	tail -n 1 "$OUT/$case.tsv" | awk -F'\t' -v c="$case" '{
		printf "# %s %s %s: %s s, %s packets, %s missed, %s wrong, exit %s\n",
		    c, $1, $2, $5, $8, $11, $12, $3 }' >&2
	[ "$NET" != names ] || grep '^# postern: asked' "$R" >&2
	[ "$(value exit "$T/result")" = 0 ] || [ "$(value timed_out "$T/result")" = 1 ] ||
	    tail -n 3 "$T/log" | sed 's/^/#   /' >&2
}

slow() {
	awk -F'\t' -v n="$name" -v s=$SLOW '$1 == n && $5 > s { f = 1 } END { exit !f }' \
	    "$OUT/$case.tsv"
}

run_case() {
	: >"$T/tools"
	echo "$COLUMNS_ALL" | tr ' ' '\t' >"$OUT/$case.tsv"
	"case_$(echo "$case" | tr - _)"
	run=0
	while [ $run -lt "$RUNS" ]; do
		run=$((run + 1))
		# In any order, for who comes behind whom makes a difference.
		shuf "$T/tools" >"$T/ordered"
		while IFS='	' read -r name kind command <&3; do
			slow || measure || return 1
		done 3<"$T/ordered"
	done
}

[ $# -gt 0 ] || set -- $CASES_ALL
status=0
for case; do
	run_case || status=1
done
/usr/bin/python3 tests/bench/table.py "$OUT" "$@" || status=1
exit $status
