/*
 * Look-ups: the hosts files first, then the name servers.
 *
 * The parent gives each look-up an id below LOOKUPS_MAX, and that is its slot here until the
 * reply is sent: nothing is queued beyond the slots.  A look-up is one question or two (both
 * families of a name, at once).  The parent is not trusted.
 */

#include <arpa/nameser.h>

#include <string.h>

#include "log.h"
#include "resolver.h"

struct slot {
	STAILQ_ENTRY(slot)	 link;		/* when it is done */
	bool			 busy;
	bool			 reverse;
	uint8_t			 result;	/* enum lookup */
	uint8_t			 source;	/* enum name_source */
	unsigned int		 nquestions;
	unsigned int		 nopen;		/* of them, not over */
	struct addr		 addr;		/* reverse */
	struct question		 question[QUESTIONS];
	struct answer		 answer;
};
STAILQ_HEAD(queue, slot);

static struct slot		 slots[LOOKUPS_MAX];
static struct queue		 forwards = STAILQ_HEAD_INITIALIZER(forwards);	/* done */
static struct queue		 reverses = STAILQ_HEAD_INITIALIZER(reverses);

static struct slot *
begin(uint32_t id)
{
	struct slot	*l = &slots[id];

	if (l->busy)
		fatalx("parent used look-up %u twice at once", id);
	*l = (struct slot){ .busy = true };
	return (l);
}

/* A failure is told without what the hosts files may have: it would be half the truth. */
static void
finish(struct slot *l, enum lookup result, enum name_source source)
{
	l->result = (uint8_t)result;
	l->source = (uint8_t)source;
	if (result != LOOKUP_FOUND) {
		l->source = SOURCE_NONE;
		l->answer = (struct answer){ .n = 0 };
	}
	STAILQ_INSERT_TAIL(l->reverse ? &reverses : &forwards, l, link);
}

/* What both questions of a name say: the addresses, IPv4 first, or why there are none. */
static void
join(struct slot *l)
{
	enum lookup	 result = l->question[0].result;
	bool		 known = result == LOOKUP_FOUND || result == LOOKUP_NOT_FOUND;

	for (unsigned int i = 0; i < l->nquestions; i++) {
		const struct answer	*a = &l->question[i].answer;

		if (l->question[i].result != LOOKUP_FOUND || !known)
			continue;
		result = LOOKUP_FOUND;
		l->answer.partial |= a->partial;
		for (unsigned int n = 0; n < a->n; n++)
			answer_add(&l->answer, &a->addr[n]);
		if (l->reverse)
			memcpy(l->answer.name, a->name, sizeof(l->answer.name));
	}
	if (known && l->answer.n != 0)	/* if only by the hosts files */
		result = LOOKUP_FOUND;
	if (l->reverse)
		cache_put(&l->addr, result, l->answer.name);
	finish(l, result, SOURCE_DNS);
}

void
query_over(const struct question *q)
{
	if (--q->of->nopen == 0)
		join(q->of);
}

static void
ask_for(struct slot *l, const char *name, int type)
{
	struct question	*q = &l->question[l->nquestions++];

	l->nopen++;
	question_begin(q, l, name, type);
}

/* All questions of a look-up are there: they wait to be asked. */
static void
wait_for_servers(struct slot *l)
{
	if (servers_count() == 0)
		finish(l, LOOKUP_NO_SERVER, SOURCE_NONE);
	else
		for (unsigned int i = 0; i < l->nquestions; i++)
			question_wait(&l->question[i]);
}

static bool
has_ipv4(const struct answer *a)
{
	for (unsigned int i = 0; i < a->n; i++)
		if (a->addr[i].family == FAMILY_IPV4)
			return (true);
	return (false);
}

void
query_forward(const struct msg_forward *p)
{
	struct slot	*l = begin(p->id);

	hosts_addresses(p->name, p->family, &l->answer);
	if (l->answer.n != 0 && (p->family != FAMILY_NONE || has_ipv4(&l->answer))) {
		finish(l, LOOKUP_FOUND, SOURCE_HOSTS);
		return;
	}
	if (p->family != FAMILY_IPV6)
		ask_for(l, p->name, ns_t_a);
	if (p->family != FAMILY_IPV4 && l->answer.n == 0)
		ask_for(l, p->name, ns_t_aaaa);
	wait_for_servers(l);
}

void
query_reverse(const struct reverse_entry *e)
{
	struct slot	*l = begin(e->id);
	char		 name[NAME_MAX_TEXT];
	enum lookup	 result;

	l->reverse = true;
	l->addr = e->addr;
	if (hosts_name(&e->addr, l->answer.name)) {
		finish(l, LOOKUP_FOUND, SOURCE_HOSTS);
		return;
	}
	if ((result = cache_get(&e->addr, l->answer.name)) != LOOKUP_NONE) {
		finish(l, result, SOURCE_DNS);
		return;
	}
	name_reverse(&e->addr, name);
	ask_for(l, name, ns_t_ptr);
	wait_for_servers(l);
}

/* The oldest of the look-ups that are done, which is then free for the next use of its id. */
static struct slot *
take(struct queue *done)
{
	struct slot	*l = STAILQ_FIRST(done);

	STAILQ_REMOVE_HEAD(done, link);
	l->busy = false;
	return (l);
}

static void
report_addresses(struct chan *c)
{
	const struct slot	*l = take(&forwards);
	struct msg_addresses	 m = {
		.id = (uint32_t)(l - slots), .lookup = l->result, .source = l->source,
		.n = l->answer.n, .partial = l->answer.partial
	};

	memcpy(m.addr, l->answer.addr, sizeof(m.addr));
	send_addresses(c, &m);
}

static void
report_hostnames(struct chan *c)
{
	struct msg_hostnames	 m = { .n = 0 };

	while (m.n < HOSTNAMES_MAX && !STAILQ_EMPTY(&reverses)) {
		const struct slot	*l = take(&reverses);
		struct hostname_entry	*e = &m.e[m.n++];

		e->id = (uint32_t)(l - slots);
		e->lookup = l->result;
		e->source = l->source;
		memcpy(e->name, l->answer.name, sizeof(e->name));
	}
	send_hostnames(c, &m);
}

void
query_send(struct chan *c)
{
	while (chan_room(c) != 0 && !STAILQ_EMPTY(&forwards))
		report_addresses(c);
	while (chan_room(c) != 0 && !STAILQ_EMPTY(&reverses))
		report_hostnames(c);
}

void
query_stop(void)
{
	for (unsigned int i = 0; i < LOOKUPS_MAX; i++)
		for (unsigned int n = 0; n < slots[i].nquestions; n++)
			question_drop(&slots[i].question[n]);
	STAILQ_INIT(&forwards);
	STAILQ_INIT(&reverses);
}
