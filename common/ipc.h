/*
 * Fixed-size messages over a SOCK_SEQPACKET pair, with credits.
 *
 * A peer that breaks any rule is compromised: the receiver ends at once with a named reason.
 * Nobody blocks and nobody queues: whoever sends asks chan_room() first, and keeps what it
 * has to say in its own bounded state until there is room.
 */

#ifndef IPC_H
#define IPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "messages.h"
#include "payloads.h"

#define CHAN_FD		3	/* a child's socket to the parent */
#define CHAN_WINDOW	64	/* messages that may be on their way, in each direction */

enum msg_type {
	MSG_NONE,
#define M(name, stem, from, phases)	MSG_##name,
	ALL_MESSAGES(M)
#undef M
	MSG_TYPES
};

struct msg {
	uint32_t	 magic;		/* MSG_MAGIC: both ends were built from one table */
	uint16_t	 type;		/* enum msg_type */
	uint16_t	 zero;
	uint32_t	 seq;		/* messages sent so far, without CREDITs, with this one */
	uint32_t	 ack;		/* the other side's messages handled so far */
	union {
#define M(name, stem, from, phases)	struct msg_##stem stem;
		ALL_MESSAGES(M)
#undef M
		uint8_t	 body[MSG_BODY];
	};
};

_Static_assert(sizeof(struct msg) == MSG_SIZE, "one size for all messages");
_Static_assert(offsetof(struct msg, body) == MSG_HEADER, "header size");

struct chan;

/*
 * True when every field of the payload holds what its header says; check.c and check_logs.c have
 * one for each.
 */
typedef bool	 msg_check(const struct msg *);
/* The handler of a checked message; it may send. */
typedef void	 msg_handler(struct chan *, const struct msg *);

/* What this process knows of one message it may be sent; rows it lacks are all zero. */
struct msg_row {
	const char	*name;
	unsigned int	 from;
	unsigned int	 phases;
	size_t		 size;
	msg_check	*check;
	msg_handler	*handle;
};
#define ROW(msg_name, stem, msg_from, msg_phases)				\
	[MSG_##msg_name] = { .name = #msg_name, .from = (msg_from),		\
	    .phases = (msg_phases), .size = sizeof(struct msg_##stem),		\
	    .check = check_##stem, .handle = on_##stem },

struct chan {
	int			 fd;
	enum proc		 self;
	enum proc		 peer;
	enum phase		 phase;		/* of the messages that come in */
	const struct msg_row	*rows;		/* MSG_TYPES of them */
	uint32_t		 sent;		/* messages sent */
	uint32_t		 acked;		/* of them, handled by the peer */
	uint32_t		 handled;	/* messages of the peer handled */
	uint32_t		 told;		/* of them, acknowledged to the peer */
};

#define M(name, stem, from, phases)	msg_check check_##stem;
ALL_MESSAGES(M)
#undef M
msg_handler	 on_credit;

const char	*proc_name(enum proc);

void		 chan_init(struct chan *, int fd, enum proc self, enum proc peer,
		    const struct msg_row *rows);

/*
 * Take one message off the socket and hand it to its handler.  1 when one was handled, 0 at
 * end of file, -1 when there is none now (never blocks).  Whatever breaks a rule ends this
 * process: see fatalx().
 */
int		 chan_recv(struct chan *);

/* How many messages may be sent now. */
unsigned int	 chan_room(const struct chan *);

/* The phase of incoming messages moves on; backwards is a bug. */
void		 chan_phase(struct chan *, enum phase next);

/* For send_x(): send a payload.  Without room it is a bug.  If the peer is gone, nothing. */
void		 chan_send(struct chan *, unsigned int from, enum msg_type, const void *body,
		    size_t size);

#define SEND(name, stem, from, phases)						\
static inline void								\
send_##stem(struct chan *c, const struct msg_##stem *body)			\
{										\
	chan_send(c, (from), MSG_##name, body, sizeof(*body));			\
}
ALL_MESSAGES(SEND)
#undef SEND

/* Messages without a payload of their own. */
#define SEND_EMPTY(c, stem)	send_##stem((c), &(const struct msg_##stem){ .zero = { 0 } })

/*
 * A child's first step: its channel, and fatal(), warning() and note() by way of SAY to the
 * parent, who alone writes on the terminal.
 */
void		 chan_child(struct chan *, enum proc self, const struct msg_row *rows);

#endif /* IPC_H */
