/*
 * privs_drop() takes what the sheet does not name, each wall by itself: most cases here let
 * system calls through that no process of postern has, to see what stands behind the filter.
 */

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <netinet/in.h>

#include <grp.h>
#include <sched.h>

#include "sealed.h"
#include "test.h"

/* What /proc/PID/status says under a key; the empty string when it says nothing. */
static const char *
proc_status(pid_t pid, const char *key)
{
	static char	 line[256];
	char		 path[64];
	size_t		 len = strlen(key);
	FILE		*f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if ((f = fopen(path, "re")) == NULL)
		return ("");
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, len) == 0 && line[len] == ':') {
			fclose(f);
			line[strcspn(line, "\n")] = '\0';
			return (line + len + 1 + strspn(line + len + 1, " \t"));
		}
	fclose(f);
	return ("");
}

#define NOTHING		"0000000000000000"
#define FOUR_IDS	"61000\t61000\t61000\t61000"

static void
join_groups(void)
{
	const gid_t	 groups[] = { 1, 2 };

	if (setgroups(2, groups) == -1)
		_exit(99);
}

static void
seen_from_outside_it_has_no_privilege_left(void)
{
	pid_t	 pid = sealed_start(&wide, join_groups, stay);

	CHECK(wait_sealed());
	CHECK(strcmp(proc_status(pid, "Uid"), FOUR_IDS) == 0);
	CHECK(strcmp(proc_status(pid, "Gid"), FOUR_IDS) == 0);
	CHECK(strcmp(proc_status(pid, "Groups"), "") == 0);
	CHECK(strcmp(proc_status(pid, "CapInh"), NOTHING) == 0);
	CHECK(strcmp(proc_status(pid, "CapPrm"), NOTHING) == 0);
	CHECK(strcmp(proc_status(pid, "CapEff"), NOTHING) == 0);
	CHECK(strcmp(proc_status(pid, "CapBnd"), NOTHING) == 0);
	CHECK(strcmp(proc_status(pid, "CapAmb"), NOTHING) == 0);
	CHECK(strcmp(proc_status(pid, "NoNewPrivs"), "1") == 0);
	CHECK(strcmp(proc_status(pid, "Seccomp"), "2") == 0);
	CHECK(strcmp(proc_status(pid, "Threads"), "1") == 0);
	CHECK(exited(sealed_wait(pid), 0));
	CHECK(seen->ready.uid == TEST_ID && seen->ready.gid == TEST_ID);
	CHECK((seen->ready.landlock_abi != 0) == ((seen->ready.walls & WALL_LANDLOCK) != 0));
}

/* Mounts that it could reach, by whatever path. */
static int
mounts(pid_t pid)
{
	char	 path[64];
	int	 n = 0;
	FILE	*f;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", pid);
	if ((f = fopen(path, "re")) == NULL)
		return (-1);
	for (int c; (c = getc(f)) != EOF;)
		n += c == '\n';
	fclose(f);
	return (n);
}

static void
its_root_is_empty_and_stays_so_even_for_root(void)
{
	pid_t	 pid;

	CHECK(root_entries(getpid()) > 2 && mounts(getpid()) > 1);
	pid = sealed_start(&wide, NULL, stay);
	CHECK(wait_sealed());
	CHECK(root_entries(pid) == 0);
	CHECK(mounts(pid) == 1);
	CHECK(root_mkdir(pid) == -1 && errno == EROFS);
	CHECK(exited(sealed_wait(pid), 0));
	CHECK((seen->ready.walls & WALL_ROOT) != 0);
}

static bool
same_namespace(pid_t pid, const char *ns)
{
	char		 path[64];
	struct stat	 ours, its;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, ns);
	if (stat(path, &its) == -1)
		return (false);
	snprintf(path, sizeof(path), "/proc/self/ns/%s", ns);
	return (stat(path, &ours) == 0 && ours.st_ino == its.st_ino);
}

static void
namespaces_are_its_own_and_the_network_only_if_the_sheet_says_so(void)
{
	struct privs	 sheet = wide;
	pid_t		 pid;

	for (int network = 0; network <= 1; network++) {
		sheet.network = network;
		pid = sealed_start(&sheet, NULL, stay);
		CHECK(wait_sealed());
		CHECK(!same_namespace(pid, "mnt"));
		CHECK(!same_namespace(pid, "ipc"));
		CHECK(!same_namespace(pid, "uts"));
		CHECK(same_namespace(pid, "net") == network);
		CHECK(exited(sealed_wait(pid), 0));
		CHECK((seen->ready.walls & WALL_NAMESPACES) != 0);
	}
}

