/*
 * The engine: who is probed next, and what a reply or a silence changes.  What a host is asked is
 * in ping.c and scan.c; here is what all hosts share: the rate over all, the time, the room.
 *
 * A host is in one queue: ready to be probed; waiting for room for a port scan; or in the wheel,
 * until its time has come.  What the engine is told comes from the parent, checked, and from
 * the network, proved by its cookie.
 */

#include <math.h>
#include <string.h>

#include "log.h"
#include "prober.h"

#define CROWD		64	/* hosts that are scanned at once, though others have to wait */
#define ALLOWANCE	200000	/* nanoseconds that a probe may be early: what timers are worth */
#define ARP_TIMEOUT	200000
#define SWEEP_EVERY	32	/* probes without a canary among them, in a sweep */
#define DRAIN_MAX	900000	/* microseconds */
#define PAUSE		1000	/* microseconds, when the kernel's queue is full */
#define WINDOW_SWEEP	48	/* canaries that judge the rate over all */
#define FALL_SWEEP	10	/* it falls to one in so many of the first, at most */

/* Packets a second at first, and without a canary that tells, at most. */
static const struct { double first, blind; } rates[] = {
	{ 5e3, 1e5 }, { 5e3, 1e5 }, { 5e3, 1e5 }, { 5e3, 1e5 }, { 1e4, 3e5 }, { 5e4, 1e7 }
};

static struct msg_probeconfig	 config;
static uint32_t			 nports;

static struct queue		 ready, waiting;	/* waiting for room for a scan */
static struct pace		 pace;		/* over all hosts, as the next three */
static uint64_t			 clear;		/* nanoseconds: when the next probe is due */
static struct rtt		 rtt;		/* of canaries */
static struct tally		 tally;		/* of canaries, those of silenced hosts left out */
static uint32_t			 in_hand;	/* hosts without an end */
static uint32_t			 scanning;	/* hosts in their port scan */
static uint32_t			 tickets;	/* hosts that may yet begin their port scan */
static usec_t			 not_before;	/* the kernel's queue is full; 0: it is not */
static uint32_t			 since;		/* probes since the last canary */
static usec_t			 last_sent, drained_at;	/* drained_at is 0 while running */
static struct msg_stats		 stats;

void
engine_init(usec_t now)
{
	wheel_init(now);
	hosts_reserve();
	queue_init(&ready);
	queue_init(&waiting);
}

void
engine_config(const struct msg_probeconfig *c)
{
	config = *c;
}

void
engine_start(usec_t now)
{
	double	 first = rates[config.timing].first;

	nports = order_make(config.seed, config.ordered);
	if (config.npings == 0 || (config.port_kind == PROBE_NONE) != (nports == 0))
		fatalx("a configuration without pings, or with ports of no kind");
	tickets = config.port_hosts;
	hosts_init(config.hosts, config.port_hosts, nports);
	flying_init(config.max_parallelism);
	ping_init(&config);
	scan_init(&config, nports);
	progress_init(config.checkpoint, now);
	pace_init(&pace, first, fmax(first / FALL_SWEEP, config.min_rate / 1e3), WINDOW_SWEEP, now);
	if (config.max_rate != 0)
		pace.most = config.max_rate / 1e3;
	pace.asked = config.min_rate / 1e3;
	pace_bound(&pace);
}

uint32_t
engine_timeout(const struct host *h)
{
	static const struct rtt	 arp = { .srtt = ARP_TIMEOUT };
	uint32_t		 timeout = config.initial_rtt;

	if (h->rtt.srtt != 0 || h->way.onlink)
		timeout = rtt_timeout(h->rtt.srtt != 0 ? &h->rtt : &arp, config.min_rtt,
		    config.max_rtt);
	return (timeout > config.scan_delay ? timeout : config.scan_delay);
}

void
engine_canary_sent(void)
{
	stats.canaries++;
}

void
engine_canary_answered(usec_t sent, usec_t now, uint32_t queue)
{
	rtt_sample(&rtt, (int64_t)(now - sent));
	pace_answered(&pace, sent, queue, &rtt);
}

void
engine_canaries(const struct tally *window)
{
	stats.lost += (uint64_t)window->lost;
	tally_add(&tally, window->asked, window->lost);
}

const struct tally *
engine_tally(void)
{
	return (&tally);
}

double
engine_base(void)
{
	return (pace.base);
}

/* A host is where it can be found again, or in no queue. */
static void
take_out(struct host *h)
{
	if (h->in == IN_READY)
		queue_remove(&ready, h);
	else if (h->in == IN_WAITING)
		queue_remove(&waiting, h);
	else if (h->in == IN_WHEEL || h->in == IN_DUE)
		wheel_remove(h);
}

static void
make_ready(struct host *h)
{
	if (h->in == IN_READY)
		return;
	take_out(h);
	queue_put(&ready, h, IN_READY);
}

static void
begin_scan(struct host *h, usec_t now)
{
	if (!host_begin_scan(h))
		fatalx("no room for a scan that was promised");
	tickets--;
	scanning++;
	h->pass = h->cursor = 0;
	scan_begin(h, now);
}

