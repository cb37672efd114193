/*
 * The way from root to nothing, the same for every process, in the one order that works (each
 * step's comment says what it has to come before).  It trusts its own sheet and the kernel;
 * of the kernel it asks at the end whether everything that was given up is gone.
 */

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <linux/capability.h>
#include <linux/securebits.h>

#include <cap-ng.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filter.h"
#include "ipc.h"
#include "log.h"
#include "privs.h"

#ifndef SO_PASSRIGHTS			/* Linux 6.16 */
#define SO_PASSRIGHTS		83
#endif
#ifndef PR_SET_MDWE			/* Linux 6.3 */
#define PR_SET_MDWE		65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

#define FDS	64			/* descriptors that a sheet can name */

/* Root is nobody special, no program gains a capability, and none of it can be undone. */
#define SECUREBITS							\
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED |	\
	SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* A step that is never optional. */
static void
must(bool done, const char *what)
{
	if (!done)
		die(STATUS_PRIVILEGE, "cannot %s: %s", what, strerror(errno));
}

/* What the kernel says of us has to be what we asked for. */
static void
confirm(bool so, const char *what)
{
	if (!so)
		die(STATUS_PRIVILEGE, "after the drop of privileges: %s", what);
}

/* Sockets to other processes refuse descriptors: the sender's sendmsg() fails (Linux 6.16). */
static uint32_t
drop_passed_rights(uint64_t fds)
{
	int		 domain, off = 0;
	socklen_t	 len;

	for (int fd = CHAN_FD; fd < FDS; fd++) {
		len = sizeof(domain);
		if ((fds >> fd & 1) == 0 ||
		    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == -1 ||
		    domain != AF_UNIX)
			continue;
		if (setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off)) == -1)
			return (0);
	}
	return (WALL_PASSRIGHTS);
}

static uint32_t
drop_namespaces(bool network)
{
	int	 flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | (network ? 0 : CLONE_NEWNET);

	return (unshare(flags) == 0 ? WALL_NAMESPACES : 0);
}

/*
 * An empty file system that nobody can write takes the place of the root, for this process
 * alone.  The old root ends up on top of the new one, from where it is taken away.  A root
 * that is no mount point (somebody's chroot) cannot be replaced.
 */
static bool
root_pivot(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("empty", "/tmp", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
	    "size=4k,nr_inodes=1,mode=555") == -1)
		return (false);
	if (chdir("/tmp") == 0 && syscall(SYS_pivot_root, ".", ".") == 0) {
		must(umount2(".", MNT_DETACH) == 0, "unmount the old root");
		return (true);
	}
	umount2("/tmp", MNT_DETACH);
	return (false);
}

/* Without CAP_SYS_ADMIN: a directory that is gone already, in which nothing can be made. */
static void
root_chroot(void)
{
	char	 dir[] = "/tmp/empty-XXXXXX";

	must(mkdtemp(dir) != NULL, "make an empty directory in /tmp");
	must(chdir(dir) == 0 && rmdir(dir) == 0, "enter and remove an empty directory");
	must(chroot(".") == 0, "change the root directory");
}

static uint32_t
drop_files(uint32_t walls)
{
	/* Never in somebody else's mount namespace. */
	bool	 pivoted = (walls & WALL_NAMESPACES) != 0 && root_pivot();

	if (!pivoted)
		root_chroot();
	must(chdir("/") == 0, "enter the empty root");
	return (pivoted ? WALL_ROOT : 0);
}

/* A limit may only go down: raising one would need CAP_SYS_RESOURCE. */
static void
drop_limit(__rlimit_resource_t resource, rlim_t value, const char *what)
{
	struct rlimit	 now;

	must(getrlimit(resource, &now) == 0, what);
	if (value > now.rlim_max)
		value = now.rlim_max;
	must(setrlimit(resource, &(struct rlimit){ value, value }) == 0, what);
}

static void
drop_limits(const struct privs *sheet)
{
	drop_limit(RLIMIT_NPROC, 0, "limit processes");
	drop_limit(RLIMIT_CORE, 0, "limit core dumps");
	drop_limit(RLIMIT_FSIZE, sheet->fsize, "limit the size of files");
	if (sheet->memory != 0)
		drop_limit(RLIMIT_AS, sheet->memory, "limit memory");
}

