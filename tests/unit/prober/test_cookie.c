/* Which numbers are believed, for how long, and how often a guess is. */

#include "prober.h"
#include "test.h"

#define UNIT	64	/* microseconds */
#define NOW	((usec_t)3600 * 1000 * 1000 + 17)

static const struct siphash_key	 key = { { 0x0123456789abcdef, 0xfedcba9876543210 } };

static struct question
question(void)
{
	return ((struct question){
		.src = addr_from_ipv4(0xc0000201), .dst = addr_from_ipv4(0xc6336407),
		.kind = PROBE_TCP_SYN, .port = 80,
	});
}

/* Is the number for the question, made at NOW, believed by now? */
static bool
believed_at(usec_t now)
{
	struct question	 q = question();
	usec_t		 sent;

	return (cookie_check(&key, &q, 0, cookie_make(&key, &q, 0, NOW).number, now, &sent));
}

static void
a_number_tells_when_it_was_made(void)
{
	struct question	 q = question();
	struct cookie	 c = cookie_make(&key, &q, 0, NOW);
	usec_t		 sent = 0;

	CHECK(cookie_check(&key, &q, 0, c.number, NOW + 250000, &sent));
	CHECK(sent == NOW / UNIT * UNIT);
	c = cookie_make(&key, &q, 3, NOW + 1000);
	CHECK(cookie_check(&key, &q, 3, c.number, NOW + 1000, &sent));
	CHECK(sent == (NOW + 1000) / UNIT * UNIT);
}

static void
it_is_believed_for_sixteen_seconds(void)
{
	CHECK(COOKIE_AGE == 16000000);
	CHECK(believed_at(NOW) && believed_at(NOW + 1) && believed_at(NOW + COOKIE_AGE));
	CHECK(believed_at(NOW + COOKIE_AGE + UNIT));		/* the slack */
	CHECK(!believed_at(NOW + COOKIE_AGE + 2 * UNIT));
	CHECK(!believed_at(NOW + 2 * COOKIE_AGE));
}

static void
it_is_not_believed_before_it_was_made(void)
{
	CHECK(believed_at(NOW - UNIT));				/* the slack */
	CHECK(!believed_at(NOW - 2 * UNIT));
	CHECK(!believed_at(NOW - COOKIE_AGE));
	CHECK(!believed_at(0));
}

/* The number's unit has 32 bits: it comes round every 76 hours. */
static void
the_wrap_of_the_clock_is_not_noticed(void)
{
	usec_t		 wrap = (usec_t)UNIT << 32, sent = 0;
	struct question	 q = question();
	uint32_t	 number = cookie_make(&key, &q, 0, wrap - 1000).number;

	CHECK(cookie_check(&key, &q, 0, number, wrap + 1000, &sent));
	CHECK(sent == (wrap - 1000) / UNIT * UNIT);
	CHECK(!cookie_check(&key, &q, 0, number, 2 * wrap - 1000 - 2 * UNIT, &sent));
}

static void
nothing_was_sent_before_the_clock_began(void)
{
	struct question	 q = question();
	usec_t		 sent = 0;
	uint32_t	 number = cookie_make(&key, &q, 0, 0).number;

	CHECK(cookie_check(&key, &q, 0, number, 5000000, &sent) && sent == 0);
	CHECK(!cookie_check(&key, &q, 0, number - 1, 5000000, &sent));
	CHECK(!cookie_check(&key, &q, 0, number - 78125, 5000000, &sent));
}

static bool
answers(const struct siphash_key *k, const struct question *q)
{
	struct question	 asked = question();
	usec_t		 sent;

	return (cookie_check(k, q, 0, cookie_make(&key, &asked, 0, NOW).number, NOW, &sent));
}

static void
it_answers_no_other_question(void)
{
	struct siphash_key	 other = key;
	struct question		 q = question();

	CHECK(answers(&key, &q));
	for (size_t i = 0; i < 4; i++) {
		q = question();
		q.src.ip[i] ^= 1;
		CHECK(!answers(&key, &q));
		q = question();
		q.dst.ip[i] ^= 1;
		CHECK(!answers(&key, &q));
	}
	for (int bit = 0; bit < 16; bit++) {
		q = question();
		q.port ^= (uint16_t)(1 << bit);
		CHECK(!answers(&key, &q));
	}
	q = question();
	q.kind = PROBE_TCP_ACK;
	CHECK(!answers(&key, &q));
	q = question();
	q.dst.family = FAMILY_IPV6;
	CHECK(!answers(&key, &q));
	q = question();
	other.k[1] ^= 1;
	CHECK(!answers(&other, &q));
}

