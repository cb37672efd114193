/*
 * Reading an old log: what the writers write is accepted, no tear loses a whole record, no
 * change goes unseen, and nobody else's file is taken for ours.
 */

#include "apart.h"
#include "old.h"

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
	tell_host_as(4, OUTCOME_PARTIAL, HOST_CHECKPOINT);
	tell_host(1, OUTCOME_COMPLETE);
	send_done(&parent_side, &done);
	tell_host(2, OUTCOME_PARTIAL);
	answers = 9730;
	name_asked = LOOKUP_REFUSED;
	tell_host(3, OUTCOME_COMPLETE);
	tell_finish(ENDING_INTERRUPTED);
}

static void
write_logs(void (*scan)(void))
{
	CHECK(run(scan) == 0);
	for (int i = 0; i < 2; i++) {
		keep_file(files[logs[i]], log_text[i], sizeof(log_text[i]));
		log_len[i] = strlen(log_text[i]);
		CHECK(log_len[i] > 500);
	}
}

/* Replay these bytes; the verdict. */
static enum replay
replay(enum output o, const char *bytes, size_t len, off_t *left)
{
	enum replay	 verdict = replay_text(bytes, len, left);

	CHECK(verdict != REPLAY_RESUMABLE ||
	    said.end.format == (o == OUTPUT_NORMAL ? FORMAT_NORMAL : FORMAT_GREPABLE));
	return (verdict);
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
		CHECK(said.n[MSG_PASTHOST] == 2 && said.n[MSG_PASTPORTS] == 2);
		CHECK(said.part[0].place.offset == 4 && said.part_ports[0] == 2);
		CHECK(said.part[1].place.offset == 2 && said.part_ports[1] == 2);
	}
}

