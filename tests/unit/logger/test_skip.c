/*
 * Reading the log of --skip-done, of any size and with anything in it: the parent is told which
 * hosts it has done, and nothing else; and it is read once, before the scan is set up.
 */

#include "drive.h"
#include "foreign.h"

#define HOSTS	100000U

static char	 text[1 << 23];

/* Have the logger read these bytes; the verdict. */
static enum replay
skip(const char *bytes, size_t len)
{
	int	 fd = fresh_file(-1, O_APPEND);

	CHECK(write(fd, bytes, len) == (ssize_t)len);
	CHECK(dup2(fd, SKIP_FD) == SKIP_FD);
	drive_open();
	replay_begin(TO_SKIP);
	pump();
	drive_close();
	CHECK(lseek(fd, 0, SEEK_END) == (off_t)len);
	close(fd);
	CHECK(said.n[MSG_PASTEND] == 1 && said.end.hosts == said.nskipped);
	CHECK(said.n[MSG_PASTLINE] == 0 && said.n[MSG_PASTDONE] == 0);
	CHECK(said.end.seed == 0 && said.end.start == 0 && said.end.format == FORMAT_NONE);
	return (said.end.replay);
}

static bool
skipped(unsigned int n, uint32_t ip)
{
	return (n < said.nskipped && said.skipped[n % SKIPPED_KEPT].family == FAMILY_IPV4 &&
	    addr_to_ipv4(&said.skipped[n % SKIPPED_KEPT]) == ip);
}

static void
the_parent_is_told_what_nmap_finished(void)
{
	CHECK(skip(NMAP_NORMAL, strlen(NMAP_NORMAL)) == REPLAY_RESUMABLE);
	CHECK(said.nskipped == FINISHES && skipped(0, 0x0a090007) && skipped(6, 0x7f000007));
	CHECK(skip(NMAP_GREPABLE, strlen(NMAP_GREPABLE)) == REPLAY_RESUMABLE);
	CHECK(said.nskipped == FINISHES && skipped(0, 0x0a090007) && skipped(6, 0x7f000007));
}

static void
a_file_without_a_finished_host_is_refused(void)
{
	static const char *const	 logs[] = {
		"x", "\n", "# Nmap 7.93 scan initiated x\n# Nmap done at x\n",
		"Nmap scan report for 10.0.0.1\nHost is up.\n",
		"Nmap scan report for 10.0.0.1\nHost is up.\n# Nmap done at x",
		("<?xml version=\"1.0\"?>\n<nmaprun><host><status state=\"up\"/>"
		"<address addr=\"10.0.0.1\" addrtype=\"ipv4\"/></host></nmaprun>\n"),
	};

	CHECK(skip("", 0) == REPLAY_EMPTY);
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		CHECK(skip(logs[i], strlen(logs[i])) == REPLAY_NO_HOST);
		CHECK(said.nskipped == 0);
	}
}

static void
a_long_log_waits_for_room_and_loses_nothing(void)
{
	size_t	 len = 0;

	for (uint32_t i = 0; i < HOSTS; i++) {
		const struct addr	 a = addr_from_ipv4(0x0a000000 + i);
		char			 ip[ADDR_TEXT];

		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "Host: %s ()\tStatus: Up\nHost: %s ()\tPorts: 22/open/tcp//ssh///\n",
		    addr_text(&a, ip), ip);
	}
	CHECK(len < sizeof(text) - 1);
	CHECK(skip(text, len) == REPLAY_RESUMABLE);
	CHECK(said.nskipped == HOSTS - 1);	/* no footer: the last one may be in part */
	CHECK(said.n[MSG_PASTADDRS] == (HOSTS - 2) / HOSTADDRS_MAX + 1);
	for (uint32_t i = HOSTS - SKIPPED_KEPT; i < HOSTS - 1; i++)
		CHECK(skipped(i, 0x0a000000 + i));
}

/* Nobody can say what it would have been: the host before it is scanned again. */
static void
a_line_without_end_does_no_harm(void)
{
	static char		 log[2 * RECORD_MAX];
	static const char	 before[] = "Nmap scan report for 10.0.0.1\nHost is up.\n"
	    "Nmap scan report for 10.0.0.2\nHost is up.\n";
	static const char	 after[] = "\nNmap scan report for 10.0.0.3\nHost is up.\n"
	    "# Nmap done at x\n";
	const size_t		 nbefore = sizeof(before) - 1, nafter = sizeof(after) - 1;

	for (int fill = 'x'; fill >= 0; fill -= 'x') {
		memset(log, fill, sizeof(log));
		memcpy(log, before, nbefore);
		memcpy(log + sizeof(log) - nafter, after, nafter);
		CHECK(skip(log, sizeof(log)) == REPLAY_RESUMABLE);
		CHECK(said.nskipped == 2 && skipped(0, 0x0a000001) && skipped(1, 0x0a000003));
		CHECK(skip(log, sizeof(log) - nafter) == REPLAY_RESUMABLE);
		CHECK(said.nskipped == 1 && skipped(0, 0x0a000001));
	}
}

