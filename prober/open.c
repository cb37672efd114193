/*
 * The prober's sockets, opened while it is privileged, and all that leaves by them.
 *
 * Probes leave by a raw IP socket, so that the kernel routes them and netfilter sees them.  The
 * exceptions are ARP, which is below IP, and --send-eth: these leave as whole frames by the packet
 * socket of their link, past routing and netfilter, but not past the administrator's traffic
 * shaping (PACKET_QDISC_BYPASS gained nothing that could be measured).  A packet socket is bound
 * to its link and to IPv4, so that IPv4's frames, of which there are most, need no address beside
 * them (15 % more frames a second) nor the kernel a look at what they are; its filter lets nothing
 * in.  The kernel is trusted.
 */

#include <sys/random.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "prober.h"

#define GROUP_BITS	0x0fffffff	/* of a multicast address: RFC 5771 */
#define SEND_BYTES	(4 << 20)	/* several thousand packets wait for a slow link */

/* What sendmmsg() is told of a batch: one of each for every parcel. */
static struct mmsghdr	 msgs[BATCH_MAX];
static struct iovec	 iovs[BATCH_MAX];
static struct sockaddr_in to[BATCH_MAX];
/* Where ARP goes on each link. */
static struct sockaddr_ll arp_to[PACKET_SOCKETS];

static void
move_fd(int from, int fd)
{
	if (dup3(from, fd, O_CLOEXEC) == -1)
		fatal("descriptor %d", fd);
	close(from);
}

static void
root_open_socket(int domain, int type, int protocol, int number, const char *name)
{
	const int	 bytes = SEND_BYTES;
	int		 fd = socket(domain, type, protocol);

	if (fd == -1)
		die(STATUS_PRIVILEGE, "no %s: %s", name, strerror(errno));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	move_fd(fd, number);
}

/*
 * Without IP_RECVERR the kernel keeps it to itself when the queue of a link drops a packet.  But
 * with it a socket is also told of the ICMP errors on what it sent.  No packet of ours has its
 * protocol, IPPROTO_RAW; an error that quotes one is forged, and older kernels have it take the
 * place of our next probe.  So the socket is bound to a multicast group: it is then told of
 * nothing, and gets nothing, that is not from or to there; what leaves is not changed by that.
 * Which group nobody can guess.
 */
static void
root_report_drops(void)
{
	const int		 on = 1;
	struct sockaddr_in	 group = { .sin_family = AF_INET };

	if (setsockopt(FD_RAW, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) == -1)
		fatal("IP_RECVERR");
	if (getrandom(&group.sin_addr, sizeof(group.sin_addr), 0) != sizeof(group.sin_addr))
		fatal("random numbers");
	group.sin_addr.s_addr = htonl(INADDR_UNSPEC_GROUP) |
	    (group.sin_addr.s_addr & htonl(GROUP_BITS));
	if (bind(FD_RAW, (struct sockaddr *)&group, sizeof(group)) == -1)
		fatal("raw IP socket");
}

/* Frames are sent by it, never received. */
static void
root_refuse_all(int fd)
{
	const int			 on = 1;
	struct sock_filter		 nothing[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	const struct sock_fprog		 filter = { .len = 1, .filter = nothing };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)) == -1)
		fatal("filter of a packet socket");
}

static void
root_open_frames(void)
{
	struct sockaddr_ll	 link = { .sll_family = AF_PACKET };

	for (int n = 0; (link.sll_ifindex = (int)root_link_index(n)) != 0; n++) {
		root_open_socket(AF_PACKET, SOCK_RAW, 0, FD_PACKET + n, "packet socket");
		root_refuse_all(FD_PACKET + n);
		link.sll_protocol = htons(ETHERTYPE_IP);
		if (bind(FD_PACKET + n, (struct sockaddr *)&link, sizeof(link)) == -1)
			fatal("packet socket of interface %d", link.sll_ifindex);
		link.sll_protocol = htons(ETHERTYPE_ARP);
		arp_to[n] = link;
	}
}

void
root_open(const char *iface, bool frames)
{
	if (iface != NULL && if_nametoindex(iface) == 0)
		die(STATUS_USAGE, "-e %s: no such interface", iface);
	root_open_socket(AF_INET, SOCK_RAW, IPPROTO_RAW, FD_RAW, "raw IP socket");
	if (iface != NULL && setsockopt(FD_RAW, SOL_SOCKET, SO_BINDTODEVICE, iface,
	    (socklen_t)strlen(iface)) == -1)
		die(STATUS_USAGE, "-e %s: %s", iface, strerror(errno));
	root_report_drops();
	root_open_socket(AF_INET, SOCK_DGRAM, 0, FD_ROUTE, "UDP socket");
	if (frames)
		root_open_frames();
	root_open_captures(iface, frames);
}

static void
prepare_packet(unsigned int i, const struct parcel *p)
{
	to[i] = (struct sockaddr_in){ .sin_family = AF_INET };
	memcpy(&to[i].sin_addr, p->dst.ip, sizeof(to[i].sin_addr));
	msgs[i].msg_hdr.msg_name = &to[i];
	msgs[i].msg_hdr.msg_namelen = sizeof(to[i]);
	iovs[i].iov_base = (void *)(uintptr_t)p->frame.packet;
	iovs[i].iov_len = p->len;
}

static void
prepare_frame(unsigned int i, const struct parcel *p)
{
	bool	 arp = (p->frame.type[0] << 8 | p->frame.type[1]) == ETHERTYPE_ARP;

	msgs[i].msg_hdr.msg_name = arp ? &arp_to[p->fd - FD_PACKET] : NULL;
	msgs[i].msg_hdr.msg_namelen = arp ? sizeof(arp_to[0]) : 0;
	iovs[i].iov_base = (void *)(uintptr_t)&p->frame;
	iovs[i].iov_len = FRAME_HEADER + p->len;
}

/* The link or the route is gone, or there is no room: another time it may be there again. */
static bool
may_come_back(int error)
{
	return (error == EAGAIN || error == ENOBUFS || error == ENETDOWN ||
	    error == ENETUNREACH || error == ENODEV || error == ENXIO);
}

/*
 * As sendmmsg(): -1 is the first packet's.  An error may also be old news of the socket, that its
 * link was down; such is told once, instead of sending.
 */
static int
send_many(int fd, struct mmsghdr *msg, unsigned int n)
{
	int	 rc = sendmmsg(fd, msg, n, MSG_DONTWAIT);

	if (rc == -1 && errno != EAGAIN && errno != ENOBUFS)
		rc = sendmmsg(fd, msg, n, MSG_DONTWAIT);
	return (rc);
}

unsigned int
transmit(const struct parcel parcels[], unsigned int n, bool *refused)
{
	const int	 fd = parcels[0].fd;
	unsigned int	 done = 0;
	int		 rc = 0;

	for (unsigned int i = 0; i < n; i++) {
		msgs[i].msg_hdr.msg_iov = &iovs[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		(fd == FD_RAW ? prepare_packet : prepare_frame)(i, &parcels[i]);
	}
	for (; done < n; done += (unsigned int)rc)
		if ((rc = send_many(fd, msgs + done, n - done)) == -1)
			break;
	*refused = rc == -1 && !may_come_back(errno);
	return (done);
}
