/* The congestion window: how replies open it, how loss closes it, and where it ends. */

#include "prober.h"
#include "test.h"

static struct window
fresh(uint32_t limit)
{
	struct window	 w;

	window_init(&w, limit);
	return (w);
}

/* Fill it; how many probes that took. */
static unsigned int
fill(struct window *w)
{
	unsigned int	 n = 0;

	for (; window_has_room(w) && n < 100000; n++)
		window_sent(w);
	return (n);
}

static void
answer(struct window *w, unsigned int n, uint32_t limit)
{
	for (unsigned int i = 0; i < n; i++)
		window_answered(w, false, limit);
}

static void
it_begins_with_ten_or_the_limit(void)
{
	struct window	 w = fresh(0);

	CHECK(fill(&w) == 10 && w.inflight == 10);
	w = fresh(3);
	CHECK(fill(&w) == 3);
	w = fresh(50);
	CHECK(fill(&w) == 10);
}

static void
what_ends_makes_room(void)
{
	struct window	 w = fresh(4);

	CHECK(fill(&w) == 4);
	window_expired(&w);
	CHECK(w.inflight == 3 && window_has_room(&w) && fill(&w) == 1);
	window_answered(&w, false, 4);
	CHECK(w.inflight == 3 && w.resolved == 2 && w.answered == 1);
}

static void
silence_does_not_open_it(void)
{
	struct window	 w = fresh(0);

	for (int i = 0; i < 1000; i++) {
		window_sent(&w);
		window_expired(&w);
	}
	CHECK(fill(&w) == 10);
}

static void
in_slow_start_a_round_doubles_it(void)
{
	struct window	 w = fresh(0);
	unsigned int	 n = fill(&w);

	answer(&w, n, 0);
	CHECK(fill(&w) == 20);
	answer(&w, 20, 0);
	CHECK(fill(&w) == 40);
}

/* Past ssthresh (75): by one a round, two when fast. */
static void
then_it_grows_by_one_a_round(void)
{
	struct window	 w = fresh(0);
	unsigned int	 n;

	while ((n = fill(&w)) < 76)
		answer(&w, n, 0);
	answer(&w, n, 0);
	CHECK(fill(&w) >= n && w.inflight <= n + 1);
	w.inflight = 0;
	w.cwnd = 100;
	for (int i = 0; i < 100; i++) {
		window_sent(&w);
		window_answered(&w, true, 0);
	}
	CHECK(w.cwnd > 101.9 && w.cwnd < 102.1);
}

/* A reply among many silent probes stands for all of them, up to fifty. */
static void
rare_replies_count_for_more(void)
{
	struct window	 w = fresh(0);

	for (int i = 0; i < 19; i++) {
		window_sent(&w);
		window_expired(&w);
	}
	window_sent(&w);
	window_answered(&w, false, 0);
	CHECK(w.cwnd > 29.9 && w.cwnd < 30.1);
	for (int i = 0; i < 9999; i++) {
		window_sent(&w);
		window_expired(&w);
	}
	window_sent(&w);
	window_answered(&w, false, 0);
	CHECK(w.cwnd > 79.9 && w.cwnd < 80.1);
}

static void
it_grows_to_its_limit_and_no_further(void)
{
	struct window	 w = fresh(0), small = fresh(12);

	for (int i = 0; i < 100000; i++) {
		window_sent(&w);
		window_answered(&w, true, 0);
		window_sent(&small);
		window_answered(&small, true, 12);
	}
	CHECK(fill(&w) == 300);
	CHECK(fill(&small) == 12);
}

static void
loss_closes_a_hosts_window_to_one_and_says_by_how_much(void)
{
	struct window	 w = fresh(0);

	w.cwnd = 100;
	w.inflight = 90;
	CHECK(window_lost(&w, 1000, 2000, 3) == 99);
	CHECK(w.cwnd == 1 && w.ssthresh == 60);
	CHECK(w.inflight == 90 && !window_has_room(&w));
}

static void
faster_timing_gives_way_less(void)
{
	struct window	 four = fresh(0), five = fresh(0);

	four.inflight = five.inflight = 60;
	window_lost(&four, 1, 2, 4);
	window_lost(&five, 1, 2, 5);
	CHECK(four.ssthresh == 45 && five.ssthresh == 48);
}

/* All that was in flight when the window was cut tells of the same loss. */
static void
loss_within_one_flight_counts_once(void)
{
	struct window	 w = fresh(0);

	w.cwnd = 100;
	CHECK(window_lost(&w, 1000, 2000, 3) == 99);
	w.cwnd = 50;
	CHECK(window_lost(&w, 1500, 2100, 3) == 0);
	CHECK(window_lost(&w, 1999, 2200, 3) == 0);
	CHECK(w.cwnd == 50);
	CHECK(window_lost(&w, 2000, 3000, 3) == 49);
	CHECK(w.cwnd == 1);
}

static void
it_never_closes_for_good(void)
{
	struct window	 w = fresh(0);

	for (usec_t t = 1; t < 100; t++)
		window_lost(&w, t, t, 3);
	CHECK(window_has_room(&w) && w.ssthresh >= 2);
}

/* One host that had all of it takes a half. */
static void
the_one_over_all_gives_half_of_what_a_host_lost(void)
{
	struct window	 all = fresh(0);

	all.cwnd = 100;
	all.inflight = 90;
	window_share(&all, 40);
	CHECK(all.cwnd == 80 && all.ssthresh == 80 && all.inflight == 90);
	window_share(&all, 80);
	CHECK(all.cwnd == 40 && all.ssthresh == 40 && !window_has_room(&all));
}

static void
a_host_that_lost_nothing_takes_nothing(void)
{
	struct window	 all = fresh(0);
	double		 ssthresh = all.ssthresh;

	all.cwnd = 20;
	window_share(&all, 0);
	CHECK(all.cwnd == 20 && all.ssthresh == ssthresh);
}

static void
the_one_over_all_never_falls_below_where_it_began(void)
{
	struct window	 all = fresh(0);

	all.cwnd = 12;
	window_share(&all, 299);
	CHECK(all.cwnd == 10 && all.ssthresh == 10 && fill(&all) == 10);
	for (int i = 0; i < 1000; i++)
		window_share(&all, 299);
	CHECK(all.cwnd == 10);
}

int
main(void)
{
	CASE(it_begins_with_ten_or_the_limit);
	CASE(what_ends_makes_room);
	CASE(silence_does_not_open_it);
	CASE(in_slow_start_a_round_doubles_it);
	CASE(then_it_grows_by_one_a_round);
	CASE(rare_replies_count_for_more);
	CASE(it_grows_to_its_limit_and_no_further);
	CASE(loss_closes_a_hosts_window_to_one_and_says_by_how_much);
	CASE(faster_timing_gives_way_less);
	CASE(loss_within_one_flight_counts_once);
	CASE(it_never_closes_for_good);
	CASE(the_one_over_all_gives_half_of_what_a_host_lost);
	CASE(a_host_that_lost_nothing_takes_nothing);
	CASE(the_one_over_all_never_falls_below_where_it_began);
	return (test_done());
}
