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

uint64_t
siphash(const struct siphash_key *key, const void *data, size_t len)
{
	const uint8_t	*p = data;
	uint64_t	 word, last = (uint64_t)len << 56;
	uint32_t	 half;
	size_t		 i = 0;
	uint64_t	 v[4] = {
		key->k[0] ^ 0x736f6d6570736575, key->k[1] ^ 0x646f72616e646f6d,
		key->k[0] ^ 0x6c7967656e657261, key->k[1] ^ 0x7465646279746573,
	};

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		compress(v, le64toh(word));
	}
	if (len >= sizeof(half)) {
		memcpy(&half, p, sizeof(half));
		last |= le32toh(half);
		i = sizeof(half);
	}
	for (; i < len; i++)
		last |= (uint64_t)p[i] << (8 * i);
	compress(v, last);
	v[2] ^= 0xff;
	for (int n = 0; n < 4; n++)
		sipround(v);
	return (v[0] ^ v[1] ^ v[2] ^ v[3]);
}