/* What is for people only is in the log, and was passed over. */
static void
notes_are_passed_over(void)
{
	for (int i = 0; i < 2; i++) {
		CHECK(strstr(log_text[i], "\n# postern: uncertain 10.0.0.3 coverage 97.30 %\n"
		    "# postern: name 10.0.0.3 refused by the name server\n"
		    "# postern: host 10.0.0.3 ") != NULL);
		CHECK(strstr(log_text[i], "\n# postern: sent 1234, ") != NULL);
		CHECK(strstr(log_text[i], "\n# postern: asked 7 queries of ") != NULL);
		CHECK(strstr(log_text[i], "Z exit interrupted\n") != NULL);
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

/* What a log's whole records say: where the last one ends, what is done, and in part. */
struct whole {
	size_t		 end;
	unsigned int	 ndone, nparts;
	struct range	 done[LINES_KEPT], part[LINES_KEPT];
};

static void
read_whole(const char *log, size_t len, struct whole *w)
{
	*w = (struct whole){ .end = 0 };
	for (const char *line = log, *newline;; line = newline + 1) {
		struct mark	 m;

		newline = memchr(line, '\n', len - (size_t)(line - log));
		if (newline == NULL)
			return;
		if (parse_mark(line, (size_t)(newline - line), &m) == -1)
			continue;
		w->end = (size_t)(newline + 1 - log);
		for (uint32_t i = 0; i < m.n; i++)
			if (m.kind == MARK_DONE)
				w->done[w->ndone++] = m.e[i];
			else
				w->part[w->nparts++] = m.e[i];
	}
}

/* What the logger said is that, neither more nor less. */
static bool
is_told(const struct whole *w)
{
	if (said.ndone != w->ndone || said.n[MSG_PASTHOST] != w->nparts ||
	    memcmp(said.done, w->done, w->ndone * sizeof(w->done[0])) != 0)
		return (false);
	for (unsigned int i = 0; i < w->nparts; i++)
		if (said.part[i].place.offset != w->part[i].first ||
		    said.part[i].pass != 1 || said.part[i].cursor != 7 ||
		    said.part_ports[i] != said.part[i].ports || said.part_ports[i] != 2)
			return (false);
	return (true);
}

static void
a_tear_at_any_byte_loses_no_whole_record(void)
{
	struct whole	 w;
	off_t		 left;

	for (int i = 0; i < 2; i++)
		for (size_t len = 0; len <= log_len[i] && test_bad == 0; len++) {
			enum replay	 got, want;

			read_whole(log_text[i], len, &w);
			got = replay(logs[i], log_text[i], len, w.end == 0 ? NULL : &left);
			want = len == 0 ? REPLAY_EMPTY :
			    w.end == 0 ? REPLAY_TORN_HEADER : REPLAY_RESUMABLE;
			CHECK(got == want && is_told(&w));
			CHECK(got != REPLAY_RESUMABLE || said.end.torn == len - w.end);
			CHECK(w.end == 0 || (size_t)left == w.end);
		}
	CHECK(w.ndone == 4 && w.nparts == 2);
}

static void
a_log_torn_within_its_header_has_done_nothing(void)
{
	CHECK(replay(OUTPUT_NORMAL, log_text[0], 150, NULL) == REPLAY_TORN_HEADER);
	CHECK(said.ndone == 0 && said.n[MSG_PASTLINE] == 0);
}

/* Not in the first lines: these say whether it is ours at all, and which of ours. */
static bool
is_refused(enum replay got, size_t at, size_t len)
{
	if (at >= len)
		return (got == REPLAY_ALTERED);
	return (got == REPLAY_ALTERED || got == REPLAY_FOREIGN || got == REPLAY_VERSION ||
	    got == REPLAY_NOT_KEYED || got == REPLAY_KEYED || got == REPLAY_TORN_HEADER);
}

static size_t	 first_byte, last_byte;

/* Each bit of some bytes; what was told before it is what the log had until there. */
static void
flip_bits(void)
{
	static char	 changed[sizeof(log_text[0])];
	struct whole	 w;

	for (int i = 0; i < 2; i++) {
		const char	*second = strchr(log_text[i], '\n') + 1;
		size_t		 lines = (size_t)(strchr(second, '\n') + 1 - log_text[i]);

		memcpy(changed, log_text[i], log_len[i]);
		for (size_t bit = 8 * first_byte; bit < 8 * last_byte && test_bad == 0; bit++) {
			size_t	 at = bit / 8;

			read_whole(log_text[i], log_len[i] - 1, &w);
			if (at >= w.end)
				break;
			read_whole(log_text[i], at, &w);
			changed[at] ^= (char)(1 << bit % 8);
			CHECK(is_refused(replay(logs[i], changed, log_len[i], NULL), at, lines));
			CHECK(is_told(&w));
			changed[at] = log_text[i][at];
		}
	}
}

/* By pieces, each apart: what a replay keeps of a header is kept for good. */
static void
any_byte_changed_before_the_last_record_is_found(void)
{
	for (first_byte = 0; first_byte < log_len[0] || first_byte < log_len[1];
	    first_byte = last_byte) {
		last_byte = first_byte + 500;
		CHECK(apart(flip_bits, NULL, 0) == 0);
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
	CHECK(said.end.line == 9);
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

/* No message could hold it: whoever forged such a log is told so, and no process dies of it. */
static void
a_place_that_no_target_has_is_refused(void)
{
#define MARK(range)	"# postern: done " range " total 1 up 1 time 0.001 check 0123456789abcdef"
	struct mark	 m;

	CHECK(parse_mark(MARK("0:4294967295"), strlen(MARK("0:4294967295")), &m) == 0);
	CHECK(parse_mark(MARK("0:4294967296"), strlen(MARK("0:4294967296")), &m) == -1);
	CHECK(parse_mark(MARK("0:1-4294967296"), strlen(MARK("0:1-4294967296")), &m) == -1);
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
	CHECK(replay_with("log 2", "log 1") == REPLAY_VERSION);
	CHECK(replay_with("log 2", "log x") == REPLAY_ALTERED);
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
	dup2(fds[0], OLD_FD);
	drive_open();
	replay_begin(TO_RESUME);
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

/* Wherever it ends: each time the channel is full at another place. */
static void
read_to_each_end(void)
{
	const char	*end = strstr(log_text[1], "# postern: done ");

	CHECK(end != NULL);
	slowness = 1;
	for (unsigned int n = 1; end != NULL && n <= CHAN_WINDOW; n++) {
		end = strchr(end, '\n') + 1;
		CHECK(replay(OUTPUT_GREPABLE, log_text[1], (size_t)(end - log_text[1]), NULL) ==
		    REPLAY_RESUMABLE && said.n[MSG_PASTDONE] == n);
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
	read_to_each_end();
	CHECK(strlen(whole) == sizeof(long_target) - 1 && strspn(whole, "\\") == strlen(whole));
}

int
main(void)
{
	/* A process that has read a log can't begin another scan. */
	CASE_APART(a_long_log_waits_for_room_and_loses_nothing);
	CASE(what_the_writers_write_is_accepted);
	CASE(notes_are_passed_over);
	CASE(the_plan_comes_back_in_order_and_unescaped);
	CASE(a_tear_at_any_byte_loses_no_whole_record);
	CASE(a_log_torn_within_its_header_has_done_nothing);
	CASE(any_byte_changed_before_the_last_record_is_found);
	CASE(an_altered_log_is_refused_with_its_line);
	CASE(a_record_taken_out_is_found);
	CASE(a_place_that_no_target_has_is_refused);
	CASE(other_files_are_told_apart);
	CASE(a_line_without_end_is_refused);
	CASE(an_unreadable_log_is_said_to_be_one);
	return (test_done());
}
