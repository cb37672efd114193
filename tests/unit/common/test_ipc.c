/*
 * The channel's own rules: how messages are numbered, acknowledged and limited, what a break
 * of them does, and that two processes which keep them never run out of room.
 */

#include <errno.h>
#include <poll.h>

#include "apart.h"
#include "good.h"
#include "receive.h"

/* A parent that is told things by the prober: SAY may come in any phase. */
static struct chan
parent(void)
{
	return (fresh(-1, PARENT, PROBER, RUN));
}

static struct msg
numbered(enum msg_type type, uint32_t seq)
{
	struct msg	 m = good(type);

	m.seq = seq;
	return (m);
}

static int
receive_one(struct chan c, struct msg m)
{
	return (receive(c, &m, 1));
}

static void
a_header_that_is_wrong_ends_the_receiver(void)
{
	struct msg	 m = good(MSG_SAY);

	CHECK(receive_one(parent(), m) == 0 && received->n[MSG_SAY] == 1);
	m.magic++;
	CHECK(ended_saying(receive_one(parent(), m), "built from another table"));
	m = good(MSG_SAY);
	m.zero = 1;
	CHECK(ended_saying(receive_one(parent(), m), "malformed"));
	m = good(MSG_SAY);
	m.type = MSG_NONE;
	CHECK(ended_saying(receive_one(parent(), m), "malformed"));
	m.type = MSG_TYPES;
	CHECK(ended_saying(receive_one(parent(), m), "malformed"));
	m.type = UINT16_MAX;
	CHECK(ended_saying(receive_one(parent(), m), "malformed"));
}

static void
numbers_that_repeat_or_skip_end_the_receiver(void)
{
	struct msg	 m[3];
	struct chan	 c = parent();

	for (uint32_t i = 0; i < 3; i++)
		m[i] = numbered(MSG_SAY, i + 1);
	CHECK(receive(parent(), m, 3) == 0 && received->n[MSG_SAY] == 3);
	m[2].seq = 2;
	CHECK(ended_saying(receive(parent(), m, 3), "as number 2") && received->total == 2);
	m[2].seq = 4;
	CHECK(ended_saying(receive(parent(), m, 3), "as number 4") && received->total == 2);
	m[0].seq = 0;
	CHECK(ended_saying(receive(parent(), m, 3), "as number 0") && received->total == 0);
	/* A CREDIT is not counted, so it has the number of the message before it. */
	c.sent = CHAN_WINDOW;
	m[0] = numbered(MSG_CREDIT, 0);
	m[1] = numbered(MSG_SAY, 1);
	m[1].ack = CHAN_WINDOW / 2;
	m[2] = numbered(MSG_CREDIT, 1);
	m[2].ack = CHAN_WINDOW;
	CHECK(receive(c, m, 3) == 0 && received->total == 1);
	m[2].seq = 2;
	CHECK(ended_saying(receive(c, m, 3), "as number 2"));
}

static void
an_acknowledgment_of_what_was_not_sent_ends_the_receiver(void)
{
	struct msg	 m = good(MSG_SAY);
	struct chan	 c = parent();

	m.ack = 1;
	CHECK(ended_saying(receive_one(c, m), "acknowledged"));
	c.sent = 10;
	c.acked = 7;
	m.ack = 10;
	CHECK(receive_one(c, m) == 0 && received->chan.acked == 10);
	m.ack = 7;
	CHECK(receive_one(c, m) == 0 && received->chan.acked == 7);
	m.ack = 11;
	CHECK(ended_saying(receive_one(c, m), "acknowledged"));
	m.ack = 6;
	CHECK(ended_saying(receive_one(c, m), "acknowledged"));
}

static void
messages_beyond_the_room_given_end_the_receiver(void)
{
	struct msg	 m[CHAN_WINDOW + 2];
	struct chan	 c = parent();

	/* The receiver has read none of them yet, and told so: all count. */
	c.handled = CHAN_WINDOW;
	CHECK(ended_saying(receive_one(c, numbered(MSG_STATS, CHAN_WINDOW + 1)), "had room for"));
	c.handled = CHAN_WINDOW - 1;
	CHECK(receive_one(c, numbered(MSG_STATS, CHAN_WINDOW)) == 0 && received->total == 1);
	/* It gives room back as it reads. */
	for (uint32_t i = 0; i < CHAN_WINDOW + 2; i++)
		m[i] = numbered(MSG_SAY, i + 1);
	CHECK(receive(parent(), m, CHAN_WINDOW + 2) == 0);
	CHECK(received->total == CHAN_WINDOW + 2);
}

