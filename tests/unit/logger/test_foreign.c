/*
 * Which hosts a log of nmap's shows to be finished: those and no others, wherever it is torn,
 * whatever is changed in it, and whatever stands behind the tear.
 */

#include <string.h>

#include "foreign.h"
#include "logger.h"
#include "test.h"

#define FOUND_MAX	64

static struct {
	const char	*log;
	struct finish	 finish[FINISHES];
} samples[2] = {
	{ NMAP_NORMAL, NORMAL_FINISHES },
	{ NMAP_GREPABLE, GREPABLE_FINISHES },
};
#define SAMPLES	(sizeof(samples) / sizeof(samples[0]))

static char		 bytes[8192];
static struct addr	 found[FOUND_MAX];
static unsigned int	 nfound;

/* Read a log, line by whole line, each in memory of its own size. */
static void
find(const char *log, size_t len)
{
	struct foreign	 f = { .up = false };
	const char	*newline;

	nfound = 0;
	for (; (newline = memchr(log, '\n', len)) != NULL; log = newline + 1) {
		size_t		 n = (size_t)(newline - log);
		char		*line = malloc(n + (n == 0));
		struct addr	 done[FOREIGN_MAX];
		unsigned int	 ndone;

		memcpy(line, log, n);
		len -= n + 1;
		ndone = foreign_line(&f, line, n, done);
		CHECK(ndone <= FOREIGN_MAX && nfound + ndone <= FOUND_MAX);
		memcpy(found + nfound, done, ndone * sizeof(done[0]));
		nfound += ndone;
		free(line);
	}
}

static bool
has(const char *address)
{
	struct addr	 a;

	CHECK(addr_parse(address, &a) == 0);
	for (unsigned int i = 0; i < nfound; i++)
		if (addr_equal(&found[i], &a))
			return (true);
	return (false);
}

/* Just these, in their order, separated by spaces. */
static bool
finds(const char *log, const char *addresses)
{
	char	 text[FOUND_MAX * ADDR_TEXT] = "", one[ADDR_TEXT];

	find(log, strlen(log));
	for (unsigned int i = 0; i < nfound; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
		    i == 0 ? "" : " ", addr_text(&found[i], one));
	if (strcmp(text, addresses) == 0)
		return (true);
	printf("# found %s instead of %s\n", text, addresses);
	return (false);
}

/* Where what finishes the n-th host ends. */
static size_t
end_of(size_t sample, unsigned int n)
{
	const char	*lines = samples[sample].finish[n].lines;
	const char	*at = strstr(samples[sample].log, lines);

	CHECK(at != NULL);
	return (at == NULL ? 0 : (size_t)(at - samples[sample].log) + strlen(lines));
}

static void
each_host_that_nmap_finished_is_found_once(void)
{
	CHECK(finds(NMAP_NORMAL,
	    "10.9.0.7 10.9.0.8 127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.1 127.0.0.7"));
	CHECK(finds(NMAP_GREPABLE,
	    "10.9.0.7 10.9.0.8 127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.1 127.0.0.7"));
}

/* The first len bytes were read, maybe with others behind them: just what was whole. */
static void
check_torn(size_t sample, size_t len, unsigned int others)
{
	unsigned int	 n = 0;

	for (unsigned int i = 0; i < FINISHES; i++)
		if (len >= end_of(sample, i)) {
			CHECK(has(samples[sample].finish[i].address));
			n++;
		}
	if (nfound != n + others)
		printf("# sample %zu torn at %zu: %u\n", sample, len, nfound);
	CHECK(nfound == n + others);
}

static void
torn_at_any_byte_it_has_what_was_whole(void)
{
	for (size_t s = 0; s < SAMPLES; s++)
		for (size_t len = 0; len <= strlen(samples[s].log) && test_bad == 0; len++) {
			find(samples[s].log, len);
			check_torn(s, len, 0);
		}
}

