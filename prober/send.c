/*
 * A probe leaves: its cookie, its bytes, the socket it takes.  The key of the cookies is made
 * here and never leaves the process.
 */

#include <sys/random.h>

#include <errno.h>

#include "log.h"
#include "prober.h"

#define TTL_MIN		37	/* as nmap's: enough for any path, telling little of us */
#define TTL_SPREAD	23
#define CATCH_UP	10000	/* microseconds' worth of --max-rate sent in one go */

static struct siphash_key	 key;
static uint16_t			 ip_id;
static uint64_t			 sent, refused, full;

void
send_init(void)
{
	if (getrandom(&key, sizeof(key), 0) != sizeof(key))
		fatal("random numbers");
}

const struct siphash_key *
send_key(void)
{
	return (&key);
}

int
send_probe(const struct host *h, const struct question *q, uint8_t tryno, usec_t now)
{
	struct cookie	 cookie = cookie_make(&key, q, tryno, now);
	uint8_t		 packet[PROBE_SIZE];
	size_t		 len;
	int		 result;

	ip_id = (uint16_t)(ip_id * 5 + 12345);	/* a full cycle; nothing depends on it */
	len = build_probe(packet, q, cookie, ip_id, (uint8_t)(TTL_MIN + ip_id % TTL_SPREAD),
	    h->mac);
	if (q->kind == PROBE_ARP)
		result = send_arp(h->ifindex, packet, len);
	else
		result = send_ip(&h->addr, packet, len);
	if (result == -1 && (errno == ENOBUFS || errno == EAGAIN)) {
		full++;
		return (-1);
	}
	if (result == 0)
		sent++;
	else
		refused++;
	return (0);
}

usec_t
send_pace(uint32_t max_rate, usec_t now)
{
	static uint64_t	 slot;	/* nanoseconds: when the next packet is due */

	if (max_rate == 0)
		return (0);
	if (slot + CATCH_UP * 1000 < now * 1000)
		slot = (now - CATCH_UP) * 1000;
	slot += UINT64_C(1000000000000) / max_rate;
	return (slot > now * 1000 ? slot / 1000 : 0);
}

void
send_counted(struct msg_stats *s)
{
	s->sent = sent;
	s->refused = refused;
	s->full = full;
}
