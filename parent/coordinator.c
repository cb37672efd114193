/*
 * The coordinator: it starts the others, gives up every privilege, sets them up, and then walks
 * the hosts through the steps by messages alone.  It sees no packet, no DNS answer and no file
 * but the target lists, and it believes the others no further than their messages can be
 * checked.
 */

#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "parent.h"

#define READY_WAIT	30	/* seconds: sealing takes milliseconds */
#define STOP_WAIT	3	/* seconds: the prober waits for one round trip, under one */
#define END_WAIT	600	/* seconds: the report's reader may take its time */
#define INTERRUPT_WAIT	10	/* seconds: but not when we were told to stop */
#define MESSAGES_AT_ONCE CHAN_WINDOW

enum { SLOT_FRONT = CHILDREN_COUNT, SLOT_LIST, SLOTS };

struct chan		 channels[CHILDREN_COUNT];

static const enum proc	 procs[CHILDREN_COUNT] = { RESOLVER, PROBER, LOGGER };
static int		 pids[CHILDREN_COUNT];
static bool		 gone[CHILDREN_COUNT];
static bool		 spoke[CHILDREN_COUNT];	/* its last word */
static struct options	*options;
static struct plan	 plan;
static struct msg_ready	 own;
static enum ending	 ending = ENDING_COMPLETE;
static int64_t		 started;
static int		 signals;	/* how often we were told to stop */
static bool		 finishing, has_log;
static int64_t		 give_up;	/* seconds: await_room() waits no longer; 0: it does */

void
last_word(enum proc who, const char *text)
{
	for (int i = 0; i < CHILDREN_COUNT; i++)
		if (procs[i] == who)
			spoke[i] = true;
	note("%s: %s", proc_name(who), text);
}

void
log_failed(unsigned int output, int error)
{
	bool		 report = output == OUTPUT_REPORT;
	const char	*name = report ? "standard output" : options->log[output];

	if (!heard.log_started && !report && output != OUTPUT_OLD)
		die(STATUS_USAGE, "%s: %s; nothing was scanned", name, strerror(error));
	if (!report || error != EPIPE)
		warningx("%s: %s; what it has is kept", name, strerror(error));
	/* Nobody reads the report any more: there may be a log that is read later. */
	if (report && has_log)
		return;
	if (ending == ENDING_COMPLETE)
		ending = ENDING_LOG_FAILED;
}

static int64_t
microseconds(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec * (int64_t)1000000 + ts.tv_nsec / 1000);
}

static int64_t
seconds(void)
{
	return (microseconds() / 1000000);
}

/* How a child ended: its wait status, or -1 when it closed its socket but lives. */
static int
reap(int which)
{
	const struct timespec	 pause = { .tv_nsec = 10 * 1000 * 1000 };
	int			 status;

	for (int i = 0; i < 100; i++) {
		if (waitpid(pids[which], &status, WNOHANG) == pids[which])
			return (status);
		(void)ppoll(NULL, 0, &pause, NULL);
	}
	return (-1);
}

/*
 * A child is gone.  Before it was ready, and when it refuses what it was given to read, its own
 * status is ours: it has said what is wrong.
 */
static void
child_ended(int which)
{
	int		 status = reap(which);
	const char	*name = proc_name(procs[which]);
	bool		 network = which == CHILD_PROBER && status != -1 && WIFEXITED(status) &&
	    WEXITSTATUS(status) == STATUS_NETWORK;

	gone[which] = true;
	if (finishing && status == 0)
		return;
	if (status != -1 && WIFEXITED(status) && spoke[which] && (!heard.ready[which] ||
	    (!heard.log_started && WEXITSTATUS(status) == STATUS_USAGE)))
		_exit(WEXITSTATUS(status));
	if (status == -1)
		warningx("%s does not speak any more", name);
	else if (WIFSIGNALED(status))
		warningx("%s was killed by signal %d (SIG%s)", name, WTERMSIG(status),
		    sigabbrev_np(WTERMSIG(status)));
	else if (!network)
		warningx("%s ended with status %d", name, WEXITSTATUS(status));
	if (!heard.ready[which])
		_exit(STATUS_PROCESS);
	ending = network ? ENDING_NETWORK_GONE : ENDING_CHILD_DIED;
}

