/* A scenario's truth: what the file says, the same each time, another with another seed. */

#include <string.h>

#include "../../test.h"
#include "../../sim/draws.c"
#include "../../sim/values.c"
#include "../../sim/world.c"
#include "../../sim/scenario.c"
#include "../../sim/path.c"

#define HEAD	"device sim0 tun 10.90.0.1/24\n"

/* stats.c's, which this test does without. */
void
count(enum counter c)
{
	(void)c;
}

static struct scenario *
scenario_of(const char *text)
{
	char		 all[4096];
	struct scenario	*s;
	FILE		*f;

	snprintf(all, sizeof(all), HEAD "%s", text);
	f = fmemopen(all, strlen(all), "r");
	s = scenario_parse(f, "test");
	fclose(f);
	return (s);
}

static char *
truth_of(const char *text, const char *ports)
{
	struct scenario	*s = scenario_of(text);
	char		*out;
	size_t		 len;
	FILE		*f = open_memstream(&out, &len);

	CHECK(truth_write(s, ports, f) == 0);
	fclose(f);
	free(s);
	return (out);
}

static void
what_is_listed_is_so(void)
{
	char	*t = truth_of("group a 10.1.0.0/30 only=1,3 open=22 closed=23 default=silent\n"
		     "group b 10.1.0.3 default=reject open=80 ping=none\n", "22-23,80+U:53");

	CHECK(strcmp(t, "10.1.0.1 - up\n10.1.0.1 22 open\n10.1.0.1 23 closed\n"
	    "10.1.0.1 80 filtered\n10.1.0.1 53/udp open|filtered\n"
	    "10.1.0.3 - up\n10.1.0.3 22 filtered\n10.1.0.3 23 filtered\n"
	    "10.1.0.3 80 open\n10.1.0.3 53/udp filtered\n") == 0);
	free(t);
}

static void
who_shows_nothing_is_mute_and_who_stops_is_dying(void)
{
	char	*t = truth_of("group a 10.1.0.1 ping=none default=silent\n"
		     "group b 10.1.0.2 dies_after=20p\n", "none");

	CHECK(strcmp(t, "10.1.0.1 - mute\n10.1.0.2 - dying\n") == 0);
	free(t);
}

static void
a_seed_says_it_all(void)
{
	static const char	 text[] = "group a 10.1.0.0/24 up=0.5 open_fraction=0.1\n";
	char			 other[128];
	char			*first, *again, *differs;

	snprintf(other, sizeof(other), "seed 9\n%s", text);
	first = truth_of(text, "1-20");
	again = truth_of(text, "1-20");
	differs = truth_of(other, "1-20");
	CHECK(strlen(first) > 1000 && strcmp(first, again) == 0);
	CHECK(strcmp(first, differs) != 0);
	free(first);
	free(again);
	free(differs);
}

static void
fractions_are_as_asked(void)
{
	struct scenario	*s = scenario_of("group a 10.1.0.0/16 up=30% open_fraction=0.05 "
			    "closed_fraction=0.25 default=silent\n");
	const struct group *g = world_find(s, 0x0a010203);
	unsigned int	 up = 0, state[STATES] = { 0 };

	for (uint32_t a = g->range.lo; a <= g->range.hi; a++) {
		up += world_exists(s, g, a);
		for (uint16_t p = 1; p <= 4; p++)
			state[world_port(s, g, a, TCP, p)]++;
	}
	CHECK(up > 65536 * 0.29 && up < 65536 * 0.31);
	CHECK(state[OPEN] > 262144 * 0.048 && state[OPEN] < 262144 * 0.052);
	CHECK(state[CLOSED] > 262144 * 0.245 && state[CLOSED] < 262144 * 0.255);
	CHECK(state[OPEN] + state[CLOSED] + state[SILENT] == 262144);
	free(s);
}

static void
values_are_read(void)
{
	struct scenario	*s = scenario_of("path p bandwidth=10 queue=5 rtt=20\n"
			    "group a 10.1.0.5-10.1.0.9 path=p rtt=0.2 late=5%:2.5 # words\n"
			    "\tdies_after=3s rst_limit=50:5 ping=echo,syn443,ack80\n");
	const struct group *g = world_find(s, 0x0a010005);

	CHECK(g != NULL && world_find(s, 0x0a010004) == NULL && world_find(s, 0x0a01000a) == NULL);
	CHECK(g->path == &s->path[0] && g->path->rtt == 20000000 && g->rtt == 200000);
	CHECK(g->late == CHANCE_ONE / 20 && g->late_by == 2500000000);
	CHECK(g->dies_after == 3 * SECOND && g->dies_packets == 0);
	CHECK(g->rst_limit.interval == 20000000 && g->rst_limit.slack == 80000000);
	CHECK(g->echo && !g->timestamp && ports_have(&g->acks, 80) && !ports_have(&g->acks, 81));
	CHECK(world_port(s, g, 0x0a010005, TCP, 443) == CLOSED);
	free(s->path[0].queue[OUT].departs);
	free(s->path[0].queue[IN].departs);
	free(s);
}

static void
malformed_values_are_refused(void)
{
	struct group	 g = { .nonly = 0 };
	struct range	 r;
	uint64_t	 n;

	CHECK(set_fraction("1.5", &n) == -1 && set_fraction("5%%", &n) == -1);
	CHECK(set_fraction("", &n) == -1 && set_fraction("-1", &n) == -1);
	CHECK(set_range("10.0.0.0/33", &r) == -1 && set_range("10.0.0.9-10.0.0.1", &r) == -1);
	CHECK(set_ports("1-65536", &g.acks) == -1 && set_ports("5-1", &g.acks) == -1);
	CHECK(set_dies("5x", &g) == -1 && set_ping("pong", &g) == -1);
	CHECK(set_rtt_late("5%", &g) == -1 && set_limit("0", &g.rst_limit) == -1);
}

int
main(void)
{
	CASE(what_is_listed_is_so);
	CASE(who_shows_nothing_is_mute_and_who_stops_is_dying);
	CASE(a_seed_says_it_all);
	CASE(fractions_are_as_asked);
	CASE(values_are_read);
	CASE(malformed_values_are_refused);
	return (test_done());
}
