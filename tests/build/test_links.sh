#!/bin/sh
# Who links what, how the programs are hardened, and that clang builds them without a warning.
B=$1
failed=0
T=$(mktemp -d) && trap 'rm -rf "$T"' EXIT || exit 1
unset MAKEFLAGS MAKELEVEL MFLAGS

ok() {
	what=$1; shift
	if "$@"; then echo "ok - $what"; else echo "not ok - $what"; failed=1; fi
}

program() {
	case $1 in
	parent)	echo "$B/sbin/postern" ;;
	*)	echo "$B/libexec/postern/$1" ;;
	esac
}

# The programs that need a library.
users_of() {
	for p in parent resolver prober logger; do
		readelf -dW "$(program $p)" | grep -q "NEEDED.*\[$1\.so" && echo $p
	done | paste -sd' ' -
}

same() {
	[ "$2" = "$3" ] || echo "# expected: $2; got: $3"
	ok "$1" test "$2" = "$3"
}
same "the prober alone links libpcap" prober "$(users_of libpcap)"
same "the resolver alone links c-ares" resolver "$(users_of libcares)"
same "each links libseccomp" "parent resolver prober logger" "$(users_of libseccomp)"
allowed='lib(c|m|pcap|cares|seccomp|cap-ng|gcc_s)|ld-linux.*'
others=$(for p in parent resolver prober logger; do readelf -dW "$(program $p)"; done |
    sed -n 's/.*NEEDED.*\[\(.*\)\.so.*/\1/p' | grep -Exv "$allowed" | sort -u | paste -sd' ' -)
same "and there are no other libraries" "" "$others"

for p in parent resolver prober logger; do
	f=$(program $p)
	readelf -hldsW "$f" >"$T/elf"
	ok "$p is position independent" grep -Eq 'Type: +DYN' "$T/elf"
	ok "$p binds all symbols at start" grep -Eq 'FLAGS(_1)?\).*\bNOW' "$T/elf"
	ok "$p has read-only relocations" grep -q 'GNU_RELRO' "$T/elf"
	ok "$p has no executable stack" grep -Eq 'GNU_STACK.* RW +0x' "$T/elf"
	ok "$p has no segment to write and execute" sh -c "! grep -Eq '^ +LOAD.* RWE ' '$T/elf'"
	ok "$p has stack canaries" grep -q '__stack_chk_fail' "$T/elf"
	ok "$p has no path of the builder in it" sh -c "! grep -qF '$PWD/' '$f'"
done

if command -v clang >/dev/null; then
	make -s CC=clang B="$T/clang" all >"$T/log" 2>&1
	status=$?
	sed 's/^/# /' "$T/log" | grep -E 'warning|error'
	ok "clang builds all of it" test $status -eq 0
	ok "without a warning" sh -c "! grep -q 'warning:' '$T/log'"
else
	echo "ok - clang builds all of it # SKIP no clang"
fi
exit $failed
