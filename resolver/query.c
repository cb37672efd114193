/*
 * Look-ups: the hosts files first, then the name servers, one after the other.
 *
 * The parent gives each look-up an id below LOOKUPS_MAX, and that is its slot here until the
 * reply is sent: nothing is queued beyond the slots.  Neither the parent nor a server is
 * trusted; what a server said has been through parse_answer() before it is kept.
 */

#include <sys/queue.h>

#include <arpa/nameser.h>

#include <string.h>

#include "log.h"
#include "resolver.h"

struct slot {
	STAILQ_ENTRY(slot)	 link;		/* while it waits or is done */
	struct question		 question;	/* while it is in flight */
	bool			 busy;
	bool			 reverse;
	uint8_t			 family;	/* forward: enum family, NONE: both */
	uint8_t			 result;	/* enum lookup */
	uint8_t			 source;	/* enum name_source */
	int			 type;		/* of the query */
	unsigned int		 tries;		/* queries sent for this type */
	char			 name[NAME_MAX_TEXT];	/* that the DNS is asked for */
	struct answer		 answer;
};
STAILQ_HEAD(queue, slot);

static struct slot	 slots[LOOKUPS_MAX];
static struct queue	 waiting[SERVERS_MAX] = {
	STAILQ_HEAD_INITIALIZER(waiting[0]),
	STAILQ_HEAD_INITIALIZER(waiting[1]),
	STAILQ_HEAD_INITIALIZER(waiting[2]),
};
static struct queue	 forwards = STAILQ_HEAD_INITIALIZER(forwards);	/* done */
static struct queue	 reverses = STAILQ_HEAD_INITIALIZER(reverses);

static struct slot *
begin(uint32_t id)
{
	struct slot	*l = &slots[id];

	if (l->busy)
		fatalx("parent used look-up %u twice at once", id);
	*l = (struct slot){ .busy = true };
	l->question.of = l;
	return (l);
}

static void
finish(struct slot *l, enum lookup result, enum name_source source)
{
	l->result = (uint8_t)result;
	l->source = result == LOOKUP_FOUND ? (uint8_t)source : SOURCE_NONE;
	STAILQ_INSERT_TAIL(l->reverse ? &reverses : &forwards, l, link);
}

static void
wait_for_server(struct slot *l)
{
	STAILQ_INSERT_TAIL(&waiting[servers_of_try(l->tries)], l, link);
}

static void
ask_for(struct slot *l, int type)
{
	l->type = type;
	l->tries = 0;
	if (servers_count() == 0)
		finish(l, LOOKUP_NO_SERVER, SOURCE_NONE);
	else
		wait_for_server(l);
}

void
query_forward(const struct msg_forward *p)
{
	struct slot	*l = begin(p->id);

	l->family = p->family;
	memcpy(l->name, p->name, sizeof(l->name));
	hosts_addresses(p->name, p->family, &l->answer);
	if (l->answer.n != 0)
		finish(l, LOOKUP_FOUND, SOURCE_HOSTS);
	else
		ask_for(l, l->family == FAMILY_IPV6 ? ns_t_aaaa : ns_t_a);
}

void
query_reverse(const struct reverse_entry *e)
{
	struct slot	*l = begin(e->id);

	l->reverse = true;
	if (hosts_name(&e->addr, l->answer.name)) {
		finish(l, LOOKUP_FOUND, SOURCE_HOSTS);
		return;
	}
	name_reverse(&e->addr, l->name);
	ask_for(l, ns_t_ptr);
}

/*
 * Is there another query to send after this outcome?  A server's refusal is worth asking
 * every other server once; silence is worth all tries.
 */
static bool
may_retry(const struct slot *l, enum lookup result)
{
	switch (result) {
	case LOOKUP_SERVER_FAILED:
	case LOOKUP_REFUSED:
		return (l->tries < servers_count());
	case LOOKUP_TIMED_OUT:
	case LOOKUP_NO_SERVER:
		return (l->tries < TRIES_MAX);
	default:
		return (false);
	}
}

void
query_answered(struct question *q, int status, const unsigned char *msg, int len)
{
	struct slot	*l = q->of;
	enum lookup	 result = parse_answer(l->type, status, msg, len, &l->answer);

	if (may_retry(l, result))
		wait_for_server(l);
	else if (l->type == ns_t_a && l->family == FAMILY_NONE &&
	    (result == LOOKUP_FOUND || result == LOOKUP_NOT_FOUND))
		ask_for(l, ns_t_aaaa);
	else
		finish(l, l->answer.n != 0 ? LOOKUP_FOUND : result, SOURCE_DNS);
}

/* Ask a server what waits for it, as far as it has room.  Was there anything? */
static bool
ask_server(unsigned int server)
{
	struct slot	*l;
	bool		 asked = false;

	while ((l = STAILQ_FIRST(&waiting[server])) != NULL && servers_room(server)) {
		STAILQ_REMOVE_HEAD(&waiting[server], link);
		servers_ask(&l->question, l->name, l->type, l->tries++);
		asked = true;
	}
	return (asked);
}

/* A query that fails at once waits for another server at once; its tries bound the loop. */
void
query_ask(void)
{
	bool	 asked;

	do {
		asked = false;
		for (unsigned int s = 0; s < servers_count(); s++)
			asked |= ask_server(s);
	} while (asked);
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
		.n = l->answer.n, .partial = l->result == LOOKUP_FOUND && l->answer.partial
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
	servers_cancel();
	for (unsigned int s = 0; s < SERVERS_MAX; s++)
		STAILQ_INIT(&waiting[s]);
	STAILQ_INIT(&forwards);
	STAILQ_INIT(&reverses);
}
