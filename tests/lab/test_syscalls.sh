#!/bin/sh
# What each process asks of the kernel once it is sealed, as strace sees it.
. tests/lab/lab.sh
lab_up "$1"
is_nmap && skip_all "nmap is not sealed"

mkdir "$T/trace"
in_ns scanner strace -s 4096 -ff -qq -o "$T/trace/t" \
    "$SCANNER" -v -p $LAB_PORTS -oN "$T/n" -oG "$T/g" \
    www.lab.test nowhere.lab.test 10.91.1.10-12 10.91.2.10-16 >"$T/out" 2>"$T/err"
ok "a scan of all four steps under strace: status 1, for the unknown name" test $? -eq 1
same "its states are right" "$(truth '^10.91.(1.1[01]|2.1[1345])$' | cut -d' ' -f1-3)" \
    "$(ports_of "$T/g" | grep -v '^10\.91\.2\.10 ')"

# The calls after the first filter that the kernel took.
sealed_calls() {
	awk '/SECCOMP_SET_MODE_FILTER.* = 0$/ || /PR_SET_SECCOMP, SECCOMP_MODE_FILTER.* = 0$/ {
		sealed = 1
		next
	}
	sealed && match($0, /^[a-z_0-9]+\(/) { print substr($0, 1, RLENGTH - 1) }' "$1" | sort -u
}

# Which process a trace is of: by the name in its last exec; a fork of the first has none.
role_of() {
	role=$(sed -n 's|^execve[^[]*\["\([^"]*/\)*\([a-z]*\)".* = 0$|\2|p' "$1" | tail -1)
	case $role in
	postern)	echo front ;;
	'')		echo coordinator ;;
	*)		echo "$role" ;;
	esac
}

never='open|openat|openat2|creat|socket|socketpair|connect|bind|listen|accept4?|execve|execveat'
never="$never|clone3?|v?fork|unshare|setns|mount|umount2|pivot_root|chroot|ptrace|kill|tgkill"
never="$never|setuid|setgid|setresuid|setresgid|setgroups|capset|sendmsg|recvmsg|dup[23]?"
never="$never|fcntl|ioctl|mprotect|io_uring_setup|bpf|unlink|rename|chmod|chown|link|symlink"

seen=
for trace in "$T"/trace/t.*; do
	role=$(role_of "$trace")
	seen="$seen $role"
	calls=$(sealed_calls "$trace")
	echo "# $role: $(echo "$calls" | paste -sd' ' -)"
	ok "$role is sealed, and works afterwards" test -n "$calls"
	bad=$(echo "$calls" | grep -Ex "$never" | paste -sd' ' -)
	# Its connect() asks the kernel for the way to a target and sends nothing: see its sheet.
	[ "$role" = prober ] && bad=$(echo "$bad" | sed 's/\bconnect\b//')
	same "$role opens, connects, starts and changes nothing" "" "$bad"
	same "$role does not die of its filter" "" "$(grep SIGSYS "$trace")"
done
same "each of the five is sealed" "coordinator front logger prober resolver" \
    "$(echo "$seen" | tr ' ' '\n' | sed '/^$/d' | sort -u | paste -sd' ' -)"

# A name server is heard behind the seal only.  (What the prober reads, from a ring in memory,
# strace can't see; test_robust.sh shows that it heeds nothing before it is asked.)
answers() {
	grep -E '^recv(from|msg)\([0-9]+.* = [1-9]' "$1" | grep -vE 'NETLINK|^recvfrom\(3,'
}
for trace in "$T"/trace/t.*; do
	[ "$(role_of "$trace")" = resolver ] || continue
	sed '/SECCOMP_SET_MODE_FILTER.* = 0$/,$d' "$trace" >"$T/early"
	same "the resolver hears no name server before" "" "$(answers "$T/early")"
	ok "(control: it does afterwards)" test -n "$(answers "$trace")"
done
tap_done
