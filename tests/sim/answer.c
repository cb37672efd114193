/* What a host says to a probe: as Linux does, where nothing in the scenario says otherwise. */

#include <string.h>

#include "sim.h"

#define WINDOW		64240
#define TARPIT_WINDOW	5
#define MSS		1460

/* A SYN/ACK is sent again after 1 s, then after 2 s more, and then no more. */
#define SYNACKS		3

static void
send_segment(struct sim *s, struct host *h, const struct probe *p, struct segment seg,
    uint64_t when)
{
	uint8_t	 b[PACKET_MAX];

	seg.src = p->dst;
	seg.dst = p->src;
	seg.sport = p->dport;
	seg.dport = p->sport;
	seg.ttl = (uint8_t)h->group->ttl;
	send_reply(s, h->group, h, when, b, build_tcp(b, &seg));
}

/* RFC 9293, section 3.5.2: to an ACK from its number; else for what the segment took. */
static void
send_reset(struct sim *s, struct host *h, const struct probe *p, uint64_t when)
{
	struct segment	 seg = { .flags = FLAG_RST };

	if (!bucket_take(&h->rst_bucket, &h->group->rst_limit, when)) {
		count(C_RST_LIMITED);
		return;
	}
	if ((p->flags & FLAG_ACK) != 0)
		seg.seq = p->ack;
	else {
		seg.flags |= FLAG_ACK;
		seg.ack = p->seq + (uint32_t)p->payload_len + ((p->flags & FLAG_SYN) != 0) +
		    ((p->flags & FLAG_FIN) != 0);
	}
	count(C_REPLY_RST);
	send_segment(s, h, p, seg, when);
}

static uint32_t
isn_of(const struct sim *s, const struct conn *c)
{
	return ((uint32_t)draw(s->scenario->seed, DRAW_ISN, (uint64_t)c->host << 32 | c->peer,
	    (uint64_t)c->port << 48 | (uint64_t)c->peer_port << 32 | c->peer_seq));
}

static struct conn
conn_of(const struct probe *p)
{
	struct conn	 c;

	memset(&c, 0, sizeof(c));
	c.host = p->dst;
	c.peer = p->src;
	c.port = p->dport;
	c.peer_port = p->sport;
	c.peer_seq = p->seq;
	return (c);
}

static void
send_synack(struct sim *s, struct host *h, const struct conn *c, uint64_t when)
{
	struct probe	 p = { .src = c->peer, .dst = c->host, .sport = c->peer_port,
			    .dport = c->port };
	struct segment	 seg = { .flags = FLAG_SYN | FLAG_ACK, .mss = MSS };

	seg.window = h->group->tarpit ? TARPIT_WINDOW : WINDOW;
	seg.seq = isn_of(s, c);
	seg.ack = c->peer_seq + 1;
	count(C_REPLY_SYNACK);
	send_segment(s, h, &p, seg, when);
}

static void
synack_later(const struct conn *c, uint64_t when)
{
	struct pending	*p = pending_new(STAGE_SYNACK, NULL, 0);

	p->conn = *c;
	later_add(when + (UINT64_C(1) << (c->sent - 1)) * SECOND, p);
}

/* A SYN to an open port.  Its like again gets the like again, and no second timer. */
static void
accept_syn(struct sim *s, struct host *h, const struct probe *p, uint64_t when)
{
	struct conn	 c = conn_of(p), *known;

	if (h->group->tarpit || h->group->syncookie) {
		send_synack(s, h, &c, when);
		return;
	}
	known = conn_find(&c);
	if (known == NULL || known->peer_seq != c.peer_seq) {
		c.sent = 1;
		if (conn_add(&c) != NULL)
			synack_later(&c, when);
	}
	send_synack(s, h, &c, when);
}

/* The time for a SYN/ACK again; unless a RST or an ACK came in between. */
void
answer_again(struct sim *s, const struct conn *c, uint64_t when)
{
	const struct group	*g = world_find(s->scenario, c->host);
	struct conn		*known = conn_find(c);

	if (g == NULL || known == NULL || known->peer_seq != c->peer_seq ||
	    known->sent != c->sent)
		return;
	if (known->sent++ == SYNACKS) {
		conn_drop(c);
		return;
	}
	count(C_SYNACK_AGAIN);
	synack_later(known, when);
	send_synack(s, host_get(g, c->host, when), c, when);
}

