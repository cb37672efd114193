/*
 * nmap's grepable format: a line for a host, a line for its ports, fields between tabs.
 * Pure; its input is the parent's, checked.
 */

#include "logger.h"
#include "services.h"

static void
add_host(const struct host *h, struct buffer *b)
{
	char	 ip[ADDR_TEXT];

	buf_text(b, "Host: ");
	buf_text(b, addr_text(&h->h.addr, ip));
	buf_text(b, " (");
	buf_text(b, h->h.rdns);
	buf_text(b, ")\t");
}

/* port/state/protocol/owner/service/rpc/version/ with a bar for a slash in a name. */
static void
add_port(const struct port_entry *e, struct buffer *b)
{
	const char	*name = service_name(e->proto, e->port);

	buf_add(b, "%u/%s/tcp//", e->port, port_state_names[e->state]);
	for (; *name != '\0'; name++)
		buf_add(b, "%c", *name == '/' ? '|' : *name);
	buf_text(b, "///");
}

/* The state that is only counted, when it is the only one. */
static void
add_ignored(const struct view *v, struct buffer *b)
{
	unsigned int	 n = 0, state = 0;

	for (unsigned int s = 0; s < PORT_STATE_COUNT; s++)
		if (v->ignored[s]) {
			n++;
			state = s;
		}
	if (n == 1)
		buf_add(b, "\tIgnored State: %s (%u)", port_state_names[state],
		    v->count[state]);
}

static void
add_ports(const struct host *h, const struct view *v, struct buffer *b)
{
	add_host(h, b);
	buf_text(b, "Ports: ");
	for (uint32_t i = 0; i < v->nshown; i++) {
		if (i != 0)
			buf_text(b, ", ");
		add_port(&v->shown[i], b);
	}
	add_ignored(v, b);
	buf_text(b, "\n");
}

void
grepable_host(const struct plan *p, const struct host *h, const struct view *v,
    struct buffer *b)
{
	static const char *const	 status[HOST_STATE_COUNT] = {
		[HOST_UNKNOWN] = "Unknown", [HOST_UP] = "Up", [HOST_DOWN] = "Down"
	};

	if (v->hidden || (h->h.state == HOST_DOWN && p->config.verbosity == 0))
		return;
	add_host(h, b);
	buf_add(b, "Status: %s\n", status[h->h.state]);
	if (h->h.state == HOST_UP && v->total != 0)
		add_ports(h, v, b);
	if (h->h.outcome == OUTCOME_TIMED_OUT) {
		add_host(h, b);
		buf_text(b, "Status: Timeout\n");
	}
}

void
grepable_ports(const struct plan *p, struct buffer *b)
{
	buf_add(b, "# Ports scanned: TCP(%u;", p->nports);
	view_ranges(p->port, p->nports, b);
	buf_text(b, ") UDP(0;) SCTP(0;) PROTOCOLS(0;)\n");
}
