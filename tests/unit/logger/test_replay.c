/*
 * Reading an old log: what the writers write is accepted, no tear loses a whole record, no
 * change goes unseen, and nobody else's file is taken for ours.
 */

#include "drive.h"

static char	 log_text[2][1 << 17];		/* normal, grepable */
static size_t	 log_len[2];
static const enum output	 logs[2] = { OUTPUT_NORMAL, OUTPUT_GREPABLE };
static char	 long_target[3 * LINE_TEXT];

static void
small_scan(void)
{
	struct msg_ranges	 done = {
		.n = 2, .hosts = 6, .e = { { 0, 0, 5, 9 }, { 0, 0, 12, 12 } }
	};

	tell_start();
	tell_host(1, OUTCOME_COMPLETE);
	send_done(&parent_side, &done);
	tell_host(2, OUTCOME_PARTIAL);
	answers = 9730;
	tell_host(3, OUTCOME_COMPLETE);
	tell_finish(ENDING_INTERRUPTED);
}

static void
write_logs(void (*scan)(void))
{
	CHECK(run(scan) == 0);
	for (int i = 0; i < 2; i++) {
		snprintf(log_text[i], sizeof(log_text[i]), "%s", read_file(files[logs[i]]));
		log_len[i] = strlen(log_text[i]);
		CHECK(log_len[i] > 500);
	}
}

/*
 * Replay these bytes; the verdict.  Reading changes nothing; *left is the file's size when the
 * log is to be gone on with.
 */
static enum replay
replay(enum output o, const char *bytes, size_t len, off_t *left)
{
	int	 fd = fresh_file(-1);

	CHECK(write(fd, bytes, len) == (ssize_t)len);
	dup2(fd, output_fd(o));
	drive_open();
	replay_begin(o);
	pump();
	drive_close();
	CHECK(lseek(fd, 0, SEEK_END) == (off_t)len);
	if (left != NULL) {
		CHECK(replay_cut() == 0);
		*left = lseek(fd, 0, SEEK_END);
	}
	close(fd);
	CHECK(said.n[MSG_PASTEND] == 1);
	CHECK(said.end.replay != REPLAY_RESUMABLE ||
	    said.end.format == (o == OUTPUT_NORMAL ? FORMAT_NORMAL : FORMAT_GREPABLE));
	return (said.end.replay);
}

static void
what_the_writers_write_is_accepted(void)
{
	write_logs(small_scan);
	for (int i = 0; i < 2; i++) {
		CHECK(replay(logs[i], log_text[i], log_len[i], NULL) ==
		    REPLAY_RESUMABLE);
		CHECK(said.end.seed == SEED && said.end.start == START);
		CHECK(said.end.hosts == 8 && said.end.up == 2);
		CHECK(said.end.torn == 0 && said.end.line == 0);
		CHECK(said.ndone == 4);
		CHECK(said.done[0].first == 1 && said.done[1].first == 5);
		CHECK(said.done[1].last == 9 && said.done[2].last == 12);
		CHECK(said.done[3].first == 3);
	}
}

/* What is for people only is in the log, and was passed over. */
static void
notes_are_passed_over(void)
{
	for (int i = 0; i < 2; i++) {
		CHECK(strstr(log_text[i], "\n# postern: uncertain 10.0.0.3 coverage 97.30 %\n"
		    "# postern: done 0:3 ") != NULL);
		CHECK(strstr(log_text[i], "\n# postern: sent 1234, ") != NULL);
	}
}

static void
the_plan_comes_back_in_order_and_unescaped(void)
{
	CHECK(said.n[MSG_PASTLINE] == 4);
	CHECK(said.line[0].kind == LINE_OPTION && strcmp(said.line[0].text, "timing 4") == 0);
	CHECK(said.line[1].kind == LINE_TARGET &&
	    strcmp(said.line[1].text, "10.0.0.0/28") == 0);
	CHECK(said.line[2].kind == LINE_LIST && said.line[2].text[0] == '\0');
	CHECK(said.line[3].kind == LINE_TARGET &&
	    strcmp(said.line[3].text, "evil\ntarget\\\x1b") == 0);
}

