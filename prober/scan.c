/*
 * The port scan of one host.  Its ports are asked pass by pass, in one order, each pass only
 * those without an answer, so that where the pass is and two bits a port are all there is to
 * remember.  Between passes a time-out goes by.
 *
 * Silence does not tell a firewall from a lossy path or a host in trouble.  So something that
 * the host has answered is asked again now and then, among the ports: the canary.  While it
 * sings the silence is the firewall's; the share of canaries that is lost says how fast to go
 * (pace.c) and how many passes there must be (passes.c).
 *
 * A host that limits how many answers it gives is asked ever more slowly until they all come.
 * There, and where they were not answered any more, canaries are asked at the end of passes only.
 *
 * What an old log knows of a host is believed as if it had come in the pass at which it goes on.
 */

#include <math.h>
#include <string.h>

#include "log.h"
#include "prober.h"

#define EARLY			500000	/* nanoseconds before its time: two ticks of the wheel */
#define IN_A_ROW		4	/* probes to a host before it is another's turn */
#define CANARY_EVERY		16	/* probes between two canaries; half of it at first */
#define CANARY_EVERY_LEAST	8	/* where there are few ports */
#define PASS_CANARIES		32	/* canaries that should be in a pass */
#define LAST_CANARIES		8	/* at the end of a pass, where there are none in it */
#define LAST_GAP		10000	/* microseconds between two of them, at most */
#define WINDOW_HOST		16	/* canaries that judge the rate to one host */
#define RESPITE			1000000	/* microseconds: as long as some hosts' limits count */
#define FALL_HOST		64	/* the rate falls to one in so many of the first, at most */

/* Probes a second at first: to a host of which something is known to answer, and to others. */
static const double	 first_rate[] = { 2000, 2000, 2000, 2000, 5000, 20000 };
static const double	 dark_rate[] = { 500, 500, 500, 500, 1000, 5000 };
#define DARK_GROWTH	5

static const struct msg_probeconfig *config;
static uint32_t			 nports;
static uint32_t			 every;		/* CANARY_EVERY, or less */

void
scan_init(const struct msg_probeconfig *c, uint32_t n)
{
	config = c;
	nports = n;
	passes_init(c, n);
	every = n / PASS_CANARIES < CANARY_EVERY ? n / PASS_CANARIES : CANARY_EVERY;
	every = every > CANARY_EVERY_LEAST ? every : CANARY_EVERY_LEAST;
}

static void
set_pace(struct host *h, struct scan *s, double rate, usec_t now)
{
	double	 least = fmax(rate / FALL_HOST, config->min_rate / 1e3);

	if (h->rtt.srtt != 0)
		least = fmax(least, config->min_parallelism * 1e6 / h->rtt.srtt);
	if (config->max_scan_delay != 0)
		least = fmax(least, fmin(1e6 / config->max_scan_delay,
		    first_rate[config->timing]));
	pace_init(&s->pace, rate, least, WINDOW_HOST, now);
	s->pace.base = flow_base();
	if (config->scan_delay != 0)
		s->pace.most = 1e6 / config->scan_delay;
	else
		s->pace.asked = config->min_rate / 1e3;
	pace_bound(&s->pace);
}

/* resets: what it answers is a reset, of which there may be a limited number. */
static void
set_canary(struct scan *s, uint8_t kind, uint16_t port, bool resets)
{
	s->canary_kind = kind;
	s->canary_port = port;
	s->canary_resets = resets;
}

void
scan_begin(struct host *h, usec_t now)
{
	struct scan		*s = host_scan(h);
	const struct ping_kind	*ping = &config->ping[h->answer];

	s->cookies = cookie_begin(send_key(), &(const struct question){
		.src = route_at(h->way.route)->src, .dst = h->addr });
	passes_begin(s);
	s->left = nports;
	s->missed = 1;
	s->rtt_min = h->rtt.srtt;
	if (h->sent != 0)
		s->clear = (now + config->scan_delay) * 1000;
	set_pace(h, s, dark_rate[config->timing], now);
	if (ping_canary(h)) {
		set_canary(s, ping->kind, ping->port, h->reason == REASON_RESET);
		set_pace(h, s, first_rate[config->timing], now);
	}
}

static void
send_one(struct host *h, struct scan *s, const struct question *q, uint8_t tryno, bool marker,
    usec_t now)
{
	send_probe(h, q, cookie_end(&s->cookies, q, tryno, now), tryno);
	flow_sent(now);
	flying_add(q, now, engine_timeout(h));
	h->sent++;
	pace_sent(&s->pace, marker, now);
	s->clear = pace_next(&s->pace, s->clear, now);
}

