/* The options of the logs: their names, and which of them go together. */

#include <time.h>

#include "words.h"

/* 9 February 2026, 03:04:05. */
static const struct tm	 when = {
	.tm_hour = 3, .tm_min = 4, .tm_sec = 5, .tm_mday = 9, .tm_mon = 1, .tm_year = 126
};

static bool
expands(const char *text, const char *expected)
{
	char	 got[100] = "";

	if (name_expand(got, sizeof(got), text, &when) && is(got, expected))
		return (true);
	printf("# %s: %s\n", text, got);
	return (false);
}

static void
escapes_in_names_are_nmaps(void)
{
	CHECK(expands("%H-%M-%S", "03-04-05"));
	CHECK(expands("%m-%d-%y-%Y", "02-09-26-2026"));
	CHECK(expands("%T.%R.%D", "030405.0304.020926"));
	CHECK(expands("a%%b", "a%b") && expands("%%H", "%H"));
	CHECK(expands("%Q%n%s%/", "Qns/"));
	CHECK(expands("x%", "x") && expands("%", ""));
	CHECK(expands("plain/name-", "plain/name-") && expands("", ""));
	CHECK(expands("%T%D%Y%T%D%Y", "03040502092620260304050209262026"));
}

static void
a_name_has_to_fit(void)
{
	static char	 text[5000];
	char		 small[20] = "";

	CHECK(!name_expand(small, sizeof(small), "%D%D%D%D%D%D%D%D%D%D", &when));
	CHECK(memchr(small, '\0', sizeof(small)) != NULL);
	memset(text, 'x', sizeof(text) - 1);
	CHECK(REFUSED("too long", "-oN", text, "h"));
	CHECK(REFUSED("too long", "-oA", text, "h"));
	memset(text, 0, sizeof(text));
	memset(text, 'x', 4000);
	PARSE("-oA", text, "h");
	CHECK(strlen(o.log[OUTPUT_GREPABLE]) == 4006 && strlen(o.log[OUTPUT_JSON]) == 4006);
}

static void
every_log_has_its_option(void)
{
	PARSE("-oN", "a%%", "-oG", "b%Q", "-oX", "c", "-oJ", "-", "--log-key", "k%%", "h");
	CHECK(is(o.log[OUTPUT_NORMAL], "a%") && is(o.log[OUTPUT_GREPABLE], "bQ"));
	CHECK(is(o.log[OUTPUT_XML], "c") && is(o.log[OUTPUT_JSON], "-"));
	CHECK(is(o.log_key, "k%%") && !o.append && o.log[OUTPUT_OLD] == NULL);
	CHECK(log_stdout(&o, OUTPUT_JSON) && !log_stdout(&o, OUTPUT_XML));
	PARSE("-oN", "a", "--append-output", "h");
	CHECK(o.append && o.log[OUTPUT_GREPABLE] == NULL && o.log[OUTPUT_XML] == NULL);
}

static void
oA_names_all_four(void)
{
	PARSE("-oA", "dir/a%%", "h");
	CHECK(is(o.log[OUTPUT_NORMAL], "dir/a%.nmap") && is(o.log[OUTPUT_XML], "dir/a%.xml"));
	CHECK(is(o.log[OUTPUT_GREPABLE], "dir/a%.gnmap"));
	CHECK(is(o.log[OUTPUT_JSON], "dir/a%.jsonl"));
	CHECK(REFUSED("standard output", "-oA", "-", "h"));
	CHECK(REFUSED("no name", "-oA", "%", "h"));
	CHECK(REFUSED("leave out -oX", "-oA", "x", "-oX", "y", "h"));
	CHECK(REFUSED("leave out -oN", "-oN", "-", "-oA", "x", "h"));
}

