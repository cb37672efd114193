/*
 * What is recorded of a run: each thing once, nothing of it made up by whoever chose a name, and
 * digests that change with what they are of.
 */

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apart.h"
#include "parent.h"

/* The value of the n-th line of a word; or NULL. */
static const char *
value(const char *word, unsigned int n)
{
	const char	*line;

	for (unsigned int i = 0; (line = evidence_line(i)) != NULL; i++)
		if (strncmp(line, word, strlen(word)) == 0 && line[strlen(word)] == ' ' &&
		    n-- == 0)
			return (line + strlen(word) + 1);
	return (NULL);
}

/* How often is it in the text? */
static unsigned int
count(const char *text, const char *what)
{
	unsigned int	 n = 0;

	while (text != NULL && (text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return (n);
}

static void
gather(const char *user, const char *uid)
{
	(void)unsetenv("SUDO_USER");
	(void)unsetenv("SUDO_UID");
	if (user != NULL)
		(void)setenv("SUDO_USER", user, 1);
	if (uid != NULL)
		(void)setenv("SUDO_UID", uid, 1);
	root_keep_sudo();
	clearenv();
	root_evidence();
}

/* As the messages to the logger have to be. */
static bool
all_can_be_sent(void)
{
	const char	*line;

	for (unsigned int i = 0; (line = evidence_line(i)) != NULL; i++)
		if (!text_printable(line) || strlen(line) >= LINE_TEXT)
			return (false);
	return (true);
}

static void
each_thing_is_there_once(void)
{
	static const char *const	 words[] = { "version", "kernel", "host", "start", "who" };

	gather(NULL, NULL);
	CHECK(all_can_be_sent());
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		CHECK(value(words[i], 0) != NULL && value(words[i], 1) == NULL);
	CHECK(count(value("version", 0), "postern " VERSION " build ") == 1);
	CHECK(count(value("kernel", 0), "Linux ") == 1);
}

static void
the_time_is_rfc_3339_with_microseconds(void)
{
	int	 at = -1;

	(void)setenv("TZ", "XYZ-5:30", 1);
	tzset();
	root_evidence();
	(void)sscanf(value("start", 0), "%*4d-%*2d-%*2dT%*2d:%*2d:%*2d.%*6dZ +0530%n", &at);
	CHECK(at == (int)strlen("2026-11-23T01:22:47.123456Z +0530"));
	CHECK(value("start", 0)[at < 0 ? 0 : at] == '\0');
}

static void
who_it_is_without_sudo(void)
{
	char	 uid[32];

	gather(NULL, NULL);
	snprintf(uid, sizeof(uid), "uid %u ", getuid());
	CHECK(strncmp(value("who", 0), uid, strlen(uid)) == 0);
	CHECK(count(value("who", 0), " loginuid ") == 1);
	CHECK(count(value("who", 0), "sudo") == 0);
}

static void
who_it_is_with_sudo(void)
{
	gather("alice", "1000");
	CHECK(count(value("who", 0), " sudo-uid 1000 sudo-user alice") == 1);
}

/* Nothing that the variable holds makes a second word, a bracket, a line or an escape. */
static void
a_hostile_name_stays_one_word(void)
{
	gather("x) uid 0 (root\n# postern: run\x1b[2J\\%\xff,", "0 sudo-user root");
	CHECK(all_can_be_sent());
	CHECK(count(value("who", 0), " sudo-uid 0%20sudo-user%20root sudo-user "
	    "x%29%20uid%200%20%28root%0a%23%20postern%3a%20run%1b%5b2J%5c%25%ff%2c") == 1);
	CHECK(count(value("who", 0), " sudo-user ") == 1);
	CHECK(value("who", 1) == NULL);
}

static void
a_long_name_is_cut_and_no_escape_in_half(void)
{
	static char	 name[100000];
	const char	*at;

	memset(name, '\n', sizeof(name) - 1);
	gather(name, name);
	CHECK(all_can_be_sent());
	CHECK(count(value("who", 0), " loginuid ") == 1);
	for (at = value("who", 0); at != NULL && *at != '%'; at++)
		;
	CHECK(count(at, "%0a") > 100);
	CHECK(strlen(at) == 3 * count(at, "%0a") + count(at, " sudo-user ") * 11);
}

static void
an_interface_that_is_up_is_there_with_its_addresses(void)
{
	const char	*line = NULL;

	gather(NULL, NULL);
	for (unsigned int i = 0; (line = value("interface", i)) != NULL; i++)
		if (strncmp(line, "lo index ", 9) == 0)
			break;
	CHECK(count(line, " addr 127.0.0.1/8") == 1);
	CHECK(count(line, " mac ") == 0);
	CHECK(value("interface", 33) == NULL);
}

static void
the_build_id_is_hexadecimal(void)
{
	char	 text[BUILD_ID_TEXT];

	CHECK(build_id(text) == text && strlen(text) >= 32);
	CHECK(strspn(text, "0123456789abcdef") == strlen(text) && strlen(text) % 2 == 0);
}

static uint64_t
scope(const char *a, const char *b, const char *exclude, uint8_t ports)
{
	static struct options	 o;
	struct port_set		 set = { { 0 } };

	o.targets[0] = a;
	o.targets[1] = b;
	o.ntargets = a == NULL ? 0 : b == NULL ? 1 : 2;
	o.exclude = exclude;
	set.bits[8191] = ports;
	return (scope_digest(&o, &set));
}

static void
the_scope_is_its_targets_exclusions_and_ports(void)
{
	const uint64_t	 d = scope("10.0.0.1", "a/24", "b,c", 1);
	char		 a[] = "10.0.0.1";

	CHECK(d == scope("10.0.0.1", "a/24", "b,c", 1));
	for (size_t i = 0; i < sizeof(a) - 1; i++) {
		a[i] ^= 1;
		CHECK(d != scope(a, "a/24", "b,c", 1));
		a[i] ^= 1;
	}
	CHECK(d != scope("a/24", "10.0.0.1", "b,c", 1));	/* Their order. */
	CHECK(d != scope("10.0.0.1a", "/24", "b,c", 1));	/* Where one ends. */
	CHECK(d != scope("10.0.0.1", NULL, "b,c", 1));
	CHECK(d != scope("10.0.0.1", "a/24", "b,d", 1));
	CHECK(d != scope("10.0.0.1", "a/24", NULL, 1));
	CHECK(d != scope("10.0.0.1", "a/24", "b,c", 2));
	CHECK(scope("10.0.0.1", "a/24", NULL, 1) != scope("10.0.0.1", NULL, "a/24", 1));
}

int
main(void)
{
	CASE_APART(each_thing_is_there_once);
	CASE_APART(the_time_is_rfc_3339_with_microseconds);
	CASE_APART(who_it_is_without_sudo);
	CASE_APART(who_it_is_with_sudo);
	CASE_APART(a_hostile_name_stays_one_word);
	CASE_APART(a_long_name_is_cut_and_no_escape_in_half);
	if (if_nametoindex("lo") == 1)
		CASE_APART(an_interface_that_is_up_is_there_with_its_addresses);
	else
		SKIP("an_interface_that_is_up_is_there_with_its_addresses", "no loopback");
	CASE(the_build_id_is_hexadecimal);
	CASE(the_scope_is_its_targets_exclusions_and_ports);
	return (test_done());
}
