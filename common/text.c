/* Host names and escapes.  What comes in is from name servers, files and users: not trusted. */

#include <stdio.h>
#include <string.h>

#include "text.h"

static bool
is_name_byte(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_');
}

bool
text_is_name(const char *s)
{
	size_t	 label = 0, len = 0;

	for (; s[len] != '\0'; len++) {
		if (len == 253)
			return (false);
		if (s[len] == '.') {
			if (label == 0)
				return (false);
			label = 0;
		} else if (!is_name_byte(s[len]) || ++label > 63)
			return (false);
	}
	return (label != 0);
}

static bool
is_printable(char c)
{
	return (c >= ' ' && c <= '~');
}

char *
text_escape(char *dst, size_t size, const char *src)
{
	size_t	 at = 0;

	for (; *src != '\0' && at + 4 < size; src++)
		if (is_printable(*src) && *src != '\\')
			dst[at++] = *src;
		else
			at += (size_t)snprintf(dst + at, size - at, "\\x%02x",
			    (unsigned int)(unsigned char)*src);
	if (size != 0)
		dst[at] = '\0';
	return (dst);
}

bool
text_ended(const char *s, size_t size)
{
	const char	*end = memchr(s, '\0', size);

	return (end != NULL && memcmp(end, end + 1, (size_t)(s + size - 1 - end)) == 0);
}

bool
text_printable(const char *s)
{
	for (; *s != '\0'; s++)
		if (!is_printable(*s))
			return (false);
	return (true);
}

const char *
text_time(char buf[TIME_TEXT], const struct timespec *ts)
{
	struct tm	 tm = { .tm_mday = 1 };
	size_t		 n;

	(void)gmtime_r(&ts->tv_sec, &tm);
	n = strftime(buf, TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, TIME_TEXT - n, ".%06ldZ", ts->tv_nsec / 1000);
	return (buf);
}
