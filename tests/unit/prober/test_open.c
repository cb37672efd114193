/*
 * The real sockets, in a network namespace of the test's own: what leaves by them, what comes
 * in and when, and what the kernel refuses.
 */

#include <sys/socket.h>

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "prober.h"
#include "script.h"
#include "test.h"

#define LOCALHOST	0x7f000001
#define NOWHERE		0xc0000201	/* no route leads there */
#define EVERYBODY	0x0a0200ff	/* on a link: not without SO_BROADCAST */
#define BEHIND_SLOW	0x0a010007	/* a link that takes a packet in two seconds */
#define NEAR_END	0x0a020001	/* of a cable that has both its ends here */
#define FAR_END		0x0a030001
#define MAY_WAIT	2000		/* milliseconds */

static const uint8_t	 near_mac[6] = { 2, 0, 0, 0, 0, 2 }, far_mac[6] = { 2, 0, 0, 0, 0, 3 };
static const char	 network[] =
	"ip link set lo up\n"
	"ip link add slow0 type veth peer name slow1\n"
	"ip link set slow1 up\n"
	"ip addr add 10.1.0.1/24 dev slow0\n"
	"ip link set slow0 up\n"
	"ip neigh add 10.1.0.7 lladdr 02:00:00:00:00:07 dev slow0\n"
	"tc qdisc add dev slow0 root tbf rate 8kbit burst 1540 limit 1540\n"
	"ip link add near0 address 02:00:00:00:00:02 type veth"
	"    peer name far0 address 02:00:00:00:00:03\n"
	"ip addr add 10.2.0.1/24 dev near0\n"
	"ip addr add 10.3.0.1/24 dev far0\n"
	"ip link set near0 up\n"
	"ip link set far0 up\n"
	/* What comes from ourselves, by a cable, would be a martian. */
	"for i in all near0 far0; do\n"
	"echo 1 >/proc/sys/net/ipv4/conf/$i/accept_local\n"
	"echo 0 >/proc/sys/net/ipv4/conf/$i/rp_filter; done\n";

static const struct siphash_key	 key;

static struct parcel
syn(uint32_t from, uint32_t to)
{
	struct question	 q = {
		.src = addr_from_ipv4(from), .dst = addr_from_ipv4(to),
		.kind = PROBE_TCP_SYN, .port = 9
	};
	struct parcel	 p = { .dst = q.dst, .fd = FD_RAW };

	p.len = (uint16_t)build_probe(p.frame.packet, &q, cookie_make(&key, &q, 0, prober_now()),
	    1, 64, NULL);
	return (p);
}

/* By which socket frames leave for where this address is. */
static int
socket_to(uint32_t ip)
{
	struct addr	 dst = addr_from_ipv4(ip);
	struct way	 w;

	CHECK(route_to(&dst, 0, &w) == ROUTE_FOUND && w.onlink);
	return (route_at(w.route)->fd);
}

/* The same in a frame, from the near end of the cable to its far end. */
static struct parcel
framed(void)
{
	struct parcel	 p = syn(NEAR_END, FAR_END);

	p.fd = socket_to(NEAR_END + 1);
	build_frame(&p.frame, far_mac, near_mac, ETHERTYPE_IP);
	return (p);
}

/* Send one: true when the kernel took it. */
static bool
leaves(const struct parcel *p)
{
	bool	 refused;

	return (transmit(p, 1, &refused) == 1 && !refused);
}

