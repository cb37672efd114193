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
static uint64_t			 sent, pings, ports, refused, full;

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

/* Which hardware address a packet to this host goes to; NULL: that is for the kernel to find. */
static const uint8_t *
next_hop(const struct host *h, const struct route *r)
{
	static const uint8_t	 unknown[6];
	const uint8_t		*mac = r->gateway.family == FAMILY_NONE ? h->mac : r->gateway_mac;

	if (h->way.local || r->fd == FD_RAW || memcmp(mac, unknown, sizeof(unknown)) == 0)
		return (NULL);
	return (mac);
}

/* Choose the socket, and for a packet socket complete the frame. */
static void
address(struct parcel *p, const struct host *h, const struct question *q, const struct route *r)
{
	static const uint8_t	 everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	bool			 arp = q->kind == PROBE_ARP;
	const uint8_t		*mac = NULL;

	if (arp)
		mac = everybody;
	else if (frames)
		mac = next_hop(h, r);
	p->fd = mac == NULL ? FD_RAW : r->fd;
	if (mac == NULL)
		p->dst = q->dst;
	else
		build_frame(&p->frame, mac, r->mac, arp ? ETHERTYPE_ARP : ETHERTYPE_IP);
}

void
send_probe(const struct host *h, const struct question *q, uint8_t tryno, usec_t now)
{
	const struct route	*r = route_at(h->way.route);
	struct parcel		*p;

	if (!send_room())
		fatalx("no room for a probe");
	p = &batch[batch_in++];
	p->tryno = tryno;
	ip_id = (uint16_t)(ip_id * 5 + 12345);	/* a full cycle; nothing depends on it */
	p->len = (uint16_t)build_probe(p->frame.packet, q, cookie_make(&key, q, tryno, now), ip_id,
	    (uint8_t)(TTL_MIN + ip_id % TTL_SPREAD), r->mac);
	address(p, h, q, r);
}

/* How many parcels, from the first on, take the same socket as it. */
static unsigned int
run_length(const struct parcel *p, unsigned int n)
{
	unsigned int	 run = 1;

	while (run < n && p[run].fd == p->fd)
		run++;
	return (run);
}

/*
 * Parcels are off our hands; which of them were refused is not told, so each purpose bears its
 * share.
 */
static void
count(const struct parcel *p, unsigned int n, unsigned int bad)
{
	unsigned int	 good = n - bad, npings = 0, nports = 0;

	for (unsigned int i = 0; i < n; i++) {
		npings += p[i].tryno < TRY_CANARY;
		nports += p[i].tryno >= TRY_PORT;
	}
	sent += good;
	refused += bad;
	if (n != 0) {
		pings += npings * good / n;
		ports += nports * good / n;
	}
}

bool
send_flush(void)
{
	unsigned int	 run, done, bad;

	while (batch_out < batch_in) {
		run = run_length(batch + batch_out, batch_in - batch_out);
		done = transmit(batch + batch_out, run, &bad);
		count(batch + batch_out, done, bad);
		batch_out += done;
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
	s->pings = pings;
	s->ports = ports;
	s->refused = refused;
	s->full = full;
}
