#!/bin/sh
# Name servers that lie, break, dawdle and die: what a scan makes of them, whom it asks, and
# from where.  What each question brings about is in nameserver.py; -sL asks for names and
# sends nothing else.
. tests/lab/lab.sh
lab_up "$1"
is_nmap && skip_all "nmap asks in its own way"
S=10.91.3.53 S6=fd00:91:3::53

# The lab over IPv6 as well, as far as the name server; and an address for lies.
ip -n "$LAB-scanner" addr add fd00:91:1::1/64 dev eth0 nodad
ip -n "$LAB-router" addr add fd00:91:1::fe/64 dev br0 nodad
ip -n "$LAB-router" addr add fd00:91:3::fe/64 dev names nodad
ip -n "$LAB-names" addr add "$S6/64" dev eth0 nodad
ip -n "$LAB-scanner" -6 route add default via fd00:91:1::fe
ip -n "$LAB-names" -6 route add default via fd00:91:3::fe
in_ns router sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
address names eth0 10.91.3.55

# Ports: 1 does as asked, and so do 2 and 12 to 14, of which each has one run's queries.
in_ns names /usr/bin/python3 tests/lab/nameserver.py --elsewhere 10.91.3.55 "$T/asked" \
    $S@5301 $S@5302 $S@5303,rcode=2 $S@5304,rcode=5 $S@5305,rcode=1 $S@5306,rcode=4 \
    $S@5307,limit=200 $S@5308,loss $S@5309,mute $S@5310,late=10 $S@5311,notcp \
    $S@5312 $S@5313 $S@5314 $S6@53 $S6@5301 2>"$T/server.err" &
wait_for 10 test -e "$T/asked" || { sed 's/^/# /' "$T/server.err"; ok "the servers run" false; }
/usr/bin/python3 tests/lab/nameserver.py --table >"$T/table"

# run LABEL ARGS: a scan that may take half a minute; its logs are LABEL.nmap and so on.
run() {
	label=$1 begun=$(now_ms); shift
	in_ns scanner timeout -k 5 30 "$SCANNER" -oA "$T/$label" "$@" >"$T/$label.out" \
	    2>"$T/$label.err" </dev/null
	echo $? >"$T/$label.status"
	echo $(($(now_ms) - begun)) >"$T/$label.ms"
}

run_bg() {
	run "$@" &
	runs="$runs $!"
}

# ask LABEL SERVERS TARGETS: names alone.
ask() {
	label=$1 servers=$2; shift 2
	run "$label" -sL --dns-servers "$servers" "$@"
}

ask_bg() {
	ask "$@" &
	runs="$runs $!"
}

ended() {
	same "$1: status $3" "$3" "$(cat "$T/$2.status")"
}

within() {
	ok "$1: less than $3 ms ($(cat "$T/$2.ms"))" test "$(cat "$T/$2.ms")" -lt "$3"
}

# "address result name" of the hosts of a log.
facts_of() {
	awk '/^# postern: host / { print $4, $(NF - 3), $(NF - 2) }' "$T/$1.nmap"
}

# "name found address" of the names of a log, or "name result".
names_of() {
	awk '/^# postern: host / { print $5, "found", $4 }' "$T/$1.nmap"
	sed -n 's/^# Failed to resolve "\([^"]*\)": /\1 /p' "$T/$1.nmap" |
	    sed 's/no such name$/not-found/; s/the name server failed$/server-failed/
		s/refused by the name server$/refused/; s/timed out$/timed-out/
		s/not a host name$/bad-name/; s/no name server$/no-server/'
}

# all_named WHAT LABEL COUNT: so many addresses are there, and each has its name.
all_named() {
	same "$1" "$3 named, 0 not" "$(facts_of "$2" | awk '
	    { want = $1; gsub(/\./, "-", want) }
	    $2 == "found" && $3 == "n" want ".good.test" { named++; next }
	    { other++ }
	    END { print named + 0 " named, " other + 0 " not" }')"
}

