/*
 * The JSON lines: each is one object whatever the names are, and every member and word of it
 * is in the schema.  Run where the sources are: the schema is read from there.
 */

#include <ctype.h>

#include "hostile.h"

static char		 args_text[1024] = "postern -p 1-500 127.0.0.1";
static struct buffer	 args = { args_text, sizeof(args_text), 26 };
static char		 schema[65536];

/* A strict parser (RFC 8259), but that text has to be printable ASCII. */
static const char	*at;

static bool
take(const char *s)
{
	if (strncmp(at, s, strlen(s)) != 0)
		return (false);
	at += strlen(s);
	return (true);
}

/* Outside of strings; a record has none. */
static void
skip_space(void)
{
	at += strspn(at, " \t\n");
}

static bool
take_string(char *copy, size_t size)
{
	size_t	 n = 0;

	if (!take("\""))
		return (false);
	for (; *at >= ' ' && *at <= '~' && *at != '"'; at++) {
		if (*at == '\\' && (*++at == '\0' || strchr("\"\\/bfnrt", *at) == NULL))
			return (false);		/* \u we never write */
		if (n + 1 < size)
			copy[n++] = *at;
	}
	copy[n] = '\0';
	return (take("\""));
}

static bool
take_digits(void)
{
	size_t	 n = strspn(at, "0123456789");

	at += n;
	return (n != 0);
}

static bool
take_number(void)
{
	take("-");
	if (!take("0") && !take_digits())
		return (false);
	return (!take(".") || take_digits());
}

static bool	 (*member_is_known)(const char *);
static bool	 take_value(unsigned int depth);

static bool
take_member(unsigned int depth)
{
	char	 name[64];

	skip_space();
	if (!take_string(name, sizeof(name)) || !take(":"))
		return (false);
	return (member_is_known(name) && take_value(depth));
}

/* The members of an object or the elements of an array, after its first bracket. */
static bool
take_list(bool members, const char *end, unsigned int depth)
{
	skip_space();
	if (take(end))
		return (true);
	do {
		if (!(members ? take_member(depth) : take_value(depth)))
			return (false);
		skip_space();
	} while (take(","));
	return (take(end));
}

static bool
take_value(unsigned int depth)
{
	char	 value[64];

	skip_space();
	if (depth == 0)
		return (false);
	if (take("{"))
		return (take_list(true, "}", depth - 1));
	if (take("["))
		return (take_list(false, "]", depth - 1));
	if (*at == '"')
		return (take_string(value, sizeof(value)));
	return (take("true") || take("false") || take("null") || take_number());
}

static bool
any_member(const char *name)
{
	(void)name;
	return (true);
}

static bool
in_schema(const char *name)
{
	char	 quoted[80];

	snprintf(quoted, sizeof(quoted), "\"%s\": ", name);
	if (strstr(schema, quoted) != NULL)
		return (true);
	printf("# not in the schema: %s\n", name);
	return (false);
}

/* So many lines, each an object without white space between its tokens. */
static bool
are_records(unsigned int n)
{
	member_is_known = in_schema;
	at = text;
	for (unsigned int i = 0; i < n; i++)
		if (strncmp(at, "{\"record\":\"", 11) != 0 || !take_value(8) || !take("\n")) {
			printf("# not a record from: %.200s\n", at);
			return (false);
		}
	return (*at == '\0' && occurrences("\n") == n);
}

static void
render(void)
{
	view_host(&plan, &host, &view);
	out.len = 0;
	text[0] = '\0';
	json_host(&plan, &host, &view, &out);
}

static bool
renders(const char *expected)
{
	render();
	if (strcmp(text, expected) == 0)
		return (true);
	printf("# rendered:\n%s# expected:\n%s", text, expected);
	return (false);
}

static void
the_checker_knows_json(void)
{
	static const char *const	 good[] = {
		"{}", "{\"a\": [1, -0.5, \"\\\"\\\\\", true, null, {}]}", "[]", "0"
	};
	static const char *const	 bad[] = {
		"{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "\"\x01\"", "\"\\x\"", "\"", "01",
		"1.", "{a:1}", "\"\xc3\xa9\"", "[1 2]"
	};

	member_is_known = any_member;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		at = good[i];
		CHECK(take_value(8) && *at == '\0');
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		at = bad[i];
		CHECK(!take_value(8) || *at != '\0');
	}
}

