/*
 * What a scan finds on a network that loses nothing: the states of hosts and ports, how often
 * each was asked, and that nothing a stranger or the parent sends out of turn changes it.
 */

#include "network.h"

#define BOTH	(STEP_PING | STEP_PORTS)

static struct msg_stats
counters(void)
{
	struct msg_stats	 s;

	engine_stats(&s);
	return (s);
}

static enum port_state
mixed(uint16_t port)
{
	static const enum port_state	 states[] = {
		PORT_OPEN, PORT_CLOSED, PORT_FILTERED, PORT_UNKNOWN
	};

	return (states[port % 4]);
}

static enum port_state
closed(uint16_t port)
{
	(void)port;
	return (PORT_CLOSED);
}

static enum port_state
all_open(uint16_t port)
{
	(void)port;
	return (PORT_OPEN);
}

static enum port_state
silent(uint16_t port)
{
	(void)port;
	return (PORT_UNKNOWN);
}

static enum port_state
only_80_open(uint16_t port)
{
	return (port == 80 ? PORT_OPEN : PORT_UNKNOWN);
}

/* A cookie tells the time in steps of 64 microseconds. */
static bool
is_rtt(uint32_t measured)
{
	return (measured >= RTT && measured < RTT + 128);
}

static void
every_port_gets_its_state(void)
{
	begin(normal(), 1, 400);
	machines[5] = (struct machine){ .up = true, .port = mixed };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	CHECK(nended == 1 && told[5].end.outcome == OUTCOME_COMPLETE);
	CHECK(told[5].ping.state == HOST_UP && told[5].ping.reason == REASON_ECHO_REPLY &&
	    is_rtt(told[5].ping.rtt) && is_rtt(told[5].end.srtt));
	for (uint16_t p = 1; p <= 400; p++)
		CHECK(told[5].port[p] == mixed(p));
	CHECK(told[5].nports == 300 && told[5].end.probes == nsent);
}

static void
silent_ports_are_asked_twice_and_others_once(void)
{
	begin(normal(), 1, 400);
	machines[5] = (struct machine){ .up = true, .port = mixed };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	for (uint16_t p = 1; p <= 400; p++)
		CHECK(tries(5, PROBE_TCP_SYN, p) == (mixed(p) == PORT_UNKNOWN ? 2 : 1));
}

static void
without_retries_every_port_is_asked_once(void)
{
	struct msg_probeconfig	 c = normal();

	c.max_retries = 0;
	begin(c, 1, 400);
	machines[5] = (struct machine){ .up = true, .port = mixed };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	CHECK(nended == 1 && probes() == 401);
	for (uint16_t p = 1; p <= 400; p++)
		CHECK(tries(5, PROBE_TCP_SYN, p) == 1);
}

/* The tries of a probe are apart by at least its time-out. */
static void
a_second_try_waits_for_the_first(void)
{
	usec_t	 first[PORT_BITS] = { 0 };

	begin(normal(), 1, 400);
	machines[5] = (struct machine){ .up = true, .port = mixed };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	for (unsigned int i = 0; i < nsent; i++) {
		if (sent[i].canary)
			continue;
		CHECK(first[sent[i].port] == 0 || sent[i].at >= first[sent[i].port] + 100 * MSEC);
		first[sent[i].port] = sent[i].at;
	}
}

/*
 * Something that the host is known to answer is asked again, among the ports: often enough to
 * tell what the network does to them, and no more often than one packet in eight.
 */
static void
canaries_are_asked_among_silent_ports(void)
{
	unsigned int	 since = 0;

	begin(normal(), 1, 1000);
	machines[5] = (struct machine){ .up = true, .port = silent };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	CHECK(nended == 1 && probes() == 2001 && counters().lost == 0);
	CHECK(counters().canaries == nsent - probes());
	CHECK(counters().canaries >= 2000 / 20 && counters().canaries <= 2000 / 8);
	for (unsigned int i = 0; i < nsent; i++) {
		CHECK(!sent[i].canary || sent[i].kind == PROBE_ICMP_ECHO);
		since = sent[i].canary ? 0 : since + 1;
		CHECK(since <= 64);
	}
}

/* -Pn: what answered first is the canary, and rather an open port than a closed one. */
static void
without_a_ping_a_port_that_answered_is_the_canary(void)
{
	begin(normal(), 1, 1000);
	machines[5] = (struct machine){ .port = only_80_open };
	target(5, STEP_PORTS);
	run(1, START + 100 * SECOND);
	CHECK(nended == 1 && told[5].nports == 1 && nsent - probes() >= 2000 / 20);
	for (unsigned int i = 0; i < nsent; i++)
		CHECK(!sent[i].canary ||
		    (sent[i].kind == PROBE_TCP_SYN && sent[i].port == 80));
}

