# scans.sh: the logs that the consumers read, and what a right reader understands of them.
#
# A listing is what everything is brought to, sorted:
#
#	host ADDRESS up|down NAME,...	its names, or -
#	port ADDRESS PORT STATE SERVICE

SCANS='whole resumed converted busy'
WHOLE="-v --reason -p $LAB_PORTS 10.91.1.10-12 www.lab.test 10.91.2.11-16"

# .2.12 answers pings here, and nothing else.
one_silent() {
	in_ns hosts nft insert rule ip lab in ip daddr 10.91.2.12 tcp dport 8443 drop
	in_ns hosts nft insert rule ip lab in ip daddr 10.91.2.12 icmp type echo-request accept
}

# stopped FORMAT LOG OTHERS...: a scan that is interrupted under way.
stopped() {
	# shellcheck disable=SC2086
	scan_bg $WHOLE --max-rate 60 "$@"
	wait_for 10 grep -qs '# postern: plan' "$2"
	sleep 1.3
	kill -INT "$SCAN"
	wait "$SCAN"
}

# All logs into a directory, once.
make_logs() {
	O=$1
	one_silent
	# shellcheck disable=SC2086
	scan $WHOLE -oA "$O/whole" >"$O/whole.out"
	ok "a scan into all formats: status 0" test $? -eq 0

	stopped -oN "$O/resumed.nmap" -oX "$O/stopped.xml" -oJ "$O/stopped.jsonl"
	ok "another is interrupted: status 75" test $? -eq 75
	scan --resume "$O/resumed.nmap" -oX "$O/resumed.xml" -oJ "$O/resumed.jsonl" >/dev/null
	ok "and resumed, from -oN: status 0" test $? -eq 0
	stopped -oG "$O/resumed.gnmap"
	scan --resume "$O/resumed.gnmap" >/dev/null
	ok "one into -oG likewise" test $? -eq 0

	scan --convert "$O/resumed.gnmap" -oN "$O/converted.nmap" -oG "$O/converted.gnmap" \
	    -oX "$O/converted.xml" -oJ "$O/converted.jsonl"
	ok "its log is rendered in all formats: status 0" test $? -eq 0

	scan -v -p 1-1000 --host-timeout 8s -oA "$O/busy" 10.91.1.10 www.lab.test \
	    10.91.2.11-15 >/dev/null 2>"$T/err"
	ok "a host is given up for its time: status 1" test $? -eq 1
	has "it was .2.14, which limits its RSTs" "$O/busy.nmap" '^Skipping host 10.91.2.14 '
	scan -n -p 22,80 -oN "$O/one.nmap" 10.91.1.10 >/dev/null
}

# What there is: the lab's truth, but for .2.12.
true_hosts() {
	cat <<-'END'
	host 10.91.1.10 up desk.lab.test
	host 10.91.1.11 up printer.lab.test
	host 10.91.1.12 down -
	host 10.91.2.10 up www.lab.test,web1.lab.test
	host 10.91.2.11 up moved.lab.test
	host 10.91.2.12 up silent.lab.test
	host 10.91.2.13 up reject.lab.test
	host 10.91.2.14 up -
	host 10.91.2.15 up edge.from.hosts
	host 10.91.2.16 down -
	END
}

true_ports() {
	truth '^10.91.(1.1[01]|2.1[0-5])$' | sed 's/^\(10.91.2.12 8443\) open/\1 filtered/' |
	    awk 'FNR == NR { if ($2 == "tcp") name[$1] = $3; next }
		{ print "port", $1, $2, $3, ($2 in name ? name[$2] : "unknown") }' \
		common/data/services.tsv -
}

# The listing of a scan.  Where all ports below 1001 are scanned, those that are not open are
# only counted.
expected() {
	case $1 in
	busy)	true_hosts | grep -v -e 10.91.1.11 -e down
		true_ports | awk '$3 <= 1000 && $4 == "open"' ;;
	*)	true_hosts; true_ports ;;
	esac
}
