/*
 * One check per payload: the whole of what a receiver may rely on, whoever sent it.  What
 * only the receiver can know (is this id outstanding?) its handler checks.  Here is what passes
 * between the parent and its scanners; the logger's messages are in check_logs.c.
 */

#include <string.h>

#include "check.h"

/* The first byte is zero, and each is like the next: the C library compares many at once. */
bool
all_zero(const void *p, size_t size)
{
	const uint8_t	*b = p;

	return (size == 0 || (b[0] == 0 && memcmp(b, b + 1, size - 1) == 0));
}

bool
is_addr(const struct addr *a)
{
	return (addr_valid(a) && a->family != FAMILY_NONE);
}

bool
is_name(const char *s)
{
	return (text_ended(s, NAME_MAX_TEXT) && text_is_name(s));
}

CHECK_EMPTY(start)
CHECK_EMPTY(stop)
CHECK_EMPTY(credit)

bool
check_ready(const struct msg *m)
{
	const struct msg_ready	*p = &m->ready;

	return ((p->walls & ~(uint32_t)WALL_ALL) == 0 && p->uid != 0 && p->gid != 0 &&
	    (p->landlock_abi != 0) == ((p->walls & WALL_LANDLOCK) != 0) && p->zero == 0);
}

bool
check_say(const struct msg *m)
{
	const struct msg_say	*p = &m->say;

	return (p->level < SAY_LEVELS && ZERO(p->zero) && ENDED(p->text) &&
	    text_printable(p->text));
}

bool
is_lookup(uint8_t lookup)
{
	return (lookup < LOOKUP_NO_IPV4);
}

bool
check_addresses(const struct msg *m)
{
	const struct msg_addresses	*p = &m->addresses;

	if (p->lookup == LOOKUP_NONE || !is_lookup(p->lookup) || p->source >= SOURCES ||
	    p->partial > (p->lookup == LOOKUP_FOUND) || !REST_ZERO(p->addr, p->n))
		return (false);
	if ((p->lookup == LOOKUP_FOUND) != (p->n != 0) ||
	    (p->lookup == LOOKUP_FOUND) != (p->source != SOURCE_NONE))
		return (false);
	for (unsigned int i = 0; i < p->n; i++)
		if (!is_addr(&p->addr[i]))
			return (false);
	return (true);
}

static bool
is_hostname(const struct hostname_entry *e)
{
	bool	 found = e->lookup == LOOKUP_FOUND;

	return (e->lookup != LOOKUP_NONE && is_lookup(e->lookup) && ZERO(e->zero) &&
	    e->source < SOURCES && found == (e->source != SOURCE_NONE) &&
	    (found ? is_name(e->name) : ZERO(e->name)));
}

bool
check_hostnames(const struct msg *m)
{
	const struct msg_hostnames	*p = &m->hostnames;

	if (!BATCH(p))
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (!is_hostname(&p->e[i]))
			return (false);
	return (true);
}

bool
is_asked(const struct msg_asked *p)
{
	if (!REST_ZERO(p->server, p->n) || p->answered > p->queries ||
	    p->failed > p->queries - p->answered ||
	    p->timed_out > p->queries - p->answered - p->failed)
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (!is_addr(&p->server[i]))
			return (false);
	return (true);
}

bool
check_asked(const struct msg *m)
{
	return (is_asked(&m->asked));
}

bool
check_forward(const struct msg *m)
{
	const struct msg_forward	*p = &m->forward;

	return ((p->family == FAMILY_NONE || p->family == FAMILY_IPV4 ||
	    p->family == FAMILY_IPV6) && p->id < LOOKUPS_MAX && ZERO(p->zero) &&
	    is_name(p->name));
}

bool
check_reverse(const struct msg *m)
{
	const struct msg_reverse	*p = &m->reverse;

	if (!BATCH(p))
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (p->e[i].id >= LOOKUPS_MAX || !is_addr(&p->e[i].addr))
			return (false);
	return (true);
}

static bool
is_ping_kind(const struct ping_kind *k)
{
	bool	 has_port = k->kind == PROBE_TCP_SYN || k->kind == PROBE_TCP_ACK;

	return (k->kind != PROBE_NONE && k->kind < PROBE_KINDS && k->kind != PROBE_ARP &&
	    k->zero == 0 && (has_port || k->port == 0));
}