/* Is there a canary among the ports, to judge the rate by? */
static bool
sings(const struct scan *s)
{
	return (s->canary_kind != PROBE_NONE && !s->hushed && !s->limited);
}

/* Is it time to ask the canary again? */
static bool
canary_due(const struct host *h, const struct scan *s, usec_t now)
{
	uint32_t	 last = s->canary[s->ncanary % CANARIES];
	uint32_t	 age = (uint32_t)(now / COOKIE_UNIT) - last;

	/* With a delay between probes there is no rate to be judged, and no noise to be made. */
	if (!sings(s) || config->scan_delay != 0 ||
	    s->since < (h->sent < every * 4 ? every / 2 : every))
		return (false);
	return (last == 0 || age * COOKIE_UNIT > engine_timeout(h));
}

/* At the end of a pass without canaries: is the host still there? */
static bool
last_canary_due(const struct scan *s)
{
	return (s->canary_kind != PROBE_NONE && !sings(s) && config->scan_delay == 0 &&
	    s->last < LAST_CANARIES && passes_ask(s));
}

static void
send_canary(struct host *h, struct scan *s, usec_t now)
{
	struct question	 q = {
		.src = route_at(h->way.route)->src, .dst = h->addr, .kind = s->canary_kind,
		.port = s->canary_port
	};

	s->canary[s->ncanary % CANARIES] = (uint32_t)(now / COOKIE_UNIT);
	flow_canary_sent(sings(s));
	send_one(h, s, &q, (uint8_t)(TRY_CANARY + s->ncanary % (TRY_PORT - TRY_CANARY)), sings(s),
	    now);
	s->ncanary++;
	s->since = 0;
}

/* Late answers to those before do not count; nor do they go as slowly as ports that are few. */
static void
send_last_canary(struct host *h, struct scan *s, usec_t now)
{
	uint64_t	 soon = (now + LAST_GAP) * 1000;

	if (s->last++ == 0) {
		memset(s->canary, 0, sizeof(s->canary));
		s->heard = false;
	}
	send_canary(h, s, now);
	s->clear = s->clear < soon ? s->clear : soon;
}

static void
send_port(struct host *h, struct scan *s, uint32_t place, usec_t now)
{
	struct question	 q = {
		.src = route_at(h->way.route)->src, .dst = h->addr, .kind = config->port_kind,
		.port = order_port(place)
	};
	uint8_t		 tries = TRIES - TRY_PORT - 1;

	send_one(h, s, &q, (uint8_t)(TRY_PORT + (h->pass < tries ? h->pass : tries)), false, now);
	s->cursor = place + 1;
	s->since = s->since < UINT8_MAX ? (uint8_t)(s->since + 1) : UINT8_MAX;
	if (s->deadline == 0 && config->host_timeout != 0)
		s->deadline = now + config->host_timeout * (usec_t)1000;
}

static enum turn
over(struct host *h, const struct scan *s, enum outcome outcome)
{
	h->outcome = (uint8_t)outcome;
	h->coverage = passes_coverage(h, s);
	return (TURN_OVER);
}

/* It is to last so many seconds; 0: as the pace is. */
static void
begin_pass(struct host *h, struct scan *s, double seconds, usec_t now)
{
	if (seconds != 0) {
		set_pace(h, s, s->left / seconds, now);
		s->pace.most = fmin(s->pace.most, first_rate[config->timing]);
	}
	h->pass++;
	s->resting = false;
	s->cursor = 0;
	passes_begin(s);
	s->gained_before = s->gained;
	s->resets_before = s->resets;
	s->gained = s->resets = 0;
	s->last = 0;
	s->heard = false;
	s->reset_places = 0;
	s->ended_before = s->ended;
	if (s->canary_resets && s->open_port != 0) {
		set_canary(s, config->port_kind, s->open_port, false);
		memset(s->canary, 0, sizeof(s->canary));
		s->hushed = false;
		s->silent = 0;
		s->unheard = 0;
		pace_window(&s->pace, now);
	}
}

/* No more canaries among the ports; so there is nothing to judge the rate by. */
static void
hush(struct scan *s, usec_t now)
{
	s->hushed = true;
	s->pace.rate = fmin(s->pace.rate, dark_rate[config->timing] * DARK_GROWTH);
	pace_bound(&s->pace);
	pace_window(&s->pace, now);
}

