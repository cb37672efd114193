/* Target expressions mean what they mean to nmap; what is excluded is excluded exactly. */

#include <string.h>

#include "parent.h"
#include "test.h"

static char	 error[TARGET_ERROR];

/* Is it a set of so many addresses, with this first and this last one? */
static bool
is_set(const char *text, uint64_t count, const char *first, const char *last)
{
	struct target	 t;
	struct addr	 a, b;
	char		 one[ADDR_TEXT], other[ADDR_TEXT];

	if (target_parse(text, &t, error) == -1) {
		printf("# %s\n", error);
		return (false);
	}
	a = target_address(&t, 0);
	b = target_address(&t, t.count - 1);
	if (t.name[0] != '\0' || t.count != count ||
	    strcmp(addr_text(&a, one), first) != 0 || strcmp(addr_text(&b, other), last) != 0) {
		printf("# %s: %llu, %s to %s\n", text, (unsigned long long)t.count, one, other);
		return (false);
	}
	return (true);
}

static bool
is_name(const char *text, const char *name, unsigned int prefix)
{
	struct target	 t;

	if (target_parse(text, &t, error) == -1) {
		printf("# %s\n", error);
		return (false);
	}
	return (strcmp(t.name, name) == 0 && t.prefix == prefix);
}

static bool
refused(const char *text, const char *words)
{
	struct target	 t;

	memset(error, 0, sizeof(error));
	if (target_parse(text, &t, error) == 0)
		return (false);
	if (strstr(error, words) == NULL)
		printf("# %s\n", error);
	return (strstr(error, words) != NULL);
}

static struct target
set_of(const char *text)
{
	struct target	 t;

	CHECK(target_parse(text, &t, error) == 0);
	return (t);
}

static void
one_address(void)
{
	CHECK(is_set("10.0.0.1", 1, "10.0.0.1", "10.0.0.1"));
	CHECK(is_set("255.255.255.255", 1, "255.255.255.255", "255.255.255.255"));
	CHECK(is_set("010.0.0.0001", 1, "10.0.0.1", "10.0.0.1"));	/* Decimal, as in nmap. */
}

static void
blocks(void)
{
	CHECK(is_set("10.0.0.1/32", 1, "10.0.0.1", "10.0.0.1"));
	CHECK(is_set("10.0.0.1/031", 2, "10.0.0.0", "10.0.0.1"));
	CHECK(is_set("10.0.0.77/24", 256, "10.0.0.0", "10.0.0.255"));
	CHECK(is_set("10.0.77.1/20", 4096, "10.0.64.0", "10.0.79.255"));
	CHECK(is_set("10.1.2.3/8", 1 << 24, "10.0.0.0", "10.255.255.255"));
	CHECK(is_set("1.2.3.4/0", 1ULL << 32, "0.0.0.0", "255.255.255.255"));
}

static void
lists_and_ranges(void)
{
	CHECK(is_set("10.0.0.1-5", 5, "10.0.0.1", "10.0.0.5"));
	CHECK(is_set("10.0.0,2-5.-7", 40, "10.0.0.0", "10.0.5.7"));
	CHECK(is_set("10.0.0.250-", 6, "10.0.0.250", "10.0.0.255"));
	CHECK(is_set("10.0.0.-", 256, "10.0.0.0", "10.0.0.255"));
	CHECK(is_set("10.0.0.*", 256, "10.0.0.0", "10.0.0.255"));
	CHECK(is_set("10.0.0.9,1,5,1-2", 4, "10.0.0.1", "10.0.0.9"));
	CHECK(is_set("*.*.*.*", 1ULL << 32, "0.0.0.0", "255.255.255.255"));
	CHECK(is_set("-.1.1.1", 256, "0.1.1.1", "255.1.1.1"));
}

static void
lists_of_blocks(void)
{
	CHECK(is_set("10.0.0.*/30", 256, "10.0.0.0", "10.0.0.255"));
	CHECK(is_set("10.0.0.1,9/30", 8, "10.0.0.0", "10.0.0.11"));
	CHECK(is_set("10.0.1,5.7/23", 1024, "10.0.0.0", "10.0.5.255"));
	CHECK(is_set("-.1.1.1/30", 1024, "0.1.1.0", "255.1.1.3"));
}

