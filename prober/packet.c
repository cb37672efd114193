/*
 * The one place where bytes from strangers become a struct.  It trusts nobody: every header
 * is taken whole off a cursor that knows how many bytes were captured, or the packet is
 * refused.  Nothing of variable length is looked into (no TCP, IP or ICMP option), so there
 * is no loop here that a packet could steer.
 *
 * Pure: no state, no clock, no I/O.
 */

#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <pcap/dlt.h>
#include <string.h>

#include "prober.h"

#define ETHERNET_HEADER	14	/* two addresses and the type */
#define SLL2_HEADER	20	/* tcpdump.org's LINKTYPE_LINUX_SLL2: type first, interface at 4 */
#define IP_HEADER	20	/* RFC 791, 3.1, without options */
#define IP_OFFSET	0x1fff	/* the fragment offset, below the flags */
#define TCP_HEADER	20	/* RFC 9293, 3.1, without options */
#define ICMP_HEADER	8	/* RFC 792 */
#define ICMP_TIMES	12	/* a timestamp message has three times behind its header */
#define QUOTED		8	/* RFC 792: 64 bits of the original data are quoted */
#define ARP_SIZE	28	/* RFC 826, IPv4 over Ethernet */

/* What is left of a packet; it only ever moves forward. */
struct cursor {
	const uint8_t	*p;
	size_t		 left;
};

struct ip_header {
	struct addr	 src;
	struct addr	 dst;
	size_t		 size;		/* bytes of the header, with its options */
	size_t		 total;		/* bytes of the packet, as it claims */
	uint8_t		 ttl;
	uint8_t		 protocol;
};

/* The next n bytes, which the cursor then has behind it; NULL when there are not so many. */
static const uint8_t *
take(struct cursor *c, size_t n)
{
	const uint8_t	*p = c->p;

	if (n > c->left)
		return (NULL);
	c->p += n;
	c->left -= n;
	return (p);
}

static uint16_t
get16(const uint8_t *p)
{
	return ((uint16_t)(p[0] << 8 | p[1]));
}

static uint32_t
get32(const uint8_t *p)
{
	return ((uint32_t)get16(p) << 16 | get16(p + 2));
}

/*
 * RFC 791, 3.1.  A later fragment is refused: it does not begin with a header.  The total
 * length is left to the caller.
 */
static int
parse_ip_header(struct cursor *c, struct ip_header *h)
{
	const uint8_t	*p = take(c, IP_HEADER);

	if (p == NULL || p[0] >> 4 != 4)
		return (-1);
	h->size = (size_t)(p[0] & 15) * 4;
	if (h->size < IP_HEADER || take(c, h->size - IP_HEADER) == NULL ||
	    (get16(p + 6) & IP_OFFSET) != 0)
		return (-1);
	h->total = get16(p + 2);
	h->ttl = p[8];
	h->protocol = p[9];
	h->src = addr_from_ipv4(get32(p + 12));
	h->dst = addr_from_ipv4(get32(p + 16));
	return (0);
}

/* RFC 9293, 3.1. */
static int
parse_tcp(struct cursor c, struct packet *packet)
{
	const uint8_t	*p = take(&c, TCP_HEADER);
	size_t		 size;

	if (p == NULL)
		return (-1);
	size = (size_t)(p[12] >> 4) * 4;
	if (size < TCP_HEADER || take(&c, size - TCP_HEADER) == NULL)
		return (-1);
	packet->kind = PACKET_TCP;
	packet->src_port = get16(p);
	packet->dst_port = get16(p + 2);
	packet->seq = get32(p + 4);
	packet->ack = get32(p + 8);
	packet->tcp_flags = p[13];
	return (0);
}

/*
 * RFC 792: an error quotes a header and 64 bits, maybe no more, so the total length in that
 * header (which some stacks change besides) is not held against it.
 */
