/*
 * A process that seals itself by a sheet of the test's own, tries something and leaves what
 * came of it in memory that it shares with the test.
 */

#ifndef SEALED_H
#define SEALED_H

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc.h"
#include "privs.h"

#define TEST_ID		61000		/* a user and group of no other process */
#define SEES		16

#define ROOM	(1U << 30)	/* on a sheet: new descriptors find a number below it */

/* More than any process of postern may call: shows what stands behind the filter. */
static const struct privs_call	 wide_calls[] = {
	CALL(exit_group), CALL(recvfrom), CALL(sendto), CALL(rt_sigreturn),
	CALL(open), CALL(openat), CALL(mkdirat), CALL(chroot), CALL(mount), CALL(unshare),
	CALL(clone), CALL(clone3), CALL(fork), CALL(vfork),
	CALL(setuid), CALL(setgid), CALL(setresuid), CALL(setgroups), CALL(capset),
	CALL(mmap), CALL(munmap), CALL(mprotect), CALL(write), CALL(dup), CALL(fcntl),
	CALL(socket), CALL(connect), CALL(bind), CALL(kill), CALL(setrlimit), CALL(prlimit64),
	CALL(rt_sigprocmask), CALL(set_robust_list), CALL(gettid), CALL(getpid),
	CALL(getppid),
};

static const struct privs	 wide = {
	.name = "test", .user = "nobody", .fds = 0xf, .network = true,
	.calls = wide_calls, .ncalls = sizeof(wide_calls) / sizeof(wide_calls[0]),
};

struct seen {
	bool			 sealed;	/* privs_drop() came back */
	struct msg_ready	 ready;
	unsigned int		 n;		/* see() */
	long			 rc[SEES];
	int			 error[SEES];
};
static struct seen	*seen;
static int		 sealed_end;		/* the test's end of the process's descriptor 3 */

/* In the process: keep the result of a call. */
static inline void
see(long rc)
{
	seen->error[seen->n] = rc == -1 ? errno : 0;
	seen->rc[seen->n++] = rc;
}

static inline bool
refused(unsigned int i, int error)
{
	return (i < seen->n && seen->rc[i] == -1 && seen->error[i] == error);
}

static inline bool
worked(unsigned int i)
{
	return (i < seen->n && seen->rc[i] != -1);
}

/* The descriptors of a child of postern: nothing to say on 0 to 2, a channel on 3. */
static inline void
child_descriptors(int channel)
{
	int	 null = open("/dev/null", O_RDWR);

	dup2(channel, CHAN_FD);
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
}

/*
 * Start it: before() while it is root still (may be NULL), the drop (not without a sheet),
 * then act().
 */
static inline pid_t
sealed_start(const struct privs *sheet, void (*before)(void), void (*act)(void))
{
	int	 pair[2];
	pid_t	 pid;

	if (seen == NULL)
		seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(seen, 0, sizeof(*seen));
	socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
	pid = fork();
	if (pid == 0) {
		child_descriptors(pair[1]);
		if (before != NULL)
			before();
		if (sheet != NULL)
			seen->ready = privs_drop(sheet, (struct ids){ TEST_ID, TEST_ID });
		seen->sealed = true;
		act();
		/* The sanitizers make calls of their own before _exit(). */
		syscall(SYS_exit_group, 0);
		_exit(99);
	}
	close(pair[1]);
	sealed_end = pair[0];
	return (pid);
}

/* End of file is its end: its wait(2) status. */
static inline int
sealed_wait(pid_t pid)
{
	int	 status;

	close(sealed_end);
	waitpid(pid, &status, 0);
	return (status);
}

static inline int
sealed(const struct privs *sheet, void (*act)(void))
{
	return (sealed_wait(sealed_start(sheet, NULL, act)));
}

static inline bool
exited(int status, int code)
{
	return (WIFEXITED(status) && WEXITSTATUS(status) == code);
}

/* The filter killed it, after it was sealed. */
static inline bool
filtered(int status)
{
	return (seen->sealed && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

/* Be there until the test closes its end. */
static inline void
stay(void)
{
	char	 byte;

	see(recv(CHAN_FD, &byte, 1, 0));
}

/* Wait for it to be in stay(), at most five seconds. */
static inline bool
wait_sealed(void)
{
	for (int i = 0; i < 500 && !seen->sealed; i++)
		usleep(10000);
	return (seen->sealed);
}

/* Names in its root directory, as root sees them from outside; -1 if it can't be read. */
static inline int
root_entries(pid_t pid)
{
	char	 path[64];
	int	 n = 0;
	DIR	*d;

	snprintf(path, sizeof(path), "/proc/%d/root/", pid);
	if ((d = opendir(path)) == NULL)
		return (-1);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return (n);
}

static inline int
root_mkdir(pid_t pid)
{
	char	 path[64];

	snprintf(path, sizeof(path), "/proc/%d/root/new", pid);
	return (mkdir(path, 0700));
}

#endif /* SEALED_H */
