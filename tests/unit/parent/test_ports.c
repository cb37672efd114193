/* Port expressions mean what they mean to nmap; sets of ports are sets. */

#include <stdio.h>
#include <string.h>

#include "parent.h"
#include "services.h"
#include "test.h"

static char	 error[PORTS_ERROR];

/* Write first-last at offset at of buf, as far as it fits; the length of the text so far. */
static size_t
put_range(char *buf, size_t size, size_t at, uint32_t first, uint32_t last)
{
	const char	*comma = at == 0 ? "" : ",";
	size_t		 room = at < size ? size - at : 0;
	char		*to = room == 0 ? NULL : buf + at;
	int		 n;

	if (first == last)
		n = snprintf(to, room, "%s%u", comma, first);
	else
		n = snprintf(to, room, "%s%u-%u", comma, first, last);
	return (at + (size_t)n);
}

/* The set as ports_parse() reads it: 1-3,80. */
static size_t
ports_text(const struct port_set *set, char *buf, size_t size)
{
	size_t		 at = 0;
	uint32_t	 last;

	if (size != 0)
		buf[0] = '\0';
	for (uint32_t first = 0; first < PORT_BITS; first = last + 1) {
		last = first;
		if (!ports_has(set, (uint16_t)first))
			continue;
		while (last + 1 < PORT_BITS && ports_has(set, (uint16_t)(last + 1)))
			last++;
		at = put_range(buf, size, at, first, last);
	}
	return (at);
}

/* Does the expression give exactly these ports, with or without others than TCP's? */
static bool
gives(const char *expr, const char *want, bool want_others)
{
	static char	 text[400000];
	struct port_set	 set = { .bits = { 0 } };
	bool		 others;

	if (ports_parse(expr, &set, &others, error) == -1) {
		printf("# %s: %s\n", expr, error);
		return (false);
	}
	(void)ports_text(&set, text, sizeof(text));
	if (strcmp(text, want) != 0)
		printf("# %s gives %.200s\n", expr, text);
	return (strcmp(text, want) == 0 && others == want_others);
}

/* Is it refused, in a line that has these words? */
static bool
refused(const char *expr, const char *words)
{
	struct port_set	 set = { .bits = { 0 } };
	bool		 others;

	memset(error, 0, sizeof(error));
	if (ports_parse(expr, &set, &others, error) == 0)
		return (false);
	if (strstr(error, words) == NULL)
		printf("# %s: %s\n", expr, error);
	return (strstr(error, words) != NULL);
}

static void
numbers_and_ranges(void)
{
	CHECK(gives("80", "80", false));
	CHECK(gives("1,2,3,80", "1-3,80", false));
	CHECK(gives("80,22,80", "22,80", false));
	CHECK(gives("20-25,24-30", "20-30", false));
	CHECK(gives("-5", "1-5", false));
	CHECK(gives("65530-", "65530-65535", false));
	CHECK(gives("-", "1-65535", false));
	CHECK(gives("00080", "80", false));
	CHECK(gives("3-3", "3", false));
}

static void
port_zero_only_by_name(void)
{
	CHECK(gives("0", "0", false));
	CHECK(gives("0-3", "0-3", false));
	CHECK(gives("0-", "0-65535", false));
	CHECK(refused("-0", "backwards"));
}

static void
spaces_and_a_last_comma_are_let_pass(void)
{
	CHECK(gives("1, 2", "1-2", false));
	CHECK(gives(" 7 ", "7", false));
	CHECK(gives("1,", "1", false));
	CHECK(refused("1 2", "neither"));
}

