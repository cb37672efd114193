/*
 * Probes leave: each gets its bytes and its way, and waits in a batch that goes to the kernel in
 * one system call.  The key of the cookies is made here and never leaves the process.
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
static unsigned int		 held;		/* of the batch: counted as held back */
static uint64_t			 sent, refused, full;
static uint64_t			 pings, ports;	/* put into the batch, and not refused */

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

static bool
is_ping(const struct parcel *p)
{
	return (p->tryno < TRY_CANARY);
}

static bool
asks_port(const struct parcel *p)
{
	return (p->tryno >= TRY_PORT);
}

void
send_probe(const struct host *h, const struct question *q, struct cookie cookie, uint8_t tryno)
{
	const struct route	*r = route_at(h->way.route);
	struct parcel		*p;

	if (!send_room())
		fatalx("no room for a probe");
	p = &batch[batch_in++];
	p->tryno = tryno;
	ip_id = (uint16_t)(ip_id * 5 + 12345);	/* a full cycle; nothing depends on it */
	p->len = (uint16_t)build_probe(p->frame.packet, q, cookie, ip_id,
	    (uint8_t)(TTL_MIN + ip_id % TTL_SPREAD), r->mac);
	address(p, h, q, r);
	pings += is_ping(p);
	ports += asks_port(p);
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

/* The kernel never takes the first one that is left. */
static void
drop_refused(void)
{
	const struct parcel	*p = &batch[batch_out++];

	refused++;
	pings -= is_ping(p);
	ports -= asks_port(p);
}

bool
send_flush(void)
{
	unsigned int	 run, done;
	bool		 bad;

	while (batch_out < batch_in) {
		run = run_length(batch + batch_out, batch_in - batch_out);
		done = transmit(batch + batch_out, run, &bad);
		sent += done;
		batch_out += done;
		if (bad)
			drop_refused();
		else if (done < run) {
			full += batch_in - (held > batch_out ? held : batch_out);
			held = batch_in;
			return (false);
		}
	}
	batch_in = batch_out = held = 0;
	return (true);
}

void
send_counted(struct msg_stats *s)
{
	s->sent = sent;
	s->pings = pings;
	s->ports = ports;
	for (unsigned int i = batch_out; i < batch_in; i++) {
		s->pings -= is_ping(&batch[i]);
		s->ports -= asks_port(&batch[i]);
	}
	s->refused = refused;
	s->full = full;
}
