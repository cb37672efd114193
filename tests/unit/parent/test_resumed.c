/*
 * Hosts of which an old log has part go on from there, before all others; unless what the log
 * has does not fit what is asked for now, and then they are begun afresh.
 */

#include <fcntl.h>

#include "walk.h"

static char	 said[4096];

/* The first host that the prober hears of: at this address, and known or not. */
static bool
first_is(const char *ip, bool known)
{
	char	 text[ADDR_TEXT];

	walk();
	if (told.ntargets != 0 && strcmp(addr_text(&told.target[0].addr, text), ip) == 0 &&
	    (told.target[0].steps == (STEP_KNOWN | STEP_PORTS)) == known &&
	    (told.to_prober[0] == 'K') == known)
		return (true);
	printf("# %u targets, first %s: %s\n", told.ntargets,
	    addr_text(&told.target[0].addr, text), told.to_prober);
	return (false);
}

/* The one target of this scan, 192.0.2.7, with what the log has of it: is it known? */
static bool
goes_on_with(struct msg_host m, uint16_t port)
{
	begin("192.0.2.7", "1-100");
	past_host(&m);
	part_ports(port, port, PORT_OPEN);
	return (first_is("192.0.2.7", true));
}

static void
good(void)
{
	CHECK(goes_on_with(a_part(0, "192.0.2.7", 100), 100));
	CHECK(told.known[0].n == 1 && told.known[0].e[0].port == 100);
}

static void
afresh_with(struct msg_host m, uint16_t port)
{
	begin("192.0.2.7", "1-100");
	past_host(&m);
	part_ports(port, port, PORT_OPEN);
	CHECK(first_is("192.0.2.7", false));
	CHECK(told.nknown == 0 && told.ntargets == 1 && past_count() == 0);
}

static void
bad_port(void)
{
	afresh_with(a_part(0, "192.0.2.7", 100), 101);
}

static void
bad_cursor(void)
{
	afresh_with(a_part(0, "192.0.2.7", 101), 100);
}

static void
bad_state(void)
{
	struct msg_host	 m = a_part(0, "192.0.2.7", 100);

	m.state = HOST_DOWN;
	afresh_with(m, 100);
}

static void
what_does_not_fit_the_plan_is_begun_afresh(void)
{
	CHECK(apart(good, NULL, 0) == 0);
	CHECK(apart(bad_port, NULL, 0) == 0);
	CHECK(apart(bad_cursor, NULL, 0) == 0);
	CHECK(apart(bad_state, NULL, 0) == 0);
}

/* The name's address is another one now than the log has. */
static void
changed_address(void)
{
	struct msg_addresses	 m = { .lookup = LOOKUP_FOUND, .source = SOURCE_DNS, .n = 1 };

	set_up();
	part(0, "192.0.2.7", 9);
	walk();
	CHECK(strcmp(told.forward.name, "a.example") == 0 && told.ntargets == 0);
	m.id = told.forward.id;
	m.addr[0] = addr_from_ipv4(0xc0000263);
	send_addresses(&peers[CHILD_RESOLVER], &m);
	hear();
}

static void
changed(void)
{
	prepare("a.example", "1-100");
	changed_address();
	CHECK(first_is("192.0.2.7", true) && told.ntargets == 1);
}

static void
changed_and_excluded(void)
{
	prepare("a.example", "1-100");
	options.exclude = "192.0.2.7";
	changed_address();
	CHECK(first_is("192.0.2.99", false) && told.ntargets == 1);
}

static void
the_log_has_a_names_address(void)
{
	CHECK(apart(changed, said, sizeof(said)) == 0);
	CHECK(strstr(said, "a.example: its address has changed; the scan of 192.0.2.7 goes on"));
	CHECK(apart(changed_and_excluded, said, sizeof(said)) == 0);
	CHECK(strstr(said, "goes on") == NULL);
}

static void
other_address(void)
{
	begin("192.0.2.0/24", "1-100");
	part(7, "192.0.2.8", 9);
	walk();
}

/* Who writes logs could otherwise have any address scanned. */
static void
a_set_has_its_own_addresses(void)
{
	CHECK(apart(other_address, said, sizeof(said)) == STATUS_USAGE);
	CHECK(strstr(said, "the log has another address than its plan: 192.0.2.8") != NULL);
}

static void
what_is_known_goes_before_all_others(void)
{
	begin("10.0.0.0/16", "1-100");
	part(50000, "10.0.195.80", 9);
	part(60000, "10.0.234.96", 9);
	steps_run();
	CHECK(hosts_count() > 2 * CHAN_WINDOW * TARGETS_MAX);
	CHECK(first_is("10.0.195.80", true));
	CHECK(strncmp(told.to_prober, "KLKLTTT", 7) == 0 && past_count() == 0);
	CHECK(told.target[1].addr.ip[3] == 96 && told.target[2].addr.ip[3] == 0);
}

/* As long as targets come, though names on the way to the resolver let none through for now. */
static void
others_are_held_until_all_that_is_known_was_found(void)
{
	static char	 names[40][24];
	struct msg_host	 m = a_part(0, "192.0.2.2", 9);

	prepare("192.0.2.1", "1-100");
	for (int i = 0; i < 40; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d.example", i);
		options.targets[options.ntargets++] = names[i];
	}
	m.place.spec = options.ntargets;
	options.targets[options.ntargets++] = "192.0.2.2";
	set_up();
	past_host(&m);
	steps_run();
	hear();
	CHECK(told.forward.id != 0 && hosts_count() == 1 && told.ntargets == 0);
	CHECK(first_is("192.0.2.2", true));
	CHECK(told.ntargets == 2 && told.target[1].addr.ip[3] == 1);
}

