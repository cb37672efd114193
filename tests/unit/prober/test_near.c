/* What is known of a host's neighbours: those in the same 256 addresses, and of nobody else. */

#include <string.h>

#include "apart.h"
#include "prober.h"

/* send.c's, which this test does without. */
const struct siphash_key *
send_key(void)
{
	static const struct siphash_key	 key = { { 1, 2 } };

	return (&key);
}

static uint32_t
known(struct addr a)
{
	return (near_rtt(&a).srtt);
}

static void
learn(struct addr a, uint32_t sample)
{
	near_learn(&a, sample);
}

static void
a_neighbour_is_a_hint_and_a_stranger_is_none(void)
{
	struct addr	 a = addr_from_ipv4(0xcb007105);

	CHECK(known(a) == 0);
	learn(a, 30000);
	CHECK(known(a) == 30000 && known(addr_from_ipv4(0xcb007100)) == 30000 &&
	    known(addr_from_ipv4(0xcb0071ff)) == 30000);
	for (uint32_t i = 0; i < 65536; i++)
		CHECK(i == 0x0071 || known(addr_from_ipv4(0xcb000005 | i << 8)) == 0);
}

static void
neighbours_are_averaged(void)
{
	for (int i = 0; i < 100; i++)
		learn(addr_from_ipv4(0xcb007100 + (uint32_t)i), i % 2 == 0 ? 20000 : 30000);
	CHECK(known(addr_from_ipv4(0xcb0071fe)) > 20000 &&
	    known(addr_from_ipv4(0xcb0071fe)) < 30000);
}

/* 65,536 networks do not fit: what is known is forgotten, never taken for another's. */
static void
networks_that_fall_together_do_not_mix(void)
{
	unsigned int	 kept = 0;

	for (uint32_t i = 0; i < 65536; i++)
		learn(addr_from_ipv4(i << 8), 1000 + i);
	for (uint32_t i = 0; i < 65536; i++) {
		uint32_t	 rtt = known(addr_from_ipv4(i << 8 | 9));

		CHECK(rtt == 0 || rtt == 1000 + i);
		kept += rtt != 0;
	}
	CHECK(kept > 1000);
}

static void
ipv6_neighbours_share_all_but_the_last_byte(void)
{
	struct addr	 a = { .family = FAMILY_IPV6, .ip = { 0x20, 1, 0xd, 0xb8, [15] = 7 } };
	struct addr	 b = a, c = a, d = addr_from_ipv4(0x20010db8);

	b.ip[15] = 8;
	c.ip[14] = 1;
	learn(a, 5000);
	CHECK(known(b) == 5000 && known(c) == 0 && known(d) == 0);
}

int
main(void)
{
	CASE_APART(a_neighbour_is_a_hint_and_a_stranger_is_none);
	CASE_APART(neighbours_are_averaged);
	CASE_APART(networks_that_fall_together_do_not_mix);
	CASE_APART(ipv6_neighbours_share_all_but_the_last_byte);
	return (test_done());
}
