/*
 * What each message of the parent does.  The fields of a message are checked; that it comes
 * in its turn is checked here.  A parent that breaks the order is compromised: fatalx().
 */

#include <string.h>
#include <time.h>

#include "logger.h"

#define ARGS_MAX	((size_t)4 << 20)
#define LINES_MAX	((size_t)8 << 20)

static char		 args_text[ARGS_MAX], lines_text[LINES_MAX], record_text[RECORD_MAX];
static struct buffer	 args = { args_text, sizeof(args_text), 0 };
static struct buffer	 lines = { lines_text, sizeof(lines_text), 0 };
static struct buffer	 record = { record_text, sizeof(record_text), 0 };

static struct plan	 plan;
static struct host	 host;
static struct view	 view;

/* Where the messages stand in their order. */
static struct order {
	bool		 configured;
	bool		 replayed;	/* REPLAY came */
	bool		 reconfigured;	/* after it */
	unsigned int	 pieces;	/* of the port set */
	uint8_t		 kind;		/* of the last line, if it had more */
	bool		 more;
	bool		 in_host;
	bool		 finished;
} order;

/* Where the logs stand. */
static uint64_t		 chain[OUTPUTS];
static struct totals	 totals;
static uint64_t		 base_ms;	/* of the earlier parts of a resumed scan */
static struct timespec	 started;

static const enum output	 logs[] = { OUTPUT_NORMAL, OUTPUT_GREPABLE };
#define NLOGS	(sizeof(logs) / sizeof(logs[0]))

static bool
is_there(enum output o)
{
	return (plan.config.format[o] != FORMAT_NONE);
}

static struct timespec
now(clockid_t clock)
{
	struct timespec	 t;

	if (clock_gettime(clock, &t) == -1)
		fatal("clock_gettime");
	return (t);
}

static uint64_t
wall_clock(void)
{
	return ((uint64_t)now(CLOCK_REALTIME).tv_sec);
}

static void
update_time(void)
{
	struct timespec	 t = now(CLOCK_MONOTONIC);
	int64_t		 ms = (t.tv_sec - started.tv_sec) * 1000 +
	    (t.tv_nsec - started.tv_nsec) / 1000000;

	totals.ms = base_ms + (uint64_t)ms;
}

/* A record for one log. */
static void
put_record(struct chan *c, enum output o)
{
	journal_seal(&record, &chain[o]);
	output_put(c, o, &record);
	record.len = 0;
}

static void
put_report(struct chan *c)
{
	output_put(c, OUTPUT_REPORT, &record);
	record.len = 0;
}

static void
on_logconfig(struct chan *c, const struct msg *m)
{
	const uint8_t	*format = m->logconfig.format;

	(void)c;
	if (order.configured && (!replay_over() || order.reconfigured))
		fatalx("parent sent LOGCONFIG twice");
	for (size_t i = 0; i < NLOGS; i++)
		if (format[logs[i]] == FORMAT_REPORT)
			fatalx("parent sent LOGCONFIG with the wrong format for a log");
	order.reconfigured = order.configured;
	order.configured = true;
	plan.config = m->logconfig;
}

static void
on_logports(struct chan *c, const struct msg *m)
{
	(void)c;
	if (m->logports.piece != order.pieces)
		fatalx("parent sent piece %u of the ports as number %u", m->logports.piece,
		    order.pieces);
	if (plan.config.port_kind != PROBE_NONE)
		memcpy(plan.bits + (size_t)m->logports.piece * PORT_PIECE, m->logports.bits,
		    PORT_PIECE);
	if (++order.pieces == PORT_PIECES)
		plan_ports(&plan);
}

static void
on_logline(struct chan *c, const struct msg *m)
{
	const struct msg_line	*l = &m->logline;

	(void)c;
	if (order.more && l->kind != order.kind)
		fatalx("parent sent half a line of the header");
	journal_line(l, order.more, l->kind == LINE_ARGS ? &args : &lines);
	order.kind = l->kind;
	order.more = l->more != 0;
}