/* Every number has its address, in rising order, and each is in the set. */
static void
addresses_are_numbered_in_rising_order(void)
{
	struct target	 t = set_of("10.3,250.0-1,255.8,15-16,200-");
	uint32_t	 was = 0, ip;
	struct addr	 a;

	CHECK(t.count == 2ULL * 3 * 59);
	for (uint64_t n = 0; n < t.count; n++) {
		a = target_address(&t, n);
		ip = addr_to_ipv4(&a);
		CHECK(ip > was);
		CHECK(a.ip[0] == 10 && (a.ip[1] == 3 || a.ip[1] == 250));
		CHECK(a.ip[2] <= 1 || a.ip[2] == 255);
		CHECK(a.ip[3] == 8 || a.ip[3] == 15 || a.ip[3] == 16 || a.ip[3] >= 200);
		was = ip;
	}
}

static void
names(void)
{
	char	 longest[256];

	CHECK(is_name("localhost", "localhost", 32));
	CHECK(is_name("www.Example.com/28", "www.Example.com", 28));
	CHECK(is_name("example.com.", "example.com", 32));
	CHECK(is_name("example.com./0", "example.com", 0));
	CHECK(is_name("10.0.0.1x", "10.0.0.1x", 32));
	CHECK(is_name("3com", "3com", 32));
	memset(longest, 'a', sizeof(longest));
	for (int i = 63; i < 253; i += 64)
		longest[i] = '.';
	longest[253] = '.';
	longest[254] = '\0';
	CHECK(target_parse(longest, &(struct target){ .count = 0 }, error) == 0);
	longest[253] = 'a';
	CHECK(refused(longest, "neither an address nor a host name"));
}

static void
neither_name_nor_address(void)
{
	CHECK(refused("", "neither"));
	CHECK(refused("/24", "neither"));
	CHECK(refused("a..b", "neither"));
	CHECK(refused("a b", "neither"));
	CHECK(refused("host:80", "neither"));
	CHECK(refused("1.2.3.4:80", "neither"));
	CHECK(refused("*.example.com", "neither"));
	CHECK(refused("-oX/../etc", "slash"));
	CHECK(refused("\x1b[31m", "neither"));
	CHECK(refused("10.0.0.1\n", "neither"));
	CHECK(refused("\xc3\xbc.example", "neither"));
}

/* nmap hands some of these to the system's resolver, which makes 1.2.0.3 of 1.2.3. */
static void
bad_octets_are_never_a_name(void)
{
	CHECK(refused("1.2.3", "\"1.2.3\": not four octets"));
	CHECK(refused("1", "not four octets"));
	CHECK(refused("1.2.3.4.5", "not four octets"));
	CHECK(refused("1.2.3.4.", "not four octets"));
	CHECK(refused("1.2..4", "missing"));
	CHECK(refused(".", "missing"));
	CHECK(refused("10.0.0.256", "0 to 255"));
	CHECK(refused("10.0.0.4294967297", "0 to 255"));
	CHECK(refused("10.0.0.1-300", "0 to 255"));
	CHECK(refused("10.0.0.300-", "0 to 255"));
	CHECK(refused("10.0.0.5-3", "backwards"));
	CHECK(refused("10.0.0.1,", "missing"));
	CHECK(refused("10.0.0.,1", "missing"));
	CHECK(refused("10.0.0.1-2-3", "not four octets"));
	CHECK(refused("10.0.0.1-2*", "not four octets"));
	CHECK(refused("10.0.0.--", "not four octets"));
	CHECK(refused("*", "not four octets"));
}

static void
bad_prefixes(void)
{
	CHECK(refused("10.0.0.1/33", "\"10.0.0.1/33\": a prefix is 0 to 32"));
	CHECK(refused("10.0.0.1/4294967296", "0 to 32"));
	CHECK(refused("localhost/33", "0 to 32"));
	CHECK(refused("10.0.0.1/", "slash"));
	CHECK(refused("10.0.0.1/24x", "slash"));
	CHECK(refused("10.0.0.1/+24", "slash"));
	CHECK(refused("10.0.0.1/-1", "slash"));
	CHECK(refused("10.0.0.1/24/8", "slash"));
	CHECK(refused("10.0.0.1//24", "slash"));
	CHECK(refused("10.0.0.1/255.255.255.0", "slash"));
}

static void
ipv6_is_said_to_be_missing(void)
{
	CHECK(refused("::1", "IPv6 is not supported yet: ::1"));
	CHECK(refused("2001:db8::/32", "IPv6 is not supported yet"));
	CHECK(refused("fe80::1%eth0", "IPv6 is not supported yet"));
}

