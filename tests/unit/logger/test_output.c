/*
 * Outputs that fail: it is told once, and the others go on.
 */

#include "drive.h"

static void
full_disk(void)
{
	dup2(open("/dev/full", O_WRONLY), NORMAL_FD);
	tell_start();
	MUST(said.n[MSG_LOGFAILED] == 1 && said.failed.error == ENOSPC &&
	    said.failed.output == OUTPUT_NORMAL);
	tell_host(1, OUTCOME_COMPLETE);
	tell_finish(ENDING_COMPLETE);
	MUST(said.n[MSG_LOGFAILED] == 1);
}

static void
a_full_disk_is_told_once_and_the_other_log_goes_on(void)
{
	CHECK(run(full_disk) == 0);
	CHECK(count_lines(OUTPUT_GREPABLE, "# postern: done ") == 1);
	CHECK(count_lines(OUTPUT_GREPABLE, "# postern: complete ") == 1);
}

/* Writing where a process has no memory is an input/output error, as of a disk that breaks. */
static void
broken_disk(void)
{
	tell_start();
	tell_host(1, OUTCOME_COMPLETE);
	dup2(open("/proc/self/mem", O_RDWR), NORMAL_FD);
	dup2(NORMAL_FD, XML_FD);
	tell_host(2, OUTCOME_COMPLETE);
	MUST(said.n[MSG_LOGFAILED] == 2 && said.failed.error == EIO &&
	    said.failed.output == OUTPUT_XML);
	tell_finish(ENDING_LOG_FAILED);
	MUST(said.n[MSG_LOGFAILED] == 2);
}

static void
a_broken_disk_is_told_and_the_other_log_goes_on(void)
{
	const uint8_t	 every[OUTPUTS] = EVERY_FORMAT, three[OUTPUTS] = ALL_FORMATS;

	memcpy(config.format, every, sizeof(every));
	CHECK(run(broken_disk) == 0);
	CHECK(count_lines(OUTPUT_NORMAL, "# postern: done ") == 1);
	CHECK(count_lines(OUTPUT_GREPABLE, "# postern: done ") == 2);
	memcpy(config.format, three, sizeof(three));
}

static void
gone_reader(void)
{
	int	 fds[2];

	signal(SIGPIPE, SIG_IGN);
	MUST(pipe(fds) == 0);
	dup2(fds[1], REPORT_FD);
	close(fds[0]);
	tell_start();
	tell_host(1, OUTCOME_COMPLETE);
	tell_finish(ENDING_COMPLETE);
	MUST(said.n[MSG_LOGFAILED] == 1 && said.failed.error == EPIPE &&
	    said.failed.output == OUTPUT_REPORT);
}

static void
a_report_that_nobody_reads_is_told_once_and_the_logs_go_on(void)
{
	CHECK(run(gone_reader) == 0);
	CHECK(count_lines(OUTPUT_NORMAL, "# postern: complete ") == 1);
}

int
main(void)
{
	CASE(a_full_disk_is_told_once_and_the_other_log_goes_on);
	CASE(a_broken_disk_is_told_and_the_other_log_goes_on);
	CASE(a_report_that_nobody_reads_is_told_once_and_the_logs_go_on);
	return (test_done());
}
