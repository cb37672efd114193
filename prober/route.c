/*
 * Which way a packet to an address goes.  The source address is the kernel's own choice, asked
 * for by connecting a UDP socket (nothing is sent; it costs about as much as three probes), for
 * each target or a block of them (blocks.c), so that policy routing and VPNs are right.  The link
 * and the gateway are looked up in the interfaces and the main routing table, which are read once,
 * before the seal.  They count only where the source address is one of that link: otherwise other
 * rules than that table have decided, and where it goes is for the kernel alone to know.
 *
 * The kernel is trusted.
 */

#include <sys/socket.h>

#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>

#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "prober.h"

#define SOURCES_MAX	256
#define PREFIXES_MAX	1024
#define GATEWAYS_MAX	64
#define NO_LINK		(-1)
#define LOOPBACK	1	/* the index of lo in any network namespace */
#define NO_GATEWAY	(-1)

/* An interface that frames can be sent on: an Ethernet with ARP and an IPv4 address. */
struct link {
	char		 name[IF_NAMESIZE];
	unsigned int	 index;
	uint8_t		 mac[6];
};

/* One of our addresses. */
struct source {
	uint32_t	 ip;
	int		 link;
};

struct prefix {
	uint32_t	 net;		/* host byte order, like mask */
	uint32_t	 mask;
	int		 link;		/* in links, or NO_LINK */
	int		 gateway;	/* in gateways, or NO_GATEWAY: on the link itself */
};

static char		 only[IF_NAMESIZE];	/* -e: the one interface; else empty */
static bool		 elsewhere;		/* and that is not lo */
static struct link	 links[PACKET_SOCKETS];
static int		 nlinks;
static struct source	 sources[SOURCES_MAX];
static int		 nsources;
static struct prefix	 prefixes[PREFIXES_MAX];	/* long ones first, else as they came */
static int		 nprefixes;
static struct gateway	 gateways[GATEWAYS_MAX];
static int		 ngateways;

/* The ways out that targets have taken so far, and what each was made from. */
static struct route	 routes[ROUTES_MAX];
static struct kept {
	int	 link;
	int	 gateway;
}			 kept[ROUTES_MAX];
static uint16_t		 nroutes;

/* Is that an address of this link?  It may be labelled "eth0:1". */
static bool
is_label_of(const char *label, const struct link *l)
{
	size_t	 len = strcspn(label, ":");

	return (strlen(l->name) == len && strncmp(l->name, label, len) == 0);
}

static int
find_link(const char *label)
{
	for (int i = 0; i < nlinks; i++)
		if (is_label_of(label, &links[i]))
			return (i);
	return (NO_LINK);
}

static bool
root_is_of(const struct ifaddrs *i, sa_family_t family)
{
	return (i->ifa_addr != NULL && i->ifa_addr->sa_family == family);
}

static bool
root_has_address(const struct ifaddrs *list, const struct link *l)
{
	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next)
		if (root_is_of(i, AF_INET) && is_label_of(i->ifa_name, l))
			return (true);
	return (false);
}

static void
root_add_link(const struct ifaddrs *list, const struct ifaddrs *i)
{
	const unsigned int		 bad = IFF_NOARP | IFF_POINTOPOINT;
	const struct sockaddr_ll	*ll = (const void *)i->ifa_addr;
	struct link			 l = { .index = (unsigned int)ll->sll_ifindex };

	snprintf(l.name, sizeof(l.name), "%s", i->ifa_name);
	memcpy(l.mac, ll->sll_addr, sizeof(l.mac));
	if (nlinks < PACKET_SOCKETS && ll->sll_hatype == ARPHRD_ETHER &&
	    (i->ifa_flags & (bad | IFF_UP)) == IFF_UP && root_has_address(list, &l))
		links[nlinks++] = l;
}

static void
root_add_source(const struct ifaddrs *i)
{
	const struct sockaddr_in	*in = (const void *)i->ifa_addr;
	int				 link = find_link(i->ifa_name);

	if (nsources < SOURCES_MAX && link != NO_LINK)
		sources[nsources++] = (struct source){ ntohl(in->sin_addr.s_addr), link };
}