/* Nobody waits for ever for what is not there. */
static void
a_place_that_never_comes_holds_nobody(void)
{
	begin("192.0.2.0/29", "1-100");
	part(4711, "192.0.2.7", 9);
	CHECK(first_is("192.0.2.0", false));
	CHECK(told.ntargets == 8);
	for (unsigned int i = 0; i < 8; i++) {
		say_up(told.target[i].id);
		say_done(told.target[i].id);
	}
	walk();
	CHECK(hosts_count() == 0 && steps_finished() && report_run(true));
}

/* Of a list that is slow to come no host is held; what it names later is begun afresh. */
static void
a_list_that_waits_holds_nobody(void)
{
	struct msg_host	 m = a_part(0, "192.0.2.2", 9);
	int		 p[2];

	prepare("192.0.2.1", "1-100");
	options.list = "list";
	files.list = FD_LIST;
	CHECK(pipe2(p, O_NONBLOCK) == 0 && dup2(p[0], FD_LIST) == FD_LIST);
	set_up();
	m.place.spec = 1;
	past_host(&m);
	CHECK(first_is("192.0.2.1", false) && told.ntargets == 1);
	CHECK(write(p[1], "192.0.2.2\n192.0.2.3\n", 20) == 20);
	walk();
	CHECK(told.ntargets == 3 && told.nknown == 0);
	CHECK(told.target[1].addr.ip[3] == 2 && told.target[1].steps == (STEP_PING | STEP_PORTS));
}

static void
more_than_the_prober_has_room_for_are_begun_afresh(void)
{
	prepare("192.0.2.0/30", "1-100");
	options.max_hostgroup = 1;
	set_up();
	part(1, "192.0.2.1", 9);
	part(2, "192.0.2.2", 9);
	CHECK(first_is("192.0.2.1", true));
	CHECK(strcmp(told.to_prober, "KLT") == 0 && told.ntargets == 4 && past_count() == 0);
}

/* All of it, the log's and what came now, goes to the outputs; the prober gets its room back. */
static void
a_host_that_goes_on_ends_whole(void)
{
	begin("192.0.2.7", "1-100");
	part(0, "192.0.2.7", 9);
	part_ports(20, 21, PORT_CLOSED);
	part_ports(21, 21, PORT_OPEN);
	walk();
	CHECK(strcmp(told.to_prober, "KL") == 0 && told.known[0].n == 2);
	say_up(told.target[0].id);
	say_port(told.target[0].id, 80, PORT_OPEN);
	say_done(told.target[0].id);
	walk();
	CHECK(strcmp(told.to_logger, "H.") == 0 && strcmp(told.to_prober, "KLr") == 0);
	CHECK(told.host[0].ports == 3 && told.host[0].outcome == OUTCOME_COMPLETE);
	CHECK(told.host[0].srtt == 7 && told.host[0].ttl == 64 && told.host[0].cursor == 0);
	CHECK(told.port[0].port == 20 && told.port[1].port == 21 && told.port[2].port == 80);
	CHECK(told.port[1].state == PORT_OPEN && told.port[0].state == PORT_CLOSED);
	CHECK(steps_finished());
}

static void
say_part(uint32_t id)
{
	send_hostsdone(&peers[CHILD_PROBER], &(const struct msg_hostsdone){
		.n = 1, .e = { { .id = id, .outcome = OUTCOME_PARTIAL } } });
	hear();
}

/* The log keeps what it had of the host, and the scan is not complete. */
static void
a_host_without_a_route_any_more_stays_unfinished(void)
{
	begin("192.0.2.7", "1-100");
	part(0, "192.0.2.7", 9);
	part_ports(21, 21, PORT_OPEN);
	walk();
	CHECK(!steps_left());
	say_up(told.target[0].id);
	say_part(told.target[0].id);
	walk();
	CHECK(strcmp(told.to_logger, "H.") == 0 && told.host[0].outcome == OUTCOME_PARTIAL);
	CHECK(told.host[0].cursor == 9 && told.host[0].ports == 1);
	CHECK(steps_finished() && steps_left());
}

static void
part_of_a_fresh_host(void)
{
	begin("192.0.2.7", "1-100");
	walk();
	say_up(told.target[0].id);
	say_part(told.target[0].id);
}

static void
no_other_host_may_stay_unfinished(void)
{
	CHECK(apart(part_of_a_fresh_host, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "in part only") != NULL);
}

int
main(void)
{
	CASE_APART(what_does_not_fit_the_plan_is_begun_afresh);
	CASE_APART(the_log_has_a_names_address);
	CASE_APART(a_set_has_its_own_addresses);
	CASE_APART(what_is_known_goes_before_all_others);
	CASE_APART(others_are_held_until_all_that_is_known_was_found);
	CASE_APART(a_place_that_never_comes_holds_nobody);
	CASE_APART(a_list_that_waits_holds_nobody);
	CASE_APART(more_than_the_prober_has_room_for_are_begun_afresh);
	CASE_APART(a_host_that_goes_on_ends_whole);
	CASE_APART(a_host_without_a_route_any_more_stays_unfinished);
	CASE_APART(no_other_host_may_stay_unfinished);
	return (test_done());
}