static void
there_is_room_for_one_last_word_beyond_the_window(void)
{
	struct chan	 c = parent();

	c.handled = CHAN_WINDOW;
	CHECK(receive_one(c, numbered(MSG_SAY, CHAN_WINDOW + 1)) == 0 && received->total == 1);
	c.handled = CHAN_WINDOW + 1;
	CHECK(ended_saying(receive_one(c, numbered(MSG_SAY, CHAN_WINDOW + 2)), "had room for"));
}

/* The numbers of a long scan pass 2^32. */
static void
the_numbers_may_wrap(void)
{
	struct msg	 m[3];
	struct chan	 c = parent();

	c.handled = c.told = UINT32_MAX - 1;
	c.sent = 3;
	c.acked = UINT32_MAX - 5;
	for (uint32_t i = 0; i < 3; i++) {
		m[i] = numbered(MSG_SAY, UINT32_MAX + i);
		m[i].ack = UINT32_MAX + 2 * i;
	}
	CHECK(receive(c, m, 3) == 0 && received->total == 3);
	CHECK(received->chan.handled == 1 && received->chan.acked == 3);
	CHECK(chan_room(&received->chan) == CHAN_WINDOW);
}

/* They take no room, so that alone would not end a flood of them. */
static void
a_credit_is_for_half_a_window_or_more(void)
{
	struct msg	 m[2] = { numbered(MSG_CREDIT, 0), numbered(MSG_CREDIT, 0) };
	struct chan	 c = parent();

	c.sent = CHAN_WINDOW;
	m[0].ack = CHAN_WINDOW / 2;
	m[1].ack = CHAN_WINDOW;
	CHECK(receive(c, m, 2) == 0 && received->total == 0);
	CHECK(chan_room(&received->chan) == CHAN_WINDOW && received->chan.handled == 0);
	m[1].ack--;
	CHECK(ended_saying(receive(c, m, 2), "CREDIT for too little"));
	m[1].ack = m[0].ack;
	CHECK(ended_saying(receive(c, m, 2), "CREDIT for too little"));
	m[0].ack = 0;
	CHECK(ended_saying(receive(c, m, 1), "CREDIT for too little"));
}

/* In a process of its own: send until something ends it, or n are sent. */
static unsigned int	 sends;

static void
send_many(void)
{
	struct chan	 c;
	int		 pair[2];

	log_to(keep_reason);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1)
		abort();
	c = fresh(pair[0], PROBER, PARENT, RUN);
	for (unsigned int i = 0; i < sends; i++) {
		CHECK(chan_room(&c) == CHAN_WINDOW - i);
		send_stats(&c, &(const struct msg_stats){ .sent = i });
	}
}

static void
sending_without_room_is_a_bug(void)
{
	sends = CHAN_WINDOW;
	CHECK(apart(send_many, NULL, 0) == 0);
	sends = CHAN_WINDOW + 1;
	memset(received, 0, sizeof(*received));
	CHECK(ended_saying(apart(send_many, NULL, 0), "without room"));
}

static void
go_back(void)
{
	struct chan	 c = parent();

	chan_phase(&c, DRAIN);
	CHECK(c.phase == DRAIN);
	chan_phase(&c, RUN);
}

static void
stay_there(void)
{
	struct chan	 c = parent();

	chan_phase(&c, RUN);
}

static void
a_phase_only_moves_on(void)
{
	CHECK(ended_saying(apart(go_back, NULL, 0), "only move on"));
	CHECK(ended_saying(apart(stay_there, NULL, 0), "only move on"));
}

#define MANY	20000

/*
 * One end of a busy pair: send MANY messages as there is room and read what comes, without
 * ever waiting for anything but a message.  A send that finds no place in the socket would be
 * fatal.
 */
static void
talk(struct chan *c, bool prober)
{
	struct pollfd		 p = { .fd = c->fd, .events = POLLIN };
	const unsigned int	*came = &received->n[prober ? MSG_TARGETS : MSG_STATS];
	unsigned int		 sent = 0;

	memset(received->n, 0, sizeof(received->n));
	for (;;) {
		for (; sent < MANY && chan_room(c) != 0; sent++)
			if (prober)
				send_stats(c, &(const struct msg_stats){ .sent = sent });
			else
				send_targets(c, &good_payloads[MSG_TARGETS].targets);
		if (sent == MANY && *came == MANY)
			return;
		if (poll(&p, 1, 10000) != 1)
			fatalx("nothing comes any more");
		for (int i = 0; i < 7 && chan_recv(c) == 1; i++)
			;
	}
}

