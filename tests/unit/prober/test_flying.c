/* Probes in flight, where their number is bounded: never more, and never fewer for long. */

#include "prober.h"
#include "test.h"

static struct question
question(uint16_t port)
{
	return ((struct question){
		.dst = addr_from_ipv4(0xcb007105), .kind = PROBE_TCP_SYN, .port = port
	});
}

static void
add(uint16_t port, uint32_t timeout)
{
	struct question	 q = question(port);

	flying_add(&q, 0, timeout);
}

static void
answer(uint16_t port)
{
	struct question	 q = question(port);

	flying_answered(&q);
}

static void
without_a_bound_there_is_always_room(void)
{
	flying_init(0, 1000000);
	for (uint16_t p = 0; p < 2 * FLYING_MAX; p++) {
		CHECK(flying_room(0));
		add(p, 1000);
	}
	CHECK(flying_room(0) && flying_next() == UINT64_MAX);
}

static void
there_is_room_for_so_many(void)
{
	for (uint32_t most = 1; most <= FLYING_MAX; most += most < 4 ? 1 : 340) {
		flying_init(most, 1000000);
		for (uint16_t p = 0; p < most; p++) {
			CHECK(flying_room(0));
			add(p, 1000);
		}
		CHECK(!flying_room(999));
	}
}

/* A bound that is too great is taken for the greatest. */
static void
there_is_no_room_for_more_than_the_most(void)
{
	flying_init(UINT32_MAX, 1000000);
	for (uint16_t p = 0; p < FLYING_MAX; p++)
		add(p, 1000);
	CHECK(!flying_room(0));
}

static void
an_answer_makes_room_for_one(void)
{
	flying_init(3, 1000000);
	for (uint16_t p = 1; p <= 3; p++)
		add(p, 1000);
	answer(2);
	CHECK(flying_room(0));
	answer(2);		/* again */
	answer(4);		/* to what was not asked */
	add(5, 1000);
	CHECK(!flying_room(0));
	answer(1);
	answer(3);
	answer(5);
	CHECK(flying_next() == UINT64_MAX);
}

static void
the_same_port_of_another_host_or_asked_otherwise_is_no_answer(void)
{
	struct question	 q = question(1);

	flying_init(1, 1000000);
	add(1, 1000);
	q.kind = PROBE_TCP_ACK;
	flying_answered(&q);
	q = question(1);
	q.dst.ip[3]++;
	flying_answered(&q);
	CHECK(!flying_room(0));
	answer(1);
	CHECK(flying_room(0));
}

static void
what_is_overdue_makes_room(void)
{
	flying_init(3, 1000000);
	add(1, 3000);
	add(2, 1000);
	add(3, 2000);
	CHECK(flying_next() == 1000 && !flying_room(999) && flying_room(1000));
	CHECK(flying_next() == 2000);
	add(4, 4000);
	CHECK(!flying_room(1999) && flying_room(3500));
	CHECK(flying_next() == 4000);
}

static void
the_far_away_hold_up_others_no_longer_than_the_unknown(void)
{
	flying_init(1, 1500000);
	add(1, 1499999);
	CHECK(flying_next() == 1499999);
	answer(1);
	add(1, 8000000);
	CHECK(flying_next() == 1500000 && !flying_room(1499999) && flying_room(1500000));
	flying_init(1, 50000);
	add(1, 300000);
	CHECK(flying_next() == 300000);
	answer(1);
	add(1, 8000000);
	CHECK(flying_next() == 1000000);
}

int
main(void)
{
	CASE(without_a_bound_there_is_always_room);
	CASE(there_is_room_for_so_many);
	CASE(there_is_no_room_for_more_than_the_most);
	CASE(an_answer_makes_room_for_one);
	CASE(the_same_port_of_another_host_or_asked_otherwise_is_no_answer);
	CASE(what_is_overdue_makes_room);
	CASE(the_far_away_hold_up_others_no_longer_than_the_unknown);
	return (test_done());
}
