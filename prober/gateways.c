/*
 * The gateways' addresses on their links, for --send-eth.  All of it runs before the seal, when
 * no stranger's byte is read here yet: so it is the kernel that is made to ask by ARP, and
 * what it learnt is read from its table.  A gateway that it does not get to know is left
 * alone, and what goes its way leaves by raw IP.
 */

#include <sys/socket.h>

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "prober.h"

#define LOOKS		50		/* at the kernel's table, over a second */
#define LOOK_EVERY	20000000	/* nanoseconds */

/* One line of the table: does it complete one of the gateways? */
static void
root_read_neighbour(const char *line, struct gateway g[], unsigned int n)
{
	char		 text[ADDR_TEXT], name[IF_NAMESIZE];
	unsigned int	 flags;
	uint8_t		 mac[6];
	struct addr	 addr;

	if (sscanf(line, "%45s %*s %x %hhx:%hhx:%hhx:%hhx:%hhx:%hhx %*s %15s", text, &flags, mac,
	    mac + 1, mac + 2, mac + 3, mac + 4, mac + 5, name) != 9 ||
	    (flags & ATF_COM) == 0 || addr_parse(text, &addr) == -1)
		return;
	for (unsigned int i = 0; i < n; i++)
		if (addr_equal(&g[i].addr, &addr) && if_nametoindex(name) == g[i].ifindex)
			memcpy(g[i].mac, mac, sizeof(mac));
}

/* Read the kernel's table: are all of them known now? */
static bool
root_read_neighbours(struct gateway g[], unsigned int n)
{
	static const uint8_t	 unknown[6];
	char			 line[256];
	FILE			*f = fopen("/proc/net/arp", "re");

	if (f == NULL)
		return (true);	/* there is nothing to be had */
	while (fgets(line, sizeof(line), f) != NULL)
		root_read_neighbour(line, g, n);
	fclose(f);
	for (unsigned int i = 0; i < n; i++)
		if (memcmp(g[i].mac, unknown, sizeof(unknown)) == 0)
			return (false);
	return (true);
}

/* "Use this neighbour" (rtnetlink(7), NTF_USE): the kernel asks for it by ARP. */
static void
root_ask(int fd, const struct gateway *g)
{
	struct {
		struct nlmsghdr	 header;
		struct ndmsg	 neighbour;
		struct rtattr	 attribute;
		uint8_t		 ip[4];
	}	 m = {
		.header = { .nlmsg_len = sizeof(m), .nlmsg_type = RTM_NEWNEIGH,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE },
		.neighbour = { .ndm_family = AF_INET, .ndm_ifindex = (int)g->ifindex,
		    .ndm_flags = NTF_USE },
		.attribute = { .rta_len = RTA_LENGTH(sizeof(m.ip)), .rta_type = NDA_DST },
	};

	memcpy(m.ip, g->addr.ip, sizeof(m.ip));
	(void)send(fd, &m, sizeof(m), 0);	/* unheard, it stays unknown */
}

void
root_find_gateways(struct gateway g[], unsigned int n)
{
	const struct timespec	 pause = { .tv_nsec = LOOK_EVERY };
	int			 fd;

	if (root_read_neighbours(g, n))
		return;
	if ((fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) == -1)
		fatal("netlink");
	for (unsigned int i = 0; i < n; i++)
		root_ask(fd, &g[i]);
	close(fd);
	for (int i = 0; i < LOOKS && !root_read_neighbours(g, n); i++)
		nanosleep(&pause, NULL);
}
