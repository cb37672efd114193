/* How much is lost, as far as that can be known, and how many tries it takes. */

#include <math.h>

#include "prober.h"
#include "test.h"

static double
estimate(double asked, double lost, double all_asked, double all_lost)
{
	return (loss_estimate(&(struct tally){ asked, lost },
	    &(struct tally){ all_asked, all_lost }));
}

static void
without_a_count_little_loss_is_expected(void)
{
	double	 loss = loss_estimate(&(struct tally){ 0 }, NULL);

	CHECK(loss > 0 && loss < 0.02);
	CHECK(estimate(0, 0, 0, 0) > 0 && estimate(0, 0, 0, 0) < 0.02);
}

static void
many_packets_speak_for_themselves(void)
{
	CHECK(fabs(estimate(2000, 400, 0, 0) - 0.2) < 0.01);
	CHECK(fabs(estimate(2000, 400, 4000, 0) - 0.2) < 0.01);
	CHECK(estimate(2000, 0, 4000, 2000) < 0.02);
}

static void
few_packets_take_after_all(void)
{
	CHECK(fabs(estimate(0, 0, 4000, 800) - 0.2) < 0.01);
	CHECK(estimate(5, 0, 4000, 800) > 0.15);
	CHECK(estimate(5, 1, 4000, 0) < 0.05);	/* an accident */
}

/* Two of a few are none: rather a try too many than one too few. */
static void
two_lost_of_few_are_believed(void)
{
	CHECK(estimate(5, 2, 4000, 0) >= 0.4);
	CHECK(estimate(8, 8, 4000, 0) >= 0.99 && estimate(8, 8, 4000, 0) <= 1);
}

static void
no_count_gives_a_share_that_can_not_be(void)
{
	static const double	 counts[] = { 0, 1, 2, 3, 10, 1000, 4096 };

	for (int i = 0; i < 7 * 7 * 7 * 7; i++) {
		double	 asked = counts[i % 7], lost = counts[i / 7 % 7];
		double	 all = counts[i / 49 % 7], all_lost = counts[i / 343];

		if (lost <= asked && all_lost <= all)
			CHECK(estimate(asked, lost, all, all_lost) > 0 &&
			    estimate(asked, lost, all, all_lost) <= 1);
	}
}

/* Where less is lost than was, that shows in time. */
static void
a_tally_forgets(void)
{
	struct tally	 t = { 0 };

	for (int i = 0; i < 100; i++)
		tally_add(&t, 100, 50);
	CHECK(fabs(t.lost / t.asked - 0.5) < 0.001 && t.asked <= 5000);
	for (int i = 0; i < 200; i++)
		tally_add(&t, 100, 0);
	CHECK(t.lost / t.asked < 0.01 && t.lost >= 0);
}

/* The bounds in estimators.h: fewer than one answer in so many is missed. */
static void
tries_keep_what_is_missed_below_the_bound(void)
{
	static const double	 bound[] = { 12500, 12500, 12500, 12500, 3333, 1000 };

	for (uint8_t timing = 0; timing <= 5; timing++)
		for (double loss = 0.001; loss < 0.5; loss *= 1.1) {
			unsigned int	 n = loss_tries(loss, timing, 100);

			CHECK(pow(loss, n) <= 1 / bound[timing] + 1e-7);
			CHECK(n == 2 || pow(loss, n - 1) > 0.1 / bound[timing] + 1e-7);
		}
}

static void
tries_are_two_at_least_and_no_more_than_allowed(void)
{
	CHECK(loss_tries(0.0001, 5, 100) == 2 && loss_tries(0, 3, 100) == 2);
	CHECK(loss_tries(0.0001, 3, 1) == 1 && loss_tries(0.9, 3, 1) == 1);
	CHECK(loss_tries(0.9, 3, 11) == 11 && loss_tries(1, 3, 11) == 11);
}

int
main(void)
{
	CASE(without_a_count_little_loss_is_expected);
	CASE(many_packets_speak_for_themselves);
	CASE(few_packets_take_after_all);
	CASE(two_lost_of_few_are_believed);
	CASE(no_count_gives_a_share_that_can_not_be);
	CASE(a_tally_forgets);
	CASE(tries_keep_what_is_missed_below_the_bound);
	CASE(tries_are_two_at_least_and_no_more_than_allowed);
	return (test_done());
}