/* As if its name had been forgotten. */
static void
an_option_is_no_name(void)
{
	CHECK(REFUSED("-oN -oG: a name", "-oN", "-oG", "h"));
	CHECK(REFUSED("-v.nmap: a name", "-oA", "-v", "h"));
	CHECK(REFUSED("as ./--x", "-oJ", "--x", "h"));
	PARSE("-oN", "./-oG", "-oG", "-", "h");
	CHECK(is(o.log[OUTPUT_NORMAL], "./-oG") && log_stdout(&o, OUTPUT_GREPABLE));
}

static void
names_are_taken_once_they_are_expanded(void)
{
	CHECK(REFUSED("no name", "-oN", "%", "h"));
	CHECK(REFUSED("same file: x%", "-oN", "x%%", "-oJ", "x%%", "h"));
	CHECK(REFUSED("same file", "-oN", "x%Q", "-oJ", "xQ", "h"));
	PARSE("-oX", "%-", "h");
	CHECK(log_stdout(&o, OUTPUT_XML));
	PARSE("--resume", "%H%%");
	CHECK(is(o.resume, "%H%%") && is(o.log[OUTPUT_OLD], "%H%%"));
}

static void
no_two_logs_in_one_file(void)
{
	static const char *const	 outputs[] = { "-oN", "-oG", "-oX", "-oJ" };

	for (int i = 0; i < 4; i++)
		for (int j = 0; j < i; j++) {
			CHECK(REFUSED("same file", outputs[i], "x", outputs[j], "x", "h"));
			CHECK(REFUSED("standard output takes one log", outputs[i], "-",
			    outputs[j], "-", "h"));
			PARSE(outputs[i], "x", outputs[j], "-", "h");
		}
	for (int i = 0; i < 4; i++) {
		CHECK(REFUSED("same file", "--resume", "x", outputs[i], "x"));
		CHECK(REFUSED("same file", "--convert", "x", outputs[i], "x"));
	}
	CHECK(REFUSED("same file", "--resume", "x.nmap", "-oA", "x"));
}

static void
nothing_is_appended_to_xml(void)
{
	CHECK(REFUSED("XML", "--append-output", "-oX", "x", "h"));
	CHECK(REFUSED("XML", "--append-output", "-oA", "x", "h"));
	PARSE("--append-output", "-oN", "n", "-oG", "g", "-oJ", "j", "h");
	CHECK(o.append);
}

static void
an_old_log_is_read_for_one_thing(void)
{
	CHECK(REFUSED("one of them", "--resume", "x", "--convert", "y"));
	CHECK(REFUSED("one of them", "--convert", "x", "--verify", "y"));
	CHECK(REFUSED("one of them", "--resume", "x", "--verify", "y"));
	CHECK(REFUSED("--append-output", "--resume", "x", "-oN", "y", "--append-output"));
	CHECK(REFUSED("--append-output", "--convert", "x", "-oN", "y", "--append-output"));
	CHECK(REFUSED("--append-output", "--verify", "x", "--append-output"));
}

static void
a_resumed_scan_may_have_other_logs(void)
{
	PARSE("--resume", "old", "-oA", "new", "--log-key", "key");
	CHECK(is(o.log[OUTPUT_OLD], "old") && is(o.log[OUTPUT_NORMAL], "new.nmap"));
	CHECK(is(log_option(&o, OUTPUT_OLD), "--resume") && options_given(&o, "log-key"));
	PARSE("--resume", "old", "-oX", "-");
	CHECK(log_stdout(&o, OUTPUT_XML));
}

/* What is joined is kept until the process ends. */
static void
exclude_more(void)
{
	PARSE("--resume", "old", "--exclude", "a,b", "--exclude=c", "--excludefile", "d");
	if (!is(o.exclude, "a,b,c") || !is(o.excludefile, "d"))
		_exit(1);
	if (options_from_log(&o, writable("exclude e")) != 0 || !is(o.exclude, "a,b,c,e"))
		_exit(2);
	_exit(0);
}

