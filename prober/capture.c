/*
 * What comes in: packet sockets, through libpcap, each with a locked filter.  What they deliver is
 * hostile and goes straight to the parsers.
 *
 * One is for IPv4 and, where ARP is of use, one is for that.  A single one would be for all
 * protocols; but then the kernel holds each packet that leaves against it as well, which costs two
 * probes in a hundred, and gives it what comes in by a bridge's or a bond's link twice.  The price
 * is that what tc, nftables' netdev hook or a bridge takes away at the link is not seen.
 *
 * In immediate mode (a ring of frames, TPACKET_V2) a packet can be taken as soon as it is there.
 * To be woken for each one is dear, so main.c naps while packets keep coming: that was measured
 * to take a fifth of the processor time, and a third more packets got in.  A ring of blocks
 * (TPACKET_V3, of a millisecond) does the same, but three times as late, and on older kernels
 * by a tick or two.  pcap_dispatch() measured the same as pcap_next_ex().
 */

#include <sys/socket.h>

#include <net/ethernet.h>

#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "prober.h"

#ifndef SO_LOCK_FILTER
#define SO_LOCK_FILTER	44
#endif

#define SNAPLEN		640	/* the longest thing judged: an ICMP error (RFC 1812: up to 576) */
#define RING_IP		(16 << 20)	/* bytes, of packets that were not taken yet */
#define RING_ARP	(1 << 20)
#define CLOCKS_GOOD	256	/* packets timed by one look at the clocks */
#define ARP_FIRST	16	/* looks of which one begins with ARP, which no flood may hold up */
#define FILTER_IP							\
	"ip and (icmp or (tcp and dst portrange 32768-49151))"
#define FILTER_ARP	"arp and arp[6:2] == 2"	/* replies: RFC 826 */

_Static_assert(SPORT_BASE == 32768 && SPORT_BASE + SPORT_COUNT - 1 == 49151, "FILTER_IP");

static struct capture {
	pcap_t	*pcap;		/* NULL: not needed */
	int	 link_type;
}			 captures[CAPTURES];
static unsigned int	 clocks_good;	/* packets that may still be timed by the last look */
static uint64_t		 received, malformed;

static void
root_set_filter(pcap_t *pcap, const char *text)
{
	struct bpf_program	 filter;
	char			 error[PCAP_ERRBUF_SIZE];

	if (pcap_setnonblock(pcap, 1, error) != 0 ||
	    pcap_compile(pcap, &filter, text, 1, PCAP_NETMASK_UNKNOWN) != 0 ||
	    pcap_setfilter(pcap, &filter) != 0)
		die(STATUS_PRIVILEGE, "no filter for the capture: %s", pcap_geterr(pcap));
	pcap_freecode(&filter);
}

static void
root_open_one(struct capture *c, const char *iface, int protocol, int bytes, const char *filter)
{
	const char	*where = iface != NULL ? iface : "any";
	char		 error[PCAP_ERRBUF_SIZE];
	int		 fd, on = 1, bad = 0;

	if ((c->pcap = pcap_create(where, error)) == NULL)
		die(STATUS_PRIVILEGE, "no capture: %s", error);
	if (pcap_set_protocol_linux(c->pcap, protocol) != 0 ||
	    pcap_set_snaplen(c->pcap, SNAPLEN) != 0 || pcap_set_promisc(c->pcap, 0) != 0 ||
	    pcap_set_immediate_mode(c->pcap, 1) != 0 ||
	    pcap_set_buffer_size(c->pcap, bytes) != 0 || (bad = pcap_activate(c->pcap)) < 0)
		die(bad == PCAP_ERROR_IFACE_NOT_UP ? STATUS_NETWORK : STATUS_PRIVILEGE,
		    "no capture on %s: %s", where, pcap_geterr(c->pcap));
	/* Where libpcap makes up the header itself: on all interfaces, on some kinds of link. */
	(void)pcap_set_datalink(c->pcap, DLT_LINUX_SLL2);
	c->link_type = pcap_datalink(c->pcap);
	if (!parse_link_knows(c->link_type))
		die(STATUS_USAGE, "-e %s: a link of an unknown kind", where);
	root_set_filter(c->pcap, filter);
	fd = pcap_get_selectable_fd(c->pcap);
	if (setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)) == -1)
		die(STATUS_PRIVILEGE, "the capture's filter can't be locked: %s", strerror(errno));
}

void
root_open_captures(const char *iface, bool arp)
{
	root_open_one(&captures[CAPTURE_IP], iface, ETHERTYPE_IP, RING_IP, FILTER_IP);
	if (arp)
		root_open_one(&captures[CAPTURE_ARP], iface, ETHERTYPE_ARP, RING_ARP, FILTER_ARP);
}

int
capture_fd(unsigned int n)
{
	pcap_t	*pcap = captures[n].pcap;

	return (pcap == NULL ? -1 : pcap_get_selectable_fd(pcap));
}

static int64_t
clock_now(clockid_t clock)
{
	struct timespec	 ts;

	clock_gettime(clock, &ts);
	return (ts.tv_sec * (int64_t)1000000 + ts.tv_nsec / 1000);
}

/*
 * The kernel stamps packets by the wall clock; all else here goes by the monotonic one.  Both
 * are looked at once for all the packets that are there, and again for one that is newer; a step
 * of the wall clock puts at most CLOCKS_GOOD of them wrong.
 */
static usec_t
monotonic(const struct timeval *stamp)
{
	static int64_t	 mono, wall;
	int64_t		 then = stamp->tv_sec * (int64_t)1000000 + stamp->tv_usec, age;

	if (clocks_good == 0 || then > wall) {
		mono = clock_now(CLOCK_MONOTONIC);
		wall = clock_now(CLOCK_REALTIME);
		clocks_good = CLOCKS_GOOD;
	}
	clocks_good--;
	age = wall - then;
	return ((usec_t)(age < 0 || age > mono ? mono : mono - age));
}

/* A packet of this one, as capture_next(). */
static int
next_of(const struct capture *c, struct packet *packet, usec_t *when)
{
	struct pcap_pkthdr	*h;
	const uint8_t		*p;
	size_t			 len;
	unsigned int		 ifindex;
	int			 result;

	if ((result = pcap_next_ex(c->pcap, &h, &p)) == 0)
		return (0);
	if (result < 0)
		die(STATUS_NETWORK, "capture: %s", pcap_geterr(c->pcap));
	received++;
	result = -1;
	len = h->caplen;
	switch (parse_link(c->link_type, &p, &len, &ifindex)) {
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

int
capture_next(struct packet *packet, usec_t *when)
{
	static unsigned int	 looks;
	unsigned int		 first = looks++ % ARP_FIRST == 0 ? CAPTURE_ARP : CAPTURE_IP;
	const struct capture	*c;
	int			 result = 0;

	for (unsigned int n = 0; n < CAPTURES && result == 0; n++) {
		c = &captures[(first + n) % CAPTURES];
		if (c->pcap != NULL)
			result = next_of(c, packet, when);
	}
	if (result == 0)
		clocks_good = 0;
	return (result);
}

void
capture_stats(struct msg_stats *s)
{
	struct pcap_stat	 ps;

	s->received = received;
	s->invalid += malformed;
	for (int n = 0; n < CAPTURES; n++)	/* libpcap sums up what the kernel forgets */
		if (captures[n].pcap != NULL && pcap_stats(captures[n].pcap, &ps) == 0)
			s->dropped += ps.ps_drop;
}