/* The next packet, for which there may be a wait; what capture_next() said of it. */
static int
next_packet(struct packet *p, usec_t *when)
{
	int	 got;

	for (int i = 0; i < 100; i++) {
		if ((got = capture_next(p, when)) != 0)
			return (got);
		(void)poll((struct pollfd[CAPTURES]){
			{ .fd = capture_fd(CAPTURE_IP), .events = POLLIN },
			{ .fd = capture_fd(CAPTURE_ARP), .events = POLLIN } }, CAPTURES,
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
	CHECK(next_packet(&packet, &when) == 1 && is_reset(&packet));
	CHECK(packet.ifindex == if_nametoindex("lo"));
	CHECK(when >= before && when <= prober_now());
	CHECK(capture_next(&packet, &when) == 0);
}

static void
a_probe_by_raw_ip_is_answered(void)
{
	struct parcel	 p = syn(LOCALHOST, LOCALHOST);

	check_answered(&p);
}

/* Packets of its protocol, and with them errors that quote such, are for sockets that hear all. */
static void
a_raw_ip_socket_hears_nothing(void)
{
	uint8_t			 packet[20] = {
		0x45, 0, 0, 20, [8] = 64, IPPROTO_RAW, [12] = 127, 0, 0, 1, 127, 0, 0, 1
	};
	struct sockaddr_in	 to = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	}, bound;
	socklen_t		 len = sizeof(bound);
	int			 control = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	CHECK(sendto(control, packet, sizeof(packet), 0, (struct sockaddr *)&to, sizeof(to)) == 20);
	CHECK(recv(control, packet, sizeof(packet), MSG_DONTWAIT) == 20);
	CHECK(recv(FD_RAW, packet, sizeof(packet), MSG_DONTWAIT) == -1 && errno == EAGAIN);
	close(control);
	CHECK(getsockname(FD_RAW, (struct sockaddr *)&bound, &len) == 0);
	CHECK(IN_MULTICAST(ntohl(bound.sin_addr.s_addr)));
}

static void
a_probe_in_a_frame_is_answered(void)
{
	struct parcel	 p = framed();

	check_answered(&p);
	p.frame.dst[5]++;	/* to somebody else on that link */
	CHECK(leaves(&p));
	p.frame.dst[5]--;
	p.fd = socket_to(FAR_END + 1);	/* out of the wrong end */
	CHECK(leaves(&p));
	p = framed();
	check_answered(&p);
}

/* What the kernel takes the first frame for that is on its way out; 0: there is none. */
static uint16_t
protocol_that_left(int control)
{
	struct sockaddr_ll	 from = { .sll_pkttype = PACKET_HOST };
	socklen_t		 len = sizeof(from);
	char			 frame[64];

	while (from.sll_pkttype != PACKET_OUTGOING)
		if (recvfrom(control, frame, sizeof(frame), MSG_DONTWAIT,
		    (struct sockaddr *)&from, &len) == -1)
			return (0);
	return (ntohs(from.sll_protocol));
}

static struct parcel
arp_request(void)
{
	struct question	 q = {
		.src = addr_from_ipv4(NEAR_END), .dst = addr_from_ipv4(FAR_END),
		.kind = PROBE_ARP
	};
	struct parcel	 p = { .fd = socket_to(NEAR_END + 1) };
	uint8_t		 everybody[6];

	memset(everybody, 0xff, sizeof(everybody));
	build_frame(&p.frame, everybody, near_mac, ETHERTYPE_ARP);
	p.len = (uint16_t)build_probe(p.frame.packet, &q, (struct cookie){ 0 }, 0, 1, near_mac);
	return (p);
}

static void
an_arp_request_is_answered(void)
{
	struct parcel	 p = arp_request();
	struct packet	 packet;
	usec_t		 when;
	int		 control = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	CHECK(leaves(&p));
	CHECK(protocol_that_left(control) == ETHERTYPE_ARP);
	close(control);
	CHECK(next_packet(&packet, &when) == 1 && packet.kind == PACKET_ARP_REPLY);
	CHECK(memcmp(packet.mac, far_mac, sizeof(far_mac)) == 0);
	CHECK(packet.ifindex == if_nametoindex("near0"));
	CHECK(capture_next(&packet, &when) == 0);
}

/* Its filter can't be taken away. */
static bool
is_locked(int fd)
{
	const int	 zero = 0;

	return (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero)) == -1 &&
	    errno == EPERM);
}

