/*
 * The descriptors the logger writes to, and what becomes of a failure.  Logs are only ever appended
 * to; of an XML document the end is written over.  Trusts its callers.
 */

#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "logger.h"

#define PENDING		65536	/* bytes of records that go out together */
#define TAIL		4096	/* bytes of the end of an XML document */
#define HEAD		4096	/* bytes by which a file is known again */

static bool		 dead[OUTPUTS];	/* took no more; told, if somebody has to know */
static struct pending {
	char	 text[PENDING];
	size_t	 len;
}			 pending[OUTPUTS];
static off_t		 document_end, document_size;	/* of the XML: without its tail, with it */
static char		 tail_text[TAIL];
static size_t		 tail_len;

int
output_fd(enum output o)
{
	static const int	 fds[OUTPUTS] = {
		[OUTPUT_REPORT] = REPORT_FD,
		[OUTPUT_NORMAL] = NORMAL_FD,
		[OUTPUT_GREPABLE] = GREPABLE_FD,
		[OUTPUT_XML] = XML_FD,
		[OUTPUT_JSON] = JSON_FD,
		[OUTPUT_OLD] = OLD_FD,
	};

	return (fds[o]);
}

static void
fail(struct chan *c, enum output o)
{
	struct msg_logfailed	 failed = {
		.error = (uint32_t)errno, .output = (uint8_t)o
	};

	dead[o] = true;
	send_logfailed(c, &failed);
}

/* The file system may take a part, when it is full: nothing else does that. */
static int
all_of(ssize_t n, size_t len)
{
	if (n != -1 && (size_t)n != len) {
		errno = ENOSPC;
		return (-1);
	}
	return (n == -1 ? -1 : 0);
}

/* The report's reader may be slow, and may have made its end non-blocking. */
static int
write_report(int fd, const char *text, size_t len)
{
	struct pollfd	 reader = { .fd = fd, .events = POLLOUT };

	for (size_t at = 0; at < len;) {
		ssize_t	 n = write(fd, text + at, len - at);

		if (n != -1)
			at += (size_t)n;
		else if (errno != EAGAIN || poll(&reader, 1, -1) == -1)
			return (-1);
	}
	return (0);
}

/* It took no more, and maybe a part: the end goes back to where it was. */
static int
end_again(int fd)
{
	const struct iovec	 tail = { tail_text, tail_len };
	int			 error = errno;

	if (tail_len == 0 || pwritev(fd, &tail, 1, document_end) != (ssize_t)tail_len ||
	    ftruncate(fd, document_end + (off_t)tail_len) == -1)
		return (-1);
	errno = error;
	return (-1);
}

/* With its end behind it, in one write: the document is whole at any time. */
static int
write_document(int fd, const char *text, size_t len)
{
	const struct iovec	 parts[] = {
		{ (void *)(uintptr_t)text, len }, { tail_text, tail_len }
	};
	off_t			 size = document_end + (off_t)(len + tail_len);

	if (all_of(pwritev(fd, parts, 2, document_end), len + tail_len) == -1)
		return (end_again(fd));
	if (size < document_size && ftruncate(fd, size) == -1)
		return (-1);
	document_end += (off_t)len;
	document_size = size;
	return (0);
}

/* Records go out in one write, so that a crash leaves whole ones and at most a head. */
static void
write_out(struct chan *c, enum output o, const char *text, size_t len)
{
	int	 fd = output_fd(o), result;

	if (dead[o] || len == 0)
		return;
	if (o == OUTPUT_REPORT)
		result = write_report(fd, text, len);
	else if (o == OUTPUT_XML)
		result = write_document(fd, text, len);
	else
		result = all_of(write(fd, text, len), len);
	if (result == -1)
		fail(c, o);
}

static void
flush(struct chan *c, enum output o)
{
	struct pending	*p = &pending[o];

	write_out(c, o, p->text, p->len);
	p->len = 0;
}

void
output_flush(struct chan *c)
{
	for (enum output o = 0; o < OUTPUTS; o++)
		flush(c, o);
}

bool
output_waits(enum output o)
{
	return (pending[o].len != 0);
}

void
output_tail(const struct buffer *b)
{
	if (b->len > sizeof(tail_text))
		fatalx("a tail of %zu bytes", b->len);
	memcpy(tail_text, b->text, b->len);
	tail_len = b->len;
}

void
output_put(struct chan *c, enum output o, const struct buffer *b)
{
	struct pending	*p = &pending[o];

	if (p->len + b->len > sizeof(p->text))
		flush(c, o);
	if (b->len > sizeof(p->text)) {
		write_out(c, o, b->text, b->len);
		return;
	}
	memcpy(p->text + p->len, b->text, b->len);
	p->len += b->len;
}

bool
output_anew(struct chan *c, enum output o, const struct buffer *b)
{
	char	 head[HEAD];
	size_t	 len = b->len < sizeof(head) ? b->len : sizeof(head);
	ssize_t	 n = pread(output_fd(o), head, len, 0);

	if (n > 0 && ((size_t)n < len || memcmp(head, b->text, len) != 0)) {
		errno = EEXIST;
		n = -1;
	}
	if (n != -1 && ftruncate(output_fd(o), 0) == 0)
		return (true);
	fail(c, o);
	return (false);
}

void
output_sync(struct chan *c, enum output o)
{
	flush(c, o);
	/* EINVAL: not a file that has a disk, such as /dev/null. */
	if (!dead[o] && fsync(output_fd(o)) == -1 && errno != EINVAL)
		fail(c, o);
}
