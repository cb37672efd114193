/* The simulator's chances: losses as asked, buckets, queues; the same again with the same seed. */

#include <math.h>
#include <string.h>

#include "../../test.h"
#include "../../sim/draws.c"
#include "../../sim/path.c"

#define DRAWS	100000

/* stats.c's, which this test does without. */
void
count(enum counter c)
{
	(void)c;
}

static double
share_lost(struct loss *l, double *mean_burst)
{
	unsigned int	 lost = 0, bursts = 0;
	bool		 bad = false, before = false, hit;

	loss_prepare(l);
	for (uint64_t i = 0; i < DRAWS; i++) {
		hit = loss_hits(l, &bad, draw(7, DRAW_LOSS_OUT, 0x0a640001, i));
		lost += hit;
		bursts += hit && !before;
		before = hit;
	}
	*mean_burst = bursts == 0 ? 0 : (double)lost / bursts;
	return ((double)lost / DRAWS);
}

static bool
near(double got, double wanted, double within)
{
	return (got > wanted - within && got < wanted + within);
}

static void
losses_are_as_many_as_asked(void)
{
	static const double	 rates[] = { 0, 0.01, 0.05, 0.2, 1 };
	double			 burst;

	for (size_t i = 0; i < 5; i++) {
		struct loss	 l = { .rate = (uint64_t)(rates[i] * (double)CHANCE_ONE) };

		CHECK(near(share_lost(&l, &burst), rates[i], 0.005));
	}
}

static void
bursts_are_as_long_as_asked(void)
{
	struct loss	 l = { .rate = CHANCE_ONE / 20, .burst = 8 };
	double		 burst, share = share_lost(&l, &burst);

	CHECK(near(share, 0.05, 0.01));
	CHECK(near(burst, 8, 0.8));
}

static void
a_draw_is_the_same_again_and_another_with_another_seed(void)
{
	unsigned int	 same = 0;

	for (uint64_t i = 0; i < 1000; i++) {
		CHECK(draw(1, DRAW_PORT, i, 5) == draw(1, DRAW_PORT, i, 5));
		same += draw(1, DRAW_PORT, i, 5) == draw(2, DRAW_PORT, i, 5);
		same += draw(1, DRAW_PORT, i, 5) == draw(1, DRAW_PORT, i, 6);
		same += draw(1, DRAW_PORT, i, 5) == draw(1, DRAW_UP, i, 5);
		same += draw(1, DRAW_PORT, i, 5) == draw(1, DRAW_PORT, i + 1, 5);
	}
	CHECK(same == 0);
}

static void
a_bucket_gives_its_burst_and_then_its_rate(void)
{
	struct limit	 l = { .interval = SECOND / 50, .slack = 4 * (SECOND / 50) };
	uint64_t	 bucket = 0, now = 100 * SECOND;
	unsigned int	 taken = 0;

	while (bucket_take(&bucket, &l, now))
		taken++;
	CHECK(taken == 5);
	for (taken = 0; now < 110 * SECOND; now += SECOND / 1000)
		taken += bucket_take(&bucket, &l, now);
	CHECK(near(taken, 500, 2));
	/* After a pause it is full again, and no fuller. */
	now += 60 * SECOND;
	for (taken = 0; bucket_take(&bucket, &l, now); taken++)
		;
	CHECK(taken == 5);
}

static void
without_a_limit_all_pass(void)
{
	struct limit	 l = { 0, 0 };
	uint64_t	 bucket = 0;

	for (int i = 0; i < 1000; i++)
		CHECK(bucket_take(&bucket, &l, 5));
}

static void
a_full_queue_drops_and_drains_at_its_rate(void)
{
	struct queue	 q;
	uint64_t	 when, passed = 0, last = 0;

	queue_init(&q, 20);
	for (int i = 0; i < 100; i++) {
		when = 1000;
		if (queue_pass(&q, &when, 50)) {
			CHECK(when == 1000 + 50 * (passed + 1));
			passed++;
		}
	}
	CHECK(passed == 20);
	/* Twice too much for a while: half of it is dropped. */
	passed = 0;
	for (uint64_t t = 10000; t < 10000 + 25 * 10000; t += 25) {
		when = t;
		if (!queue_pass(&q, &when, 50))
			continue;
		CHECK(when >= last + 50 && when <= t + 20 * 50);
		last = when;
		passed++;
	}
	CHECK(passed >= 5000 && passed <= 5020);
	free(q.departs);
}

static void
a_path_counts_what_it_drops(void)
{
	struct path	 p = { .bandwidth = 10, .rtt = 20 * 1000000, .name = "dsl" };
	uint64_t	 when, passed = 0;

	queue_init(&p.queue[OUT], 20);
	for (uint64_t i = 0; i < 100; i++) {
		when = SECOND;
		passed += path_pass(&p, 1, OUT, 44, &when);
		if (i == 0)	/* 84 bytes at 10 Mbit/s, and half the round trip */
			CHECK(when == SECOND + 67200 + 10000000);
	}
	CHECK(passed == 20 && p.dropped[OUT] == 80 && p.packets[OUT] == 20);
	free(p.queue[OUT].departs);
}

int
main(void)
{
	CASE(losses_are_as_many_as_asked);
	CASE(bursts_are_as_long_as_asked);
	CASE(a_draw_is_the_same_again_and_another_with_another_seed);
	CASE(a_bucket_gives_its_burst_and_then_its_rate);
	CASE(without_a_limit_all_pass);
	CASE(a_full_queue_drops_and_drains_at_its_rate);
	CASE(a_path_counts_what_it_drops);
	return (test_done());
}
