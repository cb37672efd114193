/*
 * How a scan bears loss, and that it keeps what it was told of speed and time: --max-rate,
 * the delays of -T0 to -T2, --host-timeout.
 */

#include "network.h"

#define BOTH	(STEP_PING | STEP_PORTS)

static enum port_state
every_tenth_open(uint16_t port)
{
	return (port % 10 == 0 ? PORT_OPEN : PORT_CLOSED);
}

static enum port_state
silent(uint16_t port)
{
	(void)port;
	return (PORT_UNKNOWN);
}

static enum port_state
some_answer(uint16_t port)
{
	return (port % 3 == 0 ? PORT_CLOSED : PORT_UNKNOWN);
}

static unsigned int	 lossy_run;	/* which of the runs this is: its dice */

/* The most tries of one port. */
static unsigned int
most_tries(void)
{
	static uint8_t	 n[PORT_BITS];
	unsigned int	 most = 0;

	for (unsigned int i = 0; i < nsent; i++)
		if (sent[i].kind == PROBE_TCP_SYN && !sent[i].canary &&
		    ++n[sent[i].port] > most)
			most = n[sent[i].port];
	return (most);
}

/* A fifth of all packets is lost, each way: more than a third of the tries get no answer. */
static void
find_all(void)
{
	unsigned int	 most;

	begin(normal(), 1, 300);
	dice += lossy_run * UINT64_C(0x9e3779b97f4a7c15);
	loss = 20;
	machines[5] = (struct machine){ .port = every_tenth_open };
	target(5, STEP_PORTS);
	run(1, START + 1000 * SECOND);
	CHECK(nended == 1 && told[5].end.outcome == OUTCOME_COMPLETE);
	for (uint16_t p = 10; p <= 300; p += 10)
		CHECK(told[5].port[p] == PORT_OPEN);
	most = most_tries();
	CHECK(most > 3 && most <= 11);
}

/*
 * The dice are fixed: these runs are the same each time.  A host alone, of 300 ports, without a
 * ping, has few canaries: of its open ports about one in 3,000 is missed here, so one run of 20
 * may fail.
 */
static void
tries_grow_with_loss_until_all_open_ports_are_found(void)
{
	unsigned int	 failed = 0;

	for (lossy_run = 0; lossy_run < 20; lossy_run++)
		failed += apart(find_all, NULL, 0) != 0;
	CHECK(failed <= 1);
}

/* Tries grow no further than the user allows. */
static void
loss_does_not_lead_past_the_retries_allowed(void)
{
	struct msg_probeconfig	 c = normal();

	c.max_retries = c.limit_retries = 3;
	begin(c, 1, 300);
	loss = 50;
	machines[5] = (struct machine){ .port = every_tenth_open };
	target(5, STEP_PORTS);
	run(1, START + 1000 * SECOND);
	CHECK(nended == 1 && most_tries() == 4);
}

/* No more packets than the rate in any stretch of time, but for 10 ms' worth at once. */
static bool
rate_kept(unsigned int a_second)
{
	const usec_t	 stretch[] = { 100 * MSEC, SECOND, 5 * SECOND };

	for (size_t k = 0; k < 3; k++)
		for (unsigned int i = 0, first = 0; i < nsent; i++) {
			while (sent[first].at + stretch[k] <= sent[i].at)
				first++;
			if ((i - first + 1) > a_second * stretch[k] / SECOND + a_second / 100 + 1)
				return (false);
		}
	return (true);
}

static void
the_rate_is_kept_and_used(void)
{
	struct msg_probeconfig	 c = normal();

	c.max_rate = 500 * 1000;
	begin(c, 1, 300);
	for (uint32_t i = 0; i < 20; i++) {
		machines[i] = (struct machine){ .up = true, .port = every_tenth_open };
		target(i, BOTH);
	}
	run(20, START + 1000 * SECOND);
	CHECK(nended == 20 && probes() == 20 * 301 && rate_kept(500));
	/* So many packets at 500 a second, and the last replies. */
	CHECK(now > START + (nsent - 5) * 2 * MSEC && now < START + nsent * 2 * MSEC + SECOND);
}

static void
a_rate_below_one_a_second_is_kept(void)
{
	struct msg_probeconfig	 c = normal();

	c.max_rate = 500;	/* one in two seconds */
	begin(c, 1, 10);
	machines[5] = (struct machine){ .up = true, .port = every_tenth_open };
	target(5, BOTH);
	run(1, START + 1000 * SECOND);
	CHECK(nended == 1 && probes() == 11);
	for (unsigned int i = 2; i < nsent; i++)
		CHECK(sent[i].at >= sent[i - 1].at + 2 * SECOND);
}

