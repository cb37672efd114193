/*
 * The hosts in hand: a table by id, which the parent chooses, an index by address, for what
 * the network sends, and room for the port scans.  All of it is mapped before the seal; nothing
 * grows.
 */

#include <sys/mman.h>

#include <string.h>

#include "log.h"
#include "prober.h"

static struct host	*hosts;
static uint32_t		 nhosts;
static uint32_t		*buckets;	/* index by address: heads of chains by hash_next */
static uint32_t		 nbuckets;	/* a power of two */
static uint8_t		*scans;
static size_t		 scan_bytes;
static uint32_t		*free_scans, nfree;
static uint32_t		 touched;	/* places of scans that were ever used: the first ones */

#define ARENA_SIZE	((size_t)384 << 20)	/* of address space; touched only as needed */
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
hosts_init(uint32_t n, uint32_t nscans, uint32_t nports)
{
	for (nbuckets = 1; nbuckets < n; nbuckets *= 2)
		;
	nhosts = n;
	hosts = take(n, sizeof(*hosts));
	/* Zero ends a chain, so that nothing need be touched before it is used. */
	buckets = take(nbuckets, sizeof(*buckets));
	scan_bytes = sizeof(struct scan) + (nports / 32 + 1) * sizeof(uint64_t);
	scans = take(nscans, scan_bytes);
	free_scans = take(nscans, sizeof(*free_scans));
	for (nfree = 0; nfree < nscans; nfree++)
		free_scans[nfree] = nscans - 1 - nfree;
}

/* A secret key, or a stranger could choose addresses that fall together. */
static uint32_t *
bucket(const struct addr *a)
{
	return (&buckets[siphash(send_key(), a, sizeof(*a)) & (nbuckets - 1)]);
}

static struct scan *
scan_at(uint32_t place)
{
	return ((struct scan *)(void *)(scans + place * scan_bytes));
}

struct host *
host_at(uint32_t id)
{
	if (id >= nhosts)
		fatalx("host %u is out of range", id);
	return (&hosts[id]);
}

uint32_t
host_id(const struct host *h)
{
	return ((uint32_t)(h - hosts));
}

/*
 * Where in its chain the address is, or would be: at its end, for who came first goes first as a
 * rule, and is to be found first.  The chains hold ids plus one.
 */
static uint32_t *
link_of(const struct addr *a)
{
	uint32_t	*link = bucket(a);

	while (*link != 0 && !addr_equal(&hosts[*link - 1].addr, a))
		link = &hosts[*link - 1].hash_next;
	return (link);
}

struct host *
host_find(const struct addr *a)
{
	uint32_t	 id = *link_of(a);

	return (id == 0 ? NULL : &hosts[id - 1]);
}

struct host *
host_new(uint32_t id, const struct addr *a)
{
	struct host	*h = host_at(id);
	uint32_t	*link = link_of(a);

	if (*link != 0)
		return (NULL);
	*h = (struct host){ .addr = *a, .scan = NO_SCAN };
	*link = id + 1;
	return (h);
}

void
host_end(struct host *h)
{
	*link_of(&h->addr) = h->hash_next;
	if (h->state == HOST_UP && h->scan != NO_SCAN) {
		scan_at(h->scan)->host = NO_HOST;
		free_scans[nfree++] = h->scan;
		h->scan = NO_SCAN;
	}
}

bool
host_begin_scan(struct host *h)
{
	if (nfree == 0)
		return (false);
	h->scan = free_scans[--nfree];
	memset(scan_at(h->scan), 0, scan_bytes);
	scan_at(h->scan)->host = host_id(h);
	if (touched <= h->scan)
		touched = h->scan + 1;
	return (true);
}

struct scan *
host_scan(const struct host *h)
{
	if (h->step != STEP_PORTS || h->scan == NO_SCAN)
		return (NULL);
	return (scan_at(h->scan));
}

struct host *
host_scanned(uint32_t *place)
{
	uint32_t	 id;

	while (*place < touched)
		if ((id = scan_at((*place)++)->host) != NO_HOST)
			return (&hosts[id]);
	return (NULL);
}

void
queue_init(struct queue *q)
{
	q->head = q->tail = NO_HOST;
}

void
queue_put(struct queue *q, struct host *h, uint8_t in)
{
	uint32_t	 id = host_id(h);

	if (h->in != IN_NONE)
		fatalx("host %u is queued twice", id);
	h->in = in;
	h->next = NO_HOST;
	h->prev = q->tail;
	if (q->tail == NO_HOST)
		q->head = id;
	else
		hosts[q->tail].next = id;
	q->tail = id;
}

void
queue_remove(struct queue *q, struct host *h)
{
	if (h->prev == NO_HOST)
		q->head = h->next;
	else
		hosts[h->prev].next = h->next;
	if (h->next == NO_HOST)
		q->tail = h->prev;
	else
		hosts[h->next].prev = h->prev;
	h->in = IN_NONE;
}

struct host *
queue_first(const struct queue *q)
{
	return (q->head == NO_HOST ? NULL : &hosts[q->head]);
}

struct host *
queue_take(struct queue *q)
{
	struct host	*h = queue_first(q);

	if (h != NULL)
		queue_remove(q, h);
	return (h);
}

void
queue_rotate(struct queue *q)
{
	struct host	*h = &hosts[q->head];

	if (q->head == q->tail)
		return;
	hosts[q->tail].next = q->head;
	h->prev = q->tail;
	q->tail = q->head;
	q->head = h->next;
	hosts[q->head].prev = h->next = NO_HOST;
}
