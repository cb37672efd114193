/*
 * What is done next with each host: name -> ping -> reverse name -> ports -> log, each host on
 * its own.  Nothing waits for anything it does not need; nothing grows beyond the tables here.
 */

#include <stdlib.h>
#include <string.h>

#include "parent.h"

#define COVERAGE_ENOUGH	(COVERAGE_ALL / 100 * 99)	/* less is said by the exit status */
#define BACKLOG_MAX	1024	/* finished hosts not yet written: more are not taken on */
#define NAMES_MAX	(LOOKUPS_MAX / 2)	/* look-ups kept for names of targets */
#define NAMES_ROOM	(CHAN_WINDOW / 2)	/* and messages: reverse names take no more */

/* A look-up in the resolver's hands, by id. */
struct lookup_slot {
	enum { LOOKUP_FREE, LOOKUP_TARGET, LOOKUP_EXCLUDE, LOOKUP_REVERSE } use;
	uint32_t	 host;		/* REVERSE */
	uint32_t	 spec;		/* TARGET */
	struct target	 target;	/* TARGET, EXCLUDE */
};

static const struct plan	*plan;
static struct lookup_slot	 slots[LOOKUPS_MAX];
static uint16_t			 free_slots[LOOKUPS_MAX];
static unsigned int		 nfree;
static unsigned int		 nnames, nexcluding;	/* those in use, by their use */
static struct host_queue	 to_probe;
static uint32_t			*to_name;	/* ring of hosts whose name is wanted */
static unsigned int		 name_in, name_out;
static bool			 stopped, abandoned;	/* no more is taken; answers are ignored */
static enum source_state	 source;	/* what it said last */
static bool			 more;		/* admit() found something */
static uint32_t			 released;
static uint32_t			 nleft;		/* hosts that had a route, and stay unfinished */
static bool			 others_begun;	/* hosts of which no old log had part */

void
steps_init(const struct plan *p)
{
	plan = p;
	for (nfree = 0; nfree < LOOKUPS_MAX; nfree++)
		free_slots[nfree] = (uint16_t)(LOOKUPS_MAX - 1 - nfree);
	queue_init(&to_probe);
	hosts_init(plan->probe.hosts);
	if ((to_name = calloc(plan->probe.hosts, sizeof(*to_name))) == NULL)
		fatal("memory");
}

static struct lookup_slot *
take_slot(void)
{
	return (&slots[free_slots[--nfree]]);
}

static void
free_slot(struct lookup_slot *s)
{
	s->use = LOOKUP_FREE;
	free_slots[nfree++] = (uint16_t)(s - slots);
}

static struct lookup_slot *
slot_at(uint32_t id)
{
	if (id >= LOOKUPS_MAX || slots[id].use == LOOKUP_FREE)
		fatalx("a look-up that was not asked for was answered");
	return (&slots[id]);
}

static void
ask_name(struct lookup_slot *s, const struct target *name)
{
	struct msg_forward	 m = { .id = (uint32_t)(s - slots), .family = FAMILY_NONE };

	s->target = *name;
	memcpy(m.name, name->name, sizeof(m.name));
	send_forward(&channels[CHILD_RESOLVER], &m);
}

bool
steps_exclude(void)
{
	struct candidate	 c;
	struct lookup_slot	*s;

	while (nfree != 0 && chan_room(&channels[CHILD_RESOLVER]) != 0) {
		if ((source = source_exclude_name(&c)) == SOURCE_WAIT)
			return (false);
		if (source == SOURCE_END) {
			if (nexcluding == 0)
				source_excluded();
			return (nexcluding == 0);
		}
		s = take_slot();
		s->use = LOOKUP_EXCLUDE;
		nexcluding++;
		ask_name(s, c.unresolved);
	}
	return (false);
}

/* A host whose work has ended goes to the log once its name is known, or not wanted. */
static void
maybe_report(struct host *h)
{
	if (h->work == WORK_ENDED && !h->naming)
		report_host(h);
}

static void
want_name(struct host *h)
{
	h->naming = true;
	to_name[name_in++ % plan->probe.hosts] = h->id;
}

static void
begin(struct host *h)
{
	h->work = plan->list_only ? WORK_ENDED : WORK_QUEUED;
	if (plan->reverse_all)
		want_name(h);
	if (plan->list_only)
		maybe_report(h);
	else
		queue_put(&to_probe, h);
}

static void
take_target(struct candidate *c)
{
	struct past	*past = others_begun ? NULL : known_find(c, plan);
	struct host	*first, *h = host_new(c, &first);

	if (first != NULL)
		;
	else if (past == NULL)
		begin(h);
	else {
		known_begin(h, past);
		if (h->rdns_lookup == LOOKUP_NONE && plan->reverse_up)
			want_name(h);
	}
	if (past != NULL)
		past_free(past);
}

/* Hosts that the prober can be told of now. */
static unsigned int
probe_room(void)
{
	return (chan_room(&channels[CHILD_PROBER]) * TARGETS_MAX);
}

