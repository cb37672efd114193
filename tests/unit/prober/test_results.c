/*
 * What the parent is told: all of it, in messages as full as they can be, a host's ping before
 * its ports and its ports before its end, however little room there is.
 */

#include <sys/socket.h>

#include <string.h>

#include "apart.h"
#include "log.h"
#include "prober.h"

static struct chan	 chan;
static int		 parents_end;

static void
begin_with(uint32_t scans)
{
	int	 pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1)
		abort();
	chan_init(&chan, pair[0], PROBER, PARENT, NULL);
	parents_end = pair[1];
	hosts_reserve();
	hosts_init(HOSTS_MAX, scans, 1);
}

static void
begin(void)
{
	begin_with(1);
}

/* send.c's, which this test does without. */
const struct siphash_key *
send_key(void)
{
	static const struct siphash_key	 key;

	return (&key);
}

/* engine.c's. */
uint32_t
engine_timeout(const struct host *h)
{
	(void)h;
	return (1000000);
}

static void
ping(uint32_t id)
{
	struct host	*h = host_at(id);

	h->step = STEP_PORTS;
	h->state = HOST_UP;
	h->reason = REASON_ECHO_REPLY;
	h->rtt.srtt = 1000 + id;
	result_ping(h);
}

static void
port(uint32_t id, uint16_t number)
{
	result_port(id, &(struct port_entry){
		.port = number, .proto = PROTO_TCP, .state = PORT_OPEN,
		.reason = REASON_SYN_ACK });
}

static void
done(uint32_t id)
{
	struct host	*h = host_at(id);

	h->sent = 77 + id;
	h->coverage = 9000;
	h->outcome = OUTCOME_TIMED_OUT;
	result_done(h);
}

/* The next message; MSG_NONE when there is none. */
static struct msg
next(void)
{
	struct msg	 m;

	if (recv(parents_end, &m, sizeof(m), MSG_DONTWAIT) != sizeof(m))
		m.type = MSG_NONE;
	return (m);
}

/* Room for n messages, and no more. */
static void
give_room(uint32_t n)
{
	chan.acked = chan.sent - (CHAN_WINDOW - n);
	CHECK(chan_room(&chan) == n);
}

static void
nothing_to_say_is_not_said(void)
{
	begin();
	CHECK(results_flush(&chan) && next().type == MSG_NONE);
}

static void
a_host_comes_in_order(void)
{
	struct msg	 m;

	begin();
	done(1);	/* whatever the order they were put in */
	port(1, 80);
	ping(1);
	port(1, 22);
	CHECK(results_flush(&chan));
	m = next();
	CHECK(m.type == MSG_PINGS && check_pings(&m) && m.pings.n == 1 && m.pings.e[0].id == 1);
	CHECK(m.pings.e[0].state == HOST_UP && m.pings.e[0].reason == REASON_ECHO_REPLY &&
	    m.pings.e[0].rtt == 1001 && !m.pings.e[0].has_mac);
	m = next();
	CHECK(m.type == MSG_PORTSTATES && check_portstates(&m) && m.portstates.n == 2);
	CHECK(m.portstates.e[0].port.port == 80 && m.portstates.e[1].port.port == 22);
	m = next();
	CHECK(m.type == MSG_HOSTSDONE && check_hostsdone(&m) && m.hostsdone.n == 1);
	CHECK(m.hostsdone.e[0].id == 1 && m.hostsdone.e[0].srtt == 1001 &&
	    m.hostsdone.e[0].probes == 78 && m.hostsdone.e[0].coverage == 9000 &&
	    m.hostsdone.e[0].outcome == OUTCOME_TIMED_OUT);
	CHECK(next().type == MSG_NONE && results_flush(&chan));
}

