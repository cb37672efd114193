/*
 * Outputs that lack what an old log has: --convert, and --resume with other outputs than the
 * scan began with.  What they get is what the scan itself would have written there.
 */

#include "document.h"
#include "drive.h"

static char	 first[sizeof(contents)], second[sizeof(contents)];

/* A scan in two parts, or in one: hosts 1 to 4, of which 2 and 3 are told in parts first. */
static void
first_part(void)
{
	struct msg_ranges	 done = {
		.n = 2, .hosts = 6, .e = { { 0, 0, 5, 9 }, { 0, 0, 12, 12 } }
	};

	tell_start();
	tell_host(1, OUTCOME_COMPLETE);
	tell_host_as(2, OUTCOME_PARTIAL, HOST_CHECKPOINT);
	send_done(&parent_side, &done);
	tell_host_as(3, OUTCOME_PARTIAL, HOST_CHECKPOINT);
	TELL(checkpoint, .zero = { 0 });
	answers = 9730;
	tell_host(2, OUTCOME_COMPLETE);
}

static void
second_part(void)
{
	answers = COVERAGE_ALL;
	tell_host(3, OUTCOME_TIMED_OUT);
	name_asked = LOOKUP_TIMED_OUT;
	tell_host(4, OUTCOME_COMPLETE);
	name_asked = LOOKUP_FOUND;
	tell_finish(ENDING_COMPLETE);
}

static void
whole_scan(void)
{
	const uint8_t	 every[OUTPUTS] = EVERY_FORMAT;

	memcpy(config.format, every, sizeof(every));
	first_part();
	second_part();
}

static void
interrupted_scan(void)
{
	memset(config.format, 0, sizeof(config.format));
	config.format[OUTPUT_NORMAL] = FORMAT_NORMAL;
	first_part();
	tell_finish(ENDING_INTERRUPTED);
}

/* The log that is read becomes this one, and the others are fresh. */
static void
take_old(enum output o)
{
	int	 log = files[o];

	files[o] = -1;
	close(files[OUTPUT_OLD]);
	files[OUTPUT_OLD] = log;
	for (enum output i = 0; i < OUTPUT_OLD; i++)
		files[i] = fresh_file(files[i], i == OUTPUT_XML ? 0 : O_APPEND);
}

static uint8_t	 replay_mode, old_format;
static const char *appended = "";	/* to the old log, between its two readings */

/* As the parent does: the plan as it comes out of the log, and then the outputs. */
static void
go_on(void)
{
	setenv("TZ", "UTC", 1);
	TELL(logconfig, .format = { [OUTPUT_OLD] = old_format });
	TELL(replay, .mode = replay_mode);
	MUST(said.n[MSG_PASTEND] == 1 && said.end.format == old_format);
	MUST(said.end.seed == SEED && said.end.start == START && said.n[MSG_PASTLINE] == 4);
	dprintf(files[OUTPUT_OLD], "%s", appended);
	send_logconfig(&parent_side, &config);
	tell_ports();
	if (replay_mode == TO_RESUME)
		tell_line_text(LINE_RUN, "who uid 7");
	TELL(start, .zero = { 0 });
	MUST(said.n[MSG_LOGSTARTED] == 1);
}

static void
conversion(void)
{
	const struct msg_finish	 m = { .ending = ENDING_COMPLETE };

	go_on();
	TELL(stop, .zero = { 0 });
	send_finish(&parent_side, &m);
	pump();
	MUST(said.n[MSG_LOGFINISHED] == 1);
}

static void
must_convert(enum output from, uint8_t from_format, enum output to, uint8_t to_format)
{
	take_old(from);
	replay_mode = TO_CONVERT;
	old_format = from_format;
	memset(config.format, 0, sizeof(config.format));
	config.format[to] = to_format;
	CHECK(run_again(conversion) == 0);
}