/* As of at most a second ago. */
static void
say_counters(void)
{
	const struct msg_stats	*s = &heard.stats;

	note("sent %" PRIu64 ", refused %" PRIu64 ", full %" PRIu64 ", received %" PRIu64
	    ", dropped %" PRIu64 ", invalid %" PRIu64 ", late %" PRIu64 "; canaries %" PRIu64
	    ", lost %" PRIu64 "; estimated loss %.2f %%; hosts in hand %u", s->sent, s->refused,
	    s->full, s->received, s->dropped, s->invalid, s->late, s->canaries, s->lost,
	    s->loss / 1e4, hosts_count());
}

static void
on_front(void)
{
	uint8_t	 byte;
	ssize_t	 n = recv(FD_FRONT, &byte, 1, MSG_DONTWAIT);

	if (n == -1)
		return;
	if (n == 0)
		_exit(STATUS_RESUMABLE);	/* nobody waits for us any more */
	if (byte == FRONT_ASKS) {
		say_counters();
		return;
	}
	if (++signals > 1)
		_exit(outcome_at_once(options));
	if (ending == ENDING_COMPLETE)
		ending = ENDING_INTERRUPTED;
}

/* Wait for something to happen, at most so long, and take in what did. */
static void
turn(int milliseconds)
{
	struct timespec	 wait = {
		.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L
	};
	struct pollfd	 slots[SLOTS] = {
		[SLOT_FRONT] = { .fd = FD_FRONT, .events = POLLIN },
		[SLOT_LIST] = { .fd = ending == ENDING_COMPLETE && !finishing ? source_fd() : -1,
		    .events = POLLIN },
	};

	for (int i = 0; i < CHILDREN_COUNT; i++)
		slots[i] = (struct pollfd){ .fd = gone[i] ? -1 : FD_CHILD + i, .events = POLLIN };
	if (ppoll(slots, SLOTS, &wait, NULL) == -1)
		return;
	for (int i = 0; i < CHILDREN_COUNT; i++) {
		int	 result = -1;

		for (int n = 0; slots[i].revents != 0 && n < MESSAGES_AT_ONCE; n++)
			if ((result = chan_recv(&channels[i])) != 1)
				break;
		if (result == 0)
			child_ended(i);
	}
	if (slots[SLOT_FRONT].revents != 0)
		on_front();
}

bool
await_room(enum child which)
{
	while (!gone[which] && chan_room(&channels[which]) == 0 &&
	    (give_up == 0 || seconds() <= give_up))
		turn(100);
	return (!gone[which] && chan_room(&channels[which]) != 0);
}

static bool
all_ready(void)
{
	for (int i = 0; i < CHILDREN_COUNT; i++)
		if (!gone[i] && !heard.ready[i])
			return (false);
	return (true);
}

static void
await_ready(void)
{
	int64_t	 until = seconds() + READY_WAIT;

	while (!all_ready()) {
		if (seconds() > until)
			die(STATUS_PROCESS, "not all processes became ready");
		turn(100);
	}
}

/* Walls that each of the processes has. */
static uint32_t
common_walls(void)
{
	uint32_t	 walls = own.walls;

	for (int i = 0; i < CHILDREN_COUNT; i++)
		if (heard.ready[i])
			walls &= heard.words[i].walls | WALL_PIDNS;
	return (walls);
}

/* Is there any target?  A list may take its time to say so. */
static void
await_targets(void)
{
	enum source_state	 any;

	while ((any = source_any()) == SOURCE_WAIT && ending == ENDING_COMPLETE)
		turn(1000);
	if (any == SOURCE_END)
		die(STATUS_USAGE, "-iL %s: no targets in it", options->list);
	if (any == SOURCE_WAIT)
		_exit(ending == ENDING_CHILD_DIED ? STATUS_PROCESS : outcome_at_once(options));
}

static void
tell_doctor(void)
{
	struct doctor_news	 news = { .parent = own };
	char			 byte;

	memcpy(news.ready, heard.words, sizeof(news.ready));
	(void)send(FD_DOCTOR, &news, sizeof(news), MSG_NOSIGNAL);
	(void)recv(FD_DOCTOR, &byte, 1, 0);	/* until it has seen enough */
}

