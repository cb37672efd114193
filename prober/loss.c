/*
 * How much of what is asked is lost on the way, there and back, and how many tries that takes.
 * Pure.  The counts are of packets that are known to be answered when they arrive; a stranger
 * who keeps its answers back makes its own ports be asked more often, up to the number of tries
 * that the user allows.
 */

#include <math.h>

#include "prober.h"

#define WEIGHT		50	/* packets of one's own that outweigh what all others say */
#define WEIGHT_FEW	10	/* and of what is expected, where few are to count */
#define MEMORY		4096	/* of a tally: older packets count for less and less */
#define NOBODY_SAYS	0.004	/* the loss where nothing is known */

void
tally_add(struct tally *t, double asked, double lost)
{
	t->asked += asked;
	t->lost += lost;
	if (t->asked > MEMORY) {
		t->lost *= MEMORY / 2 / t->asked;
		t->asked = MEMORY / 2;
	}
}

/* Some packets more than were counted, lost as expected: the fewer counted, the more they say. */
static double
blend(const struct tally *t, double expected, double weight)
{
	return ((t->lost + expected * weight) / (t->asked + weight));
}

double
loss_of_few(const struct tally *t, double expected)
{
	return (blend(t, expected, WEIGHT_FEW));
}

/* So many lost that chance does not explain it count at face value, however few were asked. */
double
loss_estimate(const struct tally *host, const struct tally *all)
{
	double	 expected = all == NULL ? NOBODY_SAYS : blend(all, NOBODY_SAYS, WEIGHT);
	double	 mean = expected * host->asked;

	if (host->lost > mean + 3 * sqrt(mean) + 1)
		return (host->lost / host->asked);
	return (blend(host, expected, WEIGHT));
}

double
loss_bound(uint8_t timing)
{
	return (timing >= 5 ? 1e-3 : timing == 4 ? 3e-4 : 8e-5);
}

unsigned int
loss_tries(double loss, uint8_t timing, unsigned int most)
{
	double		 bound = loss_bound(timing), missed = loss;
	unsigned int	 tries = 1;

	for (; tries < most && (tries < 2 || missed > bound); tries++)
		missed *= loss;
	return (tries);
}
