/*
 * All that the resolver may do once it is sealed: ask its name servers, and tell the parent.
 *
 * It may make sockets, for another source port and for TCP, and connect them: with a pointer to
 * one of its servers' addresses, which lie in a page that nothing here can change (see
 * servers.c), and to no others.  What is sent goes where its socket is connected: sendto(2) takes
 * no address.  malloc() lives on brk(2) alone: mmap(2) and munmap(2) could put something else in
 * that page's place.
 */

#include <sys/socket.h>

#include <malloc.h>
#include <seccomp.h>

#include "log.h"
#include "resolver.h"

#define PIN(n)		CALL_POINTER(connect, 1, PIN_ADDRESS + (n) * PIN_SIZE)
#define SOCKET(f, t)	CALL_3(socket, 0, (f), 1, (t) | SOCK_CLOEXEC | SOCK_NONBLOCK, 2, 0)

static const struct privs_call	 calls[] = {
	/* The parent and the name servers: no address to send to is allowed. */
	CALL(recvfrom), CALL_1(sendto, 5, 0),
	/* Other sockets to the same servers. */
	SOCKET(AF_INET, SOCK_DGRAM), SOCKET(AF_INET, SOCK_STREAM),
	SOCKET(AF_INET6, SOCK_DGRAM), SOCKET(AF_INET6, SOCK_STREAM),
	PIN(0), PIN(1), PIN(2), CALL(close),
	/* The hosts files, once. */
	CALL_1(read, 0, HOSTS_FD), CALL_1(read, 0, USER_HOSTS_FD),
	/* The loop: the C library takes the one that the machine has. */
	CALL(poll), CALL(ppoll),
	/* Numbers and lanes of queries, and the keys of tables. */
	CALL_1(getrandom, 2, 0),
	/* Time-outs, where the vDSO can't tell the time. */
	CALL(clock_gettime), CALL(gettimeofday),
	/* malloc() and free(). */
	CALL(brk),
	/* After a stop and continue. */
	CALL(restart_syscall), CALL(rt_sigreturn),
	/* The end. */
	CALL(exit_group),
};

const struct privs	 resolver_sheet = {
	.name = "resolver",
	.user = "_postern-resolver",
	.fds = 0x3f | ((1ULL << (LANES + STREAMS)) - 1) << LANE_FD,
	.memory = 256U << 20,
	.fsize = 0,
	.network = true,
	.calls = calls,
	.ncalls = sizeof(calls) / sizeof(calls[0]),
};
_Static_assert(SERVERS_MAX == 3 && PRIVS_TCP == 3, "there is a PIN and a port for each");

struct msg_ready
resolver_drop(struct ids ids)
{
	struct privs	 sheet = resolver_sheet;

	for (unsigned int i = 0; i < servers_count(); i++)
		sheet.tcp[i] = servers_at(i)->port;
	if (mallopt(M_MMAP_MAX, 0) == 0)
		fatalx("malloc() can't do without mmap(2)");
	return (privs_drop(&sheet, ids));
}
