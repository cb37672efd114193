/*
 * Reads an old log: verifies every record, tells the parent what the plan was, which targets
 * are done and which in part, and cuts off a tail that a crash left.  When there are outputs that
 * lack what the log has it is read a second time, for them.  Of a log for --skip-done nothing is
 * told but which hosts it has done.  Trusts nobody, least of all the log.  Nothing in it is
 * obeyed; what a person could have forged, the parent checks again.
 *
 * Work is done in steps of at most STEP_LINES lines, so that the parent is heard in between.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "logger.h"

#define STEP_LINES	1000
#define READ_SIZE	((size_t)65536)
#define ARGS_LINE_MAX	((size_t)1 << 20)	/* bytes: more than any first line has */
#define HEADER_MAX	((size_t)7 << 20)	/* and any header */
#define LINE_ROOM	3		/* messages that one line may cause */

/* start <= line <= end: of the record at hand, of the line at hand, of what was read. */
static char	 buf[RECORD_MAX];

static struct replay_state {
	enum { IDLE, READING, TELLING, TELLING_PORTS, JUDGED, OVER } step;
	uint8_t			 mode;		/* enum replay_mode */
	bool			 rendering;	/* the second time */
	off_t			 offset;	/* in the file, of end */
	off_t			 limit;		/* rendering: where the log ended, */
	uint64_t		 expected;	/* and the check value there */
	size_t			 start;
	size_t			 line;
	size_t			 end;
	size_t			 tell;		/* the next line of the header to tell */
	uint64_t		 nlines;	/* lines read */
	uint64_t		 first;		/* of them: the first of this log */
	size_t			 facts;		/* behind start: a line of facts, in this record */
	size_t			 facts_len;	/* 0: there is none */
	bool			 facts_part;	/* of a host under way */
	uint64_t		 chain;		/* check value of the last record */
	bool			 planned;	/* the header is whole */
	bool			 complete;	/* the last record says so */
	uint8_t			 kind;		/* of the plan's line before this one */
	struct totals		 totals;
	struct msg_pastdone	 done;		/* a batch that is not full yet */
	struct msg_pastaddrs	 addrs;		/* the same, TO_SKIP */
	struct foreign		 foreign;	/* TO_SKIP, like the next */
	bool			 cut_off;	/* the line at hand has lost its beginning */
	struct msg_pastend	 past;
} r;

static struct host	 host;		/* as its line of facts tells it */
static uint32_t		 told;		/* of its ports */

void
replay_begin(uint8_t mode)
{
	r = (struct replay_state){ .step = READING, .mode = mode, .kind = LINE_KINDS };
}

void
replay_render(void)
{
	r = (struct replay_state){
		.step = READING, .mode = r.mode, .rendering = true, .past = r.past,
		.limit = r.offset - (off_t)r.past.torn, .expected = r.chain, .kind = LINE_KINDS
	};
}

bool
replay_ready(const struct chan *c)
{
	return (replay_busy() && chan_room(c) >= LINE_ROOM);
}

bool
replay_busy(void)
{
	return (r.step != IDLE && r.step != OVER);
}

bool
replay_over(void)
{
	return (r.step == OVER);
}

bool
replay_result(uint64_t *chain, struct totals *t)
{
	*chain = r.chain;
	*t = r.totals;
	return (r.step == OVER && r.past.replay == REPLAY_RESUMABLE);
}

static void
judge(enum replay verdict)
{
	if (r.rendering)
		fatalx("the log changes while it is read");
	/* After a power cut a file may have holes, and what was written later behind them. */
	if (verdict == REPLAY_ALTERED && r.planned && !r.complete &&
	    parse_hole(buf + r.start, r.line - r.start)) {
		r.past.torn = r.end - r.start;
		verdict = REPLAY_RESUMABLE;
	}
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

	if (r.rendering) {
		if (torn != 0 || r.offset != r.limit || r.chain != r.expected)
			judge(REPLAY_ALTERED);
		r.step = JUDGED;
		return;
	}
	if (r.mode == TO_SKIP) {
		judge(r.totals.hosts != 0 ? REPLAY_RESUMABLE :
		    r.offset == 0 ? REPLAY_EMPTY : REPLAY_NO_HOST);
		return;
	}
	if (!r.planned) {
		if (r.end == 0)
			judge(REPLAY_EMPTY);
		else
			judge(begins_ours() ? REPLAY_TORN_HEADER : REPLAY_FOREIGN);
		return;
	}
	r.past.torn = torn;
	if (r.complete && torn != 0)	/* a crash leaves nothing behind the last record */
		judge(REPLAY_ALTERED);
	else
		judge(r.complete ? REPLAY_FINISHED : REPLAY_RESUMABLE);
}

