/*
 * A parser of the XML that is written, and of no more: what it takes is well-formed.  It is the
 * whole of the text: nothing may stand behind the document.
 */

#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char	*here;

static inline bool
take(const char *s)
{
	if (strncmp(here, s, strlen(s)) != 0)
		return (false);
	here += strlen(s);
	return (true);
}

static inline bool
take_value(void)
{
	if (!take("\""))
		return (false);
	while (*here >= ' ' && *here <= '~' && *here != '"' && *here != '<')
		if (*here != '&')
			here++;
		else if (!take("&amp;") && !take("&lt;") && !take("&gt;") && !take("&quot;") &&
		    !take("&apos;") && !take("&#45;"))
			return (false);
	return (take("\""));
}

static inline bool
take_comment(void)
{
	while (*here >= ' ' && *here <= '~' && strncmp(here, "--", 2) != 0)
		here++;
	return (take("-->"));
}

static inline bool
take_name(char name[32])
{
	size_t	 n = 0;

	while (n < 31 && (islower((unsigned char)*here) || *here == '_'))
		name[n++] = *here++;
	name[n] = '\0';
	return (n != 0);
}

static inline bool take_content(const char *name);

static inline bool
take_element(void)
{
	char	 name[32], attribute[32];

	if (!take_name(name))
		return (false);
	while (take(" "))
		if (!take_name(attribute) || !take("=") || !take_value())
			return (false);
	return (take("/>") || (take(">") && take_content(name)));
}

static inline bool
take_content(const char *name)
{
	while (!take("</"))
		if (take("<!--") ? !take_comment() : !take("\n") &&
		    (!take("<") || !take_element()))
			return (false);
	return (take(name) && take(">"));
}

static inline bool
is_document(const char *text)
{
	here = text;
	if (take("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE nmaprun>\n<") &&
	    take_element() && strcmp(here, "\n") == 0)
		return (true);
	printf("# not well-formed from: %.200s\n", here);
	return (false);
}

#endif /* DOCUMENT_H */
