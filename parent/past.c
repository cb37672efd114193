/*
 * The hosts that an old log has in part: how far their port scans were, and what had answered.
 * The logger read it and it may be forged, so it is bounded here, and held against the plan where
 * it is taken up.  What it has of a place is dropped when the place turns out to be done.
 */

#include <stdlib.h>
#include <string.h>

#include "parent.h"

#define BUCKETS		4096
#define PASTS_MAX	270000	/* more than can be under way, done ones in between */
#define PORTS_MAX	(16U << 20)	/* results, of all of them */

static struct past	*buckets[BUCKETS];
static struct past	*current;	/* whose ports follow */
static unsigned int	 npasts;
static uint32_t		 nports;	/* results of those not yet taken */

static struct past **
bucket(const struct place *p)
{
	const uint64_t	 mix = (p->spec * UINT64_C(31) + p->offset) * UINT64_C(0x9e3779b97f4a7c15);

	return (&buckets[mix >> 52 & (BUCKETS - 1)]);
}

/* What points to the host of a place; it points to NULL when there is none. */
static struct past **
find(const struct place *p)
{
	struct past	**link = bucket(p);

	while (*link != NULL && ((*link)->place.spec != p->spec ||
	    (*link)->place.offset != p->offset))
		link = &(*link)->next;
	return (link);
}

void
past_free(struct past *p)
{
	free(p->more.name);
	free(p->more.rdns);
	free(p->more.ports);
	free(p->more.senders);
	free(p);
}

static struct past *
take(struct past **link)
{
	struct past	*p = *link;

	*link = p->next;
	npasts--;
	nports -= p->more.nports;
	if (current == p)
		current = NULL;
	return (p);
}

/* What was found out of another address does not hold for this one. */
static void
take_address(struct past *p, const struct addr *a)
{
	if (!addr_equal(&p->addr, a)) {
		nports -= p->more.nports;
		free(p->more.ports);
		free(p->more.senders);
		p->more.ports = NULL;
		p->more.senders = NULL;
		p->more.nports = p->more.nsenders = 0;
	}
	p->addr = *a;
}

static void
take_names(struct past *p, const struct msg_host *m)
{
	free(p->more.name);
	free(p->more.rdns);
	p->more.name = p->more.rdns = NULL;
	if (m->name[0] != '\0')
		p->more.name = copy(m->name, strlen(m->name) + 1);
	if (m->rdns_lookup == LOOKUP_FOUND)
		p->more.rdns = copy(m->rdns, strlen(m->rdns) + 1);
	p->rdns_lookup = m->rdns_lookup;
}

void
past_host(const struct msg_host *m)
{
	struct past	**link = find(&m->place);

	if (m->addr.family != FAMILY_IPV4)
		die(STATUS_USAGE, "the log has an unfinished host that is not of IPv4");
	if (*link == NULL) {
		if (npasts == PASTS_MAX)
			die(STATUS_USAGE, "the log records too many unfinished hosts");
		if ((*link = calloc(1, sizeof(**link))) == NULL)
			fatal("memory");
		npasts++;
	}
	current = *link;
	current->place = m->place;
	take_address(current, &m->addr);
	take_names(current, m);
	current->state = m->state;
	current->reason = m->reason;
	current->ttl = m->ttl;
	current->srtt = m->srtt;
	current->more.from = m->from;
	current->more.cursor = m->cursor;
	current->more.pass = m->pass;
	current->more.has_mac = (m->flags & HOST_HAS_MAC) != 0;
	memcpy(current->more.mac, m->mac, sizeof(m->mac));
}

void
past_ports(const struct msg_hostports *m)
{
	if (current == NULL)
		fatalx("the logger names ports of no host");
	if ((nports += m->n) > PORTS_MAX)
		die(STATUS_USAGE, "the log records too many ports of unfinished hosts");
	for (uint32_t i = 0; i < m->n; i++)
		more_add_port(&current->more, &m->e[i]);
}

static bool
covers(const struct range *r, const struct place *p)
{
	return (r->spec == p->spec && r->first <= p->offset && p->offset <= r->last);
}

void
past_done(const struct range *r)
{
	struct past	**link = find(&(const struct place){ .spec = r->spec, .offset = r->first });

	if (r->first == r->last && *link != NULL)
		past_free(take(link));
	for (int i = 0; r->first != r->last && npasts != 0 && i < BUCKETS; i++)
		for (link = &buckets[i]; *link != NULL;)
			if (covers(r, &(*link)->place))
				past_free(take(link));
			else
				link = &(*link)->next;
}

unsigned int
past_count(void)
{
	return (npasts);
}

unsigned int
past_named(uint32_t spec, struct addr *a, unsigned int max)
{
	unsigned int	 n = 0;

	for (int i = 0; npasts != 0 && i < BUCKETS; i++)
		for (const struct past *p = buckets[i]; p != NULL && n < max; p = p->next)
			if (p->place.spec == spec && p->more.name != NULL)
				a[n++] = p->addr;
	return (n);
}

struct past *
past_take(const struct place *p)
{
	struct past	**link = find(p);

	return (npasts == 0 || *link == NULL ? NULL : take(link));
}

static bool
before(const void *a, const void *b)
{
	const struct place	*x = &(*(struct past *const *)a)->place;
	const struct place	*y = &(*(struct past *const *)b)->place;

	return (x->spec != y->spec ? x->spec < y->spec : x->offset < y->offset);
}

struct past **
past_all(unsigned int *n)
{
	struct past	**all = bigger(NULL, (npasts + 1) * sizeof(*all));

	*n = 0;
	for (int i = 0; i < BUCKETS; i++)
		while (buckets[i] != NULL)
			all[(*n)++] = take(&buckets[i]);
	sort(all, *n, sizeof(*all), before);
	return (all);
}
