/*
 * Every message from every sender to every receiver in every phase and in several sizes: one
 * reaches its handler exactly when the table in this file says so, which was written by hand,
 * and whatever else comes ends the receiver.
 */

#include "good.h"
#include "receive.h"

static const enum proc	 procs[] = { PARENT, RESOLVER, PROBER, LOGGER };
static const enum phase	 phases[] = { SETUP, RUN, DRAIN };
static const size_t	 sizes[] = { MSG_SIZE, MSG_SIZE - 1, MSG_SIZE + 1, MSG_HEADER, 1, 0 };

#define N(array)	(sizeof(array) / sizeof((array)[0]))

/* Who may send it to whom, and when. */
static const struct rule {
	unsigned int	 senders;
	unsigned int	 receivers;
	unsigned int	 when;
} rules[MSG_TYPES] = {
	[MSG_READY] =		{ RESOLVER | PROBER | LOGGER, PARENT, SETUP },
	[MSG_SAY] =		{ RESOLVER | PROBER | LOGGER, PARENT, SETUP | RUN | DRAIN },
	[MSG_ADDRESSES] =	{ RESOLVER, PARENT, RUN | DRAIN },
	[MSG_HOSTNAMES] =	{ RESOLVER, PARENT, RUN | DRAIN },
	[MSG_ASKED] =		{ RESOLVER, PARENT, DRAIN },
	[MSG_PINGS] =		{ PROBER, PARENT, RUN | DRAIN },
	[MSG_PORTSTATES] =	{ PROBER, PARENT, RUN | DRAIN },
	[MSG_PROGRESS] =	{ PROBER, PARENT, RUN | DRAIN },
	[MSG_HOSTSDONE] =	{ PROBER, PARENT, RUN | DRAIN },
	[MSG_STATS] =		{ PROBER, PARENT, RUN | DRAIN },
	[MSG_PASTLINE] =	{ LOGGER, PARENT, SETUP },
	[MSG_PASTDONE] =	{ LOGGER, PARENT, SETUP },
	[MSG_PASTHOST] =	{ LOGGER, PARENT, SETUP },
	[MSG_PASTPORTS] =	{ LOGGER, PARENT, SETUP },
	[MSG_PASTADDRS] =	{ LOGGER, PARENT, SETUP },
	[MSG_PASTEND] =		{ LOGGER, PARENT, SETUP },
	[MSG_LOGSTARTED] =	{ LOGGER, PARENT, RUN },
	[MSG_LOGFAILED] =	{ LOGGER, PARENT, RUN | DRAIN },
	[MSG_LOGFINISHED] =	{ LOGGER, PARENT, DRAIN },
	[MSG_START] =		{ PARENT, RESOLVER | PROBER | LOGGER, SETUP },
	[MSG_STOP] =		{ PARENT, RESOLVER | PROBER | LOGGER, RUN },
	[MSG_FORWARD] =		{ PARENT, RESOLVER, RUN },
	[MSG_REVERSE] =		{ PARENT, RESOLVER, RUN },
	[MSG_PROBECONFIG] =	{ PARENT, PROBER, SETUP },
	[MSG_PROBEPORTS] =	{ PARENT, PROBER, SETUP },
	[MSG_TARGETS] =		{ PARENT, PROBER, RUN },
	[MSG_KNOWN] =		{ PARENT, PROBER, RUN },
	[MSG_RELEASE] =		{ PARENT, PROBER, RUN },
	[MSG_LOGCONFIG] =	{ PARENT, LOGGER, SETUP },
	[MSG_LOGPORTS] =	{ PARENT, LOGGER, SETUP },
	[MSG_LOGLINE] =		{ PARENT, LOGGER, SETUP },
	[MSG_REPLAY] =		{ PARENT, LOGGER, SETUP },
	[MSG_HOST] =		{ PARENT, LOGGER, RUN | DRAIN },
	[MSG_HOSTADDRS] =	{ PARENT, LOGGER, RUN | DRAIN },
	[MSG_HOSTPORTS] =	{ PARENT, LOGGER, RUN | DRAIN },
	[MSG_BAREHOSTS] =	{ PARENT, LOGGER, RUN | DRAIN },
	[MSG_DONE] =		{ PARENT, LOGGER, RUN | DRAIN },
	[MSG_CHECKPOINT] =	{ PARENT, LOGGER, RUN | DRAIN },
	[MSG_NAMEFAILED] =	{ PARENT, LOGGER, RUN | DRAIN },
	[MSG_FINISH] =		{ PARENT, LOGGER, RUN | DRAIN },
	[MSG_CREDIT] =		{ PARENT | RESOLVER | PROBER | LOGGER,
				    PARENT | RESOLVER | PROBER | LOGGER, SETUP | RUN | DRAIN },
};

