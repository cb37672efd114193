/* Packets from bytes and to bytes.  Pure: no state, no clock, no chance. */

#include <string.h>
#include <time.h>

#include "sim.h"

#define IP_LEN		20
#define TCP_LEN		20
#define ICMP_LEN	8
#define UDP_LEN		8
#define UDP_DATA	64	/* of a probe come back from an open UDP port */

uint16_t
get16(const uint8_t *b)
{
	return ((uint16_t)(b[0] << 8 | b[1]));
}

uint32_t
get32(const uint8_t *b)
{
	return ((uint32_t)get16(b) << 16 | get16(b + 2));
}

void
put16(uint8_t *b, uint16_t v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

void
put32(uint8_t *b, uint32_t v)
{
	put16(b, (uint16_t)(v >> 16));
	put16(b + 2, (uint16_t)v);
}

/* RFC 1071, "sum" to begin with; 0 over data that has a right checksum in it. */
uint16_t
checksum(const uint8_t *b, size_t len, uint32_t sum)
{
	for (; len > 1; b += 2, len -= 2)
		sum += get16(b);
	if (len == 1)
		sum += (uint32_t)(*b << 8);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return ((uint16_t)~sum);
}

/* Of the pseudo-header; len: of what follows the IP header. */
uint32_t
pseudo_sum(const uint8_t *ip, size_t len)
{
	return ((uint32_t)get16(ip + 12) + get16(ip + 14) + get16(ip + 16) + get16(ip + 18) +
	    ip[9] + (uint32_t)len);
}

static bool
parse_tcp(const uint8_t *b, size_t len, struct probe *p)
{
	size_t	 hlen;

	if (len < TCP_LEN || (hlen = (size_t)(b[12] >> 4) * 4) < TCP_LEN || hlen > len ||
	    checksum(b, len, pseudo_sum(p->ip, len)) != 0)
		return (false);
	p->seq = get32(b + 4);
	p->ack = get32(b + 8);
	p->flags = b[13];
	p->payload = b + hlen;
	p->payload_len = len - hlen;
	return (true);
}

static bool
parse_udp(const uint8_t *b, size_t len, struct probe *p)
{
	if (len < UDP_LEN || get16(b + 4) != len ||
	    (get16(b + 6) != 0 && checksum(b, len, pseudo_sum(p->ip, len)) != 0))
		return (false);
	p->payload = b + UDP_LEN;
	p->payload_len = len - UDP_LEN;
	return (true);
}

static bool
parse_icmp(const uint8_t *b, size_t len, struct probe *p)
{
	if (len < ICMP_LEN || checksum(b, len, 0) != 0)
		return (false);
	p->flags = b[0];
	p->payload = b + ICMP_LEN;
	p->payload_len = len - ICMP_LEN;
	return (true);
}

/* A whole IPv4 packet whose checksums are right; fragments are refused. */
bool
parse_probe(const uint8_t *ip, size_t len, struct probe *p)
{
	const uint8_t	*b;

	memset(p, 0, sizeof(*p));
	if (len < IP_LEN || ip[0] >> 4 != 4)
		return (false);
	p->ip = ip;
	p->hlen = (size_t)(ip[0] & 15) * 4;
	p->len = get16(ip + 2);
	if (p->hlen < IP_LEN || p->len < p->hlen || p->len > len ||
	    (get16(ip + 6) & 0x3fff) != 0 || checksum(ip, p->hlen, 0) != 0)
		return (false);
	p->proto = ip[9];
	p->src = get32(ip + 12);
	p->dst = get32(ip + 16);
	b = ip + p->hlen;
	len = p->len - p->hlen;
	if ((p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP) && len >= 4) {
		p->sport = get16(b);
		p->dport = get16(b + 2);
	}
	if (p->proto == IPPROTO_TCP)
		return (parse_tcp(b, len, p));
	if (p->proto == IPPROTO_UDP)
		return (parse_udp(b, len, p));
	return (p->proto != IPPROTO_ICMP || parse_icmp(b, len, p));
}

/* len: of all; returns it. */
static size_t
build_ip(uint8_t *b, size_t len, uint32_t src, uint32_t dst, uint8_t proto, uint8_t ttl)
{
	memset(b, 0, IP_LEN);
	b[0] = 0x45;
	put16(b + 2, (uint16_t)len);
	put16(b + 6, 0x4000);
	b[8] = ttl;
	b[9] = proto;
	put32(b + 12, src);
	put32(b + 16, dst);
	put16(b + 10, checksum(b, IP_LEN, 0));
	return (len);
}

size_t
build_tcp(uint8_t *b, const struct segment *s)
{
	size_t	 tcp_len = TCP_LEN + (s->mss != 0 ? 4 : 0);
	uint8_t	*t = b + IP_LEN;

	build_ip(b, IP_LEN + tcp_len, s->src, s->dst, IPPROTO_TCP, s->ttl);
	memset(t, 0, tcp_len);
	put16(t, s->sport);
	put16(t + 2, s->dport);
	put32(t + 4, s->seq);
	put32(t + 8, s->ack);
	t[12] = (uint8_t)(tcp_len / 4 << 4);
	t[13] = s->flags;
	put16(t + 14, s->window);
	if (s->mss != 0) {
		t[20] = 2;
		t[21] = 4;
		put16(t + 22, s->mss);
	}
	put16(t + 16, checksum(t, tcp_len, pseudo_sum(b, tcp_len)));
	return (IP_LEN + tcp_len);
}

/* What an echo service would say, in short; never nothing. */
size_t
build_udp(uint8_t *b, const struct probe *p, uint8_t ttl)
{
	size_t	 data = p->payload_len < UDP_DATA ? p->payload_len : UDP_DATA;
	uint8_t	*u = b + IP_LEN;

	memcpy(u + UDP_LEN, p->payload, data);
	if (data == 0)
		u[UDP_LEN + data++] = '\n';
	build_ip(b, IP_LEN + UDP_LEN + data, p->dst, p->src, IPPROTO_UDP, ttl);
	put16(u, p->dport);
	put16(u + 2, p->sport);
	put16(u + 4, (uint16_t)(UDP_LEN + data));
	put16(u + 6, 0);
	put16(u + 6, checksum(u, UDP_LEN + data, pseudo_sum(b, UDP_LEN + data)));
	return (IP_LEN + UDP_LEN + data);
}

static uint32_t
ms_of_day(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ((uint32_t)(ts.tv_sec % 86400 * 1000 + ts.tv_nsec / 1000000));
}

/* The reply to an echo (type 0) or timestamp (type 14) request, with all that it had. */
size_t
build_icmp(uint8_t *b, const struct probe *p, uint8_t type, uint8_t ttl)
{
	size_t	 len = p->len - p->hlen;
	uint8_t	*icmp = b + IP_LEN;

	if (IP_LEN + len > PACKET_MAX)
		return (0);
	build_ip(b, IP_LEN + len, p->dst, p->src, IPPROTO_ICMP, ttl);
	memcpy(icmp, p->ip + p->hlen, len);
	icmp[0] = type;
	if (type == 14 && len >= 20) {
		put32(icmp + 12, ms_of_day());
		put32(icmp + 16, ms_of_day());
	}
	put16(icmp + 2, 0);
	put16(icmp + 2, checksum(icmp, len, 0));
	return (IP_LEN + len);
}

/* Destination unreachable; quotes the probe's header, as it arrived, and "quote" bytes. */
size_t
build_error(uint8_t *b, const struct probe *p, uint32_t from, uint8_t code, size_t quote,
    uint8_t ttl)
{
	uint8_t	*icmp = b + IP_LEN, *quoted = icmp + ICMP_LEN;
	size_t	 hops = (size_t)(64 - ttl % 64) % 64, len = p->len - p->hlen;

	len = p->hlen + (len < quote ? len : quote);
	build_ip(b, IP_LEN + ICMP_LEN + len, from, p->src, IPPROTO_ICMP, ttl);
	memset(icmp, 0, ICMP_LEN);
	icmp[0] = 3;
	icmp[1] = code;
	memcpy(quoted, p->ip, len);
	quoted[8] = (uint8_t)(quoted[8] > hops ? quoted[8] - hops : 1);
	put16(quoted + 10, 0);
	put16(quoted + 10, checksum(quoted, p->hlen, 0));
	put16(icmp + 2, checksum(icmp, ICMP_LEN + len, 0));
	return (IP_LEN + ICMP_LEN + len);
}
