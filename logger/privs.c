/* What the logger may do: append to its logs, write its XML, and speak with the parent. */

#include <linux/seccomp.h>
#include <seccomp.h>

#include "logger.h"

#define REPLAY_CALLS	7	/* the first: they go when the outputs have what the old log has */
static const struct privs_call	 calls[] = {
	CALL_1(pread64, 0, OLD_FD),		/* read the old log */
	CALL_1(pread64, 0, SKIP_FD),		/* and that of --skip-done */
	CALL_1(ftruncate, 0, OLD_FD),		/* cut off its torn tail */
	CALL_1(pread64, 0, XML_FD),		/* is it an older rendering of this scan? */
	CALL_1(pread64, 0, JSON_FD),
	CALL_1(ftruncate, 0, JSON_FD),		/* then it is begun anew */
	[REPLAY_CALLS - 1] = PRIVS_NARROW,	/* give these up */

	CALL(poll),				/* wait for the parent, or a slow reader */
	CALL(ppoll),				/* the same, where there is no poll */
	CALL(restart_syscall),			/* go on waiting after a SIGSTOP */
	CALL_1(recvfrom, 0, CHAN_FD),		/* hear the parent */
	CALL_1(sendto, 0, CHAN_FD),		/* tell the parent */
	CALL_1(write, 0, REPORT_FD),
	CALL_1(write, 0, NORMAL_FD),
	CALL_1(write, 0, GREPABLE_FD),
	CALL_1(write, 0, JSON_FD),
	CALL_1(write, 0, OLD_FD),		/* go on with the old log */
	CALL_1(pwritev, 0, XML_FD),		/* hosts go before the document's end */
	CALL_1(ftruncate, 0, XML_FD),
	CALL_1(fsync, 0, NORMAL_FD),		/* header and footer reach the disk */
	CALL_1(fsync, 0, GREPABLE_FD),
	CALL_1(fsync, 0, XML_FD),
	CALL_1(fsync, 0, JSON_FD),
	CALL_1(fsync, 0, OLD_FD),
	CALL(clock_gettime),			/* where the vDSO has no clock */
	CALL(exit_group),
	CALL(rt_sigreturn),
};
#define NCALLS	(sizeof(calls) / sizeof(calls[0]))

static const struct privs	 sheet = {
	.name = "logger",
	.user = "_postern-logger",
	.fds = 1 << 0 | 1 << REPORT_FD | 1 << 2 | 1 << CHAN_FD | 1 << NORMAL_FD |
	    1 << GREPABLE_FD | 1 << XML_FD | 1 << JSON_FD | 1 << OLD_FD |
	    1 << SKIP_FD,
	.memory = (uint64_t)256 << 20,
	.fsize = (uint64_t)1 << 40,
	.network = false,
	.calls = calls,
	.ncalls = NCALLS,
};

static struct privs_filter	*narrower;

struct msg_ready
logger_drop(struct ids ids)
{
	narrower = privs_narrow_prepare(calls + REPLAY_CALLS, NCALLS - REPLAY_CALLS);
	return (privs_drop(&sheet, ids));
}

void
logger_narrow(void)
{
	if (narrower != NULL)		/* else nothing was sealed: a test */
		privs_narrow(narrower);
}
