# real_names.sh: names through the name servers that people have.  test_resolver.sh sources it.
#
# Each serves real.test and 10.91.8.0/24: www and its alias, and forty addresses of one name,
# which a datagram of 512 bytes does not hold.

real_forward() {
	echo 'www A 10.91.8.100'
	echo 'alias CNAME www'
	seq -f 'forty A 10.91.8.%.0f' 1 40
}

real_zones() {
	cat >"$T/nsd.conf" <<-END
	server:
		ip-address: $S@5391
		username: root
		server-count: 1
		zonesdir: "$T"
		database: ""
		pidfile: "$T/real.pid"
		zonelistfile: "$T/real.zones"
		xfrdfile: "$T/real.xfrd"
		logfile: "$T/real.log"
	remote-control:
		control-enable: no
	END
	real_forward | zone real.test
	echo '100 PTR www.real.test.' | zone 8.91.10.in-addr.arpa
}

start_nsd() {
	in_ns names nsd -c "$T/nsd.conf"
}

start_knotd() {
	mkdir "$T/knot"
	{
		printf 'server:\n    listen: %s@5392\n    user: root\n' "$S"
		printf '    rundir: %s/knot\n' "$T"
		printf 'database:\n    storage: %s/knot\nzone:\n' "$T"
		for z in real.test 8.91.10.in-addr.arpa; do
			printf '  - domain: %s\n    file: %s/%s.zone\n' $z "$T" $z
		done
	} >"$T/knot.conf"
	in_ns names knotd -c "$T/knot.conf" -d
}

start_unbound() {
	cat >"$T/unbound.conf" <<-END
	server:
		interface: $S@5393
		access-control: 0.0.0.0/0 allow
		do-ip6: no
		username: ""
		chroot: ""
		directory: "$T"
		pidfile: "$T/unbound.pid"
		use-syslog: no
		logfile: "$T/unbound.log"
		module-config: "iterator"
		local-zone: "10.in-addr.arpa." nodefault
		local-zone: "test." nodefault
	remote-control:
		control-enable: no
	END
	for z in real.test 8.91.10.in-addr.arpa; do
		printf 'auth-zone:\n\tname: %s\n\tzonefile: "%s/%s.zone"\n' $z "$T" $z
		printf '\tfor-downstream: yes\n\tfor-upstream: no\n'
	done >>"$T/unbound.conf"
	in_ns names unbound -c "$T/unbound.conf"
}

start_dnsmasq() {
	{
		echo '10.91.8.100 www.real.test'
		seq -f '10.91.8.%.0f forty.real.test' 1 40
	} >"$T/real.hosts"
	in_ns names dnsmasq -C /dev/null -p 5394 --listen-address="$S" --bind-interfaces \
	    --no-resolv --no-hosts --local=/real.test/ --addn-hosts="$T/real.hosts" --user=root \
	    --cname=alias.real.test,www.real.test --pid-file="$T/dnsmasq.pid"
}

start_named() {
	cat >"$T/named.conf" <<-END
	options {
		directory "$T";
		listen-on port 5395 { $S; };
		listen-on-v6 { none; };
		pid-file "$T/named.pid";
		session-keyfile "$T/session.key";
		lock-file none;
		recursion no;
		dnssec-validation no;
	};
	controls { };
	zone "real.test" { type primary; file "$T/real.test.zone"; };
	zone "8.91.10.in-addr.arpa" { type primary; file "$T/8.91.10.in-addr.arpa.zone"; };
	END
	in_ns names named -c "$T/named.conf" -n 1
}

# try_real PROGRAM PORT
try_real() {
	command -v "$1" >/dev/null || { skip "names through $1" "there is no $1"; return; }
	"start_$1" >"$T/$1.log" 2>&1
	wait_for 5 in_ns names grep -q "$(printf ':%04X ' "$2")" /proc/net/udp ||
	    sed 's/^/# /' "$T/$1.log"
	ask "$1" "$S:$2" 10.91.8.100 alias.real.test forty.real.test none.real.test
	same "$1: the name of an address, an alias, and no such name" \
	    "10.91.8.100 (www.real.test) alias.real.test not-found" \
	    "$(sed -n 's/^Host: \(10\.91\.8\.100 ([^)]*)\).*/\1/p' "$T/$1.gnmap" | sort -u) $(
	    names_of "$1" | awk '$1 == "alias.real.test" && $3 == "10.91.8.100" { print $1 }
		$1 == "none.real.test" { print $2 }' | sort | paste -sd' ' -)"
	same "$1: forty addresses of one name" 40 "$(grep 'forty\.real\.test' "$T/$1.nmap" |
	    grep -v '^#' | grep -oE '10\.91\.8\.[0-9]+' | sort -u | wc -l)"
}

real_zones
try_real nsd 5391
try_real knotd 5392
try_real unbound 5393
try_real dnsmasq 5394
try_real named 5395
