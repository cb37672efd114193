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
#define IP_ADDRESSES	8	/* the two addresses, with which the header ends */
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

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/*
 * The Internet checksum of len bytes, a multiple of 4, on top of sum, stored at to.  It comes out
 * in the order of bytes in which it went in (RFC 1071, 2.B), so that nothing is swapped.
 */
static void
put_checksum(uint8_t *to, const uint8_t *p, size_t len, uint64_t sum)
{
	uint32_t	 word;
	uint16_t	 folded;

	for (size_t i = 0; i < len; i += sizeof(word)) {
		memcpy(&word, p + i, sizeof(word));
		sum += word;
	}
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	folded = (uint16_t)~sum;
	memcpy(to, &folded, sizeof(folded));
}

/* RFC 791, 3.1: no options, may be fragmented, as nmap's probes. */
static void
build_ip(uint8_t *p, const struct question *q, uint8_t protocol, size_t payload, uint16_t id,
    uint8_t ttl)
{
	p[0] = 4 << 4 | IP_HEADER / 4;
	put16(p + 2, (uint32_t)(IP_HEADER + payload));
	put16(p + 4, id);
	p[8] = ttl;
	p[9] = protocol;
	memcpy(p + 12, q->src.ip, 4);
	memcpy(p + 16, q->dst.ip, 4);
	put_checksum(p + 10, p, IP_HEADER, 0);
}

/* RFC 9293, 3.1 and 3.2; an ACK for what was never sent asks for a RST. */
static size_t
build_tcp(uint8_t *p, const struct question *q, struct cookie cookie)
{
	static const uint8_t	 mss[TCP_MSS] = { 2, TCP_MSS, 1460 >> 8, 1460 & 0xff };
	size_t			 size = TCP_HEADER;

	put16(p, cookie.sport);
	put16(p + 2, q->port);
	put32(p + 4, cookie.number);
	if (q->kind == PROBE_TCP_SYN) {
		p[13] = TCP_SYN;
		memcpy(p + TCP_HEADER, mss, TCP_MSS);
		size += TCP_MSS;
	} else {
		p[13] = TCP_ACK;
		put32(p + 8, cookie.number);
	}
	p[12] = (uint8_t)(size / 4 << 4);
	put16(p + 14, TCP_WINDOW);
	return (size);
}

/* The checksum of a segment that stands behind its IPv4 header: RFC 9293, 3.1. */
static void
checksum_tcp(uint8_t *p, size_t size)
{
	uint16_t	 rest = htons((uint16_t)(IPPROTO_TCP + size));	/* of the pseudo-header */

	put_checksum(p + 16, p - IP_ADDRESSES, IP_ADDRESSES + size, rest);
}

/* RFC 792.  The times of a timestamp request stay zero: nobody reads the ones that come back. */
static size_t
build_icmp(uint8_t *p, uint8_t type, size_t size, uint32_t number)
{
	p[0] = type;
	put32(p + 4, number);
	put_checksum(p + 2, p, size, 0);
	return (size);
}

/* RFC 826: Ethernet, IPv4, request. */
static size_t
build_arp(uint8_t *p, const struct question *q, const uint8_t mac[6])
{
	static const uint8_t	 request[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	memcpy(p, request, sizeof(request));
	memcpy(p + 8, mac, 6);
	memcpy(p + 14, q->src.ip, 4);
	memcpy(p + 24, q->dst.ip, 4);
	return (ARP_SIZE);
}

size_t
build_probe(uint8_t buf[PROBE_SIZE], const struct question *q, struct cookie cookie, uint16_t id,
    uint8_t ttl, const uint8_t mac[6])
{
	uint8_t	*p = buf + IP_HEADER;
	uint8_t	 protocol = IPPROTO_ICMP;
	size_t	 size;

	memset(buf, 0, PROBE_SIZE);
	if (q->src.family != FAMILY_IPV4 || q->dst.family != FAMILY_IPV4)	/* no IPv6 yet */
		return (0);
	switch (q->kind) {
	case PROBE_ICMP_ECHO:
		size = build_icmp(p, ICMP_ECHO, ICMP_ECHO_SIZE, cookie.number);
		break;
	case PROBE_ICMP_TIMESTAMP:
		size = build_icmp(p, ICMP_TIMESTAMP, ICMP_TIMESTAMP_SIZE, cookie.number);
		break;
	case PROBE_TCP_SYN:
	case PROBE_TCP_ACK:
		size = build_tcp(p, q, cookie);
		protocol = IPPROTO_TCP;
		break;
	case PROBE_ARP:
		return (build_arp(buf, q, mac));
	default:
		return (0);
	}
	build_ip(buf, q, protocol, size, id, ttl);
	if (protocol == IPPROTO_TCP)
		checksum_tcp(p, size);
	return (IP_HEADER + size);
}

void
build_frame(struct frame *f, const uint8_t dst[6], const uint8_t src[6], uint16_t type)
{
	memcpy(f->dst, dst, sizeof(f->dst));
	memcpy(f->src, src, sizeof(f->src));
	put16(f->type, type);
}
