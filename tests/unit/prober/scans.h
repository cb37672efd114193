/*
 * Scans in the virtual network that are to find everything: the timing templates, kinds of
 * hosts, and what was found wrong.
 */

#ifndef SCANS_H
#define SCANS_H

#include "network.h"

#define BOTH	(STEP_PING | STEP_PORTS)

/* What the templates -T3 to -T5 come to, with one kind of ping. */
static inline struct msg_probeconfig
template(uint8_t timing)
{
	struct msg_probeconfig	 c = normal();

	c.timing = timing;
	c.max_scan_delay = 0;
	if (timing == 4) {
		c.initial_rtt = 500000;
		c.max_rtt = 1250000;
		c.max_retries = 6;
	} else if (timing == 5) {
		c.min_rtt = 50000;
		c.initial_rtt = 250000;
		c.max_rtt = 300000;
		c.max_retries = 2;
	}
	return (c);
}

/* Behind a firewall: two ports are open, of the others nothing is heard. */
static inline enum port_state
walled(uint16_t port)
{
	return (port == 22 || port == 80 ? PORT_OPEN : PORT_UNKNOWN);
}

static inline enum port_state
closed(uint16_t port)
{
	return (port == 22 || port == 80 ? PORT_OPEN : PORT_CLOSED);
}

/* Each 97th is open, of the others a third closed. */
static inline enum port_state
mixed(uint16_t port)
{
	return (port % 97 == 0 ? PORT_OPEN : port % 3 == 0 ? PORT_CLOSED : PORT_UNKNOWN);
}

static inline enum port_state
silent(uint16_t port)
{
	(void)port;
	return (PORT_UNKNOWN);
}

/* Machines 0 to n - 1, all alike, are scanned. */
static inline void
scan(uint32_t n, struct machine m, unsigned int steps)
{
	for (uint32_t i = 0; i < n; i++) {
		machines[i] = m;
		target(i, steps);
	}
	run(n, START + 10000 * SECOND);
	CHECK(nended == n);
}

/* Ports of machines from first to below end that were not told as they are. */
static inline unsigned int
wrong(uint32_t first, uint32_t end, uint32_t nports)
{
	unsigned int	 n = 0;

	for (uint32_t i = first; i < end; i++)
		for (uint32_t p = 1; p <= nports; p++)
			n += told[i].port[p] != machines[i].port((uint16_t)p);
	return (n);
}

/* Open ports among them. */
static inline unsigned int
missed(uint32_t first, uint32_t end, uint32_t nports)
{
	unsigned int	 n = 0;

	for (uint32_t i = first; i < end; i++)
		for (uint32_t p = 1; p <= nports; p++)
			n += machines[i].port((uint16_t)p) == PORT_OPEN &&
			    told[i].port[p] != PORT_OPEN;
	return (n);
}

static inline struct msg_stats
counters(void)
{
	struct msg_stats	 s;

	engine_stats(&s);
	return (s);
}

/* Seconds from the first probe to the last result. */
static inline double
took(void)
{
	return ((double)(now - START) / 1e6);
}

#endif /* SCANS_H */
