/*
 * The names of the logs: nmap's escapes in them, the four of -oA, and what each is called in
 * what we say.  The names are the user's own.
 */

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "parent.h"

#define ESCAPE_MAX	12	/* bytes that one escape makes, and to spare */

const struct log_kind	 log_kinds[OUTPUTS] = {
	[OUTPUT_NORMAL] = { "-oN", ".nmap", FORMAT_NORMAL },
	[OUTPUT_GREPABLE] = { "-oG", ".gnmap", FORMAT_GREPABLE },
	[OUTPUT_XML] = { "-oX", ".xml", FORMAT_XML },
	[OUTPUT_JSON] = { "-oJ", ".jsonl", FORMAT_JSON },
};

const char *
log_option(const struct options *o, enum output i)
{
	if (i != OUTPUT_OLD)
		return (log_kinds[i].option);
	return (o->resume != NULL ? "--resume" : o->convert != NULL ? "--convert" : "--verify");
}

bool
log_stdout(const struct options *o, enum output i)
{
	return (i != OUTPUT_OLD && o->log[i] != NULL && strcmp(o->log[i], "-") == 0);
}

/* The escapes that stand for several others, and those others; any other stands for itself. */
static const char *
fields_of(const char *letter)
{
	return (*letter == 'T' ? "HMS" : *letter == 'R' ? "HM" : *letter == 'D' ? "mdy" : letter);
}

/* The number that a letter stands for; -1: none. */
static int
field(char letter, const struct tm *t)
{
	switch (letter) {
	case 'H':
		return (t->tm_hour);
	case 'M':
		return (t->tm_min);
	case 'S':
		return (t->tm_sec);
	case 'm':
		return (t->tm_mon + 1);
	case 'd':
		return (t->tm_mday);
	case 'y':
		return (t->tm_year % 100);
	case 'Y':
		return (t->tm_year + 1900);
	default:
		return (-1);
	}
}

bool
name_expand(char *dst, size_t size, const char *text, const struct tm *t)
{
	char	 letter[2] = "";
	size_t	 at = 0;

	for (; *text != '\0'; text++) {
		if (at + ESCAPE_MAX >= size)
			return (false);
		if (*text != '%') {
			dst[at++] = *text;
			continue;
		}
		if (*++text == '\0')
			break;
		letter[0] = *text;
		if (field(*fields_of(letter), t) == -1)
			dst[at++] = *text;
		else
			for (const char *p = fields_of(letter); *p != '\0'; p++)
				at += (size_t)snprintf(dst + at, size - at, "%02d", field(*p, t));
	}
	dst[at] = '\0';
	return (true);
}

/* The name that the log will have. */
static void
name_log(struct options *o, enum output i, const char *option, const char *given,
    const struct tm *t)
{
	static char	 names[OUTPUTS][PATH_MAX];
	const char	*suffix = o->all != NULL ? log_kinds[i].suffix : "";

	if (!name_expand(names[i], sizeof(names[i]) - strlen(suffix), given, t))
		die(STATUS_USAGE, "%s: the name is too long", option);
	if (names[i][0] == '\0')
		die(STATUS_USAGE, "%s %s: no name is left of it", option, given);
	if (o->all != NULL && strcmp(names[i], "-") == 0)
		die(STATUS_USAGE, "%s -: four logs can't share standard output", option);
	memcpy(names[i] + strlen(names[i]), suffix, strlen(suffix) + 1);
	o->log[i] = names[i];
}

void
options_names(struct options *o)
{
	time_t		 now = time(NULL);
	const struct tm	*t = localtime(&now);

	if (t == NULL)
		fatal("the local time");
	for (enum output i = OUTPUT_NORMAL; i < OUTPUT_OLD; i++) {
		if (o->all != NULL && o->log[i] != NULL)
			die(STATUS_USAGE, "-oA names all four logs: leave out %s",
			    log_option(o, i));
		if (o->all != NULL)
			name_log(o, i, "-oA", o->all, t);
		else if (o->log[i] != NULL)
			name_log(o, i, log_option(o, i), o->log[i], t);
	}
	o->log[OUTPUT_OLD] = o->resume != NULL ? o->resume :
	    o->convert != NULL ? o->convert : o->verify;
}