static void
source_ports_are_in_range_and_all_in_use(void)
{
	static unsigned int	 used[SPORT_COUNT];
	struct question		 q = question();
	struct cookie		 c;

	for (unsigned int i = 0; i < 20 * SPORT_COUNT; i++) {
		q.dst = addr_from_ipv4(i);
		c = cookie_make(&key, &q, 0, NOW);
		CHECK(c.sport >= SPORT_BASE && c.sport < SPORT_BASE + SPORT_COUNT);
		used[c.sport % SPORT_COUNT]++;
	}
	for (unsigned int i = 0; i < SPORT_COUNT; i++)
		CHECK(used[i] >= 1 && used[i] < 60);
}

static void
each_try_has_a_port_of_its_own(void)
{
	struct question	 q = question();
	struct cookie	 c[TRIES];

	for (unsigned int host = 0; host < 2 * SPORT_COUNT; host++) {
		q.dst = addr_from_ipv4(host);
		for (uint8_t t = 0; t < TRIES; t++) {
			c[t] = cookie_make(&key, &q, t, NOW);
			CHECK(c[t].sport >= SPORT_BASE && c[t].sport < SPORT_BASE + SPORT_COUNT);
			for (uint8_t u = 0; u < t; u++)
				CHECK(c[u].sport != c[t].sport);
		}
	}
}

/* What answers one try answers no other, however late; of ICMP nothing tells which it answers. */
static void
a_number_is_that_of_its_try(void)
{
	static const uint8_t	 kinds[] = { PROBE_TCP_SYN, PROBE_TCP_ACK };
	struct question		 q = question();
	usec_t			 sent;
	uint32_t		 number;

	for (int k = 0; k < 2; k++)
		for (uint8_t t = 0; t < TRIES; t++) {
			q.kind = kinds[k];
			number = cookie_make(&key, &q, t, NOW).number;
			for (uint8_t u = 0; u < TRIES; u++)
				for (usec_t age = 0; age <= COOKIE_AGE; age += COOKIE_AGE / 4)
					CHECK(cookie_check(&key, &q, u, number, NOW + age, &sent) ==
					    (t == u));
		}
	q.kind = PROBE_ICMP_ECHO;
	q.port = 0;
	CHECK(cookie_make(&key, &q, 1, NOW).number == cookie_make(&key, &q, 9, NOW).number);
}

/* A port tells its try, and no other port is one: pings, canaries and port probes are apart. */
static void
a_source_port_tells_the_try(void)
{
	struct question	 q = question();
	unsigned int	 ports;
	uint8_t		 tryno;

	CHECK(TRY_PING < TRY_CANARY && TRY_CANARY < TRY_PORT && TRY_PORT < TRIES);
	for (unsigned int host = 0; host < 300; host++) {
		q.dst = addr_from_ipv4(host);
		for (uint8_t t = 0; t < TRIES; t++) {
			tryno = 255;
			CHECK(cookie_try(&key, &q, cookie_make(&key, &q, t, NOW).sport,
			    &tryno) && tryno == t);
		}
		ports = 0;
		for (unsigned int port = 0; port < 65536; port++)
			ports += cookie_try(&key, &q, (uint16_t)port, &tryno);
		CHECK(ports == TRIES);
	}
}

/* 250,003 of 2^32: of a million guesses 58 are right, give or take. */
static void
a_guess_is_right_as_often_as_stated(void)
{
	struct question	 q = question();
	uint64_t	 state = 1;
	unsigned int	 right = 0;
	usec_t		 sent;

	for (int i = 0; i < 1000000; i++) {
		state = state * 6364136223846793005 + 1442695040888963407;
		right += cookie_check(&key, &q, 0, (uint32_t)(state >> 32), NOW, &sent);
	}
	CHECK(right > 28 && right < 89);	/* four standard deviations */
}

int
main(void)
{
	CASE(a_number_tells_when_it_was_made);
	CASE(it_is_believed_for_sixteen_seconds);
	CASE(it_is_not_believed_before_it_was_made);
	CASE(the_wrap_of_the_clock_is_not_noticed);
	CASE(nothing_was_sent_before_the_clock_began);
	CASE(it_answers_no_other_question);
	CASE(source_ports_are_in_range_and_all_in_use);
	CASE(each_try_has_a_port_of_its_own);
	CASE(a_number_is_that_of_its_try);
	CASE(a_source_port_tells_the_try);
	CASE(a_guess_is_right_as_often_as_stated);
	return (test_done());
}
