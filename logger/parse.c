/*
 * Our own lines, read back from a log.  Pure.  Trusts nobody: the log may have been written
 * by anyone; the grammar is what journal.c writes and not a byte more.
 */

#include <string.h>

#include "logger.h"

/* Far above any scan, and far below what can't be written again. */
#define HOSTS_TOTAL	UINT64_C(1000000000000000)
#define TIME_TOTAL	UINT64_C(1000000000000)		/* milliseconds */
#define HOLE		512	/* bytes */
#define START_LATEST	UINT64_C(253402300799)		/* the year 9999 */

/* Seconds with three decimals, as milliseconds. */
static bool
eat_time(struct cursor *c, uint64_t *ms)
{
	uint64_t	 seconds, digit;

	if (!eat_number(c, &seconds) || seconds > UINT32_MAX || !eat(c, "."))
		return (false);
	*ms = seconds;
	for (int i = 0; i < 3; i++) {
		if (!eat_hex(c, 1, &digit) || digit > 9)
			return (false);
		*ms = *ms * 10 + digit;
	}
	return (true);
}

/* SPEC:OFFSET or SPEC:FIRST-LAST. */
static bool
eat_range(struct cursor *c, struct range *r)
{
	uint64_t	 spec;

	memset(r, 0, sizeof(*r));
	if (!eat_number(c, &spec) || spec > UINT32_MAX || !eat(c, ":") ||
	    !eat_number(c, &r->first))
		return (false);
	r->spec = (uint32_t)spec;
	r->last = r->first;
	if (eat(c, "-") && (!eat_number(c, &r->last) || r->last <= r->first))
		return (false);
	return (r->last <= UINT32_MAX);
}

/* One range or more; a partial target is one address. */
static bool
eat_ranges(struct cursor *c, struct mark *m)
{
	do {
		if (m->n == RANGES_MAX || !eat(c, " ") || !eat_range(c, &m->e[m->n]))
			return (false);
		m->n++;
	} while (c->end - c->at > 1 && c->at[0] == ' ' && c->at[1] >= '0' && c->at[1] <= '9');
	return (m->kind == MARK_DONE || (m->n == 1 && m->e[0].first == m->e[0].last));
}

static bool
eat_ending(struct cursor *c, uint8_t *e)
{
	if (!eat(c, " "))
		return (false);
	for (*e = ENDING_COMPLETE + 1; *e < ENDING_COUNT; ++*e)
		if (eat(c, ending_names[*e]))
			return (true);
	return (false);
}

static bool
eat_totals(struct cursor *c, struct totals *t)
{
	return (eat(c, " total ") && eat_number(c, &t->hosts) && eat(c, " up ") &&
	    eat_number(c, &t->up) && eat(c, " time ") && eat_time(c, &t->ms) &&
	    t->up <= t->hosts && t->hosts <= HOSTS_TOTAL && t->ms <= TIME_TOTAL);
}

static bool
eat_mark_word(struct cursor *c, enum mark_kind *kind)
{
	for (unsigned int k = 0; k < MARK_COUNT; k++)
		if (eat(c, mark_words[k])) {
			*kind = (enum mark_kind)k;
			return (true);
		}
	return (false);
}

int
parse_mark(const char *line, size_t len, struct mark *m)
{
	struct cursor	 c = { line, line + len };

	memset(m, 0, sizeof(*m));
	if (!eat(&c, OURS) || !eat_mark_word(&c, &m->kind))
		return (-1);
	if ((m->kind == MARK_DONE || m->kind == MARK_PARTIAL) && !eat_ranges(&c, m))
		return (-1);
	if (m->kind == MARK_STOPPED && !eat_ending(&c, &m->ending))
		return (-1);
	if (m->kind != MARK_PLAN && m->kind != MARK_PARTIAL && !eat_totals(&c, &m->totals))
		return (-1);
	m->hashed = (size_t)(c.at - line);
	if (!eat(&c, " check ") || !eat_hex(&c, 16, &m->check) || c.at != c.end)
		return (-1);
	return (0);
}

bool
parse_printable(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (line[i] < ' ' || line[i] > '~')
			return (false);
	return (true);
}

bool
parse_hole(const char *record, size_t len)
{
	static const char	 hole[HOLE];

	return (memmem(record, len, hole, sizeof(hole)) != NULL &&
	    memmem(record, len, FIRST_LINE, strlen(FIRST_LINE)) == NULL);
}

bool
parse_note(const char *line, size_t len)
{
	static const char *const	 notes[] = {
		NOTE_UNCERTAIN, NOTE_COUNTS, NOTE_ASKED, NOTE_END, NOTE_RUN
	};

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (parse_starts(line, len, notes[i]))
			return (true);
	return (false);
}

enum replay
parse_log(const char *line, size_t len, struct msg_pastend *past)
{
	struct cursor	 c = { line, line + len };
	uint64_t	 version;
	bool		 has_key;

	if (!eat(&c, OURS "log ") || !eat_number(&c, &version))
		return (REPLAY_ALTERED);
	if (version != 2)
		return (REPLAY_VERSION);
	if (eat(&c, " normal"))
		past->format = FORMAT_NORMAL;
	else if (eat(&c, " grepable"))
		past->format = FORMAT_GREPABLE;
	else
		return (REPLAY_ALTERED);
	if (!eat(&c, " seed ") || !eat_hex(&c, 16, &past->seed) || !eat(&c, " start ") ||
	    !eat_number(&c, &past->start) || past->start > START_LATEST)
		return (REPLAY_ALTERED);
	has_key = eat(&c, " keyed");
	if (c.at != c.end)
		return (REPLAY_ALTERED);
	if (has_key != journal_keyed())
		return (has_key ? REPLAY_KEYED : REPLAY_NOT_KEYED);
	return (REPLAY_RESUMABLE);
}

/* Undo text_escape(), and accept nothing that it would not have written. */
static bool
eat_escaped(struct cursor *c, char *text, size_t size)
{
	uint64_t	 byte;

	for (size_t n = 0; c->at < c->end; n++) {
		if (n + 1 >= size || *c->at < ' ' || *c->at > '~')
			return (false);
		if (!eat(c, "\\")) {
			text[n] = *c->at++;
			continue;
		}
		if (!eat(c, "x") || !eat_hex(c, 2, &byte) || byte == 0 ||
		    (byte >= ' ' && byte <= '~' && byte != '\\'))
			return (false);
		text[n] = (char)byte;
	}
	return (true);
}

static bool
eat_line_word(struct cursor *c, uint8_t *kind)
{
	for (uint8_t k = 0; k < LINE_KINDS; k++)
		if (line_words[k] != NULL && eat(c, line_words[k])) {
			*kind = k;
			return (true);
		}
	return (false);
}

int
parse_line(const char *line, size_t len, struct msg_line *l, bool *continues)
{
	struct cursor	 c = { line, line + len };

	memset(l, 0, sizeof(*l));
	if (!eat(&c, OURS) || !eat_line_word(&c, &l->kind))
		return (-1);
	*continues = eat(&c, "+");
	if (c.at == c.end)
		return (0);
	if (!eat(&c, " ") || c.at == c.end || !eat_escaped(&c, l->text, sizeof(l->text)))
		return (-1);
	/* What the parent may be told has to be what it could have said. */
	return (l->kind == LINE_TARGET || text_printable(l->text) ? 0 : -1);
}
