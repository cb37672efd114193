/* Hosts files, both ways: what users write into them, and what a hostile one could. */

#include <sys/mman.h>

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "resolver.h"
#include "test.h"

static char	 said[600];

static void
keep_warning(enum say_level level, const char *text)
{
	(void)level;
	snprintf(said, sizeof(said), "%s", text);
}

static int
file_of(const void *bytes, size_t len)
{
	int	 fd = memfd_create("hosts", MFD_CLOEXEC);

	if (fd == -1 || write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return (fd);
}

static void
load(const char *text)
{
	hosts_read(file_of(text, strlen(text)));
}

/* The addresses of a name as text, with commas. */
static const char *
addresses(const char *name, enum family family)
{
	static char	 text[ADDRESSES_MAX * ADDR_TEXT];
	struct answer	 answer = { .n = 0 };
	char		 buf[ADDR_TEXT];
	size_t		 at = 0;

	hosts_addresses(name, family, &answer);
	text[0] = '\0';
	for (unsigned int i = 0; i < answer.n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i == 0 ? "" : ",",
		    addr_text(&answer.addr[i], buf));
	return (text);
}

static const char *
name_of(const char *text)
{
	static char	 name[NAME_MAX_TEXT];
	struct addr	 a;

	CHECK(addr_parse(text, &a) == 0);
	return (hosts_name(&a, name) ? name : "");
}

static void
names_and_addresses_are_found_both_ways(void)
{
	load("10.1.0.1\tfirst.example first one\n"
	    "2001:db8::1 first.example\n"
	    "10.1.0.2 first.example\n"
	    "10.1.0.1 later.example");
	CHECK(strcmp(addresses("first.example", FAMILY_NONE),
	    "10.1.0.1,2001:db8::1,10.1.0.2") == 0);
	CHECK(strcmp(addresses("FIRST", FAMILY_IPV4), "10.1.0.1") == 0);
	CHECK(strcmp(addresses("first.example", FAMILY_IPV6), "2001:db8::1") == 0);
	CHECK(strcmp(addresses("later.example", FAMILY_IPV4), "10.1.0.1") == 0);
	CHECK(strcmp(addresses("firs", FAMILY_NONE), "") == 0);
	CHECK(strcmp(name_of("10.1.0.1"), "first.example") == 0);
	CHECK(strcmp(name_of("2001:db8::1"), "first.example") == 0);
	CHECK(strcmp(name_of("10.1.0.3"), "") == 0);
}

static void
comments_and_lmhosts_tags_are_skipped(void)
{
	load("# 10.2.0.1 commented\n"
	    "10.2.0.2 RHINO #PRE #DOM:networking\r\n"
	    "10.2.0.3 \"appname  \\0x14\" #special\r\n"
	    "#INCLUDE \\\\server\\share\\lmhosts\r\n"
	    "#BEGIN_ALTERNATE\r\n"
	    "  10.2.0.4 spaced#PRE\n"
	    "10.2.0.5 dotted.example.\n");
	CHECK(strcmp(name_of("10.2.0.1"), "") == 0);
	CHECK(strcmp(name_of("10.2.0.2"), "RHINO") == 0);
	CHECK(strcmp(addresses("rhino", FAMILY_IPV4), "10.2.0.2") == 0);
	CHECK(strcmp(addresses("#PRE", FAMILY_NONE), "") == 0);
	CHECK(strcmp(name_of("10.2.0.3"), "") == 0);
	CHECK(strcmp(name_of("10.2.0.4"), "spaced") == 0);
	CHECK(strcmp(name_of("10.2.0.5"), "dotted.example") == 0);
}

static void
localhost_is_built_in(void)
{
	CHECK(strcmp(addresses("LocalHost", FAMILY_NONE), "127.0.0.1,::1") == 0);
	CHECK(strcmp(addresses("localhost", FAMILY_IPV4), "127.0.0.1") == 0);
	CHECK(strcmp(addresses("localhost", FAMILY_IPV6), "::1") == 0);
	load("127.0.0.9 localhost\n");
	CHECK(strcmp(addresses("localhost", FAMILY_IPV4), "127.0.0.9") == 0);
}

static void
hostile_lines_are_skipped_alone(void)
{
	char	 text[4096] = "10.3.0.1 before\n10.3.0.2 ";
	size_t	 at = strlen(text);

	memset(text + at, 'a', 2000);
	at += 2000;
	at += (size_t)snprintf(text + at, sizeof(text) - at,
	    " tail\n10.3.0.3 \033[31mred\n10.3.0.4 a/b good.example\n10.3.0.999 wrong\n"
	    "10.3.0 short\nfe80::1%%lo scoped\n10.3.0.5\n\n   \n10.3.0.6 nul");
	text[at++] = '\0';
	at += (size_t)snprintf(text + at, sizeof(text) - at, "behind\n10.3.0.7 after\n");
	hosts_read(file_of(text, at));
	CHECK(strcmp(name_of("10.3.0.1"), "before") == 0);
	CHECK(strcmp(name_of("10.3.0.2"), "") == 0);
	CHECK(strcmp(addresses("tail", FAMILY_NONE), "") == 0);
	CHECK(strcmp(name_of("10.3.0.3"), "") == 0);
	CHECK(strcmp(name_of("10.3.0.4"), "good.example") == 0);
	CHECK(strcmp(addresses("wrong", FAMILY_NONE), "") == 0);
	CHECK(strcmp(addresses("scoped", FAMILY_NONE), "") == 0);
	CHECK(strcmp(name_of("10.3.0.6"), "nul") == 0);
	CHECK(strcmp(name_of("10.3.0.7"), "after") == 0);
}

static void
no_more_addresses_than_a_message_holds(void)
{
	char	 text[4096];
	size_t	 at = 0;

	for (int i = 0; i < 100; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "10.4.0.%d many\n", i / 2);
	load(text);
	CHECK(strncmp(addresses("many", FAMILY_IPV4), "10.4.0.0,10.4.0.1,10.4.0.2,", 27) == 0);
	CHECK(strstr(addresses("many", FAMILY_IPV4), ",10.4.0.39") != NULL);
	CHECK(strstr(addresses("many", FAMILY_IPV4), ",10.4.0.40") == NULL);
}

static void
a_file_that_is_absent_or_no_file_is_survived(void)
{
	int	 dir = open("/", O_RDONLY | O_CLOEXEC);

	said[0] = '\0';
	hosts_read(-1);
	CHECK(said[0] == '\0');
	hosts_read(dir);
	CHECK(strstr(said, "hosts file: ") != NULL);
	CHECK(fcntl(dir, F_GETFD) == -1);
}

static double
seconds(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

/* Half of them share an address, as in the lists that block advertisers. */
static void
a_hundred_thousand_lines_are_quick(void)
{
	size_t	 size = 100000 * 40, at = 0;
	char	*text = malloc(size), name[32];
	double	 start;
	int	 missing = 0;

	for (int i = 0; i < 100000; i++)
		if (i % 2 == 0)
			at += (size_t)snprintf(text + at, size - at, "0.0.0.0 h%d.example\n", i);
		else
			at += (size_t)snprintf(text + at, size - at, "11.%d.%d.%d h%d.example\n",
			    i >> 16, i >> 8 & 255, i & 255, i);
	start = seconds();
	hosts_read(file_of(text, at));
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "h%d.example", i);
		missing += addresses(name, FAMILY_IPV4)[0] == '\0';
	}
	CHECK(missing == 0);
	CHECK(strcmp(name_of("0.0.0.0"), "h0.example") == 0);
	CHECK(strcmp(name_of("11.1.134.159"), "h99999.example") == 0);
	CHECK(seconds() - start < 2);
	free(text);
}

