/* The descriptors the logger appends to, and what becomes of a failure.  Trusts its callers. */

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "logger.h"

static bool	 dead[OUTPUTS];		/* took no more; told, if somebody has to know */

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

/* A record goes out in one write, so that a crash leaves at most its head. */
static int
write_record(int fd, const struct buffer *b)
{
	ssize_t	 n = write(fd, b->text, b->len);

	if (n != -1 && (size_t)n != b->len) {
		errno = ENOSPC;		/* the file system took a part: nothing else does that */
		return (-1);
	}
	return (n == -1 ? -1 : 0);
}

/* The report's reader may be slow, and may have made its end non-blocking. */
static int
write_report(int fd, const struct buffer *b)
{
	struct pollfd	 reader = { .fd = fd, .events = POLLOUT };

	for (size_t at = 0; at < b->len;) {
		ssize_t	 n = write(fd, b->text + at, b->len - at);

		if (n != -1)
			at += (size_t)n;
		else if (errno != EAGAIN || poll(&reader, 1, -1) == -1)
			return (-1);
	}
	return (0);
}

void
output_put(struct chan *c, enum output o, const struct buffer *b)
{
	int	 fd = output_fd(o);

	if (dead[o] || b->len == 0)
		return;
	if ((o == OUTPUT_REPORT ? write_report(fd, b) : write_record(fd, b)) == -1)
		fail(c, o);
}

void
output_sync(struct chan *c, enum output o)
{
	/* EINVAL: not a file that has a disk, such as /dev/null. */
	if (!dead[o] && fsync(output_fd(o)) == -1 && errno != EINVAL)
		fail(c, o);
}
