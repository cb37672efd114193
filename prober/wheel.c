/*
 * Hosts that wait for their time, in a timing wheel: putting one in and finding one that is due
 * cost the same however many there are (Varghese and Lauck, "Hashed and Hierarchical Timing
 * Wheels", 1987).
 */

#include "prober.h"

#define TICK		256	/* microseconds */
#define SLOTS		32768	/* 8.4 seconds; a longer wait stays for another round */
#define LOOK_AHEAD	100000	/* microseconds */

static struct queue	 slots[SLOTS];
static uint64_t		 used[SLOTS / 64];	/* a bit for each slot that is not empty */
static struct queue	 due;
static uint32_t		 tick;		/* all slots up to this one were looked at */
static usec_t		 late;		/* the wheel has stood still for so long */

void
wheel_init(usec_t now)
{
	for (uint32_t i = 0; i < SLOTS; i++)
		queue_init(&slots[i]);
	queue_init(&due);
	tick = (uint32_t)(now / TICK);
	late = 0;
}

void
wheel_stood(usec_t as_long)
{
	late += as_long;
}

void
wheel_put(struct host *h, usec_t when)
{
	uint32_t	 slot;

	h->due = (uint32_t)((when - late) / TICK) + 1;
	if ((int32_t)(h->due - tick) <= 0)
		h->due = tick + 1;
	slot = h->due % SLOTS;
	queue_put(&slots[slot], h, IN_WHEEL);
	used[slot / 64] |= UINT64_C(1) << slot % 64;
}

void
wheel_remove(struct host *h)
{
	uint32_t	 slot = h->due % SLOTS;

	if (h->in == IN_DUE) {
		queue_remove(&due, h);
		return;
	}
	queue_remove(&slots[slot], h);
	if (slots[slot].head == NO_HOST)
		used[slot / 64] &= ~(UINT64_C(1) << slot % 64);
}

/* What is due in the slot of this tick; the rest waits for another round. */
static void
empty_slot(void)
{
	uint32_t	 id = slots[tick % SLOTS].head, next;
	struct host	*h;

	for (; id != NO_HOST; id = next) {
		h = host_at(id);
		next = h->next;
		if ((int32_t)(h->due - tick) > 0)
			continue;
		wheel_remove(h);
		queue_put(&due, h, IN_DUE);
	}
}

/* The first tick after this one whose slot is not empty, at most ahead later. */
static uint32_t
next_used(uint32_t ahead)
{
	uint32_t	 t = tick + 1, end = tick + ahead;
	uint64_t	 bits;

	while ((int32_t)(end - t) > 0) {
		bits = used[t % SLOTS / 64] >> t % 64;
		if (bits != 0) {
			t += (uint32_t)__builtin_ctzll(bits);
			break;
		}
		t += 64 - t % 64;
	}
	return ((int32_t)(end - t) > 0 ? t : end);
}

struct host *
wheel_due(usec_t now)
{
	uint32_t	 until = (uint32_t)((now - late) / TICK);
	int32_t		 behind;

	while (due.head == NO_HOST && (behind = (int32_t)(until - tick)) > 0) {
		tick = next_used(behind > SLOTS ? SLOTS : (uint32_t)behind);
		empty_slot();
	}
	return (queue_take(&due));
}

usec_t
wheel_next(usec_t now)
{
	usec_t	 turns = (now - late) / TICK, next;
	int32_t	 ahead = (int32_t)(next_used(LOOK_AHEAD / TICK) - (uint32_t)turns);

	if (due.head != NO_HOST || ahead <= 0)
		return (now);
	next = (turns + (uint32_t)ahead) * TICK + late;
	return (next < now + LOOK_AHEAD ? next : now + LOOK_AHEAD);
}
