/*
 * Our own lines in a log: nmap's readers skip them as comments, and --resume goes by them.
 * Pure but for the time zone; its input is the parent's, checked, and what of it a user or
 * a stranger wrote is escaped here.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "logger.h"
#include "siphash.h"

#define S(id, name)	name,
const char *const	 mark_words[MARK_COUNT] = { MARK_KINDS(S) };
const char *const	 ending_names[ENDING_COUNT] = { ENDINGS(S) };
#undef S
const char *const	 line_words[LINE_KINDS] = {
	[LINE_OPTION] = "option", [LINE_TARGET] = "target", [LINE_LIST] = "list",
	[LINE_WALLS] = "walls"
};

uint64_t
journal_check(const char *record, size_t len, uint64_t chain)
{
	const struct siphash_key	 key = { { chain, 0x706f737465726e31 } };

	return (siphash(&key, record, len));
}

void
journal_seal(struct buffer *b, uint64_t *chain)
{
	*chain = journal_check(b->text, b->len, *chain);
	buf_add(b, " check %016" PRIx64 "\n", *chain);
}

void
journal_line(const struct msg_line *line, bool continues, struct buffer *b)
{
	char	 text[4 * LINE_TEXT + 4];

	text_escape(text, sizeof(text), line->text);
	if (line->kind == LINE_ARGS)
		buf_add(b, "%s", text);
	else
		buf_add(b, OURS "%s%s%s%s\n", line_words[line->kind], continues ? "+" : "",
		    text[0] != '\0' ? " " : "", text);
}

/* As ctime(3) has it, without its newline. */
static void
add_ctime(uint64_t when, struct buffer *b)
{
	time_t		 t = (time_t)when;
	struct tm	 tm;
	char		 text[26];

	if (localtime_r(&t, &tm) == NULL || asctime_r(&tm, text) == NULL)
		fatalx("%" PRIu64 " is no time", when);
	buf_add(b, "%.24s", text);
}

void
journal_first(const struct plan *p, const struct buffer *args, struct buffer *b)
{
	buf_add(b, FIRST_LINE VERSION " scan initiated ");
	add_ctime(p->config.start, b);
	buf_add(b, " as: %s\n", args->text);
}

void
journal_header(const struct plan *p, enum format format, const struct buffer *args,
    const struct buffer *lines, struct buffer *b)
{
	journal_first(p, args, b);
	buf_add(b, OURS "log 1 %s seed %016" PRIx64 " start %" PRIu64 "\n",
	    format == FORMAT_GREPABLE ? "grepable" : "normal", p->config.seed,
	    p->config.start);
	buf_add(b, "%s", lines->text);
	if (format == FORMAT_GREPABLE && p->config.verbosity != 0)
		grepable_ports(p, b);
	buf_add(b, OURS "%s", mark_words[MARK_PLAN]);
}

static void
add_totals(const struct totals *t, struct buffer *b)
{
	buf_add(b, " total %" PRIu64 " up %" PRIu64 " time %" PRIu64 ".%03" PRIu64,
	    t->hosts, t->up, t->ms / 1000, t->ms % 1000);
}

void
journal_ranges(enum mark_kind kind, const struct range *r, uint32_t n, const struct totals *t,
    struct buffer *b)
{
	buf_add(b, OURS "%s", mark_words[kind]);
	for (uint32_t i = 0; i < n; i++) {
		buf_add(b, " %u:%" PRIu64, r[i].spec, r[i].first);
		if (r[i].last != r[i].first)
			buf_add(b, "-%" PRIu64, r[i].last);
	}
	if (kind == MARK_DONE)
		add_totals(t, b);
}

void
journal_resumed(const struct totals *t, struct buffer *b)
{
	buf_add(b, OURS "%s", mark_words[MARK_RESUMED]);
	add_totals(t, b);
}

void
journal_partial(const struct host *h, struct buffer *b)
{
	const char	*name = h->h.name[0] != '\0' ? h->h.name : h->h.rdns;
	char		 ip[ADDR_TEXT];
	uint32_t	 nopen = 0;

	buf_add(b, "# Not finished: %s", addr_text(&h->h.addr, ip));
	if (name[0] != '\0')
		buf_add(b, " (%s)", name);
	buf_add(b, ", %u port%s answered", h->nports, h->nports == 1 ? "" : "s");
	for (uint32_t i = 0; i < h->nports; i++)
		if (h->port[i].state == PORT_OPEN)
			buf_add(b, "%s %u/tcp", nopen++ == 0 ? ", open:" : "", h->port[i].port);
	buf_add(b, "\n");
}

void
journal_failed(const struct msg_namefailed *f, struct buffer *b)
{
	buf_add(b, "# Failed to resolve \"%s\": %s\n", f->name, lookup_names[f->lookup]);
}

void
journal_uncertain(const struct host *h, struct buffer *b)
{
	char	 ip[ADDR_TEXT];

	buf_add(b, NOTE_UNCERTAIN "%s coverage ", addr_text(&h->h.addr, ip));
	view_percent(h->h.coverage, b);
	buf_add(b, "\n");
}

void
journal_counts(const struct msg_stats *s, struct buffer *b)
{
	if (s->sent == 0 && s->refused == 0)
		return;
	buf_add(b, OURS);
	view_counts(s, b);
	buf_add(b, "\n");
}

void
journal_footer(enum ending e, const struct totals *t, uint64_t now, uint64_t elapsed,
    struct buffer *b)
{
	buf_add(b, e == ENDING_COMPLETE ? "# Nmap done at " : "# postern stopped at ");
	add_ctime(now, b);
	if (e != ENDING_COMPLETE)
		buf_add(b, " (%s)", ending_names[e]);
	buf_add(b, " -- ");
	view_totals(t, elapsed, b);
	buf_add(b, "\n");
}

void
journal_end(enum ending e, const struct totals *t, struct buffer *b)
{
	if (e == ENDING_COMPLETE)
		buf_add(b, OURS "%s", mark_words[MARK_COMPLETE]);
	else
		buf_add(b, OURS "%s %s", mark_words[MARK_STOPPED], ending_names[e]);
	add_totals(t, b);
}