static void
root_read_links(const char *iface)
{
	struct ifaddrs	*list;

	if (getifaddrs(&list) == -1)
		fatal("interfaces");
	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next)
		if (root_is_of(i, AF_PACKET) && (iface == NULL || strcmp(i->ifa_name, iface) == 0))
			root_add_link(list, i);
	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next)
		if (root_is_of(i, AF_INET))
			root_add_source(i);
	freeifaddrs(list);
}

unsigned int
root_link_index(int n)
{
	return (n < nlinks ? links[n].index : 0);
}

/* The gateway's place in the table; -1 when that is full. */
static int
root_add_gateway(uint32_t ip, int link)
{
	struct gateway	 g = { .addr = addr_from_ipv4(ip), .ifindex = links[link].index };

	for (int i = 0; i < ngateways; i++)
		if (addr_equal(&gateways[i].addr, &g.addr) && gateways[i].ifindex == g.ifindex)
			return (i);
	if (ngateways == GATEWAYS_MAX)
		return (-1);
	gateways[ngateways] = g;
	return (ngateways++);
}

static void
root_add_prefix(const struct prefix *p)
{
	int	 at = nprefixes++;

	for (; at > 0 && prefixes[at - 1].mask < p->mask; at--)
		prefixes[at] = prefixes[at - 1];
	prefixes[at] = *p;
}

/* One line of the routing table; what it leads to may be unknown.  False: there are too many. */
static bool
root_read_route(const char *line, const char *iface)
{
	char		 name[IF_NAMESIZE];
	unsigned int	 dest, gateway, flags, mask;
	struct prefix	 p;

	if (sscanf(line, "%15s %x %x %x %*d %*d %*d %x", name, &dest, &gateway, &flags,
	    &mask) != 5 || (flags & RTF_UP) == 0 || (iface != NULL && strcmp(name, iface) != 0))
		return (true);
	p = (struct prefix){ ntohl(dest), ntohl(mask), find_link(name), NO_GATEWAY };
	if (p.link != NO_LINK && (flags & RTF_GATEWAY) != 0) {
		p.gateway = root_add_gateway(ntohl(gateway), p.link);
		if (p.gateway == -1)
			p.link = NO_LINK;
	}
	if (nprefixes == PREFIXES_MAX)
		return (false);
	root_add_prefix(&p);
	return (true);
}

bool
root_routes(const char *iface)
{
	char	 line[256];
	bool	 whole = true, arp = false;
	FILE	*f;

	if (iface != NULL) {
		snprintf(only, sizeof(only), "%s", iface);
		elsewhere = if_nametoindex(iface) != LOOPBACK;
	}
	root_read_links(iface);
	root_blocks();
	if ((f = fopen("/proc/net/route", "re")) == NULL)
		return (false);	/* all is left to the kernel, and so is ARP */
	while (whole && fgets(line, sizeof(line), f) != NULL)
		whole = root_read_route(line, iface);
	fclose(f);
	if (!whole)
		nprefixes = ngateways = 0;	/* half a table leads astray: the same */
	for (int i = 0; i < nprefixes; i++)
		arp = arp || (prefixes[i].gateway == NO_GATEWAY && prefixes[i].link != NO_LINK);
	return (arp);
}

void
root_routes_frames(void)
{
	root_find_gateways(gateways, (unsigned int)ngateways);
}

/* The longest prefix that covers an address, or NULL. */
static const struct prefix *
find_prefix(uint32_t ip)
{
	for (int i = 0; i < nprefixes; i++)
		if ((ip & prefixes[i].mask) == prefixes[i].net)
			return (&prefixes[i]);
	return (NULL);
}

static bool
is_on_link(uint32_t source, int link)
{
	for (int i = 0; i < nsources; i++)
		if (sources[i].ip == source && sources[i].link == link)
			return (true);
	return (false);
}

/*
 * Forget the target before, whose source address would be kept for the next.  The kernel then
 * forgets the interface as well.
 */