static void
what_is_too_long_is_refused_and_cut(void)
{
	static char	 text[5000];

	memset(text, 'a', sizeof(text) - 1);
	CHECK(refused(text, "too long"));
	text[300] = '\0';
	CHECK(refused(text, "253"));
	memset(text, '1', 1023);
	text[1023] = '\0';
	CHECK(refused(text, "0 to 255"));
	CHECK(strlen(error) < TARGET_ERROR - 1);
}

static bool
resolves_to(const char *name, const char *address, uint64_t count, const char *first)
{
	struct target	 t = set_of(name);
	struct addr	 a;
	char		 text[ADDR_TEXT];

	CHECK(addr_parse(address, &a) == 0);
	target_resolved(&t, &a, &t);
	if (t.name[0] != '\0' || t.count != count)
		return (false);
	if (count == 0)
		return (true);
	a = target_address(&t, 0);
	return (strcmp(addr_text(&a, text), first) == 0);
}

static void
a_name_becomes_the_block_round_its_address(void)
{
	CHECK(resolves_to("host.example", "192.0.2.77", 1, "192.0.2.77"));
	CHECK(resolves_to("host.example/24", "192.0.2.77", 256, "192.0.2.0"));
	CHECK(resolves_to("host.example/0", "192.0.2.77", 1ULL << 32, "0.0.0.0"));
	CHECK(resolves_to("host.example/24", "2001:db8::1", 0, ""));
}

static struct exclusion	*x;
static uint8_t		 map[65536];	/* the reference: 1 for what 10.9.0.0/16 has of x */

/* A new one in x.  They live as long as the process; made keeps the sanitizer from worry. */
static void
start(void)
{
	static struct exclusion	*made[16];
	static unsigned int	 n;

	if (n == 16 || (x = made[n++] = exclusion_new()) == NULL)
		abort();
	memset(map, 0, sizeof(map));
}

static void
exclude(const char *text)
{
	struct target	 t = set_of(text);

	CHECK(exclusion_add(x, &t) == 0);
	for (uint64_t n = 0; n < t.count; n++) {
		struct addr	 a = target_address(&t, n);

		if (a.ip[0] == 10 && a.ip[1] == 9)
			map[a.ip[2] << 8 | a.ip[3]] = 1;
	}
}

/* Is this one address excluded? */
static bool
exclusion_has(const struct exclusion *e, const struct addr *a)
{
	static struct target	 one;
	char			 text[ADDR_TEXT], why[TARGET_ERROR];

	CHECK(target_parse(addr_text(a, text), &one, why) == 0);
	return (exclusion_run(e, &one, 0) == 0);
}

static bool
has(const char *address)
{
	struct addr	 a;

	CHECK(addr_parse(address, &a) == 0);
	return (exclusion_has(x, &a));
}

static void
compare_with_map(void)
{
	unsigned int	 wrong = 0;

	for (uint32_t i = 0; i < 65536; i++) {
		struct addr	 a = addr_from_ipv4(0x0a090000 | i);

		wrong += exclusion_has(x, &a) != (map[i] != 0);
	}
	CHECK(wrong == 0);
}

/* Walk a set within the map by runs: each says excluded for excluded addresses only. */
static void
compare_runs(const char *text)
{
	struct target	 t = set_of(text);
	unsigned int	 wrong = 0, steps = 0;
	uint64_t	 n = 0, last;

	while (n < t.count && steps++ < 200000) {
		last = exclusion_run(x, &t, n);
		for (uint64_t i = n; i <= (last + 1 == n ? n : last); i++) {
			struct addr	 a = target_address(&t, i);

			wrong += (map[a.ip[2] << 8 | a.ip[3]] != 0) != (last + 1 != n);
		}
		n = last + 1 == n ? n + 1 : last + 1;
	}
	CHECK(wrong == 0);
	CHECK(n == t.count);
}

static void
nothing_is_excluded_at_first(void)
{
	struct target	 t = set_of("10.9.0.0/16");

	start();
	exclusion_ready(x);
	CHECK(!has("10.9.0.0"));
	CHECK(!has("0.0.0.0"));
	CHECK(exclusion_run(x, &t, 5) == 4);
	CHECK(exclusion_run(x, &t, 0) == UINT64_MAX);
}