/*
 * User, groups and all capabilities in the library's one call: it needs capabilities that a
 * clearing of our own would have taken, and then would return without a change.  Securebits
 * come before it, for they need CAP_SETPCAP; not the keep-caps lock, for the library keeps
 * capabilities over the change of user.
 */
static void
drop_user(struct ids ids)
{
	int	 rc;

	must(prctl(PR_SET_SECUREBITS, SECUREBITS) == 0, "set securebits");
	rc = capng_change_id((int)ids.uid, (int)ids.gid,
	    CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	if (rc != 0)
		die(STATUS_PRIVILEGE, "cannot become user %u, group %u, without capabilities "
		    "(libcap-ng error %d)", ids.uid, ids.gid, rc);
	must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0,
	    "clear ambient capabilities");
}

/* After the change of user, which sets it anew: nobody of the same user may look inside. */
static uint32_t
drop_self_access(const struct privs *p)
{
	if (p->follows)
		must(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "follow its parent");
	must(prctl(PR_SET_DUMPABLE, 0) == 0, "be undumpable");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "set no_new_privs");
	return (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0 ? WALL_MDWE : 0);
}

/* struct landlock_ruleset_attr, Linux 6.12; older headers lack the end of it. */
struct landlock_attr {
	uint64_t	 fs;
	uint64_t	 net;
	uint64_t	 scoped;
};

/* struct landlock_net_port_attr, Linux 6.7. */
struct landlock_port {
	uint64_t	 access;
	uint64_t	 port;
};

#define RULE_PORT	2	/* LANDLOCK_RULE_NET_PORT */
#define CONNECT_TCP	2	/* LANDLOCK_ACCESS_NET_CONNECT_TCP */

static bool
allow_ports(int fd, const uint16_t tcp[PRIVS_TCP])
{
	struct landlock_port	 p = { .access = CONNECT_TCP };

	for (int i = 0; i < PRIVS_TCP; i++) {
		p.port = tcp[i];
		if (tcp[i] != 0 && syscall(SYS_landlock_add_rule, fd, RULE_PORT, &p, 0) == -1)
			return (false);
	}
	return (true);
}

/*
 * Landlock by the version that runs: every right it knows is handled, and none is granted but
 * TCP to the sheet's ports: nothing of the file system, no TCP bind or other connect, no abstract
 * sockets of strangers, no signals to them.  A ruleset takes no_new_privs and a free descriptor.
 */
static uint32_t
drop_landlock(const uint16_t tcp[PRIVS_TCP])
{
	long			 abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
	struct landlock_attr	 attr = { .fs = (1U << 13) - 1 };	/* to MAKE_SYM */
	int			 fd;
	long			 rc;

	if (abi < 1)
		return (0);
	if (abi >= 2)
		attr.fs |= 1U << 13;		/* REFER */
	if (abi >= 3)
		attr.fs |= 1U << 14;		/* TRUNCATE */
	if (abi >= 4)
		attr.net = 3;			/* BIND_TCP, CONNECT_TCP */
	if (abi >= 5)
		attr.fs |= 1U << 15;		/* IOCTL_DEV */
	if (abi >= 6)
		attr.scoped = 3;		/* ABSTRACT_UNIX_SOCKET, SIGNAL */
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd != -1 && abi >= 4)
		must(allow_ports(fd, tcp), "allow TCP to the sheet's ports");
	rc = syscall(SYS_landlock_restrict_self, fd, 0);
	if (fd != -1)
		close(fd);
	return (rc == 0 ? (uint32_t)abi : 0);
}

/* Close what is not on the sheet, and leave no number free for a new one above the rest. */
static void
drop_descriptors(uint64_t fds)
{
	unsigned int	 end = 0;

	for (unsigned int n = 0; n < FDS; n++) {
		if ((fds >> n & 1) != 0)
			end = n + 1;
		else
			must(close_range(n, n, 0) == 0, "close descriptors");
	}
	must(close_range(FDS, UINT_MAX, 0) == 0, "close descriptors");
	drop_limit(RLIMIT_NOFILE, end, "limit descriptors");
}

