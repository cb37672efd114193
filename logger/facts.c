/*
 * All that is known of a host in one line, for --resume and --convert.  Pure.  What is written
 * is the parent's, checked.  What is read may have been written by anyone: facts_parse() takes
 * what facts_add() writes and nothing else.
 *
 *	WORD ADDR NAME STATE REASON TTL FROM SRTT MAC PROGRESS COVERAGE REST REASON LOOKUP RDNS
 *	OTHERS PORTS
 *
 * PROGRESS is the outcome or, of a host under way, PASS:CURSOR; OTHERS are addresses, PORTS are
 * ranges, rising and each as long as it can be, FIRST[-LAST]:STATE:REASON:TTL[@FROM], both with
 * commas between.  What is not there is "-"; but a name is ".", for "-" is one.
 */

#include <string.h>

#include "logger.h"

#define S(id, name)	name,
static const char *const	 host_words[HOST_STATE_COUNT] = { HOST_STATES(S) };
#undef S
static const char *const	 outcome_words[OUTCOME_COUNT] = {
	[OUTCOME_COMPLETE] = "complete", [OUTCOME_TIMED_OUT] = "timed-out"
};
static const char *const	 lookup_words[LOOKUP_COUNT] = {
	[LOOKUP_NONE] = "-", [LOOKUP_FOUND] = "found", [LOOKUP_NOT_FOUND] = "not-found",
	[LOOKUP_SERVER_FAILED] = "server-failed", [LOOKUP_REFUSED] = "refused",
	[LOOKUP_TIMED_OUT] = "timed-out", [LOOKUP_BAD_NAME] = "bad-name",
	[LOOKUP_NO_SERVER] = "no-server"
};

/* Short, and none of them "open": who looks for that in a grepable log finds ports only. */
static const char *const	 port_words[PORT_STATE_COUNT] = {
	[PORT_UNKNOWN] = "-", [PORT_OPEN] = "o", [PORT_CLOSED] = "c", [PORT_FILTERED] = "f",
	[PORT_UNFILTERED] = "u", [PORT_OPEN_FILTERED] = "of", [PORT_CLOSED_FILTERED] = "cf"
};

static const char *
text_of(const struct addr *a, char buf[ADDR_TEXT])
{
	return (a->family == FAMILY_NONE ? "-" : addr_text(a, buf));
}

static const char *
name_or_dot(const char *name)
{
	return (name[0] == '\0' ? "." : name);
}

static void
add_mac(const struct msg_host *m, struct buffer *b)
{
	if ((m->flags & HOST_HAS_MAC) == 0)
		buf_text(b, " -");
	for (size_t i = 0; i < sizeof(m->mac) && (m->flags & HOST_HAS_MAC) != 0; i++)
		buf_add(b, "%c%02x", i == 0 ? ' ' : ':', m->mac[i]);
}

static void
add_others(const struct host *h, struct buffer *b)
{
	char	 ip[ADDR_TEXT];

	if (h->nothers == 0)
		buf_text(b, " -");
	for (uint32_t i = 0; i < h->nothers; i++)
		buf_add(b, "%c%s", i == 0 ? ' ' : ',', addr_text(&h->other[i], ip));
}

/* Is b the port after a, and is the same known of both? */
static bool
goes_on(const struct port_entry *a, const struct port_entry *b)
{
	return (b->port == a->port + 1 && b->state == a->state && b->reason == a->reason &&
	    b->ttl == a->ttl && addr_equal(&b->from, &a->from));
}

/* The range that begins with this port; the number of the port behind it. */
static uint32_t
add_range(const struct host *h, uint32_t first, struct buffer *b)
{
	const struct port_entry	*e = &h->port[first];
	char			 ip[ADDR_TEXT];
	uint32_t		 next = first + 1;

	while (next < h->nports && goes_on(&h->port[next - 1], &h->port[next]))
		next++;
	buf_add(b, "%c%u", first == 0 ? ' ' : ',', e->port);
	if (next != first + 1)
		buf_add(b, "-%u", h->port[next - 1].port);
	buf_add(b, ":%s:%s:%u", port_words[e->state], reason_names[e->reason], e->ttl);
	if (e->from.family != FAMILY_NONE)
		buf_add(b, "@%s", addr_text(&e->from, ip));
	return (next);
}

