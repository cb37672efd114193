/*
 * How probes leave: in batches, in order, by which socket, and what becomes of those that the
 * kernel does not take.  The kernel is played here: it stands in for open.c and route.c.
 */

#include <net/ethernet.h>

#include <string.h>

#include "prober.h"
#include "test.h"

#define TAKEN_MAX	1024

static struct route	 routes[] = {
	{ .fd = FD_PACKET, .mac = { 2, 0, 0, 0, 0, 1 } },
	{ .fd = FD_PACKET + 1, .mac = { 2, 0, 0, 0, 0, 2 }, .gateway = { .family = FAMILY_IPV4 },
	    .gateway_mac = { 2, 0, 0, 0, 0, 0xfe } },
	{ .fd = FD_PACKET, .gateway = { .family = FAMILY_IPV4 } },
	{ .fd = FD_RAW },
};
enum { ON_LINK, GATEWAY, SILENT_GATEWAY, UNKNOWN };

static struct parcel	 taken[TAKEN_MAX];
static unsigned int	 ntaken, calls;
static unsigned int	 room = TAKEN_MAX;	/* what the kernel's queue still takes */
static uint16_t		 bad_port;		/* the kernel refuses it for good */

const struct route *
route_at(uint16_t n)
{
	return (&routes[n]);
}

static uint16_t
port_of(const struct parcel *p)
{
	return ((uint16_t)(p->frame.packet[22] << 8 | p->frame.packet[23]));
}

unsigned int
transmit(const struct parcel p[], unsigned int n, bool *refused)
{
	unsigned int	 i;

	CHECK(n >= 1 && n <= BATCH_MAX);
	calls++;
	*refused = false;
	for (i = 0; i < n && room > 0 && ntaken < TAKEN_MAX; i++) {
		CHECK(p[i].fd == p[0].fd);
		*refused = bad_port != 0 && port_of(&p[i]) == bad_port;
		if (*refused)
			break;
		taken[ntaken++] = p[i];
		room--;
	}
	return (i);
}

static struct host
host_on(uint16_t route)
{
	return ((struct host){
		.addr = addr_from_ipv4(0xc6336407), .way = { .route = route }
	});
}

static void
put_as(const struct host *h, enum probe_kind kind, uint16_t port, uint8_t tryno)
{
	struct question	 q = {
		.src = addr_from_ipv4(0xc0000201), .dst = h->addr, .kind = (uint8_t)kind,
		.port = port
	};

	send_probe(h, &q, cookie_make(send_key(), &q, tryno, 1000000), tryno);
}

static void
put(const struct host *h, enum probe_kind kind, uint16_t port)
{
	put_as(h, kind, port, 0);
}

/* The parcel that a probe to this host becomes. */
static struct parcel
sent_to(const struct host *h, enum probe_kind kind)
{
	put(h, kind, 80);
	CHECK(send_flush());
	return (taken[ntaken - 1]);
}

static struct msg_stats
counted(void)
{
	struct msg_stats	 s = { .sent = 0 };

	send_counted(&s);
	return (s);
}

static void
begin(bool frames)
{
	send_init(frames);
	ntaken = calls = 0;
	room = TAKEN_MAX;
	bad_port = 0;
}

static void
a_batch_leaves_in_one_call_and_in_order(void)
{
	struct host	 h = host_on(UNKNOWN);
	uint64_t	 before = counted().sent;
	uint16_t	 n = 0;

	begin(false);
	for (; send_room(); n++)
		put(&h, PROBE_TCP_SYN, n);
	CHECK(n == BATCH_MAX && ntaken == 0);
	CHECK(send_flush() && calls == 1 && ntaken == BATCH_MAX && send_room());
	for (unsigned int i = 0; i < ntaken; i++)
		CHECK(port_of(&taken[i]) == i && addr_equal(&taken[i].dst, &h.addr) &&
		    taken[i].len == 44);
	CHECK(counted().sent == before + BATCH_MAX);
	CHECK(send_flush() && calls == 1);
}

