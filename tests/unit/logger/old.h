/* Old logs for the logger to read: as it wrote them, or made by the test. */

#ifndef OLD_H
#define OLD_H

#include <inttypes.h>

#include "drive.h"

static uint8_t	 mode = TO_RESUME;	/* what they are read for */

/*
 * Have the logger read these bytes; its verdict.  Reading changes nothing; *left is the file's
 * size when the log is to be gone on with.
 */
static inline enum replay
replay_text(const char *bytes, size_t len, off_t *left)
{
	int	 fd = fresh_file(-1, O_APPEND);

	CHECK(write(fd, bytes, len) == (ssize_t)len);
	dup2(fd, OLD_FD);
	drive_open();
	replay_begin(mode);
	pump();
	drive_close();
	CHECK(lseek(fd, 0, SEEK_END) == (off_t)len);
	if (left != NULL) {
		CHECK(replay_cut() == 0);
		*left = lseek(fd, 0, SEEK_END);
	}
	close(fd);
	CHECK(said.n[MSG_PASTEND] == 1);
	return (said.end.replay);
}

/* What a forger can do who has no key: make every mark fit what stands before it. */
static inline void
seal_again(char *log)
{
	uint64_t	 chain = 0;
	const char	*record = log;
	char		 check[17];
	struct mark	 m;

	for (char *line = log, *newline; (newline = strchr(line, '\n')) != NULL; line = newline + 1)
		if (parse_mark(line, (size_t)(newline - line), &m) == 0) {
			chain = journal_check(record, (size_t)(line - record) + m.hashed, chain);
			snprintf(check, sizeof(check), "%016" PRIx64, chain);
			memcpy(newline - 16, check, 16);
			record = newline + 1;
		}
}

/* A copy of the log with the first occurrence of one text replaced, and sealed again. */
static inline char *
forge(const char *log, const char *from, const char *to)
{
	static char	 forged[sizeof(contents) + 4096];
	const char	*at = strstr(log, from);

	CHECK(at != NULL && strlen(to) < 4096);
	if (at != NULL)
		snprintf(forged, sizeof(forged), "%.*s%s%s", (int)(at - log), log, to,
		    at + strlen(from));
	seal_again(forged);
	return (forged);
}

#endif /* OLD_H */
