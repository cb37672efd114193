/*
 * Where targets come from: every address of every expression once and in order, but for those
 * that are done, however the names among them become known.
 */

#include "source.h"

static void
done(uint32_t spec, uint64_t first, uint64_t last)
{
	source_done(&(const struct range){ .spec = spec, .first = first, .last = last });
}

static void
expressions_are_walked_in_order(void)
{
	clear();
	BEGIN("10.0.0.1", "10.1.0.0/31", "10.2-3.0.7,9");
	excluded();
	CHECK(next_is("10.0.0.1", 0, 0));
	CHECK(next_is("10.1.0.0", 1, 0) && next_is("10.1.0.1", 1, 1));
	CHECK(next_is("10.2.0.7", 2, 0) && next_is("10.2.0.9", 2, 1));
	CHECK(next_is("10.3.0.7", 2, 2) && next_is("10.3.0.9", 2, 3));
	CHECK(c.name == NULL && c.nothers == 0);
	CHECK(at_end() && source_bad() == 0);
}

static void
no_targets_are_none(void)
{
	clear();
	begin((const char *const[]){ NULL });
	excluded();
	CHECK(at_end());
}

static void
what_is_done_is_passed_over(void)
{
	clear();
	BEGIN("10.0.0.0/29", "10.1.0.0/30", "10.2.0.0");
	excluded();
	/* As a log has them: in the order hosts ended, touching, overlapping. */
	done(1, 3, 3);
	done(0, 4, 4);
	done(0, 5, 6);
	done(2, 0, 0);
	done(0, 1, 2);
	done(0, 5, 5);
	CHECK(next_is("10.0.0.0", 0, 0) && next_is("10.0.0.3", 0, 3));
	CHECK(next_is("10.0.0.7", 0, 7));
	CHECK(next_is("10.1.0.0", 1, 0) && next_is("10.1.0.1", 1, 1));
	CHECK(next_is("10.1.0.2", 1, 2) && at_end());
}

static void
huge_ranges_are_stepped_over_at_once(void)
{
	clear();
	BEGIN("0.0.0.0/0");
	excluded();
	done(0, 0, (1ULL << 31) - 1);
	done(0, (1ULL << 31) + 1, UINT32_MAX - 1);
	CHECK(next_is("128.0.0.0", 0, 1ULL << 31));
	CHECK(next_is("255.255.255.255", 0, UINT32_MAX) && at_end());
}

static void
many_small_ranges_are_found(void)
{
	clear();
	BEGIN("10.0.0.0/12");
	excluded();
	for (uint64_t i = 1 << 20; i-- > 0;)
		if (i % 2 != 0 && i != 77777)
			done(0, i, i);
	for (uint64_t i = 0; i < 1 << 20; i++)
		if (i % 2 == 0 || i == 77777)
			CHECK(source_next(&c) == SOURCE_TARGET && c.place.offset == i);
	CHECK(at_end());
}

/* A log may be forged: these ranges end where offsets do. */
static void
a_range_past_its_expression_does_not_hold_it_up(void)
{
	clear();
	BEGIN("10.0.0.0/30", "10.1.0.0");
	excluded();
	done(0, 0, 0);
	done(0, 2, UINT32_MAX);
	CHECK(next_is("10.0.0.1", 0, 1) && next_is("10.1.0.0", 1, 0) && at_end());
}

static void
a_range_past_its_expression_is_not_undone_by_the_next(void)
{
	clear();
	BEGIN("10.0.0.0/30", "10.1.0.0");
	excluded();
	done(0, 2, UINT32_MAX);
	done(0, 0, 0);
	CHECK(next_is("10.0.0.1", 0, 1) && next_is("10.1.0.0", 1, 0) && at_end());
}

static void
ranges_of_no_expression_change_nothing(void)
{
	clear();
	BEGIN("10.0.0.0/30", "10.1.0.0");
	excluded();
	done(7, 0, 100);
	done(1, 1, 9);
	for (uint64_t i = 0; i < 4; i++)
		CHECK(source_next(&c) == SOURCE_TARGET && c.place.offset == i);
	CHECK(next_is("10.1.0.0", 1, 0) && at_end());
}

static void
excluded_and_done_go_together(void)
{
	clear();
	options.exclude = "10.0.0.2-3";
	BEGIN("10.0.0.0/29");
	excluded();
	done(0, 0, 2);
	done(0, 4, 4);
	done(0, 7, 7);
	CHECK(next_is("10.0.0.5", 0, 5) && next_is("10.0.0.6", 0, 6) && at_end());
}

