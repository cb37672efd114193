/*
 * --doctor: what the kernel says of a process that has given up its privileges.  Read from
 * outside, as root, from /proc: it trusts the kernel, and of the process only which walls it
 * says it has put up.
 */

#include <sys/socket.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parent.h"

static unsigned int	 findings;	/* things that should not be so */

#define KEY_WIDTH	18	/* columns of a key and its colon */

static void
print(const char *key, const char *value)
{
	int	 pad = KEY_WIDTH - (int)strlen(key) - 1;

	printf("%s%s%*s%s\n", key, key[0] != '\0' ? ":" : " ", pad, "", value);
}

/* The text of a file under /proc/PID, NUL-ended; the empty string when it can't be read. */
static const char *
read_proc(pid_t pid, const char *name)
{
	static char	 text[8192];
	char		 path[64];
	ssize_t		 n = -1;
	int		 fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) != -1) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[n < 0 ? 0 : n] = '\0';
	return (text);
}

/* Copy what follows a key at the beginning of a line, to its end; "?" if there is none. */
static const char *
value_of(const char *text, const char *key, char *buf, size_t size)
{
	size_t	 len = strlen(key);

	for (const char *line = text; line != NULL && *line != '\0';) {
		if (strncmp(line, key, len) == 0) {
			line += len + strspn(line + len, " \t");
			snprintf(buf, size, "%.*s", (int)strcspn(line, "\n"), line);
			return (buf);
		}
		if ((line = strchr(line, '\n')) != NULL)
			line++;
	}
	snprintf(buf, size, "?");
	return (buf);
}

static void
print_user(const char *status)
{
	char		 ids[64], line[256];
	struct passwd	*pw;
	struct group	*gr;
	unsigned long	 uid, gid;

	uid = strtoul(value_of(status, "Uid:", ids, sizeof(ids)), NULL, 10);
	gid = strtoul(value_of(status, "Gid:", ids, sizeof(ids)), NULL, 10);
	pw = getpwuid((uid_t)uid);
	gr = getgrgid((gid_t)gid);
	snprintf(line, sizeof(line), "%lu (%s), group %lu (%s)", uid,
	    pw != NULL ? pw->pw_name : "no name", gid, gr != NULL ? gr->gr_name : "no name");
	print("user", line);
	value_of(status, "Groups:", ids, sizeof(ids));
	print("other groups", ids[0] == '\0' ? "none" : ids);
}

static void
print_capabilities(const char *status)
{
	static const char *const	 sets[][2] = {
		{ "CapInh:", "inheritable" }, { "CapPrm:", "permitted" },
		{ "CapEff:", "effective" }, { "CapBnd:", "bounding" }, { "CapAmb:", "ambient" }
	};
	char				 bits[32], line[128];
	int				 any = 0;

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		value_of(status, sets[i][0], bits, sizeof(bits));
		if (strspn(bits, "0") == strlen(bits))
			continue;
		snprintf(line, sizeof(line), "%s %s", sets[i][1], bits);
		print(any++ == 0 ? "capabilities" : "", line);
	}
	findings += any != 0;
	if (any == 0)
		print("capabilities", "none, in all five sets");
}

static void
print_status(const char *status)
{
	char	 value[64], line[128];

	print("new privileges", strcmp(value_of(status, "NoNewPrivs:", value, sizeof(value)),
	    "1") == 0 ? "never" : "possible");
	if (strcmp(value_of(status, "Seccomp:", value, sizeof(value)), "2") == 0) {
		value_of(status, "Seccomp_filters:", value, sizeof(value));
		snprintf(line, sizeof(line), "filtered, by %s", value);
		print("system calls", line);
	} else {
		print("system calls", "NOT FILTERED");
		findings++;
	}
	print("threads", value_of(status, "Threads:", value, sizeof(value)));
}

static bool
is_dot(const char *name)
{
	return (strcmp(name, ".") == 0 || strcmp(name, "..") == 0);
}

/* Where a link under /proc/PID leads; "?" if it can't be read. */
static const char *
read_link(pid_t pid, const char *name, char *buf, size_t size)
{
	char	 path[512];
	ssize_t	 n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	if ((n = readlink(path, buf, size - 1)) == -1)
		n = snprintf(buf, size, "?");
	buf[n] = '\0';
	return (buf);
}