/* The host that has waited longest begins its port scan: false when none may. */
static bool
begin_waiting(usec_t now)
{
	struct host	*h;

	if (tickets == 0 || (h = queue_take(&waiting)) == NULL)
		return (false);
	begin_scan(h, now);
	queue_put(&ready, h, IN_READY);
	return (true);
}

/*
 * Some hosts are scanned at once; the others wait until there is nothing else to send, so that
 * hosts are done one after the other, and not all at the end.
 */
static void
begin_some(usec_t now)
{
	while (scanning < CROWD && begin_waiting(now))
		;
}

static void
begin_ports(struct host *h, usec_t now)
{
	take_out(h);
	h->step = STEP_PORTS;
	queue_put(&waiting, h, IN_WAITING);
	begin_some(now);
}

void
engine_release(uint32_t n, usec_t now)
{
	if (n > config.port_hosts - tickets)
		fatalx("more hosts are released than were scanned");
	tickets += n;
	begin_some(now);
}

void
engine_known(const struct msg_known *m, usec_t now)
{
	struct host	*h = host_at(m->id);

	if (scan_known(h, m, now))
		make_ready(h);
}

static void
finish(struct host *h, usec_t now)
{
	take_out(h);
	scanning -= h->state == HOST_UP && host_scan(h) != NULL;
	host_end(h);
	in_hand--;
	result_done(h);
	begin_some(now);
}

static void
host_down(struct host *h, enum reason reason, const struct verdict *v, usec_t now)
{
	h->state = HOST_DOWN;
	h->reason = (uint8_t)reason;
	h->outcome = OUTCOME_COMPLETE;
	h->coverage = COVERAGE_ALL;
	h->from = v != NULL ? v->from : (struct addr){ 0 };
	h->ttl = v != NULL ? v->ttl : 0;
	result_ping(h);
	finish(h, now);
}

/* It was found by a ping whose answer can be told from others: it may serve as a canary. */
static void
watch(const struct host *h)
{
	if (config.scan_delay == 0 && config.max_parallelism == 0 && ping_canary(h))
		watch_begin(h, &(const struct question){
			.src = route_at(h->way.route)->src, .dst = h->addr,
			.kind = config.ping[h->answer].kind, .port = config.ping[h->answer].port });
}

/* The host is in its port scan, and stands still until engine_known() has had all of it. */
static void
await_known(struct host *h, usec_t now)
{
	if ((h->steps & STEP_PORTS) == 0 || nports == 0 || tickets == 0)
		fatalx("no place in the port scan for host %u", host_id(h));
	h->step = STEP_PORTS;
	begin_scan(h, now);
	host_scan(h)->awaits = true;
}

static void
host_up(struct host *h, enum reason reason, const struct verdict *v, usec_t now)
{
	h->state = HOST_UP;
	h->reason = (uint8_t)reason;
	h->outcome = OUTCOME_COMPLETE;
	h->coverage = COVERAGE_ALL;
	h->ttl = v != NULL ? v->ttl : 0;
	if (v != NULL && v->question.kind == PROBE_ARP)
		memcpy(h->mac, v->mac, sizeof(h->mac));
	result_ping(h);
	if ((h->steps & STEP_KNOWN) != 0)
		await_known(h, now);
	else if ((h->steps & STEP_PORTS) != 0 && nports != 0)
		begin_ports(h, now);
	else {
		watch(h);
		finish(h, now);
	}
}

void
engine_target(const struct target_entry *t, usec_t now)
{
	enum route_found found;
	struct host	*h;

	if (host_at(t->id)->step != 0)
		fatalx("host %u is in hand already", t->id);
	if ((h = host_new(t->id, &t->addr)) == NULL)
		fatalx("the address of host %u is in hand already", t->id);
	in_hand++;
	h->steps = t->steps;
	h->step = STEP_PING;
	found = route_to(&t->addr, now, &h->way);
	if ((t->steps & STEP_KNOWN) != 0) {
		host_up(h, REASON_USER_SET, NULL, now);
		if (found != ROUTE_FOUND) {	/* any more: nothing can be sent */
			host_scan(h)->deadline = now;
			h->outcome = OUTCOME_PARTIAL;
		}
	} else if (found != ROUTE_FOUND)
		host_down(h, found == ROUTE_NONE ? REASON_NO_ROUTE : REASON_NO_RESPONSE, NULL,
		    now);
	else if (h->way.local)
		host_up(h, REASON_LOCALHOST, NULL, now);
	else if (h->way.onlink || (t->steps & STEP_PING) != 0)
		make_ready(h);
	else
		host_up(h, REASON_USER_SET, NULL, now);
}

