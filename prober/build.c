/*
 * The bytes of a probe, and of its frame.  The input is the prober's own, so there is nothing to
 * distrust; it is apart from the engine so that what goes out on the wire can be read, and
 * tested, whole.
 *
 * Pure: no state, no clock, no I/O.
 */

#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <string.h>

#include "prober.h"

#define IP_HEADER	20
#define TCP_HEADER	20
#define TCP_MSS		4	/* the maximum segment size option */
#define TCP_WINDOW	1024	/* nmap's */
#define ICMP_ECHO_SIZE	8
#define ICMP_TIMESTAMP_SIZE 20
#define ARP_SIZE	28

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/*
 * Write a row of a header, 32 bits as the RFCs draw them.  It is what the row adds to a checksum,
 * in the order of its bytes there (RFC 1071, 2.B): sums are of what is written, not read again.
 */
static uint64_t
put32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, sizeof(v));
	return (v);
}

/* The same of an address. */
static uint64_t
put_address(uint8_t *p, const struct addr *a)
{
	return (put32(p, addr_to_ipv4(a)));
}

/* The Internet checksum of rows that add up to this. */
static void
put_checksum(uint8_t *p, uint64_t sum)
{
	uint16_t	 folded;

	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	folded = (uint16_t)~sum;
	memcpy(p, &folded, sizeof(folded));
}

/*
 * RFC 791, 3.1: no options, may be fragmented, as nmap's probes.  What the addresses and the
 * protocol add to the checksum of a segment: the pseudo-header without its length (RFC 9293, 3.1).
 */
static uint64_t
build_ip(uint8_t *p, const struct question *q, uint8_t protocol, size_t payload, uint16_t id,
    uint8_t ttl)
{
	uint64_t	 addresses = put_address(p + 12, &q->src) + put_address(p + 16, &q->dst);

	put_checksum(p + 10, addresses +
	    put32(p, 4U << 28 | IP_HEADER / 4 << 24 | (uint32_t)(IP_HEADER + payload)) +
	    put32(p + 4, (uint32_t)id << 16) +
	    put32(p + 8, (uint32_t)ttl << 24 | (uint32_t)protocol << 16));
	return (addresses + htons(protocol));
}

/* RFC 9293, 3.1 and 3.2; an ACK for what was never sent asks for a RST. */
static void
build_tcp(uint8_t *p, const struct question *q, struct cookie cookie, uint32_t size,
    uint64_t pseudo)
{
	bool		 syn = q->kind == PROBE_TCP_SYN;
	uint32_t	 flags = syn ? TCP_SYN : TCP_ACK;
	uint64_t	 sum = pseudo + htons((uint16_t)size);

	sum += put32(p, (uint32_t)cookie.sport << 16 | q->port);
	sum += put32(p + 4, cookie.number);
	sum += put32(p + 8, syn ? 0 : cookie.number);
	sum += put32(p + 12, size / 4 << 28 | flags << 16 | TCP_WINDOW);
	put32(p + 16, 0);
	if (syn)
		sum += put32(p + TCP_HEADER, 2 << 24 | TCP_MSS << 16 | 1460);
	put_checksum(p + 16, sum);
}

/* RFC 792.  The times of a timestamp request stay zero: nobody reads the ones that come back. */
static void
build_icmp(uint8_t *p, uint8_t type, size_t size, uint32_t number)
{
	uint64_t	 sum;

	memset(p, 0, size);
	sum = put32(p, (uint32_t)type << 24) + put32(p + 4, number);
	put_checksum(p + 2, sum);
}

/* RFC 826: Ethernet, IPv4, request. */
static size_t
build_arp(uint8_t *p, const struct question *q, const uint8_t mac[6])
{
	static const uint8_t	 request[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	memcpy(p, request, sizeof(request));
	memcpy(p + 8, mac, 6);
	memcpy(p + 14, q->src.ip, 4);
	memset(p + 18, 0, 6);	/* asked for */
	memcpy(p + 24, q->dst.ip, 4);
	return (ARP_SIZE);
}

size_t
build_probe(uint8_t buf[PROBE_SIZE], const struct question *q, struct cookie cookie, uint16_t id,
    uint8_t ttl, const uint8_t mac[6])
{
	uint8_t		*p = buf + IP_HEADER;
	size_t		 size = TCP_HEADER;
	uint64_t	 pseudo;

	if (q->src.family != FAMILY_IPV4 || q->dst.family != FAMILY_IPV4)	/* no IPv6 yet */
		return (0);
	switch (q->kind) {
	case PROBE_ICMP_ECHO:
		size = ICMP_ECHO_SIZE;
		build_icmp(p, ICMP_ECHO, size, cookie.number);
		break;
	case PROBE_ICMP_TIMESTAMP:
		size = ICMP_TIMESTAMP_SIZE;
		build_icmp(p, ICMP_TIMESTAMP, size, cookie.number);
		break;
	case PROBE_TCP_SYN:
		size += TCP_MSS;
		/* FALLTHROUGH */
	case PROBE_TCP_ACK:
		pseudo = build_ip(buf, q, IPPROTO_TCP, size, id, ttl);
		build_tcp(p, q, cookie, (uint32_t)size, pseudo);
		return (IP_HEADER + size);
	case PROBE_ARP:
		return (build_arp(buf, q, mac));
	default:
		return (0);
	}
	(void)build_ip(buf, q, IPPROTO_ICMP, size, id, ttl);
	return (IP_HEADER + size);
}

void
build_frame(struct frame *f, const uint8_t dst[6], const uint8_t src[6], uint16_t type)
{
	memcpy(f->dst, dst, sizeof(f->dst));
	memcpy(f->src, src, sizeof(f->src));
	put16(f->type, type);
}
