/*
 * What a process says to the user, and how it ends.
 *
 * Three kinds of failure, three behaviours: the network lies (count it and go on, say
 * nothing); a process lies or we have a bug (fatalx); the system fails (fatal at start-up,
 * later -1 to a caller that decides).
 */

#ifndef LOG_H
#define LOG_H

#include "payloads.h"

/* Exit statuses, as the README lists them. */
enum status {
	STATUS_OK = 0,
	STATUS_INCOMPLETE = 1,		/* complete, but something is missing */
	STATUS_USAGE = 2,		/* bad input */
	STATUS_SCOPE = 3,		/* refused by the scope */
	STATUS_PRIVILEGE = 4,		/* a privilege or a wall is missing */
	STATUS_NETWORK = 5,		/* the network went away */
	STATUS_PROCESS = 70,		/* a process died or lied */
	STATUS_RESUMABLE = 75,		/* stopped early, can be resumed */
};

#define printflike(f, a)	__attribute__((__format__(__printf__, f, a)))

/* Where lines go: the text is one line without its end, printable. */
typedef void	 log_sink(enum say_level, const char *text);

/* The default sink writes "postern: text" on stderr. */
void	 log_to(log_sink *);

void	 note(const char *, ...) printflike(1, 2);
void	 warning(const char *, ...) printflike(1, 2);	/* with errno's text */
void	 warningx(const char *, ...) printflike(1, 2);

/* The system failed us: say so with errno's text, and exit with STATUS_PROCESS. */
_Noreturn void	 fatal(const char *, ...) printflike(1, 2);
/* A process lies, or we have a bug. */
_Noreturn void	 fatalx(const char *, ...) printflike(1, 2);
/* The user has to mend something: say so, exit with the status. */
_Noreturn void	 die(enum status, const char *, ...) printflike(2, 3);

#endif /* LOG_H */
