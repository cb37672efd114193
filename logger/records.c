/*
 * What of a scan goes to which output, in its format.  A log of ours (normal, grepable) gets
 * records that end with a mark; XML, JSON and the report get the same hosts without.  The log
 * that is resumed is an output like the others, but for what it has already.  Its callers have
 * checked what they hand on.
 */

#include <string.h>
#include <time.h>

#include "logger.h"

static char		 record_text[RECORD_MAX];
static struct buffer	 record = { record_text, sizeof(record_text), 0 };
static struct view	 view;

static uint64_t		 chain[OUTPUTS];
static struct totals	 totals;
static uint64_t		 base_ms;	/* of the earlier parts of a resumed scan */
static struct timespec	 started;
static bool		 document_open;	/* there is one, and it is not at its end */

static struct timespec
now(clockid_t clock)
{
	struct timespec	 t;

	if (clock_gettime(clock, &t) == -1)
		fatal("clock_gettime");
	return (t);
}

static uint64_t
wall_clock(void)
{
	return ((uint64_t)now(CLOCK_REALTIME).tv_sec);
}

static void
update_time(void)
{
	struct timespec	 t = now(CLOCK_MONOTONIC);
	int64_t		 ms = (t.tv_sec - started.tv_sec) * 1000 +
	    (t.tv_nsec - started.tv_nsec) / 1000000;

	totals.ms = base_ms + (uint64_t)ms;
}

static bool
is_log(enum format format)
{
	return (format == FORMAT_NORMAL || format == FORMAT_GREPABLE);
}

/* Is it one of our logs, with records? */
static bool
is_journal(const struct plan *p, enum output o)
{
	return (o != OUTPUT_REPORT && is_log(p->config.format[o]));
}

/* A record without a mark. */
static void
put_plain(struct chan *c, enum output o)
{
	output_put(c, o, &record);
	record.len = 0;
}

static void
put_record(struct chan *c, enum output o)
{
	journal_seal(&record, &chain[o]);
	put_plain(c, o);
}

static void
begin_plain(const struct plan *p, enum format format, const struct buffer *args)
{
	if (format == FORMAT_REPORT)
		normal_start(wall_clock(), &record);
	else if (format == FORMAT_XML)
		xml_start(p, args, &record);
	else if (format == FORMAT_JSON)
		json_start(p, args, &record);
	else if (is_log(format))
		journal_first(p, args, &record);
	if (format == FORMAT_GREPABLE && p->config.verbosity != 0)
		grepable_ports(p, &record);
}

/* How the XML document ends if nothing more is added to it. */
static void
end_document(void)
{
	if (document_open)
		xml_end(ENDING_INTERRUPTED, &totals, wall_clock(), totals.ms * 1000, &record);
	output_tail(&record);
	record.len = 0;
}

bool
records_begin(struct chan *c, const struct plan *p, const struct buffer *args,
    const struct buffer *lines, const struct totals *past, uint64_t past_chain, bool anew)
{
	totals = *past;
	base_ms = totals.ms;
	started = now(CLOCK_MONOTONIC);
	for (enum output o = 0; o < OUTPUTS; o++) {
		enum format	 format = p->config.format[o];

		chain[o] = 0;
		if (o == OUTPUT_OLD)
			chain[o] = past_chain;
		else if (is_journal(p, o)) {
			journal_header(p, format, args, lines, &record);
			put_record(c, o);
		} else {
			begin_plain(p, format, args);
			if (anew && (o == OUTPUT_XML || o == OUTPUT_JSON) &&
			    format != FORMAT_NONE && !output_anew(c, o, &record))
				return (false);
			put_plain(c, o);
		}
	}
	document_open = p->config.format[OUTPUT_XML] != FORMAT_NONE;
	end_document();
	return (true);
}

void
records_resumed(struct chan *c, const struct plan *p, const struct buffer *lines)
{
	for (enum output o = 0; o < OUTPUTS; o++)
		if (is_journal(p, o)) {
			journal_resumed(&totals, lines, &record);
			put_record(c, o);
		}
}

static void
render(const struct plan *p, const struct host *h, enum format format)
{
	switch (format) {
	case FORMAT_REPORT:
	case FORMAT_NORMAL:
		normal_host(p, h, &view, format, &record);
		break;
	case FORMAT_GREPABLE:
		grepable_host(p, h, &view, &record);
		break;
	case FORMAT_XML:
		xml_host(p, h, &view, &record);
		break;
	case FORMAT_JSON:
		json_host(p, h, &view, &record);
		break;
	case FORMAT_NONE:
	case FORMATS:
		break;
	}
}

