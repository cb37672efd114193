/*
 * The files that the command line names, opened while privileged but with the ids of whoever
 * called us: sudo must not lend its user a way to read or write what they could not.  Nothing
 * is read here, but one byte of a log that is appended to.
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
#define KEY_MIN		16	/* bytes */

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
	root_keep_sudo();
	clearenv();
	umask(077);
	signal(SIGPIPE, SIG_IGN);	/* the children inherit it, and the next */
	signal(SIGXFSZ, SIG_IGN);
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

/* The secret that seals the logs: nobody else may know it. */
static int
open_key(const char *path)
{
	int		 fd = open_input("--log-key", path);
	struct stat	 st;

	if (fd == -1)
		return (-1);
	if (fstat(fd, &st) == -1)
		refuse("--log-key", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		refuse("--log-key", path, "not a plain file");
	if (st.st_uid != caller.uid && st.st_uid != 0)
		refuse("--log-key", path, "belongs to another user");
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		refuse("--log-key", path, "is open to others than its owner: chmod go= it");
	if (st.st_size < KEY_MIN)
		refuse("--log-key", path, "has less than 16 bytes");
	return (fd);
}

/* The old log has all that is in it: it is rendered once more. */
static bool
is_rendered_anew(const struct options *o, enum output i)
{
	return (o->log[OUTPUT_OLD] != NULL && (i == OUTPUT_XML || i == OUTPUT_JSON));
}

/* An XML document's last line is written over; all others are only appended to. */
static int
log_flags(const struct options *o, enum output i)
{
	if (i == OUTPUT_OLD)
		return (o->resume != NULL ? O_RDWR | O_APPEND : O_RDONLY);
	if (is_rendered_anew(o, i))	/* if it is an older rendering: the logger looks */
		return (i == OUTPUT_XML ? O_RDWR : O_RDWR | O_APPEND);
	return (i == OUTPUT_XML ? O_WRONLY : O_WRONLY | O_APPEND);
}

/* What is there under its name; -1 when nothing is and a log may be made. */
static int
open_there(const struct options *o, enum output i)
{
	bool	 read_only = log_flags(o, i) == O_RDONLY;
	int	 fd = open_as(o->log[i], log_flags(o, i) | O_NONBLOCK, 0,
	    read_only ? 0 : RESOLVE_NO_SYMLINKS);

	if (fd == -1 && errno == ENOENT && i != OUTPUT_OLD)
		return (-1);
	if (fd == -1)
		refuse(log_option(o, i), o->log[i], errno == ELOOP ?
		    "is reached by a symbolic link" : strerror(errno));
	return (fd);
}

/* A log that is only read may be anybody's; but not half of one if it is to be converted. */
static void
check_read(const char *option, const char *path, int fd, bool lock)
{
	struct stat	 st;

	if (fstat(fd, &st) == -1)
		refuse(option, path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		refuse(option, path, "not a plain file");
	if (lock && flock(fd, LOCK_SH | LOCK_NB) == -1)
		refuse(option, path, "another postern is writing it");
}

/* Its last line may be torn: what is appended begins on a line of its own. */
static void
end_line(const char *option, const char *path, int fd, off_t size)
{
	int	 reader = open_as(path, O_RDONLY | O_NONBLOCK, 0, RESOLVE_NO_SYMLINKS);
	char	 last = '\n';

	if (reader == -1)
		return;		/* nobody may read it: nothing can be known of it */
	if (pread(reader, &last, 1, size - 1) != 1 || (last != '\n' && write(fd, "\n", 1) != 1))
		refuse(option, path, strerror(errno));
	close(reader);
}

/* No links, a plain file, the caller's own: nobody else chose what is written to. */
static void
check_written(const struct options *o, enum output i, int fd)
{
	const char	*option = log_option(o, i), *path = o->log[i];
	struct stat	 st;
	bool		 locked = flock(fd, LOCK_EX | LOCK_NB) == 0;

	if (fstat(fd, &st) == -1)
		refuse(option, path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		refuse(option, path, "not a plain file");
	if (st.st_nlink != 1)
		refuse(option, path, "has other links");
	if (st.st_uid != caller.uid)
		refuse(option, path, "belongs to another user");
	if (!locked)
		refuse(option, path, "another postern is writing it");
	if (st.st_size != 0 && i != OUTPUT_OLD && o->append)
		end_line(option, path, fd, st.st_size);
	if (st.st_size == 0 || i == OUTPUT_OLD || o->append || is_rendered_anew(o, i))
		return;
	refuse(option, path, i == OUTPUT_XML || o->log[OUTPUT_OLD] != NULL ?
	    "exists; name another" : i == OUTPUT_JSON ?
	    "exists; --append-output adds to it, else name another" :
	    "exists; --resume goes on with it, --append-output adds to it, else name another");
}

static int
make_log(const struct options *o, enum output i)
{
	const char	*path = o->log[i];
	int		 fd = open_as(path, log_flags(o, i) | O_CREAT | O_EXCL, 0600,
	    RESOLVE_NO_SYMLINKS);

	if (fd == -1)
		refuse(log_option(o, i), path, errno == EEXIST ?
		    "was made just now: do two options name it?" : strerror(errno));
	made[nmade++] = path;
	check_written(o, i, fd);
	sync_directory(path);
	return (fd);
}

static bool
is_same(int a, int b)
{
	struct stat	 sa, sb;

	return (a != -1 && b != -1 && fstat(a, &sa) == 0 && fstat(b, &sb) == 0 &&
	    sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino);
}

static _Noreturn void
refuse_same(const char *option, const char *path, const char *other)
{
	char	 why[64];

	snprintf(why, sizeof(why), "is the same file as that of %s", other);
	refuse(option, path, why);
}

/* The same file under two names would have two logs in it. */
static void
check_apart(const struct options *o, const struct files *f)
{
	for (enum output i = OUTPUT_NORMAL; i < OUTPUTS; i++) {
		for (enum output j = OUTPUT_NORMAL; j < i; j++)
			if (is_same(f->log[i], f->log[j]))
				refuse_same(log_option(o, j), o->log[j], log_option(o, i));
		if (is_same(f->skip, f->log[i]))
			refuse_same("--skip-done", o->skip_done, log_option(o, i));
	}
}

/* A file each, or standard output; none is made if any can't be used. */
static void
open_logs(const struct options *o, struct files *f)
{
	f->report = FORMAT_REPORT;
	for (enum output i = OUTPUT_NORMAL; i < OUTPUTS; i++)
		if (log_stdout(o, i))
			f->report = log_kinds[i].format;
		else if (o->log[i] != NULL)
			f->log[i] = open_there(o, i);
	check_apart(o, f);
	for (enum output i = OUTPUT_NORMAL; i < OUTPUTS; i++)
		if (f->log[i] != -1 && log_flags(o, i) == O_RDONLY)
			check_read(log_option(o, i), o->log[i], f->log[i], o->convert != NULL);
		else if (f->log[i] != -1)
			check_written(o, i, f->log[i]);
	for (enum output i = OUTPUT_NORMAL; i < OUTPUTS; i++)
		if (o->log[i] != NULL && !log_stdout(o, i) && f->log[i] == -1)
			f->log[i] = make_log(o, i);
}

void
root_open_files(const struct options *o, struct files *f)
{
	*f = (struct files){
		.list = -1, .excludefile = -1, .system_hosts = -1, .hosts = -1,
		.key = -1, .skip = -1, .log = { STDOUT_FILENO, -1, -1, -1, -1, -1 }
	};
	root_become_caller();
	if (o->list != NULL && strcmp(o->list, "-") == 0)
		f->list = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FD_SAFE);
	else
		f->list = open_input("-iL", o->list);
	f->excludefile = open_input("--excludefile", o->excludefile);
	f->hosts = open_input("--hosts", o->hosts);
	f->key = open_key(o->log_key);
	if ((f->skip = open_input("--skip-done", o->skip_done)) != -1)
		check_read("--skip-done", o->skip_done, f->skip, false);
	open_logs(o, f);
	root_become((struct ids){ 0, 0 }, NULL, 0);
	f->system_hosts = open_as("/etc/hosts", O_RDONLY, 0, 0);
}
