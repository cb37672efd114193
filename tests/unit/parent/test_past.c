/*
 * What an old log has of unfinished hosts: it adds up, within bounds; it is held against the plan
 * and the targets; and the prober hears of it before anything else.
 */

#include "walk.h"

static void
parts_of_a_host_add_up(void)
{
	struct past	*p;

	part(3, "192.0.2.3", 10);
	part_ports(1, 40, PORT_CLOSED);
	part(4, "192.0.2.4", 11);
	part_ports(7, 7, PORT_OPEN);
	part(3, "192.0.2.3", 20);
	part_ports(40, 42, PORT_OPEN);
	CHECK(past_count() == 2);
	p = taken(3);
	CHECK(p != NULL && p->more.nports == 43 && p->more.cursor == 20 && p->more.pass == 2);
	CHECK(p->more.ports[39].port == 40 && p->more.ports[39].state == PORT_CLOSED);
	CHECK(p->more.ports[40].port == 40 && p->more.ports[40].state == PORT_OPEN);
	CHECK(p->addr.ip[3] == 3 && p->srtt == 7 && p->ttl == 64 && p->state == HOST_UP);
	past_free(p);
	CHECK(taken(3) == NULL && past_count() == 1);
	p = taken(4);
	CHECK(p != NULL && p->more.nports == 1 && p->more.cursor == 11);
	past_free(p);
	CHECK(past_count() == 0);
}

static void
places_that_share_a_bucket_are_told_apart(void)
{
	for (uint64_t i = 0; i < 3; i++)
		part(5 + i * 4096, "192.0.2.5", (uint32_t)i);
	CHECK(taken(5 + 3 * 4096) == NULL);
	for (uint64_t i = 3; i-- > 0;) {
		struct past	*p = taken(5 + i * 4096);

		CHECK(p != NULL && p->more.cursor == i);
		past_free(p);
	}
}

static void
what_is_done_is_no_part_any_more(void)
{
	struct msg_ranges	 done = { .n = 2, .e = { { 0, 0, 4, 4 }, { 0, 0, 6, 7 } } };

	for (uint64_t i = 3; i < 10; i++)
		part(i, "192.0.2.3", 1);
	past_host(&(const struct msg_host){ .place = { .spec = 1, .offset = 6 },
	    .addr = addr_from_ipv4(1) });
	for (uint32_t i = 0; i < done.n; i++)
		past_done(&done.e[i]);
	CHECK(past_count() == 5);
	for (uint64_t i = 3; i < 10; i++)
		CHECK((taken(i) == NULL) == (i == 4 || i == 6 || i == 7));
	CHECK(past_count() == 1);	/* of the other expression */
}

/* The last that was said of the name holds, so that name and look-up fit. */
static void
the_name_is_the_one_told_last(void)
{
	struct msg_host	 m = a_part(1, "192.0.2.1", 1);
	struct past	*p;

	m.rdns_lookup = LOOKUP_FOUND;
	snprintf(m.rdns, sizeof(m.rdns), "old.example");
	past_host(&m);
	snprintf(m.rdns, sizeof(m.rdns), "new.example");
	past_host(&m);
	p = taken(1);
	CHECK(p->more.rdns != NULL && strcmp(p->more.rdns, "new.example") == 0);
	past_free(p);
	past_host(&m);
	part(1, "192.0.2.1", 1);
	p = taken(1);
	CHECK(p->more.rdns == NULL && p->rdns_lookup == LOOKUP_NONE);
	past_free(p);
}

static void
ports_of_another_address_are_dropped(void)
{
	struct past	*p;

	part(1, "192.0.2.1", 9);
	part_ports(1, 9, PORT_OPEN);
	part(1, "192.0.2.9", 2);
	part_ports(80, 80, PORT_CLOSED);
	p = taken(1);
	CHECK(p->addr.ip[3] == 9 && p->more.nports == 1 && p->more.ports[0].port == 80);
	past_free(p);
}

/* Far more ports than there may be at a time. */
static void
what_is_done_makes_room(void)
{
	for (uint32_t i = 0; i < 300; i++) {
		part(i, "192.0.2.1", 1);
		part_ports(0, 65534, PORT_CLOSED);
		past_done(&(const struct range){ .first = i, .last = i });
	}
	CHECK(past_count() == 0);
}

static void
too_many_hosts(void)
{
	for (uint64_t i = 0; i <= 270000; i++)
		part(i, "192.0.2.1", 1);
}

static void
too_many_ports(void)
{
	part(1, "192.0.2.1", 1);
	for (uint32_t i = 0; i < 300; i++)
		part_ports(0, 65534, PORT_CLOSED);
}

static void
ports_of_none(void)
{
	part(1, "192.0.2.1", 1);
	past_done(&(const struct range){ .first = 1, .last = 1 });
	part_ports(1, 1, PORT_OPEN);
}

