# lab.sh: a small internet of network namespaces; tests source this file.
#
#   scanner 10.91.1.1 ---+--- 10.91.1.10, .11	on the link (a bridge in the router)
#                        |
#   router  10.91.1.254 -+--- 10.91.2.10 to .15	hosts behind the router (it is .254)
#                        +--- 10.91.3.53	a name server, zone lab.test (.54 is dead)
#
# Every other address is silent.  truth and truth_hosts say what a right scan finds.
#
#   lab_init BUILD	$T, a directory that goes away at the end; $SCANNER, the program tested
#   lab_up		the above and the lab
#   scan ARGS		the scanner in its namespace
#   ok, same, ...	TAP lines (tap.sh)
#
# Each name and file of the lab has this shell's process id in it: runs do not collide, and
# nothing outside its own namespaces is touched.

. tests/lab/tap.sh
. tests/lab/truth.sh

LAB=postern$$

lab_init() {
	B=$(cd "$1" && pwd) || exit 1
	SCANNER=${SCANNER:-$B/sbin/postern}
	T=$(mktemp -d) || exit 1
	chmod 711 "$T"
	trap lab_down EXIT
	trap 'exit 1' HUP INT PIPE TERM
	[ "$(id -u)" = 0 ] || skip_all "not root"
}

lab_up() {
	lab_init "$1"
	ip netns add $LAB-scanner 2>/dev/null || skip_all "no network namespaces here"
	(set -e; lab_links; lab_filters; lab_services; lab_names) >"$T/lab.log" 2>&1
	# Not with ||, which would switch set -e off within.
	# shellcheck disable=SC2181
	[ $? -eq 0 ] || { sed 's/^/# /' "$T/lab.log"; ok "the lab is up" false; exit 1; }
}

lab_down() {
	for ns in scanner router lan hosts names; do
		[ -e "/run/netns/$LAB-$ns" ] || continue
		ip netns pids "$LAB-$ns" | while read -r pid; do kill -KILL "$pid"; done
		ip netns del "$LAB-$ns"
	done
	rm -rf "$T" "/etc/netns/$LAB-scanner"
	rmdir /etc/netns 2>/dev/null
}

# In a namespace of the lab.
in_ns() {
	where=$LAB-$1; shift
	ip netns exec "$where" "$@"
}

# A cable between two of them: an interface of that name in the first, eth0 in the second.
cable() {
	ip link add "$2" netns "$LAB-$1" type veth peer name eth0 netns "$LAB-$3"
	ip -n "$LAB-$1" link set "$2" up
	ip -n "$LAB-$3" link set eth0 up
}

lab_links() {
	for ns in router lan hosts names; do ip netns add $LAB-$ns; done
	for ns in scanner router lan hosts names; do ip -n $LAB-$ns link set lo up; done
	ip -n $LAB-router link add br0 type bridge
	ip -n $LAB-router link set br0 up
	for ns in scanner lan hosts names; do cable router "$ns" "$ns"; done
	for ns in scanner lan; do ip -n $LAB-router link set $ns master br0; done

	address router br0 10.91.1.254
	address router hosts 10.91.2.254
	address router names 10.91.3.254
	address scanner eth0 10.91.1.1
	address lan eth0 10.91.1.10 10.91.1.11
	address hosts eth0 10.91.2.10 10.91.2.11 10.91.2.12 10.91.2.13 10.91.2.14 10.91.2.15
	address names eth0 10.91.3.53
	for ns in scanner lan; do ip -n $LAB-$ns route add default via 10.91.1.254; done
	ip -n $LAB-hosts route add default via 10.91.2.254
	ip -n $LAB-names route add default via 10.91.3.254

	setting router ip_forward 1
	# The kernel's own limit on ICMP errors would make the truth a matter of speed.
	for ns in router hosts; do setting $ns icmp_ratelimit 0; done
}

address() {
	where=$LAB-$1 dev=$2; shift 2
	for a; do ip -n "$where" addr add "$a/24" dev "$dev"; done
}

setting() {
	in_ns "$1" sh -c "echo $3 >/proc/sys/net/ipv4/$2"
}

