/* What the prober and the logger are told before the scan begins. */

#include <stdio.h>
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

	for (int i = OUTPUT_NORMAL; i < OUTPUTS; i++)
		if (f->log[i] != -1)
			m.format[i] = i == OUTPUT_NORMAL ? FORMAT_NORMAL : FORMAT_GREPABLE;
	if (heard.past_ended)		/* the old log says which it is */
		m.format[OUTPUT_NORMAL] = heard.past.format;
	if (await_room(CHILD_LOGGER))
		send_logconfig(&channels[CHILD_LOGGER], &m);
}

void
setup_header(const struct options *options, uint32_t walls, const char *command_line)
{
	char	 line[8192], wall[WALL_TEXT];

	send_text(LINE_ARGS, command_line);
	for (unsigned int i = 0; i < options->nplan; i++) {
		const struct plan_line	*p = &options->plan[i];

		if (p->kind == LINE_OPTION && p->value != NULL && await_room(CHILD_LOGGER)) {
			snprintf(line, sizeof(line), "%s %s", p->name, p->value);
			send_text(LINE_OPTION, line);
		} else
			send_text(p->kind, p->name);
	}
	for (unsigned int n = 0; wall_text(n, walls, wall) != NULL; n++)
		send_text(LINE_WALLS, wall);
}