/* The record of a host, done or in part, for one of our logs. */
static void
journal_host(const struct plan *p, const struct host *h, enum format format)
{
	const struct place	*at = &h->h.place;
	const struct range	 range = {
		.spec = at->spec, .first = at->offset, .last = at->offset
	};
	bool			 done = h->h.outcome != OUTCOME_PARTIAL;

	if (done)
		render(p, h, format);
	else if ((h->h.flags & HOST_CHECKPOINT) == 0 && h->nports != 0)
		journal_partial(h, &record);
	if (done && view_uncertain(p, h))
		journal_uncertain(h, &record);
	if (done && view_nameless(h))
		journal_nameless(h, &record);
	facts_add(h, &record);
	journal_ranges(done ? MARK_DONE : MARK_PARTIAL, &range, 1, &totals, &record);
}

/* A host that is given up, in an output without records. */
static bool
is_shown(const struct host *h, enum format format)
{
	if ((h->h.flags & HOST_CHECKPOINT) != 0)
		return (false);
	return (h->h.outcome != OUTCOME_PARTIAL || (h->nports != 0 && !is_log(format)));
}

static void
plain_host(const struct plan *p, const struct host *h, enum format format)
{
	if (is_shown(h, format))
		render(p, h, format);
	else if (is_log(format) && h->nports != 0 && (h->h.flags & HOST_CHECKPOINT) == 0)
		journal_partial(h, &record);
}

static void
put_host(struct chan *c, const struct plan *p, const struct host *h, enum output o)
{
	enum format	 format = p->config.format[o];

	if (is_journal(p, o)) {
		journal_host(p, h, format);
		put_record(c, o);
	} else {
		plain_host(p, h, format);
		put_plain(c, o);
	}
}

void
records_host(struct chan *c, const struct plan *p, const struct host *h)
{
	if (h->h.outcome != OUTCOME_PARTIAL) {
		totals.hosts++;
		totals.up += h->h.state == HOST_UP;
	}
	update_time();
	if ((h->h.flags & HOST_CHECKPOINT) == 0)
		view_host(p, h, &view);
	for (enum output o = 0; o < OUTPUTS; o++)
		put_host(c, p, h, o);
}

/* Does an output lack what the old log has?  The report says what is new. */
static bool
lacks_past(const struct plan *p, enum output o)
{
	return (o != OUTPUT_OLD && p->config.format[o] != FORMAT_NONE &&
	    p->config.format[o] != FORMAT_REPORT);
}

bool
records_lack_past(const struct plan *p)
{
	for (enum output o = 0; o < OUTPUTS; o++)
		if (lacks_past(p, o))
			return (true);
	return (false);
}

void
records_past_host(struct chan *c, const struct plan *p, const struct host *h,
    const struct totals *then)
{
	const struct totals	 kept = totals;

	if (then != NULL)
		totals = *then;
	if (h->h.outcome != OUTCOME_PARTIAL)
		view_host(p, h, &view);
	for (enum output o = 0; o < OUTPUTS; o++)
		if (lacks_past(p, o))
			put_host(c, p, h, o);
	totals = kept;
}

static void
put_ranges(struct chan *c, enum output o, const struct range *r, uint32_t n,
    const struct totals *t)
{
	journal_ranges(MARK_DONE, r, n, t, &record);
	put_record(c, o);
}

void
records_past_done(struct chan *c, const struct plan *p, const struct mark *m)
{
	for (enum output o = 0; o < OUTPUTS; o++)
		if (lacks_past(p, o) && is_journal(p, o))
			put_ranges(c, o, m->e, m->n, &m->totals);
}

void
records_past_run(struct chan *c, const struct plan *p, const struct mark *m,
    const struct buffer *notes)
{
	for (enum output o = 0; o < OUTPUTS; o++) {
		if (!lacks_past(p, o) || !is_journal(p, o))
			continue;
		if (m->kind == MARK_RESUMED)
			journal_resumed(&m->totals, notes, &record);
		else {
			buf_text(&record, notes->text);
			journal_end(m->kind == MARK_COMPLETE ? ENDING_COMPLETE : m->ending,
			    &m->totals, &record);
		}
		put_record(c, o);
	}
}

