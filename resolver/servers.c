/*
 * The name servers, and the lanes to them.
 *
 * A lane is a c-ares channel with a UDP socket of its own, connected before the seal (to a
 * source port of the kernel's choice): afterwards no socket can be made or sent elsewhere.
 * A query takes one of its server's lanes at random, so that a forger has to guess the port as
 * well as the number.  Retries are query.c's: a channel tries once.
 *
 * It trusts the starter's list and the system's configuration, and nothing that comes in.
 */

#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>

#include <ares.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "resolver.h"

#define IN_FLIGHT_MAX	200	/* queries to one server */
#define TICK		20	/* milliseconds: how late a time-out may be seen */
#define READS_MAX	64	/* datagrams of one lane in one turn of the loop */

/* Milliseconds until a try has timed out: by the try for a lone server, else the first. */
static const int	 patience[TRIES_MAX] = { 1000, 1500, 2000 };

struct lane {
	ares_channel	 channel;
	int		 fd;
	unsigned int	 server;
	unsigned int	 in_flight;
	unsigned int	 reads;		/* datagrams it may still take in this turn */
};

static struct server	 servers[SERVERS_MAX];
static unsigned int	 in_flight[SERVERS_MAX];
static unsigned int	 nservers;
static uint64_t		 queries;
static struct lane	 lanes[LANES];
static unsigned int	 nlanes;

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
		die(STATUS_USAGE, "\"%s\" is not a list of name servers (address[:port],...)",
		    list);
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

/* Lanes */

/* A socket that is connected to the server; -1 with errno. */
static int
root_connect(const struct server *s)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET, .sin_port = htons(s->port) };
	struct sockaddr_in6	 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(s->port) };
	bool			 ipv6 = s->addr.family == FAMILY_IPV6;
	int			 fd, r;

	memcpy(&sin.sin_addr, s->addr.ip, sizeof(sin.sin_addr));
	memcpy(&sin6.sin6_addr, s->addr.ip, sizeof(sin6.sin6_addr));
	fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return (-1);
	r = ipv6 ? connect(fd, (struct sockaddr *)&sin6, sizeof(sin6)) :
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin));
	if (r == -1) {
		close(fd);
		return (-1);
	}
	return (fd);
}

/* c-ares asks for a socket: the lane's own is there already, and stays when it is closed. */

static int
lane_socket(int domain, int type, int protocol, void *arg)
{
	const struct lane	*lane = arg;

	(void)domain;
	(void)protocol;
	return (type == SOCK_DGRAM ? lane->fd : -1);
}

static int
lane_connect(int fd, const struct sockaddr *to, ares_socklen_t size, void *arg)
{
	(void)fd;
	(void)to;
	(void)size;
	(void)arg;
	return (0);
}

static int
lane_close(int fd, void *arg)
{
	(void)fd;
	(void)arg;
	return (0);
}

static ares_ssize_t
lane_recv(int fd, void *buf, size_t size, int flags, struct sockaddr *from,
    ares_socklen_t *from_size, void *arg)
{
	struct lane	*lane = arg;
	ssize_t		 n;

	if (lane->reads == 0) {
		errno = EAGAIN;
		return (-1);
	}
	n = recvfrom(fd, buf, size, flags, from, from_size);
	lane->reads = n == -1 ? 0 : lane->reads - 1;
	return (n);
}

/* Over UDP c-ares hands out a query in one piece. */
static ares_ssize_t
lane_send(int fd, const struct iovec *iov, int n, void *arg)
{
	(void)arg;
	if (n != 1) {
		errno = EMSGSIZE;
		return (-1);
	}
	return (send(fd, iov->iov_base, iov->iov_len, MSG_NOSIGNAL | MSG_DONTWAIT));
}

static const struct ares_socket_functions	 lane_functions = {
	lane_socket, lane_close, lane_connect, lane_recv, lane_send
};

/*
 * A channel that knows one server and reads no file: no search list, no TCP, every answer
 * with an error in it handed on, no second try.
 */
static void
root_channel(struct lane *lane, const struct server *s, int timeout)
{
	struct ares_options		 options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_IGNTC |
		    ARES_FLAG_NOCHECKRESP | ARES_FLAG_STAYOPEN,
		.timeout = timeout, .tries = 1,
	};
	char				 lookups[] = "b", no_file[] = "/dev/null";
	struct ares_addr_port_node	 node = {
		.family = s->addr.family == FAMILY_IPV6 ? AF_INET6 : AF_INET,
		.udp_port = s->port, .tcp_port = s->port
	};

	options.lookups = lookups;
	options.resolvconf_path = no_file;
	memcpy(&node.addr, s->addr.ip, s->addr.family == FAMILY_IPV6 ? 16 : 4);
	if (ares_init_options(&lane->channel, &options, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS |
	    ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF) != ARES_SUCCESS ||
	    ares_set_servers_ports(lane->channel, &node) != ARES_SUCCESS)
		fatalx("c-ares does not start");
	ares_set_socket_functions(lane->channel, &lane_functions, lane);
}

