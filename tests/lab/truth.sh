# truth.sh: what there is in the lab, and so what a right scan says.

# Few enough that every port gets a line of its own in a log.
LAB_PORTS=22,80,443,1001-1007,2001-2003,8080,8443

truth_table() {
	cat <<-'END'
	10.91.1.10 22,80	open		syn-ack		-
	10.91.1.10 rest		closed		reset		-
	10.91.1.11 rest		closed		reset		-
	10.91.2.10 22,80,8080	open		syn-ack		-
	10.91.2.10 rest		closed		reset		-
	10.91.2.11 22,443	open		syn-ack		-
	10.91.2.11 rest		filtered	no-response	-
	10.91.2.12 8443		open		syn-ack		-
	10.91.2.12 rest		filtered	no-response	-
	10.91.2.13 1001		filtered	net-unreach	-
	10.91.2.13 1002		filtered	host-unreach	-
	10.91.2.13 1003		filtered	proto-unreach	-
	10.91.2.13 1004		filtered	port-unreach	-
	10.91.2.13 1005		filtered	net-prohibited	-
	10.91.2.13 1006		filtered	host-prohibited	-
	10.91.2.13 1007		filtered	admin-prohibited -
	10.91.2.13 rest		closed		reset		-
	10.91.2.14 22		open		syn-ack		-
	10.91.2.14 rest		closed		reset		-
	10.91.2.15 22		open		syn-ack		-
	10.91.2.15 2001		filtered	host-unreach	10.91.1.254
	10.91.2.15 2002		filtered	admin-prohibited 10.91.1.254
	10.91.2.15 2003		filtered	no-response	-
	10.91.2.15 rest		closed		reset		-
	END
}

# "address port state reason from" of each host and port, for addresses that match a regex.
truth() {
	truth_table | awk -v ports="$LAB_PORTS" -v hosts="$1" '
	BEGIN {
		n = split(ports, piece, ",")
		for (i = 1; i <= n; i++) {
			if (split(piece[i], end, "-") == 1)
				end[2] = end[1]
			for (p = end[1] + 0; p <= end[2] + 0; p++)
				all[p]
		}
	}
	$1 !~ hosts { next }
	$2 == "rest" {
		for (p in all)
			if (!(($1, p) in named))
				print $1, p, $3, $4, $5
		next
	}
	{
		n = split($2, port, ",")
		for (i = 1; i <= n; i++) {
			named[$1, port[i]]
			print $1, port[i], $3, $4, $5
		}
	}' | sort -V
}

# "address state reason name" with the usual pings; its reverse name or -.
truth_hosts() {
	cat <<-'END'
	10.91.1.10 up arp-response desk.lab.test
	10.91.1.11 up arp-response printer.lab.test
	10.91.1.12 down no-response -
	10.91.2.10 up echo-reply web1.lab.test
	10.91.2.11 up echo-reply fw.lab.test
	10.91.2.12 down no-response -
	10.91.2.13 up echo-reply reject.lab.test
	10.91.2.14 up echo-reply -
	10.91.2.15 up echo-reply edge.from.hosts
	10.91.2.16 down no-response -
	END
}

# www is called web1 by its reverse name; .14 has none; nowhere.lab.test does not exist; six has
# no IPv4 address.
forward_records() {
	cat <<-'END'
	ns A 10.91.3.53
	desk A 10.91.1.10
	printer A 10.91.1.11
	www A 10.91.2.10
	web1 A 10.91.2.10
	fw A 10.91.2.11
	silent A 10.91.2.12
	reject A 10.91.2.13
	slow A 10.91.2.14
	edge A 10.91.2.15
	moved A 10.91.2.13
	three A 10.91.2.10
	three A 10.91.2.11
	three A 10.91.2.13
	both A 10.91.2.10
	both AAAA 2001:db8::10
	six AAAA 2001:db8::6
	END
}

# Of 10.91.$1.0/24.  The hosts file knows better of .2.15.
reverse_records() {
	case $1 in
	1)	cat <<-'END'
		10 PTR desk.lab.test.
		11 PTR printer.lab.test.
		END
		;;
	2)	cat <<-'END'
		10 PTR web1.lab.test.
		11 PTR fw.lab.test.
		12 PTR silent.lab.test.
		13 PTR reject.lab.test.
		15 PTR edge.lab.test.
		END
		;;
	esac
}

# The scanner's /etc/hosts: it wins over the name server, for moved and for .2.15.
hosts_file() {
	cat <<-'END'
	127.0.0.1 localhost
	10.91.2.11 moved.lab.test
	10.91.2.15 edge.from.hosts
	END
}
