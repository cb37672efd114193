/*
 * The XML and the JSON on their descriptors: whole whenever the logger has flushed them, so that
 * whatever ends it leaves a document and whole lines.
 */

#include <sys/resource.h>

#include "document.h"
#include "drive.h"

#define CHECKPOINT	TELL(checkpoint, .zero = { 0 })

static unsigned int	 nchecks;	/* documents that were not empty */

static unsigned int
occurrences(const char *text, const char *what)
{
	unsigned int	 n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
		n++;
	return (n);
}

/* Each line an object to its end. */
static bool
lines_are_whole(const char *p)
{
	const char	*newline;

	for (; *p != '\0'; p = newline + 1) {
		newline = strchr(p, '\n');
		if (newline == NULL || strncmp(p, "{\"record\":\"", 11) != 0 || newline[-1] != '}')
			return (false);
	}
	return (true);
}

static void
check_whole(void)
{
	MUST(lines_are_whole(read_file(files[OUTPUT_JSON])));
	if (read_file(files[OUTPUT_XML])[0] == '\0')
		return;
	MUST(is_document(contents));
	MUST(occurrences(contents, "<runstats>") == 1);
	nchecks++;
}

static void
begin_scan(void)
{
	const uint8_t	 every[OUTPUTS] = EVERY_FORMAT;

	memcpy(config.format, every, sizeof(every));
	flushed = check_whole;
	tell_start();
}

/* So many hosts, and so many looked at, as the document has them now. */
static void
must_have(unsigned int hosts, const char *total)
{
	MUST(is_document(read_file(files[OUTPUT_XML])));
	MUST(occurrences(contents, "<host>") == hosts);
	MUST(strstr(contents, total) != NULL);
	MUST(strstr(contents, "exit=\"error\" errormsg=\"interrupted\"") != NULL);
	MUST(occurrences(read_file(files[OUTPUT_JSON]), "{\"record\":\"host\"") == hosts);
}

static void
growing_scan(void)
{
	struct msg_ranges	 done = { .n = 1, .hosts = 5, .e = { { 0, 0, 5, 9 } } };
	struct msg_namefailed	 failed = {
		.place = { 1, 0, 0 }, .lookup = LOOKUP_NOT_FOUND, .name = "no.example"
	};

	begin_scan();
	must_have(0, "total=\"0\"");
	for (unsigned int i = 1; i < 5; i++) {
		tell_host(i, OUTCOME_COMPLETE);
		must_have(i, i == 4 ? "<hosts up=\"4\" down=\"0\" total=\"4\"/>" : "total=\"");
	}
	send_done(&parent_side, &done);
	send_namefailed(&parent_side, &failed);
	pump();
	must_have(4, "total=\"9\"");
	tell_host_as(10, OUTCOME_PARTIAL, HOST_CHECKPOINT);
	CHECKPOINT;
	must_have(4, "total=\"9\"");
	MUST(nchecks > 10);
	tell_finish(ENDING_COMPLETE);
	MUST(is_document(read_file(files[OUTPUT_XML])));
}

static void
a_document_is_whole_after_every_flush(void)
{
	CHECK(run(growing_scan) == 0);
	CHECK(is_document(read_file(files[OUTPUT_XML])));
	CHECK(occurrences(contents, "<host>") == 4);
	CHECK(occurrences(contents, "exit=\"success\"") == 1);
	CHECK(occurrences(contents, "errormsg") == 0);
	CHECK(strstr(contents, "<!-- Failed to resolve \"no.example\"") != NULL);
	CHECK(lines_are_whole(read_file(files[OUTPUT_JSON])));
	CHECK(occurrences(contents, "\n") == 7);
}

/* Its end is shorter than the one it replaces: nothing of that may be left behind it. */
static void
empty_scan(void)
{
	begin_scan();
	tell_finish(ENDING_COMPLETE);
}