/* A connection that the scanner finishes is forgotten: we have nothing to say on it. */
static bool
completes(const struct sim *s, const struct probe *p)
{
	struct conn	 c = conn_of(p), *known = conn_find(&c);

	if (known == NULL || (p->flags & (FLAG_SYN | FLAG_ACK)) != FLAG_ACK ||
	    p->ack != isn_of(s, known) + 1)
		return (false);
	conn_drop(&c);
	return (true);
}

/* A segment to a port whose state lets it through. */
static void
answer_segment(struct sim *s, struct host *h, const struct probe *p, enum state state,
    uint64_t when)
{
	bool	 syn = (p->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;

	if (state == OPEN && syn)
		accept_syn(s, h, p, when);
	else if (h->group->tarpit)
		return;
	else if (state == CLOSED || (p->flags & FLAG_ACK) != 0)
		send_reset(s, h, p, when);
}

static void
answer_tcp(struct sim *s, struct host *h, const struct probe *p, uint64_t when)
{
	const struct group	*g = h->group;
	enum state		 state = world_port(s->scenario, g, p->dst, TCP, p->dport);
	struct conn		 c = conn_of(p);

	if ((p->flags & FLAG_RST) != 0)
		conn_drop(&c);
	else if (completes(s, p))
		return;
	else if ((p->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_ACK && ports_have(&g->acks, p->dport))
		send_reset(s, h, p, when);
	else if (state == REJECT)
		answer_error(s, g, h, p, (uint8_t)g->code, when);
	else if (state != SILENT)
		answer_segment(s, h, p, state, when);
}

static void
answer_udp(struct sim *s, struct host *h, const struct probe *p, uint64_t when)
{
	const struct group	*g = h->group;
	enum state		 state = world_port(s->scenario, g, p->dst, UDP, p->dport);
	uint8_t			 b[PACKET_MAX];

	if (state == OPEN) {
		count(C_REPLY_OTHER);
		send_reply(s, g, h, when, b, build_udp(b, p, (uint8_t)g->ttl));
	} else if (state == CLOSED)
		answer_error(s, g, h, p, 3, when);
	else if (state == REJECT)
		answer_error(s, g, h, p, (uint8_t)g->code, when);
}

static void
answer_icmp(struct sim *s, struct host *h, const struct probe *p, uint64_t when)
{
	const struct group	*g = h->group;
	bool			 echo = p->flags == 8 && g->echo;
	uint8_t			 b[PACKET_MAX];
	size_t			 len;

	if (!echo && !(p->flags == 13 && g->timestamp))
		return;
	if ((len = build_icmp(b, p, echo ? 0 : 14, (uint8_t)g->ttl)) == 0)
		return;
	count(C_REPLY_OTHER);
	send_reply(s, g, h, when, b, len);
}

/* Destination unreachable, from the host (port, protocol, or a filter there) or a router. */
void
answer_error(struct sim *s, const struct group *g, struct host *h, const struct probe *p,
    uint8_t code, uint64_t when)
{
	bool		 own = h != NULL && (g->from == 0 || code == 3);
	uint32_t	 from = own ? p->dst : g->from;
	uint8_t		 b[PACKET_MAX];

	if (from == 0 && g->path != NULL)
		from = g->path->router;
	if (from == 0)
		from = g->range.lo;
	if (own ? !bucket_take(&h->icmp_bucket, &g->icmp_limit, when) : g->path != NULL &&
	    !bucket_take(&g->path->router_bucket, &g->path->router_limit, when)) {
		count(C_ICMP_LIMITED);
		return;
	}
	count(C_REPLY_ERROR);
	send_reply(s, g, h, when, b, build_error(b, p, from, code, g->quote,
	    (uint8_t)g->ttl));
}

void
answer(struct sim *s, struct host *h, const struct probe *p, uint64_t when)
{
	if (p->proto == IPPROTO_TCP)
		answer_tcp(s, h, p, when);
	else if (p->proto == IPPROTO_UDP)
		answer_udp(s, h, p, when);
	else if (p->proto == IPPROTO_ICMP)
		answer_icmp(s, h, p, when);
	else if (h->group->fallback[TCP] == CLOSED)
		answer_error(s, h->group, h, p, 2, when);
}
