/*
 * The name servers, and the only way to them: sockets that are connected to them and to nobody
 * else.  Their socket addresses lie in a page that is read-only before the seal, and behind it
 * connect(2) is allowed with a pointer to one of them only; no call is left that could change
 * that page or what is mapped there.
 *
 * It trusts the starter's list and the system's configuration.
 */

#include <sys/mman.h>
#include <sys/socket.h>

#include <arpa/nameser.h>
#include <netinet/in.h>

#include <ares.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "resolver.h"

/* Room for one of the addresses in that page. */
union pinned {
	struct sockaddr		 sa;
	struct sockaddr_in	 sin;
	struct sockaddr_in6	 sin6;
	char			 room[PIN_SIZE];
};
_Static_assert(sizeof(union pinned) == PIN_SIZE, "as privs.c has it");

#define PIN_POINTER	((void *)(uintptr_t)PIN_ADDRESS)

static struct server	 servers[SERVERS_MAX];
static unsigned int	 nservers;
static union pinned	*pinned;

/* The list */

static int
parse_port(const char *text, uint16_t *port)
{
	size_t		 len = strlen(text);
	unsigned long	 n;

	if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
		return (-1);
	n = strtoul(text, NULL, 10);
	if (n == 0 || n > UINT16_MAX)
		return (-1);
	*port = (uint16_t)n;
	return (0);
}

/* [address]:port, [address], IPv4:port or a bare address; cuts the item up. */
static int
parse_server(char *item, struct server *s)
{
	char	*host = item, *port = NULL;
	char	*colon = strchr(item, ':'), *bracket = strchr(item, ']');

	*s = (struct server){ .port = NS_DEFAULTPORT };
	if (item[0] == '[' && bracket != NULL) {
		host = item + 1;
		if (bracket[1] == ':')
			port = bracket + 2;
		else if (bracket[1] != '\0')
			return (-1);
		*bracket = '\0';
	} else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
		*colon = '\0';
		port = colon + 1;
	}
	if (addr_parse(host, &s->addr) == -1)
		return (-1);
	if (host != item && s->addr.family != FAMILY_IPV6)
		return (-1);
	return (port == NULL ? 0 : parse_port(port, &s->port));
}

int
parse_servers(const char *list, struct server s[SERVERS_MAX])
{
	char		*copy = strdup(list), *rest = copy, *item;
	struct server	 one;
	int		 n = 0;

	if (copy == NULL)
		return (-1);
	while ((item = strsep(&rest, ",")) != NULL) {
		if (parse_server(item, &one) == -1) {
			n = -1;
			break;
		}
		if (n < SERVERS_MAX)
			s[n] = one;
		n++;
	}
	free(copy);
	return (n);
}

static unsigned int
root_servers_given(const char *list, struct server s[SERVERS_MAX])
{
	int	 n = parse_servers(list, s);

	if (n == -1)
		die(STATUS_USAGE, "--dns-servers %s: not a list of addresses "
		    "(192.0.2.1,192.0.2.1:53,[2001:db8::1]:53)", list);
	if (n > SERVERS_MAX)
		warningx("only the first %d of %d name servers are asked", SERVERS_MAX, n);
	return (n > SERVERS_MAX ? SERVERS_MAX : (unsigned int)n);
}

/* What c-ares finds in resolv.conf(5). */
static unsigned int
root_servers_system(struct server s[SERVERS_MAX])
{
	struct ares_addr_port_node	*list, *node;
	ares_channel			 scratch;
	unsigned int			 n = 0;

	if (ares_init(&scratch) != ARES_SUCCESS ||
	    ares_get_servers_ports(scratch, &list) != ARES_SUCCESS)
		fatalx("c-ares does not start");
	for (node = list; node != NULL && n < SERVERS_MAX; node = node->next, n++) {
		bool	 ipv6 = node->family == AF_INET6;

		s[n] = (struct server){ .addr.family = ipv6 ? FAMILY_IPV6 : FAMILY_IPV4,
		    .port = NS_DEFAULTPORT };
		memcpy(s[n].addr.ip, &node->addr, ipv6 ? 16 : 4);
		if (node->udp_port != 0)
			s[n].port = (uint16_t)node->udp_port;
	}
	ares_free_data(list);
	ares_destroy(scratch);
	return (n);
}

/* The page */

static void
write_address(const struct server *s, union pinned *p)
{
	memset(p, 0, sizeof(*p));
	if (s->addr.family == FAMILY_IPV6) {
		p->sin6.sin6_family = AF_INET6;
		p->sin6.sin6_port = htons(s->port);
		memcpy(&p->sin6.sin6_addr, s->addr.ip, sizeof(p->sin6.sin6_addr));
	} else {
		p->sin.sin_family = AF_INET;
		p->sin.sin_port = htons(s->port);
		memcpy(&p->sin.sin_addr, s->addr.ip, sizeof(p->sin.sin_addr));
	}
}

static int
connected(union pinned *to, int type)
{
	bool	 ipv6 = to->sa.sa_family == AF_INET6;
	int	 fd = socket(to->sa.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return (-1);
	if (connect(fd, &to->sa, ipv6 ? sizeof(to->sin6) : sizeof(to->sin)) == 0 ||
	    errno == EINPROGRESS)
		return (fd);
	close(fd);
	return (-1);
}

static unsigned int
root_reachable(const struct server *from, unsigned int n, bool given,
    struct server to_ask[SERVERS_MAX])
{
	char		 text[ADDR_TEXT];
	unsigned int	 kept = 0;

	for (unsigned int i = 0; i < n; i++) {
		union pinned	 sa;
		int		 fd;

		write_address(&from[i], &sa);
		if ((fd = connected(&sa, SOCK_DGRAM)) == -1) {
			/* Of the system's own servers nobody need know, if no name is asked. */
			if (given)
				warning("name server %s is left out",
				    addr_text(&from[i].addr, text));
			continue;
		}
		close(fd);
		to_ask[kept++] = from[i];
	}
	return (kept);
}

/* Places without a server have the first one's address: none is left for others to fill. */
void
servers_pin(const struct server *s, unsigned int n)
{
	size_t	 size = (size_t)sysconf(_SC_PAGESIZE);
	void	*page = mmap(PIN_POINTER, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (page != PIN_POINTER)
		die(STATUS_PRIVILEGE, "no page at %#x for the name servers", PIN_ADDRESS);
	memcpy(servers, s, n * sizeof(*s));
	nservers = n;
	pinned = page;
	for (unsigned int i = 0; i < SERVERS_MAX && n != 0; i++)
		write_address(&s[i < n ? i : 0], &pinned[i]);
	if (mprotect(page, size, PROT_READ) == -1)
		fatal("mprotect");
}

unsigned int
servers_open(const char *list)
{
	struct server	 found[SERVERS_MAX], reachable[SERVERS_MAX];
	unsigned int	 n;

	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		fatalx("c-ares does not start");
	n = list != NULL ? root_servers_given(list, found) : root_servers_system(found);
	n = root_reachable(found, n, list != NULL, reachable);
	servers_pin(reachable, n);
	return (n);
}

unsigned int
servers_count(void)
{
	return (nservers);
}

const struct server *
servers_at(unsigned int i)
{
	return (&servers[i]);
}

int
servers_socket(unsigned int server, int type)
{
	return (connected(&pinned[server], type));
}
