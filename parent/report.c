/*
 * What the logger is told of the hosts: each host whole, in a row of messages, and the targets
 * of which there is nothing to say as ranges.  Whatever waits, waits in the hosts' own places.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent.h"

struct failed_name {
	struct failed_name	*next;
	struct msg_namefailed	 m;
};

/* The host that is being written: where it stands. */
enum stage { STAGE_HOST, STAGE_ADDRS, STAGE_PORTS };

static const struct plan	*plan;
static bool			 show_down;
static struct host_queue	 queue;
static struct host		*writing;
static enum stage		 stage;
static unsigned int		 written;	/* of its addresses */
static uint32_t			 next_port;
static uint32_t			 nports;
static uint32_t			 from_port, to_port;	/* of its results, those that are told */
static bool			 part;	/* it is under way: told how far it is */
static bool			 saving;	/* hosts under way are gone through, */
static bool			 part_due;	/* in turns with those that are done */
static uint32_t			 save_at;	/* the next of them */
static uint32_t			 result_of[PORT_BITS];	/* its result for a port, plus one */
static struct msg_barehosts	 bare;		/* done, and little to say */
static struct msg_ranges	 silent;	/* done, and nothing to say */
static struct failed_name	*failed;

void
report_init(const struct plan *p, const struct options *o)
{
	plan = p;
	show_down = o->verbosity != 0;
	queue_init(&queue);
}

void
report_host(struct host *h)
{
	if (h->work != WORK_ENDED)
		fatalx("host %u is reported before its end", h->id);
	h->work = WORK_REPORTED;
	queue_put(&queue, h);
}

unsigned int
report_backlog(void)
{
	return (queue.count);
}

void
report_name_failed(const struct place *place, const char *name, enum lookup lookup)
{
	struct failed_name	*f = calloc(1, sizeof(*f));

	if (f == NULL)
		fatal("memory");
	f->m.place = *place;
	f->m.lookup = (uint8_t)lookup;
	snprintf(f->m.name, sizeof(f->m.name), "%s", name);
	f->next = failed;
	failed = f;
}

/* The last result of each port counts. */
static void
index_ports(const struct host_more *m)
{
	nports = 0;
	for (unsigned int i = from_port; i < to_port; i++) {
		nports += result_of[m->ports[i].port] == 0;
		result_of[m->ports[i].port] = i + 1;
	}
}

static void
forget_ports(const struct host_more *m)
{
	for (unsigned int i = from_port; i < to_port; i++)
		result_of[m->ports[i].port] = 0;
}

/* The next port with a result, from this one on; there is one.  Those not asked go by 64. */
static uint32_t
next_answered(uint32_t port)
{
	uint64_t	 asked;

	for (; result_of[port] == 0; port++) {
		if (port % 64 != 0)
			continue;
		memcpy(&asked, &plan->ports.bits[port / 8], sizeof(asked));
		if (asked == 0)
			port += 63;
	}
	return (port);
}

/* What the log is told of a host, and that so many ports follow; partly: it is under way. */
static struct msg_host
describe(const struct host *h, bool partly, uint32_t ports)
{
	const struct host_more	*more = host_more(h);
	struct msg_host		 m = {
		.place = h->place, .addr = h->addr, .srtt = h->srtt, .ports = ports,
		.others = more->nothers, .from = more->from, .state = h->state,
		.reason = h->reason, .ttl = h->ttl,
		.outcome = partly ? OUTCOME_PARTIAL : h->outcome,
		.flags = (more->has_mac ? HOST_HAS_MAC : 0) | (partly ? HOST_CHECKPOINT : 0),
		.rest_state = plan->scan ? PORT_FILTERED : PORT_UNKNOWN,
		.rest_reason = REASON_NO_RESPONSE, .rdns_lookup = h->rdns_lookup,
		.coverage = h->coverage,
	};

	if (m.outcome == OUTCOME_PARTIAL) {
		m.cursor = more->cursor;
		m.pass = more->pass;
	}
	memcpy(m.mac, more->mac, sizeof(m.mac));
	if (more->name != NULL)
		snprintf(m.name, sizeof(m.name), "%s", more->name);
	if (more->rdns != NULL)
		snprintf(m.rdns, sizeof(m.rdns), "%s", more->rdns);
	return (m);
}

static void
write_host(struct chan *c, const struct host *h)
{
	const struct msg_host	 m = describe(h, part, nports);

	send_host(c, &m);
}

static void
write_addrs(struct chan *c, const struct host_more *more)
{
	struct msg_hostaddrs	 m = { .n = 0 };

	while (m.n < HOSTADDRS_MAX && written < more->nothers)
		m.addr[m.n++] = more->others[written++];
	send_hostaddrs(c, &m);
}

static void
write_ports(struct chan *c, const struct host_more *more)
{
	struct msg_hostports	 m = { .n = 0 };

	for (; m.n < HOSTPORTS_MAX && nports != 0; next_port++) {
		const struct port_result	*r;

		next_port = next_answered(next_port);
		r = &more->ports[result_of[next_port] - 1];
		m.e[m.n] = (struct port_entry){
			.port = r->port, .proto = PROTO_TCP, .state = r->state,
			.reason = r->reason, .ttl = r->ttl
		};
		if (r->sender != 0)
			m.e[m.n].from = more->senders[r->sender - 1];
		m.n++;
		nports--;
	}
	send_hostports(c, &m);
}

