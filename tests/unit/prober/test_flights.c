/* The timing wheel: everything that was put in comes out once, when it is due and not before. */

#include "apart.h"
#include "prober.h"

#define START	((usec_t)5000 * 1000000)	/* the clock does not begin with 0 */
#define MS	((usec_t)1000)
#define LATE	(2 * MS)		/* what the wheel's grain may add */

static usec_t	 now;

static void
begin(usec_t when)
{
	struct flight	 f;

	now = when;
	flights_init();
	CHECK(!flight_due(now, &f));
}

static void
add(usec_t due, uint32_t host)
{
	CHECK(flights_room());
	flight_add(due, &(struct flight){ .host = host });
}

/* Nothing is due at now. */
static bool
none(void)
{
	struct flight	 f;

	return (!flight_due(now, &f));
}

/* The host of the flight that is due, or UINT32_MAX. */
static uint32_t
one(void)
{
	struct flight	 f;

	return (flight_due(now, &f) ? f.host : UINT32_MAX);
}

static void
a_flight_comes_when_it_is_due_and_once(void)
{
	begin(START);
	add(START + 50 * MS, 7);
	now = START + 50 * MS - 1;
	CHECK(none());
	now = START + 50 * MS + LATE;
	CHECK(one() == 7);
	CHECK(none());
	now += 100000 * MS;
	CHECK(none());
}

static void
it_comes_back_as_it_was(void)
{
	struct flight	 f, in = {
		.host = 0x12345678, .probe = FLIGHT_WAKE, .tryno = 13, .generation = 0xab
	};

	begin(START);
	flight_add(START, &in);
	CHECK(flight_due(START + LATE, &f));
	CHECK(f.host == in.host && f.probe == in.probe && f.tryno == in.tryno &&
	    f.generation == in.generation);
}

static void
flights_come_in_the_order_they_are_due(void)
{
	static const uint32_t	 wait[] = { 900, 5, 30000, 20, 8191, 8192, 8193, 700, 16400, 1 };
	uint32_t		 last = 0, n = 0, got;

	begin(START);
	for (size_t i = 0; i < sizeof(wait) / sizeof(wait[0]); i++)
		add(START + wait[i] * MS, wait[i]);
	for (int i = 0; i < 40000; i++, now += MS)
		while ((got = one()) != UINT32_MAX) {
			CHECK(got > last);
			CHECK(now >= START + got * MS && now <= START + got * MS + LATE);
			last = got;
			n++;
		}
	CHECK(n == 10);
}

/* Whoever sleeps long gets all of it at once, and no slot is passed over. */
static void
a_long_sleep_loses_nothing(void)
{
	unsigned int	 n = 0;

	begin(START);
	for (uint32_t i = 0; i < 20000; i++)
		add(START + i * MS, i);
	now = START + 20000 * MS + LATE;
	while (one() != UINT32_MAX)
		n++;
	CHECK(n == 20000);
}

static void
what_is_due_already_comes_next(void)
{
	begin(START);
	now += 10 * MS;
	CHECK(none());
	add(START, 1);
	add(now, 2);
	now += LATE;
	CHECK(one() != UINT32_MAX && one() != UINT32_MAX && none());
}

/* Added while the flights of the same moment are being taken. */
static void
flights_may_be_added_in_between(void)
{
	unsigned int	 n = 0;

	begin(START);
	for (uint32_t i = 0; i < 10; i++)
		add(START + 5 * MS, i);
	for (int i = 0; i < 50000; i++, now += MS / 10)
		while (one() != UINT32_MAX)
			if (++n <= 1000) {
				add(now, n);
				add(now + 8192 * MS, 0);
			}
	CHECK(n > 1000);
	now += 20000 * MS;
	while (one() != UINT32_MAX)
		n++;
	CHECK(n == 10 + 2 * 1000);
}

/* Waiting until flights_next() wakes nobody late, and never for nothing for long. */
static void
the_next_time_is_never_too_late(void)
{
	static const uint32_t	 wait[] = { 3, 4, 99, 100, 101, 250, 9000 };
	const size_t		 n = sizeof(wait) / sizeof(wait[0]);
	size_t			 got = 0;
	usec_t			 next;

	begin(START);
	for (size_t i = 0; i < n; i++)
		add(START + wait[i] * MS, wait[i]);
	for (int i = 0; i < 10000 && got < n; i++) {
		for (uint32_t f; (f = one()) != UINT32_MAX; got++)
			CHECK(f == wait[got] && now <= START + f * MS + LATE);
		next = flights_next(now);
		CHECK(next > now && next <= now + 100 * MS);
		now = next;
	}
	CHECK(got == n);
}

static void
room_ends_and_comes_back(void)
{
	uint32_t	 n;

	begin(START);
	for (n = 0; n < FLIGHTS_MAX && flights_room(); n++)
		flight_add(START + (n % 1000) * MS, &(struct flight){ .host = n });
	CHECK(!flights_room() && n > FLIGHTS_MAX - 16);
	now += 1000 * MS + LATE;
	CHECK(one() != UINT32_MAX);
	for (n = 1; one() != UINT32_MAX; n++)
		;
	CHECK(n > FLIGHTS_MAX - 16 && flights_room());
	for (n = 0; n < 1000; n++)
		add(now, n);
	now += LATE;
	for (n = 0; one() != UINT32_MAX; n++)
		;
	CHECK(n == 1000);
}

/* The wheel's clock has 32 bits of milliseconds: 49.7 days of uptime. */
static void
a_long_uptime_changes_nothing(void)
{
	const usec_t	 wrap = ((usec_t)1 << 32) * MS;

	begin(wrap - 10 * MS);
	add(wrap - 5 * MS, 1);
	add(wrap + 5 * MS, 2);
	now = wrap - 4 * MS;
	CHECK(one() == 1 && none());
	now = wrap + 4 * MS;
	CHECK(none());
	now = wrap + 5 * MS + LATE;
	CHECK(one() == 2 && none());
}

int
main(void)
{
	CASE_APART(a_flight_comes_when_it_is_due_and_once);
	CASE_APART(it_comes_back_as_it_was);
	CASE_APART(flights_come_in_the_order_they_are_due);
	CASE_APART(a_long_sleep_loses_nothing);
	CASE_APART(what_is_due_already_comes_next);
	CASE_APART(flights_may_be_added_in_between);
	CASE_APART(the_next_time_is_never_too_late);
	CASE_APART(room_ends_and_comes_back);
	CASE_APART(a_long_uptime_changes_nothing);
	return (test_done());
}
