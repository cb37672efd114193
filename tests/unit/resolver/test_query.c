/*
 * Retries, against name servers that are stubs (of servers.c): what is asked of whom, when a
 * query fails at once, and when a server has no room.
 */

#include <sys/socket.h>

#include <arpa/nameser.h>

#include <ares.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "resolver.h"
#include "state.h"
#include "test.h"

static unsigned int		 nservers;
static int			 outcome[SERVERS_MAX];	/* at once, or -1: none yet */
static unsigned int		 room[SERVERS_MAX];
static char			 order[64];		/* the servers asked, a digit each */
static struct question		*flying[8];
static unsigned int		 nflying;

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
	return (room[server] != 0);
}

void
servers_ask(struct question *q, const char *name, int type, unsigned int try)
{
	unsigned int	 server = try % nservers;

	CHECK(text_is_name(name) && (type == ns_t_a || type == ns_t_ptr));
	snprintf(order + strlen(order), sizeof(order) - strlen(order), "%u", server);
	room[server]--;
	if (outcome[server] == -1)
		flying[nflying++] = q;
	else
		query_answered(q, outcome[server], NULL, 0);
}

void
servers_cancel(void)
{
	nflying = 0;
}

/* The look-ups' replies, as the parent would read them. */

static int		 parent_fd;
static struct chan	 chan;

static void
begin(unsigned int n, int first, int second)
{
	int	 sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) == -1)
		abort();
	chan_init(&chan, sv[0], RESOLVER, PARENT, NULL);
	parent_fd = sv[1];
	nservers = n;
	outcome[0] = first;
	outcome[1] = outcome[2] = second;
	room[0] = room[1] = room[2] = 100;
	nflying = 0;
	order[0] = '\0';
}

/* How the reply has it; NONE: there is no reply. */
static enum lookup
reply(void)
{
	struct msg	 m;

	query_send(&chan);
	if (recv(parent_fd, &m, sizeof(m), MSG_DONTWAIT) != sizeof(m))
		return (LOOKUP_NONE);
	return (m.type == MSG_ADDRESSES ? m.addresses.lookup : m.hostnames.e[0].lookup);
}

static void
end(void)
{
	close(chan.fd);
	close(parent_fd);
}

static void
forward(uint32_t id)
{
	query_forward(&(const struct msg_forward){
		.id = id, .family = FAMILY_IPV4, .name = "a.b" });
}

static void
failures_at_once_are_retried_at_once(void)
{
	begin(2, ARES_ECONNREFUSED, ARES_ECONNREFUSED);
	forward(1);
	query_ask();
	CHECK(strcmp(order, "010") == 0 && reply() == LOOKUP_NO_SERVER);
	end();
	begin(3, ARES_ECONNREFUSED, ARES_ETIMEOUT);
	forward(1);
	query_ask();
	CHECK(strcmp(order, "012") == 0 && reply() == LOOKUP_TIMED_OUT);
	end();
}

static void
a_server_that_refuses_is_not_asked_again(void)
{
	begin(2, ARES_EREFUSED, ARES_ESERVFAIL);
	forward(1);
	query_ask();
	CHECK(strcmp(order, "01") == 0 && reply() == LOOKUP_SERVER_FAILED);
	end();
	begin(1, ARES_EREFUSED, 0);
	query_reverse(&(const struct reverse_entry){ .id = 1, .addr = { .family = FAMILY_IPV4 } });
	query_ask();
	CHECK(strcmp(order, "0") == 0 && reply() == LOOKUP_REFUSED);
	end();
}

static void
a_lone_server_is_asked_three_times(void)
{
	begin(1, ARES_ETIMEOUT, 0);
	forward(1);
	query_ask();
	CHECK(strcmp(order, "000") == 0 && reply() == LOOKUP_TIMED_OUT);
	end();
}

static void
without_a_server_the_reply_says_so(void)
{
	begin(0, 0, 0);
	forward(1);
	query_ask();
	CHECK(strcmp(order, "") == 0 && reply() == LOOKUP_NO_SERVER);
	end();
}

static void
a_full_server_holds_up_nobody_else(void)
{
	begin(2, ARES_ESERVFAIL, -1);
	room[1] = 1;
	forward(1);
	forward(2);
	query_ask();
	CHECK(strcmp(order, "001") == 0 && nflying == 1 && reply() == LOOKUP_NONE);
	forward(3);
	query_ask();
	CHECK(strcmp(order, "0010") == 0);
	query_answered(flying[0], ARES_ENOTFOUND, NULL, 0);
	CHECK(reply() == LOOKUP_NOT_FOUND);
	room[1] = 2;
	query_ask();
	CHECK(strcmp(order, "001011") == 0);
	query_answered(flying[1], ARES_ENOTFOUND, NULL, 0);
	query_answered(flying[2], ARES_ENOTFOUND, NULL, 0);
	CHECK(reply() == LOOKUP_NOT_FOUND && reply() == LOOKUP_NOT_FOUND);
	end();
}

int
main(void)
{
	hosts_read(-1);
	CASE(failures_at_once_are_retried_at_once);
	CASE(a_server_that_refuses_is_not_asked_again);
	CASE(a_lone_server_is_asked_three_times);
	CASE(without_a_server_the_reply_says_so);
	CASE(a_full_server_holds_up_nobody_else);
	return (test_done());
}