static void
count_canaries(struct scan *s, const struct tally *window, usec_t now)
{
	bool	 heard = passes_canaries(s, window);

	flow_canaries(window, heard && !s->canary_resets);
	if (!heard)
		hush(s, now);
}

/* What the canaries of a window say. */
static void
judge_pace(struct host *h, struct scan *s, usec_t now)
{
	struct tally	 window;

	if (s->limited) {
		s->pace.rate *= limit_faster(&s->limit, s->resets, now);
		pace_bound(&s->pace);
		return;
	}
	if (!sings(s)) {
		pace_blind(&s->pace, dark_rate[config->timing] * DARK_GROWTH, now);
		return;
	}
	pace_excuse(&s->pace, flow_base());
	if (pace_judge(&s->pace, now, engine_timeout(h), &window))
		count_canaries(s, &window, now);
}

/*
 * What was asked a time-out ago is answered by now, or lost.  Only that is told as asked: of what
 * was asked since, the answers may yet come, and this process be gone by then.
 */
static void
settle(const struct host *h, struct scan *s, usec_t now)
{
	now -= flow_stood();
	if (now < s->noted_at + engine_timeout(h))
		return;
	s->settled = s->noted;
	s->noted = (struct reach){ .cursor = s->cursor, .pass = h->pass };
	s->noted_at = now;
}

static enum turn
later(const struct scan *s, usec_t when, usec_t *until)
{
	*until = s->deadline != 0 && s->deadline < when ? s->deadline : when;
	return (TURN_LATER);
}

/* Nanoseconds by which a probe to this host may leave before its time. */
static uint64_t
early(const struct scan *s)
{
	return (config->scan_delay != 0 || s->limited ? 0 : EARLY);
}

/* The port at this place is due, and some after it may be: they share what a turn costs. */
static void
send_row(struct host *h, struct scan *s, uint32_t place, usec_t now)
{
	for (int n = 0; n < IN_A_ROW && place != nports; n++) {
		if (canary_due(h, s, now))
			send_canary(h, s, now);
		else
			send_port(h, s, place, now);
		if (s->clear > now * 1000 + early(s) || !send_room() || !flow_room(now) ||
		    !flying_room(now))
			break;
		place = port_next(s, nports);
	}
}

enum turn
scan_turn(struct host *h, usec_t now, usec_t *when)
{
	struct scan	*s = host_scan(h);
	uint32_t	 place;
	struct tally	 last;
	double		 seconds;

	if (s->left == 0)
		return (over(h, s, OUTCOME_COMPLETE));
	if (s->deadline != 0 && now >= s->deadline)
		return (over(h, s, h->outcome == OUTCOME_PARTIAL ? OUTCOME_PARTIAL :
		    OUTCOME_TIMED_OUT));
	judge_pace(h, s, now);
	settle(h, s, now);
	if (passes_again(h, s))
		s->resting = false;
	if (s->resting) {
		if (sings(s)) {
			pace_close(&s->pace, now, &last);
			count_canaries(s, &last, now);
		} else
			passes_asked(s);
		if (passes_respite(h, s)) {
			if (s->canary_resets)	/* what it has to give is for its ports */
				hush(s, now);
			return (later(s, now + RESPITE, when));
		}
		if (!passes_more(h, s, &seconds))
			return (over(h, s, OUTCOME_COMPLETE));
		begin_pass(h, s, seconds, now);
	}
	if (s->clear > now * 1000 + early(s))
		return (later(s, (s->clear - early(s)) / 1000, when));
	if ((place = port_next(s, nports)) == nports) {
		if (last_canary_due(s)) {
			send_last_canary(h, s, now);
			return (TURN_AGAIN);
		}
		s->resting = true;
		s->ended = now;
		return (later(s, now + engine_timeout(h), when));
	}
	send_row(h, s, place, now);
	return (TURN_AGAIN);
}

/*
 * A canary's reply counts once; a router's that the host is not there is none.  A RST that does not
 * count the SYN is of the unit before (judge.c).
 */
