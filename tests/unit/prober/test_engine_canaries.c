/*
 * What canaries do not know: that a host is gone, that ports answer worse than they do; and what
 * is no canary, because its answers are limited everywhere.
 */

#include "scans.h"

/* The first answer to a port, counted from 1, comes at the try with this number; 0: none does. */
static unsigned int	 (*answered_at)(uint16_t port);

static enum port_state
open_at_last(uint16_t port)
{
	static unsigned int	 asked[PORT_BITS];

	return (++asked[port] >= answered_at(port) && answered_at(port) != 0 ? PORT_OPEN :
	    PORT_UNKNOWN);
}

static unsigned int
five_at_second_and_five_at_third(uint16_t port)
{
	return (port <= 5 ? 2 : port <= 10 ? 3 : 0);
}

static void
start(struct msg_probeconfig c, uint32_t nports, struct machine m, unsigned int steps)
{
	begin(c, 1, nports);
	scan(1, m, steps);
}

/* All canaries were answered, and yet the second pass brought ports: there is a third. */
static void
a_pass_that_brings_much_is_not_the_last(void)
{
	answered_at = five_at_second_and_five_at_third;
	start(template(3), 300, (struct machine){ .up = true, .port = open_at_last }, BOTH);
	CHECK(told[0].nports == 10 && counters().lost == 0);
	/* The third brought as much; the fourth nothing. */
	CHECK(tries(0, PROBE_TCP_SYN, 300) == 4);
}

/* Half of the ports at the first try, and of the others again half at each. */
static unsigned int
half_each_time(uint16_t port)
{
	return (1 + (unsigned int)__builtin_ctz(port));
}

/* Where tries were too few, what they brought tells how much more there would have been. */
static void
coverage_is_what_the_passes_themselves_say(void)
{
	struct msg_probeconfig	 c = template(3);
	double			 share;

	c.max_retries = 2;
	answered_at = half_each_time;
	start(c, 1023, (struct machine){ .up = true, .port = open_at_last }, BOTH);
	share = (double)told[0].end.coverage / COVERAGE_ALL;
	CHECK(counters().lost == 0 && told[0].nports == 512 + 256 + 128);
	CHECK(share > 0.86 && share < 0.89);
}

/* Four ports late and four later still, of 400 that answer. */
static unsigned int
few_more_each_time(uint16_t port)
{
	return (port <= 4 ? 2 : port <= 8 ? 3 : port <= 400 ? 1 : UINT8_MAX);
}

static void
stragglers_are_no_sign_of_many_more(void)
{
	struct msg_probeconfig	 c = template(3);

	c.max_retries = 2;
	answered_at = few_more_each_time;
	start(c, 1023, (struct machine){ .up = true, .port = open_at_last }, BOTH);
	CHECK(told[0].nports == 400 && told[0].end.coverage > COVERAGE_ALL * 99 / 100);
}

/*
 * What they lost says nothing of the path, so it is not asked as often as a lossy path would have
 * it; and as nothing is known of its ports, what came is all that counts as covered.
 */
static void
canaries_of_a_dead_host_are_given_up(void)
{
	unsigned int	 after = 0, most = 0;

	start(template(3), 1000, (struct machine){
		.up = true, .port = closed, .dies_at = START + 100 * MSEC
	}, BOTH);
	for (unsigned int i = 0; i < nsent; i++)
		after += sent[i].canary && sent[i].at >= machines[0].dies_at;
	CHECK(after > 20 && after < 150 && took() < 8);
	for (uint16_t p = 1; p <= 1000; p++)
		most = tries(0, PROBE_TCP_SYN, p) > most ? tries(0, PROBE_TCP_SYN, p) : most;
	CHECK(most <= 7);
	CHECK(told[0].nports < 900 &&
	    told[0].end.coverage == COVERAGE_ALL * told[0].nports / 1000);
}

static enum port_state
all_closed(uint16_t port)
{
	(void)port;
	return (PORT_CLOSED);
}

static enum port_state
each_twentieth_closed(uint16_t port)
{
	return (port % 20 == 0 ? PORT_CLOSED : PORT_UNKNOWN);
}

