/* Parses command lines, and says how they are refused. */

#ifndef WORDS_H
#define WORDS_H

#include <string.h>

#include "apart.h"
#include "parent.h"

static struct options	 o;
static char		 room[65536];	/* for words that may be written on */
static size_t		 used;

static inline char *
writable(const char *text)
{
	char	*mine = room + used;

	used += (size_t)snprintf(mine, sizeof(room) - used, "%s", text) + 1;
	if (used >= sizeof(room))
		abort();
	return (mine);
}

/* Parse these words, up to NULL. */
static inline void
parse(const char *const *words)
{
	static char	*argv[PLAN_MAX + 8];
	int		 argc = 1;

	used = 0;
	argv[0] = writable("postern");
	for (; *words != NULL; words++)
		argv[argc++] = writable(*words);
	argv[argc] = NULL;
	options_init(&o);
	options_parse(&o, argc, argv);
}
#define PARSE(...)	parse((const char *const[]){ __VA_ARGS__, NULL })

static const char *const	*words;

static inline void
parse_words(void)
{
	parse(words);
}

/* The words are refused: status 2 and one line, which holds why. */
static inline bool
refused(const char *why, const char *const *w)
{
	char	 said[1000];
	int	 status;
	bool	 one_line;

	words = w;
	status = apart(parse_words, said, sizeof(said));
	one_line = said[0] != '\0' && strchr(said, '\n') == said + strlen(said) - 1;
	if (status == STATUS_USAGE && one_line && strstr(said, why) != NULL)
		return (true);
	printf("# %s: status %d, %s\n", w[0], status, said);
	return (false);
}
#define REFUSED(why, ...)	refused((why), (const char *const[]){ __VA_ARGS__, NULL })

static inline bool
is(const char *a, const char *b)
{
	return (a != NULL && strcmp(a, b) == 0);
}

#endif /* WORDS_H */
