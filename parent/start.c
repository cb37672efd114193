/*
 * The four processes: where the helpers are, who they will be, what descriptors each begins
 * with.  All of it runs as root, on nothing but the command line.
 */

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/close_range.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parent.h"

#define FIRST_UNUSED_ID	65000		/* where the search for an id that nobody has begins */

/* A descriptor a child begins with. */
struct given {
	int	 from;
	int	 to;
};
#define OWN_MAX		8			/* of its own: as many as the logger has */
#define GIVEN_MAX	(4 + OWN_MAX)		/* besides those that each has */

static const char *const	 names[] = { "resolver", "prober", "logger" };
static int			 binary[CHILDREN_COUNT];
static struct ids		 child_ids[CHILDREN_COUNT];

/* Could anyone but root, or the owner of this very program, have written it? */
static void
root_check_owner(int fd, const char *path, uid_t owner)
{
	struct stat	 st;

	if (fstat(fd, &st) == -1)
		die(STATUS_PRIVILEGE, "%s: %s", path, strerror(errno));
	if ((st.st_uid != 0 && st.st_uid != owner) || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		die(STATUS_PRIVILEGE, "%s: others than its owner could have written it", path);
}

/* sbin/postern has its helpers in libexec/postern, beside its own folder. */
static void
root_find_binaries(void)
{
	char		 self[2048], dir[3072], path[4096];
	struct stat	 st;
	ssize_t		 n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int		 fd;

	if (n == -1 || stat("/proc/self/exe", &st) == -1)
		die(STATUS_PRIVILEGE, "/proc is needed to find the helpers: %s", strerror(errno));
	self[n] = '\0';
	for (int i = 0; i < 2; i++) {
		char	*slash = strrchr(self, '/');

		if (slash == NULL || (size_t)n == sizeof(self) - 1)
			die(STATUS_PRIVILEGE, "postern does not lie in a folder beside libexec");
		*slash = '\0';
	}
	snprintf(dir, sizeof(dir), "%s/libexec/postern", self);
	if ((fd = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) == -1)
		die(STATUS_PRIVILEGE, "%s: %s", dir, strerror(errno));
	root_check_owner(fd, dir, st.st_uid);
	close(fd);
	for (int i = 0; i < CHILDREN_COUNT; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		if ((binary[i] = root_high(open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC))) == -1)
			die(STATUS_PRIVILEGE, "%s: %s", path, strerror(errno));
		root_check_owner(binary[i], path, st.st_uid);
	}
}

/* The user's ids; without such a user, ids that no user or group has. */
struct ids
root_ids(const char *user)
{
	static uint32_t	 unused = FIRST_UNUSED_ID;
	struct passwd	*pw = getpwnam(user);

	if (pw != NULL && pw->pw_uid != 0 && pw->pw_gid != 0)
		return ((struct ids){ pw->pw_uid, pw->pw_gid });
	while (getpwuid(unused) != NULL || getgrgid(unused) != NULL)
		unused++;
	unused++;
	return ((struct ids){ unused - 1, unused - 1 });
}

void
root_prepare(void)
{
	static const char *const	 users[] = {
		"_postern-resolver", "_postern-prober", "_postern-logger"
	};

	if (geteuid() != 0)
		die(STATUS_PRIVILEGE, "must be started as root; it gives that up before "
		    "the first packet");
	root_find_binaries();
	for (int i = 0; i < CHILDREN_COUNT; i++)
		child_ids[i] = root_ids(users[i]);
}

/* In the child: exactly the given descriptors, at their numbers, and nothing else. */
static void
root_place(const struct given *given, int n)
{
	int	 safe[GIVEN_MAX];

	for (int i = 0; i < n; i++)
		if ((safe[i] = fcntl(given[i].from, F_DUPFD, FD_SAFE)) == -1)
			fatal("descriptor");
	if (syscall(SYS_close_range, 3, FD_SAFE - 1, 0) == -1)
		fatal("close_range");
	for (int i = 0; i < n; i++)
		if (dup2(safe[i], given[i].to) == -1)
			fatal("descriptor %d", given[i].to);
	if (syscall(SYS_close_range, FD_SAFE, ~0U, CLOSE_RANGE_CLOEXEC) == -1)
		fatal("close_range");
}

