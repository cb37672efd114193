/*
 * Hosts of which an old log has part go to the prober with what is known of them, each in a row
 * of messages: the target, then its ports.
 */

#include <stdlib.h>
#include <string.h>

#include "parent.h"

static struct host_queue	 queue = { .head = NO_HOST, .tail = NO_HOST };
static struct host		*telling;	/* the host whose row is under way, or NULL */
static uint32_t			 told;		/* of its ports */
static uint32_t			 nbegun;

/* Does what the log has of a host fit the plan? */
static bool
fits(const struct past *p, const struct plan *plan)
{
	if (!plan->scan || p->state != HOST_UP || p->more.cursor > plan->nports)
		return (false);
	for (uint32_t i = 0; i < p->more.nports; i++)
		if (!ports_has(&plan->ports, p->more.ports[i].port))
			return (false);
	return (true);
}

/* A port may have been judged twice: the last result counts, and goes to the prober alone. */
static void
drop_doubles(struct host_more *m)
{
	static struct port_set	 seen;
	uint32_t		 kept = m->nports;

	seen = (struct port_set){ .bits = { 0 } };
	for (uint32_t i = m->nports; i-- > 0;) {
		uint16_t	 port = m->ports[i].port;

		if (!ports_has(&seen, port))
			m->ports[--kept] = m->ports[i];
		seen.bits[port / 8] |= (uint8_t)(1 << port % 8);
	}
	m->nports -= kept;
	if (m->nports != 0)
		memmove(m->ports, m->ports + kept, m->nports * sizeof(*m->ports));
}

/* What the log has of a host becomes what we have. */
static void
adopt(struct host *h, struct past *p)
{
	struct host_more	*m = host_need_more(h);
	const struct host_more	 own = *m;

	drop_doubles(&p->more);
	free(p->more.name);
	*m = p->more;
	m->name = own.name;
	m->others = own.others;
	m->nothers = own.nothers;
	m->nsaved = m->nports;
	p->more = (struct host_more){ .name = NULL };
	h->resumed = true;
	h->state = p->state;
	h->reason = p->reason;
	h->ttl = p->ttl;
	h->srtt = p->srtt;
	h->rdns_lookup = p->rdns_lookup;
}

/*
 * The log's address is scanned, so the one that the name has first now is not: they change
 * places.  False when the log's is none of the name's any more.
 */
static bool
swap_address(struct candidate *c, const struct addr *a)
{
	static struct addr	 others[ADDRESSES_MAX];
	unsigned int		 i = 0;

	memcpy(others, c->others, c->nothers * sizeof(*others));
	while (i < c->nothers && !addr_equal(&others[i], a))
		i++;
	if (i == ADDRESSES_MAX - 1)
		return (false);
	others[i] = c->addr;
	c->others = others;
	if (i < c->nothers)
		return (true);
	c->nothers++;
	return (false);
}

/* The address of a name may have changed since: the log's is gone on with. */
static bool
take_address(struct candidate *c, const struct past *p)
{
	char	 text[ADDR_TEXT];

	if (addr_equal(&p->addr, &c->addr))
		return (true);
	if (!c->by_name)
		die(STATUS_USAGE, "the log has another address than its plan: %s",
		    addr_text(&p->addr, text));
	if (source_excludes(&p->addr) || source_skips(&p->addr))
		return (false);
	if (c->name == NULL || !swap_address(c, &p->addr))
		warningx("%s: its address has changed; the scan of %s goes on",
		    c->name != NULL ? c->name : "a name", addr_text(&p->addr, text));
	c->addr = p->addr;
	return (true);
}

struct past *
known_find(struct candidate *c, const struct plan *plan)
{
	struct past	*p = past_take(&c->place);

	if (p == NULL)
		return (NULL);
	if (nbegun < plan->probe.port_hosts && fits(p, plan) && take_address(c, p))
		return (p);
	past_free(p);
	return (NULL);
}

void
known_begin(struct host *h, struct past *p)
{
	nbegun++;
	adopt(h, p);
	h->work = WORK_QUEUED;
	queue_put(&queue, h);
}

bool
known_report(const struct plan *plan)
{
	static struct past	**all;
	static unsigned int	  n, at;
	struct host		 *h, *first;

	if (all == NULL)
		all = past_all(&n);
	for (; at < n && hosts_room(); at++) {
		struct past	*p = all[at];

		if (fits(p, plan)) {
			h = host_new(&(const struct candidate){ .place = p->place,
			    .addr = p->addr, .name = p->more.name }, &first);
			if (first == NULL) {
				adopt(h, p);
				h->outcome = OUTCOME_PARTIAL;
				h->work = WORK_ENDED;
				report_host(h);
			}
		}
		past_free(p);
	}
	return (report_run(true) && at == n);
}

static bool
begin_next(struct chan *c)
{
	struct msg_targets	 m = { .n = 1 };

	if ((telling = queue_take(&queue)) == NULL)
		return (false);
	telling->work = WORK_SENT;
	told = 0;
	m.e[0] = (struct target_entry){
		.id = telling->id, .addr = telling->addr, .steps = STEP_KNOWN | STEP_PORTS
	};
	send_targets(c, &m);
	return (true);
}

static void
tell_ports(struct chan *c)
{
	const struct host_more	*more = host_more(telling);
	struct msg_known	 m = {
		.id = telling->id, .cursor = more->cursor, .pass = more->pass
	};

	while (m.n < KNOWN_MAX && told < more->nports) {
		m.e[m.n].port = more->ports[told].port;
		m.e[m.n++].state = more->ports[told++].state;
	}
	m.last = told == more->nports;
	send_known(c, &m);
	if (m.last)
		telling = NULL;
}

bool
known_send(void)
{
	struct chan	*c = &channels[CHILD_PROBER];

	while (chan_room(c) != 0)
		if (telling != NULL)
			tell_ports(c);
		else if (!begin_next(c))
			return (true);
	return (false);
}
