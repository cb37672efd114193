#!/bin/sh
# run.sh build: run every test there is and count what they say in TAP.
#
# A test is a program or script that prints "ok - what", "not ok - what" or
# "ok - what # SKIP why".  One that ends badly without a "not ok", or says nothing, failed.
B=$1
passed=0 failed=0 skipped=0
out=$(mktemp -d) && trap 'rm -rf "$out"' EXIT

try() {
	name=$1; shift
	log=$out/log
	timeout -k 10 "${TEST_TIMEOUT:-600}" "$@" >"$log" 2>&1 </dev/null
	status=$?
	p=$(grep -c '^ok ' "$log")
	f=$(grep -c '^not ok ' "$log")
	s=$(grep -c '^ok .*# SKIP' "$log")
	[ "$f" -gt 0 ] || { [ $status -eq 0 ] && [ "$p" -gt 0 ]; } || f=1
	passed=$((passed + p - s)); failed=$((failed + f)); skipped=$((skipped + s))
	printf '%-40s %3d passed %3d failed %3d skipped\n' "$name" $((p - s)) "$f" "$s"
	grep '^ok .*# SKIP' "$log" | sed 's/^ok - /  skipped: /'
	[ "$f" -eq 0 ] || sed 's/^/  | /' "$log"
}

for t in "$B"/tests/unit/*/test_*; do
	case $t in *.o|*.d) continue ;; esac
	try "${t#"$B"/tests/}" "$t"
	try "sanitized ${t#"$B"/tests/unit/}" "$B-san/${t#"$B"/}"
done
for t in tests/build/*.sh tests/fuzz/*.sh tests/attacks/*.sh tests/lab/test_*.sh \
    tests/sim/test_*.sh tests/consumers/test_*.sh; do
	[ -e "$t" ] && try "${t#tests/}" sh "$t" "$B"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
