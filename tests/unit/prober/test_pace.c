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
		CHECK(ndropped < nsent / 500);
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

int
main(void)
{
	CASE(it_doubles_while_nothing_is_lost);
	CASE(it_does_not_grow_beyond_what_is_used);
	CASE(it_stays_within_its_bounds);
	CASE(it_finds_the_rate_of_a_link);
	CASE(random_loss_does_not_slow_it_down);
	CASE(it_finds_the_rate_of_a_link_that_loses_at_random_too);
	CASE(what_is_known_to_be_lost_is_excused);
	CASE(blind_it_doubles_up_to_a_bound_if_it_is_used);
	return (test_done());
}
