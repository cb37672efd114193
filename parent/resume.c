/*
 * What an old log says, by way of the logger, who read it in its sandbox.  The log may be
 * forged: it can name targets, options of a plan and what is done, and nothing else.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parent.h"

#define TEXT_MAX	(256 * 1024)	/* of one option or target: an argument has half of it */

static struct options	*options;
static const char	*log_name;	/* of it */
static char		*text;		/* the line so far */
static size_t		 length;
static bool		 had_list;	/* the scan had targets from a file */

void
resume_init(struct options *o)
{
	options = o;
	log_name = o->log[OUTPUT_OLD];
	if ((text = malloc(TEXT_MAX)) == NULL)
		fatal("memory");
}

static void
take_option(void)
{
	char	*mine = copy(text, length + 1);

	if (options_from_log(options, mine) == -1)
		die(STATUS_USAGE, "%s: it records an option that a log may not: %s",
		    log_name, text);
}

static void
take_target(void)
{
	if (options->ntargets == TARGETS_ARGS_MAX)
		die(STATUS_USAGE, "%s: it records too many targets", log_name);
	options->targets[options->ntargets++] = copy(text, length + 1);
}

static void
take_list(void)
{
	had_list |= strcmp(text, "iL") == 0;
	if (options->resume != NULL && !options_given(options, text))
		die(STATUS_USAGE, "%s: the scan had the option %s, which is never taken from a "
		    "log: give it again", log_name, text);
}

/* What the log says of the content of a list: is it the list that was given again? */
static void
take_digest(const char *option, const char *name, int fd)
{
	char	 now[LIST_DIGEST];

	if (name == NULL || strncmp(text + strlen("list "), option, strlen(option)) != 0)
		return;
	list_digest_line(option, fd, now);
	if (strcmp(now, text) == 0 && strchr(now, '-') == NULL)
		return;
	if (strstr(now, " - ") == NULL && strstr(text, " - ") == NULL)
		die(STATUS_USAGE, "%s: it is not the one that the scan began with", name);
	warningx("%s: it can't be told whether it is the one that the scan began with", name);
}

void
resume_line(const struct msg_line *m)
{
	size_t	 more = strlen(m->text);

	if (length + more >= TEXT_MAX)
		die(STATUS_USAGE, "%s: a line of its plan is too long", log_name);
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
	case LINE_RUN:
		if (options->resume != NULL) {
			take_digest("iL", options->list, FD_LIST);
			take_digest("excludefile", options->excludefile, FD_EXCLUDE);
		}
		break;
	}
	length = 0;
}

void
resume_done(const struct msg_ranges *m)
{
	for (uint32_t i = 0; i < m->n; i++) {
		source_done(&m->e[i]);
		past_done(&m->e[i]);
	}
}

#define S(id, name)	name,
static const char *const	 why[REPLAY_COUNT] = { REPLAYS(S) };
#undef S

void
resume_skipped(const char *log, const struct msg_pastend *m)
{
	uint64_t	 n = source_skipped();

	if (m->replay != REPLAY_RESUMABLE)
		die(STATUS_USAGE, "--skip-done %s: %s", log, why[m->replay]);
	note("%s: %llu host%s finished in it %s not scanned again", log, (unsigned long long)n,
	    n == 1 ? "" : "s", n == 1 ? "is" : "are");
	evidence_skip(n, log);
}

/* What it is: with the wrong key all looks altered. */
static const char *
verdict(const struct msg_pastend *m)
{
	if (m->replay == REPLAY_ALTERED && options->log_key != NULL)
		return ("altered since it was written, or sealed with another key");
	return (why[m->replay]);
}

int
resume_verified(const struct msg_pastend *m)
{
	if (m->replay != REPLAY_RESUMABLE && m->replay != REPLAY_FINISHED) {
		if (m->line != 0)
			note("%s: %s (line %llu)", log_name, verdict(m),
			    (unsigned long long)m->line);
		else
			note("%s: %s", log_name, verdict(m));
		return (m->replay == REPLAY_KEYED ? STATUS_USAGE : STATUS_INCOMPLETE);
	}
	if (m->torn != 0)
		note("%s: its last %llu bytes are torn: a crash cut off a record", log_name,
		    (unsigned long long)m->torn);
	if (m->several)
		note("%s: the last of several logs, one behind the other%s; of it:", log_name,
		    m->unfinished ? ", of which one before is not complete" : "");
	note("%s: %s; %llu address%s, %llu up; every record is as it was written%s", log_name,
	    m->replay == REPLAY_FINISHED ? "complete" : why[m->replay],
	    (unsigned long long)m->hosts, m->hosts == 1 ? "" : "es",
	    (unsigned long long)m->up, options->log_key != NULL ? " with this key" :
	    " (without a key this shows accidents, not forgery)");
	return (m->unfinished ? STATUS_INCOMPLETE :
	    m->replay == REPLAY_FINISHED ? STATUS_OK : STATUS_RESUMABLE);
}

void
resume_end(const struct msg_pastend *m)
{
	if (m->replay == REPLAY_FINISHED)
		return;
	if (m->replay != REPLAY_RESUMABLE && m->line != 0)
		die(STATUS_USAGE, "%s: %s (line %llu)", log_name, verdict(m),
		    (unsigned long long)m->line);
	if (m->replay != REPLAY_RESUMABLE)
		die(STATUS_USAGE, "%s: %s", log_name, verdict(m));
	if (options->resume != NULL && options->list != NULL && !had_list)
		die(STATUS_USAGE, "%s: the scan had no -iL: leave it out", log_name);
	if (m->torn != 0)
		warningx("%s: its last %llu bytes were torn, and are dropped", log_name,
		    (unsigned long long)m->torn);
}