static void
what_a_full_queue_leaves_goes_with_the_next_flush(void)
{
	struct host		 h = host_on(UNKNOWN);
	struct msg_stats	 before = counted();

	begin(false);
	room = 10;
	for (uint16_t i = 0; i < BATCH_MAX; i++)
		put(&h, PROBE_TCP_SYN, i);
	CHECK(!send_flush() && ntaken == 10 && !send_room());
	CHECK(!send_flush() && ntaken == 10);
	room = TAKEN_MAX;
	CHECK(send_flush() && ntaken == BATCH_MAX && send_room());
	for (unsigned int i = 0; i < ntaken; i++)
		CHECK(port_of(&taken[i]) == i);
	CHECK(counted().full == before.full + BATCH_MAX - 10);
	CHECK(counted().sent == before.sent + BATCH_MAX);
}

static void
a_refused_probe_is_counted_and_the_next_go_on(void)
{
	struct host		 h = host_on(UNKNOWN);
	struct msg_stats	 before = counted();

	begin(false);
	bad_port = 3;
	for (uint16_t i = 1; i <= 8; i++)
		put(&h, PROBE_TCP_SYN, i);
	CHECK(send_flush() && ntaken == 7);
	CHECK(counted().refused == before.refused + 1 && counted().sent == before.sent + 7);
}

/* The frame's header is this one. */
static bool
is_framed(const struct parcel *p, const uint8_t dst[6], const uint8_t src[6], uint16_t type)
{
	const uint8_t	 *header = (const uint8_t *)&p->frame;

	return (memcmp(header, dst, 6) == 0 && memcmp(header + 6, src, 6) == 0 &&
	    header[12] == type >> 8 && header[13] == (type & 0xff) &&
	    p->frame.packet == header + 14);
}

/* Pings of both kinds, canaries, ports: those that left, however many turns that took. */
static void
packets_are_counted_by_what_they_are_for(void)
{
	struct host		 h = host_on(ON_LINK);
	struct msg_stats	 before = counted(), after;

	begin(false);
	put(&h, PROBE_ARP, 0);
	put_as(&h, PROBE_ICMP_ECHO, 0, TRY_CANARY - 1);
	put_as(&h, PROBE_TCP_SYN, 1, TRY_CANARY);
	put_as(&h, PROBE_TCP_SYN, 2, TRY_PORT - 1);
	for (uint8_t i = TRY_PORT; i < TRIES; i++)
		put_as(&h, PROBE_TCP_SYN, i, i);
	room = 5;
	CHECK(!send_flush());
	after = counted();
	CHECK(after.sent == before.sent + 5 && after.pings == before.pings + 2 &&
	    after.ports == before.ports + 1);
	room = TAKEN_MAX;
	CHECK(send_flush());
	after = counted();
	CHECK(after.sent == before.sent + 4 + TRIES - TRY_PORT);
	CHECK(after.pings == before.pings + 2 && after.ports == before.ports + TRIES - TRY_PORT);
}

static void
what_is_refused_is_counted_as_nothing_else(void)
{
	struct host		 h = host_on(UNKNOWN);
	struct msg_stats	 before = counted(), after;

	begin(false);
	bad_port = 3;
	for (uint16_t i = 0; i < 20; i++)
		put_as(&h, PROBE_TCP_SYN, 3, TRY_PORT);
	CHECK(send_flush());
	after = counted();
	CHECK(after.refused == before.refused + 20 && after.sent == before.sent &&
	    after.ports == before.ports && after.pings == before.pings);
	for (uint16_t i = 0; i < 60; i++)
		put_as(&h, PROBE_TCP_SYN, i % 4, i % 8 < 4 ? TRY_PING : TRY_PORT);
	CHECK(send_flush());
	after = counted();
	CHECK(after.refused == before.refused + 35 && after.sent == before.sent + 45);
	CHECK(after.pings == before.pings + 24 && after.ports == before.ports + 21);
}

