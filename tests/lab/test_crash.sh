#!/bin/sh
# kill -9 at random instants, of one process or of all, several times in one scan: it is resumed
# to the end, and then its log says what that of an undisturbed scan says.
#
# CRASHES says how many times (60: two minutes; 200 take six), CRASH_SEED when.
. tests/lab/lab.sh
. tests/sim/sim.sh
CRASHES=${CRASHES:-60}
draw=${CRASH_SEED:-1}

[ "$(id -u)" = 0 ] || skip_all "not root"
[ -c /dev/net/tun ] || skip_all "no /dev/net/tun"
sim_init "$1"
SCANNER=${SCANNER:-$B/sbin/postern}
is_nmap && skip_all "postern's own"

# Two seconds at this rate.  A checkpoint is 200 packets; what was asked within one or two
# time-outs before it, another 100 ms each, is not settled then, and asked again.  Without
# checkpoints a kill would cost some 700.
PORTS=1-150 MOST=600
PLAN="-n -T4 --max-rate 2000 --checkpoint 100ms -p $PORTS 10.100.0.0/27"

cat >"$T/crash.sim" <<'END'
device	sim0 tun 10.90.0.1/24 10.90.0.254
seed	7
group	walled 10.100.0.1-10.100.0.6 ping=echo open=22,80 default=silent rtt=1
group	mixed 10.100.0.7-10.100.0.10 open_fraction=0.05 closed_fraction=0.4 default=silent rtt=1
group	linux 10.100.0.11-10.100.0.14 open=22,443 rtt=1
END
sim_up "$T/crash.sim" || { ok "the simulator is up" false; exit 1; }
sim_truth $PORTS >"$T/truth"

# "address port state" of each port that a document of -oX or a file of -oJ tells, sorted; it is
# malformed, or a host is told twice: status 1.
cat >"$T/states.py" <<'END'
import json, sys, xml.etree.ElementTree as et
def spread(ports):
    for span in filter(None, ports.split(",")):
        low, _, high = span.partition("-")
        yield from range(int(low), int(high or low) + 1)
def of_xml(name):
    for host in et.parse(name).iter("host"):
        ports = [(p.get("portid"), p.find("state").get("state")) for p in host.iter("port")]
        for extra in host.iter("extraports"):
            for why in extra.iter("extrareasons"):
                ports += [(p, extra.get("state")) for p in spread(why.get("ports"))]
        yield host.find("address").get("addr"), ports
def of_json(name):
    for record in map(json.loads, open(name)):
        if record["record"] == "host":
            ports = [(p["port"], p["state"]) for p in record["ports"]]
            for rest in record["not_shown"]:
                ports += [(p, rest["state"]) for p in spread(rest["ports"])]
            yield record["ip"], ports
told = list((of_xml if sys.argv[1].endswith("xml") else of_json)(sys.argv[1]))
for line in sorted(f"{host} {port} {state}" for host, ports in told for port, state in ports):
    print(line)
sys.exit(len(told) != len({host for host, _ in told}))
END
states() {
	/usr/bin/python3 "$T/states.py" "$1" 2>&1
}

# What a log says of each host, but for times: its lines, each with its host before it.
findings() {
	sed -e '/^#/d' -e '/^$/d' -e 's/ ([0-9.]*s latency)//' "$1" |
	    awk '/^Nmap scan report for |^Host: / { host = $0 } { print host ": " $0 }' |
	    sort -V
}

totals() {
	sed -n 's/^# Nmap done at .* -- \(.*\) scanned in .*/\1/p' "$1"
}

# A number below $1, in $drawn.  (No subshell: the next one is another.)
draw() {
	draw=$(((draw * 1103515245 + 12345) % 2147483648))
	drawn=$((draw / 65536 % $1))
}

launch() {
	ip netns exec "$SIM_NS" "$SCANNER" "$@" >"$T/out" 2>"$T/err" </dev/null &
	SCAN=$!
}

# All that were seen are gone, and whoever was just being born, who would hold the log.
none_alive() {
	for pid in $pids; do
		alive "$pid" && return 1
	done
	[ ! -e "$log" ] || flock -n "$log" true
}