/* A process of its own memory: what it received is its own. */
static pid_t
start_talker(struct chan c, bool prober)
{
	static struct received	 mine;
	pid_t			 pid = fork();

	if (pid == 0) {
		received = &mine;
		talk(&c, prober);
		_exit(0);
	}
	return (pid);
}

static void
credits_come_back_for_as_long_as_both_read(void)
{
	int	 pair[2], status[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	start_talker(fresh(pair[0], PARENT, PROBER, RUN), false);
	start_talker(fresh(pair[1], PROBER, PARENT, RUN), true);
	for (int i = 0; i < 2; i++)
		CHECK(wait(&status[i]) > 0 && WIFEXITED(status[i]) && WEXITSTATUS(status[i]) == 0);
	close(pair[0]);
	close(pair[1]);
}

static void
end_of_file_and_nothing_there_are_told_apart(void)
{
	struct msg	 m = good(MSG_SAY);
	struct chan	 c = parent();
	int		 pair[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	c.fd = pair[1];
	CHECK(chan_recv(&c) == -1);
	CHECK(send(pair[0], &m, sizeof(m), 0) == sizeof(m));
	close(pair[0]);
	CHECK(chan_recv(&c) == 1);	/* what was said before the end is heard */
	CHECK(chan_recv(&c) == 0);
	CHECK(chan_recv(&c) == 0);
	close(pair[1]);
}

/* Neither a signal nor an end: the next chan_recv() says that the peer is gone. */
static void
sending_to_a_peer_that_is_gone_does_nothing(void)
{
	struct chan	 c = fresh(-1, PROBER, PARENT, RUN);
	int		 pair[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	c.fd = pair[1];
	close(pair[0]);
	send_stats(&c, &good_payloads[MSG_STATS].stats);
	CHECK(chan_recv(&c) == 0);
	close(pair[1]);
}

static int	 parents_end;

/* A child that says more than there is room for, and then ends for a reason. */
static void
chatter(void)
{
	struct chan	 c;

	dup2(parents_end, CHAN_FD);
	chan_child(&c, PROBER, rows_of(PROBER));
	for (int i = 0; i < CHAN_WINDOW + 10; i++)
		note("line %d", i);
	fatalx("the last \x1b[31mword");
}

static void
a_child_speaks_through_its_parent_and_always_has_its_last_word(void)
{
	struct msg	 m;
	int		 pair[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	parents_end = pair[1];
	CHECK(apart(chatter, NULL, 0) == STATUS_PROCESS);
	for (uint32_t i = 0; i <= CHAN_WINDOW; i++) {
		CHECK(recv(pair[0], &m, sizeof(m), MSG_DONTWAIT) == sizeof(m));
		CHECK(m.type == MSG_SAY && m.seq == i + 1 && check_say(&m));
		CHECK(m.say.level == (i < CHAN_WINDOW ? SAY_NOTE : SAY_FATAL));
	}
	CHECK(strcmp(m.say.text, "the last \\x1b[31mword") == 0);
	CHECK(recv(pair[0], &m, sizeof(m), MSG_DONTWAIT) == -1);
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	receive_init();
	CASE(a_header_that_is_wrong_ends_the_receiver);
	CASE(numbers_that_repeat_or_skip_end_the_receiver);
	CASE(an_acknowledgment_of_what_was_not_sent_ends_the_receiver);
	CASE(messages_beyond_the_room_given_end_the_receiver);
	CASE(there_is_room_for_one_last_word_beyond_the_window);
	CASE(the_numbers_may_wrap);
	CASE(a_credit_is_for_half_a_window_or_more);
	CASE(sending_without_room_is_a_bug);
	CASE(a_phase_only_moves_on);
	CASE(credits_come_back_for_as_long_as_both_read);
	CASE(end_of_file_and_nothing_there_are_told_apart);
	CASE(sending_to_a_peer_that_is_gone_does_nothing);
	CASE(a_child_speaks_through_its_parent_and_always_has_its_last_word);
	return (test_done());
}
