/*
 * The logger: renders what the parent says, appends it to the logs, and reads an old log.
 *
 * dispatch.c	what each message of the parent does
 * output.c	the descriptors, and their errors
 * view.c	what of a host is shown: pure
 * normal.c	nmap's normal format: pure
 * grepable.c	nmap's grepable format: pure
 * journal.c	our own lines in a log, and their check values
 * parse.c	the same lines, read back: pure, hostile input
 * replay.c	reads an old log, step by step
 * privs.c	what this process may do
 */

#ifndef LOGGER_H
#define LOGGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc.h"
#include "log.h"
#include "privs.h"

/* The descriptors of enum output; the starter opens the logs for appending. */
#define REPORT_FD	1
#define NORMAL_FD	4
#define GREPABLE_FD	5

/* Bytes in the longest record: 65,536 ports of 128 bytes each, or a header, and to spare. */
#define RECORD_MAX	((size_t)16 << 20)

/* Text that grows up to a bound which only a bug can reach: more ends this process. */
struct buffer {
	char	*text;		/* NUL-ended once something was added */
	size_t	 size;
	size_t	 len;
};

/* The scan as the log's reader knows it. */
struct plan {
	struct msg_logconfig	 config;
	uint8_t			 bits[PORT_PIECES * PORT_PIECE];
	uint32_t		 nports;
	uint16_t		 port[PORT_BITS];	/* the set bits, rising */
};

/* One host, as HOST and what follows it told it. */
struct host {
	struct msg_host		 h;
	uint32_t		 nothers;
	uint32_t		 nports;
	struct addr		 other[ADDRESSES_MAX];
	struct port_entry	 port[PORT_BITS];	/* rising */
};

/* Addresses looked at, and milliseconds, since the scan began (in whatever part of it). */
struct totals {
	uint64_t	 hosts;
	uint64_t	 up;
	uint64_t	 ms;
};

/* dispatch.c */

extern const struct msg_row	 logger_rows[MSG_TYPES];

/* output.c */

int		 output_fd(enum output);

/*
 * Append a record to an output.  It may wait for others; those that are written together go to
 * a log in one write.  When that fails the parent is told once, and nothing is written there again.
 */
void		 output_put(struct chan *, enum output, const struct buffer *);
/* Write what waits. */
void		 output_flush(struct chan *);
/* Wait until a log is on disk; fails as output_put() does. */
void		 output_sync(struct chan *, enum output);

/* view.c */

void		 buf_add(struct buffer *, const char *, ...) printflike(2, 3);

/* List the ports whose bits are set. */
void		 plan_ports(struct plan *);
bool		 plan_has(const struct plan *, uint16_t port);

/* Which of a host's ports are listed and which are only counted. */
struct view {
	bool			 hidden;	/* --open, and it has nothing open */
	uint32_t		 total;		/* ports with a state */
	uint32_t		 count[PORT_STATE_COUNT];
	uint32_t		 reasons[PORT_STATE_COUNT][REASON_COUNT];
	bool			 ignored[PORT_STATE_COUNT];	/* only counted */
	uint32_t		 nshown;
	struct port_entry	 shown[PORT_BITS];
};
void		 view_host(const struct plan *, const struct host *, struct view *);

/* Were its ports scanned, and came fewer answers than UNCERTAIN of COVERAGE_ALL? */
#define UNCERTAIN	9950
bool		 view_uncertain(const struct plan *, const struct host *);

/* "97.30 %" of hundredths of a percent. */
void		 view_percent(uint32_t hundredths, struct buffer *);

/* "sent 12, refused 0, ... estimated loss 0.12 %". */
void		 view_counts(const struct msg_stats *, struct buffer *);

/* "16 IP addresses (15 hosts up) scanned in 1.02 seconds", elapsed in microseconds. */
void		 view_totals(const struct totals *, uint64_t elapsed, struct buffer *);

/* normal.c */

/* The first line of the report; seconds since 1970. */
void		 normal_start(uint64_t now, struct buffer *);
/* In a report what a log says in a comment is a sentence. */
void		 normal_host(const struct plan *, const struct host *, const struct view *,
		    enum format, struct buffer *);
void		 normal_finish(enum ending, const struct totals *, uint64_t elapsed,
		    struct buffer *);
/* What was sent and what came, of a scan that sent anything. */
void		 normal_counts(const struct msg_stats *, struct buffer *);

/* grepable.c */

/* The line that names the ports, under -v. */
void		 grepable_ports(const struct plan *, struct buffer *);
void		 grepable_host(const struct plan *, const struct host *, const struct view *,
		    struct buffer *);