static void
names_of_services(void)
{
	CHECK(gives("ssh", "22", false));
	CHECK(gives("SSH", "22", false));
	CHECK(gives("ssh,smtp,21", "21-22,25", false));
	CHECK(gives("p?p3", "110", false));
	CHECK(gives("*op3", "110", false));
	CHECK(gives("pop*3", "110", false));
	CHECK(gives("*tp-alt", "591,8008,8080", false));
	CHECK(gives("U:ssh", "", true));
	CHECK(refused("nosuchservice", "no service"));
	CHECK(refused("T:80,U:nosuchservice", "nosuchservice"));
	CHECK(refused("ss", "no service"));
	CHECK(refused("sshh", "no service"));
	CHECK(refused("pop?3", "no service"));
}

/* The table says what http* has to give. */
static void
a_mask_gives_all_that_match(void)
{
	struct port_set	 set = { .bits = { 0 } };
	unsigned int	 want = 0, wrong = 0;
	bool		 others;

	CHECK(ports_parse("http*", &set, &others, error) == 0);
	for (size_t i = 0; i < nservices; i++)
		if (services[i].proto == PROTO_TCP) {
			bool	 match = strncasecmp(services[i].name, "http", 4) == 0;

			want += match;
			wrong += match != ports_has(&set, services[i].port);
		}
	CHECK(want > 5);
	CHECK(wrong == 0);
	CHECK(ports_count(&set) == want);
}

static void
brackets_keep_ports_with_a_name(void)
{
	CHECK(gives("[20-25]", "20-23,25", false));
	CHECK(gives("[0-1]", "1", false));
	CHECK(gives("[4]", "", false));
	CHECK(gives("4,[4-5]", "4-5", false));
	CHECK(gives("[5,4],4", "4-5", false));
	CHECK(gives("[T:4-5]", "5", false));
	CHECK(gives("T:[4-5],U:[1]", "5", true));
	CHECK(gives("[ssh]", "22", false));
}

static void
brackets_come_in_pairs(void)
{
	CHECK(refused("[1-5", "without its ]"));
	CHECK(refused("1-5]", "without its ["));
	CHECK(refused("[[1-3]]", "within"));
	CHECK(refused("[1,[2]]", "within"));
	CHECK(refused("[1-5]7", "neither"));
	CHECK(refused("5[1-5]", "without its ["));
	CHECK(refused("[]", "missing"));
}

static void
protocols_stick_and_all_but_tcp_are_ignored(void)
{
	CHECK(gives("T:1,2", "1-2", false));
	CHECK(gives("T:1,2,U:53,54,S:9,P:1-2,T:7", "1-2,7", true));
	CHECK(gives("U:1-", "", true));
	CHECK(gives("1,U:2,3", "1", true));
	CHECK(gives("P:-", "", true));
	CHECK(gives("P:255,tcp", "", true));
	CHECK(refused("P:256", "0 to 255"));
	CHECK(refused("U:65536", "0 to 65535"));
	CHECK(refused("U:9-5", "backwards"));
	CHECK(refused("t:5", "T: U: S: and P:"));
	CHECK(refused("X:5", "T: U: S: and P:"));
}

static void
nonsense_is_refused_and_quoted(void)
{
	char	 longer[200];

	CHECK(refused("", "missing"));
	CHECK(refused(",1", "missing"));
	CHECK(refused("1,,2", "missing"));
	CHECK(refused("T:", "missing"));
	CHECK(refused("T:,1", "missing"));
	CHECK(refused("5-3", "\"5-3\": the range runs backwards"));
	CHECK(refused("80,65536", "\"65536\": a port is 0 to 65535"));
	CHECK(refused("65536-", "0 to 65535"));
	CHECK(refused("1-4294967297", "0 to 65535"));
	CHECK(refused("18446744073709551617", "0 to 65535"));
	CHECK(refused("1-2-3", "not a range"));
	CHECK(refused("-1-5", "not a range"));
	CHECK(refused("--", "not a range"));
	CHECK(refused("+80", "no service"));
	CHECK(refused("80;22", "neither"));
	CHECK(refused("1-http", "no service"));
	CHECK(refused("\x1b[31m", "neither"));
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	CHECK(refused(longer, "longer than any"));
	CHECK(strlen(error) < PORTS_ERROR - 1);
}

