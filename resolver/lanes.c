/*
 * The queries in flight, and the sockets they go by: lanes, some for each server, each with a
 * source port of the kernel's choice.  A query takes one of its server's lanes at random and a
 * random number (RFC 5452), so that a forger has to guess both; after a hundred queries or two a
 * lane gets another socket.  A flight lasts until its question is over: a late answer is one.
 *
 * What comes in is hostile: it has to come from the server (the kernel sees to that), bear the
 * number of a flight on its lane, and repeat that one's question.
 */

#include <sys/random.h>
#include <sys/socket.h>

#include <arpa/nameser.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "resolver.h"

#define REFRESH		100	/* queries, to twice as many, until a lane's socket is another */
#define READS_MAX	64	/* datagrams of one lane in one turn of the loop */
#define FLIGHTS		(LOOKUPS_MAX * QUESTIONS * TRIES_MAX)
#define NO_FLIGHT	0	/* flights are counted from 1 */
#define SEND_TRIES	3	/* all but the last may be told an error of something else */

struct lane {
	int		 fd;
	unsigned int	 left;		/* queries until it is refreshed */
	unsigned int	 out;		/* flights that are waited for */
	uint16_t	 flight[UINT16_MAX + 1];	/* by number of the query */
};

static struct flight	 flights[FLIGHTS + 1];
static uint16_t		 free_flights[FLIGHTS];
static unsigned int	 nfree;
static struct flight_list out = TAILQ_HEAD_INITIALIZER(out);	/* by the time they were sent */
static struct lane	 lanes[LANES];
static struct pace	 paces[SERVERS_MAX];
static struct msg_asked	 counters;

_Static_assert(FLIGHTS <= UINT16_MAX, "a flight's number fits where lanes keep it");

static uint16_t
random_number(void)
{
	static uint16_t		 pool[128];
	static unsigned int	 left;

	if (left == 0) {
		if (getrandom(pool, sizeof(pool), 0) != sizeof(pool))
			fatal("getrandom");
		left = sizeof(pool) / sizeof(pool[0]);
	}
	return (pool[--left]);
}

static bool
open_lane(unsigned int n)
{
	struct lane	*l = &lanes[n];

	l->left = REFRESH + random_number() % REFRESH;
	l->fd = servers_socket(n / LANES_EACH, SOCK_DGRAM);
	return (l->fd != -1);
}

void
lanes_open(void)
{
	/* The first time the C library (glibc 2.41) maps memory, which it can't behind the seal. */
	(void)random_number();
	for (nfree = 0; nfree < FLIGHTS; nfree++)
		free_flights[nfree] = (uint16_t)(FLIGHTS - nfree);
	for (unsigned int i = 0; i < SERVERS_MAX; i++)
		pace_init(&paces[i]);
	for (unsigned int i = 0; i < LANES; i++)
		lanes[i].fd = -1;
	for (unsigned int i = 0; i < servers_count() * LANES_EACH; i++) {
		int	 fd = LANE_FD + (int)i;

		if (!open_lane(i) || dup3(lanes[i].fd, fd, O_CLOEXEC) == -1)
			fatal("name server");
		close(lanes[i].fd);
		lanes[i].fd = fd;
	}
}

struct pace *
lanes_pace(unsigned int server)
{
	return (&paces[server]);
}

/* It is waited for no longer; its answer still counts. */
static void
land(struct flight *f)
{
	if (!f->out)
		return;
	TAILQ_REMOVE(&out, f, link);
	lanes[f->lane].out--;
	f->out = false;
}

/* Nobody waits for it, and its answer counts for nothing. */
static void
give_up(struct flight *f)
{
	if (f->out)
		pace_gone(&paces[f->server], f->period);
	land(f);
	if (lanes[f->lane].flight[f->id] == f - flights)
		lanes[f->lane].flight[f->id] = NO_FLIGHT;
}

static void
end(struct flight *f)
{
	give_up(f);
	free_flights[nfree++] = (uint16_t)(f - flights);
}

void
lanes_forget(struct question *q)
{
	for (unsigned int i = 0; i < q->nflights; i++)
		end(q->flight[i]);
	q->nflights = 0;
}

/* Another socket for a lane on which nothing is waited for; what is late there is lost. */
static bool
refresh(unsigned int n)
{
	memset(lanes[n].flight, NO_FLIGHT, sizeof(lanes[n].flight));
	if (lanes[n].fd != -1)
		close(lanes[n].fd);
	return (open_lane(n));
}

/* One of the server's; those that are used up rest until they can be refreshed. */
static bool
choose_lane(unsigned int server, unsigned int *n)
{
	unsigned int	 first = random_number();

	for (unsigned int i = 0; i < LANES_EACH; i++) {
		*n = server * LANES_EACH + (first + i) % LANES_EACH;
		if (lanes[*n].left != 0 && lanes[*n].fd != -1) {
			lanes[*n].left--;
			return (true);
		}
		if (lanes[*n].out == 0)
			return (refresh(*n));
	}
	return (lanes[*n].fd != -1);
}