static void
in_order_or_the_popular_ports_first(void)
{
	struct msg_probeconfig	 c = normal();

	c.ordered = 1;
	begin(c, 1, 1000);
	machines[5] = (struct machine){ .up = true, .port = closed };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	CHECK(probes() == 1001);
	for (unsigned int i = 1, port = 1; i < nsent; i++)
		CHECK(sent[i].canary || sent[i].port == port++);
}

static void
shuffled_by_the_seed_with_the_popular_ports_first(void)
{
	bool	 rising = true;

	begin(normal(), 1, 1000);
	machines[5] = (struct machine){ .up = true, .port = closed };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	CHECK(probes() == 1001 && sent[1].port == 80);
	for (uint16_t p = 1; p <= 1000; p++)
		CHECK(tries(5, PROBE_TCP_SYN, p) == 1);
	for (unsigned int i = 100, last = 0; i < nsent; i++) {
		rising = rising && (sent[i].canary || sent[i].port > last);
		last = sent[i].canary ? last : sent[i].port;
	}
	CHECK(!rising);
}

static void
replies_that_come_again_change_nothing(void)
{
	begin(normal(), 1, 400);
	copies = 3;
	copy_delay = 7 * MSEC;
	machines[5] = (struct machine){ .up = true, .port = mixed };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	run(2, now + SECOND);	/* the last of them, after the host's end */
	for (uint16_t p = 1; p <= 400; p++) {
		CHECK(told[5].port[p] == mixed(p));
		CHECK(tries(5, PROBE_TCP_SYN, p) == (mixed(p) == PORT_UNKNOWN ? 2 : 1));
	}
	CHECK(told[5].nports == 300 && told[5].ends == 1);
	/* All that was sent was answered, but for two tries of each silent port. */
	CHECK(counters().late == 3 * (nsent - 2 * 100) && counters().invalid == 0);
}

/* Its time-outs are too short at first; nothing is missed or told twice for that. */
static void
a_host_slower_than_its_time_out_is_waited_for(void)
{
	struct msg_probeconfig	 c = normal();

	c.initial_rtt = 500000;
	begin(c, 1, 100);
	machines[5] = (struct machine){ .up = true, .port = mixed, .rtt = 900 * MSEC };
	target(5, STEP_PORTS);
	run(1, START + 300 * SECOND);
	CHECK(nended == 1 && told[5].nports == 75);
	for (uint16_t p = 1; p <= 100; p++)
		CHECK(told[5].port[p] == mixed(p));
}

/* A router on the way is not the port: its word counts only until the port speaks. */
static void
an_icmp_error_is_overruled_by_the_port_itself(void)
{
	struct packet	 error = {
		.kind = PACKET_ICMP_ERROR, .src = ROUTER, .dst = US, .icmp_type = 3,
		.icmp_code = 13, .quote = { .src = US, .dst = address(5),
		    .protocol = PROTO_TCP, .dst_port = 80 },
	};

	begin(normal(), 80, 81);
	machines[5] = (struct machine){ .up = true, .port = only_80_open, .rtt = 150 * MSEC };
	target(5, BOTH);
	while (non_way == 0 || on_way[0].packet.kind != PACKET_TCP)
		run(1, now + MSEC);
	error.quote.src_port = on_way[0].packet.dst_port;
	error.quote.seq = on_way[0].packet.ack - 1;
	put_on_way(now + 50 * MSEC, &error);
	put_on_way(now + 200 * MSEC, &error);	/* too late to be believed */
	run(1, now + 60 * MSEC);
	CHECK(told[5].nports == 1 && told[5].port[80] == PORT_FILTERED);
	run(1, START + 100 * SECOND);
	CHECK(told[5].nports == 2 && told[5].port[80] == PORT_OPEN && told[5].ends == 1);
	CHECK(tries(5, PROBE_TCP_SYN, 80) == 1 && tries(5, PROBE_TCP_SYN, 81) == 2);
}

static void
a_host_on_the_link_is_asked_by_arp_alone(void)
{
	begin(normal(), 1, 4);
	machines[5] = (struct machine){ .up = true, .onlink = true, .port = mixed };
	machines[6] = (struct machine){ .onlink = true, .port = all_open };
	target(5, BOTH);
	target(6, STEP_PORTS);	/* even when nobody asked for a ping */
	run(2, START + 100 * SECOND);
	CHECK(told[5].ping.state == HOST_UP && told[5].ping.reason == REASON_ARP_RESPONSE);
	CHECK(told[5].ping.has_mac && memcmp(told[5].ping.mac, their_mac, 6) == 0);
	CHECK(tries(5, PROBE_ARP, 0) == 1 && tries(5, PROBE_ICMP_ECHO, 0) == 0);
	CHECK(told[5].nports == 3);
	CHECK(told[6].ping.state == HOST_DOWN && told[6].ping.reason == REASON_NO_RESPONSE);
	CHECK(tries(6, PROBE_ARP, 0) == 2 && told[6].end.probes == 2);
}

