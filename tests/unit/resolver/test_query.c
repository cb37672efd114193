/*
 * Look-ups in virtual time: the sockets (lanes.c) are played by servers that lose, limit, refuse
 * or are dead, and the parent hears every reply.  How long all of it takes, what it costs, and
 * that nothing is missing.
 */

#include <sys/socket.h>

#include <arpa/nameser.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apart.h"
#include "log.h"
#include "resolver.h"
#include "state.h"

#define SECOND		(1000 * MSEC)
#define FLYING_MAX	(LOOKUPS_MAX * QUESTIONS * TRIES_MAX)

/* How each server behaves. */
static struct model {
	double		 loss;		/* of queries */
	double		 limit;		/* queries a second; 0: none */
	double		 burst;		/* that it answers at once, if limited */
	double		 tokens;
	usec_t		 rtt;
	unsigned int	 one_in;	/* it answers one query in so many; 0: all */
	bool		 dead;
	bool		 gone;		/* nobody listens, and its machine says so */
	uint8_t		 rcode;
	struct pace	 pace;
	unsigned int	 asked;
} servers[SERVERS_MAX];
static unsigned int	 nservers;

static struct flight	 flights[FLYING_MAX];
static usec_t		 arrives[FLYING_MAX];	/* its answer; NEVER */
static bool		 used[FLYING_MAX];
static unsigned int	 top;			/* flights that were ever used */
static usec_t		 now;
static struct msg_asked	 counted;

unsigned int
servers_count(void)
{
	return (nservers);
}

const struct server *
servers_at(unsigned int i)
{
	(void)i;
	abort();
}

int
servers_socket(unsigned int server, int type)
{
	(void)server;
	(void)type;
	return (-1);
}

struct pace *
lanes_pace(unsigned int server)
{
	return (&servers[server].pace);
}

/* When a server's answer comes, if it does. */
static usec_t
answer_time(struct model *m)
{
	if (m->one_in != 0 && m->asked % m->one_in != 0)
		return (NEVER);
	if (m->dead || drand48() < m->loss)
		return (NEVER);
	if (m->limit != 0 && m->tokens < 1)
		return (NEVER);
	m->tokens--;
	return (now + m->rtt);
}

void
lanes_send(struct question *q, unsigned int server, usec_t t)
{
	struct model	*m = &servers[server];
	unsigned int	 n = 0;

	CHECK(q->nflights < TRIES_MAX && t == now);
	m->asked++;
	if (m->gone) {
		pace_died(&m->pace, now);
		question_unreachable(q, server);
		return;
	}
	while (used[n])
		n++;
	used[n] = true;
	top = n >= top ? n + 1 : top;
	flights[n] = (struct flight){
		.question = q, .server = (uint8_t)server, .sent = now, .out = true,
		.expires = now + pace_timeout(&m->pace, q->nflights),
		.period = pace_sent(&m->pace, now)
	};
	arrives[n] = answer_time(m);
	q->flight[q->nflights++] = &flights[n];
}

void
lanes_forget(struct question *q)
{
	for (unsigned int i = 0; i < q->nflights; i++) {
		struct flight	*f = q->flight[i];

		if (f->out)
			pace_gone(&servers[f->server].pace, f->period);
		used[f - flights] = false;
	}
	q->nflights = 0;
}

void
lanes_count(bool good)
{
	counted.queries++;
	counted.answered += good;
}

void
lanes_asked(struct msg_asked *m)
{
	*m = counted;
}

void
lanes_poll(struct pollfd fds[LANES])
{
	(void)fds;
}

void
lanes_read(const struct pollfd fds[LANES], usec_t t)
{
	(void)fds;
	(void)t;
}

void
lanes_expire(usec_t t)
{
	(void)t;
}

bool
lanes_busy(void)
{
	return (false);
}

/* The server's answer: host.example, to whatever was asked. */
static void
answer(struct flight *f)
{
	static const uint8_t	 record[] = "\xc0\x0c\0\x0c\0\1\0\0\0\1\0\x0e\4host\7example";
	struct model		*m = &servers[f->server];
	struct question		*q = f->question;
	size_t			 len = q->wire_len - (q->wire[11] != 0 ? 11 : 0);
	uint8_t			 msg[512];
	bool			 late = !f->out;

	memcpy(msg, q->wire, len);
	memcpy(msg + len, record, sizeof(record));
	msg[2] = 0x81;
	msg[3] = 0x80 | m->rcode;
	msg[7] = m->rcode == 0;
	msg[11] = 0;
	pace_answered(&m->pace, f->period, now - f->sent, late, now);
	f->out = false;
	question_answered(q, f->server, msg, len + (m->rcode == 0 ? sizeof(record) : 0));
}

/* The parent: its side of the channel, and what it heard. */

static struct chan	 resolver_side, parent_side;
static uint8_t		 heard[LOOKUPS_MAX];
static uint32_t		 base;	/* addresses of the next look-ups: each asked once */
static unsigned int	 nheard, count[LOOKUP_COUNT];

static void
hear(uint32_t id, uint8_t lookup)
{
	heard[id] = lookup;
	count[lookup]++;
	nheard++;
}

