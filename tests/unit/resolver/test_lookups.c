/*
 * Look-ups from the parent's request to the resolver's reply, against two name servers of our
 * own on loopback in a network namespace of our own: what the parent is told when they answer,
 * refuse, fail, lie or keep silent.  Each look-up is tried in an unsealed resolver; where the
 * program itself was built beside this test, the sealed one is held to the same.
 */

#include <sys/ioctl.h>
#include <sys/resource.h>

#include <net/if.h>

#include <sched.h>

#include "asker.h"

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
	CHECK(strcmp(look_up(FIRST, "six.example", FAMILY_NONE),
	    "2001:db8::77,192.0.2.1,192.0.2.2") == 0 && asked[0] == 1);
	CHECK(strcmp(look_up(FIRST, "nx6.example", FAMILY_NONE), "2001:db8::78") == 0);
	CHECK(strcmp(look_up(FIRST, "refused6.example", FAMILY_NONE),
	    "refused by the name server") == 0 && addresses[7].n == 0);
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
	CHECK(seconds() - begun > 0.3 && seconds() - begun < 1);
	CHECK(asked[0] == 1 && asked[1] == 1);
	begun = seconds();
	CHECK(strcmp(look_up(FIRST, "silent.example", FAMILY_IPV4), "timed out") == 0);
	CHECK(asked[0] >= 4 && asked[0] <= TRIES_MAX);
	CHECK(seconds() - begun > 2 && seconds() - begun < 6);
}

/* The first query is answered when the second has been sent, from another port. */
static void
an_answer_counts_though_it_was_asked_for_again(void)
{
	CHECK(strcmp(look_up(FIRST, "late.example", FAMILY_IPV4), "192.0.2.1,192.0.2.2") == 0);
	CHECK(asked[0] == 2);
}

static void
stop(void)
{
	double	 begun = seconds();

	SEND_EMPTY(&chan, stop);
	chan_phase(&chan, DRAIN);
	while (last_words == 0 && seconds() - begun < PATIENCE && turn(true, 100))
		continue;
	CHECK(last_words == 1);
}

/* Its machine has said that nobody listens, and then it answers an earlier query. */
static void
a_server_that_is_gone_answers_nothing(void)
{
	start(BOTH);
	forward(1, "late.example", FAMILY_IPV4);
	for (int i = 0; i < 50 && asked[0] == 0; i++)
		turn(false, 100);
	close(dns[0]);
	forward(2, "found.example", FAMILY_IPV4);
	usleep(100000);
	dns[0] = listen_on(5301, SOCK_DGRAM);
	send_late();
	usleep(100000);
	wait_replies(2);
	CHECK(addresses[1].lookup == LOOKUP_FOUND && addresses[2].lookup == LOOKUP_FOUND);
	CHECK(asked[0] == 1 && asked[1] == 2);
	stop();
	CHECK(last_word.queries == 4 && last_word.answered == 2 && last_word.failed == 2);
	CHECK(end() == 0);
}

/* It comes whole over TCP, if it can; what is there of it counts otherwise. */
static void
a_long_answer_comes_over_tcp(void)
{
	CHECK(strcmp(look_up(FIRST, "long.example", FAMILY_IPV4), "192.0.2.1,192.0.2.2") == 0);
	CHECK(asked[0] == 1 && asked[OVER_TCP] == 1 && !addresses[7].partial);
	CHECK(strcmp(look_up(FIRST, "long-false.example", FAMILY_IPV4),
	    "the name server failed") == 0);
	CHECK(asked[OVER_TCP] == 1);
	CHECK(strcmp(look_up(FIRST, "long-other.example", FAMILY_IPV4),
	    "the name server failed") == 0);
	CHECK(strcmp(look_up(SECOND, "long.example", FAMILY_IPV4),
	    "the name server failed") == 0);
}

static void
a_server_that_does_not_know_edns_is_asked_without(void)
{
	CHECK(strcmp(look_up(FIRST, "plain.example", FAMILY_NONE),
	    "192.0.2.1,192.0.2.2,2001:db8::1") == 0);
	CHECK(asked[0] >= 3 && asked[0] <= 4);
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

static double
busy(const struct rusage *r)
{
	return ((double)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) +
	    (double)(r->ru_utime.tv_usec + r->ru_stime.tv_usec) / 1e6);
}

/* For a second one server has no room, and the other has, but is not asked instead. */
static void
waiting_costs_no_time_of_the_processor(void)
{
	struct rusage	 before, after;
	double		 begun = seconds();
	char		 name[32];

	getrusage(RUSAGE_CHILDREN, &before);
	start(BOTH);
	for (uint32_t i = 0; i < 200; i++) {
		while (chan_room(&chan) == 0)
			turn(true, 100);
		snprintf(name, sizeof(name), "silent-%u.example", i);
		forward(i, name, FAMILY_IPV4);
	}
	while (seconds() - begun < 1)
		turn(true, 100);
	CHECK(end() == 0);
	getrusage(RUSAGE_CHILDREN, &after);
	CHECK(busy(&after) - busy(&before) < 0.2);
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
	CASE(an_answer_counts_though_it_was_asked_for_again);
	CASE(a_server_that_is_gone_answers_nothing);
	CASE(a_long_answer_comes_over_tcp);
	CASE(a_server_that_does_not_know_edns_is_asked_without);
	CASE(forged_and_broken_datagrams_change_nothing);
	CASE(hostile_names_do_not_get_through);
	CASE(queries_cannot_be_foretold);
	CASE(replies_wait_until_there_is_room);
	CASE(waiting_costs_no_time_of_the_processor);
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
	dns[0] = listen_on(5301, SOCK_DGRAM);
	dns[1] = listen_on(5302, SOCK_DGRAM);
	dns_tcp = listen_on(5301, SOCK_STREAM);
	all_cases();
	sealed = find_program();
	if (sealed)
		all_cases();
	else
		SKIP("look-ups of the sealed resolver", "it was not built here");
	return (test_done());
}
