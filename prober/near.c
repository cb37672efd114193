/*
 * Round-trip times of neighbours: what is known of one host of a network of 256 addresses is a
 * hint for the others, so that dead addresses next to live ones are not waited for longer than
 * needed.  A table of fixed size; what falls together there forgets the older.
 *
 * A stranger has a say in its own network's row only.
 */

#include <string.h>

#include "prober.h"

#define ROWS	4096

static struct row {
	uint8_t		 prefix[15];	/* the address without its last byte */
	uint8_t		 family;
	struct rtt	 rtt;
} rows[ROWS];

static struct row *
row_of(const struct addr *a, uint8_t prefix[15])
{
	uint32_t	 last = a->family == FAMILY_IPV4 ? 3 : 15;

	memset(prefix, 0, 15);
	memcpy(prefix, a->ip, last);
	return (&rows[siphash(send_key(), prefix, 15) % ROWS]);
}

void
near_learn(const struct addr *a, uint32_t sample)
{
	uint8_t		 prefix[15];
	struct row	*r = row_of(a, prefix);

	if (r->family != a->family || memcmp(r->prefix, prefix, sizeof(prefix)) != 0) {
		*r = (struct row){ .family = a->family };
		memcpy(r->prefix, prefix, sizeof(prefix));
	}
	rtt_sample(&r->rtt, sample);
}

struct rtt
near_rtt(const struct addr *a)
{
	uint8_t			 prefix[15];
	const struct row	*r = row_of(a, prefix);

	if (r->family != a->family || memcmp(r->prefix, prefix, sizeof(prefix)) != 0)
		return ((struct rtt){ 0 });
	return (r->rtt);
}