/* Another run behind the tear; nmap itself may have made the last byte a NUL before. */
static void
a_run_behind_a_tear_finishes_nothing_of_it(void)
{
	static const char *const	 runs[] = {
		"# Nmap 7.93 scan initiated Mon Nov 23 02:48:45 2026 as: nmap --resume x\n"
		"Nmap scan report for 10.1.1.1\nHost is up.\nNmap scan report for 10.1.1.2\n",
		"# Nmap 7.93 scan initiated Mon Nov 23 02:48:45 2026 as: nmap --resume x\n"
		"Host: 10.1.1.1 ()\tStatus: Up\nHost: 10.1.1.2 ()\tStatus: Up\n",
		"Starting Nmap 7.93 ( https://nmap.org ) at 2026-11-23 02:42 UTC\n"
		"Nmap scan report for 10.1.1.1\nHost is up.\nNmap scan report for 10.1.1.2\n",
	};

	for (size_t s = 0; s < SAMPLES; s++)
		for (size_t len = 0; len <= strlen(samples[s].log); len++)
			for (size_t r = 0; r < 2 * sizeof(runs) / sizeof(runs[0]); r++) {
				const char	*run = runs[r / 2];
				bool		 nul = r % 2 != 0 && len != 0;

				memcpy(bytes, samples[s].log, len);
				memcpy(bytes + len, run, strlen(run));
				if (nul)
					bytes[len - 1] = '\0';
				find(bytes, len + strlen(run));
				CHECK(has("10.1.1.1") && !has("10.1.1.2"));
				check_torn(s, nul ? len - 1 : len, 1);
				if (test_bad != 0)
					return;
			}
}

/* A bit that changed may hide the host of its line and the one before; and make up one, at most. */
static void
a_change_harms_only_what_is_near(void)
{
	for (size_t s = 0; s < SAMPLES; s++)
		for (size_t at = 0; at < strlen(samples[s].log); at++)
			for (int bit = 0; bit < 8; bit++) {
				size_t		 n = strlen(samples[s].log);
				unsigned int	 missing = 0;

				memcpy(bytes, samples[s].log, n);
				bytes[at] ^= (char)(1 << bit);
				find(bytes, n);
				for (unsigned int i = 0; i < FINISHES; i++)
					missing += !has(samples[s].finish[i].address);
				CHECK(missing <= 2 && nfound + missing <= FINISHES + 1);
				if (test_bad != 0) {
					printf("# byte %zu bit %d\n", at, bit);
					return;
				}
			}
}

static void
only_hosts_that_were_scanned_are_finished(void)
{
	/* As -sL has them. */
	CHECK(finds("Nmap scan report for 10.0.0.1\nNmap scan report for 10.0.0.2\n"
	    "# Nmap done at x\n", ""));
	CHECK(finds("Host: 10.0.0.1 ()\tStatus: Unknown\nHost: 10.0.0.2 ()\tStatus: Unknown\n"
	    "# Nmap done at x\n", ""));
	CHECK(finds("Host: 10.0.0.1 ()\tStatus: Smurf (3 responses)\nHost: 10.0.0.2 ()\t"
	    "Status: Up\n# Nmap done at x\n", "10.0.0.2"));
	CHECK(finds("Host is up.\n# Nmap done at x\n", ""));
	CHECK(finds("Nmap scan report for 10.0.0.1\nNmap scan report for (x)\nHost is up.\n"
	    "Nmap scan report for 10.0.0.3\n", ""));
	CHECK(finds("Nmap scan report for 10.0.0.1\nHost is up.\nNot finished: the scan was "
	    "interrupted.\n\nNmap scan report for 10.0.0.2\n", ""));
}

