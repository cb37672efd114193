/*
 * How fast a name server is asked.  So many queries may be in flight; that is enough where the
 * server keeps up, and where single datagrams are lost.  One that loses much more is taken to
 * limit its queries, and is asked as fast as its answers came; if slowing down mends nothing, the
 * loss is the path's.  One that has fallen silent is dead, and asked again rarely.  Pure: the
 * caller tells the time.  What it goes by is said by the server, or by nobody.
 */

#include <stddef.h>

#include "pace.h"

#define WINDOW_FIRST	64
#define WINDOW_MAX	128	/* dnsmasq refuses more than 150 that it has to pass on */
#define WINDOW_MIN	8
#define PERIOD		(50 * MSEC)	/* at least, and: */
#define PERIOD_QUERIES	20
#define LIMITS		0.25	/* loss, beyond the path's, that a limit explains */
#define MENDS		0.7	/* half as fast, more of the loss is left: it is the path's, */
#define PATH_MAX_LOSS	0.5	/* if it is no more than this */
#define LITTLE		0.1	/* the same, once it is asked at a limit */
#define FASTER		1.03	/* after a period with less; far from a limit: */
#define MUCH_FASTER	2
#define RATE_MIN	5	/* queries a second */
#define RATE_MAX	50000	/* faster is no limit */
#define BURST		(1 * MSEC)	/* queries of so long may go at once */
#define SILENT		3	/* time-outs in a row, by which a server is dead */
#define TIMEOUT_FIRST	(400 * MSEC)
#define TIMEOUT_MIN	(100 * MSEC)
#define TIMEOUT_MAX	(2000 * MSEC)
#define AGAIN_FIRST	(200 * MSEC)	/* a dead server is asked again */
#define AGAIN_MAX	(4000 * MSEC)

void
pace_init(struct pace *p)
{
	*p = (struct pace){ .window = WINDOW_FIRST };
}

usec_t
pace_timeout(const struct pace *p, unsigned int try)
{
	usec_t	 t = p->srtt == 0 ? TIMEOUT_FIRST : p->srtt + 4 * p->rttvar;

	if (t < TIMEOUT_MIN)
		t = TIMEOUT_MIN;
	for (; try != 0 && t < TIMEOUT_MAX; try--)
		t += t / 2;
	return (t < TIMEOUT_MAX ? t : TIMEOUT_MAX);
}

usec_t
pace_when(const struct pace *p, usec_t now)
{
	if (p->dead)
		return (p->again);
	if (p->in_flight >= p->window)
		return (NEVER);
	return (p->rate == 0 || p->clear <= now + BURST ? now : p->clear - BURST);
}

/*
 * To what came, or the first time, for it may have come in bursts, to half of what was sent on the
 * average: from there on queries are spread out, and what comes of them is the limit.
 */
static void
slow_down(struct pace *p, const struct period *q, double loss, usec_t now)
{
	double	 seconds = (double)(q->end - q->start) / 1e6;
	double	 came = q->answered / seconds, sent = q->sent / seconds;

	if (p->from == 0) {
		p->from = p->rate != 0 ? p->rate : sent;
		p->slowed = loss;
	}
	p->bad = p->rate;
	p->rate = p->rate != 0 || came > sent / 2 ? came : sent / 2;
	if (p->rate < RATE_MIN)
		p->rate = RATE_MIN;
	p->since = now;
}

/* What the loss in a period that is over says of the rate. */
static void
judge(struct pace *p, const struct period *q, usec_t now)
{
	double	 loss = (double)q->lost / q->sent;

	if (q->answered == 0 || (p->rate != 0 && q->start < p->since))
		return;		/* the server is silent; or it was sent at the rate before */
	if (p->rate != 0 && p->rate * 2 <= p->from && loss > p->slowed * MENDS &&
	    loss <= PATH_MAX_LOSS) {
		p->path = loss;		/* it is lost at any rate */
		p->rate = p->bad = p->from = 0;
	} else if (loss > p->path + (p->rate != 0 ? LITTLE : LIMITS))
		slow_down(p, q, loss, now);
	else if (p->rate != 0) {
		p->from = 0;
		if (p->rate > RATE_MAX)
			p->rate = p->bad = 0;
		p->rate *= p->bad == 0 || p->rate * MUCH_FASTER < p->bad ? MUCH_FASTER : FASTER;
	}
}

