/*
 * The prober's sheet: what is left to it when the first stranger's byte arrives.  It makes no
 * descriptor, opens no file and maps no memory any more.
 */

#include <linux/if_packet.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "prober.h"

/* Each on a row of its own: equality is all that a row can ask for. */
#define SEND_BY_4(fd)							\
	CALL_1(sendmmsg, 0, (fd)), CALL_1(sendmmsg, 0, (fd) + 1),	\
	CALL_1(sendmmsg, 0, (fd) + 2), CALL_1(sendmmsg, 0, (fd) + 3)

static const struct privs_call	 calls[] = {
	CALL(ppoll),					/* the event loop */
	CALL(poll),					/* libpcap looks for a packet */
	CALL_1(recvfrom, 0, CHAN_FD),			/* a message from the parent */
	CALL_1(sendto, 0, CHAN_FD),			/* a message to the parent */
	CALL_1(sendmmsg, 0, FD_RAW),			/* a batch of probes */
	SEND_BY_4(FD_PACKET),				/* ARP requests, --send-eth's probes */
	SEND_BY_4(FD_PACKET + 4),
	SEND_BY_4(FD_PACKET + 8),
	SEND_BY_4(FD_PACKET + 12),
	CALL_1(connect, 0, FD_ROUTE),			/* which way to a target? */
	CALL(getsockname),				/* and from where; libpcap: is it gone? */
	CALL_3(setsockopt, 0, FD_ROUTE, 1, SOL_SOCKET, 2, SO_BINDTODEVICE),	/* by -e alone */
	CALL_2(getsockopt, 1, SOL_PACKET, 2, PACKET_STATISTICS),	/* packets dropped */
	CALL_2(getsockopt, 1, SOL_SOCKET, 2, SO_ERROR),	/* libpcap asks why there is no packet, */
	CALL_1(ioctl, 1, SIOCGIFFLAGS),			/* and whether the link is down */
	CALL(clock_gettime),				/* where the vDSO has none */
	CALL(restart_syscall),				/* the kernel's own, after a stop */
	CALL(rt_sigreturn),
	CALL(exit_group),
};

_Static_assert(PACKET_SOCKETS == 16, "a packet socket that may not send, or the other way round");

const struct privs	 prober_sheet = {
	.name = "prober",
	.user = "_postern-prober",
	/* 0-2 are /dev/null, 3 the parent; libpcap has its sockets and events in 4 to 9. */
	.fds = 0xf | 0x3f << 4 | 1 << FD_RAW | 1 << FD_ROUTE |
	    ((1 << PACKET_SOCKETS) - 1) << FD_PACKET,
	.memory = 512 << 20,
	.network = true,
	.calls = calls,
	.ncalls = sizeof(calls) / sizeof(calls[0]),
};
