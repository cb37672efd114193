/*
 * What hosts share: the places in the port scan, which the parent gives back, the window over
 * all of them, and the links of this machine.  None takes what is another's.
 */

#include "network.h"

#define BOTH	(STEP_PING | STEP_PORTS)

static enum port_state
closed(uint16_t port)
{
	(void)port;
	return (PORT_CLOSED);
}

static enum port_state
silent(uint16_t port)
{
	(void)port;
	return (PORT_UNKNOWN);
}

static uint64_t
invalid(void)
{
	struct msg_stats	 s;

	engine_stats(&s);
	return (s.invalid);
}

/* Port probes that were sent to it. */
static unsigned int
port_probes(uint32_t machine)
{
	unsigned int	 n = 0;

	for (unsigned int i = 0; i < nsent; i++)
		n += sent[i].machine == machine && sent[i].kind == PROBE_TCP_SYN;
	return (n);
}

/* Up to two hosts in the port scan, whom the parent does not release by itself. */
static void
begin_two(void)
{
	struct msg_probeconfig	 c = normal();

	c.port_hosts = 2;
	withheld = true;
	begin(c, 1, 20);
}

static void
a_third_host_waits_until_the_parent_is_done_with_another(void)
{
	begin_two();
	for (uint32_t i = 0; i < 4; i++) {
		machines[i] = (struct machine){
			.up = true, .port = closed, .rtt = RTT * (i + 1)
		};
		target(i, BOTH);
	}
	run(4, START + 100 * SECOND);
	CHECK(nended == 2 && told[0].ends == 1 && told[1].ends == 1);
	CHECK(told[2].pings == 1 && told[2].ping.state == HOST_UP && port_probes(2) == 0);
	CHECK(told[3].pings == 1 && port_probes(3) == 0);
	engine_release(1);
	run(4, now + 100 * SECOND);
	CHECK(nended == 3 && told[2].nports == 20 && port_probes(3) == 0);
	engine_release(2);
	run(4, now + 100 * SECOND);
	CHECK(nended == 4 && told[3].nports == 20);
}

/* A host that is down, or pinged alone, has no place in the port scan. */
static void
only_hosts_in_the_port_scan_count(void)
{
	begin_two();
	for (uint32_t i = 0; i < 10; i++) {
		machines[i] = (struct machine){ .up = i % 2 == 0, .port = closed };
		target(i, i % 2 == 0 ? STEP_PING : BOTH);
	}
	run(10, START + 100 * SECOND);
	CHECK(nended == 10);
	for (uint32_t i = 10; i < 12; i++) {
		machines[i] = (struct machine){ .up = true, .port = closed };
		target(i, BOTH);
	}
	run(12, now + 100 * SECOND);
	CHECK(nended == 12 && told[10].nports == 20 && told[11].nports == 20);
}

static void
release_nobody_scanned(void)
{
	begin_two();
	engine_release(1);
}

static void
release_one_twice(void)
{
	begin_two();
	machines[5] = (struct machine){ .up = true, .port = closed };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	CHECK(nended == 1);
	engine_release(1);
	fprintf(stderr, "released once\n");
	engine_release(1);
}

static void
release_more_than_there_can_be(void)
{
	begin_two();
	engine_release(UINT32_MAX);
}

static void
more_releases_than_scans_are_a_lie(void)
{
	char	 said[200];

	CHECK(apart(release_nobody_scanned, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "more hosts are released than were scanned") != NULL);
	CHECK(apart(release_one_twice, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "released once") != NULL);
	CHECK(strstr(said, "more hosts are released than were scanned") != NULL);
	CHECK(apart(release_more_than_there_can_be, said, sizeof(said)) == STATUS_PROCESS);
}

/* Anybody may say that an address is his; but only on the link where it is asked for. */
static void
an_arp_reply_from_another_link_is_no_answer(void)
{
	struct packet	 p = {
		.kind = PACKET_ARP_REPLY, .src = address(5), .dst = US, .ifindex = 8
	};

	begin(normal(), 1, 4);
	machines[5] = (struct machine){ .onlink = true, .port = closed };
	target(5, BOTH);
	put_on_way(now + 10 * MSEC, &p);
	run(1, now + 50 * MSEC);
	CHECK(told[5].pings == 0 && invalid() == 1);
	p.ifindex = 7;
	put_on_way(now + 10 * MSEC, &p);
	run(1, now + 20 * MSEC);
	CHECK(told[5].pings == 1 && told[5].ping.state == HOST_UP && invalid() == 1);
}

/* A capture of one interface does not say where a packet came in. */
static void
an_arp_reply_from_no_known_link_is_one(void)
{
	struct packet	 p = { .kind = PACKET_ARP_REPLY, .src = address(5), .dst = US };

	begin(normal(), 1, 4);
	machines[5] = (struct machine){ .onlink = true, .port = closed };
	target(5, BOTH);
	put_on_way(now + 10 * MSEC, &p);
	run(1, now + 20 * MSEC);
	CHECK(told[5].pings == 1 && told[5].ping.state == HOST_UP && invalid() == 0);
}

static uint32_t	 hostile;	/* how many hosts answer only what is sent again */

/* Once they are through, how many probes go to others before any of those has answered? */
static void
others_may_have_the_initial_window(void)
{
	unsigned int	 before;

	begin(normal(), 1, 100);
	for (uint32_t i = 0; i < hostile; i++) {
		machines[i] = (struct machine){ .port = closed, .hesitates = true };
		target(i, STEP_PORTS);
	}
	run(hostile, START + 1000 * SECOND);
	CHECK(nended == hostile);
	for (uint32_t i = 0; i < hostile; i++)
		CHECK(told[i].nports == 100);
	before = nsent;
	for (uint32_t i = 100; i < 140; i++) {
		machines[i] = (struct machine){ .port = silent };
		target(i, STEP_PORTS);
	}
	for (int i = 0; i < 40 && engine_run(now); i++)
		;
	CHECK(nsent - before >= 10);
}

static void
hosts_that_answer_only_retransmissions_do_not_hold_up_others(void)
{
	for (hostile = 2; hostile <= 40; hostile += 2)
		CHECK(apart(others_may_have_the_initial_window, NULL, 0) == 0);
}

int
main(void)
{
	CASE_APART(a_third_host_waits_until_the_parent_is_done_with_another);
	CASE_APART(only_hosts_in_the_port_scan_count);
	CASE(more_releases_than_scans_are_a_lie);
	CASE_APART(an_arp_reply_from_another_link_is_no_answer);
	CASE_APART(an_arp_reply_from_no_known_link_is_one);
	CASE(hosts_that_answer_only_retransmissions_do_not_hold_up_others);
	return (test_done());
}
