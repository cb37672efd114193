/*
 * --skip-done: hosts that another log has done are passed over wherever a target names them, and
 * nothing else comes of that log.
 */

#include <stdlib.h>

#include "source.h"
#include "words.h"

static void
skip(const char *address)
{
	struct addr	 a;

	CHECK(addr_parse(address, &a) == 0);
	source_skip(&a);
}

static void
a_host_that_is_done_is_passed_over(void)
{
	clear();
	skip("10.0.0.2");
	skip("10.0.0.1");
	skip("10.0.0.2");
	skip("10.9.9.9");
	skip("2001:db8::1");	/* no target is one, yet */
	CHECK(source_skipped() == 3);
	BEGIN("10.0.0.0/30", "10.0.0.2", "10.0.0.1-3");
	excluded();
	CHECK(next_is("10.0.0.0", 0, 0) && next_is("10.0.0.3", 0, 3));
	CHECK(next_is("10.0.0.3", 2, 2) && at_end());
}

static void
without_one_none_is(void)
{
	clear();
	CHECK(source_skipped() == 0);
	BEGIN("10.0.0.0/31");
	excluded();
	CHECK(next_is("10.0.0.0", 0, 0) && next_is("10.0.0.1", 0, 1) && at_end());
}

/* The scope is what it was: done is not forbidden. */
static void
it_is_not_excluded(void)
{
	struct addr	 a = addr_from_ipv4(0x0a000001), b = addr_from_ipv4(0x0a000002);

	clear();
	options.exclude = "10.0.0.2";
	skip("10.0.0.1");
	CHECK(source_skipped() == 1);
	BEGIN("10.0.0.0/30");
	excluded();
	CHECK(!source_excludes(&a) && source_excludes(&b));
	CHECK(next_is("10.0.0.0", 0, 0) && next_is("10.0.0.3", 0, 3) && at_end());
}

static void
nor_is_it_scanned_by_its_name(void)
{
	struct addr	 a = addr_from_ipv4(0x0a000001);
	struct target	 name;

	clear();
	skip("10.0.0.1");
	CHECK(source_skipped() == 1);
	BEGIN("a.example", "10.0.0.2");
	excluded();
	CHECK(name_is("a.example", 0));
	name = *c.unresolved;
	source_resolved(0, &name, &a, 1);
	CHECK(next_is("10.0.0.2", 1, 0) && at_end());
}

/* In any order, and every other address: nothing lies in a row. */
static void
hundreds_of_thousands_are_passed_over_in_no_time(void)
{
	const uint32_t	 n = 1 << 18;
	struct addr	 a;

	clear();
	for (uint32_t i = 0; i < n; i++) {
		a = addr_from_ipv4(0x0a000000 + 2 * (i * 2654435761U % n));
		source_skip(&a);
	}
	CHECK(source_skipped() == n);
	BEGIN("10.0.0.0/13");
	excluded();
	for (uint32_t i = 0; i < n; i++)
		CHECK(source_next(&c) == SOURCE_TARGET && c.place.offset == 2 * i + 1);
	CHECK(at_end());
}

/* All of it is one step. */
static void
what_is_done_in_a_row_is_stepped_over_at_once(void)
{
	struct addr	 a;

	clear();
	for (uint32_t i = 0; i < 1 << 18; i++) {
		a = addr_from_ipv4(0x0a000000 + i);
		source_skip(&a);
	}
	CHECK(source_skipped() == 1 << 18);
	BEGIN("10.0.0.0/14", "10.4.0.0");
	excluded();
	CHECK(next_is("10.4.0.0", 1, 0) && at_end());
}

static void
the_option_is_given_again_and_never_taken_from_a_log(void)
{
	char	 text[] = "skip-done /etc/passwd";

	PARSE("--skip-done", "log", "10.0.0.1");
	CHECK(is(o.skip_done, "log") && o.log[OUTPUT_OLD] == NULL);
	CHECK(o.nplan == 2 && o.plan[0].kind == LINE_LIST && is(o.plan[0].name, "skip-done"));
	PARSE("--resume", "new", "--skip-done=log");
	CHECK(is(o.skip_done, "log") && is(o.resume, "new") && options_given(&o, "skip-done"));
	PARSE("10.0.0.1");
	CHECK(options_from_log(&o, text) == -1 && o.skip_done == NULL);
	CHECK(REFUSED("twice", "--skip-done", "a", "--skip-done", "b", "h"));
	CHECK(REFUSED("leave out --skip-done", "--convert", "x", "-oX", "y", "--skip-done", "a"));
	CHECK(REFUSED("leave out --skip-done", "--verify", "x", "--skip-done", "a"));
	CHECK(REFUSED("no targets", "--skip-done", "a"));
}

static uint8_t	 verdict;

static void
end_skip(void)
{
	const struct msg_pastend	 m = { .replay = verdict };

	skip("10.0.0.1");
	skip("10.0.0.2");
	resume_skipped("lo g)\x1b", &m);
	CHECK(strcmp(evidence_line(0), "skipped 2 hosts of lo%20g%29%1b") == 0);
	CHECK(evidence_line(1) == NULL);
}

static void
how_many_is_said_and_recorded(void)
{
	char	 said[400];

	verdict = REPLAY_RESUMABLE;
	CHECK(apart(end_skip, said, sizeof(said)) == 0);
	CHECK(strstr(said, ": 2 hosts finished in it are not scanned again\n") != NULL);
	CHECK(strchr(said, '\x1b') == NULL);
}

static void
a_log_of_no_use_ends_the_run(void)
{
	char	 said[400];

	verdict = REPLAY_NO_HOST;
	CHECK(apart(end_skip, said, sizeof(said)) == STATUS_USAGE);
	CHECK(strstr(said, "--skip-done lo g)") != NULL);
	CHECK(strstr(said, ": no host in it that nmap finished (only -oN and -oG") != NULL);
	verdict = REPLAY_EMPTY;
	CHECK(apart(end_skip, said, sizeof(said)) == STATUS_USAGE);
	CHECK(strstr(said, ": empty\n") != NULL);
}

int
main(void)
{
	CASE_APART(a_host_that_is_done_is_passed_over);
	CASE_APART(without_one_none_is);
	CASE_APART(it_is_not_excluded);
	CASE_APART(nor_is_it_scanned_by_its_name);
	CASE_APART(hundreds_of_thousands_are_passed_over_in_no_time);
	CASE_APART(what_is_done_in_a_row_is_stepped_over_at_once);
	CASE(the_option_is_given_again_and_never_taken_from_a_log);
	CASE(how_many_is_said_and_recorded);
	CASE(a_log_of_no_use_ends_the_run);
	return (test_done());
}
