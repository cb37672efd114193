/*
 * What hosts share: the places in the port scan, which the parent gives back, the rate over
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
	engine_release(1, now);
	run(4, now + 100 * SECOND);
	CHECK(nended == 3 && told[2].nports == 20 && port_probes(3) == 0);
	engine_release(2, now);
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
	engine_release(1, now);
}

static void
release_one_twice(void)
{
	begin_two();
	machines[5] = (struct machine){ .up = true, .port = closed };
	target(5, BOTH);
	run(1, START + 100 * SECOND);
	CHECK(nended == 1);
	engine_release(1, now);
	fprintf(stderr, "released once\n");
	engine_release(1, now);
}

static void
release_more_than_there_can_be(void)
{
	begin_two();
	engine_release(UINT32_MAX, now);
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

/* Addresses that are swept; those whose number is a multiple of 40 are up. */
static void
sweep(struct msg_probeconfig c, uint32_t n)
{
	begin(c, 1, 1);
	for (uint32_t i = 0; i < n; i++) {
		machines[i] = (struct machine){ .up = i % 40 == 0 };
		target(i, STEP_PING);
	}
	run(n, START + 1000 * SECOND);
	CHECK(nended == n);
}

/* Of the addresses, those that were told as what they are. */
static uint32_t
right(uint32_t n)
{
	uint32_t	 told_right = 0;

	for (uint32_t i = 0; i < n; i++)
		told_right += told[i].ping.state == (i % 40 == 0 ? HOST_UP : HOST_DOWN);
	return (told_right);
}

static void
silent_addresses_are_pinged_twice_and_others_once(void)
{
	sweep(normal(), 4000);
	CHECK(right(4000) == 4000 && probes() == 100 + 2 * 3900);
	CHECK(now < START + 4 * SECOND);
}

/* When the first try of a machine was sent, and the last. */
static usec_t
apart_by(uint32_t machine)
{
	usec_t	 first = 0, last = 0;

	for (unsigned int i = 0; i < nsent; i++)
		if (sent[i].machine == machine && !sent[i].canary) {
			first = first == 0 ? sent[i].at : first;
			last = sent[i].at;
		}
	return (last - first);
}

/* Once the neighbours have answered, a second try follows as soon as they would have. */
static void
a_silent_address_is_asked_again_as_soon_as_its_neighbours_answered(void)
{
	sweep(normal(), 200);
	CHECK(right(200) == 200 && now < START + 2500 * MSEC);
	CHECK(apart_by(1) >= 900 * MSEC && apart_by(199) < 200 * MSEC);
}

/* But it is not down because they are near. */
static void
a_host_farther_away_than_its_neighbours_is_waited_for(void)
{
	begin(normal(), 1, 1);
	for (uint32_t i = 0; i < 100; i++)
		machines[i] = (struct machine){
			.up = true, .rtt = i == 0 ? MSEC : 600 * MSEC
		};
	target(0, STEP_PING);
	run(1, START + 10 * SECOND);
	for (uint32_t i = 1; i < 100; i++)
		target(i, STEP_PING);
	run(100, START + 100 * SECOND);
	for (uint32_t i = 0; i < 100; i++)
		CHECK(told[i].ping.state == HOST_UP);
}

/* All on the link have to hear it: 10,000 a second, and ten at once. */
static void
arp_requests_are_not_showered_on_a_link(void)
{
	struct msg_probeconfig	 c = normal();

	c.timing = 5;
	begin(c, 1, 1);
	for (uint32_t i = 0; i < 4000; i++) {
		machines[i] = (struct machine){ .onlink = true, .up = i % 2 == 0 };
		target(i, STEP_PING);
	}
	run(4000, START + 100 * SECOND);
	CHECK(nended == 4000 && nsent == 2000 + 2 * 2000);
	for (unsigned int i = 100; i < nsent; i++)
		CHECK(sent[i].at >= sent[i - 100].at + 8 * MSEC);
}

/* Hosts that have answered tell what is lost, and so how often the others are asked. */
static void
a_sweep_through_loss_finds_every_host(void)
{
	loss = 20;
	sweep(normal(), 4000);
	CHECK(right(4000) == 4000);
	CHECK(probes() > 5 * 3900 && nsent - probes() > probes() / 100);
	CHECK(nsent - probes() < probes() / 8);
}

static void
a_sweep_does_not_flood_a_narrow_link(void)
{
	bottleneck.rate = 3000;
	bottleneck.room = 50;
	sweep(normal(), 4000);
	CHECK(right(4000) == 4000 && bottleneck.dropped < nsent / 10);
	CHECK(now < START + (usec_t)(1.3e6 * nsent / bottleneck.rate) + SECOND);
}

/* Through loss and full queues, what was sent is what it was sent for. */
static void
counters_add_up(void)
{
	unsigned int		 to_ports = 0, to_hosts = 0;
	struct msg_stats	 s;

	begin(normal(), 1, 300);
	loss = 10;
	for (uint32_t i = 0; i < 60; i++) {
		machines[i] = (struct machine){
			.up = i % 3 != 0, .onlink = i % 4 == 0, .port = closed
		};
		target(i, i % 5 == 0 ? STEP_PING : BOTH);
	}
	for (int i = 0; i < 20000 && nended < 60; i++) {
		queue_full = i % 3 == 0;
		run(60, now + 5 * MSEC);
	}
	CHECK(nended == 60);
	for (unsigned int i = 0; i < nsent; i++) {
		to_ports += sent[i].kind == PROBE_TCP_SYN && !sent[i].canary;
		to_hosts += sent[i].kind == PROBE_ARP;
	}
	engine_stats(&s);
	CHECK(s.sent == nsent && s.ports == to_ports && s.pings > to_hosts && s.full > 0);
	CHECK(s.canaries > 100 && s.sent == s.pings + s.ports + s.canaries);
}

/* With canaries, no more are in flight than may be. */
static void
a_bound_on_what_is_in_flight_is_kept_in_a_sweep(void)
{
	struct msg_probeconfig	 c = normal();

	c.max_parallelism = 1;
	sweep(c, 200);
	for (unsigned int i = 1; i < nsent; i++)
		CHECK(sent[i].at >= sent[i - 1].at + RTT);
}

int
main(void)
{
	CASE_APART(a_third_host_waits_until_the_parent_is_done_with_another);
	CASE_APART(only_hosts_in_the_port_scan_count);
	CASE(more_releases_than_scans_are_a_lie);
	CASE_APART(an_arp_reply_from_another_link_is_no_answer);
	CASE_APART(an_arp_reply_from_no_known_link_is_one);
	CASE_APART(silent_addresses_are_pinged_twice_and_others_once);
	CASE_APART(a_silent_address_is_asked_again_as_soon_as_its_neighbours_answered);
	CASE_APART(a_host_farther_away_than_its_neighbours_is_waited_for);
	CASE_APART(arp_requests_are_not_showered_on_a_link);
	CASE_APART(a_sweep_through_loss_finds_every_host);
	CASE_APART(a_sweep_does_not_flood_a_narrow_link);
	CASE_APART(counters_add_up);
	CASE_APART(a_bound_on_what_is_in_flight_is_kept_in_a_sweep);
	return (test_done());
}