static void
root_lane(unsigned int server, int timeout)
{
	struct lane	*lane = &lanes[nlanes];
	int		 fd = root_connect(&servers[server]);

	if (fd == -1)
		fatal("name server");
	lane->fd = LANE_FD + (int)nlanes;
	if (dup3(fd, lane->fd, O_CLOEXEC) == -1)
		fatal("name server");
	close(fd);
	lane->server = server;
	root_channel(lane, &servers[server], timeout);
	nlanes++;
}

/*
 * c-ares takes the key of its query numbers from this file, and without it falls back, without
 * a word, on numbers that anybody can foretell.
 */
static void
root_check_random(void)
{
	int	 fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		fatal("/dev/urandom");
	close(fd);
}

static unsigned int
root_keep_reachable(const struct server *from, unsigned int n, bool given)
{
	char		 text[ADDR_TEXT];
	unsigned int	 kept = 0;

	for (unsigned int i = 0; i < n; i++) {
		int	 fd = root_connect(&from[i]);

		if (fd == -1) {
			/* Of the system's own servers nobody need know, if no name is asked. */
			if (given)
				warning("name server %s is left out",
				    addr_text(&from[i].addr, text));
			continue;
		}
		close(fd);
		servers[kept++] = from[i];
	}
	return (kept);
}

unsigned int
servers_open(const char *list)
{
	struct server	 found[SERVERS_MAX];
	unsigned int	 n;

	root_check_random();
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		fatalx("c-ares does not start");
	n = list != NULL ? root_servers_given(list, found) : root_servers_system(found);
	nservers = root_keep_reachable(found, n, list != NULL);

	/* A lone server has lanes for each try, as time-outs belong to channels. */
	for (unsigned int t = 0; t < (nservers == 1 ? TRIES_MAX : nservers); t++)
		for (unsigned int i = 0; i < LANES_EACH; i++)
			root_lane(servers_of_try(t), patience[nservers == 1 ? t : 0]);
	return (nservers);
}

/* Queries */

unsigned int
servers_count(void)
{
	return (nservers);
}

unsigned int
servers_of_try(unsigned int try)
{
	return (try % nservers);
}

bool
servers_room(unsigned int server)
{
	return (in_flight[server] < IN_FLIGHT_MAX);
}

static unsigned int
lane_of_try(unsigned int try)
{
	unsigned int	 group = nservers == 1 ? try : servers_of_try(try);
	unsigned int	 random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		fatal("getrandom");
	return (group * LANES_EACH + random % LANES_EACH);
}

static void
on_answer(void *arg, int status, int timeouts, unsigned char *msg, int len)
{
	struct question	*q = arg;

	(void)timeouts;
	lanes[q->lane].in_flight--;
	in_flight[lanes[q->lane].server]--;
	if (status != ARES_ECANCELLED)
		query_answered(q, status, msg, len);
}

void
servers_ask(struct question *q, const char *name, int type, unsigned int try)
{
	struct lane	*lane;

	q->lane = lane_of_try(try);
	lane = &lanes[q->lane];
	lane->in_flight++;
	in_flight[lane->server]++;
	queries++;
	ares_query(lane->channel, name, ns_c_in, type, on_answer, q);
}

void
servers_asked(struct msg_asked *m)
{
	*m = (struct msg_asked){ .queries = queries, .n = nservers };
	for (unsigned int i = 0; i < nservers; i++)
		m->server[i] = servers[i].addr;
}

int
servers_poll(struct pollfd fds[LANES])
{
	int	 timeout = -1;

	for (unsigned int i = 0; i < LANES; i++) {
		fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
		if (lanes[i].in_flight != 0) {
			fds[i].fd = lanes[i].fd;
			timeout = TICK;
		}
	}
	return (timeout);
}

/* c-ares reads one datagram a call, or all there are, as its version has it. */
static void
process_lane(struct lane *lane, bool readable)
{
	lane->reads = readable ? READS_MAX : 0;
	for (int i = 0; i < READS_MAX && lane->reads != 0 && lane->in_flight != 0; i++)
		ares_process_fd(lane->channel, lane->fd, ARES_SOCKET_BAD);
	ares_process_fd(lane->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void
servers_process(const struct pollfd fds[LANES])
{
	for (unsigned int i = 0; i < nlanes; i++)
		if (lanes[i].in_flight != 0)
			process_lane(&lanes[i], fds[i].revents != 0);
}

void
servers_cancel(void)
{
	for (unsigned int i = 0; i < nlanes; i++)
		ares_cancel(lanes[i].channel);
}