/* Last: it fills the tables. */
static void
a_file_cannot_take_all_memory(void)
{
	static char	 line[1000];
	int		 fd = memfd_create("hosts", MFD_CLOEXEC);

	memset(line, ' ', sizeof(line));
	memcpy(line, "12.0.0.1", 8);
	for (size_t i = 10; i + 2 < sizeof(line); i += 2)
		line[i] = 'a';
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < 1500; i++)
		CHECK(write(fd, line, sizeof(line)) == sizeof(line));
	lseek(fd, 0, SEEK_SET);
	said[0] = '\0';
	hosts_read(fd);
	CHECK(strstr(said, "only the first") != NULL);
	load("12.0.0.2 one-too-many\n");
	CHECK(strcmp(name_of("12.0.0.2"), "") == 0);
	CHECK(strcmp(name_of("10.1.0.1"), "first.example") == 0);

	said[0] = '\0';
	hosts_read(open("/dev/zero", O_RDONLY | O_CLOEXEC));
	CHECK(strstr(said, "bytes") != NULL);
}

int
main(void)
{
	log_to(keep_warning);
	CASE(names_and_addresses_are_found_both_ways);
	CASE(comments_and_lmhosts_tags_are_skipped);
	CASE(localhost_is_built_in);
	CASE(hostile_lines_are_skipped_alone);
	CASE(no_more_addresses_than_a_message_holds);
	CASE(a_file_that_is_absent_or_no_file_is_survived);
	CASE(a_hundred_thousand_lines_are_quick);
	CASE(a_file_cannot_take_all_memory);
	return (test_done());
}