static void
on_addresses(struct chan *c, const struct msg *m)
{
	(void)c;
	hear(m->addresses.id, m->addresses.lookup);
}

static void
on_hostnames(struct chan *c, const struct msg *m)
{
	(void)c;
	for (uint32_t i = 0; i < m->hostnames.n; i++)
		hear(m->hostnames.e[i].id, m->hostnames.e[i].lookup);
}

static const struct msg_row	 parent_rows[MSG_TYPES] = {
	ROW(ADDRESSES, addresses, RESOLVER, ANY_PHASE)
	ROW(HOSTNAMES, hostnames, RESOLVER, ANY_PHASE)
};

static void
begin(unsigned int n)
{
	int	 sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) == -1)
		abort();
	chan_init(&resolver_side, sv[0], RESOLVER, PARENT, resolver_rows);
	chan_init(&parent_side, sv[1], PARENT, RESOLVER, parent_rows);
	nservers = n;
	for (unsigned int i = 0; i < n; i++) {
		servers[i] = (struct model){ .rtt = MSEC / 2 };
		pace_init(&servers[i].pace);
	}
	srand48(1);
	now = SECOND;
	hosts_read(-1);
}

static void
hear_all(void)
{
	query_send(&resolver_side);
	while (chan_recv(&parent_side) == 1)
		;
	while (chan_recv(&resolver_side) == 1)
		;
}

static void
pass(usec_t t)
{
	for (unsigned int i = 0; i < nservers; i++) {
		struct model	*m = &servers[i];

		m->tokens += m->limit * (double)t / 1e6;
		m->tokens = m->tokens > m->burst && m->limit != 0 ? m->burst : m->tokens;
	}
	now += t;
	for (unsigned int i = 0; i < top; i++)
		if (used[i] && arrives[i] <= now) {
			arrives[i] = NEVER;
			answer(&flights[i]);
		}
	for (unsigned int i = 0; i < top; i++)
		if (used[i] && flights[i].out && flights[i].expires <= now) {
			pace_lost(&servers[flights[i].server].pace, flights[i].period, now);
			flights[i].out = false;
			question_silent(flights[i].question, now);
		}
	question_expire(now);
	question_ask(now);
	hear_all();
}

/* As many reverse look-ups, 512 in hand at once as the parent has it; how long it took. */
static usec_t
look_up(unsigned int n)
{
	usec_t		 start = now;
	unsigned int	 next = 0;

	base += 1 << 20;
	nheard = 0;
	memset(count, 0, sizeof(count));
	memset(heard, 0, sizeof(heard));
	while (nheard < n && now < start + 1000 * SECOND) {
		for (uint32_t id = 0; id < LOOKUPS_MAX / 2 && next < n; id++)
			if (next < LOOKUPS_MAX / 2 ? id == next : heard[id] != LOOKUP_NONE) {
				heard[id] = LOOKUP_NONE;
				query_reverse(&(const struct reverse_entry){
				    .id = id, .addr = addr_from_ipv4(base + next++) });
			}
		pass(MSEC / 2);
	}
	return (now - start);
}

static unsigned int
asked(void)
{
	return (servers[0].asked + servers[1].asked + servers[2].asked);
}

static void
a_good_server_is_asked_once_for_each(void)
{
	begin(1);
	CHECK(look_up(10000) < SECOND);
	CHECK(count[LOOKUP_FOUND] == 10000 && asked() == 10000);
}

/* The targets of these are the issue's, for a server of half a millisecond. */
static void
queries_that_are_lost_are_asked_again(void)
{
	begin(1);
	servers[0].loss = 0.05;
	CHECK(look_up(65536) < 5 * SECOND);
	CHECK(count[LOOKUP_FOUND] == 65536 && asked() < 65536 * 1.06);
	servers[0].loss = 0.3;
	CHECK(look_up(10000) < 10 * SECOND && servers[0].pace.rate == 0);
	CHECK(count[LOOKUP_FOUND] >= 9998);
}

static void
a_limit_is_met(void)
{
	static const double	 bursts[] = { 5, 100, 2000 };

	for (int i = 0; i < 3; i++) {
		begin(1);
		servers[0].limit = 2000;
		servers[0].burst = servers[0].tokens = bursts[i];
		CHECK(look_up(4096) < 2500 * MSEC);
		CHECK(count[LOOKUP_FOUND] == 4096 && asked() < 4096 * 1.5);
	}
	begin(1);
	servers[0].limit = servers[0].burst = 50;
	CHECK(look_up(1000) < 26 * SECOND);
	CHECK(count[LOOKUP_FOUND] == 1000 && asked() < 2000);
}

/* Found in one time-out, and asked rarely afterwards. */
static void
a_dead_server_holds_up_nobody(void)
{
	begin(2);
	servers[0].dead = true;
	CHECK(look_up(4096) < SECOND);
	CHECK(count[LOOKUP_FOUND] == 4096 && servers[0].asked < 80);
	look_up(100);
	pass(20 * SECOND);
	CHECK(look_up(200) < 100 * MSEC && servers[0].asked < 90);
	servers[0].dead = false;
	pass(5 * SECOND);
	servers[1].asked = 0;
	look_up(1);
	look_up(1000);
	CHECK(servers[1].asked < 10);	/* it is asked first again */
}