static void
a_resumed_scan_may_be_narrowed_and_not_widened(void)
{
	char	 said[100];

	CHECK(apart(exclude_more, said, sizeof(said)) == 0);
	CHECK(REFUSED("leave out exclude", "--resume", "old", "exclude"));
	CHECK(REFUSED("leave out 192.0.2.1", "--resume", "old", "--exclude", "a", "192.0.2.1"));
	CHECK(REFUSED("leave out -p", "--resume", "old", "--exclude", "a", "-p80"));
	CHECK(REFUSED("leave out --exclude-ports", "--resume", "old", "--exclude-ports", "80"));
	CHECK(REFUSED("leave out --exclude", "--convert", "old", "-oX", "new", "--exclude", "a"));
	CHECK(REFUSED("leave out --exclude", "--verify", "old", "--exclude", "a"));
}

static void
convert_needs_an_output_and_no_plan(void)
{
	PARSE("--convert", "old", "-oX", "new", "-oJ", "-", "--log-key", "key");
	CHECK(is(o.log[OUTPUT_OLD], "old") && is(log_option(&o, OUTPUT_OLD), "--convert"));
	CHECK(REFUSED("-oN", "--convert", "old"));
	CHECK(REFUSED("leave out h", "--convert", "old", "-oX", "new", "h"));
	CHECK(REFUSED("leave out -p", "--convert", "old", "-oX", "new", "-p80"));
	CHECK(REFUSED("leave out -v", "--convert", "old", "-oX", "new", "-v"));
	CHECK(REFUSED("leave out --reason", "--convert", "old", "-oX", "new", "--reason"));
	CHECK(REFUSED("leave out --checkpoint", "--convert", "old", "-oX", "x", "--checkpoint=1"));
	CHECK(REFUSED("leave out -iL", "--convert", "old", "-oX", "new", "-iL", "list"));
}

static void
verify_takes_the_key_and_nothing_else(void)
{
	PARSE("--verify", "old", "--log-key", "key");
	CHECK(is(o.log[OUTPUT_OLD], "old") && is(log_option(&o, OUTPUT_OLD), "--verify"));
	CHECK(REFUSED("leave out -oX", "--verify", "old", "-oX", "new"));
	CHECK(REFUSED("leave out -oN", "--verify", "old", "-oA", "new"));
	CHECK(REFUSED("leave out h", "--verify", "old", "h"));
	CHECK(REFUSED("leave out -v", "--verify", "old", "-v"));
	CHECK(REFUSED("leave out -e", "--verify", "old", "-e", "lo"));
}

static void
names_are_asked_of_one_set_of_servers(void)
{
	CHECK(REFUSED("leave one out", "--system-dns", "--dns-servers", "192.0.2.53", "h"));
	CHECK(REFUSED("leave one out", "--resume", "old", "--dns-servers", "192.0.2.53",
	    "--system-dns"));
	PARSE("--resume", "old", "--system-dns");
	CHECK(o.system_dns);
}

/* What is scanned of a name is the plan's: the log says it. */
static void
which_addresses_are_scanned_is_the_logs_word(void)
{
	CHECK(REFUSED("leave out --resolve-all", "--resume", "old", "--resolve-all"));
	CHECK(REFUSED("leave out --resolve-all", "--convert", "old", "-oX", "new",
	    "--resolve-all"));
}

int
main(void)
{
	CASE(escapes_in_names_are_nmaps);
	CASE(a_name_has_to_fit);
	CASE(every_log_has_its_option);
	CASE(oA_names_all_four);
	CASE(an_option_is_no_name);
	CASE(names_are_taken_once_they_are_expanded);
	CASE(no_two_logs_in_one_file);
	CASE(nothing_is_appended_to_xml);
	CASE(an_old_log_is_read_for_one_thing);
	CASE(a_resumed_scan_may_have_other_logs);
	CASE(a_resumed_scan_may_be_narrowed_and_not_widened);
	CASE(convert_needs_an_output_and_no_plan);
	CASE(verify_takes_the_key_and_nothing_else);
	CASE(names_are_asked_of_one_set_of_servers);
	CASE(which_addresses_are_scanned_is_the_logs_word);
	return (test_done());
}
