/*
 * What an old log says, by way of the logger, who read it in its sandbox.  The log may be
 * forged: it can name targets, options of a plan and what is done, and nothing else.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parent.h"

#define TEXT_MAX	(64 * 1024)	/* of one option or target */

static struct options	*options;
static char		*text;		/* the line so far */
static size_t		 length;
static bool		 had_list;	/* the scan had targets from a file */

void
resume_init(struct options *o)
{
	options = o;
	if ((text = malloc(TEXT_MAX)) == NULL)
		fatal("memory");
}

static void
take_option(void)
{
	char	*mine = copy(text, length + 1);

	if (options_from_log(options, mine) == -1)
		die(STATUS_USAGE, "%s: it records an option that a log may not: %s",
		    options->resume, text);
}

static void
take_target(void)
{
	if (options->ntargets == TARGETS_ARGS_MAX)
		die(STATUS_USAGE, "%s: it records too many targets", options->resume);
	options->targets[options->ntargets++] = copy(text, length + 1);
}

static void
take_list(void)
{
	had_list |= strcmp(text, "iL") == 0;
	if (!options_given(options, text))
		die(STATUS_USAGE, "%s: the scan had the option %s, which is never taken from a "
		    "log: give it again", options->resume, text);
}

void
resume_line(const struct msg_line *m)
{
	size_t	 more = strlen(m->text);

	if (length + more >= TEXT_MAX)
		die(STATUS_USAGE, "%s: a line of its plan is too long", options->resume);
	memcpy(text + length, m->text, more + 1);
	length += more;
	if (m->more)
		return;
	switch (m->kind) {
	case LINE_OPTION:
		take_option();
		break;
	case LINE_TARGET:
		take_target();
		break;
	case LINE_LIST:
		take_list();
		break;
	}
	length = 0;
}

void
resume_done(const struct msg_ranges *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		source_done(&m->e[i]);
}

void
resume_end(const struct msg_pastend *m)
{
#define S(id, name)	name,
	static const char *const	 why[REPLAY_COUNT] = { REPLAYS(S) };
#undef S

	if (m->replay == REPLAY_FINISHED) {
		note("%s: already complete", options->resume);
		_exit(STATUS_OK);
	}
	if (m->replay != REPLAY_RESUMABLE && m->line != 0)
		die(STATUS_USAGE, "%s: %s (line %llu)", options->resume, why[m->replay],
		    (unsigned long long)m->line);
	if (m->replay != REPLAY_RESUMABLE)
		die(STATUS_USAGE, "%s: %s", options->resume, why[m->replay]);
	if (options->list != NULL && !had_list)
		die(STATUS_USAGE, "%s: the scan had no -iL: leave it out", options->resume);
	if (m->torn != 0)
		warningx("%s: its last %llu bytes were torn, and are dropped", options->resume,
		    (unsigned long long)m->torn);
}
