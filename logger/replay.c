/*
 * Reads an old log: verifies every record, tells the parent what the plan was and which
 * targets are done, and cuts off a tail that a crash left.  Trusts nobody, least of all the
 * log.  Nothing in it is obeyed; what a person could have forged, the parent checks again.
 *
 * Work is done in steps of at most STEP_LINES lines, so that the parent is heard in between.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "logger.h"

#define STEP_LINES	1000
#define READ_SIZE	((size_t)65536)
#define LINE_ROOM	3		/* messages that one line may cause */

/* start <= line <= end: of the record at hand, of the line at hand, of what was read. */
static char	 buf[RECORD_MAX];

static struct replay_state {
	enum { IDLE, READING, TELLING, JUDGED, OVER } step;
	enum output		 output;
	int			 fd;
	off_t			 offset;	/* in the file, of end */
	size_t			 start;
	size_t			 line;
	size_t			 end;
	size_t			 tell;		/* the next line of the header to tell */
	uint64_t		 nlines;	/* lines read */
	uint64_t		 chain;		/* check value of the last record */
	bool			 planned;	/* the header is whole */
	bool			 complete;	/* the last record says so */
	uint8_t			 kind;		/* of the plan's line before this one */
	struct totals		 totals;
	struct msg_pastdone	 done;		/* a batch that is not full yet */
	struct msg_pastend	 past;
} r;

void
replay_begin(enum output o)
{
	r = (struct replay_state){
		.step = READING, .output = o, .fd = output_fd(o), .kind = LINE_KINDS
	};
}

bool
replay_ready(const struct chan *c)
{
	return (r.step != IDLE && r.step != OVER && chan_room(c) >= LINE_ROOM);
}

bool
replay_over(void)
{
	return (r.step == OVER);
}

bool
replay_result(enum output *o, uint64_t *chain, struct totals *t)
{
	*o = r.output;
	*chain = r.chain;
	*t = r.totals;
	return (r.step == OVER && r.past.replay == REPLAY_RESUMABLE);
}

static void
judge(enum replay verdict)
{
	r.past.replay = (uint8_t)verdict;
	if (verdict != REPLAY_RESUMABLE && verdict != REPLAY_FINISHED)
		r.past.line = r.nlines;
	r.step = JUDGED;
}

/* Could what there is of the first line become ours? */
static bool
begins_ours(void)
{
	size_t	 len = r.end < strlen(FIRST_LINE) ? r.end : strlen(FIRST_LINE);

	return (memcmp(buf, FIRST_LINE, len) == 0);
}

/* The file ends, and what lies between start and end is no whole record. */
static void
judge_tail(void)
{
	size_t	 torn = r.end - r.start;

	if (!r.planned) {
		if (r.end == 0)
			judge(REPLAY_EMPTY);
		else
			judge(begins_ours() ? REPLAY_TORN_HEADER : REPLAY_FOREIGN);
		return;
	}
	r.past.torn = torn;
	judge(r.complete ? REPLAY_FINISHED : REPLAY_RESUMABLE);
}

int
replay_cut(void)
{
	return (r.past.torn == 0 ? 0 : ftruncate(r.fd, r.offset - (off_t)r.past.torn));
}

/* Read on behind end; what comes before the record at hand goes. */
static void
read_more(void)
{
	size_t	 room;
	ssize_t	 n;

	memmove(buf, buf + r.start, r.end - r.start);
	r.line -= r.start;
	r.end -= r.start;
	r.start = 0;
	room = sizeof(buf) - r.end;
	if (room == 0) {
		judge(r.planned || begins_ours() ? REPLAY_ALTERED : REPLAY_FOREIGN);
		return;
	}
	n = pread(r.fd, buf + r.end, room < READ_SIZE ? room : READ_SIZE, r.offset);
	if (n == -1) {
		judge(REPLAY_IO);
		return;
	}
	if (n == 0)
		judge_tail();
	r.end += (size_t)n;
	r.offset += n;
}

static void
flush_done(struct chan *c)
{
	if (r.done.n != 0)
		send_pastdone(c, &r.done);
	memset(&r.done, 0, sizeof(r.done));
}

