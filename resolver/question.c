/*
 * Questions to the name servers: whom to ask, what becomes of it, and when it is given up.  The
 * first server that is not dead is asked; where it is silent, or says that it can't tell, the
 * next.  No server is trusted: what one said has been through parse_answer() before it is kept.
 */

#include <arpa/nameser.h>

#include <ares.h>
#include <string.h>

#include "log.h"
#include "resolver.h"

#define DEADLINE	(5000 * MSEC)	/* of a question, since it was first asked */
#define HELD_UP		(30000 * MSEC)	/* of one that was not: servers are slow, or limit us */
#define NOBODY		(4000 * MSEC)	/* all servers are dead: for so long it is hoped */
#define STREAM_FAILURES	8		/* in a row: a server has no TCP to speak of */
#define LOOK_AROUND	64		/* questions that can't be asked, before the rest waits */
#define EDNS_SIZE	1232		/* bytes that pass anywhere in one piece (RFC 8200, 5) */
#define OPT_LEN		11		/* of EDNS's record (RFC 6891, 6.1.2) */
#define ARCOUNT		11		/* where a query says that it has one, or 0 */

TAILQ_HEAD(question_list, question);

/* Questions that wait to be asked, those that were asked before in the second. */
static struct question_list	 waiting[2] = {
	TAILQ_HEAD_INITIALIZER(waiting[0]), TAILQ_HEAD_INITIALIZER(waiting[1])
};
static struct question_list	 streams = TAILQ_HEAD_INITIALIZER(streams);	/* for TCP */
static bool			 plain[SERVERS_MAX];	/* does not know EDNS */
static unsigned int		 stream_failures[SERVERS_MAX];	/* TCP failed so often in a row */
static usec_t			 nobody_since;		/* all servers are dead; 0: not so */

static bool
is_dead(unsigned int server)
{
	return (lanes_pace(server)->dead);
}

static void
set_state(struct question *q, enum question_state state)
{
	if (q->state == WAITING)
		TAILQ_REMOVE(&waiting[q->retry], q, link);
	else if (q->state == STREAM_WAITS)
		TAILQ_REMOVE(&streams, q, link);
	q->state = state;
	if (state == WAITING) {
		q->retry = q->nflights != 0 || q->said_no != 0;
		TAILQ_INSERT_TAIL(&waiting[q->retry], q, link);
	} else if (state == STREAM_WAITS)
		TAILQ_INSERT_TAIL(&streams, q, link);
}

static void
over(struct question *q, enum lookup result)
{
	question_drop(q);
	q->result = (uint8_t)result;
	query_over(q);
}

void
question_begin(struct question *q, struct slot *of, const char *name, int type)
{
	unsigned char	*wire;
	int		 len, status;

	q->of = of;
	q->type = type;
	status = ares_create_query(name, ns_c_in, type, 0, 1, &wire, &len, EDNS_SIZE);
	if (status != ARES_SUCCESS)
		return;
	if ((size_t)len <= sizeof(q->wire)) {
		memcpy(q->wire, wire, (size_t)len);
		q->wire_len = (size_t)len;
	}
	ares_free_string(wire);
}

void
question_wait(struct question *q)
{
	if (q->wire_len == 0)
		over(q, LOOKUP_BAD_NAME);
	else
		set_state(q, WAITING);
}

void
question_drop(struct question *q)
{
	lanes_forget(q);
	tcp_forget(q);
	set_state(q, OVER);
}

/* Is an answer still waited for? */
static bool
is_out(const struct question *q)
{
	for (unsigned int i = 0; i < q->nflights; i++)
		if (q->flight[i]->out)
			return (true);
	return (false);
}

/* What waits has a try left. */
static void
ask_again(struct question *q, enum lookup why_not)
{
	if (q->nflights == TRIES_MAX)
		over(q, why_not);
	else
		set_state(q, WAITING);
}

static bool
all_said_no(const struct question *q)
{
	return (q->said_no == (1U << servers_count()) - 1);
}

/* A server is of no use for this question: the next is asked, if there is one, and a try left. */
static void
said_no(struct question *q, unsigned int server, enum lookup why)
{
	q->said_no = (uint8_t)(q->said_no | 1U << server);
	if (all_said_no(q))
		over(q, why);
	else if (!is_out(q) && q->state != WAITING)
		ask_again(q, why);
}

/* Ask again without the record of EDNS, which comes last. */
static void
strip_edns(struct question *q)
{
	if (q->wire[ARCOUNT] == 0)
		return;
	q->wire[ARCOUNT] = 0;
	q->wire_len -= OPT_LEN;
}

void
question_answered(struct question *q, unsigned int server, const uint8_t *msg, size_t len)
{
	struct answer	 answer = { .n = 0 };
	enum lookup	 result;

	if (answer_is_formerr(msg) && q->wire[ARCOUNT] != 0) {
		plain[server] = true;
		strip_edns(q);
		if (q->nflights < TRIES_MAX) {
			set_state(q, WAITING);
			return;
		}
	}
	result = parse_answer(q->type, msg, len, &answer);
	if (answer_is_cut(msg) && stream_failures[server] < STREAM_FAILURES) {
		q->answer = answer;	/* if nothing better comes */
		q->result = (uint8_t)result;
		q->server = server;
		lanes_forget(q);
		set_state(q, STREAM_WAITS);
		return;
	}
	if (result == LOOKUP_REFUSED)
		pace_refused(lanes_pace(server));
	if (result == LOOKUP_REFUSED || result == LOOKUP_SERVER_FAILED)
		said_no(q, server, result);
	else {
		q->answer = answer;
		over(q, result);
	}
}