static void
a_name_is_asked_for_and_its_addresses_come_next(void)
{
	struct addr	 a[] = { addr_from_ipv4(0x0a000009), addr_from_ipv4(7), addr_from_ipv4(8) };
	struct target	 name;

	clear();
	BEGIN("a.example", "10.1.0.0/31");
	excluded();
	CHECK(name_is("a.example", 0));
	name = *c.unresolved;
	CHECK(next_is("10.1.0.0", 1, 0));	/* nobody waits for a name */
	source_resolved(0, &name, a, 3);
	CHECK(next_is("10.0.0.9", 0, 0));
	CHECK(strcmp(c.name, "a.example") == 0 && c.nothers == 2 &&
	    addr_equal(&c.others[0], &a[1]) && addr_equal(&c.others[1], &a[2]));
	CHECK(next_is("10.1.0.1", 1, 1) && c.name == NULL && at_end());
}

/* name/29: the block round its address, and only that address bears the name. */
static void
a_name_may_have_a_prefix(void)
{
	struct addr	 a = addr_from_ipv4(0x0a00000d);
	struct target	 name;

	clear();
	options.exclude = "10.0.0.9";
	BEGIN("a.example/29");
	excluded();
	done(0, 2, 3);
	CHECK(name_is("a.example", 0));
	name = *c.unresolved;
	CHECK(at_end());
	source_resolved(0, &name, &a, 1);
	CHECK(next_is("10.0.0.8", 0, 0) && c.name == NULL);
	CHECK(next_is("10.0.0.12", 0, 4) && c.name == NULL);
	CHECK(next_is("10.0.0.13", 0, 5) && c.name != NULL);
	CHECK(next_is("10.0.0.14", 0, 6) && next_is("10.0.0.15", 0, 7) && at_end());
}

static void
a_name_that_is_done_or_excluded_is_left_alone(void)
{
	struct addr	 a = addr_from_ipv4(0x0a000009);
	struct target	 name;

	clear();
	options.exclude = "10.0.0.9";
	BEGIN("done.example", "other.example");
	excluded();
	done(0, 0, 0);
	CHECK(name_is("other.example", 1));
	name = *c.unresolved;
	source_resolved(1, &name, &a, 1);
	CHECK(at_end());
}

/* As many as the resolver may have in hand, all answered at once. */
static void
many_names_may_be_known_at_once(void)
{
	char		 text[20];
	struct target	 name = { .prefix = 31 };

	clear();
	begin((const char *const[]){ NULL });
	excluded();
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < LOOKUPS_MAX; i++) {
			struct addr	 a = addr_from_ipv4(0x0a000000 + 2 * i);

			snprintf(name.name, sizeof(name.name), "n%u", i);
			source_resolved(i, &name, &a, 1);
		}
		for (uint32_t i = 0; i < LOOKUPS_MAX; i++) {
			snprintf(text, sizeof(text), "n%u", i);
			CHECK(source_next(&c) == SOURCE_TARGET && c.place.spec == i);
			CHECK(strcmp(c.name, text) == 0);
			CHECK(source_next(&c) == SOURCE_TARGET && c.place.spec == i &&
			    c.place.offset == 1 && c.name == NULL);
		}
		CHECK(at_end());
	}
}

static enum source_state
any(void)
{
	enum source_state	 state = SOURCE_WAIT;

	for (int i = 0; i < 10 && state == SOURCE_WAIT; i++)
		state = source_any();
	return (state);
}

/* The next that is not "wait"; a list is read a piece at a time. */
static enum source_state
next_of_list(void)
{
	enum source_state	 state = SOURCE_WAIT;

	for (int i = 0; i < 10 && state == SOURCE_WAIT; i++)
		state = source_next(&c);
	return (state);
}

static void
a_list_comes_after_the_command_line(void)
{
	clear();
	options.list = "FILE";
	files.list = 0;
	place(FD_LIST, "10.1.0.0/31 # two\na.example\n10.2.0.0");
	BEGIN("10.0.0.0");
	excluded();
	CHECK(source_any() == SOURCE_TARGET);
	CHECK(next_is("10.0.0.0", 0, 0));
	CHECK(next_of_list() == SOURCE_TARGET && c.place.spec == 1 && c.place.offset == 0);
	CHECK(next_is("10.1.0.1", 1, 1));
	CHECK(name_is("a.example", 2));
	CHECK(next_of_list() == SOURCE_TARGET && c.place.spec == 3);
	CHECK(at_end() && source_bad() == 0 && source_fd() == -1);
}