static void
a_shorter_end_leaves_nothing_behind_it(void)
{
	CHECK(run(empty_scan) == 0);
	CHECK(is_document(read_file(files[OUTPUT_XML])));
	CHECK(strstr(contents, "exit=\"success\"/>") != NULL);
}

static void
stopped_scan(void)
{
	begin_scan();
	tell_host(1, OUTCOME_COMPLETE);
	tell_host(2, OUTCOME_PARTIAL);
	tell_finish(ENDING_NETWORK_GONE);
}

static void
a_host_that_was_given_up_is_in_it(void)
{
	CHECK(run(stopped_scan) == 0);
	CHECK(is_document(read_file(files[OUTPUT_XML])));
	CHECK(occurrences(contents, "<host>") == 2 && occurrences(contents, "Not finished") == 1);
	CHECK(strstr(contents, "errormsg=\"the network went away\"") != NULL);
	CHECK(lines_are_whole(read_file(files[OUTPUT_JSON])));
}

/* More than is kept together: it goes out before the flush. */
static void
big_host_scan(void)
{
	struct msg_ports	 all = { .proto = PROTO_TCP };
	struct msg_hostports	 m;

	config.format[OUTPUT_XML] = FORMAT_XML;
	config.format[OUTPUT_JSON] = FORMAT_JSON;
	flushed = check_whole;
	send_logconfig(&parent_side, &config);
	for (; all.piece < PORT_PIECES; all.piece++) {
		memset(all.bits, all.piece == 0 ? 0xff : 0, sizeof(all.bits));
		send_logports(&parent_side, &all);
	}
	TELL(start, .zero = { 0 });
	for (unsigned int i = 0; i < 3; i++) {
		TELL(host, .addr = address("10.0.0.1"), .state = HOST_UP, .ports = 2100,
		    .coverage = COVERAGE_ALL);
		for (uint16_t port = 0; port < 2100;) {
			memset(&m, 0, sizeof(m));
			for (; m.n < HOSTPORTS_MAX; port++)
				m.e[m.n++] = (struct port_entry){
					.port = port, .proto = PROTO_TCP, .state = PORT_OPEN
				};
			send_hostports(&parent_side, &m);
			pump();
		}
		MUST(occurrences(read_file(files[OUTPUT_XML]), "<port ") == (i + 1) * 2100);
	}
	tell_finish(ENDING_COMPLETE);
}

static void
a_host_that_is_larger_than_what_is_kept_is_written_at_once(void)
{
	CHECK(run(big_host_scan) == 0);
	CHECK(is_document(read_file(files[OUTPUT_XML])));
}

/* A file that may grow to 3,500 bytes, which is within the second host or the third. */
static void
full_scan(void)
{
	const struct rlimit	 limit = { 3500, 3500 };

	signal(SIGXFSZ, SIG_IGN);
	memset(config.format, 0, sizeof(config.format));
	config.format[OUTPUT_XML] = FORMAT_XML;
	flushed = check_whole;
	tell_start();
	MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	for (unsigned int i = 1; i < 10; i++)
		tell_host(i, OUTCOME_COMPLETE);
	tell_finish(ENDING_COMPLETE);
	MUST(said.n[MSG_LOGFAILED] == 1 && said.failed.output == OUTPUT_XML);
}

static void
a_document_without_room_keeps_its_end(void)
{
	CHECK(run(full_scan) == 0);
	CHECK(is_document(read_file(files[OUTPUT_XML])));
	CHECK(occurrences(contents, "<host>") > 0 && occurrences(contents, "<host>") < 9);
	CHECK(strstr(contents, "errormsg=\"interrupted\"") != NULL);
}

int
main(void)
{
	CASE(a_document_is_whole_after_every_flush);
	CASE(a_shorter_end_leaves_nothing_behind_it);
	CASE(a_host_that_was_given_up_is_in_it);
	CASE(a_host_that_is_larger_than_what_is_kept_is_written_at_once);
	CASE(a_document_without_room_keeps_its_end);
	return (test_done());
}
