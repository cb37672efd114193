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

/* So many decimal digits. */
static bool
eat_digits(struct cursor *c, int digits, uint64_t *n)
{
	uint64_t	 digit;

	*n = 0;
	for (int i = 0; i < digits; i++) {
		if (!eat_hex(c, 1, &digit) || digit > 9)
			return (false);
		*n = *n * 10 + digit;
	}
	return (true);
}

/* Seconds with three decimals, as milliseconds. */
static bool
eat_time(struct cursor *c, uint64_t *ms)
{
	uint64_t	 seconds, rest;

	if (!eat_number(c, &seconds) || seconds > UINT32_MAX || !eat(c, ".") ||
	    !eat_digits(c, 3, &rest))
		return (false);
	*ms = seconds * 1000 + rest;
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
		NOTE_UNCERTAIN, NOTE_NAME, NOTE_COUNTS, NOTE_ASKED, NOTE_END, NOTE_RUN,
		NOTE_CONVERTED
	};

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (parse_starts(line, len, notes[i]))
			return (true);
	return (false);
}

/* Hundredths of a percent become millionths. */
static bool
eat_loss(struct cursor *c, uint32_t *millionths)
{
	uint64_t	 percent, hundredths;

	if (!eat_number(c, &percent) || percent > 100 || !eat(c, ".") ||
	    !eat_digits(c, 2, &hundredths))
		return (false);
	*millionths = (uint32_t)(percent * 10000 + hundredths * 100);
	return (*millionths <= 1000000);
}

int
parse_counts(const char *line, size_t len, struct msg_stats *s)
{
	const struct {
		const char	*before;
		uint64_t	*n;
	} counts[] = {
		{ NOTE_COUNTS, &s->sent }, { ", refused ", &s->refused }, { ", full ", &s->full },
		{ ", received ", &s->received }, { ", dropped ", &s->dropped },
		{ ", invalid ", &s->invalid }, { ", late ", &s->late },
		{ "; canaries ", &s->canaries }, { ", lost ", &s->lost }
	};
	struct cursor	 c = { line, line + len };

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (!eat(&c, counts[i].before) || !eat_number(&c, counts[i].n))
			return (-1);
	if (!eat(&c, "; estimated loss ") || !eat_loss(&c, &s->loss) ||
	    !eat(&c, " %; pings ") || !eat_number(&c, &s->pings) || !eat(&c, ", ports ") ||
	    !eat_number(&c, &s->ports) || c.at != c.end)
		return (-1);
	return (0);
}

int
parse_asked(const char *line, size_t len, struct msg_asked *m)
{
	struct cursor	 c = { line, line + len };

	memset(m, 0, sizeof(*m));
	if (!eat(&c, NOTE_ASKED) || !eat_number(&c, &m->queries) ||
	    !eat(&c, m->queries == 1 ? " query of " : " queries of "))
		return (-1);
	do {
		if (m->n == SERVERS_MAX || !eat_addr(&c, &m->server[m->n++]))
			return (-1);
	} while (eat(&c, ", "));
	if (!eat(&c, "; answered ") || !eat_number(&c, &m->answered) ||
	    !eat(&c, ", failed ") || !eat_number(&c, &m->failed) ||
	    !eat(&c, ", timed out ") || !eat_number(&c, &m->timed_out) || c.at != c.end)
		return (-1);
	return (0);
}

int
parse_end(const char *line, size_t len, uint64_t *when)
{
	static const struct {
		int		 digits;
		const char	*behind;
	} fields[] = {
		{ 4, "-" }, { 2, "-" }, { 2, "T" }, { 2, ":" }, { 2, ":" }, { 2, "." },
		{ 6, "Z exit " }
	};
	struct cursor	 c = { line, line + len };
	uint64_t	 n[7];
	struct tm	 tm = { .tm_isdst = 0 };

	if (!eat(&c, NOTE_END))
		return (-1);
	for (int i = 0; i < 7; i++)
		if (!eat_digits(&c, fields[i].digits, &n[i]) || !eat(&c, fields[i].behind))
			return (-1);
	tm.tm_year = (int)n[0] - 1900;
	tm.tm_mon = (int)n[1] - 1;
	tm.tm_mday = (int)n[2];
	tm.tm_hour = (int)n[3];
	tm.tm_min = (int)n[4];
	tm.tm_sec = (int)n[5];
	*when = (uint64_t)timegm(&tm);
	return (*when <= START_LATEST ? 0 : -1);
}

int
parse_failed(const char *line, size_t len, struct msg_namefailed *f)
{
	struct cursor	 c = { line, line + len };
	const char	*quote = memrchr(line, '"', len);
	size_t		 name;

	if (!eat(&c, FAILED_NAME) || quote < c.at || (name = (size_t)(quote - c.at)) == 0 ||
	    name >= sizeof(f->name) || !parse_printable(c.at, name))
		return (-1);
	memset(f, 0, sizeof(*f));
	memcpy(f->name, c.at, name);
	c.at = quote;
	if (!eat(&c, "\": "))
		return (-1);
	for (f->lookup = LOOKUP_FOUND + 1; f->lookup < LOOKUP_COUNT; f->lookup++)
		if (strlen(lookup_names[f->lookup]) == (size_t)(c.end - c.at) &&
		    eat(&c, lookup_names[f->lookup]))
			return (0);
	f->name[0] = '\0';
	return (-1);
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