/* Who says that a host is down lies where the host's own address by ARP would. */
static void
a_host_that_is_down_says_who_said_so(void)
{
	struct host	*h;
	struct msg	 m;

	begin();
	h = host_at(3);
	h->state = HOST_DOWN;
	h->reason = REASON_TIME_EXCEEDED;
	h->from = addr_from_ipv4(0xc00002fe);
	h->ttl = 9;
	h->rtt.srtt = 5;
	result_ping(h);
	CHECK(results_flush(&chan));
	m = next();
	CHECK(m.type == MSG_PINGS && check_pings(&m) && m.pings.e[0].state == HOST_DOWN &&
	    addr_equal(&m.pings.e[0].from, &h->from) && m.pings.e[0].ttl == 9);
}

static void
a_host_found_by_arp_says_its_address(void)
{
	static const uint8_t	 mac[6] = { 2, 0, 0, 0, 0, 9 };
	struct host		*h;
	struct msg		 m;

	begin();
	h = host_at(3);
	h->state = HOST_UP;
	h->reason = REASON_ARP_RESPONSE;
	memcpy(h->mac, mac, sizeof(mac));
	result_ping(h);
	CHECK(results_flush(&chan));
	m = next();
	CHECK(m.type == MSG_PINGS && check_pings(&m) && m.pings.e[0].has_mac &&
	    memcmp(m.pings.e[0].mac, mac, sizeof(mac)) == 0 &&
	    m.pings.e[0].from.family == FAMILY_NONE);
}

/* The host's memory is what is told: an id is free again only when all of it was. */
static void
an_id_is_in_use_until_its_end_is_told(void)
{
	begin();
	ping(5);
	done(5);
	give_room(1);
	CHECK(!results_flush(&chan) && next().type == MSG_PINGS && host_at(5)->step != 0);
	give_room(1);
	CHECK(results_flush(&chan) && next().type == MSG_HOSTSDONE && host_at(5)->step == 0);
}

static void
messages_are_filled(void)
{
	struct msg	 m;
	uint32_t	 pings = 0, dones = 0;

	begin();
	for (uint32_t id = 0; id < 100; id++) {
		ping(id);
		done(id);
	}
	CHECK(results_flush(&chan));
	for (int i = 0; i < 4; i++) {
		m = next();
		CHECK(m.type == MSG_PINGS && m.pings.n == PINGS_MAX && check_pings(&m));
		for (uint32_t k = 0; k < m.pings.n; k++)
			CHECK(m.pings.e[k].id == pings++);
	}
	for (int i = 0; i < 2; i++) {
		m = next();
		CHECK(m.type == MSG_HOSTSDONE && check_hostsdone(&m));
		CHECK(m.hostsdone.n == (i == 0 ? HOSTSDONE_MAX : 100 - HOSTSDONE_MAX));
		for (uint32_t k = 0; k < m.hostsdone.n; k++)
			CHECK(m.hostsdone.e[k].id == dones++);
	}
	CHECK(next().type == MSG_NONE);
}

/* Half of what there may be under way; hosts' pings and ports count alike. */
static void
many_results_are_told_to_be_many(void)
{
	uint32_t	 id = 0;

	begin();
	for (; id < CHAN_WINDOW / 4 * PINGS_MAX; id++)
		ping(id);
	for (uint32_t i = 0; i < CHAN_WINDOW / 4 * PORTSTATES_MAX - 1; i++)
		port(i % id, 80);
	CHECK(!results_many());
	port(1, 80);
	CHECK(results_many());
	CHECK(results_flush(&chan) && !results_many());
}

/* One message at a time, and new results in between: no end overtakes a port or a ping. */
static void
little_room_does_not_change_the_order(void)
{
	bool		 pinged[64] = { false }, ended[64] = { false };
	uint32_t	 ports[64] = { 0 }, id = 0, all = 0;

	begin();
	for (int turn = 0; turn < 1000 && all < 60; turn++) {
		struct msg	 m;

		if (id < 60) {
			ping(id);
			for (uint16_t p = 0; p < 40; p++)
				port(id, p);
			done(id++);
		}
		give_room(1);
		results_flush(&chan);
		m = next();
		for (uint32_t i = 0; m.type == MSG_PINGS && i < m.pings.n; i++)
			pinged[m.pings.e[i].id] = true;
		for (uint32_t i = 0; m.type == MSG_PORTSTATES && i < m.portstates.n; i++) {
			CHECK(pinged[m.portstates.e[i].id] && !ended[m.portstates.e[i].id]);
			ports[m.portstates.e[i].id]++;
		}
		for (uint32_t i = 0; m.type == MSG_HOSTSDONE && i < m.hostsdone.n; i++, all++) {
			CHECK(ports[m.hostsdone.e[i].id] == 40);
			ended[m.hostsdone.e[i].id] = true;
		}
	}
	CHECK(all == 60 && results_flush(&chan));
}