static void
covered_is_what_came(void)
{
	double	 share = (double)told[0].end.coverage / COVERAGE_ALL;

	CHECK(told[0].nports > 100 && told[0].nports < 900);
	CHECK(share > 0.001 * told[0].nports - 0.001 && share < 0.001 * told[0].nports + 0.001);
}

/* It is asked slowly by then, and no answer is what would be the end of it anyway. */
static void
a_host_that_dies_behind_its_limit_is_uncertain(void)
{
	start(template(3), 1000, (struct machine){
		.up = true, .port = closed, .reset_limit = 50, .burst = 5,
		.dies_at = START + 9 * SECOND
	}, BOTH);
	covered_is_what_came();
}

/* A reset a second: passes bring one or two, and canaries at their end tell that it lives. */
static usec_t	 dies_at;

static void
one_reset_a_second(void)
{
	unsigned int	 asked = 0;
	double		 share;

	start(template(3), 100, (struct machine){
		.up = true, .port = all_closed, .reset_limit = 1, .burst = 10, .dies_at = dies_at
	}, BOTH);
	for (unsigned int i = 0; i < nsent; i++)
		asked += sent[i].canary;
	CHECK(asked > 0 && counters().canaries == asked);
	share = (double)told[0].end.coverage / COVERAGE_ALL;
	CHECK(told[0].nports >= 10 && told[0].nports < 100);
	CHECK(share < 0.01 * told[0].nports + 0.005);
}

static void
whenever_it_dies_it_is_uncertain(void)
{
	for (dies_at = START + 2 * SECOND; dies_at < START + 20 * SECOND; dies_at += SECOND / 4)
		CHECK(apart(one_reset_a_second, NULL, 0) == 0);
}

/* A host that died, and a router that says so of each fourth probe. */
static void
died_and_is_told(uint32_t machine, const struct packet *p)
{
	static unsigned int	 n;
	struct packet		 error = {
		.kind = PACKET_ICMP_ERROR, .src = ROUTER, .dst = US, .ttl = 63, .icmp_type = 3,
		.icmp_code = 1, .quote = { .src = US, .dst = address(machine),
		    .protocol = PROTO_TCP, .src_port = p->dst_port, .dst_port = p->src_port,
		    .seq = p->ack - 1 },
	};

	if (now < START + 150 * MSEC)
		put_on_way(now + RTT, p);
	else if (n++ % 4 == 0)
		put_on_way(now + RTT, &error);
}

static void
a_router_does_not_sing_for_a_dead_host(void)
{
	start(template(3), 1000, (struct machine){
		.port = all_closed, .reply = died_and_is_told
	}, STEP_PORTS);
	CHECK(told[0].end.coverage < COVERAGE_ALL * 9 / 10);
}

/* Some stacks do not count the SYN (judge.c); what they answer is heard all the same. */
static void
uncounted(uint32_t machine, const struct packet *p)
{
	struct packet	 reset = *p;

	(void)machine;
	reset.ack--;
	put_on_way(now + RTT, &reset);
}

static void
resets_that_do_not_count_the_syn_are_heard(void)
{
	start(template(3), 1000, (struct machine){
		.port = each_twentieth_closed, .reply = uncounted
	}, STEP_PORTS);
	CHECK(wrong(0, 1, 1000) == 0 && took() < 1);
	CHECK(told[0].end.coverage > COVERAGE_ALL * 99 / 100 && counters().lost == 0);
}

/* Control: one that lives is certain, its silent ports notwithstanding. */
static void
a_host_with_a_limit_is_certain(void)
{
	start(template(3), 1000, (struct machine){
		.up = true, .port = mixed, .reset_limit = 50, .burst = 5
	}, STEP_PORTS);
	CHECK(wrong(0, 1, 1000) == 0 && told[0].end.coverage > COVERAGE_ALL * 99 / 100);
}

/* Few of its canaries fall in a window of time. */
static void
a_host_that_dies_while_asked_slowly_is_uncertain(void)
{
	struct msg_probeconfig	 c = template(3);

	c.max_rate = 20 * 1000;
	start(c, 1000, (struct machine){
		.port = all_closed, .dies_at = START + 20 * SECOND
	}, STEP_PORTS);
	covered_is_what_came();
}

