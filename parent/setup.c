/* What the prober and the logger are told before the scan begins. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "parent.h"

/* Text of any length, in as many messages as it takes. */
static void
send_text(enum line_kind kind, const char *text)
{
	size_t	 left = strlen(text);

	do {
		struct msg_line	 m = { .kind = (uint8_t)kind };
		size_t		 n = left < LINE_TEXT - 1 ? left : LINE_TEXT - 1;

		memcpy(m.text, text, n);
		text += n;
		left -= n;
		m.more = left != 0;
		if (await_room(CHILD_LOGGER))
			send_logline(&channels[CHILD_LOGGER], &m);
	} while (left != 0);
}

void
setup_ports(const struct plan *plan)
{
	const size_t	 size = sizeof(plan->ports.bits);

	for (uint8_t i = 0; i < PORT_PIECES; i++) {
		struct msg_ports	 m = { .piece = i, .proto = PROTO_TCP };
		size_t			 at = (size_t)i * PORT_PIECE;

		memcpy(m.bits, plan->ports.bits + at,
		    size - at < PORT_PIECE ? size - at : PORT_PIECE);
		if (await_room(CHILD_PROBER))
			send_probeports(&channels[CHILD_PROBER], &m);
		if (await_room(CHILD_LOGGER))
			send_logports(&channels[CHILD_LOGGER], &m);
	}
}

void
setup_logger(const struct options *options, const struct plan *plan, const struct files *f)
{
	struct timespec		 ts;
	struct msg_logconfig	 m;

	clock_gettime(CLOCK_REALTIME, &ts);
	m = (struct msg_logconfig){
		.seed = plan->seed, .start = (uint64_t)ts.tv_sec,
		.flags = (options->reason ? LOG_REASON : 0) | (options->open_only ? LOG_OPEN : 0) |
		    (options->list_only ? LOG_LIST_ONLY : !plan->scan ? LOG_PING_ONLY : 0),
		.verbosity = (uint8_t)options->verbosity,
		.port_kind = plan->scan ? PROBE_TCP_SYN : PROBE_NONE,
		.format = { (uint8_t)f->report },
	};

	for (int i = OUTPUT_NORMAL; i < OUTPUT_OLD; i++)
		if (f->log[i] != -1)
			m.format[i] = (uint8_t)log_kinds[i].format;
	if (heard.past_ended)
		m.start = heard.past.start;
	if (heard.past_ended && options->resume != NULL && heard.past.replay == REPLAY_RESUMABLE)
		m.format[OUTPUT_OLD] = heard.past.format;
	else if (f->log[OUTPUT_OLD] != -1 && f->report == FORMAT_REPORT)	/* only read */
		m.format[OUTPUT_REPORT] = FORMAT_NONE;
	if (await_room(CHILD_LOGGER))
		send_logconfig(&channels[CHILD_LOGGER], &m);
}

/* With its value, which may be as long as an argument can be. */
static void
send_option(const struct plan_line *p)
{
	char	*line;

	if (asprintf(&line, "%s %s", p->name, p->value) == -1)
		fatal("memory");
	send_text(LINE_OPTION, line);
	free(line);
}

void
setup_header(const struct options *options, uint32_t walls, const char *command_line)
{
	char	 wall[WALL_TEXT];

	send_text(LINE_ARGS, command_line);
	for (unsigned int i = 0; i < options->nplan; i++) {
		const struct plan_line	*p = &options->plan[i];

		if (p->kind == LINE_OPTION && p->value != NULL)
			send_option(p);
		else
			send_text(p->kind, p->name);
	}
	for (unsigned int n = 0; wall_text(n, walls, wall) != NULL; n++)
		send_text(LINE_WALLS, wall);
}

/* Of -iL first; the plan says which of the two were given. */
static void
send_list(const char *option, const char *name, int fd)
{
	char	 line[LIST_DIGEST];

	if (name == NULL)
		return;
	list_digest_line(option, fd, line);
	send_text(LINE_RUN, line);
}

void
setup_evidence(const struct options *options, const struct plan *plan, uint32_t walls)
{
	char		 line[256];
	const char	*text;
	int		 at;

	for (unsigned int n = 0; (text = evidence_line(n)) != NULL; n++)
		send_text(LINE_RUN, text);
	snprintf(line, sizeof(line), "scope %016llx",
	    (unsigned long long)scope_digest(options, &plan->ports));
	send_text(LINE_RUN, line);
	send_list("iL", options->list, FD_LIST);
	send_list("excludefile", options->excludefile, FD_EXCLUDE);
	at = snprintf(line, sizeof(line), "walls%s", wall_name(0, walls) == NULL ? " none" : "");
	for (unsigned int n = 0; (text = wall_name(n, walls)) != NULL; n++)
		at += snprintf(line + at, sizeof(line) - (size_t)at, "%s %s", n == 0 ? "" : ",",
		    text);
	send_text(LINE_RUN, line);
}
