/*
 * System calls as a list: what is on it passes, anything else kills the process.  It trusts
 * the sheet it is given and libseccomp to translate it; equality of 32 bits, and of a pointer's
 * 64, is all it asks of that translation.
 */

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <linux/filter.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filter.h"
#include "log.h"

#define ARGS_MAX	(sizeof(((struct privs_call *)0)->arg) / sizeof(struct privs_arg))
#define CODE_MAX	(BPF_MAXINSNS * sizeof(struct sock_filter))

struct privs_filter {
	struct sock_fprog	 prog;
	struct sock_filter	 code[];
};

/* The library returns a negative errno. */
static void
must(int rc, const char *what)
{
	if (rc < 0)
		die(STATUS_PRIVILEGE, "system call filter: %s: %s", what, strerror(-rc));
}

/* Let one call through; one that this architecture lacks has a negative number. */
static void
add(scmp_filter_ctx filter, const struct privs_call *call)
{
	struct scmp_arg_cmp	 cmp[ARGS_MAX];

	if (call->number < 0)
		return;
	if (call->nargs > ARGS_MAX)
		fatalx("system call %d has %u arguments on its sheet", call->number, call->nargs);
	for (unsigned int i = 0; i < call->nargs; i++)
		cmp[i] = (struct scmp_arg_cmp){
			.arg = call->arg[i].index, .op = SCMP_CMP_MASKED_EQ,
			.datum_a = call->arg[i].pointer ? UINT64_MAX : UINT32_MAX,
			.datum_b = call->arg[i].value
		};
	must(seccomp_rule_add_exact_array(filter, SCMP_ACT_ALLOW, call->number, call->nargs, cmp),
	    "rule");
}

scmp_filter_ctx
filter_build(const struct privs_call *calls, unsigned int n)
{
	scmp_filter_ctx	 filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (filter == NULL)
		die(STATUS_PRIVILEGE, "system call filter: out of memory");
	must(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "attribute");
	must(seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1), "attribute");
	must(seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1), "attribute");
	must(seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1), "attribute");
	for (unsigned int i = 0; i < n; i++)
		add(filter, &calls[i]);
	return (filter);
}

void
filter_allow_question(scmp_filter_ctx filter)
{
	add(filter, &(const struct privs_call)CALL_1(prctl, 0, PR_GET_SECCOMP));
}

/* The filter's memory is never released: free() could need a call that is gone now. */
void
filter_load(scmp_filter_ctx filter)
{
	must(seccomp_load(filter), "load");
	if (prctl(PR_GET_SECCOMP) != SECCOMP_MODE_FILTER)
		die(STATUS_PRIVILEGE, "system call filter: the kernel says it is not there");
}

/* The filter's instructions; by way of a file, for libseccomp before 2.6 writes nowhere else. */
static ssize_t
export(scmp_filter_ctx filter, void *code, size_t size)
{
	int	 fd = memfd_create("filter", MFD_CLOEXEC);
	ssize_t	 n;

	must(fd == -1 ? -errno : 0, "memfd");
	must(seccomp_export_bpf(filter, fd), "export");
	n = pread(fd, code, size, 0);
	close(fd);
	return (n);
}

struct privs_filter *
privs_narrow_prepare(const struct privs_call *calls, unsigned int ncalls)
{
	scmp_filter_ctx		 filter = filter_build(calls, ncalls);
	struct privs_filter	*f = malloc(sizeof(*f) + CODE_MAX);
	ssize_t			 n;

	if (f == NULL)
		die(STATUS_PRIVILEGE, "system call filter: out of memory");
	n = export(filter, f->code, CODE_MAX);
	if (n <= 0 || (size_t)n % sizeof(struct sock_filter) != 0)
		die(STATUS_PRIVILEGE, "system call filter: export of %zd bytes", n);
	f->prog.len = (unsigned short)((size_t)n / sizeof(struct sock_filter));
	f->prog.filter = f->code;
	seccomp_release(filter);
	return (f);
}

void
privs_narrow(const struct privs_filter *f)
{
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &f->prog) == -1)
		die(STATUS_PRIVILEGE, "system call filter: narrow: %s", strerror(errno));
}
