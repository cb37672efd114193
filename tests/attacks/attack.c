/* Runs one act in one process of a role, and says what came of it. */

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

#define ATTACK_ID	61001	/* a user and group of no other process */
#define SECONDS		10	/* for one act */

/* What the attacked process leaves behind, in memory that it shares with us. */
struct left {
	enum { SEALING, TRYING, TRIED }	 stage;
	long				 rc;
	int				 error;
};

static pid_t			 sibling;	/* a process beside the attacked one */
static struct sockaddr_in	 listener;	/* somebody to connect to, on lo */
static int			 channel;	/* the attacked one's channel to its parent */

/* A process made by an act has nothing to do. */
static long
child(long pid)
{
	while (pid == 0)
		syscall(SYS_exit_group, 0);
	return (pid);
}

static long
try_to_fork(void)
{
#ifdef SYS_fork
	return (child(syscall(SYS_fork)));
#else
	errno = ENOSYS;
	return (-1);
#endif
}

static long
try_to_clone3(void)
{
	struct clone_args	 args = { .exit_signal = SIGCHLD };

	return (child(syscall(SYS_clone3, &args, sizeof(args))));
}

static long
try_to_exec(void)
{
	char	*argv[] = { (char[]){ "true" }, NULL };

	return (execve("/bin/true", argv, argv + 1));
}

static long
try_to_connect(void)
{
	return (connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&listener,
	    sizeof(listener)));
}

static long
map(int prot)
{
	void	*p = mmap(NULL, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return (p == MAP_FAILED ? -1 : 0);
}

/* Code in memory that was written: the first step of most attacks. */
static long
try_to_run_data(void)
{
	static char	 page[8192];

	return (mprotect((void *)(((uintptr_t)page + 4095) & ~(uintptr_t)4095), 4096,
	    PROT_READ | PROT_EXEC));
}

static long
try_to_pass_rights(void)
{
	union {
		char		 bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr	 align;
	}		 control = { .align = {
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS
	} };
	char		 byte = 0;
	struct iovec	 iov = { &byte, 1 };
	struct msghdr	 m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };

	return (sendmsg(channel, &m, 0));
}

static long
try_to_take_rights(void)
{
	char		 bytes[64];
	struct iovec	 iov = { bytes, sizeof(bytes) };
	struct msghdr	 m = { .msg_iov = &iov, .msg_iovlen = 1 };

	return (recvmsg(channel, &m, MSG_DONTWAIT) == -1 && errno != EAGAIN ? -1 : 0);
}

static long
try_to_read_memory(void)
{
	char		 here;
	struct iovec	 to = { &here, 1 }, from = { &sibling, 1 };

	return (process_vm_readv(sibling, &to, 1, &from, 1, 0));
}