static void
confirm_user(struct ids ids)
{
	uid_t	 r, e, s;

	confirm(getresuid(&r, &e, &s) == 0 && r == ids.uid && e == ids.uid && s == ids.uid,
	    "another user");
	confirm(getresgid(&r, &e, &s) == 0 && r == ids.gid && e == ids.gid && s == ids.gid,
	    "another group");
	confirm(getgroups(0, NULL) == 0, "supplementary groups");
}

/* Effective, permitted, inheritable, bounding and ambient set: none of them has anything. */
static void
confirm_capabilities(void)
{
	struct __user_cap_header_struct	 header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct	 sets[_LINUX_CAPABILITY_U32S_3];

	confirm(syscall(SYS_capget, &header, sets) == 0, "capabilities unknown");
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		confirm((sets[i].effective | sets[i].permitted | sets[i].inheritable) == 0,
		    "capabilities");
	/* A number that the kernel does not know is an error, and in no set. */
	for (unsigned long cap = 0; cap < 64; cap++) {
		confirm(prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 1,
		    "capabilities in the bounding set");
		confirm(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) != 1,
		    "ambient capabilities");
	}
	confirm(prctl(PR_GET_SECUREBITS) == SECUREBITS, "other securebits");
}

/* Ask the kernel, call by call: there is no /proc any more. */
static void
confirm_drop(const struct privs *sheet, struct ids ids)
{
	confirm_user(ids);
	confirm_capabilities();
	confirm(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "no_new_privs is off");
	confirm(prctl(PR_GET_DUMPABLE) == 0, "dumpable");
	for (int n = 0; n < FDS; n++)
		confirm((sheet->fds >> n & 1) != 0 || fcntl(n, F_GETFD) == -1,
		    "a descriptor too many");
}

static void
refuse_start(const struct privs *sheet, struct ids ids)
{
	if (ids.uid == 0 || ids.gid == 0 || ids.uid == UINT32_MAX || ids.gid == UINT32_MAX)
		die(STATUS_PRIVILEGE, "%s does not run as user %u, group %u", sheet->name,
		    ids.uid, ids.gid);
	/* The kernel grants this, which changes nothing, to a process with a single thread. */
	must(unshare(CLONE_THREAD) == 0, "seal a process with more than one thread");
}

struct msg_ready
privs_drop(const struct privs *sheet, struct ids ids)
{
	struct msg_ready	 ready = { .uid = ids.uid, .gid = ids.gid };
	scmp_filter_ctx		 filter;

	refuse_start(sheet, ids);
	/* While there are files and memory; malloc() asks for random bytes the first time only. */
	filter = filter_build(sheet->calls, sheet->ncalls);
	filter_allow_question(filter);
	capng_clear(CAPNG_SELECT_ALL);

	ready.walls = drop_passed_rights(sheet->fds);
	ready.walls |= drop_namespaces(sheet->network);
	ready.walls |= drop_files(ready.walls);
	drop_limits(sheet);
	drop_user(ids);
	ready.walls |= drop_self_access(sheet);
	ready.landlock_abi = drop_landlock(sheet->tcp);
	if (ready.landlock_abi != 0)
		ready.walls |= WALL_LANDLOCK;
	drop_descriptors(sheet->fds);
	confirm_drop(sheet, ids);
	filter_load(filter);
	return (ready);
}

/* A decimal number and nothing else. */
static bool
parse_id(const char *s, uint32_t *id)
{
	unsigned long long	 n;
	char			*end;

	if (!isdigit((unsigned char)s[0]))
		return (false);
	errno = 0;
	n = strtoull(s, &end, 10);
	if (errno != 0 || *end != '\0' || n == 0 || n >= UINT32_MAX)
		return (false);
	*id = (uint32_t)n;
	return (true);
}

struct ids
privs_ids(int argc, char *argv[])
{
	struct ids	 ids;

	if (argc < 3 || !parse_id(argv[1], &ids.uid) || !parse_id(argv[2], &ids.gid))
		die(STATUS_PRIVILEGE, "this program is started by postern, not by hand");
	return (ids);
}
