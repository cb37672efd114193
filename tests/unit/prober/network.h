/*
 * A network without a network: it takes the probes that the engine sends, plays the machines
 * that are asked, and hands their replies back when they would arrive, on a clock of its own.
 * What the engine tells its parent is taken in as a parent would, who believes nothing.
 *
 * It stands in for open.c and route.c.  Engine and network begin with the process, so each
 * test runs apart.
 */

#ifndef NETWORK_H
#define NETWORK_H

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "apart.h"
#include "log.h"
#include "prober.h"

#define MSEC		((usec_t)1000)
#define SECOND		((usec_t)1000000)
#define START		(3600 * SECOND)
#define US		addr_from_ipv4(0xc0000201)
#define ROUTER		addr_from_ipv4(0xc00002fe)
#define NETWORK		0xcb007100	/* machine i is at NETWORK + i */
#define MACHINES	300
#define RTT		(20 * MSEC)
#define SENT_MAX	200000
#define ON_WAY_MAX	20000

/* How a machine takes a probe to a port. */
typedef enum port_state	 port_rule(uint16_t port);	/* UNKNOWN: silent */

struct machine {
	bool		 up;		/* answers pings */
	bool		 onlink;
	bool		 local;
	bool		 nowhere;	/* there is no route */
	bool		 hesitates;	/* lets the first try of each port pass */
	usec_t		 rtt;		/* 0: RTT */
	port_rule	*port;
};
static struct machine	 machines[MACHINES];

/* What the network does to packets. */
static unsigned int	 loss;		/* percent, of probes and again of replies */
static unsigned int	 copies;	/* of each reply, besides the first */
static usec_t		 copy_delay;
static bool		 queue_full;	/* the kernel's: send_ip() fails */
static bool		 withheld;	/* the parent releases nobody by itself */

/* What was sent, in order. */
static struct sent {
	usec_t		 at;
	uint32_t	 machine;
	uint8_t		 kind;		/* enum probe_kind */
	uint16_t	 port;
}			 sent[SENT_MAX];
static unsigned int	 nsent;

static struct on_way {
	usec_t		 at;
	struct packet	 packet;
}			 on_way[ON_WAY_MAX];
static unsigned int	 non_way;

/* What the parent was told of the host with an id. */
static struct told {
	unsigned int	 pings, ends;
	bool		 to_scan;
	struct ping_entry ping;
	struct hostdone_entry end;
	usec_t		 ended;		/* when */
	unsigned int	 nports;	/* results */
	uint8_t		 port[PORT_BITS];	/* enum port_state, the last one told */
}			 told[MACHINES];
static unsigned int	 nended;

