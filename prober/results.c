/*
 * What the parent will be told, in an order that keeps its promise: a host's ping comes before
 * its ports, and all of its ports before its end and before how far its scan is (progress.c).
 * What is told of a host is in the host itself until then.
 */

#include <string.h>

#include "log.h"
#include "prober.h"

#define PORTS_RING	4096	/* entries; the rings' sizes are powers of two */
#define MANY		(CHAN_WINDOW / 2)	/* messages: as many again may be under way */
#define PINGS_RING	HOSTS_MAX	/* a host has one ping: this can't overflow */

static uint32_t			 pings[PINGS_RING];	/* ids */
static struct portstate_entry	 ports[PORTS_RING];
static struct queue		 done = { NO_HOST, NO_HOST };
static uint32_t			 pings_in, pings_out;
static uint32_t			 ports_in, ports_out;

bool
results_room(void)
{
	return (ports_in - ports_out < PORTS_RING && !progress_late());
}

bool
results_many(void)
{
	return ((pings_in - pings_out) / PINGS_MAX + (ports_in - ports_out) / PORTSTATES_MAX >=
	    MANY);
}

void
result_ping(const struct host *h)
{
	if (pings_in - pings_out == PINGS_RING)
		fatalx("no room for a result");
	pings[pings_in++ % PINGS_RING] = host_id(h);
}

void
result_port(uint32_t id, const struct port_entry *e)
{
	if (ports_in - ports_out == PORTS_RING)
		fatalx("no room for a result");
	ports[ports_in++ % PORTS_RING] = (struct portstate_entry){ .id = id, .port = *e };
}

void
result_done(struct host *h)
{
	queue_put(&done, h, IN_DONE);
}

static struct ping_entry
ping_entry(const struct host *h)
{
	struct ping_entry	 e = {
		.id = host_id(h), .state = h->state, .reason = h->reason, .ttl = h->ttl
	};

	if (h->state == HOST_DOWN) {
		e.from = h->from;
		return (e);
	}
	e.rtt = h->rtt.srtt;
	e.has_mac = h->reason == REASON_ARP_RESPONSE;
	if (e.has_mac)
		memcpy(e.mac, h->mac, sizeof(e.mac));
	return (e);
}

static void
flush_pings(struct chan *c)
{
	while (pings_in != pings_out && chan_room(c) != 0) {
		struct msg_pings	 m = { .n = 0 };

		while (pings_in != pings_out && m.n < PINGS_MAX)
			m.e[m.n++] = ping_entry(host_at(pings[pings_out++ % PINGS_RING]));
		send_pings(c, &m);
	}
}

static void
flush_ports(struct chan *c)
{
	while (ports_in != ports_out && chan_room(c) != 0) {
		struct msg_portstates	 m = { .n = 0 };

		while (ports_in != ports_out && m.n < PORTSTATES_MAX)
			m.e[m.n++] = ports[ports_out++ % PORTS_RING];
		send_portstates(c, &m);
	}
}

static void
flush_done(struct chan *c)
{
	struct host	*h;

	while (done.head != NO_HOST && chan_room(c) != 0) {
		struct msg_hostsdone	 m = { .n = 0 };

		while (m.n < HOSTSDONE_MAX && (h = queue_take(&done)) != NULL) {
			m.e[m.n++] = (struct hostdone_entry){
				.id = host_id(h), .srtt = h->rtt.srtt, .probes = h->sent,
				.outcome = h->outcome, .coverage = h->coverage
			};
			h->step = 0;
		}
		send_hostsdone(c, &m);
	}
}

bool
results_flush(struct chan *c)
{
	flush_pings(c);
	if (pings_in != pings_out)
		return (false);
	flush_ports(c);
	if (ports_in != ports_out)
		return (false);
	flush_done(c);
	return (progress_flush(c) && done.head == NO_HOST);
}
