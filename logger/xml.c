/*
 * nmap's XML, for the many programs that read it.  Pure; its input is the parent's, checked,
 * but what a user or a name server wrote is encoded here as if it were not.
 */

#include <inttypes.h>
#include <string.h>

#include "logger.h"
#include "services.h"

/* Of the command line: readers bound an attribute, libxml2 at ten million bytes. */
#define ARGS_SHOWN	((size_t)1 << 20)

/*
 * At most size bytes of a text, for an attribute or a comment.  XML 1.0 (2.2) has no way to
 * write most control bytes; a comment (2.5) ends at the second of two hyphens.
 */
static void
add_text(const char *s, size_t size, struct buffer *b)
{
	static const char *const	 references['~' + 1] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;",
		['\''] = "&apos;"
	};
	unsigned char			 c, before = '\0';

	for (size_t i = 0; i < size && s[i] != '\0'; i++) {
		c = (unsigned char)s[i];
		if (c < ' ' || c > '~')
			buf_add(b, "\\x%02x", c);
		else if (references[c] != NULL)
			buf_text(b, references[c]);
		else if (c == '-' && before == '-')
			buf_text(b, "&#45;");
		else
			buf_add(b, "%c", c);
		before = c;
	}
}

static void
add_args(const struct buffer *args, struct buffer *b)
{
	buf_text(b, " args=\"");
	add_text(args->text, ARGS_SHOWN, b);
	buf_add(b, "%s\"", args->len > ARGS_SHOWN ? " ..." : "");
}

static void
add_scaninfo(const struct plan *p, struct buffer *b)
{
	buf_add(b, "<scaninfo type=\"syn\" protocol=\"tcp\" numservices=\"%u\" services=\"",
	    p->nports);
	view_ranges(p->port, p->nports, b);
	buf_text(b, "\"/>\n");
}

void
xml_start(const struct plan *p, const struct buffer *args, struct buffer *b)
{
	buf_text(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE nmaprun>\n"
	    "<nmaprun scanner=\"nmap\"");
	add_args(args, b);
	buf_add(b, " start=\"%" PRIu64 "\" startstr=\"", p->config.start);
	view_ctime(p->config.start, b);
	buf_text(b, "\" version=\"7.93\" xmloutputversion=\"1.05\">\n"
	    "<!-- Written by postern " VERSION ", compatible with nmap 7.93. -->\n");
	if (p->config.port_kind != PROBE_NONE)
		add_scaninfo(p, b);
	buf_add(b, "<verbose level=\"%u\"/>\n<debugging level=\"0\"/>\n", p->config.verbosity);
}

