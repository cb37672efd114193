/*
 * A receiver to try messages on: a process of its own that takes one message after the other
 * off a real socket, with the rows of the process it plays and handlers that only count.
 */

#ifndef RECEIVE_H
#define RECEIVE_H

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <string.h>
#include <unistd.h>

#include "ipc.h"
#include "log.h"
#include "magic.h"
#include "test.h"

/* What a receiver leaves in memory that it shares with the test. */
struct received {
	unsigned int	 n[MSG_TYPES];	/* messages that reached a handler */
	unsigned int	 total;
	int		 last;		/* what chan_recv() gave last */
	char		 reason[512];	/* why it ended; empty: it did not */
	struct chan	 chan;		/* as it is after the last message that was taken */
};
static struct received	*received;

#define M(name, stem, from, phases)						\
static void									\
on_##stem(struct chan *c, const struct msg *m)					\
{										\
	(void)c;								\
	received->n[m->type]++;							\
	received->total++;							\
}
TO_PARENT(M) TO_CHILDREN(M) TO_RESOLVER(M) TO_PROBER(M) TO_LOGGER(M)
#undef M

static const struct msg_row	 parent_rows[MSG_TYPES] = { TO_PARENT(ROW) };
static const struct msg_row	 resolver_rows[MSG_TYPES] = { TO_CHILDREN(ROW) TO_RESOLVER(ROW) };
static const struct msg_row	 prober_rows[MSG_TYPES] = { TO_CHILDREN(ROW) TO_PROBER(ROW) };
static const struct msg_row	 logger_rows[MSG_TYPES] = { TO_CHILDREN(ROW) TO_LOGGER(ROW) };

static inline const struct msg_row *
rows_of(enum proc p)
{
	return (p == PARENT ? parent_rows : p == RESOLVER ? resolver_rows :
	    p == PROBER ? prober_rows : logger_rows);
}

static inline void
keep_reason(enum say_level level, const char *text)
{
	(void)level;
	snprintf(received->reason, sizeof(received->reason), "%s", text);
}

static inline void
receive_init(void)
{
	received = mmap(NULL, sizeof(*received), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (received == MAP_FAILED)
		abort();
	log_to(keep_reason);
}

/* A channel as both ends see it before the first message. */
static inline struct chan
fresh(int fd, enum proc self, enum proc peer, enum phase phase)
{
	struct chan	 c;

	chan_init(&c, fd, self, peer, rows_of(self));
	c.phase = phase;
	return (c);
}

/*
 * Have a receiver like c, whose fd is set here, take what is in n packets of these sizes,
 * until there is no more.  Its exit status: 0, or why is in received->reason.
 */
static inline int
receive_packets(struct chan c, const struct msg *m, const size_t *size, size_t n)
{
	int	 pair[2], status;
	pid_t	 pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1)
		abort();
	for (size_t i = 0; i < n; i++)
		CHECK(send(pair[0], &m[i], size[i], MSG_DONTWAIT) == (ssize_t)size[i]);
	memset(received, 0, sizeof(*received));
	c.fd = pair[1];
	if ((pid = fork()) == 0) {
		for (size_t i = 0; i <= n && (received->last = chan_recv(&c)) == 1; i++)
			received->chan = c;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	close(pair[0]);
	close(pair[1]);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

static inline int
receive(struct chan c, const struct msg *m, size_t n)
{
	size_t	 size[2 * CHAN_WINDOW];

	for (size_t i = 0; i < n; i++)
		size[i] = sizeof(*m);
	return (receive_packets(c, m, size, n));
}

static inline bool
ended_saying(int status, const char *reason)
{
	if (status == STATUS_PROCESS && strstr(received->reason, reason) != NULL)
		return (true);
	printf("# status %d, \"%s\" instead of \"%s\"\n", status, received->reason, reason);
	return (false);
}

#endif /* RECEIVE_H */
