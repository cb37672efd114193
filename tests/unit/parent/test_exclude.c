/*
 * What is not to be touched: known before the first target, passed over whatever its form,
 * and never so that a walk over it keeps the process from all else.
 */

#include "source.h"

static void
what_is_excluded_is_passed_over(void)
{
	clear();
	options.exclude = "10.0.0.1,10.0.0.3-5";
	files.excludefile = 0;
	place(FD_EXCLUDE, "# not these\n10.0.0.7\n  10.0.0.6 # nor this\n");
	BEGIN("10.0.0.0/29", "10.0.0.4");
	excluded();
	CHECK(next_is("10.0.0.0", 0, 0) && next_is("10.0.0.2", 0, 2));
	CHECK(at_end());
}

/* All of the Internet but two addresses; an address at a time it would take minutes. */
static void
huge_exclusions_are_stepped_over_at_once(void)
{
	clear();
	options.exclude = "0.0.0.0/1,128.0.0.1-255,128.0.1-255.*,128.1-255.*.*,129-254.*.*.*,"
	    "255.0-254.*.*,255.255.0-254.*,255.255.255.0-254";
	BEGIN("0.0.0.0/0");
	excluded();
	CHECK(next_is("128.0.0.0", 0, 1ULL << 31));
	CHECK(next_is("255.255.255.255", 0, UINT32_MAX));
	CHECK(at_end());
}

/* Their addresses come in the order the name servers answer in. */
static void
names_that_are_excluded_are_asked_for(void)
{
	struct target	 b, d, set;
	struct addr	 a;

	clear();
	options.exclude = "10.0.0.6,b.example,10.0.0.1,d.example/31";
	BEGIN("10.0.0.0/29");
	CHECK(source_exclude_name(&c) == SOURCE_NAME);
	b = *c.unresolved;
	CHECK(strcmp(b.name, "b.example") == 0);
	CHECK(source_exclude_name(&c) == SOURCE_NAME);
	d = *c.unresolved;
	CHECK(strcmp(d.name, "d.example") == 0 && d.prefix == 31);
	CHECK(source_exclude_name(&c) == SOURCE_END && source_exclude_name(&c) == SOURCE_END);
	a = addr_from_ipv4(0x0a000005);
	target_resolved(&b, &a, &set);
	source_exclude(&set);
	a = addr_from_ipv4(0x0a000002);
	target_resolved(&d, &a, &set);
	source_exclude(&set);
	source_excluded();
	CHECK(next_is("10.0.0.0", 0, 0) && next_is("10.0.0.4", 0, 4));
	CHECK(next_is("10.0.0.7", 0, 7) && at_end());
}

static const char	*exclude_text;

static void
read_exclude_file(void)
{
	clear();
	options.excludefile = "FILE";
	files.excludefile = 0;
	place(FD_EXCLUDE, exclude_text);
	BEGIN("10.0.0.0/8");
	next_excluded();
}

/* Nobody is probed on a guess at what was to be left out. */
static void
an_exclusion_that_is_none_ends_it(void)
{
	char	 said[400];

	exclude_text = "10.0.0.1\n10.0.0.300\n";
	CHECK(apart(read_exclude_file, said, sizeof(said)) == STATUS_USAGE);
	CHECK(strstr(said, "10.0.0.300") != NULL);
	exclude_text = "10.0.0.1\n\x7f\x45LF\n";
	CHECK(apart(read_exclude_file, said, sizeof(said)) == STATUS_USAGE);
	CHECK(strstr(said, "FILE: line 2") != NULL);
}

static void
an_exclude_file_that_is_not_there_yet_is_waited_for(void)
{
	int	 p[2];

	clear();
	options.exclude = "10.0.0.1";
	options.excludefile = "-";
	files.excludefile = 0;
	CHECK(pipe(p) == 0 && dup2(p[0], FD_EXCLUDE) == FD_EXCLUDE);
	BEGIN("10.0.0.0/30");
	CHECK(source_exclude_name(&c) == SOURCE_WAIT && source_fd() == FD_EXCLUDE);
	CHECK(next_excluded() == SOURCE_WAIT);
	CHECK(write(p[1], "10.0.0.2\nb.example\n", 19) == 19);
	CHECK(next_excluded() == SOURCE_NAME && strcmp(c.unresolved->name, "b.example") == 0);
	CHECK(next_excluded() == SOURCE_WAIT && source_fd() == FD_EXCLUDE);
	close(p[1]);
	excluded();
	CHECK(source_fd() == -1);
	CHECK(next_is("10.0.0.0", 0, 0) && next_is("10.0.0.3", 0, 3));
	CHECK(at_end());
}

/* Leave out every second address of 10.0.0.0/15: a set that is kept as it is. */
static void
exclude_every_second(unsigned int first)
{
	char		 text[WORD_MAX] = "10.0-1.*.", error[TARGET_ERROR];
	struct target	 t;

	for (unsigned int i = first; i < 256; i += 2)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u",
		    i == first ? "" : ",", i);
	CHECK(target_parse(text, &t, error) == 0 && t.count == 1 << 16);
	source_exclude(&t);
}

/* How often it says AGAIN before it says something else. */
static unsigned int
agains(enum source_state *state)
{
	unsigned int	 n = 0;

	while ((*state = source_next(&c)) == SOURCE_AGAIN && n < 1 << 20)
		n++;
	return (n);
}

static void
a_long_walk_over_nothing_is_done_in_pieces(void)
{
	enum source_state	 state;
	unsigned int		 n;

	clear();
	BEGIN("10.0.0.0/16", "10.9.0.1");
	exclude_every_second(0);
	exclude_every_second(1);
	excluded();
	n = agains(&state);
	CHECK(n >= 10 && n <= 1 << 16);
	CHECK(state == SOURCE_TARGET && addr_to_ipv4(&c.addr) == 0x0a090001);
	CHECK(c.place.spec == 1 && c.place.offset == 0);
	CHECK(at_end());
}

/* The block round a name's address, too; and nothing behind it is lost. */
static void
so_is_the_walk_round_a_name(void)
{
	enum source_state	 state;
	struct target		 name;
	struct addr		 a = addr_from_ipv4(0x0a010007);

	clear();
	BEGIN("a.example/14", "10.9.0.1");
	exclude_every_second(0);
	exclude_every_second(1);
	excluded();
	CHECK(name_is("a.example", 0));
	name = *c.unresolved;
	source_resolved(0, &name, &a, 1);
	CHECK(agains(&state) >= 20);
	CHECK(state == SOURCE_TARGET && addr_to_ipv4(&c.addr) == 0x0a020000);
	for (uint32_t i = 1; i < 1 << 17; i++)
		CHECK(source_next(&c) == SOURCE_TARGET && c.place.offset == (1 << 17) + i);
	CHECK(next_is("10.9.0.1", 1, 0) && at_end());
}

int
main(void)
{
	CASE_APART(what_is_excluded_is_passed_over);
	CASE_APART(huge_exclusions_are_stepped_over_at_once);
	CASE_APART(names_that_are_excluded_are_asked_for);
	CASE(an_exclusion_that_is_none_ends_it);
	CASE_APART(an_exclude_file_that_is_not_there_yet_is_waited_for);
	CASE_APART(a_long_walk_over_nothing_is_done_in_pieces);
	CASE_APART(so_is_the_walk_round_a_name);
	return (test_done());
}