/* Are both the same up to these words, the footers, and is there anything before them? */
static bool
same_before(char *a, const char *a_end, char *b, const char *b_end)
{
	char	*ends[2] = { strstr(a, a_end), strstr(b, b_end) };

	if (ends[0] == NULL || ends[1] == NULL)
		return (false);
	ends[0][1] = ends[1][1] = '\0';
	if (strcmp(a, b) == 0)
		return (strlen(a) > 1000);
	printf("# one:\n%s# other:\n%s", a, b);
	return (false);
}

static void
a_log_that_goes_to_grepable_and_back_has_the_same_records(void)
{
	CHECK(run(whole_scan) == 0);
	keep_file(files[OUTPUT_NORMAL], first, sizeof(first));
	must_convert(OUTPUT_NORMAL, FORMAT_NORMAL, OUTPUT_GREPABLE, FORMAT_GREPABLE);
	must_convert(OUTPUT_GREPABLE, FORMAT_GREPABLE, OUTPUT_NORMAL, FORMAT_NORMAL);
	keep_file(files[OUTPUT_NORMAL], second, sizeof(second));
	CHECK(strstr(second, "\n# postern: complete total 10 up 4 time 1.020 check ") != NULL);
	CHECK(strstr(second, "\n# postern: name 10.0.0.4 timed out\n") != NULL);
	CHECK(same_before(first, "\n# Nmap done at ", second, "\n# postern: converted "));
}

static void
a_log_becomes_the_grepable_log_that_the_scan_wrote(void)
{
	CHECK(run(whole_scan) == 0);
	keep_file(files[OUTPUT_GREPABLE], first, sizeof(first));
	must_convert(OUTPUT_NORMAL, FORMAT_NORMAL, OUTPUT_GREPABLE, FORMAT_GREPABLE);
	keep_file(files[OUTPUT_GREPABLE], second, sizeof(second));
	CHECK(same_before(first, "\n# Nmap done at ", second, "\n# postern: converted "));
}

static void
a_log_becomes_the_xml_and_the_json_that_the_scan_wrote(void)
{
	for (enum output from = OUTPUT_NORMAL; from <= OUTPUT_GREPABLE; from++) {
		uint8_t	 format = from == OUTPUT_NORMAL ? FORMAT_NORMAL : FORMAT_GREPABLE;

		CHECK(run(whole_scan) == 0);
		keep_file(files[OUTPUT_XML], first, sizeof(first));
		must_convert(from, format, OUTPUT_XML, FORMAT_XML);
		keep_file(files[OUTPUT_XML], second, sizeof(second));
		CHECK(is_document(second));
		CHECK(strstr(second, "<hosts up=\"4\" down=\"6\" total=\"10\"/>") != NULL);
		CHECK(same_before(first, "\n<runstats>", second, "\n<runstats>"));
		CHECK(run(whole_scan) == 0);
		keep_file(files[OUTPUT_JSON], first, sizeof(first));
		must_convert(from, format, OUTPUT_JSON, FORMAT_JSON);
		keep_file(files[OUTPUT_JSON], second, sizeof(second));
		CHECK(same_before(first, "\n{\"record\":\"end\"", second, "\n{\"record\":\"end\""));
	}
}

/* A name that is not found; interrupted, gone on with, and ended: what is said of that stays. */
static void
name_that_fails(void)
{
	TELL(namefailed, .place = { .spec = 3, .offset = 0 }, .lookup = LOOKUP_NOT_FOUND,
	    .name = "no.such");
}

static void
scan_with_a_failed_name(void)
{
	memset(config.format, 0, sizeof(config.format));
	config.format[OUTPUT_NORMAL] = FORMAT_NORMAL;
	tell_start();
	tell_host(1, OUTCOME_COMPLETE);
	name_that_fails();
	tell_finish(ENDING_INTERRUPTED);
}

static void
resumed_to_its_end(void)
{
	go_on();
	tell_host(2, OUTCOME_COMPLETE);
	tell_finish(ENDING_COMPLETE);
}