static void
try_files(void)
{
	see(open("/dev/null", O_RDONLY));
	see(open("/new", O_WRONLY | O_CREAT, 0600));
	see(open("/", O_RDONLY | O_DIRECTORY));
	see(mkdirat(AT_FDCWD, "/new", 0700));
}

static void
behind_the_filter_there_is_no_file(void)
{
	struct privs	 sheet = wide;
	bool		 landlock;

	sheet.fds |= ROOM;
	CHECK(exited(sealed(NULL, try_files), 0));
	CHECK(worked(0) && worked(2));
	CHECK(exited(sealed(&sheet, try_files), 0));
	landlock = (seen->ready.walls & WALL_LANDLOCK) != 0;
	CHECK(refused(0, ENOENT));
	CHECK(refused(1, EROFS) || refused(1, EACCES));
	CHECK(landlock ? refused(2, EACCES) : worked(2));
	CHECK(refused(3, EROFS) || refused(3, EACCES));
}

static void
try_privilege(void)
{
	see(setuid(0));
	see(setgid(0));
	see(setgroups(0, NULL));
	see(chroot("/"));
	see(unshare(CLONE_NEWUTS));
}

static void
behind_the_filter_no_privilege_comes_back(void)
{
	CHECK(exited(sealed(NULL, try_privilege), 0));
	for (unsigned int i = 0; i < 5; i++)
		CHECK(worked(i));
	CHECK(exited(sealed(&wide, try_privilege), 0));
	for (unsigned int i = 0; i < 5; i++)
		CHECK(refused(i, EPERM));
}

static void
try_fork(void)
{
	long	 pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	see(pid);
}

static void
behind_the_filter_no_process_is_made(void)
{
	CHECK(exited(sealed(NULL, try_fork), 0));
	CHECK(worked(0));
	CHECK(exited(sealed(&wide, try_fork), 0));
	CHECK(refused(0, EAGAIN));
}

static void
try_exec_memory(void)
{
	void	*p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	see(mprotect(p, 4096, PROT_READ | PROT_EXEC));
	see((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static void
behind_the_filter_written_memory_is_never_run(void)
{
	CHECK(exited(sealed(NULL, try_exec_memory), 0));
	CHECK(worked(0) && worked(1));
	CHECK(exited(sealed(&wide, try_exec_memory), 0));
	if ((seen->ready.walls & WALL_MDWE) != 0)
		CHECK(refused(0, EACCES) && refused(1, EACCES));
}

static void
try_tcp(void)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET };
	int			 fd = socket(AF_INET, SOCK_STREAM, 0);

	see(fd);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	see(bind(fd, (struct sockaddr *)&sin, sizeof(sin)));
	sin.sin_port = htons(1);
	see(connect(fd, (struct sockaddr *)&sin, sizeof(sin)));
}

static void
behind_the_filter_landlock_refuses_tcp(void)
{
	struct privs	 sheet = wide;

	sheet.fds |= ROOM;
	CHECK(exited(sealed(NULL, try_tcp), 0));
	CHECK(worked(0) && worked(1) && refused(2, ECONNREFUSED));
	CHECK(exited(sealed(&sheet, try_tcp), 0));
	CHECK(worked(0));
	if (seen->ready.landlock_abi >= 4)
		CHECK(refused(1, EACCES) && refused(2, EACCES));
}

static pid_t	 sibling;

static void
try_kill(void)
{
	see(kill(sibling, 0));
	see(kill(getppid(), 0));
	see(kill(getpid(), 0));
}

static void
behind_the_filter_other_processes_are_out_of_reach(void)
{
	if ((sibling = fork()) == 0) {
		pause();
		_exit(0);
	}
	CHECK(exited(sealed(NULL, try_kill), 0));
	CHECK(worked(0) && worked(1));
	CHECK(exited(sealed(&wide, try_kill), 0));
	CHECK(refused(0, EPERM) && worked(2));
	kill(sibling, SIGKILL);
	waitpid(sibling, NULL, 0);
}

static void
open_more(void)
{
	dup2(0, 4);
	dup2(0, 40);
	dup2(0, 100);
}

static void
try_descriptors(void)
{
	see(fcntl(3, F_GETFD));
	see(fcntl(1, F_GETFD));
	see(fcntl(4, F_GETFD));
	see(fcntl(40, F_GETFD));
	see(fcntl(100, F_GETFD));
	see(dup(3));		/* number 1 is free */
	see(dup(3));		/* there is none above the highest of the sheet */
}

static void
descriptors_that_are_not_on_the_sheet_are_closed(void)
{
	struct privs	 sheet = wide;

	CHECK(exited(sealed_wait(sealed_start(NULL, open_more, try_descriptors)), 0));
	for (unsigned int i = 0; i < 7; i++)
		CHECK(worked(i));
	sheet.fds = 0xd | (uint64_t)1 << 40;
	CHECK(exited(sealed_wait(sealed_start(&sheet, open_more, try_descriptors)), 0));
	CHECK(worked(0) && refused(1, EBADF) && refused(2, EBADF) && worked(3));
	CHECK(refused(4, EBADF) && seen->rc[5] == 1);
	sheet.fds = 0xd;
	CHECK(exited(sealed_wait(sealed_start(&sheet, open_more, try_descriptors)), 0));
	CHECK(refused(3, EBADF) && seen->rc[5] == 1 && refused(6, EMFILE));
}

/* The test's end of the channel tries to hand over a descriptor. */
static int
pass_descriptor(void)
{
	union {
		char		 bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr	 align;
	}		 control = { .bytes = { 0 } };
	char		 byte = 0;
	struct iovec	 iov = { &byte, 1 };
	struct msghdr	 m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr	*c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &(int){ 0 }, sizeof(int));
	return (sendmsg(sealed_end, &m, MSG_DONTWAIT) == -1 ? errno : 0);
}

