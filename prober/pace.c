/*
 * How fast to send.  The rate doubles until it hurts: until markers are lost or queues build up
 * on the way; from then on it steps back when it must, soon returns to what did not hurt lately,
 * and feels its way up from there slowly.  Pure.
 *
 * Loss that a slower rate does not mend is not the rate's fault (a lossy radio link, a firewall
 * that throws dice): after a few windows in which slowing down changed nothing, what is lost is
 * taken as the path's own (base), and the rate goes back to what it was.
 *
 * A stranger that keeps answers back slows its own scan; of what is sent over all, the more the
 * fewer others are being scanned.  The rate never falls under its least.
 */

#include <math.h>

#include "prober.h"

#define PATIENCE	500000	/* microseconds: a window is closed at last */
#define QUEUE		300	/* microseconds more than usual mean that a link is full */
#define USED		0.5	/* the share of the rate that must be used to learn from it */

void
pace_init(struct pace *p, double rate, double least, uint32_t need, usec_t now)
{
	*p = (struct pace){
		.rate = rate, .most = 1e9, .least = least, .need = need, .from = now,
		.good = rate, .doubling = true
	};
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
		p->delayed += queue > p->usual + QUEUE;
	} else if (sent > p->to + rtt->srtt / 4 + rtt->rttvar + 1000)
		p->overtaken = true;	/* as RFC 8985 tells loss from reordering */
}

/* The upper bound counts more. */
void
pace_bound(struct pace *p)
{
	p->rate = fmin(fmax(p->rate, p->least), p->most);
}

void
pace_window(struct pace *p, usec_t now)
{
	pace_bound(p);
	p->from = now;
	p->to = 0;
	p->packets = p->marked = p->answered = p->delayed = 0;
	p->queue = 0;
	p->overtaken = false;
}

/*
 * Too much is lost: back to what gets through.  When that did not help either, the rate is not
 * to blame; without a queue that overflows there is less reason to blame it.
 */
static void
slow_down(struct pace *p, double loss, bool queued)
{
	double	 through = (1 - loss) / (1 - p->base);

	if (p->blamed++ == 0) {
		p->blamed_rate = p->rate;
		p->blamed_base = p->base;
		p->blamed_loss = 0;
	}
	p->blamed_loss += loss;
	p->eased = 0;
	if (p->answered != 0 && p->blamed > (queued ? 5 : 2)) {
		p->base = p->blamed_loss / p->blamed;
		p->rate = p->blamed_rate;
		p->doubling = true;
		p->blamed = 0;
		return;
	}
	if (p->rate < p->good)
		p->good *= 0.9;
	p->doubling = false;
	p->calm = 0;
	p->rate *= fmax(through, queued ? 0.2 : 0.5) * 0.95;
}

/* Replies are kept waiting: a little less, until they no longer are, or that is how it is. */
static void
ease_off(struct pace *p, double queue)
{
	p->doubling = false;
	p->calm = 0;
	p->rate *= queue > p->usual + 10 * QUEUE ? 0.9 : 0.97;
	if (p->eased++ == 32) {
		p->usual = queue;
		p->eased = 0;
	}
}

static void
speed_up(struct pace *p, double loss, double queue)
{
	p->blamed = p->eased = 0;
	p->base += (loss - p->base) / 8;
	p->usual += (queue > p->usual + QUEUE ? QUEUE : queue - p->usual) / 8;
	if (p->packets * 1e6 < USED * p->rate * (double)(p->to - p->from))
		return;
	p->good = fmax(p->good * 0.99, p->rate);
	if (p->doubling || p->calm > 24)
		p->rate *= 2;
	else if (p->rate < 0.9 * p->good)
		p->rate *= 1.15;
	else
		p->rate *= 1 + 0.01 * (1 << p->calm++ / 4);
}

void
pace_excuse(struct pace *p, double base)
{
	if (base <= p->base)
		return;
	p->base = base;
	if (base > p->blamed_base + 0.05 && p->blamed_rate > p->rate) {
		p->rate = p->blamed_rate;
		p->doubling = true;
		p->blamed = 0;
	}
}

bool
pace_judge(struct pace *p, usec_t now, uint32_t timeout, struct tally *t)
{
	double	 lost, expected, queue;
	bool	 queued;

	if (p->to == 0 || (p->answered < p->marked && !p->overtaken && now < p->to + timeout))
		return (false);
	lost = p->marked - p->answered;
	*t = (struct tally){ p->marked, lost };
	expected = p->marked * p->base;
	queue = p->answered == 0 ? p->usual : (double)p->queue / p->answered;
	queued = p->delayed > p->answered / 2;
	if (lost > expected + 1 + 2 * sqrt(expected * (1 - p->base)))
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
	double	 elapsed = (double)(now - p->from);

	if (p->marked != 0 || elapsed < PATIENCE / 4)
		return;
	if (p->rate < most && p->packets * 1e6 > USED * p->rate * elapsed) {
		p->rate *= 2;
		if (p->rate > most)
			p->rate = most;
	}
	pace_window(p, now);
}
