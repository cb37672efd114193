/*
 * What an old log says besides its hosts, for the outputs that lack what it has: names that were
 * not found, who ran which part of the scan, what was sent.  It comes here a line at a time, of
 * records whose check values are right.  Trusts nobody: those anybody can make.
 */

#include <string.h>

#include "logger.h"

#define NOTES_MAX	((size_t)1 << 20)	/* more than a run has; the rest is dropped */

static char			 text[NOTES_MAX];
static struct msg_namefailed	 failed;	/* a name that was not found, or empty */
static struct mark		 last;		/* the end of a run: the next may follow */
static bool			 ended;		/* there is one */
static struct rendered		 r = { .notes = { text, sizeof(text), 0 } };

static void
add_counts(const struct msg_stats *s)
{
	r.sum.sent += s->sent;
	r.sum.refused += s->refused;
	r.sum.full += s->full;
	r.sum.received += s->received;
	r.sum.dropped += s->dropped;
	r.sum.invalid += s->invalid;
	r.sum.late += s->late;
	r.sum.canaries += s->canaries;
	r.sum.lost += s->lost;
	r.sum.pings += s->pings;
	r.sum.ports += s->ports;
	r.sum.loss = s->loss;
}

static void
add_asked(const struct msg_asked *m)
{
	struct msg_asked	 sum = *m;

	sum.queries += r.asked.queries;
	sum.answered += r.asked.answered;
	sum.failed += r.asked.failed;
	sum.timed_out += r.asked.timed_out;
	r.asked = sum;
}

static void
forget(void)
{
	r.notes.len = 0;
	text[0] = '\0';
	failed.name[0] = '\0';
}

void
rendered_run(struct chan *c)
{
	if (ended)
		logger_past_run(c, &last, &r.notes);
	ended = false;
	r.when = 0;
	forget();
}

void
rendered_line(struct chan *c, const char *line, size_t len)
{
	struct msg_stats	 s;
	struct msg_asked	 asked;
	uint64_t		 when;

	if (ended)
		rendered_run(c);
	if (parse_failed(line, len, &failed) == 0 || !parse_note(line, len) ||
	    parse_starts(line, len, NOTE_UNCERTAIN) || parse_starts(line, len, NOTE_NAME) ||
	    !parse_printable(line, len) ||
	    r.notes.len + len + 2 > sizeof(text))
		return;
	if (parse_counts(line, len, &s) == 0)
		add_counts(&s);
	if (parse_asked(line, len, &asked) == 0)
		add_asked(&asked);
	if (parse_end(line, len, &when) == 0)
		r.when = when;
	buf_add(&r.notes, "%.*s\n", (int)len, line);
}

void
rendered_record(struct chan *c, const struct mark *m, struct host *h)
{
	if (ended)
		rendered_run(c);
	if (m->kind == MARK_STOPPED || m->kind == MARK_COMPLETE) {
		last = *m;
		ended = true;
		return;
	}
	if (m->kind == MARK_PARTIAL) {
		h->h.flags |= HOST_CHECKPOINT;
		logger_past_host(c, h, NULL);
	} else if (m->kind == MARK_RESUMED)
		logger_past_run(c, m, &r.notes);
	else if (h != NULL)
		logger_past_host(c, h, &m->totals);
	else if (m->kind == MARK_DONE)
		logger_past_done(c, m, failed.name[0] != '\0' && m->n == 1 ? &failed : NULL);
	forget();
}

const struct rendered *
rendered_end(void)
{
	return (&r);
}
