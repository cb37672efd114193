/*
 * The files that the command line names, opened while privileged but with the ids of whoever
 * called us: sudo must not lend its user a way to read or write what they could not.  Nothing
 * is read here.
 */

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/close_range.h>
#include <linux/openat2.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "parent.h"

#define GROUPS_MAX	256

static struct ids	 caller;	/* root, unless sudo says otherwise */
static char		 caller_name[64];
static const char	*made[OUTPUTS];	/* logs that did not exist before */
static unsigned int	 nmade;

/* sudo's word for who called; root may claim it too, and only lowers itself by that. */
static bool
root_read_id(const char *name, uint32_t *id)
{
	const char	*text = getenv(name);
	char		*end;
	unsigned long	 n;

	if (text == NULL)
		return (false);
	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || end == text || n >= UINT32_MAX)
		die(STATUS_USAGE, "%s is not a user or group id: %s", name, text);
	*id = (uint32_t)n;
	return (true);
}

void
root_sanitise(void)
{
	struct passwd	*pw;
	int		 fd;

	do {
		if ((fd = open("/dev/null", O_RDWR)) == -1)
			_exit(STATUS_PROCESS);
	} while (fd <= STDERR_FILENO);
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) == -1)
		fatal("close_range");
	if (getauxval(AT_SECURE) != 0)
		die(STATUS_PRIVILEGE, "postern must not be setuid or setgid");
	caller = (struct ids){ getuid(), getgid() };
	if (caller.uid == 0 && root_read_id("SUDO_UID", &caller.uid) &&
	    !root_read_id("SUDO_GID", &caller.gid))
		die(STATUS_USAGE, "SUDO_UID is set, SUDO_GID is not");
	if ((pw = getpwuid(caller.uid)) != NULL)
		snprintf(caller_name, sizeof(caller_name), "%s", pw->pw_name);
	clearenv();
	umask(077);
	signal(SIGPIPE, SIG_IGN);	/* the children inherit it */
	signal(SIGCHLD, SIG_DFL);
}

static void
root_become(struct ids ids, const gid_t *groups, int ngroups)
{
	if (seteuid(0) == -1 || setgroups((size_t)ngroups, groups) == -1 ||
	    setegid(ids.gid) == -1 || seteuid(ids.uid) == -1)
		die(STATUS_PRIVILEGE, "can't become user %u: real root is needed", ids.uid);
}

/* With the caller's ids, and back with root's. */
static void
root_become_caller(void)
{
	gid_t	 groups[GROUPS_MAX] = { caller.gid };
	int	 n = GROUPS_MAX;

	if (caller_name[0] == '\0' ||
	    getgrouplist(caller_name, caller.gid, groups, &n) == -1)
		n = 1;
	root_become(caller, groups, n);
}

int
root_high(int fd)
{
	int	 high = fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FD_SAFE);

	if (fd != -1)
		close(fd);
	return (high);
}

static int
open_as(const char *path, int flags, mode_t mode, uint64_t resolve)
{
	struct open_how	 how = {
		.flags = (unsigned int)(flags | O_CLOEXEC | O_NOCTTY), .mode = mode,
		.resolve = resolve
	};

	return (root_high((int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how))));
}

/* Can't be used: say so and end; logs that were made for this run go again. */
static _Noreturn void
refuse(const char *option, const char *path, const char *why)
{
	for (unsigned int i = 0; i < nmade; i++)
		(void)unlink(made[i]);
	die(STATUS_USAGE, "%s %s: %s", option, path, why);
}

