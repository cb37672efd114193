/*
 * How fast to send.  The rate doubles until it hurts: until markers are lost or queues build up
 * on the way; from then on it steps back when it must, soon returns to what did not hurt lately,
 * and feels its way up from there slowly, until a queue begins to fill.  Pure.
 *
 * Loss that a slower rate does not mend is not the rate's fault (a lossy radio link, a firewall
 * that throws dice): after a few windows in which slowing down changed nothing, what is lost is
 * taken as the path's own (base), and the rate goes back to what it was.  So with replies that
 * come late whatever the rate (usual).
 *
 * A stranger that keeps answers back slows its own scan; of what is sent over all, the more the
 * fewer others are being scanned.  The rate never falls under its least.
 */

#include <math.h>

#include "prober.h"

#define PATIENCE	500000	/* microseconds: a window is closed at last */
#define BLIND		125000	/* microseconds: as long is a window without markers */
#define FULL		300	/* microseconds more than usual mean that a link is full */
#define FILLING		50	/* and so many, that it is filling */
#define OVERFULL	3000	/* and by far */
#define REORDERED	1000	/* microseconds, at least, by which packets overtake each other */
#define USED		0.5	/* the share of the rate that must be used to learn from it */
#define CATCH_UP	5000000	/* nanoseconds that a rate that was asked for makes up for */
#define SMOOTH		8	/* one window's share in the averages is one in so many */

/* Windows in a row after which what hurts is not the rate's fault. */
#define BLAMED		2	/* with too much loss */
#define BLAMED_QUEUED	5	/* and with a queue besides */
#define EASED		8	/* with a queue alone */
/* Less loss than this share of what it was: slowing down has helped. */
#define HELPED		0.5
#define HELPED_MARKERS	24	/* in a window with fewer, it may be chance */
/* How much more loss must be excused for the rate to be what it was. */
#define EXCUSED		0.05

/* What is left of the rate after a window of loss: what got through, no less than this, */
#define CUT_LEAST	0.5
#define CUT_LEAST_QUEUED 0.2
#define CUT_BELOW	0.95	/* and a little less than that */
/* After one of queues. */
#define EASE		0.97
#define EASE_OVERFULL	0.9
/* And what becomes of it after one that did not hurt. */
#define NEAR_GOOD	0.9	/* up to this share of what did not hurt lately, */
#define RETURN		1.15	/* so fast; */
#define FEEL		0.01	/* beyond, by so little, twice that */
#define FEEL_WINDOWS	4	/* after so many windows, and so on, */
#define FEEL_LAST	24	/* until it doubles after so many */
#define RESTED		0.97	/* and where it goes on after a rest */
/* What did not hurt is forgotten slowly, and faster when it is above what hurts. */
#define FADE		0.99
#define FADE_HURT	0.9

void
pace_init(struct pace *p, double rate, double least, uint32_t need, usec_t now)
{
	*p = (struct pace){
		.rate = rate, .gap = (uint64_t)(1e9 / rate), .most = 1e9, .least = least,
		.need = need, .from = now, .good = rate, .doubling = true
	};
}

uint64_t
pace_next(const struct pace *p, uint64_t due, usec_t now)
{
	uint64_t	 late = p->rate <= p->asked ? CATCH_UP : 0, nsec = now * 1000;

	return ((due + late < nsec ? nsec - late : due) + p->gap);
}

void
pace_sent(struct pace *p, bool marker, usec_t now)
{
	if (p->to != 0)
		return;
	p->packets++;
	p->marked += marker;
	if (p->marked >= (p->doubling ? p->need / 2 : p->need) ||
	    (p->marked != 0 && now > p->from + PATIENCE))
		p->to = now;
}

void
pace_answered(struct pace *p, usec_t sent, uint32_t queue, const struct rtt *rtt)
{
	if (sent + COOKIE_UNIT < p->from)
		return;
	if (p->to == 0 || sent <= p->to) {
		if (p->answered == p->marked)
			return;
		p->answered++;
		p->queue += queue;
		p->waited += queue > p->usual + FILLING;
		p->delayed += queue > p->usual + FULL;
	} else if (sent > p->to + rtt->srtt / 4 + rtt->rttvar + REORDERED)
		p->overtaken = true;	/* as RFC 8985 tells loss from reordering */
}

/* The upper bound counts more. */
void
pace_bound(struct pace *p)
{
	p->rate = fmin(fmax(p->rate, p->least), p->most);
	p->gap = (uint64_t)(1e9 / p->rate);
}

void
pace_window(struct pace *p, usec_t now)
{
	pace_bound(p);
	p->from = now;
	p->to = 0;
	p->packets = p->marked = p->answered = p->waited = p->delayed = 0;
	p->queue = 0;
	p->overtaken = false;
}

