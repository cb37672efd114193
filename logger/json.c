/*
 * JSON lines, for programs that are written today: an object a line, as postern.schema.json
 * has it.  Pure; its input is the parent's, checked, but what a user or a name server wrote is
 * encoded here as if it were not.
 */

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "logger.h"
#include "services.h"

/* RFC 8259, section 7; what is not printable ASCII stands in it as \xHH, backslash included. */
static void
add_text(const char *s, struct buffer *b)
{
	for (; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			buf_add(b, "\\\\x%02x", (unsigned int)(unsigned char)*s);
		else
			buf_add(b, "%s%c", *s == '"' || *s == '\\' ? "\\" : "", *s);
}

/* Members, all but the first of their object. */
static void
add_string(const char *member, const char *value, struct buffer *b)
{
	buf_add(b, ",\"%s\":\"", member);
	add_text(value, b);
	buf_text(b, "\"");
}

static void
add_number(const char *member, uint64_t n, struct buffer *b)
{
	buf_add(b, ",\"%s\":%" PRIu64, member, n);
}

static void
add_addr(const char *member, const struct addr *a, struct buffer *b)
{
	char	 ip[ADDR_TEXT];

	buf_add(b, ",\"%s\":\"%s\"", member, addr_text(a, ip));
}

/* RFC 3339, in UTC. */
static void
add_time(uint64_t when, struct buffer *b)
{
	time_t		 t = (time_t)when;
	struct tm	 tm;

	if (gmtime_r(&t, &tm) == NULL)
		fatalx("%" PRIu64 " is no time", when);
	buf_add(b, ",\"time\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\"", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static const char *
scan_name(const struct plan *p)
{
	if (p->config.port_kind != PROBE_NONE)
		return ("syn");
	return ((p->config.flags & LOG_LIST_ONLY) != 0 ? "list" : "ping");
}

void
json_start(const struct plan *p, const struct buffer *args, struct buffer *b)
{
	buf_text(b, "{\"record\":\"start\",\"scanner\":\"postern\",\"version\":\"" VERSION "\"");
	add_time(p->config.start, b);
	add_string("args", args->text, b);
	add_string("scan", scan_name(p), b);
	buf_add(b, ",\"seed\":\"%016" PRIx64 "\"", p->config.seed);
	add_number("port_count", p->nports, b);
	buf_text(b, ",\"ports\":\"");
	view_ranges(p->port, p->nports, b);
	buf_text(b, "\"}\n");
}

static void
add_hostname(const char *name, const char *type, const char *lead, struct buffer *b)
{
	buf_add(b, "%s{\"name\":\"", lead);
	add_text(name, b);
	buf_add(b, "\",\"type\":\"%s\"}", type);
}

static void
add_hostnames(const struct host *h, struct buffer *b)
{
	bool	 typed = h->h.name[0] != '\0';

	buf_text(b, ",\"hostnames\":[");
	if (typed)
		add_hostname(h->h.name, "user", "", b);
	if (h->h.rdns[0] != '\0')
		add_hostname(h->h.rdns, "PTR", typed ? "," : "", b);
	buf_text(b, "]");
}

/* Why a host or a port is said to be so; who said it only if it was another. */
static void
add_reason(uint8_t reason, uint8_t ttl, const struct addr *from, struct buffer *b)
{
	add_string("reason", reason_names[reason], b);
	if (ttl != 0)
		add_number("ttl", ttl, b);
	if (from->family != FAMILY_NONE)
		add_addr("from", from, b);
}

/* What is known of it besides. */
static void
add_facts(const struct host *h, struct buffer *b)
{
	const uint8_t	*mac = h->h.mac;
	char		 ip[ADDR_TEXT];

	if (h->h.srtt != 0)
		add_number("rtt_us", h->h.srtt, b);
	if ((h->h.flags & HOST_HAS_MAC) != 0)
		buf_add(b, ",\"mac\":\"%02X:%02X:%02X:%02X:%02X:%02X\"", mac[0], mac[1],
		    mac[2], mac[3], mac[4], mac[5]);
	for (uint32_t i = 0; i < h->nothers; i++)
		buf_add(b, "%s\"%s\"%s", i == 0 ? ",\"other_addresses\":[" : ",",
		    addr_text(&h->other[i], ip), i + 1 == h->nothers ? "]" : "");
}

static void
add_ports(const struct view *v, struct buffer *b)
{
	buf_text(b, ",\"ports\":[");
	for (uint32_t i = 0; i < v->nshown; i++) {
		const struct port_entry	*e = &v->shown[i];

		buf_add(b, "%s{\"port\":%u,\"protocol\":\"tcp\"", i == 0 ? "" : ",", e->port);
		add_string("state", port_state_names[e->state], b);
		add_reason(e->reason, e->ttl, &e->from, b);
		add_string("service", service_name(e->proto, e->port), b);
		buf_text(b, "}");
	}
	buf_text(b, "]");
}

/* The ports that are only counted: the largest state first, and of it the largest reason. */
static void
add_not_shown(const struct view *v, struct buffer *b)
{
	uint32_t	 states[PORT_STATE_COUNT], reasons[REASON_COUNT], n;
	unsigned int	 state, reason;
	const char	*lead = "";

	for (unsigned int s = 0; s < PORT_STATE_COUNT; s++)
		states[s] = v->ignored[s] ? v->count[s] : 0;
	buf_text(b, ",\"not_shown\":[");
	while (view_largest(states, PORT_STATE_COUNT, &state) != 0) {
		memcpy(reasons, v->reasons[state], sizeof(reasons));
		while ((n = view_largest(reasons, REASON_COUNT, &reason)) != 0) {
			buf_add(b, "%s{\"count\":%u,\"ports\":\"", lead, n);
			view_unseen(v, state, reason, b);
			buf_text(b, "\"");
			add_string("state", port_state_names[state], b);
			add_string("reason", reason_names[reason], b);
			buf_text(b, "}");
			lead = ",";
		}
	}
	buf_text(b, "]");
}

void
json_host(const struct plan *p, const struct host *h, const struct view *v, struct buffer *b)
{
	if (v->hidden || (h->h.state == HOST_DOWN && p->config.verbosity == 0))
		return;
	buf_text(b, "{\"record\":\"host\"");
	add_addr("ip", &h->h.addr, b);
	add_hostnames(h, b);
	if (view_nameless(h))
		add_string("rdns", lookup_names[h->h.rdns_lookup], b);
	add_string("state", host_state_names[h->h.state], b);
	add_reason(h->h.reason, h->h.ttl, &h->h.from, b);
	add_facts(h, b);
	add_ports(v, b);
	add_not_shown(v, b);
	add_string("outcome", outcome_names[h->h.outcome], b);
	if (v->total != 0 && h->h.outcome != OUTCOME_PARTIAL)
		buf_add(b, ",\"coverage\":%u.%04u", h->h.coverage / COVERAGE_ALL,
		    h->h.coverage % COVERAGE_ALL);
	buf_text(b, "}\n");
}

void
json_failed(const struct msg_namefailed *f, struct buffer *b)
{
	buf_text(b, "{\"record\":\"name-failed\"");
	add_string("name", f->name, b);
	add_string("reason", lookup_names[f->lookup], b);
	buf_text(b, "}\n");
}

static void
add_packets(const struct msg_stats *s, struct buffer *b)
{
	buf_add(b, ",\"packets\":{\"sent\":%" PRIu64, s->sent);
	add_number("pings", s->pings, b);
	add_number("ports", s->ports, b);
	add_number("refused", s->refused, b);
	add_number("full", s->full, b);
	add_number("received", s->received, b);
	add_number("dropped", s->dropped, b);
	add_number("invalid", s->invalid, b);
	add_number("late", s->late, b);
	add_number("canaries", s->canaries, b);
	add_number("lost", s->lost, b);
	buf_add(b, ",\"loss\":%u.%06u}", s->loss / 1000000, s->loss % 1000000);
}

static void
add_names(const struct msg_asked *m, struct buffer *b)
{
	char	 ip[ADDR_TEXT];

	buf_text(b, ",\"names\":{\"servers\":[");
	for (uint32_t i = 0; i < m->n; i++)
		buf_add(b, "%s\"%s\"", i == 0 ? "" : ",", addr_text(&m->server[i], ip));
	buf_text(b, "]");
	add_number("queries", m->queries, b);
	add_number("answered", m->answered, b);
	add_number("failed", m->failed, b);
	add_number("timed_out", m->timed_out, b);
	buf_text(b, "}");
}

void
json_end(const struct msg_finish *m, const struct totals *t, uint64_t now, uint64_t elapsed,
    struct buffer *b)
{
	const struct msg_stats	*s = &m->stats;

	buf_text(b, "{\"record\":\"end\"");
	add_time(now, b);
	buf_add(b, ",\"elapsed\":%" PRIu64 ".%06" PRIu64, elapsed / 1000000, elapsed % 1000000);
	add_string("ending", ending_names[m->ending], b);
	add_number("hosts_total", t->hosts, b);
	add_number("hosts_up", t->up, b);
	add_number("hosts_down", t->hosts - t->up, b);
	if (s->sent != 0 || s->refused != 0)	/* else nothing was, or nobody knows */
		add_packets(s, b);
	if (m->asked.n != 0)
		add_names(&m->asked, b);
	buf_text(b, "}\n");
}
