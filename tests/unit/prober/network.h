/*
 * A network without a network: it takes the probes that the engine sends, has the machines
 * answer, and hands their replies back when they would arrive, on a clock of its own.  What
 * the engine tells its parent is taken in as a parent would, who believes nothing.
 *
 * Engine and network begin with the process, so each test runs apart.
 */

#ifndef NETWORK_H
#define NETWORK_H

#include <sys/socket.h>

#include "log.h"
#include "machines.h"

static bool		 withheld;	/* the parent releases nobody by itself */

/* How a test takes what it is told of a scan's progress. */
typedef void		 progress_rule(const struct progress_entry *);
static progress_rule	*progress;

/* What the parent was told of the host with an id. */
static struct told {
	unsigned int	 pings, ends;
	bool		 to_scan;
	struct ping_entry ping;
	struct hostdone_entry end;
	usec_t		 ended;		/* when */
	struct progress_entry at;	/* the last one told */
	unsigned int	 nports;	/* results */
	uint8_t		 port[PORT_BITS];	/* enum port_state, the last one told */
}			 told[MACHINES];
static unsigned int	 nended;

static struct chan	 chan;
static int		 parents_end;

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

/* It moves forward only. */
static inline void
hear_progress(const struct progress_entry *e)
{
	struct told	*t = &told[e->id];

	CHECK(t->pings == 1 && t->ping.state == HOST_UP && t->ends == 0);
	CHECK(e->pass > t->at.pass || (e->pass == t->at.pass && e->cursor > t->at.cursor));
	t->at = *e;
	if (progress != NULL)
		progress(e);
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
		    check_portstates(&m) : m.type == MSG_PROGRESS ? check_progress(&m) :
		    m.type == MSG_HOSTSDONE && check_hostsdone(&m));
		for (uint32_t i = 0; m.type == MSG_PINGS && i < m.pings.n; i++)
			hear_ping(&m.pings.e[i]);
		for (uint32_t i = 0; m.type == MSG_PORTSTATES && i < m.portstates.n; i++)
			hear_port(&m.portstates.e[i]);
		for (uint32_t i = 0; m.type == MSG_PROGRESS && i < m.progress.n; i++)
			hear_progress(&m.progress.e[i]);
		for (uint32_t i = 0; m.type == MSG_HOSTSDONE && i < m.hostsdone.n; i++)
			released += hear_end(&m.hostsdone.e[i]);
	}
	if (released != 0 && !withheld)
		engine_release(released, now);
}

/* As nmap's -T3, with one kind of ping. */
static inline struct msg_probeconfig
normal(void)
{
	return ((struct msg_probeconfig){
		.seed = 42, .min_rtt = 100000, .initial_rtt = 1000000, .max_rtt = 10000000,
		.max_scan_delay = 1000000, .hosts = MACHINES, .port_hosts = MACHINES,
		.timing = 3, .max_retries = 10, .limit_retries = RETRIES_MAX,
		.port_kind = PROBE_TCP_SYN, .npings = 1,
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
	send_init(false);
	engine_init(now);
	engine_config(&config);
	for (uint8_t i = 0; i < PORT_PIECES; i++) {
		pieces[i].probeports.piece = i;
		order_piece(&pieces[i].probeports);
	}
	engine_start(now);
}

/* Have machine i looked at, as the host with that id. */
static inline void
target_as(uint32_t id, uint32_t i, unsigned int steps)
{
	engine_target(&(struct target_entry){
		.id = id, .steps = (uint8_t)steps, .addr = address(i) }, now);
	told[id].to_scan = (steps & STEP_PORTS) != 0;
}

static inline void
target(uint32_t i, unsigned int steps)
{
	target_as(i, i, steps);
}

/* Machine i's scan goes on at the cursor in that pass; ports: what is known of 0 to below end. */
static inline void
known(uint32_t i, uint32_t cursor, uint8_t pass, const uint8_t *ports, uint32_t end)
{
	struct msg_known	 m = { .id = i, .cursor = cursor, .pass = pass };

	for (uint32_t p = 0; p < end; p++) {
		if (ports[p] == PORT_UNKNOWN)
			continue;
		if (m.n == KNOWN_MAX) {
			engine_known(&m, now);
			m.n = 0;
		}
		m.e[m.n++] = (struct known_entry){ .port = (uint16_t)p, .state = ports[p] };
	}
	m.last = 1;
	engine_known(&m, now);
}

/* Hand over what has arrived; when the next packet does, at most then. */
static inline usec_t
deliver(usec_t then)
{
	struct verdict	 v;

	while (non_way != 0 && on_way[0].at <= now && results_room()) {
		usec_t		 at = on_way[0].at;
		struct packet	 p = take_from_way();

		if (judge(send_key(), &p, at, &v)) {
			engine_reply(&v, at);
			if (v.host == HOST_UP)
				machines[addr_to_ipv4(&v.question.dst) - NETWORK].heard = true;
		} else
			engine_invalid();
	}
	return (non_way != 0 && on_way[0].at < then ? on_way[0].at : then);
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
