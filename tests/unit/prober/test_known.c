/*
 * Hosts of which an old log knows how far their port scan was: they go on there, unpinged, with
 * what has answered left alone; and a parent that says what can't be is found out.
 */

#include "scans.h"

#define KNOWN	(STEP_KNOWN | STEP_PORTS)

static uint8_t	 ports[PORT_BITS];	/* what is known, by port */

/* What the rule says of the first ports of the order. */
static void
know_first(uint32_t n, port_rule *rule)
{
	memset(ports, PORT_UNKNOWN, sizeof(ports));
	for (uint32_t place = 0; place < n; place++)
		ports[order_port(place)] = (uint8_t)rule(order_port(place));
}

static unsigned int
canaries(void)
{
	return (nsent - probes());
}

static enum port_state
only_closed(uint16_t port)
{
	return (port % 3 == 0 ? PORT_CLOSED : PORT_UNKNOWN);
}

static enum port_state
all_closed(uint16_t port)
{
	(void)port;
	return (PORT_CLOSED);
}

static enum port_state
prohibits(uint16_t port)
{
	return (port % 2 == 0 ? PORT_FILTERED : PORT_OPEN);
}

static void
it_goes_on_at_the_cursor(void)
{
	begin(normal(), 1, 1000);
	machines[5] = (struct machine){ .up = true, .port = mixed };
	know_first(500, mixed);
	target(5, KNOWN);
	known(5, 500, 0, ports, 1001);
	run(1, START + 100 * SECOND);
	CHECK(nended == 1 && told[5].end.outcome == OUTCOME_COMPLETE);
	CHECK(told[5].ping.reason == REASON_USER_SET && tries(5, PROBE_ICMP_ECHO, 0) == 0);
	for (uint32_t place = 0; place < 1000; place++) {
		uint16_t	 p = order_port(place);

		CHECK(told[5].port[p] == (place < 500 ? PORT_UNKNOWN : mixed(p)));
		CHECK(tries(5, PROBE_TCP_SYN, p) == (unsigned int)(place >= 500) +
		    (mixed(p) == PORT_UNKNOWN));
	}
}

static void
it_stands_still_until_all_of_it_is_told(void)
{
	struct msg_known	 m = { .id = 5, .cursor = 7, .pass = 1 };

	begin(normal(), 1, 100);
	machines[5] = (struct machine){ .onlink = true, .port = mixed };
	target(5, KNOWN);
	run(1, START + 5 * SECOND);
	CHECK(told[5].pings == 1 && told[5].ping.state == HOST_UP && nsent == 0);
	engine_known(&m, now);
	run(1, now + 5 * SECOND);
	CHECK(nsent == 0 && nended == 0);
	m.last = 1;
	engine_known(&m, now);
	run(1, now + 100 * SECOND);
	CHECK(nended == 1 && tries(5, PROBE_ARP, 0) == 0 && wrong(5, 6, 100) == 0);
}

/* An answer to an earlier host at this address, while the scan stands still. */
static void
what_comes_meanwhile_is_late(void)
{
	struct verdict	 v = {
		.question = { .src = US, .dst = address(5), .kind = PROBE_TCP_SYN, .port = 80 },
		.sent = START, .host = HOST_UP, .port = PORT_OPEN, .reason = REASON_SYN_ACK
	};
	struct msg_stats s;

	begin(normal(), 80, 80);
	target(5, KNOWN);
	engine_reply(&v, now);
	run(1, START + SECOND);
	engine_stats(&s);
	CHECK(s.late == 1 && nended == 0 && told[5].nports == 0);
	ports[80] = PORT_CLOSED;
	known(5, 1, 0, ports, 81);
	run(1, now + SECOND);
	CHECK(nended == 1);
}

static void
a_host_of_which_all_is_known_ends_at_once(void)
{
	begin(normal(), 1, 1000);
	know_first(1000, prohibits);
	target(5, KNOWN);
	known(5, 1000, 3, ports, 1001);
	run(1, START + SECOND);
	CHECK(nended == 1 && nsent == 0 && now < START + 10 * MSEC);
	CHECK(told[5].end.outcome == OUTCOME_COMPLETE &&
	    told[5].end.coverage == COVERAGE_ALL && told[5].nports == 0);
}

static port_rule	*rule;
static bool		 is_closed, is_dark;

/* Of which port, if any, is asked again what is known of it, among silent ones? */
static void
find_canary(void)
{
	begin(normal(), 1, 1000);
	machines[5] = (struct machine){ .up = true, .port = rule };
	know_first(1000, rule);
	target(5, KNOWN);
	known(5, 1000, 0, ports, 1001);
	run(1, START + 100 * SECOND);
	CHECK(nended == 1 && (canaries() != 0) == !is_dark);
	for (unsigned int i = 0; i < nsent; i++)
		CHECK(!sent[i].canary || (sent[i].kind == PROBE_TCP_SYN &&
		    rule(sent[i].port) == (is_closed ? PORT_CLOSED : PORT_OPEN)));
}

