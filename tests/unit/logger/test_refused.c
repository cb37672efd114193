/* What of an old log is refused though every mark fits, and what is a crash's doing after all. */

#include "apart.h"
#include "old.h"

static char	 stopped[1 << 16], whole[1 << 16];	/* logs, in normal format */
static char	 changed[1 << 17];

static void
stopped_scan(void)
{
	tell_start();
	for (uint64_t i = 1; i <= 4; i++)
		tell_host(i, OUTCOME_COMPLETE);
	tell_finish(ENDING_INTERRUPTED);
}

static void
whole_scan(void)
{
	tell_start();
	tell_host(1, OUTCOME_COMPLETE);
	tell_finish(ENDING_COMPLETE);
}

static void
write_log(void (*scan)(void), char *text, size_t size)
{
	CHECK(run(scan) == 0);
	keep_file(files[OUTPUT_NORMAL], text, size);
	CHECK(strlen(text) > 300);
}

/* In a process that has not read a log yet. */
static void
write_logs(void)
{
	write_log(stopped_scan, stopped, sizeof(stopped));
	write_log(whole_scan, whole, sizeof(whole));
}

static enum replay
read_again(const char *log)
{
	return (replay_text(log, strlen(log), NULL));
}

/* No crash adds a line to a log that is complete: somebody has. */
static void
nothing_may_stand_behind_a_complete_log(void)
{
	write_logs();
	CHECK(read_again(whole) == REPLAY_FINISHED);
	snprintf(changed, sizeof(changed), "%sHost: 10.0.0.9 ()\tStatus: Up\n", whole);
	CHECK(read_again(changed) == REPLAY_ALTERED);
	snprintf(changed, sizeof(changed), "%sHost: 10.0.0.9 ()\tStatus: Up\n", stopped);
	CHECK(read_again(changed) == REPLAY_RESUMABLE && said.end.torn != 0);
}

/* A page that did not reach the disk, and later ones that did. */
static void
a_hole_is_the_work_of_a_power_cut(void)
{
	off_t	 left;
	size_t	 len, at;

	write_logs();
	len = strlen(stopped);
	at = (size_t)(strstr(stopped, "Nmap scan report for a.example (10.0.0.3)") - stopped);
	memcpy(changed, stopped, at);
	memset(changed + at, 0, 600);
	memcpy(changed + at + 600, stopped + at, len - at);
	CHECK(replay_text(changed, len + 600, &left) == REPLAY_RESUMABLE);
	CHECK(left == (off_t)at && said.end.hosts == 2 && said.end.torn != 0);
	/* But no second log. */
	memcpy(changed + at + 600, "\n", 1);
	memcpy(changed + at + 601, stopped, len);
	CHECK(replay_text(changed, at + 601 + len, NULL) == REPLAY_ALTERED);
	memset(changed + at, 0, 300);
	memcpy(changed + at + 300, stopped + at, len - at);
	CHECK(replay_text(changed, len + 300, NULL) == REPLAY_ALTERED);
}

/* It is copied into other logs, and shown. */
static void
a_first_line_that_could_not_be_ours_is_refused(void)
{
	static char	 long_line[(1 << 20) + 8192];

	write_logs();
	CHECK(read_again(forge(stopped, " as: ", " as: x ")) == REPLAY_RESUMABLE);
	CHECK(read_again(forge(stopped, " as: ", " as: \033[2J")) == REPLAY_ALTERED);
	CHECK(read_again(forge(stopped, " as: ", " as: \x9b""2J")) == REPLAY_ALTERED);
	CHECK(read_again(forge(stopped, " as: ", " as: \r")) == REPLAY_ALTERED);
	snprintf(long_line, sizeof(long_line), "%s", stopped);
	memset(strchr(long_line, '\n'), 'x', 1 << 20);
	long_line[strlen(long_line)] = '\n';
	CHECK(read_again(long_line) == REPLAY_ALTERED);
}

/* What it could not write, or not go on from, it does not take. */
static void
numbers_without_measure_are_refused(void)
{
	write_logs();
	CHECK(read_again(forge(stopped, "interrupted total 4",
	    "interrupted total 999999999999999")) == REPLAY_RESUMABLE);
	CHECK(read_again(forge(stopped, "interrupted total 4",
	    "interrupted total 1000000000000001")) == REPLAY_ALTERED);
	CHECK(read_again(forge(stopped, "time 0.", "time 4294967290.")) == REPLAY_ALTERED);
	CHECK(read_again(forge(stopped, "start 1795375740", "start 253402300799")) ==
	    REPLAY_RESUMABLE);
	CHECK(read_again(forge(stopped, "start 1795375740", "start 253402300800")) ==
	    REPLAY_ALTERED);
}

static void
of_several_logs_each_has_to_be_complete(void)
{
	mode = TO_VERIFY;
	write_logs();
	CHECK(read_again(whole) == REPLAY_FINISHED && said.end.several == 0);
	snprintf(changed, sizeof(changed), "%s%s", whole, whole);
	CHECK(read_again(changed) == REPLAY_FINISHED);
	CHECK(said.end.several == 1 && said.end.unfinished == 0);
	snprintf(changed, sizeof(changed), "%s%s", stopped, whole);
	CHECK(read_again(changed) == REPLAY_FINISHED && said.end.unfinished == 1);
}

/* A parent in a hurry must not close outputs that lack what the old log has. */
static void
finish_at_once(void)
{
	int	 fd = fresh_file(-1, O_APPEND);

	MUST(write(fd, whole, strlen(whole)) == (ssize_t)strlen(whole));
	dup2(fd, OLD_FD);
	TELL(logconfig, .seed = SEED, .start = START, .format = { FORMAT_NONE });
	TELL(replay, .mode = TO_CONVERT);
	MUST(said.end.replay == REPLAY_FINISHED);
	TELL(logconfig, .seed = SEED, .start = START, .port_kind = PROBE_TCP_SYN,
	    .format = { FORMAT_NONE, FORMAT_NONE, FORMAT_GREPABLE });
	tell_ports();
	SEND_EMPTY(&parent_side, start);
	SEND_EMPTY(&parent_side, stop);
	send_finish(&parent_side, &(const struct msg_finish){ .ending = ENDING_COMPLETE });
	while (chan_recv(&logger_side) == 1)
		;
}

static void
no_output_ends_before_it_is_whole(void)
{
	write_logs();
	CHECK(run(finish_at_once) == STATUS_PROCESS);
	CHECK(strstr(read_file(stderr_file), "before the outputs have") != NULL);
}

int
main(void)
{
	CASE_APART(nothing_may_stand_behind_a_complete_log);
	CASE_APART(a_hole_is_the_work_of_a_power_cut);
	CASE_APART(a_first_line_that_could_not_be_ours_is_refused);
	CASE_APART(numbers_without_measure_are_refused);
	CASE_APART(of_several_logs_each_has_to_be_complete);
	CASE_APART(no_output_ends_before_it_is_whole);
	return (test_done());
}
