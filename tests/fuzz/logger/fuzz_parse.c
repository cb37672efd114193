/*
 * The other lines of a log on hostile bytes.  Beyond what the sanitizers see: a mark, a line of
 * the plan, the line with the seed and that with the queries that are read are those that would
 * be written of what was read, and what the parent is told of it, it may be told.
 */

#include <inttypes.h>

#include "logger.h"
#include "splice.h"

static const char *const	 lines[] = {
	"",
	"# postern: log 2 grepable seed 0123456789abcdef start 1795375740",
	"# postern: done 0:1 1:5-9 0:12 total 8 up 2 time 1.020 check 0123456789abcdef",
	"# postern: partial 0:7 check 0123456789abcdef",
	"# postern: stopped interrupted total 8 up 2 time 1.020 check 0123456789abcdef",
	"# postern: option+ timing 4",
	"# postern: target 10.0.0.0/28 \\x0a\\x5c",
	"# postern: asked 7 queries of 10.0.0.53, fd00::53; answered 4, failed 2, timed out 1",
};

static char		 text[1 << 16];
static struct buffer	 out = { text, sizeof(text), 0 };

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What was written is what was read, up to len. */
static void
check_same(const char *line, size_t len)
{
	must(out.len == len && memcmp(text, line, len) == 0);
	out.len = 0;
}

static char	 nothing[1];

/* Which ending it was, a mark does not keep: one of them. */
static void
check_stopped(const struct mark *m, const char *line)
{
	bool	 found = false;

	for (enum ending e = ENDING_COMPLETE + 1; e < ENDING_COUNT; e++) {
		journal_end(e, &m->totals, &out);
		found = found || (out.len == m->hashed && memcmp(text, line, out.len) == 0);
		out.len = 0;
	}
	must(found);
}

static void
render_mark(const struct mark *m)
{
	switch (m->kind) {
	case MARK_PLAN:
		buf_add(&out, OURS "%s", mark_words[MARK_PLAN]);
		break;
	case MARK_RESUMED:
		journal_resumed(&m->totals, &(const struct buffer){ .text = nothing }, &out);
		break;
	case MARK_COMPLETE:
		journal_end(ENDING_COMPLETE, &m->totals, &out);
		break;
	default:
		must(m->kind == MARK_DONE || m->kind == MARK_PARTIAL);
		must(m->n != 0 && m->n <= RANGES_MAX);
		journal_ranges(m->kind, m->e, m->n, &m->totals, &out);
	}
}

static void
check_ranges_can_be_sent(const struct mark *m)
{
	struct msg	 done = { .pastdone = { .n = m->n } };

	memcpy(done.pastdone.e, m->e, sizeof(m->e));
	must(m->n == 0 || check_pastdone(&done));
}

static void
fuzz_mark(const char *line, size_t len)
{
	struct mark	 m;

	if (parse_mark(line, len, &m) == -1)
		return;
	must(m.hashed == len - strlen(" check 0123456789abcdef"));
	must(m.totals.up <= m.totals.hosts);
	check_ranges_can_be_sent(&m);
	if (m.kind == MARK_STOPPED) {
		check_stopped(&m, line);
		return;
	}
	render_mark(&m);
	check_same(line, m.hashed);
}

static void
fuzz_log(const char *line, size_t len)
{
	struct msg	 m = { .pastend = { .replay = REPLAY_RESUMABLE } };

	if (parse_log(line, len, &m.pastend) != REPLAY_RESUMABLE)
		return;
	must(check_pastend(&m));
	buf_add(&out, OURS "log 2 %s seed %016" PRIx64 " start %" PRIu64,
	    m.pastend.format == FORMAT_GREPABLE ? "grepable" : "normal", m.pastend.seed,
	    m.pastend.start);
	check_same(line, len);
}

static void
fuzz_line(const char *line, size_t len)
{
	struct msg	 m;
	bool		 continues;

	memset(&m, 0, sizeof(m));
	if (parse_line(line, len, &m.pastline, &continues) == -1)
		return;
	must(m.pastline.kind == LINE_WALLS || m.pastline.kind == LINE_RUN ||
	    check_pastline(&m));
	journal_line(&m.pastline, continues, &out);
	must(text[--out.len] == '\n');
	check_same(line, len);
}

static void
fuzz_asked(const char *line, size_t len)
{
	struct msg_finish	 f = { .ending = ENDING_COMPLETE };

	if (parse_asked(line, len, &f.asked) == -1)
		return;
	must(f.asked.n != 0 && f.asked.n <= SERVERS_MAX);
	journal_evidence(&f, &(const struct timespec){ .tv_sec = 1 }, &out);
	must(out.len > len && text[len] == '\n');
	out.len = len;		/* without the line of the end */
	check_same(line, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	*line;
	size_t	 len;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		line = splice(lines[i], strlen(lines[i]), data, size, &len);
		fuzz_mark(line, len);
		fuzz_log(line, len);
		fuzz_line(line, len);
		fuzz_asked(line, len);
		free(line);
	}
	return (0);
}