/* What is captured comes in by other sockets: these hear nothing, of their link either. */
static void
a_packet_socket_hears_nothing(void)
{
	struct parcel	 p = framed();
	char		 frame[64];
	int		 control = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	check_answered(&p);
	CHECK(recv(control, frame, sizeof(frame), MSG_DONTWAIT) > 0);
	CHECK(recv(p.fd, frame, sizeof(frame), MSG_DONTWAIT) == -1 && errno == EAGAIN);
	CHECK(is_locked(p.fd));
	p.fd = socket_to(FAR_END + 1);
	CHECK(recv(p.fd, frame, sizeof(frame), MSG_DONTWAIT) == -1 && errno == EAGAIN);
	CHECK(is_locked(p.fd) && !is_locked(control));
	CHECK(is_locked(capture_fd(CAPTURE_IP)) && is_locked(capture_fd(CAPTURE_ARP)));
	close(control);
}

/* However many packets of other kinds are there already. */
static void
no_flood_holds_up_an_arp_reply(void)
{
	struct parcel	 syns[BATCH_MAX], arp = arp_request();
	struct packet	 packet = { .kind = PACKET_OTHER };
	unsigned int	 n;
	usec_t		 when;
	bool		 refused;

	for (n = 0; n < BATCH_MAX; n++)
		syns[n] = syn(LOCALHOST, LOCALHOST);
	CHECK(transmit(syns, BATCH_MAX, &refused) == BATCH_MAX && leaves(&arp));
	for (n = 0; n < 40 && packet.kind != PACKET_ARP_REPLY; n++)
		CHECK(next_packet(&packet, &when) == 1);
	CHECK(packet.kind == PACKET_ARP_REPLY && n < 40);
	while (capture_next(&packet, &when) != 0)
		;
}

static void
what_the_kernel_refuses_does_not_hold_up_the_rest(void)
{
	struct parcel	 p[5];
	struct packet	 packet;
	unsigned int	 resets = 0;
	usec_t		 when;
	bool		 refused;

	for (unsigned int i = 0; i < 5; i++)
		p[i] = syn(LOCALHOST, i == 2 ? EVERYBODY : LOCALHOST);
	CHECK(transmit(p, 5, &refused) == 2 && refused);
	CHECK(transmit(p + 2, 3, &refused) == 0 && refused);
	CHECK(transmit(p + 3, 2, &refused) == 2 && !refused);
	while (resets < 4 && next_packet(&packet, &when) == 1)
		resets += is_reset(&packet);
	CHECK(resets == 4);
}

static void
a_link_that_is_down_holds_frames_back(void)
{
	struct parcel	 p[2] = { framed(), framed() };
	bool		 refused;

	CHECK(script_run("ip link set near0 down"));
	CHECK(transmit(p, 2, &refused) == 0 && !refused);
	CHECK(transmit(p + 1, 1, &refused) == 0 && !refused);
	CHECK(script_run("ip link set near0 up"));
	check_answered(&p[0]);
}

static void
as_does_a_route_that_is_gone(void)
{
	struct parcel	 p = syn(NEAR_END, NOWHERE);
	bool		 refused;

	CHECK(transmit(&p, 1, &refused) == 0 && !refused);
	CHECK(script_run("ip route add default via 10.2.0.9"));
	CHECK(leaves(&p));
	CHECK(script_run("ip route del default"));
}

/* The link's own queue: its drops are not to pass for a firewall's. */
static void
a_full_queue_stops_a_batch(void)
{
	struct parcel	 p[BATCH_MAX];
	unsigned int	 done = 0, tries = 0;
	bool		 refused;

	for (unsigned int by_link = 0; by_link <= 1; by_link++) {
		for (unsigned int i = 0; i < BATCH_MAX; i++)
			p[i] = syn(0x0a010001, BEHIND_SLOW);
		for (unsigned int i = 0; i < BATCH_MAX && by_link == 1; i++)
			p[i].fd = socket_to(BEHIND_SLOW);
		for (done = BATCH_MAX, tries = 0; tries < 10 && done == BATCH_MAX; tries++)
			done = transmit(p, BATCH_MAX, &refused);
		CHECK(done < BATCH_MAX && !refused);
	}
}