/* As -T2: one probe at a time over all, a host's probes apart by the delay. */
static void
polite_timing_sends_one_by_one(void)
{
	struct msg_probeconfig	 c = normal();

	c.max_parallelism = 1;
	c.scan_delay = 400000;
	begin(c, 1, 20);
	machines[5] = (struct machine){ .up = true, .port = some_answer };
	target(5, BOTH);
	run(1, START + 1000 * SECOND);
	CHECK(nended == 1 && told[5].nports == 6 && nsent == 1 + 6 + 2 * 14);
	for (unsigned int i = 1; i < nsent; i++)
		CHECK(sent[i].at >= sent[i - 1].at + 400 * MSEC);
	CHECK(now < START + (nsent + 1) * SECOND);
}

/* A probe leaves only when the one before it, to whichever host, is over. */
static void
polite_timing_asks_one_host_at_a_time(void)
{
	struct msg_probeconfig	 c = normal();

	c.max_parallelism = 1;
	c.scan_delay = 400000;
	begin(c, 1, 3);
	for (uint32_t i = 0; i < 5; i++) {
		machines[i] = (struct machine){ .up = true, .port = every_tenth_open };
		target(i, BOTH);
	}
	run(5, START + 1000 * SECOND);
	CHECK(nended == 5 && nsent == 20);
	for (unsigned int i = 1; i < nsent; i++)
		CHECK(sent[i].at >= sent[i - 1].at + RTT);
	for (unsigned int i = 0; i < nsent; i++)
		for (unsigned int k = i + 1; k < nsent; k++)
			CHECK(sent[k].machine != sent[i].machine ||
			    sent[k].at >= sent[i].at + 400 * MSEC);
}

/* The reply that ends the ping comes while the next ping waits for its delay. */
static void
a_delay_that_a_reply_cuts_short_does_not_strand_the_host(void)
{
	struct msg_probeconfig	 c = normal();

	c.scan_delay = 400000;
	c.npings = 2;
	c.ping[1] = (struct ping_kind){ .kind = PROBE_TCP_ACK, .port = 80 };
	begin(c, 1, 3);
	machines[5] = (struct machine){ .up = true, .port = every_tenth_open };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	CHECK(nended == 1 && told[5].nports == 3);
}

static void
a_host_is_given_up_when_its_time_is_over(void)
{
	struct msg_probeconfig	 c = normal();

	c.host_timeout = 5000;
	begin(c, 1, 1000);
	machines[5] = (struct machine){
		.up = true, .port = every_tenth_open, .reset_limit = 10
	};
	machines[6] = (struct machine){ .up = true, .port = every_tenth_open };
	target(5, BOTH);
	target(6, BOTH);
	run(2, START + 1000 * SECOND);
	CHECK(told[5].end.outcome == OUTCOME_TIMED_OUT);
	CHECK(told[5].ended >= START + 5 * SECOND && told[5].ended < START + 5100 * MSEC);
	CHECK(told[5].end.coverage < COVERAGE_ALL / 2);
	CHECK(told[6].end.outcome == OUTCOME_COMPLETE && told[6].nports == 1000);
}

/* Its clock starts with the first port probe, not while it is pinged or waits for its turn. */
static void
time_spent_waiting_does_not_count(void)
{
	struct msg_probeconfig	 c = normal();

	c.host_timeout = 4000;
	c.port_hosts = 1;
	begin(c, 1, 20);
	for (uint32_t i = 0; i < 5; i++) {
		machines[i] = (struct machine){ .up = true, .port = some_answer };
		target(i, BOTH);
	}
	run(5, START + 1000 * SECOND);
	for (uint32_t i = 0; i < 5; i++)
		CHECK(told[i].end.outcome == OUTCOME_COMPLETE && told[i].nports == 6);
}

/*
 * However many hosts of the same id came and went, each has its own time.  Host 128 is there
 * when the time of the first would have been over; a number of eight bits that grew by two
 * with each of them would be what it was then.
 */
static void
the_time_of_an_earlier_host_does_not_end_a_later_one(void)
{
	struct msg_probeconfig	 c = normal();

	c.host_timeout = 30000;
	c.max_retries = 0;
	c.min_rtt = c.initial_rtt = c.max_rtt = 3000000;
	begin(c, 1, 1);
	for (uint32_t i = 0; i < 130; i++) {
		usec_t	 before = now;

		machines[i] = (struct machine){
			.port = i == 128 ? silent : every_tenth_open };
		memset(&told[1], 0, sizeof(told[1]));
		target_as(1, i, STEP_PORTS);
		run(i + 1, now + 100 * SECOND);
		CHECK(nended == i + 1 && told[1].end.outcome == OUTCOME_COMPLETE);
		CHECK(now < before + 4 * SECOND);
		now += 200 * MSEC;
	}
}

