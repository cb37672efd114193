/*
 * A scan of this machine itself: the loopback brings our SYNs in again.  They are known as ours,
 * as they were built; whoever makes one up is not taken for us.
 */

#include "prober.h"
#include "test.h"

#define NOW	((usec_t)3600 * 1000 * 1000)
#define US	addr_from_ipv4(0xc0000201)
#define OTHER	addr_from_ipv4(0xc0000202)

static const struct siphash_key	 key = { { 0x0123456789abcdef, 0xfedcba9876543210 } };

/* What comes in of a probe that leaves now. */
static struct packet
probe(enum probe_kind kind)
{
	static const uint8_t	 mac[6];
	struct question		 q = { .src = US, .dst = US, .kind = (uint8_t)kind, .port = 40000 };
	struct cookie		 c = cookie_make(&key, &q, TRY_PORT, NOW);
	uint8_t			 buf[PROBE_SIZE];
	struct packet		 p;

	CHECK(parse_ipv4(buf, build_probe(buf, &q, c, 1, 64, mac), &p) == 0);
	return (p);
}

static void
our_syn_is_known_as_ours_and_answers_nothing(void)
{
	struct packet	 p = probe(PROBE_TCP_SYN);
	struct verdict	 v;

	CHECK(judge_own(&key, &p, NOW + 100) && !judge(&key, &p, NOW + 100, &v));
}

static void
what_is_wrong_in_one_field_is_not(void)
{
	const struct packet	 right = probe(PROBE_TCP_SYN);
	struct packet		 wrong[] = { right, right, right, right, right, right };

	wrong[0].src = OTHER;
	wrong[1].dst = OTHER;
	wrong[2].dst_port++;
	wrong[3].src_port ^= 64;
	wrong[4].seq += 1000000;
	wrong[5].tcp_flags |= TCP_ACK;
	for (int i = 0; i < 6; i++)
		CHECK(!judge_own(&key, &wrong[i], NOW + 100));
	CHECK(!judge_own(&key, &right, NOW + 2 * COOKIE_AGE));
}

static void
nor_is_any_other_packet(void)
{
	struct packet	 p = probe(PROBE_ICMP_ECHO);

	CHECK(!judge_own(&key, &p, NOW));
	p = probe(PROBE_TCP_ACK);
	CHECK(!judge_own(&key, &p, NOW));
}

int
main(void)
{
	CASE(our_syn_is_known_as_ours_and_answers_nothing);
	CASE(what_is_wrong_in_one_field_is_not);
	CASE(nor_is_any_other_packet);
	return (test_done());
}