static void
nobody_can_pass_it_a_descriptor(void)
{
	pid_t	 pid = sealed_start(NULL, NULL, stay);

	CHECK(pass_descriptor() == 0);
	CHECK(exited(sealed_wait(pid), 0));
	pid = sealed_start(&wide, NULL, stay);
	CHECK(wait_sealed());
	if ((seen->ready.walls & WALL_PASSRIGHTS) != 0)
		CHECK(pass_descriptor() == EPERM);
	CHECK(exited(sealed_wait(pid), 0));
}

#ifndef __SANITIZE_ADDRESS__		/* which maps terabytes */
#define MEGABYTE	(1U << 20)

static void
try_memory(void)
{
	see((long)mmap(NULL, 8 * MEGABYTE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	see((long)mmap(NULL, 64 * MEGABYTE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static void
memory_ends_where_the_sheet_says(void)
{
	struct privs	 sheet = wide;

	CHECK(exited(sealed(&sheet, try_memory), 0));
	CHECK(worked(0) && worked(1));
	sheet.memory = 64 * MEGABYTE;
	CHECK(exited(sealed(&sheet, try_memory), 0));
	CHECK(worked(0) && refused(1, ENOMEM));
}
#endif

static void
open_file(void)
{
	dup2(memfd_create("test", 0), 2);
}

static void
try_growth(void)
{
	see(write(2, "12345678", 8));
	see(write(2, "9", 1));
}

static void
files_end_where_the_sheet_says(void)
{
	struct privs	 sheet = wide;
	int		 status;

	sheet.fsize = 9;
	CHECK(exited(sealed_wait(sealed_start(&sheet, open_file, try_growth)), 0));
	CHECK(worked(0) && worked(1));
	sheet.fsize = 8;
	status = sealed_wait(sealed_start(&sheet, open_file, try_growth));
	CHECK(worked(0));
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
}

int
main(void)
{
	if (geteuid() != 0) {
		SKIP("privs_drop", "needs root");
		return (test_done());
	}
	CASE(seen_from_outside_it_has_no_privilege_left);
	CASE(its_root_is_empty_and_stays_so_even_for_root);
	CASE(namespaces_are_its_own_and_the_network_only_if_the_sheet_says_so);
	CASE(behind_the_filter_there_is_no_file);
	CASE(behind_the_filter_no_privilege_comes_back);
	CASE(behind_the_filter_no_process_is_made);
	CASE(behind_the_filter_written_memory_is_never_run);
	CASE(behind_the_filter_landlock_refuses_tcp);
	CASE(behind_the_filter_other_processes_are_out_of_reach);
	CASE(descriptors_that_are_not_on_the_sheet_are_closed);
	CASE(nobody_can_pass_it_a_descriptor);
#ifndef __SANITIZE_ADDRESS__
	CASE(memory_ends_where_the_sheet_says);
#endif
	CASE(files_end_where_the_sheet_says);
	return (test_done());
}
