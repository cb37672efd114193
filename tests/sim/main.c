/*
 * simnet [-eq] [-s STATS] [-t SECONDS] SCENARIO	be the internet of a scenario
 * simnet --truth PORTS SCENARIO [FILE]		say what a right scan of it finds
 *
 * It makes the scenario's device in the network namespace it is started in (sim.sh gives the
 * device its address and routes) and ends at SIGTERM, or after so many seconds, or with -e at
 * the end of its standard input; then it writes what it counted.  SIGUSR1 writes it at once;
 * SIGHUP forgets all hosts and counts, for the next measurement.
 */

#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

#define BATCH		64	/* reads between looks at the clock */
#define LIFETIME	7200	/* seconds */

/* Waits shorter than this are not worth a sleep, which would be too long. */
#define SPIN		UINT64_C(10000)
#define NAP		UINT64_C(40000)

enum slot { SLOT_DEVICE, SLOT_SIGNALS, SLOT_STDIN, SLOTS };

struct options {
	bool		 quiet, stdin_ends;
	const char	*stats;
	uint64_t	 lifetime;
};

static _Noreturn void
usage(void)
{
	fprintf(stderr, "usage: simnet [-eq] [-s stats] [-t seconds] scenario\n"
	    "       simnet --truth ports scenario [file]\n");
	exit(2);
}

static struct scenario *
read_scenario(const char *name)
{
	struct scenario	*s;
	FILE		*f = fopen(name, "re");

	if (f == NULL)
		err(1, "%s", name);
	s = scenario_parse(f, name);
	fclose(f);
	return (s);
}

/* A file appears when all is in it. */
static void
write_stats(const struct options *o, const struct scenario *s)
{
	char	 temporary[4096];
	FILE	*f;

	if (o->stats == NULL) {
		if (!o->quiet)
			stats_write(s, stdout);
		return;
	}
	snprintf(temporary, sizeof(temporary), "%s.new", o->stats);
	if ((f = fopen(temporary, "we")) == NULL)
		err(1, "%s", temporary);
	stats_write(s, f);
	fclose(f);
	if (rename(temporary, o->stats) == -1)
		err(1, "%s", o->stats);
}

static int
open_signals(void)
{
	sigset_t	 set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(1, "sigprocmask");
	return (signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

/* false: it is time to end. */
static bool
on_signal(int fd, const struct options *o, struct sim *s)
{
	struct signalfd_siginfo	 si;

	if (read(fd, &si, sizeof(si)) != sizeof(si))
		return (true);
	if (si.ssi_signo != SIGUSR1 && si.ssi_signo != SIGHUP)
		return (false);
	if (si.ssi_signo == SIGHUP) {
		stats_forget(s->scenario);
		state_forget();
		later_forget();
		s->forged = 0;
		sim_start(s, clock_now());
	}
	write_stats(o, s->scenario);
	return (true);
}

/* How many packets there were, up to a batch; -1: the device is gone. */
static int
read_some(struct device *d, struct sim *s)
{
	for (int i = 0; i < BATCH; i++)
		if (device_read(d, s) <= 0)
			return (errno == EAGAIN || errno == EINTR ||
			    errno == EIO ? i : -1);	/* EIO: it is not up */
	return (BATCH);
}

/*
 * Sleep until something is due or comes; or, while packets come close on each other, only
 * for a nap that none of them ends: to wake us would cost the scanner more than to send.
 */
static void
wait_for_work(struct pollfd *fds, int device, int got, uint64_t now, uint64_t end)
{
	uint64_t	 next = later_next() < end ? later_next() : end;
	uint64_t	 wait = next <= now ? 0 : next - now;
	struct timespec	 ts;

	if (got == BATCH || wait < SPIN)
		wait = 0;
	else if (got > 1 && wait > NAP)
		wait = NAP;
	ts.tv_sec = (time_t)(wait / SECOND);
	ts.tv_nsec = (long)(wait % SECOND);
	fds[SLOT_DEVICE].fd = got > 1 ? -1 : device;
	if (ppoll(fds, SLOTS, &ts, NULL) == -1 && errno != EINTR)
		err(1, "ppoll");
}

static bool
stdin_ended(void)
{
	char	 b[512];

	return (read(STDIN_FILENO, b, sizeof(b)) == 0);
}

static void
run(struct sim *s, struct device *d, const struct options *o)
{
	struct pollfd	 fds[SLOTS] = {
		[SLOT_DEVICE] = { .fd = d->fd, .events = POLLIN },
		[SLOT_SIGNALS] = { .fd = open_signals(), .events = POLLIN },
		[SLOT_STDIN] = { .fd = o->stdin_ends ? STDIN_FILENO : -1, .events = POLLIN }
	};
	uint64_t	 end = clock_now() + o->lifetime * SECOND, now;
	int		 got = 0;

	sim_start(s, clock_now());
	while ((now = clock_now()) < end) {
		sim_due(s, now);
		wait_for_work(fds, d->fd, got, now, end);
		if ((fds[SLOT_SIGNALS].revents & POLLIN) != 0 &&
		    !on_signal(fds[SLOT_SIGNALS].fd, o, s))
			break;
		if (fds[SLOT_STDIN].revents != 0 && stdin_ended())
			break;
		if ((got = read_some(d, s)) == -1)
			break;
	}
	write_stats(o, s->scenario);
}

static int
truth(int argc, char **argv)
{
	struct scenario	*s;
	FILE		*f = stdout;

	if (argc != 4 && argc != 5)
		usage();
	s = read_scenario(argv[3]);
	if (argc == 5 && (f = fopen(argv[4], "we")) == NULL)
		err(1, "%s", argv[4]);
	if (truth_write(s, argv[2], f) == -1)
		err(1, "write");
	return (0);
}

int
main(int argc, char **argv)
{
	struct options	 o = { .lifetime = LIFETIME };
	struct device	 d = { .fd = -1 };
	struct sim	 s = { .output = device_write, .arg = &d };
	int		 c;

	if (argc > 1 && strcmp(argv[1], "--truth") == 0)
		return (truth(argc, argv));
	while ((c = getopt(argc, argv, "eqs:t:")) != -1)
		switch (c) {
		case 'e': o.stdin_ends = true; break;
		case 'q': o.quiet = true; break;
		case 's': o.stats = optarg; break;
		case 't': o.lifetime = strtoull(optarg, NULL, 10); break;
		default: usage();
		}
	if (optind != argc - 1)
		usage();
	s.scenario = read_scenario(argv[optind]);
	if (device_open(&d, s.scenario) == -1)
		err(1, "%s", s.scenario->device);
	prctl(PR_SET_TIMERSLACK, 1L);
	run(&s, &d, &o);
	return (0);
}
