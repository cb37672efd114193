#!/bin/sh
# test_fuzz.sh build: each fuzzer for a bounded number of runs, the same each time.
# `make fuzz` is what looks for more.
B=$1
out=$(mktemp -d) && trap 'rm -rf "$out"' EXIT || exit 1

for f in "$B"-fuzz/tests/fuzz/*/fuzz_*; do
	case $f in *.o|*.d) continue ;; esac
	if "$f" -runs=10000 -seed=1 -artifact_prefix="$out/" >"$out/log" 2>&1; then
		echo "ok - ${f##*/} finds nothing"
	else
		echo "not ok - ${f##*/} finds nothing"
		tail -n 20 "$out/log"
	fi
done
