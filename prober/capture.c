/*
 * What comes in: one packet socket, through libpcap, with a locked filter.  What it delivers is
 * hostile and goes straight to the parsers.
 *
 * In immediate mode (a ring of frames, TPACKET_V2) a packet can be taken as soon as it is there.
 * To be woken for each one is dear, so main.c naps while packets keep coming: that was measured
 * to take a fifth of the processor time, and a third more packets got in.  A ring of blocks
 * (TPACKET_V3, of a millisecond) does the same, but three times as late, and on older kernels
 * by a tick or two.  pcap_dispatch() measured the same as pcap_next_ex().
 */

#include <sys/socket.h>

#include <linux/if_packet.h>
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
#define RING_BYTES	(16 << 20)
#define CLOCKS_GOOD	256	/* packets timed by one look at the clocks */
#define FILTER								\
	"(arp and arp[6:2] == 2) or (ip and (icmp or "			\
	"(tcp and dst portrange 32768-49151)))"

_Static_assert(SPORT_BASE == 32768 && SPORT_BASE + SPORT_COUNT - 1 == 49151, "FILTER");

static pcap_t		*capture;
static int		 link_type;
static unsigned int	 clocks_good;	/* packets that may still be timed by the last look */
static uint64_t		 received, malformed;

void
root_open_capture(const char *iface)
{
	char			 error[PCAP_ERRBUF_SIZE];
	struct bpf_program	 filter;
	int			 on = 1;

	if ((capture = pcap_create(iface != NULL ? iface : "any", error)) == NULL)
		die(STATUS_PRIVILEGE, "no capture: %s", error);
	if (pcap_set_snaplen(capture, SNAPLEN) != 0 || pcap_set_promisc(capture, 0) != 0 ||
	    pcap_set_immediate_mode(capture, 1) != 0 ||
	    pcap_set_buffer_size(capture, RING_BYTES) != 0 || pcap_activate(capture) < 0)
		die(STATUS_PRIVILEGE, "no capture on %s: %s", iface != NULL ? iface : "any",
		    pcap_geterr(capture));
	/* Where libpcap makes up the header itself: on all interfaces, on some kinds of link. */
	(void)pcap_set_datalink(capture, DLT_LINUX_SLL2);
	link_type = pcap_datalink(capture);
	if (!parse_link_knows(link_type))
		die(STATUS_USAGE, "-e %s: a link of an unknown kind", iface);
	if (pcap_setnonblock(capture, 1, error) != 0 ||
	    pcap_compile(capture, &filter, FILTER, 1, PCAP_NETMASK_UNKNOWN) != 0 ||
	    /* Not "inbound" in the filter: libpcap runs that itself on the first packets, and
	     * on one interface can't tell, so that they would be lost. */
	    pcap_setdirection(capture, PCAP_D_IN) != 0 ||
	    pcap_setfilter(capture, &filter) != 0)
		die(STATUS_PRIVILEGE, "no filter for the capture: %s", pcap_geterr(capture));
	pcap_freecode(&filter);
	(void)setsockopt(capture_fd(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	if (setsockopt(capture_fd(), SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)) == -1)
		die(STATUS_PRIVILEGE, "the capture's filter can't be locked: %s", strerror(errno));
}

int
capture_fd(void)
{
	return (pcap_get_selectable_fd(capture));
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

int
capture_next(struct packet *packet, usec_t *when)
{
	struct pcap_pkthdr	*h;
	const uint8_t		*p;
	size_t			 len;
	unsigned int		 ifindex;
	int			 result;

	if ((result = pcap_next_ex(capture, &h, &p)) == 0) {
		clocks_good = 0;
		return (0);
	}
	if (result < 0)
		die(STATUS_NETWORK, "capture: %s", pcap_geterr(capture));
	received++;
	result = -1;
	len = h->caplen;
	switch (parse_link(link_type, &p, &len, &ifindex)) {
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
	if (pcap_stats(capture, &ps) == 0)	/* libpcap sums up what the kernel forgets */
		s->dropped = ps.ps_drop;
}
