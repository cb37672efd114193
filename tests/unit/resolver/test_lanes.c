/*
 * Questions to two name servers of our own on loopback that answer, fail, vanish and come back at
 * the worst moment, in time of the test's own: each question ends, once, and what is counted of
 * the queries is never a lie.
 */

#include <sys/socket.h>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>

#include <string.h>
#include <unistd.h>

#include "check.h"
#include "log.h"
#include "resolver.h"
#include "test.h"

#define STEP	(10 * MSEC)

/* A query that a server has had, and from where. */
struct heard {
	uint8_t			 bytes[WIRE_MAX];
	ssize_t			 len;
	struct sockaddr_in	 from;
};

static int			 dns[2];
static struct sockaddr_in	 dns_at[2];
static usec_t			 now = 1000 * MSEC;
static unsigned int		 overs;
static const struct question	*last_over;

/* Plays query.c. */
void
query_over(const struct question *q)
{
	overs++;
	last_over = q;
}

static void
open_server(int i)
{
	socklen_t	 size = sizeof(dns_at[i]);

	dns_at[i].sin_family = AF_INET;
	dns_at[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	dns[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (dns[i] == -1 || bind(dns[i], (struct sockaddr *)&dns_at[i], size) == -1 ||
	    getsockname(dns[i], (struct sockaddr *)&dns_at[i], &size) == -1)
		fatal("name server of the test");
}

static bool
hear(int server, struct heard *h)
{
	socklen_t	 size = sizeof(h->from);

	h->len = recvfrom(dns[server], h->bytes, sizeof(h->bytes), 0,
	    (struct sockaddr *)&h->from, &size);
	return (h->len > NS_HFIXEDSZ);
}

static void
reply(int server, struct heard *h, ns_rcode rcode)
{
	h->bytes[2] |= 0x80;
	h->bytes[3] = (uint8_t)rcode;
	sendto(dns[server], h->bytes, (size_t)h->len, 0, (struct sockaddr *)&h->from,
	    sizeof(h->from));
}

/* As the loop does it. */
static void
turn(void)
{
	struct pollfd	 fds[LANES];

	now += STEP;
	lanes_poll(fds);
	poll(fds, LANES, 0);
	lanes_read(fds, now);
	lanes_expire(now);
	question_expire(now);
	question_ask(now);
}

static void
begin(struct question *q, const char *name)
{
	*q = (struct question){ .state = OVER };
	overs = 0;
	question_begin(q, NULL, name, ns_t_a);
	question_wait(q);
}

/* Let both servers be known to live: the first fails for a name, the second says there is none. */
static void
live(void)
{
	struct question	 q;
	struct heard	 h;
	unsigned int	 before = overs;

	begin(&q, "alive.example");
	for (int i = 0; i < 2; i++) {
		question_ask(now);
		while (hear(i, &h))
			if (h.bytes[NS_HFIXEDSZ] == strlen("alive"))
				reply(i, &h, i == 0 ? ns_r_servfail : ns_r_nxdomain);
		turn();
	}
	CHECK(last_over == &q && q.result == LOOKUP_NOT_FOUND);
	overs = before;
}

/* Nothing is known of the servers, and nothing is on its way. */
static void
fresh(void)
{
	struct heard	 h;

	now += 10000 * MSEC;
	for (int i = 0; i < 2; i++) {
		pace_init(lanes_pace((unsigned int)i));
		while (hear(i, &h))
			continue;
	}
	live();
}

static void
an_answer_after_its_server_was_gone_is_not_counted_twice(void)
{
	struct question		 q, r;
	struct heard		 h;
	struct msg_asked	 m;

	fresh();
	now += 1000 * MSEC;	/* or it would not be believed that it is gone */
	begin(&q, "early.example");
	question_ask(now);
	CHECK(hear(0, &h));
	close(dns[0]);
	begin(&r, "refused.example");
	question_ask(now);
	turn();
	CHECK(q.said_no == 1 && r.said_no == 1);
	open_server(0);
	reply(0, &h, ns_r_nxdomain);
	turn();
	lanes_asked(&m);
	CHECK(is_asked(&m));
	question_drop(&q);
	question_drop(&r);
	lanes_asked(&m);
	CHECK(m.queries >= 2 && m.failed >= 2 && is_asked(&m));
}

/* A server that answers is not gone, whoever says so. */
static void
an_error_is_not_believed_while_the_server_answers(void)
{
	struct question	 q, r;
	struct heard	 h;

	fresh();
	begin(&q, "early.example");
	question_ask(now);
	CHECK(hear(0, &h));
	close(dns[0]);
	begin(&r, "later.example");
	question_ask(now);
	turn();
	open_server(0);
	CHECK(q.said_no == 0 && r.said_no == 0 && !lanes_pace(0)->dead);
	reply(0, &h, ns_r_nxdomain);
	turn();
	CHECK(overs == 1 && last_over == &q && q.result == LOOKUP_NOT_FOUND);
	for (int i = 0; i < 100 && overs == 1; i++) {
		for (int server = 0; server < 2; server++)
			while (hear(server, &h))
				reply(server, &h, ns_r_nxdomain);
		turn();
	}
	CHECK(overs == 2 && last_over == &r && r.result == LOOKUP_NOT_FOUND);
}

/* Nor what comes when nothing was asked by that socket; nor does it keep the next query back. */
static void
nor_is_one_that_nobody_waits_for(void)
{
	struct question	 q;
	struct heard	 h;
	unsigned int	 queries = 0;

	fresh();
	now += 1000 * MSEC;
	for (int i = 0; i < 2 * LANES_EACH; i++) {	/* by each lane, or most of them */
		close(dns[0]);
		begin(&q, "dropped.example");
		question_ask(now);
		question_drop(&q);
		open_server(0);
		if (i < LANES_EACH)
			turn();
		CHECK(!lanes_pace(0)->dead);
	}
	for (int i = 0; i < LANES_EACH; i++) {
		begin(&q, "next.example");
		question_ask(now);
		CHECK(q.said_no == 0);
		queries += hear(0, &h);
		question_drop(&q);
	}
	CHECK(queries == LANES_EACH);
}

static void
a_late_answer_counts_after_another_try(void)
{
	struct question		 q;
	struct heard		 h;
	struct msg_asked	 before, after;

	fresh();
	lanes_asked(&before);
	begin(&q, "late.example");
	question_ask(now);
	CHECK(hear(0, &h));
	while (q.nflights < 2)
		turn();
	reply(0, &h, ns_r_nxdomain);
	turn();
	CHECK(overs == 1 && q.result == LOOKUP_NOT_FOUND);
	lanes_asked(&after);
	CHECK(after.answered == before.answered + 1 && after.timed_out == before.timed_out);
	question_drop(&q);
}

/* It is asked besides the one that lives, and may answer first. */
static void
a_server_that_is_back_is_used_again(void)
{
	struct question	 q;
	struct heard	 h;

	fresh();
	pace_died(lanes_pace(0), now);
	now += 5000 * MSEC;
	begin(&q, "back.example");
	question_ask(now);
	CHECK(q.nflights == 2);
	while (hear(0, &h))
		reply(0, &h, ns_r_nxdomain);
	turn();
	CHECK(overs == 1 && !lanes_pace(0)->dead);
	question_drop(&q);
}

/* Both servers live on, but are silent to one question until it is asked no more. */
static void
a_failure_at_the_last_try_ends_the_question(void)
{
	struct question	 q;
	struct heard	 h;

	fresh();
	begin(&q, "victim.example");
	for (int i = 0; i < 1000 && overs == 0; i++) {
		turn();
		CHECK(q.nflights <= TRIES_MAX);
		if (i % 10 == 0)
			live();
		for (int server = 0; server < 2; server++)
			while (hear(server, &h))
				if (q.nflights == TRIES_MAX)
					reply(server, &h, ns_r_servfail);
	}
	CHECK(overs == 1 && q.state == OVER && q.result == LOOKUP_SERVER_FAILED);
}

int
main(void)
{
	struct server	 s[2] = { { .port = 0 } };

	for (int i = 0; i < 2; i++) {
		open_server(i);
		s[i].addr = addr_from_ipv4(INADDR_LOOPBACK);
		s[i].port = ntohs(dns_at[i].sin_port);
	}
	servers_pin(s, 2);
	lanes_open();
	CASE(an_answer_after_its_server_was_gone_is_not_counted_twice);
	CASE(an_error_is_not_believed_while_the_server_answers);
	CASE(nor_is_one_that_nobody_waits_for);
	CASE(a_late_answer_counts_after_another_try);
	CASE(a_server_that_is_back_is_used_again);
	CASE(a_failure_at_the_last_try_ends_the_question);
	return (test_done());
}