static bool
dies(void (*f)(void), int status, const char *why)
{
	char	 said[1024];
	int	 got = apart(f, said, sizeof(said));

	if (got == status && strstr(said, why) != NULL)
		return (true);
	printf("# ended with %d: %s\n", got, said);
	return (false);
}

static void
a_log_without_bounds_is_refused(void)
{
	CHECK(dies(too_many_hosts, STATUS_USAGE, "too many unfinished hosts"));
	CHECK(dies(too_many_ports, STATUS_USAGE, "too many ports of unfinished hosts"));
	CHECK(dies(ports_of_none, STATUS_PROCESS, "ports of no host"));
}

/* Each message has as many ports as it can, and the last of them says so. */
static void
the_prober_hears_the_ports_in_a_row(void)
{
	begin("192.0.2.0/29", "1-1000");
	part(3, "192.0.2.3", 1000);
	part_ports(1, 500, PORT_CLOSED);
	part_ports(500, 500, PORT_OPEN);
	part(5, "192.0.2.5", 0);
	part(6, "192.0.2.6", 9);
	part_ports(1, 2 * KNOWN_MAX, PORT_CLOSED);
	walk();
	CHECK(strcmp(told.to_prober, "KkkLKLKkLT") == 0 && told.known[5].n == KNOWN_MAX);
	CHECK(told.target[0].addr.ip[3] == 3 && told.target[1].addr.ip[3] == 5);
	CHECK(told.target[0].steps == (STEP_KNOWN | STEP_PORTS) && told.ntargets == 8);
	CHECK(told.known[0].n == KNOWN_MAX && told.known[1].n == KNOWN_MAX);
	CHECK(told.known[2].n == 20 && told.known[3].n == 0);
	for (int i = 0; i < 3; i++)
		CHECK(told.known[i].id == told.target[0].id && told.known[i].cursor == 1000 &&
		    told.known[i].pass == 2);
	/* A port that was judged twice is told once, as it was judged last. */
	CHECK(told.known[2].e[18].port == 499 && told.known[2].e[18].state == PORT_CLOSED);
	CHECK(told.known[2].e[19].port == 500 && told.known[2].e[19].state == PORT_OPEN);
}

/* There is room for one message at a time: the row goes on where it stood, and others wait. */
static void
a_row_waits_for_room(void)
{
	struct chan	*c = &channels[CHILD_PROBER];

	begin("192.0.2.0/29", "1-1000");
	part(3, "192.0.2.3", 9);
	part_ports(1, 500, PORT_CLOSED);
	while (chan_room(c) > 1)
		send_release(c, &(const struct msg_release){ .n = 1 });
	steps_run();
	CHECK(chan_room(c) == 0);
	for (int i = 0; i < 4; i++) {
		CHECK(told.nknown == 0);
		c->acked++;		/* as if the prober had taken one in */
		steps_run();
		CHECK(chan_room(c) == 0);
	}
	c->acked = 0;
	hear();
	CHECK(strcmp(told.to_prober + CHAN_WINDOW - 1, "KkkLT") == 0 && told.ntargets == 8);
}

/* Nothing is scanned: what the log has in part is reported, in the order of the plan. */
static void
what_is_in_part_is_told_when_nothing_goes_on(void)
{
	struct msg_host	 named = a_part(5, "192.0.2.5", 9);

	begin("192.0.2.0/29", "1-100");
	part(7, "192.0.2.7", 9);
	part_ports(101, 101, PORT_OPEN);	/* not of the plan */
	snprintf(named.name, sizeof(named.name), "a.example");
	past_host(&named);
	part_ports(20, 21, PORT_OPEN);
	part(3, "192.0.2.3", 9);
	part_ports(80, 80, PORT_CLOSED);
	for (int i = 0; i < 20 && !known_report(&plan); i++)
		hear();
	CHECK(known_report(&plan) && hosts_count() == 0 && past_count() == 0);
	hear();
	CHECK(strcmp(told.to_logger, "H.H.") == 0 && told.to_prober[0] == '\0');
	CHECK(told.host[0].addr.ip[3] == 3 && told.host[1].addr.ip[3] == 5);
	CHECK(told.host[0].outcome == OUTCOME_PARTIAL && told.host[0].name[0] == '\0');
	CHECK(strcmp(told.host[1].name, "a.example") == 0 && told.host[1].ports == 2);
	CHECK(told.port[0].port == 80 && told.port[1].port == 20);
}

int
main(void)
{
	CASE_APART(parts_of_a_host_add_up);
	CASE_APART(places_that_share_a_bucket_are_told_apart);
	CASE_APART(what_is_done_is_no_part_any_more);
	CASE_APART(the_name_is_the_one_told_last);
	CASE_APART(ports_of_another_address_are_dropped);
	CASE_APART(what_is_done_makes_room);
	CASE_APART(a_log_without_bounds_is_refused);
	CASE_APART(the_prober_hears_the_ports_in_a_row);
	CASE_APART(a_row_waits_for_room);
	CASE_APART(what_is_in_part_is_told_when_nothing_goes_on);
	return (test_done());
}
