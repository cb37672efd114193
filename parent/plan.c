/* What is to be done: the options with their defaults filled in, as nmap's users know them. */

#include <stdio.h>
#include <string.h>

#include "parent.h"

#define PORT_MEMORY	(32U << 20)	/* bytes of results of hosts in the port scan */
#define HOSTS		262144		/* in hand at once: what bounds our memory */
#define HOSTS_LEAST	4096		/* fewer save nothing */
#define PORT_HOSTS_MAX	65536
#define DEFAULT_PORTS	1000
#define FAST_PORTS	100

/*
 * nmap's timing templates: times in milliseconds.  But from -T3 on a host that limits its
 * answers is waited for as long as its limit takes: the bounds of nmap's templates there (1 s,
 * 10 ms, 5 ms) are what makes it call closed ports filtered.
 */
static const struct timing {
	uint32_t	 parallelism;	/* 0: any */
	uint32_t	 scan_delay;
	uint32_t	 max_scan_delay;	/* 0: any */
	uint32_t	 min_rtt, initial_rtt, max_rtt;
	uint32_t	 max_retries;
	uint32_t	 host_timeout;
} timings[] = {
	{ 1, 300000, 300000, 100, 300000, 300000, 10, 0 },
	{ 1, 15000, 15000, 100, 15000, 15000, 10, 0 },
	{ 1, 400, 1000, 100, 1000, 10000, 10, 0 },
	{ 0, 0, 0, 100, 1000, 10000, 10, 0 },
	{ 0, 0, 0, 100, 500, 1250, 6, 0 },
	{ 0, 0, 0, 50, 250, 300, 2, 15 * 60 * 1000 },
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
plan_ports(const struct options *o, const struct port_set *gone, struct plan *p)
{
	struct port_set	 given = { { 0 } };
	unsigned int	 top = o->top_ports != 0 ? o->top_ports : FAST_PORTS;

	if (o->ports != NULL) {
		parse_ports("-p", o->ports, &given);
		ports_remove(&given, gone);
	}
	if (o->top_ports != 0 || o->fast || o->ports == NULL) {
		if (o->top_ports == 0 && !o->fast)
			top = DEFAULT_PORTS;
		ports_top(top, gone, &p->ports);
		if (o->ports != NULL)
			ports_intersect(&p->ports, &given);
	} else
		p->ports = given;
	p->nports = ports_count(&p->ports);
	if (p->nports == 0)
		die(STATUS_USAGE, "no port is left to scan");
}

/* A port that is excluded is not touched by pings either. */
static void
plan_pings(const struct port_set *gone, struct msg_probeconfig *c)
{
	for (size_t i = 0; i < sizeof(pings) / sizeof(pings[0]); i++)
		if (pings[i].port == 0 || !ports_has(gone, pings[i].port))
			c->ping[c->npings++] = pings[i];
}

static void
check_order(uint32_t low, const char *low_name, uint32_t high, const char *high_name)
{
	if (low != UNSET && high != UNSET && low > high)
		die(STATUS_USAGE, "--%s is more than --%s", low_name, high_name);
}

/* What was given contradicts itself nowhere; a template gives way to it. */
static void
check_bounds(const struct options *o)
{
	check_order(o->min_rate, "min-rate", o->max_rate, "max-rate");
	check_order(o->min_rtt, "min-rtt-timeout", o->max_rtt, "max-rtt-timeout");
	check_order(o->min_rtt, "min-rtt-timeout", o->initial_rtt, "initial-rtt-timeout");
	check_order(o->initial_rtt, "initial-rtt-timeout", o->max_rtt, "max-rtt-timeout");
	check_order(o->scan_delay, "scan-delay", o->max_scan_delay, "max-scan-delay");
	check_order(o->min_parallelism, "min-parallelism", o->max_parallelism,
	    "max-parallelism");
	check_order(o->min_hostgroup, "min-hostgroup", o->max_hostgroup, "max-hostgroup");
}

static uint32_t
either(uint32_t given, uint32_t otherwise)
{
	return (given != UNSET ? given : otherwise);
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return (a < b ? a : b);
}

static uint32_t
most(uint32_t a, uint32_t b)
{
	return (a > b ? a : b);
}

/* Each of the three as given; those of the template make room. */
static void
plan_rtt(const struct options *o, const struct timing *t, struct msg_probeconfig *c)
{
	uint32_t	 min, initial, max;

	min = either(o->min_rtt, least(t->min_rtt, least(o->initial_rtt, o->max_rtt)));
	max = either(o->max_rtt, most(t->max_rtt, most(min, either(o->initial_rtt, 0))));
	initial = either(o->initial_rtt, least(most(t->initial_rtt, min), max));
	c->min_rtt = min * 1000;
	c->initial_rtt = initial * 1000;
	c->max_rtt = max * 1000;
}

/*
 * A template's delay gives way to a least rate.  The longest delay is never shorter than the delay
 * itself; none at all is next to nothing.
 */
static void
plan_delay(const struct options *o, const struct timing *t, struct msg_probeconfig *c)
{
	c->scan_delay = either(o->scan_delay, t->scan_delay) * 1000;
	if (o->scan_delay == UNSET && c->min_rate != 0)
		c->scan_delay = least(c->scan_delay, 1000000000 / c->min_rate);
	c->max_scan_delay = either(o->max_scan_delay, t->max_scan_delay) * 1000;
	if (o->max_scan_delay == 0)
		c->max_scan_delay = 1;
	if (c->max_scan_delay != 0)
		c->max_scan_delay = most(c->max_scan_delay, c->scan_delay);
}

static void
plan_timing(const struct options *o, struct msg_probeconfig *c)
{
	const struct timing	*t = &timings[o->timing];

	c->timing = (uint8_t)o->timing;
	plan_rtt(o, t, c);
	c->min_rate = either(o->min_rate, 0);
	c->max_rate = either(o->max_rate, 0);
	plan_delay(o, t, c);
	c->min_parallelism = either(o->min_parallelism, 0);
	c->max_parallelism = either(o->max_parallelism, t->parallelism);
	if (c->max_parallelism != 0)
		c->max_parallelism = most(c->max_parallelism, c->min_parallelism);
	c->max_retries = (uint8_t)either(o->max_retries, t->max_retries);
	c->limit_retries = (uint8_t)either(o->max_retries, RETRIES_MAX);
	c->host_timeout = either(o->host_timeout, t->host_timeout);
	/* Who looks for open ports only does not care which of the others are closed. */
	c->defeat_rst = o->defeat_rst || o->open_only;
}

/*
 * So many hosts in hand at once: no more than there are targets, if their number is known, for the
 * prober's index of a few finds room in the processor's cache.
 */
static uint32_t
hosts_in_hand(const struct options *o)
{
	static struct target	 t;
	char			 error[TARGET_ERROR];
	uint64_t		 n = 0;

	if (o->ntargets == 0 || o->list != NULL || o->resolve_all)
		return (HOSTS);
	for (unsigned int i = 0; i < o->ntargets; i++) {
		if (target_parse(o->targets[i], &t, error) == -1)
			return (HOSTS);
		n += t.name[0] == '\0' ? t.count : (uint64_t)1 << (32 - t.prefix);
	}
	return (n < HOSTS ? most((uint32_t)n, HOSTS_LEAST) : HOSTS);
}

/* So many hosts in the port scan at once: as asked for, as far as their results find room. */
static uint32_t
port_hosts(const struct options *o, unsigned int nports)
{
	uint32_t	 fit = PORT_MEMORY / (uint32_t)(sizeof(struct port_result) * (nports + 1));
	uint32_t	 n = least(fit, PORT_HOSTS_MAX);
	static bool	 warned;

	if (o->min_hostgroup != UNSET)
		n = most(n, least(fit, o->min_hostgroup));
	if (o->min_hostgroup != UNSET && n < o->min_hostgroup && !warned) {
		warned = true;
		warningx("--min-hostgroup %u: there is memory for the results of %u hosts",
		    o->min_hostgroup, n);
	}
	return (most(least(n, least(o->max_hostgroup, HOSTS)), 1));
}

void
plan_make(const struct options *o, struct plan *p)
{
	struct msg_probeconfig	*c = &p->probe;
	struct port_set		 gone = { { 0 } };

	check_bounds(o);
	if (o->exclude_ports != NULL)
		parse_ports("--exclude-ports", o->exclude_ports, &gone);
	*p = (struct plan){
		.list_only = o->list_only, .ping = !o->no_ping,
		.scan = !o->list_only && !o->ping_only,
		.reverse_up = !o->no_reverse,
		.reverse_all = !o->no_reverse && (o->reverse_all || o->list_only),
		.resolve_all = o->resolve_all,
		.seed = p->seed,
	};
	if (p->scan)
		plan_ports(o, &gone, p);
	plan_timing(o, c);
	c->seed = p->seed;
	c->ordered = o->ordered;
	c->checkpoint = o->checkpoint;
	c->hosts = hosts_in_hand(o);
	c->port_kind = p->scan ? PROBE_TCP_SYN : PROBE_NONE;
	c->port_hosts = least(port_hosts(o, p->nports), c->hosts);
	plan_pings(&gone, c);
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
