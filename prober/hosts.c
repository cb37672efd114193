/*
 * The hosts in hand: a table by id, which the parent chooses, an index by address, for what
 * the network sends, and room for the states of their probes.  All of it is mapped before the
 * seal; nothing grows.
 */

#include <sys/mman.h>

#include <string.h>

#include "log.h"
#include "prober.h"

static struct host	*hosts;
static uint32_t		 nhosts, used;
static uint32_t		*buckets;	/* index by address: heads of chains by hash_next */
static uint32_t		 nbuckets;	/* a power of two */
static uint8_t		*slabs;
static uint32_t		 slab_bytes;
static uint32_t		*free_slabs, nfree;

#define ARENA_SIZE	((size_t)256 << 20)	/* of address space; touched only as needed */
#define ARENA_ALIGN	64

static uint8_t		*arena;
static size_t		 arena_used;

void
hosts_reserve(void)
{
	arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (arena == MAP_FAILED)
		fatal("memory for the hosts");
}

/* n zeroed pieces of the arena. */
static void *
take(size_t n, size_t size)
{
	void	*p = arena + arena_used;

	if (n > (ARENA_SIZE - arena_used - ARENA_ALIGN) / size)
		fatalx("%zu hosts are too many at once", n);
	arena_used += (n * size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	return (p);
}

void
hosts_init(uint32_t n, uint32_t nslabs, uint32_t slab_size)
{
	for (nbuckets = 1; nbuckets < n; nbuckets *= 2)
		;
	nhosts = n;
	hosts = take(n, sizeof(*hosts));
	buckets = take(nbuckets, sizeof(*buckets));
	memset(buckets, 0xff, nbuckets * sizeof(*buckets));
	slab_bytes = slab_size == 0 ? 1 : slab_size;
	slabs = take(nslabs, slab_bytes);
	free_slabs = take(nslabs, sizeof(*free_slabs));
	for (nfree = 0; nfree < nslabs; nfree++)
		free_slabs[nfree] = nfree;
}

static uint32_t *
bucket(const struct addr *a)
{
	/* A secret key, or a stranger could choose addresses that fall together. */
	return (&buckets[siphash(send_key(), a, sizeof(*a)) & (nbuckets - 1)]);
}

struct host *
host_at(uint32_t id)
{
	if (id >= nhosts)
		fatalx("host %u is out of range", id);
	return (&hosts[id]);
}

struct host *
host_find(const struct addr *a)
{
	for (uint32_t i = *bucket(a); i != NO_HOST; i = hosts[i].hash_next)
		if (addr_equal(&hosts[i].addr, a))
			return (&hosts[i]);
	return (NULL);
}

struct host *
host_new(uint32_t id, const struct addr *a)
{
	struct host	*h = host_at(id);
	uint32_t	*b = bucket(a);
	uint32_t	 generation = h->generation;

	if (host_find(a) != NULL)
		return (NULL);
	*h = (struct host){ .id = id, .addr = *a, .hash_next = *b };
	h->generation = generation + 1;
	*b = id;
	used++;
	return (h);
}

void
host_free(struct host *h)
{
	uint32_t	*link = bucket(&h->addr);

	while (*link != h->id)
		link = &hosts[*link].hash_next;
	*link = h->hash_next;
	queue_remove(h);
	if (h->probe != NULL && h->probe != h->ping)
		free_slabs[nfree++] = (uint32_t)((size_t)(h->probe - slabs) / slab_bytes);
	h->probe = NULL;
	h->step = 0;
	used--;
}

bool
host_slab(struct host *h)
{
	if (nfree == 0)
		return (false);
	h->probe = slabs + (size_t)free_slabs[--nfree] * slab_bytes;
	memset(h->probe, 0, slab_bytes);
	return (true);
}

uint32_t
hosts_count(void)
{
	return (used);
}

void
queue_init(struct queue *q)
{
	q->head = q->tail = NO_HOST;
}

/* A host is in at most one queue, once. */
void
queue_put(struct queue *q, struct host *h)
{
	if (h->queue != NULL)
		return;
	h->queue = q;
	h->queue_next = NO_HOST;
	h->queue_prev = q->tail;
	if (q->tail == NO_HOST)
		q->head = h->id;
	else
		hosts[q->tail].queue_next = h->id;
	q->tail = h->id;
}

void
queue_remove(struct host *h)
{
	struct queue	*q = h->queue;

	if (q == NULL)
		return;
	if (h->queue_prev == NO_HOST)
		q->head = h->queue_next;
	else
		hosts[h->queue_prev].queue_next = h->queue_next;
	if (h->queue_next == NO_HOST)
		q->tail = h->queue_prev;
	else
		hosts[h->queue_next].queue_prev = h->queue_prev;
	h->queue = NULL;
}

struct host *
queue_take(struct queue *q)
{
	struct host	*h;

	if (q->head == NO_HOST)
		return (NULL);
	h = &hosts[q->head];
	queue_remove(h);
	return (h);
}
