/*
 * The logs as files: what is in them after which messages, that a parent that breaks the
 * order is found out, and what a full disk does.
 */

#include "drive.h"

static bool
has(enum output o, const char *text)
{
	if (strstr(read_file(files[o]), text) != NULL)
		return (true);
	printf("# lacks \"%s\":\n%s", text, contents);
	return (false);
}

static void
whole_scan(void)
{
	struct msg_ranges	 done = {
		.n = 2, .hosts = 6, .e = { { 0, 0, 5, 9 }, { 0, 0, 12, 12 } }
	};
	struct msg_namefailed	 failed = {
		.place = { 1, 0, 0 }, .lookup = LOOKUP_NOT_FOUND, .name = "no.example"
	};

	tell_start();
	tell_host(1, OUTCOME_COMPLETE);
	send_done(&parent_side, &done);
	send_namefailed(&parent_side, &failed);
	tell_host(2, OUTCOME_TIMED_OUT);
	tell_finish(ENDING_COMPLETE);
}

/* Does the text begin so?  *end is what follows. */
static bool
begins(const char *s, const char *prefix, const char **end)
{
	if (strncmp(s, prefix, strlen(prefix)) != 0)
		return (false);
	*end = s + strlen(prefix);
	return (true);
}

static void
the_header_is_nmaps_and_holds_the_plan(void)
{
#define FIRST(format)								\
	    "# Nmap 7.93 compatible log: postern " VERSION				\
	    " scan initiated Sun Nov 22 19:29:00 2026 as: postern -v -oA x "		\
	    "\"two words\" a\\x5cb\n"						\
	    "# postern: log 2 " format " seed 0123456789abcdef start 1795375740\n"
	static const char	 rest[] = "# postern: option timing 4\n"
	    "# postern: target 10.0.0.0/28\n# postern: list\n"
	    "# postern: target evil\\x0atarget\\x5c\\x1b\n# postern: walls no landlock\n"
	    "# postern: run who uid 0 (root)\n";
	const char		*at = "";

	CHECK(run(whole_scan) == 0);
	CHECK(begins(read_file(files[OUTPUT_NORMAL]), FIRST("normal"), &at));
	CHECK(begins(at, rest, &at) && begins(at, "# postern: plan check ", &at));
	CHECK(begins(read_file(files[OUTPUT_GREPABLE]), FIRST("grepable"), &at));
	CHECK(begins(at, rest, &at));
	CHECK(begins(at, "# Ports scanned: TCP(12;22,80,110-119) ", &at));
}

/* All that is known of a host in tell_host(), between its block and its mark. */
#define FACTS(word, ip, progress, coverage)					\
	"# postern: " word " " ip " . up echo-reply 0 - 1500 - " progress " " coverage	\
	" f no-response found a.example - 22:o:syn-ack:60,80:c:reset:60\n"

static void
a_host_is_its_block_its_facts_and_a_mark(void)
{
	CHECK(has(OUTPUT_NORMAL, "Nmap scan report for a.example (10.0.0.1)\n"
	    "Host is up (0.0015s latency).\n\nPORT    STATE    SERVICE\n22/tcp  open     ssh\n"));
	CHECK(has(OUTPUT_NORMAL, "119/tcp filtered nntp\n\n"
	    FACTS("host", "10.0.0.1", "complete", "10000")
	    "# postern: done 0:1 total 1 up 1 time 0."));
	CHECK(has(OUTPUT_GREPABLE, "Host: 10.0.0.1 (a.example)\tStatus: Up\n"));
	CHECK(has(OUTPUT_GREPABLE, "119/filtered/tcp//nntp///\n"
	    FACTS("host", "10.0.0.1", "complete", "10000")
	    "# postern: done 0:1 total 1 up 1 time 0."));
	CHECK(has(OUTPUT_NORMAL, "# postern: done 0:5-9 0:12 total 7 up 1 time "));
	CHECK(has(OUTPUT_NORMAL, "# Failed to resolve \"no.example\": no such name\n"
	    "# postern: done 1:0 total 7 up 1 time "));
	CHECK(has(OUTPUT_NORMAL, "host timeout\n\n" FACTS("host", "10.0.0.2", "timed-out", "10000")
	    "# postern: done 0:2 total 8 up 2 time "));
	CHECK(count_lines(OUTPUT_NORMAL, "# postern: host ") == 2);
	CHECK(count_lines(OUTPUT_NORMAL, "# postern: done ") == 4);
	CHECK(count_lines(OUTPUT_GREPABLE, "# postern: done ") == 4);
}