static void
the_top_ports_are_the_first_ranks(void)
{
	struct port_set	 set = { .bits = { 0 } };

	ports_top(100, NULL, &set);
	CHECK(ports_count(&set) == 100);
	for (size_t i = 0; i < 100; i++)
		CHECK(ports_has(&set, tcp_ranks[i]));
}

static void
excluded_ports_make_room_for_the_next(void)
{
	struct port_set	 set = { .bits = { 0 } }, gone = { .bits = { 0 } };
	bool		 others;

	CHECK(ports_parse("80,443", &gone, &others, error) == 0);
	ports_top(10, &gone, &set);
	CHECK(ports_count(&set) == 10);
	CHECK(!ports_has(&set, 80) && !ports_has(&set, 443));
	CHECK(ports_has(&set, tcp_ranks[11]) && !ports_has(&set, tcp_ranks[12]));
}

static void
more_than_all_ranks_go_on_by_number(void)
{
	struct port_set	 ranked = { .bits = { 0 } }, set = { .bits = { 0 } };
	struct port_set	 all = { .bits = { 0 } };
	uint16_t	 next = 1;

	ports_top((unsigned int)ntcp_ranks, NULL, &ranked);
	CHECK(ports_count(&ranked) == ntcp_ranks);
	while (ports_has(&ranked, next))
		next++;
	ports_top((unsigned int)ntcp_ranks + 1, NULL, &set);
	CHECK(ports_count(&set) == ntcp_ranks + 1);
	CHECK(ports_has(&set, next));
	ports_top(1000000, NULL, &all);
	CHECK(ports_count(&all) == 65535 && !ports_has(&all, 0));
}

static void
sets_are_taken_from_each_other(void)
{
	struct port_set	 a = { .bits = { 0 } }, b = { .bits = { 0 } }, c;
	char		 text[32];
	bool		 others;

	CHECK(ports_parse("1-10,65535", &a, &others, error) == 0);
	CHECK(ports_parse("5-20", &b, &others, error) == 0);
	c = a;
	ports_remove(&c, &b);
	(void)ports_text(&c, text, sizeof(text));
	CHECK(strcmp(text, "1-4,65535") == 0);
	c = a;
	ports_intersect(&c, &b);
	(void)ports_text(&c, text, sizeof(text));
	CHECK(strcmp(text, "5-10") == 0);
	CHECK(ports_count(&a) == 11);
}

static void
text_is_read_back_as_the_same_set(void)
{
	static char	 text[400000];
	struct port_set	 set = { .bits = { 0 } }, back = { .bits = { 0 } };
	bool		 others;
	uint32_t	 x = 12345;

	for (size_t i = 0; i < sizeof(set.bits); i++) {
		x = x * 1664525 + 1013904223;
		set.bits[i] = (uint8_t)(x >> 24);
	}
	CHECK(ports_text(&set, text, sizeof(text)) < sizeof(text));
	CHECK(ports_parse(text, &back, &others, error) == 0);
	CHECK(memcmp(&set, &back, sizeof(set)) == 0);
}

int
main(void)
{
	CASE(numbers_and_ranges);
	CASE(port_zero_only_by_name);
	CASE(spaces_and_a_last_comma_are_let_pass);
	CASE(names_of_services);
	CASE(a_mask_gives_all_that_match);
	CASE(brackets_keep_ports_with_a_name);
	CASE(brackets_come_in_pairs);
	CASE(protocols_stick_and_all_but_tcp_are_ignored);
	CASE(nonsense_is_refused_and_quoted);
	CASE(the_top_ports_are_the_first_ranks);
	CASE(excluded_ports_make_room_for_the_next);
	CASE(more_than_all_ranks_go_on_by_number);
	CASE(sets_are_taken_from_each_other);
	CASE(text_is_read_back_as_the_same_set);
	return (test_done());
}
