/* Names in the DNS: how an address is asked for, and what is taken for a host name. */

#include <string.h>

#include "resolver.h"
#include "test.h"

static const char *
reverse(const char *text)
{
	static char	 name[NAME_MAX_TEXT];
	struct addr	 a;

	CHECK(addr_parse(text, &a) == 0);
	name_reverse(&a, name);
	return (name);
}

static void
an_ipv4_address_is_asked_for_backwards(void)
{
	CHECK(strcmp(reverse("192.0.2.10"), "10.2.0.192.in-addr.arpa") == 0);
	CHECK(strcmp(reverse("255.255.255.255"), "255.255.255.255.in-addr.arpa") == 0);
}

/* The example of RFC 3596 section 2.5. */
static void
an_ipv6_address_is_asked_for_by_nibbles(void)
{
	CHECK(strcmp(reverse("4321:0:1:2:3:4:567:89ab"), "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0."
	    "1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa") == 0);
	CHECK(text_is_name(reverse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
}

static void
a_final_dot_is_taken_off(void)
{
	char	 name[NAME_MAX_TEXT];

	CHECK(name_accept("host.example.", name) && strcmp(name, "host.example") == 0);
	CHECK(name_accept("host_1.Example", name) && strcmp(name, "host_1.Example") == 0);
	CHECK(text_ended(name, sizeof(name)));
}

static void
hostile_names_are_refused_and_leave_nothing(void)
{
	static const char *const	 bad[] = {
		"", ".", "..", "a..", ".a", "a..b", "a b", "a/b", "*.example", "a\\.b", "a\033[2J",
		"caf\xc3\xa9", "a\nb", "<script>",
	};
	char	 name[NAME_MAX_TEXT], longer[400], zero[NAME_MAX_TEXT] = "";

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(name, 'x', sizeof(name));
		CHECK(!name_accept(bad[i], name) && memcmp(name, zero, sizeof(zero)) == 0);
	}
	for (size_t len = 255; len < sizeof(longer); len++) {
		for (size_t i = 0; i < len; i++)
			longer[i] = i % 2 == 0 ? 'a' : '.';
		longer[len] = '\0';
		CHECK(!name_accept(longer, name));
	}
}

int
main(void)
{
	CASE(an_ipv4_address_is_asked_for_backwards);
	CASE(an_ipv6_address_is_asked_for_by_nibbles);
	CASE(a_final_dot_is_taken_off);
	CASE(hostile_names_are_refused_and_leave_nothing);
	return (test_done());
}
