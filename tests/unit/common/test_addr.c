/* Addresses: text and back, and no stray byte in what is called valid. */

#include <arpa/inet.h>

#include <string.h>

#include "addr.h"
#include "test.h"

static struct addr
parsed(const char *text)
{
	struct addr	 a;

	CHECK(addr_parse(text, &a) == 0);
	return (a);
}

/* Does text, parsed and written again, give want? */
static bool
writes(const char *text, const char *want)
{
	struct addr	 a = parsed(text);
	char		 buf[ADDR_TEXT];

	return (addr_valid(&a) && strcmp(addr_text(&a, buf), want) == 0);
}

static void
ipv4_text(void)
{
	CHECK(writes("0.0.0.0", "0.0.0.0"));
	CHECK(writes("192.0.2.1", "192.0.2.1"));
	CHECK(writes("255.255.255.255", "255.255.255.255"));
}

/* Each number at each of the four places, as inet_ntop(3) writes it. */
static void
ipv4_text_is_the_librarys(void)
{
	char	 want[ADDR_TEXT], buf[ADDR_TEXT];

	for (uint32_t v = 0; v < 256; v++)
		for (unsigned int shift = 0; shift < 32; shift += 8) {
			struct addr	 a = addr_from_ipv4(v << shift);

			CHECK(inet_ntop(AF_INET, a.ip, want, sizeof(want)) != NULL);
			CHECK(strcmp(addr_text(&a, buf), want) == 0);
		}
}

/* RFC 5952, sections 4 and 5. */
static void
ipv6_text_is_the_canonical_one(void)
{
	CHECK(writes("2001:0DB8:0:0:0:0:0:1", "2001:db8::1"));
	CHECK(writes("::", "::"));
	CHECK(writes("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"));
	CHECK(writes("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"));
	CHECK(writes("::ffff:192.0.2.1", "::ffff:192.0.2.1"));
	CHECK(writes("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
}

static void
not_addresses(void)
{
	const char	*bad[] = {
		"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ", " 1.2.3.4", "01.2.3.4",
		"0x1.2.3.4", "1.2.3.4/32", "1.2.3.4\n", "1..2.3", ":", ":::", "1::2::3",
		"fe80::1%lo", "12345::", "g::", "[::1]", "localhost"
	};
	struct addr	 a;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(addr_parse(bad[i], &a) == -1);
		CHECK(a.family == FAMILY_NONE);
	}
}

static void
no_address_has_no_text(void)
{
	struct addr	 none = { .family = FAMILY_NONE };
	char		 buf[ADDR_TEXT] = "x";

	CHECK(strcmp(addr_text(&none, buf), "") == 0);
	CHECK(addr_valid(&none));
}

static void
numbers_and_back(void)
{
	struct addr	 a = addr_from_ipv4(0xc0000201), b = parsed("192.0.2.1");

	CHECK(addr_equal(&a, &b));
	CHECK(addr_to_ipv4(&a) == 0xc0000201);
	a = addr_from_ipv4(0xffffffff);
	CHECK(addr_to_ipv4(&a) == 0xffffffff && addr_valid(&a));
}

static void
equal_means_family_and_all_bytes(void)
{
	struct addr	 zero4 = parsed("0.0.0.0"), zero6 = parsed("::");
	struct addr	 a = parsed("2001:db8::1"), b = parsed("2001:db8::2");

	CHECK(!addr_equal(&zero4, &zero6));
	CHECK(!addr_equal(&a, &b));
	CHECK(addr_equal(&a, &a));
}

static void
unused_bytes_are_zero_and_the_family_known(void)
{
	struct addr	 a;

	for (size_t i = 4; i < 16; i++) {
		a = parsed("192.0.2.1");
		a.ip[i] = 1;
		CHECK(!addr_valid(&a));
	}
	for (size_t i = 0; i < 3; i++) {
		a = parsed("2001:db8::1");
		a.zero[i] = 1;
		CHECK(!addr_valid(&a));
	}
	for (unsigned int family = 0; family < 256; family++) {
		a = (struct addr){ .family = (uint8_t)family };
		CHECK(addr_valid(&a) == (family == 0 || family == 4 || family == 6));
	}
	a = (struct addr){ .family = FAMILY_NONE, .ip = { 1 } };
	CHECK(!addr_valid(&a));
}

int
main(void)
{
	CASE(ipv4_text);
	CASE(ipv4_text_is_the_librarys);
	CASE(ipv6_text_is_the_canonical_one);
	CASE(not_addresses);
	CASE(no_address_has_no_text);
	CASE(numbers_and_back);
	CASE(equal_means_family_and_all_bytes);
	CASE(unused_bytes_are_zero_and_the_family_known);
	return (test_done());
}
