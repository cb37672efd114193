/*
 * SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012):
 * a keyed 64-bit hash.  Keyed with a secret it makes the prober's cookies; keyed with a
 * public constant it is the check value of the log's journal, which shows accidents only.
 */

#ifndef SIPHASH_H
#define SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t	 k[2];
};

uint64_t	 siphash(const struct siphash_key *, const void *, size_t);

/*
 * The same in two steps, for messages that have a beginning in common: its len bytes, a multiple
 * of eight; and the up to seven that are left, the first one the lowest, with the whole's length.
 */
struct siphash {
	uint64_t	 v[4];
};
struct siphash	 siphash_begin(const struct siphash_key *, const void *, size_t len);
uint64_t	 siphash_end(const struct siphash *, uint64_t rest, size_t len);

#endif /* SIPHASH_H */
