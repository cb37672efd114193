/*
 * The checks of what goes to the logger and comes from it, as check.c has those of the others.
 */

#include "check.h"

CHECK_EMPTY(logstarted)
CHECK_EMPTY(logfinished)
CHECK_EMPTY(checkpoint)

static bool
is_name_or_empty(const char *s)
{
	return (s[0] == '\0' ? text_ended(s, NAME_MAX_TEXT) : is_name(s));
}

bool
check_logports(const struct msg *m)
{
	return (is_ports(&m->logports));
}

bool
check_replay(const struct msg *m)
{
	return (m->replay.mode < REPLAY_MODES && ZERO(m->replay.zero));
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
	    is_lookup(p->rdns_lookup));
}

static bool
is_host(const struct msg_host *p)
{
	return (is_place(&p->place) && is_addr(&p->addr) && addr_valid(&p->from) &&
	    p->ports <= PORT_BITS && p->others < ADDRESSES_MAX && ZERO(p->zero) &&
	    p->coverage <= COVERAGE_ALL && p->cursor <= PORT_BITS && p->pass <= PASS_MAX &&
	    (p->outcome == OUTCOME_PARTIAL ||
	    (p->cursor == 0 && p->pass == 0 && (p->flags & HOST_CHECKPOINT) == 0)) &&
	    is_host_state(p) && is_name_or_empty(p->name) && is_name_or_empty(p->rdns) &&
	    (p->rdns[0] != '\0') == (p->rdns_lookup == LOOKUP_FOUND));
}

bool
check_host(const struct msg *m)
{
	return (is_host(&m->host));
}

bool
check_barehosts(const struct msg *m)
{
	const struct msg_barehosts	*p = &m->barehosts;
	struct msg_host			 h;

	if (!BATCH(p))
		return (false);
	for (uint32_t i = 0; i < p->n; i++) {
		h = host_of_bare(p->e[i]);
		if (!is_host(&h) || h.ports != 0 || h.others != 0 || h.outcome == OUTCOME_PARTIAL)
			return (false);
	}
	return (true);
}

/* What an old log has of a host is part of it: a whole one is done. */
bool
check_pasthost(const struct msg *m)
{
	return (is_host(&m->pasthost) && m->pasthost.outcome == OUTCOME_PARTIAL);
}

static bool
is_hostaddrs(const struct msg_hostaddrs *p)
{
	if (p->n == 0 || p->zero != 0 || !REST_ZERO(p->addr, p->n))
		return (false);
	for (uint32_t i = 0; i < p->n; i++)
		if (!is_addr(&p->addr[i]))
			return (false);
	return (true);
}

static bool
is_hostports(const struct msg_hostports *p)
{
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

/* What an old log says is checked as what a new one is told. */
#define CHECK_BOTH(stem, past, is)						\
bool										\
check_##stem(const struct msg *m)						\
{										\
	return (is(&m->stem));							\
}										\
bool										\
check_##past(const struct msg *m)						\
{										\
	return (is(&m->past));							\
}
CHECK_BOTH(hostaddrs, pastaddrs, is_hostaddrs)
CHECK_BOTH(hostports, pastports, is_hostports)
CHECK_BOTH(done, pastdone, is_ranges)

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
	    is_stats(&m->finish.stats) && is_asked(&m->finish.asked));
}

bool
check_pastend(const struct msg *m)
{
	return (m->pastend.replay < REPLAY_COUNT && m->pastend.format < FORMATS &&
	    m->pastend.format != FORMAT_REPORT && m->pastend.up <= m->pastend.hosts &&
	    m->pastend.ending < ENDING_COUNT &&
	    m->pastend.several <= 1 && m->pastend.unfinished <= m->pastend.several &&
	    ZERO(m->pastend.zero));
}

bool
check_logfailed(const struct msg *m)
{
	return (m->logfailed.error != 0 && m->logfailed.output < OUTPUTS &&
	    ZERO(m->logfailed.zero));
}