/* Ten days. */
static void
the_longest_time_out_is_not_over_at_once(void)
{
	struct msg_probeconfig	 c = normal();

	c.host_timeout = HOST_TIMEOUT_MAX;
	begin(c, 1, 20);
	machines[5] = (struct machine){ .up = true, .port = some_answer };
	target(5, BOTH);
	run(1, START + 1000 * SECOND);
	CHECK(told[5].end.outcome == OUTCOME_COMPLETE && told[5].nports == 6);
}

/* Hosts are given up while they wait for their turn to send. */
static void
a_host_that_ends_while_it_is_queued_does_no_harm(void)
{
	struct msg_probeconfig	 c = normal();

	c.host_timeout = 1000;
	c.max_rate = 40 * 1000;
	begin(c, 1, 100);
	for (uint32_t i = 0; i < 100; i++) {
		machines[i] = (struct machine){ .up = true, .port = some_answer };
		target(i, BOTH);
	}
	run(100, START + 1000 * SECOND);
	CHECK(nended == 100 && rate_kept(40));
	for (uint32_t i = 0; i < 100; i++) {
		CHECK(told[i].ping.state == HOST_UP);
		CHECK(told[i].end.outcome == OUTCOME_TIMED_OUT);
	}
	/* The queue is whole: the next ones find their turn. */
	machines[200] = (struct machine){ .port = every_tenth_open };
	target(200, STEP_PORTS);
	run(101, now + 1000 * SECOND);
	CHECK(told[200].ends == 1 && told[200].nports > 20);
}

static enum port_state
all_closed(uint16_t port)
{
	(void)port;
	return (PORT_CLOSED);
}

/* Neither a least rate nor a host that limits its answers shortens the delay, in any pass. */
static void
a_delay_is_kept_in_every_pass(void)
{
	struct msg_probeconfig	 c = normal();

	c.scan_delay = 20 * MSEC;
	c.min_rate = 1000000;
	begin(c, 1, 100);
	machines[5] = (struct machine){ .up = true, .port = all_closed, .reset_limit = 5 };
	target(5, STEP_PING | STEP_PORTS);
	run(1, START + 1000 * SECOND);
	CHECK(nended == 1 && nsent > 150);
	for (unsigned int i = 1; i < nsent; i++)
		CHECK(sent[i].at >= sent[i - 1].at + 20 * MSEC);
}

/* Retries that the user counted hold for a host that limits its answers too. */
static void
a_limit_does_not_lead_past_the_retries_given(void)
{
	struct msg_probeconfig	 c = normal();

	c.max_retries = c.limit_retries = 2;
	begin(c, 1, 300);
	machines[5] = (struct machine){ .up = true, .port = all_closed, .reset_limit = 5 };
	target(5, STEP_PING | STEP_PORTS);
	run(1, START + 1000 * SECOND);
	CHECK(nended == 1 && most_tries() == 3);
	CHECK(told[5].end.coverage == COVERAGE_ALL * told[5].nports / 300);
}

/* Nor does it end as if all was known: what a single pass brought is all that is known. */
static void
a_limit_and_a_single_try_leave_much_unknown(void)
{
	struct msg_probeconfig	 c = normal();

	c.max_retries = c.limit_retries = 0;
	begin(c, 1, 1000);
	machines[5] = (struct machine){
		.up = true, .port = all_closed, .reset_limit = 1, .burst = 25
	};
	target(5, STEP_PING | STEP_PORTS);
	run(1, START + 1000 * SECOND);
	CHECK(nended == 1 && most_tries() == 1 && told[5].nports < 500);
	CHECK(told[5].end.coverage == COVERAGE_ALL * told[5].nports / 1000);
}

int
main(void)
{
	CASE(tries_grow_with_loss_until_all_open_ports_are_found);
	CASE_APART(loss_does_not_lead_past_the_retries_allowed);
	CASE_APART(the_rate_is_kept_and_used);
	CASE_APART(a_delay_is_kept_in_every_pass);
	CASE_APART(a_limit_does_not_lead_past_the_retries_given);
	CASE_APART(a_limit_and_a_single_try_leave_much_unknown);
	CASE_APART(a_rate_below_one_a_second_is_kept);
	CASE_APART(polite_timing_sends_one_by_one);
	CASE_APART(polite_timing_asks_one_host_at_a_time);
	CASE_APART(a_delay_that_a_reply_cuts_short_does_not_strand_the_host);
	CASE_APART(a_host_is_given_up_when_its_time_is_over);
	CASE_APART(time_spent_waiting_does_not_count);
	CASE_APART(the_time_of_an_earlier_host_does_not_end_a_later_one);
	CASE_APART(the_longest_time_out_is_not_over_at_once);
	CASE_APART(a_host_that_ends_while_it_is_queued_does_no_harm);
	return (test_done());
}
