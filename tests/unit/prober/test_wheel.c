/* The timing wheel: every host that was put in comes out once, when it is due and not before. */

#include "apart.h"
#include "log.h"
#include "prober.h"

#define START	((usec_t)5000 * 1000000)	/* the clock does not begin with 0 */
#define MS	((usec_t)1000)
#define GRAIN	512		/* microseconds that a host may come late */
#define HOSTS	20000

static usec_t	 now;

/* send.c's, which this test does without. */
const struct siphash_key *
send_key(void)
{
	static const struct siphash_key	 key;

	return (&key);
}

static void
begin(usec_t when)
{
	now = when;
	hosts_reserve();
	hosts_init(HOSTS, 1, 1);
	wheel_init(now);
}

/* The id of a host that is due, or NO_HOST. */
static uint32_t
one(void)
{
	struct host	*h = wheel_due(now);

	CHECK(h == NULL || h->in == IN_NONE);
	return (h != NULL ? host_id(h) : NO_HOST);
}

static void
a_host_comes_when_it_is_due_and_once(void)
{
	begin(START);
	wheel_put(host_at(7), START + 50 * MS);
	CHECK(host_at(7)->in == IN_WHEEL);
	now = START + 50 * MS - 1;
	CHECK(one() == NO_HOST);
	now = START + 50 * MS + GRAIN;
	CHECK(one() == 7 && one() == NO_HOST);
	now += 100000 * MS;
	CHECK(one() == NO_HOST);
}

/* Some waits are longer than the wheel goes round, or just that long. */
static void
hosts_come_in_the_order_they_are_due(void)
{
	static const uint32_t	 wait[] = {	/* milliseconds */
		900, 5, 30000, 20, 8388, 8389, 8390, 700, 16777, 16778, 3600000, 1
	};
	uint32_t		 n = sizeof(wait) / sizeof(wait[0]), id, last = 0, came = 0;

	begin(START);
	for (uint32_t i = 0; i < n; i++)
		wheel_put(host_at(i), START + wait[i] * MS);
	while (came < n && now < START + 4000000 * MS) {
		if ((id = one()) == NO_HOST) {
			CHECK(wheel_next(now) > now);
			now = wheel_next(now);
			continue;
		}
		CHECK(wait[id] > last && now >= START + wait[id] * MS &&
		    now <= START + wait[id] * MS + GRAIN);
		last = wait[id];
		came++;
	}
	CHECK(came == n);
}

static void
what_is_due_already_comes_soon(void)
{
	begin(START);
	wheel_put(host_at(1), START - 1000 * MS);
	wheel_put(host_at(2), 0);
	wheel_put(host_at(3), START);
	now += GRAIN;
	CHECK(one() != NO_HOST && one() != NO_HOST && one() != NO_HOST && one() == NO_HOST);
}

/* However long nobody looked. */
static void
nothing_is_missed_after_a_long_pause(void)
{
	bool		 came[HOSTS] = { false };
	uint32_t	 id, n = 0;

	begin(START);
	for (uint32_t i = 0; i < HOSTS; i++)
		wheel_put(host_at(i), START + i * 2 * MS);
	now = START + HOSTS * 2 * MS + 60000 * MS;
	for (; (id = one()) != NO_HOST; n++) {
		CHECK(!came[id]);
		came[id] = true;
	}
	CHECK(n == HOSTS);
}

static void
a_host_that_was_removed_does_not_come(void)
{
	begin(START);
	for (uint32_t i = 0; i < 10; i++)
		wheel_put(host_at(i), START + (i < 5 ? 10 : 500) * MS);
	wheel_remove(host_at(0));
	wheel_remove(host_at(9));
	now = START + 10 * MS + GRAIN;
	CHECK(one() == 1 && host_at(2)->in == IN_DUE);
	wheel_remove(host_at(2));	/* it is due, but was not taken */
	wheel_remove(host_at(4));
	CHECK(one() == 3 && one() == NO_HOST);
	wheel_put(host_at(2), START + 400 * MS);
	now = START + 600 * MS;
	CHECK(one() == 2 && one() == 5 && one() == 6 && one() == 7 && one() == 8);
	CHECK(one() == NO_HOST);
}

/* Never later than somebody is due; and not so soon that nothing would be left but looking. */
static void
the_next_look_is_in_time_and_worth_it(void)
{
	begin(START);
	CHECK(wheel_next(now) > now + 50 * MS && wheel_next(now) <= now + 100 * MS);
	wheel_put(host_at(1), START + 3000 * MS);
	CHECK(wheel_next(now) > now + 50 * MS && wheel_next(now) <= now + 100 * MS);
	wheel_put(host_at(2), START + 30 * MS);
	CHECK(wheel_next(now) >= START + 30 * MS - GRAIN &&
	    wheel_next(now) <= START + 30 * MS + GRAIN);
	now = START + 30 * MS + GRAIN;
	CHECK(one() == 2);
	wheel_remove(host_at(1));
	wheel_put(host_at(1), now + 20 * MS);
	wheel_remove(host_at(1));
	CHECK(wheel_next(now) > now + 50 * MS);		/* nobody is waited for */
	wheel_put(host_at(1), START);
	wheel_put(host_at(2), START);
	now += GRAIN;
	CHECK(one() != NO_HOST && wheel_next(now) == now);	/* the other one */
}

/* Nobody has looked for a while, neither at who is due nor at the time. */
static void
who_is_overdue_is_not_waited_for(void)
{
	begin(START);
	wheel_put(host_at(1), START + 30 * MS);
	CHECK(wheel_next(START + 10 * MS) <= START + 30 * MS + GRAIN);
	CHECK(wheel_next(START + 90 * MS) == START + 90 * MS);
	CHECK(wheel_next(START + 5000 * MS) == START + 5000 * MS);
}

/* The ticks have 32 bits: they come round every 12 days. */
static void
the_wrap_of_the_clock_is_not_noticed(void)
{
	usec_t	 wrap = (usec_t)256 << 32;

	begin(wrap - 100 * MS);
	wheel_put(host_at(1), wrap - 50 * MS);
	wheel_put(host_at(2), wrap + 50 * MS);
	wheel_put(host_at(3), wrap + 20000 * MS);
	now = wrap - 60 * MS;
	CHECK(one() == NO_HOST);
	now = wrap - 40 * MS;
	CHECK(one() == 1 && one() == NO_HOST);
	now = wrap + 40 * MS;
	CHECK(one() == NO_HOST && wheel_next(now) <= wrap + 50 * MS + GRAIN);
	now = wrap + 51 * MS;
	CHECK(one() == 2 && one() == NO_HOST);
	now = wrap + 19999 * MS;
	CHECK(one() == NO_HOST);
	now = wrap + 20001 * MS;
	CHECK(one() == 3);
}

int
main(void)
{
	CASE_APART(a_host_comes_when_it_is_due_and_once);
	CASE_APART(hosts_come_in_the_order_they_are_due);
	CASE_APART(what_is_due_already_comes_soon);
	CASE_APART(nothing_is_missed_after_a_long_pause);
	CASE_APART(a_host_that_was_removed_does_not_come);
	CASE_APART(the_next_look_is_in_time_and_worth_it);
	CASE_APART(who_is_overdue_is_not_waited_for);
	CASE_APART(the_wrap_of_the_clock_is_not_noticed);
	return (test_done());
}
