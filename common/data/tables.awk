# The tables of services.h from services.tsv and port-ranks.tsv, as C.
# usage: awk -f tables.awk services.tsv port-ranks.tsv
BEGIN {
	FS = "\t"
	number["tcp"] = 6; number["udp"] = 17; number["sctp"] = 132
}
/^#/ { next }
FILENAME ~ /services/ && ($2 in number) && $3 ~ /^[A-Za-z0-9_.+\/*-]+$/ && !(($1, $2) in seen) {
	seen[$1, $2] = 1
	row[sprintf("%03d%05d", number[$2], $1)] = \
	    sprintf("\t{ %d, %d, \"%s\" },", $1, number[$2], $3)
}
FILENAME ~ /ranks/ && $1 == "tcp" { rank[$2] = $3; if ($2 > ranks) ranks = $2 }
END {
	print "#include \"services.h\"\n\nconst struct service services[] = {"
	for (proto = 0; proto < 256; proto++)
		for (port = 0; port < 65536; port++) {
			key = sprintf("%03d%05d", proto, port)
			if (key in row) { print row[key]; n++ }
			if (!(proto == 6 || proto == 17 || proto == 132)) break
		}
	print "};\nconst size_t nservices = " n ";\n\nconst uint16_t tcp_ranks[] = {"
	for (i = 1; i <= ranks; i++)
		print "\t" rank[i] ","
	print "};\nconst size_t ntcp_ranks = " ranks ";"
}