/* The period of a query that has come to its end; NULL: that is too long ago. */
static struct period *
period_of(struct pace *p, unsigned int number)
{
	return (p->nperiods - number < PERIODS ? &p->period[number % PERIODS] : NULL);
}

static void
maybe_judge(struct pace *p, struct period *q, usec_t now)
{
	if (q->end == 0 || q->judged || q->sent == 0 || q->answered + q->lost < q->sent)
		return;
	q->judged = true;
	judge(p, q, now);
}

/* A period is over once it is long enough and had enough queries; then the next one begins. */
static struct period *
period_at(struct pace *p, usec_t now)
{
	struct period	*last = &p->period[p->nperiods % PERIODS];

	if (last->sent >= PERIOD_QUERIES && now >= last->start + PERIOD) {
		last->end = now;
		maybe_judge(p, last, now);
		last = &p->period[++p->nperiods % PERIODS];
		*last = (struct period){ .start = now };
	} else if (last->sent == 0)
		last->start = now;
	return (last);
}

unsigned int
pace_sent(struct pace *p, usec_t now)
{
	period_at(p, now)->sent++;
	p->in_flight++;
	if (p->rate != 0)
		p->clear = (p->clear > now ? p->clear : now) + (usec_t)(1e6 / p->rate);
	if (p->dead) {
		p->backoff = p->backoff * 2 < AGAIN_MAX ? p->backoff * 2 : AGAIN_MAX;
		p->again = now + p->backoff;
	}
	return (p->nperiods);
}

static void
measure(struct pace *p, usec_t rtt)
{
	usec_t	 delta = rtt > p->srtt ? rtt - p->srtt : p->srtt - rtt;

	if (rtt == 0)
		rtt = 1;	/* 0 would be none yet */
	if (p->srtt == 0) {
		p->srtt = rtt;
		p->rttvar = rtt / 2;
		return;
	}
	p->rttvar = (3 * p->rttvar + delta) / 4;	/* RFC 6298, 2 */
	p->srtt = (7 * p->srtt + rtt) / 8;
}

void
pace_answered(struct pace *p, unsigned int number, usec_t rtt, bool late, usec_t now)
{
	struct period	*q = period_of(p, number);

	p->silent = 0;
	p->dead = false;
	p->heard = now;
	measure(p, rtt);
	if (!late)
		p->in_flight--;
	if (p->window < WINDOW_MAX)
		p->window++;
	if (q == NULL || q->judged)
		return;
	q->answered++;
	q->lost -= late;
	maybe_judge(p, q, now);
}

bool
pace_heard_lately(const struct pace *p, usec_t now)
{
	return (p->heard != 0 && now < p->heard + 3 * pace_timeout(p, 0));
}

void
pace_lost(struct pace *p, unsigned int number, usec_t now)
{
	struct period	*q = period_of(p, number);

	p->in_flight--;
	p->silent++;
	if (!p->dead && p->silent >= SILENT && !pace_heard_lately(p, now))
		pace_died(p, now);
	if (q == NULL || q->judged)
		return;
	q->lost++;
	maybe_judge(p, q, now);
}

void
pace_gone(struct pace *p, unsigned int number)
{
	struct period	*q = period_of(p, number);

	p->in_flight--;
	if (q == NULL || q->judged)
		return;
	q->sent--;		/* it is judged when another one of it ends */
}

void
pace_died(struct pace *p, usec_t now)
{
	if (p->dead)
		return;
	p->dead = true;
	p->backoff = AGAIN_FIRST;
	p->again = now + AGAIN_FIRST;
}

void
pace_refused(struct pace *p)
{
	p->window = p->window / 2 > WINDOW_MIN ? p->window / 2 : WINDOW_MIN;
}
