/*
 * Our own lines in a log: nmap's readers skip them as comments, and --resume goes by them.
 * Pure; its input is the parent's, checked, and what of it a user or a stranger wrote is
 * escaped here.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "logger.h"
#include "siphash.h"

#define S(id, name)	name,
const char *const	 mark_words[MARK_COUNT] = { MARK_KINDS(S) };
const char *const	 ending_names[ENDING_COUNT] = { ENDINGS(S) };
#undef S
const char *const	 line_words[LINE_KINDS] = {
	[LINE_OPTION] = "option", [LINE_TARGET] = "target", [LINE_LIST] = "list",
	[LINE_WALLS] = "walls", [LINE_RUN] = "run"
};

static struct siphash_key	 key = { { 0x706f737465726e32, 0 } };
static bool			 keyed;

void
journal_key(const void *secret, size_t len)
{
	const struct siphash_key	 halves[2] = { { { 1, 0 } }, { { 2, 0 } } };

	key.k[0] = siphash(&halves[0], secret, len);
	key.k[1] = siphash(&halves[1], secret, len);
	keyed = true;
}

bool
journal_keyed(void)
{
	return (keyed);
}

uint64_t
journal_check(const char *record, size_t len, uint64_t chain)
{
	const uint64_t	 both[2] = { chain, siphash(&key, record, len) };

	return (siphash(&key, both, sizeof(both)));
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
		buf_text(b, text);
	else
		buf_add(b, OURS "%s%s%s%s\n", line_words[line->kind], continues ? "+" : "",
		    text[0] != '\0' ? " " : "", text);
}

void
journal_first(const struct plan *p, const struct buffer *args, struct buffer *b)
{
	buf_text(b, FIRST_LINE VERSION " scan initiated ");
	view_ctime(p->config.start, b);
	buf_add(b, " as: %s\n", args->text);
}

void
journal_header(const struct plan *p, enum format format, const struct buffer *args,
    const struct buffer *lines, struct buffer *b)
{
	journal_first(p, args, b);
	buf_add(b, OURS "log 2 %s seed %016" PRIx64 " start %" PRIu64 "%s\n",
	    format == FORMAT_GREPABLE ? "grepable" : "normal", p->config.seed,
	    p->config.start, keyed ? " keyed" : "");
	buf_text(b, lines->text);
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
journal_resumed(const struct totals *t, const struct buffer *lines, struct buffer *b)
{
	buf_text(b, lines->text);
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
			buf_add(b, "%s %u/tcp", nopen++ == 0 ? ", listening:" : "",
			    h->port[i].port);
	buf_text(b, "\n");
}

void
journal_failed(const struct msg_namefailed *f, struct buffer *b)
{
	buf_add(b, FAILED_NAME "%s\": %s\n", f->name, lookup_names[f->lookup]);
}

void
journal_uncertain(const struct host *h, struct buffer *b)
{
	char	 ip[ADDR_TEXT];

	buf_add(b, NOTE_UNCERTAIN "%s coverage ", addr_text(&h->h.addr, ip));
	view_percent(h->h.coverage, b);
	buf_text(b, "\n");
}

void
journal_nameless(const struct host *h, struct buffer *b)
{
	char	 ip[ADDR_TEXT];

	buf_add(b, NOTE_NAME "%s %s\n", addr_text(&h->h.addr, ip),
	    lookup_names[h->h.rdns_lookup]);
}

void
journal_counts(const struct msg_stats *s, struct buffer *b)
{
	if (s->sent == 0 && s->refused == 0)
		return;
	buf_text(b, OURS);
	view_counts(s, b);
	buf_add(b, "; pings %" PRIu64 ", ports %" PRIu64 "\n", s->pings, s->ports);
}

static void
add_asked(const struct msg_asked *m, struct buffer *b)
{
	char	 ip[ADDR_TEXT];

	buf_add(b, NOTE_ASKED "%" PRIu64 " quer%s of", m->queries, m->queries == 1 ? "y" : "ies");
	for (uint32_t i = 0; i < m->n; i++)
		buf_add(b, "%s %s", i == 0 ? "" : ",", addr_text(&m->server[i], ip));
	buf_add(b, "; answered %" PRIu64 ", failed %" PRIu64 ", timed out %" PRIu64 "\n",
	    m->answered, m->failed, m->timed_out);
}

void
journal_evidence(const struct msg_finish *f, const struct timespec *now, struct buffer *b)
{
	char	 text[TIME_TEXT];

	if (f->asked.n != 0)
		add_asked(&f->asked, b);
	buf_add(b, NOTE_END "%s exit %s\n", text_time(text, now), ending_names[f->ending]);
}

void
journal_converted(const struct buffer *notes, struct buffer *b)
{
	buf_add(b, "%s" NOTE_CONVERTED "from another log by postern " VERSION "\n", notes->text);
}

void
journal_footer(enum ending e, const struct totals *t, uint64_t now, uint64_t elapsed,
    struct buffer *b)
{
	buf_add(b, e == ENDING_COMPLETE ? "# Nmap done at " : "# postern stopped at ");
	view_ctime(now, b);
	if (e != ENDING_COMPLETE)
		buf_add(b, " (%s)", ending_names[e]);
	buf_text(b, " -- ");
	view_totals(t, elapsed, b);
	buf_text(b, "\n");
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
