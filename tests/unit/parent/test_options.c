/* The command line: every form an option may have, every form it may not, and old logs. */

#include "words.h"

static void
values_may_be_attached_apart_or_after_an_equals_sign(void)
{
	PARSE("-p80,443", "h");
	CHECK(is(o.ports, "80,443"));
	PARSE("-p", "80,443", "h");
	CHECK(is(o.ports, "80,443") && o.ntargets == 1);
	PARSE("-p-", "h");
	CHECK(is(o.ports, "-"));
	PARSE("-p", "-", "h");
	CHECK(is(o.ports, "-") && o.ntargets == 1);
	PARSE("--top-ports=10", "h");
	CHECK(o.top_ports == 10);
	PARSE("--top-ports", "10", "h");
	CHECK(o.top_ports == 10);
	PARSE("--exclude=a,b=c", "h");
	CHECK(is(o.exclude, "a,b=c"));
}

static void
everything_else_is_a_target(void)
{
	PARSE("10.0.0.0/8", "-n", "a.example", "-", "b/24");
	CHECK(o.ntargets == 4 && o.no_reverse);
	CHECK(is(o.targets[0], "10.0.0.0/8") && is(o.targets[1], "a.example") &&
	    is(o.targets[2], "-") && is(o.targets[3], "b/24"));
}

static void
without_options_all_is_as_nmap_has_it(void)
{
	PARSE("h");
	CHECK(o.timing == 3 && o.max_retries == UNSET && o.host_timeout == UNSET &&
	    o.max_rate == UNSET && o.scan_delay == UNSET && o.verbosity == 0 &&
	    o.top_ports == 0 && o.ports == NULL);
	CHECK(!o.list_only && !o.ping_only && !o.no_ping && !o.no_reverse && !o.reverse_all &&
	    !o.resolve_all && !o.system_dns &&
	    !o.fast && !o.ordered && !o.reason && !o.open_only && !o.send_eth && !o.defeat_rst);
}

static void
switches_and_their_other_spellings(void)
{
	PARSE("-sL", "h");
	CHECK(o.list_only);
	PARSE("-sn", "h");
	CHECK(o.ping_only);
	PARSE("-sP", "h");
	CHECK(o.ping_only);
	PARSE("-Pn", "h");
	CHECK(o.no_ping && o.ports == NULL);
	PARSE("-P0", "h");
	CHECK(o.no_ping);
	PARSE("-PN", "h");
	CHECK(o.no_ping);
	PARSE("-F", "-r", "-R", "-n", "--reason", "--open", "-sS", "h");
	CHECK(o.fast && o.ordered && o.reverse_all && o.no_reverse && o.reason && o.open_only);
	PARSE("--resolve-all", "--system-dns", "h");
	CHECK(o.resolve_all && o.system_dns && o.nplan == 2);
	PARSE("-h");
	CHECK(o.help);
	PARSE("--version");
	CHECK(o.version);
	PARSE("--doctor");
	CHECK(o.doctor);
}

static void
v_is_counted(void)
{
	PARSE("-v", "h");
	CHECK(o.verbosity == 1);
	PARSE("-vv", "h");
	CHECK(o.verbosity == 2);
	PARSE("-v", "-vvv", "-v", "h");
	CHECK(o.verbosity == 5);
	PARSE("-vvvvvvvvvvvvvvvvvvvv", "h");
	CHECK(o.verbosity == 10);
}

static void
timing_has_numbers_and_names(void)
{
	static const char *const	 names[] = {
		"paranoid", "sneaky", "polite", "normal", "aggressive", "insane"
	};

	for (uint32_t i = 0; i < 6; i++) {
		char	 text[20];

		snprintf(text, sizeof(text), "-T%u", i);
		PARSE(text, "h");
		CHECK(o.timing == i);
		PARSE("-T", names[i], "h");
		CHECK(o.timing == i);
		snprintf(text, sizeof(text), "-T%s", names[i]);
		PARSE(text, "h");
		CHECK(o.timing == i);
	}
	PARSE("-T", "Polite", "h");	/* as nmap reads it */
	CHECK(o.timing == 2);
}

