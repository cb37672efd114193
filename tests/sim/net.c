/*
 * The way of a probe to its host, and of a reply back: paths, losses, delays, duplicates.  All
 * of the way out is worked out when the probe is sent, with the times it would have; the
 * way back waits where it must, at the bottleneck and until it is due.
 */

#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* A packet out of order is this much late, or up to its round trip time. */
#define REORDER_MIN	(2 * UINT64_C(1000000))
#define DUP_AFTER	UINT64_C(1000)
#define ARP_LEN		28

static void
output(struct sim *s, const uint8_t *b, size_t len)
{
	count(C_REPLIES);
	s->output(s->arg, b, len);
}

/* A reply arrives at its group's path, or without one at the scanner. */
static void
deliver(struct sim *s, const struct group *g, uint64_t when, const uint8_t *b, size_t len)
{
	struct pending	*p;

	if (g->path == NULL && when <= s->now) {
		output(s, b, len);
		return;
	}
	p = pending_new(g->path == NULL ? STAGE_WRITE : STAGE_BACK, b, len);
	p->group = g;
	later_add(when, p);
}

/* h is NULL when no host sends it: a router, a forger. */
void
send_reply(struct sim *s, const struct group *g, struct host *h, uint64_t when,
    const uint8_t *b, size_t len)
{
	uint64_t	 seed = s->scenario->seed, addr = h != NULL ? h->addr : 0;
	uint64_t	 n = h != NULL ? h->replies++ : s->forged++, d;

	if (h != NULL && loss_hits(&g->loss[IN], &h->bad[IN],
	    draw(seed, DRAW_LOSS_IN, addr, n))) {
		count(C_LOST_IN);
		return;
	}
	when += g->rtt / 2;
	if (g->jitter != 0)
		when += below(draw(seed, DRAW_JITTER, addr, n), g->jitter);
	if (g->late != 0 && chance(draw(seed, DRAW_LATE, addr, n), g->late)) {
		when += g->late_by;
		count(C_LATE);
	}
	d = g->reorder != 0 ? draw(seed, DRAW_REORDER, addr, n) : 0;
	if (g->reorder != 0 && chance(d, g->reorder)) {
		when += below(d, g->rtt > REORDER_MIN ? g->rtt : REORDER_MIN);
		count(C_REORDERED);
	}
	deliver(s, g, when, b, len);
	if (g->dup != 0 && chance(draw(seed, DRAW_DUP, addr, n), g->dup)) {
		count(C_DUPLICATED);
		deliver(s, g, when + DUP_AFTER, b, len);
	}
}

static bool
dead(const struct host *h, uint64_t when)
{
	const struct group	*g = h->group;

	return ((g->dies_packets != 0 && h->probes > g->dies_packets) ||
	    (g->dies_after != 0 && when >= h->first + g->dies_after));
}

/* The host that a packet reaches at that time; NULL when it does not. */
static struct host *
reach(struct sim *s, const struct group *g, uint32_t addr, uint64_t when)
{
	struct host	*h = host_get(g, addr, when);

	h->probes++;
	if (dead(h, when)) {
		count(C_DEAD);
		return (NULL);
	}
	if (loss_hits(&g->loss[OUT], &h->bad[OUT],
	    draw(s->scenario->seed, DRAW_LOSS_OUT, addr, h->probes))) {
		count(C_LOST_OUT);
		return (NULL);
	}
	return (h);
}

static void
route(struct sim *s, const struct group *g, const struct probe *p)
{
	uint64_t	 when = s->now;
	struct host	*h;

	if (g->path != NULL && !path_pass(g->path, s->scenario->seed, OUT, p->len, &when))
		return;
	when += g->rtt / 2;
	if (g->forge != 0)
		forge(s, g, p, when);
	if (!world_exists(s->scenario, g, p->dst)) {
		count(C_ABSENT);
		if (g->absent == REJECT)
			answer_error(s, g, NULL, p, 1, when);
	} else if ((h = reach(s, g, p->dst, when)) != NULL)
		answer(s, h, p, when);
}

/* What the scanner sent. */
void
sim_packet(struct sim *s, uint64_t now, const uint8_t *b, size_t len)
{
	const struct group	*g;
	struct probe		 p;

	s->now = now;
	if (len < 1 || b[0] >> 4 != 4) {
		count(C_NOT_IPV4);
		return;
	}
	if (!parse_probe(b, len, &p)) {
		count(C_MALFORMED);
		return;
	}
	count_probe(&p, now);
	if ((g = world_find(s->scenario, p.dst)) == NULL)
		count(C_OUTSIDE);
	else
		route(s, g, &p);
}

/* What an address's Ethernet address would be. */
static void
mac_of(uint32_t addr, uint8_t *mac)
{
	mac[0] = 2;
	mac[1] = 0;
	put32(mac + 2, addr);
}

/* An ARP request (RFC 826) on the link, for the gateway or a host there. */
void
sim_arp(struct sim *s, uint64_t now, const uint8_t *b, size_t len)
{
	static const uint8_t	 request[] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	const struct scenario	*w = s->scenario;
	const struct group	*g;
	uint32_t		 target;
	uint8_t			 r[ARP_LEN];
	struct host		*h;

	s->now = now;
	count(C_ARP);
	if (len < ARP_LEN || memcmp(b, request, sizeof(request)) != 0)
		return;
	target = get32(b + 24);
	memcpy(r, request, sizeof(request));
	r[7] = 2;
	mac_of(target, r + 8);
	put32(r + 14, target);
	memcpy(r + 18, b + 8, 10);
	if (target == w->gateway && target != 0)
		output(s, r, sizeof(r));
	else if (target >= w->link.lo && target <= w->link.hi && target != w->address &&
	    (g = world_find(w, target)) != NULL && world_exists(w, g, target) &&
	    (h = reach(s, g, target, now + g->rtt / 2)) != NULL)
		send_reply(s, g, h, now + g->rtt / 2, r, sizeof(r));
}

/*
 * What no network is without: a broadcast, each so often, that is nobody's reply.  (Without
 * it a receiver that only wakes for packets, as masscan's, never ends.)
 */
static void
chatter(struct sim *s)
{
	struct probe	 p = { .src = INADDR_BROADCAST, .dst = s->scenario->link.lo + 1,
			    .sport = 9, .dport = 9 };
	uint8_t		 b[PACKET_MAX];

	p.payload = b;
	s->output(s->arg, b, build_udp(b, &p, 1));
	later_add(s->now + s->scenario->chatter, pending_new(STAGE_CHATTER, NULL, 0));
}

/* At the beginning, and when all was forgotten. */
void
sim_start(struct sim *s, uint64_t now)
{
	if (s->scenario->chatter != 0)
		later_add(now + s->scenario->chatter, pending_new(STAGE_CHATTER, NULL, 0));
}

static void
on_due(struct sim *s, const struct pending *p)
{
	uint64_t	 when = s->now;
	struct pending	*on;

	if (p->stage == STAGE_CHATTER)
		chatter(s);
	else if (p->stage == STAGE_SYNACK)
		answer_again(s, &p->conn, when);
	else if (p->stage == STAGE_WRITE)
		output(s, p->bytes, p->len);
	else if (path_pass(p->group->path, s->scenario->seed, IN, p->len, &when)) {
		on = pending_new(STAGE_WRITE, p->bytes, p->len);
		on->group = p->group;
		later_add(when, on);
	}
}

/* Do all that is due. */
void
sim_due(struct sim *s, uint64_t now)
{
	struct pending	*p;

	s->now = now;
	while ((p = later_take(now)) != NULL) {
		on_due(s, p);
		free(p);
	}
}
