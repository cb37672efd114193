/*
 * Hosts that answered and whose work is done may still serve as canaries: while addresses are
 * swept from which mostly nothing comes back, they tell whether our packets still arrive.  A few
 * of them are asked again now and then, the latest that answered, in turn, so that none of them
 * has much of a say.
 */

#include "prober.h"

#define WATCHES		8
#define ASKED		8	/* canaries of one watch on their way */
#define WATCH_EVERY	10000	/* microseconds between two canaries of one watch, at least */
#define WATCH_DEAF	4	/* so many lost in a row, and it is one no longer */

static struct watch {
	struct host	 host;		/* as it was; family NONE: not in use */
	struct question	 question;
	usec_t		 sent[ASKED];	/* 0: answered, or not sent */
	usec_t		 last;		/* when its last canary left */
	uint32_t	 n;		/* sent so far */
	uint32_t	 rtt_min;
	uint32_t	 missed;	/* in a row */
} watches[WATCHES];
static uint32_t	 newest, turn;

/* Those that are on their way are counted first, or what is lost would never be known. */
static bool
has_asked(const struct watch *w)
{
	for (uint32_t i = 0; i < ASKED; i++)
		if (w->sent[i] != 0)
			return (true);
	return (false);
}

void
watch_begin(const struct host *h, const struct question *q)
{
	struct watch	*w = &watches[newest++ % WATCHES];

	if (w->host.addr.family == FAMILY_NONE || !has_asked(w))
		*w = (struct watch){ .host = *h, .question = *q, .rtt_min = h->rtt.srtt };
}

/* Its next canary takes the place of one that is answered or lost. */
static bool
is_free(struct watch *w, usec_t now, struct tally *lost)
{
	usec_t	*place = &w->sent[w->n % ASKED];

	if (w->host.addr.family == FAMILY_NONE || now < w->last + WATCH_EVERY)
		return (false);
	if (*place == 0)
		return (true);
	if (now < *place + engine_timeout(&w->host))
		return (false);
	*place = 0;
	lost->asked++;
	lost->lost++;
	if (++w->missed >= WATCH_DEAF)
		w->host.addr.family = FAMILY_NONE;
	return (w->missed < WATCH_DEAF);
}

bool
watch_turn(usec_t now, struct tally *lost)
{
	struct watch	*w;
	uint8_t		 tryno;

	*lost = (struct tally){ 0 };
	for (uint32_t i = 0; i < WATCHES; i++) {
		w = &watches[turn++ % WATCHES];
		if (!is_free(w, now, lost))
			continue;
		tryno = (uint8_t)(TRY_CANARY + w->n % (TRY_PORT - TRY_CANARY));
		send_probe(&w->host, &w->question,
		    cookie_make(send_key(), &w->question, tryno, now), tryno);
		w->sent[w->n++ % ASKED] = now / COOKIE_UNIT * COOKIE_UNIT;
		w->last = now;
		return (true);
	}
	return (false);
}

bool
watch_reply(const struct verdict *v, usec_t now, uint32_t *queue)
{
	uint32_t	 took = (uint32_t)(now - v->sent);

	for (struct watch *w = watches; w < watches + WATCHES; w++)
		for (uint32_t i = 0; i < ASKED; i++) {
			if (w->sent[i] == 0 || w->sent[i] - v->sent > COOKIE_UNIT ||
			    v->port == PORT_FILTERED ||
			    v->question.kind != w->question.kind ||
			    v->question.port != w->question.port ||
			    !addr_equal(&v->question.dst, &w->host.addr))
				continue;
			w->sent[i] = 0;
			w->missed = 0;
			*queue = rtt_queue(&w->host.rtt, flow_rtt(), &w->rtt_min, took);
			return (true);
		}
	return (false);
}