static void
without_room_it_waits(void)
{
	begin();
	give_room(0);
	ping(1);
	CHECK(!results_flush(&chan) && next().type == MSG_NONE);
	give_room(1);
	CHECK(results_flush(&chan) && next().type == MSG_PINGS);
}

/* Ports are limited, and say so; a host more or less always has room. */
static void
room_for_ports_ends_and_comes_back(void)
{
	uint32_t	 n, got = 0;
	struct msg	 m;

	begin();
	for (n = 0; results_room() && n < 1000000; n++)
		port(n % 7, (uint16_t)n);
	CHECK(!results_room() && n < 1000000);
	for (uint32_t id = 0; id < HOSTS_MAX; id++) {
		ping(id);
		done(id);
	}
	for (int i = 0; i < 10000 && !results_flush(&chan); i++) {
		give_room(CHAN_WINDOW);
		while ((m = next()).type != MSG_NONE)
			for (uint32_t k = 0; m.type == MSG_PORTSTATES && k < m.portstates.n; k++)
				CHECK(m.portstates.e[k].port.port == (uint16_t)got++);
	}
	CHECK(got == n && results_room());
}

/* Hosts in the port scan, each with its own cursor. */
static void
begin_scans(uint32_t n)
{
	begin_with(n);
	progress_init(1000, 0);
	for (uint32_t id = 0; id < n; id++) {
		ping(id);
		CHECK(host_begin_scan(host_at(id)));
		host_scan(host_at(id))->settled = (struct reach){ .cursor = 7 + id, .pass = 3 };
	}
	while (!results_flush(&chan) || next().type != MSG_NONE)
		give_room(CHAN_WINDOW);
}

static void
progress_is_told_when_its_time_has_come_and_once(void)
{
	struct msg	 m;

	begin_scans(3);
	progress_turn(999999);
	CHECK(results_flush(&chan) && next().type == MSG_NONE);
	progress_turn(1000000);
	CHECK(results_flush(&chan));
	m = next();
	CHECK(m.type == MSG_PROGRESS && check_progress(&m) && m.progress.n == 3);
	for (uint32_t i = 0; i < 3; i++)
		CHECK(m.progress.e[i].id == i && m.progress.e[i].cursor == 7 + i &&
		    m.progress.e[i].pass == 3);
	host_scan(host_at(1))->settled.cursor = 99;
	progress_turn(1999999);
	CHECK(results_flush(&chan) && next().type == MSG_NONE);
	progress_turn(2000000);
	CHECK(results_flush(&chan));
	m = next();
	CHECK(m.type == MSG_PROGRESS && m.progress.n == 1 && m.progress.e[0].id == 1 &&
	    m.progress.e[0].cursor == 99);
	host_at(2)->state = HOST_UP;
	progress_turn(3000000);
	CHECK(results_flush(&chan) && next().type == MSG_NONE);
}