/* What the logger says of the log it reads comes in by dispatch.c. */
static void
await_past(void)
{
	while (!heard.past_ended) {
		turn(1000);
		if (ending != ENDING_COMPLETE)
			_exit(ending == ENDING_CHILD_DIED ? STATUS_PROCESS :
			    outcome_at_once(options));
	}
}

/* --skip-done: the logger names the hosts that log has done, and nothing else of it. */
static void
skip_done(void)
{
	const struct msg_replay	 m = { .mode = TO_SKIP };

	heard.skipping = true;
	if (await_room(CHILD_LOGGER))
		send_replay(&channels[CHILD_LOGGER], &m);
	await_past();
	resume_skipped(options->skip_done, &heard.past);
	heard.skipping = heard.past_ended = false;
}

/* Have the logger read the old log; what it says comes in by resume.c. */
static void
replay(const struct files *f)
{
	const struct msg_replay	 m = {
		.mode = options->resume != NULL ? TO_RESUME :
		    options->convert != NULL ? TO_CONVERT : TO_VERIFY
	};

	resume_init(options);
	heard.replaying = true;
	setup_logger(options, &plan, f);
	if (await_room(CHILD_LOGGER))
		send_replay(&channels[CHILD_LOGGER], &m);
	await_past();
	if (options->verify != NULL)
		_exit(resume_verified(&heard.past));
	resume_end(&heard.past);
	plan_check_targets(options);
	plan.seed = heard.past.seed;
}

static void
start(enum child which)
{
	if (!await_room(which))
		return;
	chan_phase(&channels[which], RUN);
	SEND_EMPTY(&channels[which], start);
}

/* Configure the others and let them begin: the header is on disk before the first probe. */
static void
set_up(const struct files *f, const char *command_line)
{
	char	 wall[WALL_TEXT];

	plan_make(options, &plan);
	steps_init(&plan);
	report_init(&plan, options);
	start(CHILD_RESOLVER);
	while (ending == ENDING_COMPLETE && !steps_exclude())
		turn(1000);
	setup_logger(options, &plan, f);
	if (options->resume == NULL)
		setup_header(options, common_walls(), command_line);
	setup_evidence(options, &plan, common_walls());
	if (await_room(CHILD_PROBER))
		send_probeconfig(&channels[CHILD_PROBER], &plan.probe);
	setup_ports(&plan);
	start(CHILD_LOGGER);
	while (!heard.log_started && !gone[CHILD_LOGGER])
		turn(1000);
	start(CHILD_PROBER);
	for (unsigned int n = 0; wall_text(n, common_walls(), wall) != NULL; n++)
		if (options->verbosity != 0)
			note("missing here: %s", wall);
}

/* The walk itself: until all is done or something ends it. */
static void
walk(void)
{
	const int64_t	 every = (int64_t)plan.probe.checkpoint * 1000;
	int64_t		 flushed = seconds(), saved = microseconds();
	bool		 flush;

	while (ending == ENDING_COMPLETE) {
		flush = seconds() > flushed;
		if (flush)
			flushed = seconds();
		if (every != 0 && microseconds() >= saved + every) {
			saved = microseconds();
			report_checkpoint();
		}
		(void)report_run(flush);	/* first: it makes room for steps_run() */
		steps_run();
		if (steps_finished() && report_run(true))
			break;
		turn(steps_more() ? 0 : every != 0 && every < 1000000 ? (int)(every / 1000) : 1000);
	}
	if (ending == ENDING_COMPLETE && steps_left())
		ending = ENDING_NETWORK_GONE;
}

static void
stop(enum child which)
{
	if (!await_room(which))
		return;
	chan_phase(&channels[which], DRAIN);
	SEND_EMPTY(&channels[which], stop);
}

/* Hosts that the log has in part go last, as if the scan had been interrupted now. */
static void
convert_parts(void)
{
	steps_init(&plan);
	report_init(&plan, options);
	while (ending == ENDING_COMPLETE && !known_report(&plan))
		turn(100);
}

