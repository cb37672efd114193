/*
 * What the parent may ask, and the loop that serves it.  The table in messages.h has checked
 * every message before a handler here sees it.
 */

#include <errno.h>
#include <time.h>

#include "log.h"
#include "resolver.h"

#define TICK	10	/* milliseconds: how late a time-out may be seen */

/* Only now are the hosts files read: they are strangers' bytes. */
static void
on_start(struct chan *c, const struct msg *m)
{
	(void)m;
	chan_phase(c, RUN);
	hosts_read(USER_HOSTS_FD);
	hosts_read(HOSTS_FD);
}

static void
on_stop(struct chan *c, const struct msg *m)
{
	(void)m;
	chan_phase(c, DRAIN);
	query_stop();
}

static void
on_forward(struct chan *c, const struct msg *m)
{
	(void)c;
	query_forward(&m->forward);
}

static void
on_reverse(struct chan *c, const struct msg *m)
{
	(void)c;
	for (uint32_t i = 0; i < m->reverse.n; i++)
		query_reverse(&m->reverse.e[i]);
}

const struct msg_row	 resolver_rows[MSG_TYPES] = {
	TO_CHILDREN(ROW)
	TO_RESOLVER(ROW)
};

/* Handle what the parent has sent, a window of it at most.  False at end of file. */
static bool
take_messages(struct chan *c)
{
	int	 r = 1;

	for (int i = 0; i < CHAN_WINDOW && r == 1; i++)
		r = chan_recv(c);
	return (r != 0);
}

/* The answer to STOP, and the last that is said. */
static bool
tell_asked(struct chan *c)
{
	struct msg_asked	 m;

	if (c->phase != DRAIN || chan_room(c) == 0)
		return (false);
	lanes_asked(&m);
	send_asked(c, &m);
	return (true);
}

static usec_t
now(void)
{
	struct timespec	 t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) == -1)
		fatal("clock_gettime");
	return ((usec_t)t.tv_sec * 1000000 + (usec_t)t.tv_nsec / 1000);
}

/* Milliseconds until there is something to do, if nothing happens. */
static int
time_left(void)
{
	usec_t	 t = now(), when = question_when(t);

	if (when <= t)
		return (0);
	if (when - t < TICK * MSEC)
		return ((int)((when - t + MSEC - 1) / MSEC));
	return (when != NEVER || lanes_busy() || tcp_busy() ? TICK : -1);
}

void
resolver_run(struct chan *c)
{
	struct pollfd	 fds[1 + LANES + STREAMS];
	usec_t		 t, expired = 0;
	bool		 open = true, told = false;

	while (open) {
		fds[0] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
		lanes_poll(fds + 1);
		tcp_poll(fds + 1 + LANES);
		if (poll(fds, 1 + LANES + STREAMS, time_left()) == -1 && errno != EINTR)
			fatal("poll");
		t = now();
		lanes_read(fds + 1, t);
		tcp_process(fds + 1 + LANES, t);
		if (t >= expired + TICK * MSEC) {
			lanes_expire(t);
			question_expire(t);
			expired = t;
		}
		open = take_messages(c);
		question_ask(t);
		query_send(c);
		told = told || tell_asked(c);
	}
}