static void
the_footer_is_nmaps(void)
{
	CHECK(has(OUTPUT_NORMAL,
	    " -- 8 IP addresses (2 hosts up) scanned in 1.02 seconds\n"
	    "# postern: complete total 8 up 2 time "));
	CHECK(count_lines(OUTPUT_NORMAL, "# Nmap done at ") == 1);
	CHECK(count_lines(OUTPUT_GREPABLE, "# Nmap done at ") == 1);
}

static void
the_report_has_no_journal_lines(void)
{
	CHECK(has(OUTPUT_REPORT, "Starting postern " VERSION " at "));
	CHECK(has(OUTPUT_REPORT, "Nmap scan report for a.example (10.0.0.1)\n"));
	CHECK(has(OUTPUT_REPORT,
	    "postern done: 8 IP addresses (2 hosts up) scanned in 1.02 seconds\n"));
	CHECK(count_lines(OUTPUT_REPORT, "#") == 0);
}

static void
lossy_scan(void)
{
	tell_start();
	answers = 9949;
	tell_host(1, OUTCOME_COMPLETE);
	answers = 9950;
	tell_host(2, OUTCOME_COMPLETE);
	answers = 0;
	tell_host(3, OUTCOME_TIMED_OUT);
	tell_finish(ENDING_COMPLETE);
}

/* A comment, which is no journal line of a target, between the host's block and its mark. */
static void
answers_that_are_missing_are_told(void)
{
	CHECK(run(lossy_scan) == 0);
	for (enum output o = OUTPUT_NORMAL; o <= OUTPUT_GREPABLE; o++) {
		CHECK(has(o, "nntp"));
		CHECK(has(o, "\n# postern: uncertain 10.0.0.1 coverage 99.49 %\n"
		    FACTS("host", "10.0.0.1", "complete", "9949") "# postern: done 0:1 total 1 "));
		CHECK(has(o, "\n# postern: uncertain 10.0.0.3 coverage 0.00 %\n"
		    FACTS("host", "10.0.0.3", "timed-out", "0") "# postern: done 0:3 "));
		CHECK(count_lines(o, "# postern: uncertain ") == 2);
		CHECK(strstr(contents, "Some answers") == NULL);
	}
	CHECK(has(OUTPUT_REPORT, "119/tcp filtered nntp\n"
	    "Some answers may be missing: about 99.49 % of them came.\n\n"));
	CHECK(count_lines(OUTPUT_REPORT, "Some answers may be missing: ") == 2);
}

static void
nameless_scan(void)
{
	tell_start();
	for (name_asked = LOOKUP_NONE; name_asked < LOOKUP_NO_IPV4; name_asked++)
		tell_host(name_asked, OUTCOME_COMPLETE);
	name_asked = LOOKUP_TIMED_OUT;
	tell_host_as(9, OUTCOME_PARTIAL, HOST_CHECKPOINT);
	tell_finish(ENDING_COMPLETE);
}

/* Who was not asked has no name, and who was not answered may have one. */
static void
names_that_nobody_said_are_told_from_none(void)
{
	CHECK(run(nameless_scan) == 0);
	for (enum output o = OUTPUT_NORMAL; o <= OUTPUT_GREPABLE; o++) {
		CHECK(has(o, "\n# postern: name 10.0.0.5 timed out\n# postern: host 10.0.0.5 "));
		CHECK(has(o, "\n# postern: name 10.0.0.3 the name server failed\n"));
		CHECK(has(o, "\n# postern: name 10.0.0.4 refused by the name server\n"));
		CHECK(has(o, "\n# postern: name 10.0.0.7 no name server\n"));
		CHECK(count_lines(o, "# postern: name ") == 4);
		CHECK(count_lines(o, "Whether ") == 0);
	}
	CHECK(has(OUTPUT_REPORT, "119/tcp filtered nntp\n"
	    "Whether it has a name is not known: timed out.\n\n"));
	CHECK(count_lines(OUTPUT_REPORT, "Whether it has a name is not known: ") == 4);
	CHECK(count_lines(OUTPUT_REPORT, "#") == 0);
}