/* One message more of the host that is being written: false when that was the last. */
static bool
write_next(struct chan *c, const struct host *h)
{
	const struct host_more	*more = host_more(h);

	switch (stage) {
	case STAGE_HOST:
		index_ports(more);
		write_host(c, h);
		written = next_port = 0;
		break;
	case STAGE_ADDRS:
		write_addrs(c, more);
		break;
	case STAGE_PORTS:
		write_ports(c, more);
		break;
	}
	stage = written < more->nothers ? STAGE_ADDRS : STAGE_PORTS;
	if (written < more->nothers || nports != 0)
		return (true);
	forget_ports(more);
	return (false);
}

static void
free_host(struct host *h)
{
	struct host	*heir;

	if (h->ticket)
		step_release();
	h->ticket = false;
	if ((heir = host_free(h)) != NULL)
		report_host(heir);
}

static void
flush_silent(struct chan *c)
{
	if (silent.n != 0)
		send_done(c, &silent);
	silent = (struct msg_ranges){ .n = 0 };
}

/* A target with nothing to say of it joins the range it continues. */
static void
note_silent(const struct place *p)
{
	struct range	*r;

	silent.hosts++;
	for (uint32_t i = 0; i < silent.n; i++) {
		r = &silent.e[i];
		if (r->spec == p->spec && r->last + 1 == p->offset) {
			r->last++;
			return;
		}
		if (r->spec == p->spec && p->offset + 1 == r->first) {
			r->first--;
			return;
		}
	}
	silent.e[silent.n++] = (struct range){
		.spec = p->spec, .first = p->offset, .last = p->offset
	};
}

static void
flush_bare(struct chan *c)
{
	send_barehosts(c, &bare);
	bare = (struct msg_barehosts){ .n = 0 };
}

/* Is there no name, other address or port of it to tell? */
static bool
is_bare(const struct host *h)
{
	const struct host_more	*more = host_more(h);

	return (h->outcome != OUTCOME_PARTIAL && more->name == NULL && more->rdns == NULL &&
	    more->nothers == 0 && more->nports == 0);
}

static void
note_bare(const struct host *h)
{
	const struct msg_host	 m = describe(h, false, 0);

	memcpy(bare.e[bare.n++], &m, BARE_SIZE);
}

/* Does the log have nothing to say of it? */
static bool
is_silent(const struct host *h)
{
	return (h->state == HOST_DOWN && !show_down);
}

/* Of what was only begun, there is something to say when ports were asked. */
static bool
is_nothing(const struct host *h)
{
	const struct host_more	*more = host_more(h);

	return (h->outcome == OUTCOME_PARTIAL && more->nports == 0 && more->cursor == 0 &&
	    more->pass == 0);
}

static void
write_failed(struct chan *c)
{
	struct failed_name	*f = failed;

	failed = f->next;
	send_namefailed(c, &f->m);
	free(f);
}

static void
begin_writing(struct host *h, uint32_t from)
{
	writing = h;
	stage = STAGE_HOST;
	from_port = from;
	to_port = host_more(h)->nports;
}

/* Has it got further in its port scan since the logs were told? */
static bool
has_moved(const struct host *h)
{
	return (h != NULL && h->work == WORK_SENT && h->pinged && h->more != NULL &&
	    (h->more->moved || h->more->nports > h->more->nsaved));
}

/* Take up the next host under way; after the last one, have the logs put on disk. */
static void
next_part(struct chan *c)
{
	struct host	*h = NULL;

	while (save_at < plan->probe.hosts && !has_moved(h = host_slot(save_at)))
		save_at++;
	if (save_at == plan->probe.hosts) {
		saving = false;
		SEND_EMPTY(c, checkpoint);
		return;
	}
	save_at++;
	begin_writing(h, h->more->nsaved);
	part = true;
	h->more->nsaved = h->more->nports;
	h->more->moved = false;
}

void
report_checkpoint(void)
{
	if (saving)
		return;
	saving = true;
	save_at = 0;
}

/* Take up the next host that needs writing; settle those that don't.  False: none. */
static bool
next_host(struct chan *c)
{
	struct host	*h;

	part = false;
	while (silent.n < RANGES_MAX && bare.n < BAREHOSTS_MAX &&
	    (h = queue_take(&queue)) != NULL) {
		if (is_nothing(h))
			;
		else if (is_silent(h))
			note_silent(&h->place);
		else if (is_bare(h))
			note_bare(h);
		else {
			begin_writing(h, 0);
			return (true);
		}
		free_host(h);
	}
	if (silent.n == RANGES_MAX && chan_room(c) != 0)
		flush_silent(c);
	return (false);
}

bool
report_run(bool flush)
{
	struct chan	*c = &channels[CHILD_LOGGER];

	while (chan_room(c) != 0) {
		if (bare.n != 0 && (bare.n == BAREHOSTS_MAX || writing != NULL ||
		    queue.count == 0)) {
			flush_bare(c);
		} else if (writing != NULL) {
			if (!write_next(c, writing)) {
				struct host	*h = writing;

				writing = NULL;
				if (!part)
					free_host(h);
			}
		} else if (failed != NULL)
			write_failed(c);
		else if (saving && part_due) {
			part_due = false;
			next_part(c);
		} else if (next_host(c))
			part_due = true;
		else if (queue.count == 0 && bare.n == 0) {
			if (!saving || chan_room(c) == 0)
				break;
			next_part(c);
		}
	}
	if (flush && chan_room(c) != 0 && writing == NULL)
		flush_silent(c);
	return (writing == NULL && failed == NULL && queue.count == 0 && bare.n == 0 &&
	    silent.n == 0);
}
