/* What is to be done: the options with their defaults filled in, as nmap's users know them. */

#include <stdio.h>
#include <string.h>

#include "parent.h"

#define PORT_MEMORY	(32U << 20)	/* bytes of results of hosts in the port scan */
#define PORT_HOSTS_MAX	4096
#define DEFAULT_PORTS	1000
#define FAST_PORTS	100

/* nmap's timing templates: times in milliseconds. */
static const struct timing {
	uint32_t	 parallelism;	/* 0: the window decides */
	uint32_t	 scan_delay;
	uint32_t	 max_scan_delay;
	uint32_t	 min_rtt, initial_rtt, max_rtt;
	uint32_t	 max_retries;
	uint32_t	 host_timeout;
} timings[] = {
	{ 1, 300000, 300000, 100, 300000, 300000, 10, 0 },
	{ 1, 15000, 15000, 100, 15000, 15000, 10, 0 },
	{ 1, 400, 1000, 100, 1000, 10000, 10, 0 },
	{ 0, 0, 1000, 100, 1000, 10000, 10, 0 },
	{ 0, 0, 10, 100, 500, 1250, 6, 0 },
	{ 0, 0, 5, 50, 250, 300, 2, 15 * 60 * 1000 },
};

/* What root's nmap pings with. */
static const struct ping_kind	 pings[] = {
	{ PROBE_ICMP_ECHO, 0, 0 },
	{ PROBE_TCP_SYN, 0, 443 },
	{ PROBE_TCP_ACK, 0, 80 },
	{ PROBE_ICMP_TIMESTAMP, 0, 0 },
};

static void
parse_ports(const char *option, const char *text, struct port_set *set)
{
	char	 error[PORTS_ERROR];
	bool	 others = false;
	static bool warned;

	if (ports_parse(text, set, &others, error) == -1)
		die(STATUS_USAGE, "%s %s: %s", option, text, error);
	if (others && !warned) {
		warned = true;
		warningx("%s %s: only TCP ports are scanned; the others are left out", option,
		    text);
	}
}

static void
plan_ports(const struct options *o, struct plan *p)
{
	struct port_set	 given = { { 0 } }, gone = { { 0 } };
	unsigned int	 top = o->top_ports != 0 ? o->top_ports : FAST_PORTS;

	if (o->exclude_ports != NULL)
		parse_ports("--exclude-ports", o->exclude_ports, &gone);
	if (o->ports != NULL) {
		parse_ports("-p", o->ports, &given);
		ports_remove(&given, &gone);
	}
	if (o->top_ports != 0 || o->fast || o->ports == NULL) {
		if (o->top_ports == 0 && !o->fast)
			top = DEFAULT_PORTS;
		ports_top(top, &gone, &p->ports);
		if (o->ports != NULL)
			ports_intersect(&p->ports, &given);
	} else
		p->ports = given;
	p->nports = ports_count(&p->ports);
	if (p->nports == 0)
		die(STATUS_USAGE, "no port is left to scan");
}

static void
plan_timing(const struct options *o, struct msg_probeconfig *c)
{
	const struct timing	*t = &timings[o->timing];

	c->timing = (uint8_t)o->timing;
	c->parallelism = t->parallelism;
	c->scan_delay = t->scan_delay * 1000;
	c->max_scan_delay = t->max_scan_delay * 1000;
	c->min_rtt = t->min_rtt * 1000;
	c->initial_rtt = t->initial_rtt * 1000;
	c->max_rtt = t->max_rtt * 1000;
	c->max_retries = (uint8_t)(o->max_retries == UINT32_MAX ? t->max_retries : o->max_retries);
	c->host_timeout = o->host_timeout == UINT32_MAX ? t->host_timeout : o->host_timeout;
	c->max_rate = o->max_rate;
}

void
plan_make(const struct options *o, struct plan *p)
{
	struct msg_probeconfig	*c = &p->probe;
	uint32_t		 fit;

	*p = (struct plan){
		.list_only = o->list_only, .ping = !o->no_ping,
		.scan = !o->list_only && !o->ping_only,
		.reverse_up = !o->no_reverse,
		.reverse_all = !o->no_reverse && (o->reverse_all || o->list_only),
		.seed = p->seed,
	};
	if (p->scan)
		plan_ports(o, p);
	plan_timing(o, c);
	c->seed = p->seed;
	c->ordered = o->ordered;
	c->hosts = HOSTS_MAX;
	c->port_kind = p->scan ? PROBE_TCP_SYN : PROBE_NONE;
	fit = PORT_MEMORY / (uint32_t)(sizeof(struct port_result) * (p->nports + 1));
	c->port_hosts = fit < 1 ? 1 : fit > PORT_HOSTS_MAX ? PORT_HOSTS_MAX : fit;
	c->npings = sizeof(pings) / sizeof(pings[0]);
	memcpy(c->ping, pings, sizeof(pings));
}

/* The command line's targets and exclusions are looked at before anything is begun. */
void
plan_check_targets(const struct options *o)
{
	static struct target	 t;
	char			 error[TARGET_ERROR], word[WORD_MAX];
	const char		*p = o->exclude;

	for (unsigned int i = 0; i < o->ntargets; i++)
		if (target_parse(o->targets[i], &t, error) == -1)
			die(STATUS_USAGE, "%s", error);
	for (; p != NULL && *p != '\0'; p += strcspn(p, ","), p += *p == ',') {
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(p, ","), p);
		if (target_parse(word, &t, error) == -1)
			die(STATUS_USAGE, "--exclude: %s", error);
	}
}