/*
 * journal.c: a record is what one write appends to a log.  It ends with a line
 * "# postern: WORD ... check HEX", a mark; the check value covers all bytes of the record
 * before " check" and, by its key, the record before it.  It shows accidents, not forgers.
 */

#define OURS		"# postern: "
#define FIRST_LINE	"# Nmap 7.93 compatible log: postern "

#define MARK_KINDS(S)							\
	S(PLAN,		"plan")		/* ends the header */		\
	S(DONE,		"done")		/* targets: places, totals */	\
	S(PARTIAL,	"partial")	/* a target that is not done */	\
	S(RESUMED,	"resumed")	/* totals */			\
	S(COMPLETE,	"complete")	/* totals; the last one */	\
	S(STOPPED,	"stopped")	/* why; totals */
#define S(id, name)	MARK_##id,
enum mark_kind { MARK_KINDS(S) MARK_COUNT };
#undef S

/* Lines that are for people only: --resume takes nothing from them. */
#define NOTE_UNCERTAIN	OURS "uncertain "	/* a host whose answers came in part */
#define NOTE_COUNTS	OURS "sent "		/* and what came */

extern const char *const	 mark_words[MARK_COUNT];
extern const char *const	 line_words[LINE_KINDS];	/* none for LINE_ARGS */
extern const char *const	 ending_names[ENDING_COUNT];

/* The check value of a record whose predecessor's is chain (0: it is the first). */
uint64_t	 journal_check(const char *record, size_t, uint64_t chain);
/* End the mark and with it the record; *chain becomes its check value. */
void		 journal_seal(struct buffer *, uint64_t *chain);

/* A line of the plan, or a piece of one; continues: the piece before it had more. */
void		 journal_line(const struct msg_line *, bool continues, struct buffer *);
/* The first line of a log. */
void		 journal_first(const struct plan *, const struct buffer *args, struct buffer *);
/* The header record; the lines as journal_line() made them. */
void		 journal_header(const struct plan *, enum format, const struct buffer *args,
		    const struct buffer *lines, struct buffer *);
/* A mark of targets, DONE or PARTIAL; without totals for the latter. */
void		 journal_ranges(enum mark_kind, const struct range *, uint32_t n,
		    const struct totals *, struct buffer *);
void		 journal_resumed(const struct totals *, struct buffer *);
/* A comment on a host that is not done. */
void		 journal_partial(const struct host *, struct buffer *);
void		 journal_failed(const struct msg_namefailed *, struct buffer *);
/* A host that is done, but of whose answers some did not come. */
void		 journal_uncertain(const struct host *, struct buffer *);
/* What was sent and what came, of a scan that sent anything. */
void		 journal_counts(const struct msg_stats *, struct buffer *);
/* The footer for people; now in seconds since 1970, elapsed in microseconds. */
void		 journal_footer(enum ending, const struct totals *, uint64_t now,
		    uint64_t elapsed, struct buffer *);
void		 journal_end(enum ending, const struct totals *, struct buffer *);

/* parse.c: every function takes one line without its newline. */

struct mark {
	enum mark_kind	 kind;
	uint32_t	 n;
	struct range	 e[RANGES_MAX];
	struct totals	 totals;	/* zeros for PLAN and PARTIAL */
	size_t		 hashed;	/* bytes of the line before " check" */
	uint64_t	 check;
};

bool		 parse_starts(const char *line, size_t, const char *prefix);
/* One of the lines that are for people only. */
bool		 parse_note(const char *line, size_t);
/* Format, seed and start from the second line: RESUMABLE, VERSION or ALTERED. */
enum replay	 parse_log(const char *line, size_t, struct msg_pastend *);
/* A mark.  0, or -1. */
int		 parse_mark(const char *line, size_t, struct mark *);
/* A line of the plan, unescaped, more unset.  0, or -1. */
int		 parse_line(const char *line, size_t, struct msg_line *, bool *continues);

/* replay.c */

/* Begin to read the log that is open on an output. */
void		 replay_begin(enum output);
/* Is there work that can be done now? */
bool		 replay_ready(const struct chan *);
/* Do a bounded piece of it: tells the parent what the log says, PASTEND last. */
void		 replay_step(struct chan *);
/* PASTEND is sent. */
bool		 replay_over(void);
/* The parent goes on with the log: cut off what a crash left behind the last record. */
int		 replay_cut(void);
/* After PASTEND said RESUMABLE: where the log goes on.  False: it didn't. */
bool		 replay_result(enum output *, uint64_t *chain, struct totals *);

/* privs.c */

/* Give up everything, and later what only reading an old log needs. */
struct msg_ready	 logger_drop(struct ids);
void			 logger_narrow(void);

#endif /* LOGGER_H */
