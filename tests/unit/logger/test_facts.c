/*
 * A host in one line: all that a host can be comes back from it, and a line that is not what
 * would have been written is refused.
 */

#include "render.h"

#define SEED	2026
#define ROUNDS	400

static struct host	 back;
static char		 again_text[1 << 20], mutant[1 << 20];
static struct buffer	 again = { again_text, sizeof(again_text), 0 };

static uint32_t
draw(uint32_t n)
{
	static uint64_t	 state = SEED;

	state = state * 6364136223846793005 + 1442695040888963407;
	return ((uint32_t)(state >> 33) % n);
}

static struct addr
draw_addr(void)
{
	struct addr	 a = { .family = draw(2) == 0 ? FAMILY_IPV4 : FAMILY_IPV6 };

	for (int i = 0; i < (a.family == FAMILY_IPV4 ? 4 : 16); i++)
		a.ip[i] = (uint8_t)(draw(3) == 0 ? draw(256) : 0);
	return (a);
}

static struct addr
draw_from(void)
{
	return (draw(3) != 0 ? (struct addr){ .family = FAMILY_NONE } : draw_addr());
}

static void
draw_name(char name[NAME_MAX_TEXT])
{
	static const char *const	 names[] = {
		"-", "_", "a", "A.example", "0", "1.2.3.4", "-.-", "found", "xn--tst-qla.example"
	};

	memset(name, 0, NAME_MAX_TEXT);
	snprintf(name, NAME_MAX_TEXT, "%s", names[draw(sizeof(names) / sizeof(names[0]))]);
	if (draw(8) == 0)
		for (int i = 0; i < 253; i++)
			name[i] = i % 64 == 63 ? '.' : (char)('a' + draw(26));
}

/* The end of a range half the time, else something within it. */
static uint32_t
draw_edge(uint32_t max)
{
	return (draw(2) == 0 ? draw(2) * max : draw(max));
}

static void
draw_ports(struct host *h)
{
	struct port_entry	 e = { .proto = PROTO_TCP, .state = PORT_OPEN };
	uint32_t		 port = draw(2) == 0 ? 0 : draw(PORT_BITS);

	h->nports = 0;
	for (uint32_t n = draw(40); n != 0 && port < PORT_BITS; n--) {
		if (draw(3) == 0)
			e = (struct port_entry){
				.proto = PROTO_TCP, .reason = (uint8_t)draw(REASON_COUNT),
				.state = (uint8_t)(1 + draw(PORT_STATE_COUNT - 1)),
				.ttl = (uint8_t)draw(256), .from = draw_from()
			};
		e.port = (uint16_t)port;
		h->port[h->nports++] = e;
		port = draw(9) == 0 ? PORT_BITS - 1 - draw(3) : port + 1 + draw(6) / 5;
		if (port <= e.port)
			return;
	}
}

static void
draw_host(struct host *h)
{
	memset(&h->h, 0, sizeof(h->h));
	h->h = (struct msg_host){
		.addr = draw_addr(), .srtt = draw_edge(UINT32_MAX), .from = draw_from(),
		.state = (uint8_t)draw(HOST_STATE_COUNT), .reason = (uint8_t)draw(REASON_COUNT),
		.ttl = (uint8_t)draw(256), .outcome = (uint8_t)draw(OUTCOME_COUNT),
		.flags = (uint8_t)draw(2), .rest_state = (uint8_t)draw(PORT_STATE_COUNT),
		.rest_reason = (uint8_t)draw(REASON_COUNT),
		.rdns_lookup = (uint8_t)draw(LOOKUP_NO_IPV4),
		.coverage = (uint16_t)draw_edge(COVERAGE_ALL)
	};
	if (h->h.outcome == OUTCOME_PARTIAL) {
		h->h.cursor = draw_edge(PORT_BITS);
		h->h.pass = (uint8_t)draw_edge(PASS_MAX);
	}
	for (size_t i = 0; i < sizeof(h->h.mac) && h->h.flags == HOST_HAS_MAC; i++)
		h->h.mac[i] = (uint8_t)draw(256);
	if (draw(2) == 0)
		draw_name(h->h.name);
	if (h->h.rdns_lookup == LOOKUP_FOUND)
		draw_name(h->h.rdns);
	h->nothers = draw(5) == 0 ? draw(ADDRESSES_MAX) : 0;
	for (uint32_t i = 0; i < h->nothers; i++)
		h->other[i] = draw_addr();
	draw_ports(h);
	h->h.others = h->nothers;
	h->h.ports = h->nports;
}