/* Two hosts done, one in part, one timed out; and a range of which there is nothing to say. */
static void
tell_small(void)
{
	const struct msg_ranges	 done = { .n = 1, .hosts = 5, .e = { { 0, 0, 5, 9 } } };

	tell_start();
	tell_host(1, OUTCOME_COMPLETE);
	tell_host(2, OUTCOME_PARTIAL);
	tell_host(3, OUTCOME_TIMED_OUT);
	send_done(&parent_side, &done);
	tell_host(4, OUTCOME_COMPLETE);
	tell_finish(ENDING_INTERRUPTED);
}

static void
one_of_ours_is_skipped_in_the_same_way(void)
{
	CHECK(run(tell_small) == 0);
	for (enum output o = OUTPUT_NORMAL; o <= OUTPUT_GREPABLE; o++) {
		snprintf(text, sizeof(text), "%s", read_file(files[o]));
		CHECK(skip(text, strlen(text)) == REPLAY_RESUMABLE);
		CHECK(said.nskipped == 2);
		CHECK(skipped(0, 0x0a000001) && skipped(1, 0x0a000004));
	}
}

/* A pipe has no place to read at. */
static void
what_can_not_be_read_is_said_to_be_so(void)
{
	int	 fds[2];

	CHECK(pipe(fds) == 0 && dup2(fds[0], SKIP_FD) == SKIP_FD);
	drive_open();
	replay_begin(TO_SKIP);
	pump();
	CHECK(said.end.replay == REPLAY_IO && said.nskipped == 0);
	drive_close();
	close(fds[0]);
	close(fds[1]);
}

static void
tell_replay(uint8_t mode)
{
	TELL(replay, .mode = mode);
}

static void
give_log(void)
{
	int	 fd = fresh_file(-1, O_APPEND);

	MUST(write(fd, NMAP_NORMAL, strlen(NMAP_NORMAL)) == (ssize_t)strlen(NMAP_NORMAL));
	MUST(dup2(fd, SKIP_FD) == SKIP_FD);
}

static void
skip_and_scan(void)
{
	give_log();
	tell_replay(TO_SKIP);
	MUST(said.end.replay == REPLAY_RESUMABLE && said.nskipped == FINISHES);
	tell_start();
	tell_host(1, OUTCOME_COMPLETE);
	tell_finish(ENDING_COMPLETE);
}

/* Nothing of the log that was read is this scan's: not its hosts, not its numbers. */
static void
a_scan_begins_behind_it_as_without_it(void)
{
	CHECK(run(skip_and_scan) == 0);
	(void)read_file(files[OUTPUT_NORMAL]);
	CHECK(strstr(contents, " seed 0123456789abcdef ") != NULL);
	CHECK(strstr(contents, "\n# postern: done 0:1 total 1 up 1 ") != NULL);
	CHECK(strstr(contents, " -- 1 IP address (1 host up) ") != NULL);
	CHECK(strstr(contents, "127.0.0") == NULL);
}

static void
skip_twice(void)
{
	give_log();
	tell_replay(TO_SKIP);
	tell_replay(TO_SKIP);
}

static void
skip_late(void)
{
	give_log();
	TELL(logconfig, .format = ALL_FORMATS);
	tell_replay(TO_SKIP);
}

static void
skip_and_start_at_once(void)
{
	const struct msg_replay		 m = { .mode = TO_SKIP };
	const struct msg_logconfig	 early = { .format = ALL_FORMATS };

	give_log();
	send_replay(&parent_side, &m);
	send_logconfig(&parent_side, &early);
	SEND_EMPTY(&parent_side, start);
	pump();
}

static void
the_log_is_read_once_and_first(void)
{
	CHECK(run(skip_twice) == STATUS_PROCESS);
	CHECK(run(skip_late) == STATUS_PROCESS);
	CHECK(run(skip_and_start_at_once) == STATUS_PROCESS);
}

int
main(void)
{
	CASE(the_parent_is_told_what_nmap_finished);
	CASE(a_file_without_a_finished_host_is_refused);
	CASE(a_long_log_waits_for_room_and_loses_nothing);
	CASE(a_line_without_end_does_no_harm);
	CASE(one_of_ours_is_skipped_in_the_same_way);
	CASE(what_can_not_be_read_is_said_to_be_so);
	CASE(a_scan_begins_behind_it_as_without_it);
	CASE(the_log_is_read_once_and_first);
	return (test_done());
}