static int
disconnect(void)
{
	const struct sockaddr	 nobody = { .sa_family = AF_UNSPEC };

	if (connect(FD_ROUTE, &nobody, sizeof(nobody)) == -1)
		return (-1);
	if (only[0] == '\0')
		return (0);
	return (setsockopt(FD_ROUTE, SOL_SOCKET, SO_BINDTODEVICE, only, sizeof(only)));
}

/* The address the kernel would send from, or -1. */
static int
source_of(const struct addr *dst, struct addr *src)
{
	struct sockaddr_in	 to = { .sin_family = AF_INET, .sin_port = htons(9) }, from;
	socklen_t		 len = sizeof(from);

	memcpy(&to.sin_addr, dst->ip, sizeof(to.sin_addr));
	if (disconnect() == -1 || connect(FD_ROUTE, (struct sockaddr *)&to, sizeof(to)) == -1 ||
	    getsockname(FD_ROUTE, (struct sockaddr *)&from, &len) == -1)
		return (-1);
	*src = addr_from_ipv4(ntohl(from.sin_addr.s_addr));
	return (0);
}

static void
route_make(struct route *r, const struct addr *src, int link, int gateway)
{
	*r = (struct route){ .src = *src, .fd = FD_RAW };
	if (link == NO_LINK)
		return;
	r->fd = FD_PACKET + link;
	r->ifindex = links[link].index;
	memcpy(r->mac, links[link].mac, sizeof(r->mac));
	if (gateway == NO_GATEWAY)
		return;
	r->gateway = gateways[gateway].addr;
	memcpy(r->gateway_mac, gateways[gateway].mac, sizeof(r->gateway_mac));
}

/* The route that is all of this, a new one if need be; ROUTES_MAX when there is no room. */
static uint16_t
route_enter(const struct addr *src, int link, int gateway)
{
	static uint16_t	 last;		/* a target's neighbours come the same way */
	uint16_t	 i = last;

	for (uint16_t n = 0; n < nroutes; n++, i = (uint16_t)((i + 1) % nroutes))
		if (kept[i].link == link && kept[i].gateway == gateway &&
		    addr_equal(&routes[i].src, src))
			return (last = i);
	if (nroutes == ROUTES_MAX)
		return (ROUTES_MAX);
	route_make(&routes[nroutes], src, link, gateway);
	kept[nroutes] = (struct kept){ link, gateway };
	return (last = nroutes++);
}

enum route_found
route_to(const struct addr *dst, usec_t now, struct way *w)
{
	uint32_t		 ip = addr_to_ipv4(dst);
	const struct prefix	*p;
	struct addr		 src;
	int			 link = NO_LINK, gateway = NO_GATEWAY;

	*w = (struct way){ .route = 0 };
	/* "This network", multicast, reserved and broadcast (RFC 6890) are nobody's address. */
	if (dst->family != FAMILY_IPV4 || ip >> 24 == 0 || ip >> 28 >= 14)
		return (ROUTE_NOBODY);
	if (block_way(ip, now, w))
		return (ROUTE_FOUND);
	if (source_of(dst, &src) == -1)
		return (errno == EACCES ? ROUTE_NOBODY : ROUTE_NONE);
	w->local = ip >> 24 == 127 || addr_equal(&src, dst);
	if (w->local && elsewhere)
		return (ROUTE_NONE);
	p = w->local ? NULL : find_prefix(ip);
	if (p != NULL && p->link != NO_LINK && is_on_link(addr_to_ipv4(&src), p->link)) {
		link = p->link;
		gateway = p->gateway;
		w->onlink = gateway == NO_GATEWAY;
	}
	w->route = route_enter(&src, link, gateway);
	if (w->route == ROUTES_MAX) {
		*w = (struct way){ .route = 0 };
		return (ROUTE_NONE);
	}
	if (!w->local)		/* for these each may have its own source address: itself */
		block_learn(ip, now, w);
	return (ROUTE_FOUND);
}

const struct route *
route_at(uint16_t n)
{
	return (&routes[n]);
}