static void
quiet_nameless_scan(void)
{
	config.verbosity = 0;
	nameless_scan();
}

static void
the_report_says_so_with_v_only(void)
{
	CHECK(run(quiet_nameless_scan) == 0);
	CHECK(count_lines(OUTPUT_REPORT, "Whether ") == 0);
	CHECK(count_lines(OUTPUT_NORMAL, "# postern: name ") == 4);
}

static void
ping_scan(void)
{
	TELL(logconfig, .seed = SEED, .start = START, .flags = LOG_PING_ONLY,
	    .format = ALL_FORMATS);
	TELL(start, .zero = { 0 });
	send_host(&parent_side, &(const struct msg_host){
		.addr = addr_from_ipv4(0x0a000001), .state = HOST_UP,
		.reason = REASON_ECHO_REPLY });
	TELL(stop, .zero = { 0 });
	TELL(finish, .elapsed = 1);
}

static void
where_no_port_was_asked_no_answer_is_missing(void)
{
	CHECK(run(ping_scan) == 0);
	CHECK(has(OUTPUT_NORMAL, "Nmap scan report for 10.0.0.1\n"));
	for (enum output o = OUTPUT_REPORT; o <= OUTPUT_GREPABLE; o++) {
		CHECK(count_lines(o, "# postern: uncertain ") == 0);
		CHECK(count_lines(o, "Some answers ") == 0);
		/* And nothing was sent, as far as the prober has said. */
		CHECK(count_lines(o, "# postern: sent ") == 0);
	}
}

static void
what_was_sent_and_what_came_ends_the_logs(void)
{
#define COUNTS	"sent 1234, refused 1, full 2, received 1200, dropped 3, invalid 4, late 5; " \
		"canaries 60, lost 7; estimated loss 0.12 %"
#define STEPS_SENT "; pings 34, ports 1140\n"
	CHECK(run(whole_scan) == 0);
	CHECK(has(OUTPUT_NORMAL, "\n# postern: " COUNTS STEPS_SENT "# postern: asked "));
	CHECK(has(OUTPUT_GREPABLE, "\n# postern: " COUNTS STEPS_SENT "# postern: asked "));
	CHECK(has(OUTPUT_REPORT, "\nPackets: " COUNTS "\npostern done: "));
}

/* The line that begins so in a log, but for what varies: digits are 0. */
static const char *
line_of(enum output o, const char *start)
{
	char	*at = strstr(read_file(files[o]), start);

	if (at == NULL)
		return ("");
	at[strcspn(at, "\n")] = '\0';
	for (char *p = at; *p != '\0'; p++)
		if (*p >= '0' && *p <= '9')
			*p = '0';
	return (at);
}

static void
whom_it_asked_and_how_it_ended_ends_the_logs(void)
{
	for (enum output o = OUTPUT_NORMAL; o <= OUTPUT_GREPABLE; o++) {
		CHECK(has(o, "\n# postern: asked 7 queries of 10.0.0.53, 10.0.0.54; "
		    "answered 4, failed 2, timed out 1\n"
		    "# postern: end 2"));
		CHECK(strcmp(line_of(o, "# postern: end "),
		    "# postern: end 0000-00-00T00:00:00.000000Z exit complete") == 0);
	}
	CHECK(strstr(read_file(files[OUTPUT_REPORT]), "asked") == NULL);
	CHECK(run(ping_scan) == 0);		/* Nobody was asked. */
	CHECK(count_lines(OUTPUT_NORMAL, "# postern: asked ") == 0);
	CHECK(count_lines(OUTPUT_NORMAL, "# postern: end ") == 1);
}