static void
print_root(pid_t pid)
{
	char	 path[64], link[256], line[512];
	int	 n = 0;
	DIR	*d;

	snprintf(path, sizeof(path), "/proc/%d/root/", pid);
	if ((d = opendir(path)) == NULL) {
		print("root", strerror(errno));
		return;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		n += !is_dot(e->d_name);
	closedir(d);
	read_link(pid, "root", link, sizeof(link));
	findings += n != 0;
	if (n == 0)
		snprintf(line, sizeof(line), "empty (%s)", link);
	else
		snprintf(line, sizeof(line), "%s, WITH %d NAMES IN IT", link, n);
	print("root", line);
}

static void
print_descriptors(pid_t pid)
{
	char	 path[64], name[280], link[256], line[600];
	int	 any = 0;
	DIR	*d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	if ((d = opendir(path)) == NULL) {
		print("descriptors", strerror(errno));
		return;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (is_dot(e->d_name))
			continue;
		snprintf(name, sizeof(name), "fd/%s", e->d_name);
		snprintf(line, sizeof(line), "%2s %s", e->d_name,
		    read_link(pid, name, link, sizeof(link)));
		print(any++ == 0 ? "descriptors" : "", line);
	}
	closedir(d);
}

static void
print_namespaces(pid_t pid)
{
	static const char *const	 names[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"
	};
	char				 name[16], ours[64], its[64], line[128] = "";
	size_t				 len = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "ns/%s", names[i]);
		read_link(getpid(), name, ours, sizeof(ours));
		if (strcmp(ours, read_link(pid, name, its, sizeof(its))) != 0)
			len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
			    len == 0 ? "" : " ", names[i]);
	}
	print("own namespaces", len == 0 ? "none" : line);
}

static void
print_selinux(pid_t pid)
{
	const char	*text = read_proc(pid, "attr/current");
	char		 context[256];

	snprintf(context, sizeof(context), "%.*s", (int)strcspn(text, "\n"), text);
	print("SELinux", context[0] == '\0' ? "none" : context);
}

/* The first of the two numbers: what holds now. */
static void
print_limits(pid_t pid)
{
	static const char *const	 limits[][2] = {
		{ "Max processes", "new processes" }, { "Max open files", "descriptors" },
		{ "Max file size", "bytes a file" }, { "Max core file size", "bytes a core" },
		{ "Max address space", "bytes of memory" }
	};
	const char			*text = read_proc(pid, "limits");
	char				 value[128], line[256];

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		value_of(text, limits[i][0], value, sizeof(value));
		snprintf(line, sizeof(line), "%.*s %s", (int)strcspn(value, " "), value,
		    limits[i][1]);
		print(i == 0 ? "limits" : "", line);
	}
}

static void
print_walls(const struct msg_ready *ready)
{
	const char	*name;
	char	 abi[32];
	int	 any = 0;

	for (unsigned int n = 0; (name = wall_name(n, ready->walls)) != NULL; n++)
		print(any++ == 0 ? "walls" : "", name);
	if (any == 0)
		print("walls", "none of those that not every kernel has");
	snprintf(abi, sizeof(abi), "ABI %u", ready->landlock_abi);
	print("Landlock", ready->landlock_abi == 0 ? "none" : abi);
}

void
doctor_process(const char *name, pid_t pid, const struct msg_ready *ready)
{
	static char	 status[8192];
	char		 line[64];

	findings += pid == 0;
	snprintf(line, sizeof(line), "process %d", pid);
	print(name, line);
	snprintf(status, sizeof(status), "%s", read_proc(pid, "status"));
	print_user(status);
	print_capabilities(status);
	print_status(status);
	print_root(pid);
	print_descriptors(pid);
	print_namespaces(pid);
	print_selinux(pid);
	print_limits(pid);
	if (ready != NULL)
		print_walls(ready);
	putchar('\n');
}

static pid_t
parent_of(pid_t pid)
{
	char	 value[64];

	return ((pid_t)strtol(value_of(read_proc(pid, "status"), "PPid:", value, sizeof(value)),
	    NULL, 10));
}

/* The child of a process, by the name it was started with (NULL: any); 0 if there is none. */
static pid_t
child_of(pid_t parent, const char *name)
{
	DIR	*d = opendir("/proc");
	pid_t	 pid, found = 0;

	if (d == NULL)
		fatal("/proc");
	for (struct dirent *e; found == 0 && (e = readdir(d)) != NULL;)
		if ((pid = (pid_t)strtol(e->d_name, NULL, 10)) > 0 && parent_of(pid) == parent &&
		    (name == NULL || strcmp(read_proc(pid, "cmdline"), name) == 0))
			found = pid;
	closedir(d);
	return (found);
}

int
doctor_examine(int front_pid, int fd)
{
	static const char *const	 names[CHILDREN_COUNT] = { "resolver", "prober", "logger" };
	struct doctor_news		 news;
	uint32_t			 there;
	char				 text[WALL_TEXT];
	pid_t				 coordinator;

	if (recv(fd, &news, sizeof(news), 0) != sizeof(news))
		return (STATUS_PROCESS);
	coordinator = child_of(front_pid, NULL);
	doctor_process("in front", front_pid, NULL);
	doctor_process("parent", coordinator, &news.parent);
	there = news.parent.walls;
	for (int i = 0; i < CHILDREN_COUNT; i++) {
		doctor_process(names[i], child_of(coordinator, names[i]), &news.ready[i]);
		there &= news.ready[i].walls | WALL_PIDNS;
	}
	for (unsigned int n = 0; wall_text(n, there, text) != NULL; n++)
		print("missing here", text);
	if ((there & WALL_ALL) == WALL_ALL)
		print("missing here", "nothing");
	if (fflush(stdout) != 0)
		return (STATUS_PROCESS);
	return (findings == 0 ? STATUS_OK : STATUS_PRIVILEGE);
}