static void
scan_in_two_runs(void)
{
	CHECK(run(scan_with_a_failed_name) == 0);
	take_old(OUTPUT_NORMAL);
	replay_mode = TO_RESUME;
	old_format = FORMAT_NORMAL;
	config.format[OUTPUT_NORMAL] = FORMAT_NONE;
	config.format[OUTPUT_OLD] = FORMAT_NORMAL;
	CHECK(run_again(resumed_to_its_end) == 0);
	files[OUTPUT_NORMAL] = fcntl(files[OUTPUT_OLD], F_DUPFD, 20);
}

/* Are these in the text, in this order? */
static bool
has_in_order(const char *text, const char *const *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((text = strstr(text, lines[i])) == NULL) {
			printf("# missing: %s\n", lines[i]);
			return (false);
		}
	return (true);
}

/* The footer's time is the one that the last run noted, though it is no more now. */
static bool
run_ended_when_it_said(const char *text)
{
	const char	*note = strstr(text, "\n# postern: run who uid 7"), *done;
	struct tm	 tm = { .tm_isdst = 0 };
	char		 noted[26], footer[32];
	time_t		 t;

	note = strstr(note, "\n# postern: end ");
	done = strstr(note, "\n# Nmap done at ");
	if (strptime(note + strlen("\n# postern: end "), "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return (false);
	t = timegm(&tm);
	asctime_r(gmtime_r(&t, &tm), noted);
	snprintf(footer, sizeof(footer), "%.24s", done + strlen("\n# Nmap done at "));
	return (strncmp(noted, footer, 24) == 0);
}

static void
what_is_said_of_the_runs_is_converted(void)
{
	static const char *const	 lines[] = {
		"\n# Failed to resolve \"no.such\": no such name\n# postern: done 3:0 ",
		"\n# postern: sent 1234, refused 1, ", ", ports 1140\n",
		"\n# postern: asked 7 queries of 10.0.0.53, 10.0.0.54; "
		    "answered 4, failed 2, timed out 1\n",
		"\n# postern: end ", "Z exit interrupted\n# postern: stopped interrupted total 1 ",
		"\n# postern: run who uid 7\n# postern: resumed total 1 up 1 ",
		"\nHost: 10.0.0.2 ", "\n# postern: sent 1234, ", "\n# postern: asked 7 ",
		"Z exit complete\n# postern: converted from another log by postern " VERSION "\n",
		"\n# Nmap done at ", "\n# postern: complete total 2 up 2 "
	};

	scan_in_two_runs();
	must_convert(OUTPUT_NORMAL, FORMAT_NORMAL, OUTPUT_GREPABLE, FORMAT_GREPABLE);
	read_file(files[OUTPUT_GREPABLE]);
	CHECK(has_in_order(contents, lines, sizeof(lines) / sizeof(lines[0])));
	CHECK(run_ended_when_it_said(contents));
	CHECK(strstr(strstr(contents, ": converted ") + 1, ": converted ") == NULL);
	must_convert(OUTPUT_GREPABLE, FORMAT_GREPABLE, OUTPUT_JSON, FORMAT_JSON);
	CHECK(strstr(read_file(files[OUTPUT_JSON]), "\"name\":\"no.such\"") != NULL);
	CHECK(strstr(contents, "\"packets\":{\"sent\":2468,\"pings\":68,\"ports\":2280,"
	    "\"refused\":2,\"full\":4,\"received\":2400,\"dropped\":6,\"invalid\":8,"
	    "\"late\":10,\"canaries\":120,\"lost\":14,\"loss\":0.001200},"
	    "\"names\":{\"servers\":[\"10.0.0.53\",\"10.0.0.54\"],\"queries\":14,"
	    "\"answered\":8,\"failed\":4,\"timed_out\":2}}") != NULL);
}

/* A host under way goes last, when the conversion has taken a while. */
static void
slow_conversion(void)
{
	const struct msg_finish	 m = { .ending = ENDING_INTERRUPTED };

	go_on();
	usleep(20000);
	tell_host_as(3, OUTCOME_PARTIAL, 0);
	TELL(stop, .zero = { 0 });
	send_finish(&parent_side, &m);
	pump();
	MUST(said.n[MSG_LOGFINISHED] == 1);
}

static void
a_conversion_takes_none_of_the_scans_time(void)
{
	CHECK(run(interrupted_scan) == 0);
	CHECK(strstr(read_file(files[OUTPUT_NORMAL]), " total 8 up 2 time 1.020 ") != NULL);
	take_old(OUTPUT_NORMAL);
	replay_mode = TO_CONVERT;
	old_format = FORMAT_NORMAL;
	config.format[OUTPUT_NORMAL] = FORMAT_NONE;
	config.format[OUTPUT_GREPABLE] = FORMAT_GREPABLE;
	CHECK(run_again(slow_conversion) == 0);
	CHECK(strstr(read_file(files[OUTPUT_GREPABLE]), " total 8 up 2 time 1.020 ") != NULL);
}

/* What was converted is not what was read, which stays as it is. */
static void
the_log_that_is_converted_stays_as_it_is(void)
{
	CHECK(run(interrupted_scan) == 0);
	dprintf(files[OUTPUT_NORMAL], "Nmap scan report for 10.0.0.9\nHost is");
	keep_file(files[OUTPUT_NORMAL], first, sizeof(first));
	must_convert(OUTPUT_NORMAL, FORMAT_NORMAL, OUTPUT_GREPABLE, FORMAT_GREPABLE);
	keep_file(files[OUTPUT_OLD], second, sizeof(second));
	CHECK(strcmp(first, second) == 0);
	CHECK(strstr(read_file(files[OUTPUT_GREPABLE]), "10.0.0.9") == NULL);
	CHECK(strstr(contents, "\n# postern: partial 0:2 check ") != NULL);
	CHECK(strstr(contents, "\n# postern: done 0:2 total 8 up 2 ") != NULL);
}

/* Of a log that somebody writes to meanwhile, what was verified is converted. */
static void
what_is_appended_between_the_readings_is_left_out(void)
{
	CHECK(run(interrupted_scan) == 0);
	appended = "Nmap scan report for 10.0.0.9\n# postern: nonsense\n";
	must_convert(OUTPUT_NORMAL, FORMAT_NORMAL, OUTPUT_GREPABLE, FORMAT_GREPABLE);
	appended = "";
	CHECK(strstr(read_file(files[OUTPUT_GREPABLE]), "\n# postern: done 0:2 ") != NULL);
	CHECK(strstr(read_file(files[OUTPUT_OLD]), "nonsense") != NULL);
}

static void
resumed_scan(void)
{
	go_on();
	MUST(said.n[MSG_PASTHOST] == 2 && said.end.hosts == 8);
	second_part();
}

/* Scan in two parts, the second with all the outputs that the first had not. */
static void
resume_with_all_outputs(void)
{
	CHECK(run(interrupted_scan) == 0);
	dprintf(files[OUTPUT_NORMAL], "Nmap scan report for 10.0.0.9\nHost is");
	take_old(OUTPUT_NORMAL);
	replay_mode = TO_RESUME;
	old_format = FORMAT_NORMAL;
	config.format[OUTPUT_REPORT] = FORMAT_REPORT;
	config.format[OUTPUT_NORMAL] = FORMAT_NONE;
	config.format[OUTPUT_GREPABLE] = FORMAT_GREPABLE;
	config.format[OUTPUT_XML] = FORMAT_XML;
	config.format[OUTPUT_JSON] = FORMAT_JSON;
	config.format[OUTPUT_OLD] = FORMAT_NORMAL;
	CHECK(run_again(resumed_scan) == 0);
}

static void
the_documents_of_a_resumed_scan_are_those_of_a_whole_one(void)
{
	for (enum output o = OUTPUT_XML; o <= OUTPUT_JSON; o++) {
		const char	*end = o == OUTPUT_XML ? "\n<runstats>" :
		    "\n{\"record\":\"end\"";

		CHECK(run(whole_scan) == 0);
		keep_file(files[o], first, sizeof(first));
		resume_with_all_outputs();
		keep_file(files[o], second, sizeof(second));
		CHECK(o != OUTPUT_XML || is_document(second));
		CHECK(o != OUTPUT_XML || strstr(second, "total=\"10\"/>") != NULL);
		CHECK(same_before(first, end, second, end));
	}
}

static void
the_old_log_gets_what_is_new_and_the_others_all(void)
{
	static const char	 resumed[] =
	    "\n# postern: run who uid 7\n# postern: resumed total ";
	enum output		 logs[] = { OUTPUT_OLD, OUTPUT_GREPABLE };

	resume_with_all_outputs();
	for (int i = 0; i < 2; i++) {
		read_file(files[logs[i]]);
		CHECK(strstr(contents, "10.0.0.9") == NULL);
		CHECK(strstr(contents, "\n# postern: run who uid 0 (root)\n") != NULL);
		for (unsigned int n = 1; n <= 4; n++) {
			char	 facts[40];
			char	*at;

			snprintf(facts, sizeof(facts), "# postern: host 10.0.0.%u .", n);
			at = strstr(contents, facts);
			CHECK(at != NULL && strstr(at + 1, facts) == NULL);
			CHECK((at < strstr(contents, resumed)) == (n < 3));
		}
		CHECK(strstr(contents, "\n# postern: complete total 10 up 4 time 2.040 ") != NULL);
	}
	CHECK(strstr(read_file(files[OUTPUT_REPORT]), "10.0.0.4") != NULL);
	CHECK(strstr(contents, "10.0.0.1") == NULL);
}

static void
read_whole_log(void)
{
	TELL(logconfig, .format = { [OUTPUT_OLD] = old_format });
	TELL(replay, .mode = TO_RESUME);
	MUST(said.end.replay == REPLAY_FINISHED && said.end.hosts == 10 && said.end.up == 4);
	MUST(said.ndone == 6 && said.n[MSG_PASTHOST] == 2);
}

/* Both logs of such a scan are as good as any. */
static void
the_logs_of_a_resumed_scan_can_be_read(void)
{
	resume_with_all_outputs();
	CHECK(run_again(read_whole_log) == 0);
	take_old(OUTPUT_GREPABLE);
	old_format = FORMAT_GREPABLE;
	CHECK(run_again(read_whole_log) == 0);
}

/* The ports of the plan are fewer than the log has results for. */
static void
narrow_conversion(void)
{
	struct msg_ports	 none = { .proto = PROTO_TCP };

	TELL(logconfig, .format = { [OUTPUT_OLD] = old_format });
	TELL(replay, .mode = TO_CONVERT);
	send_logconfig(&parent_side, &config);
	for (; none.piece < PORT_PIECES; none.piece++)
		send_logports(&parent_side, &none);
	pump();
	TELL(start, .zero = { 0 });
}

static void
results_outside_the_plan_are_refused(void)
{
	CHECK(run(whole_scan) == 0);
	take_old(OUTPUT_NORMAL);
	old_format = FORMAT_NORMAL;
	memset(config.format, 0, sizeof(config.format));
	config.format[OUTPUT_XML] = FORMAT_XML;
	CHECK(run_again(narrow_conversion) == STATUS_USAGE);
	CHECK(strstr(read_file(stderr_file), "port 22, which its plan has not") != NULL);
	CHECK(strstr(read_file(files[OUTPUT_XML]), "<host>") == NULL);
}

int
main(void)
{
	CASE(a_log_that_goes_to_grepable_and_back_has_the_same_records);
	CASE(a_log_becomes_the_grepable_log_that_the_scan_wrote);
	CASE(a_log_becomes_the_xml_and_the_json_that_the_scan_wrote);
	CASE(what_is_said_of_the_runs_is_converted);
	CASE(a_conversion_takes_none_of_the_scans_time);
	CASE(the_log_that_is_converted_stays_as_it_is);
	CASE(what_is_appended_between_the_readings_is_left_out);
	CASE(the_documents_of_a_resumed_scan_are_those_of_a_whole_one);
	CASE(the_old_log_gets_what_is_new_and_the_others_all);
	CASE(the_logs_of_a_resumed_scan_can_be_read);
	CASE(results_outside_the_plan_are_refused);
	return (test_done());
}
