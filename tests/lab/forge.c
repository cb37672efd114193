/*
 * What a forger would do: read a log that was changed on standard input, and write it with
 * every check made right again (the constant is public, see logger/journal.c).  Only tests
 * run it, on logs that they made; it shows that --resume does not live by the checks alone.
 */

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "siphash.h"

#define LOG_MAX		(1024 * 1024)
#define JOURNAL_KEY	0x706f737465726e32
#define CHECK		" check "
#define CHECK_LEN	(sizeof(CHECK) - 1)
#define OURS		"# postern: "

static char	 text[LOG_MAX];

/* Where the check begins in one of our lines; NULL when it has none. */
static const char *
find_check(const char *line, size_t len)
{
	const char	*check;

	if (len < CHECK_LEN + 16 || strncmp(line, OURS, sizeof(OURS) - 1) != 0)
		return (NULL);
	check = line + len - CHECK_LEN - 16;
	return (strncmp(check, CHECK, CHECK_LEN) == 0 ? check : NULL);
}

int
main(void)
{
	const struct siphash_key	 key = { { JOURNAL_KEY, 0 } };
	uint64_t		 both[2] = { 0, 0 };	/* the check before, the record */
	const char			*record = text, *line, *end, *check, *stop;

	stop = text + fread(text, 1, sizeof(text), stdin);
	for (line = text; (end = memchr(line, '\n', (size_t)(stop - line))) != NULL;
	    line = end + 1) {
		if ((check = find_check(line, (size_t)(end - line))) == NULL)
			continue;
		both[1] = siphash(&key, record, (size_t)(check - record));
		both[0] = siphash(&key, both, sizeof(both));
		fwrite(record, 1, (size_t)(check - record), stdout);
		printf(CHECK "%016" PRIx64 "\n", both[0]);
		record = end + 1;
	}
	fwrite(record, 1, (size_t)(stop - record), stdout);
	if (ferror(stdin) || fflush(stdout) == EOF)
		errx(1, "read or write failed");
	return (0);
}
