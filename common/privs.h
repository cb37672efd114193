/*
 * What a process may still do once it has given up the rest: one const sheet each, in its own
 * privs.c, and privs_drop(), which gives up everything that is not on the sheet, for good.
 */

#ifndef PRIVS_H
#define PRIVS_H

#include <stdbool.h>
#include <stdint.h>

#include "payloads.h"

/*
 * A system call on a sheet: allowed only when each argument named equals its value.  Equality
 * only: libseccomp before 2.6.1 merges ordered comparisons wrongly (GHSA-4q85-33p6-j5g6).
 */
struct privs_call {
	int		 number;	/* SCMP_SYS(...); one that this machine lacks is skipped */
	unsigned int	 nargs;		/* entries of arg in use */
	struct privs_arg {
		unsigned int	 index;
		uint32_t	 value;
		bool		 pointer;	/* all 64 bits are compared; else 32 */
	}		 arg[3];
};

#define CALL(name)	{ SCMP_SYS(name), 0, { { 0, 0, false } } }
#define CALL_1(name, i, v)							\
	{ SCMP_SYS(name), 1, { { (i), (v), false } } }
#define CALL_2(name, i, v, j, w)						\
	{ SCMP_SYS(name), 2, { { (i), (v), false }, { (j), (w), false } } }
#define CALL_3(name, i, v, j, w, k, x)						\
	{ SCMP_SYS(name), 3, { { (i), (v), false }, { (j), (w), false }, { (k), (x), false } } }
#define CALL_POINTER(name, i, v)						\
	{ SCMP_SYS(name), 1, { { (i), (v), true } } }

#define PRIVS_TCP	3

struct privs {
	const char	*name;		/* of the process, as ps(1) and --doctor show it */
	const char	*user;		/* its own; the two processes of postern itself share one */
	uint64_t	 fds;		/* bit n: descriptor n may be open (n < 64) */
	uint64_t	 memory;	/* bytes of address space; 0: no limit of ours */
	uint64_t	 fsize;		/* bytes a file may grow to */
	bool		 network;	/* keeps the network namespace it came in */
	uint16_t	 tcp[PRIVS_TCP];	/* ports it may connect to; 0: none */
	bool		 follows;	/* is killed when its parent, of the same user, ends */
	const struct privs_call	*calls;
	unsigned int	 ncalls;
};

/* The ids a process changes to: found by the starter, for the child has no way to ask. */
struct ids {
	uint32_t	 uid;
	uint32_t	 gid;
};

/*
 * Give up everything that the sheet does not name: namespaces, root directory, limits,
 * capabilities, user, Landlock, descriptors, and last the system calls.  Ids, capabilities,
 * no_new_privs and descriptors are read back from the kernel, the filter's mode after it.  A step
 * that is never optional and fails ends the process with STATUS_PRIVILEGE.  Gives the walls that
 * stand now, for READY.
 *
 * Needs CAP_SYS_ADMIN for the namespaces and the empty root (without it: a chroot),
 * CAP_SYS_CHROOT, CAP_SETUID, CAP_SETGID and CAP_SETPCAP.  Nothing that needs any privilege, no
 * file, and no new descriptor but for a number on the sheet works afterwards.
 */
struct msg_ready	 privs_drop(const struct privs *, struct ids);

/*
 * Before privs_drop(): ready a second, narrower list of calls.  After it: put it up as well;
 * it can only take away.  For a process that needs a call for its first task and never again;
 * its first sheet has to have PRIVS_NARROW in it.
 */
struct privs_filter;
struct privs_filter	*privs_narrow_prepare(const struct privs_call *, unsigned int n);
void			 privs_narrow(const struct privs_filter *);
#define PRIVS_NARROW	CALL_2(seccomp, 0, SECCOMP_SET_MODE_FILTER, 1, 0)

/*
 * A child's ids from its command line (argv[1] uid, argv[2] gid, as the parent wrote them);
 * anything else there ends the process.
 */
struct ids		 privs_ids(int argc, char *argv[]);

#endif /* PRIVS_H */
