/*
 * One check per payload: the whole of what a receiver may rely on, whoever sent it.  What
 * only the receiver can know (is this id outstanding?) its handler checks.
 */

#include <string.h>

#include "ipc.h"

static bool
all_zero(const void *p, size_t size)
{
	const uint8_t	*b = p;

	for (size_t i = 0; i < size; i++)
		if (b[i] != 0)
			return (false);
	return (true);
}

#define ZERO(field)	all_zero((field), sizeof(field))
#define ENDED(field)	text_ended((field), sizeof(field))
/* Entries past n, in an array that ends its payload, are zero. */
#define REST_ZERO(array, n)							\
	((n) <= sizeof(array) / sizeof((array)[0]) &&				\
	    all_zero(&(array)[n], sizeof(array) - (n) * sizeof((array)[0])))
/* A batch: 1 to all of its entries in use, the rest zero. */
#define BATCH(p)								\
	((p)->n != 0 && (p)->zero == 0 && REST_ZERO((p)->e, (p)->n))

static bool
is_addr(const struct addr *a)
{
	return (addr_valid(a) && a->family != FAMILY_NONE);
}

static bool
is_name(const char *s)
{
	return (text_ended(s, NAME_MAX_TEXT) && text_is_name(s));
}

static bool
is_name_or_empty(const char *s)
{
	return (text_ended(s, NAME_MAX_TEXT) && (s[0] == '\0' || text_is_name(s)));
}

#define CHECK_EMPTY(stem)							\
bool										\
check_##stem(const struct msg *m)						\
{										\
	return (ZERO(m->stem.zero));						\
}
CHECK_EMPTY(start)
CHECK_EMPTY(stop)
CHECK_EMPTY(replay)
CHECK_EMPTY(credit)
CHECK_EMPTY(logstarted)
CHECK_EMPTY(logfinished)

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
check_addresses(const struct msg *m)
{
	const struct msg_addresses	*p = &m->addresses;

	if (p->lookup == LOOKUP_NONE || p->lookup >= LOOKUP_COUNT || p->source >= SOURCES ||
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

	return (e->lookup != LOOKUP_NONE && e->lookup < LOOKUP_COUNT && ZERO(e->zero) &&
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
	    p->zero != 0 || !REST_ZERO(p->ping, p->npings))
		return (false);
	for (unsigned int i = 0; i < p->npings; i++)
		if (!is_ping_kind(&p->ping[i]))
			return (false);
	return (true);
}

static bool
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
check_logports(const struct msg *m)
{
	return (is_ports(&m->logports));
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
		if (p->e[i].steps == 0 || (p->e[i].steps & ~(STEP_PING | STEP_PORTS)) != 0 ||
		    !ZERO(p->e[i].zero) || !is_addr(&p->e[i].addr))
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

static bool
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

static bool
is_stats(const struct msg_stats *p)
{
	return (p->last <= 1 && p->loss <= 1000000 && p->lost <= p->canaries);
}

bool
check_stats(const struct msg *m)
{
	return (is_stats(&m->stats));
}

bool
check_logconfig(const struct msg *m)
{
	const struct msg_logconfig	*p = &m->logconfig;

	for (int i = 0; i < OUTPUTS; i++)
		if (p->format[i] >= FORMATS)
			return (false);
	return ((p->flags & ~(uint32_t)LOG_FLAGS) == 0 && p->verbosity <= 10 &&
	    (p->port_kind == PROBE_NONE || p->port_kind == PROBE_TCP_SYN) && ZERO(p->zero));
}

static bool
is_line(const struct msg_line *p)
{
	return (p->kind < LINE_KINDS && p->more <= 1 && ZERO(p->zero) && ENDED(p->text) &&
	    (p->kind == LINE_ARGS || p->kind == LINE_TARGET || text_printable(p->text)));
}

bool
check_logline(const struct msg *m)
{
	return (is_line(&m->logline));
}

bool
check_pastline(const struct msg *m)
{
	return (is_line(&m->pastline) &&
	    m->pastline.kind != LINE_ARGS && m->pastline.kind != LINE_WALLS);
}

static bool
is_place(const struct place *p)
{
	return (p->zero == 0 && p->offset <= UINT32_MAX);
}

/* What is said of the host itself. */
static bool
is_host_state(const struct msg_host *p)
{
	return (p->state < HOST_STATE_COUNT && p->reason < REASON_COUNT &&
	    p->outcome < OUTCOME_COUNT && (p->flags & ~HOST_FLAGS) == 0 &&
	    ((p->flags & HOST_HAS_MAC) != 0 || ZERO(p->mac)) &&
	    p->rest_state < PORT_STATE_COUNT && p->rest_reason < REASON_COUNT &&
	    p->rdns_lookup < LOOKUP_COUNT);
}

bool
check_host(const struct msg *m)
{
	const struct msg_host	*p = &m->host;

	return (is_place(&p->place) && is_addr(&p->addr) && addr_valid(&p->from) &&
	    p->ports <= PORT_BITS && p->others < ADDRESSES_MAX && ZERO(p->zero) &&
	    p->coverage <= COVERAGE_ALL &&
	    is_host_state(p) && is_name_or_empty(p->name) && is_name_or_empty(p->rdns) &&
	    (p->rdns[0] != '\0') == (p->rdns_lookup == LOOKUP_FOUND));
}

bool
check_hostaddrs(const struct msg *m)
{
	const struct msg_hostaddrs	*p = &m->hostaddrs;

	if (p->n == 0 || p->zero != 0 || !REST_ZERO(p->addr, p->n))
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (!is_addr(&p->addr[i]))
			return (false);
	return (true);
}

bool
check_hostports(const struct msg *m)
{
	const struct msg_hostports	*p = &m->hostports;

	if (!BATCH(p))
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (!is_port(&p->e[i]) || (i != 0 && p->e[i].port <= p->e[i - 1].port))
			return (false);
	return (true);
}

static bool
is_ranges(const struct msg_ranges *p)
{
	if (!BATCH(p))
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (p->e[i].zero != 0 || p->e[i].first > p->e[i].last ||
		    p->e[i].last > UINT32_MAX)
			return (false);
	return (true);
}

bool
check_done(const struct msg *m)
{
	return (is_ranges(&m->done));
}

bool
check_pastdone(const struct msg *m)
{
	return (is_ranges(&m->pastdone));
}

bool
check_namefailed(const struct msg *m)
{
	const struct msg_namefailed	*p = &m->namefailed;

	return (is_place(&p->place) && p->lookup > LOOKUP_FOUND && p->lookup < LOOKUP_COUNT &&
	    ZERO(p->zero) && is_name(p->name));
}

bool
check_finish(const struct msg *m)
{
	return (m->finish.ending < ENDING_COUNT && ZERO(m->finish.zero) &&
	    is_stats(&m->finish.stats));
}

bool
check_pastend(const struct msg *m)
{
	return (m->pastend.replay < REPLAY_COUNT && m->pastend.format < FORMATS &&
	    m->pastend.format != FORMAT_REPORT && m->pastend.up <= m->pastend.hosts &&
	    ZERO(m->pastend.zero));
}

bool
check_logfailed(const struct msg *m)
{
	return (m->logfailed.error != 0 && m->logfailed.output < OUTPUTS &&
	    ZERO(m->logfailed.zero));
}
