/* Lines for the user, and the ends of a process.  Text is escaped here: it may quote a stranger. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

static log_sink	 to_stderr;
static log_sink	*sink = to_stderr;

/* One write a line, without stdio: it works behind a system call filter. */
static void
to_stderr(enum say_level level, const char *text)
{
	char	 line[600];
	int	 n = snprintf(line, sizeof(line), "postern: %s%s\n",
	    level == SAY_WARNING ? "warning: " : "", text);

	if (n > 0)
		(void)!write(STDERR_FILENO, line, (size_t)n);
}

void
log_to(log_sink *to)
{
	sink = to;
}

static void printflike(3, 0)
say(enum say_level level, int error, const char *fmt, va_list ap)
{
	static bool	 dying;
	char		 raw[400], text[512];
	size_t		 len;

	if (level == SAY_FATAL && dying)
		return;		/* the last word itself could not be said */
	dying = level == SAY_FATAL;

	vsnprintf(raw, sizeof(raw), fmt, ap);
	len = strlen(raw);
	if (error != 0)
		snprintf(raw + len, sizeof(raw) - len, ": %s", strerror(error));
	sink(level, text_escape(text, sizeof(text), raw));
}

#define SAY(level, error) do {							\
	va_list	 ap;								\
										\
	va_start(ap, fmt);							\
	say((level), (error), fmt, ap);						\
	va_end(ap);								\
} while (0)

void
note(const char *fmt, ...)
{
	SAY(SAY_NOTE, 0);
}

void
warning(const char *fmt, ...)
{
	SAY(SAY_WARNING, errno);
}

void
warningx(const char *fmt, ...)
{
	SAY(SAY_WARNING, 0);
}

void
fatal(const char *fmt, ...)
{
	SAY(SAY_FATAL, errno);
	_exit(STATUS_PROCESS);
}

void
fatalx(const char *fmt, ...)
{
	SAY(SAY_FATAL, 0);
	_exit(STATUS_PROCESS);
}

void
die(enum status status, const char *fmt, ...)
{
	SAY(SAY_FATAL, 0);
	_exit((int)status);
}
