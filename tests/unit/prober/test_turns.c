/*
 * Whose turn it is, packets' or probes', and for how long.  The clock, what comes in and the engine
 * are played here.
 */

#include <string.h>

#include "prober.h"
#include "test.h"

static struct {
	usec_t		 now;
	uint32_t	 packet, run;	/* microseconds that each of them takes */
	unsigned int	 packets;	/* that are there */
	unsigned int	 mangled;	/* each how many-th can't be parsed; 0: none */
	unsigned int	 probes;	/* turns of the engine that have something to send */
	bool		 full;		/* no room for results */
	bool		 ours, own;	/* what packets are judged as */
}			 world;
static unsigned int	 taken, judged, replies, invalid, runs;

usec_t
prober_now(void)
{
	return (world.now);
}

bool
results_room(void)
{
	return (!world.full);
}

int
capture_next(struct packet *packet, usec_t *when)
{
	if (taken == world.packets)
		return (0);
	taken++;
	world.now += world.packet;
	*packet = (struct packet){ .kind = PACKET_TCP };
	*when = world.now;
	return (world.mangled != 0 && taken % world.mangled == 0 ? -1 : 1);
}

const struct siphash_key *
send_key(void)
{
	static const struct siphash_key	 key;

	return (&key);
}

bool
judge(const struct siphash_key *key, const struct packet *packet, usec_t when, struct verdict *v)
{
	CHECK(key == send_key() && packet->kind == PACKET_TCP && when == world.now);
	judged++;
	*v = (struct verdict){ .sent = when };
	return (world.ours);
}

bool
judge_own(const struct siphash_key *key, const struct packet *packet, usec_t when)
{
	CHECK(key == send_key() && packet->kind == PACKET_TCP && when == world.now);
	return (world.own);
}

void
engine_reply(const struct verdict *v, usec_t when)
{
	CHECK(v->sent == when);
	replies++;
}

void
engine_invalid(void)
{
	invalid++;
}

bool
engine_run(usec_t now)
{
	CHECK(now == world.now);
	runs++;
	world.now += world.run;
	return (runs <= world.probes);
}

static void
begin(void)
{
	memset(&world, 0, sizeof(world));
	world.now = 1000000;
	taken = judged = replies = invalid = runs = 0;
}

static void
all_packets_that_are_there_are_taken_in(void)
{
	begin();
	CHECK(!turn_packets(true) && taken == 0);
	world.packets = 300;
	world.mangled = 3;
	world.ours = true;
	CHECK(turn_packets(true) && taken == 300 && replies == 200 && invalid == 0);
	CHECK(!turn_packets(true));
}

static void
what_proves_to_be_no_reply_is_counted(void)
{
	begin();
	world.packets = 10;
	CHECK(turn_packets(true) && invalid == 10 && replies == 0);
	world.packets = 20;
	world.own = true;
	CHECK(turn_packets(true) && taken == 20 && invalid == 10 && replies == 0);
}

/* And yet taken in, or the ring would be full of it. */
static void
before_anything_was_asked_nothing_is_an_answer(void)
{
	begin();
	world.packets = 10;
	world.ours = true;
	CHECK(turn_packets(false) && taken == 10 && judged == 0 && replies == 0 && invalid == 0);
}

static void
nor_is_anything_sent(void)
{
	usec_t	 now;

	begin();
	world.probes = 10;
	CHECK(!turn_probes(false, &now) && runs == 0 && now == world.now);
}

/* However many packets come: half a millisecond, and what comes between two looks at the clock. */
static void
a_flood_leaves_time_for_probes(void)
{
	begin();
	world.packets = UINT32_MAX;
	world.packet = 5;
	CHECK(turn_packets(true));
	CHECK(world.now >= 1000500 && world.now <= 1000500 + 64 * world.packet);
}

static void
probes_leave_time_for_packets(void)
{
	usec_t	 now;

	begin();
	world.probes = UINT32_MAX;
	world.run = 30;
	CHECK(turn_probes(true, &now) && now == world.now - world.run);
	CHECK(world.now >= 1001000 && world.now <= 1001000 + 2 * world.run);
}

static void
a_turn_ends_when_there_is_nothing_to_send(void)
{
	usec_t	 now;

	begin();
	CHECK(!turn_probes(true, &now) && runs == 1);
	world.probes = 4;
	CHECK(turn_probes(true, &now) && runs == 5);
}

/* The kernel keeps them, and drops and counts what it has no room for. */
static void
without_room_for_results_packets_wait(void)
{
	begin();
	world.packets = 10;
	world.full = true;
	CHECK(!turn_packets(true) && taken == 0);
}

int
main(void)
{
	CASE(all_packets_that_are_there_are_taken_in);
	CASE(what_proves_to_be_no_reply_is_counted);
	CASE(before_anything_was_asked_nothing_is_an_answer);
	CASE(nor_is_anything_sent);
	CASE(a_flood_leaves_time_for_probes);
	CASE(probes_leave_time_for_packets);
	CASE(a_turn_ends_when_there_is_nothing_to_send);
	CASE(without_room_for_results_packets_wait);
	return (test_done());
}
