# readers.sh: each consumer as a command that reads a log and prints a listing (scans.sh).
#
# What a consumer does not say of a host or a port, its filter takes out of the truth too.

PYTHON=/usr/bin/python3		# Debian's, where its packages are

# Without a network, and without a home of its own.
sealed() {
	(cd "$T" && HOME=$T exec unshare -n "$@")
}

# there PROGRAM|FILE|LANGUAGE:MODULE: is it installed?
there() {
	case $1 in
	python:*)	$PYTHON -c "import ${1#*:}" 2>/dev/null ;;
	perl:*)		perl "-M${1#*:}" -e 1 2>/dev/null ;;
	node:*)		[ -d "$B/tests/consumers/node_modules/${1#*:}" ] ;;
	ansible:*)	HOME=$T ansible-doc -t inventory community.general.nmap >/dev/null 2>&1 ;;
	*)		command -v "$1" >/dev/null || [ -e "$1" ] ;;
	esac
}

HERE=$PWD/tests/consumers

valid() {
	xmllint --noout --nonet --dtdvalid /usr/share/nmap/nmap.dtd "$1"
}

# The page's heading of a host has its address and names; a line of a table is eight cells.
read_page() {
	xsltproc --nonet --novalid /usr/share/nmap/nmap.xsl "$1" >"$T/page.html" &&
	    xmllint --html --noout "$T/page.html" 2>/dev/null
	sed -n -E 's#^.*<h2 class="(up|down)">([0-9.]*)( / )?([^<]*)<.*#host \2 \1 \4#p
	    s#^<tr class="[a-z]*">$#row#p; s#^<td>(.*)</td>$#\1#p' "$T/page.html" |
	    LC_ALL=C tr '\240\302' '  ' |
	    awk '$1 == "host" { host = $2; print $1, $2, $3, ($4 == "" ? "-" : $NF) }
		$1 == "row" { cell = 0; next }
		{ c[++cell] = $1 }
		cell == 4 && c[2] == "tcp" { print "port", host, c[1], c[3], c[4] }'
}
# Hosts that are down have no heading of that kind in it.
first_up() { first_names | grep -v ' down '; }

# Two logs of the same hosts are the same; a port that changed is what differs.
test_ndiff() {
	for scan in resumed converted; do
		sealed ndiff "$O/whole.xml" "$O/$scan.xml" >"$T/diff"
		same "ndiff: whole and $scan scan are the same" "0 " \
		    "$? $(grep '^[-+]' "$T/diff" | grep -v '^.Nmap')"
	done
	sed '/portid="8080"/ s/state="open"/state="closed"/' "$O/whole.xml" >"$T/changed.xml"
	sealed ndiff "$O/whole.xml" "$T/changed.xml" >"$T/diff"
	same "ndiff: a port that changed is told, with its host" "1
(10.91.2.10):
-8080/tcp open   http-alt
+8080/tcp closed http-alt" "$?
$(grep -v '^.Nmap' "$T/diff" | grep -o -e '(10.91.*' -e '.*8080.*')"
}

read_libnmap() { sealed $PYTHON "$HERE/read.py" libnmap "$1"; }
read_nmap() { sealed $PYTHON "$HERE/read.py" nmap "$1"; }

# Version, hosts up, down and in all, and how it ended.
libnmap_summary() {
	sealed $PYTHON "$HERE/read.py" summary "$1" >"$T/summary"
	grep -Eqx "$2" "$T/summary" || { sed 's/^/# /' "$T/summary"; false; }
}

read_perl() {
	# shellcheck disable=SC2016
	sealed perl -MNmap::Parser -e '
	my $p = Nmap::Parser->new;
	$p->parsefile($ARGV[0]);
	for my $h ($p->all_hosts) {
		printf "host %s %s %s\n", $h->addr, $h->status,
		    join(",", grep { length } $h->all_hostnames) || "-";
		printf "port %s %d %s %s\n", $h->addr, $_, $h->tcp_port_state($_),
		    $h->tcp_service($_)->name for $h->tcp_ports;
	}' "$1"
}

read_xmlstarlet() {
	sealed xmlstarlet sel -T -t -m '//host' -o 'host ' -v 'address[@addrtype="ipv4"]/@addr' \
	    -o ' ' -v 'status/@state' -o ' ' -i 'not(hostnames/hostname)' -o - -b \
	    -m 'hostnames/hostname' -i 'position() > 1' -o , -b -v @name -b -n "$1"
	sealed xmlstarlet sel -T -t -m '//port' -o 'port ' \
	    -v '../../address[@addrtype="ipv4"]/@addr' -o ' ' -v @portid -o ' ' \
	    -v state/@state -o ' ' -v service/@name -n "$1"
}

