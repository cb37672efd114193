/*
 * The prober's sockets, opened while it is privileged, and all sending and capturing.
 *
 * Probes leave by a raw IP socket, so that the kernel routes them and netfilter sees them; the
 * one exception is ARP, which is below IP.  Replies come from one packet socket, through
 * libpcap, with a locked filter.  What it delivers is hostile: it goes straight to the parsers.
 */

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "prober.h"

#ifndef SO_LOCK_FILTER
#define SO_LOCK_FILTER	44
#endif

#define SNAPLEN		640	/* the longest thing judged: an ICMP error (RFC 1812: up to 576) */
#define RING_BYTES	(16 << 20)
#define FILTER								\
	"(arp and arp[6:2] == 2) or (ip and (icmp or "			\
	"(tcp and dst portrange 32768-49151)))"

_Static_assert(SPORT_BASE == 32768 && SPORT_BASE + SPORT_COUNT - 1 == 49151, "FILTER");

static pcap_t		*capture;
static int		 link_type;
static uint64_t		 received, malformed;

static void
move_fd(int from, int to)
{
	if (dup3(from, to, O_CLOEXEC) == -1)
		fatal("descriptor %d", to);
	close(from);
}

static void
root_open_sockets(const char *iface, bool arp)
{
	static const struct { int domain, type, protocol, fd; const char *name; } want[] = {
		{ AF_INET, SOCK_RAW, IPPROTO_RAW, FD_RAW, "raw IP socket" },
		{ AF_INET, SOCK_DGRAM, 0, FD_ROUTE, "UDP socket" },
		{ AF_PACKET, SOCK_DGRAM, 0, FD_ARP, "packet socket" },
	};
	int	 bytes = 4 << 20;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		int	 fd;

		if (want[i].fd == FD_ARP && !arp)
			continue;
		fd = socket(want[i].domain, want[i].type, want[i].protocol);
		if (fd == -1)
			die(STATUS_PRIVILEGE, "no %s: %s", want[i].name, strerror(errno));
		if (iface != NULL && want[i].domain == AF_INET &&
		    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, iface,
		    (socklen_t)strlen(iface)) == -1)
			die(STATUS_USAGE, "-e %s: %s", iface, strerror(errno));
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
		move_fd(fd, want[i].fd);
	}
}

static void
root_open_capture(const char *iface)
{
	char			 error[PCAP_ERRBUF_SIZE];
	struct bpf_program	 filter;
	int			 on = 1;

	if ((capture = pcap_create(iface != NULL ? iface : "any", error)) == NULL)
		die(STATUS_PRIVILEGE, "no capture: %s", error);
	if (pcap_set_snaplen(capture, SNAPLEN) != 0 || pcap_set_promisc(capture, 0) != 0 ||
	    pcap_set_immediate_mode(capture, 1) != 0 ||
	    pcap_set_buffer_size(capture, RING_BYTES) != 0 || pcap_activate(capture) < 0 ||
	    (iface == NULL && pcap_set_datalink(capture, DLT_LINUX_SLL2) != 0) ||
	    pcap_setnonblock(capture, 1, error) != 0 ||
	    pcap_compile(capture, &filter, FILTER, 1, PCAP_NETMASK_UNKNOWN) != 0 ||
	    /* Not "inbound" in the filter: libpcap runs that itself on the first packets, and
	     * on one interface can't tell, so that they would be lost. */
	    pcap_setdirection(capture, PCAP_D_IN) != 0 ||
	    pcap_setfilter(capture, &filter) != 0)
		die(STATUS_PRIVILEGE, "no capture on %s: %s", iface != NULL ? iface : "any",
		    pcap_geterr(capture));
	pcap_freecode(&filter);
	link_type = pcap_datalink(capture);
	if (setsockopt(capture_fd(), SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)) == -1)
		die(STATUS_PRIVILEGE, "the capture's filter can't be locked: %s", strerror(errno));
}

void
root_open(const char *iface, bool arp)
{
	if (iface != NULL && if_nametoindex(iface) == 0)
		die(STATUS_USAGE, "-e %s: no such interface", iface);
	root_open_sockets(iface, arp);
	root_open_capture(iface);
}

int
capture_fd(void)
{
	return (pcap_get_selectable_fd(capture));
}

/* The kernel stamps packets by the wall clock; all else here goes by the monotonic one. */
static usec_t
monotonic(const struct timeval *stamp)
{
	struct timespec	 mono, real;
	int64_t		 age, now;

	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &real);
	now = mono.tv_sec * (int64_t)1000000 + mono.tv_nsec / 1000;
	age = (real.tv_sec - stamp->tv_sec) * (int64_t)1000000 + real.tv_nsec / 1000 -
	    stamp->tv_usec;
	return ((usec_t)(age < 0 || age > now ? now : now - age));
}

/* Find what follows the link header: its EtherType, or -1 when there is none. */
static int
parse_link(const uint8_t **p, size_t *len, unsigned int *ifindex)
{
	size_t	 header, type_at;
	int	 type;

	switch (link_type) {
	case DLT_LINUX_SLL2:
		header = 20, type_at = 0;
		break;
	case DLT_EN10MB:
		header = 14, type_at = 12;
		break;
	case DLT_RAW:
		return (ETHERTYPE_IP);
	default:
		return (-1);
	}
	if (*len < header)
		return (-1);
	type = (*p)[type_at] << 8 | (*p)[type_at + 1];
	if (link_type == DLT_LINUX_SLL2)
		*ifindex = (unsigned int)(*p)[4] << 24 | (unsigned int)(*p)[5] << 16 |
		    (unsigned int)(*p)[6] << 8 | (*p)[7];
	*p += header;
	*len -= header;
	return (type);
}

int
capture_next(struct packet *packet, usec_t *when)
{
	struct pcap_pkthdr	*h;
	const uint8_t		*p;
	size_t			 len;
	unsigned int		 ifindex = 0;
	int			 result;

	if ((result = pcap_next_ex(capture, &h, &p)) == 0)
		return (0);
	if (result < 0)
		die(STATUS_NETWORK, "capture: %s", pcap_geterr(capture));
	received++;
	result = -1;
	len = h->caplen;
	switch (parse_link(&p, &len, &ifindex)) {
	case ETHERTYPE_IP:
		result = parse_ipv4(p, len, packet);
		break;
	case ETHERTYPE_ARP:
		result = parse_arp(p, len, packet);
		break;
	}
	malformed += result != 0;
	packet->ifindex = ifindex;
	*when = monotonic(&h->ts);
	return (result == 0 ? 1 : -1);
}

void
capture_stats(struct msg_stats *s)
{
	struct pcap_stat	 ps;

	s->received = received;
	s->invalid += malformed;
	if (pcap_stats(capture, &ps) == 0)
		s->dropped = ps.ps_drop;
}

int
send_ip(const struct addr *dst, const uint8_t *packet, size_t len)
{
	struct sockaddr_in	 to = { .sin_family = AF_INET };

	memcpy(&to.sin_addr, dst->ip, sizeof(to.sin_addr));
	if (sendto(FD_RAW, packet, len, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) == -1)
		return (-1);
	return (0);
}

int
send_arp(unsigned int ifindex, const uint8_t *packet, size_t len)
{
	struct sockaddr_ll	 to = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_ARP),
		.sll_ifindex = (int)ifindex, .sll_halen = ETH_ALEN
	};

	memset(to.sll_addr, 0xff, ETH_ALEN);
	if (sendto(FD_ARP, packet, len, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) == -1)
		return (-1);
	return (0);
}
