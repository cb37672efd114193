/*
 * The pace, window by window: what is concluded from markers that are lost, or wait in queues.
 */

#include "prober.h"
#include "test.h"

#define START	((usec_t)3600 * 1000000)
#define RTT	20000		/* microseconds */
#define TIMEOUT	100000

static struct rtt	 rtt = { .srtt = RTT, .rttvar = 5000 };
static usec_t		 now = START;

/* A window of ten markers, which is closed. */
static struct pace
ten_markers(void)
{
	struct pace	 p;

	now = START;
	pace_init(&p, 1000, 1, 10, now);
	p.doubling = false;
	for (int i = 0; i < 10; i++)
		pace_sent(&p, true, now += 1000);
	return (p);
}

/* So many windows of ten markers, all of which are answered, and wait so long in queues. */
static void
windows(struct pace *p, int n, uint32_t queue)
{
	struct tally	 t;

	while (n-- > 0) {
		while (p->to == 0)
			pace_sent(p, true, now += (usec_t)(1e6 / p->rate));
		for (uint32_t i = 0; i < p->marked; i++)
			pace_answered(p, p->to, queue, &rtt);
		CHECK(pace_judge(p, now, TIMEOUT, &t) && t.lost == 0);
	}
}

/* Slower makes the queue no shorter: that is how it is, and it is no reason to crawl. */
static void
a_queue_that_stays_becomes_usual(void)
{
	struct pace	 p;

	pace_init(&p, 10000, 10, 10, now);
	windows(&p, 8, 2000);
	CHECK(p.rate < 10000 * 0.8 && p.usual == 0);
	windows(&p, 1, 2000);
	CHECK(p.rate == 10000 && p.usual == 2000);
	windows(&p, 100, 2000);
	CHECK(p.rate > 10000);
}

/* It would be full before the next window is judged. */
static void
a_queue_that_fills_is_not_filled_faster(void)
{
	struct pace	 p;

	pace_init(&p, 10000, 10, 10, now);
	windows(&p, 1, 200);
	CHECK(p.rate == 20000);			/* while it doubles it is in a hurry */
	windows(&p, 1, 2000);
	CHECK(p.rate == 20000 * 0.97);
	windows(&p, 3, 300);
	CHECK(p.rate == 20000 * 0.97 && p.usual > 0);
	windows(&p, 1, (uint32_t)p.usual + 20);
	CHECK(p.rate == 20000 * 0.97 * 1.01);
}

/* A window of which so much is lost, and the rest waits so long in queues. */
static void
window_losing(struct pace *p, double share, uint32_t queue)
{
	struct tally	 t;
	uint32_t	 answered;

	while (p->to == 0)
		pace_sent(p, true, now += (usec_t)(1e6 / p->rate));
	answered = (uint32_t)(p->marked * (1 - share) + 0.5);
	for (uint32_t i = 0; i < answered; i++)
		pace_answered(p, p->to, queue, &rtt);
	CHECK(pace_judge(p, now += TIMEOUT, TIMEOUT, &t));
}

/* Half the rate, half the loss: it is the rate's, though it takes many windows. */
static void
loss_that_grows_less_is_not_the_paths(void)
{
	static const double	 shares[] = { 0.6, 0.6, 0.25, 0.25, 0.1, 0.1, 0 };
	struct pace		 p;

	pace_init(&p, 100000, 10, 48, now);
	for (int i = 0; i < 7; i++)
		window_losing(&p, shares[i], 0);
	CHECK(p.base < 0.01 && p.rate < 20000);
	pace_init(&p, 100000, 10, 48, now);
	for (int i = 0; i < 3; i++)
		window_losing(&p, 0.6, 0);
	CHECK(p.base > 0.55 && p.rate == 100000);
	/* Of 16 markers it may be chance. */
	pace_init(&p, 100000, 10, 16, now);
	for (int i = 0; i < 3; i++)
		window_losing(&p, i == 0 ? 0.75 : 0.25, 0);
	CHECK(p.base > 0.4);
	/* Nor is it much less when few were lost before. */
	pace_init(&p, 100000, 10, 48, now);
	for (int i = 0; i < 3; i++)
		window_losing(&p, i == 1 ? 4.0 / 48 : 0.2, 0);
	CHECK(p.base > 0.1);
}

static void
a_queue_that_overflows_is_told(void)
{
	struct pace	 p;

	pace_init(&p, 10000, 10, 10, now);
	window_losing(&p, 0.5, 1000);
	CHECK(p.flooded);
	window_losing(&p, 0.5, 0);
	CHECK(!p.flooded);
	window_losing(&p, 0.5, 1000);
	CHECK(p.flooded);
	window_losing(&p, 0, 1000);
	CHECK(!p.flooded);
	/* Of what is lost anyway, there may be more by chance. */
	pace_init(&p, 10000, 10, 100, now);
	p.doubling = false;
	p.base = 0.3;
	window_losing(&p, 0.45, 1000);
	CHECK(!p.flooded && p.blamed == 1);
	window_losing(&p, 0.55, 1000);
	CHECK(p.flooded);
}

/* And that it is gone is not forgotten: the next one slows us down. */
static void
a_queue_that_goes_is_no_longer_usual(void)
{
	struct pace	 p;
	double		 rate;

	pace_init(&p, 10000, 10, 10, now);
	p.usual = 2000;
	windows(&p, 1, 2000);
	CHECK(p.rate > 10000);
	windows(&p, 30, 0);
	rate = p.rate;
	windows(&p, 1, 2000);
	CHECK(p.rate < rate);
}