/* The outage hid none of its ports, and it answers again when it is asked at last. */
static void
an_outage_at_the_end_of_a_pass(uint32_t machine, const struct packet *p)
{
	(void)machine;
	if (now < START + 300 * MSEC || now >= START + 600 * MSEC)
		put_on_way(now + RTT, p);
}

static void
a_host_that_comes_back_is_certain(void)
{
	start(template(3), 1000, (struct machine){
		.port = each_twentieth_closed, .reply = an_outage_at_the_end_of_a_pass
	}, STEP_PORTS);
	CHECK(wrong(0, 1, 1000) == 0 && told[0].end.coverage > COVERAGE_ALL * 99 / 100);
}

/* Packets in the second before that. */
static unsigned int
sent_before(usec_t t)
{
	unsigned int	 n = 0;

	for (unsigned int i = 0; i < nsent; i++)
		n += sent[i].at >= t - SECOND && sent[i].at < t;
	return (n);
}

/* It had earned a rate; then nothing tells any more whether that is too fast. */
static void
a_host_that_falls_silent_is_asked_as_slowly_as_one_that_never_spoke(void)
{
	struct msg_probeconfig	 c = template(3);

	c.max_retries = 0;
	start(c, 60000, (struct machine){
		.up = true, .port = silent, .rtt = 2 * MSEC, .dies_at = START + 150 * MSEC
	}, BOTH);
	CHECK(sent_before(START + 150 * MSEC) > 600);		/* 4,000 a second */
	CHECK(sent_before(told[0].ended - SECOND) > 2000);
	CHECK(sent_before(told[0].ended - SECOND) <= 2501);
}

/* Resets are all that is heard, until near the end of the first pass; after a while, few. */
static void
few_resets_later(uint32_t machine, const struct packet *p)
{
	static usec_t	 ceased;

	(void)machine;
	if (ceased == 0 && nsent > 16500)
		ceased = now;
	if (ceased == 0 || (now > ceased + 900 * MSEC && p->src_port % 7 == 0))
		put_on_way(now + 2 * MSEC, p);
}

static enum port_state
each_fourth_closed(uint16_t port)
{
	return (port % 4 == 0 ? PORT_CLOSED : PORT_UNKNOWN);
}

/* Resets earned it a rate, and ceased.  None is a canary after that, and nothing gives a rate. */
static void
a_host_whose_resets_cease_is_asked_as_slowly(void)
{
	struct msg_probeconfig	 c = template(3);
	usec_t			 rested = 0;
	unsigned int		 after = 0;

	c.max_rate = 20000 * 1000;
	start(c, 16000, (struct machine){
		.up = true, .port = each_fourth_closed, .reply = few_resets_later
	}, STEP_PORTS);
	for (unsigned int i = 1; i < nsent && rested == 0; i++)
		if (sent[i].at >= sent[i - 1].at + SECOND)
			rested = sent[i].at;
	CHECK(rested != 0 && sent_before(rested - SECOND) > 15000);
	CHECK(sent_before(rested + 2 * SECOND) > 1200 && sent_before(rested + 2 * SECOND) <= 2501);
	for (unsigned int i = 0; i < nsent; i++)
		after += sent[i].canary && sent[i].at >= rested;
	CHECK(after == 0);
}

/* An ICMP error that is the host's own tells that it is there. */
static void
unreachable(uint32_t machine, const struct packet *p)
{
	struct packet	 error = *p;

	error.src = address(machine);
	error.icmp_code = 3;
	put_on_way(now + RTT, &error);
}

static enum port_state
filtered(uint16_t port)
{
	(void)port;
	return (PORT_FILTERED);
}

static struct msg_probeconfig
ping_by_syn(void)
{
	struct msg_probeconfig	 c = template(3);

	c.ping[0] = (struct ping_kind){ .kind = PROBE_TCP_SYN, .port = 443 };
	return (c);
}

/* They are counted as lost, but the loss is not judged by them: they might be limited. */
static void
resets_that_are_lost_are_counted(void)
{
	begin(ping_by_syn(), 1, 1000);
	loss = 10;
	scan(1, (struct machine){ .up = true, .port = all_closed }, BOTH);
	CHECK(counters().canaries > 30 && counters().lost > 0 && counters().loss == 0);
}

