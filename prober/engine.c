/*
 * Who is probed next, and what a reply or a silence changes.
 *
 * Each host walks through its steps, ping and then ports.  A step is a row of probes, gone
 * through in passes: the first sends every probe once, the next those that are still
 * unanswered, so that the tries of one probe lie far apart.  How many passes are worth it
 * follows from the replies: one more than the highest that still brought an answer.
 *
 * Hosts that may send wait in the ready queue and take turns.  A host leaves it when its
 * window is full or it has nothing to send; a reply or a time-out brings it back.
 */

#include <string.h>

#include "log.h"
#include "prober.h"

#define BURST		50	/* probes sent between two looks at the replies */
#define ARP_TIMEOUT	200000
#define DRAIN_MAX	900000	/* microseconds */
#define PAUSE		1000	/* microseconds, when the kernel's queue is full */

static struct msg_probeconfig	 config;
static uint32_t			 nports;

static struct queue		 ready, waiting;	/* waiting for a slab */
static struct window		 all;		/* the window over all hosts */
static struct rtt		 any_rtt;	/* for hosts without one of their own */
static uint32_t			 tickets;	/* hosts that may yet begin their port scan */
static usec_t			 not_before;	/* nothing is sent: --max-rate, a full queue */
static usec_t			 drained_at;	/* when stopped; 0: running */
static struct msg_stats		 stats;

void
engine_init(void)
{
	send_init();
	flights_init();
	hosts_reserve();
	queue_init(&ready);
	queue_init(&waiting);
}

void
engine_config(const struct msg_probeconfig *c)
{
	config = *c;
	window_init(&all, c->parallelism);
}

void
engine_start(void)
{
	nports = order_make(config.seed, config.ordered);
	tickets = config.port_hosts;
	hosts_init(config.hosts, config.port_hosts, nports);
}

/* How long a probe to this host is waited for. */
static usec_t
timeout_of(const struct host *h)
{
	uint32_t	 timeout;

	if (h->rtt.timeout != 0)
		timeout = h->rtt.timeout;
	else if (h->arp && h->step == STEP_PING)
		timeout = ARP_TIMEOUT;
	else
		timeout = any_rtt.timeout != 0 ? any_rtt.timeout : config.initial_rtt;
	return (timeout > config.scan_delay ? timeout : config.scan_delay);
}

static void
begin_step(struct host *h, uint8_t step, uint32_t nprobes)
{
	h->step = step;
	h->generation++;
	h->waking = false;	/* what would wake it belongs to the step before */
	h->pass = 0;
	h->tries = config.max_retries == 0 ? 1 : 2;
	h->cursor = 0;
	h->nprobes = h->open_probes = nprobes;
	queue_put(&ready, h);
}

static void
begin_ports(struct host *h)
{
	if (tickets == 0 || !host_slab(h)) {
		h->step = STEP_PORTS;
		h->probe = NULL;	/* nothing is an answer now */
		h->generation++;
		queue_remove(h);
		queue_put(&waiting, h);
		return;
	}
	tickets--;
	begin_step(h, STEP_PORTS, nports);
}

static void
begin_waiting(void)
{
	struct host	*h;

	if (tickets != 0 && (h = queue_take(&waiting)) != NULL)
		begin_ports(h);
}

void
engine_release(uint32_t n)
{
	if (n > config.port_hosts - tickets)
		fatalx("more hosts are released than were scanned");
	tickets += n;
	for (; n > 0; n--)
		begin_waiting();
}

/* What is in flight for a host no longer counts: its step is over. */
static void
forget_flights(struct host *h)
{
	all.inflight -= h->window.inflight;
	h->window.inflight = 0;
}

static void
finish(struct host *h, enum outcome outcome)
{
	forget_flights(h);
	result_done(&(struct hostdone_entry){
		.id = h->id, .srtt = h->rtt.srtt, .probes = h->sent, .outcome = (uint8_t)outcome
	});
	host_free(h);
	begin_waiting();
}