# judge KINDS WHAT: each row of the table of those kinds, against "key result value" in
# $T/got; expected() says its key and a pattern of the value when it is found.
judge() {
	while read -r number word kind results; do
		case $kind in [$1]) ;; *) continue ;; esac
		expected "$number" "$word"
		got=$(awk -v key="$key" '$1 == key { print $2, $3 }' "$T/got")
		verdict=false
		case /$results/ in */${got%% *}/*) verdict=true ;; esac
		# shellcheck disable=SC2254
		case $got in
		"found "$value) ;;
		found*) verdict=false ;;
		esac
		[ $verdict = true ] || echo "# $key: $got, not $results ($value)"
		ok "$2: $word: $results" $verdict
	done <"$T/table"
}

# clean WHAT LABEL: nothing of a lie, and nothing that is not printable, in all it wrote.
clean() {
	ok "$1: no lie is believed" \
	    not grep -q -e forged -e '10\.66\.66\.66' "$T/$2.nmap" "$T/$2.gnmap" "$T/$2.xml" \
	    "$T/$2.jsonl" "$T/$2.out" "$T/$2.err"
	# A grepable log has tabs of its own; that none came with a name is seen by the ports.
	tr -d '\t' <"$T/$2.gnmap" >"$T/$2.untabbed"
	for suffix in nmap untabbed xml jsonl out err; do
		printable "$T/$2.$suffix" || echo "$suffix"
	done >"$T/unprintable"
	same "$1: every log is printable" "" "$(cat "$T/unprintable")"
	hasnt "$1: no port came out of a name" "$T/$2.gnmap" '[0-9]/open/'
	ok "$1: the JSON and the XML can be read" /usr/bin/python3 -c '
import json, sys, xml.etree.ElementTree
for line in open(sys.argv[1] + ".jsonl"):
    json.loads(line)
xml.etree.ElementTree.parse(sys.argv[1] + ".xml")' "$T/$2"
}

# What goes out of the scanner over TCP and UDP: to the servers that runs are given, or not.
in_ns scanner nft -f - <<-END
	table inet watch {
		counter servers { }
		counter others { }
		chain out {
			type filter hook output priority 0;
			meta l4proto != { tcp, udp } return
			ip daddr 10.91.1.10 tcp dport 1-120 return
			ip daddr $S th dport { 5301-5314, 5399 } counter name servers return
			ip daddr 10.91.3.54 th dport 53 counter name servers return
			ip6 daddr $S6 th dport { 53, 5301 } counter name servers return
			counter name others
		}
	}
END
sent() {
	in_ns scanner nft "$1" counters table inet watch | tr '\n' ' ' |
	    sed -n "s/.*counter $2 {[^}]*packets \([0-9]*\).*/\1/p"
}
in_ns scanner /usr/bin/python3 - $S <<-'END'
	import socket, sys
	udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	tcp = socket.socket()
	udp.sendto(b"x", (sys.argv[1], 53))
	tcp.setblocking(False)
	tcp.connect_ex(("10.91.2.10", 53))
END
same "a query and a connection to others are counted (control)" 2 "$(sent reset others)"

# All at once, as most of it is waiting.
runs=
words=$(awk '$3 ~ /[fb]/ { printf " %s.dns.test", $2 }' "$T/table")
ask_bg reverse $S:5301 10.91.9.1-99
# shellcheck disable=SC2086
ask_bg forward $S:5301 -n $words
run_bg late --dns-servers $S:5310 --max-rate 10 -p 1-120 10.91.1.10
ask_bg mute $S:5309 10.91.21.0/28 good.dns.test
ask_bg dead 10.91.3.54,$S:5302 10.91.21.0/28 good.dns.test
ask_bg limit $S:5307 10.91.24.0/23
for pid in $runs; do wait "$pid"; done

ended "hostile answers, reverse" reverse 0
within "hostile answers, reverse" reverse 15000
facts_of reverse >"$T/got"
same "each address is there once" 99 "$(cut -d' ' -f1 "$T/got" | sort -u | wc -l)"
expected() {
	key=10.91.9.$1 value="n10-91-9-$1.good.test*"
	[ "$2" != longest ] ||
	    value=$(printf 'l%.0s' $(seq 63)).$(printf 'o%.0s' $(seq 63)).$(
		printf 'n%.0s' $(seq 63)).$(printf 'g%.0s' $(seq 61))
}
judge pb "reverse"
clean "hostile answers, reverse" reverse

ended "hostile answers, forward" forward 1
within "hostile answers, forward" forward 15000
names_of forward >"$T/got"
expected() {
	key=$2.dns.test value=10.91.9.$1
	case $2 in forty|partial) value="10.91.9.2[0-3][0-9]" ;; esac
}
judge fb "forward"
clean "hostile answers, forward" forward
same "each name that fails has one line" "$(grep -c '^# Failed' "$T/forward.nmap")" \
    "$(grep -c 'failed to resolve "' "$T/forward.err")"

ended "an answer after the deadline" late 0
same "an answer after the deadline is none" "10.91.1.10 timed-out ." "$(facts_of late)"
same "and the ports are scanned" 120 "$(total_of "$T/late.gnmap")"
ended "a server that never answers" mute 1
within "a server that never answers" mute 15000
same "it gives no names" 16 "$(facts_of mute | grep -c ' timed-out \.$')"
ended "the first of two is dead" dead 0
within "the first of two is dead" dead 8000
same "the first of two is dead: the name" "good.dns.test found 10.91.9.1" \
    "$(names_of dead | grep '^good')"
same "the first of two is dead: the addresses" 16 \
    "$(facts_of dead | grep -c '^10\.91\.21\..* found ')"
all_named "200 queries a second and no more: 512 names, none missing" limit 512
ended "200 queries a second" limit 0
within "200 queries a second" limit 8000

# How the first of two servers may fail; the second knows.
for how in 5303:SERVFAIL 5304:REFUSED 5305:FORMERR 5306:NOTIMP 5399:closed; do
	ask two $S:${how%:*},$S:5302 10.91.21.0/29
	all_named "the first says ${how#*:}: the second is asked" two 8
	ended "the first says ${how#*:}" two 0
	rm -f "$T"/two.*
