/*
 * How far the port scans have come, which the parent is told now and then, so that after a crash
 * a later run can go on there.  There may be tens of thousands: a round over them goes on at the
 * next flush where it had to stop.  It is told behind all results, so it never says of a port
 * that it was asked whose answer is known here and not yet told.
 */

#include "prober.h"

static usec_t		 every;		/* from round to round; 0: none */
static usec_t		 due;		/* the next round */
static uint32_t		 place;		/* where the round goes on */
static bool		 telling;	/* a round is going on */
static bool		 late;		/* and the next should be */
static bool		 last;		/* and it is the last one, */
static usec_t		 waited;	/* so long after the last probe */

void
progress_init(uint32_t checkpoint, usec_t now)
{
	every = checkpoint * (usec_t)1000;
	due = now + every;
}

void
progress_turn(usec_t now)
{
	if (every == 0 || now < due || last)
		return;
	due = now + every;
	late = telling;
	if (!telling)
		place = 0;
	telling = true;
}

void
progress_last(usec_t idle)
{
	if (every == 0 || last)
		return;
	last = telling = true;
	waited = idle;
	place = 0;
}

bool
progress_late(void)
{
	return (late);
}

/* Is there something new to tell of a host? */
static bool
news(const struct host *h, struct progress_entry *e)
{
	struct scan	*s = host_scan(h);
	struct reach	 r = s->settled;

	if (waited >= engine_timeout(h))	/* all that was asked is answered or lost */
		r = (struct reach){ .cursor = s->cursor, .pass = h->pass };
	if (r.pass == s->told.pass && r.cursor <= s->told.cursor)	/* less: it asks again */
		return (false);
	s->told = r;
	*e = (struct progress_entry){ .id = host_id(h), .cursor = r.cursor, .pass = r.pass };
	return (true);
}

/* The next message of the round: empty at its end. */
static struct msg_progress
next_message(void)
{
	struct msg_progress	 m = { .n = 0 };
	struct host		*h;

	while (m.n < PROGRESS_MAX && (h = host_scanned(&place)) != NULL)
		m.n += news(h, &m.e[m.n]);
	return (m);
}

bool
progress_flush(struct chan *c)
{
	struct msg_progress	 m;

	while (telling && chan_room(c) != 0) {
		m = next_message();
		if (m.n != 0)
			send_progress(c, &m);
		telling = m.n == PROGRESS_MAX;
	}
	late = late && telling;
	return (!telling);
}
