/*
 * The prober.  It sends probes and reads the answers of strangers: of all processes the one
 * most likely to be attacked, so it holds the least: a socket to the parent, one that sends
 * packets, for each link one that sends frames, one that asks for routes, and one or two that
 * receive.
 */

#include <sys/prctl.h>

#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "prober.h"

enum { SLOT_PARENT, SLOT_CAPTURE, SLOTS = SLOT_CAPTURE + CAPTURES };

#define MESSAGES_AT_ONCE 32
#define STATS_EVERY	1000000	/* microseconds */
#define TELL_EVERY	20000	/* microseconds, while there are probes to send */
#define NAP		250	/* microseconds between two looks while packets keep coming */
#define TIMER_SLACK	1000UL	/* nanoseconds */

/*
 * Sleep until a message comes, or until then; or until a packet comes, unless there were some
 * just now: then more will come, which are had cheaper together than each by a wake-up.
 */
static void
wait_until(struct pollfd slots[SLOTS], usec_t now, usec_t then, bool packets)
{
	usec_t		 left = then > now ? then - now : 0;
	short		 events = !packets && results_room() ? POLLIN : 0;
	struct timespec	 ts;

	if (packets && left > NAP)
		left = NAP;
	ts.tv_sec = (time_t)(left / 1000000);
	ts.tv_nsec = (long)(left % 1000000) * 1000;
	for (int n = 0; n < CAPTURES; n++)
		slots[SLOT_CAPTURE + n].events = events;
	(void)ppoll(slots, SLOTS, &ts, NULL);
}

/* False at end of file: the parent is gone. */
static bool
take_messages(struct chan *parent)
{
	int	 result = 1;

	for (int i = 0; i < MESSAGES_AT_ONCE && result == 1; i++)
		result = chan_recv(parent);
	return (result != 0);
}

static void
send_counters(struct chan *parent, bool last)
{
	struct msg_stats	 stats;

	engine_stats(&stats);
	stats.last = last;
	send_stats(parent, &stats);
}

/* Serve the parent until it is gone, or until it said STOP and all is told. */
static void
serve(struct chan *parent)
{
	struct pollfd	 slots[SLOTS] = {
		[SLOT_PARENT] = { .fd = parent->fd, .events = POLLIN },
	};
	usec_t		 now = prober_now(), counted = now, flushed = now;
	bool		 busy = false, packets = false;

	for (unsigned int n = 0; n < CAPTURES; n++)
		slots[SLOT_CAPTURE + n].fd = capture_fd(n);
	for (;;) {
		if (!busy)
			wait_until(slots, now, parent->phase == SETUP ? now + STATS_EVERY :
			    engine_next(now), packets);
		if (!take_messages(parent))
			return;
		packets = turn_packets(parent->phase != SETUP);
		busy = turn_probes(parent->phase != SETUP, &now);
		/* To wake the parent takes as long as twenty probes: results go together. */
		if (busy && now < flushed + TELL_EVERY && !results_many())
			continue;
		flushed = now;
		if (results_flush(parent) && engine_drained(now) && chan_room(parent) != 0)
			break;
		if (now >= counted + STATS_EVERY && parent->phase == RUN &&
		    chan_room(parent) != 0) {
			send_counters(parent, false);
			counted = now;
		}
	}
	send_counters(parent, true);
	for (int n = 0; n < CAPTURES; n++)
		slots[SLOT_CAPTURE + n].fd = -1;
	while (chan_recv(parent) != 0)
		wait_until(slots, now, now + STATS_EVERY, false);
}

/* What is to be sent by, and on what: argv[3] an interface or "", argv[4] "eth" or not there. */
static void
root_start(int argc, char *argv[])
{
	const char	*iface = argc > 3 && argv[3][0] != '\0' ? argv[3] : NULL;
	bool		 frames = argc > 4 && strcmp(argv[4], "eth") == 0;
	bool		 arp = root_routes(iface);

	if (frames)
		root_routes_frames();
	root_open(iface, arp || frames);
	send_init(frames);
	engine_init(prober_now());
	/* A wait may end 50 us late by default: as long as 50 probes take. */
	(void)prctl(PR_SET_TIMERSLACK, TIMER_SLACK);
}

int
main(int argc, char *argv[])
{
	struct chan		 parent;
	struct ids		 ids;
	struct msg_ready	 ready;

	chan_child(&parent, PROBER, prober_rows);
	ids = privs_ids(argc, argv);
	root_start(argc, argv);
	ready = privs_drop(&prober_sheet, ids);
	send_ready(&parent, &ready);
	serve(&parent);
	return (0);
}