static _Noreturn void
root_exec(enum child which, const char *const arguments[2], const struct given *given, int n)
{
	char	 uid[16], gid[16];
	char	*argv[] = {
		(char *)(uintptr_t)names[which], uid, gid, (char *)(uintptr_t)arguments[0],
		(char *)(uintptr_t)arguments[1], NULL
	};
	char	*envp[] = { NULL };

	snprintf(uid, sizeof(uid), "%u", child_ids[which].uid);
	snprintf(gid, sizeof(gid), "%u", child_ids[which].gid);
	root_place(given, n);
	(void)syscall(SYS_execveat, binary[which], "", argv, envp, AT_EMPTY_PATH);
	fatal("exec %s", names[which]);
}

/* What each child begins with, besides /dev/null and its socket. */
static int
descriptors(enum child which, const struct files *f, struct given *given)
{
	const struct given	 all[CHILDREN_COUNT][OWN_MAX + 1] = {
		[CHILD_RESOLVER] = { { f->system_hosts, 4 }, { f->hosts, 5 } },
		[CHILD_LOGGER] = { { f->log[OUTPUT_REPORT], STDOUT_FILENO },
		    { f->log[OUTPUT_NORMAL], 4 }, { f->log[OUTPUT_GREPABLE], 5 },
		    { f->log[OUTPUT_XML], 6 }, { f->log[OUTPUT_JSON], 7 },
		    { f->log[OUTPUT_OLD], 8 }, { f->key, 9 }, { f->skip, 10 } },
	};
	int			 n = 0;

	for (int i = 0; all[which][i].to != 0; i++)
		if (all[which][i].from != -1)
			given[n++] = all[which][i];
	return (n);
}

/* A pair with room for all the messages that credits allow, whatever the system's default. */
static void
root_socketpair(int sp[2])
{
	const int	 want = 4 * CHAN_WINDOW * MSG_SIZE;	/* the kernel's own use counts */
	socklen_t	 len = sizeof(int);
	int		 have;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sp) == -1)
		fatal("socketpair");
	for (int i = 0; i < 2; i++) {
		if (setsockopt(sp[i], SOL_SOCKET, SO_SNDBUFFORCE, &want, sizeof(want)) == -1)
			(void)setsockopt(sp[i], SOL_SOCKET, SO_SNDBUF, &want, sizeof(want));
		if (getsockopt(sp[i], SOL_SOCKET, SO_SNDBUF, &have, &len) == -1 || have < want)
			die(STATUS_PRIVILEGE, "the system allows too little memory for sockets "
			    "(net.core.wmem_max)");
	}
}

/*
 * A scan is as fast as its prober.  So the others do not interrupt it when a message wakes them
 * on its processor (SCHED_BATCH); their share of the time is what it was.
 */
static void
root_make_way(void)
{
	const struct sched_param	 param = { 0 };

	if (sched_getscheduler(0) == SCHED_OTHER)	/* else the user has chosen */
		(void)sched_setscheduler(0, SCHED_BATCH, &param);
}

void
root_start_children(const struct options *o, const struct files *f, int pids[CHILDREN_COUNT])
{
	const char	*arguments[CHILDREN_COUNT][2] = {
		[CHILD_RESOLVER] = { o->dns_servers, NULL },
		[CHILD_PROBER] = { o->iface != NULL ? o->iface : "", o->send_eth ? "eth" : NULL },
		[CHILD_LOGGER] = { NULL, NULL },
	};
	struct given	 given[GIVEN_MAX];
	int		 sp[2], null, n;

	if ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		fatal("/dev/null");
	for (int i = 0; i < CHILDREN_COUNT; i++) {
		if (i != CHILD_LOGGER && (o->convert != NULL || o->verify != NULL))
			continue;	/* nothing is scanned */
		root_socketpair(sp);
		if ((pids[i] = fork()) == -1)
			fatal("fork");
		if (pids[i] == 0) {
			if (i != CHILD_PROBER)
				root_make_way();
			for (n = 0; n <= STDERR_FILENO; n++)
				given[n] = (struct given){ null, n };
			given[n++] = (struct given){ sp[1], CHAN_FD };
			n += descriptors((enum child)i, f, given + n);
			root_exec((enum child)i, arguments[i], given, n);
		}
		close(sp[1]);
		if (dup3(sp[0], FD_CHILD + i, O_CLOEXEC) == -1)
			fatal("descriptor %d", FD_CHILD + i);
		close(sp[0]);
	}
	close(null);
	root_make_way();
}
