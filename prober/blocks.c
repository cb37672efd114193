/*
 * Blocks of 256 addresses that all go one way, so that the kernel is asked for one of them and not
 * for each.  A block is such a one when no prefix of any routing table or rule begins or ends
 * inside it: then all its addresses meet the same rules and the same route.  That is read once,
 * before the seal.  What the kernel says of one of them is believed of all for a second, so that a
 * route that changes changes the way of new targets; of one that comes to lead to a part of a block
 * only, the others may hear as well.  What IPsec policies or BPF decide for single addresses is
 * not seen.
 *
 * Where a route has several next hops, the kernel chooses for each address, and no block is one;
 * nor is any where the tables or rules can't be read.
 *
 * The kernel is trusted.
 */

#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <arpa/inet.h>

#include <string.h>
#include <unistd.h>

#include "log.h"
#include "prober.h"

#define BLOCK_BITS	24		/* of the address; the others tell its 256 apart */
#define BLOCKS		(1U << BLOCK_BITS)
#define KEPT		1024		/* a power of two */
#define BELIEVED	1000000		/* microseconds */
#define ANSWER_BYTES	32768		/* at once, more than the kernel gives */

static uint8_t	 mixed[BLOCKS / 8];	/* a bit for each block that is not one */
static bool	 unread = true;		/* none is known to be */

/* What the kernel has said of some blocks, each in the one place that it may have. */
static struct block {
	uint32_t	 number;
	bool		 used;
	struct way	 way;
	usec_t		 asked;
}		 blocks[KEPT];

static void
root_add_boundary(uint32_t ip, unsigned int len)
{
	uint32_t	 block = ip >> (32 - BLOCK_BITS);

	if (len > BLOCK_BITS)
		mixed[block / 8] |= (uint8_t)(1 << block % 8);
}

/*
 * A route of any table, or a rule: the prefix that it is for, if it is not for all.  False: what it
 * leads to is chosen for each address by itself (several next hops; a next hop's number may stand
 * for several).
 */
static bool
root_read_one(struct nlmsghdr *m)
{
	struct rtmsg		*r = NLMSG_DATA(m);	/* a rule's header begins in the same way */
	long			 len = (long)(m->nlmsg_len - NLMSG_SPACE(sizeof(*r)));
	struct rtattr		*a = RTM_RTA(r);
	bool			 route = m->nlmsg_type == RTM_NEWROUTE;
	uint32_t		 ip = 0;

	for (; RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		if (a->rta_type == RTA_DST && RTA_PAYLOAD(a) == sizeof(ip))	/* and FRA_DST */
			memcpy(&ip, RTA_DATA(a), sizeof(ip));
		if (route && (a->rta_type == RTA_MULTIPATH || a->rta_type == RTA_NH_ID))
			return (false);
	}
	root_add_boundary(ntohl(ip), r->rtm_dst_len);
	return (true);
}

/* One answer of many: 1 when more are to come, 0 when that was all, -1 when no block is one. */
static int
root_read_answer(int fd)
{
	static _Alignas(struct nlmsghdr) uint8_t	 buf[ANSWER_BYTES];
	ssize_t						 left = recv(fd, buf, sizeof(buf), 0);
	struct nlmsghdr					*m = (void *)buf;

	if (left <= 0)
		return (-1);
	for (; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
		if ((m->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
			return (-1);
		if (m->nlmsg_type == NLMSG_DONE)
			return (0);
		if ((m->nlmsg_type != RTM_NEWROUTE && m->nlmsg_type != RTM_NEWRULE) ||
		    !root_read_one(m))
			return (-1);
	}
	return (1);
}

/* All routes, or all rules. */
static bool
root_read_all(uint16_t type)
{
	struct {
		struct nlmsghdr	 header;
		struct rtmsg	 what;
	}	 m = {
		.header = { .nlmsg_len = sizeof(m), .nlmsg_type = type,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.what = { .rtm_family = AF_INET },
	};
	int	 fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), more = -1;

	if (fd == -1)
		return (false);
	if (send(fd, &m, sizeof(m), 0) == sizeof(m))
		while ((more = root_read_answer(fd)) == 1)
			;
	close(fd);
	return (more == 0);
}

void
root_blocks(void)
{
	unread = !root_read_all(RTM_GETROUTE) || !root_read_all(RTM_GETRULE);
}

static struct block *
place_of(uint32_t ip)
{
	return (&blocks[(ip >> (32 - BLOCK_BITS)) % KEPT]);
}

bool
block_way(uint32_t ip, usec_t now, struct way *w)
{
	const struct block	*b = place_of(ip);

	if (!b->used || b->number != ip >> (32 - BLOCK_BITS) || now - b->asked > BELIEVED)
		return (false);
	*w = b->way;
	return (true);
}

void
block_learn(uint32_t ip, usec_t now, const struct way *w)
{
	uint32_t	 number = ip >> (32 - BLOCK_BITS);

	if (unread || (mixed[number / 8] & 1U << number % 8) != 0)
		return;
	*place_of(ip) = (struct block){
		.number = number, .used = true, .way = *w, .asked = now
	};
}