# One child is an object in it, several are an array, none is no member.
read_jc() {
	sealed jc --xml <"$1" | jq -r '
	def list: if . == null then [] elif type == "array" then . else [.] end;
	.nmaprun.host | list[] | (.address | list[0]."@addr") as $a |
	"host \($a) \(.status."@state") \([.hostnames | objects | .hostname | list[]."@name"] |
	    if . == [] then "-" else join(",") end)",
	(.ports | objects | .port | list[] |
	    "port \($a) \(."@portid") \(.state."@state") \(.service."@name")")'
}

by_node() {
	reader=$1; shift
	NODE_PATH=$B/tests/consumers/node_modules sealed node "$HERE/$reader.js" "$@"
}
read_fast_xml() { by_node read fast-xml "$1"; }
read_node_nmap() { by_node read node-nmap "$1"; }
# It knows of a host its first name only, of its ports the open ones, and not if it is up.
node_nmap() { first_names | awk '$1 == "host" { $3 = "?"; print } $4 == "open"'; }

read_json() { by_node read json "$1" "$HERE/../../logger/postern.schema.json"; }
valid_json() { read_json "$1" >"$T/listing"; }

# Each profile of its for each port that is listed: the ports are what we compare.
read_changeme() {
	sealed changeme --dryrun --noversion --all --fresh "$1" |
	    sed -n 's|^[a-z_+]*://\([0-9.]*\):\([0-9]*\)$|\1 \2|p' | sort -u
}
any_port() { awk '$1 == "port" { print $2, $3; next } NF == 2'; }

read_ncrack_xml() { list_ncrack -iX "$1"; }
read_ncrack_normal() { list_ncrack -iN "$1"; }
list_ncrack() {
	sealed ncrack "$1" "$2" -sL 2>&1 | awk '/^Host: / { host = $2 }
	    /^  [a-z]/ { split($1, s, ":"); print "port", host, s[2], "open", s[1] }'
}
# The services that it knows.
crackable() { open | grep -E ' (ssh|http|https)$'; }

read_brutespray() { sealed $PYTHON "$HERE/read.py" brutespray "$1"; }
shells() { open | grep ' ssh$'; }

# Without a network all that it can do is say whom it would ask.
read_testssl() {
	sealed testssl -q --warnings off --color 0 -n none --connect-timeout 1 \
	    --openssl-timeout 1 --mode serial -p --file "$1" 2>&1 </dev/null |
	    sed -n 's|^/.*testssl.* \([0-9.]*\):\([0-9]*\)$|port \1 \2 open https|p'
}
tls() { open | grep https; }

read_grepable() {
	awk -F '\t' '{ split($1, h, "[ ()]+") }
	    /^Host: .*Status: (Up|Down)/ {
		print "host", h[2], tolower(substr($2, 9)), (h[3] == "" ? "-" : h[3])
	    }
	    /^Host: .*Ports: / {
		n = split(substr($2, 8), entry, ", ")
		for (i = 1; i <= n; i++)
			if (split(entry[i], p, "/") > 1)
				print "port", h[2], p[1], p[2], p[5]
	    }' "$1"
}
read_open() { awk '/open/ { print "port", $2, 0, "open" }' "$1"; }
read_up() { awk '/Up$/ { print "host", $2, "up" }' "$1"; }
up_addresses() { awk '$1 == "host" && $3 == "up" { print $2 }'; }

# The plugin runs what it takes for nmap, and reads that.
read_ansible() {
	mkdir -p "$T/shim"
	printf '#!/bin/sh\ncat "$NMAP_TEXT"\n' >"$T/shim/nmap"
	chmod 755 "$T/shim/nmap"
	printf 'plugin: community.general.nmap\naddress: 127.0.0.5\nports: true\n' \
	    >"$T/lab.nmap.yml"
	PATH=$T/shim:$PATH NMAP_TEXT=$1 sealed ansible-inventory -i "$T/lab.nmap.yml" --list |
	    jq -r '._meta.hostvars[] | .ip as $a |
		"host \($a) ? \(if .name == $a then "-" else .name end)",
		(.ports // [] | .[] | "port \($a) \(.port) \(.state) \(.service)")'
}
# It takes one name, a service up to its first hyphen, and does not say who is up.
short_services() {
	first_names | awk '$1 == "host" { $3 = "?" } $1 == "port" { sub(/-.*/, "", $5) } { print }'
}

read_normal() {
	awk '/^Nmap scan report for / { host = $NF; gsub(/[()]/, "", host) }
	    /^[0-9]+\/tcp +open / { print "port", host, $1 + 0, "open", $3 }' "$1"
}
# A port without "ttl" behind its reason is no port to it.
read_csv() {
	awk '/^Nmap scan report for / { host = $NF; gsub(/[()]/, "", host) }
	    /^[0-9]+\/tcp +open +[^ ]+ +[^ ]+ ttl [0-9]+/ {
		print "port", host, $1 + 0, "open", $3 }' "$1"
}
