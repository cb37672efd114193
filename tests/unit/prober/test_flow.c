/*
 * What all hosts share.  When the kernel's queue has no room: what it holds back leaves as soon as
 * there is some, and is answered before anybody's silence is judged.  And canaries of a sweep.
 */

#include "scans.h"

#define PORTS	40	/* all of them fit in a batch */

static enum port_state
all_open(uint16_t port)
{
	(void)port;
	return (PORT_OPEN);
}

/*
 * All probes of a host's only pass are held back for so long: how many ports are found.  rtt 0: it
 * is the usual, and the scan is stopped as soon as they have left.
 */
static unsigned int
found_after(usec_t held, usec_t rtt)
{
	struct msg_probeconfig	 c = template(3);
	usec_t			 room = START + held;

	c.max_retries = 0;
	c.min_rate = 1000 * 1000 * 1000;
	queue_full = true;
	begin(c, 1, PORTS);
	machines[5] = (struct machine){ .rtt = rtt, .port = all_open };
	target(5, STEP_PORTS);
	while (now < room) {
		if (!engine_run(now))
			now = engine_next(now) < room ? engine_next(now) : room;
		hear();
	}
	CHECK(nsent == 0 && nended == 0);
	queue_full = false;
	now = engine_next(now);
	if (rtt == 0) {
		run(1, now + MSEC);
		engine_stop(now);
	}
	run(1, now + 10 * SECOND);
	CHECK(nended == (rtt != 0) && nsent == PORTS && sent[0].at <= room + MSEC);
	CHECK(counters().full == PORTS);
	return (told[5].nports);
}

static void
what_is_held_back_leaves_when_there_is_room(void)
{
	CHECK(found_after(20 * MSEC, 20 * MSEC) == PORTS);
}

/* A second is waited for a host of which nothing is known. */
static void
held_back_for_longer_than_a_time_out_it_is_still_answered(void)
{
	CHECK(found_after(5 * SECOND, 800 * MSEC) == PORTS);
}

static void
as_for_half_of_one(void)
{
	CHECK(found_after(500 * MSEC, 900 * MSEC) == PORTS);
}

/* What was held back has just left: its answers are waited for, and none is taken as had. */
static void
a_stop_waits_for_what_has_just_left(void)
{
	CHECK(found_after(2 * SECOND, 0) == PORTS);
}

static void
for_ever(void)
{
	(void)found_after(11 * SECOND, 20 * MSEC);
}

static void
what_is_held_back_for_long_ends_the_scan(void)
{
	char	 said[200];

	CHECK(apart(for_ever, said, sizeof(said)) == STATUS_NETWORK);
	CHECK(strstr(said, "for ten seconds nothing could be sent") != NULL);
}

/* A sweep in which there is one host: it is asked again now and then, and no more often. */
static void
a_canary_of_a_sweep_is_spared(void)
{
	usec_t		 last = 0;
	unsigned int	 n = 0;

	begin(template(5), 1, 1);
	for (uint32_t i = 0; i < MACHINES; i++) {
		machines[i] = (struct machine){ .up = i == 0, .rtt = 300 };
		target(i, STEP_PING);
	}
	run(MACHINES, START + 100 * SECOND);
	for (unsigned int i = 0; i < nsent; i++) {
		if (sent[i].machine != 0 || !sent[i].canary)
			continue;
		CHECK(last == 0 || sent[i].at >= last + 10 * MSEC);
		last = sent[i].at;
		n++;
	}
	CHECK(n >= 10);
}

int
main(void)
{
	CASE_APART(what_is_held_back_leaves_when_there_is_room);
	CASE_APART(held_back_for_longer_than_a_time_out_it_is_still_answered);
	CASE_APART(as_for_half_of_one);
	CASE_APART(a_stop_waits_for_what_has_just_left);
	CASE(what_is_held_back_for_long_ends_the_scan);
	CASE_APART(a_canary_of_a_sweep_is_spared);
	return (test_done());
}
