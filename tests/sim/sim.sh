# sim.sh: a simulated internet in a namespace of its own; tests and benchmarks source this file.
#
#   sim_init BUILD	where simnet and blast are; $T, a directory that goes away at the end
#   sim_up SCENARIO	the namespace, the device, its address and routes
#   sim_scan CMD...	run a command in the namespace
#   sim_stats		what the simulator counted so far, key=value a line
#   sim_stat KEY	one of them
#   sim_reset		forget all hosts and counts, as if the scenario were new
#   sim_truth PORTS	"address port state" of the scenario that is up
#   sim_down		the end; also at exit
#
# SIM_KIND=tap makes the scenario's device an Ethernet one, for a scanner that must have that
# (zmap 2.1.1: on TUN its filter does not compile); $SIM_MAC is then the gateway's address.
#
# The namespace has this shell's process id in its name: runs do not collide, and nothing
# outside of it is touched.

SIM_NS=postern-sim-$$
SIM_PID=
SIM_LIFETIME=${SIM_LIFETIME:-3600}

sim_init() {
	B=$(cd "$1" && pwd) || exit 1
	SIMNET=${SIMNET:-$B/tests/sim/simnet}
	BLAST=${BLAST:-$B/tests/sim/blast}
	T=$(mktemp -d) || exit 1
	chmod 711 "$T"
	trap 'sim_down; rm -rf "$T"' EXIT
	trap 'exit 1' HUP INT PIPE TERM
}

# Try a command each hundredth of a second, for so many seconds.
sim_wait() {
	sim_tries=$(($1 * 100)); shift
	until "$@" 2>/dev/null; do
		sim_tries=$((sim_tries - 1))
		[ $sim_tries -gt 0 ] || return 1
		sleep 0.01
	done
}

sim_up() {
	sim_down
	SIM_SCENARIO=$T/scenario
	awk -v kind="${SIM_KIND:-}" '$1 == "device" && kind != "" { $3 = kind } { print }' \
	    "$1" >"$SIM_SCENARIO" || return 1
	ip netns add "$SIM_NS" || return 1
	ip -n "$SIM_NS" link set lo up
	ip netns exec "$SIM_NS" "$SIMNET" -t "$SIM_LIFETIME" -s "$T/sim.stats" "$SIM_SCENARIO" \
	    </dev/null >"$T/sim.log" 2>&1 &
	SIM_PID=$!
	SIM_DEVICE=$(awk '$1 == "device" { print $2 }' "$SIM_SCENARIO")
	SIM_MAC=$(awk '$1 == "device" && $3 == "tap" {
		split($5, b, ".")
		printf "02:00:%02x:%02x:%02x:%02x", b[1], b[2], b[3], b[4]
	}' "$SIM_SCENARIO")
	sim_wait 5 ip -n "$SIM_NS" link show "$SIM_DEVICE" >/dev/null &&
	    (set -e; sim_links) >>"$T/sim.log" 2>&1 && return 0
	sed 's/^/# /' "$T/sim.log"
	sim_down
	return 1
}

# What the scenario says of the device.  A reply may come from any address, and the kernel is
# to answer a SYN/ACK that it did not ask for with a RST, as it does where nothing hinders it.
sim_links() {
	for conf in all default "$SIM_DEVICE"; do
		sim_scan sh -c "echo 0 >/proc/sys/net/ipv4/conf/$conf/rp_filter"
	done
	sim_scan sh -c "echo 1 >/proc/sys/net/ipv6/conf/$SIM_DEVICE/disable_ipv6" || true
	awk '$1 == "device" { print $4, $3 == "tap" ? $5 : "" }' "$SIM_SCENARIO" |
	    while read -r address gateway; do
		ip -n "$SIM_NS" addr add "$address" dev "$SIM_DEVICE"
		ip -n "$SIM_NS" link set "$SIM_DEVICE" up
		# shellcheck disable=SC2086
		set -- ${gateway:+via $gateway} dev "$SIM_DEVICE"
		ip -n "$SIM_NS" route add default "$@"
		awk '$1 == "route" { print $2 }' "$SIM_SCENARIO" | while read -r prefix; do
			ip -n "$SIM_NS" route add "$prefix" "$@"
		done
	done
}

sim_scan() {
	ip netns exec "$SIM_NS" "$@"
}

# A signal upon which simnet writes its counts; the file is there when all is in it.
sim_ask() {
	rm -f "$T/sim.stats"
	kill -"$1" "$SIM_PID" && sim_wait 5 test -e "$T/sim.stats"
}

sim_stats() {
	sim_ask USR1 && cat "$T/sim.stats"
}

sim_stat() {
	sim_stats | sed -n "s/^$1=//p"
}

sim_reset() {
	sim_ask HUP
}

sim_truth() {
	"$SIMNET" --truth "$1" "$SIM_SCENARIO"
}

sim_down() {
	[ -z "$SIM_PID" ] || { kill -TERM "$SIM_PID" && wait "$SIM_PID"; } 2>/dev/null
	SIM_PID=
	[ ! -e "/run/netns/$SIM_NS" ] || ip netns del "$SIM_NS"
}
