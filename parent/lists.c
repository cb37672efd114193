/*
 * Words from a file the user named: -iL and --excludefile.  Its bytes are not trusted.
 *
 * The buffer may begin in the middle of a comment or of a word; whatever is not finished
 * stays in it until more has been read.
 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "parent.h"

void
list_init(struct list *l, int fd)
{
	*l = (struct list){ .fd = fd, .line = 1 };
}

static bool
is_white(char c)
{
	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

/* Step over a comment; of one that goes on past the buffer, its # stays for the next time. */
static void
skip_comment(struct list *l)
{
	while (l->at < l->end && l->buf[l->at] != '\n')
		l->at++;
	if (l->at == l->end && !l->eof)
		l->buf[--l->at] = '#';
}

/* Step to the first byte of a word, of an unfinished comment, or to the end of the buffer. */
static void
skip(struct list *l)
{
	for (; l->at < l->end; l->at++) {
		if (l->buf[l->at] == '#')
			skip_comment(l);
		if (l->at == l->end || !is_white(l->buf[l->at]))
			return;
		l->line += l->buf[l->at] == '\n';
	}
}

/*
 * Move what is left to the front and read more behind it, once, if there is more now: the
 * descriptor may be shared, so that O_NONBLOCK on it would be set for others too.
 */
static int
fill(struct list *l)
{
	const struct timespec	 now = { .tv_sec = 0 };
	struct pollfd		 p = { .fd = l->fd, .events = POLLIN };
	ssize_t			 n;

	if (ppoll(&p, 1, &now, NULL) != 1)
		return (-3);
	memmove(l->buf, l->buf + l->at, l->end - l->at);
	l->end -= l->at;
	l->at = 0;
	n = read(l->fd, l->buf + l->end, sizeof(l->buf) - l->end);
	if (n == -1 && errno != EINTR && errno != EAGAIN)
		return (-1);
	l->eof = n == 0;
	if (n > 0)
		l->end += (size_t)n;
	return (-3);
}

int
list_word(struct list *l, char word[WORD_MAX])
{
	size_t	 i;

	while (l->skipping && l->at < l->end && !is_white(l->buf[l->at]))
		l->at++;
	if (l->skipping && l->at == l->end && !l->eof)
		return (fill(l));
	l->skipping = false;
	skip(l);
	if (l->at < l->end && l->buf[l->at] == '#')
		return (fill(l));
	for (i = l->at; i < l->end && !is_white(l->buf[i]) && l->buf[i] != '#'; i++)
		if (i - l->at == WORD_MAX - 1 || (unsigned char)l->buf[i] < ' ' ||
		    l->buf[i] == 0x7f) {
			l->skipping = true;
			return (-2);
		}
	if (i == l->end && !l->eof)
		return (fill(l));
	if (i == l->at)
		return (0);
	memcpy(word, l->buf + l->at, i - l->at);
	word[i - l->at] = '\0';
	l->at = i;
	return (1);
}