/* Is each of the words, from the first on, a value in the schema? */
static bool
has_words(const char *const *words, unsigned int first, unsigned int n)
{
	char	 quoted[80];

	for (unsigned int i = first; i < n; i++) {
		snprintf(quoted, sizeof(quoted), "\"%s\"", words[i]);
		if (strstr(schema, quoted) == NULL) {
			printf("# not in the schema: %s\n", quoted);
			return (false);
		}
	}
	return (true);
}

static void
the_schema_is_json_and_has_every_word(void)
{
	FILE	*f = fopen("logger/postern.schema.json", "r");

	CHECK(f != NULL);
	if (f == NULL)
		return;
	CHECK(fread(schema, 1, sizeof(schema) - 1, f) > 1000 && fclose(f) == 0);
	member_is_known = any_member;
	at = schema;
	CHECK(take_value(16) && strcmp(at, "\n") == 0);
	CHECK(has_words(host_state_names, 0, HOST_STATE_COUNT));
	CHECK(has_words(port_state_names, PORT_OPEN, PORT_STATE_COUNT));
	CHECK(has_words(reason_names, 0, REASON_COUNT));
	CHECK(has_words(outcome_names, 0, OUTCOME_COUNT));
	CHECK(has_words(ending_names, 0, ENDING_COUNT));
	CHECK(has_words(lookup_names, LOOKUP_NOT_FOUND, LOOKUP_COUNT));
}

static void
a_scan_is_a_start_hosts_and_an_end(void)
{
	const struct totals	 t = { 16, 5, 0 };
	const struct msg_finish	 f = {
		.ending = ENDING_INTERRUPTED,
		.stats = { .sent = 12, .ports = 10, .pings = 2, .loss = 1200 },
		.asked = { .queries = 7, .answered = 4, .failed = 2, .timed_out = 1, .n = 2,
		    .server = { addr_from_ipv4(0x0a000035), { FAMILY_IPV6, { 0 }, { 0xfd } } } }
	};

	fresh("127.0.0.1", 1, 500);
	plan.config.start = 1795375739;
	plan.config.seed = 0xabcdef;
	json_start(&plan, &args, &out);
	json_end(&f, &t, 1795375740, 60004999, &out);
	CHECK(are_records(2));
	CHECK(strcmp(text, "{\"record\":\"start\",\"scanner\":\"postern\",\"version\":\"" VERSION
	    "\",\"time\":\"2026-11-22T19:28:59Z\",\"args\":\"postern -p 1-500 127.0.0.1\","
	    "\"scan\":\"syn\",\"seed\":\"0000000000abcdef\",\"port_count\":500,"
	    "\"ports\":\"1-500\"}\n"
	    "{\"record\":\"end\",\"time\":\"2026-11-22T19:29:00Z\",\"elapsed\":60.004999,"
	    "\"ending\":\"interrupted\",\"hosts_total\":16,\"hosts_up\":5,\"hosts_down\":11,"
	    "\"packets\":{\"sent\":12,\"pings\":2,\"ports\":10,\"refused\":0,\"full\":0,"
	    "\"received\":0,\"dropped\":0,\"invalid\":0,\"late\":0,\"canaries\":0,\"lost\":0,"
	    "\"loss\":0.001200},\"names\":{\"servers\":[\"10.0.0.53\",\"fd00::\"],"
	    "\"queries\":7,\"answered\":4,\"failed\":2,\"timed_out\":1}}\n") == 0);
}

static void
what_was_not_asked_is_not_counted(void)
{
	const struct totals	 t = { 1, 1, 0 };
	const struct msg_finish	 f = { .ending = ENDING_COMPLETE };

	fresh("127.0.0.1", 1, 500);
	json_end(&f, &t, 1795375740, 1, &out);
	CHECK(are_records(1) && occurrences("names") == 0 && occurrences("packets") == 0);
}

/* A name that was not found is none; one that nobody could say is not known. */
static void
a_name_that_nobody_said_is_told_from_none(void)
{
	fresh("10.9.0.2", 0, 0);
	host.h.rdns_lookup = LOOKUP_TIMED_OUT;
	render();
	CHECK(are_records(1) &&
	    occurrences("\"hostnames\":[],\"rdns\":\"timed out\",\"state\":\"up\"") == 1);
	host.h.rdns_lookup = LOOKUP_NOT_FOUND;
	render();
	CHECK(are_records(1) && occurrences("\"rdns\"") == 0);
}