static bool
canary_reply(struct host *h, struct scan *s, const struct verdict *v, usec_t now)
{
	uint32_t	 sent = (uint32_t)(v->sent / COOKIE_UNIT);
	uint32_t	 queue, i = 0;

	if (v->question.kind != s->canary_kind || v->question.port != s->canary_port ||
	    v->port == PORT_FILTERED)
		return (false);
	while (i < CANARIES && (s->canary[i] == 0 || s->canary[i] - sent > 1))
		i++;
	if (i == CANARIES)
		return (false);
	s->canary[i] = 0;
	if (!sings(s)) {
		s->heard = true;
		return (true);
	}
	queue = rtt_queue(&h->rtt, flow_rtt(), &s->rtt_min, (uint32_t)(now - v->sent));
	pace_answered(&s->pace, v->sent, queue, &h->rtt);
	flow_canary_answered(v->sent, now, queue);
	return (true);
}

static void
take_in(struct scan *s, uint32_t place, enum port_state state)
{
	bool	 itself = state != PORT_FILTERED;

	if (port_known(s, place) == PORT_UNASKED)
		s->left--;
	port_know(s, place, itself ? PORT_SURE : PORT_SAID);
	/* Resets that are limited, and are to be, say nothing of what is lost. */
	s->gained += itself && !(config->defeat_rst && state == PORT_CLOSED);
	if (state == PORT_CLOSED) {
		s->resets++;
		s->reset_places += place;
		s->last_reset = place > s->last_reset ? place : s->last_reset;
	} else if (state == PORT_OPEN)
		s->open_port = order_port(place);
}

static void
port_reply(struct host *h, struct scan *s, uint32_t place, const struct verdict *v, usec_t now)
{
	take_in(s, place, v->port);
	if (v->from.family == FAMILY_NONE)	/* a router is nearer */
		rtt_sample(&h->rtt, (int64_t)(now - v->sent));
	if (v->port != PORT_FILTERED && s->canary_kind == PROBE_NONE) {
		set_canary(s, v->question.kind, v->question.port, v->port != PORT_OPEN);
		set_pace(h, s, first_rate[config->timing], now);
	}
	result_port(host_id(h), &(struct port_entry){
		.port = v->question.port, .proto = PROTO_TCP, .state = v->port,
		.reason = v->reason, .ttl = v->ttl, .from = v->from });
}

bool
scan_reply(struct host *h, const struct verdict *v, usec_t now)
{
	struct scan	*s = host_scan(h);
	uint32_t	 place;

	if (s == NULL || s->awaits)
		return (false);
	if ((v->question.port == 0 || (v->tryno >= TRY_CANARY && v->tryno < TRY_PORT)) &&
	    canary_reply(h, s, v, now))
		return (true);
	if (v->question.kind != config->port_kind || v->port == PORT_UNKNOWN ||
	    (place = order_place(v->question.port)) == NOT_A_PORT)
		return (false);
	if (port_known(s, place) == PORT_SURE ||
	    (port_known(s, place) == PORT_SAID && v->port == PORT_FILTERED))
		return (false);
	port_reply(h, s, place, v, now);
	return (true);
}

/* All that was known is taken in: the scan goes on. */
static void
go_on(struct host *h, struct scan *s, usec_t now)
{
	bool	 answers = s->open_port != 0 || s->resets != 0;

	s->awaits = false;
	s->begun = h->pass;
	passes_begin(s);
	if (s->open_port != 0)
		set_canary(s, config->port_kind, s->open_port, false);
	else if (answers)
		set_canary(s, config->port_kind, order_port(s->last_reset), true);
	set_pace(h, s, (answers ? first_rate : dark_rate)[config->timing], now);
}

bool
scan_known(struct host *h, const struct msg_known *m, usec_t now)
{
	struct scan	*s = host_scan(h);
	struct reach	 reach = { .cursor = m->cursor, .pass = m->pass };
	uint32_t	 place;

	if (s == NULL || !s->awaits)
		fatalx("host %u waits for nothing that is known", m->id);
	if (m->cursor > nports || (s->row && (m->cursor != s->cursor || m->pass != h->pass)))
		fatalx("host %u can't go on at port %u of pass %u", m->id, m->cursor, m->pass);
	s->row = true;
	s->cursor = m->cursor;
	h->pass = m->pass;
	s->told = s->settled = s->noted = reach;
	for (uint32_t i = 0; i < m->n; i++) {
		place = order_place(m->e[i].port);
		if (place == NOT_A_PORT || port_known(s, place) != PORT_UNASKED)
			fatalx("port %u of host %u can't be known", m->e[i].port, m->id);
		take_in(s, place, m->e[i].state);
	}
	if (m->last)
		go_on(h, s, now);
	return (m->last);
}