static void
the_ends_of_the_address_space(void)
{
	start();
	exclude("255.255.255.255");
	exclude("255.255.255.0-254");
	exclude("0.0.0.0");
	exclusion_ready(x);
	CHECK(has("255.255.255.255") && has("255.255.255.0") && has("0.0.0.0"));
	CHECK(!has("255.255.254.255") && !has("0.0.0.1"));
}

/* Rows that touch are one; a set with gaps is stepped over to its last address in the row. */
static void
a_row_is_stepped_over_at_once(void)
{
	struct target	 block = set_of("10.9.0.0/16"), gaps = set_of("10.9.1-2.10,250");

	start();
	exclude("10.9.1.128-255");
	exclude("10.9.2.0-99");
	exclude("10.9.1.0/25");
	exclusion_ready(x);
	CHECK(exclusion_run(x, &block, 255) == 254);
	CHECK(exclusion_run(x, &block, 256) == 256 + 256 + 99);
	CHECK(exclusion_run(x, &gaps, 0) == 2);
	CHECK(exclusion_run(x, &gaps, 3) == 2);
}

static void
lists_and_blocks_are_excluded_exactly(void)
{
	start();
	exclude("10.9.8.0/22");
	exclude("10.9.9.7");
	exclude("10.9.12.0");
	exclude("10.9.100-110.250-");
	exclude("10.9.200-201.*");
	exclude("10.8-9.40,42.1,3,5-9");
	exclusion_ready(x);
	CHECK(has("10.8.42.7") && !has("10.8.41.7"));
	compare_with_map();
	compare_runs("10.9.0.0/16");
	compare_runs("10.9.8-13,200.1-7,20-");
}

/* These have too many rows of addresses to be kept as such. */
static void
odd_lists_are_excluded_exactly(void)
{
	start();
	exclude("10.9.*.1,3,77-90");
	exclude("*.*.5-20.9");
	exclude("10.9.30.0/24");
	exclusion_ready(x);
	CHECK(has("200.7.20.9") && !has("200.7.21.9"));
	compare_with_map();
	compare_runs("10.9.0.0/16");
	compare_runs("10.9.*.70-80,255");
}

static void
everything_can_be_excluded(void)
{
	struct target	 t = set_of("0.0.0.0/0");

	start();
	CHECK(exclusion_add(x, &t) == 0);
	exclusion_ready(x);
	CHECK(has("0.0.0.0") && has("127.3.4.5") && has("255.255.255.255"));
	CHECK(exclusion_run(x, &t, 0) == UINT32_MAX);
}

/* Many overlapping blocks and single addresses in no order. */
static void
a_hundred_thousand_are_excluded_exactly(void)
{
	unsigned int	 missing = 0;
	uint32_t	 r = 1;
	char		 text[48];

	start();
	for (int i = 0; i < 100000; i++) {
		r = r * 1664525 + 1013904223;
		if (i % 4 != 0)
			snprintf(text, sizeof(text), "11.%u.%u.%u", r >> 24, r >> 16 & 0xff,
			    r >> 8 & 0xff);
		else
			snprintf(text, sizeof(text), "10.9.%u.%u/%u", r >> 24, r >> 16 & 0x7f,
			    i % 400 == 0 ? 29U : 32U);
		exclude(text);
	}
	exclusion_ready(x);
	compare_with_map();
	compare_runs("10.9.0.0/16");
	r = 1;
	for (int i = 0; i < 100000; i++) {
		struct addr	 a;

		r = r * 1664525 + 1013904223;
		a = addr_from_ipv4(11U << 24 | r >> 8);
		missing += i % 4 != 0 && !exclusion_has(x, &a);
	}
	CHECK(missing == 0);
}

int
main(void)
{
	CASE(one_address);
	CASE(blocks);
	CASE(lists_and_ranges);
	CASE(lists_of_blocks);
	CASE(addresses_are_numbered_in_rising_order);
	CASE(names);
	CASE(neither_name_nor_address);
	CASE(bad_octets_are_never_a_name);
	CASE(bad_prefixes);
	CASE(ipv6_is_said_to_be_missing);
	CASE(what_is_too_long_is_refused_and_cut);
	CASE(a_name_becomes_the_block_round_its_address);
	CASE(nothing_is_excluded_at_first);
	CASE(the_ends_of_the_address_space);
	CASE(a_row_is_stepped_over_at_once);
	CASE(lists_and_blocks_are_excluded_exactly);
	CASE(odd_lists_are_excluded_exactly);
	CASE(everything_can_be_excluded);
	CASE(a_hundred_thousand_are_excluded_exactly);
	return (test_done());
}
