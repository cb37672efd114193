/* What strangers wrote is a host name or is made safe to print. */

#include <stdint.h>
#include <string.h>

#include "test.h"
#include "text.h"

static void
host_names(void)
{
	CHECK(text_is_name("a"));
	CHECK(text_is_name("www.Example-2.com"));
	CHECK(text_is_name("_dmarc.example.com"));
	CHECK(text_is_name("3com"));
}

static void
not_host_names(void)
{
	const char	*bad[] = {
		"", ".", "a.", ".a", "a..b", "a b", "a\tb", "a/b", "a:b", "a\\b", "a(b", "a<b",
		"a\"b", "a'b", "a;b", "$(a)", "a\nb", "a\x1b[m", "\xc3\xbc.de", "a\x7f"
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!text_is_name(bad[i]));
}

static void
labels_have_63_bytes_and_names_253(void)
{
	char	 name[256];

	memset(name, 'a', sizeof(name));
	name[63] = '\0';
	CHECK(text_is_name(name));
	name[63] = 'a';
	name[64] = '\0';
	CHECK(!text_is_name(name));
	memset(name, 'a', sizeof(name));
	for (int i = 63; i < 253; i += 64)
		name[i] = '.';
	name[253] = '\0';
	CHECK(text_is_name(name));
	name[253] = 'a';
	name[254] = '\0';
	CHECK(!text_is_name(name));
}

static void
every_byte_but_printable_ascii_is_escaped(void)
{
	char	 src[2] = "?", dst[8];

	for (int c = 1; c < 256; c++) {
		src[0] = (char)c;
		CHECK(text_escape(dst, sizeof(dst), src) == dst);
		CHECK(text_printable(dst));
		CHECK((strcmp(dst, src) == 0) == (c >= ' ' && c <= '~' && c != '\\'));
	}
}

static void
escapes_are_hexadecimal(void)
{
	char	 dst[64];

	CHECK(strcmp(text_escape(dst, sizeof(dst), "a\x1b[31m\n\\b\xff"),
	    "a\\x1b[31m\\x0a\\x5cb\\xff") == 0);
	CHECK(strcmp(text_escape(dst, sizeof(dst), ""), "") == 0);
}

/* Whatever the room, it ends with a NUL within it and with no half escape. */
static void
an_escape_is_never_cut_in_half(void)
{
	const char	*whole = "ab\\x1b\\x1bcd\\xff";
	char		 dst[32];

	for (size_t size = 1; size < sizeof(dst); size++) {
		size_t	 len;

		memset(dst, '?', sizeof(dst));
		(void)text_escape(dst, size, "ab\x1b\x1b" "cd\xff");
		len = strlen(dst);
		CHECK(len < size && dst[size] == '?');
		CHECK(strncmp(dst, whole, len) == 0);
		/* Escapes begin at 2, 6 and 12. */
		CHECK(len <= 2 || len == 6 || (len >= 10 && len <= 12) || len == 16);
	}
	CHECK(strcmp(dst, whole) == 0);
	dst[0] = '?';
	(void)text_escape(dst, 0, "a");
	CHECK(dst[0] == '?');
}

static void
text_ends_within_its_field(void)
{
	char	 field[8] = "abc";

	CHECK(text_ended(field, sizeof(field)));
	CHECK(!text_ended(field, 3));
	CHECK(text_ended(field, 4));
	field[6] = 'x';
	CHECK(!text_ended(field, sizeof(field)));
	memset(field, 'a', sizeof(field));
	CHECK(!text_ended(field, sizeof(field)));
	memset(field, 0, sizeof(field));
	CHECK(text_ended(field, sizeof(field)));
	CHECK(!text_ended(field, 0));
}

static void
printable_is_ascii_without_control_bytes(void)
{
	CHECK(text_printable(""));
	CHECK(text_printable(" az~\\\""));
	CHECK(!text_printable("a\n"));
	CHECK(!text_printable("\x7f"));
	CHECK(!text_printable("\x80"));
	CHECK(!text_printable("\x1b[31m"));
}

static void
times_are_in_utc_with_microseconds(void)
{
	struct timespec	 ts = { .tv_sec = 1795396967, .tv_nsec = 4005999 };
	char		 text[TIME_TEXT];

	setenv("TZ", "XYZ-7:30", 1);
	tzset();
	CHECK(strcmp(text_time(text, &ts), "2026-11-23T01:22:47.004005Z") == 0);
	ts = (struct timespec){ .tv_sec = 0, .tv_nsec = 999999999 };
	CHECK(strcmp(text_time(text, &ts), "1970-01-01T00:00:00.999999Z") == 0);
	ts.tv_sec = INT64_MAX;		/* which no calendar has */
	CHECK(strlen(text_time(text, &ts)) < TIME_TEXT && text_printable(text));
}

int
main(void)
{
	CASE(host_names);
	CASE(not_host_names);
	CASE(labels_have_63_bytes_and_names_253);
	CASE(every_byte_but_printable_ascii_is_escaped);
	CASE(escapes_are_hexadecimal);
	CASE(an_escape_is_never_cut_in_half);
	CASE(text_ends_within_its_field);
	CASE(printable_is_ascii_without_control_bytes);
	CASE(times_are_in_utc_with_microseconds);
	return (test_done());
}
