/*
 * A scenario file, from its lines to a struct scenario.  Testers write it and are trusted: what
 * is malformed ends the program with the line's number.  README.md says what the keys mean.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define LINE_LEN	4096
#define WHITE		" \t\r\n"

struct key {
	const char	*name;
	int		(*set)(const char *, void *);
	size_t		 offset;
};

/* Where we are: a line that begins with white space goes on with the last path or group. */
struct reader {
	const char		*file;
	unsigned int		 line;
	struct scenario		*scenario;
	const struct key	*keys;
	void			*object;
};

#define G(field)	offsetof(struct group, field)
static const struct key	 group_keys[] = {
	{ "up",			set_fraction,	G(up) },
	{ "only",		set_only,	0 },
	{ "ping",		set_ping,	0 },
	{ "open",		set_ports,	G(listed[TCP][OPEN]) },
	{ "closed",		set_ports,	G(listed[TCP][CLOSED]) },
	{ "silent",		set_ports,	G(listed[TCP][SILENT]) },
	{ "reject",		set_ports,	G(listed[TCP][REJECT]) },
	{ "open_fraction",	set_fraction,	G(fraction[TCP][OPEN]) },
	{ "closed_fraction",	set_fraction,	G(fraction[TCP][CLOSED]) },
	{ "silent_fraction",	set_fraction,	G(fraction[TCP][SILENT]) },
	{ "reject_fraction",	set_fraction,	G(fraction[TCP][REJECT]) },
	{ "default",		set_state,	G(fallback[TCP]) },
	{ "udp_open",		set_ports,	G(listed[UDP][OPEN]) },
	{ "udp_closed",		set_ports,	G(listed[UDP][CLOSED]) },
	{ "udp_silent",		set_ports,	G(listed[UDP][SILENT]) },
	{ "udp_reject",		set_ports,	G(listed[UDP][REJECT]) },
	{ "udp_open_fraction",	set_fraction,	G(fraction[UDP][OPEN]) },
	{ "udp_closed_fraction", set_fraction,	G(fraction[UDP][CLOSED]) },
	{ "udp_default",	set_state,	G(fallback[UDP]) },
	{ "absent",		set_state,	G(absent) },
	{ "code",		set_number,	G(code) },
	{ "quote",		set_number,	G(quote) },
	{ "from",		set_address,	G(from) },
	{ "ttl",		set_number,	G(ttl) },
	{ "path",		set_name,	G(path_name) },
	{ "rtt",		set_ms,		G(rtt) },
	{ "jitter",		set_ms,		G(jitter) },
	{ "loss_out",		set_fraction,	G(loss[OUT].rate) },
	{ "loss_in",		set_fraction,	G(loss[IN].rate) },
	{ "burst_out",		set_real,	G(loss[OUT].burst) },
	{ "burst_in",		set_real,	G(loss[IN].burst) },
	{ "reorder",		set_fraction,	G(reorder) },
	{ "dup",		set_fraction,	G(dup) },
	{ "late",		set_rtt_late,	0 },
	{ "forge",		set_fraction,	G(forge) },
	{ "rst_limit",		set_limit,	G(rst_limit) },
	{ "icmp_limit",		set_limit,	G(icmp_limit) },
	{ "tarpit",		set_yes,	G(tarpit) },
	{ "syncookie",		set_yes,	G(syncookie) },
	{ "dies_after",		set_dies,	0 },
	{ NULL,			NULL,		0 }
};

#define P(field)	offsetof(struct path, field)
static const struct key	 path_keys[] = {
	{ "bandwidth",		set_real,	P(bandwidth) },
	{ "queue",		set_number,	P(queue_size) },
	{ "rtt",		set_ms,		P(rtt) },
	{ "loss_out",		set_fraction,	P(loss[OUT].rate) },
	{ "loss_in",		set_fraction,	P(loss[IN].rate) },
	{ "burst_out",		set_real,	P(loss[OUT].burst) },
	{ "burst_in",		set_real,	P(loss[IN].burst) },
	{ "router",		set_address,	P(router) },
	{ "router_icmp_limit",	set_limit,	P(router_limit) },
	{ NULL,			NULL,		0 }
};

static _Noreturn void
bad(const struct reader *r, const char *what)
{
	errx(1, "%s:%u: %s", r->file, r->line, what);
}

static char *
word(const struct reader *r, char **save, const char *what)
{
	char	*s = strtok_r(NULL, WHITE, save);

	if (s == NULL)
		bad(r, what);
	return (s);
}

static void
set_key(const struct reader *r, const char *name, const char *value)
{
	for (const struct key *k = r->keys; k->name != NULL; k++) {
		if (strcmp(k->name, name) != 0)
			continue;
		if (k->set(value, (char *)r->object + k->offset) == -1)
			bad(r, name);
		return;
	}
	bad(r, name);
}

static void
read_keys(const struct reader *r, char *s, char **save)
{
	char	*value;

	for (; s != NULL; s = strtok_r(NULL, WHITE, save)) {
		if (r->keys == NULL || (value = strchr(s, '=')) == NULL)
			bad(r, s);
		*value++ = '\0';
		if (strcmp(s, "loss") == 0) {
			set_key(r, "loss_out", value);
			set_key(r, "loss_in", value);
		} else
			set_key(r, s, value);
	}
}

