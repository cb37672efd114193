/*
 * The process in front: the one that the user's shell sees.  It passes signals on and gives
 * the coordinator's exit status back, and can do nothing else.  When it is killed, the
 * coordinator sees its end of the socket close, and ends too.
 */

#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "parent.h"

/* The signals that end a scan early (nohup(1) and its like have some ignored), and SIGUSR1. */
static int
open_signals(void)
{
	static const int	 numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 };
	struct sigaction	 was;
	sigset_t		 set;
	int			 fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (sigaction(numbers[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
			sigaddset(&set, numbers[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (fd = signalfd(-1, &set, SFD_CLOEXEC)) == -1)
		fatal("signals");
	return (fd);
}

static void
place(int from, int to)
{
	if (from != to && dup3(from, to, O_CLOEXEC) == -1)
		fatal("descriptor %d", to);
	if (from != to)
		close(from);
}

static void
pass_signal(void)
{
	struct signalfd_siginfo	 info;
	uint8_t			 what;

	if (read(FD_SIGNALS, &info, sizeof(info)) != sizeof(info))
		return;
	what = info.ssi_signo == SIGUSR1 ? FRONT_ASKS : FRONT_STOPS;
	(void)send(FD_COORDINATOR, &what, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int
status_of(int pid)
{
	int	 status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			fatal("wait");
	if (WIFEXITED(status))
		return (WEXITSTATUS(status));
	warningx("the coordinator was killed by signal %d; the log ends where it was",
	    WTERMSIG(status));
	return (STATUS_PROCESS);
}

int
front_wait(int coordinator_pid, int fd, struct ids ids)
{
	struct pollfd	 slots[] = {
		{ .fd = FD_SIGNALS, .events = POLLIN }, { .fd = FD_COORDINATOR, .events = POLLIN }
	};

	place(root_high(open_signals()), FD_SIGNALS);
	place(fd, FD_COORDINATOR);
	(void)privs_drop(&front_sheet, ids);
	while ((slots[1].revents & POLLHUP) == 0) {
		if (ppoll(slots, 2, NULL, NULL) == -1)
			continue;
		if ((slots[0].revents & POLLIN) != 0)
			pass_signal();
	}
	return (status_of(coordinator_pid));
}