static void
a_start_says_what_kind_of_scan_it_is(void)
{
	fresh("127.0.0.1", 0, 0);
	plan.config.flags = LOG_PING_ONLY;
	json_start(&plan, &args, &out);
	plan.config.flags = LOG_LIST_ONLY;
	json_start(&plan, &args, &out);
	CHECK(are_records(2) && occurrences("\"scan\":\"ping\"") == 1 &&
	    occurrences("\"scan\":\"list\"") == 1 && occurrences("\"ports\":\"\"") == 2);
}

static void
a_host_says_all_that_is_known_of_it(void)
{
	fresh("10.9.0.2", 1, 60);
	host.h.reason = REASON_ECHO_REPLY;
	host.h.ttl = 64;
	host.h.srtt = 230;
	host.h.coverage = 9730;
	host.h.flags = HOST_HAS_MAC;
	memcpy(host.h.mac, "\x5a\x6c\x57\x07\x32\xf9", 6);
	host.nothers = host.h.others = 2;
	CHECK(addr_parse("10.9.0.8", &host.other[0]) == 0);
	CHECK(addr_parse("2001:db8::8", &host.other[1]) == 0);
	add_ports(22, 22, PORT_OPEN, REASON_SYN_ACK, 64);
	add_ports(23, 23, PORT_FILTERED, REASON_ADMIN_PROHIBITED, 63);
	add_ports(25, 25, PORT_CLOSED, REASON_RESET, 64);
	CHECK(addr_parse("10.9.0.254", &host.port[1].from) == 0);
	set_names("two.example", "peer.example");
	CHECK(renders("{\"record\":\"host\",\"ip\":\"10.9.0.2\",\"hostnames\":["
	    "{\"name\":\"two.example\",\"type\":\"user\"},"
	    "{\"name\":\"peer.example\",\"type\":\"PTR\"}],"
	    "\"state\":\"up\",\"reason\":\"echo-reply\",\"ttl\":64,\"rtt_us\":230,"
	    "\"mac\":\"5A:6C:57:07:32:F9\",\"other_addresses\":[\"10.9.0.8\",\"2001:db8::8\"],"
	    "\"ports\":[{\"port\":22,\"protocol\":\"tcp\",\"state\":\"open\","
	    "\"reason\":\"syn-ack\",\"ttl\":64,\"service\":\"ssh\"},"
	    "{\"port\":25,\"protocol\":\"tcp\",\"state\":\"closed\",\"reason\":\"reset\","
	    "\"ttl\":64,\"service\":\"smtp\"}],"
	    "\"not_shown\":[{\"count\":57,\"ports\":\"1-21,24,26-60\",\"state\":\"filtered\","
	    "\"reason\":\"no-response\"},{\"count\":1,\"ports\":\"23\",\"state\":\"filtered\","
	    "\"reason\":\"admin-prohibited\"}],"
	    "\"outcome\":\"complete\",\"coverage\":0.9730}\n"));
	CHECK(are_records(1));
	plan.config.verbosity = 10;
	render();
	CHECK(occurrences("\"not_shown\":[]") == 1 && occurrences("\"ttl\":63,"
	    "\"from\":\"10.9.0.254\",\"service\":\"telnet\"}") == 1);
}

static void
what_is_not_known_is_left_out(void)
{
	fresh("2001:db8::1", 0, 0);
	CHECK(renders("{\"record\":\"host\",\"ip\":\"2001:db8::1\",\"hostnames\":[],"
	    "\"state\":\"up\",\"reason\":\"user-set\",\"ports\":[],\"not_shown\":[],"
	    "\"outcome\":\"complete\"}\n"));
	set_names("", "peer.example");
	render();
	CHECK(are_records(1) &&
	    occurrences("\"hostnames\":[{\"name\":\"peer.example\",\"type\":\"PTR\"}]") == 1);
}

