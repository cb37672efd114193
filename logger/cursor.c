/*
 * A line of a log, read forwards and never past its end.  Pure.  Trusts nobody: the log may
 * have been written by anyone.
 */

#include <string.h>

#include "logger.h"

bool
parse_starts(const char *line, size_t len, const char *prefix)
{
	return (len >= strlen(prefix) && memcmp(line, prefix, strlen(prefix)) == 0);
}

bool
eat(struct cursor *c, const char *word)
{
	if (!parse_starts(c->at, (size_t)(c->end - c->at), word))
		return (false);
	c->at += strlen(word);
	return (true);
}

bool
eat_number(struct cursor *c, uint64_t *n)
{
	const char	*first = c->at;

	*n = 0;
	for (; c->at < c->end && c->at - first < 18 && *c->at >= '0' && *c->at <= '9'; c->at++)
		*n = *n * 10 + (uint64_t)(*c->at - '0');
	return (c->at != first && (*first != '0' || c->at - first == 1));
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

bool
eat_hex(struct cursor *c, int digits, uint64_t *n)
{
	*n = 0;
	for (int i = 0; i < digits; i++, c->at++) {
		if (c->at == c->end || hex_digit(*c->at) == -1)
			return (false);
		*n = *n << 4 | (uint64_t)hex_digit(*c->at);
	}
	return (true);
}

bool
eat_addr(struct cursor *c, struct addr *a)
{
	char	 text[ADDR_TEXT] = "";

	for (size_t n = 0; c->at + n < c->end && strchr(" ,;", c->at[n]) == NULL; n++) {
		if (n == sizeof(text) - 1)
			return (false);
		text[n] = c->at[n];
	}
	return (addr_parse(text, a) == 0 && eat(c, addr_text(a, text)));
}