void
question_streamed(struct question *q, const uint8_t *msg, size_t len)
{
	struct answer	 answer = { .n = 0 };
	enum lookup	 result = LOOKUP_SERVER_FAILED;

	if (msg != NULL)
		result = parse_answer(q->type, msg, len, &answer);
	lanes_count(msg != NULL && answer_is_usable(msg));
	stream_failures[q->server] = msg != NULL ? 0 : stream_failures[q->server] + 1;
	if (result == LOOKUP_FOUND || result == LOOKUP_NOT_FOUND)
		q->answer = answer;
	else
		result = q->result;	/* the head of the answer is there */
	over(q, result);
}

void
question_silent(struct question *q, usec_t now)
{
	if (is_out(q))
		return;
	if (now >= q->deadline)
		over(q, LOOKUP_TIMED_OUT);
	else
		ask_again(q, LOOKUP_TIMED_OUT);
}

void
question_unreachable(struct question *q, unsigned int server)
{
	said_no(q, server, LOOKUP_NO_SERVER);
}

/*
 * The server to ask now: the first that is not dead, or after a try the next one; when it has no
 * room it is waited for, unless it limits its queries.  None: SERVERS_MAX.
 */
static unsigned int
choose(const struct question *q, bool dead, usec_t now, usec_t *when)
{
	unsigned int	 n = servers_count(), first = q->nflights == 0 ? 0 : q->server + 1;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int	 server = (first + i) % n;
		usec_t		 t;

		if ((q->said_no >> server & 1) != 0 || is_dead(server) != dead)
			continue;
		t = pace_when(lanes_pace(server), now);
		*when = t < *when ? t : *when;
		if (t <= now)
			return (server);
		if (!dead && lanes_pace(server)->rate == 0)
			break;
	}
	return (SERVERS_MAX);
}

static void
ask_server(struct question *q, unsigned int server, usec_t now)
{
	if (q->deadline == 0)
		q->deadline = now + DEADLINE;
	if (plain[server])
		strip_edns(q);
	q->server = server;
	lanes_send(q, server, now);
}

/* A dead server whose time has come is asked besides: nobody waits for it alone. */
static bool
ask(struct question *q, usec_t now)
{
	usec_t		 when = NEVER;
	unsigned int	 dead = choose(q, true, now, &when), alive = choose(q, false, now, &when);

	if (dead == SERVERS_MAX && alive == SERVERS_MAX)
		return (false);
	set_state(q, FLYING);
	if (dead != SERVERS_MAX)
		ask_server(q, dead, now);
	if (alive != SERVERS_MAX && q->state == FLYING && q->nflights < TRIES_MAX)
		ask_server(q, alive, now);
	return (true);
}

static void
ask_list(struct question_list *list, usec_t now)
{
	struct question	*q, *next;
	int		 kept = 0;

	/* A server that goes away meanwhile may end the next one too. */
	for (q = TAILQ_FIRST(list); q != NULL && q->state == WAITING && kept < LOOK_AROUND;
	    q = next) {
		next = TAILQ_NEXT(q, link);
		kept += !ask(q, now);
	}
}

void
question_ask(usec_t now)
{
	struct question	*q;

	ask_list(&waiting[1], now);
	ask_list(&waiting[0], now);
	while ((q = TAILQ_FIRST(&streams)) != NULL && tcp_room()) {
		set_state(q, STREAMING);
		tcp_ask(q, q->server, now);
	}
}

/* Are all servers dead, and since when? */
static void
look_for_servers(usec_t now)
{
	for (unsigned int i = 0; i < servers_count(); i++)
		if (!is_dead(i)) {
			nobody_since = 0;
			return;
		}
	if (nobody_since == 0)
		nobody_since = now;
}

void
question_expire(usec_t now)
{
	struct question	*q, *next;
	bool		 hopeless;

	look_for_servers(now);
	hopeless = nobody_since != 0 && now >= nobody_since + NOBODY;
	for (int i = 0; i < 2; i++)
		for (q = TAILQ_FIRST(&waiting[i]); q != NULL; q = next) {
			next = TAILQ_NEXT(q, link);
			if (q->begun == 0)
				q->begun = now;
			if (hopeless || now >= q->begun + HELD_UP ||
			    (q->deadline != 0 && now >= q->deadline))
				over(q, LOOKUP_TIMED_OUT);
		}
	while ((q = TAILQ_FIRST(&streams)) != NULL && now >= q->deadline)
		over(q, q->result);	/* the head of the answer has to do */
}

usec_t
question_when(usec_t now)
{
	const struct question	*q;
	usec_t			 when = NEVER;

	for (int i = 0; i < 2; i++) {
		q = TAILQ_FIRST(&waiting[i]);
		for (int n = 0; q != NULL && n < LOOK_AROUND && when > now; n++) {
			(void)choose(q, true, now, &when);
			(void)choose(q, false, now, &when);
			q = TAILQ_NEXT(q, link);
		}
	}
	return (when);
}

