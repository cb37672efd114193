/*
 * What the parent will be told: three rings, emptied in an order that keeps its promise: a
 * host's ping comes before its ports, and all of its ports before its end.
 */

#include "log.h"
#include "prober.h"

#define PORTS_RING	4096	/* entries; the rings' sizes are powers of two */
#define HOSTS_RING	HOSTS_MAX	/* a host has one ping and one end: these can't overflow */

static struct ping_entry	 pings[HOSTS_RING];
static struct portstate_entry	 ports[PORTS_RING];
static struct hostdone_entry	 dones[HOSTS_RING];
static uint32_t			 pings_in, pings_out;
static uint32_t			 ports_in, ports_out;
static uint32_t			 dones_in, dones_out;

bool
results_room(void)
{
	return (ports_in - ports_out < PORTS_RING);
}

void
result_ping(const struct ping_entry *e)
{
	if (pings_in - pings_out == HOSTS_RING)
		fatalx("no room for a result");
	pings[pings_in++ % HOSTS_RING] = *e;
}

void
result_port(uint32_t id, const struct port_entry *e)
{
	if (ports_in - ports_out == PORTS_RING)
		fatalx("no room for a result");
	ports[ports_in++ % PORTS_RING] = (struct portstate_entry){ .id = id, .port = *e };
}

void
result_done(const struct hostdone_entry *e)
{
	if (dones_in - dones_out == HOSTS_RING)
		fatalx("no room for a result");
	dones[dones_in++ % HOSTS_RING] = *e;
}

/* Fill messages of one kind from one ring, as long as there is room for them. */
#define FLUSH(c, stem, ring, in, out, max) do {					\
	while ((out) != (in) && chan_room(c) != 0) {				\
		struct msg_##stem	 m = { .n = 0 };			\
										\
		while ((out) != (in) && m.n < (max))				\
			m.e[m.n++] = (ring)[(out)++ % (sizeof(ring) / sizeof((ring)[0]))];			\
		send_##stem((c), &m);						\
	}									\
} while (0)

bool
results_flush(struct chan *c)
{
	FLUSH(c, pings, pings, pings_in, pings_out, PINGS_MAX);
	if (pings_in != pings_out)
		return (false);
	FLUSH(c, portstates, ports, ports_in, ports_out, PORTSTATES_MAX);
	if (ports_in != ports_out)
		return (false);
	FLUSH(c, hostsdone, dones, dones_in, dones_out, HOSTSDONE_MAX);
	return (dones_in == dones_out);
}
