/* How a run ended: what the user is told is missing, and the exit status. */

#include <stdio.h>
#include <string.h>

#include "parent.h"

#define LINE_SAID	360	/* bytes: of a command line, one line has room for so much */

static unsigned long	 missing[MISSINGS];
static char		 no_route[ADDR_TEXT];	/* the first to which there is none */
static unsigned long	 unheard;	/* reverse look-ups that no server answered */
static bool		 heard_server;	/* one answered, if only to refuse */

void
run_missing(enum missing what)
{
	missing[what]++;
}

void
run_no_route(const struct addr *a)
{
	if (missing[MISSING_ROUTE]++ == 0)
		addr_text(a, no_route);
}

void
run_lookup(bool reverse, enum lookup lookup, enum name_source source)
{
	bool	 silence = lookup == LOOKUP_TIMED_OUT || lookup == LOOKUP_NO_SERVER;

	unheard += reverse && silence;
	heard_server = heard_server || (!silence && source != SOURCE_HOSTS);
}

/* Not one name of an address could be asked for: say so. */
static void
say_unheard(void)
{
	if (unheard == 0 || heard_server)
		return;
	warningx("no name server answered: the name%s of %lu address%s not known (-n does not ask)",
	    unheard == 1 ? "" : "s", unheard, unheard == 1 ? " is" : "es are");
}

/* Say what is missing: true when something is. */
static bool
say_missing(void)
{
	const struct msg_stats	*st = &heard.stats;

	if (missing[MISSING_ROUTE] == 1)
		warningx("no route to %s", no_route);
	else if (missing[MISSING_ROUTE] != 0)
		warningx("no route to %lu of the targets, as %s (-v --reason names them)",
		    missing[MISSING_ROUTE], no_route);
	if (missing[MISSING_TIME] != 0)
		warningx("%lu host%s given up for --host-timeout", missing[MISSING_TIME],
		    missing[MISSING_TIME] == 1 ? " was" : "s were");
	if (missing[MISSING_ANSWERS] != 0)
		warningx("over 1 %% of the answers of %lu host%s did not come, as far as can be "
		    "told; open ports may be missing", missing[MISSING_ANSWERS],
		    missing[MISSING_ANSWERS] == 1 ? "" : "s");
	if (st->dropped != 0)
		warningx("%llu packets came faster than they could be taken in; some states "
		    "may be wrong", (unsigned long long)st->dropped);
	if (st->refused != 0)
		warningx("%llu probes were refused by this machine itself (its firewall?); their "
		    "ports count as filtered", (unsigned long long)st->refused);
	return (missing[MISSING_NAME] != 0 || missing[MISSING_ROUTE] != 0 ||
	    missing[MISSING_TIME] != 0 || missing[MISSING_ANSWERS] != 0 ||
	    st->dropped != 0 || st->refused != 0 || source_bad() != 0);
}

/* A word of a command line, as a shell takes it.  Where there is no room it is cut off. */
static size_t
add_word(char *line, size_t at, size_t size, const char *word)
{
	static const char	 plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789_-./:,=@%+";
	bool			 quote = *word == '\0' || strspn(word, plain) != strlen(word);

	if (at + 8 >= size)
		return (at);
	at += (size_t)snprintf(line + at, size - at, quote ? " '" : " ");
	for (; *word != '\0' && at + 8 < size; word++)
		at += (size_t)snprintf(line + at, size - at,
		    *word == '\'' ? "'\"'\"'" : "%c", *word);
	return (at + (size_t)snprintf(line + at, size - at, quote ? "'" : ""));
}

/* An option, and its value, if it has one. */
static size_t
add_option(char *line, size_t at, size_t size, const char *name, const char *value)
{
	char	 option[64];

	snprintf(option, sizeof(option), "%s%s", strlen(name) > 2 ? "--" : "-", name);
	at = add_word(line, at, size, option);
	return (value != NULL ? add_word(line, at, size, value) : at);
}

/*
 * What has to be given again: what the log does not say, and what only a part that was resumed
 * left alone.  The documents are named as well, or they would stay without an end.
 */
static size_t
add_again(char *line, size_t at, size_t size, const struct options *o)
{
	for (unsigned int i = 0; i < o->nplan; i++)
		if (o->plan[i].kind == LINE_LIST || o->resume != NULL)
			at = add_option(line, at, size, o->plan[i].name, o->plan[i].value);
	for (enum output i = OUTPUT_XML; i <= OUTPUT_JSON; i++)
		if (o->log[i] != NULL && !log_stdout(o, i))
			at = add_option(line, at, size, log_option(o, i) + 1, o->log[i]);
	return (at);
}

/* How to go on: false when no log can be gone on with. */
static bool
say_resume(const struct options *o)
{
	const char	*log = o->resume;
	char		 line[LINE_SAID + 16];
	size_t		 at;

	if (heard.log_started && o->convert == NULL && !o->append)
		for (enum output i = OUTPUT_NORMAL; log == NULL && i <= OUTPUT_GREPABLE; i++)
			if (!log_stdout(o, i))
				log = o->log[i];
	if (log == NULL)
		return (false);
	at = add_word(line, 0, sizeof(line), log);
	at = add_again(line, at, sizeof(line), o);
	if (at < LINE_SAID && text_printable(line) && strchr(line, '\\') == NULL)
		note("to go on: postern --resume%s", line);
	else
		note("to go on: postern --resume LOG, and again all files, servers, interfaces "
		    "and exclusions that were named now");
	return (true);
}

int
outcome_at_once(const struct options *o)
{
	return (say_resume(o) ? STATUS_RESUMABLE : STATUS_INCOMPLETE);
}

int
outcome_status(const struct options *options, enum ending ending, bool has_log, bool logger_gone)
{
	bool	 incomplete = say_missing();

	if (ending == ENDING_COMPLETE)
		say_unheard();
	if (!heard.log_finished && !logger_gone)
		warningx("the logger is stuck (is standard output read?): the logs have no end, "
		    "but can be resumed");
	if (ending != ENDING_COMPLETE)
		has_log = say_resume(options) && has_log;
	switch (ending) {
	case ENDING_CHILD_DIED:
		return (STATUS_PROCESS);
	case ENDING_NETWORK_GONE:
		return (STATUS_NETWORK);
	case ENDING_INTERRUPTED:
	case ENDING_LOG_FAILED:
		return (has_log ? STATUS_RESUMABLE : STATUS_INCOMPLETE);
	default:
		return (!heard.log_finished ? STATUS_PROCESS :
		    incomplete ? STATUS_INCOMPLETE : STATUS_OK);
	}
}
