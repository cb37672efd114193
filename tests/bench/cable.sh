# cable.sh: a cable that leads nowhere, to send into; bench.sh sources this file after sim.sh, whose
# namespace it takes, and whose end.
#
#   cable_up		a namespace with a cable, sim0 its near end, and a gateway's address beyond
#   cable_stats		what came out at the far end, key=value a line
#
# On the simulator's TAP device a frame costs its sender little, and the simulator takes it on
# another processor, or drops it.  Here it goes through the kernel as far as a filter, all on the
# sender's own processor, as by the driver of a network card.

cable_up() {
	sim_down
	ip netns add "$SIM_NS" || return 1
	SIM_MAC=02:00:00:00:00:fe
	(set -e; cable_links; cable_rules | sim_scan nft -f -) || return 1
	ip netns exec "$SIM_NS" /usr/bin/python3 tests/bench/cable.py far0 \
	    </dev/null >"$T/cable" &
	SIM_PID=$!
	sim_wait 5 grep -q ready "$T/cable"
}

cable_links() {
	ip -n "$SIM_NS" link set lo up
	ip -n "$SIM_NS" link add sim0 address 02:00:00:00:00:01 type veth \
	    peer name far0 address "$SIM_MAC"
	for end in sim0 far0; do
		sim_scan sh -c "echo 1 >/proc/sys/net/ipv6/conf/$end/disable_ipv6"
		ip -n "$SIM_NS" link set "$end" up
	done
	ip -n "$SIM_NS" addr add 10.99.0.1/24 dev sim0
	ip -n "$SIM_NS" neigh add 10.99.0.254 lladdr "$SIM_MAC" dev sim0 nud permanent
	ip -n "$SIM_NS" route add default via 10.99.0.254
}

cable_rules() {
	cat <<-RULES
		table netdev cable {
			chain far {
				type filter hook ingress device "far0" priority 0; policy drop;
			}
		}
	RULES
}

cable_stats() {
	kill -TERM "$SIM_PID" && wait "$SIM_PID"
	SIM_PID=
	cat "$T/cable"
}
