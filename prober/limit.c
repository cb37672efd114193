/*
 * A host that limits how many answers it gives.  Pure.
 *
 * As long as it is asked too fast, its answers come at the limit's own rate, whatever the pace.
 * So each pass over the ports that are left may last twice as long as the one before, if they
 * could use up the limit for so long, and no time is lost by asking too fast, while the number of
 * passes stays small.  Once fewer answers come than the limit would allow, those ports that
 * would answer have: what is left is looked at again, faster, until nothing more comes; nor need
 * a pass stay slow when few answer.
 */

#include "prober.h"

#define FIRST		1.0	/* seconds: as long as the windows in which some hosts count */
#define LIMITED		0.7	/* of the answers that the limit allows: as many come as may */
#define SLACK		2	/* answers, more or less */
#define ENOUGH		10	/* answers that might have come, to judge by */
#define LOOK_EVERY	500000	/* microseconds */
#define SPARSE		0.5	/* of the answers the limit allows: asking faster loses none */

double
limit_faster(struct limit *l, uint32_t answers, usec_t now)
{
	uint32_t	 came = answers - l->seen;
	double		 most = l->rate * (double)(now - l->since) / 1e6;
	bool		 first = l->since == 0;

	if (now < l->since + LOOK_EVERY || (!first && most < ENOUGH))
		return (1);
	l->since = now;
	l->seen = answers;
	return (!first && came + 1 < SPARSE * most ? 2 : 1);
}

double
limit_pass(struct limit *l, uint32_t answers, uint32_t left, usec_t elapsed)
{
	double	 seconds = (double)elapsed / 1e6, rate;

	l->since = 0;
	l->seen = 0;
	if (answers == 0)
		return (0);
	rate = answers / seconds;
	if (l->lasts == 0)
		l->lasts = FIRST;	/* there may have been a burst: that is no rate */
	else if (l->rate != 0 && answers + SLACK < LIMITED * l->rate * seconds) {
		if (answers <= SLACK)
			return (0);
		l->rate = rate > l->rate / 2 ? rate : l->rate / 2;
		l->lasts = l->lasts / 2 < FIRST ? FIRST : l->lasts / 2;
	} else {
		l->rate = rate;
		l->lasts *= 2;
		if (l->lasts > left / l->rate)
			l->lasts = left / l->rate;
	}
	return (l->lasts);
}