static void
add_ports(const struct host *h, struct buffer *b)
{
	if (h->nports == 0)
		buf_text(b, " -");
	for (uint32_t i = 0; i < h->nports;)
		i = add_range(h, i, b);
}

void
facts_add(const struct host *h, struct buffer *b)
{
	const struct msg_host	*m = &h->h;
	char			 ip[ADDR_TEXT];

	buf_add(b, "%s%s %s", m->outcome == OUTCOME_PARTIAL ? FACTS_PART : FACTS_DONE,
	    addr_text(&m->addr, ip), name_or_dot(m->name));
	buf_add(b, " %s %s %u %s %u", host_words[m->state], reason_names[m->reason], m->ttl,
	    text_of(&m->from, ip), m->srtt);
	add_mac(m, b);
	if (m->outcome == OUTCOME_PARTIAL)
		buf_add(b, " %u:%u", m->pass, m->cursor);
	else
		buf_add(b, " %s", outcome_words[m->outcome]);
	buf_add(b, " %u %s %s %s %s", m->coverage, port_words[m->rest_state],
	    reason_names[m->rest_reason], lookup_words[m->rdns_lookup], name_or_dot(m->rdns));
	add_others(h, b);
	add_ports(h, b);
	buf_text(b, "\n");
}

/* The length of what lies before one of these bytes, or the end of the line. */
static size_t
word_length(const struct cursor *c, const char *ends)
{
	const char	*p = c->at;

	while (p < c->end && strchr(ends, *p) == NULL)	/* which finds NUL too */
		p++;
	return ((size_t)(p - c->at));
}

/* Copy the next word, if it fits, without going on; it is not empty. */
static bool
peek_word(const struct cursor *c, const char *ends, char *text, size_t size)
{
	size_t	 len = word_length(c, ends);

	if (len == 0 || len >= size)
		return (false);
	memcpy(text, c->at, len);
	text[len] = '\0';
	return (true);
}

/* One of the words of a table, of which some may be missing. */
static bool
eat_word(struct cursor *c, const char *const words[], uint8_t count, uint8_t *value)
{
	size_t	 len = word_length(c, " :,@");

	for (uint8_t i = 0; i < count; i++)
		if (words[i] != NULL && strncmp(words[i], c->at, len) == 0 &&
		    words[i][len] == '\0') {
			*value = i;
			c->at += len;
			return (true);
		}
	return (false);
}

static bool
eat_upto(struct cursor *c, uint32_t max, uint32_t *n)
{
	uint64_t	 number;

	if (!eat_number(c, &number) || number > max)
		return (false);
	*n = (uint32_t)number;
	return (true);
}

static bool
eat_byte(struct cursor *c, uint8_t max, uint8_t *n)
{
	uint32_t	 number;

	if (!eat_upto(c, max, &number))
		return (false);
	*n = (uint8_t)number;
	return (true);
}

static bool
eat_name(struct cursor *c, char name[NAME_MAX_TEXT])
{
	if (eat(c, "."))
		return (true);
	return (peek_word(c, " ", name, NAME_MAX_TEXT) && text_is_name(name) && eat(c, name));
}

static bool
eat_mac(struct cursor *c, struct msg_host *m)
{
	uint64_t	 byte;

	if (eat(c, "-"))
		return (true);
	m->flags = HOST_HAS_MAC;
	for (size_t i = 0; i < sizeof(m->mac); i++) {
		if ((i != 0 && !eat(c, ":")) || !eat_hex(c, 2, &byte))
			return (false);
		m->mac[i] = (uint8_t)byte;
	}
	return (true);
}

static bool
eat_progress(struct cursor *c, struct msg_host *m)
{
	if (m->outcome != OUTCOME_PARTIAL)
		return (eat_word(c, outcome_words, OUTCOME_COUNT, &m->outcome));
	return (eat_byte(c, PASS_MAX, &m->pass) && eat(c, ":") &&
	    eat_upto(c, PORT_BITS, &m->cursor));
}

static bool
eat_others(struct cursor *c, struct host *h)
{
	if (eat(c, "-"))
		return (true);
	do {
		if (h->nothers == ADDRESSES_MAX - 1 || !eat_addr(c, &h->other[h->nothers++]))
			return (false);
	} while (eat(c, ","));
	return (true);
}