static struct flight *
begin(struct question *q, unsigned int lane, unsigned int server, usec_t now)
{
	struct flight	*f = &flights[free_flights[--nfree]];

	*f = (struct flight){
		.question = q, .lane = (uint8_t)lane, .server = (uint8_t)server, .sent = now,
		.expires = now + pace_timeout(&paces[server], q->nflights), .out = true
	};
	do
		f->id = random_number();
	while (lanes[lane].flight[f->id] != NO_FLIGHT);
	lanes[lane].flight[f->id] = (uint16_t)(f - flights);
	lanes[lane].out++;
	q->flight[q->nflights++] = f;
	TAILQ_INSERT_TAIL(&out, f, link);
	return (f);
}

static struct flight *
first_out(unsigned int server)
{
	struct flight	*f;

	TAILQ_FOREACH(f, &out, link)
		if (f->server == server)
			return (f);
	return (NULL);
}

/* Nobody listens there, or there is no way to it. */
static void
server_gone(unsigned int server, usec_t now)
{
	struct flight	*f;

	pace_died(&paces[server], now);
	while ((f = first_out(server)) != NULL) {
		give_up(f);
		counters.failed++;
		question_unreachable(f->question, server);
	}
}

/*
 * The socket was told an error: as a rule by the server's machine, where nobody listens.  But it
 * may be old, and anybody may send one who guesses the lane's port: while the server answers, and
 * where nothing is waited for, it says nothing.
 */
static void
told_error(unsigned int lane, usec_t now)
{
	unsigned int	 server = lane / LANES_EACH;

	if (lanes[lane].out != 0 && !pace_heard_lately(&paces[server], now))
		server_gone(server, now);
}

/* False: it can't be sent. */
static bool
send_query(int fd, const struct question *q)
{
	for (int i = 0; i < SEND_TRIES; i++)
		if (send(fd, q->wire, q->wire_len, MSG_NOSIGNAL | MSG_DONTWAIT) != -1 ||
		    errno == EAGAIN || errno == ENOBUFS)	/* as good as lost */
			return (true);
	return (false);
}

/* The query repeats the number of a flight: with it it goes out, and is compared. */
static void
number(const struct flight *f)
{
	f->question->wire[0] = (uint8_t)(f->id >> 8);
	f->question->wire[1] = (uint8_t)f->id;
}

void
lanes_send(struct question *q, unsigned int server, usec_t now)
{
	struct flight	*f;
	unsigned int	 n;

	if (!choose_lane(server, &n)) {
		pace_died(&paces[server], now);
		question_unreachable(q, server);
		return;
	}
	f = begin(q, n, server, now);
	f->period = pace_sent(&paces[server], now);
	counters.queries++;
	number(f);
	if (!send_query(lanes[n].fd, q))
		server_gone(server, now);
}

/* A server's answer to a flight. */
static void
answered(struct flight *f, const uint8_t *msg, size_t len, usec_t now)
{
	bool	 late = !f->out;

	pace_answered(&paces[f->server], f->period, now - f->sent, late, now);
	land(f);
	counters.timed_out -= late;
	if (answer_is_usable(msg))
		counters.answered++;
	else
		counters.failed++;
	lanes[f->lane].flight[f->id] = NO_FLIGHT;	/* a second one counts for nothing */
	question_answered(f->question, f->server, msg, len);
}

/* Take in one datagram.  False: there was none. */
static bool
read_datagram(unsigned int n, usec_t now)
{
	uint8_t		 msg[DATAGRAM_MAX];
	struct flight	*f;
	ssize_t		 len = recv(lanes[n].fd, msg, sizeof(msg), MSG_DONTWAIT);

	if (len == -1) {
		if (errno == EAGAIN || errno == EINTR)
			return (false);
		told_error(n, now);
		return (true);
	}
	if (len < NS_HFIXEDSZ)
		return (true);
	f = &flights[lanes[n].flight[msg[0] << 8 | msg[1]]];
	if (f == &flights[NO_FLIGHT])
		return (true);
	number(f);
	if (answer_repeats(msg, (size_t)len, f->question->wire, f->question->wire_len))
		answered(f, msg, (size_t)len, now);
	return (true);
}

void
lanes_poll(struct pollfd fds[LANES])
{
	for (unsigned int i = 0; i < LANES; i++)
		fds[i] = (struct pollfd){ .fd = lanes[i].fd, .events = POLLIN };
}

void
lanes_read(const struct pollfd fds[LANES], usec_t now)
{
	for (unsigned int i = 0; i < LANES; i++)
		if (fds[i].revents != 0 && fds[i].fd == lanes[i].fd)
			for (int n = 0; n < READS_MAX && read_datagram(i, now); n++)
				;
}

static struct flight *
first_expired(usec_t now)
{
	struct flight	*f;

	TAILQ_FOREACH(f, &out, link)
		if (f->expires <= now)
			return (f);
	return (NULL);
}

void
lanes_expire(usec_t now)
{
	struct flight	*f;

	/* From the first again: the end of a question takes other flights of its own along. */
	while ((f = first_expired(now)) != NULL) {
		pace_lost(&paces[f->server], f->period, now);
		land(f);
		counters.timed_out++;
		question_silent(f->question, now);
	}
}

bool
lanes_busy(void)
{
	return (!TAILQ_EMPTY(&out));
}

void
lanes_count(bool good)
{
	counters.queries++;
	if (good)
		counters.answered++;
	else
		counters.failed++;
}

void
lanes_asked(struct msg_asked *m)
{
	*m = counters;
	m->n = servers_count();
	for (unsigned int i = 0; i < m->n; i++)
		m->server[i] = servers_at(i)->addr;
}
