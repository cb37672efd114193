#!/bin/sh
# test_sim.sh BUILD: is the simulator itself right?
#
# nmap, which nobody here wrote, is the judge of its hosts; check.py is tried on reports that
# are known to be right and wrong; and of what a bare sender sends, each packet is accounted for.
# How many a second that is, is said: the benchmark wants 200,000.
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh
. tests/sim/sim.sh

[ "$(id -u)" = 0 ] || skip_all "not root"
[ -c /dev/net/tun ] || skip_all "no /dev/net/tun"
sim_init "$1"

check() {
	/usr/bin/python3 tests/sim/check.py "$@" >"$T/verdict"
}

# right WHAT: the report $T/report says what $T/truth says.
right() {
	check "$T/truth" "$T/report" || sed 's/^/# /' "$T/verdict"
	has "$1" "$T/verdict" '^verdict=right$'
}

nmap_finds() {
	what=$1 ports=$2 truth=$3; shift 3
	sim_truth "$truth" >"$T/truth"
	sim_scan timeout 120 nmap -n -T4 -p "$ports" "$@" >"$T/nmap.log" 2>&1
	right "$what"
}

cat >"$T/small.sim" <<'END'
device	sim0 tun 10.90.0.1/24 10.90.0.254
seed	42
group	linux 10.100.0.1-10.100.0.3 open=22,80 rtt=1
group	walled 10.100.0.4-10.100.0.6 open=22 ping=echo default=silent rtt=2
group	reject 10.100.0.7 open=22 default=reject from=10.99.0.1 rtt=1
group	mixed 10.100.0.8 open_fraction=0.1 closed_fraction=0.4 default=silent rtt=5
group	udp 10.100.0.9 udp_open=53 udp_reject=54 udp_silent=55 rtt=1
group	lan 10.90.0.0/24 only=5,6 open=22 default=closed
END

ok "a scenario comes up on TUN" sim_up "$T/small.sim"
nmap_finds "nmap finds the truth, by -oG" 20-90 20-90 -oG "$T/report" 10.100.0.0/28 10.90.0.2-20
nmap_finds "nmap finds the truth, by -oX" 20-90 20-90 -oX "$T/report" 10.100.0.0/28 10.90.0.2-20
sim_truth U:53-56 | grep '^10.100.0.9 ' >"$T/truth"
sim_scan timeout 60 nmap -n -sU -p 53-56 -oG "$T/report" 10.100.0.9 >"$T/nmap.log" 2>&1
right "nmap finds the truth of UDP"
sim_stats >"$T/stats"
has "the probes were counted" "$T/stats" '^probes_syn=[1-9]' '^device_dropped=0$' \
    '^malformed=0$' '^write_failed=0$'
sim_reset
sim_stats >"$T/stats"
has "and are forgotten" "$T/stats" '^probes=0$' '^hosts_touched=0$'

sim_truth 20-90 >"$T/truth"
sed -n 's/^\(10[^ ]*\) \([0-9]*\) open$/open tcp \2 \1 0/p' "$T/truth" >"$T/list"
{ echo '#masscan'; cat "$T/list"; } >"$T/report"
right "a right list of masscan's is right"
{ echo '#masscan'; sed 1d "$T/list"; sed -n 2p "$T/list"; echo 'open tcp 21 10.100.0.1 0'; } \
    >"$T/report"
check "$T/truth" "$T/report"
has "a wrong one is wrong in all its ways" "$T/verdict" '^missed_open=1$' '^false_open=1$' \
    '^duplicates=1$' '^verdict=wrong$'
awk '{
	printf "{ \"ip\": \"%s\", \"ports\": [ {\"port\": %s, ", $4, $3
	print "\"proto\": \"tcp\", \"status\": \"open\"} ] },"
}' "$T/list" >"$T/report"
right "JSON is read"
{ echo saddr,sport,success,repeat; awk '{ print $4 "," $3 ",1,0" }' "$T/list"; } >"$T/report"
right "zmap's CSV is read"

SIM_KIND=tap
ok "the same comes up on TAP" sim_up "$T/small.sim"
nmap_finds "hosts on the link answer ARP, others are behind the gateway" 20-90 20-90 \
    -oG "$T/report" 10.100.0.0/28 10.90.0.2-20
SIM_KIND=

"$SIMNET" --truth 1-50 tests/sim/scenarios/late.sim >"$T/first"
"$SIMNET" --truth 1-50 tests/sim/scenarios/late.sim "$T/second"
ok "the truth is the same again" cmp -s "$T/first" "$T/second"
sed 's/^seed.*/seed 77/' tests/sim/scenarios/late.sim >"$T/other.sim"
"$SIMNET" --truth 1-50 "$T/other.sim" "$T/second"
ok "and another with another seed" not cmp -s "$T/first" "$T/second"

for scenario in tests/sim/scenarios/*.sim; do
	ok "$(basename "$scenario") is well-formed" \
	    "$SIMNET" --truth none "$scenario" "$T/truth"
done

echo 'device x tun 10.0.0.1/24
group big 10.0.0.0/16 open_fraction=0.1' >"$T/big.sim"
"$SIMNET" --truth 1-50 "$T/big.sim" "$T/truth"
awk '$3 == "open" { print "open tcp", $2, $1, 0 }' "$T/truth" >"$T/report"
right "65,536 hosts of 50 ports are compared"

# blast METHOD PORTS COUNT [OPTION]: how many packets were read, and dropped for want of room.
blast() {
	sim_reset
	dropped=$(sim_stat device_dropped)
	# shellcheck disable=SC2086
	sim_scan timeout 60 "$BLAST" -c "$3" -m "$1" -i sim0 ${4:-} 10.100.0.0/18 "$2" >"$T/blast"
	sleep 0.2
	sim_stats >"$T/stats"
	got=$(sed -n 's/^probes=//p' "$T/stats")
	lost=$(($(sed -n 's/^device_dropped=//p' "$T/stats") - dropped))
	echo "# $1: $(cat "$T/blast") read=$got dropped=$lost"
}

sim_up tests/sim/scenarios/silent18.sim
for method in raw rawmmsg packet packetmmsg txring; do
	blast $method 1-50 500000
	same "each packet by $method is read or counted as dropped" \
	    "$(sed 's/.* sent=\([0-9]*\).*/\1/' "$T/blast")" $((got + lost))
done
sim_up tests/sim/scenarios/flat18.sim
blast raw 81 16000 "-r 20000"
same "16,000 are answered, none dropped" "16000 0" "$(sed -n 's/^replies=//p' "$T/stats") $lost"
tap_done
