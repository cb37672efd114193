/*
 * The ways that the prober finds, against a kernel whose routes are known: in a network namespace
 * of the test's own, with an Ethernet to a second one, in which a gateway answers ARP, a tunnel,
 * and a rule that the main table knows nothing of.
 */

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <net/if.h>

#include <poll.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "prober.h"
#include "script.h"
#include "test.h"

#define GATEWAY		0x0a0100fe	/* 10.1.0.254 */
#define SILENT		0x0a0100fd	/* 10.1.0.253 */
#define ETHERNET	0x0a010001	/* our addresses */
#define TUNNEL		0x0a020001
#define BLOCK		0xc6120000	/* 198.18.0.0 */

static const char	 network[] =
	"ip link set lo up\n"
	"ip link add eth0 address 02:00:00:00:00:01 type veth"
	"    peer name eth1 address 02:00:00:00:00:fe netns $PEER\n"
	"nsenter -t $PEER -n ip addr add 10.1.0.254/24 dev eth1\n"
	"nsenter -t $PEER -n ip link set eth1 up\n"
	"ip addr add 10.1.0.1/24 brd + dev eth0 label eth0:1\n"
	"ip link set eth0 up\n"
	"ip tuntap add tun0 mode tun\n"
	"ip addr add 10.2.0.1/24 dev tun0\n"
	"ip link set tun0 up\n"
	/* No frame can be sent on these: one has no address, one is down, one knows no ARP. */
	"ip link add bare0 type veth peer name bare1\n"
	"ip link set bare0 up\n"
	"ip link set bare1 up\n"
	"ip link add down0 type veth peer name down1\n"
	"ip addr add 10.8.0.1/24 dev down0\n"
	"ip addr add 10.8.1.1/24 dev down1\n"
	"ip link set down1 up arp off\n"
	"ip route add default via 10.1.0.254\n"
	"ip route add 10.3.0.0/16 via 10.1.0.253\n"
	"ip route add 10.1.0.128/25 via 10.1.0.254\n"
	"ip route add unreachable 10.5.0.0/16\n"
	"ip route add default dev tun0 table 100\n"
	"ip rule add to 10.6.0.0/16 lookup 100\n"
	"ip rule add to 198.18.1.64/26 lookup 100\n"
	"ip route add 198.18.2.128/25 dev tun0\n"
	"ip route add unreachable 198.18.3.7 table 101\n";

/* The way to an address that there is one to, and its route. */
static const struct route *
found(uint32_t ip, struct way *w)
{
	struct addr	 dst = addr_from_ipv4(ip);

	CHECK(route_to(&dst, 0, w) == ROUTE_FOUND);
	return (route_at(w->route));
}

static enum route_found
result(uint32_t ip)
{
	struct addr	 dst = addr_from_ipv4(ip);
	struct way	 w;

	return (route_to(&dst, 0, &w));
}

static bool
is_ip(const struct addr *a, uint32_t ip)
{
	return (a->family == FAMILY_IPV4 && addr_to_ipv4(a) == ip);
}

static void
a_neighbour_is_on_link(void)
{
	static const uint8_t	 mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct way		 w;
	const struct route	*r = found(0x0a010007, &w);

	CHECK(w.onlink && !w.local && r->fd == FD_PACKET && r->ifindex == if_nametoindex("eth0"));
	CHECK(is_ip(&r->src, 0x0a010001) && r->gateway.family == FAMILY_NONE);
	CHECK(memcmp(r->mac, mac, sizeof(mac)) == 0);
}

static void
the_rest_of_the_world_is_behind_a_gateway(void)
{
	struct way		 w, next;
	const struct route	*r = found(0xc0000201, &w);

	CHECK(!w.onlink && !w.local && r->fd == FD_PACKET && r->ifindex == if_nametoindex("eth0"));
	CHECK(is_ip(&r->gateway, GATEWAY) && is_ip(&r->src, 0x0a010001));
	CHECK(found(0xc0000202, &next) == r);
	CHECK(is_ip(&found(0x0a030001, &next)->gateway, SILENT) && next.route != w.route);
	CHECK(found(0xc6336407, &next) == r);
}

