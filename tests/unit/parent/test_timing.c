/* Timing templates, and the options that overrule them. */

#include "plan.h"

/* nmap's templates, in milliseconds, but for the longest delay. */
static void
timing_templates_are_nmaps(void)
{
	static const struct {
		uint32_t parallelism, delay, max_delay, min, initial, max, retries, timeout;
	} want[] = {
		{ 1, 300000, 300000, 100, 300000, 300000, 10, 0 },
		{ 1, 15000, 15000, 100, 15000, 15000, 10, 0 },
		{ 1, 400, 1000, 100, 1000, 10000, 10, 0 },
		{ 0, 0, 0, 100, 1000, 10000, 10, 0 },
		{ 0, 0, 0, 100, 500, 1250, 6, 0 },
		{ 0, 0, 0, 50, 250, 300, 2, 900000 },
	};
	const struct msg_probeconfig	*c = &plan.probe;
	struct options			 o = options();

	for (o.timing = 0; o.timing < 6; o.timing++) {
		uint32_t	 t = o.timing;

		make(o);
		CHECK(c->timing == t && c->max_parallelism == want[t].parallelism);
		CHECK(c->scan_delay == want[t].delay * 1000 &&
		    c->max_scan_delay == want[t].max_delay * 1000);
		CHECK(c->min_rtt == want[t].min * 1000 && c->max_rtt == want[t].max * 1000 &&
		    c->initial_rtt == want[t].initial * 1000);
		CHECK(c->max_retries == want[t].retries && c->host_timeout == want[t].timeout);
	}
}

static void
options_overrule_the_template(void)
{
	struct options	 o = options();

	o.timing = 5;
	o.max_retries = 0;
	o.host_timeout = 30000;
	o.max_rate = 12500;
	o.ordered = true;
	make(o);
	CHECK(plan.probe.max_retries == 0 && plan.probe.host_timeout == 30000 &&
	    plan.probe.max_rate == 12500 && plan.probe.ordered == 1);
}

static bool
rtt_is(uint32_t min, uint32_t initial, uint32_t max)
{
	const struct msg_probeconfig	*c = &plan.probe;

	if (c->min_rtt == min * 1000 && c->initial_rtt == initial * 1000 &&
	    c->max_rtt == max * 1000)
		return (true);
	printf("# %u %u %u\n", c->min_rtt, c->initial_rtt, c->max_rtt);
	return (false);
}

/* What is given is taken as it is; what the template has makes room. */
static void
time_outs_push_those_of_the_template_aside(void)
{
	static const struct {
		uint32_t timing, min, initial, max, want_min, want_initial, want_max;
	} cases[] = {
		{ 4, UNSET, UNSET, 50, 50, 50, 50 },
		{ 4, UNSET, UNSET, 400, 100, 400, 400 },
		{ 4, 2000, UNSET, UNSET, 2000, 2000, 2000 },
		{ 4, 600, UNSET, UNSET, 600, 600, 1250 },
		{ 4, UNSET, 20, UNSET, 20, 20, 1250 },
		{ 4, UNSET, 5000, UNSET, 100, 5000, 5000 },
		{ 5, 1000, UNSET, 3000, 1000, 1000, 3000 },
		{ 3, 7, 8, 9, 7, 8, 9 },
		{ 0, UNSET, UNSET, 3600000, 100, 300000, 3600000 },
	};
	struct options	 o = options();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		o.timing = cases[i].timing;
		o.min_rtt = cases[i].min;
		o.initial_rtt = cases[i].initial;
		o.max_rtt = cases[i].max;
		make(o);
		CHECK(rtt_is(cases[i].want_min, cases[i].want_initial, cases[i].want_max));
	}
}

static void
delays_overrule_the_template(void)
{
	struct options	 o = options();

	o.timing = 4;
	o.scan_delay = 2000;
	make(o);
	CHECK(plan.probe.scan_delay == 2000000 && plan.probe.max_scan_delay == 0);
	o.timing = 2;
	make(o);
	CHECK(plan.probe.scan_delay == 2000000 && plan.probe.max_scan_delay == 2000000);
	o.scan_delay = 0;
	make(o);
	CHECK(plan.probe.scan_delay == 0 && plan.probe.max_scan_delay == 1000000);
	o = options();
	o.max_scan_delay = 30;
	make(o);
	CHECK(plan.probe.scan_delay == 0 && plan.probe.max_scan_delay == 30000);
	o.max_scan_delay = 0;		/* none: next to nothing, for 0 is any */
	make(o);
	CHECK(plan.probe.max_scan_delay == 1);
	/* As nmap has it: what -T2 promises is not undone by a bound alone. */
	o.timing = 2;
	make(o);
	CHECK(plan.probe.scan_delay == 400000 && plan.probe.max_scan_delay == 400000);
}

/* As far as it must, and not where the user has said how long. */
static void
the_delay_of_a_template_gives_way_to_a_least_rate(void)
{
	struct options	 o = options();

	o.timing = 1;
	o.min_rate = 500;		/* one in two seconds */
	make(o);
	CHECK(plan.probe.scan_delay == 2000000 && plan.probe.min_rate == 500);
	o.min_rate = 50;		/* one in twenty is less than the template's */
	make(o);
	CHECK(plan.probe.scan_delay == 15000000);
	o.scan_delay = 30000;
	make(o);
	CHECK(plan.probe.scan_delay == 30000000);
}

static void
rates_and_parallelism_have_bounds(void)
{
	struct options	 o = options();

	make(o);
	CHECK(plan.probe.min_rate == 0 && plan.probe.max_rate == 0 &&
	    plan.probe.min_parallelism == 0);
	o.min_rate = o.max_rate = 5000;
	o.min_parallelism = 10;
	o.max_parallelism = 20;
	make(o);
	CHECK(plan.probe.min_rate == 5000 && plan.probe.max_rate == 5000);
	CHECK(plan.probe.min_parallelism == 10 && plan.probe.max_parallelism == 20);
	o = options();
	o.timing = 2;
	o.min_parallelism = 10;
	make(o);
	CHECK(plan.probe.min_parallelism == 10 && plan.probe.max_parallelism == 10);
	o.min_parallelism = UNSET;
	o.max_parallelism = 7;
	make(o);
	CHECK(plan.probe.max_parallelism == 7);
}

int
main(void)
{
	CASE(timing_templates_are_nmaps);
	CASE(options_overrule_the_template);
	CASE(time_outs_push_those_of_the_template_aside);
	CASE(delays_overrule_the_template);
	CASE(the_delay_of_a_template_gives_way_to_a_least_rate);
	CASE(rates_and_parallelism_have_bounds);
	return (test_done());
}
