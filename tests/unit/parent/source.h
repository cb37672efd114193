/*
 * A source of targets to try, as the coordinator sets one up: what the user named is in
 * options, what the files hold is in pipes.
 */

#ifndef SOURCE_H
#define SOURCE_H

#include <fcntl.h>
#include <string.h>

#include "apart.h"
#include "parent.h"

static struct options		 options;
static struct files		 files;
static struct candidate		 c;

/* Have descriptor fd, as the coordinator has it, hold the text. */
static inline void
place(int fd, const char *text)
{
	int	 p[2];

	if (pipe2(p, O_CLOEXEC) == -1 || dup2(p[0], fd) == -1)
		abort();
	CHECK(write(p[1], text, strlen(text)) == (ssize_t)strlen(text));
	close(p[0]);
	close(p[1]);
}

/* A source of these targets (up to NULL), with what is in options and the files besides. */
static inline void
begin(const char *const *targets)
{
	for (; *targets != NULL; targets++)
		options.targets[options.ntargets++] = *targets;
	source_init(&options, &files);
}
#define BEGIN(...)	begin((const char *const[]){ __VA_ARGS__, NULL })

static inline void
clear(void)
{
	options_init(&options);
	files = (struct files){ .list = -1, .excludefile = -1 };
}

/* What comes of the exclusions but WAIT: a file is read a piece at a time. */
static inline enum source_state
next_excluded(void)
{
	enum source_state	 state = SOURCE_WAIT;

	for (int i = 0; i < 10 && state == SOURCE_WAIT; i++)
		state = source_exclude_name(&c);
	return (state);
}

/* Nothing is left to exclude. */
static inline void
excluded(void)
{
	CHECK(next_excluded() == SOURCE_END);
	source_excluded();
}

/* The next is this address, at this place. */
static inline bool
next_is(const char *address, uint32_t spec, uint64_t offset)
{
	char	 text[ADDR_TEXT] = "";

	if (source_next(&c) == SOURCE_TARGET && c.unresolved == NULL &&
	    strcmp(addr_text(&c.addr, text), address) == 0 && c.place.spec == spec &&
	    c.place.offset == offset)
		return (true);
	printf("# %s, %u, %llu\n", text, c.place.spec, (unsigned long long)c.place.offset);
	return (false);
}

static inline bool
name_is(const char *name, uint32_t spec)
{
	return (source_next(&c) == SOURCE_NAME && c.place.spec == spec &&
	    strcmp(c.unresolved->name, name) == 0);
}

static inline bool
at_end(void)
{
	return (source_next(&c) == SOURCE_END && source_next(&c) == SOURCE_END);
}

#endif /* SOURCE_H */