/* At most RANGES_MAX ranges come in, so at most two batches go out. */
static void
tell_done(struct chan *c, const struct mark *m)
{
	if (m->kind != MARK_DONE)
		return;
	for (uint32_t i = 0; i < m->n; i++) {
		if (r.done.n == RANGES_MAX)
			flush_done(c);
		r.done.e[r.done.n++] = m->e[i];
	}
	r.done.hosts += m->totals.hosts - r.totals.hosts;
}

/* A mark that is well formed: does it fit what came before? */
static bool
mark_fits(const struct mark *m)
{
	if (r.complete || (m->kind == MARK_PLAN) == r.planned)
		return (false);
	if (m->kind == MARK_PLAN || m->kind == MARK_PARTIAL)
		return (true);
	return (m->totals.hosts >= r.totals.hosts && m->totals.up >= r.totals.up &&
	    m->totals.ms >= r.totals.ms);
}

static void
end_record(struct chan *c, const char *line, const struct mark *m)
{
	size_t	 hashed = (size_t)(line - (buf + r.start)) + m->hashed;

	if (!mark_fits(m) || journal_check(buf + r.start, hashed, r.chain) != m->check) {
		judge(REPLAY_ALTERED);
		return;
	}
	r.chain = m->check;
	tell_done(c, m);
	if (m->kind != MARK_PLAN && m->kind != MARK_PARTIAL)
		r.totals = m->totals;
	r.complete = m->kind == MARK_COMPLETE;
	if (m->kind == MARK_PLAN) {
		r.planned = true;
		r.tell = r.start;
		r.step = TELLING;
	} else
		r.start = r.line;
}

static void
header_line(struct chan *c, const char *line, size_t len)
{
	struct mark	 m;
	struct msg_line	 l;
	enum replay	 verdict;
	bool		 continues;

	if (r.nlines == 1) {
		if (!parse_starts(line, len, FIRST_LINE))
			judge(REPLAY_FOREIGN);
	} else if (r.nlines == 2) {
		verdict = parse_log(line, len, &r.past);
		if (verdict != REPLAY_RESUMABLE)
			judge(verdict);
	} else if (parse_mark(line, len, &m) == 0)
		end_record(c, line, &m);
	else if (parse_line(line, len, &l, &continues) == 0 &&
	    (!continues || l.kind == r.kind))
		r.kind = l.kind;
	else if (!parse_starts(line, len, "# Ports scanned: "))
		judge(REPLAY_ALTERED);
}

static void
body_line(struct chan *c, const char *line, size_t len)
{
	struct mark	 m;

	if (!parse_starts(line, len, OURS) || parse_note(line, len))
		return;
	if (parse_mark(line, len, &m) == 0)
		end_record(c, line, &m);
	else
		judge(REPLAY_ALTERED);
}

static void
read_line(struct chan *c)
{
	const char	*line = buf + r.line;
	const char	*newline = memchr(line, '\n', r.end - r.line);
	size_t		 len;

	if (newline == NULL) {
		read_more();
		return;
	}
	len = (size_t)(newline - line);
	r.line += len + 1;
	r.nlines++;
	if (r.planned)
		body_line(c, line, len);
	else
		header_line(c, line, len);
}

/* The next line of the header, which is verified and lies whole between start and line. */
static void
tell_line(struct chan *c)
{
	const char	*line = buf + r.tell, *end = buf + r.line, *next;
	struct msg_line	 l, after;
	bool		 continues = false;

	next = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
	r.tell += (size_t)(next - line);
	if (next == end) {
		r.start = r.line;
		r.step = READING;
		return;
	}
	if (parse_line(line, (size_t)(next - line) - 1, &l, &continues) == -1 ||
	    l.kind == LINE_WALLS)
		return;
	line = next;
	next = memchr(line, '\n', (size_t)(end - line));
	if (parse_line(line, (size_t)(next - line), &after, &continues) == 0)
		l.more = continues;
	send_pastline(c, &l);
}

static void
tell_end(struct chan *c)
{
	flush_done(c);
	r.past.hosts = r.totals.hosts;
	r.past.up = r.totals.up;
	send_pastend(c, &r.past);
	r.step = OVER;
}

void
replay_step(struct chan *c)
{
	for (int i = 0; i < STEP_LINES && replay_ready(c); i++)
		switch (r.step) {
		case READING:
			read_line(c);
			break;
		case TELLING:
			tell_line(c);
			break;
		case JUDGED:
			tell_end(c);
			break;
		case IDLE:
		case OVER:
			break;
		}
}