int
replay_cut(void)
{
	return (r.past.torn == 0 ? 0 : ftruncate(OLD_FD, r.offset - (off_t)r.past.torn));
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
	if (r.end == sizeof(buf) && r.mode == TO_SKIP) {
		r.end = 0;
		r.cut_off = true;
	}
	room = sizeof(buf) - r.end;
	if (room == 0) {
		judge(r.planned || begins_ours() ? REPLAY_ALTERED : REPLAY_FOREIGN);
		return;
	}
	if (room > READ_SIZE)
		room = READ_SIZE;
	if (r.rendering && (off_t)room > r.limit - r.offset)
		room = (size_t)(r.limit - r.offset);
	n = pread(r.mode == TO_SKIP ? SKIP_FD : OLD_FD, buf + r.end, room, r.offset);
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

static void
flush_addrs(struct chan *c)
{
	if (r.addrs.n != 0)
		send_pastaddrs(c, &r.addrs);
	memset(&r.addrs, 0, sizeof(r.addrs));
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

/* The facts of the record, whose mark is this: are they as they should be? */
static bool
read_facts(const struct mark *m)
{
	if (r.facts_len == 0)
		return (m->kind != MARK_PARTIAL);
	if (m->kind != (r.facts_part ? MARK_PARTIAL : MARK_DONE) || m->n != 1 ||
	    m->e[0].first != m->e[0].last)
		return (false);
	if (facts_parse(buf + r.start + r.facts, r.facts_len, &host) == -1)
		return (false);
	host.h.place = (struct place){ .spec = m->e[0].spec, .offset = m->e[0].first };
	return (true);
}

/* A record is whole and verified: what is it to the parent, and to the outputs? */
static void
take_record(struct chan *c, const struct mark *m)
{
	if (r.rendering)
		rendered_record(c, m, r.facts_len != 0 ? &host : NULL);
	else if (r.mode == TO_RESUME || r.mode == TO_CONVERT) {
		tell_done(c, m);
		if (m->kind == MARK_PARTIAL) {
			send_pasthost(c, &host.h);
			told = 0;
			r.step = TELLING_PORTS;
		}
	}
	if (m->kind == MARK_PLAN && !r.rendering && r.mode != TO_VERIFY) {
		r.tell = r.start;
		r.step = TELLING;
	}
}

static void
end_record(struct chan *c, const char *line, const struct mark *m)
{
	size_t	 hashed = (size_t)(line - (buf + r.start)) + m->hashed;

	if (!mark_fits(m) || journal_check(buf + r.start, hashed, r.chain) != m->check ||
	    !read_facts(m)) {
		judge(REPLAY_ALTERED);
		return;
	}
	r.chain = m->check;
	take_record(c, m);
	if (m->kind != MARK_PLAN && m->kind != MARK_PARTIAL)
		r.totals = m->totals;
	r.past.ending = m->kind == MARK_COMPLETE ? ENDING_COMPLETE :
	    m->kind == MARK_STOPPED ? m->ending : ENDING_INTERRUPTED;
	r.complete = m->kind == MARK_COMPLETE;
	r.planned = true;
	r.facts_len = 0;
	if (r.step != TELLING)
		r.start = r.line;
}

static void
header_line(struct chan *c, const char *line, size_t len)
{
	struct mark	 m;
	struct msg_line	 l;
	enum replay	 verdict;
	bool		 continues;

	if (r.nlines == r.first + 1) {
		if (!parse_starts(line, len, FIRST_LINE))
			judge(REPLAY_FOREIGN);
		else if (len > ARGS_LINE_MAX || !parse_printable(line, len))
			judge(REPLAY_ALTERED);
	} else if (r.nlines == r.first + 2) {
		verdict = parse_log(line, len, &r.past);
		if (verdict != REPLAY_RESUMABLE)
			judge(verdict);
	} else if (r.line - r.start > HEADER_MAX)
		judge(REPLAY_ALTERED);
	else if (parse_mark(line, len, &m) == 0)
		end_record(c, line, &m);
	else if (parse_line(line, len, &l, &continues) == 0 &&
	    (!continues || l.kind == r.kind))
		r.kind = l.kind;
	else if (!parse_starts(line, len, "# Ports scanned: "))
		judge(REPLAY_ALTERED);
}

/* Behind a whole record: the log of another scan, appended. */
static void
next_log(struct chan *c, const char *line, size_t len)
{
	if (r.mode != TO_VERIFY) {
		judge(REPLAY_SEVERAL);
		return;
	}
	r.past.several = 1;
	r.past.unfinished |= !r.complete;
	r.first = r.nlines - 1;
	r.chain = 0;
	r.totals = (struct totals){ 0 };
	r.planned = r.complete = false;
	r.kind = LINE_KINDS;
	header_line(c, line, len);
}

static void
body_line(struct chan *c, const char *line, size_t len)
{
	struct mark	 m;
	bool		 part = parse_starts(line, len, FACTS_PART);

	if (line == buf + r.start && parse_starts(line, len, FIRST_LINE))
		next_log(c, line, len);
	else if (!parse_starts(line, len, OURS) || parse_note(line, len)) {
		if (r.rendering)
			rendered_line(c, line, len);
	} else if ((part || parse_starts(line, len, FACTS_DONE)) && r.facts_len == 0) {
		r.facts = (size_t)(line - (buf + r.start));
		r.facts_len = len;
		r.facts_part = part;
	} else if (parse_mark(line, len, &m) == 0)
		end_record(c, line, &m);
	else
		judge(REPLAY_ALTERED);
}

/* TO_SKIP: a line that was too long may have been about anything. */
static void
skip_line(struct chan *c, const char *line, size_t len)
{
	struct addr	 done[FOREIGN_MAX] = { { .family = FAMILY_NONE } };
	unsigned int	 n = 0;

	if (r.cut_off)
		r.foreign = (struct foreign){ .up = false };
	else
		n = foreign_line(&r.foreign, line, len, done);
	r.cut_off = false;
	r.start = r.line;
	r.totals.hosts += n;
	for (unsigned int i = 0; i < n; i++) {
		if (r.addrs.n == HOSTADDRS_MAX)
			flush_addrs(c);
		r.addrs.addr[r.addrs.n++] = done[i];
	}
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
	if (r.mode == TO_SKIP)
		skip_line(c, line, len);
	else if (r.planned)
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
	if (next != end)
		logger_header(line, (size_t)(next - line), line == buf + r.start);
	r.tell += (size_t)(next - line);
	if (next == end) {
		r.start = r.line;
		r.step = READING;
		return;
	}
	if (parse_line(line, (size_t)(next - line) - 1, &l, &continues) == -1 ||
	    l.kind == LINE_WALLS || (l.kind == LINE_RUN && strncmp(l.text, "list ", 5) != 0))
		return;
	line = next;
	next = memchr(line, '\n', (size_t)(end - line));
	if (parse_line(line, (size_t)(next - line), &after, &continues) == 0)
		l.more = continues;
	send_pastline(c, &l);
}

/* Ports of the host that the log has in part. */
static void
tell_ports(struct chan *c)
{
	struct msg_pastports	 m = { .n = 0 };

	while (m.n < HOSTPORTS_MAX && told < host.nports)
		m.e[m.n++] = host.port[told++];
	if (m.n != 0)
		send_pastports(c, &m);
	if (told == host.nports)
		r.step = READING;
}

static void
end(struct chan *c)
{
	r.step = OVER;
	if (r.rendering) {
		logger_started(c);
		return;
	}
	flush_done(c);
	flush_addrs(c);
	r.past.hosts = r.totals.hosts;
	r.past.up = r.totals.up;
	send_pastend(c, &r.past);
	if (r.mode == TO_SKIP)		/* nothing of it is this scan's */
		r = (struct replay_state){ .step = IDLE };
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
		case TELLING_PORTS:
			tell_ports(c);
			break;
		case JUDGED:
			end(c);
			break;
		case IDLE:
		case OVER:
			break;
		}
}