/* Hosts of which an old log has part may still come up: others are held until they have. */
static bool
awaits_past(void)
{
	return (!others_begun && past_count() != 0);
}

/* Take on targets while there is room for more. */
static void
admit(void)
{
	struct candidate	 c;
	struct lookup_slot	*s;

	more = false;
	while (hosts_room() && (to_probe.count < probe_room() || awaits_past()) &&
	    report_backlog() < BACKLOG_MAX && nnames < NAMES_MAX &&
	    (!plan->list_only || name_in - name_out < BACKLOG_MAX) &&
	    chan_room(&channels[CHILD_RESOLVER]) > NAMES_ROOM) {
		switch (source = source_next(&c)) {
		case SOURCE_TARGET:
			take_target(&c);
			more = true;
			break;
		case SOURCE_NAME:
			s = take_slot();
			s->use = LOOKUP_TARGET;
			nnames++;
			s->spec = c.place.spec;
			ask_name(s, c.unresolved);
			break;
		default:
			more |= source == SOURCE_AGAIN;
			return;
		}
	}
}

static void
send_hosts(void)
{
	struct chan	*c = &channels[CHILD_PROBER];
	struct host	*h;

	if (released != 0 && chan_room(c) != 0) {
		send_release(c, &(const struct msg_release){ .n = released });
		released = 0;
	}
	if (!known_send() || (awaits_past() && (more || nnames != 0) && hosts_room()))
		return;
	others_begun = others_begun || to_probe.count != 0;
	while (to_probe.count != 0 && chan_room(c) != 0) {
		struct msg_targets	 m = { .n = 0 };

		while (m.n < TARGETS_MAX && (h = queue_take(&to_probe)) != NULL) {
			h->work = WORK_SENT;
			m.e[m.n++] = (struct target_entry){
				.id = h->id, .addr = h->addr,
				.steps = (uint8_t)((plan->ping ? STEP_PING : 0) |
				    /* -sn -Pn: a step has to be named, but has no ports. */
				    (plan->scan || !plan->ping ? STEP_PORTS : 0)),
			};
		}
		send_targets(c, &m);
	}
}

static void
send_reverse_names(void)
{
	struct chan	*c = &channels[CHILD_RESOLVER];

	while (name_in != name_out && nfree > NAMES_MAX && chan_room(c) > NAMES_ROOM) {
		struct msg_reverse	 m = { .n = 0 };

		while (m.n < REVERSE_MAX && name_in != name_out && nfree > NAMES_MAX) {
			uint32_t		 id = to_name[name_out++ % plan->probe.hosts];
			struct host		*h = host_at(id);
			struct lookup_slot	*s = take_slot();

			s->use = LOOKUP_REVERSE;
			s->host = h->id;
			m.e[m.n++] = (struct reverse_entry){
				.id = (uint32_t)(s - slots), .addr = h->addr
			};
		}
		send_reverse(c, &m);
	}
}

void
steps_run(void)
{
	if (stopped)
		return;
	admit();
	send_hosts();
	send_reverse_names();
}

bool
steps_finished(void)
{
	return (source == SOURCE_END && nnames == 0 && hosts_count() == 0);
}

bool
steps_left(void)
{
	if (nleft != 0)
		warningx("%u host%s of the log had no route any more, and stay unfinished", nleft,
		    nleft == 1 ? "" : "s");
	return (nleft != 0);
}

bool
steps_more(void)
{
	return (more && !stopped);
}

void
step_release(void)
{
	released++;
}

void
steps_stop(void)
{
	stopped = true;
}

/* What is known of the hosts in hand goes to the log: the whole hosts, and parts of others. */
void
steps_abandon(void)
{
	struct host	*h;

	abandoned = true;
	queue_init(&to_probe);
	for (uint32_t i = 0; i < plan->probe.hosts; i++) {
		if ((h = host_slot(i)) == NULL || h->work == WORK_HEIR ||
		    h->work == WORK_REPORTED)
			continue;
		if (h->work != WORK_ENDED || (plan->list_only && h->naming))
			h->outcome = OUTCOME_PARTIAL;
		h->queued = false;	/* to_probe is no more */
		h->work = WORK_ENDED;
		report_host(h);
	}
}

static void
excluded_answer(struct lookup_slot *s, const struct msg_addresses *m)
{
	struct target	 set;

	if (m->partial)
		die(STATUS_USAGE, "excluded name %s: it has more addresses than one answer holds; "
		    "nothing was probed", s->target.name);
	if (m->lookup != LOOKUP_FOUND)
		die(STATUS_USAGE, "excluded name %s: %s; nothing was probed", s->target.name,
		    lookup_names[m->lookup]);
	for (unsigned int i = 0; i < m->n; i++) {
		target_resolved(&s->target, &m->addr[i], &set);
		source_exclude(&set);
	}
}

