/*
 * Which addresses of a name are scanned, and what is said of the others: one of IPv4, or with
 * --resolve-all every one, each in the place that is its own whenever the name is asked for again.
 */

#include "walk.h"

static char	 said[4096];

/* The name is asked for, and has these addresses. */
static void
begin_name(const char *name, const char *addresses)
{
	prepare(name, "1-100");
	options.resolve_all = addresses[0] == '*';
	set_up();
	walk();
	say_addresses(addresses + options.resolve_all);
	walk();
}

/* The prober was told of these, and of no other, in this order. */
static bool
targets_are(const char *words)
{
	char	 got[1024] = "", text[ADDR_TEXT];

	for (unsigned int i = 0; i < told.ntargets && i < 20; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", i == 0 ? "" : " ",
		    addr_text(&told.target[i].addr, text));
	if (strcmp(got, words) != 0)
		printf("# %s\n", got);
	return (strcmp(got, words) == 0);
}

/* Target n ends, and goes to the logger. */
static void
end_target(unsigned int n)
{
	say_up(told.target[n].id);
	say_done(told.target[n].id);
	walk();
}

static bool
other_is(unsigned int n, const char *ip)
{
	char	 text[ADDR_TEXT];

	return (n < told.nothers && strcmp(addr_text(&told.other[n], text), ip) == 0);
}

static void
the_first_ipv4_address_is_scanned_and_the_others_are_named(void)
{
	begin_name("a.example", "2001:db8::1 192.0.2.9 192.0.2.3");
	CHECK(told.forward.family == FAMILY_NONE && told.nforwards == 1);
	CHECK(targets_are("192.0.2.9"));
	end_target(0);
	CHECK(told.host[0].others == 2 && told.host[0].place.offset == 0);
	CHECK(strcmp(told.host[0].name, "a.example") == 0);
	CHECK(other_is(0, "2001:db8::1") && other_is(1, "192.0.2.3"));
	CHECK(steps_finished());
}

/* In whatever order they come, the place of each is the same. */
static void
with_resolve_all_every_ipv4_address_is_scanned(void)
{
	begin_name("a.example", "*192.0.2.9 2001:db8::1 192.0.2.3");
	CHECK(targets_are("192.0.2.3 192.0.2.9"));
	end_target(0);
	end_target(1);
	CHECK(told.nhosts == 2 && told.nothers == 2);
	for (unsigned int i = 0; i < 2; i++) {
		CHECK(strcmp(told.host[i].name, "a.example") == 0);
		CHECK(told.host[i].others == 1 && other_is(i, "2001:db8::1"));
		CHECK(told.host[i].place.offset == addr_to_ipv4(&told.host[i].addr));
	}
	CHECK(steps_finished());
}

static void
blocks_that_addresses_share_are_scanned_once(void)
{
	begin_name("a.example/31", "*192.0.2.9 192.0.2.3 192.0.2.8");
	CHECK(targets_are("192.0.2.2 192.0.2.3 192.0.2.8 192.0.2.9"));
	for (unsigned int i = 0; i < 4; i++)
		end_target(i);
	for (unsigned int i = 0; i < 4; i++)	/* .2 was not named */
		CHECK((told.host[i].name[0] != '\0') == (i != 0));
	CHECK(told.host[2].place.offset == 0xc0000208 && steps_finished());
}

static void
ipv6_only(void)
{
	begin_name("six.example", "2001:db8::1 2001:db8::2");
	CHECK(told.ntargets == 0 && steps_finished());
	CHECK(strcmp(told.to_logger, "F") == 0 && told.failed.lookup == LOOKUP_NO_IPV4);
	CHECK(strcmp(told.failed.name, "six.example") == 0);
	heard.log_finished = true;
	CHECK(outcome_status(&options, ENDING_COMPLETE, true, false) == STATUS_INCOMPLETE);
}

static void
a_name_without_ipv4_is_told(void)
{
	CHECK(apart(ipv6_only, said, sizeof(said)) == 0);
	CHECK(strstr(said, "\"six.example\": no IPv4 address, and others are not scanned yet"));
	CHECK(strchr(said, '\n') == said + strlen(said) - 1);
}

/* Without them, the target would be one of those that must not be touched. */
static void
all_addresses_of_an_excluded_name_are_excluded(void)
{
	prepare("192.0.2.0/29", "1-100");
	options.exclude = "a.example,b.example/31";
	set_up_most();
	CHECK(!steps_exclude());
	hear();
	CHECK(told.nforwards == 2 && strcmp(told.forward.name, "b.example") == 0);
	CHECK(told.forward.family == FAMILY_NONE);
	say_addresses("192.0.2.2 192.0.2.4");
	told.forward.id--;	/* that of the one before */
	say_addresses("192.0.2.1 2001:db8::1 192.0.2.6");
	CHECK(steps_exclude());
	walk();
	CHECK(targets_are("192.0.2.0 192.0.2.7"));
}

static void
an_excluded_name_of_ipv6_only_is_no_obstacle(void)
{
	prepare("192.0.2.0/31", "1-100");
	options.exclude = "six.example";
	set_up_most();
	CHECK(!steps_exclude());
	hear();
	say_addresses("2001:db8::1");
	CHECK(steps_exclude());
	walk();
	CHECK(targets_are("192.0.2.0 192.0.2.1"));
}

/* Name servers give addresses in turns; the log's is in hand, so the first one now is another. */
static void
in_turns(void)
{
	prepare("a.example", "1-100");
	set_up();
	part(0, "192.0.2.7", 9);
	walk();
	say_addresses("192.0.2.9 2001:db8::1 192.0.2.7");
	walk();
	CHECK(targets_are("192.0.2.7") && told.nknown == 1);
	end_target(0);
	CHECK(told.host[0].others == 2);
	CHECK(other_is(0, "2001:db8::1") && other_is(1, "192.0.2.9"));
}