static long
try_bpf(void)
{
	union bpf_attr	 attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4,
		.max_entries = 1 };

	return (syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static long
try_perf(void)
{
	struct perf_event_attr	 attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK };

	return (syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

static long
try_io_uring(void)
{
	struct io_uring_params	 params = { .flags = 0 };

	return (syscall(SYS_io_uring_setup, 1, &params));
}

/* A system call by its 32-bit and by its x32 number: getpid, which harms nobody. */
static long
try_32_bits(void)
{
#ifdef __x86_64__
	long	 rc = 20;

	__asm__ volatile("int $0x80" : "+a"(rc) : : "memory", "r8", "r9", "r10", "r11");
	if (rc > 0)
		return (0);
#endif
	errno = ENOSYS;
	return (-1);
}

static long
try_x32(void)
{
#ifdef __x86_64__
	return (syscall(0x40000000 | SYS_getpid));
#else
	errno = ENOSYS;
	return (-1);
#endif
}

#define ALL_ACTS(A)								\
	A(nothing,		0)						\
	A(read_file,		open("/etc/passwd", O_RDONLY))			\
	A(read_proc,		open("/proc/self/status", O_RDONLY))		\
	A(read_root,		open("/", O_RDONLY | O_DIRECTORY))		\
	A(create_file,		open("/tmp/new", O_WRONLY | O_CREAT, 0600))	\
	A(create_memfd,		memfd_create("new", 0))				\
	A(udp_socket,		socket(AF_INET, SOCK_DGRAM, 0))			\
	A(tcp_socket,		socket(AF_INET, SOCK_STREAM, 0))		\
	A(raw_socket,		socket(AF_INET, SOCK_RAW, IPPROTO_RAW))		\
	A(packet_socket,	socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)))	\
	A(unix_socket,		socket(AF_UNIX, SOCK_STREAM, 0))		\
	A(netlink_socket,	socket(AF_NETLINK, SOCK_RAW, 0))		\
	A(connect,		try_to_connect())				\
	A(exec,			try_to_exec())					\
	A(fork,			try_to_fork())					\
	A(clone,		child(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)))	\
	A(clone3,		try_to_clone3())				\
	A(ptrace_sibling,	ptrace(PTRACE_SEIZE, sibling, 0, 0))		\
	A(read_sibling,		try_to_read_memory())				\
	A(kill_sibling,		kill(sibling, SIGKILL))				\
	A(kill_parent,		kill(getppid(), SIGCONT))			\
	A(pidfd_of_sibling,	syscall(SYS_pidfd_open, sibling, 0))		\
	A(setuid_0,		setuid(0))					\
	A(setgid_0,		setgid(0))					\
	A(setgroups,		setgroups(0, NULL))				\
	A(chroot,		chroot("/tmp"))					\
	A(mount,		mount("new", "/tmp", "tmpfs", 0, NULL))		\
	A(unshare,		unshare(CLONE_NEWUTS))				\
	A(unshare_user,		unshare(CLONE_NEWUSER))				\
	A(map_code,		map(PROT_READ | PROT_WRITE | PROT_EXEC))	\
	A(run_data,		try_to_run_data())				\
	A(dup2,			dup2(channel, 90))				\
	A(dup_by_fcntl,		fcntl(channel, F_DUPFD, 90))			\
	A(write_channel,	write(channel, "", 1))				\
	A(pass_rights,		try_to_pass_rights())				\
	A(take_rights,		try_to_take_rights())				\
	A(set_dumpable,		prctl(PR_SET_DUMPABLE, 1))			\
	A(setrlimit,		setrlimit(RLIMIT_NOFILE,			\
				    &(struct rlimit){ 99, 99 }))		\
	A(personality,		personality(ADDR_NO_RANDOMIZE))			\
	A(io_uring,		try_io_uring())					\
	A(bpf,			try_bpf())					\
	A(perf,			try_perf())					\
	A(userfaultfd,		syscall(SYS_userfaultfd, 0))			\
	A(keyctl,		syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,	\
				    KEY_SPEC_PROCESS_KEYRING, 1))		\
	A(call_of_32_bits,	try_32_bits())					\
	A(call_of_x32,		try_x32())

#define A(name, expression)							\
static long									\
act_##name(void)								\
{										\
	return (expression);							\
}
ALL_ACTS(A)
#undef A

#define A(name, expression)	{ #name, act_##name },
static const struct act	 acts_for_all[] = { ALL_ACTS(A) { NULL, NULL } };
#undef A

void
attack_need(int rc, const char *what)
{
	if (rc != -1)
		return;
	printf("broken: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(ATTACK_BROKEN);
}

void
attack_fd(int fd, int number)
{
	attack_need(fd, "descriptor for the role");
	if (fd == number)
		return;
	attack_need(dup2(fd, number), "dup2");
	close(fd);
}

/* Namespaces of its own: no other process, no network but lo, and /tmp to write in. */
static void
isolate(void)
{
	struct ifreq	 lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int		 fd, status;
	pid_t		 pid;

	attack_need(unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC |
	    CLONE_NEWUTS), "unshare");
	attack_need(pid = fork(), "fork");
	if (pid != 0) {
		attack_need(waitpid(pid, &status, 0), "waitpid");
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : ATTACK_BROKEN);
	}
	attack_need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "mount /");
	attack_need(mount("proc", "/proc", "proc", 0, NULL), "mount /proc");
	attack_need(mount("tmp", "/tmp", "tmpfs", 0, NULL), "mount /tmp");
	attack_need(fd = socket(AF_INET, SOCK_DGRAM, 0), "socket");
	attack_need(ioctl(fd, SIOCSIFFLAGS, &lo), "lo up");
	close(fd);
}