static void
times_have_units(void)
{
	static const struct { const char *text; uint32_t ms; } times[] = {
		{ "30", 30000 }, { "30s", 30000 }, { "1500ms", 1500 }, { "10m", 600000 },
		{ "2h", 7200000 }, { "864000000ms", HOST_TIMEOUT_MAX }, { "240h", 864000000 },
		{ "0", 0 }, { "0.5", 500 }, { "1.25s", 1250 }, { "0.5m", 30000 }, { "2H", 7200000 },
		{ "1.9ms", 1 }, { "7MS", 7 },
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		PARSE("--host-timeout", times[i].text, "h");
		CHECK(o.host_timeout == times[i].ms);
	}
}

/* Each of them reaches its own place, and no other. */
static void
every_bound_on_timing_has_its_option(void)
{
	PARSE("--min-rtt-timeout", "11ms", "--max-rtt-timeout", "1h", "--initial-rtt-timeout=13ms",
	    "--scan-delay", "0", "--max-scan-delay", "15ms", "--min-rate", "0.5",
	    "--min-parallelism", "17", "--max-parallelism", "18", "--min-hostgroup", "0",
	    "--max-hostgroup", "20", "h");
	CHECK(o.min_rtt == 11 && o.max_rtt == 3600000 && o.initial_rtt == 13);
	CHECK(o.scan_delay == 0 && o.max_scan_delay == 15 && o.min_rate == 500);
	CHECK(o.min_parallelism == 17 && o.max_parallelism == 18);
	CHECK(o.min_hostgroup == 0 && o.max_hostgroup == 20 && !o.defeat_rst);
	PARSE("--defeat-rst-ratelimit", "h");
	CHECK(o.defeat_rst && o.checkpoint == 5000);
	PARSE("--checkpoint", "100ms", "h");
	CHECK(o.checkpoint == 100);
	PARSE("--checkpoint", "1h", "h");
	CHECK(o.checkpoint == 3600000);
}

static void
the_last_of_send_eth_and_send_ip_counts(void)
{
	PARSE("--send-eth", "h");
	CHECK(o.send_eth && options_given(&o, "send-eth"));
	PARSE("--send-eth", "--send-ip", "h");
	CHECK(!o.send_eth && !options_given(&o, "send-eth") && o.nplan == 1);
	PARSE("--send-ip", "--send-eth", "--send-eth", "h");
	CHECK(o.send_eth && options_given(&o, "send-eth") && o.nplan == 2);
}

static void
rates_may_have_a_fraction(void)
{
	PARSE("--max-rate", "100", "h");
	CHECK(o.max_rate == 100000);
	PARSE("--max-rate", "12.5", "h");
	CHECK(o.max_rate == 12500);
	PARSE("--min-rate", "10000000", "h");
	CHECK(o.min_rate == UINT32_MAX - 1);
	PARSE("--max-rate=0.001", "h");
	CHECK(o.max_rate == 1);
	PARSE("--max-rate=0.0129", "h");
	CHECK(o.max_rate == 12);
}

static void
retries_may_be_none(void)
{
	PARSE("--max-retries", "0", "h");
	CHECK(o.max_retries == 0);
	PARSE("--max-retries", "14", "h");
	CHECK(o.max_retries == 14);
}