static void
a_port_that_answered_is_the_canary(void)
{
	rule = walled;
	CHECK(apart(find_canary, NULL, 0) == 0);
	rule = mixed;
	CHECK(apart(find_canary, NULL, 0) == 0);
	is_closed = true;
	rule = only_closed;
	CHECK(apart(find_canary, NULL, 0) == 0);
	is_dark = true;
	rule = silent;
	CHECK(apart(find_canary, NULL, 0) == 0);
}

static uint8_t	 passes_allowed;

/* Some hosts have shown that the network loses nothing, so that a pass alone would be enough. */
static void
show_that_nothing_is_lost(void)
{
	for (uint32_t i = 10; i < 70; i++) {
		machines[i] = (struct machine){ .up = true, .port = walled };
		target(i, BOTH);
	}
	run(60, START + 100 * SECOND);
	CHECK(flow_tally()->asked > 3000 && flow_tally()->lost == 0);
}

static void
go_on_in_the_second_pass(void)
{
	struct msg_probeconfig	 c = normal();
	unsigned int		 asked;

	c.max_retries = passes_allowed - 1;
	begin(c, 1, 1000);
	show_that_nothing_is_lost();
	asked = nsent;
	machines[5] = (struct machine){ .port = silent };
	target(5, KNOWN);
	known(5, 990, 1, ports, 1001);
	run(61, now + 100 * SECOND);
	CHECK(nended == 61 && nsent > asked);
	for (uint32_t place = 0; place < 1000; place++)
		CHECK(tries(5, PROBE_TCP_SYN, order_port(place)) ==
		    (unsigned int)(place >= 990) + (passes_allowed > 2));
}

/* What the passes before have lost this run can't know. */
static void
after_a_later_pass_there_is_one_more_if_there_may_be(void)
{
	passes_allowed = 11;
	CHECK(apart(go_on_in_the_second_pass, NULL, 0) == 0);
	passes_allowed = 2;
	CHECK(apart(go_on_in_the_second_pass, NULL, 0) == 0);
}

/* Ports that were lost in the pass before say that they are closed: that is loss, not a limit. */
static void
a_lossy_host_is_not_taken_for_one_that_limits_its_resets(void)
{
	begin(normal(), 1, 1000);
	loss = 3;
	machines[5] = (struct machine){ .port = all_closed };
	know_first(1000, all_closed);
	for (uint32_t place = 0; place < 1000; place += 16)
		ports[order_port(place)] = PORT_UNKNOWN;
	target(5, KNOWN);
	known(5, 300, 1, ports, 1001);
	run(1, START + 100 * SECOND);
	CHECK(nended == 1 && told[5].end.coverage > COVERAGE_ALL * 99 / 100);
	CHECK(now < START + 600 * MSEC);	/* a second more, if it were */
}

/* It is not told as complete: nothing could be sent. */
static void
a_host_that_no_route_leads_to_any_more_stays_in_part(void)
{
	begin(normal(), 1, 100);
	machines[5] = (struct machine){ .nowhere = true };
	know_first(60, prohibits);
	target(5, KNOWN);
	known(5, 60, 0, ports, 101);
	run(1, START + SECOND);
	CHECK(nended == 1 && nsent == 0 && told[5].end.outcome == OUTCOME_PARTIAL);
	CHECK(told[5].end.coverage >= COVERAGE_ALL * 59 / 100 &&
	    told[5].end.coverage <= COVERAGE_ALL * 61 / 100);
}

/* Others wait for their places, which the parent gives back, and not for what is known. */
static void
its_place_is_one_as_any_other(void)
{
	struct msg_probeconfig	 c = normal();

	c.port_hosts = 101;
	withheld = true;
	begin(c, 1, 20);
	for (uint32_t i = 0; i < 105; i++)
		machines[i] = (struct machine){ .up = true, .port = prohibits };
	know_first(10, prohibits);
	for (uint32_t i = 0; i < 100; i++)
		target(i, KNOWN);
	for (uint32_t i = 100; i < 105; i++)
		target(i, BOTH);
	run(105, START + 10 * SECOND);
	CHECK(nended == 1);
	for (uint32_t i = 0; i < 100; i++)
		known(i, 10, 0, ports, 21);
	run(105, now + 10 * SECOND);
	CHECK(nended == 101);
	engine_release(101, now);
	run(105, now + 10 * SECOND);
	CHECK(nended == 105);
	for (uint32_t i = 0; i < 105; i++)
		CHECK(told[i].nports == (i < 100 ? 10 : 20));
}

