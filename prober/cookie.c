/*
 * What makes a reply provable.  The number and the port that a probe carries are a keyed hash
 * (SipHash) of the question, plus the time; the key is made afresh at each start and never
 * leaves this process, so whoever has not seen the probe has to guess.
 *
 * The odds of a guess: 250,003 of 2^32 numbers are within COOKIE_AGE and its slack, one in
 * 17,180.  A TCP segment, or an ICMP error that quotes one, must besides have one of the TRIES
 * source ports, of 16,384, that the question is asked from: one in 8.8 million for each probe
 * that it is held against, two at most (SYN and ACK); each port has numbers of its own, so that a
 * right number at the port of another try is none.  An answer to an ICMP probe
 * has no port: of 17,180 forged ones a second, one is believed each second, and tells of a
 * host, never of a port.  Whoever does see the probes (the target, any router on the way) can
 * answer for the target; no cookie helps against that.
 *
 * Each try has its own port, and not only so that its reply tells it from the others.  A
 * target that took an earlier SYN, and whose SYN+ACK got lost, answers another number from
 * the same port with a bare ACK (RFC 9293, 3.10.7.4; Linux does), which does not say that it
 * is open, where a new port gets a SYN+ACK.
 *
 * Pure: the time is given.
 */

#include <string.h>

#include "prober.h"

/* Bytes of an address. */
static size_t
width(const struct question *q)
{
	return (q->dst.family == FAMILY_IPV4 ? 4 : 16);
}

struct siphash
cookie_begin(const struct siphash_key *key, const struct question *q)
{
	uint8_t	 packed[32];
	size_t	 len = width(q);

	memcpy(packed, q->src.ip, len);
	memcpy(packed + len, q->dst.ip, len);
	return (siphash_begin(key, packed, 2 * len));
}

/* The hash of the question: our address, the target's; family, kind, port. */
static uint64_t
hash_question(const struct siphash *begun, const struct question *q)
{
	return (siphash_end(begun, (uint64_t)q->port << 16 | (uint64_t)q->kind << 8 |
	    q->dst.family, 2 * width(q) + 4));
}

static uint64_t
hash_whole(const struct siphash_key *key, const struct question *q)
{
	struct siphash	 begun = cookie_begin(key, q);

	return (hash_question(&begun, q));
}

/*
 * How far the numbers of a try are from those of the first: further than those of COOKIE_AGE are
 * from each other (Fibonacci hashing; Knuth, TAOCP 3, 6.4).  ICMP has no port to tell the try.
 */
static uint32_t
offset(const struct question *q, uint8_t tryno)
{
	return (q->kind == PROBE_TCP_SYN || q->kind == PROBE_TCP_ACK ? tryno * 0x9e3779b1U : 0);
}

struct cookie
cookie_end(const struct siphash *begun, const struct question *q, uint8_t tryno, usec_t now)
{
	uint64_t	 hash = hash_question(begun, q);

	return ((struct cookie){
		.sport = (uint16_t)(SPORT_BASE + ((hash >> 32) + tryno) % SPORT_COUNT),
		.number = (uint32_t)hash + offset(q, tryno) + (uint32_t)(now / COOKIE_UNIT),
	});
}

struct cookie
cookie_make(const struct siphash_key *key, const struct question *q, uint8_t tryno, usec_t now)
{
	struct siphash	 begun = cookie_begin(key, q);

	return (cookie_end(&begun, q, tryno, now));
}

bool
cookie_try(const struct siphash_key *key, const struct question *q, uint16_t sport,
    uint8_t *tryno)
{
	uint32_t	 first = (uint32_t)((hash_whole(key, q) >> 32) % SPORT_COUNT);
	uint32_t	 distance = (sport - SPORT_BASE - first) % SPORT_COUNT;

	*tryno = (uint8_t)distance;
	return (sport >= SPORT_BASE && sport < SPORT_BASE + SPORT_COUNT && distance < TRIES);
}

bool
cookie_check(const struct siphash_key *key, const struct question *q, uint8_t tryno,
    uint32_t number, usec_t now, usec_t *sent)
{
	uint64_t	 newest = now / COOKIE_UNIT + 1;
	uint32_t	 unit = number - (uint32_t)hash_whole(key, q) - offset(q, tryno);
	uint32_t	 back = (uint32_t)newest - unit;	/* units before the newest */

	if (back > COOKIE_AGE / COOKIE_UNIT + 2 || back > newest)
		return (false);
	*sent = (newest - back) * COOKIE_UNIT;
	return (true);
}