static void
on_device(struct reader *r, char **save)
{
	struct scenario	*s = r->scenario;
	char		*kind, *address;

	if (set_name(word(r, save, "device without a name"), s->device) == -1)
		bad(r, "device name too long");
	kind = word(r, save, "device without tun or tap");
	s->tap = strcmp(kind, "tap") == 0;
	if (!s->tap && strcmp(kind, "tun") != 0)
		bad(r, kind);
	address = word(r, save, "device without an address");
	if (set_range(address, &s->link) == -1)
		bad(r, address);
	*strchrnul(address, '/') = '\0';
	if (set_address(address, &s->address) == -1)
		bad(r, address);
	if ((address = strtok_r(NULL, WHITE, save)) != NULL &&
	    set_address(address, &s->gateway) == -1)
		bad(r, address);
}

static void
on_path(struct reader *r, char **save)
{
	struct path	*p = &r->scenario->path[r->scenario->npaths];

	if (r->scenario->npaths++ == PATHS_MAX ||
	    set_name(word(r, save, "path without a name"), p->name) == -1)
		bad(r, "path");
	p->id = r->scenario->npaths;
	p->queue_size = 1000;
	r->keys = path_keys;
	r->object = p;
}

static void
on_group(struct reader *r, char **save)
{
	struct group	*g = &r->scenario->group[r->scenario->ngroups];
	char		*range;

	if (r->scenario->ngroups++ == GROUPS_MAX ||
	    set_name(word(r, save, "group without a name"), g->name) == -1)
		bad(r, "group");
	range = word(r, save, "group without addresses");
	if (set_range(range, &g->range) == -1)
		bad(r, range);
	g->up = CHANCE_ONE;
	g->echo = g->timestamp = true;
	g->fallback[TCP] = CLOSED;
	g->fallback[UDP] = STATES;
	g->absent = SILENT;
	g->code = 13;
	g->quote = 548;
	g->ttl = 57;
	r->keys = group_keys;
	r->object = g;
}

static void
read_line(struct reader *r, char *line)
{
	bool	 more = line[0] == ' ' || line[0] == '\t';
	char	*save, *s, *value;

	*strchrnul(line, '#') = '\0';
	if ((s = strtok_r(line, WHITE, &save)) == NULL)
		return;
	if (more)
		read_keys(r, s, &save);
	else if (strcmp(s, "device") == 0)
		on_device(r, &save);
	else if (strcmp(s, "route") == 0)
		word(r, &save, "route without a prefix");	/* for sim.sh */
	else if (strcmp(s, "seed") == 0 || strcmp(s, "chatter") == 0) {
		value = word(r, &save, s);
		if ((*s == 's' ? set_number(value, &r->scenario->seed) :
		    set_ms(value, &r->scenario->chatter)) == -1)
			bad(r, value);
	} else if (strcmp(s, "path") == 0 || strcmp(s, "group") == 0) {
		(*s == 'p' ? on_path : on_group)(r, &save);
		read_keys(r, strtok_r(NULL, WHITE, &save), &save);
	} else
		bad(r, s);
}

/* What can only be known when all keys are. */
static void
finish_group(struct scenario *s, struct group *g)
{
	if (g->fallback[UDP] == STATES)
		g->fallback[UDP] = g->fallback[TCP];
	loss_prepare(&g->loss[OUT]);
	loss_prepare(&g->loss[IN]);
	for (size_t i = 0; i < s->npaths; i++)
		if (strcmp(s->path[i].name, g->path_name) == 0)
			g->path = &s->path[i];
	if (g->path == NULL && g->path_name[0] != '\0')
		errx(1, "group %s: no path %s", g->name, g->path_name);
	if (g->code > 15 || g->ttl > 255 || g->ttl < 1 || g->quote < 8 || g->quote > 1024)
		errx(1, "group %s: code, ttl or quote out of range", g->name);
}

static void
finish(struct scenario *s)
{
	if (s->device[0] == '\0' || s->ngroups == 0)
		errx(1, "a scenario needs a device and a group");
	for (size_t i = 0; i < s->npaths; i++) {
		for (int d = OUT; d <= IN; d++) {
			loss_prepare(&s->path[i].loss[d]);
			queue_init(&s->path[i].queue[d], s->path[i].queue_size);
		}
	}
	for (size_t i = 0; i < s->ngroups; i++)
		finish_group(s, &s->group[i]);
}

struct scenario *
scenario_parse(FILE *f, const char *name)
{
	struct reader	 r = { .file = name };
	char		 line[LINE_LEN];

	if ((r.scenario = calloc(1, sizeof(*r.scenario))) == NULL)
		err(1, NULL);
	while (fgets(line, sizeof(line), f) != NULL) {
		r.line++;
		if (strlen(line) == sizeof(line) - 1)
			bad(&r, "line too long");
		read_line(&r, line);
	}
	if (ferror(f))
		err(1, "%s", name);
	finish(r.scenario);
	return (r.scenario);
}