static void
arp_goes_as_a_broadcast_and_splits_the_batch(void)
{
	static const uint8_t	 all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct host		 h = host_on(ON_LINK);

	begin(false);
	put(&h, PROBE_TCP_SYN, 1);
	put(&h, PROBE_TCP_SYN, 2);
	put(&h, PROBE_ARP, 0);
	put(&h, PROBE_TCP_SYN, 3);
	CHECK(send_flush() && calls == 3 && ntaken == 4);
	CHECK(taken[1].fd == FD_RAW && taken[3].fd == FD_RAW);
	CHECK(taken[2].fd == FD_PACKET && taken[2].len == 28);
	CHECK(is_framed(&taken[2], all, routes[ON_LINK].mac, ETHERTYPE_ARP));
	CHECK(memcmp(taken[2].frame.packet + 8, routes[ON_LINK].mac, 6) == 0);
}

static void
frames_go_to_the_host_itself_or_to_its_gateway(void)
{
	struct host	 h = host_on(ON_LINK);
	struct parcel	 p;

	begin(true);
	h.mac[5] = 9;
	p = sent_to(&h, PROBE_TCP_SYN);
	CHECK(p.fd == FD_PACKET && is_framed(&p, h.mac, routes[ON_LINK].mac, ETHERTYPE_IP));
	h.way.route = GATEWAY;
	p = sent_to(&h, PROBE_ICMP_ECHO);
	CHECK(p.fd == FD_PACKET + 1);
	CHECK(is_framed(&p, routes[GATEWAY].gateway_mac, routes[GATEWAY].mac, ETHERTYPE_IP));
}

static void
each_link_gets_a_batch_of_its_own(void)
{
	struct host	 near = host_on(ON_LINK), far = host_on(GATEWAY);

	begin(true);
	near.mac[5] = 9;
	put(&near, PROBE_TCP_SYN, 1);
	put(&near, PROBE_TCP_SYN, 2);
	put(&far, PROBE_TCP_SYN, 3);
	put(&near, PROBE_TCP_SYN, 4);
	CHECK(send_flush() && calls == 3 && ntaken == 4);
	CHECK(taken[1].fd == FD_PACKET && taken[2].fd == FD_PACKET + 1);
}

static void
without_a_known_address_it_is_raw_ip(void)
{
	struct host	 h = host_on(ON_LINK);

	begin(true);
	CHECK(sent_to(&h, PROBE_TCP_SYN).fd == FD_RAW);
	h.mac[5] = 9;
	h.way.local = true;
	CHECK(sent_to(&h, PROBE_TCP_SYN).fd == FD_RAW);
	h.way.local = false;
	CHECK(sent_to(&h, PROBE_TCP_SYN).fd == FD_PACKET);
	h.way.route = SILENT_GATEWAY;
	CHECK(sent_to(&h, PROBE_TCP_SYN).fd == FD_RAW);
	h.way.route = UNKNOWN;
	CHECK(sent_to(&h, PROBE_TCP_SYN).fd == FD_RAW);
}

static void
without_send_eth_nothing_but_arp_is_a_frame(void)
{
	begin(false);
	for (uint16_t route = ON_LINK; route <= UNKNOWN; route++) {
		struct host	 h = host_on(route);
		struct parcel	 p;

		h.mac[5] = 9;
		p = sent_to(&h, PROBE_TCP_ACK);
		CHECK(p.fd == FD_RAW && addr_equal(&p.dst, &h.addr));
	}
}

static void
each_start_has_a_key_of_its_own(void)
{
	struct siphash_key	 before;

	send_init(false);
	before = *send_key();
	send_init(false);
	CHECK(memcmp(&before, send_key(), sizeof(before)) != 0);
}

int
main(void)
{
	CASE(a_batch_leaves_in_one_call_and_in_order);
	CASE(what_a_full_queue_leaves_goes_with_the_next_flush);
	CASE(a_refused_probe_is_counted_and_the_next_go_on);
	CASE(packets_are_counted_by_what_they_are_for);
	CASE(what_is_refused_is_counted_as_nothing_else);
	CASE(arp_goes_as_a_broadcast_and_splits_the_batch);
	CASE(frames_go_to_the_host_itself_or_to_its_gateway);
	CASE(each_link_gets_a_batch_of_its_own);
	CASE(without_a_known_address_it_is_raw_ip);
	CASE(without_send_eth_nothing_but_arp_is_a_frame);
	CASE(each_start_has_a_key_of_its_own);
	return (test_done());
}