static void
host_down(struct host *h, enum reason reason, const struct verdict *v)
{
	struct ping_entry	 e = {
		.id = h->id, .state = HOST_DOWN, .reason = (uint8_t)reason
	};

	if (v != NULL) {
		e.ttl = v->ttl;
		e.from = v->from;
	}
	result_ping(&e);
	finish(h, OUTCOME_COMPLETE);
}

static void
host_up(struct host *h, enum reason reason, const struct verdict *v)
{
	struct ping_entry	 e = {
		.id = h->id, .state = HOST_UP, .reason = (uint8_t)reason, .rtt = h->rtt.srtt
	};

	if (v != NULL) {
		e.ttl = v->ttl;
		e.from = v->from;
		if (v->question.kind == PROBE_ARP) {
			e.has_mac = 1;
			memcpy(e.mac, v->mac, sizeof(e.mac));
		}
	}
	result_ping(&e);
	forget_flights(h);
	if ((h->steps & STEP_PORTS) != 0 && nports != 0)
		begin_ports(h);
	else
		finish(h, OUTCOME_COMPLETE);
}

void
engine_target(const struct target_entry *t)
{
	enum route_found found;
	struct host	*h;
	struct route	 r;

	if (host_at(t->id)->step != 0)
		fatalx("host %u is in hand already", t->id);
	if ((h = host_new(t->id, &t->addr)) == NULL)
		fatalx("the address of host %u is in hand already", t->id);
	h->steps = t->steps;
	h->step = STEP_PING;
	h->probe = h->ping;
	window_init(&h->window, config.parallelism);
	found = route_to(&t->addr, &r);
	if (found != ROUTE_FOUND) {
		host_down(h, found == ROUTE_NONE ? REASON_NO_ROUTE : REASON_NO_RESPONSE, NULL);
		return;
	}
	h->src = r.src;
	h->arp = r.onlink;
	h->ifindex = r.ifindex;
	h->mac = r.mac;
	if (r.local)
		host_up(h, REASON_LOCALHOST, NULL);
	else if (h->arp)
		begin_step(h, STEP_PING, 1);
	else if ((t->steps & STEP_PING) != 0)
		begin_step(h, STEP_PING, config.npings);
	else
		host_up(h, REASON_USER_SET, NULL);
}

/*
 * The next probe of this host's step that may be sent, or nprobes when there is none: the
 * last pass is through, or this one has come to a probe that is still in flight.
 */
static uint32_t
next_probe(struct host *h)
{
	uint8_t	 s;

	for (;;) {
		for (; h->cursor < h->nprobes; h->cursor++) {
			s = h->probe[h->cursor];
			if ((s & PROBE_ANSWERED) != 0 || (s & PROBE_TRIES) > h->pass)
				continue;
			return ((s & PROBE_IN_FLIGHT) != 0 ? h->nprobes : h->cursor);
		}
		if (h->open_probes == 0 || h->pass + 1 >= h->tries)
			return (h->nprobes);
		h->pass++;
		h->cursor = 0;
	}
}

static struct question
question_of(const struct host *h, uint32_t probe)
{
	struct question	 q = { .src = h->src, .dst = h->addr };

	if (h->step == STEP_PORTS) {
		q.kind = config.port_kind;
		q.port = order_port(probe);
	} else if (h->arp)
		q.kind = PROBE_ARP;
	else {
		q.kind = config.ping[probe].kind;
		q.port = config.ping[probe].port;
	}
	return (q);
}

/* The step's probes are through. */
static void
step_over(struct host *h)
{
	if (h->step == STEP_PING)
		host_down(h, REASON_NO_RESPONSE, NULL);
	else
		finish(h, OUTCOME_COMPLETE);
}

