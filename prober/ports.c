/*
 * What is known of each port of a host, in two bits, by its place in the order.  Pure.
 */

#include "prober.h"

unsigned int
port_known(const struct scan *s, uint32_t place)
{
	return ((unsigned int)(s->ports[place / 32] >> place % 32 * 2) & 3);
}

void
port_know(struct scan *s, uint32_t place, uint64_t what)
{
	s->ports[place / 32] &= ~(UINT64_C(3) << place % 32 * 2);
	s->ports[place / 32] |= what << place % 32 * 2;
}

uint32_t
port_next(struct scan *s, uint32_t nports)
{
	uint64_t	 word;
	uint32_t	 here, step;

	while (s->cursor < nports) {
		here = s->cursor % 32;
		word = s->ports[s->cursor / 32] >> here * 2;
		word = ~(word | word >> 1) & UINT64_C(0x5555555555555555);
		step = word == 0 ? 32 : (uint32_t)__builtin_ctzll(word) / 2;
		if (step < 32 - here) {
			s->cursor += step;
			break;
		}
		s->cursor += 32 - here;
	}
	if (s->cursor > nports)
		s->cursor = nports;
	return (s->cursor);
}
