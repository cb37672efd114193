/*
 * Checkpoints: the logs hear of each host under way how much further it is, and then are put on
 * disk; and no host is lost or told twice for it.
 */

#include <errno.h>

#include "walk.h"

/* A scan of three hosts that are up. */
static void
three(void)
{
	begin("192.0.2.0/30", "1-200");
	walk();
	CHECK(told.ntargets == 4);
	for (unsigned int i = 0; i < 3; i++)
		say_up(told.target[i].id);
}

static uint32_t
id(unsigned int n)
{
	return (told.target[n].id);
}

/* The logger hears of a checkpoint: these messages, and no others. */
static bool
checkpoint_is(const char *order)
{
	memset(told.to_logger, 0, sizeof(told.to_logger));
	told.nhosts = told.nports = 0;
	report_checkpoint();
	walk();
	if (strcmp(told.to_logger, order) == 0)
		return (true);
	printf("# the logger heard %s, not %s\n", told.to_logger, order);
	return (false);
}

static bool
part_is(unsigned int n, unsigned int which, uint32_t cursor, uint8_t pass, uint32_t ports)
{
	const struct msg_host	*h = &told.host[n];

	return (h->place.offset == which && h->outcome == OUTCOME_PARTIAL &&
	    h->flags == HOST_CHECKPOINT && h->cursor == cursor && h->pass == pass &&
	    h->ports == ports);
}

static void
only_hosts_that_have_moved_are_told(void)
{
	three();
	CHECK(checkpoint_is("C"));
	say_progress(id(1), 5, 0);
	CHECK(checkpoint_is("pC") && part_is(0, 1, 5, 0, 0));
	CHECK(checkpoint_is("C"));
	say_progress(id(1), 5, 0);
	CHECK(checkpoint_is("C"));
	say_progress(id(1), 5, 1);
	say_port(id(2), 80, PORT_OPEN);
	CHECK(checkpoint_is("pp.C"));
	CHECK(part_is(0, 1, 5, 1, 0) && part_is(1, 2, 0, 0, 1) && told.port[0].port == 80);
}

/* Not that it answers: before its ports are asked there is nothing to go on with. */
static void
ports_are_told_once_and_all_at_the_end(void)
{
	three();
	say_port(id(0), 22, PORT_OPEN);
	say_port(id(0), 80, PORT_FILTERED);
	say_progress(id(0), 50, 0);
	CHECK(checkpoint_is("p.C") && part_is(0, 0, 50, 0, 2) && told.nports == 2);
	say_port(id(0), 80, PORT_OPEN);
	say_port(id(0), 21, PORT_CLOSED);
	CHECK(checkpoint_is("p.C") && part_is(0, 0, 50, 0, 2));
	CHECK(told.port[0].port == 21 && told.port[1].port == 80);
	CHECK(told.port[1].state == PORT_OPEN);
	say_progress(id(0), 60, 0);
	CHECK(checkpoint_is("pC") && part_is(0, 0, 60, 0, 0));
	say_done(id(0));
	CHECK(checkpoint_is("H.C") && told.host[0].ports == 3 && told.host[0].flags == 0);
	CHECK(told.host[0].outcome == OUTCOME_COMPLETE && told.port[2].port == 80);
	CHECK(told.port[0].port == 21 && told.port[1].port == 22);
	CHECK(checkpoint_is("C"));
}

/* What the old log has already is not told again. */
static void
what_is_resumed_is_told_when_it_moves(void)
{
	begin("192.0.2.0/30", "1-200");
	part(2, "192.0.2.2", 9);
	part_ports(1, 50, PORT_CLOSED);
	walk();
	CHECK(told.to_prober[0] == 'K');
	say_up(id(0));
	CHECK(checkpoint_is("C"));
	say_progress(id(0), 9, 2);
	CHECK(checkpoint_is("C"));
	say_port(id(0), 60, PORT_CLOSED);
	CHECK(checkpoint_is("p.C") && part_is(0, 2, 9, 2, 1) && told.port[0].port == 60);
}

/* As if the logger had taken in so many that it was sent. */
static void
make_room(unsigned int n)
{
	struct chan	*c = &channels[CHILD_LOGGER];

	while (chan_room(c) > n)
		SEND_EMPTY(c, checkpoint);
	if (chan_room(c) < n)
		c->acked += n - chan_room(c);
}

/* What is no word of the checkpoint that fills the channel. */
static const char *
heard_after(size_t filling)
{
	return (strlen(told.to_logger) < filling ? "" : told.to_logger + filling);
}

static void
a_host_that_ends_while_it_is_told_is_told_whole(void)
{
	size_t	 filling;

	three();
	for (uint16_t port = 1; port <= 100; port++)
		say_port(id(1), port, PORT_CLOSED);
	make_room(2);
	filling = channels[CHILD_LOGGER].sent;
	report_checkpoint();
	CHECK(!report_run(false) && chan_room(&channels[CHILD_LOGGER]) == 0);
	/* The host, and 35 of its ports, are on their way. */
	for (uint16_t port = 101; port <= 140; port++)
		say_port(id(1), port, PORT_OPEN);
	say_done(id(1));
	CHECK(report_backlog() == 1 && hosts_count() == 4);
	walk();
	CHECK(strcmp(heard_after(filling), "p...H....C") == 0);
	CHECK(part_is(0, 1, 0, 0, 100) && told.host[1].place.offset == 1);
	CHECK(told.host[1].ports == 140 && told.host[1].outcome == OUTCOME_COMPLETE);
	CHECK(told.nports == 240 && hosts_count() == 3 && told.nhosts == 2);
}

