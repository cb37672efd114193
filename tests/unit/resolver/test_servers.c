/* The list of name servers, as a user types it. */

#include <string.h>

#include "resolver.h"
#include "test.h"

static bool
is(const struct server *s, const char *text, uint16_t port)
{
	char	 buf[ADDR_TEXT];

	return (strcmp(addr_text(&s->addr, buf), text) == 0 && s->port == port);
}

static void
every_form_of_a_server_is_understood(void)
{
	struct server	 s[SERVERS_MAX];

	CHECK(parse_servers("192.0.2.1", s) == 1 && is(&s[0], "192.0.2.1", 53));
	CHECK(parse_servers("192.0.2.1:5353,192.0.2.2,[2001:db8::1]:65535", s) == 3);
	CHECK(is(&s[0], "192.0.2.1", 5353));
	CHECK(is(&s[1], "192.0.2.2", 53));
	CHECK(is(&s[2], "2001:db8::1", 65535));
	CHECK(parse_servers("2001:db8::1,[2001:db8::2]", s) == 2);
	CHECK(is(&s[0], "2001:db8::1", 53) && is(&s[1], "2001:db8::2", 53));
}

static void
more_servers_than_are_asked_are_counted(void)
{
	struct server	 s[SERVERS_MAX];

	CHECK(parse_servers("192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5", s) == 5);
	CHECK(is(&s[2], "192.0.2.3", 53));
	CHECK(parse_servers("192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,nonsense", s) == -1);
}

static void
anything_else_is_refused(void)
{
	static const char *const	 bad[] = {
		"", ",", "192.0.2.1,", ",192.0.2.1", "ns.example", "192.0.2", "192.0.2.1:",
		"192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:99999", "192.0.2.1:-1",
		"192.0.2.1: 53", "192.0.2.1:53x", "192.0.2.1:000053", "[192.0.2.1]:53",
		"[2001:db8::1", "2001:db8::1]", "[2001:db8::1]53", "[2001:db8::1]:", "[]:53",
		"fe80::1%eth0", " 192.0.2.1", "192.0.2.1 ", "192.0.2.1;192.0.2.2",
	};
	struct server	 s[SERVERS_MAX];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(parse_servers(bad[i], s) == -1);
		if (parse_servers(bad[i], s) != -1)
			printf("# %s\n", bad[i]);
	}
}

int
main(void)
{
	CASE(every_form_of_a_server_is_understood);
	CASE(more_servers_than_are_asked_are_counted);
	CASE(anything_else_is_refused);
	return (test_done());
}
