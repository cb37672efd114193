/*
 * Field by field, what a payload may not hold: the well-formed message passes, and the same
 * with one field changed ends the receiver, who says that the payload was bad.
 */

#include <endian.h>

#include "fields.h"
#include "good.h"
#include "receive.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))

/* Who is sent a message of this type, in a phase that it may come in. */
static struct chan
receiver_of(enum msg_type type)
{
	static const enum proc	 procs[] = { PARENT, RESOLVER, PROBER, LOGGER };
	const struct msg_row	*row;
	struct chan		 c;
	enum phase		 phase;

	for (size_t i = 0; i < N(procs); i++) {
		row = &rows_of(procs[i])[type];
		if (row->handle == NULL)
			continue;
		phase = (row->phases & SETUP) != 0 ? SETUP : (row->phases & RUN) != 0 ? RUN : DRAIN;
		for (size_t k = 0; k < N(procs); k++)
			if ((row->from & procs[k]) != 0)
				return (fresh(-1, procs[i], procs[k], phase));
	}
	c = fresh(-1, PARENT, LOGGER, RUN);	/* CREDIT */
	c.sent = CHAN_WINDOW;
	return (c);
}

static struct msg
changed(const struct change *change)
{
	struct msg	 m = good(change->type);
	uint64_t	 value = htole64(change->value);

	memcpy((uint8_t *)&m + change->offset, &value, change->size);
	return (m);
}

static void
a_good_payload_is_taken(void)
{
	for (enum msg_type t = MSG_NONE + 1; t < MSG_TYPES; t++) {
		struct msg	 m = good(t);

		CHECK(receive(receiver_of(t), &m, 1) == 0 && received->reason[0] == '\0');
		CHECK(received->n[t] == (t == MSG_CREDIT ? 0 : 1));
	}
}

static void
a_field_at_the_end_of_its_range_is_taken(void)
{
	for (size_t i = 0; i < N(fine); i++) {
		struct msg	 m = changed(&fine[i]);
		int		 status = receive(receiver_of(fine[i].type), &m, 1);

		if (status != 0)
			printf("# %s: %s\n", fine[i].what, received->reason);
		CHECK(status == 0 && received->n[fine[i].type] == 1);
	}
}

static void
one_bad_field_ends_the_receiver(void)
{
	for (size_t i = 0; i < N(bad); i++) {
		struct msg	 m = changed(&bad[i]);
		int		 status = receive(receiver_of(bad[i].type), &m, 1);

		if (status == 0)
			printf("# %s was taken\n", bad[i].what);
		CHECK(ended_saying(status, "with a bad payload") && received->total == 0);
	}
}

/* Of a name without any address nobody can say that it has more. */
static void
only_addresses_that_were_found_may_be_partial(void)
{
	struct msg	 m = good(MSG_ADDRESSES);

	m.addresses = (struct msg_addresses){ .id = 5, .lookup = LOOKUP_NOT_FOUND };
	CHECK(receive(receiver_of(MSG_ADDRESSES), &m, 1) == 0 && received->total == 1);
	m.addresses.partial = 1;
	CHECK(ended_saying(receive(receiver_of(MSG_ADDRESSES), &m, 1), "with a bad payload"));
	CHECK(received->total == 0);
}

/* But for that it is one that is done, which a log does not have in part. */
static void
a_whole_host_is_no_part(void)
{
	struct msg	 m = good(MSG_PASTHOST);

	m.pasthost.cursor = m.pasthost.pass = 0;
	CHECK(receive(receiver_of(MSG_PASTHOST), &m, 1) == 0 && received->total == 1);
	m.pasthost.outcome = OUTCOME_COMPLETE;
	CHECK(ended_saying(receive(receiver_of(MSG_PASTHOST), &m, 1), "with a bad payload"));
	CHECK(received->total == 0);
}

static void
every_payload_has_a_bad_field_here(void)
{
	for (enum msg_type t = MSG_NONE + 1; t < MSG_TYPES; t++) {
		size_t	 n = 0;

		for (size_t i = 0; i < N(bad); i++)
			n += bad[i].type == t;
		CHECK(n != 0);
	}
}

/* Bytes of the fixed size that the payload does not use: the first and the last of them. */
static void
bytes_past_the_end_of_a_payload_end_the_receiver(void)
{
	for (enum msg_type t = MSG_NONE + 1; t < MSG_TYPES; t++) {
		struct chan	 c = receiver_of(t);
		size_t		 size = t == MSG_CREDIT ? sizeof(struct msg_none) : c.rows[t].size;
		size_t		 at[] = { size, MSG_BODY - 1 };

		for (size_t i = 0; i < N(at) && size < MSG_BODY; i++) {
			struct msg	 m = good(t);

			m.body[at[i]] = 1;
			CHECK(ended_saying(receive(c, &m, 1), "with bytes past its end"));
		}
	}
}

int
main(void)
{
	receive_init();
	CASE(a_good_payload_is_taken);
	CASE(a_field_at_the_end_of_its_range_is_taken);
	CASE(one_bad_field_ends_the_receiver);
	CASE(only_addresses_that_were_found_may_be_partial);
	CASE(a_whole_host_is_no_part);
	CASE(every_payload_has_a_bad_field_here);
	CASE(bytes_past_the_end_of_a_payload_end_the_receiver);
	return (test_done());
}