/* In pieces, with results in between, and to the end, though others have news already. */
static void
progress_takes_the_room_there_is_and_overtakes_nothing(void)
{
	bool		 told[300] = { false };
	uint32_t	 n = 0;

	begin_scans(300);
	progress_turn(1000000);
	for (uint16_t turn = 0; turn < 20 && n < 300; turn++) {
		struct msg	 m;

		port(turn, turn);
		give_room(1);
		CHECK(!results_flush(&chan));
		m = next();
		CHECK(m.type == MSG_PORTSTATES && m.portstates.e[0].port.port == turn);
		CHECK(next().type == MSG_NONE);
		give_room(1);
		results_flush(&chan);
		m = next();
		CHECK(m.type == MSG_PROGRESS && check_progress(&m) && next().type == MSG_NONE);
		for (uint32_t i = 0; i < m.progress.n; i++, n++) {
			CHECK(!told[m.progress.e[i].id]);
			told[m.progress.e[i].id] = true;
			host_scan(host_at(m.progress.e[i].id))->settled.cursor++;
		}
		progress_turn((turn + 2U) * 1000000);
	}
	give_room(1);
	CHECK(n == 300);
}

/* Results that never cease can't put it off for ever: there is no room for them meanwhile. */
static void
results_wait_for_progress_that_is_late(void)
{
	begin_scans(1);
	for (int i = 0; i < 100; i++)
		port(0, 1);
	progress_turn(1000000);
	give_room(1);
	CHECK(!results_flush(&chan) && results_room());
	progress_turn(2000000);
	CHECK(!results_room());
	for (int i = 0; i < 10 && !results_room(); i++) {
		give_room(1);
		results_flush(&chan);
	}
	CHECK(results_room());
	while (next().type == MSG_PORTSTATES)
		;
	give_room(1);
	CHECK(results_flush(&chan) && host_scan(host_at(0))->told.cursor == 7);
}

/* Then as far as was asked, and no further rounds. */
static void
the_last_progress_is_all_there_is(void)
{
	struct msg	 m;

	begin_scans(2);
	host_scan(host_at(0))->cursor = 8;
	host_at(0)->pass = 3;
	host_scan(host_at(1))->cursor = 8;
	host_at(1)->pass = 4;
	progress_last(1000000);
	CHECK(results_flush(&chan));
	m = next();
	CHECK(m.type == MSG_PROGRESS && m.progress.n == 2 && m.progress.e[0].cursor == 8 &&
	    m.progress.e[1].cursor == 8 && m.progress.e[1].pass == 4);
	host_at(1)->pass = 5;
	progress_turn(5000000);
	progress_last(1000000);
	CHECK(results_flush(&chan) && next().type == MSG_NONE);
}

static void
one_port_too_many(void)
{
	while (results_room())
		port(1, 1);
	port(1, 1);
}

static void
one_ping_too_many(void)
{
	begin();
	for (uint32_t id = 0; id <= HOSTS_MAX; id++)
		ping(id % HOSTS_MAX);
}

static void
one_end_twice(void)
{
	begin();
	done(1);
	done(1);
}

static void
what_has_no_room_is_a_bug_not_an_overwrite(void)
{
	char	 said[200];

	CHECK(apart(one_port_too_many, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "no room") != NULL);
	CHECK(apart(one_ping_too_many, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "no room") != NULL);
	CHECK(apart(one_end_twice, said, sizeof(said)) == STATUS_PROCESS);
}

int
main(void)
{
	CASE_APART(nothing_to_say_is_not_said);
	CASE_APART(a_host_comes_in_order);
	CASE_APART(a_host_that_is_down_says_who_said_so);
	CASE_APART(a_host_found_by_arp_says_its_address);
	CASE_APART(an_id_is_in_use_until_its_end_is_told);
	CASE_APART(messages_are_filled);
	CASE_APART(many_results_are_told_to_be_many);
	CASE_APART(little_room_does_not_change_the_order);
	CASE_APART(without_room_it_waits);
	CASE_APART(room_for_ports_ends_and_comes_back);
	CASE_APART(progress_is_told_when_its_time_has_come_and_once);
	CASE_APART(progress_takes_the_room_there_is_and_overtakes_nothing);
	CASE_APART(results_wait_for_progress_that_is_late);
	CASE_APART(the_last_progress_is_all_there_is);
	CASE(what_has_no_room_is_a_bug_not_an_overwrite);
	return (test_done());
}
