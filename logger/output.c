/* The descriptors the logger appends to, and what becomes of a failure.  Trusts its callers. */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "logger.h"

#define PENDING		65536	/* bytes of records that go out together */

static bool		 dead[OUTPUTS];	/* took no more; told, if somebody has to know */
static struct pending {
	char	 text[PENDING];
	size_t	 len;
}			 pending[OUTPUTS];

int
output_fd(enum output o)
{
	static const int	 fds[OUTPUTS] = {
		[OUTPUT_REPORT] = REPORT_FD,
		[OUTPUT_NORMAL] = NORMAL_FD,
		[OUTPUT_GREPABLE] = GREPABLE_FD,
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

/* Records go out in one write, so that a crash leaves whole ones and at most a head. */
static int
write_records(int fd, const char *text, size_t len)
{
	ssize_t	 n = write(fd, text, len);

	if (n != -1 && (size_t)n != len) {
		errno = ENOSPC;		/* the file system took a part: nothing else does that */
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

static void
write_out(struct chan *c, enum output o, const char *text, size_t len)
{
	int	 fd = output_fd(o);

	if (dead[o] || len == 0)
		return;
	if ((o == OUTPUT_REPORT ? write_report(fd, text, len) :
	    write_records(fd, text, len)) == -1)
		fail(c, o);
}

static void
flush(struct chan *c, enum output o)
{
	write_out(c, o, pending[o].text, pending[o].len);
	pending[o].len = 0;
}

void
output_flush(struct chan *c)
{
	for (enum output o = 0; o < OUTPUTS; o++)
		flush(c, o);
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

void
output_sync(struct chan *c, enum output o)
{
	flush(c, o);
	/* EINVAL: not a file that has a disk, such as /dev/null. */
	if (!dead[o] && fsync(output_fd(o)) == -1 && errno != EINVAL)
		fail(c, o);
}