lab_filters() {
	in_ns hosts nft -f - <<-'END'
	table ip lab {
		chain in {
			type filter hook input priority 0;
			ip daddr 10.91.2.11 jump firewalled
			ip daddr 10.91.2.12 jump silent
			ip daddr 10.91.2.13 jump rejecting
		}
		chain firewalled {
			icmp type echo-request accept
			tcp dport { 22, 443 } accept
			drop
		}
		chain silent {
			tcp dport 8443 accept
			drop
		}
		chain rejecting {
			tcp dport 1001 reject with icmp type net-unreachable
			tcp dport 1002 reject with icmp type host-unreachable
			tcp dport 1003 reject with icmp type prot-unreachable
			tcp dport 1004 reject with icmp type port-unreachable
			tcp dport 1005 reject with icmp type net-prohibited
			tcp dport 1006 reject with icmp type host-prohibited
			tcp dport 1007 reject with icmp type admin-prohibited
		}
		chain few {
			limit rate over 50/second burst 5 packets drop
		}
		chain out {
			type filter hook output priority 0;
			ip saddr 10.91.2.14 tcp flags & rst == rst jump few
		}
	}
	END
	in_ns router nft -f - <<-'END'
	table ip lab {
		chain forward {
			type filter hook forward priority 0;
			ip daddr 10.91.2.15 tcp dport 2001 reject with icmp type host-unreachable
			ip daddr 10.91.2.15 tcp dport 2002 reject with icmp type admin-prohibited
			ip daddr 10.91.2.15 tcp dport 2003 drop
			ip daddr 10.91.2.10-10.91.2.15 accept
			ip daddr 10.91.2.0/24 drop
			ip daddr 10.91.3.53 accept
			ip daddr 10.91.3.0/24 drop
		}
	}
	END
}

lab_services() {
	in_ns lan "$B/tests/lab/listen" 10.91.1.10:22 10.91.1.10:80
	in_ns hosts "$B/tests/lab/listen" 10.91.2.10:22 10.91.2.10:80 10.91.2.10:8080 \
	    10.91.2.11:22 10.91.2.11:443 10.91.2.12:8443 10.91.2.14:22 10.91.2.15:22
}

# A zone file: its name, then records on stdin.
zone() {
	{
		echo "\$ORIGIN $1."
		echo "\$TTL 60"
		echo '@ SOA ns.lab.test. root.lab.test. 1 3600 600 86400 60'
		echo '@ NS ns.lab.test.'
		cat
	} >"$T/$1.zone"
	printf 'zone:\n\tname: "%s"\n\tzonefile: "%s"\n' "$1" "$T/$1.zone" >>"$T/nsd.conf"
}

lab_names() {
	cat >"$T/nsd.conf" <<-END
	server:
		ip-address: 10.91.3.53
		username: root
		server-count: 1
		zonesdir: "$T"
		database: ""
		pidfile: "$T/nsd.pid"
		zonelistfile: "$T/nsd.zones"
		xfrdfile: "$T/nsd.xfrd"
		logfile: "$T/nsd.log"
	remote-control:
		control-enable: no
	END
	forward_records | zone lab.test
	reverse_records 1 | zone 1.91.10.in-addr.arpa
	reverse_records 2 | zone 2.91.10.in-addr.arpa
	mkdir -p "/etc/netns/$LAB-scanner"
	echo 'nameserver 10.91.3.53' >"/etc/netns/$LAB-scanner/resolv.conf"
	hosts_file >"/etc/netns/$LAB-scanner/hosts"
	in_ns names nsd -c "$T/nsd.conf"
	wait_for 10 in_ns names grep -q ':0035 ' /proc/net/udp
}

# Try a command each tenth of a second, for so many seconds.
wait_for() {
	tries=$(($1 * 10)); shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

scan() {
	in_ns scanner "$SCANNER" "$@"
}

# The scanner in the background, its process id in $SCAN.  A shell has what it puts there
# ignore the interrupt key; the scanner is to see it as at a terminal.
scan_bg() {
	env --default-signal=INT,QUIT ip netns exec $LAB-scanner "$SCANNER" "$@" \
	    >"$T/out" 2>"$T/err" </dev/null &
	SCAN=$!
}

is_nmap() {
	case $SCANNER in nmap|*/nmap) return 0 ;; esac
	return 1
}

# The processes of a scan, "role pid" a line: the one in front has one child, that has three.
tree() {
	echo "front $1"
	for coordinator in $(ps -o pid= --ppid "$1"); do
		echo "coordinator $coordinator"
		for child in $(ps -o pid= --ppid "$coordinator"); do
			echo "$(cat "/proc/$child/comm") $child"
		done
	done
}

# Is it running?  One that ended and waits for its parent is not.
alive() {
	grep -q '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null
}

# Count the packets the scanner sends through the router that match an nft expression.
count_start() {
	in_ns router nft -f - <<-END
	table ip count
	delete table ip count
	table ip count {
		chain seen {
			type filter hook prerouting priority -300;
			ip saddr 10.91.1.1 $1 counter
		}
	}
	END
}

count() {
	in_ns router nft list table ip count | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
}
