#!/bin/sh
# lint.sh: what style the compiler does not see.  Each finding is a line, FILE:LINE: what.
#
# clang-format is not asked: no version of it can write our aligned declarations (a tab, then a
# space where a pointer's star would stand).
cd "$(dirname "$0")/.." || exit 1
T=$(mktemp -d) && trap 'rm -rf "$T"' EXIT || exit 1
rooms='common parent resolver prober logger tests'
# shellcheck disable=SC2086
{
	find $rooms -name '*.[ch]' | sort >"$T/c"
	grep -v '^tests/' "$T/c" >"$T/product"
	find $rooms .ci -name '*.sh' -o -path '.ci/*' -type f | sort >"$T/sh"
	{ cat "$T/c" "$T/sh"; find $rooms -name '*.awk'; echo GNUmakefile; } >"$T/all"
}

each() {
	while read -r file; do "$1" "$file"; done <"$2"
}

# Functions over 60 lines, from the line of the name to the closing brace.
long_functions() {
	ctags -f - --languages=C --c-kinds=f --excmd=number --fields=+e "$1" |
	    awk -F '\t' '{
		line = $3 + 0
		match($0, /end:[0-9]+/)
		end = substr($0, RSTART + 4, RLENGTH - 4)
		if (end - line + 1 > 60)
			print $2 ":" line ": " $1 "() has " end - line + 1 " lines"
	    }'
}

long_file() {
	lines=$(wc -l <"$1")
	[ "$lines" -le 500 ] || echo "$1:500: has $lines lines"
}

# A tab goes to the next multiple of 8; the backslash of a macro's line is not counted.
text() {
	expand "$1" | awk -v file="$1" '
	    { text = $0; sub(/ *\\$/, "", text) }
	    length(text) > 100 { print file ":" NR ": has " length(text) " columns" }'
	grep -nE '[[:space:]]$' "$1" | sed "s|^\([0-9]*\):.*|$1:\1: ends in white space|"
}

unsafe() {
	grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|system|popen)[[:space:]]*\(' "$1" |
	    sed "s|^\([0-9]*\):|$1:\1: not to be called: |"
}

shell() {
	sh -n "$1" 2>&1
}

{
	each long_functions "$T/c"
	each long_file "$T/c"
	each text "$T/all"
	each unsafe "$T/c"
	each shell "$T/sh"
	xargs cppcheck --quiet --language=c --std=c11 --enable=warning,performance,portability \
	    --inline-suppr --library=tests/cppcheck.cfg --template='{file}:{line}: {message} [{id}]' \
	    -D_GNU_SOURCE -D__x86_64__ -DVERSION='"0"' -Icommon -Iparent -Iresolver -Iprober \
	    -Ilogger <"$T/product" 2>&1
} >"$T/found"
cat "$T/found"
[ ! -s "$T/found" ]
