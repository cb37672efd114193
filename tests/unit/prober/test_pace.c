/*
 * The pace, on a path that loses packets at random, and those that a full queue has no room
 * for: it finds the path's own rate, and takes no loss for a reason to crawl that is none.
 */

#include "prober.h"
#include "test.h"

#define START	((usec_t)3600 * 1000000)
#define RTT	20000		/* microseconds */
#define TIMEOUT	100000
#define MARKER_EVERY	16		/* packets, of which one is a marker */
#define MARKERS	16
#define ON_WAY	65536

static struct path {
	double	 rate;		/* packets a second; 0: any */
	double	 room;		/* packets in its queue */
	double	 loss;		/* at random */
	double	 free_at;
}			 path;
static struct rtt	 rtt;
static struct tally	 seen;		/* what the judgments said */
static usec_t		 now;
static unsigned int	 nsent, ndropped;
static uint64_t		 dice;

/* Replies of markers, in the order in which they come. */
static struct {
	usec_t		 at, sent;
	uint32_t	 queue;
}			 on_way[ON_WAY];
static unsigned int	 in, out;

static void
begin(struct path p)
{
	path = p;
	rtt = (struct rtt){ .srtt = RTT, .rttvar = 5000 };
	seen = (struct tally){ 0 };
	now = START;
	in = out = nsent = ndropped = 0;
	dice = 88172645463325252;
}

static bool
lost(void)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return ((double)(dice >> 11) < path.loss * 0x1p53);
}

static void
answers_until_now(struct pace *p)
{
	for (; out != in && on_way[out % ON_WAY].at <= now; out++)
		pace_answered(p, on_way[out % ON_WAY].sent, on_way[out % ON_WAY].queue, &rtt);
}

static void
send_one(struct pace *p)
{
	bool	 marker = nsent++ % MARKER_EVERY == 0;
	double	 t = (double)now, wait = 0;

	pace_sent(p, marker, now);
	if (path.rate != 0) {
		path.free_at = path.free_at < t ? t : path.free_at;
		if ((path.free_at - t) * path.rate / 1e6 >= path.room) {
			ndropped++;
			return;
		}
		path.free_at += 1e6 / path.rate;
		wait = path.free_at - t;
	}
	if (!lost() && marker) {
		on_way[in % ON_WAY].at = now + RTT + (usec_t)wait;
		on_way[in % ON_WAY].sent = now;
		on_way[in++ % ON_WAY].queue = (uint32_t)wait;
	}
}

/* Send for so many seconds at its pace, or at used times that. */
static void
go(struct pace *p, double seconds, double used)
{
	usec_t		 end = now + (usec_t)(seconds * 1e6);
	double		 clear = (double)now;
	struct tally	 window;

	while (now < end) {
		answers_until_now(p);
		if (pace_judge(p, now, TIMEOUT, &window))
			tally_add(&seen, window.asked, window.lost);
		for (; clear <= (double)now; clear += 1e6 / (p->rate * used))
			send_one(p);
		now += 100;
	}
}

static struct pace
fresh(double rate)
{
	struct pace	 p;

	pace_init(&p, rate, rate / 64, MARKERS, now);
	p.most = 50000;
	return (p);
}

static void
it_doubles_while_nothing_is_lost(void)
{
	struct pace	 p;

	begin((struct path){ 0 });
	p = fresh(2000);
	go(&p, 1, 1);
	CHECK(p.rate > 20000 && seen.asked > 0 && seen.lost == 0);
}

/* What was not tried is not known to be good. */
static void
it_does_not_grow_beyond_what_is_used(void)
{
	struct pace	 p;

	begin((struct path){ 0 });
	p = fresh(2000);
	go(&p, 5, 0.2);
	CHECK(p.rate >= 2000 && p.rate < 2001);
}

static void
it_stays_within_its_bounds(void)
{
	struct pace	 p;

	begin((struct path){ 0 });
	p = fresh(2000);
	p.most = 5000;
	go(&p, 2, 1);
	CHECK(p.rate <= 5000 && p.rate > 4900);
	begin((struct path){ .loss = 1 });
	p = fresh(2000);
	p.least = 1500;
	for (int i = 0; i < 100; i++) {
		go(&p, 0.1, 1);
		CHECK(p.rate >= 1500);
	}
}

