/*
 * Text that strangers may have written: what counts as a host name, and how anything
 * else is made safe to print.  Pure.
 */

#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define NAME_MAX_TEXT	256	/* a host name of up to 253 bytes (RFC 1035, 2.3.4) and its NUL */

/*
 * Is it a host name: 1 to 253 bytes, labels of 1 to 63, of letters, digits, hyphen and
 * underscore (RFC 952, RFC 1123 2.1, and the underscores that DNS carries)?  No final dot.
 */
bool	 text_is_name(const char *);

/*
 * Copy with every byte outside printable ASCII, and the backslash, as \xNN; cut to fit
 * size bytes with the NUL.  Returns dst.
 */
char	*text_escape(char *dst, size_t size, const char *src);

/* Is it NUL-ended within size, with nothing but zeros behind the NUL? */
bool	 text_ended(const char *, size_t size);

/* Is every byte of it printable ASCII (space to tilde)? */
bool	 text_printable(const char *);

#define TIME_TEXT	40

/* A time since 1970 in UTC (RFC 3339), with microseconds: 2026-11-23T01:22:47.123456Z. */
const char	*text_time(char buf[TIME_TEXT], const struct timespec *);

#endif /* TEXT_H */
