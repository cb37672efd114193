/*
 * Packets are taken in, and probes are sent, in turn: so many, or for so long, that neither has to
 * wait for the other, and that what each turn costs besides is spread over many.
 */

#include "prober.h"

#define PACKETS_AT_ONCE	4096	/* more than the answers to what is sent in a turn */
#define SEND_FOR	1000	/* microseconds */

bool
turn_packets(bool asked)
{
	struct packet	 packet;
	struct verdict	 verdict;
	usec_t		 when;
	int		 got, i;

	for (i = 0; i < PACKETS_AT_ONCE && results_room(); i++) {
		if ((got = capture_next(&packet, &when)) == 0)
			break;
		if (got == -1 || !asked)
			continue;
		if (judge(send_key(), &packet, when, &verdict))
			engine_reply(&verdict, when);
		else if (!judge_own(send_key(), &packet, when))
			engine_invalid();
	}
	return (i != 0);
}

bool
turn_probes(usec_t *now)
{
	usec_t	 until;
	bool	 any;

	*now = prober_now();
	until = *now + SEND_FOR;
	any = engine_run(*now);
	for (bool more = any; more && *now < until; more = engine_run(*now))
		*now = prober_now();
	return (any);
}
