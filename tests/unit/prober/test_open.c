/*
 * The real sockets, in a network namespace of the test's own: what leaves by them, what comes
 * in and when, and what the kernel refuses.
 */

#include <sys/socket.h>

#include <net/ethernet.h>
#include <net/if.h>

#include <poll.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "prober.h"
#include "script.h"
#include "test.h"

#define LOCALHOST	0x7f000001
#define NOWHERE		0xc0000201	/* no route leads there */
#define BEHIND_SLOW	0x0a010007	/* a link that takes a packet in two seconds */
#define MAY_WAIT	2000		/* milliseconds */

static const char	 network[] =
	"ip link set lo up\n"
	/* A frame from ourselves would be a martian. */
	"echo 1 >/proc/sys/net/ipv4/conf/lo/route_localnet\n"
	"echo 1 >/proc/sys/net/ipv4/conf/lo/accept_local\n"
	"ip link add eth0 type veth peer name eth1\n"
	"ip link set eth1 up\n"
	"ip link set eth0 up arp off\n"
	"ip addr add 10.1.0.1/24 dev eth0\n"
	"tc qdisc add dev eth0 root tbf rate 8kbit burst 1540 limit 1540\n";

static const struct siphash_key	 key;

static struct parcel
syn(uint32_t from, uint32_t to, unsigned int ifindex)
{
	struct question	 q = {
		.src = addr_from_ipv4(from), .dst = addr_from_ipv4(to),
		.kind = PROBE_TCP_SYN, .port = 9
	};
	struct parcel	 p = { .dst = q.dst, .ifindex = ifindex, .type = ETHERTYPE_IP };

	p.len = (uint16_t)build_probe(p.bytes, &q, cookie_make(&key, &q, 0, prober_now()), 1, 64,
	    p.mac);
	return (p);
}

/* Send one: true when the kernel took it. */
static bool
leaves(const struct parcel *p)
{
	unsigned int	 refused;

	return (transmit(p, 1, &refused) == 1 && refused == 0);
}

/* The next packet, for which there may be a wait; what capture_next() said of it. */
static int
next_packet(struct packet *p, usec_t *when)
{
	int	 got;

	for (int i = 0; i < 100; i++) {
		if ((got = capture_next(p, when)) != 0)
			return (got);
		(void)poll(&(struct pollfd){ .fd = capture_fd(), .events = POLLIN }, 1,
		    MAY_WAIT / 100);
	}
	return (0);
}

static bool
is_reset(const struct packet *p)
{
	return (p->kind == PACKET_TCP && (p->tcp_flags & TCP_RST) != 0 && p->src_port == 9);
}

/* Send it, and see the closed port's reset, alone, timed between then and now. */
static void
check_answered(const struct parcel *p)
{
	usec_t		 before = prober_now(), when = 0;
	struct packet	 packet;

	CHECK(leaves(p));
	CHECK(next_packet(&packet, &when) == 1 && is_reset(&packet) && packet.ifindex == 1);
	CHECK(when >= before && when <= prober_now());
	CHECK(capture_next(&packet, &when) == 0);
}

static void
a_probe_by_raw_ip_is_answered(void)
{
	struct parcel	 p = syn(LOCALHOST, LOCALHOST, 0);

	check_answered(&p);
}

static void
a_probe_in_a_frame_is_answered(void)
{
	struct parcel	 p = syn(LOCALHOST, LOCALHOST, if_nametoindex("lo"));

	check_answered(&p);
}

static void
what_the_kernel_refuses_does_not_hold_up_the_rest(void)
{
	struct parcel	 p[5];
	struct packet	 packet;
	unsigned int	 refused, resets = 0;
	usec_t		 when;

	for (unsigned int i = 0; i < 5; i++)
		p[i] = syn(LOCALHOST, i % 2 == 0 ? NOWHERE : LOCALHOST, 0);
	CHECK(transmit(p, 5, &refused) == 5 && refused == 3);
	while (resets < 2 && next_packet(&packet, &when) == 1)
		resets += is_reset(&packet);
	CHECK(resets == 2);
	p[0] = syn(LOCALHOST, LOCALHOST, 9999);		/* no such interface */
	p[1] = syn(LOCALHOST, LOCALHOST, if_nametoindex("lo"));
	CHECK(transmit(p, 2, &refused) == 2 && refused == 1);
	CHECK(next_packet(&packet, &when) == 1 && is_reset(&packet));
}

/* The link's own queue: its drops are not to pass for a firewall's. */
static void
a_full_queue_stops_a_batch(void)
{
	struct parcel	 p[BATCH_MAX];
	unsigned int	 refused, done = 0, tries = 0;

	for (unsigned int by_link = 0; by_link <= 1; by_link++) {
		for (unsigned int i = 0; i < BATCH_MAX; i++)
			p[i] = syn(0x0a010001, BEHIND_SLOW,
			    by_link == 1 ? if_nametoindex("eth0") : 0);
		for (done = BATCH_MAX, tries = 0; tries < 10 && done == BATCH_MAX; tries++)
			done = transmit(p, BATCH_MAX, &refused);
		CHECK(done < BATCH_MAX && refused == 0);
	}
}

static void
what_leaves_is_not_captured(void)
{
	struct parcel	 p = syn(LOCALHOST, LOCALHOST, 0);
	struct packet	 packet;
	usec_t		 when;

	/* To a port that the filter lets through; it comes in, by lo, and is not answered. */
	memcpy(p.bytes + 22, p.bytes + 20, 2);
	CHECK(leaves(&p));
	CHECK(next_packet(&packet, &when) == 1 && packet.tcp_flags == TCP_SYN);
	CHECK(capture_next(&packet, &when) == 0);
}

static void
what_came_in_is_counted(void)
{
	struct msg_stats	 before = { .received = 0 }, after = { .received = 0 };
	struct parcel		 p = syn(LOCALHOST, LOCALHOST, 0);
	struct packet		 packet;
	usec_t			 when;

	capture_stats(&before);
	CHECK(leaves(&p) && next_packet(&packet, &when) == 1);
	p.bytes[0] = 0x45;
	p.bytes[32] = 0x10;	/* a TCP header of four bytes, which the filter lets through */
	memcpy(p.bytes + 22, p.bytes + 20, 2);
	CHECK(leaves(&p) && next_packet(&packet, &when) == -1);
	capture_stats(&after);
	CHECK(after.received == before.received + 2 && after.invalid == before.invalid + 1);
	CHECK(after.dropped == 0);
}

int
main(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNET) == -1 || !script_run(network)) {
		SKIP("sockets", "no network namespace with a slow link can be made");
		return (0);
	}
	root_open(NULL, true);
	CASE(a_probe_by_raw_ip_is_answered);
	CASE(a_probe_in_a_frame_is_answered);
	CASE(what_the_kernel_refuses_does_not_hold_up_the_rest);
	CASE(a_full_queue_stops_a_batch);
	CASE(what_leaves_is_not_captured);
	CASE(what_came_in_is_counted);
	return (test_done());
}
