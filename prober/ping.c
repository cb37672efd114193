/*
 * Is a host up?  It is pinged in passes, each of all the kinds of ping that were configured, or,
 * on an Ethernet of ours, of an ARP request (RFC 826); between passes a time-out goes by.  The
 * first answer ends it.
 */

#include "prober.h"

#define RESTING		UINT8_MAX	/* of a cursor: all pings of this pass were sent */
#define ARP_EVERY	100		/* microseconds: all on the link hear ARP requests */

static const struct msg_probeconfig *config;
static usec_t			 arp_clear;	/* when the next ARP request may leave */

void
ping_init(const struct msg_probeconfig *c)
{
	config = c;
}

static uint32_t
npings(const struct host *h)
{
	return (h->way.onlink ? 1 : config->npings);
}

/*
 * How many passes there are before a host counts as down.  Most hosts answer two of the kinds
 * of ping, if there are several.
 */
static unsigned int
passes(const struct host *h)
{
	unsigned int	 most = config->max_retries + 1U, tries;

	if (most > TRY_CANARY - TRY_PING)
		most = TRY_CANARY - TRY_PING;
	tries = loss_tries(loss_estimate(flow_tally(), NULL), config->timing, most);
	if (npings(h) > 1 && tries > 2)
		tries = (tries + 1) / 2 < 2 ? 2 : (tries + 1) / 2;
	return (tries);
}

/*
 * Between two passes it is enough to wait as long as the host's neighbours took to answer; but
 * a host is not down for being farther away than they are.
 */
static uint32_t
rest(const struct host *h)
{
	struct rtt	 near = near_rtt(&h->addr);
	uint32_t	 longest = engine_timeout(h), timeout;

	if (near.srtt == 0 || h->pass + 1U >= passes(h))
		return (longest);
	timeout = rtt_timeout(&near, config->min_rtt, config->max_rtt);
	return (timeout > config->scan_delay && timeout < longest ? timeout : longest);
}

enum turn
ping_turn(struct host *h, usec_t now, usec_t *when)
{
	struct question	 q = { .src = route_at(h->way.route)->src, .dst = h->addr };
	uint8_t		 tryno;

	if (h->cursor == RESTING) {
		if (h->pass + 1U >= passes(h))
			return (TURN_OVER);
		h->pass++;
		h->cursor = 0;
	}
	if (h->way.onlink) {
		if ((*when = arp_clear) > now)
			return (TURN_LATER);
		arp_clear = (now > arp_clear + 10 * ARP_EVERY ? now : arp_clear) + ARP_EVERY;
		q.kind = PROBE_ARP;
	} else {
		q.kind = config->ping[h->cursor].kind;
		q.port = config->ping[h->cursor].port;
	}
	tryno = (uint8_t)(TRY_PING + h->pass);
	send_probe(h, &q, cookie_make(send_key(), &q, tryno, now), tryno);
	flow_sent(now);
	flying_add(&q, now, engine_timeout(h));
	h->sent++;
	h->last_sent = (uint32_t)(now / COOKIE_UNIT);
	if (++h->cursor == npings(h)) {
		h->cursor = RESTING;
		*when = now + rest(h);
		return (TURN_LATER);
	}
	*when = now + config->scan_delay;
	return (config->scan_delay != 0 ? TURN_LATER : TURN_AGAIN);
}

/* ARP says neither which try it answers nor when that left: only a single one has a time. */
static bool
arp_reply(struct host *h, usec_t now)
{
	uint32_t	 units = (uint32_t)(now / COOKIE_UNIT) - h->last_sent;

	if (h->sent == 1)
		rtt_sample(&h->rtt, units * (int64_t)COOKIE_UNIT);
	return (h->sent != 0);
}

bool
ping_reply(struct host *h, const struct verdict *v, usec_t now)
{
	uint8_t	 i = 0;

	if (h->way.onlink)
		return (v->question.kind == PROBE_ARP && arp_reply(h, now));
	while (i < config->npings && (config->ping[i].kind != v->question.kind ||
	    config->ping[i].port != v->question.port))
		i++;
	if (i == config->npings)
		return (false);
	h->answer = i;
	if (v->from.family == FAMILY_NONE)	/* a router is nearer */
		rtt_sample(&h->rtt, (int64_t)(now - v->sent));
	if (v->host == HOST_UP && h->rtt.srtt != 0)
		near_learn(&h->addr, h->rtt.srtt);
	return (true);
}

bool
ping_canary(const struct host *h)
{
	return (h->reason == REASON_ECHO_REPLY || h->reason == REASON_TIMESTAMP_REPLY ||
	    h->reason == REASON_SYN_ACK || h->reason == REASON_RESET);
}
