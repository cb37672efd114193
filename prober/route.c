/*
 * Which way a packet to an address goes.  The source address is the kernel's own choice, asked
 * for each target by connecting a UDP socket (nothing is sent), so that policy routing and VPNs
 * are right.  Which targets ARP can reach is read once, before the seal, from the interfaces
 * and the main routing table.  The kernel is trusted.
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

#include "log.h"
#include "prober.h"

#define LINKS_MAX	64
#define PREFIXES_MAX	256

struct link {
	char		 name[IF_NAMESIZE];
	unsigned int	 index;
	uint8_t		 mac[6];
};

/* A route without a gateway, or one with a gateway that lies within such a one. */
struct prefix {
	uint32_t	 net;		/* host byte order, like mask */
	uint32_t	 mask;
	int		 link;		/* in links; -1: through a gateway */
};

static struct link	 links[LINKS_MAX];
static int		 nlinks;
static struct prefix	 prefixes[PREFIXES_MAX];
static int		 nprefixes;

/* Ethernet interfaces on which ARP is spoken. */
static void
root_read_links(const char *iface)
{
	struct ifaddrs			*list;
	const struct sockaddr_ll	*ll;

	if (getifaddrs(&list) == -1)
		fatal("interfaces");
	for (struct ifaddrs *i = list; i != NULL && nlinks < LINKS_MAX; i = i->ifa_next) {
		if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_PACKET ||
		    (i->ifa_flags & (IFF_LOOPBACK | IFF_NOARP | IFF_POINTOPOINT)) != 0 ||
		    (i->ifa_flags & IFF_UP) == 0 ||
		    (iface != NULL && strcmp(i->ifa_name, iface) != 0))
			continue;
		ll = (const struct sockaddr_ll *)(const void *)i->ifa_addr;
		if (ll->sll_hatype != ARPHRD_ETHER || ll->sll_halen != 6)
			continue;
		snprintf(links[nlinks].name, IF_NAMESIZE, "%s", i->ifa_name);
		links[nlinks].index = (unsigned int)ll->sll_ifindex;
		memcpy(links[nlinks].mac, ll->sll_addr, 6);
		nlinks++;
	}
	freeifaddrs(list);
}

static int
find_link(const char *name)
{
	for (int i = 0; i < nlinks; i++)
		if (strcmp(links[i].name, name) == 0)
			return (i);
	return (-1);
}

/* The longest prefix that covers an address, or NULL. */
static const struct prefix *
find_prefix(uint32_t addr)
{
	const struct prefix	*best = NULL;

	for (int i = 0; i < nprefixes; i++)
		if ((addr & prefixes[i].mask) == prefixes[i].net &&
		    (best == NULL || prefixes[i].mask > best->mask))
			best = &prefixes[i];
	return (best);
}

/* One line of the routing table: does it belong to this pass, and where does it lead? */
static void
root_read_route(const char *line, bool gateways)
{
	char		 name[IF_NAMESIZE];
	unsigned int	 dest, gateway, flags, mask;
	int		 link;

	if (sscanf(line, "%15s %x %x %x %*d %*d %*d %x", name, &dest, &gateway, &flags,
	    &mask) != 5 || (flags & RTF_UP) == 0)
		return;
	dest = ntohl(dest);
	mask = ntohl(mask);
	link = find_link(name);
	if (((flags & RTF_GATEWAY) != 0 || link == -1) != gateways)
		return;
	if (gateways && find_prefix(dest) == NULL)
		return;
	if (nprefixes == PREFIXES_MAX)
		die(STATUS_PRIVILEGE, "more than %d routes on or within Ethernets: use -e",
		    PREFIXES_MAX);
	prefixes[nprefixes++] = (struct prefix){ dest, mask, gateways ? -1 : link };
}

bool
root_routes(const char *iface)
{
	char	 line[256];
	FILE	*f;

	root_read_links(iface);
	if ((f = fopen("/proc/net/route", "re")) == NULL)
		return (false);	/* no ARP then: the kernel's own serves */
	for (int gateways = 0; gateways <= 1; gateways++) {
		rewind(f);
		while (fgets(line, sizeof(line), f) != NULL)
			root_read_route(line, gateways);
	}
	fclose(f);
	return (nprefixes != 0);
}

/* The address the kernel would send from, or -1. */
static int
source_of(const struct addr *dst, struct addr *src)
{
	struct sockaddr_in	 to = { .sin_family = AF_INET, .sin_port = htons(9) }, from;
	socklen_t		 len = sizeof(from);

	memcpy(&to.sin_addr, dst->ip, sizeof(to.sin_addr));
	if (connect(FD_ROUTE, (struct sockaddr *)&to, sizeof(to)) == -1 ||
	    getsockname(FD_ROUTE, (struct sockaddr *)&from, &len) == -1)
		return (-1);
	*src = addr_from_ipv4(ntohl(from.sin_addr.s_addr));
	return (0);
}

enum route_found
route_to(const struct addr *dst, struct route *r)
{
	uint32_t		 ip = addr_to_ipv4(dst);
	const struct prefix	*p;

	memset(r, 0, sizeof(*r));
	/* "This network", multicast, reserved and broadcast (RFC 6890) are nobody's address. */
	if (dst->family != FAMILY_IPV4 || ip >> 24 == 0 || ip >> 28 >= 14)
		return (ROUTE_NOBODY);
	if (source_of(dst, &r->src) == -1)
		return (errno == EACCES ? ROUTE_NOBODY : ROUTE_NONE);
	r->local = ip >> 24 == 127 || addr_equal(&r->src, dst);
	p = find_prefix(ip);
	if (!r->local && p != NULL && p->link != -1) {
		r->onlink = true;
		r->ifindex = links[p->link].index;
		r->mac = links[p->link].mac;
	}
	return (ROUTE_FOUND);
}
