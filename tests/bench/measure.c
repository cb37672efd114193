/*
 * measure [-t SECONDS] RESULT COMMAND [ARGUMENT...]
 *
 * Run a command and write into the file RESULT what it took: seconds from start to exit, those of
 * CPU time, and the most memory it had: the peak resident sets of all its processes, added up
 * (pages that they share count in each).  A command that takes longer than SECONDS is ended.
 *
 * wait4() knows only the largest of many processes, so each one's VmHWM is read in /proc, in time
 * that nobody else wants (SCHED_IDLE); what it grew by after the last look is missed.
 */

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES	64
#define LOOK_EVERY	50000000	/* nanoseconds */
#define GRACE		5.0		/* seconds from SIGTERM to SIGKILL */

static struct process {
	pid_t		 pid;
	uint64_t	 peak;		/* KiB */
}			 processes[PROCESSES];
static unsigned int	 nprocesses;

static double
now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec + (double)ts.tv_nsec / 1e9);
}

static void
found(pid_t pid)
{
	for (unsigned int i = 0; i < nprocesses; i++)
		if (processes[i].pid == pid)
			return;
	if (nprocesses < PROCESSES)
		processes[nprocesses++].pid = pid;
}

static void
find_children(pid_t pid)
{
	char	 name[64];
	int	 child;
	FILE	*f;

	snprintf(name, sizeof(name), "/proc/%d/task/%d/children", pid, pid);
	if ((f = fopen(name, "re")) == NULL)
		return;
	while (fscanf(f, "%d", &child) == 1)
		found(child);
	fclose(f);
}

static void
look_at(struct process *p)
{
	char		 name[64], line[256];
	uint64_t	 peak;
	FILE		*f;

	snprintf(name, sizeof(name), "/proc/%d/status", p->pid);
	if ((f = fopen(name, "re")) == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmHWM: %" SCNu64, &peak) == 1 && peak > p->peak)
			p->peak = peak;
	fclose(f);
}

/* The list grows while it is walked: children come after their parents. */
static void
look(void)
{
	for (unsigned int i = 0; i < nprocesses; i++) {
		find_children(processes[i].pid);
		look_at(&processes[i]);
	}
}

static pid_t
start(char **argv, const sigset_t *set)
{
	pid_t	 pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid != 0) {
		if (sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){ 0 }) == -1)
			err(1, "SCHED_IDLE");
		return (pid);
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_UNBLOCK, set, NULL);
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

/* Wait for its end, or end it.  True: it had to be ended. */
static bool
watch(pid_t pid, const sigset_t *set, double limit, int *status, struct rusage *usage)
{
	const struct timespec	 every = { .tv_nsec = LOOK_EVERY };
	double			 begun = now(), since;
	bool			 ended = false;

	found(pid);
	while (wait4(pid, status, WNOHANG, usage) == 0) {
		look();
		since = now() - begun;
		if (since > limit + GRACE)
			kill(pid, SIGKILL);
		else if (since > limit && !ended) {
			kill(pid, SIGTERM);
			ended = true;
		}
		(void)sigtimedwait(set, NULL, &every);
	}
	return (ended);
}

static double
cpu(const struct rusage *u)
{
	return ((double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
	    (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6);
}

static void
write_result(const char *name, double wall, const struct rusage *usage, int status, bool ended)
{
	uint64_t	 peak = 0;
	FILE		*f = fopen(name, "we");

	for (unsigned int i = 0; i < nprocesses; i++)
		peak += processes[i].peak;
	if (f == NULL)
		err(1, "%s", name);
	fprintf(f, "wall=%.4f\ncpu=%.4f\npeak_kib=%" PRIu64 "\nexit=%d\ntimed_out=%d\n", wall,
	    cpu(usage), peak, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
	    ended);
	if (fclose(f) != 0)
		err(1, "%s", name);
}

int
main(int argc, char **argv)
{
	struct rusage	 usage;
	sigset_t	 set;
	double		 limit = 3600, begun = now();
	int		 c, status = 0;
	bool		 ended;

	while ((c = getopt(argc, argv, "+t:")) != -1)
		if (c == 't')
			limit = strtod(optarg, NULL);
	if (argc - optind < 2)
		errx(2, "usage: measure [-t seconds] result command [argument ...]");
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ended = watch(start(argv + optind + 1, &set), &set, limit, &status, &usage);
	write_result(argv[optind], now() - begun, &usage, status, ended);
	return (0);
}