bool
check_probeconfig(const struct msg *m)
{
	const struct msg_probeconfig	*p = &m->probeconfig;

	if (p->min_rtt == 0 || p->min_rtt > p->initial_rtt || p->initial_rtt > p->max_rtt ||
	    p->hosts == 0 || p->hosts > HOSTS_MAX || p->max_retries > RETRIES_MAX ||
	    p->limit_retries > RETRIES_MAX ||
	    p->host_timeout > HOST_TIMEOUT_MAX ||
	    p->port_hosts == 0 || p->port_hosts > p->hosts || p->timing > 5 ||
	    p->ordered > 1 || p->defeat_rst > 1 ||
	    (p->max_scan_delay != 0 && p->scan_delay > p->max_scan_delay) ||
	    (p->max_rate != 0 && p->min_rate > p->max_rate) ||
	    (p->max_parallelism != 0 && p->min_parallelism > p->max_parallelism) ||
	    (p->port_kind != PROBE_NONE && p->port_kind != PROBE_TCP_SYN) ||
	    !ZERO(p->zero) || !REST_ZERO(p->ping, p->npings))
		return (false);
	for (unsigned int i = 0; i < p->npings; i++)
		if (!is_ping_kind(&p->ping[i]))
			return (false);
	return (true);
}

bool
is_ports(const struct msg_ports *p)
{
	size_t	 used = PORT_BITS / 8 - (size_t)p->piece * PORT_PIECE;

	if (p->piece >= PORT_PIECES || p->proto != PROTO_TCP || !ZERO(p->zero))
		return (false);
	return (used >= PORT_PIECE || all_zero(p->bits + used, PORT_PIECE - used));
}

bool
check_probeports(const struct msg *m)
{
	return (is_ports(&m->probeports));
}

bool
check_release(const struct msg *m)
{
	return (m->release.n != 0 && m->release.n <= HOSTS_MAX && m->release.zero == 0);
}

bool
check_targets(const struct msg *m)
{
	const struct msg_targets	*p = &m->targets;

	if (!BATCH(p))
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (p->e[i].steps == 0 || (p->e[i].steps & ~STEPS) != 0 ||
		    ((p->e[i].steps & STEP_KNOWN) != 0 &&
		    p->e[i].steps != (STEP_KNOWN | STEP_PORTS)) ||
		    !ZERO(p->e[i].zero) || !is_addr(&p->e[i].addr))
			return (false);
	return (true);
}

bool
check_known(const struct msg *m)
{
	const struct msg_known	*p = &m->known;

	if (p->pass > PASS_MAX || p->last > 1 || p->zero != 0 || p->cursor > PORT_BITS ||
	    !REST_ZERO(p->e, p->n))
		return (false);
	for (unsigned int i = 0; i < p->n; i++)
		if (p->e[i].state == PORT_UNKNOWN || p->e[i].state >= PORT_STATE_COUNT ||
		    p->e[i].zero != 0)
			return (false);
	return (true);
}

static bool
is_ping(const struct ping_entry *e)
{
	return ((e->state == HOST_UP || e->state == HOST_DOWN) && e->reason < REASON_COUNT &&
	    e->has_mac <= 1 && (e->has_mac == 1 || ZERO(e->mac)) && ZERO(e->zero) &&
	    addr_valid(&e->from));
}

bool
check_pings(const struct msg *m)
{
	const struct msg_pings	*p = &m->pings;

	if (!BATCH(p))
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (!is_ping(&p->e[i]))
			return (false);
	return (true);
}

bool
is_port(const struct port_entry *e)
{
	return (e->proto == PROTO_TCP && e->state != PORT_UNKNOWN &&
	    e->state < PORT_STATE_COUNT && e->reason < REASON_COUNT && ZERO(e->zero) &&
	    addr_valid(&e->from));
}

bool
check_portstates(const struct msg *m)
{
	const struct msg_portstates	*p = &m->portstates;

	if (!BATCH(p))
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (!is_port(&p->e[i].port))
			return (false);
	return (true);
}

bool
check_progress(const struct msg *m)
{
	const struct msg_progress	*p = &m->progress;

	if (!BATCH(p))
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (p->e[i].cursor > PORT_BITS || p->e[i].pass > PASS_MAX || !ZERO(p->e[i].zero))
			return (false);
	return (true);
}

bool
check_hostsdone(const struct msg *m)
{
	const struct msg_hostsdone	*p = &m->hostsdone;

	if (!BATCH(p))
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (p->e[i].outcome >= OUTCOME_COUNT || p->e[i].zero != 0 ||
		    p->e[i].coverage > COVERAGE_ALL)
			return (false);
	return (true);
}

bool
is_stats(const struct msg_stats *p)
{
	return (p->last <= 1 && p->loss <= 1000000 && p->lost <= p->canaries &&
	    p->pings <= p->sent && p->ports <= p->sent - p->pings);
}

bool
check_stats(const struct msg *m)
{
	return (is_stats(&m->stats));
}
