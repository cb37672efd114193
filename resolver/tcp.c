/*
 * Questions whose answer did not fit into a datagram, over TCP (RFC 7766): a connection each, to
 * the server that said so, and closed behind the answer.  What comes in is hostile: it is as long
 * as its first two bytes say, and repeats the question, or it is none.
 */

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "resolver.h"

#define PATIENCE	(3000 * MSEC)	/* for the whole of an answer */
#define LENGTH		2		/* bytes in front of a message (RFC 1035, 4.2.2) */

struct stream {
	struct question	*question;	/* NULL: not in use */
	int		 fd;
	usec_t		 deadline;
	size_t		 sent;
	size_t		 got;
	uint8_t		 out[LENGTH + WIRE_MAX];
	uint8_t		 in[LENGTH + UINT16_MAX];
};

static struct stream	 streams[STREAMS];

bool
tcp_room(void)
{
	for (int i = 0; i < STREAMS; i++)
		if (streams[i].question == NULL)
			return (true);
	return (false);
}

static void
end(struct stream *s)
{
	s->question = NULL;
	if (s->fd != -1)
		close(s->fd);
}

void
tcp_ask(struct question *q, unsigned int server, usec_t now)
{
	struct stream	*s = streams;

	while (s->question != NULL)
		s++;
	s->fd = servers_socket(server, SOCK_STREAM);
	s->question = q;
	s->deadline = now + PATIENCE;
	s->sent = s->got = 0;
	s->out[0] = (uint8_t)(q->wire_len >> 8);
	s->out[1] = (uint8_t)q->wire_len;
	memcpy(s->out + LENGTH, q->wire, q->wire_len);
	if (s->fd == -1) {
		end(s);
		question_streamed(q, NULL, 0);
	}
}

void
tcp_forget(const struct question *q)
{
	for (int i = 0; i < STREAMS; i++)
		if (streams[i].question == q)
			end(&streams[i]);
}

/* The answer is there, or (NULL) will not come. */
static void
finish(struct stream *s, const uint8_t *msg, size_t len)
{
	struct question	*q = s->question;

	end(s);
	question_streamed(q, msg, len);
}

/* Send what is left of the query; false: the connection has failed. */
static bool
write_on(struct stream *s)
{
	size_t	 len = LENGTH + s->question->wire_len;
	ssize_t	 n = send(s->fd, s->out + s->sent, len - s->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n == -1)
		return (errno == EAGAIN);
	s->sent += (size_t)n;
	return (true);
}

/* Take in what there is of the answer; false: there is no more to come. */
static bool
read_on(struct stream *s)
{
	size_t	 want = LENGTH;
	ssize_t	 n;

	if (s->got >= LENGTH)
		want += (size_t)s->in[0] << 8 | s->in[1];
	n = recv(s->fd, s->in + s->got, want - s->got, MSG_DONTWAIT);
	if (n <= 0)
		return (n == -1 && errno == EAGAIN);
	s->got += (size_t)n;
	return (true);
}

/* Is the whole of it there? */
static bool
is_whole(const struct stream *s)
{
	return (s->got > LENGTH && s->got == LENGTH + ((size_t)s->in[0] << 8 | s->in[1]));
}

static void
go_on(struct stream *s, short events, usec_t now)
{
	const struct question	*q = s->question;
	const uint8_t		*msg = s->in + LENGTH;
	bool			 alive = now < s->deadline;

	if (alive && (events & POLLOUT) != 0)
		alive = write_on(s);
	while (alive && (events & (POLLIN | POLLHUP | POLLERR)) != 0 && !is_whole(s)) {
		size_t	 before = s->got;

		alive = read_on(s);
		if (s->got == before)
			break;
	}
	if (is_whole(s) && answer_repeats(msg, s->got - LENGTH, q->wire, q->wire_len))
		finish(s, msg, s->got - LENGTH);
	else if (!alive || is_whole(s))
		finish(s, NULL, 0);
}

void
tcp_poll(struct pollfd fds[STREAMS])
{
	for (int i = 0; i < STREAMS; i++) {
		const struct stream	*s = &streams[i];

		fds[i] = (struct pollfd){ .fd = -1 };
		if (s->question == NULL)
			continue;
		fds[i].fd = s->fd;
		fds[i].events = s->sent < LENGTH + s->question->wire_len ? POLLOUT : POLLIN;
	}
}

void
tcp_process(const struct pollfd fds[STREAMS], usec_t now)
{
	for (int i = 0; i < STREAMS; i++)
		if (streams[i].question != NULL && fds[i].fd == streams[i].fd)
			go_on(&streams[i], fds[i].revents, now);
}

bool
tcp_busy(void)
{
	for (int i = 0; i < STREAMS; i++)
		if (streams[i].question != NULL)
			return (true);
	return (false);
}