static bool
same(const struct host *a, const struct host *b)
{
	return (memcmp(&a->h, &b->h, sizeof(a->h)) == 0 && a->nothers == b->nothers &&
	    a->nports == b->nports &&
	    memcmp(a->other, b->other, a->nothers * sizeof(a->other[0])) == 0 &&
	    memcmp(a->port, b->port, a->nports * sizeof(a->port[0])) == 0);
}

/* The line of the host, in out, less its newline. */
static size_t
render(const struct host *h)
{
	out.len = 0;
	facts_add(h, &out);
	CHECK(out.len != 0 && text[out.len - 1] == '\n' && strlen(text) == out.len);
	CHECK(strchr(text, '\n') == text + out.len - 1);
	return (out.len - 1);
}

/* Does it read a line so that the same line would be written of it?  In memory of just its size. */
static bool
is_taken(const char *line, size_t len, bool *refused)
{
	char	*exact = malloc(len + 1);
	bool	 right = true;

	memcpy(exact, line, len);
	exact = realloc(exact, len == 0 ? 1 : len);
	*refused = facts_parse(exact, len, &back) == -1;
	if (!*refused) {
		again.len = 0;
		facts_add(&back, &again);
		right = again.len == len + 1 && memcmp(again_text, exact, len) == 0;
	}
	free(exact);
	if (!right)
		printf("# %.*s\n# is read as\n# %s", (int)len, line, again_text);
	return (right);
}

static void
any_host_comes_back_from_its_line(void)
{
	unsigned int	 parts = 0;

	for (int i = 0; i < ROUNDS; i++) {
		size_t	 len;
		bool	 refused;

		draw_host(&host);
		parts += host.h.outcome == OUTCOME_PARTIAL;
		len = render(&host);
		CHECK(parse_starts(text, len, FACTS_PART) == (host.h.outcome == OUTCOME_PARTIAL));
		CHECK(parse_starts(text, len, FACTS_DONE) == (host.h.outcome != OUTCOME_PARTIAL));
		CHECK(is_taken(text, len, &refused) && !refused && same(&host, &back));
	}
	CHECK(parts > ROUNDS / 5 && parts < ROUNDS / 2);
}

/* Every line that begins as one does, and every change of one of its bytes, to some others. */
static void
a_line_that_was_torn_or_changed_is_never_read_as_another(void)
{
	static const char	 bytes[] = " -:,.@|0123456789abcdefgz\n\\\xff";
	unsigned int		 refusals = 0;
	bool			 refused;

	for (int i = 0; i < ROUNDS / 10; i++) {
		size_t	 len = (draw_host(&host), render(&host));

		for (size_t at = 0; at < len; at++) {
			CHECK(is_taken(text, at, &refused));
			memcpy(mutant, text, len);
			for (size_t k = 0; k < sizeof(bytes); k++) {	/* its NUL too */
				mutant[at] = bytes[k];
				CHECK(is_taken(mutant, len, &refused));
				refusals += refused;
			}
			memmove(mutant + at, text + at + 1, len - at);
			CHECK(is_taken(mutant, len - 1, &refused));
		}
	}
	CHECK(refusals > 10000);
}

static void
the_line_is_as_documented(void)
{
	fresh("10.0.0.1", 1, 1000);
	host.h.srtt = 1500;
	host.h.flags = HOST_HAS_MAC;
	host.h.mac[5] = 0xab;
	set_names("www.example", "");
	CHECK(addr_parse("2001:db8::1", &host.other[host.nothers++]) == 0);
	CHECK(addr_parse("10.0.0.2", &host.other[host.nothers++]) == 0);
	add_ports(1, 21, PORT_CLOSED, REASON_RESET, 64);
	add_ports(22, 22, PORT_OPEN, REASON_SYN_ACK, 64);
	add_ports(24, 25, PORT_FILTERED, REASON_ADMIN_PROHIBITED, 63);
	CHECK(addr_parse("2001:db8::2", &host.port[host.nports - 1].from) == 0);
	(void)render(&host);
	CHECK(strcmp(text, "# postern: host 10.0.0.1 www.example up user-set 0 - 1500 "
	    "00:00:00:00:00:ab complete 10000 f no-response - . 2001:db8::1,10.0.0.2 "
	    "1-21:c:reset:64,22:o:syn-ack:64,24:f:admin-prohibited:63,"
	    "25:f:admin-prohibited:63@2001:db8::2\n") == 0);

	fresh("10.0.0.1", 0, 0);
	host.h.outcome = OUTCOME_PARTIAL;
	host.h.pass = 2;
	host.h.cursor = 77;
	host.h.rdns_lookup = LOOKUP_FOUND;
	set_names("", "-");
	(void)render(&host);
	CHECK(strcmp(text, "# postern: part 10.0.0.1 . up user-set 0 - 0 - 2:77 10000 - "
	    "unknown-response found - - -\n") == 0);
}