/* A little more each time is a path that changes, not a queue that builds up. */
static void
what_is_usual_follows_slowly(void)
{
	struct pace	 p;
	double		 rate;

	pace_init(&p, 10000, 10, 10, now);
	p.most = 20000;
	windows(&p, 1, 400);
	CHECK(p.rate < 10000);
	windows(&p, 30, 250);
	rate = p.rate;
	windows(&p, 1, 400);
	CHECK(p.rate >= rate);
}

/* The longer they wait beyond that, the more it slows down. */
static void
it_eases_off_by_as_much_as_it_must(void)
{
	struct pace	 p;

	pace_init(&p, 10000, 10, 10, now);
	p.usual = 2000;
	windows(&p, 1, 2000 + 2900);
	CHECK(p.rate == 10000 * 0.97);
	windows(&p, 1, 2000 + 3100);
	CHECK(p.rate == 10000 * 0.97 * 0.9);
}

/* A few answers that are very late, or none at all, do not tell what is usual. */
static void
what_is_usual_is_what_most_wait(void)
{
	struct pace	 p = ten_markers();
	struct tally	 t;

	now += 10000;
	p.usual = 1000;
	for (int i = 0; i < 10; i++)
		pace_answered(&p, START + 10000, i < 4 ? 100000 : 1000, &rtt);
	CHECK(pace_judge(&p, now, TIMEOUT, &t) && t.lost == 0);
	CHECK(p.usual > 1000 && p.usual < 1040);
	p.usual = 1000;
	pace_sent(&p, true, now += 1000000);
	CHECK(pace_judge(&p, now + TIMEOUT, TIMEOUT, &t) && t.asked == 1 && t.lost == 1);
	CHECK(p.usual == 1000);
}

static void
a_window_is_judged_when_all_of_it_is_answered_or_late(void)
{
	struct pace	 p = ten_markers();
	struct tally	 t;

	rtt = (struct rtt){ .srtt = RTT, .rttvar = 5000 };
	for (usec_t i = 1; i <= 9; i++) {
		CHECK(!pace_judge(&p, now, TIMEOUT, &t));
		pace_answered(&p, START + 1000 * i, 0, &rtt);
	}
	CHECK(!pace_judge(&p, now + TIMEOUT - 1, TIMEOUT, &t));
	CHECK(pace_judge(&p, now + TIMEOUT, TIMEOUT, &t) && t.asked == 10 && t.lost == 1);
	CHECK(!pace_judge(&p, now + 10 * TIMEOUT, TIMEOUT, &t));	/* the next is open */
	p = ten_markers();
	for (usec_t i = 1; i <= 10; i++)
		pace_answered(&p, START + 1000 * i, 0, &rtt);
	CHECK(pace_judge(&p, now, TIMEOUT, &t) && t.asked == 10 && t.lost == 0);
}

/* What was sent clearly later has been answered: nothing more is to be waited for. */
static void
what_is_overtaken_is_lost(void)
{
	struct pace	 p = ten_markers();
	struct tally	 t;

	rtt = (struct rtt){ .srtt = RTT, .rttvar = 5000 };
	pace_answered(&p, START + 10000 + 1, 0, &rtt);	/* sent with the last one */
	CHECK(!pace_judge(&p, now + 1, TIMEOUT, &t));
	pace_answered(&p, START + 10000 + 3 * RTT, 0, &rtt);
	CHECK(pace_judge(&p, now + 1, TIMEOUT, &t) && t.lost == 10);
}

/* Nobody improves the count by answering more than was asked, or what was asked before. */
static void
answers_count_for_their_own_window_and_no_more_than_it_has(void)
{
	struct pace	 p = ten_markers();
	struct tally	 t;

	rtt = (struct rtt){ .srtt = RTT, .rttvar = 5000 };
	for (int i = 0; i < 50; i++)
		pace_answered(&p, START - 1000, 0, &rtt);
	CHECK(!pace_judge(&p, now, TIMEOUT, &t));
	for (int i = 0; i < 50; i++)
		pace_answered(&p, START + 2000, 0, &rtt);
	CHECK(pace_judge(&p, now, TIMEOUT, &t) && t.asked == 10 && t.lost == 0);
}

/* Once a little less than what was good, however often it rests; not while it still doubles. */
static void
after_a_rest_it_goes_on_a_little_slower(void)
{
	struct pace	 p;

	pace_init(&p, 1000, 100, 16, START);
	pace_rested(&p);
	CHECK(p.rate == 1000);
	p.doubling = false;
	pace_rested(&p);
	pace_rested(&p);
	CHECK(p.rate > 969 && p.rate < 971 && p.gap > 1030000 && p.gap < 1032000);
	p.least = 990;
	pace_rested(&p);
	CHECK(p.rate > 989 && p.rate < 991);
	p.least = 100;
	p.rate = 500;
	pace_rested(&p);
	CHECK(p.rate > 499 && p.rate < 501);
}

int
main(void)
{
	CASE(a_queue_that_fills_is_not_filled_faster);
	CASE(loss_that_grows_less_is_not_the_paths);
	CASE(a_queue_that_overflows_is_told);
	CASE(a_queue_that_stays_becomes_usual);
	CASE(a_queue_that_goes_is_no_longer_usual);
	CASE(what_is_usual_follows_slowly);
	CASE(it_eases_off_by_as_much_as_it_must);
	CASE(what_is_usual_is_what_most_wait);
	CASE(a_window_is_judged_when_all_of_it_is_answered_or_late);
	CASE(what_is_overtaken_is_lost);
	CASE(answers_count_for_their_own_window_and_no_more_than_it_has);
	CASE(after_a_rest_it_goes_on_a_little_slower);
	return (test_done());
}
