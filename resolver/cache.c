/*
 * Names of addresses that were asked for before: an address that comes twice in a scan is asked
 * for once.  A fixed number of places, and the last one in a place stays.  What is kept has been
 * checked like any answer.
 */

#include <sys/random.h>

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "resolver.h"
#include "siphash.h"

#define PLACES	65536

static struct known {
	struct addr	 addr;
	uint8_t		 result;	/* enum lookup; NONE: empty */
	char		*name;
}			*known;

/* The key keeps whoever chooses the targets from choosing who drives whom out. */
static struct known *
known_of(const struct addr *a)
{
	static struct siphash_key	 key;

	if (known == NULL) {
		known = calloc(PLACES, sizeof(*known));
		if (known == NULL || getrandom(&key, sizeof(key), 0) != sizeof(key))
			fatal("cache");
	}
	return (&known[siphash(&key, a, sizeof(*a)) % PLACES]);
}

void
cache_put(const struct addr *a, enum lookup result, const char *name)
{
	struct known	*p = known_of(a);

	if (result != LOOKUP_FOUND && result != LOOKUP_NOT_FOUND && result != LOOKUP_BAD_NAME)
		return;
	free(p->name);
	p->addr = *a;
	p->result = (uint8_t)result;
	if ((p->name = strdup(name)) == NULL)
		fatal("cache");
}

enum lookup
cache_get(const struct addr *a, char name[NAME_MAX_TEXT])
{
	const struct known	*p = known_of(a);

	if (p->result == LOOKUP_NONE || !addr_equal(&p->addr, a))
		return (LOOKUP_NONE);
	memcpy(name, p->name, strlen(p->name) + 1);
	return ((enum lookup)p->result);
}