static void
a_list_alone_keeps_its_first_word(void)
{
	clear();
	options.list = "FILE";
	files.list = 0;
	place(FD_LIST, "10.1.0.0\n10.2.0.0\n");
	begin((const char *const[]){ NULL });
	excluded();
	CHECK(any() == SOURCE_TARGET && any() == SOURCE_TARGET);
	CHECK(next_is("10.1.0.0", 0, 0) && next_is("10.2.0.0", 1, 0));
	CHECK(next_of_list() == SOURCE_END);
}

static void
an_empty_list_is_no_target(void)
{
	clear();
	options.list = "FILE";
	files.list = 0;
	place(FD_LIST, "# nothing\n\n");
	begin((const char *const[]){ NULL });
	excluded();
	CHECK(any() == SOURCE_END);
}

static unsigned int	 warnings;

static void
count_warnings(enum say_level level, const char *text)
{
	warnings += level == SAY_WARNING && strstr(text, "left out") != NULL;
}

/* The rest of the list is scanned, and the exit status will tell. */
static void
bad_words_of_a_list_are_left_out_and_counted(void)
{
	clear();
	log_to(count_warnings);
	options.list = "FILE";
	files.list = 0;
	place(FD_LIST, "10.1.0.0 10.0.0.300 ::1 ex\x01mple 10.2.0.0\n");
	begin((const char *const[]){ NULL });
	excluded();
	CHECK(next_of_list() == SOURCE_TARGET && c.place.spec == 0);
	CHECK(next_of_list() == SOURCE_TARGET &&
	    addr_to_ipv4(&c.addr) == 0x0a020000);
	CHECK(next_of_list() == SOURCE_END && source_bad() == 3 && warnings == 3);
}

static void
a_list_that_is_not_there_yet_is_waited_for(void)
{
	int	 p[2];

	clear();
	options.list = "-";
	files.list = 0;
	CHECK(pipe(p) == 0 && dup2(p[0], FD_LIST) == FD_LIST);
	begin((const char *const[]){ NULL });
	excluded();
	CHECK(source_any() == SOURCE_WAIT && source_fd() == FD_LIST);
	CHECK(source_next(&c) == SOURCE_WAIT && source_fd() == FD_LIST);
	CHECK(source_next(&c) == SOURCE_WAIT);
	CHECK(write(p[1], "10.0.0.1\n", 9) == 9);
	CHECK(next_of_list() == SOURCE_TARGET && c.place.spec == 0);
	CHECK(source_next(&c) == SOURCE_WAIT);
	close(p[1]);
	CHECK(next_of_list() == SOURCE_END);
}

/* What is polled is the list, not a file of exclusions that is there but not read yet. */
static void
while_the_list_is_waited_for_exclusions_are_not(void)
{
	int	 p[2];

	clear();
	options.list = "-";
	files.list = files.excludefile = 0;
	place(FD_EXCLUDE, "10.0.0.2\n");
	CHECK(pipe(p) == 0 && dup2(p[0], FD_LIST) == FD_LIST);
	begin((const char *const[]){ NULL });
	CHECK(any() == SOURCE_WAIT && source_fd() == FD_LIST);
	CHECK(write(p[1], "10.0.0.1-2\n", 11) == 11);
	CHECK(any() == SOURCE_TARGET);
	excluded();
	CHECK(next_of_list() == SOURCE_TARGET && c.place.spec == 0);
	CHECK(next_of_list() == SOURCE_WAIT && source_fd() == FD_LIST);
	close(p[1]);
	CHECK(next_of_list() == SOURCE_END);
}

int
main(void)
{
	CASE_APART(expressions_are_walked_in_order);
	CASE_APART(no_targets_are_none);
	CASE_APART(what_is_done_is_passed_over);
	CASE_APART(huge_ranges_are_stepped_over_at_once);
	CASE_APART(many_small_ranges_are_found);
	CASE_APART(a_range_past_its_expression_does_not_hold_it_up);
	CASE_APART(a_range_past_its_expression_is_not_undone_by_the_next);
	CASE_APART(ranges_of_no_expression_change_nothing);
	CASE_APART(excluded_and_done_go_together);
	CASE_APART(a_name_is_asked_for_and_its_addresses_come_next);
	CASE_APART(a_name_may_have_a_prefix);
	CASE_APART(a_name_that_is_done_or_excluded_is_left_alone);
	CASE_APART(many_names_may_be_known_at_once);
	CASE_APART(a_list_comes_after_the_command_line);
	CASE_APART(a_list_alone_keeps_its_first_word);
	CASE_APART(an_empty_list_is_no_target);
	CASE_APART(bad_words_of_a_list_are_left_out_and_counted);
	CASE_APART(a_list_that_is_not_there_yet_is_waited_for);
	CASE_APART(while_the_list_is_waited_for_exclusions_are_not);
	return (test_done());
}
