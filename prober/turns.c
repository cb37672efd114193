/*
 * Packets are taken in, and probes are sent, in turn: for so long each that what a turn costs
 * besides is spread over many, and no longer, for the other has to wait.
 */

#include "prober.h"

#define TAKE_FOR	500	/* microseconds; what is sent in a turn is answered by less */
#define SEND_FOR	1000	/* microseconds */
#define CLOCK_EVERY	64	/* packets between two looks at the clock */

static void
take(const struct packet *packet, usec_t when)
{
	struct verdict	 verdict;

	if (judge(send_key(), packet, when, &verdict))
		engine_reply(&verdict, when);
	else if (!judge_own(send_key(), packet, when))
		engine_invalid();
}

bool
turn_packets(bool asked)
{
	usec_t		 when, until = prober_now() + TAKE_FOR;
	struct packet	 packet;
	unsigned int	 n;
	int		 got;

	for (n = 0; results_room() && (got = capture_next(&packet, &when)) != 0; n++) {
		if (got == 1 && asked)
			take(&packet, when);
		if (n % CLOCK_EVERY == CLOCK_EVERY - 1 && prober_now() >= until)
			break;
	}
	return (n != 0);
}

bool
turn_probes(bool asked, usec_t *now)
{
	usec_t	 until;
	bool	 any;

	*now = prober_now();
	until = *now + SEND_FOR;
	any = asked && engine_run(*now);
	for (bool more = any; more && *now < until; more = engine_run(*now))
		*now = prober_now();
	return (any);
}
