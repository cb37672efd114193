/*
 * The logger: the only process that can write, and only at the end of the logs it was given.
 * It trusts nobody: what the parent says is checked, what an old log says is parsed.
 */

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "logger.h"

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
	ready = logger_drop(ids);
	send_ready(&c, &ready);

	for (;;) {
		if (poll(&from_parent, 1, replay_ready(&c) ? 0 : -1) == -1 && errno != EINTR)
			fatal("poll");
		while ((got = chan_recv(&c)) == 1)
			;
		output_flush(&c);
		if (got == 0)
			return (STATUS_OK);
		replay_step(&c);
	}
}
