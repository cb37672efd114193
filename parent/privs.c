/* The sheets of the coordinator and of the process in front: neither ever meets a stranger. */

#include <sys/mman.h>

#include <linux/seccomp.h>
#include <seccomp.h>

#include "parent.h"

static const struct privs_call	 parent_calls[] = {
	CALL(ppoll),					/* the event loop */
	CALL_1(recvfrom, 0, FD_CHILD + CHILD_RESOLVER),	/* messages */
	CALL_1(recvfrom, 0, FD_CHILD + CHILD_PROBER),
	CALL_1(recvfrom, 0, FD_CHILD + CHILD_LOGGER),
	CALL_1(sendto, 0, FD_CHILD + CHILD_RESOLVER),
	CALL_1(sendto, 0, FD_CHILD + CHILD_PROBER),
	CALL_1(sendto, 0, FD_CHILD + CHILD_LOGGER),
	CALL_1(recvfrom, 0, FD_FRONT),			/* signals */
	CALL_1(read, 0, FD_LIST),			/* -iL */
	CALL_1(read, 0, FD_EXCLUDE),			/* --excludefile */
	CALL_1(pread64, 0, FD_LIST),			/* their digests */
	CALL_1(pread64, 0, FD_EXCLUDE),
	CALL_1(write, 0, 2),				/* lines for the user */
	CALL_1(sendto, 0, FD_DOCTOR),			/* --doctor: all are sealed */
	CALL_1(recvfrom, 0, FD_DOCTOR),			/* and looked at */
	CALL(wait4),					/* how did a child end? */
	CALL(clock_gettime),				/* where the vDSO has none */
	CALL(brk),					/* memory for hosts in hand */
	CALL_2(mmap, 2, PROT_READ | PROT_WRITE, 3, MAP_PRIVATE | MAP_ANONYMOUS),
	CALL_1(mremap, 3, MREMAP_MAYMOVE),
	CALL(munmap),
	CALL(restart_syscall),				/* the kernel's own, after a stop */
	CALL(rt_sigreturn),
	CALL(exit_group),
};

const struct privs	 parent_sheet = {
	.name = "parent",
	.user = "_postern-parent",
	.fds = 7 | 7 << FD_CHILD | 1 << FD_FRONT | 1 << FD_LIST | 1 << FD_EXCLUDE |
	    1 << FD_DOCTOR,
	.memory = 512 << 20,
	.fsize = 1 << 30,	/* for when standard error is a file */
	.follows = true,
	.calls = parent_calls,
	.ncalls = sizeof(parent_calls) / sizeof(parent_calls[0]),
};

static const struct privs_call	 front_calls[] = {
	CALL(ppoll),
	CALL_1(read, 0, FD_SIGNALS),			/* a signal came */
	CALL_1(sendto, 0, FD_COORDINATOR),		/* pass it on */
	CALL(wait4),					/* the coordinator's exit status */
	CALL_1(write, 0, 2),				/* it was killed: say so */
	CALL(restart_syscall),
	CALL(rt_sigreturn),
	CALL(exit_group),
};

const struct privs	 front_sheet = {
	.name = "front",
	.user = "_postern-parent",
	.fds = 7 | 1 << FD_SIGNALS | 1 << FD_COORDINATOR,
	.memory = 64 << 20,
	.fsize = 1 << 30,
	.calls = front_calls,
	.ncalls = sizeof(front_calls) / sizeof(front_calls[0]),
};