/* Add the ports from first to last; false when the range before should have had them. */
static bool
take_range(struct host *h, uint32_t first, uint32_t last, struct port_entry e)
{
	const struct port_entry	*before = h->nports == 0 ? NULL : &h->port[h->nports - 1];

	e.port = (uint16_t)first;
	if (before != NULL && (e.port <= before->port || goes_on(before, &e)))
		return (false);
	for (uint32_t port = first; port <= last; port++) {
		e.port = (uint16_t)port;
		h->port[h->nports++] = e;
	}
	return (true);
}

static bool
eat_range(struct cursor *c, struct host *h)
{
	struct port_entry	 e = { .proto = PROTO_TCP };
	uint32_t		 first, last;

	if (!eat_upto(c, PORT_BITS - 1, &first))
		return (false);
	last = first;
	if (eat(c, "-") && (!eat_upto(c, PORT_BITS - 1, &last) || last <= first))
		return (false);
	if (!eat(c, ":") || !eat_word(c, port_words, PORT_STATE_COUNT, &e.state) ||
	    !eat(c, ":") || !eat_word(c, reason_names, REASON_COUNT, &e.reason) ||
	    !eat(c, ":") || !eat_byte(c, UINT8_MAX, &e.ttl) || e.state == PORT_UNKNOWN)
		return (false);
	if (eat(c, "@") && !eat_addr(c, &e.from))
		return (false);
	return (take_range(h, first, last, e));
}

static bool
eat_ports(struct cursor *c, struct host *h)
{
	if (eat(c, "-"))
		return (true);
	do {
		if (!eat_range(c, h))
			return (false);
	} while (eat(c, ","));
	return (true);
}

/* STATE REASON TTL FROM SRTT MAC */
static bool
eat_state(struct cursor *c, struct msg_host *m)
{
	return (eat_word(c, host_words, HOST_STATE_COUNT, &m->state) && eat(c, " ") &&
	    eat_word(c, reason_names, REASON_COUNT, &m->reason) && eat(c, " ") &&
	    eat_byte(c, UINT8_MAX, &m->ttl) && eat(c, " ") &&
	    (eat(c, "-") || eat_addr(c, &m->from)) && eat(c, " ") &&
	    eat_upto(c, UINT32_MAX, &m->srtt) && eat(c, " ") && eat_mac(c, m));
}

/* PROGRESS COVERAGE REST REASON */
static bool
eat_scan(struct cursor *c, struct msg_host *m)
{
	uint32_t	 coverage;

	if (!eat_progress(c, m) || !eat(c, " ") || !eat_upto(c, COVERAGE_ALL, &coverage))
		return (false);
	m->coverage = (uint16_t)coverage;
	return (eat(c, " ") &&
	    eat_word(c, port_words, PORT_STATE_COUNT, &m->rest_state) && eat(c, " ") &&
	    eat_word(c, reason_names, REASON_COUNT, &m->rest_reason));
}

/* LOOKUP RDNS */
static bool
eat_rdns(struct cursor *c, struct msg_host *m)
{
	return (eat_word(c, lookup_words, LOOKUP_COUNT, &m->rdns_lookup) && eat(c, " ") &&
	    eat_name(c, m->rdns) &&
	    (m->rdns[0] != '\0') == (m->rdns_lookup == LOOKUP_FOUND));
}

int
facts_parse(const char *line, size_t len, struct host *h)
{
	struct cursor	 c = { line, line + len };
	struct msg_host	*m = &h->h;

	memset(m, 0, sizeof(*m));
	h->nothers = h->nports = 0;
	if (eat(&c, FACTS_PART))
		m->outcome = OUTCOME_PARTIAL;
	else if (!eat(&c, FACTS_DONE))
		return (-1);
	if (!eat_addr(&c, &m->addr) || !eat(&c, " ") || !eat_name(&c, m->name) ||
	    !eat(&c, " ") || !eat_state(&c, m) || !eat(&c, " ") || !eat_scan(&c, m) ||
	    !eat(&c, " ") || !eat_rdns(&c, m) || !eat(&c, " ") || !eat_others(&c, h) ||
	    !eat(&c, " ") || !eat_ports(&c, h) || c.at != c.end)
		return (-1);
	m->ports = h->nports;
	m->others = h->nothers;
	return (0);
}