/* From far below or above it; the queue is short, as a switch's, or long, as a router's. */
static void
it_finds_the_rate_of_a_link(void)
{
	static const double	 rooms[] = { 20, 100, 1000 }, firsts[] = { 500, 8000, 100000 };

	for (int i = 0; i < 9; i++) {
		struct pace	 p;

		begin((struct path){ .rate = 10000, .room = rooms[i % 3] });
		p = fresh(firsts[i / 3]);
		go(&p, 5, 1);
		nsent = ndropped = 0;
		go(&p, 10, 1);
		CHECK(nsent > 10 * 10000 * 0.75 && nsent < 10 * 10000 * 1.05);
		CHECK(ndropped < nsent / 50);
	}
}

/* A slower rate mends none of it: it is not the rate's fault. */
static void
random_loss_does_not_slow_it_down(void)
{
	static const double	 losses[] = { 0.02, 0.1, 0.36 };

	for (int i = 0; i < 3; i++) {
		struct pace	 p;

		begin((struct path){ .loss = losses[i] });
		p = fresh(2000);
		go(&p, 10, 1);
		CHECK(p.rate > 20000);
		CHECK(seen.lost / seen.asked > losses[i] / 2 &&
		    seen.lost / seen.asked < losses[i] * 1.5);
	}
}

static void
it_finds_the_rate_of_a_link_that_loses_at_random_too(void)
{
	struct pace	 p;

	begin((struct path){ .rate = 10000, .room = 50, .loss = 0.1 });
	p = fresh(2000);
	go(&p, 20, 1);
	nsent = ndropped = 0;
	go(&p, 10, 1);
	CHECK(nsent > 10 * 10000 * 0.5 && ndropped < nsent / 10);
}

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

	begin((struct path){ 0 });
	pace_init(&p, 10000, 10, 10, now);
	windows(&p, 20, 2000);
	CHECK(p.rate < 10000 && p.usual == 0);
	windows(&p, 13, 2000);
	CHECK(p.rate > 10000 * 0.3 && p.rate < 10000 * 0.5 && p.usual == 2000);
	windows(&p, 100, 2000);
	CHECK(p.rate > 10000);
}

/* And that it is gone is not forgotten: the next one slows us down. */
static void
a_queue_that_goes_is_no_longer_usual(void)
{
	struct pace	 p;
	double		 rate;

	begin((struct path){ 0 });
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

	begin((struct path){ 0 });
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

	begin((struct path){ 0 });
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

	begin((struct path){ 0 });
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

/* Others have found that much is lost whatever the rate. */
static void
what_is_known_to_be_lost_is_excused(void)
{
	struct pace	 p;

	begin((struct path){ .loss = 0.3 });
	p = fresh(8000);
	while (p.rate >= 8000 && now < START + 10000000)
		go(&p, 0.01, 1);
	CHECK(p.rate < 8000);
	pace_excuse(&p, 0.3);
	CHECK(p.rate >= 8000 && p.base == 0.3);
	pace_excuse(&p, 0.1);
	CHECK(p.base == 0.3);
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

static void
blind_it_doubles_up_to_a_bound_if_it_is_used(void)
{
	struct pace	 p;

	begin((struct path){ 0 });
	p = fresh(500);
	for (int i = 0; i < 5000; i++, now += 1000)
		pace_blind(&p, 3000, now);
	CHECK(p.rate >= 500 && p.rate < 501);
	for (int i = 0; i < 5000; i++, now += 1000) {
		for (int k = 0; k < 4; k++)
			pace_sent(&p, false, now);
		pace_blind(&p, 3000, now);
	}
	CHECK(p.rate > 2999 && p.rate <= 3000);
}

/* Once a little less than what was good, however often it rests; not while it still doubles. */
static void
after_a_rest_it_goes_on_a_little_slower(void)
{
	struct pace	 p;

	pace_init(&p, 1000, 100, MARKERS, START);
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
	CASE(it_doubles_while_nothing_is_lost);
	CASE(it_does_not_grow_beyond_what_is_used);
	CASE(it_stays_within_its_bounds);
	CASE(it_finds_the_rate_of_a_link);
	CASE(random_loss_does_not_slow_it_down);
	CASE(it_finds_the_rate_of_a_link_that_loses_at_random_too);
	CASE(a_queue_that_stays_becomes_usual);
	CASE(a_queue_that_goes_is_no_longer_usual);
	CASE(what_is_usual_follows_slowly);
	CASE(it_eases_off_by_as_much_as_it_must);
	CASE(what_is_usual_is_what_most_wait);
	CASE(what_is_known_to_be_lost_is_excused);
	CASE(a_window_is_judged_when_all_of_it_is_answered_or_late);
	CASE(what_is_overtaken_is_lost);
	CASE(answers_count_for_their_own_window_and_no_more_than_it_has);
	CASE(after_a_rest_it_goes_on_a_little_slower);
	CASE(blind_it_doubles_up_to_a_bound_if_it_is_used);
	return (test_done());
}