static int
parse_quote(struct cursor c, struct quote *quote)
{
	struct ip_header	 h;
	const uint8_t		*p;

	if (parse_ip_header(&c, &h) == -1 || (p = take(&c, QUOTED)) == NULL)
		return (-1);
	quote->src = h.src;
	quote->dst = h.dst;
	quote->protocol = h.protocol;
	if (h.protocol == IPPROTO_TCP) {
		quote->src_port = get16(p);
		quote->dst_port = get16(p + 2);
		quote->seq = get32(p + 4);
	} else if (h.protocol == IPPROTO_ICMP) {
		quote->icmp_type = p[0];
		quote->seq = get32(p + 4);
	}
	return (0);
}

/* RFC 792. */
static int
parse_icmp(struct cursor c, struct packet *packet)
{
	const uint8_t	*p = take(&c, ICMP_HEADER);

	if (p == NULL)
		return (-1);
	packet->icmp_type = p[0];
	packet->icmp_code = p[1];
	switch (p[0]) {
	case ICMP_TIMESTAMPREPLY:
		if (take(&c, ICMP_TIMES) == NULL)
			return (-1);
		packet->kind = PACKET_TIMESTAMP_REPLY;
		packet->id_seq = get32(p + 4);
		return (0);
	case ICMP_ECHOREPLY:
		packet->kind = PACKET_ECHO_REPLY;
		packet->id_seq = get32(p + 4);
		return (0);
	case ICMP_DEST_UNREACH:
	case ICMP_TIME_EXCEEDED:
		packet->kind = PACKET_ICMP_ERROR;
		return (parse_quote(c, &packet->quote));
	default:
		return (0);
	}
}

int
parse_ipv4(const uint8_t *p, size_t len, struct packet *packet)
{
	struct cursor		 c = { p, len };
	struct ip_header	 h;

	*packet = (struct packet){ .kind = PACKET_OTHER };
	if (parse_ip_header(&c, &h) == -1 || h.total < h.size || h.total > len)
		return (-1);
	c.left = h.total - h.size;	/* what was captured beyond is the link's padding */
	packet->src = h.src;
	packet->dst = h.dst;
	packet->ttl = h.ttl;
	switch (h.protocol) {
	case IPPROTO_TCP:
		return (parse_tcp(c, packet));
	case IPPROTO_ICMP:
		return (parse_icmp(c, packet));
	default:
		return (0);
	}
}

/* RFC 826. */
int
parse_arp(const uint8_t *bytes, size_t len, struct packet *packet)
{
	/* Hardware Ethernet, protocol IPv4, their address lengths, operation reply. */
	static const uint8_t	 reply[8] = { 0, 1, 8, 0, 6, 4, 0, 2 };
	struct cursor		 c = { bytes, len };
	const uint8_t		*p = take(&c, ARP_SIZE);

	*packet = (struct packet){ .kind = PACKET_OTHER };
	if (p == NULL)
		return (-1);
	if (memcmp(p, reply, sizeof(reply)) != 0)
		return (0);
	packet->kind = PACKET_ARP_REPLY;
	memcpy(packet->mac, p + 8, sizeof(packet->mac));
	packet->src = addr_from_ipv4(get32(p + 14));
	packet->dst = addr_from_ipv4(get32(p + 24));
	return (0);
}

bool
parse_link_knows(int link)
{
	return (link == DLT_LINUX_SLL2 || link == DLT_EN10MB || link == DLT_RAW);
}

int
parse_link(int link, const uint8_t **bytes, size_t *len, unsigned int *ifindex)
{
	struct cursor	 c = { *bytes, *len };
	const uint8_t	*p = NULL;
	int		 type = -1;

	*ifindex = 0;
	if (link == DLT_RAW)	/* there is no header, and the filter lets no IPv6 through */
		return (ETHERTYPE_IP);
	if (link == DLT_EN10MB && (p = take(&c, ETHERNET_HEADER)) != NULL)
		type = get16(p + 12);
	if (link == DLT_LINUX_SLL2 && (p = take(&c, SLL2_HEADER)) != NULL) {
		type = get16(p);
		*ifindex = get32(p + 4);
	}
	*bytes = c.p;
	*len = c.left;
	return (type);
}
