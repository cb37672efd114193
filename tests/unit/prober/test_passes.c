/*
 * Whether a host limits its resets, and whether there must be another pass, as what its passes
 * brought tells.
 */

#include "test.h"
#include "prober.h"

#define PORTS	1000

static struct msg_probeconfig	 config;
static struct host		 host;
static struct scan		 scan;
static double			 seconds;

/* A first pass over a host that has so many ports closed, at these places. */
static void
first_pass(uint32_t resets, uint32_t from, uint32_t step)
{
	config = (struct msg_probeconfig){ .timing = 4, .max_retries = 6, .limit_retries = 20 };
	host = (struct host){ 0 };
	scan = (struct scan){ .left = PORTS - resets, .missed = 1, .gained = resets };
	passes_init(&config, PORTS);
	scan.resets = resets;
	for (uint32_t i = 0; i < resets; i++)
		scan.reset_places += from + i * step;
	scan.last_reset = from + (resets - 1) * step;
	scan.tally = (struct tally){ 60, 0 };
	scan.ended = 1000000;
	CHECK(passes_more(&host, &scan, &seconds) && seconds == 0 && !scan.limited);
}

/* And a second one that found so many more.  Is there to be a third? */
static bool
second_pass(uint32_t resets)
{
	host.pass = 1;
	scan.resets_before = scan.resets;
	scan.gained_before = scan.gained;
	scan.resets = scan.gained = resets;
	scan.left -= resets;
	scan.reset_places = resets * PORTS / 2;
	scan.tally = (struct tally){ 60, 0 };
	scan.ended_before = scan.ended;
	scan.ended += 500000;
	return (passes_more(&host, &scan, &seconds));
}

static void
a_second_pass_that_brings_as_many_shows_a_limit(void)
{
	first_pass(50, 10, 20);
	CHECK(second_pass(40) && scan.limited && seconds >= 1);
}

/* Canaries were spared, and the ports were not: they are asked once more, and no slower. */
static void
a_few_more_were_lost(void)
{
	first_pass(300, 50, 3);
	CHECK(second_pass(12) && !scan.limited && seconds == 0);
	first_pass(300, 50, 3);
	CHECK(!second_pass(2) && !scan.limited);
}

/* It had a burst to give; what came then is little, and there is more where it came from. */
static void
a_few_more_after_a_burst_show_a_limit(void)
{
	first_pass(300, 0, 1);
	CHECK(second_pass(3) && scan.limited && seconds >= 1);
	first_pass(300, 0, 1);
	CHECK(!second_pass(2) && !scan.limited);
}

static void
who_answered_little_shows_a_limit_by_little(void)
{
	first_pass(12, 40, 80);
	CHECK(second_pass(1) && !scan.limited);
	first_pass(12, 40, 80);
	CHECK(second_pass(4) && scan.limited && seconds >= 1);
}

static void
no_limit_is_looked_for_where_resets_do_not_count(void)
{
	first_pass(50, 10, 20);
	config.defeat_rst = 1;
	CHECK(second_pass(40) && !scan.limited);
}

/* Resets that ceased early: a longer rest, once. */
static void
a_limit_gets_time_to_show(void)
{
	first_pass(50, 0, 1);
	CHECK(passes_respite(&host, &scan) && !passes_respite(&host, &scan));
	first_pass(50, 10, 20);
	CHECK(!passes_respite(&host, &scan));
}

/* It had a burst for most of the pass: not all resets came early, but more than by chance. */
static void
a_burst_and_a_trickle_show_early(void)
{
	first_pass(50, 0, 1);
	scan.last_reset = PORTS - 1;
	CHECK(passes_respite(&host, &scan));
	first_pass(50, 0, 1);
	scan.last_reset = PORTS - 1;
	config.ordered = 1;
	CHECK(!passes_respite(&host, &scan));
}

/* Canaries ceased to be answered in a later pass: a rest, and a pass behind it, come what may. */
static void
resets_that_cease_late_get_a_pass_to_show(void)
{
	first_pass(300, 50, 3);
	CHECK(!second_pass(0));
	CHECK(!passes_respite(&host, &scan));
	scan.muted = true;
	CHECK(passes_respite(&host, &scan) && passes_more(&host, &scan, &seconds));
	host.pass = 2;
	CHECK(!passes_respite(&host, &scan) && !passes_more(&host, &scan, &seconds));
}

/* It is not there any more, or limits its resets: how many would have come nobody knows. */
static void
what_a_muted_host_did_not_say_is_missed(void)
{
	first_pass(300, 50, 3);
	scan.muted = true;
	CHECK(passes_respite(&host, &scan) && !second_pass(0));
	CHECK(passes_coverage(&host, &scan) == COVERAGE_ALL * 3 / 10);
	config.defeat_rst = 1;
	CHECK(passes_coverage(&host, &scan) > COVERAGE_ALL * 99 / 100);
	first_pass(300, 50, 3);
	scan.muted = true;
	CHECK(second_pass(40) && scan.limited);
	host.pass = 2;
	scan.resets = scan.gained = 0;
	CHECK(!passes_more(&host, &scan, &seconds));
	CHECK(passes_coverage(&host, &scan) > COVERAGE_ALL * 99 / 100);
}

/* Closed ports may well lie together. */
static void
an_order_says_nothing_of_a_burst(void)
{
	first_pass(300, 0, 1);
	config.ordered = 1;
	scan.early = false;
	CHECK(!second_pass(3) && !scan.limited);
	first_pass(300, 0, 1);
	config.ordered = 1;
	scan.early = false;
	CHECK(second_pass(12) && scan.limited);
}

int
main(void)
{
	CASE(a_second_pass_that_brings_as_many_shows_a_limit);
	CASE(a_few_more_were_lost);
	CASE(a_few_more_after_a_burst_show_a_limit);
	CASE(who_answered_little_shows_a_limit_by_little);
	CASE(no_limit_is_looked_for_where_resets_do_not_count);
	CASE(a_limit_gets_time_to_show);
	CASE(a_burst_and_a_trickle_show_early);
	CASE(resets_that_cease_late_get_a_pass_to_show);
	CASE(what_a_muted_host_did_not_say_is_missed);
	CASE(an_order_says_nothing_of_a_burst);
	return (test_done());
}