/* It is never silent for long enough to be dead, and answers too little to be asked often. */
static void
a_server_that_answers_little_holds_up_nobody(void)
{
	begin(2);
	servers[0].one_in = 3;
	CHECK(look_up(4096) < 5 * SECOND);
	CHECK(count[LOOKUP_FOUND] == 4096);
}

static void
without_any_server_that_lives_it_is_over_soon(void)
{
	begin(2);
	servers[0].dead = servers[1].dead = true;
	CHECK(look_up(65536) < 10 * SECOND);
	CHECK(count[LOOKUP_TIMED_OUT] == 65536 && asked() < 3000);
}

static void
one_that_nobody_hears_is_known_at_once(void)
{
	begin(2);
	servers[0].gone = true;
	CHECK(look_up(100) < 50 * MSEC && count[LOOKUP_FOUND] == 100);
	begin(1);
	servers[0].gone = true;
	CHECK(look_up(1) < 50 * MSEC && count[LOOKUP_NO_SERVER] == 1);
}

static void
who_refuses_is_not_asked_again(void)
{
	begin(3);
	servers[0].rcode = ns_r_refused;
	servers[1].rcode = ns_r_servfail;
	CHECK(look_up(100) < SECOND && count[LOOKUP_FOUND] == 100);
	CHECK(servers[0].asked == 100 && servers[1].asked == 100 && servers[2].asked == 100);
	base -= 1 << 20;
	look_up(1);		/* what was found is known */
	CHECK(count[LOOKUP_FOUND] == 1 && asked() == 300);
	nservers = 2;
	query_reverse(&(const struct reverse_entry){ .id = 7, .addr = addr_from_ipv4(1) });
	for (int i = 0; i < 100; i++)
		pass(MSEC);
	CHECK(heard[7] == LOOKUP_SERVER_FAILED && asked() == 302);
}

static void
look_up_one(uint32_t address)
{
	heard[0] = LOOKUP_NONE;
	servers[0].asked = servers[1].asked = 0;
	query_reverse(&(const struct reverse_entry){ .addr = addr_from_ipv4(address) });
}

/* One that has room, but not for what waits, keeps nobody awake. */
static void
there_is_nothing_to_do_until_something_can_be_asked(void)
{
	unsigned int	 awake = 0;

	begin(2);
	servers[0].rcode = ns_r_refused;
	servers[1].rtt = 20 * MSEC;
	for (uint32_t id = 0; id < LOOKUPS_MAX / 2; id++)
		query_reverse(&(const struct reverse_entry){
		    .id = id, .addr = addr_from_ipv4(id) });
	for (int i = 0; i < 2000 && nheard < LOOKUPS_MAX / 2; i++) {
		pass(MSEC / 2);
		awake += question_when(now) <= now;
	}
	CHECK(count[LOOKUP_FOUND] == LOOKUPS_MAX / 2 && awake < 3);
}

/* Both servers, which answer others, keep silent until the last of its tries is refused. */
static void
after_the_last_try_it_is_over(void)
{
	begin(2);
	look_up(10);
	servers[1].pace = servers[0].pace;
	servers[0].loss = servers[1].loss = 1;
	look_up_one(1);
	for (int i = 0; i < 10000 && heard[0] == LOOKUP_NONE; i++) {
		servers[0].pace.silent = servers[1].pace.silent = 0;
		if (asked() == TRIES_MAX - 1) {
			servers[0].loss = servers[1].loss = 0;
			servers[0].rcode = servers[1].rcode = ns_r_refused;
		}
		pass(MSEC);
	}
	CHECK(heard[0] == LOOKUP_REFUSED && asked() == TRIES_MAX);
}

/* One of a satellite, whose answers come later than any first time-out. */
static void
late_answers_are_answers(void)
{
	begin(1);
	servers[0].rtt = 700 * MSEC;
	CHECK(look_up(1) <= 701 * MSEC && count[LOOKUP_FOUND] == 1);
	look_up(1000);
	CHECK(count[LOOKUP_FOUND] == 1000 && asked() < 1300);
	begin(1);
	servers[0].rtt = 3500 * MSEC;	/* it has to ask others first, who are far away */
	look_up(100);
	CHECK(count[LOOKUP_FOUND] == 100);
}

int
main(void)
{
	CASE_APART(a_good_server_is_asked_once_for_each);
	CASE_APART(queries_that_are_lost_are_asked_again);
	CASE_APART(a_limit_is_met);
	CASE_APART(a_dead_server_holds_up_nobody);
	CASE_APART(a_server_that_answers_little_holds_up_nobody);
	CASE_APART(without_any_server_that_lives_it_is_over_soon);
	CASE_APART(one_that_nobody_hears_is_known_at_once);
	CASE_APART(who_refuses_is_not_asked_again);
	CASE_APART(there_is_nothing_to_do_until_something_can_be_asked);
	CASE_APART(after_the_last_try_it_is_over);
	CASE_APART(late_answers_are_answers);
	return (test_done());
}
