/*
 * nmap's normal format, for people and for the programs that read it anyway.  Pure; its
 * input is the parent's, checked: names are host names, everything else is numbers.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "logger.h"
#include "services.h"

/* "name (address)", or the address alone. */
static void
add_name(const struct host *h, struct buffer *b)
{
	const char	*name = h->h.name[0] != '\0' ? h->h.name : h->h.rdns;
	char		 ip[ADDR_TEXT];

	addr_text(&h->h.addr, ip);
	if (name[0] != '\0')
		buf_add(b, "%s (%s)", name, ip);
	else
		buf_text(b, ip);
}

static void
add_reason(uint8_t reason, const struct addr *from, uint8_t ttl, struct buffer *b)
{
	char	 ip[ADDR_TEXT];

	buf_text(b, reason_names[reason]);
	if (from->family != FAMILY_NONE)
		buf_add(b, " from %s", addr_text(from, ip));
	if (ttl != 0)
		buf_add(b, " ttl %u", ttl);
}

/* Microseconds as seconds with two significant digits. */
static void
add_latency(uint32_t us, struct buffer *b)
{
	uint64_t	 v = (uint64_t)us * 10;		/* v / 10^decimals seconds */
	int		 decimals = 7;
	double		 seconds;

	for (; v >= 1000 && decimals > 1; decimals--)
		v /= 10;
	if (v >= 100) {
		v = (v + 5) / 10;
		decimals--;
	}
	seconds = (double)v;
	for (int i = 0; i < decimals; i++)
		seconds /= 10;
	buf_add(b, " (%.*fs latency)", decimals, seconds);
}

static void
add_up(const struct plan *p, const struct host *h, struct buffer *b)
{
	buf_text(b, "Host is up");
	if ((p->config.flags & LOG_REASON) != 0) {
		buf_text(b, ", received ");
		add_reason(h->h.reason, &h->h.from, h->h.ttl, b);
	}
	if (h->h.srtt != 0)
		add_latency(h->h.srtt, b);
	buf_text(b, ".\n");
}

static void
add_names(const struct host *h, struct buffer *b)
{
	char	 ip[ADDR_TEXT];

	if (h->nothers != 0)
		buf_add(b, "Other addresses for %s (not scanned):", h->h.name);
	for (uint32_t i = 0; i < h->nothers; i++)
		buf_add(b, " %s%s", addr_text(&h->other[i], ip),
		    i + 1 == h->nothers ? "\n" : "");
	if (h->h.name[0] != '\0' && h->h.rdns[0] != '\0' && strcmp(h->h.name, h->h.rdns) != 0)
		buf_add(b, "rDNS record for %s: %s\n", addr_text(&h->h.addr, ip), h->h.rdns);
}

/* "148 closed tcp ports (reset), ...": the ports of one state, by reason. */
static void
add_reasons(const struct view *v, unsigned int state, const char *lead, struct buffer *b)
{
	uint32_t	 reasons[REASON_COUNT], n;
	unsigned int	 reason;

	memcpy(reasons, v->reasons[state], sizeof(reasons));
	while ((n = view_largest(reasons, REASON_COUNT, &reason)) != 0) {
		buf_add(b, "%s%u %s tcp port%s (%s)", lead, n, port_state_names[state],
		    n == 1 ? "" : "s", reason_names[reason]);
		lead = ", ";
	}
}

/* What is not listed; an empty line when everything is. */
static void
add_not_shown(const struct view *v, struct buffer *b)
{
	uint32_t	 states[PORT_STATE_COUNT];
	unsigned int	 state;
	const char	*lead = "Not shown: ";

	for (unsigned int s = 0; s < PORT_STATE_COUNT; s++)
		states[s] = v->ignored[s] ? v->count[s] : 0;
	while (view_largest(states, PORT_STATE_COUNT, &state) != 0) {
		add_reasons(v, state, lead, b);
		lead = ", ";
	}
	buf_text(b, "\n");
}

struct widths {
	int	 port;
	int	 state;
	int	 service;	/* 0: the last column, not padded */
};

static void
widen(int *width, const char *text)
{
	int	 len = (int)strlen(text);

	if (len > *width)
		*width = len;
}

static void
port_text(const struct port_entry *e, char buf[sizeof("65535/tcp")])
{
	snprintf(buf, sizeof("65535/tcp"), "%u/tcp", e->port);
}

static struct widths
table_widths(const struct view *v, bool reasons)
{
	struct widths	 w = { sizeof("PORT") - 1, sizeof("STATE") - 1, 0 };
	char		 port[sizeof("65535/tcp")];

	if (reasons)
		widen(&w.service, "SERVICE");
	for (uint32_t i = 0; i < v->nshown; i++) {
		const struct port_entry	*e = &v->shown[i];

		port_text(e, port);
		widen(&w.port, port);
		widen(&w.state, port_state_names[e->state]);
		if (reasons)
			widen(&w.service, service_name(e->proto, e->port));
	}
	return (w);
}