static void
wake_later(struct host *h, usec_t when)
{
	if (h->waking)
		return;
	h->waking = true;
	flight_add(when, &(struct flight){
		.host = h->id, .probe = FLIGHT_WAKE, .generation = h->generation });
}

/* Send one probe of a host that was ready: true when it went and the host may have more. */
static bool
send_one(struct host *h, usec_t now)
{
	struct question	 q;
	uint32_t	 probe;
	uint8_t		 tryno;

	if (h->deadline != 0 && now >= h->deadline) {
		finish(h, OUTCOME_TIMED_OUT);
		return (false);
	}
	if (!window_has_room(&h->window))
		return (false);
	if ((probe = next_probe(h)) == h->nprobes) {
		if (h->window.inflight == 0)
			step_over(h);
		return (false);
	}
	if (config.scan_delay != 0 && h->sent != 0 && now < h->last_sent + config.scan_delay) {
		wake_later(h, h->last_sent + config.scan_delay);
		return (false);
	}
	tryno = h->probe[probe] & PROBE_TRIES;
	q = question_of(h, probe);
	if (send_probe(h, &q, tryno, now) == -1) {
		not_before = now + PAUSE;
		return (true);
	}
	h->probe[probe] = (uint8_t)(PROBE_IN_FLIGHT | (tryno + 1));
	h->cursor++;
	h->sent++;
	h->last_sent = now;
	if (h->step == STEP_PORTS && h->deadline == 0 && config.host_timeout != 0)
		h->deadline = now + config.host_timeout * (usec_t)1000;
	window_sent(&h->window);
	window_sent(&all);
	flight_add(now + timeout_of(h), &(struct flight){ .host = h->id,
	    .probe = probe & FLIGHT_MASK, .tryno = tryno & 0xfU,
	    .generation = h->generation });
	return (true);
}

/* A time-out: of a probe, or of a delay. */
static void
on_flight(const struct flight *f)
{
	struct host	*h = host_at(f->host);
	uint8_t		*s;

	if (h->step == 0 || h->generation != f->generation)
		return;
	if (f->probe == FLIGHT_WAKE)
		h->waking = false;
	else {
		s = &h->probe[f->probe];
		if ((*s & PROBE_IN_FLIGHT) == 0 || (*s & PROBE_TRIES) != f->tryno + 1)
			return;
		*s &= (uint8_t)~PROBE_IN_FLIGHT;
		window_expired(&h->window);
		window_expired(&all);
	}
	queue_put(&ready, h);
}

/* Which probe of the host's step does a verdict answer?  nprobes: none of them. */
static uint32_t
probe_of(const struct host *h, const struct question *q)
{
	if (h->step == STEP_PORTS) {
		if (h->probe == NULL || q->kind != config.port_kind ||
		    order_place(q->port) == NOT_A_PORT)
			return (h->nprobes);
		return (order_place(q->port));
	}
	if (h->arp)
		return (q->kind == PROBE_ARP ? 0 : h->nprobes);
	for (uint32_t i = 0; i < h->nprobes; i++)
		if (config.ping[i].kind == q->kind && config.ping[i].port == q->port)
			return (i);
	return (h->nprobes);
}

/* What the reply's timing says of the path and of our own speed. */
static void
learn(struct host *h, uint8_t *s, const struct verdict *v, usec_t now)
{
	usec_t	 sent = v->sent != 0 ? v->sent : h->last_sent;
	bool	 fast = config.timing >= 4;

	if (v->sent != 0 || (*s & PROBE_TRIES) == 1) {
		rtt_sample(&h->rtt, (int64_t)(now - sent), config.min_rtt, config.max_rtt);
		if (v->tryno == 0)
			rtt_sample(&any_rtt, (int64_t)(now - sent), config.min_rtt,
			    config.initial_rtt);
	}
	if ((*s & PROBE_IN_FLIGHT) != 0) {
		window_answered(&h->window, fast, config.parallelism);
		window_answered(&all, fast, config.parallelism);
	}
	if (v->tryno == 0)
		return;
	if (v->port != PORT_FILTERED)
		window_share(&all, window_lost(&h->window, sent, now, config.timing));
	if (h->tries < v->tryno + 2 && h->tries <= config.max_retries)
		h->tries++;
}

