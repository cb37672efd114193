/* Round-trip times: what the samples make of the time-out, and what no sample can do to it. */

#include "prober.h"
#include "test.h"

#define MIN	100000
#define MAX	10000000

struct after {
	uint32_t	 srtt, rttvar, timeout;
};

static struct after
after(const int64_t *sample, size_t n)
{
	struct rtt	 r = { .srtt = 0 };

	for (size_t i = 0; i < n; i++)
		rtt_sample(&r, sample[i]);
	return ((struct after){ r.srtt, r.rttvar, rtt_timeout(&r, MIN, MAX) });
}
#define AFTER(...)	after((const int64_t[]){ __VA_ARGS__ },				\
	sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

static void
the_first_sample_sets_it(void)
{
	struct after	 r = AFTER(200000);

	CHECK(r.srtt == 200000 && r.rttvar == 200000 && r.timeout == 1000000);
}

static void
later_samples_are_smoothed(void)
{
	struct after	 r = AFTER(200000, 280000);

	/* RFC 6298, 2.3: an eighth of the difference, a quarter of the deviation's. */
	CHECK(r.srtt == 210000 && r.rttvar == 170000 && r.timeout == 890000);
	r = AFTER(200000, 120000);
	CHECK(r.srtt == 190000 && r.rttvar == 170000 && r.timeout == 870000);
}

static void
a_steady_path_comes_to_a_close_time_out(void)
{
	struct rtt	 r = { .srtt = 0 };

	for (int i = 0; i < 100; i++)
		rtt_sample(&r, 300000);
	CHECK(r.srtt == 300000 && rtt_timeout(&r, MIN, MAX) >= 300000 &&
	    rtt_timeout(&r, MIN, MAX) < 310000);
}

static void
the_time_out_stays_within_its_bounds(void)
{
	CHECK(AFTER(1).timeout == MIN);
	CHECK(AFTER(0).timeout == MIN && AFTER(0).srtt != 0);
	CHECK(AFTER(7000000).timeout == MAX);
	CHECK(AFTER(7999999, 7999999, 7999999).timeout == MAX);
}

static void
a_sample_that_can_not_be_changes_nothing(void)
{
	struct after	 r = AFTER(-1);

	CHECK(r.srtt == 0 && r.timeout == MAX);
	CHECK(AFTER(8000000).srtt == 0);
	CHECK(AFTER(INT64_MAX).srtt == 0 && AFTER(INT64_MIN).srtt == 0);
	r = AFTER(200000, -1, 8000000, INT64_MIN, INT64_MAX);
	CHECK(r.srtt == 200000 && r.rttvar == 200000 && r.timeout == 1000000);
}

/* One late reply on a fast path does not slow everything down. */
static void
an_outlier_is_passed_over(void)
{
	struct after	 r = AFTER(20000, 20000, 6000000);

	CHECK(r.srtt == 20000 && r.timeout == AFTER(20000, 20000).timeout);
	/* But where replies differ as much as that, it counts. */
	CHECK(AFTER(800000, 3000000).srtt > 800000);
}

static void
without_a_sample_the_longest_is_waited_for(void)
{
	struct rtt	 r = { .srtt = 0 };

	CHECK(rtt_timeout(&r, MIN, MAX) == MAX);
}

static void
no_row_of_samples_leaves_the_bounds(void)
{
	static const int64_t	 hostile[] = {
		0, 7999999, 1, 0, 7999999, 7999999, -5, 3, 1500001
	};
	struct rtt		 r = { .srtt = 0 };

	for (size_t i = 0; i < 10000; i++) {
		rtt_sample(&r, hostile[i * i % 9]);
		CHECK(rtt_timeout(&r, MIN, MAX) >= MIN && rtt_timeout(&r, MIN, MAX) <= MAX);
		CHECK(r.srtt >= 1 && r.srtt < 8000000);
	}
}

/* What a sample took longer than the path and its usual variation. */
static void
the_time_in_queues_is_what_is_left_over(void)
{
	struct rtt	 r = { .srtt = 20000, .rttvar = 5000 }, none = { 0 };
	struct rtt	 all = { .srtt = 50000, .rttvar = 1000 };
	uint32_t	 least = 0;

	CHECK(rtt_queue(&r, &none, &least, 20000) == 0 && least == 20000 && r.rttvar == 3750);
	CHECK(rtt_queue(&r, &none, &least, 23750) == 0 && least == 20000);
	r = (struct rtt){ .srtt = 20000, .rttvar = 5000 };
	CHECK(rtt_queue(&r, &none, &least, 28000) == 3000 && r.srtt == 21000);
	r = (struct rtt){ .srtt = 20000, .rttvar = 5000 };
	CHECK(rtt_queue(&r, &all, &least, 28000) == 7000 && r.srtt == 21000);
	all.rttvar = 8000;
	r = (struct rtt){ .srtt = 20000, .rttvar = 5000 };
	CHECK(rtt_queue(&r, &all, &least, 28000) == 3000);
	CHECK(rtt_queue(&r, &none, &least, 15000) == 0 && least == 15000);
}

int
main(void)
{
	CASE(the_first_sample_sets_it);
	CASE(later_samples_are_smoothed);
	CASE(a_steady_path_comes_to_a_close_time_out);
	CASE(the_time_out_stays_within_its_bounds);
	CASE(a_sample_that_can_not_be_changes_nothing);
	CASE(an_outlier_is_passed_over);
	CASE(without_a_sample_the_longest_is_waited_for);
	CASE(no_row_of_samples_leaves_the_bounds);
	CASE(the_time_in_queues_is_what_is_left_over);
	return (test_done());
}