done
ask loss $S:5308 10.91.32.0/22
all_named "one query of ten is lost: 1,024 names, none missing" loss 1024

ask liar $S:5301 10.91.9.103 liar.dns.test
same "a lie that has all right is believed (control)" "10.66.66.66 found n10-66-66-66.good.test
10.91.9.103 found forged.test" "$(facts_of liar | sort)"

ask flood $S:5301 10.91.9.100 flood.dns.test
ended "1,000 lies before each answer" flood 0
same "1,000 lies before each answer: the truth" "10.91.9.100 found n10-91-9-100.good.test
10.91.9.100 found n10-91-9-100.good.test" "$(facts_of flood)"
clean "1,000 lies" flood

ask notcp $S:5311 10.91.9.80 10.91.9.1
ended "cut off, and no connection can be made" notcp 0
same "cut off, and no connection can be made: other names are found" \
    "10.91.9.1 found n10-91-9-1.good.test" "$(facts_of notcp | grep ' found ')"

ask six "[$S6]:5301" 10.91.9.1 10.91.9.80 tcp.dns.test
same "a server over IPv6, and its port; UDP and TCP" "10.91.9.1 found n10-91-9-1.good.test
10.91.9.80 found n10-91-9-80.good.test
10.91.9.80 found n10-91-9-80.good.test" "$(facts_of six | sort)"
ask six53 $S6 10.91.22.0/30
all_named "a server over IPv6, as a bare address" six53 4

# Several addresses.
ask several $S:5301 -n many.dns.test v4v6.dns.test forty.dns.test
has "one of three addresses" "$T/several.nmap" \
    '^Nmap scan report for many\.dns\.test \(10\.91\.9\.10[234]\)$' \
    '^Other addresses for many\.dns\.test \(not scanned\): 10\.91\.9\.10[234] 10\.91\.9\.10[234]$'
has "a name with an IPv4 and an IPv6 address" "$T/several.nmap" \
    '^Nmap scan report for v4v6\.dns\.test \(10\.91\.9\.101\)$'
same "forty addresses that need TCP" 40 \
    "$(grep 'forty\.dns\.test' "$T/several.nmap" | grep -v '^#' | grep -o '10\.91\.9\.2[0-3][0-9]' |
	sort -u | wc -l)"
ask all $S:5301 -n --resolve-all many.dns.test forty.dns.test
ended "--resolve-all" all 0
same "--resolve-all: all of three, and all of forty" "3 40" \
    "$(facts_of all | grep -c '10\.91\.9\.10[234] ') $(facts_of all | grep -c '10\.91\.9\.2')"

# Nobody can guess what a query looks like: numbers and ports of two runs, and of one.
# notes PORT FIELD: that field of each query that a server had over UDP, in order.
notes() {
	awk -v at="$S@$1" -v field="$2" '$3 == at && $2 != "tcp" { print $field }' "$T/asked"
}
# both FILE FILE: how many lines of the second are in the first.
both() {
	awk 'NR == FNR { seen[$0]; next } $0 in seen { n++ } END { print n + 0 }' "$1" "$2"
}
ask once $S:5312 10.91.21.0/26
ask again $S:5313 10.91.21.0/26
all_named "64 names" once 64
for field in 1 2; do
	notes 5312 $field | sort -u >"$T/once.$field"
	notes 5313 $field | sort -u >"$T/again.$field"
done
same "both had 64 questions (control)" "64 64" \
    "$(notes 5312 4 | sort -u | wc -l) $(notes 5313 4 | sort -u | wc -l)"
n=$(both "$T/once.2" "$T/again.2")
ok "two runs: other numbers ($n in both)" test "$n" -lt 8
n=$(both "$T/once.1" "$T/again.1")
ok "two runs: other ports ($n in both)" test "$n" -lt 4

ask ports $S:5314 10.91.64.0-255 10.91.65-82.0-255 10.91.83.0-135
all_named "5,000 names" ports 5000
n=$(notes 5314 2 | sort -u | wc -l)
ok "their numbers are random ($n different ones)" test "$n" -gt 4600
n=$(notes 5314 2 | awk 'NR > 1 && $1 == (last + 1) % 65536 { n++ }
    { last = $1 }
    END { print n + 0 }')
ok "and do not count upwards ($n do)" test "$n" -lt 10
n=$(notes 5314 1 | sort -u | wc -l)
ok "they come from many ports ($n)" test "$n" -ge 16
notes 5314 1 | head -n 500 | sort -u >"$T/first"
notes 5314 1 | tail -n 500 | sort -u >"$T/last"
n=$(both "$T/first" "$T/last")
ok "which change within the run ($n of $(wc -l <"$T/first") are of the first 500 and the last)" \
    test $((4 * n)) -lt "$(wc -l <"$T/first")"

ok "the servers' own packets were counted (control)" test "$(sent list servers)" -ge 5000
same "and nothing went to anybody else" 0 "$(sent list others)"
same "the servers are well" "" "$(cat "$T/server.err")"
. tests/lab/real_names.sh
tap_done
