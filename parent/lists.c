/*
 * Words from a file the user named: -iL and --excludefile.  Its bytes are not trusted.
 *
 * The buffer may begin in the middle of a comment or of a word; whatever is not finished
 * stays in it until more has been read.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "parent.h"

#define BLOCK		65536	/* bytes that a list's digest takes in at once */

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

/* Read a block from this offset, short only at the end of the file.  False when it can't be. */
static bool
read_block(int fd, char *block, uint64_t at, size_t *n)
{
	ssize_t	 got = 1;

	for (*n = 0; *n < BLOCK && got > 0; *n += (size_t)got)
		if ((got = pread(fd, block + *n, BLOCK - *n, (off_t)(at + *n))) == -1)
			return (false);
	return (true);
}

bool
list_digest(int fd, uint64_t *digest, uint64_t *bytes)
{
	static char	 block[BLOCK];
	size_t		 n = BLOCK;

	*digest = *bytes = 0;
	while (n == BLOCK) {
		if (*bytes > LIST_DIGEST_MAX || !read_block(fd, block, *bytes, &n))
			return (false);
		*digest = digest_add(*digest, block, n);
		*bytes += n;
	}
	return (*bytes <= LIST_DIGEST_MAX);
}

void
list_digest_line(const char *option, int fd, char line[LIST_DIGEST])
{
	uint64_t	 digest, bytes;

	if (list_digest(fd, &digest, &bytes))
		snprintf(line, LIST_DIGEST, "list %s %016llx %llu", option,
		    (unsigned long long)digest, (unsigned long long)bytes);
	else
		snprintf(line, LIST_DIGEST, "list %s - stream", option);
}
