/*
 * What flows to all hosts together: how fast, as the canaries of all tell, and what becomes of
 * what can't be sent yet.
 */

#include <math.h>

#include "log.h"
#include "prober.h"

#define ALLOWANCE	200000	/* nanoseconds that a probe may be early: what timers are worth */
#define SWEEP_EVERY	32	/* probes without a canary among them, in a sweep */
#define WINDOW_SWEEP	48	/* canaries that judge the rate over all */
#define FALL_SWEEP	10	/* it falls to one in so many of the first, at most */
#define DRAIN_MAX	900000	/* microseconds; the parent waits for three seconds */
#define PAUSE		1000	/* microseconds, when the kernel's queue is full */
#define HELD		10000	/* microseconds: to be late by as much does no harm */
#define REST		50000	/* microseconds without a probe */
#define GONE		10000000	/* microseconds without room: the network is not there */

/* Packets a second at first, and without a canary that tells, at most. */
static const struct { double first, blind; } rates[] = {
	{ 5e3, 1e5 }, { 5e3, 1e5 }, { 5e3, 1e5 }, { 5e3, 1e5 }, { 1e4, 3e5 }, { 5e4, 1e7 }
};

static const struct msg_probeconfig	*config;

static struct pace	 pace;
static uint64_t		 clear;		/* nanoseconds: when the next probe is due */
static usec_t		 last_sent;
static usec_t		 full_since;	/* part of the batch is held back, and none left; 0: no */
static usec_t		 not_before;	/* when to try again */
static uint64_t		 left;		/* packets, when part of it was */
static usec_t		 stood;		/* microseconds, in all, for which it was */
static struct rtt	 rtt;		/* of canaries */
static struct tally	 tally;		/* of canaries that are no resets */
static uint64_t		 canaries, lost;
static uint32_t		 since;		/* probes since the last canary */
static bool		 marker;	/* the probe that is being sent is a canary */
static uint32_t		 windows;	/* of the pace, that are over */
static uint64_t		 flooded;	/* bit n: what pace.flooded was n windows ago */

void
flow_start(const struct msg_probeconfig *c, usec_t now)
{
	double	 first = rates[c->timing].first;

	config = c;
	pace_init(&pace, first, fmax(first / FALL_SWEEP, c->min_rate / 1e3), WINDOW_SWEEP, now);
	if (c->max_rate != 0)
		pace.most = c->max_rate / 1e3;
	pace.asked = c->min_rate / 1e3;
	pace_bound(&pace);
}

void
flow_canary_sent(bool tells)
{
	canaries++;
	marker = tells;
}

void
flow_canary_answered(usec_t sent, usec_t now, uint32_t queue)
{
	rtt_sample(&rtt, (int64_t)(now - sent));
	pace_answered(&pace, sent, queue, &rtt);
}

void
flow_canaries(const struct tally *window, bool tells)
{
	lost += (uint64_t)window->lost;
	if (tells)
		tally_add(&tally, window->asked, window->lost);
}

const struct rtt *
flow_rtt(void)
{
	return (&rtt);
}

const struct tally *
flow_tally(void)
{
	return (&tally);
}

double
flow_base(void)
{
	return (pace.base);
}

bool
flow_room(usec_t now)
{
	return (clear <= now * 1000 + ALLOWANCE);
}

void
flow_sent(usec_t now)
{
	if (now > last_sent + REST)
		pace_rested(&pace);
	pace_sent(&pace, marker, now);
	clear = pace_next(&pace, clear, now);
	last_sent = now;
	since = marker ? 0 : since + 1;
	marker = false;
}

bool
flow_wants_canary(void)
{
	return (since >= SWEEP_EVERY);
}

void
flow_without_canary(void)
{
	since = 0;
}

static void
next_window(bool was_flooded)
{
	windows++;
	flooded = (flooded | was_flooded) << 1;
}

void
flow_judge(usec_t now)
{
	usec_t		 from = pace.from;
	struct tally	 window;

	pace_blind(&pace, rates[config->timing].blind, now);
	if (pace_judge(&pace, now, rtt.srtt == 0 ? config->initial_rtt :
	    rtt_timeout(&rtt, config->min_rtt, config->max_rtt), &window))
		next_window(pace.flooded);
	else if (pace.from != from)
		next_window(false);
}

uint32_t
flow_window(void)
{
	return (windows);
}

bool
flow_flooded(uint32_t window)
{
	uint32_t	 ago = windows - window;

	return (ago < 64 && (flooded >> ago & 1) != 0);
}

/* What was held back for so long leaves now, or some of it. */
static void
go_on(usec_t held, usec_t now)
{
	last_sent = now;
	if (held <= HELD)
		return;
	wheel_stood(held);
	stood += held;
	pace_window(&pace, now);	/* canaries were late, and say nothing */
	next_window(false);
}

bool
flow_flush(usec_t now)
{
	usec_t		 held = full_since == 0 ? 0 : now - full_since;
	bool		 all = send_flush();
	uint64_t	 before = left;
	struct msg_stats s;

	if (all) {
		if (held != 0)
			go_on(held, now);
		full_since = not_before = 0;
		return (true);
	}
	send_counted(&s);
	left = s.sent + s.refused;
	if (left != before) {
		go_on(held, now);
		held = 0;
	}
	if (held > GONE)
		die(STATUS_NETWORK, "for ten seconds nothing could be sent: is the network there?");
	full_since = now - held;
	not_before = now + PAUSE;
	return (false);
}

bool
flow_open(usec_t now)
{
	return (now >= not_before && (full_since == 0 || flow_flush(now)));
}

bool
flow_full(void)
{
	return (full_since != 0);
}

usec_t
flow_idle(usec_t now)
{
	return (flow_full() ? 0 : now - last_sent);
}

usec_t
flow_stood(void)
{
	return (stood);
}

usec_t
flow_next(usec_t now, bool more)
{
	if (full_since != 0)
		return (not_before);
	if (!more)
		return (UINT64_MAX);
	return (clear > ALLOWANCE ? (clear - ALLOWANCE) / 1000 + 1 : now);
}

usec_t
flow_late(void)
{
	uint32_t	 wait = rtt_timeout(&rtt, config->min_rtt, DRAIN_MAX);

	return (last_sent + (wait < DRAIN_MAX ? wait : DRAIN_MAX));
}

void
flow_stats(struct msg_stats *s)
{
	s->canaries = canaries;
	s->lost = lost;
	if (tally.asked > 0)
		s->loss = (uint32_t)(1e6 * tally.lost / tally.asked);
}