static void
the_longest_prefix_counts(void)
{
	struct way	 w;

	CHECK(is_ip(&found(0x0a0100c8, &w)->gateway, GATEWAY) && !w.onlink);
}

static void
a_tunnel_is_left_to_raw_ip(void)
{
	struct way		 w;
	const struct route	*r = found(0x0a020007, &w);

	CHECK(!w.onlink && r->fd == FD_RAW && r->ifindex == 0);
	CHECK(is_ip(&r->src, 0x0a020001) && r->gateway.family == FAMILY_NONE);
}

/* The main table would lead it to the gateway; the kernel's source address says otherwise. */
static void
where_rules_decide_the_link_is_not_known(void)
{
	struct way		 w;
	const struct route	*r = found(0x0a060001, &w);

	CHECK(r->fd == FD_RAW && !w.onlink && !w.local && is_ip(&r->src, 0x0a020001));
}

static void
links_are_up_and_have_arp_and_an_address(void)
{
	struct way	 w;

	CHECK(root_link_index(0) == if_nametoindex("eth0") && root_link_index(1) == 0);
	CHECK(route_at((found(0x0a080107, &w), w.route))->fd == FD_RAW && !w.onlink);
}

static void
our_own_addresses_are_local(void)
{
	struct way	 w;

	CHECK(is_ip(&found(0x0a010001, &w)->src, 0x0a010001) && w.local && !w.onlink);
	CHECK(route_at(w.route)->fd == FD_RAW);
	CHECK(is_ip(&found(0x7f000002, &w)->src, 0x7f000001) && w.local);
}

static void
what_leads_nowhere_or_to_nobody_is_told_apart(void)
{
	struct addr	 v6 = { .family = FAMILY_IPV6 };
	struct way	 w;

	CHECK(result(0x0a050001) == ROUTE_NONE);
	CHECK(result(0x0a0100ff) == ROUTE_NOBODY);	/* the broadcast address, by eth0 */
	CHECK(result(0xe0000001) == ROUTE_NOBODY && result(0xffffffff) == ROUTE_NOBODY);
	CHECK(result(0x00000001) == ROUTE_NOBODY);
	CHECK(route_to(&v6, 0, &w) == ROUTE_NOBODY);
}

static void
a_gateway_that_answers_has_an_address(void)
{
	static const uint8_t	 mac[6] = { 2, 0, 0, 0, 0, 0xfe }, none[6];
	struct way		 w;

	CHECK(memcmp(found(0xc0000201, &w)->gateway_mac, mac, sizeof(mac)) == 0);
	CHECK(memcmp(found(0x0a030001, &w)->gateway_mac, none, sizeof(none)) == 0);
}

/* Does the kernel, or what it said before, send it from this address? */
static bool
comes_from(uint32_t ip, usec_t now, uint32_t src)
{
	struct addr	 dst = addr_from_ipv4(ip);
	struct way	 w;

	return (route_to(&dst, now, &w) == ROUTE_FOUND && is_ip(&route_at(w.route)->src, src));
}

/* Only a block that was not asked of for a second is asked of again. */
static void
a_block_is_asked_of_once_a_second(void)
{
	CHECK(comes_from(BLOCK + 1, 5000000, ETHERNET));
	CHECK(script_run("ip route add 198.18.0.0/24 dev tun0"));
	CHECK(comes_from(BLOCK + 255, 6000000, ETHERNET));
	CHECK(comes_from(BLOCK + 2, 6000001, TUNNEL) && comes_from(BLOCK + 1, 6000002, TUNNEL));
	CHECK(script_run("ip route del 198.18.0.0/24"));
	CHECK(comes_from(BLOCK + 3, 7000001, TUNNEL));
	/* Another that would have the same place. */
	CHECK(comes_from(BLOCK + (1024 << 8), 7000001, ETHERNET));
	CHECK(comes_from(BLOCK + 3, 7000001, ETHERNET));
}