static void
on_replay(struct chan *c, const struct msg *m)
{
	(void)c;
	(void)m;
	if (!order.configured || order.replayed ||
	    is_there(OUTPUT_NORMAL) == is_there(OUTPUT_GREPABLE))
		fatalx("parent sent REPLAY without one log to read");
	order.replayed = true;
	replay_begin(is_there(OUTPUT_NORMAL) ? OUTPUT_NORMAL : OUTPUT_GREPABLE);
}

static void
start_report(struct chan *c)
{
	enum format	 format = plan.config.format[OUTPUT_REPORT];

	if (format == FORMAT_REPORT)
		normal_start(wall_clock(), &record);
	else if (format != FORMAT_NONE)
		journal_first(&plan, &args, &record);
	if (format == FORMAT_GREPABLE && plan.config.verbosity != 0)
		grepable_ports(&plan, &record);
	put_report(c);
}

static void
on_start(struct chan *c, const struct msg *m)
{
	enum output	 old;
	uint64_t	 old_chain;
	bool		 resumed = replay_result(&old, &old_chain, &totals);

	(void)m;
	if (!order.configured || order.more ||
	    order.replayed != order.reconfigured || order.replayed != resumed ||
	    (order.pieces != PORT_PIECES &&
	    (order.pieces != 0 || plan.config.port_kind != PROBE_NONE)))
		fatalx("parent sent START before the configuration was whole");
	chan_phase(c, RUN);
	if (resumed && replay_cut() == -1)
		fatal("cut off the torn end of the log");
	logger_narrow();
	base_ms = totals.ms;
	started = now(CLOCK_MONOTONIC);

	for (size_t i = 0; i < NLOGS; i++) {
		if (!is_there(logs[i]))
			continue;
		if (resumed && logs[i] == old) {
			chain[old] = old_chain;
			journal_resumed(&totals, &record);
		} else
			journal_header(&plan, plan.config.format[logs[i]], &args, &lines,
			    &record);
		put_record(c, logs[i]);
		output_sync(c, logs[i]);
	}
	start_report(c);
	output_flush(c);
	SEND_EMPTY(c, logstarted);
}

static void
on_stop(struct chan *c, const struct msg *m)
{
	(void)m;
	chan_phase(c, DRAIN);
}

/* Between hosts and before FINISH: where most messages belong. */
static void
check_between(const char *name)
{
	if (order.in_host || order.finished)
		fatalx("parent sent %s %s", name, order.finished ? "after FINISH" : "in a host");
}

static void
render_host(enum format format)
{
	if (format == FORMAT_NONE)
		return;
	if (format == FORMAT_GREPABLE)
		grepable_host(&plan, &host, &view, &record);
	else
		normal_host(&plan, &host, &view, format, &record);
	if (format != FORMAT_REPORT && view_uncertain(&plan, &host))
		journal_uncertain(&host, &record);
}

static void
log_host(struct chan *c, enum output o)
{
	const struct place	*at = &host.h.place;
	const struct range	 range = {
		.spec = at->spec, .first = at->offset, .last = at->offset
	};

	if (host.h.outcome == OUTCOME_PARTIAL) {
		journal_partial(&host, &record);
		journal_ranges(MARK_PARTIAL, &range, 1, &totals, &record);
	} else {
		render_host(plan.config.format[o]);
		journal_ranges(MARK_DONE, &range, 1, &totals, &record);
	}
	put_record(c, o);
}

static void
report_host(struct chan *c)
{
	enum format	 format = plan.config.format[OUTPUT_REPORT];

	if (format != FORMAT_REPORT && host.h.outcome == OUTCOME_PARTIAL)
		journal_partial(&host, &record);
	else
		render_host(format);
	put_report(c);
}

