/*
 * Names of addresses: each address is asked for once, and when nobody can be asked, that is
 * said once.
 */

#include "walk.h"

static char	 said[4096];

/* So many targets, all of the same address, or each of its own. */
static void
begin_targets(unsigned int n, bool same)
{
	static char	 text[64][20];

	prepare("192.0.2.0", "1-100");
	for (unsigned int i = 1; i < n; i++) {
		snprintf(text[i], sizeof(text[i]), "192.0.2.%u", same ? 0 : i);
		options.targets[options.ntargets++] = text[i];
	}
	options.no_reverse = false;
	set_up();
	walk();
	for (unsigned int i = 0; i < told.ntargets; i++)
		say_up(told.target[i].id);
	walk();
}

static void
targets_with_one_address_make_one_query(void)
{
	begin_targets(5, true);
	CHECK(told.ntargets == 1 && hosts_count() == 5 && told.nreverses == 1);
	say_done(told.target[0].id);
	walk();
	CHECK(told.nhosts == 0);	/* its name may still come */
	say_name(told.reverse[0].id, LOOKUP_FOUND);
	walk();
	CHECK(told.nhosts == 5 && told.nreverses == 1 && steps_finished());
	for (uint32_t i = 0; i < 5; i++)
		CHECK(strcmp(told.host[i].rdns, "a.example") == 0);
}

/* So is one of which nobody says anything, and each of its targets says so. */
static void
a_query_without_an_answer_is_not_made_again(void)
{
	begin_targets(3, true);
	say_done(told.target[0].id);
	say_name(told.reverse[0].id, LOOKUP_TIMED_OUT);
	walk();
	CHECK(told.nhosts == 3 && told.nreverses == 1 && steps_finished());
	for (uint32_t i = 0; i < 3; i++)
		CHECK(told.host[i].rdns_lookup == LOOKUP_TIMED_OUT);
}

/* The exit status of a scan of three hosts whose look-ups end so. */
static uint8_t	 ends[3];

static void
scan_three(void)
{
	begin_targets(3, false);
	for (uint32_t i = 0; i < 3; i++) {
		say_name(told.reverse[i].id, ends[i]);
		say_done(told.target[i].id);
	}
	walk();
	CHECK(told.nhosts == 3 && steps_finished());
	heard.log_finished = true;
	if (test_bad == 0)
		_exit(outcome_status(&options, ENDING_COMPLETE, true, false));
}

static int
status_with(uint8_t first, uint8_t second, uint8_t third)
{
	ends[0] = first;
	ends[1] = second;
	ends[2] = third;
	return (apart(scan_three, said, sizeof(said)));
}

static void
names_that_nobody_could_be_asked_for_are_told_once(void)
{
	CHECK(status_with(LOOKUP_TIMED_OUT, LOOKUP_NO_SERVER, LOOKUP_TIMED_OUT) ==
	    STATUS_OK);
	CHECK(strstr(said, "no name server answered: the names of 3 addresses") != NULL);
	CHECK(strchr(said, '\n') == said + strlen(said) - 1);
}

/* That is in the log, host by host. */
static void
where_a_server_answered_at_all_nothing_is_said(void)
{
	static const uint8_t	 signs_of_life[] = {
		LOOKUP_FOUND, LOOKUP_NOT_FOUND, LOOKUP_SERVER_FAILED, LOOKUP_REFUSED,
		LOOKUP_BAD_NAME
	};

	for (size_t i = 0; i < sizeof(signs_of_life); i++) {
		CHECK(status_with(LOOKUP_TIMED_OUT, signs_of_life[i], LOOKUP_TIMED_OUT) ==
		    STATUS_OK);
		CHECK(said[0] == '\0');
	}
}

int
main(void)
{
	CASE_APART(targets_with_one_address_make_one_query);
	CASE_APART(a_query_without_an_answer_is_not_made_again);
	CASE_APART(names_that_nobody_could_be_asked_for_are_told_once);
	CASE_APART(where_a_server_answered_at_all_nothing_is_said);
	return (test_done());
}
