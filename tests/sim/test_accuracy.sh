#!/bin/sh
# test_accuracy.sh BUILD: what postern says of a simulated internet, against the truth.
#
# The cases of the benchmark and some more, in a small form, bounded by packets and not by the
# clock.  What the engine's share of missed ports is, test_accuracy.c tells in virtual time.
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh
. tests/sim/sim.sh

[ "$(id -u)" = 0 ] || skip_all "not root"
[ -c /dev/net/tun ] || skip_all "no /dev/net/tun"
sim_init "$1"

# scan SCENARIO PORTS TARGETS [OPTION...]: its report, the verdict on that, and the counts.
scan() {
	name=$1 ports=$2 targets=$3; shift 3
	rm -f "$T/report" "$T/verdict" "$T/stats"
	sim_up "tests/sim/scenarios/$name.sim" || return
	sim_truth "$ports" >"$T/truth"
	sim_scan timeout 120 "$B/sbin/postern" -n -T4 -p "$ports" -oX "$T/report" "$@" \
	    "$targets" >"$T/log" 2>&1
	[ $? -le 1 ] || sed 's/^/# /' "$T/log"	# 1: answers may be missing
	/usr/bin/python3 tests/sim/check.py "$T/truth" "$T/report" >"$T/verdict" 2>&1
	sim_stats >"$T/stats"
}

# right WHAT MOST: all is as it is, and it took no more probes.
right() {
	grep -q '^verdict=right$' "$T/verdict" || sed 's/^/# /' "$T/verdict"
	has "$name: $1" "$T/verdict" '^verdict=right$'
	few "$2"
}

# most VERDICT NUMBER WHAT
most() {
	n=$(sed -n "s/^$1=//p" "$T/verdict")
	ok "$name: $3: $n" test "${n:-none}" -le "$2"
}

few() {
	n=$(sed -n 's/^probes=//p' "$T/stats")
	ok "$name: with $n probes, at most $1" test "$n" -le "$1"
	n=$(sed -n 's/^device_dropped=//p' "$T/stats")
	[ "$n" = 0 ] || echo "# the simulator was too slow for $n packets"
}

scan firewalled16 1-1000 10.100.0.1-16
right "behind firewalls" 40000
scan firewalled16-80ms 1-200 10.100.0.1-16
right "far away behind firewalls" 16000
scan slash24 22,80 10.100.0.0/24
right "who is up of a /24, and what is open" 4000
scan rst50 1-200 10.100.0.1-2
right "resets that are limited" 4000
scan tarpit 1-500 10.100.0.1-3
right "what answers everything" 8000
scan forged 1-100 10.100.0.0/28
right "forged replies are not believed" 6000
scan late 1-500 10.100.0.1-16 -T3
right "replies late, twice and out of order" 40000
scan dying 1-1000 10.100.0.1-6
right "hosts that die" 20000
same "dying: of those it is said that answers may be missing" "2" \
    "$(grep -c '^Some answers may be missing: about 27' "$T/log")"
scan reject 1-100 10.100.0.1-8
right "rejected, and told now and then" 8000
scan narrow 1-100 10.100.0.0/26
right "through a narrow link" 32000

# Some of 4,000 to 9,000 answers may be missed, of the open ports one.
scan loss5 1-500 10.100.0.1-16 -T3
most missed_open 0 "open ports missed at 5 % loss"
most wrong_states 3 "states wrong"
few 50000
scan loss20 1-500 10.100.0.1-16 -T3
most missed_open 1 "open ports missed at 20 % loss"
most wrong_states 5 "states wrong"
few 90000
scan bursts 1-500 10.100.0.1-8 -T3
most missed_open 1 "open ports missed at 5 % loss in bursts"
most wrong_states 8 "states wrong"
few 40000

# The judge's control.
scan slash24 22,80,81 10.100.0.0/24 --exclude 10.100.0.7
has "control: a host that was not looked at is missed" "$T/verdict" '^missed_hosts=1$' \
    '^verdict=wrong$'
tap_done