static void
what_nmap_would_not_have_written_is_no_host(void)
{
	static const char *const	 lines[] = {
		"Nmap scan report for", "Nmap scan report for ", "Nmap scan report for a.example",
		"Nmap scan report for 10.0.0.256", "Nmap scan report for 010.0.0.1",
		"Nmap scan report for 10.0.0.1 ", "Nmap scan report for 10.0.0.1\r",
		" Nmap scan report for 10.0.0.1", "nmap scan report for 10.0.0.1",
		"Nmap scan report for a b (10.0.0.1)", "Nmap scan report for a (10.0.0.1) ",
		"Nmap scan report for a(10.0.0.1)", "Nmap scan report for (10.0.0.1)",
		"Nmap scan report for a (10.0.0.1", "Nmap scan report for a (b) (10.0.0.1)",
		"Nmap scan report for 10.0.0.1 [host down",
		"Nmap scan report for 10.0.0.1 [host dowNmap scan report for 10.0.0.2 [host down]",
		"Nmap scan report for 10.0.0.1 [host down] [host down]",
		"Host: 10.0.0.1", "Host: 10.0.0.1 ()", "Host: 10.0.0.1 () Status: Up",
		"Host: 10.0.0.1\tStatus: Down", "Host: 10.0.0.1 ()\tStatus: Downs",
		"Host: 10.0.0.1 (a b)\tStatus: Down", "Host: a ()\tStatus: Down",
		"Host: 10.0.0.1 ()\tStatus: ", "Host:10.0.0.1 ()\tStatus: Down",
		"# postern: host 10.0.0.1", "# postern: host 10.0.0.1 . up",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(bytes, sizeof(bytes), "%s\n# Nmap done at x\n", lines[i]);
		CHECK(finds(bytes, ""));
	}
}

static void
names_and_ipv6_are_read(void)
{
	CHECK(finds("Nmap scan report for x_y-1.example. (10.0.0.1)\nHost is up.\n"
	    "Nmap scan report for 2001:db8::1\nHost is up.\n"
	    "Nmap scan report for z (2001:db8::2) [host down]\n",
	    "10.0.0.1 2001:db8::1 2001:db8::2"));
	CHECK(finds("Host: 10.0.0.1 (a.example)\tPorts: \tIgnored State: closed (9)\n"
	    "Host: 2001:db8::1 ()\tStatus: Down\n", "10.0.0.1 2001:db8::1"));
}

/* What a host says of itself stands in its lines: it can't speak for another. */
static void
text_within_a_line_is_not_believed(void)
{
	CHECK(finds("Nmap scan report for 10.0.0.1\nHost is up.\n"
	    "22/tcp open ssh Nmap scan report for 10.0.0.2 [host down]\n"
	    "| Host: 10.0.0.3 ()\tStatus: Down\n"
	    "|_# Nmap done at x\n# Nmap done at x\n", "10.0.0.1"));
	CHECK(finds("Host: 10.0.0.1 ()\tPorts: 22/open/tcp//ssh//Host: 10.0.0.2 ()\tStatus: "
	    "Down/\nHost: 10.0.0.3 ()\tStatus: Up\n", "10.0.0.1"));
}

#define FACTS(ip, state, outcome)						\
	"# postern: host " ip " . " state " syn-ack 64 - 1500 - " outcome		\
	" 10000 f no-response - . - 22:o:syn-ack:64\n"

/* In a log of ours a host's line of facts says it all. */
static void
ours_are_read_too(void)
{
	CHECK(finds(FACTS("10.0.0.1", "up", "complete") FACTS("10.0.0.2", "up", "timed-out")
	    FACTS("10.0.0.3", "unknown", "complete") FACTS("10.0.0.4", "down", "complete"),
	    "10.0.0.1 10.0.0.4"));
	CHECK(finds("Nmap scan report for 10.0.0.1\nHost is up.\n"
	    FACTS("10.0.0.1", "up", "complete"), "10.0.0.1"));
	CHECK(finds("Nmap scan report for 10.0.0.2\nHost is up.\n"
	    FACTS("10.0.0.2", "up", "timed-out") "# Nmap done at x\n", ""));
}

int
main(void)
{
	CASE(each_host_that_nmap_finished_is_found_once);
	CASE(torn_at_any_byte_it_has_what_was_whole);
	CASE(a_run_behind_a_tear_finishes_nothing_of_it);
	CASE(a_change_harms_only_what_is_near);
	CASE(only_hosts_that_were_scanned_are_finished);
	CASE(what_nmap_would_not_have_written_is_no_host);
	CASE(names_and_ipv6_are_read);
	CASE(text_within_a_line_is_not_believed);
	CASE(ours_are_read_too);
	return (test_done());
}