/* What came of one message: it was taken by its own handler, or it was the receiver's end. */
enum outcome_of { TAKEN, REFUSED, ENDED, WRONG };

static enum outcome_of
try_one(enum msg_type type, struct chan c, size_t size)
{
	struct msg	 m[2] = { good(type) };		/* the second: bytes past the end */
	int		 status = receive_packets(c, m, &size, 1);

	if (status == STATUS_PROCESS && received->total == 0 && received->reason[0] != '\0')
		return (REFUSED);
	if (status != 0 || received->reason[0] != '\0')
		return (WRONG);
	if (received->last == 0 && received->total == 0)
		return (ENDED);
	if (type == MSG_CREDIT)
		return (received->total == 0 && received->last == -1 ? TAKEN : WRONG);
	return (received->total == 1 && received->n[type] == 1 ? TAKEN : WRONG);
}

static enum outcome_of
expected(enum msg_type type, const struct chan *c, size_t size)
{
	const struct rule	*r = &rules[type];

	if (size == 0)		/* as the end of file */
		return (ENDED);
	return ((r->senders & c->peer) != 0 && (r->receivers & c->self) != 0 &&
	    (r->when & c->phase) != 0 && size == MSG_SIZE ? TAKEN : REFUSED);
}

static void
try_sizes(enum msg_type type, enum proc from, enum proc to, enum phase phase)
{
	struct chan	 c = fresh(-1, to, from, phase);
	enum outcome_of	 got;

	c.sent = type == MSG_CREDIT ? CHAN_WINDOW : 0;
	for (size_t i = 0; i < N(sizes); i++) {
		got = try_one(type, c, sizes[i]);
		if (got != expected(type, &c, sizes[i]))
			printf("# message %u from %s to %s, phase %u, %zu bytes: %d\n", type,
			    proc_name(from), proc_name(to), phase, sizes[i], got);
		CHECK(got == expected(type, &c, sizes[i]));
	}
}

static void
every_message_is_in_the_table(void)
{
	for (enum msg_type t = MSG_NONE + 1; t < MSG_TYPES; t++)
		CHECK(rules[t].senders != 0 && rules[t].receivers != 0 && rules[t].when != 0);
}

static void
a_message_is_taken_when_the_table_says_so_and_only_then(void)
{
	for (enum msg_type t = MSG_NONE + 1; t < MSG_TYPES; t++)
		for (size_t from = 0; from < N(procs); from++)
			for (size_t to = 0; to < N(procs); to++)
				for (size_t i = 0; i < N(phases); i++)
					try_sizes(t, procs[from], procs[to], phases[i]);
}

#define M(name, stem, from, phases)						\
	[MSG_##name] = "send_" #stem,
static const char *const	 senders[MSG_TYPES] = { ALL_MESSAGES(M) };
#undef M

/* Call the send_x() of a message. */
static void
send_it(enum msg_type type, struct chan *c)
{
	struct msg	 m = good(type);

	switch (type) {
#define M(name, stem, from, phases)						\
	case MSG_##name:							\
		send_##stem(c, &m.stem);					\
		break;
	ALL_MESSAGES(M)
#undef M
	default:
		abort();
	}
}

/* Nobody, subverted or mistaken, gets a message out through send_x() that is not its own. */
static void
a_process_sends_its_own_messages_and_no_others(void)
{
	for (enum msg_type t = MSG_NONE + 1; t < MSG_TYPES; t++)
		for (size_t i = 0; i < N(procs); i++) {
			struct msg	 got;
			int		 pair[2], status;
			bool		 may = (rules[t].senders & procs[i]) != 0, came;
			struct chan	 c;

			socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
			c = fresh(pair[1], procs[i], PARENT, RUN);
			if (fork() == 0) {
				send_it(t, &c);
				_exit(0);
			}
			wait(&status);
			came = recv(pair[0], &got, sizeof(got), MSG_DONTWAIT) == MSG_SIZE;
			if (came != may)
				printf("# %s by %s\n", senders[t], proc_name(procs[i]));
			CHECK(came == may && WIFEXITED(status) &&
			    WEXITSTATUS(status) == (may ? 0 : STATUS_PROCESS));
			CHECK(!came || (got.type == t && got.seq == 1 && got.ack == 0));
			close(pair[0]);
			close(pair[1]);
		}
}

int
main(void)
{
	receive_init();
	CASE(every_message_is_in_the_table);
	CASE(a_message_is_taken_when_the_table_says_so_and_only_then);
	CASE(a_process_sends_its_own_messages_and_no_others);
	return (test_done());
}
