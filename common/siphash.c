/* SipHash-2-4, after the paper; the test holds it to the paper's own vectors. */

#include <endian.h>
#include <string.h>

#include "siphash.h"

static inline uint64_t
rotl(uint64_t x, int bits)
{
	return (x << bits | x >> (64 - bits));
}

static inline void
sipround(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] = rotl(v[2], 32);
}

static inline void
compress(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sipround(v);
	sipround(v);
	v[0] ^= word;
}

struct siphash
siphash_begin(const struct siphash_key *key, const void *data, size_t len)
{
	const uint8_t	*p = data;
	uint64_t	 word;
	struct siphash	 s = { {
		key->k[0] ^ 0x736f6d6570736575, key->k[1] ^ 0x646f72616e646f6d,
		key->k[0] ^ 0x6c7967656e657261, key->k[1] ^ 0x7465646279746573,
	} };

	for (size_t i = 0; i < len; i += sizeof(word)) {
		memcpy(&word, p + i, sizeof(word));
		compress(s.v, le64toh(word));
	}
	return (s);
}

uint64_t
siphash_end(const struct siphash *begun, uint64_t rest, size_t len)
{
	struct siphash	 s = *begun;

	compress(s.v, (uint64_t)len << 56 | rest);
	s.v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sipround(s.v);
	return (s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3]);
}

uint64_t
siphash(const struct siphash_key *key, const void *data, size_t len)
{
	size_t		 whole = len - len % sizeof(uint64_t);
	struct siphash	 s = siphash_begin(key, data, whole);
	const uint8_t	*p = data;
	uint64_t	 rest = 0;

	for (size_t i = whole; i < len; i++)
		rest |= (uint64_t)p[i] << (8 * (i - whole));
	return (siphash_end(&s, rest, len));
}
