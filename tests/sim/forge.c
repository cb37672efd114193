/*
 * Replies that a forger sends who sees that there are probes, but not all that is in them; or
 * who sees it and changes one thing.  None answers a probe that was sent: a scanner that
 * believes one was fooled.
 */

#include <string.h>

#include "sim.h"

/* What the forger changes, by its kind. */
static void
forge_segment(struct segment *seg, unsigned int kind, uint64_t drawn)
{
	switch (kind) {
	case 0:			/* An acknowledgement of something else. */
		seg->ack = (uint32_t)drawn;
		break;
	case 1:			/* From another port. */
		seg->sport ^= 1;
		break;
	case 2:			/* To another port. */
		seg->dport = (uint16_t)(seg->dport + 7);
		break;
	case 3:			/* A reset of something else. */
		seg->flags = FLAG_RST | FLAG_ACK;
		seg->seq = 0;
		seg->ack = (uint32_t)drawn;
		break;
	case 4:			/* A reset that acknowledges nothing. */
		seg->flags = FLAG_RST;
		seg->ack = 0;
		break;
	default:		/* From another host. */
		seg->src ^= 1;
		break;
	}
	if ((seg->flags & FLAG_RST) != 0)
		seg->window = seg->mss = 0;
}

/* An ICMP error, right but for one thing in what it quotes. */
static size_t
forge_error(uint8_t *b, const struct probe *p, bool ports, uint8_t ttl)
{
	size_t	 len = build_error(b, p, p->dst, ports ? 3 : 13, 8, ttl);
	uint8_t	*icmp = b + 20, *quoted = icmp + 8 + p->hlen;

	if (ports || p->proto != IPPROTO_TCP)
		quoted[3] ^= 1;		/* the port; of an echo, its checksum */
	else
		quoted[7] ^= 0x55;	/* the sequence number */
	if (p->proto == IPPROTO_ICMP)
		quoted[5] ^= 0x55;	/* the identifier */
	put16(icmp + 2, 0);
	put16(icmp + 2, checksum(icmp, len - 20, 0));
	return (len);
}

/* A reply to a ping or to a datagram that was never sent. */
static size_t
forge_other(uint8_t *b, const struct probe *p, uint64_t drawn, uint8_t ttl)
{
	struct probe	 wrong = *p;
	size_t		 len;

	if (p->proto == IPPROTO_UDP) {
		wrong.dport ^= (uint16_t)(drawn & 1);
		wrong.sport = (uint16_t)(wrong.sport + (drawn & 1 ? 0 : 7));
		return (build_udp(b, &wrong, ttl));
	}
	if ((len = build_icmp(b, p, p->flags == 13 ? 14 : 0, ttl)) == 0)
		return (0);
	put16(b + 24, (uint16_t)(get16(b + 24) ^ 0x5555));
	put16(b + 22, 0);
	put16(b + 22, checksum(b + 20, len - 20, 0));
	return (len);
}

/* Forgery number "kind" of FORGERIES for a probe; its length, 0 for none. */
size_t
build_forgery(uint8_t *b, const struct probe *p, unsigned int kind, uint64_t drawn, uint8_t ttl)
{
	struct segment	 seg = { .src = p->dst, .dst = p->src, .sport = p->dport,
			    .dport = p->sport, .seq = (uint32_t)(drawn >> 16),
			    .ack = p->seq + 1, .window = 65535, .mss = 1460, .ttl = ttl,
			    .flags = FLAG_SYN | FLAG_ACK };

	if (p->len < p->hlen + 8)
		return (0);
	if (kind == 5 || kind == 6)
		return (forge_error(b, p, kind == 6, ttl));
	if (p->proto == IPPROTO_TCP) {
		if ((p->flags & (FLAG_SYN | FLAG_ACK)) != FLAG_SYN)
			return (0);
		forge_segment(&seg, kind, drawn);
		return (build_tcp(b, &seg));
	}
	return (p->proto == IPPROTO_UDP || (p->proto == IPPROTO_ICMP &&
	    (p->flags == 8 || p->flags == 13)) ? forge_other(b, p, drawn, ttl) : 0);
}

void
forge(struct sim *s, const struct group *g, const struct probe *p, uint64_t when)
{
	uint64_t	 n = s->forged++, drawn = draw(s->scenario->seed, DRAW_FORGE, p->dst, n);
	uint8_t		 b[PACKET_MAX];
	size_t		 len;

	if (!chance(drawn, g->forge))
		return;
	drawn = draw(s->scenario->seed, DRAW_FORGE_KIND, p->dst, n);
	len = build_forgery(b, p, (unsigned int)(drawn % FORGERIES), drawn >> 8,
	    (uint8_t)g->ttl);
	if (len == 0)
		return;
	count(C_FORGED);
	send_reply(s, g, NULL, when, b, len);
}