/* Parted by a rule, by a route, and by a route of a table that no rule leads to. */
static void
a_block_that_is_not_one_is_asked_of_each_time(void)
{
	CHECK(comes_from(BLOCK + 0x101, 0, ETHERNET) && comes_from(BLOCK + 0x141, 0, TUNNEL));
	CHECK(comes_from(BLOCK + 0x181, 0, ETHERNET));
	CHECK(comes_from(BLOCK + 0x201, 0, ETHERNET) && comes_from(BLOCK + 0x281, 0, TUNNEL));
	CHECK(comes_from(BLOCK + 0x301, 0, ETHERNET));
	CHECK(script_run("ip route add 198.18.3.0/24 dev tun0"));
	CHECK(comes_from(BLOCK + 0x301, 0, TUNNEL));
	CHECK(script_run("ip route del 198.18.3.0/24"));
}

/* Of a process that ran f(): did it succeed? */
static bool
in_another_process(bool (*f)(void))
{
	int	 status;
	pid_t	 pid = fork();

	if (pid == 0)
		_exit(f() ? 0 : 1);
	return (waitpid(pid, &status, 0) == pid && status == 0);
}

static bool
ethernet_alone(void)
{
	struct way	 w;

	return (root_routes("eth0") && is_ip(&found(0x0a010007, &w)->src, 0x0a010001) &&
	    w.onlink && is_ip(&found(0xc0000201, &w)->gateway, GATEWAY) &&
	    is_ip(&found(0x0a020007, &w)->gateway, GATEWAY));
}

static bool
tunnel_alone(void)
{
	struct way	 w;

	return (!root_routes("tun0") && is_ip(&found(0x0a020007, &w)->src, 0x0a020001) &&
	    route_at(w.route)->fd == FD_RAW && root_link_index(0) == 0 &&
	    is_ip(&found(0xc0000201, &w)->src, 0x0a020001) && !w.onlink);
}

static void
one_interface_can_be_had_alone(void)
{
	CHECK(in_another_process(ethernet_alone));
	CHECK(in_another_process(tunnel_alone));
}

/* With eth0 one more than there are sockets: the last one in order is left out. */
static bool
crowd_of_links(void)
{
	struct way	 w;
	int		 frames = 0;
	uint32_t	 i;

	if (!script_run("for i in 0 2 4 6 8 10 12 14; do j=$((i + 1))\n"
	    "ip link add many$i type veth peer name many$j\n"
	    "ip addr add 10.9.$i.1/24 dev many$i; ip addr add 10.9.$j.1/24 dev many$j\n"
	    "ip link set many$i up; ip link set many$j up; done\n") || !root_routes(NULL))
		return (false);
	for (i = 0; i < PACKET_SOCKETS; i++) {
		const struct route	*r = found(0x0a090007 + (i << 8), &w);

		if (w.onlink != (r->fd != FD_RAW) || w.onlink != (r->ifindex != 0) ||
		    (w.onlink && root_link_index(r->fd - FD_PACKET) != r->ifindex))
			return (false);
		frames += w.onlink;
	}
	return (frames == PACKET_SOCKETS - 1 && root_link_index(0) == if_nametoindex("eth0") &&
	    root_link_index(PACKET_SOCKETS - 1) != 0 && root_link_index(PACKET_SOCKETS) == 0);
}

/* Where a route has several next hops, those of one block go different ways. */
static bool
two_next_hops(void)
{
	unsigned int	 by_tunnel = 0;

	if (!script_run("ip route add 198.18.4.0/24 nexthop via 10.1.0.254 nexthop dev tun0\n") ||
	    !root_routes(NULL))
		return (false);
	for (uint32_t i = 0; i < 64; i++)
		by_tunnel += comes_from(BLOCK + 0x400 + i, 0, TUNNEL);
	for (uint32_t i = 0; i < 64; i++)
		by_tunnel += comes_from(BLOCK + 0x400 + i, 0, ETHERNET) ? 0x100 : 0;
	return ((by_tunnel & 0xff) != 0 && (by_tunnel & 0xff) + (by_tunnel >> 8) == 64 &&
	    by_tunnel >> 8 != 0);
}

static void
next_hops_are_chosen_for_each_address(void)
{
	CHECK(in_another_process(two_next_hops));
	CHECK(script_run("ip route del 198.18.4.0/24"));
}

