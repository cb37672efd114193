# names.sh: a name server to be measured with; bench.sh sources this file after sim.sh, whose
# namespace it takes, and whose end.
#
#   names_up [RULE]	a namespace with a server; RULE is nftables', for what comes in
#   names_stats		the queries that came in, key=value a line
#   names_check N REPORT	are the names of the first N addresses in a grepable log?
#
# dnsmasq makes the names of 10.200.0.0/16 up.  $SERVER is its address, and at $DEAD whatever
# comes vanishes.  Queries are lost as they come in: of what is dropped on its way out, the
# kernel tells the sender.

SERVER=10.99.0.53
DEAD=10.99.0.54

names_up() {
	sim_down
	ip netns add "$SIM_NS" || return 1
	(set -e; names_links; names_rules "$1" | sim_scan nft -f -) || return 1
	ip netns exec "$SIM_NS" dnsmasq --keep-in-foreground --conf-file=/dev/null \
	    --log-facility=- --pid-file= --no-resolv --no-hosts --bind-interfaces \
	    --listen-address="$SERVER" --synth-domain=bench.test,10.200.0.0/16,h- \
	    </dev/null >"$T/sim.log" 2>&1 &
	SIM_PID=$!
	sim_wait 5 names_bound && return 0
	sed 's/^/# /' "$T/sim.log" >&2
	sim_down
	return 1
}

names_links() {
	ip -n "$SIM_NS" link set lo up
	for address in "$SERVER" "$DEAD"; do
		ip -n "$SIM_NS" addr add "$address/32" dev lo
	done
}

names_rules() {
	cat <<-RULES
		table inet names {
			counter queries { }
			chain input {
				type filter hook input priority 0;
				udp dport 53 counter name queries
				ip daddr $DEAD drop
				$1
			}
		}
	RULES
}

names_bound() {
	sim_scan grep -q '^ *[0-9]*: 3500630A:0035 ' /proc/net/udp
}

# All that a run's seconds are of is the look-up of names.
names_stats() {
	sim_scan nft list counter inet names queries |
	    sed -n 's/.*packets \([0-9]*\) .*/probes=\1/p'
	echo "seconds=$(value wall "$T/result")"
}

# In the words of check.py; an address without a name is missed.
names_check() {
	awk -v n="$1" '
	$1 == "Host:" {
		split($2, b, ".")
		if (b[1] != 10 || b[2] != 200 || b[3] * 256 + b[4] >= n)
			outside++
		else if (seen[$2]++)
			twice++
		else if ($3 == "(h-" b[1] "-" b[2] "-" b[3] "-" b[4] ".bench.test)")
			right++
		else if ($3 != "()")
			other++
	}
	END {
		print "verdict=" (right == n ? "right" : "wrong")
		print "missed_open=" n - right
		print "wrong_states=" other + 0
		print "outside=" outside + 0
		print "duplicates=" twice + 0
	}' "$2"
}
