#!/bin/sh
# Programs of others read our logs: what they understood of a scan, against what there is.
#
# None of them can send a packet: each runs in a network namespace without any link.
. tests/lab/lab.sh
. tests/consumers/scans.sh
. tests/consumers/readers.sh
lab_up "$1"
is_nmap && skip_all "they were made for nmap"
mkdir -m 755 "$T/logs"
make_logs "$T/logs"

all() { cat; }
open() { awk '$1 == "port" && $4 == "open" { print $2, $3, $5 }'; }
addresses() { open | cut -d' ' -f1 | sort -u; }
first_names() { sed '/^host/ s/,.*//'; }
last_names() { sed '/^host/ s/ [^ ]*,/ /'; }

# without PROGRAM...: one of them is missing; that is said, with what is not tested.
without() {
	what=$1; shift
	for needed; do
		there "$needed" || { skip "$what" "no $needed"; return 0; }
	done
	return 1
}

# understood WHAT FILTER TYPE READER: its listing of each scan's log is ours, by that filter.
understood() {
	for scan in $SCANS; do
		agrees "$1: the $scan scan" "$2" "$scan" "$3" "$4"
	done
}

# agrees WHAT FILTER SCAN TYPE READER
agrees() {
	same "$1" "$(expected "$3" | $2 | sort -V)" \
	    "$("$5" "$O/$3.$4" 2>"$T/err" | $2 | sort -V)"
	sed 's/^/# /' "$T/err"
}

# Readers of XML.
without "xmllint, nmap's DTD" xmllint /usr/share/nmap/nmap.dtd || {
	for scan in $SCANS stopped; do
		ok "xmllint: $scan.xml is valid by nmap's DTD" valid "$O/$scan.xml"
	done
	sed 's/ version="7.93"//' "$O/whole.xml" >"$T/bad.xml"
	ok "xmllint: and without an attribute it is not" not valid "$T/bad.xml" 2>"$T/err"
}
without "xsltproc, nmap's XSL" xsltproc /usr/share/nmap/nmap.xsl ||
    understood "nmap's page by xsltproc" first_up xml read_page
without "ndiff" ndiff || test_ndiff
without "python3-libnmap" python:libnmap || {
	understood "python3-libnmap" all xml read_libnmap
	ok "python3-libnmap: its summary" \
	    libnmap_summary "$O/whole.xml" "7.93 8 2 10 Nmap done at .*"
	ok "python3-libnmap: and of a stopped scan" \
	    libnmap_summary "$O/stopped.xml" "7.93 .* postern stopped at .*"
}
without "python3-nmap" python:nmap || understood "python3-nmap" all xml read_nmap
without "Nmap::Parser" perl:Nmap::Parser || understood "Nmap::Parser" all xml read_perl
without "xmlstarlet" xmlstarlet || understood "xmlstarlet" all xml read_xmlstarlet
without "jc and jq" jc jq || understood "jc and jq" all xml read_jc
without "fast-xml-parser" node node:fast-xml-parser ||
    understood "fast-xml-parser" all xml read_fast_xml
without "node-nmap" node node:node-nmap || understood "node-nmap" node_nmap xml read_node_nmap
without "changeme" changeme || understood "changeme" any_port xml read_changeme
without "ncrack -iX" ncrack || understood "ncrack -iX" crackable xml read_ncrack_xml
without "brutespray, XML" brutespray || understood "brutespray, XML" shells xml read_brutespray

# Of the grepable format.
without "brutespray, grepable" brutespray ||
    understood "brutespray, grepable" shells gnmap read_brutespray
without "testssl.sh" testssl || {
	agrees "testssl.sh: the whole scan" tls whole gnmap read_testssl
	agrees "testssl.sh: the converted log" tls converted gnmap read_testssl
}
understood "awk, fields between tabs" last_names gnmap read_grepable
understood "awk '/open/{print \$2}'" addresses gnmap read_open
understood "awk '/Up\$/{print \$2}'" up_addresses gnmap read_up

# Of the normal format.
without "ncrack -iN" ncrack || {
	same "ncrack -iN: a host and its first port, all that it finds in nmap's own log" \
	    "10.91.1.10 22 ssh" "$(read_ncrack_normal "$O/one.nmap" | crackable)"
}
without "Ansible's inventory" ansible-inventory jq ansible:community.general ||
    understood "Ansible's inventory" short_services nmap read_ansible
understood "lines of -oN" open nmap read_normal
for scan in whole resumed converted; do
	agrees "nmaptocsv's expression of a port with its reason: $scan" open "$scan" nmap \
	    read_csv
done

# Of JSON lines.
without "ajv" node node:ajv node:ajv-formats || {
	understood "JSON lines, valid by our schema (ajv)" all jsonl read_json
	ok "ajv: and of a stopped scan" valid_json "$O/stopped.jsonl"
	for wrong in 's/"ip":/"pi":/' 's/"open"/"ajar"/' 's/"port":22,/"port":"22",/' \
	    's/"time":"2/"time":"x/'; do
		sed "$wrong" "$O/whole.jsonl" >"$T/wrong.jsonl"
		ok "ajv: after $wrong it is not" not valid_json "$T/wrong.jsonl" 2>"$T/err"
	done
}
tap_done