static void
interrupted_scan(void)
{
	tell_start();
	tell_host(1, OUTCOME_COMPLETE);
	tell_host(2, OUTCOME_PARTIAL);
	tell_finish(ENDING_INTERRUPTED);
}

static void
an_interrupted_host_is_a_comment_in_the_logs(void)
{
	CHECK(run(interrupted_scan) == 0);
	CHECK(has(OUTPUT_NORMAL, "# Not finished: 10.0.0.2 (a.example), 2 ports answered, "
	    "listening: 22/tcp\n" FACTS("part", "10.0.0.2", "1:7", "10000")
	    "# postern: partial 0:2 check "));
	CHECK(strstr(contents, "\nNmap scan report for a.example (10.0.0.2)") == NULL);
	CHECK(has(OUTPUT_NORMAL, " (interrupted) -- 1 IP address (1 host up) scanned in "
	    "1.02 seconds\n# postern: stopped interrupted total 1 up 1 time "));
	CHECK(strcmp(line_of(OUTPUT_NORMAL, "# postern: end "),
	    "# postern: end 0000-00-00T00:00:00.000000Z exit interrupted") == 0);
	CHECK(count_lines(OUTPUT_NORMAL, "# postern stopped at ") == 1);
	CHECK(has(OUTPUT_REPORT, "Not finished: the scan was interrupted.\n"));
	CHECK(has(OUTPUT_REPORT, "postern stopped early (interrupted): 1 IP address "));
}

static void
resume(void)
{
	dup2(files[OUTPUT_NORMAL], OLD_FD);
	TELL(logconfig, .format = { [OUTPUT_OLD] = FORMAT_NORMAL });
	TELL(replay, .zero = { 0 });
	MUST(said.n[MSG_PASTEND] == 1 && said.end.replay == REPLAY_RESUMABLE);
	TELL(logconfig, .seed = SEED, .start = START, .port_kind = PROBE_TCP_SYN,
	    .format = { FORMAT_GREPABLE, [OUTPUT_OLD] = FORMAT_NORMAL });
	tell_ports();
	tell_line_text(LINE_RUN, "who uid 7");
	TELL(start, .zero = { 0 });
	tell_host(3, OUTCOME_COMPLETE);
	tell_finish(ENDING_COMPLETE);
}

static void
a_resumed_log_goes_on_with_its_totals_and_checks(void)
{
	dprintf(files[OUTPUT_NORMAL], "Nmap scan report for 10.0.0.9\nHost is");
	CHECK(run_again(resume) == 0);
	CHECK(count_lines(OUTPUT_NORMAL, "Nmap scan report for 10.0.0.9") == 0);
	CHECK(has(OUTPUT_NORMAL, "\n# postern: run who uid 7\n"
	    "# postern: resumed total 1 up 1 time "));
	CHECK(has(OUTPUT_NORMAL, "Z exit interrupted\n"));
	CHECK(has(OUTPUT_NORMAL, "Z exit complete\n"));
	CHECK(has(OUTPUT_NORMAL, "# postern: done 0:3 total 2 up 2 time "));
	CHECK(has(OUTPUT_NORMAL, "# postern: complete total 2 up 2 time "));
	CHECK(count_lines(OUTPUT_NORMAL, FIRST_LINE) == 1);
}

static void
read_finished(void)
{
	dup2(files[OUTPUT_NORMAL], OLD_FD);
	TELL(logconfig, .format = { [OUTPUT_OLD] = FORMAT_NORMAL });
	TELL(replay, .zero = { 0 });
	MUST(said.end.replay == REPLAY_FINISHED && said.end.hosts == 2 && said.ndone == 2);
	TELL(logconfig, .format = { [OUTPUT_OLD] = FORMAT_NORMAL });
	TELL(start, .zero = { 0 });
}

static void
a_finished_log_is_not_started_again(void)
{
	CHECK(run_again(read_finished) == STATUS_PROCESS);
	CHECK(strstr(read_file(stderr_file), "START before the configuration") != NULL);
}

/* Lies: each ends the logger, with a reason that names it. */

