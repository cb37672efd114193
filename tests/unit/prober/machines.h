/*
 * The machines of the network that the engine is tested in: they take probes and answer, on a
 * clock of the test's own, and what is on its way may be lost, late, doubled or overtaken.
 *
 * This stands in for open.c, capture.c and route.c.
 */

#ifndef MACHINES_H
#define MACHINES_H

#include <string.h>

#include "apart.h"
#include "prober.h"

#define MSEC		((usec_t)1000)
#define SECOND		((usec_t)1000000)
#define START		(3600 * SECOND)
#define US		addr_from_ipv4(0xc0000201)
#define ROUTER		addr_from_ipv4(0xc00002fe)
#define NETWORK		0xcb007100	/* machine i is at NETWORK + i */
#define MACHINES	4096
#define RTT		(20 * MSEC)
#define SENT_MAX	1000000
#define ON_WAY_MAX	100000

/* How a machine takes a probe to a port. */
typedef enum port_state	 port_rule(uint16_t port);	/* UNKNOWN: silent */

/* How a machine that has ways of its own sends a reply. */
typedef void		 reply_rule(uint32_t machine, const struct packet *);

struct machine {
	bool		 up;		/* answers pings */
	bool		 onlink;
	bool		 local;
	bool		 nowhere;	/* there is no route */
	bool		 hesitates;	/* lets the first try of each port pass */
	bool		 heard;		/* it answered: who pings it now sends a canary */
	usec_t		 rtt;		/* 0: RTT */
	usec_t		 dies_at;	/* silent from then on; 0: never */
	port_rule	*port;
	reply_rule	*reply;		/* NULL: as everybody */
	double		 reset_limit;	/* RSTs a second; 0: no limit */
	double		 burst;		/* that it sends at once after a rest; 0: a second's */
	double		 tokens;	/* that it may still send at once */
	usec_t		 filled;	/* when they were counted last */
};
static struct machine	 machines[MACHINES];

/* A link that all probes go through. */
static struct link {
	double		 rate;		/* packets a second; 0: there is none */
	double		 room;		/* packets */
	double		 free_at;	/* microseconds */
	unsigned int	 dropped;
}			 bottleneck;

/* What the network does to packets. */
static unsigned int	 loss;		/* percent, of probes and again of replies */
static unsigned int	 loss_row;	/* so many in a row, that share of times; 0: one */
static unsigned int	 copies;	/* of each reply, besides the first */
static usec_t		 copy_delay;
static usec_t		 jitter;	/* what a reply takes longer, at most */
static unsigned int	 late;		/* percent of replies that come 5 seconds late */
static bool		 queue_full;	/* the kernel's: transmit() takes nothing */

/* What was sent, in order. */
static struct sent {
	usec_t		 at;
	uint32_t	 machine;
	uint8_t		 kind;		/* enum probe_kind */
	uint16_t	 port;
	bool		 canary;
}			 sent[SENT_MAX];
static unsigned int	 nsent;

static struct on_way {
	usec_t		 at;
	struct packet	 packet;
}			 on_way[ON_WAY_MAX];
static unsigned int	 non_way;
static usec_t		 queued;	/* what the link kept the probe waiting */

static usec_t		 now = START;
static uint64_t		 dice = 88172645463325252;
static const uint8_t	 our_mac[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t	 their_mac[6] = { 2, 0, 0, 0, 0, 2 };

/* Below n.  xorshift64 (Marsaglia, 2003): the same dice in each run. */
static inline uint64_t
throw_dice(uint64_t n)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return ((dice >> 11) % n);
}

static inline bool
lost(void)
{
	static unsigned int	 more;

	if (more == 0 && throw_dice(100) < loss)
		more = loss_row != 0 ? loss_row : 1;
	return (more != 0 && more-- != 0);
}