void
pace_rested(struct pace *p)
{
	if (p->doubling)
		return;
	p->rate = fmin(p->rate, RESTED * p->good);
	pace_bound(p);
}

/* Is much less lost than when that was first blamed on the rate, by more than chance explains? */
static bool
helped(const struct pace *p, double loss)
{
	double	 expected = p->blamed_first * p->marked;

	return (p->marked >= HELPED_MARKERS && loss < HELPED * p->blamed_first &&
	    loss * p->marked < expected - 2 * sqrt(expected));
}

/*
 * Too much is lost: back to what gets through.  When that did not help either, the rate is not
 * to blame; without a queue that overflows there is less reason to blame it.
 */
static void
slow_down(struct pace *p, double loss, bool queued)
{
	double	 through = (1 - loss) / (1 - p->base);

	if (p->blamed == 0 || helped(p, loss)) {
		p->blamed = 0;
		p->blamed_first = loss;
		p->blamed_rate = p->rate;
		p->blamed_base = p->base;
		p->blamed_loss = 0;
	}
	p->blamed++;
	p->blamed_loss += loss;
	p->eased = 0;
	if (p->answered != 0 && p->blamed > (queued ? BLAMED_QUEUED : BLAMED)) {
		p->base = p->blamed_loss / p->blamed;
		p->rate = p->blamed_rate;
		p->doubling = true;
		p->blamed = 0;
		return;
	}
	if (p->rate < p->good)
		p->good *= FADE_HURT;
	p->doubling = false;
	p->calm = 0;
	p->rate *= fmax(through, queued ? CUT_LEAST_QUEUED : CUT_LEAST) * CUT_BELOW;
}

/* Replies are kept waiting: a little less, until they no longer are, or that is how it is. */
static void
ease_off(struct pace *p, double queue)
{
	if (p->rate < p->good)
		p->good *= FADE_HURT;
	p->doubling = false;
	p->calm = 0;
	if (p->eased++ == 0)
		p->eased_rate = p->rate;
	p->rate *= queue > p->usual + OVERFULL ? EASE_OVERFULL : EASE;
	if (p->eased > EASED) {
		p->usual = queue;
		p->rate = p->eased_rate;
		p->eased = 0;
	}
}

static void
speed_up(struct pace *p, double loss, double queue)
{
	p->blamed = p->eased = 0;
	p->base += (loss - p->base) / SMOOTH;
	p->usual += (queue > p->usual + FULL ? FULL : queue - p->usual) / SMOOTH;
	if (p->packets * 1e6 < USED * p->rate * (double)(p->to - p->from))
		return;
	p->good = fmax(p->good * FADE, p->rate);
	if (!p->doubling && p->waited > p->answered / 2)
		return;
	if (p->doubling || p->calm > FEEL_LAST)
		p->rate *= 2;
	else if (p->rate < NEAR_GOOD * p->good)
		p->rate *= RETURN;
	else
		p->rate *= 1 + FEEL * (1 << p->calm++ / FEEL_WINDOWS);
}

void
pace_excuse(struct pace *p, double base)
{
	if (base <= p->base)
		return;
	p->base = base;
	if (base > p->blamed_base + EXCUSED && p->blamed_rate > p->rate) {
		p->rate = p->blamed_rate;
		p->doubling = true;
		p->blamed = 0;
		pace_bound(p);
	}
}

bool
pace_judge(struct pace *p, usec_t now, uint32_t timeout, struct tally *t)
{
	double	 lost, expected, deviation, queue;
	bool	 queued;

	if (p->to == 0 || (p->answered < p->marked && !p->overtaken && now < p->to + timeout))
		return (false);
	lost = p->marked - p->answered;
	*t = (struct tally){ p->marked, lost };
	expected = p->marked * p->base;
	queue = p->answered == 0 ? p->usual : (double)p->queue / p->answered;
	queued = p->delayed > p->answered / 2;
	deviation = sqrt(expected * (1 - p->base));
	p->flooded = queued && lost > expected + 1 + 4 * deviation;
	if (lost > expected + 1 + 2 * deviation)
		slow_down(p, lost / p->marked, queued);
	else if (queued)
		ease_off(p, queue);
	else
		speed_up(p, lost / p->marked, queue);
	pace_window(p, now);
	return (true);
}

void
pace_close(struct pace *p, usec_t now, struct tally *t)
{
	*t = (struct tally){ p->marked, p->marked - p->answered };
	pace_window(p, now);
}

void
pace_blind(struct pace *p, double most, usec_t now)
{
	double	 elapsed;

	if (p->marked != 0 || now < p->from + BLIND)
		return;
	elapsed = (double)(now - p->from);
	if (p->rate < most && p->packets * 1e6 > USED * p->rate * elapsed) {
		p->rate *= 2;
		if (p->rate > most)
			p->rate = most;
	}
	pace_window(p, now);
}
