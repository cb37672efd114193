/*
 * Hosts that limit how many resets they send: the states are right, and the scan takes hardly
 * longer than the limit itself.  Time is exact.
 */

#include "scans.h"

static uint8_t		 timing;
static double		 limit, burst;
static port_rule	*rule;
static unsigned int	 steps;

/*
 * Hosts that send so many resets a second, of 1,000 ports.  Where two thirds of them are silent,
 * it takes longer to know that no more resets will come.
 */
static void
find_all_within_the_limits_time(void)
{
	double	 resets = rule == closed ? 998 : 330;
	double	 least = (resets - burst) / limit;

	begin(template(timing), 1, 1000);
	scan(3, (struct machine){
		.up = true, .rtt = MSEC, .port = rule, .reset_limit = limit, .burst = burst
	}, steps);
	CHECK(wrong(0, 3, 1000) == 0);
	CHECK(took() > least && took() < (rule == closed ? 1.15 * least + 1 : 2.6 * least + 4));
}

static void
with_each_rule_and_burst(void)
{
	static const double	 limits[] = { 10, 50, 200 };

	for (timing = 3; timing <= 5; timing++)
		for (int i = 0; i < 12; i++) {
			limit = limits[i % 3];
			burst = i / 3 % 2 == 0 ? 5 : limit;
			rule = i < 6 ? closed : mixed;
			CHECK(apart(find_all_within_the_limits_time, NULL, 0) == 0);
		}
}

static void
limited_resets_are_waited_for(void)
{
	steps = BOTH;
	with_each_rule_and_burst();
}

/* What is known to answer is a reset then, which falls to the limit as well. */
static void
limited_resets_are_waited_for_without_a_ping(void)
{
	steps = STEP_PORTS;
	with_each_rule_and_burst();
}

/* What comes after a burst is little, of much that is left. */
static void
a_burst_does_not_hide_the_limit(void)
{
	static const double	 bursts[] = { 50, 100, 300, 600 };

	rule = closed;
	limit = 20;
	steps = BOTH;
	for (timing = 3; timing <= 5; timing++)
		for (int i = 0; i < 4; i++) {
			burst = bursts[i];
			CHECK(apart(find_all_within_the_limits_time, NULL, 0) == 0);
		}
}

/* Each 20th port is closed, and of the others nothing is heard. */
static enum port_state
sparse(uint16_t port)
{
	return (port % 20 == 0 ? PORT_CLOSED : PORT_UNKNOWN);
}

/* Nothing else answers, so that the canary is a reset, too: there are more canaries than resets. */
static void
find_all_though_canaries_are_limited(void)
{
	begin(template(timing), 1, 1000);
	scan(3, (struct machine){
		.up = true, .port = sparse, .reset_limit = limit, .burst = burst
	}, STEP_PORTS);
	CHECK(wrong(0, 3, 1000) == 0 && took() < 30);
}

static void
canaries_do_not_use_up_the_limit(void)
{
	static const double	 limits[] = { 10, 20, 100 }, bursts[] = { 10, 30, 50 };

	for (timing = 3; timing <= 5; timing++)
		for (int i = 0; i < 9; i++) {
			limit = limits[i % 3];
			burst = bursts[i / 3];
			CHECK(apart(find_all_though_canaries_are_limited, NULL, 0) == 0);
		}
}

int
main(void)
{
	CASE(limited_resets_are_waited_for);
	CASE(limited_resets_are_waited_for_without_a_ping);
	CASE(a_burst_does_not_hide_the_limit);
	CASE(canaries_do_not_use_up_the_limit);
	return (test_done());
}
