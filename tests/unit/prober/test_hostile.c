/*
 * Hosts that answer so as to mislead: what they keep back, delay or repeat may make their own
 * scan worse, and hardly that of others.
 */

#include <sys/mman.h>

#include "scans.h"

#define HONEST	8
#define FIRST	100		/* of the hostile machines */
#define RUNS	10		/* where the dice have much to say */

static unsigned int	 nhostile;
static reply_rule	*ruse;
static bool		 hesitate;	/* the hostile answer no first try */
static uint64_t		 seed;		/* of the dice */
static double		*shared;	/* what a run gives back */

/* Is it a canary that is being answered? */
static bool
of_a_canary(void)
{
	return (sent[nsent - 1].canary);
}

static void
answer(const struct packet *p, usec_t after)
{
	put_on_way(now + after, p);
}

static void
keep_half_of_the_canaries_back(uint32_t i, const struct packet *p)
{
	(void)i;
	if (!of_a_canary() || throw_dice(2) == 0)
		answer(p, RTT);
}

static void
keep_all_canaries_back(uint32_t i, const struct packet *p)
{
	(void)i;
	if (!of_a_canary())
		answer(p, RTT);
}

static void
answer_canaries_ten_times(uint32_t i, const struct packet *p)
{
	(void)i;
	for (usec_t k = 0; k < (of_a_canary() ? 10 : 1); k++)
		answer(p, RTT + k * 3 * MSEC);
}

static void
answer_canaries_ever_later(uint32_t i, const struct packet *p)
{
	static usec_t	 delay[MACHINES];

	if (of_a_canary() && delay[i] < 7 * SECOND)
		delay[i] += 2 * MSEC;
	answer(p, RTT + (of_a_canary() ? delay[i] : 0));
}

static void
answer_canaries_now_and_then_late(uint32_t i, const struct packet *p)
{
	(void)i;
	answer(p, RTT + (of_a_canary() ? throw_dice(300) * MSEC : 0));
}

/* Honest hosts and hostile ones; when is the last of the honest done? */
static void
honest_among_hostile(void)
{
	usec_t	 last = START;

	begin(template(3), 1, 1000);
	dice += seed * UINT64_C(0x9e3779b97f4a7c15);
	for (uint32_t k = 0; k < nhostile; k++) {
		machines[FIRST + k] = (struct machine){
			.up = true, .port = mixed, .reply = ruse, .hesitates = hesitate
		};
		target(FIRST + k, BOTH);
	}
	for (uint32_t i = 0; i < HONEST; i++) {
		machines[i] = (struct machine){ .up = true, .port = mixed };
		target(i, BOTH);
	}
	run(HONEST + nhostile, START + 600 * SECOND);
	CHECK(nended == HONEST + nhostile);
	CHECK(wrong(0, HONEST, 1000) == 0);
	for (uint32_t i = 0; i < HONEST; i++)
		last = told[i].ended > last ? told[i].ended : last;
	*shared = (double)(last - START) / 1e6;
}

/* How much longer the honest take than if all were honest. */
static double
slowed(unsigned int n, reply_rule *r)
{
	double	 alone;

	nhostile = n;
	ruse = NULL;
	CHECK(apart(honest_among_hostile, NULL, 0) == 0);
	alone = *shared;
	ruse = r;
	CHECK(apart(honest_among_hostile, NULL, 0) == 0);
	return (*shared / alone);
}

/* One of nine is as many as a careful user would scan with the rest without a thought. */
static void
one_hostile_host_hardly_slows_others(void)
{
	CHECK(slowed(1, keep_half_of_the_canaries_back) < 5);
	CHECK(slowed(1, keep_all_canaries_back) < 3);
	CHECK(slowed(1, answer_canaries_ever_later) < 3);
	CHECK(slowed(1, answer_canaries_now_and_then_late) < 3);
}

static void
canary_replies_that_come_again_count_once(void)
{
	CHECK(slowed(8, answer_canaries_ten_times) < 1.1);
}

static void
canaries_kept_back_by_half_of_all_hosts_are_borne(void)
{
	double	 one, all = 0;

	for (seed = 0; seed < RUNS; seed++) {
		one = slowed(8, keep_half_of_the_canaries_back);
		CHECK(one < 12);
		all += one;
	}
	seed = 0;
	CHECK(all < 4 * RUNS);
	CHECK(slowed(8, keep_all_canaries_back) < 6);
}

/* However many: the rate over all does not fall below a tenth of what it was at first. */
static void
nothing_that_hosts_do_stops_the_scan(void)
{
	nhostile = 16;
	ruse = answer_canaries_now_and_then_late;
	CHECK(apart(honest_among_hostile, NULL, 0) == 0);
	CHECK(*shared < (HONEST + 16) * 2500 / 500.0);
}

static void
hosts_that_answer_only_what_is_sent_again_do_not_hold_up_others(void)
{
	hesitate = true;
	CHECK(slowed(8, NULL) < 1.1);
	hesitate = false;
}

/* Addresses that are swept, of which few answer: so these are the canaries. */
static void
sweep(void)
{
	begin(template(3), 1, 1);
	for (uint32_t i = 0; i < 4000; i++) {
		bool	 hostile = i < nhostile;

		machines[i] = (struct machine){
			.up = hostile || i % 200 == 0, .reply = hostile ? ruse : NULL
		};
		target(i, STEP_PING);
	}
	run(4000, START + 600 * SECOND);
	CHECK(nended == 4000);
	*shared = took();
}

static double
sweep_slowed(unsigned int n, reply_rule *r)
{
	double	 alone;

	nhostile = 0;
	CHECK(apart(sweep, NULL, 0) == 0);
	alone = *shared;
	nhostile = n;
	ruse = r;
	CHECK(apart(sweep, NULL, 0) == 0);
	return (*shared / alone);
}

static void
a_sweep_past_hostile_hosts_is_hardly_slower(void)
{
	reply_rule	*const ruses[] = {
		keep_half_of_the_canaries_back, keep_all_canaries_back,
		answer_canaries_ever_later, answer_canaries_now_and_then_late
	};

	for (int i = 0; i < 4; i++) {
		CHECK(sweep_slowed(1, ruses[i]) < 3);
		CHECK(sweep_slowed(9, ruses[i]) < 6);
	}
	CHECK(sweep_slowed(9, answer_canaries_ten_times) < 1.1);
}

int
main(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	    -1, 0);
	if (shared == MAP_FAILED)
		abort();
	CASE(one_hostile_host_hardly_slows_others);
	CASE(canary_replies_that_come_again_count_once);
	CASE(canaries_kept_back_by_half_of_all_hosts_are_borne);
	CASE(nothing_that_hosts_do_stops_the_scan);
	CASE(hosts_that_answer_only_what_is_sent_again_do_not_hold_up_others);
	CASE(a_sweep_past_hostile_hosts_is_hardly_slower);
	return (test_done());
}
