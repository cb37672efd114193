/*
 * The engine: who is probed next, and what a reply or a silence changes.  What a host is asked is
 * in ping.c and scan.c, how fast all of them are in flow.c; here is the time, and the room.
 *
 * A host is in one queue: ready to be probed; waiting for room for a port scan; or in the wheel,
 * until its time has come.  What the engine is told comes from the parent, checked, and from
 * the network, proved by its cookie.
 */

#include <string.h>

#include "log.h"
#include "prober.h"

#define CROWD		64	/* hosts that are scanned at once, though others have to wait */
#define IDLE		100000	/* microseconds between two looks, at most */
#define ARP_TIMEOUT	200000	/* microseconds, as nmap waits for ARP */

static struct msg_probeconfig	 config;
static uint32_t			 nports;

static struct queue		 ready, waiting;	/* waiting for room for a scan */
static uint32_t			 in_hand;	/* hosts without an end */
static uint32_t			 scanning;	/* hosts in their port scan */
static uint32_t			 tickets;	/* hosts that may yet begin their port scan */
static usec_t			 drained_at;	/* 0 while running */
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
	nports = order_make(config.seed, config.ordered);
	if (config.npings == 0 || (config.port_kind == PROBE_NONE) != (nports == 0))
		fatalx("a configuration without pings, or with ports of no kind");
	tickets = config.port_hosts;
	hosts_init(config.hosts, config.port_hosts, nports);
	flying_init(config.max_parallelism, config.initial_rtt);
	ping_init(&config);
	scan_init(&config, nports);
	progress_init(config.checkpoint, now);
	flow_start(&config, now);
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

/* The next probes of the host that is the first of those that are ready, or its end. */
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
	flow_canary_answered(v->sent, now, queue);
	flow_canaries(&(const struct tally){ 1, 0 }, true);
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

/* Nothing told for a while how a sweep fares: ask a host that is known to answer. */
static void
sweep_canary(usec_t now)
{
	struct tally	 lost;

	if (watch_turn(now, &lost)) {
		flow_canary_sent(true);
		flow_sent(now);
	} else
		flow_without_canary();
	if (lost.asked != 0)
		flow_canaries(&lost, true);
}

/* Send up to a batch of probes.  False: there was nothing to send. */
static bool
send_some(usec_t now)
{
	struct host	*h;
	bool		 any = false;

	for (; results_room() && send_room(); any = true) {
		if (!flow_room(now) || !flying_room(now))
			break;
		/* In its own time: right behind a probe it would find the queues fuller. */
		if (flow_wants_canary()) {
			sweep_canary(now);
			continue;
		}
		while ((h = queue_first(&ready)) == NULL && begin_waiting(now))
			;
		if (h == NULL)
			break;
		take_turn(h, now);
	}
	return (any);
}

bool
engine_run(usec_t now)
{
	struct host	*h;
	bool		 any;

	progress_turn(now);
	if (engine_drained(now))
		progress_last(flow_idle(now));
	if (drained_at != 0 || !flow_open(now))
		return (false);
	while ((h = wheel_due(now)) != NULL)
		queue_put(&ready, h, IN_READY);
	flow_judge(now);
	any = send_some(now);
	return (flow_flush(now) && any);
}

usec_t
engine_next(usec_t now)
{
	usec_t	 next = now + IDLE, when;
	bool	 more = false;

	if (drained_at != 0)
		return (drained_at < next ? drained_at : next);
	if (!flow_full())
		next = wheel_next(now);
	if (ready.head != NO_HOST && results_room()) {
		more = flying_room(now);
		if (!more && flying_next() < next)
			next = flying_next();
	}
	when = flow_next(now, more);
	return (when < next ? when : next);
}

void
engine_stop(usec_t now)
{
	drained_at = in_hand == 0 ? now : flow_late();
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
	flow_stats(s);
	send_counted(s);
	capture_stats(s);
}