static void
target_answer(struct lookup_slot *s, const struct msg_addresses *m)
{
	struct place	 place = { .spec = s->spec };
	enum lookup	 lookup = m->lookup;

	if (m->partial) {
		warningx("%s has more addresses than one answer holds", s->target.name);
		if (plan->resolve_all)
			run_missing(MISSING_NAME);
	}
	if (lookup == LOOKUP_FOUND) {
		if (source_resolved(s->spec, &s->target, m->addr, m->n))
			return;
		lookup = LOOKUP_NO_IPV4;
	}
	warningx("failed to resolve \"%s\": %s%s", s->target.name, lookup_names[lookup],
	    lookup == LOOKUP_NO_IPV4 ? ", and others are not scanned yet" : "");
	run_missing(MISSING_NAME);
	report_name_failed(&place, s->target.name, lookup);
}

void
step_addresses(const struct msg_addresses *m)
{
	struct lookup_slot	*s = slot_at(m->id);

	if (s->use == LOOKUP_REVERSE)
		fatalx("the name of an address was asked for, and addresses came");
	run_lookup(false, m->lookup, m->source);
	if (s->use == LOOKUP_EXCLUDE) {
		nexcluding--;
		excluded_answer(s, m);
	} else {
		nnames--;
		if (!stopped)
			target_answer(s, m);
	}
	free_slot(s);
}

void
step_hostnames(const struct hostname_entry *e)
{
	struct lookup_slot	*s = slot_at(e->id);
	struct host		*h;

	if (s->use != LOOKUP_REVERSE)
		fatalx("the addresses of a name were asked for, and a name came");
	free_slot(s);
	if (abandoned)
		return;
	run_lookup(true, e->lookup, e->source);
	h = host_at(s->host);
	h->rdns_lookup = e->lookup;
	if (e->lookup == LOOKUP_FOUND)
		host_need_more(h)->rdns = copy(e->name, strlen(e->name) + 1);
	h->naming = false;
	if (!stopped)
		maybe_report(h);
}

/* A host that the prober has and has said nothing final of. */
static struct host *
probed(uint32_t id, bool pinged)
{
	struct host	*h = host_at(id);

	if (h->work != WORK_SENT || h->pinged != pinged)
		fatalx("host %u is not being %s", id, pinged ? "scanned" : "pinged");
	return (h);
}

/* Who answered for it, and the address of its card: most hosts have neither. */
static void
note_sender(struct host *h, const struct ping_entry *e)
{
	struct host_more	*m;

	if (e->from.family == FAMILY_NONE && !e->has_mac)
		return;
	m = host_need_more(h);
	m->from = e->from;
	m->has_mac = e->has_mac;
	memcpy(m->mac, e->mac, sizeof(m->mac));
}

void
step_ping(const struct ping_entry *e)
{
	struct host	*h;

	if (abandoned)
		return;
	h = probed(e->id, false);
	h->pinged = true;
	if (h->resumed) {
		h->ticket = true;
		return;
	}
	h->ticket = plan->scan && e->state == HOST_UP;
	h->state = e->state;
	h->reason = e->reason;
	h->ttl = e->ttl;
	h->srtt = e->rtt;
	note_sender(h, e);
	if (e->reason == REASON_NO_ROUTE)
		run_no_route(&h->addr);
	if (e->state == HOST_UP && plan->reverse_up && !plan->reverse_all && !stopped)
		want_name(h);
}

void
step_port(const struct portstate_entry *e)
{
	struct host	*h;

	if (abandoned)
		return;
	h = probed(e->id, true);
	if (h->state != HOST_UP || !ports_has(&plan->ports, e->port.port))
		fatalx("port %u of host %u was not asked for", e->port.port, e->id);
	/* A port may be judged twice: first by an ICMP error, then by itself. */
	if (host_more(h)->nports >= 2 * plan->nports)
		fatalx("too many ports of host %u", e->id);
	more_add_port(host_need_more(h), &e->port);
}

void
step_progress(const struct progress_entry *e)
{
	struct host_more	*m;

	if (abandoned)
		return;
	m = host_need_more(probed(e->id, true));
	if (!plan->scan || e->cursor > plan->nports)
		fatalx("host %u has no port %u", e->id, e->cursor);
	m->moved = m->moved || m->cursor != e->cursor || m->pass != e->pass;
	m->cursor = e->cursor;
	m->pass = e->pass;
}

void
step_done(const struct hostdone_entry *e)
{
	struct host	*h;

	if (abandoned)
		return;
	h = probed(e->id, true);
	if (e->outcome == OUTCOME_PARTIAL && !h->resumed)
		fatalx("host %u is done, and in part only", e->id);
	h->work = WORK_ENDED;
	h->outcome = e->outcome;
	nleft += e->outcome == OUTCOME_PARTIAL;
	if (e->srtt != 0)
		h->srtt = e->srtt;
	h->coverage = e->coverage;
	if (e->outcome == OUTCOME_TIMED_OUT)
		run_missing(MISSING_TIME);
	if (plan->scan && h->state == HOST_UP && e->coverage < COVERAGE_ENOUGH)
		run_missing(MISSING_ANSWERS);
	if (!stopped)
		maybe_report(h);
}
