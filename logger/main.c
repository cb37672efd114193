/*
 * The logger: the only process that can write, and only to the logs it was given: at their end,
 * but for XML.  It trusts nobody: what the parent says is checked, what an old log says is
 * parsed.
 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "logger.h"

#define KEY_MIN	16
#define KEY_MAX	65536

/* What --log-key names, if it was given. */
static void
root_read_key(void)
{
	static char	 secret[KEY_MAX];
	ssize_t		 n = read(KEY_FD, secret, sizeof(secret));

	if (n == -1 && errno == EBADF)
		return;
	if (n < KEY_MIN)
		die(STATUS_USAGE, "--log-key: not a file of at least %d bytes", KEY_MIN);
	journal_key(secret, (size_t)n);
	explicit_bzero(secret, sizeof(secret));
	close(KEY_FD);
}

int
main(int argc, char *argv[])
{
	struct chan		 c;
	struct ids		 ids;
	struct msg_ready	 ready;
	struct pollfd		 from_parent = { .fd = CHAN_FD, .events = POLLIN };
	int			 got;

	chan_child(&c, LOGGER, logger_rows);
	ids = privs_ids(argc, argv);
	tzset();		/* reads the time zone's file while there still are files */
	root_read_key();
	ready = logger_drop(ids);
	send_ready(&c, &ready);

	for (;;) {
		if (poll(&from_parent, 1, replay_ready(&c) ? 0 : -1) == -1 && errno != EINTR)
			fatal("poll");
		while ((got = chan_recv(&c)) == 1)
			;
		replay_step(&c);
		logger_flush(&c);
		if (got == 0)
			return (STATUS_OK);
	}
}
