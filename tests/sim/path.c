/*
 * A path that hosts share: a bottleneck with a drop-tail queue in each direction, and losses.
 * Packets must come to it in the order of their times.
 */

#include <err.h>
#include <stdlib.h>

#include "sim.h"

/* What Ethernet adds: header, checksum, preamble and gap; and its shortest slot. */
#define WIRE_EXTRA	38
#define WIRE_MIN	84

/* size: packets in the queue, with the one being sent. */
void
queue_init(struct queue *q, uint64_t size)
{
	if (size < 1 || size > 1000000 ||
	    (q->departs = calloc(size, sizeof(*q->departs))) == NULL)
		err(1, "a queue of %ju packets", (uintmax_t)size);
	q->size = (uint32_t)size;
	q->head = q->len = 0;
	q->free_at = 0;
}

/* Moves *when to when the packet has left; false: there was no room for it. */
bool
queue_pass(struct queue *q, uint64_t *when, uint64_t time_on_wire)
{
	while (q->len > 0 && q->departs[q->head] <= *when) {
		q->head = (q->head + 1) % q->size;
		q->len--;
	}
	if (q->len == q->size)
		return (false);
	q->free_at = (q->free_at > *when ? q->free_at : *when) + time_on_wire;
	q->departs[(q->head + q->len++) % q->size] = q->free_at;
	*when = q->free_at;
	return (true);
}

/* len: of the IP packet.  Moves *when to the path's other end; false: lost on the way. */
bool
path_pass(struct path *p, uint64_t seed, enum direction d, size_t len, uint64_t *when)
{
	uint64_t	 wire = len + WIRE_EXTRA < WIRE_MIN ? WIRE_MIN : len + WIRE_EXTRA;

	if (p->bandwidth > 0 &&
	    !queue_pass(&p->queue[d], when, (uint64_t)((double)wire * 8e3 / p->bandwidth))) {
		p->dropped[d]++;
		count(d == OUT ? C_DROPPED_OUT : C_DROPPED_IN);
		return (false);
	}
	if (loss_hits(&p->loss[d], &p->bad[d], draw(seed,
	    d == OUT ? DRAW_PATH_OUT : DRAW_PATH_IN, p->id, p->packets[d]++))) {
		p->lost[d]++;
		count(d == OUT ? C_LOST_OUT : C_LOST_IN);
		return (false);
	}
	*when += p->rtt / 2;
	return (true);
}
