/*
 * What of a host is shown: nmap's rules for which ports are listed and which are only
 * counted, and the words that formats share.  Pure but for the time zone; its input is the
 * parent's, checked.
 */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "logger.h"

static _Noreturn void
too_long(const struct buffer *b)
{
	fatalx("a record of a log is longer than %zu bytes", b->size);
}

void
buf_add(struct buffer *b, const char *fmt, ...)
{
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(b->text + b->len, b->size - b->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= b->size - b->len)
		too_long(b);
	b->len += (size_t)n;
}

void
buf_text(struct buffer *b, const char *text)
{
	size_t	 len = strlen(text);

	if (len >= b->size - b->len)
		too_long(b);
	memcpy(b->text + b->len, text, len + 1);
	b->len += len;
}

bool
plan_has(const struct plan *p, uint16_t port)
{
	return ((p->bits[port / 8] >> port % 8 & 1) != 0);
}

void
plan_ports(struct plan *p)
{
	p->nports = 0;
	for (uint32_t port = 0; port < PORT_BITS; port++)
		if (plan_has(p, (uint16_t)port))
			p->port[p->nports++] = (uint16_t)port;
}

static void
count(struct view *v, uint8_t state, uint8_t reason, uint32_t n)
{
	v->count[state] += n;
	v->reasons[state][reason] += n;
	v->total += n;
}

/* Open, as far as anybody can tell: what --open is about. */
static bool
may_be_open(unsigned int state)
{
	return (state == PORT_OPEN || state == PORT_OPEN_FILTERED || state == PORT_UNFILTERED);
}

static bool
is_ignored(const struct plan *p, unsigned int state, uint32_t n)
{
	if ((p->config.flags & LOG_OPEN) != 0)
		return (n != 0 && !may_be_open(state));
	return (state != PORT_OPEN && n > 25 * (p->config.verbosity + 1U));
}

static void
show(struct view *v, const struct port_entry *e)
{
	if (e->state == PORT_UNKNOWN)
		return;
	if (!v->ignored[e->state])
		v->shown[v->nshown++] = *e;
	else
		v->unseen[v->nunseen++] = (struct unseen_port){ e->port, e->state, e->reason };
}

void
view_host(const struct plan *p, const struct host *h, struct view *v)
{
	struct port_entry	 rest = {
		.proto = PROTO_TCP, .state = h->h.rest_state, .reason = h->h.rest_reason
	};
	uint32_t		 next = 0;

	/* Silence is no answer yet, and of a host that is not up none at all. */
	if (h->h.outcome != OUTCOME_COMPLETE || h->h.state != HOST_UP)
		rest.state = PORT_UNKNOWN;
	v->total = v->nshown = v->nunseen = 0;
	memset(v->count, 0, sizeof(v->count));
	memset(v->reasons, 0, sizeof(v->reasons));

	for (uint32_t i = 0; i < h->nports; i++)
		count(v, h->port[i].state, h->port[i].reason, 1);
	if (rest.state != PORT_UNKNOWN)
		count(v, rest.state, rest.reason, p->nports - h->nports);
	for (unsigned int s = 0; s < PORT_STATE_COUNT; s++)
		v->ignored[s] = is_ignored(p, s, v->count[s]);

	for (uint32_t i = 0; i < p->nports; i++) {
		rest.port = p->port[i];
		if (next < h->nports && h->port[next].port == rest.port)
			show(v, &h->port[next++]);
		else
			show(v, &rest);
	}
	v->hidden = (p->config.flags & LOG_OPEN) != 0 && p->config.port_kind != PROBE_NONE &&
	    h->h.outcome == OUTCOME_COMPLETE && v->nshown == 0;
}

uint32_t
view_largest(uint32_t *counts, unsigned int n, unsigned int *whose)
{
	unsigned int	 best = 0;
	uint32_t	 most;

	for (unsigned int i = 2; i < n + 2; i++)
		if (counts[i % n] > counts[best])
			best = i % n;
	most = counts[best];
	counts[best] = 0;
	*whose = best;
	return (most);
}

void
view_ranges(const uint16_t *port, uint32_t n, struct buffer *b)
{
	const char	*lead = "";

	for (uint32_t i = 0; i < n; i++) {
		uint32_t	 last = i;

		while (last + 1 < n && port[last + 1] == port[last] + 1)
			last++;
		buf_add(b, "%s%u", lead, port[i]);
		if (last != i)
			buf_add(b, "-%u", port[last]);
		lead = ",";
		i = last;
	}
}

void
view_unseen(const struct view *v, unsigned int state, unsigned int reason, struct buffer *b)
{
	uint16_t	 port[PORT_BITS];
	uint32_t	 n = 0;

	for (uint32_t i = 0; i < v->nunseen; i++)
		if (v->unseen[i].state == state && v->unseen[i].reason == reason)
			port[n++] = v->unseen[i].port;
	view_ranges(port, n, b);
}

void
view_ctime(uint64_t when, struct buffer *b)
{
	time_t		 t = (time_t)when;
	struct tm	 tm;
	char		 text[26];

	if (localtime_r(&t, &tm) == NULL || asctime_r(&tm, text) == NULL)
		fatalx("%" PRIu64 " is no time", when);
	buf_add(b, "%.24s", text);
}

void
view_seconds(uint64_t elapsed, struct buffer *b)
{
	uint64_t	 hundredths = (elapsed + 5000) / 10000;

	buf_add(b, "%" PRIu64 ".%02" PRIu64, hundredths / 100, hundredths % 100);
}

void
view_totals(const struct totals *t, uint64_t elapsed, struct buffer *b)
{
	buf_add(b, "%" PRIu64 " IP address%s (%" PRIu64 " host%s up) scanned in ",
	    t->hosts, t->hosts == 1 ? "" : "es", t->up, t->up == 1 ? "" : "s");
	view_seconds(elapsed, b);
	buf_text(b, " seconds");
}

bool
view_nameless(const struct host *h)
{
	switch (h->h.rdns_lookup) {
	case LOOKUP_SERVER_FAILED:
	case LOOKUP_REFUSED:
	case LOOKUP_TIMED_OUT:
	case LOOKUP_NO_SERVER:
		return (true);
	default:
		return (false);
	}
}

bool
view_uncertain(const struct plan *p, const struct host *h)
{
	return (p->config.port_kind != PROBE_NONE && h->h.state == HOST_UP &&
	    h->h.coverage < UNCERTAIN);
}

void
view_percent(uint32_t hundredths, struct buffer *b)
{
	buf_add(b, "%u.%02u %%", hundredths / 100, hundredths % 100);
}

void
view_counts(const struct msg_stats *s, struct buffer *b)
{
	buf_add(b, "sent %" PRIu64 ", refused %" PRIu64 ", full %" PRIu64 ", received %" PRIu64
	    ", dropped %" PRIu64 ", invalid %" PRIu64 ", late %" PRIu64 "; canaries %" PRIu64
	    ", lost %" PRIu64 "; estimated loss ", s->sent, s->refused, s->full, s->received,
	    s->dropped, s->invalid, s->late, s->canaries, s->lost);
	view_percent((s->loss + 50) / 100, b);
}
