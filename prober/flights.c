/*
 * Probes that wait for their reply, in a timing wheel: adding one and finding one that is due
 * cost the same however many there are (Varghese and Lauck, "Hashed and Hierarchical Timing
 * Wheels", 1987).  A probe that is answered is not taken out: its flight is seen to be over
 * when it comes round.
 */

#include <sys/mman.h>

#include "log.h"
#include "prober.h"

#define TICK		1000	/* microseconds: the wheel counts milliseconds */
#define SLOTS		8192	/* a longer wait stays in its slot for another round */
#define END		UINT32_MAX

static struct flight	*flights;	/* FLIGHTS_MAX of them */
static uint32_t		 slots[SLOTS];
static uint32_t		 free_list;
static uint32_t		 unused;	/* from here on never used: memory is touched when needed */
static uint32_t		 used;		/* in the wheel */
static uint32_t		 tick;		/* the slot being looked at, not yet passed */
static uint32_t		*cursor;	/* within it, what to look at next */

void
flights_init(void)
{
	flights = mmap(NULL, FLIGHTS_MAX * sizeof(*flights), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (flights == MAP_FAILED)
		fatal("memory for %u probes in flight", FLIGHTS_MAX);
	for (uint32_t i = 0; i < SLOTS; i++)
		slots[i] = END;
	free_list = END;
}

bool
flights_room(void)
{
	return (used + 2 <= FLIGHTS_MAX);
}

void
flight_add(usec_t due, const struct flight *f)
{
	uint32_t	 at, *slot;

	if (used++ == FLIGHTS_MAX)
		fatalx("too many probes in flight");
	if (free_list != END) {
		at = free_list;
		free_list = flights[at].next;
	} else
		at = unused++;
	flights[at] = *f;
	flights[at].due = (uint32_t)(due / TICK) + 1;
	if ((int32_t)(flights[at].due - tick) <= 0)
		flights[at].due = tick + 1;
	slot = &slots[flights[at].due % SLOTS];
	flights[at].next = *slot;
	*slot = at;
}

bool
flight_due(usec_t now, struct flight *f)
{
	uint32_t	 at, until = (uint32_t)(now / TICK);

	if (cursor == NULL) {
		tick = until;
		cursor = &slots[tick % SLOTS];
	}
	for (;;) {
		while ((at = *cursor) != END) {
			if ((int32_t)(flights[at].due - until) <= 0) {
				*f = flights[at];
				*cursor = flights[at].next;
				flights[at].next = free_list;
				free_list = at;
				used--;
				return (true);
			}
			cursor = &flights[at].next;
		}
		if ((int32_t)(until - tick) <= 0)
			return (false);
		tick++;
		cursor = &slots[tick % SLOTS];
	}
}

usec_t
flights_next(usec_t now)
{
	uint32_t	 t, at;

	for (t = tick + 1; t < tick + 100; t++)
		for (at = slots[t % SLOTS]; at != END; at = flights[at].next)
			if (flights[at].due == t)
				return ((usec_t)(now / TICK + (t - tick)) * TICK);
	return (now + 100 * TICK);
}