static struct chan	 chan;
static int		 parents_end;
static usec_t		 now = START;
static uint64_t		 dice = 88172645463325252;
static const uint8_t	 our_mac[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t	 their_mac[6] = { 2, 0, 0, 0, 0, 2 };

/* xorshift64 (Marsaglia, 2003): the same dice in each run. */
static inline bool
lost(void)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return ((dice >> 11) % 100 < loss);
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

static inline void
put_on_way(usec_t at, const struct packet *p)
{
	if (lost())
		return;
	if (non_way == ON_WAY_MAX)
		abort();
	on_way[non_way++] = (struct on_way){ at, *p };
}

static inline void
reply(uint32_t machine, const struct packet *p)
{
	usec_t	 rtt = machines[machine].rtt != 0 ? machines[machine].rtt : RTT;

	for (unsigned int i = 0; i <= copies; i++)
		put_on_way(now + rtt + i * copy_delay, p);
}

static inline void
record(uint32_t machine, enum probe_kind kind, uint16_t port)
{
	if (machine >= MACHINES || nsent == SENT_MAX)
		abort();
	sent[nsent++] = (struct sent){ now, machine, (uint8_t)kind, port };
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

/* Tries of a probe. */
static inline unsigned int
tries(uint32_t machine, enum probe_kind kind, uint16_t port)
{
	unsigned int	 n = 0;

	for (unsigned int i = 0; i < nsent; i++)
		n += sent[i].machine == machine && sent[i].kind == kind && sent[i].port == port;
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

int
send_ip(const struct addr *dst, const uint8_t *packet, size_t len)
{
	uint32_t	 i = addr_to_ipv4(dst) - NETWORK;
	const uint8_t	*p = packet + 20;

	CHECK(len >= 28 && get32(packet + 16) == addr_to_ipv4(dst));
	if (queue_full) {
		errno = ENOBUFS;
		return (-1);
	}
	if (packet[9] == PROTO_TCP)
		record(i, p[13] == TCP_SYN ? PROBE_TCP_SYN : PROBE_TCP_ACK, get16(p + 2));
	else
		record(i, p[0] == 8 ? PROBE_ICMP_ECHO : PROBE_ICMP_TIMESTAMP, 0);
	if (lost())
		return (0);
	if (packet[9] == PROTO_TCP && p[13] == TCP_SYN)
		take_syn(i, p);
	else if (packet[9] != PROTO_TCP)
		take_icmp(i, p);
	return (0);
}

int
send_arp(unsigned int ifindex, const uint8_t *packet, size_t len)
{
	uint32_t	 i = get32(packet + 24) - NETWORK;
	struct packet	 p = {
		.kind = PACKET_ARP_REPLY, .src = address(i), .dst = US, .ifindex = ifindex
	};

	CHECK(len == 28 && ifindex == 7 && memcmp(packet + 8, our_mac, 6) == 0);
	record(i, PROBE_ARP, 0);
	memcpy(p.mac, their_mac, sizeof(p.mac));
	if (machines[i].up && !lost())
		reply(i, &p);
	return (0);
}

enum route_found
route_to(const struct addr *dst, struct route *r)
{
	const struct machine	*m = &machines[addr_to_ipv4(dst) - NETWORK];

	*r = (struct route){
		.src = US, .local = m->local, .onlink = m->onlink,
		.ifindex = m->onlink ? 7 : 0, .mac = m->onlink ? our_mac : NULL
	};
	return (m->nowhere ? ROUTE_NONE : ROUTE_FOUND);
}

void
capture_stats(struct msg_stats *s)
{
	s->received = 1;
}

static inline void
hear_ping(const struct ping_entry *e)
{
	CHECK(told[e->id].pings++ == 0 && told[e->id].ends == 0);
	told[e->id].ping = *e;
}

static inline void
hear_port(const struct portstate_entry *e)
{
	struct told	*t = &told[e->id];

	CHECK(t->pings == 1 && t->ping.state == HOST_UP && t->ends == 0);
	t->port[e->port.port] = e->port.state;
	t->nports++;
}

/* Gives how many hosts are to be released for it. */
static inline uint32_t
hear_end(const struct hostdone_entry *e)
{
	struct told	*t = &told[e->id];

	CHECK(t->pings == 1 && t->ends++ == 0);
	t->end = *e;
	t->ended = now;
	nended++;
	return (t->to_scan && t->ping.state == HOST_UP);
}

/* All that the engine has to tell; each message is whole, and in the order that was promised. */
static inline void
hear(void)
{
	struct msg	 m;
	uint32_t	 released = 0;

	results_flush(&chan);
	while (recv(parents_end, &m, sizeof(m), MSG_DONTWAIT) == sizeof(m)) {
		chan.acked++;
		CHECK(m.type == MSG_PINGS ? check_pings(&m) : m.type == MSG_PORTSTATES ?
		    check_portstates(&m) : m.type == MSG_HOSTSDONE && check_hostsdone(&m));
		for (uint32_t i = 0; m.type == MSG_PINGS && i < m.pings.n; i++)
			hear_ping(&m.pings.e[i]);
		for (uint32_t i = 0; m.type == MSG_PORTSTATES && i < m.portstates.n; i++)
			hear_port(&m.portstates.e[i]);
		for (uint32_t i = 0; m.type == MSG_HOSTSDONE && i < m.hostsdone.n; i++)
			released += hear_end(&m.hostsdone.e[i]);
	}
	if (released != 0 && !withheld)
		engine_release(released);
}

/* As nmap's -T3, with one kind of ping. */
static inline struct msg_probeconfig
normal(void)
{
	return ((struct msg_probeconfig){
		.seed = 42, .min_rtt = 100000, .initial_rtt = 1000000, .max_rtt = 10000000,
		.max_scan_delay = 1000000, .hosts = MACHINES, .port_hosts = MACHINES,
		.timing = 3, .max_retries = 10, .port_kind = PROBE_TCP_SYN, .npings = 1,
		.ping = { { .kind = PROBE_ICMP_ECHO } },
	});
}

/* An engine that has this configuration, and is to scan the ports from first to last. */
static inline void
begin(struct msg_probeconfig config, uint32_t first, uint32_t last)
{
	static struct msg	 pieces[PORT_PIECES];
	int			 pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1)
		abort();
	chan_init(&chan, pair[0], PROBER, PARENT, NULL);
	parents_end = pair[1];
	for (uint32_t p = first; p <= last; p++)
		pieces[p / 8 / PORT_PIECE].probeports.bits[p / 8 % PORT_PIECE] |=
		    (uint8_t)(1 << p % 8);
	engine_init();
	engine_config(&config);
	for (uint8_t i = 0; i < PORT_PIECES; i++) {
		pieces[i].probeports.piece = i;
		order_piece(&pieces[i].probeports);
	}
	engine_start();
}

/* Have machine i looked at, as the host with that id. */
static inline void
target_as(uint32_t id, uint32_t i, unsigned int steps)
{
	engine_target(&(struct target_entry){
		.id = id, .steps = (uint8_t)steps, .addr = address(i) });
	told[id].to_scan = (steps & STEP_PORTS) != 0;
}

static inline void
target(uint32_t i, unsigned int steps)
{
	target_as(i, i, steps);
}

/* Hand over what has arrived; when the next packet does, at most then. */
static inline usec_t
deliver(usec_t then)
{
	struct verdict	 v;

	for (unsigned int i = 0; i < non_way && results_room();) {
		struct on_way	 w = on_way[i];

		if (w.at > now) {
			then = w.at < then ? w.at : then;
			i++;
			continue;
		}
		on_way[i] = on_way[--non_way];
		if (judge(send_key(), &w.packet, w.at, &v))
			engine_reply(&v, w.at);
		else
			engine_invalid();
	}
	return (then);
}

/* Turn as main.c's loop does until so many hosts have ended, or it is that late. */
static inline void
run(unsigned int ended, usec_t until)
{
	usec_t	 next, arrival;

	while (nended < ended && now < until) {
		deliver(now);
		if (engine_run(now)) {
			hear();
			now += 10;
			continue;
		}
		hear();
		next = engine_next(now);
		CHECK(next <= now + 100 * MSEC);
		arrival = deliver(next);
		now = arrival <= now ? now + 1 : arrival < until ? arrival : until;
	}
	hear();
}

#endif /* NETWORK_H */