static void
more_links_than_sockets_are_left_to_raw_ip(void)
{
	CHECK(in_another_process(crowd_of_links));
	CHECK(script_run("for i in 0 2 4 6 8 10 12 14; do ip link del many$i; done"));
}

/* Each of our own addresses is a way of its own. */
static bool
fill_table(void)
{
	enum route_found	 last = ROUTE_FOUND;
	uint32_t		 i;

	if (!script_run("for i in $(seq 0 199); do echo addr add 10.7.0.$i/32 dev lo;"
	    "echo addr add 10.7.1.$i/32 dev lo; done | ip -batch -"))
		return (false);
	for (i = 0; i < 400 && last == ROUTE_FOUND; i++)
		last = result(0x0a070000 + (i / 200 << 8) + i % 200);
	return (last == ROUTE_NONE && i <= ROUTES_MAX && i > ROUTES_MAX - 20 &&
	    result(0x0a070000) == ROUTE_FOUND);
}

static void
a_full_table_leads_nowhere_new(void)
{
	CHECK(in_another_process(fill_table));
}

static bool
learns_blocks(void)
{
	struct way	 w = { .route = 7 }, learnt = { .route = 0 };

	root_blocks();
	block_learn(BLOCK, 0, &w);
	return (block_way(BLOCK + 1, 0, &learnt) && learnt.route == 7);
}

/* No descriptor is left to read them by. */
static bool
learns_none(void)
{
	const struct rlimit	 none = { 0, 0 };

	return (setrlimit(RLIMIT_NOFILE, &none) == 0 && !learns_blocks());
}

static void
no_block_is_one_where_the_tables_cannot_be_read(void)
{
	CHECK(in_another_process(learns_blocks));
	CHECK(in_another_process(learns_none));
}

/* The second namespace lives as long as this process. */
static pid_t
start_peer(void)
{
	int	 ready[2], alive[2];
	pid_t	 pid;

	if (pipe(ready) == -1 || pipe(alive) == -1 || (pid = fork()) == -1)
		return (-1);
	if (pid == 0) {
		close(alive[1]);
		if (unshare(CLONE_NEWNET) == 0 && write(ready[1], "", 1) == 1)
			(void)poll(&(struct pollfd){ .fd = alive[0] }, 1, 60000);
		_exit(0);
	}
	close(ready[1]);
	return (read(ready[0], ready, 1) == 1 ? pid : -1);
}

static bool
start_network(void)
{
	char	 text[16];
	pid_t	 peer;

	if (unshare(CLONE_NEWNET) == -1 || (peer = start_peer()) == -1)
		return (false);
	snprintf(text, sizeof(text), "%d", (int)peer);
	setenv("PEER", text, 1);
	return (script_run(network) &&
	    dup2(socket(AF_INET, SOCK_DGRAM, 0), FD_ROUTE) == FD_ROUTE);
}

int
main(void)
{
	if (geteuid() != 0 || !start_network()) {
		SKIP("routes", "no network namespace with a tunnel can be made");
		return (0);
	}
	CASE(one_interface_can_be_had_alone);
	CASE(next_hops_are_chosen_for_each_address);
	CASE(more_links_than_sockets_are_left_to_raw_ip);
	CASE(no_block_is_one_where_the_tables_cannot_be_read);
	if (!root_routes(NULL))
		return (1);
	root_routes_frames();
	CASE(a_neighbour_is_on_link);
	CASE(the_rest_of_the_world_is_behind_a_gateway);
	CASE(the_longest_prefix_counts);
	CASE(a_tunnel_is_left_to_raw_ip);
	CASE(links_are_up_and_have_arp_and_an_address);
	CASE(where_rules_decide_the_link_is_not_known);
	CASE(our_own_addresses_are_local);
	CASE(what_leads_nowhere_or_to_nobody_is_told_apart);
	CASE(a_gateway_that_answers_has_an_address);
	CASE(a_block_is_asked_of_once_a_second);
	CASE(a_block_that_is_not_one_is_asked_of_each_time);
	CASE(a_full_table_leads_nowhere_new);
	return (test_done());
}
