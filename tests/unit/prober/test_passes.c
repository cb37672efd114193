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
static bool			 ordered;

/* A first pass over a host that has so many ports closed, at these places. */
static void
first_pass(uint32_t resets, uint32_t from, uint32_t step)
{
	config = (struct msg_probeconfig){
		.timing = 4, .max_retries = 6, .limit_retries = 15, .ordered = ordered
	};
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

/* Canaries of a window, which are resets. */
static void
canaries(double asked, double lost)
{
	scan.canary_resets = true;
	passes_canaries(&scan, &(struct tally){ asked, lost });
}

/* They ceased in a later pass: a rest, and a pass behind it, though all tries are used up. */
static void
resets_that_cease_late_get_a_pass_to_show(void)
{
	first_pass(300, 50, 3);
	CHECK(!second_pass(0) && !passes_respite(&host, &scan));
	config.max_retries = 1;
	canaries(16, 16);
	CHECK(passes_respite(&host, &scan) && passes_more(&host, &scan, &seconds));
	host.pass = 2;
	CHECK(!passes_respite(&host, &scan) && !passes_more(&host, &scan, &seconds));
}

/* Where the user allows no further pass, there is nothing to rest for. */
static void
no_rest_without_a_pass_behind_it(void)
{
	first_pass(50, 0, 1);
	canaries(16, 16);
	config.max_retries = config.limit_retries = 0;
	CHECK(!passes_respite(&host, &scan) && !passes_more(&host, &scan, &seconds));
	CHECK(passes_coverage(&host, &scan) == COVERAGE_ALL / 20);
}

/* Nor are they limited then that come as slowly as they may. */
static void
a_host_known_to_be_limited_needs_no_rest(void)
{
	first_pass(300, 50, 3);
	canaries(16, 16);
	CHECK(second_pass(40) && scan.limited && !passes_respite(&host, &scan));
}

/* On a path that loses a third, four in a row are nothing; sixteen are. */
static void
losses_do_not_mute(void)
{
	first_pass(300, 50, 3);
	canaries(4, 4);
	CHECK(scan.mute == MUTE_NOW);
	first_pass(300, 50, 3);
	canaries(3, 3);
	canaries(16, 12);
	CHECK(scan.mute == MUTE_NEVER);
	canaries(16, 6);
	canaries(16, 5);
	canaries(4, 4);
	CHECK(scan.mute == MUTE_NEVER);
	canaries(16, 16);
	CHECK(scan.mute == MUTE_NOW);
	/* Of most of them nothing was heard before: then ten are no more than chance allows. */
	first_pass(300, 50, 3);
	for (int i = 0; i < 5; i++)
		canaries(16, 12);
	CHECK(scan.mute == MUTE_NEVER);
	canaries(10, 10);
	CHECK(scan.mute == MUTE_NOW);
}

/* Of those of other kinds the share that is lost is the path's, and tells no end. */
static void
only_resets_are_muted(void)
{
	first_pass(300, 50, 3);
	passes_canaries(&scan, &(struct tally){ 16, 16 });
	CHECK(scan.mute == MUTE_NEVER && scan.total.lost == 16);
	canaries(16, 16);
	CHECK(scan.mute == MUTE_NOW && scan.total.lost == 16);
	/* An open port was found, and answers. */
	scan.canary_resets = false;
	passes_canaries(&scan, &(struct tally){ 0, 0 });
	CHECK(scan.mute == MUTE_NOW);
	passes_canaries(&scan, &(struct tally){ 8, 0 });
	CHECK(scan.mute == MUTE_ONCE);
}

/* An outage: what it hid is asked for again, and then all is known. */
static void
a_mute_may_end(void)
{
	first_pass(300, 50, 3);
	canaries(16, 16);
	canaries(2, 2);
	canaries(16, 8);
	CHECK(scan.mute == MUTE_NOW);
	canaries(16, 1);
	CHECK(scan.mute == MUTE_ONCE);
	CHECK(passes_respite(&host, &scan) && !second_pass(0));
	CHECK(passes_coverage(&host, &scan) > COVERAGE_ALL * 99 / 100);
	/* It showed by the pass behind the rest alone. */
	first_pass(300, 50, 3);
	canaries(16, 16);
	CHECK(passes_respite(&host, &scan) && second_pass(12) && !scan.limited);
	CHECK(passes_coverage(&host, &scan) > COVERAGE_ALL * 99 / 100);
}

/* It is not there any more, or limits its resets: how many would have come nobody knows. */
static void
what_a_muted_host_did_not_say_is_missed(void)
{
	first_pass(300, 50, 3);
	canaries(16, 16);
	CHECK(passes_respite(&host, &scan) && !second_pass(0));
	CHECK(passes_coverage(&host, &scan) == COVERAGE_ALL * 3 / 10);
	config.defeat_rst = 1;
	CHECK(passes_coverage(&host, &scan) > COVERAGE_ALL * 99 / 100);
}

/* In a third pass so many ports answer, and so many of the canaries at its end. */
static bool
third_pass(uint32_t resets, uint8_t heard)
{
	host.pass = 2;
	scan.resets_before = scan.resets;
	scan.gained_before = scan.gained;
	scan.resets = scan.gained = resets;
	scan.left -= resets;
	scan.ended_before = scan.ended;
	scan.ended += 1000000;
	if (passes_ask(&scan)) {
		scan.last = 8;
		scan.heard = heard;
	}
	passes_asked(&scan);
	return (passes_more(&host, &scan, &seconds));
}

static bool
certain(void)
{
	return (passes_coverage(&host, &scan) > COVERAGE_ALL * 99 / 100);
}

/* In the second pass it seems to have a limit.  Has it, or was that its last word? */
static void
a_limited_host_is_asked_at_last_whether_it_is_there(void)
{
	first_pass(300, 50, 3);
	canaries(16, 16);
	CHECK(second_pass(40) && scan.limited && scan.mute == MUTE_NOW);
	CHECK(third_pass(60, 0) && scan.mute == MUTE_ONCE);
	for (uint32_t came = 0; came < 3; came++)
		for (uint8_t heard = 0; heard < 2; heard++) {
			first_pass(300, 50, 3);
			CHECK(second_pass(40) && scan.limited);
			third_pass(came, heard);
			CHECK(certain() == (heard != 0));
		}
	CHECK(passes_coverage(&host, &scan) > COVERAGE_ALL * 99 / 100);
}

/* One or two answers after the rest do not tell that it is there still. */
static void
so_is_one_of_which_hardly_anything_came_after_the_rest(void)
{
	for (uint8_t heard = 0; heard < 2; heard++) {
		first_pass(300, 50, 3);
		canaries(16, 16);
		CHECK(passes_respite(&host, &scan));
		second_pass(2);
		scan.last = 8;
		scan.heard = heard;
		passes_asked(&scan);
		CHECK(certain() == (heard != 0));
	}
}

/* Not resets, so that no limit excuses it. */
static void
a_host_that_falls_silent_is_uncertain(void)
{
	static const struct tally	 lost = { 16, 16 };

	first_pass(50, 10, 20);
	CHECK(passes_canaries(&scan, &lost) && passes_canaries(&scan, &lost));
	CHECK(scan.mute == MUTE_NEVER && scan.total.lost == 32);
	CHECK(!passes_canaries(&scan, &lost) && scan.mute == MUTE_NOW);
	CHECK(scan.total.lost == 32 && scan.tally.lost == 0);
	CHECK(!passes_respite(&host, &scan) && !certain());
	config.defeat_rst = 1;
	CHECK(!certain());
	passes_canaries(&scan, &(struct tally){ 16, 7 });
	CHECK(scan.mute == MUTE_ONCE && scan.silent == 0 && scan.unheard == 0);
}

/* The pass ended before there were three windows: many were not heard in two. */
static void
what_it_did_not_say_at_the_end_is_missed(void)
{
	first_pass(50, 10, 20);
	passes_canaries(&scan, &(struct tally){ 9, 9 });
	CHECK(certain());
	passes_canaries(&scan, &(struct tally){ 1, 1 });
	CHECK(scan.mute == MUTE_NEVER && !certain());
	passes_canaries(&scan, &(struct tally){ 8, 1 });
	CHECK(certain());
}

/* Muted in the first pass, before which there was no rest. */
static void
what_came_before_a_mute_does_not_end_it(void)
{
	first_pass(50, 10, 20);
	config.max_retries = 0;
	for (int i = 0; i < 3; i++)
		passes_canaries(&scan, &(struct tally){ 16, 16 });
	CHECK(!passes_more(&host, &scan, &seconds) && !certain());
}

/* At a slow rate there are few canaries in a window; none says nothing. */
static void
few_canaries_do_not_make_it_silent(void)
{
	first_pass(300, 50, 3);
	for (int i = 0; i < 9; i++) {
		CHECK(passes_canaries(&scan, &(struct tally){ 1, 1 }));
		CHECK(passes_canaries(&scan, &(struct tally){ 0, 0 }));
	}
	CHECK(!passes_canaries(&scan, &(struct tally){ 1, 1 }));
	/* Of resets, four in a row tell of a limit. */
	first_pass(300, 50, 3);
	canaries(2, 2);
	CHECK(scan.mute == MUTE_NEVER);
	canaries(2, 2);
	CHECK(scan.mute == MUTE_NOW);
}

/* What further passes would have brought, had they gone on, is missing where tries are few. */
static void
few_tries_leave_much_of_a_limited_host(void)
{
	first_pass(50, 10, 20);
	CHECK(second_pass(40) && scan.limited);
	CHECK(third_pass(20, 0));
	CHECK(passes_coverage(&host, &scan) > COVERAGE_ALL * 84 / 100 && !certain());
	config.limit_retries = config.max_retries = 2;
	CHECK(!passes_more(&host, &scan, &seconds));
	CHECK(passes_coverage(&host, &scan) < COVERAGE_ALL * 14 / 100);
	config.defeat_rst = 1;
	CHECK(passes_coverage(&host, &scan) > COVERAGE_ALL * 84 / 100);
	host.outcome = OUTCOME_TIMED_OUT;
	CHECK(passes_coverage(&host, &scan) < COVERAGE_ALL * 14 / 100);
}

/* A scan that is resumed: the passes that another process made tell nothing of a limit. */
static void
the_first_pass_here_is_no_later_pass(void)
{
	first_pass(50, 10, 20);
	scan.begun = 1;
	CHECK(second_pass(40) && !scan.limited && seconds == 0);
}

/* Of few ports little can be said, and nothing is divided by none. */
static void
few_ports(void)
{
	for (uint32_t n = 1; n <= 3; n++) {
		config = (struct msg_probeconfig){ .timing = 4, .max_retries = 6,
		    .limit_retries = 15 };
		passes_init(&config, n);
		host = (struct host){ 0 };
		scan = (struct scan){ .left = n - 1, .missed = 1, .gained = 1, .resets = 1,
		    .reset_places = n - 1, .last_reset = n - 1 };
		CHECK(!passes_respite(&host, &scan));
		CHECK(passes_more(&host, &scan, &seconds) && !scan.limited);
		CHECK((passes_coverage(&host, &scan) == COVERAGE_ALL) == (n == 1));
	}
}

/* Closed ports may well lie together. */
static void
an_order_says_nothing_of_a_burst(void)
{
	ordered = true;
	first_pass(300, 0, 1);
	CHECK(!second_pass(3) && !scan.limited);
	first_pass(300, 0, 1);
	CHECK(second_pass(12) && scan.limited);
	ordered = false;
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
	CASE(no_rest_without_a_pass_behind_it);
	CASE(a_host_known_to_be_limited_needs_no_rest);
	CASE(losses_do_not_mute);
	CASE(only_resets_are_muted);
	CASE(a_mute_may_end);
	CASE(what_a_muted_host_did_not_say_is_missed);
	CASE(a_limited_host_is_asked_at_last_whether_it_is_there);
	CASE(so_is_one_of_which_hardly_anything_came_after_the_rest);
	CASE(a_host_that_falls_silent_is_uncertain);
	CASE(what_it_did_not_say_at_the_end_is_missed);
	CASE(what_came_before_a_mute_does_not_end_it);
	CASE(few_canaries_do_not_make_it_silent);
	CASE(few_tries_leave_much_of_a_limited_host);
	CASE(the_first_pass_here_is_no_later_pass);
	CASE(few_ports);
	CASE(an_order_says_nothing_of_a_burst);
	return (test_done());
}