static void
a_stop_does_not_wait_for_what_is_known(void)
{
	struct msg_probeconfig	 c = normal();

	c.checkpoint = 100;
	begin(c, 1, 100);
	target(5, KNOWN);
	target(6, KNOWN);
	engine_known(&(const struct msg_known){ .id = 6, .cursor = 50, .pass = 2 }, now);
	run(1, START + SECOND);
	engine_stop(now);
	run(1, now + SECOND);
	CHECK(engine_drained(now) && results_flush(&chan) && nsent == 0 && nended == 0);
	CHECK(told[5].at.cursor == 0 && told[6].at.cursor == 0);
}

static struct msg_known	 first, second;	/* rows for host 5, of ports 1 to 100 */
static unsigned int	 steps;

static void
tell_rows(void)
{
	struct msg_probeconfig	 c = normal();

	c.port_hosts = 1;
	begin(c, 1, 100);
	machines[5] = (struct machine){ .port = walled };
	target(5, steps);
	engine_known(&first, now);
	engine_known(&second, now);
}

static bool
is_a_lie(const char *what)
{
	char	 said[200] = "";

	return (apart(tell_rows, said, sizeof(said)) == STATUS_PROCESS &&
	    strstr(said, what) != NULL);
}

static void
two_with_one_place(void)
{
	struct msg_probeconfig	 c = normal();

	c.port_hosts = 1;
	begin(c, 1, 100);
	target(5, KNOWN);
	target(6, KNOWN);
}

static void
without_ports(void)
{
	struct msg_probeconfig	 c = normal();

	c.port_kind = PROBE_NONE;
	begin(c, 1, 0);
	target(5, KNOWN);
}

static void
for_a_ping_only(void)
{
	begin(normal(), 1, 100);
	target(5, STEP_KNOWN | STEP_PING);
}

static void
what_can_t_be_known_is_a_lie(void)
{
	char	 said[200] = "";

	steps = KNOWN;
	first = (struct msg_known){ .id = 5, .cursor = 9, .pass = 1, .n = 1,
	    .e = { { .port = 80, .state = PORT_OPEN } } };
	second = (struct msg_known){ .id = 5, .cursor = 9, .pass = 1, .last = 1 };
	CHECK(apart(tell_rows, NULL, 0) == 0);	/* no lie so far */
	second.pass = 2;
	CHECK(is_a_lie("host 5 can't go on at port 9 of pass 2"));
	second.pass = 1;
	second.cursor = 8;
	CHECK(is_a_lie("host 5 can't go on at port 8 of pass 1"));
	first.cursor = second.cursor = 101;
	CHECK(is_a_lie("host 5 can't go on at port 101"));
	first.cursor = second.cursor = 100;
	CHECK(apart(tell_rows, NULL, 0) == 0);
	second.id = 6;
	CHECK(is_a_lie("host 6 waits for nothing"));
	second.id = 5;
	second.n = 1;
	second.e[0] = first.e[0];
	CHECK(is_a_lie("port 80 of host 5"));	/* twice */
	second.e[0].port = 101;
	CHECK(is_a_lie("port 101 of host 5"));	/* not of this scan */
	second.n = 0;
	first.last = 1;
	CHECK(is_a_lie("host 5 waits for nothing"));	/* it has begun */
	first.last = 0;
	steps = STEP_PORTS;
	CHECK(is_a_lie("host 5 waits for nothing"));
	steps = BOTH;
	CHECK(is_a_lie("host 5 waits for nothing"));
	CHECK(apart(two_with_one_place, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "no place in the port scan for host 6") != NULL);
	CHECK(apart(without_ports, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "no place in the port scan for host 5") != NULL);
	CHECK(apart(for_a_ping_only, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "no place in the port scan for host 5") != NULL);
}

int
main(void)
{
	CASE_APART(it_goes_on_at_the_cursor);
	CASE_APART(it_stands_still_until_all_of_it_is_told);
	CASE_APART(what_comes_meanwhile_is_late);
	CASE_APART(a_host_of_which_all_is_known_ends_at_once);
	CASE(a_port_that_answered_is_the_canary);
	CASE(after_a_later_pass_there_is_one_more_if_there_may_be);
	CASE_APART(a_lossy_host_is_not_taken_for_one_that_limits_its_resets);
	CASE_APART(a_host_that_no_route_leads_to_any_more_stays_in_part);
	CASE_APART(its_place_is_one_as_any_other);
	CASE_APART(a_stop_does_not_wait_for_what_is_known);
	CASE(what_can_t_be_known_is_a_lie);
	return (test_done());
}