static void
a_bad_value_ends_with_status_2_and_one_line(void)
{
	static const char *const	 bad[][2] = {
		{ "-T", "6" }, { "-T", "fast" }, { "-T", "-1" }, { "-T", "" },
		{ "--max-rate", "0" }, { "--max-rate", "-1" }, { "--max-rate", "x" },
		{ "--max-rate", "10x" }, { "--max-rate", "0.0001" },
		{ "--max-retries", "15" }, { "--max-retries", "-1" }, { "--max-retries", "1.5" },
		{ "--host-timeout", "10d" }, { "--host-timeout", "1 s" },
		{ "--host-timeout", "-5" }, { "--host-timeout", "1194h" },
		{ "--host-timeout", "99999999999999999999" },
		{ "--top-ports", "65537" }, { "--top-ports", "ten" },
		{ "--top-ports", "18446744073709551617" },
		{ "--exclude", "" }, { "-oN", "" }, { "-p", "" },
		{ "--max-retries", "1." }, { "--host-timeout", "5x" }, { "--host-timeout", "" },
		{ "--min-rate", "0" }, { "--min-rtt-timeout", "0" }, { "--max-rtt-timeout", "0" },
		{ "--initial-rtt-timeout", "0.4ms" }, { "--max-rtt-timeout", "61m" },
		{ "--scan-delay", "-1" }, { "--scan-delay", "3601" },
		{ "--max-scan-delay", "5e3ms" }, { "--min-parallelism", "0" },
		{ "--max-parallelism", "0" }, { "--max-parallelism", "1000001" },
		{ "--min-hostgroup", "x" }, { "--max-hostgroup", "0" },
		{ "--checkpoint", "99ms" }, { "--checkpoint", "0" }, { "--checkpoint", "3601" },
		{ "-oX", "" }, { "-oA", "" }, { "--log-key", "" }, { "--verify", "" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(REFUSED(bad[i][1][0] == '\0' ? "needs a value" : "not a value",
		    bad[i][0], bad[i][1], "h"));
	CHECK(REFUSED("not a value", "-vx", "h"));
	CHECK(REFUSED("needs a value", "--max-rate=", "h"));
}

/* nmap: "--top-ports should be an integer 1 or greater". */
static void
no_ports_at_all_is_no_number_of_them(void)
{
	CHECK(REFUSED("top-ports", "--top-ports", "0", "h"));
}

static void
an_option_that_is_not_one_is_refused(void)
{
	static const char *const	 unknown[] = {
		"--nonsense", "-x", "--", "---help", "-help", "--p", "--v", "-n5", "--reason=yes",
		"-top-ports", "--top-port", "--top-portsx", "-sLx",
	};

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		CHECK(REFUSED("unknown option", unknown[i], "h"));
	CHECK(REFUSED("nmap's, and not in postern", "-oS", "x", "h"));
	CHECK(REFUSED("nmap's, and not in postern", "-A", "h"));
	CHECK(REFUSED("unknown option -\\x1b[31m", "-\x1b[31m", "h"));
}

static void
a_value_that_is_missing_is_asked_for(void)
{
	CHECK(REFUSED("needs a value", "h", "-p"));
	CHECK(REFUSED("needs a value", "h", "-oN"));
	CHECK(REFUSED("--max-rate needs a value: N", "h", "--max-rate"));
}

static void
options_that_make_no_sense_together_are_refused(void)
{
	CHECK(REFUSED("no targets", "-n"));
	PARSE("-iL", "list");
	CHECK(o.ntargets == 0 && is(o.list, "list"));
}

static void
with_resume_the_plan_is_the_logs(void)
{
	CHECK(REFUSED("leave out", "--resume", "log", "h"));
	CHECK(REFUSED("leave out -p", "--resume", "log", "-p80"));
	PARSE("--resume", "log", "-iL", "list", "--excludefile", "x", "-e", "eth9",
	    "--send-eth");
	CHECK(is(o.resume, "log") && is(o.list, "list"));
	CHECK(is(o.log[OUTPUT_OLD], "log"));
	CHECK(options_given(&o, "iL") && options_given(&o, "excludefile") &&
	    options_given(&o, "e") && options_given(&o, "send-eth"));
	CHECK(!options_given(&o, "hosts") && !options_given(&o, "resume"));
}

static void
too_many_targets_are_refused(void)
{
	static const char	*many[PLAN_MAX + 2];

	for (size_t i = 0; i <= TARGETS_ARGS_MAX; i++)
		many[i] = "h";
	CHECK(refused("too many", many));
	many[TARGETS_ARGS_MAX] = NULL;
	parse(many);
	CHECK(o.ntargets == TARGETS_ARGS_MAX);
	for (size_t i = 0; i <= PLAN_MAX; i++)
		many[i] = "-n";
	CHECK(refused("too many", many));
}

/* What goes into the log, in the order it was given. */
static void
the_plan_is_what_a_log_has_to_record(void)
{
	PARSE("-p80", "a", "-vv", "-iL", "list", "-oN", "x", "-n", "b", "-T", "polite");
	CHECK(o.nplan == 7);
	CHECK(o.plan[0].kind == LINE_OPTION && is(o.plan[0].name, "p") &&
	    is(o.plan[0].value, "80"));
	CHECK(o.plan[1].kind == LINE_TARGET && is(o.plan[1].name, "a"));
	CHECK(o.plan[2].kind == LINE_OPTION && is(o.plan[2].name, "v") &&
	    is(o.plan[2].value, "v"));
	CHECK(o.plan[3].kind == LINE_LIST && is(o.plan[3].name, "iL"));
	CHECK(o.plan[4].kind == LINE_OPTION && is(o.plan[4].name, "n") &&
	    o.plan[4].value == NULL);
	CHECK(o.plan[5].kind == LINE_TARGET && is(o.plan[5].name, "b"));
	CHECK(is(o.plan[6].name, "T") && is(o.plan[6].value, "polite"));
}

static int
from_log(const char *text)
{
	return (options_from_log(&o, writable(text)));
}

/* Recorded by one process, taken up by another: the same options. */
static void
what_is_recorded_can_be_taken_from_a_log(void)
{
	struct options	 given;
	char		 line[2000];

	PARSE("-p80,http*", "-F", "--top-ports", "7", "--exclude-ports", "9", "-r", "-Pn",
	    "-n", "-R", "-T4", "--max-rate", "12.5", "--max-retries=3", "--host-timeout", "5m",
	    "-vvv", "--reason", "--open", "--exclude", "10.0.0.1,b", "-R",
	    "--min-rate=1", "--min-rtt-timeout", "2ms", "--max-rtt-timeout", "2s",
	    "--initial-rtt-timeout", "3ms", "--scan-delay", "4ms", "--max-scan-delay", "5ms",
	    "--min-parallelism", "6", "--max-parallelism", "7", "--min-hostgroup", "8",
	    "--max-hostgroup", "9", "--defeat-rst-ratelimit", "--checkpoint", "250ms",
	    "--resolve-all", "h");
	given = o;
	options_init(&o);
	for (unsigned int i = 0; i < given.nplan; i++) {
		const struct plan_line	*p = &given.plan[i];

		if (p->kind != LINE_OPTION)
			continue;
		snprintf(line, sizeof(line), "%s%s%s", p->name, p->value != NULL ? " " : "",
		    p->value != NULL ? p->value : "");
		CHECK(from_log(line) == 0);
	}
	CHECK(is(o.ports, "80,http*") && o.fast && o.top_ports == 7 && is(o.exclude_ports, "9"));
	CHECK(o.ordered && o.no_ping && o.no_reverse && o.reverse_all && o.resolve_all);
	CHECK(o.timing == 4 && o.max_rate == 12500 && o.max_retries == 3 &&
	    o.host_timeout == 300000 && o.verbosity == 3);
	CHECK(o.reason && o.open_only && is(o.exclude, "10.0.0.1,b"));
	CHECK(o.min_rate == 1000 && o.min_rtt == 2 && o.max_rtt == 2000 && o.initial_rtt == 3);
	CHECK(o.scan_delay == 4 && o.max_scan_delay == 5);
	CHECK(o.min_parallelism == 6 && o.max_parallelism == 7 && o.min_hostgroup == 8 &&
	    o.max_hostgroup == 9 && o.defeat_rst && o.checkpoint == 250);
	CHECK(o.nplan == 0);	/* it is recorded already */
}

/* A log may be forged: it opens no file, chooses no interface and no name server. */
static void
a_log_can_not_open_files_or_take_privilege(void)
{
	static const char *const	 forged[] = {
		"iL /etc/shadow", "excludefile /etc/shadow", "hosts /etc/shadow",
		"dns-servers 192.0.2.1", "e eth0", "oN /etc/passwd", "oG /etc/passwd",
		"oX /etc/passwd", "oJ /etc/passwd", "oA /etc/passwd", "append-output",
		"log-key /etc/shadow", "convert other", "verify other", "send-eth", "send-ip",
		"resume other", "doctor", "help", "h", "version", "V", "sS",
	};
	struct options			 untouched;

	options_init(&o);
	untouched = o;
	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++)
		CHECK(from_log(forged[i]) == -1);
	CHECK(memcmp(&o, &untouched, sizeof(o)) == 0);
}

static void
a_log_passes_the_same_parser(void)
{
	static const char *const	 bad[] = {
		"", " ", "p", "p ", " p 80", "-p 80", "--reason", "reason yes", "n ", "T 6", "T",
		"max-rate 0", "max-retries 15", "host-timeout x", "v x", "exclude", "nonsense 1",
		"top-ports -1", "top-ports=5", "min-rate 0", "scan-delay", "checkpoint 99ms",
	};

	options_init(&o);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(from_log(bad[i]) == -1);
	CHECK(from_log("p 1-3, 5") == 0 && is(o.ports, "1-3, 5"));	/* all behind the space */
}

static void
print_help(void)
{
	dup2(STDERR_FILENO, STDOUT_FILENO);
	options_help();
}

static void
help_names_every_option_that_has_a_line(void)
{
	static char	 said[16000];

	CHECK(apart(print_help, said, sizeof(said)) == 0);
	CHECK(strstr(said, "  -iL FILE ") != NULL && strstr(said, "  --exclude TARGETS ") != NULL);
	CHECK(strstr(said, "  -T 0-5 ") != NULL && strstr(said, "  --doctor ") != NULL);
	CHECK(strstr(said, "TARGETS (") != NULL && strstr(said, "OTHER:") != NULL);
	CHECK(strstr(said, "-P0") == NULL);	/* another spelling of -Pn */
}

int
main(void)
{
	CASE(values_may_be_attached_apart_or_after_an_equals_sign);
	CASE(everything_else_is_a_target);
	CASE(without_options_all_is_as_nmap_has_it);
	CASE(switches_and_their_other_spellings);
	CASE(v_is_counted);
	CASE(timing_has_numbers_and_names);
	CASE(times_have_units);
	CASE(every_bound_on_timing_has_its_option);
	CASE(the_last_of_send_eth_and_send_ip_counts);
	CASE(rates_may_have_a_fraction);
	CASE(retries_may_be_none);
	CASE(a_bad_value_ends_with_status_2_and_one_line);
	CASE(no_ports_at_all_is_no_number_of_them);
	CASE(an_option_that_is_not_one_is_refused);
	CASE(a_value_that_is_missing_is_asked_for);
	CASE(options_that_make_no_sense_together_are_refused);
	CASE(with_resume_the_plan_is_the_logs);
	CASE(too_many_targets_are_refused);
	CASE(the_plan_is_what_a_log_has_to_record);
	CASE(what_is_recorded_can_be_taken_from_a_log);
	CASE(a_log_can_not_open_files_or_take_privilege);
	CASE(a_log_passes_the_same_parser);
	CASE(help_names_every_option_that_has_a_line);
	return (test_done());
}