static void
lie_ports_without_host(void)
{
	struct msg_hostports	 p = {
		.n = 1, .e = { { .port = 22, .proto = PROTO_TCP, .state = PORT_OPEN } }
	};

	tell_start();
	send_hostports(&parent_side, &p);
	pump();
}

static void
lie_host_twice(void)
{
	struct msg_host	 h = { .addr = address("10.0.0.1"), .ports = 1 };

	tell_start();
	send_host(&parent_side, &h);
	send_host(&parent_side, &h);
	pump();
}

static void
lie_missing_ports(void)
{
	struct msg_host	 h = { .addr = address("10.0.0.1"), .ports = 1 };

	tell_start();
	send_host(&parent_side, &h);
	TELL(stop, .zero = { 0 });
	TELL(finish, .elapsed = 1);
}

static void
tell_two_ports(uint16_t first, uint16_t second)
{
	struct msg_host		 h = { .addr = address("10.0.0.1"), .ports = 2 };
	struct msg_hostports	 p = {
		.n = 1, .e = { { .proto = PROTO_TCP, .state = PORT_OPEN } }
	};

	tell_start();
	send_host(&parent_side, &h);
	p.e[0].port = first;
	send_hostports(&parent_side, &p);
	p.e[0].port = second;
	send_hostports(&parent_side, &p);
	pump();
}

static void
truth_two_ports(void)
{
	tell_two_ports(22, 80);
}

static void
lie_falling_ports(void)
{
	tell_two_ports(80, 22);
}

static void
lie_port_outside_the_set(void)
{
	tell_two_ports(22, 81);
}

static void
lie_after_finish(void)
{
	interrupted_scan();
	tell_host(3, OUTCOME_COMPLETE);
}

static void
lie_half_a_line(void)
{
	TELL(logconfig, .format = ALL_FORMATS);
	TELL(logline, .kind = LINE_OPTION, .more = 1, .text = "half");
	TELL(start, .zero = { 0 });
}

static void
lie_wrong_format(void)
{
	TELL(logconfig, .format = { FORMAT_NONE, FORMAT_REPORT, FORMAT_NONE });
}

static bool
is_found_out(void (*lie)(void), const char *reason)
{
	int	 status = run(lie);

	if (status == STATUS_PROCESS && strstr(read_file(stderr_file), reason) != NULL)
		return (true);
	printf("# status %d, said: %s\n", status, read_file(stderr_file));
	return (false);
}

static void
a_parent_that_breaks_the_order_is_found_out(void)
{
	CHECK(run(truth_two_ports) == 0);
	CHECK(is_found_out(lie_falling_ports, "port 22, which is not its turn"));
	CHECK(is_found_out(lie_port_outside_the_set, "port 81, which is not its turn"));
	CHECK(is_found_out(lie_ports_without_host, "HOSTPORTS that HOST did not announce"));
	CHECK(is_found_out(lie_host_twice, "HOST in a host"));
	CHECK(is_found_out(lie_missing_ports, "FINISH in a host"));
	CHECK(is_found_out(lie_after_finish, "HOST after FINISH"));
	CHECK(is_found_out(lie_half_a_line, "before the configuration was whole"));
	CHECK(is_found_out(lie_wrong_format, "wrong format for a log"));
}

int
main(void)
{
	CASE(the_header_is_nmaps_and_holds_the_plan);
	CASE(a_host_is_its_block_its_facts_and_a_mark);
	CASE(the_footer_is_nmaps);
	CASE(the_report_has_no_journal_lines);
	CASE(answers_that_are_missing_are_told);
	CASE(names_that_nobody_said_are_told_from_none);
	CASE(the_report_says_so_with_v_only);
	CASE(where_no_port_was_asked_no_answer_is_missing);
	CASE(what_was_sent_and_what_came_ends_the_logs);
	CASE(whom_it_asked_and_how_it_ended_ends_the_logs);
	CASE(an_interrupted_host_is_a_comment_in_the_logs);
	CASE(a_resumed_log_goes_on_with_its_totals_and_checks);
	CASE(a_finished_log_is_not_started_again);
	CASE(a_parent_that_breaks_the_order_is_found_out);
	return (test_done());
}