static void
the_hosts_are_those_of_the_other_formats(void)
{
	fresh("10.9.0.3", 1, 400);
	plan.config.flags = LOG_OPEN;
	CHECK(renders(""));
	plan.config.flags = 0;
	host.h.state = HOST_DOWN;
	CHECK(renders(""));
	plan.config.verbosity = 1;
	render();
	CHECK(are_records(1) && occurrences("\"state\":\"down\"") == 1);
	CHECK(occurrences("\"ports\":[],\"not_shown\":[]") == 1);
}

static void
what_is_not_whole_is_marked(void)
{
	fresh("127.0.0.2", 1, 400);
	add_ports(22, 22, PORT_OPEN, REASON_SYN_ACK, 64);
	host.h.outcome = OUTCOME_TIMED_OUT;
	render();
	CHECK(are_records(1) && occurrences("\"outcome\":\"timed out\"") == 1);
	CHECK(occurrences("\"port\":22") == 1 && occurrences("\"not_shown\":[]") == 1);
	host.h.outcome = OUTCOME_PARTIAL;
	render();
	CHECK(are_records(1) && occurrences("\"outcome\":\"partial\"") == 1);
}

static void
a_name_that_was_not_found_is_a_record(void)
{
	struct msg_namefailed	 f = { .lookup = LOOKUP_NOT_FOUND, .name = "nosuch.invalid" };

	fresh("127.0.0.1", 0, 0);
	json_failed(&f, &out);
	CHECK(are_records(1));
	CHECK(strcmp(text, "{\"record\":\"name-failed\",\"name\":\"nosuch.invalid\","
	    "\"reason\":\"no such name\"}\n") == 0);
}

static void
hostile_names_stay_text(void)
{
	struct msg_namefailed	 f;

	for (size_t i = 0; i < NHOSTILE; i++) {
		fresh("127.0.0.1", 0, 0);
		memset(&f, 0, sizeof(f));
		snprintf(f.name, sizeof(f.name), "%s", hostile_names[i]);
		snprintf(args_text, sizeof(args_text), "%s", hostile_names[i]);
		set_names(hostile_names[i], hostile_names[NHOSTILE - 1 - i]);
		view_host(&plan, &host, &view);
		json_start(&plan, &args, &out);
		json_host(&plan, &host, &view, &out);
		json_failed(&f, &out);
		CHECK(are_records(3) && occurrences("\"type\":\"") == 2);
	}
}

static void
what_json_has_no_plain_byte_for_is_escaped(void)
{
	fresh("127.0.0.1", 0, 0);
	set_names("\"\\\x01\x7f\xc3\xa9/<", "");
	render();
	CHECK(occurrences("\"name\":\"\\\"\\\\\\\\x01\\\\x7f\\\\xc3\\\\xa9/<\",") == 1);
}

static void
any_host_is_a_record(void)
{
	for (int i = 0; i < 300; i++) {
		draw_host();
		json_host(&plan, &host, &view, &out);
		CHECK(view.nshown + view.nunseen == view.total);
		CHECK(occurrences("{\"port\":") == (out.len == 0 ? 0 : view.nshown));
		CHECK(are_records(out.len == 0 ? 0 : 1));
		if (test_bad != 0)
			break;
	}
}

static void
the_worst_host_fits_a_record(void)
{
	static char	 space[RECORD_MAX];
	struct buffer	 b = { space, sizeof(space), 0 };

	worst_host();
	json_host(&plan, &host, &view, &b);
	CHECK(b.len > 65536 * 150 && b.len < RECORD_MAX);
}

int
main(void)
{
	setenv("TZ", "Asia/Tokyo", 1);	/* times are in UTC nevertheless */
	CASE(the_checker_knows_json);
	CASE(the_schema_is_json_and_has_every_word);
	CASE(a_scan_is_a_start_hosts_and_an_end);
	CASE(what_was_not_asked_is_not_counted);
	CASE(a_name_that_nobody_said_is_told_from_none);
	CASE(a_start_says_what_kind_of_scan_it_is);
	CASE(a_host_says_all_that_is_known_of_it);
	CASE(what_is_not_known_is_left_out);
	CASE(the_hosts_are_those_of_the_other_formats);
	CASE(what_is_not_whole_is_marked);
	CASE(a_name_that_was_not_found_is_a_record);
	CASE(hostile_names_stay_text);
	CASE(what_json_has_no_plain_byte_for_is_escaped);
	CASE(any_host_is_a_record);
	CASE(the_worst_host_fits_a_record);
	return (test_done());
}
