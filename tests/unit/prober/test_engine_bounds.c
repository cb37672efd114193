/*
 * The bounds of rates and times: least rates hold where the network would have them lower, and
 * how long is waited for ARP, and at the end.
 */

#include "scans.h"

#define CRAWLED	2000	/* ports of the host that is crept along to */

static enum port_state
all_open(uint16_t port)
{
	(void)port;
	return (PORT_OPEN);
}

/*
 * A host of silent ports behind a link so narrow that the pace is as low as it may be: ports a
 * second, of the second half.
 */
static double
crawl(struct msg_probeconfig c)
{
	usec_t		 half = 0, last = 0;
	unsigned int	 n = 0;

	c.max_retries = c.limit_retries = 0;
	begin(c, 1, CRAWLED);
	bottleneck.rate = 100;
	bottleneck.room = 5;
	scan(1, (struct machine){ .up = true, .port = silent }, BOTH);
	for (unsigned int i = 0; i < nsent; i++) {
		if (sent[i].kind != PROBE_TCP_SYN)
			continue;
		last = sent[i].at;
		if (++n == CRAWLED / 2)
			half = last;
	}
	CHECK(n == CRAWLED && half != 0);
	return (CRAWLED / 2 * 1e6 / (double)(last - half));
}

static void
along_a_narrow_link_it_creeps(void)
{
	CHECK(crawl(template(3)) < 120);
}

/* Eight within a round trip of 20 ms are 400 a second, canaries among them. */
static void
a_least_parallelism_is_kept(void)
{
	struct msg_probeconfig	 c = template(3);
	double			 rate;

	c.min_parallelism = 8;
	rate = crawl(c);
	CHECK(rate > 360 && rate < 600);
}

static void
a_longest_delay_is_kept(void)
{
	struct msg_probeconfig	 c = template(3);
	double			 rate;

	c.max_scan_delay = 2500;
	rate = crawl(c);
	CHECK(rate > 360 && rate < 600);
}

/* A host of which nothing is known is not flooded, though no delay at all is allowed. */
static void
no_longest_delay_is_no_flood(void)
{
	struct msg_probeconfig	 c = template(3);

	c.max_retries = 0;
	c.max_scan_delay = 1;
	begin(c, 1, CRAWLED);
	scan(1, (struct machine){ .port = silent }, STEP_PORTS);
	CHECK(nsent == CRAWLED);
	CHECK(sent[nsent - 1].at - sent[0].at > CRAWLED * SECOND / 2600);
	CHECK(sent[nsent - 1].at - sent[0].at < CRAWLED * SECOND / 1900);
}

/* It is more than the rate over all hosts would fall to, a tenth of what it begins with. */
static void
a_least_rate_is_kept(void)
{
	struct msg_probeconfig	 c = template(3);
	double			 rate;

	c.min_rate = 1000 * 1000;
	rate = crawl(c);
	CHECK(rate > 900 && rate < 1050);
}

/* Turns come late, as on a busy machine: what was sent until then. */
static unsigned int
hobble(usec_t between, usec_t until)
{
	for (; now < until; now += between) {
		while (engine_run(now))
			hear();
		deliver(now);
		hear();
	}
	return (nsent);
}

static void
hobble_at(uint32_t least, uint32_t most, uint32_t delay)
{
	struct msg_probeconfig	 c = template(3);

	c.min_rate = least * 1000;
	c.max_rate = most * 1000;
	c.scan_delay = delay;
	begin(c, 1, 50000);
	machines[5] = (struct machine){ .port = silent };
	target(5, STEP_PORTS);
}

/* But not for a pause: 5 ms at most, and what may be early. */
static void
a_rate_that_was_asked_for_is_made_up_for(void)
{
	unsigned int	 n;

	hobble_at(10000, 10000, 0);
	n = hobble(4 * MSEC, START + SECOND);
	CHECK(n > 9900 && n < 10100);
	now += SECOND;
	n = hobble(1, now + 1) - n;
	CHECK(n >= 50 && n <= 53);
}

/* One that need not be kept, and a delay between probes, are not: one probe a turn, or few. */
static void
others_are_not(void)
{
	unsigned int	 n;

	hobble_at(0, 10000, 0);
	n = hobble(4 * MSEC, START + SECOND);
	CHECK(n >= 250 && n <= 250 * 3);
}