static void
what_leaves_is_not_captured(void)
{
	struct parcel	 p = syn(LOCALHOST, LOCALHOST);
	struct packet	 packet;
	usec_t		 when;

	/* To a port that the filter lets through; it comes in, by lo, and is not answered. */
	memcpy(p.frame.packet + 22, p.frame.packet + 20, 2);
	CHECK(leaves(&p));
	CHECK(next_packet(&packet, &when) == 1 && packet.tcp_flags == TCP_SYN);
	CHECK(capture_next(&packet, &when) == 0);
	/* And in a frame, by a link whose other end is here: it comes in, once. */
	p = framed();
	memcpy(p.frame.packet + 22, p.frame.packet + 20, 2);
	CHECK(leaves(&p));
	CHECK(next_packet(&packet, &when) == 1 && packet.tcp_flags == TCP_SYN);
	CHECK(capture_next(&packet, &when) == 0);
}

static void
what_came_in_is_counted(void)
{
	struct msg_stats	 before = { .received = 0 }, after = { .received = 0 };
	struct parcel		 p = syn(LOCALHOST, LOCALHOST);
	struct packet		 packet;
	usec_t			 when;

	capture_stats(&before);
	CHECK(leaves(&p) && next_packet(&packet, &when) == 1);
	p.frame.packet[32] = 0x10;	/* a TCP header of four bytes: the filter lets it through */
	memcpy(p.frame.packet + 22, p.frame.packet + 20, 2);
	CHECK(leaves(&p) && next_packet(&packet, &when) == -1);
	capture_stats(&after);
	CHECK(after.received == before.received + 2 && after.invalid == before.invalid + 1);
	CHECK(after.dropped == 0);
}

/* Send it so often, and take nothing in: for how many packets was there no room? */
static uint64_t
dropped_by(const struct parcel *p, unsigned int times)
{
	struct msg_stats	 before = { .received = 0 }, after = { .received = 0 };
	struct parcel		 batch[BATCH_MAX];
	bool			 refused = false;

	for (unsigned int i = 0; i < BATCH_MAX; i++)
		batch[i] = *p;
	capture_stats(&before);
	for (unsigned int sent = 0, i = 0; sent < times && i < times; i++)
		sent += transmit(batch, BATCH_MAX, &refused);
	CHECK(!refused);
	capture_stats(&after);
	return (after.dropped - before.dropped);
}

/* Each capture has a ring of its own, and they are counted together. */
static void
what_there_was_no_room_for_is_counted(void)
{
	struct parcel	 p = syn(LOCALHOST, LOCALHOST), arp = arp_request();
	struct packet	 packet;
	usec_t		 when;

	CHECK(dropped_by(&p, BATCH_MAX) == 0 && dropped_by(&arp, BATCH_MAX) == 0);
	CHECK(dropped_by(&p, 60000) > 0);
	CHECK(dropped_by(&arp, 6000) > 0);
	while (capture_next(&packet, &when) != 0)
		;
}

int
main(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNET) == -1 || !script_run(network)) {
		SKIP("sockets", "no network namespace with a slow link can be made");
		return (0);
	}
	if (!root_routes(NULL))
		return (1);
	root_open(NULL, true);
	CASE(a_probe_by_raw_ip_is_answered);
	CASE(a_raw_ip_socket_hears_nothing);
	CASE(a_probe_in_a_frame_is_answered);
	CASE(an_arp_request_is_answered);
	CASE(a_packet_socket_hears_nothing);
	CASE(no_flood_holds_up_an_arp_reply);
	CASE(a_link_that_is_down_holds_frames_back);
	CASE(as_does_a_route_that_is_gone);
	CASE(what_the_kernel_refuses_does_not_hold_up_the_rest);
	CASE(a_full_queue_stops_a_batch);
	CASE(what_leaves_is_not_captured);
	CASE(what_came_in_is_counted);
	CASE(what_there_was_no_room_for_is_counted);
	return (test_done());
}
