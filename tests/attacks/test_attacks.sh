#!/bin/sh
# test_attacks.sh build: every act of an attacker (attack.h), in every role, behind its seal.
#
# A refusal counts only when the same act works without the seal: where this machine refuses
# it even to root, the act is skipped and the reason said.
B=$1
[ "$(id -u)" = 0 ] || { echo "ok - attacks # SKIP needs root"; exit 0; }
bad=0

# The process in front is built with the parent.
attack() {
	role=$1; shift
	case $role in
	front)	"$B/tests/attacks/attack_parent" front "$@" 2>&1 ;;
	*)	"$B/tests/attacks/attack_$role" "$@" 2>&1 ;;
	esac
}

# say ROLE ACT EXPECTED: what is expected of a sealed process: refused or allowed.
say() {
	what="$1: $2 is $3"
	sealed=$(attack "$1" "$2")
	case $?,$3 in
	0,allowed|1,refused) ;;
	*)	echo "not ok - $what"; echo "# sealed: $sealed"; bad=1; return ;;
	esac
	control=$(attack "$1" "$2" unsealed)
	case $? in
	0)	echo "ok - $what" ;;
	1)	echo "ok - $what # SKIP without the seal, too: $control" ;;
	*)	echo "not ok - $what"; echo "# unsealed: $control"; bad=1 ;;
	esac
}

for r in front parent resolver prober logger; do
	acts=$(attack $r list) || { echo "not ok - $r: list of acts"; bad=1; continue; }
	while read -r act expected; do
		say $r "$act" "$expected"
	done <<-EOF
		$acts
	EOF
done
exit $bad
