/*
 * What the parent may ask, and the loop that serves it.  The table in messages.h has checked
 * every message before a handler here sees it.
 */

#include <errno.h>

#include "log.h"
#include "resolver.h"

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
	servers_asked(&m);
	send_asked(c, &m);
	return (true);
}

void
resolver_run(struct chan *c)
{
	struct pollfd	 fds[1 + LANES];
	bool		 open = true, told = false;
	int		 timeout;

	while (open) {
		fds[0] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
		timeout = servers_poll(fds + 1);
		if (poll(fds, 1 + LANES, timeout) == -1 && errno != EINTR)
			fatal("poll");
		servers_process(fds + 1);
		open = take_messages(c);
		query_ask();
		query_send(c);
		told = told || tell_asked(c);
	}
}