/* Is the host whole?  Then it goes to the logs. */
static void
maybe_log(struct chan *c)
{
	if (host.nports != host.h.ports || host.nothers != host.h.others)
		return;
	order.in_host = false;
	if (host.h.outcome != OUTCOME_PARTIAL) {
		totals.hosts++;
		totals.up += host.h.state == HOST_UP;
	}
	update_time();
	view_host(&plan, &host, &view);
	for (size_t i = 0; i < NLOGS; i++)
		if (is_there(logs[i]))
			log_host(c, logs[i]);
	report_host(c);
}

static void
on_host(struct chan *c, const struct msg *m)
{
	check_between("HOST");
	order.in_host = true;
	host.h = m->host;
	host.nothers = host.nports = 0;
	maybe_log(c);
}

static void
on_hostaddrs(struct chan *c, const struct msg *m)
{
	const struct msg_hostaddrs	*p = &m->hostaddrs;

	if (!order.in_host || p->n > host.h.others - host.nothers)
		fatalx("parent sent HOSTADDRS that HOST did not announce");
	memcpy(host.other + host.nothers, p->addr, p->n * sizeof(p->addr[0]));
	host.nothers += p->n;
	maybe_log(c);
}

static void
on_hostports(struct chan *c, const struct msg *m)
{
	const struct msg_hostports	*p = &m->hostports;

	if (!order.in_host || p->n > host.h.ports - host.nports)
		fatalx("parent sent HOSTPORTS that HOST did not announce");
	for (uint32_t i = 0; i < p->n; i++) {
		if (!plan_has(&plan, p->e[i].port) || (host.nports != 0 &&
		    p->e[i].port <= host.port[host.nports - 1].port))
			fatalx("parent sent port %u, which is not its turn", p->e[i].port);
		host.port[host.nports++] = p->e[i];
	}
	maybe_log(c);
}

static void
on_done(struct chan *c, const struct msg *m)
{
	check_between("DONE");
	totals.hosts += m->done.hosts;
	update_time();
	for (size_t i = 0; i < NLOGS; i++)
		if (is_there(logs[i])) {
			journal_ranges(MARK_DONE, m->done.e, m->done.n, &totals, &record);
			put_record(c, logs[i]);
		}
}

static void
on_namefailed(struct chan *c, const struct msg *m)
{
	const struct place	*at = &m->namefailed.place;
	const struct range	 range = {
		.spec = at->spec, .first = at->offset, .last = at->offset
	};

	check_between("NAMEFAILED");
	update_time();
	for (size_t i = 0; i < NLOGS; i++)
		if (is_there(logs[i])) {
			journal_failed(&m->namefailed, &record);
			journal_ranges(MARK_DONE, &range, 1, &totals, &record);
			put_record(c, logs[i]);
		}
}

static void
report_finish(struct chan *c, const struct msg_finish *m, uint64_t when, uint64_t elapsed)
{
	enum format	 format = plan.config.format[OUTPUT_REPORT];

	if (format == FORMAT_REPORT) {
		if (plan.config.verbosity != 0)
			normal_counts(&m->stats, &record);
		normal_finish(m->ending, &totals, elapsed, &record);
	} else if (format != FORMAT_NONE) {
		journal_counts(&m->stats, &record);
		journal_footer(m->ending, &totals, when, elapsed, &record);
	}
	put_report(c);
}

static void
on_finish(struct chan *c, const struct msg *m)
{
	enum ending	 ending = m->finish.ending;
	uint64_t	 elapsed = base_ms * 1000 + m->finish.elapsed;
	uint64_t	 when = wall_clock();

	check_between("FINISH");
	order.finished = true;
	update_time();
	for (size_t i = 0; i < NLOGS; i++)
		if (is_there(logs[i])) {
			journal_counts(&m->finish.stats, &record);
			journal_footer(ending, &totals, when, elapsed, &record);
			journal_end(ending, &totals, &record);
			put_record(c, logs[i]);
			output_sync(c, logs[i]);
		}
	report_finish(c, &m->finish, when, elapsed);
	output_flush(c);
	SEND_EMPTY(c, logfinished);
}

const struct msg_row	 logger_rows[MSG_TYPES] = { TO_CHILDREN(ROW) TO_LOGGER(ROW) };
