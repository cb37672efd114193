/*
 * A host that limits its answers, by itself: passes over its ports until all of them have
 * come, in hardly more time than the limit takes, and few more probes than need be.
 */

#include "prober.h"
#include "test.h"

static double	 rate, burst;		/* of the host's answers */
static double	 tokens;
static double	 seconds;		/* since the first probe */
static uint32_t	 passes;

static uint32_t	 others;		/* ports that never answer */

/* Ask all that are left in so many seconds: how many answers come. */
static uint32_t
ask(uint32_t closed, double lasts)
{
	uint32_t	 answers = 0, asked = closed + others;
	double		 each = lasts / asked;

	for (uint32_t i = 0; i < asked; i++) {
		tokens = tokens + each * rate < burst ? tokens + each * rate : burst;
		if (i % (asked / closed) == 0 && answers < closed && tokens >= 1) {
			tokens--;
			answers++;
		}
	}
	seconds += lasts;
	return (answers);
}

/* All passes over so many ports; how many did not answer. */
static uint32_t
scan(uint32_t closed)
{
	struct limit	 l = { 0 };
	double		 lasts = 0.05;
	uint32_t	 answers;

	tokens = burst;
	seconds = passes = 0;
	do {
		answers = ask(closed, lasts);
		closed -= answers;
		passes++;
		if (closed + others == 0)
			return (0);
		lasts = limit_pass(&l, answers, closed + others, (usec_t)(lasts * 1e6));
	} while (lasts != 0 && passes < RETRIES_MAX + 1 && closed != 0);
	return (closed);
}

static void
all_answers_are_waited_for(void)
{
	static const double	 rates[] = { 10, 50, 200, 1000 };

	others = 0;
	for (int i = 0; i < 8; i++) {
		rate = rates[i % 4];
		burst = i < 4 ? rate : 5;
		CHECK(scan(1000) == 0);
		CHECK(seconds < 1.15 * (1000 - burst) / rate + 1);
	}
}

/* As Linux sends ICMP errors: six at once, then one a second.  Two ports are open. */
static void
one_answer_a_second_is_waited_for(void)
{
	static const double	 rates[] = { 1, 2, 5 };

	for (int i = 0; i < 6; i++) {
		rate = rates[i % 3];
		burst = 6;
		others = i < 3 ? 2 : 0;
		CHECK(scan(98) == 0);
		CHECK(seconds < 1.15 * (98 - burst) / rate);
	}
}

/* Most ports say nothing: which of them would in time can't be known. */
static void
few_answers_among_silence_are_waited_for(void)
{
	others = 900;
	rate = 10;
	burst = 10;
	CHECK(scan(100) == 0 && seconds < 2 * (100 - burst) / rate + 1);
}

static void
no_answer_ends_it(void)
{
	struct limit	 l = { 0 };

	CHECK(limit_pass(&l, 0, 500, 100000) == 0);
	CHECK(limit_pass(&l, 20, 500, 100000) > 0);
	CHECK(limit_pass(&l, 0, 480, 1000000) == 0);
}

/*
 * Fewer answered than the limit allows: those that would have.  What is left is asked in half the
 * time, and in half again, but for no less than a second; and nothing drags the limit down.
 */
static void
passes_in_which_few_answer_get_shorter(void)
{
	struct limit	 l = { .rate = 50, .lasts = 10 };

	CHECK(limit_pass(&l, 340, 1000, 10000000) == 5 && l.rate == 34);
	CHECK(limit_pass(&l, 20, 660, 5000000) == 2.5 && l.rate == 17);
	CHECK(limit_pass(&l, 10, 640, 2500000) == 1.25 && l.rate == 8.5);
	CHECK(limit_pass(&l, 3, 630, 1250000) == 1);
	l.rate = 50;
	CHECK(limit_pass(&l, 2, 627, 1000000) == 0);
}

/* As many as may: twice as long, if the ports that are left need that. */
static void
passes_in_which_many_answer_get_longer(void)
{
	struct limit	 l = { .rate = 50, .lasts = 4 };

	CHECK(limit_pass(&l, 200, 1000, 4000000) == 8 && l.rate == 50);
	CHECK(limit_pass(&l, 400, 600, 8000000) == 12 && l.rate == 50);
}

/* Where fewer answer than might, faster costs none; where as many do as may, it would. */
static void
a_pass_in_which_few_answer_goes_faster(void)
{
	struct limit	 l = { .rate = 50, .lasts = 10 };
	usec_t		 now = 1000000;

	CHECK(limit_faster(&l, 0, now) == 1);	/* the first look */
	CHECK(limit_faster(&l, 0, now + 100000) == 1);
	CHECK(limit_faster(&l, 3, now += 500000) == 2);
	CHECK(limit_faster(&l, 27, now += 500000) == 1);
	CHECK(limit_faster(&l, 52, now += 500000) == 1);
}

int
main(void)
{
	CASE(all_answers_are_waited_for);
	CASE(one_answer_a_second_is_waited_for);
	CASE(few_answers_among_silence_are_waited_for);
	CASE(no_answer_ends_it);
	CASE(passes_in_which_few_answer_get_shorter);
	CASE(passes_in_which_many_answer_get_longer);
	CASE(a_pass_in_which_few_answer_goes_faster);
	return (test_done());
}