# Kill one of them, or all, whoever that is now.
strike() {
	family=$(tree $SCAN)
	pids=$(echo "$family" | cut -d' ' -f2)
	draw 10
	case $drawn in
	0) victim=front ;; 1) victim=coordinator ;; 2) victim=resolver ;;
	3) victim=prober ;; 4) victim=logger ;; *) victim= ;;
	esac
	victims=$(echo "$family" | sed -n "s/^$victim.* //p")
	# shellcheck disable=SC2086
	kill -KILL ${victims:-$SCAN} 2>/dev/null
	wait $SCAN 2>/dev/null
	wait_for 10 none_alive || { echo "# ${victim:-all}: some stay behind"; bad_end=1; }
}

# The documents beside the log are well-formed at any time, once they are begun.
documents() {
	[ -s "$log" ] || return
	[ ! -s "$T/log.xml" ] || states "$T/log.xml" >"$T/states" || malformed=$((malformed + 1))
	[ ! -s "$T/log.jsonl" ] || states "$T/log.jsonl" >"$T/states" ||
	    malformed=$((malformed + 1))
	[ $malformed -eq 0 ] || sed 's/^/# /' "$T/states"
}

# Begin, or go on; a log that has not got its header yet is begun again.
begin_or_go_on() {
	if grep -qs '^# postern: plan check' "$log"; then
		begun=1
		launch --resume "$log" $beside
	else
		[ $begun -eq 0 ] || { echo "# the header is gone"; bad_end=1; }
		rm -f "$T"/log.*
		# shellcheck disable=SC2086
		launch $PLAN $outputs
	fi
}

# crashed HOW: a scan that is killed up to four times, and then comes to its end.
crashed() {
	begun=0 bad_end=0 malformed=0 kills=0
	rm -f "$T"/log.*
	sim_reset
	while [ $kills -lt 4 ]; do
		begin_or_go_on
		draw 1000
		sleep "$(printf '0.%03d' "$drawn")"
		alive $SCAN || break
		strike
		kills=$((kills + 1))
		documents
	done
	wait $SCAN 2>/dev/null
	struck=$((struck + kills))
	begin_or_go_on
	wait $SCAN
	status=$?
	[ $status -eq 0 ] || sed 's/^/# /' "$T/err"
	same "$1, killed $kills times, goes on to the end" "0 0" "$status $bad_end"
	probes=$(sim_stat probes)
}

# What the log says, whole.ext being that of a scan that nobody disturbed.
is_whole() {
	same "the same hosts, ports and states, each once" "$(findings "$T/whole.$1")" \
	    "$(findings "$log")"
	same "the same totals" "$(totals "$T/whole.$1")" "$(totals "$log")"
	"$SCANNER" --verify "$log" 2>"$T/verified"
	whole=$?
	[ $whole -eq 0 ] || sed 's/^/# /' "$T/verified" "$log"
	ok "every record is as it was written" test $whole -eq 0
	again=$((again + probes - whole_probes))
}

# shellcheck disable=SC2086
sim_scan "$SCANNER" $PLAN -oA "$T/whole" >/dev/null
ok "an undisturbed scan" test $? -eq 0
whole_probes=$(sim_stat probes)
states "$T/whole.xml" >"$T/whole.states"
/usr/bin/python3 tests/sim/check.py "$T/truth" "$T/whole.xml" >"$T/verdict"
has "which is right" "$T/verdict" '^verdict=right$'

struck=0 round=0 again=0
while [ $struck -lt "$CRASHES" ] && [ $round -lt "$CRASHES" ]; do
	beside=
	case $((round % 3)) in
	0) log=$T/log.nmap outputs="-oN $T/log.nmap" ;;
	1) log=$T/log.gnmap outputs="-oG $T/log.gnmap" ;;
	2) log=$T/log.nmap outputs="-oA $T/log" beside="-oX $T/log.xml -oJ $T/log.jsonl" ;;
	esac
	round=$((round + 1))
	crashed "scan $round (${outputs% *})"
	is_whole "${log##*.}"
	[ -n "$beside" ] || continue
	same "no document on disk was malformed" 0 $malformed
	for end in xml jsonl; do
		states "$T/log.$end" >"$T/states"
		ok "each host is in the $end once" test $? -eq 0
		same "with all its ports" "$(cat "$T/whole.states")" "$(cat "$T/states")"
	done
done
ok "$struck kills in $round scans, no fewer than $CRASHES" test $struck -ge "$CRASHES"
ok "each had $((again / struck)) packets sent again, no more than $MOST" \
    test $((again / struck)) -le $MOST
tap_done
