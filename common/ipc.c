/*
 * The channel between two processes.  It trusts neither: what comes in is held to the table
 * in messages.h before a handler sees it, and what goes out is held to the same table.
 */

#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "ipc.h"
#include "log.h"
#include "magic.h"

static struct chan	*parent_chan;	/* of a child; where its lines go */

const char *
proc_name(enum proc p)
{
	switch (p) {
	case PARENT:
		return ("parent");
	case RESOLVER:
		return ("resolver");
	case PROBER:
		return ("prober");
	case LOGGER:
		return ("logger");
	}
	return ("stranger");
}

void
chan_init(struct chan *c, int fd, enum proc self, enum proc peer, const struct msg_row *rows)
{
	*c = (struct chan){
		.fd = fd, .self = self, .peer = peer, .phase = SETUP, .rows = rows
	};
}

unsigned int
chan_room(const struct chan *c)
{
	return (CHAN_WINDOW - (c->sent - c->acked));
}

void
chan_phase(struct chan *c, enum phase next)
{
	if (next <= c->phase)
		fatalx("the phase of %s may only move on", proc_name(c->peer));
	c->phase = next;
}

/* A sequenced packet goes out whole or not at all; credits see to it that there is room. */
static void
put(struct chan *c, struct msg *m)
{
	m->magic = MSG_MAGIC;
	m->seq = c->sent;
	m->ack = c->told = c->handled;
	if (send(c->fd, m, sizeof(*m), MSG_NOSIGNAL | MSG_DONTWAIT) == -1 &&
	    errno != EPIPE && errno != ECONNRESET)
		fatal("send to %s", proc_name(c->peer));
}

void
chan_send(struct chan *c, unsigned int from, enum msg_type type, const void *body, size_t size)
{
	struct msg	 m = { .type = (uint16_t)type };

	if ((from & c->self) == 0)
		fatalx("message %d is not ours to send", type);
	if (type != MSG_SAY && chan_room(c) == 0)
		fatalx("message %d to %s without room", type, proc_name(c->peer));
	memcpy(m.body, body, size);
	c->sent++;
	put(c, &m);
}

/* Tell the peer of the room it has again, at the latest when half of it is used up. */
static void
give_credit(struct chan *c)
{
	struct msg	 m = { .type = MSG_CREDIT };

	if (c->handled - c->told >= CHAN_WINDOW / 2)
		put(c, &m);
}

void
on_credit(struct chan *c, const struct msg *m)
{
	(void)c;
	(void)m;
}

/* The rules that every message keeps, whatever it is. */
static void
check_header(struct chan *c, const struct msg *m, ssize_t n)
{
	const char	*peer = proc_name(c->peer);
	uint32_t	 seq = c->handled + (m->type != MSG_CREDIT);

	if (n != sizeof(*m))
		fatalx("%s sent a message of %zd bytes", peer, n);
	if (m->magic != MSG_MAGIC)
		fatalx("%s was built from another table of messages", peer);
	if (m->type == MSG_NONE || m->type >= MSG_TYPES || m->zero != 0)
		fatalx("%s sent a malformed message", peer);
	if (m->seq != seq)
		fatalx("%s sent message %u as number %u", peer, seq, m->seq);
	if (m->ack - c->acked > c->sent - c->acked)
		fatalx("%s acknowledged what was not sent", peer);
	if (m->type != MSG_CREDIT && seq - c->told > CHAN_WINDOW + (m->type == MSG_SAY))
		fatalx("%s sent more than it had room for", peer);
}

static void
check_row(const struct chan *c, const struct msg_row *row, const struct msg *m)
{
	const char	*peer = proc_name(c->peer);

	if (row->handle == NULL)
		fatalx("%s sent message %u, which is not for this process", peer, m->type);
	if ((row->from & c->peer) == 0)
		fatalx("%s sent %s, which is not its to send", peer, row->name);
	if ((row->phases & c->phase) == 0)
		fatalx("%s sent %s in the wrong phase", peer, row->name);
	if (!all_zero(m->body + row->size, MSG_BODY - row->size))
		fatalx("%s sent %s with bytes past its end", peer, row->name);
	if (!row->check(m))
		fatalx("%s sent %s with a bad payload", peer, row->name);
}

int
chan_recv(struct chan *c)
{
	static const struct msg_row	 credit = {
		"CREDIT", ANYBODY, ANY_PHASE, sizeof(struct msg_credit), check_credit, on_credit
	};
	const struct msg_row		*row;
	struct msg			 m;
	ssize_t				 n;

	n = recv(c->fd, &m, sizeof(m), MSG_TRUNC | MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return (-1);
	if (n == 0 || (n == -1 && errno == ECONNRESET))
		return (0);
	if (n == -1)
		fatal("receive from %s", proc_name(c->peer));

	check_header(c, &m, n);
	row = m.type == MSG_CREDIT ? &credit : &c->rows[m.type];
	check_row(c, row, &m);
	/* As give_credit() does: CREDIT takes no room, so nothing else holds its sender back. */
	if (m.type == MSG_CREDIT && m.ack - c->acked < CHAN_WINDOW / 2)
		fatalx("%s sent CREDIT for too little", proc_name(c->peer));
	c->acked = m.ack;
	if (m.type != MSG_CREDIT)
		c->handled++;
	row->handle(c, &m);
	give_credit(c);
	return (1);
}

/*
 * A child's line for the user.  A last word goes out even when there is no room for it (the
 * receiver allows for one); anything less is dropped then.
 */
static void
to_parent(enum say_level level, const char *text)
{
	struct msg_say	 say = { .level = (uint8_t)level };

	snprintf(say.text, sizeof(say.text), "%s", text);
	if (level == SAY_FATAL || chan_room(parent_chan) != 0)
		send_say(parent_chan, &say);
}

void
chan_child(struct chan *c, enum proc self, const struct msg_row *rows)
{
	chan_init(c, CHAN_FD, self, PARENT, rows);
	parent_chan = c;
	log_to(to_parent);
}
