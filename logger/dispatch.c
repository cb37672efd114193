/*
 * What each message of the parent does.  The fields of a message are checked; that it comes
 * in its turn is checked here.  A parent that breaks the order is compromised: fatalx().
 */

#include <string.h>

#include "logger.h"

#define ARGS_MAX	((size_t)4 << 20)
#define LINES_MAX	((size_t)8 << 20)
#define AS		" as: "	/* comes before the command line */

static char		 args_text[ARGS_MAX], lines_text[LINES_MAX], past_text[LINES_MAX];
static struct buffer	 args = { args_text, sizeof(args_text), 0 };
static struct buffer	 lines = { lines_text, sizeof(lines_text), 0 };	/* of this run */
static struct buffer	 past_lines = { past_text, sizeof(past_text), 0 };	/* of the old log */

static struct plan	 plan;
static struct host	 host;

/* Where the messages stand in their order. */
static struct order {
	bool		 configured;
	bool		 skipped;	/* REPLAY came for --skip-done */
	bool		 replayed;	/* REPLAY came */
	bool		 reconfigured;	/* after it */
	unsigned int	 pieces;	/* of the port set */
	uint8_t		 kind;		/* of the last line, if it had more */
	bool		 more;
	bool		 in_host;
	bool		 finished;
} order;

static bool
is_there(enum output o)
{
	return (plan.config.format[o] != FORMAT_NONE);
}

/* An output is there in its own format; the log that is resumed is one of ours. */
static bool
fits(enum output o, enum format format)
{
	static const enum format	 own[OUTPUTS] = {
		[OUTPUT_NORMAL] = FORMAT_NORMAL, [OUTPUT_GREPABLE] = FORMAT_GREPABLE,
		[OUTPUT_XML] = FORMAT_XML, [OUTPUT_JSON] = FORMAT_JSON
	};

	return (format == FORMAT_NONE || format == own[o] ||
	    (o == OUTPUT_OLD && (format == FORMAT_NORMAL || format == FORMAT_GREPABLE)));
}

static void
on_logconfig(struct chan *c, const struct msg *m)
{
	const uint8_t	*format = m->logconfig.format;

	(void)c;
	if (order.configured && (!replay_over() || order.reconfigured))
		fatalx("parent sent LOGCONFIG twice");
	for (enum output o = OUTPUT_REPORT + 1; o < OUTPUTS; o++)
		if (!fits(o, format[o]))
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
	if (replay_busy() || order.replayed || (m->replay.mode == TO_SKIP ?
	    order.skipped || order.configured : !order.configured))
		fatalx("parent sent REPLAY too early, too late, or twice");
	if (m->replay.mode == TO_SKIP)
		order.skipped = true;
	else
		order.replayed = true;
	replay_begin(m->replay.mode);
}

/* It may be wanted for another log: but for what that has of its own. */
void
logger_header(const char *line, size_t len, bool first)
{
	const char	*as = first ? memmem(line, len, AS, sizeof(AS) - 1) : NULL;

	if (as != NULL) {
		as += sizeof(AS) - 1;
		buf_add(&args, "%.*s", (int)(line + len - 1 - as), as);
	} else if (!first && parse_starts(line, len, OURS) &&
	    !parse_starts(line, len, OURS "log "))
		buf_add(&past_lines, "%.*s", (int)len, line);
}

/* That a host fits the plan is checked here: the plan was not known when the log was read. */
void
logger_past_host(struct chan *c, const struct host *h, const struct totals *then)
{
	for (uint32_t i = 0; i < h->nports; i++)
		if (!plan_has(&plan, h->port[i].port))
			die(STATUS_USAGE, "the log has port %u, which its plan has not",
			    h->port[i].port);
	records_past_host(c, &plan, h, then);
}

void
logger_past_done(struct chan *c, const struct mark *m, const struct msg_namefailed *failed)
{
	if (failed != NULL)
		records_past_failed(c, &plan, m, failed);
	else
		records_past_done(c, &plan, m);
}

void
logger_past_run(struct chan *c, const struct mark *m, const struct buffer *notes)
{
	records_past_run(c, &plan, m, notes);
}

void
logger_flush(struct chan *c)
{
	records_flush(c);
}

/* All outputs have what the old log has: the scan may begin. */
void
logger_started(struct chan *c)
{
	logger_narrow();
	if (is_there(OUTPUT_OLD)) {
		rendered_run(c);
		records_resumed(c, &plan, &lines);
	}
	records_checkpoint(c, &plan);
	SEND_EMPTY(c, logstarted);
}

static bool
is_configured(void)
{
	return (order.configured && !order.more && order.replayed == order.reconfigured &&
	    order.replayed == replay_over() && (order.pieces == PORT_PIECES ||
	    (order.pieces == 0 && plan.config.port_kind == PROBE_NONE)));
}

static void
on_start(struct chan *c, const struct msg *m)
{
	struct totals	 past;
	uint64_t	 chain;
	bool		 resumable = replay_result(&chain, &past);

	(void)m;
	if (!is_configured() || replay_busy() || (is_there(OUTPUT_OLD) && !resumable))
		fatalx("parent sent START before the configuration was whole");
	chan_phase(c, RUN);
	if (!records_begin(c, &plan, &args, order.replayed ? &past_lines : &lines, &past, chain,
	    order.replayed))
		return;		/* the parent is told, and ends */
	if (is_there(OUTPUT_OLD) && replay_cut() == -1)
		fatal("cut off the torn end of the log");
	if (order.replayed && records_lack_past(&plan))
		replay_render();
	else
		logger_started(c);
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
	if (replay_busy())
		fatalx("parent sent %s before the outputs have what the old log has", name);
}

/* Is the host whole?  Then it goes to the outputs. */
static void
maybe_log(struct chan *c)
{
	if (host.nports != host.h.ports || host.nothers != host.h.others)
		return;
	order.in_host = false;
	records_host(c, &plan, &host);
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
on_barehosts(struct chan *c, const struct msg *m)
{
	check_between("BAREHOSTS");
	host.nothers = host.nports = 0;
	for (uint32_t i = 0; i < m->barehosts.n; i++) {
		host.h = host_of_bare(m->barehosts.e[i]);
		records_host(c, &plan, &host);
	}
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
	records_done(c, &plan, &m->done);
}

static void
on_checkpoint(struct chan *c, const struct msg *m)
{
	(void)m;
	check_between("CHECKPOINT");
	records_checkpoint(c, &plan);
}

static void
on_namefailed(struct chan *c, const struct msg *m)
{
	check_between("NAMEFAILED");
	records_failed(c, &plan, &m->namefailed);
}

static void
on_finish(struct chan *c, const struct msg *m)
{
	struct msg_finish	 f = m->finish;
	const struct rendered	*rendered = NULL;

	check_between("FINISH");
	order.finished = true;
	if (order.replayed && !is_there(OUTPUT_OLD)) {
		rendered = rendered_end();
		f.stats = rendered->sum;
		f.asked = rendered->asked;
	}
	records_end(c, &plan, &f, rendered);
	SEND_EMPTY(c, logfinished);
}

const struct msg_row	 logger_rows[MSG_TYPES] = { TO_CHILDREN(ROW) TO_LOGGER(ROW) };
