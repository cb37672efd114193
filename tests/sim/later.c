/* What is to happen later, first things first: a heap, equal times in the order they came. */

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

struct entry {
	uint64_t	 when, order;
	struct pending	*p;
};

static struct entry	*heap;
static size_t		 heap_len, heap_size;
static uint64_t		 order;

struct pending *
pending_new(enum stage stage, const uint8_t *bytes, size_t len)
{
	struct pending	*p = malloc(sizeof(*p) + len);

	if (p == NULL)
		err(1, NULL);
	p->stage = stage;
	p->group = NULL;
	p->len = len;
	if (len > 0)
		memcpy(p->bytes, bytes, len);
	return (p);
}

static bool
earlier(const struct entry *a, const struct entry *b)
{
	return (a->when < b->when || (a->when == b->when && a->order < b->order));
}

void
later_add(uint64_t when, struct pending *p)
{
	struct entry	 e = { when, order++, p };
	size_t		 i, up;

	if (heap_len == heap_size) {
		heap_size = heap_size == 0 ? 4096 : heap_size * 2;
		if ((heap = realloc(heap, heap_size * sizeof(*heap))) == NULL)
			err(1, NULL);
	}
	for (i = heap_len++; i > 0; i = up) {
		up = (i - 1) / 2;
		if (!earlier(&e, &heap[up]))
			break;
		heap[i] = heap[up];
	}
	heap[i] = e;
}

uint64_t
later_next(void)
{
	return (heap_len == 0 ? UINT64_MAX : heap[0].when);
}

/* The first that is due, for the caller to free; NULL: none is. */
struct pending *
later_take(uint64_t now)
{
	struct pending	*first;
	struct entry	 e;
	size_t		 i = 0, down;

	if (later_next() > now)
		return (NULL);
	first = heap[0].p;
	e = heap[--heap_len];
	while ((down = 2 * i + 1) < heap_len) {
		if (down + 1 < heap_len && earlier(&heap[down + 1], &heap[down]))
			down++;
		if (!earlier(&heap[down], &e))
			break;
		heap[i] = heap[down];
		i = down;
	}
	if (heap_len > 0)
		heap[i] = e;
	return (first);
}

void
later_forget(void)
{
	while (heap_len > 0)
		free(heap[--heap_len].p);
}