static int
open_input(const char *option, const char *path)
{
	struct stat	 st;
	int		 fd;

	if (path == NULL)
		return (-1);
	if ((fd = open_as(path, O_RDONLY | O_NONBLOCK, 0, 0)) == -1 || fstat(fd, &st) == -1)
		refuse(option, path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		refuse(option, path, strerror(EISDIR));
	return (fd);
}

/* The directory entry of a new log has to survive a power cut too. */
static void
sync_directory(const char *path)
{
	char	 copy[4096];
	int	 fd;

	snprintf(copy, sizeof(copy), "%s", path);
	if ((fd = open_as(dirname(copy), O_RDONLY | O_DIRECTORY, 0, 0)) == -1)
		return;
	(void)fsync(fd);
	close(fd);
}

/* No links, a plain file, the caller's own: nobody else chose what is written to. */
static void
check_log(const char *option, const char *path, int fd, bool resume)
{
	struct stat	 st;

	if (fstat(fd, &st) == -1)
		refuse(option, path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		refuse(option, path, "not a plain file");
	if (st.st_nlink != 1)
		refuse(option, path, "has other links");
	if (st.st_uid != caller.uid)
		refuse(option, path, "belongs to another user");
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		refuse(option, path, "another postern is writing it");
	if (!resume && st.st_size != 0)
		refuse(option, path, "exists; --resume goes on with it, else name another");
}

/* A log that exists: -1 when there is none and one may be made. */
static int
open_old_log(const char *option, const char *path, bool resume)
{
	int	 flags = resume ? O_RDWR | O_APPEND : O_WRONLY | O_APPEND;
	int	 fd = open_as(path, flags | O_NONBLOCK, 0, RESOLVE_NO_SYMLINKS);

	if (fd == -1 && errno == ENOENT && !resume)
		return (-1);
	if (fd == -1)
		refuse(option, path, errno == ELOOP ? "is reached by a symbolic link" :
		    strerror(errno));
	check_log(option, path, fd, resume);
	return (fd);
}

static int
open_new_log(const char *option, const char *path)
{
	int	 fd = open_as(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, 0600,
	    RESOLVE_NO_SYMLINKS);

	if (fd == -1)
		refuse(option, path, strerror(errno));
	made[nmade++] = path;
	check_log(option, path, fd, false);
	sync_directory(path);
	return (fd);
}

/* The same file under two names would have two logs in it. */
static void
check_apart(const struct options *o, const struct files *f)
{
	struct stat	 a, b;

	if (f->log[OUTPUT_NORMAL] != -1 && f->log[OUTPUT_GREPABLE] != -1 &&
	    fstat(f->log[OUTPUT_NORMAL], &a) == 0 && fstat(f->log[OUTPUT_GREPABLE], &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		refuse("-oG", o->log[OUTPUT_GREPABLE], "is the same file as -oN's");
}

/* -oN and -oG: a file each, or standard output; none is made if any can't be used. */
static void
open_outputs(const struct options *o, struct files *f)
{
	static const struct { const char *option; enum format format; } outputs[OUTPUTS] = {
		[OUTPUT_NORMAL] = { "-oN", FORMAT_NORMAL },
		[OUTPUT_GREPABLE] = { "-oG", FORMAT_GREPABLE },
	};

	f->report = FORMAT_REPORT;
	for (int i = OUTPUT_NORMAL; i < OUTPUTS; i++)
		if (o->log[i] != NULL && strcmp(o->log[i], "-") == 0)
			f->report = outputs[i].format;
		else if (o->log[i] != NULL)
			f->log[i] = open_old_log(outputs[i].option, o->log[i], false);
	for (int i = OUTPUT_NORMAL; i < OUTPUTS; i++)
		if (o->log[i] != NULL && strcmp(o->log[i], "-") != 0 && f->log[i] == -1)
			f->log[i] = open_new_log(outputs[i].option, o->log[i]);
	check_apart(o, f);
	if (o->resume != NULL)
		f->log[OUTPUT_NORMAL] = open_old_log("--resume", o->resume, true);
}

void
root_open_files(const struct options *o, struct files *f)
{
	*f = (struct files){
		.list = -1, .excludefile = -1, .system_hosts = -1, .hosts = -1,
		.log = { STDOUT_FILENO, -1, -1 }
	};
	root_become_caller();
	if (o->list != NULL && strcmp(o->list, "-") == 0)
		f->list = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FD_SAFE);
	else
		f->list = open_input("-iL", o->list);
	f->excludefile = open_input("--excludefile", o->excludefile);
	f->hosts = open_input("--hosts", o->hosts);
	open_outputs(o, f);
	root_become((struct ids){ 0, 0 }, NULL, 0);
	f->system_hosts = open_as("/etc/hosts", O_RDONLY, 0, 0);
}
