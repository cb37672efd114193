/*
 * Look-ups from the parent's request to the resolver's reply, against two name servers of our
 * own on loopback in a network namespace of our own: what the parent is told when they answer,
 * refuse, fail, lie or keep silent.  Each look-up is tried in an unsealed resolver; where the
 * program itself was built beside this test, the sealed one is held to the same.
 */

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <net/if.h>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
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

static const char	 hosts_text[] = "192.0.2.77 filed.example\n192.0.2.78 filed.example\n";

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
	asked[0] = asked[1] = replies = batches = servers = last_words = 0;
	said[0] = '\0';
}

/* One turn: the name servers and, when they are to be heard, the resolver.  False at its end. */
static bool
turn(bool hear, int timeout)
{
	struct pollfd	 fds[3] = {
		{ dns[0], POLLIN, 0 }, { dns[1], POLLIN, 0 }, { hear ? chan.fd : -1, POLLIN, 0 }
	};
	int		 r = 1;

	(void)poll(fds, 3, timeout);
	for (int i = 0; i < 2; i++)
		if (fds[i].revents != 0)
			serve(i);
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

/* The cases */

static void
names_are_found(void)
{
	CHECK(strcmp(look_up(FIRST, "found.example", FAMILY_IPV4), "192.0.2.1,192.0.2.2") == 0);
	CHECK(asked[0] == 1 && addresses[7].source == SOURCE_DNS);
	CHECK(strcmp(look_up(FIRST, "found.example", FAMILY_IPV6), "2001:db8::1") == 0);
	CHECK(strcmp(look_up(FIRST, "found.example", FAMILY_NONE),
	    "192.0.2.1,192.0.2.2,2001:db8::1") == 0);
	CHECK(asked[0] == 2);
	CHECK(strcmp(look_back(0x0a000001), "host.example") == 0);
	CHECK(hostnames[9].source == SOURCE_DNS);
}

static void
hosts_files_answer_first(void)
{
	CHECK(strcmp(look_up(FIRST, "Filed.example", FAMILY_IPV4), "192.0.2.77,192.0.2.78") == 0);
	CHECK(asked[0] == 0 && addresses[7].source == SOURCE_HOSTS);
	CHECK(strcmp(look_up(FIRST, "filed.example", FAMILY_IPV6), "2001:db8::1") == 0);
	CHECK(asked[0] == 1 && addresses[7].source == SOURCE_DNS);
	CHECK(strcmp(look_up(FIRST, "localhost", FAMILY_IPV4), "127.0.0.1") == 0);
	CHECK(strcmp(look_back(0xc000024e), "filed.example") == 0);
	CHECK(asked[0] == 0 && hostnames[9].source == SOURCE_HOSTS);
}

static void
no_is_taken_for_an_answer(void)
{
	CHECK(strcmp(look_up(BOTH, "nx.example", FAMILY_IPV4), "no such name") == 0);
	CHECK(asked[0] == 1 && asked[1] == 0);
	CHECK(strcmp(look_up(BOTH, "empty.example", FAMILY_IPV4), "no such name") == 0);
	CHECK(asked[0] == 1 && asked[1] == 0);
}

static void
another_server_is_asked_when_one_fails(void)
{
	double	 begun = seconds();

	CHECK(strcmp(look_up(BOTH, "failing.example", FAMILY_IPV4), "192.0.2.1,192.0.2.2") == 0);
	CHECK(asked[0] == 1 && asked[1] == 1);
	CHECK(strcmp(look_up(BOTH, "unable.example", FAMILY_IPV4), "192.0.2.1,192.0.2.2") == 0);
	CHECK(strcmp(look_up(FIRST, "failing.example", FAMILY_IPV4),
	    "the name server failed") == 0);
	CHECK(asked[0] == 1);
	CHECK(strcmp(look_up(BOTH, "refused.example", FAMILY_IPV4),
	    "refused by the name server") == 0);
	CHECK(asked[0] == 1 && asked[1] == 1);
	CHECK(strcmp(look_up(FIRST, "cut.example", FAMILY_IPV4), "the name server failed") == 0);
	CHECK(strcmp(look_up(NOBODY, "found.example", FAMILY_IPV4), "no name server") == 0);
	CHECK(seconds() - begun < 3);
}

static void
silence_is_waited_out(void)
{
	double	 begun = seconds();

	CHECK(strcmp(look_up(BOTH, "lost.example", FAMILY_IPV4), "192.0.2.1,192.0.2.2") == 0);
	CHECK(seconds() - begun > 0.9 && seconds() - begun < 1.5);
	CHECK(asked[0] == 1 && asked[1] == 1);
	begun = seconds();
	CHECK(strcmp(look_up(FIRST, "silent.example", FAMILY_IPV4), "timed out") == 0);
	CHECK(asked[0] == TRIES_MAX && seconds() - begun > 4.4 && seconds() - begun < 5.5);
}

static void
forged_and_broken_datagrams_change_nothing(void)
{
	CHECK(strcmp(look_up(FIRST, "forged.example", FAMILY_IPV4), "192.0.2.1,192.0.2.2") == 0);
	CHECK(asked[0] == 1);
}

static void
hostile_names_do_not_get_through(void)
{
	CHECK(strcmp(look_back(0x0a000042), "not a host name") == 0);
	CHECK(strcmp(look_back(0x0a000043), "not a host name") == 0);
	CHECK(hostnames[9].name[0] == '\0');
}

/* Query numbers and source ports of 60 look-ups. */
static void
ask_often(uint16_t id_of[64], uint16_t port_of[64])
{
	start(FIRST);
	for (uint32_t i = 0; i < 60; i++)
		reverse(i, 0x0a010000 + i);
	wait_replies(60);
	CHECK(end() == 0);
	memcpy(id_of, ids, sizeof(ids));
	memcpy(port_of, ports, sizeof(ports));
}

/*
 * Two runs share hardly any number, in whatever order: c-ares without random bytes has the same
 * numbers in every run.  And a query's port is one of several.
 */
static void
queries_cannot_be_foretold(void)
{
	uint16_t	 id[2][64], port[2][64];
	unsigned int	 same = 0, rising = 0, other_ports = 0;

	ask_often(id[0], port[0]);
	ask_often(id[1], port[1]);
	for (int i = 0; i < 60; i++) {
		for (int j = 0; j < 60; j++)
			same += id[0][i] == id[1][j];
		rising += i != 0 && (uint16_t)(id[0][i] - id[0][i - 1]) == 1;
		other_ports += port[0][i] != port[0][0];
	}
	CHECK(same < 5 && rising < 3 && other_ports > 20);
}

/* 1024 replies wait while the parent does not listen, and none is lost or said twice. */
static void
replies_wait_until_there_is_room(void)
{
	struct msg_reverse	 m = { .n = 32 };

	start(FIRST);
	for (uint32_t i = 0; i < LOOKUPS_MAX; i += 32) {
		for (uint32_t j = 0; j < 32; j++) {
			m.e[j].id = i + j;
			m.e[j].addr = addr_from_ipv4(0x0a020000 + i + j);
		}
		send_reverse(&chan, &m);
	}
	for (int i = 0; i < 4000 && asked[0] < LOOKUPS_MAX; i++)
		turn(false, 100);
	CHECK(asked[0] == LOOKUPS_MAX && replies == 0);
	wait_replies(LOOKUPS_MAX);
	CHECK(batches < LOOKUPS_MAX / 2);
	CHECK(end() == 0);
}

static void
a_look_up_that_is_in_use_is_a_lie(void)
{
	start(FIRST);
	forward(5, "silent.example", FAMILY_IPV4);
	forward(5, "found.example", FAMILY_IPV4);
	while (turn(true, 1000))
		continue;
	CHECK(strstr(said, "twice") != NULL);
	CHECK(end() == STATUS_PROCESS);
}

static void
an_id_may_be_used_again_after_its_reply(void)
{
	start(FIRST);
	forward(5, "nx.example", FAMILY_IPV4);
	wait_replies(1);
	CHECK(addresses[5].lookup == LOOKUP_NOT_FOUND);
	addresses[5].lookup = LOOKUP_NONE;
	forward(5, "found.example", FAMILY_IPV4);
	wait_replies(2);
	CHECK(addresses[5].lookup == LOOKUP_FOUND);
	CHECK(end() == 0);
}

static void
only_who_was_asked_is_said_after_a_stop(void)
{
	start(BOTH);
	forward(1, "lost.example", FAMILY_IPV4);
	for (int i = 0; i < 50 && asked[0] == 0; i++)
		turn(true, 100);
	CHECK(asked[0] == 1);
	SEND_EMPTY(&chan, stop);
	chan_phase(&chan, DRAIN);
	for (int i = 0; i < 13; i++)
		CHECK(turn(true, 100));
	CHECK(replies == 0 && asked[1] == 0);
	CHECK(last_words == 1 && last_word.queries == 1 && last_word.n == 2);
	CHECK(addr_to_ipv4(&last_word.server[1]) == 0x7f000001);
	CHECK(end() == 0);
}

static void
all_cases(void)
{
	CASE(names_are_found);
	CASE(hosts_files_answer_first);
	CASE(no_is_taken_for_an_answer);
	CASE(another_server_is_asked_when_one_fails);
	CASE(silence_is_waited_out);
	CASE(forged_and_broken_datagrams_change_nothing);
	CASE(hostile_names_do_not_get_through);
	CASE(queries_cannot_be_foretold);
	CASE(replies_wait_until_there_is_room);
	CASE(a_look_up_that_is_in_use_is_a_lie);
	CASE(an_id_may_be_used_again_after_its_reply);
	CASE(only_who_was_asked_is_said_after_a_stop);
}

/* Loopback, in a namespace where there is nothing else. */
static void
root_loopback(void)
{
	struct ifreq	 ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int		 fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || ioctl(fd, SIOCSIFFLAGS, &ifr) == -1)
		fatal("lo");
	close(fd);
}

/* The build puts the program in BUILD/libexec and this test in BUILD/tests/unit/resolver. */
static bool
find_program(void)
{
	ssize_t	 n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	for (int up = 0; n > 0 && up < 4; up++)
		*strrchr(program, '/') = '\0';
	strncat(program, "/libexec/postern/resolver", sizeof(program) - strlen(program) - 1);
	return (access(program, X_OK) == 0);
}

int
main(void)
{
	if (unshare(CLONE_NEWNET) == -1) {
		SKIP("look-ups", "needs root for a network namespace");
		return (test_done());
	}
	root_loopback();
	dns[0] = listen_on(5301);
	dns[1] = listen_on(5302);
	all_cases();
	sealed = find_program();
	if (sealed)
		all_cases();
	else
		SKIP("look-ups of the sealed resolver", "it was not built here");
	return (test_done());
}
