/*
 * Plays the parent, and two name servers on loopback, to a resolver: one in a process of its own
 * that is not sealed, or the program itself.
 */

#ifndef ASKER_H
#define ASKER_H

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "nameserver.h"
#include "resolver.h"
#include "test.h"

#define FIRST	"127.0.0.1:5301"
#define SECOND	"127.0.0.1:5302"
#define BOTH	FIRST "," SECOND
#define NOBODY	"127.0.0.1:5309"
#define PATIENCE 10		/* seconds for any one reply */
#define UNPRIVILEGED "64321"

static const char	 hosts_text[] = "192.0.2.77 filed.example\n"
    "192.0.2.78 filed.example\n2001:db8::77 six.example\n2001:db8::78 nx6.example\n"
    "2001:db8::79 refused6.example\n";

/* The parent's side */

static struct chan		 chan;
static pid_t			 child;
static bool			 sealed;
static char			 program[4096];
static struct msg_addresses	 addresses[LOOKUPS_MAX];
static struct hostname_entry	 hostnames[LOOKUPS_MAX];
static unsigned int		 replies;	/* look-ups answered */
static unsigned int		 batches;	/* messages they came in */
static unsigned int		 servers;	/* as READY had it */
static char			 said[512];
static struct msg_asked		 last_word;
static unsigned int		 last_words;

static void
on_ready(struct chan *c, const struct msg *m)
{
	(void)c;
	CHECK(m->ready.uid == (uint32_t)atoi(UNPRIVILEGED));
	servers = m->ready.servers;
}

static void
on_say(struct chan *c, const struct msg *m)
{
	(void)c;
	snprintf(said, sizeof(said), "%s", m->say.text);
}

static void
on_addresses(struct chan *c, const struct msg *m)
{
	(void)c;
	CHECK(m->addresses.id < LOOKUPS_MAX && addresses[m->addresses.id].lookup == LOOKUP_NONE);
	addresses[m->addresses.id] = m->addresses;
	replies++;
	batches++;
}

static void
on_hostnames(struct chan *c, const struct msg *m)
{
	const struct hostname_entry	*e = m->hostnames.e;

	(void)c;
	for (uint32_t i = 0; i < m->hostnames.n; i++) {
		CHECK(e[i].id < LOOKUPS_MAX && hostnames[e[i].id].lookup == LOOKUP_NONE);
		hostnames[e[i].id] = e[i];
	}
	replies += m->hostnames.n;
	batches++;
}

static void
on_asked(struct chan *c, const struct msg *m)
{
	(void)c;
	last_word = m->asked;
	last_words++;
}

static const struct msg_row	 rows[MSG_TYPES] = {
	ROW(READY, ready, CHILDREN, SETUP)
	ROW(SAY, say, CHILDREN, ANY_PHASE)
	ROW(ADDRESSES, addresses, RESOLVER, RUN | DRAIN)
	ROW(HOSTNAMES, hostnames, RESOLVER, RUN | DRAIN)
	ROW(ASKED, asked, RESOLVER, DRAIN)
};

/* In the child. */
static _Noreturn void
resolve(int fd, int hosts, const char *list)
{
	struct chan	 c;

	if (dup2(fd, CHAN_FD) == -1 || dup2(hosts, HOSTS_FD) == -1)
		_exit(1);
	closefrom(HOSTS_FD + 1);
	if (sealed) {
		execl(program, "resolver", UNPRIVILEGED, UNPRIVILEGED, list, NULL);
		_exit(1);
	}
	chan_child(&c, RESOLVER, resolver_rows);
	servers_open(list);
	lanes_open();
	resolver_run(&c);
	_exit(0);
}

static void
forget(void)
{
	memset(addresses, 0, sizeof(addresses));
	memset(hostnames, 0, sizeof(hostnames));
	memset(ids, 0, sizeof(ids));
	memset(ports, 0, sizeof(ports));
	asked[0] = asked[1] = asked[OVER_TCP] = replies = batches = servers = last_words = 0;
	said[0] = '\0';
}

/* One turn: the name servers and, when they are to be heard, the resolver.  False at its end. */
static bool
turn(bool hear, int timeout)
{
	struct pollfd	 fds[4] = {
		{ dns[0], POLLIN, 0 }, { dns[1], POLLIN, 0 },
		{ hear ? chan.fd : -1, POLLIN, 0 }, { dns_tcp, POLLIN, 0 }
	};
	int		 r = 1;

	(void)poll(fds, 4, timeout);
	for (int i = 0; i < 2; i++)
		if (fds[i].revents != 0)
			serve(i);
	if (fds[3].revents != 0)
		serve_stream();
	while (fds[2].revents != 0 && r == 1)
		r = chan_recv(&chan);
	return (r != 0);
}

static double
seconds(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static void
wait_replies(unsigned int n)
{
	double	 start = seconds();

	while (replies < n && seconds() - start < PATIENCE && turn(true, 100))
		continue;
	CHECK(replies == n);
}

static void
start(const char *list)
{
	int	 sv[2], hosts = memfd_create("hosts", MFD_CLOEXEC);
	double	 begun = seconds();

	forget();
	if (write(hosts, hosts_text, sizeof(hosts_text) - 1) == -1 ||
	    lseek(hosts, 0, SEEK_SET) != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		fatal("start");
	if ((child = fork()) == 0)
		resolve(fcntl(sv[1], F_DUPFD, 100), fcntl(hosts, F_DUPFD, 100), list);
	close(sv[1]);
	close(hosts);
	chan_init(&chan, sv[0], PARENT, RESOLVER, rows);
	while (sealed && servers == 0 && seconds() - begun < PATIENCE && turn(true, 100))
		continue;
	CHECK(!sealed || servers == (strchr(list, ',') == NULL ? 1 : 2));
	chan_phase(&chan, RUN);
	SEND_EMPTY(&chan, start);
}

/* The child's end: its exit status, -1 when it was killed. */
static int
end(void)
{
	int	 status;

	close(chan.fd);
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return (-1);
	return (WEXITSTATUS(status));
}

static void
forward(uint32_t id, const char *name, enum family family)
{
	struct msg_forward	 m = { .id = id, .family = (uint8_t)family };

	snprintf(m.name, sizeof(m.name), "%s", name);
	send_forward(&chan, &m);
}

static void
reverse(uint32_t id, uint32_t address)
{
	struct msg_reverse	 m = { .n = 1, .e = { { .id = id } } };

	m.e[0].addr = addr_from_ipv4(address);
	send_reverse(&chan, &m);
}

/* One look-up from one server list: the addresses with commas, or why there are none. */
static const char *
look_up(const char *list, const char *name, enum family family)
{
	static char	 text[ADDRESSES_MAX * ADDR_TEXT];
	char		 buf[ADDR_TEXT];
	size_t		 at = 0;

	start(list);
	forward(7, name, family);
	wait_replies(1);
	CHECK(end() == 0);
	if (addresses[7].lookup != LOOKUP_FOUND)
		return (lookup_names[addresses[7].lookup]);
	for (unsigned int i = 0; i < addresses[7].n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i == 0 ? "" : ",",
		    addr_text(&addresses[7].addr[i], buf));
	return (text);
}

static const char *
look_back(uint32_t address)
{
	start(FIRST);
	reverse(9, address);
	wait_replies(1);
	CHECK(end() == 0);
	if (hostnames[9].lookup != LOOKUP_FOUND)
		return (lookup_names[hostnames[9].lookup]);
	return (hostnames[9].name);
}

#endif /* ASKER_H */