static void
a_host_that_is_silent_is_down(void)
{
	struct msg_probeconfig	 c = normal();

	c.npings = 4;
	c.ping[1] = (struct ping_kind){ .kind = PROBE_TCP_SYN, .port = 443 };
	c.ping[2] = (struct ping_kind){ .kind = PROBE_TCP_ACK, .port = 80 };
	c.ping[3] = (struct ping_kind){ .kind = PROBE_ICMP_TIMESTAMP };
	begin(c, 1, 4);
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	CHECK(told[5].ping.state == HOST_DOWN && told[5].ping.reason == REASON_NO_RESPONSE);
	CHECK(told[5].end.outcome == OUTCOME_COMPLETE && told[5].nports == 0 && nsent == 8);
	for (unsigned int i = 0; i < 4; i++)
		CHECK(tries(5, c.ping[i].kind, c.ping[i].port) == 2);
}

/* -Pn, this machine's own address, and one that no route leads to. */
static void
some_hosts_are_not_pinged(void)
{
	begin(normal(), 1, 4);
	machines[1] = (struct machine){ .port = mixed };
	machines[2] = (struct machine){ .local = true, .port = mixed };
	machines[3] = (struct machine){ .nowhere = true, .up = true, .port = mixed };
	target(1, STEP_PORTS);
	target(2, BOTH);
	target(3, BOTH);
	run(3, START + 100 * SECOND);
	CHECK(told[1].ping.state == HOST_UP && told[1].ping.reason == REASON_USER_SET);
	CHECK(told[2].ping.state == HOST_UP && told[2].ping.reason == REASON_LOCALHOST);
	CHECK(told[3].ping.state == HOST_DOWN && told[3].ping.reason == REASON_NO_ROUTE);
	CHECK(told[1].nports == 3 && told[2].nports == 3 && told[3].end.probes == 0);
	for (unsigned int i = 0; i < nsent; i++)
		CHECK(sent[i].kind == PROBE_TCP_SYN && sent[i].machine != 3);
}

static void
a_ping_alone_sends_nothing_to_ports(void)
{
	begin(normal(), 1, 4);
	machines[5] = (struct machine){ .up = true, .port = mixed };
	target(5, STEP_PING);
	run(1, START + 100 * SECOND);
	CHECK(told[5].ping.state == HOST_UP && told[5].nports == 0 && nsent == 1);
}

/* Two kinds of ping are answered; while a host waits for room in the port scan, too. */
static void
more_hosts_than_may_be_in_the_port_scan_take_turns(void)
{
	struct msg_probeconfig	 c = normal();

	c.port_hosts = 2;
	c.npings = 2;
	c.ping[1] = (struct ping_kind){ .kind = PROBE_TCP_SYN, .port = 443 };
	begin(c, 1, 100);
	copies = 1;
	copy_delay = 30 * MSEC;
	for (uint32_t i = 0; i < 40; i++) {
		machines[i] = (struct machine){ .up = true, .port = mixed, .rtt = RTT + i * MSEC };
		target(i, BOTH);
	}
	run(40, START + 1000 * SECOND);
	CHECK(nended == 40);
	for (uint32_t i = 0; i < 40; i++)
		CHECK(told[i].ping.state == HOST_UP && told[i].nports == 75);
}

/* Ids are used again at once, as the parent does, and each host is one for itself. */
static void
an_id_may_be_used_again(void)
{
	begin(normal(), 1, 8);
	for (uint32_t i = 0; i < MACHINES; i++) {
		machines[i] = (struct machine){ .up = i % 3 != 0, .port = mixed };
		memset(&told[1], 0, sizeof(told[1]));
		target_as(1, i, BOTH);
		run(i + 1, now + 100 * SECOND);
		CHECK(nended == i + 1 && told[1].nports == (i % 3 != 0 ? 6 : 0));
	}
}

static void
after_a_stop_nothing_is_sent(void)
{
	unsigned int	 before;

	begin(normal(), 1, 1000);
	machines[5] = (struct machine){ .up = true, .port = mixed };
	machines[6] = (struct machine){ .up = true, .port = mixed };
	target(5, BOTH);
	target(6, BOTH);
	run(2, START + 60 * MSEC);
	before = nsent;
	CHECK(before > 10 && !engine_drained(now));
	engine_stop(now);
	for (int i = 0; i < 100 && !engine_drained(now); i++)
		run(2, now + 20 * MSEC);
	CHECK(nsent == before && engine_drained(now) && now < START + 2 * SECOND);
	CHECK(told[5].nports > 0);	/* what was on its way was taken in */
	for (int i = 0; i < 30; i++, now += SECOND) {
		deliver(now);
		engine_run(now);
	}
	hear();
	CHECK(nsent == before && nended == 0);
}