/* A second one that comes too early begins nothing anew. */
static void
a_checkpoint_goes_through_all_hosts_once(void)
{
	size_t	 filling;

	three();
	for (unsigned int i = 0; i < 3; i++)
		say_progress(id(i), 1 + i, 0);
	make_room(1);
	filling = channels[CHILD_LOGGER].sent;
	for (int i = 0; i < 4; i++) {
		report_checkpoint();
		(void)report_run(false);
		step_progress(&(const struct progress_entry){ .id = id(0), .cursor = 10 });
		make_room(1);
	}
	CHECK(channels[CHILD_LOGGER].sent == filling + 4);
	channels[CHILD_LOGGER].acked = peers[CHILD_LOGGER].told;	/* now in earnest */
	hear();
	CHECK(strcmp(heard_after(filling), "pppC") == 0);
	CHECK(part_is(0, 0, 1, 0, 0) && part_is(1, 1, 2, 0, 0) && part_is(2, 2, 3, 0, 0));
}

/* The same address twice: who comes second gets all that was found out, checkpoint or not. */
static void
an_heir_of_a_host_that_was_told_is_told(void)
{
	prepare("192.0.2.1", "1-200");
	options.targets[options.ntargets++] = "192.0.2.1";
	set_up();
	walk();
	CHECK(told.ntargets == 1 && hosts_count() == 2);
	say_up(id(0));
	say_port(id(0), 22, PORT_OPEN);
	CHECK(checkpoint_is("p.C"));
	say_done(id(0));
	CHECK(checkpoint_is("H.CH.") && hosts_count() == 0 && steps_finished());
	CHECK(told.host[0].place.spec == 0 && told.host[1].place.spec == 1);
	CHECK(told.host[1].ports == 1 && told.host[1].flags == 0);
}

static void
what_is_given_up_is_told_in_part_with_all_its_ports(void)
{
	three();
	say_port(id(1), 22, PORT_OPEN);
	say_progress(id(1), 50, 1);
	CHECK(checkpoint_is("p.C"));
	say_progress(id(1), 60, 1);
	report_checkpoint();
	steps_stop();
	steps_abandon();
	memset(told.to_logger, 0, sizeof(told.to_logger));
	told.nhosts = 0;
	CHECK(report_run(true) && hosts_count() == 0);
	hear();
	CHECK(strcmp(told.to_logger, "H.C") == 0);
	CHECK(told.host[0].outcome == OUTCOME_PARTIAL && told.host[0].flags == 0);
	CHECK(told.host[0].cursor == 60 && told.host[0].pass == 1 && told.host[0].ports == 1);
}

/* Those that are down and not named go to the log before the checkpoint is taken for whole. */
static void
hosts_without_a_word_are_done_all_the_same(void)
{
	three();
	send_pings(&peers[CHILD_PROBER], &(const struct msg_pings){ .n = 1, .e = { {
		.id = id(3), .state = HOST_DOWN, .reason = REASON_NO_RESPONSE } } });
	hear();
	CHECK(checkpoint_is("C"));
	say_done(id(3));
	walk();
	CHECK(strcmp(told.to_logger, "CD") == 0 && told.nhosts == 0 && hosts_count() == 3);
}

/* Without names or ports they go ten at a time, and in their turn. */
static void
hosts_of_which_there_is_little_to_tell_go_together(void)
{
	uint32_t	 before;

	begin("192.0.2.0/27", "1-200");
	walk();
	CHECK(told.ntargets == 32);
	for (unsigned int i = 0; i < 32; i++)
		say_up(id(i));
	say_port(id(12), 22, PORT_OPEN);
	walk();
	before = channels[CHILD_LOGGER].sent;
	for (unsigned int i = 0; i < 32; i++)
		step_done(&(const struct hostdone_entry){
			.id = id(i), .outcome = OUTCOME_COMPLETE, .coverage = COVERAGE_ALL });
	CHECK(report_run(false) && hosts_count() == 0);
	/* 10, 2, HOST and HOSTPORTS, 10, 9 */
	CHECK(channels[CHILD_LOGGER].sent - before == 6);
	hear();
	CHECK(told.nhosts == 32 && told.nports == 1);
	for (unsigned int i = 0; i < 32; i++)
		CHECK(told.host[i].place.offset == i && told.host[i].state == HOST_UP);
}

static unsigned int	 failures;	/* of outputs, all of which the logger tells of */

static void
say_failed(void)
{
	begin("192.0.2.1", "80");
	for (unsigned int i = 0; i < failures; i++)
		send_logfailed(&peers[CHILD_LOGGER], &(const struct msg_logfailed){
			.output = OUTPUT_REPORT, .error = EPIPE });
	hear();
}

/* Or it would have something for the user to read that never ends. */
static void
an_output_fails_once(void)
{
	char	 said[200];

	failures = 1;
	CHECK(apart(say_failed, said, sizeof(said)) == 0);
	failures = 2;
	CHECK(apart(say_failed, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "logger sent LOGFAILED twice for one output") != NULL);
}

int
main(void)
{
	CASE_APART(only_hosts_that_have_moved_are_told);
	CASE_APART(ports_are_told_once_and_all_at_the_end);
	CASE_APART(what_is_resumed_is_told_when_it_moves);
	CASE_APART(a_host_that_ends_while_it_is_told_is_told_whole);
	CASE_APART(a_checkpoint_goes_through_all_hosts_once);
	CASE_APART(an_heir_of_a_host_that_was_told_is_told);
	CASE_APART(what_is_given_up_is_told_in_part_with_all_its_ports);
	CASE_APART(hosts_without_a_word_are_done_all_the_same);
	CASE_APART(hosts_of_which_there_is_little_to_tell_go_together);
	CASE(an_output_fails_once);
	return (test_done());
}
