/*
 * The hosts in hand: a table with as many places as may be in hand at once, an index by
 * address, and queues.  Memory is bounded by that number, never by how many targets there are.
 */

#include <stdlib.h>
#include <string.h>

#include "parent.h"
#include "siphash.h"

static struct host	*hosts;
static uint32_t		 nhosts;
static uint32_t		*free_ids, nfree;
static uint32_t		*buckets, nbuckets;

void *
copy(const void *p, size_t size)
{
	void	*q = malloc(size);

	if (q == NULL)
		fatal("memory");
	return (memcpy(q, p, size));
}

void *
bigger(void *p, size_t size)
{
	void	*q = realloc(p, size);

	if (q == NULL)
		fatal("memory");
	return (q);
}

static void *
table(size_t n, size_t size)
{
	void	*p = calloc(n, size);

	if (p == NULL)
		fatal("memory for %zu hosts", n);
	return (p);
}

void
hosts_init(uint32_t n)
{
	nhosts = n;
	hosts = table(n, sizeof(*hosts));
	free_ids = table(n, sizeof(*free_ids));
	for (nfree = 0; nfree < n; nfree++)
		free_ids[nfree] = n - 1 - nfree;
	for (nbuckets = 1; nbuckets < n; nbuckets *= 2)
		;
	buckets = table(nbuckets, sizeof(*buckets));
	memset(buckets, 0xff, nbuckets * sizeof(*buckets));
}

bool
hosts_room(void)
{
	return (nfree != 0);
}

unsigned int
hosts_count(void)
{
	return (nhosts - nfree);
}

/* The addresses are the user's own, so the key need not be secret. */
static uint32_t *
bucket(const struct addr *a)
{
	static const struct siphash_key	 key;

	return (&buckets[siphash(&key, a, sizeof(*a)) & (nbuckets - 1)]);
}

/* Put a host into the index; the one that is there with its address already, or NULL. */
static struct host *
enter(struct host *h)
{
	uint32_t	*b = bucket(&h->addr);

	for (uint32_t i = *b; i != NO_HOST; i = hosts[i].hash_next)
		if (addr_equal(&hosts[i].addr, &h->addr))
			return (&hosts[i]);
	h->hash_next = *b;
	*b = h->id;
	return (NULL);
}

static void
leave(const struct host *h)
{
	uint32_t	*link = bucket(&h->addr);

	while (*link != h->id)
		link = &hosts[*link].hash_next;
	*link = h->hash_next;
}

struct host *
host_new(const struct candidate *c, struct host **first)
{
	struct host	*h = &hosts[free_ids[--nfree]];

	*h = (struct host){
		.id = (uint32_t)(h - hosts), .used = true, .same = NO_HOST, .work = WORK_HEIR,
		.place = c->place, .addr = c->addr, .nothers = c->nothers
	};
	if (c->name != NULL)
		h->name = copy(c->name, strlen(c->name) + 1);
	if (c->nothers != 0)
		h->others = copy(c->others, c->nothers * sizeof(*c->others));
	if ((*first = enter(h)) != NULL) {
		h->same = (*first)->same;
		(*first)->same = h->id;
	}
	return (h);
}

struct host *
host_at(uint32_t id)
{
	if (id >= nhosts || !hosts[id].used)
		fatalx("host %u is not in hand", id);
	return (&hosts[id]);
}

struct host *
host_slot(uint32_t n)
{
	return (n < nhosts && hosts[n].used ? &hosts[n] : NULL);
}

/* All that was found out of an address holds for the next target with the same one. */
static void
inherit(struct host *heir, const struct host *h)
{
	const struct host	 own = *heir;

	*heir = *h;
	heir->id = own.id;
	heir->same = own.same;
	heir->place = own.place;
	heir->name = own.name;
	heir->others = own.others;
	heir->nothers = own.nothers;
	heir->work = WORK_ENDED;
}

struct host *
host_free(struct host *h)
{
	struct host	*heir = h->same == NO_HOST ? NULL : &hosts[h->same];

	if (h->queued)
		fatalx("host %u is freed while it is queued", h->id);
	leave(h);
	free(h->name);
	free(h->others);
	if (heir != NULL) {
		inherit(heir, h);
		(void)enter(heir);
	} else {
		free(h->rdns);
		free(h->ports);
		free(h->senders);
	}
	h->used = false;
	free_ids[nfree++] = h->id;
	return (heir);
}

/* The number under which a host keeps the address of someone who spoke for it. */
static uint8_t
sender(struct host *h, const struct addr *from)
{
	unsigned int	 i;

	if (from->family == FAMILY_NONE)
		return (0);
	for (i = 0; i < h->nsenders; i++)
		if (addr_equal(&h->senders[i], from))
			return ((uint8_t)(i + 1));
	if (i == SENDERS_MAX)
		return (0);
	h->senders = bigger(h->senders, (i + 1) * sizeof(*h->senders));
	h->senders[h->nsenders++] = *from;
	return ((uint8_t)h->nsenders);
}

void
host_add_port(struct host *h, const struct port_entry *e)
{
	/* Room is made in powers of two. */
	if ((h->nports & (h->nports - 1)) == 0) {
		size_t	 room = h->nports == 0 ? 1 : 2 * (size_t)h->nports;

		h->ports = bigger(h->ports, room * sizeof(*h->ports));
	}
	h->ports[h->nports++] = (struct port_result){
		.port = e->port, .state = e->state, .reason = e->reason, .ttl = e->ttl,
		.sender = sender(h, &e->from)
	};
}

void
queue_init(struct host_queue *q)
{
	*q = (struct host_queue){ .head = NO_HOST, .tail = NO_HOST };
}

void
queue_put(struct host_queue *q, struct host *h)
{
	if (h->queued)
		fatalx("host %u is queued twice", h->id);
	h->queued = true;
	h->next = NO_HOST;
	if (q->tail == NO_HOST)
		q->head = h->id;
	else
		hosts[q->tail].next = h->id;
	q->tail = h->id;
	q->count++;
}

struct host *
queue_take(struct host_queue *q)
{
	struct host	*h;

	if (q->head == NO_HOST)
		return (NULL);
	h = &hosts[q->head];
	q->head = h->next;
	if (q->head == NO_HOST)
		q->tail = NO_HOST;
	q->count--;
	h->queued = false;
	return (h);
}