static void
rejects(uint32_t machine, const struct packet *p)
{
	struct packet	 error = *p;

	(void)machine;
	error.src = ROUTER;
	error.icmp_code = 13;
	put_on_way(now + 2 * MSEC, &error);
}

/* How long a host is waited for that is not there, when a router has rejected one of its pings. */
static usec_t
waited_for(reply_rule *router)
{
	struct msg_probeconfig	 c = ping_by_syn();

	c.ping[c.npings++] = (struct ping_kind){ .kind = PROBE_ICMP_ECHO };
	start(c, 1, (struct machine){
		.port = router != NULL ? filtered : silent, .reply = router }, STEP_PING);
	CHECK(told[0].ping.state == HOST_DOWN);
	return (told[0].ended - START);
}

static void
nobody(void)
{
	CHECK(waited_for(NULL) > 2 * SECOND);
}

static void
a_router_that_rejects(void)
{
	CHECK(waited_for(rejects) > 2 * SECOND);
}

static void
an_icmp_error_makes_no_canary(void)
{
	start(ping_by_syn(), 200, (struct machine){ .port = filtered, .reply = unreachable },
	    BOTH);
	CHECK(told[0].ping.state == HOST_UP && told[0].ping.reason == REASON_PORT_UNREACH);
	CHECK(told[0].nports == 200 && counters().canaries == 0);
}

static enum port_state
open_at_443(uint16_t port)
{
	return (port == 443 ? PORT_OPEN : PORT_UNKNOWN);
}

/* A sweep, where hosts that are done serve as canaries. */
static void
sweep(port_rule *rule, reply_rule *how)
{
	begin(ping_by_syn(), 1, 1);
	for (uint32_t i = 0; i < 1000; i++) {
		machines[i] = (struct machine){
			.port = i % 40 == 0 ? rule : silent, .reply = how
		};
		target(i, STEP_PING);
	}
	run(1000, START + 100 * SECOND);
	CHECK(nended == 1000 && told[40].ping.state == HOST_UP);
}

static void
nor_in_a_sweep(void)
{
	sweep(filtered, unreachable);
	CHECK(counters().canaries == 0);
}

static void
where_a_port_that_is_open_does(void)
{
	sweep(open_at_443, NULL);
	CHECK(counters().canaries > 10);
}

/* Without a ping it begins slowly, and goes on as with one when a port has answered. */
static void
a_first_answer_makes_it_fast(void)
{
	start(template(3), 1000, (struct machine){ .port = closed }, STEP_PORTS);
	CHECK(wrong(0, 1, 1000) == 0 && took() < 0.4);
}

int
main(void)
{
	CASE_APART(resets_that_are_lost_are_counted);
	CASE_APART(a_pass_that_brings_much_is_not_the_last);
	CASE_APART(coverage_is_what_the_passes_themselves_say);
	CASE_APART(stragglers_are_no_sign_of_many_more);
	CASE_APART(canaries_of_a_dead_host_are_given_up);
	CASE_APART(a_host_that_dies_behind_its_limit_is_uncertain);
	CASE(whenever_it_dies_it_is_uncertain);
	CASE_APART(a_router_does_not_sing_for_a_dead_host);
	CASE_APART(resets_that_do_not_count_the_syn_are_heard);
	CASE_APART(a_host_with_a_limit_is_certain);
	CASE_APART(a_host_that_dies_while_asked_slowly_is_uncertain);
	CASE_APART(a_host_that_comes_back_is_certain);
	CASE_APART(a_host_that_falls_silent_is_asked_as_slowly_as_one_that_never_spoke);
	CASE_APART(a_host_whose_resets_cease_is_asked_as_slowly);
	CASE_APART(nobody);
	CASE_APART(a_router_that_rejects);
	CASE_APART(an_icmp_error_makes_no_canary);
	CASE_APART(nor_in_a_sweep);
	CASE_APART(where_a_port_that_is_open_does);
	CASE_APART(a_first_answer_makes_it_fast);
	return (test_done());
}
