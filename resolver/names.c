/* Names in the DNS.  What it accepts comes from strangers; what it makes is pure arithmetic. */

#include <stdio.h>
#include <string.h>

#include "resolver.h"

void
name_reverse(const struct addr *a, char name[NAME_MAX_TEXT])
{
	const uint8_t	*ip = a->ip;
	size_t		 at = 0;

	if (a->family == FAMILY_IPV4) {
		snprintf(name, NAME_MAX_TEXT, "%u.%u.%u.%u.in-addr.arpa",
		    ip[3], ip[2], ip[1], ip[0]);
		return;
	}
	for (int i = 15; i >= 0; i--)
		at += (size_t)snprintf(name + at, NAME_MAX_TEXT - at, "%x.%x.",
		    ip[i] & 15U, (unsigned int)ip[i] >> 4);
	snprintf(name + at, NAME_MAX_TEXT - at, "ip6.arpa");
}

bool
name_accept(const char *from, char to[NAME_MAX_TEXT])
{
	size_t	 len = strlen(from);

	memset(to, 0, NAME_MAX_TEXT);
	if (len != 0 && from[len - 1] == '.')
		len--;
	if (len >= NAME_MAX_TEXT)
		return (false);
	memcpy(to, from, len);
	if (text_is_name(to))
		return (true);
	memset(to, 0, NAME_MAX_TEXT);
	return (false);
}