static void
nor_is_a_delay(void)
{
	hobble_at(2000, 0, MSEC);
	CHECK(hobble(4 * MSEC, START + SECOND) == 250);
}

/* How long after the first ARP request to a host that is not there the second is sent. */
static usec_t
between_requests(uint32_t least, uint32_t most)
{
	struct msg_probeconfig	 c = normal();

	c.min_rtt = least;
	c.max_rtt = most;
	begin(c, 1, 1);
	machines[5] = (struct machine){ .onlink = true };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	CHECK(nended == 1 && nsent == 2);
	return (sent[1].at - sent[0].at);
}

static void
a_neighbour_has_a_fifth_of_a_second(void)
{
	usec_t	 t = between_requests(100 * MSEC, 10 * SECOND);

	CHECK(t >= 200 * MSEC && t < 201 * MSEC);
}

static void
or_as_long_as_any_host_at_least(void)
{
	usec_t	 t = between_requests(500 * MSEC, 10 * SECOND);

	CHECK(t >= 500 * MSEC && t < 501 * MSEC);
}

static void
or_at_most(void)
{
	usec_t	 t = between_requests(50 * MSEC, 150 * MSEC);

	CHECK(t >= 150 * MSEC && t < 151 * MSEC);
}

/* Nothing has told how far away the host is. */
static void
after_a_stop_answers_are_waited_for(void)
{
	usec_t	 last;

	begin(template(3), 1, 10);
	machines[5] = (struct machine){ .port = all_open, .rtt = 800 * MSEC };
	target(5, STEP_PORTS);
	run(1, START + 100 * MSEC);
	CHECK(nsent == 10 && told[5].nports == 0);
	last = sent[nsent - 1].at;
	engine_stop(now);
	run(1, last + 899 * MSEC);
	CHECK(told[5].nports == 10);
	CHECK(!engine_drained(last + 900 * MSEC - 1) && engine_drained(last + 900 * MSEC));
}

/* A scan with canaries, which have told how far the host is, is stopped: its last packet. */
static usec_t
stop_with_canaries(uint32_t min_rtt)
{
	struct msg_probeconfig	 c = template(3);
	usec_t			 last;

	c.min_rtt = min_rtt;
	begin(c, 1, 1000);
	machines[5] = (struct machine){ .up = true, .port = silent };
	target(5, BOTH);
	run(1, START + 150 * MSEC);
	last = sent[nsent - 1].at;
	CHECK(nsent - probes() > 10 && last > now - 10 * MSEC);
	engine_stop(now);
	return (last);
}

static void
and_no_longer_than_they_take(void)
{
	usec_t	 last = stop_with_canaries(100 * MSEC);

	CHECK(!engine_drained(last + 100 * MSEC - 1) && engine_drained(last + 100 * MSEC));
}

/* Whatever the user has said of time-outs. */
static void
nor_for_a_second(void)
{
	usec_t	 last = stop_with_canaries(5 * SECOND);

	CHECK(!engine_drained(last + 900 * MSEC - 1) && engine_drained(last + 900 * MSEC));
}

static void
after_the_last_host_there_is_nothing_to_wait_for(void)
{
	begin(template(3), 1, 10);
	scan(1, (struct machine){ .up = true, .port = all_open }, BOTH);
	engine_stop(now);
	CHECK(engine_drained(now));
}

int
main(void)
{
	CASE_APART(along_a_narrow_link_it_creeps);
	CASE_APART(a_least_parallelism_is_kept);
	CASE_APART(a_longest_delay_is_kept);
	CASE_APART(no_longest_delay_is_no_flood);
	CASE_APART(a_least_rate_is_kept);
	CASE_APART(a_rate_that_was_asked_for_is_made_up_for);
	CASE_APART(others_are_not);
	CASE_APART(nor_is_a_delay);
	CASE_APART(a_neighbour_has_a_fifth_of_a_second);
	CASE_APART(or_as_long_as_any_host_at_least);
	CASE_APART(or_at_most);
	CASE_APART(after_a_stop_answers_are_waited_for);
	CASE_APART(and_no_longer_than_they_take);
	CASE_APART(nor_for_a_second);
	CASE_APART(after_the_last_host_there_is_nothing_to_wait_for);
	return (test_done());
}
