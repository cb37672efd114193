/*
 * Which hosts a log has finished: one that nmap wrote (-oN, -oG), or one of ours, whose lines
 * are the same.  Pure.  Trusts nobody: the log may have been written by anyone, may be torn
 * anywhere, and may have several runs in it, one behind the torn end of another.  Where it
 * leaves a doubt a host is not finished, and so is scanned again.
 */

#include <string.h>

#include "logger.h"

/* What a line says. */
enum says {
	SAYS_NOTHING,
	SAYS_BROKEN,		/* what is before it may have no end */
	SAYS_END,		/* of the run: the host under way is finished */
	SAYS_HOST,		/* the address is the host under way */
	SAYS_UP,		/* it is scanned; of -oG's lines with the address */
	SAYS_GIVEN_UP,		/* it is not finished; the same */
	SAYS_ALL		/* of this address: it is finished */
};

static bool
has(const char *line, size_t len, const char *text)
{
	return (memmem(line, len, text, strlen(text)) != NULL);
}

/* A word up to this byte or the end of the line, without white space or parentheses in it. */
static bool
eat_word(struct cursor *c, char until, char *word, size_t size)
{
	size_t	 n = 0;

	for (; c->at < c->end && *c->at != until; c->at++) {
		if (*c->at <= ' ' || *c->at > '~' || *c->at == '(' || *c->at == ')' ||
		    n + 1 >= size)
			return (false);
		word[n++] = *c->at;
	}
	word[n] = '\0';
	return (true);
}

static bool
eat_address(struct cursor *c, char until, struct addr *a)
{
	char	 text[ADDR_TEXT];

	return (eat_word(c, until, text, sizeof(text)) && addr_parse(text, a) == 0);
}

/* The rest of "Nmap scan report for ADDRESS" or "... for NAME (ADDRESS)". */
static enum says
parse_report(struct cursor *c, struct addr *a)
{
	struct cursor	 name = *c;
	char		 word[NAME_MAX_TEXT];

	if (!eat_address(c, ' ', a)) {
		*c = name;
		if (!eat_word(c, ' ', word, sizeof(word)) || word[0] == '\0' || !eat(c, " (") ||
		    !eat_address(c, ')', a) || !eat(c, ")"))
			return (SAYS_BROKEN);
	}
	if (c->at == c->end)
		return (SAYS_HOST);
	return (eat(c, " [host down") && memchr(c->at, ']', (size_t)(c->end - c->at)) ==
	    c->end - 1 ? SAYS_ALL : SAYS_BROKEN);
}

/* The rest of "Host: ADDRESS (NAME)", a tab and what it is about. */
static enum says
parse_host(struct cursor *c, struct addr *a)
{
	char	 name[NAME_MAX_TEXT];

	if (!eat_address(c, ' ', a) || !eat(c, " (") || !eat_word(c, ')', name, sizeof(name)) ||
	    !eat(c, ")\t"))
		return (SAYS_BROKEN);
	if (eat(c, "Ports: "))
		return (SAYS_UP);
	if (!eat(c, "Status: "))
		return (SAYS_HOST);
	if (eat(c, "Up") && c->at == c->end)
		return (SAYS_UP);
	return (eat(c, "Down") && c->at == c->end ? SAYS_ALL : SAYS_GIVEN_UP);
}

/* A line of facts in one of our logs. */
static enum says
parse_facts(const char *line, size_t len, struct addr *a)
{
	static struct host	 host;

	if (facts_parse(line, len, &host) == -1)
		return (SAYS_BROKEN);
	*a = host.h.addr;
	return (host.h.outcome == OUTCOME_COMPLETE && host.h.state != HOST_UNKNOWN ?
	    SAYS_ALL : SAYS_GIVEN_UP);
}

/*
 * The address is of no family when the line has none.  A run's first line may stand behind the
 * torn last one of the run before, so it is looked for everywhere.
 */
static enum says
parse_foreign(const char *line, size_t len, struct addr *a)
{
	struct cursor	 c = { line, line + len };

	*a = (struct addr){ .family = FAMILY_NONE };
	if (memchr(line, '\0', len) != NULL || has(line, len, "Starting Nmap ") ||
	    (has(line, len, "# Nmap ") && has(line, len, " scan initiated ")))
		return (SAYS_BROKEN);
	if (eat(&c, "# Nmap done at "))
		return (SAYS_END);
	if (eat(&c, "Nmap scan report for "))
		return (parse_report(&c, a));
	if (eat(&c, "Host: "))
		return (parse_host(&c, a));
	if (eat(&c, "Host is up"))
		return (SAYS_UP);
	if (eat(&c, "Skipping host ") || eat(&c, "Not finished: "))
		return (SAYS_GIVEN_UP);
	return (parse_starts(line, len, FACTS_DONE) ? parse_facts(line, len, a) : SAYS_NOTHING);
}

unsigned int
foreign_line(struct foreign *f, const char *line, size_t len, struct addr done[FOREIGN_MAX])
{
	struct addr	 a;
	enum says	 says = parse_foreign(line, len, &a);
	bool		 other = a.family != FAMILY_NONE && !addr_equal(&a, &f->host);
	unsigned int	 n = 0;

	if (says == SAYS_BROKEN)
		*f = (struct foreign){ .up = false };
	if (says == SAYS_END || (says != SAYS_BROKEN && other)) {
		if (f->up)
			done[n++] = f->host;
		*f = (struct foreign){ .host = a };
	}
	if (says == SAYS_UP || says == SAYS_GIVEN_UP)
		f->up = says == SAYS_UP && f->host.family != FAMILY_NONE;
	if (says == SAYS_ALL) {
		done[n++] = a;
		*f = (struct foreign){ .up = false };
	}
	return (n);
}