static void
moved(void)
{
	prepare("a.example", "1-100");
	set_up();
	part(0, "192.0.2.7", 9);
	walk();
	say_addresses("192.0.2.9");
	walk();
	CHECK(targets_are("192.0.2.7"));
	end_target(0);
	CHECK(told.host[0].others == 1 && other_is(0, "192.0.2.9"));
}

static void
the_address_that_the_log_has_is_not_among_the_others(void)
{
	CHECK(apart(in_turns, said, sizeof(said)) == 0);
	CHECK(said[0] == '\0');
	CHECK(apart(moved, said, sizeof(said)) == 0);
	CHECK(strstr(said, "its address has changed") != NULL);
}

/* What is done is done by its address; what is under way goes on, the name's still or not. */
static void
all_again(void)
{
	struct msg_host	 m = a_part(0xc0000207, "192.0.2.7", 9);

	snprintf(m.name, sizeof(m.name), "a.example");
	prepare("a.example", "1-100");
	options.resolve_all = true;
	set_up();
	source_done(&(const struct range){ .first = 0xc0000203, .last = 0xc0000203 });
	past_host(&m);
	m.place.offset = 0xc0000209;
	m.addr.ip[3] = 9;
	past_host(&m);
	walk();
	say_addresses("192.0.2.5 192.0.2.3 192.0.2.9");
	walk();
	CHECK(targets_are("192.0.2.7 192.0.2.9 192.0.2.5") && told.nknown == 2);
}

static void
with_resolve_all_a_scan_goes_on_by_address(void)
{
	CHECK(apart(all_again, said, sizeof(said)) == 0);
	CHECK(strstr(said, "192.0.2.7 is not its address any more") != NULL);
	CHECK(strchr(said, '\n') == said + strlen(said) - 1);
}

static void
gone_and_excluded(void)
{
	struct msg_host	 m = a_part(0xc0000207, "192.0.2.7", 9);

	snprintf(m.name, sizeof(m.name), "a.example");
	prepare("a.example", "1-100");
	options.exclude = "192.0.2.7";
	options.resolve_all = true;
	set_up();
	past_host(&m);
	walk();
	say_addresses("192.0.2.5");
	walk();
	CHECK(targets_are("192.0.2.5") && told.nknown == 0);
}

static void
what_is_excluded_now_does_not_go_on(void)
{
	CHECK(apart(gone_and_excluded, said, sizeof(said)) == 0);
	CHECK(said[0] == '\0');
}

static void
another_address(void)
{
	struct msg_host	 m = a_part(0xc0000207, "192.0.2.9", 9);

	prepare("a.example", "1-100");
	options.resolve_all = true;
	set_up();
	past_host(&m);
	walk();
	say_addresses("192.0.2.7");
	walk();
}

static void
a_place_that_is_an_address_has_no_other(void)
{
	CHECK(apart(another_address, said, sizeof(said)) == STATUS_USAGE);
	CHECK(strstr(said, "the log has another address than its plan") != NULL);
}

static void
a_name_that_failed_is_not_asked_for_again(void)
{
	prepare("a.example", "1-100");
	options.resolve_all = true;
	set_up();
	source_done(&(const struct range){ .spec = 0 });
	walk();
	CHECK(told.nforwards == 0 && steps_finished());
}

static void
more_than_fit(void)
{
	struct msg_addresses	 m = {
		.lookup = LOOKUP_FOUND, .source = SOURCE_DNS, .n = 1, .partial = 1
	};

	m.addr[0] = addr_from_ipv4(0xc0000201);
	prepare("a.example", "1-100");
	options.resolve_all = said[0] == '*';
	set_up();
	walk();
	m.id = told.forward.id;
	send_addresses(&peers[CHILD_RESOLVER], &m);
	hear();
	heard.log_finished = true;
	_exit(outcome_status(&options, ENDING_COMPLETE, true, false));
}

/* Addresses that were to be scanned are missing then; without it the first is enough. */
static void
with_resolve_all_a_name_with_too_many_addresses_is_incomplete(void)
{
	said[0] = '*';
	CHECK(apart(more_than_fit, said, sizeof(said)) == STATUS_INCOMPLETE);
	CHECK(strstr(said, "more addresses than one answer holds") != NULL);
	said[0] = '\0';
	CHECK(apart(more_than_fit, said, sizeof(said)) == STATUS_OK);
}

int
main(void)
{
	CASE_APART(the_first_ipv4_address_is_scanned_and_the_others_are_named);
	CASE_APART(with_resolve_all_every_ipv4_address_is_scanned);
	CASE_APART(blocks_that_addresses_share_are_scanned_once);
	CASE_APART(a_name_without_ipv4_is_told);
	CASE_APART(all_addresses_of_an_excluded_name_are_excluded);
	CASE_APART(an_excluded_name_of_ipv6_only_is_no_obstacle);
	CASE_APART(the_address_that_the_log_has_is_not_among_the_others);
	CASE_APART(with_resolve_all_a_scan_goes_on_by_address);
	CASE_APART(what_is_excluded_now_does_not_go_on);
	CASE_APART(a_place_that_is_an_address_has_no_other);
	CASE_APART(a_name_that_failed_is_not_asked_for_again);
	CASE_APART(with_resolve_all_a_name_with_too_many_addresses_is_incomplete);
	return (test_done());
}