/* Those whom acts are aimed at. */
static void
make_victims(void)
{
	socklen_t	 len = sizeof(listener);
	int		 fd;

	attack_need(sibling = fork(), "fork");
	if (sibling == 0) {
		pause();
		_exit(0);
	}
	listener.sin_family = AF_INET;
	listener.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	attack_need(fd = socket(AF_INET, SOCK_STREAM, 0), "socket");
	attack_need(bind(fd, (struct sockaddr *)&listener, len), "bind");
	attack_need(listen(fd, 1), "listen");
	attack_need(getsockname(fd, (struct sockaddr *)&listener, &len), "getsockname");
}

/* What a process of the role begins with. */
static void
make_descriptors(const struct role *role)
{
	int	 pair[2], null;

	attack_need(close_range(CHAN_FD, UINT_MAX, 0), "close_range");
	attack_need(null = open("/dev/null", O_RDWR), "null");
	for (int fd = 0; fd <= 2; fd++)
		attack_need(dup2(null, fd), "null");
	close(null);
	if (role->setup != NULL)
		role->setup();
	for (int fd = 63; fd >= CHAN_FD; fd--) {
		if ((role->channels >> fd & 1) == 0)
			continue;
		attack_need(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), "socketpair");
		attack_need(fcntl(pair[1], F_DUPFD, 100), "the channel's other end");
		close(pair[1]);
		attack_fd(pair[0], fd);
		channel = fd;
	}
}

static _Noreturn void
be_attacked(const struct role *role, const struct act *act, bool sealed, struct left *left)
{
	make_descriptors(role);
	if (sealed)
		role->drop((struct ids){ ATTACK_ID, ATTACK_ID });
	left->stage = TRYING;
	left->rc = act->try();
	left->error = errno;
	left->stage = TRIED;
	for (;;)
		syscall(SYS_exit_group, 0);
}

/* An act that execs does not come back; its process ends well all the same. */
static enum attack_result
verdict(const struct left *left, int status)
{
	if (left->stage == TRIED && left->rc == -1) {
		printf("refused: %s\n", strerror(left->error));
		return (ATTACK_REFUSED);
	}
	if (left->stage != SEALING && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		printf("worked\n");
		return (ATTACK_WORKED);
	}
	if (left->stage == TRYING && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
		printf("refused: SIGSYS\n");
		return (ATTACK_REFUSED);
	}
	printf("broken: stage %d, wait status %#x\n", left->stage, (unsigned int)status);
	return (ATTACK_BROKEN);
}

static enum attack_result
attack(const struct role *role, const struct act *act, bool sealed)
{
	struct left	*left = mmap(NULL, sizeof(*left), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int		 status;
	pid_t		 pid;

	attack_need(left == MAP_FAILED ? -1 : 0, "mmap");
	left->stage = SEALING;
	isolate();
	make_victims();
	attack_need(pid = fork(), "fork");
	if (pid == 0) {
		alarm(SECONDS);
		be_attacked(role, act, sealed, left);
	}
	attack_need(waitpid(pid, &status, 0), "waitpid");
	return (verdict(left, status));
}

static bool
may(const struct role *role, const char *name)
{
	for (const char *const *m = role->may; m != NULL && *m != NULL; m++)
		if (strcmp(*m, name) == 0)
			return (true);
	return (false);
}

static void
list(const struct role *role, const struct act *acts)
{
	for (const struct act *a = acts; a != NULL && a->name != NULL; a++)
		printf("%s %s\n", a->name, may(role, a->name) ? "allowed" : "refused");
}

static const struct act *
find(const struct act *acts, const char *name)
{
	for (const struct act *a = acts; a != NULL && a->name != NULL; a++)
		if (strcmp(a->name, name) == 0)
			return (a);
	return (NULL);
}

int
attack_main(const struct role *role, int argc, char *argv[])
{
	const struct act	*act;
	bool			 sealed = argc == 2;

	if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "unsealed") != 0)) {
		fprintf(stderr, "usage: %s list | ACT [unsealed]\n", argv[0]);
		return (ATTACK_BROKEN);
	}
	if (strcmp(argv[1], "list") == 0) {
		list(role, acts_for_all);
		list(role, role->acts);
		return (0);
	}
	if ((act = find(acts_for_all, argv[1])) == NULL &&
	    (act = find(role->acts, argv[1])) == NULL) {
		printf("broken: no such act\n");
		return (ATTACK_BROKEN);
	}
	return ((int)attack(role, act, sealed));
}