static void
port_answered(struct host *h, uint32_t probe, const struct verdict *v)
{
	uint8_t	*s = &h->probe[probe];

	if ((*s & PROBE_ANSWERED) == 0)
		h->open_probes--;
	*s = (uint8_t)((*s & PROBE_TRIES) | PROBE_ANSWERED |
	    (v->port == PORT_FILTERED ? PROBE_FILTERED : 0));
	result_port(h->id, &(struct port_entry){
		.port = order_port(probe), .proto = PROTO_TCP, .state = v->port,
		.reason = v->reason, .ttl = v->ttl, .from = v->from });
	queue_put(&ready, h);
}

void
engine_reply(const struct verdict *v, usec_t now)
{
	struct host	*h = host_find(&v->question.dst);
	uint32_t	 probe;
	uint8_t		*s;

	if (h == NULL || (probe = probe_of(h, &v->question)) == h->nprobes) {
		stats.late++;
		return;
	}
	s = &h->probe[probe];
	if (v->question.kind == PROBE_ARP && v->ifindex != 0 && v->ifindex != h->ifindex) {
		stats.invalid++;	/* from another link of this machine */
		return;
	}
	if (v->tryno >= (*s & PROBE_TRIES) || ((*s & PROBE_ANSWERED) != 0 &&
	    ((*s & PROBE_FILTERED) == 0 || v->port == PORT_FILTERED))) {
		stats.late++;
		return;
	}
	if (h->step == STEP_PORTS && v->port != PORT_UNKNOWN) {
		learn(h, s, v, now);
		port_answered(h, probe, v);
	} else if (h->step == STEP_PING && v->host == HOST_UP) {
		learn(h, s, v, now);
		host_up(h, v->reason, v);
	} else if (h->step == STEP_PING && v->host == HOST_DOWN)
		host_down(h, v->reason, v);
}

/* May one more probe leave now? */
static bool
may_send(usec_t now)
{
	if (drained_at != 0 || now < not_before || !flights_room() || !results_room())
		return (false);
	if (config.parallelism != 0 && all.inflight >= config.parallelism)
		return (false);
	return (hosts_count() == 1 || window_has_room(&all));
}

bool
engine_run(usec_t now)
{
	struct flight	 f;
	struct host	*h;
	bool		 any = false;

	while (results_room() && flight_due(now, &f))
		on_flight(&f);
	for (int i = 0; i < BURST && may_send(now); i++) {
		uint32_t	 inflight = all.inflight;

		if ((h = queue_take(&ready)) == NULL)
			break;
		if (send_one(h, now))
			queue_put(&ready, h);
		if (all.inflight > inflight)
			not_before = send_pace(config.max_rate, now);
		any = true;
	}
	return (any);
}

usec_t
engine_next(usec_t now)
{
	usec_t	 next = flights_next(now);

	if (engine_drained(now))
		return (next);
	if (drained_at != 0)
		return (drained_at < next ? drained_at : next);
	if (now < not_before && not_before < next && ready.head != NO_HOST)
		return (not_before);
	return (next);
}

void
engine_stop(usec_t now)
{
	usec_t	 wait = any_rtt.timeout != 0 ? any_rtt.timeout : config.initial_rtt;

	drained_at = now + (wait < DRAIN_MAX ? wait : DRAIN_MAX);
}

bool
engine_drained(usec_t now)
{
	return (drained_at != 0 && (now >= drained_at || all.inflight == 0));
}

void
engine_invalid(void)
{
	stats.invalid++;
}

void
engine_stats(struct msg_stats *s)
{
	*s = stats;
	send_counted(s);
	capture_stats(s);
}
