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
static uint32_t		 nused;
static uint32_t		 fresh;		/* this one and all above were never used */
static uint32_t		 free_list;	/* those that were, by next */
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
		fatal("memory for the hosts");
	return (p);
}

void
hosts_init(uint32_t n)
{
	nhosts = n;
	nused = fresh = 0;
	free_list = NO_HOST;
	hosts = table(n, sizeof(*hosts));
	for (nbuckets = 1; nbuckets < n; nbuckets *= 2)
		;
	buckets = table(nbuckets, sizeof(*buckets));
	memset(buckets, 0xff, nbuckets * sizeof(*buckets));
}

bool
hosts_room(void)
{
	return (nused < nhosts);
}

unsigned int
hosts_count(void)
{
	return (nused);
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

/* A place in the table; memory that no host has had yet is not touched before it is needed. */
static struct host *
take_place(void)
{
	uint32_t	 id = free_list;

	if (id == NO_HOST)
		id = fresh++;
	else
		free_list = hosts[id].next;
	nused++;
	hosts[id] = (struct host){ .id = id, .used = true, .same = NO_HOST };
	return (&hosts[id]);
}

const struct host_more *
host_more(const struct host *h)
{
	static const struct host_more	 nothing;

	return (h->more != NULL ? h->more : &nothing);
}

struct host_more *
host_need_more(struct host *h)
{
	if (h->more == NULL)
		h->more = table(1, sizeof(*h->more));
	return (h->more);
}

struct host *
host_new(const struct candidate *c, struct host **first)
{
	struct host	*h = take_place();

	h->work = WORK_HEIR;
	h->place = c->place;
	h->addr = c->addr;
	h->coverage = COVERAGE_ALL;
	if (c->name != NULL)
		host_need_more(h)->name = copy(c->name, strlen(c->name) + 1);
	if (c->nothers != 0) {
		host_need_more(h)->others = copy(c->others, c->nothers * sizeof(*c->others));
		h->more->nothers = c->nothers;
	}
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

static void
free_target_text(struct host_more *m)
{
	free(m->name);
	free(m->others);
	m->name = NULL;
	m->others = NULL;
	m->nothers = 0;
}

static void
free_more(struct host_more *m)
{
	if (m == NULL)
		return;
	free_target_text(m);
	free(m->rdns);
	free(m->ports);
	free(m->senders);
	free(m);
}

/*
 * All that was found out of an address holds for the next target with the same one, which
 * keeps its place, its name and the name's other addresses.
 */
static void
inherit(struct host *heir, struct host *h)
{
	const struct host	 own = *heir;

	*heir = *h;
	heir->id = own.id;
	heir->same = own.same;
	heir->place = own.place;
	heir->work = WORK_ENDED;
	if (h->more == NULL)
		heir->more = own.more;
	else {
		free_target_text(heir->more);
		heir->more->name = host_more(&own)->name;
		heir->more->others = host_more(&own)->others;
		heir->more->nothers = host_more(&own)->nothers;
		free(own.more);
	}
	h->more = NULL;
}

struct host *
host_free(struct host *h)
{
	struct host	*heir = h->same == NO_HOST ? NULL : &hosts[h->same];

	if (h->queued)
		fatalx("host %u is freed while it is queued", h->id);
	leave(h);
	if (heir != NULL) {
		inherit(heir, h);
		(void)enter(heir);
	}
	free_more(h->more);
	h->more = NULL;
	h->used = false;
	h->next = free_list;
	free_list = h->id;
	nused--;
	return (heir);
}

/* The number under which a host keeps the address of someone who spoke for it. */
static uint8_t
sender(struct host_more *m, const struct addr *from)
{
	unsigned int	 i;

	if (from->family == FAMILY_NONE)
		return (0);
	for (i = 0; i < m->nsenders; i++)
		if (addr_equal(&m->senders[i], from))
			return ((uint8_t)(i + 1));
	if (i == SENDERS_MAX)
		return (0);
	m->senders = bigger(m->senders, (i + 1) * sizeof(*m->senders));
	m->senders[m->nsenders++] = *from;
	return ((uint8_t)m->nsenders);
}

void
more_add_port(struct host_more *m, const struct port_entry *e)
{
	/* Room is made in powers of two. */
	if ((m->nports & (m->nports - 1)) == 0) {
		size_t	 room = m->nports == 0 ? 1 : 2 * (size_t)m->nports;

		m->ports = bigger(m->ports, room * sizeof(*m->ports));
	}
	m->ports[m->nports++] = (struct port_result){
		.port = e->port, .state = e->state, .reason = e->reason, .ttl = e->ttl,
		.sender = sender(m, &e->from)
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
