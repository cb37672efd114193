/* What changes about hosts: those that got a probe, and their half-open connections. */

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define CONN_BUCKETS	(1 << 16)
#define CONNS_MAX	(1 << 20)

/* Open addressing, never more than half full; a host with addr 0 is a free place. */
static struct host	*hosts;
static size_t		 hosts_size, hosts_used;

static struct conn	*conns[CONN_BUCKETS];
static size_t		 conns_used;

static struct host *
place_of(uint32_t addr)
{
	size_t	 i = (size_t)draw(0, DRAW_UP, addr, 0) & (hosts_size - 1);

	while (hosts[i].addr != 0 && hosts[i].addr != addr)
		i = (i + 1) & (hosts_size - 1);
	return (&hosts[i]);
}

static void
grow(void)
{
	struct host	*old = hosts;
	size_t		 old_size = hosts_size;

	hosts_size = old_size == 0 ? 1024 : old_size * 2;
	if ((hosts = calloc(hosts_size, sizeof(*hosts))) == NULL)
		err(1, NULL);
	for (size_t i = 0; i < old_size; i++)
		if (old[i].addr != 0)
			*place_of(old[i].addr) = old[i];
	free(old);
}

/* The pointer is good until the next call. */
struct host *
host_get(const struct group *g, uint32_t addr, uint64_t now)
{
	struct host	*h;

	if (hosts_used * 2 >= hosts_size)
		grow();
	h = place_of(addr);
	if (h->addr == 0) {
		*h = (struct host){ .addr = addr, .group = g, .first = now };
		hosts_used++;
	}
	return (h);
}

size_t
hosts_touched(void)
{
	return (hosts_used);
}

uint32_t
hosts_most_probes(void)
{
	uint32_t	 most = 0;

	for (size_t i = 0; i < hosts_size; i++)
		if (hosts[i].probes > most)
			most = hosts[i].probes;
	return (most);
}

static struct conn **
conn_place(const struct conn *c)
{
	uint64_t	 h = draw(0, DRAW_ISN, (uint64_t)c->host << 32 | c->peer,
			    (uint64_t)c->port << 16 | c->peer_port);
	struct conn	**place = &conns[h % CONN_BUCKETS];

	while (*place != NULL && ((*place)->host != c->host || (*place)->peer != c->peer ||
	    (*place)->port != c->port || (*place)->peer_port != c->peer_port))
		place = &(*place)->next;
	return (place);
}

struct conn *
conn_find(const struct conn *c)
{
	return (*conn_place(c));
}

/* A copy is kept, in place of one with the same ends; NULL when there are too many. */
struct conn *
conn_add(const struct conn *c)
{
	struct conn	**place = conn_place(c), *new = *place, *next;

	if (new == NULL) {
		if (conns_used == CONNS_MAX)
			return (NULL);
		if ((new = calloc(1, sizeof(*new))) == NULL)
			err(1, NULL);
		conns_used++;
		*place = new;
	}
	next = new->next;
	*new = *c;
	new->next = next;
	return (new);
}

void
conn_drop(const struct conn *c)
{
	struct conn	**place = conn_place(c), *gone = *place;

	if (gone == NULL)
		return;
	*place = gone->next;
	conns_used--;
	free(gone);
}

/* All hosts as they were before the first probe. */
void
state_forget(void)
{
	free(hosts);
	hosts = NULL;
	hosts_size = hosts_used = 0;
	for (size_t i = 0; i < CONN_BUCKETS; i++)
		while (conns[i] != NULL) {
			struct conn	*gone = conns[i];

			conns[i] = gone->next;
			conns_used--;
			free(gone);
		}
}