/* Where the last whole record ends. */
static size_t
last_record_end(const char *log, size_t len)
{
	size_t	 end = 0;

	for (size_t at = 0; at < len;) {
		const char	*newline = memchr(log + at, '\n', len - at);
		struct mark	 m;

		if (newline == NULL)
			break;
		if (parse_mark(log + at, (size_t)(newline - log) - at, &m) == 0)
			end = (size_t)(newline - log) + 1;
		at = (size_t)(newline - log) + 1;
	}
	return (end);
}

static void
a_tear_at_any_byte_loses_no_whole_record(void)
{
	off_t	 left;

	for (int i = 0; i < 2; i++)
		for (size_t len = 0; len <= log_len[i]; len++) {
			size_t		 whole = last_record_end(log_text[i], len);
			enum replay	 got = replay(logs[i], log_text[i], len,
			    whole == 0 ? NULL : &left);
			enum replay	 want = len == 0 ? REPLAY_EMPTY :
			    whole == 0 ? REPLAY_TORN_HEADER : REPLAY_RESUMABLE;

			CHECK(got == want);
			CHECK(got != REPLAY_RESUMABLE || said.end.torn == len - whole);
			CHECK(whole == 0 || (size_t)left == whole);
			if (test_bad != 0)
				return;
		}
}

static void
a_log_torn_within_its_header_has_done_nothing(void)
{
	CHECK(replay(OUTPUT_NORMAL, log_text[0], 150, NULL) == REPLAY_TORN_HEADER);
	CHECK(said.ndone == 0 && said.n[MSG_PASTLINE] == 0);
}

static void
any_byte_changed_before_the_last_record_is_found(void)
{
	static char	 changed[sizeof(log_text[0])];

	for (int i = 0; i < 2; i++) {
		size_t	 last = last_record_end(log_text[i], log_len[i] - 1);

		memcpy(changed, log_text[i], log_len[i]);
		for (size_t at = 0; at < last; at++)
			for (int bit = 0; bit < 8; bit++) {
				changed[at] ^= (char)(1 << bit);
				CHECK(replay(logs[i], changed, log_len[i], NULL) !=
				    REPLAY_RESUMABLE);
				changed[at] = log_text[i][at];
				if (test_bad != 0)
					return;
			}
	}
}

/* Replace the first occurrence of one text by another of the same length. */
static enum replay
replay_with(const char *from, const char *to)
{
	static char	 changed[sizeof(log_text[0])];
	char		*at;

	memcpy(changed, log_text[0], log_len[0] + 1);
	at = strstr(changed, from);
	CHECK(at != NULL && strlen(from) == strlen(to));
	if (at != NULL)
		memcpy(at, to, strlen(to));
	return (replay(OUTPUT_NORMAL, changed, log_len[0], NULL));
}

static void
an_altered_log_is_refused_with_its_line(void)
{
	CHECK(replay_with("done 0:1 ", "done 0:2 ") == REPLAY_ALTERED);
	CHECK(said.end.line > 8 && said.end.hosts == 0);
	CHECK(replay_with("10.0.0.0/28", "10.0.0.0/08") == REPLAY_ALTERED);
	CHECK(said.end.line == 8);
	CHECK(replay_with("option timing", "potion timing") == REPLAY_ALTERED);
	CHECK(said.end.line == 3);
}

static void
a_record_taken_out_is_found(void)
{
	static char	 cut[sizeof(log_text[0])];
	const char	*from = strstr(log_text[0], "# postern: done 0:5-9");
	const char	*to = from == NULL ? NULL : strchr(from, '\n') + 1;

	CHECK(from != NULL);
	if (from == NULL)
		return;
	memcpy(cut, log_text[0], (size_t)(from - log_text[0]));
	memcpy(cut + (from - log_text[0]), to, strlen(to) + 1);
	CHECK(replay(OUTPUT_NORMAL, cut, strlen(cut), NULL) == REPLAY_ALTERED);
}