static void
add_addresses(const struct host *h, struct buffer *b)
{
	const uint8_t	*mac = h->h.mac;
	char		 ip[ADDR_TEXT];

	buf_add(b, "<address addr=\"%s\" addrtype=\"ipv%u\"/>\n", addr_text(&h->h.addr, ip),
	    h->h.addr.family);
	if ((h->h.flags & HOST_HAS_MAC) != 0)
		buf_add(b, "<address addr=\"%02X:%02X:%02X:%02X:%02X:%02X\" addrtype=\"mac\"/>\n",
		    mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void
add_hostname(const char *name, const char *type, struct buffer *b)
{
	if (name[0] == '\0')
		return;
	buf_text(b, "<hostname name=\"");
	add_text(name, NAME_MAX_TEXT, b);
	buf_add(b, "\" type=\"%s\"/>\n", type);
}

/* Never an empty-element tag: node-nmap dies of it. */
static void
add_hostnames(const struct host *h, struct buffer *b)
{
	buf_text(b, "<hostnames>\n");
	add_hostname(h->h.name, "user", b);
	add_hostname(h->h.rdns, "PTR", b);
	buf_text(b, "</hostnames>\n");
}

/* The ports of one state that are only counted. */
static void
add_extraports(const struct view *v, unsigned int state, uint32_t count, struct buffer *b)
{
	uint32_t	 reasons[REASON_COUNT], n;
	unsigned int	 reason;

	buf_add(b, "<extraports state=\"%s\" count=\"%u\">\n", port_state_names[state], count);
	memcpy(reasons, v->reasons[state], sizeof(reasons));
	while ((n = view_largest(reasons, REASON_COUNT, &reason)) != 0) {
		buf_add(b, "<extrareasons reason=\"%s\" count=\"%u\" proto=\"tcp\" ports=\"",
		    reason_names[reason], n);
		view_unseen(v, state, reason, b);
		buf_text(b, "\"/>\n");
	}
	buf_text(b, "</extraports>\n");
}

/* A service for every port, be it unknown: node-nmap dies without. */
static void
add_port(const struct port_entry *e, struct buffer *b)
{
	char	 ip[ADDR_TEXT];

	buf_add(b, "<port protocol=\"tcp\" portid=\"%u\">"
	    "<state state=\"%s\" reason=\"%s\" reason_ttl=\"%u\"", e->port,
	    port_state_names[e->state], reason_names[e->reason], e->ttl);
	if (e->from.family != FAMILY_NONE)
		buf_add(b, " reason_ip=\"%s\"", addr_text(&e->from, ip));
	buf_add(b, "/><service name=\"%s\" method=\"table\" conf=\"3\"/></port>\n",
	    service_name(e->proto, e->port));
}

/* What follows <ports> has to stand on the same line: ncrack reads no further. */
static void
add_ports(const struct view *v, struct buffer *b)
{
	uint32_t	 states[PORT_STATE_COUNT], n;
	unsigned int	 state;

	for (unsigned int s = 0; s < PORT_STATE_COUNT; s++)
		states[s] = v->ignored[s] ? v->count[s] : 0;
	buf_text(b, "<ports>");
	while ((n = view_largest(states, PORT_STATE_COUNT, &state)) != 0)
		add_extraports(v, state, n, b);
	for (uint32_t i = 0; i < v->nshown; i++)
		add_port(&v->shown[i], b);
	buf_text(b, "</ports>\n");
}

/* Without it, and its line end, ncrack takes the next host's ports for this one's. */
static void
add_no_ports(struct buffer *b)
{
	buf_text(b, "<ports>\n</ports>\n");
}

/* The variance and the time-out are not told to us; -1 is how nmap writes what it never knew. */
static void
add_times(const struct host *h, struct buffer *b)
{
	if (h->h.srtt != 0)
		buf_add(b, "<times srtt=\"%u\" rttvar=\"-1\" to=\"-1\"/>\n", h->h.srtt);
}

/* What nmap has no element for. */
static void
add_comments(const struct plan *p, const struct host *h, struct buffer *b)
{
	if (view_uncertain(p, h)) {
		buf_text(b, "<!-- Some answers may be missing: about ");
		view_percent(h->h.coverage, b);
		buf_text(b, " of them came. -->\n");
	}
	if (view_nameless(h))
		buf_add(b, "<!-- Whether it has a name is not known: %s. -->\n",
		    lookup_names[h->h.rdns_lookup]);
	if (h->h.outcome == OUTCOME_PARTIAL)
		buf_text(b, "<!-- Not finished: the scan was interrupted. -->\n");
}

void
xml_host(const struct plan *p, const struct host *h, const struct view *v, struct buffer *b)
{
	if (v->hidden || (h->h.state == HOST_DOWN && p->config.verbosity == 0))
		return;
	buf_add(b, "<host%s><status state=\"%s\" reason=\"%s\" reason_ttl=\"%u\"/>\n",
	    h->h.outcome == OUTCOME_TIMED_OUT ? " timedout=\"true\"" : "",
	    host_state_names[h->h.state], reason_names[h->h.reason], h->h.ttl);
	add_addresses(h, b);
	add_hostnames(h, b);
	if (h->h.state == HOST_UP && v->total != 0)
		add_ports(v, b);
	else if (p->config.port_kind != PROBE_NONE)
		add_no_ports(b);
	add_times(h, b);
	add_comments(p, h, b);
	buf_text(b, "</host>\n");
}

void
xml_failed(const struct msg_namefailed *f, struct buffer *b)
{
	buf_text(b, "<!-- Failed to resolve \"");
	add_text(f->name, sizeof(f->name), b);
	buf_add(b, "\": %s -->\n", lookup_names[f->lookup]);
}

static void
add_finished(enum ending e, const struct totals *t, uint64_t now, uint64_t elapsed,
    struct buffer *b)
{
	buf_add(b, "<finished time=\"%" PRIu64 "\" timestr=\"", now);
	view_ctime(now, b);
	buf_add(b, "\" summary=\"%s at ", e == ENDING_COMPLETE ? "Nmap done" : "postern stopped");
	view_ctime(now, b);
	buf_text(b, "; ");
	view_totals(t, elapsed, b);
	buf_text(b, "\" elapsed=\"");
	view_seconds(elapsed, b);
	if (e == ENDING_COMPLETE)
		buf_text(b, "\" exit=\"success\"/>");
	else
		buf_add(b, "\" exit=\"error\" errormsg=\"%s\"/>", ending_names[e]);
}

void
xml_end(enum ending e, const struct totals *t, uint64_t now, uint64_t elapsed, struct buffer *b)
{
	buf_text(b, "<runstats>");
	add_finished(e, t, now, elapsed, b);
	buf_add(b, "<hosts up=\"%" PRIu64 "\" down=\"%" PRIu64 "\" total=\"%" PRIu64 "\"/>\n"
	    "</runstats>\n</nmaprun>\n", t->up, t->hosts - t->up, t->hosts);
}
