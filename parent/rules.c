/* Which options make no sense together, or without others.  Pure, but that it ends the process. */

#include <string.h>

#include "parent.h"

/* No two logs in one file, by name; files.c looks at the files themselves. */
static void
check_names(const struct options *o)
{
	for (enum output i = OUTPUT_NORMAL; i < OUTPUTS; i++)
		for (enum output j = OUTPUT_NORMAL; j < i; j++) {
			if (o->log[i] == NULL || o->log[j] == NULL ||
			    strcmp(o->log[i], o->log[j]) != 0)
				continue;
			if (log_stdout(o, i))
				die(STATUS_USAGE, "standard output takes one log: %s or %s",
				    log_option(o, j), log_option(o, i));
			die(STATUS_USAGE, "%s and %s name the same file: %s", log_option(o, j),
			    log_option(o, i), o->log[i]);
		}
}

/* The first output that is named, or NULL. */
static const char *
any_output(const struct options *o)
{
	for (enum output i = OUTPUT_NORMAL; i < OUTPUT_OLD; i++)
		if (o->log[i] != NULL)
			return (log_option(o, i));
	return (NULL);
}

/* What may stand beside an old log: what that can't say, and what is not to be touched any more. */
static bool
goes_with_old(const struct options *o, const struct plan_line *l)
{
	if (l->kind == LINE_LIST)
		return (o->resume != NULL || strcmp(l->name, "log-key") == 0);
	return (o->resume != NULL && l->kind == LINE_OPTION && strcmp(l->name, "exclude") == 0);
}

static const char *
dashes_of(const struct plan_line *l)
{
	return (l->kind == LINE_TARGET ? "" : strlen(l->name) > 2 ? "--" : "-");
}

static void
check_old(const struct options *o)
{
	const char	*what = log_option(o, OUTPUT_OLD);

	if ((o->resume != NULL) + (o->convert != NULL) + (o->verify != NULL) > 1)
		die(STATUS_USAGE, "--resume, --convert and --verify: one of them at a time");
	for (unsigned int i = 0; i < o->nplan; i++)
		if (!goes_with_old(o, &o->plan[i]))
			die(STATUS_USAGE, "with %s %s: leave out %s%s", what,
			    o->verify != NULL ? "nothing is scanned" :
			    "the scan is what the log says", dashes_of(&o->plan[i]),
			    o->plan[i].name);
	if (o->append)
		die(STATUS_USAGE, "%s does not go with --append-output", what);
	if (o->verify != NULL && any_output(o) != NULL)
		die(STATUS_USAGE, "--verify writes no log: leave out %s", any_output(o));
	if (o->convert != NULL && any_output(o) == NULL)
		die(STATUS_USAGE, "--convert to what? name -oN, -oG, -oX, -oJ or -oA");
}

/* Is it a file of ours, with records? */
static bool
is_sealed(const struct options *o, enum output i)
{
	return (o->log[i] != NULL && !log_stdout(o, i));
}

/* It is more likely that the name was forgotten. */
static void
check_outputs(const struct options *o)
{
	for (enum output i = OUTPUT_NORMAL; i < OUTPUT_OLD; i++)
		if (o->log[i] != NULL && o->log[i][0] == '-' && !log_stdout(o, i))
			die(STATUS_USAGE, "%s %s: a name that begins with - is given as ./%s",
			    log_option(o, i), o->log[i], o->log[i]);
}

void
options_check(const struct options *o)
{
	if (o->help || o->version || o->doctor)
		return;
	check_names(o);
	check_outputs(o);
	if (o->system_dns && o->dns_servers != NULL)
		die(STATUS_USAGE, "--system-dns asks the servers of resolv.conf, --dns-servers "
		    "asks others: leave one out");
	if (o->log[OUTPUT_OLD] != NULL) {
		check_old(o);
		return;
	}
	if (o->log_key != NULL && !is_sealed(o, OUTPUT_NORMAL) && !is_sealed(o, OUTPUT_GREPABLE))
		die(STATUS_USAGE, "--log-key seals the files of -oN and -oG: name one");
	if (o->append && o->log[OUTPUT_XML] != NULL)
		die(STATUS_USAGE, "--append-output: nothing may follow an XML document: "
		    "leave out -oX and -oA");
	if ((o->ping_only || o->list_only) && (o->ports != NULL || o->fast ||
	    o->top_ports != 0 || (o->list_only && o->exclude_ports != NULL)))
		die(STATUS_USAGE, "ports are named, but %s scans none",
		    o->list_only ? "-sL" : "-sn");
	if (o->ping_only && o->list_only)
		die(STATUS_USAGE, "-sn and -sL are two different scans");
	if (o->ntargets == 0 && o->list == NULL)
		die(STATUS_USAGE, "no targets; postern --help says how to name them");
}