/* The next probe of the host that is the first of those that are ready, or its end. */
static void
take_turn(struct host *h, usec_t now)
{
	bool	 pinging = h->step == STEP_PING;
	usec_t	 when;

	switch (pinging ? ping_turn(h, now, &when) : scan_turn(h, now, &when)) {
	case TURN_AGAIN:
		queue_rotate(&ready);
		break;
	case TURN_LATER:
		take_out(h);
		wheel_put(h, when);
		break;
	case TURN_OVER:
		if (pinging)
			host_down(h, REASON_NO_RESPONSE, NULL, now);
		else {
			watch(h);
			finish(h, now);
		}
	}
}

/* What a reply says of a host that is being pinged. */
static bool
pinged(struct host *h, const struct verdict *v, usec_t now)
{
	if (!ping_reply(h, v, now))
		return (false);
	if (v->host == HOST_UP)
		host_up(h, v->reason, v, now);
	else if (v->host == HOST_DOWN)
		host_down(h, v->reason, v, now);
	return (true);
}

/* Is it the reply to the canary of a sweep? */
static bool
watched(const struct verdict *v, usec_t now)
{
	uint32_t	 queue;

	if (!watch_reply(v, now, &queue))
		return (false);
	engine_canary_answered(v->sent, now, queue);
	engine_canaries(&(const struct tally){ 1, 0 });
	return (true);
}

void
engine_reply(const struct verdict *v, usec_t now)
{
	struct host	*h = host_find(&v->question.dst);
	bool		 news = false;

	flying_answered(&v->question);
	if (h != NULL && v->question.kind == PROBE_ARP && v->ifindex != 0 &&
	    v->ifindex != route_at(h->way.route)->ifindex) {
		stats.invalid++;	/* from another link of this machine */
		return;
	}
	if (h != NULL && h->step == STEP_PING)
		news = pinged(h, v, now);
	else if (h != NULL && (news = scan_reply(h, v, now)) && host_scan(h)->left == 0)
		make_ready(h);
	stats.late += !news && !watched(v, now);
}

static void
count_probe(bool canary, usec_t now)
{
	pace_sent(&pace, canary, now);
	clear = pace_next(&pace, clear, now);
	last_sent = now;
	since = canary ? 0 : since + 1;
}

/* Nothing told for a while how a sweep fares: ask a host that is known to answer. */
static void
sweep_canary(usec_t now)
{
	struct tally	 lost;

	if (watch_turn(now, &lost)) {
		engine_canary_sent();
		count_probe(true, now);
	} else
		since = 0;
	if (lost.asked != 0)
		engine_canaries(&lost);
}

/* Send up to a batch of probes.  False: there was nothing to send. */
static bool
send_some(usec_t now)
{
	uint64_t	 canaries;
	uint32_t	 sent;
	struct host	*h;
	bool		 any = false;

	for (; results_room() && send_room(); any = true) {
		if (clear > now * 1000 + ALLOWANCE || !flying_room(now))
			break;
		/* In its own time: right behind a probe it would find the queues fuller. */
		if (since >= SWEEP_EVERY) {
			sweep_canary(now);
			continue;
		}
		while ((h = queue_first(&ready)) == NULL && begin_waiting(now))
			;
		if (h == NULL)
			break;
		sent = h->sent;
		canaries = stats.canaries;
		take_turn(h, now);
		if (h->sent != sent)
			count_probe(stats.canaries != canaries, now);
	}
	return (any);
}

bool
engine_run(usec_t now)
{
	struct tally	 window;
	struct host	*h;
	bool		 any;

	while ((h = wheel_due(now)) != NULL)
		queue_put(&ready, h, IN_READY);
	progress_turn(now);
	if (engine_drained(now))
		progress_last(not_before == 0);
	if (drained_at != 0 || now < not_before)
		return (false);
	pace_blind(&pace, rates[config.timing].blind, now);
	(void)pace_judge(&pace, now, rtt.srtt == 0 ? config.initial_rtt :
	    rtt_timeout(&rtt, config.min_rtt, config.max_rtt), &window);
	any = send_some(now);
	not_before = send_flush() ? 0 : now + PAUSE;
	return (any && now >= not_before);
}

usec_t
engine_next(usec_t now)
{
	usec_t	 next = wheel_next(now), when;

	if (drained_at != 0)
		return (drained_at < next ? drained_at : next);
	if (ready.head == NO_HOST || !results_room())
		return (next);
	when = clear > ALLOWANCE ? (clear - ALLOWANCE) / 1000 + 1 : now;
	if (when < not_before)
		when = not_before;
	if (!flying_room(now) && when < flying_next())
		when = flying_next();
	return (when < next ? when : next);
}

void
engine_stop(usec_t now)
{
	uint32_t	 wait = rtt_timeout(&rtt, config.min_rtt, DRAIN_MAX);

	drained_at = in_hand == 0 ? now : last_sent + (wait < DRAIN_MAX ? wait : DRAIN_MAX);
}

bool
engine_drained(usec_t now)
{
	return (drained_at != 0 && now >= drained_at);
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
	if (tally.asked > 0)
		s->loss = (uint32_t)(1e6 * tally.lost / tally.asked);
	send_counted(s);
	capture_stats(s);
}