static void
a_reply_to_what_was_not_asked_is_late(void)
{
	struct verdict	 v = {
		.question = { .src = US, .dst = address(5), .kind = PROBE_TCP_SYN, .port = 80 },
		.sent = START, .host = HOST_UP, .port = PORT_OPEN, .reason = REASON_SYN_ACK
	};

	begin(normal(), 1, 100);
	machines[5] = (struct machine){ .port = NULL };
	engine_reply(&v, now);			/* no such host */
	target(5, STEP_PORTS);
	run(1, now + 50 * MSEC);
	v.question.port = 101;
	engine_reply(&v, now);			/* not a port of this scan */
	v.question.port = 80;
	v.question.kind = PROBE_TCP_ACK;
	engine_reply(&v, now);			/* not in this way */
	v.question.kind = PROBE_ICMP_ECHO;
	v.question.port = 0;
	engine_reply(&v, now);			/* never pinged */
	hear();
	CHECK(counters().late == 4 && told[5].nports == 0);
	v.question.kind = PROBE_TCP_SYN;
	v.question.port = 80;
	engine_reply(&v, now);
	hear();
	CHECK(counters().late == 4 && told[5].nports == 1 && told[5].port[80] == PORT_OPEN);
	v.port = PORT_CLOSED;
	engine_reply(&v, now);			/* it has spoken */
	hear();
	CHECK(counters().late == 5 && told[5].nports == 1);
}

/* The kernel's queue is full for a while: nothing is missed for that. */
static void
a_full_queue_loses_no_probe(void)
{
	begin(normal(), 1, 400);
	machines[5] = (struct machine){ .up = true, .port = mixed };
	target(5, BOTH);
	for (int i = 0; i < 1000 && nended == 0; i++) {
		queue_full = i % 3 != 0;
		run(1, now + 5 * MSEC);
	}
	CHECK(nended == 1 && told[5].nports == 300 && counters().full > 0);
	CHECK(counters().sent == nsent && told[5].end.probes == nsent);
	for (uint16_t p = 1; p <= 400; p++)
		CHECK(tries(5, PROBE_TCP_SYN, p) == (mixed(p) == PORT_UNKNOWN ? 2 : 1));
}

static void
same_id(void)
{
	begin(normal(), 1, 1);
	target_as(5, 5, BOTH);
	target_as(5, 6, BOTH);
}

static void
same_address(void)
{
	begin(normal(), 1, 1);
	target_as(5, 5, BOTH);
	target_as(6, 5, BOTH);
}

static void
id_out_of_range(void)
{
	begin(normal(), 1, 1);
	engine_target(&(struct target_entry){
		.id = MACHINES, .steps = BOTH, .addr = address(5) }, now);
}

static void
a_parent_that_lies_ends_the_prober(void)
{
	char	 said[200];

	CHECK(apart(same_id, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "host 5 is in hand") != NULL);
	CHECK(apart(same_address, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "address of host 6 is in hand") != NULL);
	CHECK(apart(id_out_of_range, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "out of range") != NULL);
}

int
main(void)
{
	CASE_APART(every_port_gets_its_state);
	CASE_APART(silent_ports_are_asked_twice_and_others_once);
	CASE_APART(without_retries_every_port_is_asked_once);
	CASE_APART(a_second_try_waits_for_the_first);
	CASE_APART(canaries_are_asked_among_silent_ports);
	CASE_APART(without_a_ping_a_port_that_answered_is_the_canary);
	CASE_APART(in_order_or_the_popular_ports_first);
	CASE_APART(shuffled_by_the_seed_with_the_popular_ports_first);
	CASE_APART(replies_that_come_again_change_nothing);
	CASE_APART(a_host_slower_than_its_time_out_is_waited_for);
	CASE_APART(an_icmp_error_is_overruled_by_the_port_itself);
	CASE_APART(a_host_on_the_link_is_asked_by_arp_alone);
	CASE_APART(a_host_that_is_silent_is_down);
	CASE_APART(some_hosts_are_not_pinged);
	CASE_APART(a_ping_alone_sends_nothing_to_ports);
	CASE_APART(more_hosts_than_may_be_in_the_port_scan_take_turns);
	CASE_APART(an_id_may_be_used_again);
	CASE_APART(after_a_stop_nothing_is_sent);
	CASE_APART(a_reply_to_what_was_not_asked_is_late);
	CASE_APART(a_full_queue_loses_no_probe);
	CASE(a_parent_that_lies_ends_the_prober);
	return (test_done());
}