static inline uint32_t
get32(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

static inline uint16_t
get16(const uint8_t *p)
{
	return ((uint16_t)(p[0] << 8 | p[1]));
}

static inline struct addr
address(uint32_t machine)
{
	return (addr_from_ipv4(NETWORK + machine));
}

/* A heap: what arrives first is on_way[0]. */
static inline void
put_on_way(usec_t at, const struct packet *p)
{
	unsigned int	 i = non_way, up;

	if (lost())
		return;
	if (non_way++ == ON_WAY_MAX)
		abort();
	for (; i > 0 && at < on_way[up = (i - 1) / 2].at; i = up)
		on_way[i] = on_way[up];
	on_way[i] = (struct on_way){ at, *p };
}

static inline struct packet
take_from_way(void)
{
	struct packet	 first = on_way[0].packet;
	struct on_way	 last = on_way[--non_way];
	unsigned int	 i = 0, down;

	while ((down = 2 * i + 1) < non_way) {
		if (down + 1 < non_way && on_way[down + 1].at < on_way[down].at)
			down++;
		if (last.at <= on_way[down].at)
			break;
		on_way[i] = on_way[down];
		i = down;
	}
	on_way[i] = last;
	return (first);
}

/* Has it an RST left to send? */
static inline bool
may_reset(struct machine *m)
{
	if (m->reset_limit == 0)
		return (true);
	m->tokens += (double)(now - m->filled) / 1e6 * m->reset_limit;
	if (m->tokens > (m->burst != 0 ? m->burst : m->reset_limit))
		m->tokens = m->burst != 0 ? m->burst : m->reset_limit;
	m->filled = now;
	if (m->tokens < 1)
		return (false);
	m->tokens--;
	return (true);
}

/* Through the link: how long that takes; false: there was no room. */
static inline bool
through_link(usec_t *wait)
{
	struct link	*l = &bottleneck;
	double		 t = (double)now;

	*wait = 0;
	if (l->rate == 0)
		return (true);
	if (l->free_at < t)
		l->free_at = t;
	if ((l->free_at - t) * l->rate / 1e6 >= l->room) {
		l->dropped++;
		return (false);
	}
	l->free_at += 1e6 / l->rate;
	*wait = (usec_t)(l->free_at - t);
	return (true);
}

static inline void
reply(uint32_t machine, const struct packet *p)
{
	usec_t	 takes = machines[machine].rtt != 0 ? machines[machine].rtt : RTT;

	if (machines[machine].reply != NULL) {
		machines[machine].reply(machine, p);
		return;
	}
	if (jitter != 0)
		takes += throw_dice(jitter);
	if (late != 0 && throw_dice(100) < late)
		takes += 5 * SECOND;
	for (unsigned int i = 0; i <= copies; i++)
		put_on_way(now + queued + takes + i * copy_delay, p);
}

static inline bool
is_dead(uint32_t machine)
{
	return (machines[machine].dies_at != 0 && now >= machines[machine].dies_at);
}

static inline void
record(uint32_t machine, enum probe_kind kind, uint16_t port, bool canary)
{
	if (machine >= MACHINES || nsent == SENT_MAX)
		abort();
	sent[nsent++] = (struct sent){ now, machine, (uint8_t)kind, port, canary };
}

/* The segment that answers one of ours, at p. */
static inline struct packet
segment(uint32_t machine, const uint8_t *p, unsigned int flags)
{
	return ((struct packet){
		.kind = PACKET_TCP, .src = address(machine), .dst = US, .ttl = 64,
		.tcp_flags = (uint8_t)flags, .src_port = get16(p + 2), .dst_port = get16(p),
		.seq = flags == TCP_RST ? get32(p + 8) : 1, .ack = get32(p + 4) + 1,
	});
}

static inline struct packet
prohibited(uint32_t machine, const uint8_t *p)
{
	return ((struct packet){
		.kind = PACKET_ICMP_ERROR, .src = ROUTER, .dst = US, .ttl = 63, .icmp_type = 3,
		.icmp_code = 13, .quote = { .src = US, .dst = address(machine),
		    .protocol = PROTO_TCP, .src_port = get16(p), .dst_port = get16(p + 2),
		    .seq = get32(p + 4) },
	});
}

/* Was it asked from the port of a canary? */
static inline bool
is_canary(uint32_t machine, enum probe_kind kind, const uint8_t *tcp)
{
	struct question	 q = {
		.src = US, .dst = address(machine), .kind = (uint8_t)kind, .port = get16(tcp + 2)
	};
	uint8_t		 tryno;

	CHECK(cookie_try(send_key(), &q, get16(tcp), &tryno));
	return (tryno >= TRY_CANARY && tryno < TRY_PORT);
}

/* Tries of a probe, those as a canary left out. */
static inline unsigned int
tries(uint32_t machine, enum probe_kind kind, uint16_t port)
{
	unsigned int	 n = 0;

	for (unsigned int i = 0; i < nsent; i++)
		n += sent[i].machine == machine && sent[i].kind == kind &&
		    sent[i].port == port && !sent[i].canary;
	return (n);
}

/* All that was sent but canaries. */
static inline unsigned int
probes(void)
{
	unsigned int	 n = 0;

	for (unsigned int i = 0; i < nsent; i++)
		n += !sent[i].canary;
	return (n);
}

static inline void
take_syn(uint32_t i, const uint8_t *tcp)
{
	struct machine	*m = &machines[i];
	enum port_state	 state = m->port == NULL ? PORT_UNKNOWN : m->port(get16(tcp + 2));
	struct packet	 p;

	if (state == PORT_FILTERED)
		p = prohibited(i, tcp);
	else
		p = segment(i, tcp, state == PORT_OPEN ? TCP_SYN | TCP_ACK : TCP_RST | TCP_ACK);
	if (m->hesitates && tries(i, PROBE_TCP_SYN, get16(tcp + 2)) == 1)
		return;
	if (state == PORT_CLOSED && !may_reset(m))
		return;
	if (state != PORT_UNKNOWN)
		reply(i, &p);
}

/* A machine that is up answers an echo request; of the other pings it takes no notice. */
static inline void
take_icmp(uint32_t i, const uint8_t *icmp)
{
	struct packet	 p = {
		.kind = PACKET_ECHO_REPLY, .src = address(i), .dst = US, .ttl = 64,
		.id_seq = get32(icmp + 4)
	};

	if (machines[i].up && icmp[0] == 8)
		reply(i, &p);
}

static inline void
take_ip(const struct parcel *parcel)
{
	uint32_t	 i = addr_to_ipv4(&parcel->dst) - NETWORK;
	const uint8_t	*packet = parcel->frame.packet, *p = packet + 20;
	enum probe_kind	 syn_or_ack = p[13] == TCP_SYN ? PROBE_TCP_SYN : PROBE_TCP_ACK;

	CHECK(parcel->len >= 28 && get32(packet + 16) == addr_to_ipv4(&parcel->dst));

	if (packet[9] == PROTO_TCP)
		record(i, syn_or_ack, get16(p + 2), is_canary(i, syn_or_ack, p));
	else
		record(i, p[0] == 8 ? PROBE_ICMP_ECHO : PROBE_ICMP_TIMESTAMP, 0,
		    machines[i].heard);
	if (!through_link(&queued) || lost() || is_dead(i))
		return;
	if (packet[9] == PROTO_TCP && p[13] == TCP_SYN)
		take_syn(i, p);
	else if (packet[9] != PROTO_TCP)
		take_icmp(i, p);
}

static inline void
take_arp(const struct parcel *parcel)
{
	const uint8_t	*packet = parcel->frame.packet;
	uint32_t	 i = get32(packet + 24) - NETWORK;
	struct packet	 p = {
		.kind = PACKET_ARP_REPLY, .src = address(i), .dst = US, .ifindex = 7
	};

	CHECK(parcel->len == 28 && parcel->fd == FD_PACKET &&
	    memcmp(packet + 8, our_mac, 6) == 0);
	record(i, PROBE_ARP, 0, false);
	memcpy(p.mac, their_mac, sizeof(p.mac));
	if (machines[i].up && !lost())
		reply(i, &p);
}

unsigned int
transmit(const struct parcel parcels[], unsigned int n, bool *refused)
{
	*refused = false;
	if (queue_full)
		return (0);
	for (unsigned int i = 0; i < n; i++)
		if (parcels[i].fd != FD_RAW)
			take_arp(&parcels[i]);
		else
			take_ip(&parcels[i]);
	return (n);
}

enum route_found
route_to(const struct addr *dst, usec_t when, struct way *w)
{
	const struct machine	*m = &machines[addr_to_ipv4(dst) - NETWORK];

	(void)when;
	*w = (struct way){ .route = m->onlink, .local = m->local, .onlink = m->onlink };
	return (m->nowhere ? ROUTE_NONE : ROUTE_FOUND);
}

const struct route *
route_at(uint16_t which)
{
	static struct route	 routes[2];

	routes[0].src = routes[1].src = US;
	routes[0].fd = FD_RAW;
	routes[1].fd = FD_PACKET;
	routes[1].ifindex = 7;
	memcpy(routes[1].mac, our_mac, sizeof(our_mac));
	return (&routes[which]);
}

void
capture_stats(struct msg_stats *s)
{
	s->received = 1;
}

#endif /* MACHINES_H */
