/*
 * What the other processes say to the coordinator.  Each is believed no further than it can
 * be checked.
 */

#include "parent.h"

#define SAY_MAX	100	/* lines of one child: none has a reason for more than a few */

static msg_handler	 on_ready, on_say, on_addresses, on_hostnames, on_pings, on_portstates;
static msg_handler	 on_progress, on_hostsdone, on_stats, on_asked;
static msg_handler	 on_pastline, on_pastdone, on_pasthost, on_pastports;
static msg_handler	 on_pastaddrs, on_pastend;
static msg_handler	 on_logstarted, on_logfailed, on_logfinished;

const struct msg_row	 parent_rows[MSG_TYPES] = { TO_PARENT(ROW) };
struct heard		 heard;

static void
on_ready(struct chan *c, const struct msg *m)
{
	enum child	 which = (enum child)(c - channels);

	if (heard.ready[which])
		fatalx("%s is ready a second time", proc_name(c->peer));
	heard.ready[which] = true;
	heard.words[which] = m->ready;
}

static void
on_say(struct chan *c, const struct msg *m)
{
	static unsigned int	 said[CHILDREN_COUNT];
	const char		*text = m->say.text;

	if (++said[c - channels] > SAY_MAX)
		fatalx("%s says too much", proc_name(c->peer));
	if (m->say.level == SAY_NOTE)
		note("%s: %s", proc_name(c->peer), text);
	else if (m->say.level == SAY_WARNING)
		warningx("%s: %s", proc_name(c->peer), text);
	else
		last_word(c->peer, text);
}

static void
on_addresses(struct chan *c, const struct msg *m)
{
	(void)c;
	step_addresses(&m->addresses);
}

static void
on_hostnames(struct chan *c, const struct msg *m)
{
	(void)c;
	for (uint32_t i = 0; i < m->hostnames.n; i++)
		step_hostnames(&m->hostnames.e[i]);
}

static void
on_pings(struct chan *c, const struct msg *m)
{
	(void)c;
	for (uint32_t i = 0; i < m->pings.n; i++)
		step_ping(&m->pings.e[i]);
}

static void
on_portstates(struct chan *c, const struct msg *m)
{
	(void)c;
	for (uint32_t i = 0; i < m->portstates.n; i++)
		step_port(&m->portstates.e[i]);
}

static void
on_progress(struct chan *c, const struct msg *m)
{
	(void)c;
	for (uint32_t i = 0; i < m->progress.n; i++)
		step_progress(&m->progress.e[i]);
}

static void
on_hostsdone(struct chan *c, const struct msg *m)
{
	(void)c;
	for (uint32_t i = 0; i < m->hostsdone.n; i++)
		step_done(&m->hostsdone.e[i]);
}

static void
on_stats(struct chan *c, const struct msg *m)
{
	if (m->stats.last && c->phase != DRAIN)
		fatalx("the prober stopped unasked");
	if (heard.drained)
		fatalx("the prober spoke after its last word");
	heard.stats = m->stats;
	heard.drained = m->stats.last;
}

static void
on_asked(struct chan *c, const struct msg *m)
{
	(void)c;
	if (heard.asked)
		fatalx("the resolver spoke after its last word");
	heard.asked = true;
	heard.servers = m->asked;
}

/* The logger speaks of an old log only while it reads one that it was told to, up to its end. */
static void
check_reading(bool told)
{
	if (!told || heard.past_ended)
		fatalx("the logger speaks of an old log unasked");
}

static void
on_pastline(struct chan *c, const struct msg *m)
{
	(void)c;
	check_reading(heard.replaying);
	resume_line(&m->pastline);
}

static void
on_pastdone(struct chan *c, const struct msg *m)
{
	(void)c;
	check_reading(heard.replaying);
	resume_done(&m->pastdone);
}

static void
on_pasthost(struct chan *c, const struct msg *m)
{
	(void)c;
	check_reading(heard.replaying);
	past_host(&m->pasthost);
}

static void
on_pastports(struct chan *c, const struct msg *m)
{
	(void)c;
	check_reading(heard.replaying);
	past_ports(&m->pastports);
}

/* All that it may say of the log of --skip-done, and of no other. */
static void
on_pastaddrs(struct chan *c, const struct msg *m)
{
	(void)c;
	check_reading(heard.skipping);
	for (uint32_t i = 0; i < m->pastaddrs.n; i++)
		source_skip(&m->pastaddrs.addr[i]);
}

static void
on_pastend(struct chan *c, const struct msg *m)
{
	(void)c;
	check_reading(heard.replaying || heard.skipping);
	heard.past_ended = true;
	heard.past = m->pastend;
}

static void
on_logstarted(struct chan *c, const struct msg *m)
{
	(void)c;
	(void)m;
	heard.log_started = true;
}

static void
on_logfailed(struct chan *c, const struct msg *m)
{
	static bool	 told[OUTPUTS];

	if (told[m->logfailed.output])
		fatalx("%s sent LOGFAILED twice for one output", proc_name(c->peer));
	told[m->logfailed.output] = true;
	log_failed(m->logfailed.output, (int)m->logfailed.error);
}

static void
on_logfinished(struct chan *c, const struct msg *m)
{
	(void)c;
	(void)m;
	heard.log_finished = true;
}
