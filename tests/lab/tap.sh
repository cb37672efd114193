# tap.sh: what a test script says (TAP), and the parts of a log it compares.

failed=0

# ok WHAT COMMAND: the command succeeds.
ok() {
	what=$1; shift
	if "$@"; then
		echo "ok - $what"
	else
		echo "not ok - $what"
		failed=1
	fi
}

not() {
	! "$@"
}

skip() {
	echo "ok - $1 # SKIP $2"
}

skip_all() {
	skip "$(basename "$0")" "$1"
	exit 0
}

# same WHAT EXPECTED GOT: two texts are equal; the difference is shown.
same() {
	[ "$2" = "$3" ] || {
		printf '%s\n' "$2" >"$T/expected"
		printf '%s\n' "$3" >"$T/got"
		diff -u "$T/expected" "$T/got" | sed 's/^/# /'
	}
	ok "$1" test "$2" = "$3"
}

# has WHAT FILE REGEX...: each is there; else the file is shown.
has() {
	what=$1 file=$2; shift 2
	for regex; do
		grep -Eq -e "$regex" "$file" || {
			echo "# no line matches: $regex"
			sed 's/^/# /' "$file"
			ok "$what" false
			return
		}
	done
	ok "$what" true
}

hasnt() {
	grep -E -e "$3" "$2" | sed 's/^/# found: /'
	ok "$1" not grep -Eq -e "$3" "$2"
}

# From a -oG file, sorted: "address port state" and "address Up".
ports_of() {
	awk -F '\t' '/^Host: .*\tPorts: / {
		split($1, host, " ")
		sub(/^Ports: /, "", $2)
		n = split($2, entry, ", ")
		for (i = 1; i <= n; i++)
			if (split(entry[i], f, "/") > 1)
				print host[2], f[1], f[2]
	}' "$1" | sort -V
}

hosts_of() {
	awk '/^Host: .*Status: / { print $2, $NF }' "$1" | sort -V
}

# The port numbers in it, in the log's order: 22,80.
numbers_of() {
	awk -F 'Ports: ' '/Ports: / { print $2 }' "$1" | tr ',' '\n' |
	    sed -n 's|^ *\([0-9]*\)/.*|\1|p' | paste -sd, -
}

# How many ports were scanned in all, by a -oG file of one host.
total_of() {
	awk -F '\t' '/Ports: / {
		n = gsub(/[0-9]+\/(open|closed|filtered)\//, "&", $2)
		if (match($3, /\([0-9]+\)/))
			n += substr($3, RSTART + 1)
		print n
	}' "$1"
}

# From a -oN file with --reason: "address port state reason [from address]".
reasons_of() {
	awk '/^Nmap scan report for / { host = $NF; gsub(/[()]/, "", host) }
	    /^[0-9]+\/tcp / {
		split($1, port, "/")
		sub(/ ttl [0-9]+/, "")
		print host, port[1], $2, $4, ($5 == "from" ? $6 : "-")
	    }' "$1" | sort -V
}

# The addresses of the report lines of a -oN file, in the log's order.
reports_of() {
	sed -n 's/^Nmap scan report for //p' "$1" | sed 's/ \[host down.*//; s/.*(//; s/)$//'
}

# Printable ASCII and line ends only?
printable() {
	[ -z "$(LC_ALL=C tr -d '\n\040-\176' <"$1")" ]
}

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}

# The last line of a script: its exit status.
tap_done() {
	exit $failed
}