static void
add_table(const struct view *v, bool reasons, struct buffer *b)
{
	struct widths	 w = table_widths(v, reasons);
	char		 port[sizeof("65535/tcp")];

	buf_add(b, "%-*s %-*s %-*s%s\n", w.port, "PORT", w.state, "STATE",
	    w.service, "SERVICE", reasons ? " REASON" : "");
	for (uint32_t i = 0; i < v->nshown; i++) {
		const struct port_entry	*e = &v->shown[i];

		port_text(e, port);
		buf_add(b, "%-*s %-*s %-*s", w.port, port, w.state,
		    port_state_names[e->state], w.service, service_name(e->proto, e->port));
		if (reasons) {
			buf_text(b, " ");
			add_reason(e->reason, &e->from, e->ttl, b);
		}
		buf_text(b, "\n");
	}
}

static void
add_ports(const struct plan *p, const struct host *h, const struct view *v, struct buffer *b)
{
	if (v->nshown == 0) {
		buf_add(b, "%s %u scanned port%s on ", v->total == 1 ? "The" : "All",
		    v->total, v->total == 1 ? "" : "s");
		add_name(h, b);
		buf_add(b, " %s in ignored states.\n", v->total == 1 ? "is" : "are");
	}
	add_not_shown(v, b);
	if (v->nshown != 0)
		add_table(v, (p->config.flags & LOG_REASON) != 0, b);
}

static void
add_down(const struct plan *p, const struct host *h, struct buffer *b)
{
	buf_text(b, "Nmap scan report for ");
	add_name(h, b);
	buf_text(b, " [host down");
	if ((p->config.flags & LOG_REASON) != 0) {
		buf_text(b, ", received ");
		add_reason(h->h.reason, &h->h.from, 0, b);
	}
	buf_text(b, "]\n");
}

/* What the ports, if any were asked, said of a host that is up. */
static void
add_findings(const struct plan *p, const struct host *h, const struct view *v, struct buffer *b)
{
	char		 ip[ADDR_TEXT];
	const uint8_t	*mac = h->h.mac;

	if (v->total != 0)
		add_ports(p, h, v, b);
	if ((h->h.flags & HOST_HAS_MAC) != 0)
		buf_add(b, "MAC Address: %02X:%02X:%02X:%02X:%02X:%02X (Unknown)\n",
		    mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	if (h->h.outcome == OUTCOME_TIMED_OUT)
		buf_add(b, "Skipping host %s due to host timeout\n",
		    addr_text(&h->h.addr, ip));
}

static void
add_uncertain(const struct host *h, struct buffer *b)
{
	buf_text(b, "Some answers may be missing: about ");
	view_percent(h->h.coverage, b);
	buf_text(b, " of them came.\n");
}

void
normal_host(const struct plan *p, const struct host *h, const struct view *v,
    enum format format, struct buffer *b)
{
	if (v->hidden || (h->h.state == HOST_DOWN && p->config.verbosity == 0))
		return;
	if (h->h.state == HOST_DOWN) {
		add_down(p, h, b);
		return;
	}
	buf_text(b, "Nmap scan report for ");
	add_name(h, b);
	buf_text(b, "\n");
	if (h->h.state == HOST_UP)
		add_up(p, h, b);
	add_names(h, b);
	add_findings(p, h, v, b);
	if (format == FORMAT_REPORT && view_uncertain(p, h))
		add_uncertain(h, b);
	if (format == FORMAT_REPORT && p->config.verbosity != 0 && view_nameless(h))
		buf_add(b, "Whether it has a name is not known: %s.\n",
		    lookup_names[h->h.rdns_lookup]);
	if (h->h.outcome == OUTCOME_PARTIAL)
		buf_text(b, "Not finished: the scan was interrupted.\n");
	if (v->total != 0)
		buf_text(b, "\n");
}

void
normal_start(uint64_t now, struct buffer *b)
{
	time_t		 t = (time_t)now;
	struct tm	 tm;

	if (localtime_r(&t, &tm) == NULL)
		fatalx("%" PRIu64 " is no time", now);
	buf_add(b, "Starting postern %s at %04d-%02d-%02d %02d:%02d %s\n", VERSION,
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_zone);
}

void
normal_finish(enum ending e, const struct totals *t, uint64_t elapsed, struct buffer *b)
{
	if (e == ENDING_COMPLETE)
		buf_text(b, "postern done: ");
	else
		buf_add(b, "postern stopped early (%s): ", ending_names[e]);
	view_totals(t, elapsed, b);
	buf_text(b, "\n");
}

void
normal_counts(const struct msg_stats *s, struct buffer *b)
{
	if (s->sent == 0 && s->refused == 0)
		return;
	buf_text(b, "Packets: ");
	view_counts(s, b);
	buf_text(b, "\n");
}
