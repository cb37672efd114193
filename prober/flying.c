/*
 * Probes in flight, counted one by one only where their number is bounded (--max-parallelism,
 * -T0 to -T2): a probe leaves the count when it is answered or overdue.  The bound is small, so
 * they are simply looked through.
 */

#include <string.h>

#include "prober.h"

#define LEAST	1000000	/* microseconds: longest is no less */

static struct flying {
	struct question	 question;
	usec_t		 due;
} flying[FLYING_MAX];
static uint32_t	 nflying, most, longest;

void
flying_init(uint32_t n, uint32_t timeout)
{
	most = n < FLYING_MAX ? n : FLYING_MAX;
	longest = timeout > LEAST ? timeout : LEAST;
	nflying = 0;
}

bool
flying_room(usec_t now)
{
	if (most == 0 || nflying < most)
		return (true);
	for (uint32_t i = nflying; i-- > 0;)
		if (flying[i].due <= now)
			flying[i] = flying[--nflying];
	return (nflying < most);
}

usec_t
flying_next(void)
{
	usec_t	 next = UINT64_MAX;

	for (uint32_t i = 0; i < nflying; i++)
		if (flying[i].due < next)
			next = flying[i].due;
	return (next);
}

void
flying_add(const struct question *q, usec_t now, uint32_t timeout)
{
	if (most != 0)
		flying[nflying++] = (struct flying){
			*q, now + (timeout < longest ? timeout : longest)
		};
}

void
flying_answered(const struct question *q)
{
	for (uint32_t i = 0; i < nflying; i++)
		if (flying[i].question.kind == q->kind && flying[i].question.port == q->port &&
		    addr_equal(&flying[i].question.dst, &q->dst)) {
			flying[i] = flying[--nflying];
			return;
		}
}
