/*
 * Chance without rand(): each draw is a hash of the seed, of what it is about and of a count,
 * so that a scenario says the same every time.  And what is made of draws: losses; and the
 * token bucket, which draws nothing but belongs with the limits of the network.
 */

#include "sim.h"

/* The finalizer of splitmix64. */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return (x ^ (x >> 31));
}

uint64_t
draw(uint64_t seed, enum draw what, uint64_t a, uint64_t b)
{
	const uint64_t	 golden = 0x9e3779b97f4a7c15;
	uint64_t	 x;

	x = mix(seed + golden * ((uint64_t)what + 1));
	x = mix(x + golden * (a + 1));
	return (mix(x + golden * (b + 1)));
}

bool
chance(uint64_t drawn, uint64_t fraction)
{
	return ((drawn >> 32) < fraction);
}

/* A number from 0 to end - 1; 0 when end is 0. */
uint64_t
below(uint64_t drawn, uint64_t end)
{
	return (end == 0 ? 0 : drawn % end);
}

/* In the long run "rate" of all packets meet the bad state, "burst" of them in a row. */
void
loss_prepare(struct loss *l)
{
	double	 rate = (double)l->rate / (double)CHANCE_ONE, enter;

	if (l->burst <= 1)
		return;
	enter = rate >= 1 ? 1 : rate / (l->burst * (1 - rate));
	l->leave = rate >= 1 ? 0 : (uint64_t)((double)CHANCE_ONE / l->burst);
	l->enter = (uint64_t)((double)CHANCE_ONE * (enter > 1 ? 1 : enter));
}

bool
loss_hits(const struct loss *l, bool *bad, uint64_t drawn)
{
	if (l->burst <= 1)
		return (chance(drawn, l->rate));
	if (chance(drawn, *bad ? l->leave : l->enter))
		*bad = !*bad;
	return (*bad);
}

/* *bucket is when the tokens taken so far will have come (GCRA); 0 is a full bucket. */
bool
bucket_take(uint64_t *bucket, const struct limit *l, uint64_t now)
{
	if (l->interval == 0)
		return (true);
	if (*bucket > now + l->slack)
		return (false);
	*bucket = (*bucket > now ? *bucket : now) + l->interval;
	return (true);
}
