/* All that the resolver may do once it is sealed: ask its name servers, and tell the parent. */

#include <sys/mman.h>

#include <seccomp.h>

#include "resolver.h"

/* An address to send to is refused: the socket's own peer is the only one. */
#define TALK(fd)	CALL_1(recvfrom, 0, (fd)), CALL_2(sendto, 0, (fd), 5, 0)
#define LANE(n)		TALK(LANE_FD + (n))
#define READ(fd)	CALL_1(read, 0, (fd)), CALL_1(close, 0, (fd))

static const struct privs_call	 calls[] = {
	/* The parent. */
	TALK(CHAN_FD),
	/* The name servers: sockets that were connected before, and can't be connected again. */
	LANE(0), LANE(1), LANE(2), LANE(3), LANE(4), LANE(5),
	LANE(6), LANE(7), LANE(8), LANE(9), LANE(10), LANE(11),
	/* The hosts files, once. */
	READ(HOSTS_FD), READ(USER_HOSTS_FD),
	/* The loop: the C library takes the one that the machine has. */
	CALL(poll), CALL(ppoll),
	/* The lane of a query, and the key of the hosts files' tables. */
	CALL_1(getrandom, 2, 0),
	/* c-ares's time-outs, where the vDSO can't tell the time. */
	CALL(clock_gettime), CALL(gettimeofday),
	/* malloc() and free(). */
	CALL(brk), CALL(munmap),
	CALL_2(mmap, 2, PROT_READ | PROT_WRITE, 3, MAP_PRIVATE | MAP_ANONYMOUS),
	/* After a stop and continue. */
	CALL(restart_syscall), CALL(rt_sigreturn),
	/* The end. */
	CALL(exit_group),
};

const struct privs	 resolver_sheet = {
	.name = "resolver",
	.user = "_postern-resolver",
	.fds = 0x3f | ((1ULL << LANES) - 1) << LANE_FD,
	.memory = 256U << 20,
	.fsize = 0,
	.network = true,
	.calls = calls,
	.ncalls = sizeof(calls) / sizeof(calls[0]),
};