void
records_done(struct chan *c, const struct plan *p, const struct msg_ranges *m)
{
	totals.hosts += m->hosts;
	update_time();
	for (enum output o = 0; o < OUTPUTS; o++)
		if (is_journal(p, o))
			put_ranges(c, o, m->e, m->n, &totals);
}

static void
put_failed(struct chan *c, const struct plan *p, enum output o, const struct range *r,
    const struct totals *t, const struct msg_namefailed *m)
{
	enum format	 format = p->config.format[o];

	if (format == FORMAT_XML)
		xml_failed(m, &record);
	else if (format == FORMAT_JSON)
		json_failed(m, &record);
	if (is_journal(p, o)) {
		journal_failed(m, &record);
		put_ranges(c, o, r, 1, t);
	} else
		put_plain(c, o);
}

void
records_past_failed(struct chan *c, const struct plan *p, const struct mark *m,
    const struct msg_namefailed *f)
{
	for (enum output o = 0; o < OUTPUTS; o++)
		if (lacks_past(p, o))
			put_failed(c, p, o, m->e, &m->totals, f);
}

void
records_failed(struct chan *c, const struct plan *p, const struct msg_namefailed *m)
{
	const struct range	 range = {
		.spec = m->place.spec, .first = m->place.offset, .last = m->place.offset
	};

	update_time();
	for (enum output o = 0; o < OUTPUTS; o++)
		put_failed(c, p, o, &range, &totals, m);
}

void
records_checkpoint(struct chan *c, const struct plan *p)
{
	records_flush(c);
	for (enum output o = OUTPUT_REPORT + 1; o < OUTPUTS; o++)
		if (p->config.format[o] != FORMAT_NONE)
			output_sync(c, o);
}

static void
end_plain(const struct plan *p, enum format format, const struct msg_finish *m, uint64_t when,
    uint64_t elapsed)
{
	enum ending	 ending = m->ending;

	switch (format) {
	case FORMAT_REPORT:
		if (p->config.verbosity != 0)
			normal_counts(&m->stats, &record);
		normal_finish(ending, &totals, elapsed, &record);
		break;
	case FORMAT_NORMAL:
	case FORMAT_GREPABLE:
		journal_counts(&m->stats, &record);
		journal_footer(ending, &totals, when, elapsed, &record);
		break;
	case FORMAT_XML:
		xml_end(ending, &totals, when, elapsed, &record);
		break;
	case FORMAT_JSON:
		json_end(m, &totals, when, elapsed, &record);
		break;
	case FORMAT_NONE:
	case FORMATS:
		break;
	}
}

/* What a log says of the run that is over, or that an old log says of its last. */
static void
note_run(const struct msg_finish *m, const struct timespec *ended, const struct rendered *rendered)
{
	if (rendered == NULL) {
		journal_counts(&m->stats, &record);
		journal_evidence(m, ended, &record);
	} else
		journal_converted(&rendered->notes, &record);
}

void
records_end(struct chan *c, const struct plan *p, const struct msg_finish *m,
    const struct rendered *rendered)
{
	uint64_t	 elapsed = base_ms * 1000 + m->elapsed;
	struct timespec	 ended = now(CLOCK_REALTIME);
	uint64_t	 when = (uint64_t)ended.tv_sec;

	/* Hosts that we were slow to write may be later than the end of the scan; not of an old. */
	if (elapsed < totals.ms * 1000 && rendered == NULL)
		elapsed = totals.ms * 1000;
	totals.ms = elapsed / 1000;
	if (rendered != NULL)
		when = rendered->when != 0 ? rendered->when : p->config.start + base_ms / 1000;
	document_open = false;
	end_document();
	for (enum output o = 0; o < OUTPUTS; o++) {
		if (is_journal(p, o)) {
			note_run(m, &ended, rendered);
			journal_footer(m->ending, &totals, when, elapsed, &record);
			journal_end(m->ending, &totals, &record);
			put_record(c, o);
		} else {
			end_plain(p, p->config.format[o], m, when, elapsed);
			put_plain(c, o);
		}
		if (o != OUTPUT_REPORT && p->config.format[o] != FORMAT_NONE)
			output_sync(c, o);
	}
	output_flush(c);
}

void
records_flush(struct chan *c)
{
	if (output_waits(OUTPUT_XML))
		end_document();
	output_flush(c);
}