static void
other_files_are_told_apart(void)
{
	static const char	 nmap[] =
	    "# Nmap 7.93 scan initiated Sun Nov 22 19:34:43 2026 as: x\n"
	    "Nmap scan report for 127.0.0.1\n";
	static char		 noise[1 << 20];

	CHECK(replay(OUTPUT_NORMAL, nmap, sizeof(nmap) - 1, NULL) == REPLAY_FOREIGN);
	CHECK(replay(OUTPUT_NORMAL, "#", 1, NULL) == REPLAY_TORN_HEADER);
	CHECK(replay(OUTPUT_NORMAL, "x", 1, NULL) == REPLAY_FOREIGN);
	CHECK(replay_with("log 1", "log 2") == REPLAY_VERSION);
	CHECK(replay_with("log 1", "log x") == REPLAY_ALTERED);
	memset(noise, 'x', sizeof(noise));
	CHECK(replay(OUTPUT_NORMAL, noise, sizeof(noise), NULL) == REPLAY_FOREIGN);
}

static void
a_line_without_end_is_refused(void)
{
	static char	 endless[RECORD_MAX + (1 << 17)];

	memset(endless, 'x', sizeof(endless));
	CHECK(replay(OUTPUT_NORMAL, endless, sizeof(endless), NULL) == REPLAY_FOREIGN);
	memcpy(endless, log_text[0], log_len[0]);
	CHECK(replay(OUTPUT_NORMAL, endless, sizeof(endless), NULL) == REPLAY_ALTERED);
}

static void
an_unreadable_log_is_said_to_be_one(void)
{
	int	 fds[2];

	CHECK(pipe(fds) == 0);
	dup2(fds[0], NORMAL_FD);
	drive_open();
	replay_begin(OUTPUT_NORMAL);
	pump();
	CHECK(said.end.replay == REPLAY_IO);
	drive_close();
	close(fds[0]);
	close(fds[1]);
}

/* A plan of many lines, one of them long, and more hosts than the channel has room for. */
static void
big_scan(void)
{
	struct msg_ranges	 done = { .n = RANGES_MAX, .hosts = RANGES_MAX };

	setenv("TZ", "UTC", 1);
	TELL(logconfig, .seed = SEED, .start = START, .format = ALL_FORMATS);
	for (int i = 0; i < 200; i++)
		tell_line_text(LINE_OPTION, "option x");
	memset(long_target, '\\', sizeof(long_target) - 1);
	tell_line_text(LINE_TARGET, long_target);
	TELL(start, .zero = { 0 });
	for (uint64_t i = 0; i < 100; i++) {
		for (uint64_t j = 0; j < RANGES_MAX; j++)
			done.e[j].first = done.e[j].last = i * RANGES_MAX + j;
		send_done(&parent_side, &done);
		pump();
	}
}

static void
a_long_log_waits_for_room_and_loses_nothing(void)
{
	char	 whole[sizeof(long_target)] = "";
	size_t	 len = 0;

	write_logs(big_scan);
	CHECK(replay(OUTPUT_GREPABLE, log_text[1], log_len[1], NULL) == REPLAY_RESUMABLE);
	CHECK(said.n[MSG_PASTLINE] == 204 && said.n[MSG_PASTDONE] == 100);
	CHECK(said.end.hosts == 100 * RANGES_MAX && said.ndone == 100 * RANGES_MAX);
	for (unsigned int i = 200; i < 204; i++) {
		const struct msg_line	*l = &said.line[i % LINES_KEPT];

		CHECK(l->kind == LINE_TARGET && l->more == (i != 203));
		len += (size_t)snprintf(whole + len, sizeof(whole) - len, "%s", l->text);
	}
	CHECK(strlen(whole) == sizeof(long_target) - 1 && strspn(whole, "\\") == strlen(whole));
}

int
main(void)
{
	CASE(what_the_writers_write_is_accepted);
	CASE(notes_are_passed_over);
	CASE(the_plan_comes_back_in_order_and_unescaped);
	CASE(a_tear_at_any_byte_loses_no_whole_record);
	CASE(a_log_torn_within_its_header_has_done_nothing);
	CASE(any_byte_changed_before_the_last_record_is_found);
	CASE(an_altered_log_is_refused_with_its_line);
	CASE(a_record_taken_out_is_found);
	CASE(other_files_are_told_apart);
	CASE(a_line_without_end_is_refused);
	CASE(an_unreadable_log_is_said_to_be_one);
	CASE(a_long_log_waits_for_room_and_loses_nothing);
	return (test_done());
}