static bool
parses(const char *line)
{
	return (facts_parse(line, strlen(line), &back) == 0);
}

static void
a_line_that_would_not_have_been_written_is_refused(void)
{
#define LINE(addr, name, rest, ports)						\
	"# postern: host " addr " " name " up user-set 0 - 0 - " rest " " ports
#define PLAIN	"complete 10000 f no-response - . -"
#define PORTS(ports)	LINE("10.0.0.1", ".", PLAIN, ports)
	CHECK(parses(PORTS("-")));
	CHECK(parses(PORTS("0-65535:c:reset:64")) && back.nports == PORT_BITS);
	CHECK(!parses(PORTS("0-65536:c:reset:64")));
	CHECK(!parses(PORTS("65536:c:reset:64")));
	CHECK(!parses(PORTS("1:c:reset:256")));
	CHECK(!parses(PORTS("1:c:reset:064")));
	CHECK(!parses(PORTS("1:-:reset:64")));
	CHECK(!parses(PORTS("1:close:reset:64")));
	CHECK(!parses(PORTS("1:closedd:reset:64")));
	CHECK(!parses(PORTS("1::reset:64")));
	CHECK(!parses(PORTS("7-7:c:reset:64")));
	CHECK(!parses(PORTS("7-6:c:reset:64")));
	CHECK(parses(PORTS("1:c:reset:64,2:c:reset:63")));
	CHECK(parses(PORTS("1:c:reset:64,3:c:reset:64")));
	CHECK(!parses(PORTS("1:c:reset:64,2:c:reset:64")));	/* one range */
	CHECK(!parses(PORTS("1-2:c:reset:64,2:o:syn-ack:64")));
	CHECK(!parses(PORTS("2:c:reset:64,1:o:syn-ack:64")));
	CHECK(!parses(PORTS("0-65535:c:reset:64,0:o:syn-ack:64")));
	CHECK(!parses(PORTS("1:c:reset:64,")));
	CHECK(!parses(PORTS("1:c:reset:64@")));
	CHECK(parses(PORTS("1:c:reset:64@::1")));
	CHECK(!parses(PORTS("1:c:reset:64@0::1")));
	CHECK(!parses(PORTS("- ")) && !parses(PORTS("")));
	CHECK(parses(LINE("::", "a", PLAIN, "-")));
	CHECK(!parses(LINE("-", "a", PLAIN, "-")));
	CHECK(!parses(LINE("10.0.0.1", "a/b", PLAIN, "-")));
	CHECK(!parses(LINE("10.0.0.1", "a.", PLAIN, "-")));
	CHECK(!parses(LINE("10.0.0.1", ".", "complete 10001 f no-response - . -", "-")));
	CHECK(!parses(LINE("10.0.0.1", ".", "complete 1 f no-response found . -", "-")));
	CHECK(!parses(LINE("10.0.0.1", ".", "complete 1 f no-response refused a -", "-")));
	CHECK(!parses(LINE("10.0.0.1", ".", "partial 1 f no-response - . -", "-")));
	CHECK(!parses(LINE("10.0.0.1", ".", "1:1 1 f no-response - . -", "-")));
#define PART(progress)								\
	"# postern: part 10.0.0.1 . up user-set 0 - 0 - " progress " 1 f no-response - . - -"
	CHECK(parses(PART("15:65536")) && back.h.pass == PASS_MAX);
	CHECK(!parses(PART("16:65536")) && !parses(PART("15:65537")));
	CHECK(!parses(PART("complete")));
}

/* As many other addresses as HOST may announce, and no more. */
static void
other_addresses_are_bounded(void)
{
	size_t	 len;

	fresh("10.0.0.1", 0, 0);
	for (host.nothers = 0; host.nothers < ADDRESSES_MAX; host.nothers++)
		host.other[host.nothers] = addr_from_ipv4(host.nothers);
	len = render(&host);
	CHECK(facts_parse(text, len, &back) == -1);
	host.nothers--;
	len = render(&host);
	CHECK(facts_parse(text, len, &back) == 0 && back.h.others == ADDRESSES_MAX - 1);
}

int
main(void)
{
	CASE(the_line_is_as_documented);
	CASE(any_host_comes_back_from_its_line);
	CASE(a_line_that_was_torn_or_changed_is_never_read_as_another);
	CASE(a_line_that_would_not_have_been_written_is_refused);
	CASE(other_addresses_are_bounded);
	return (test_done());
}
