/*
 * Probes leave: each gets its cookie, its bytes and its way, and waits in a batch that goes to
 * the kernel in one system call.  The key of the cookies is made here and never leaves the
 * process.
 */

#include <sys/random.h>

#include <net/ethernet.h>

#include <string.h>

#include "log.h"
#include "prober.h"

#define TTL_MIN		37	/* as nmap's: enough for any path, telling little of us */
#define TTL_SPREAD	23

static struct siphash_key	 key;
static bool			 frames;	/* --send-eth */
static uint16_t			 ip_id;
static struct parcel		 batch[BATCH_MAX];
static unsigned int		 batch_in, batch_out;	/* filled; and of them, gone */
static uint64_t			 sent, refused, full;

void
send_init(bool send_frames)
{
	if (getrandom(&key, sizeof(key), 0) != sizeof(key))
		fatal("random numbers");
	frames = send_frames;
}

const struct siphash_key *
send_key(void)
{
	return (&key);
}

bool
send_room(void)
{
	return (batch_in < BATCH_MAX);
}

/*
 * The link and the address there that a packet to this host goes to; false when that is for
 * the kernel to find.
 */
static bool
next_hop(const struct host *h, const struct route *r, struct parcel *p)
{
	static const uint8_t	 unknown[6];
	const uint8_t		*mac = r->gateway.family == FAMILY_NONE ? h->mac : r->gateway_mac;

	if (h->way.local || r->ifindex == 0 ||
	    (r->ethernet && memcmp(mac, unknown, sizeof(unknown)) == 0))
		return (false);
	p->ifindex = r->ifindex;
	p->type = ETHERTYPE_IP;
	memcpy(p->mac, mac, sizeof(p->mac));
	return (true);
}

void
send_probe(const struct host *h, const struct question *q, uint8_t tryno, usec_t now)
{
	const struct route	*r = route_at(h->way.route);
	struct parcel		*p;

	if (!send_room())
		fatalx("no room for a probe");
	p = &batch[batch_in++];
	ip_id = (uint16_t)(ip_id * 5 + 12345);	/* a full cycle; nothing depends on it */
	p->len = (uint16_t)build_probe(p->bytes, q, cookie_make(&key, q, tryno, now), ip_id,
	    (uint8_t)(TTL_MIN + ip_id % TTL_SPREAD), r->mac);
	if (q->kind == PROBE_ARP) {
		p->ifindex = r->ifindex;
		p->type = ETHERTYPE_ARP;
		memset(p->mac, 0xff, sizeof(p->mac));
	} else if (!frames || !next_hop(h, r, p)) {
		p->ifindex = 0;
		p->dst = q->dst;
	}
}

/* How many parcels, from the first on, take the same socket as it. */
static unsigned int
run_length(const struct parcel *p, unsigned int n)
{
	unsigned int	 run = 1;

	while (run < n && (p[run].ifindex == 0) == (p->ifindex == 0))
		run++;
	return (run);
}

bool
send_flush(void)
{
	unsigned int	 run, done, bad;

	while (batch_out < batch_in) {
		run = run_length(batch + batch_out, batch_in - batch_out);
		done = transmit(batch + batch_out, run, &bad);
		batch_out += done;
		sent += done - bad;
		refused += bad;
		if (done < run) {
			full++;
			return (false);
		}
	}
	batch_in = batch_out = 0;
	return (true);
}

void
send_counted(struct msg_stats *s)
{
	s->sent = sent;
	s->refused = refused;
	s->full = full;
}