/* Nothing is scanned: what the log has goes to the other outputs, if there are any. */
static int
convert(const struct files *f)
{
	const struct msg_finish	 m = { .ending = heard.past.ending };

	plan_make(options, &plan);
	setup_logger(options, &plan, f);
	setup_ports(&plan);
	start(CHILD_LOGGER);
	while (!heard.log_started && ending == ENDING_COMPLETE)
		turn(1000);
	convert_parts();
	if (ending == ENDING_COMPLETE) {	/* else the outputs are left without an end */
		finishing = true;
		stop(CHILD_LOGGER);
		if (await_room(CHILD_LOGGER))
			send_finish(&channels[CHILD_LOGGER], &m);
	}
	while (!heard.log_finished && ending == ENDING_COMPLETE)
		turn(1000);
	return (ending == ENDING_COMPLETE ? STATUS_OK :
	    ending == ENDING_CHILD_DIED ? STATUS_PROCESS : STATUS_INCOMPLETE);
}

/* Stop sending, take in what is on its way, write what is known, and close the logs. */
static void
finish(void)
{
	struct msg_finish	 m = { .ending = (uint8_t)ending };
	int64_t			 until = seconds() + STOP_WAIT;

	give_up = seconds() + (ending == ENDING_COMPLETE ? END_WAIT : INTERRUPT_WAIT);
	steps_stop();
	stop(CHILD_RESOLVER);
	stop(CHILD_PROBER);
	while (((!gone[CHILD_PROBER] && !heard.drained) ||
	    (!gone[CHILD_RESOLVER] && !heard.asked)) && seconds() <= until) {
		turn(100);
		(void)report_run(true);
	}
	if (ending != ENDING_COMPLETE)
		steps_abandon();
	while (!report_run(true) && !gone[CHILD_LOGGER] && seconds() <= give_up)
		turn(100);
	finishing = true;
	stop(CHILD_LOGGER);
	m.elapsed = (uint64_t)(microseconds() - started);
	m.stats = heard.stats;
	m.asked = heard.servers;
	if (await_room(CHILD_LOGGER))
		send_finish(&channels[CHILD_LOGGER], &m);
	while (!gone[CHILD_LOGGER] && !heard.log_finished && seconds() <= give_up)
		turn(100);
}

static void
place(int from, int to)
{
	if (from != -1 && dup3(from, to, O_CLOEXEC) == -1)
		fatal("descriptor %d", to);
}

int
coordinate(struct options *o, const struct files *f, struct ids ids, bool pid_namespace,
    const char *command_line)
{
	options = o;
	has_log = f->log[OUTPUT_NORMAL] != -1 || f->log[OUTPUT_GREPABLE] != -1 ||
	    o->resume != NULL;
	started = microseconds();
	root_start_children(o, f, pids);
	for (int i = 0; i < CHILDREN_COUNT; i++) {
		chan_init(&channels[i], FD_CHILD + i, PARENT, procs[i], parent_rows);
		gone[i] = pids[i] == 0;		/* not wanted for what is to be done */
	}
	place(f->list, FD_LIST);
	place(f->excludefile, FD_EXCLUDE);
	place(open("/dev/null", O_RDWR | O_CLOEXEC), STDIN_FILENO);
	place(STDIN_FILENO, STDOUT_FILENO);
	if (getrandom(&plan.seed, sizeof(plan.seed), 0) != sizeof(plan.seed))
		fatal("random numbers");
	own = privs_drop(&parent_sheet, ids);
	own.walls |= pid_namespace ? WALL_PIDNS : 0;
	await_ready();
	if (o->doctor) {
		tell_doctor();
		return (STATUS_OK);
	}
	if (o->skip_done != NULL)
		skip_done();
	if (f->log[OUTPUT_OLD] != -1)
		replay(f);
	if (heard.past.replay == REPLAY_FINISHED && o->resume != NULL)
		note("%s: already complete", o->resume);
	if (heard.past_ended && (o->convert != NULL || heard.past.replay == REPLAY_FINISHED))
		return (convert(f));
	source_init(o, f);
	await_targets();
	set_up(f, command_line);
	walk();
	finish();
	return (outcome_status(options, ending, has_log, gone[CHILD_LOGGER]));
}
