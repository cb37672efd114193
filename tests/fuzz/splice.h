/*
 * Input near to some that is well formed, which chance would hardly hit: the fuzzer's bytes say
 * where some of it is cut out, and what comes in its place.
 */

#ifndef SPLICE_H
#define SPLICE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline void
must(bool truth)
{
	if (!truth)
		abort();
}

/* In memory of just its size: a step past its end is seen.  To be freed. */
static inline void *
splice(const void *good, size_t old, const uint8_t *data, size_t size, size_t *len)
{
	const uint8_t	*from = good;
	size_t		 at = 0, cut = 0;
	uint8_t		*to;

	if (size > 2) {
		at = data[0] | (size_t)data[1] << 8;
		cut = data[2];
		data += 3;
		size -= 3;
	}
	at = at > old ? old : at;
	cut = cut > old - at ? old - at : cut;
	*len = old - cut + size;
	must((to = malloc(*len + (*len == 0))) != NULL);
	if (at != 0)
		memcpy(to, from, at);
	if (size != 0)
		memcpy(to + at, data, size);
	if (old != at + cut)
		memcpy(to + at + size, from + at + cut, old - at - cut);
	return (to);
}

#endif /* SPLICE_H */
