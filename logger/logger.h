/*
 * The logger: renders what the parent says, appends it to the logs, and reads an old log.
 *
 * dispatch.c	what each message of the parent does, in its order
 * records.c	what goes to which output
 * output.c	the descriptors, and their errors
 * view.c	what of a host is shown: pure
 * normal.c	nmap's normal format: pure
 * grepable.c	nmap's grepable format: pure
 * xml.c	nmap's XML: pure
 * json.c	JSON lines, as postern.schema.json has them: pure
 * journal.c	our own lines in a log, and their check values
 * facts.c	all of a host in one such line, written and read back: pure, hostile input
 * parse.c	the other lines, read back: pure, hostile input
 * foreign.c	which hosts a log has finished, nmap's or ours: pure, hostile input
 * cursor.c	what they read with: pure, hostile input
 * replay.c	reads an old log, step by step
 * rendered.c	what such a log says besides its hosts, for other outputs
 * privs.c	what this process may do
 */

#ifndef LOGGER_H
#define LOGGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "ipc.h"
#include "log.h"
#include "privs.h"

/* The descriptors of enum output; the starter opens the logs for appending. */
#define REPORT_FD	1
#define NORMAL_FD	4
#define GREPABLE_FD	5
#define XML_FD		6
#define JSON_FD		7
#define OLD_FD		8	/* the log that is resumed, or only read */
#define KEY_FD		9	/* --log-key: read and closed before the seal */
#define SKIP_FD		10	/* --skip-done: only read */

/* Bytes in the longest record: 65,536 ports of 256 bytes each (in XML), or a header. */
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

/* What ends a record of a log: journal.c. */
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

struct mark {
	enum mark_kind	 kind;
	uint32_t	 n;
	struct range	 e[RANGES_MAX];
	struct totals	 totals;	/* zeros for PLAN and PARTIAL */
	uint8_t		 ending;	/* of STOPPED: enum ending */
	size_t		 hashed;	/* bytes of the line before " check" */
	uint64_t	 check;
};

/* What an old log says at its end. */
struct rendered {
	struct buffer	 notes;		/* lines of its last run */
	struct msg_stats sum;		/* what all runs counted */
	struct msg_asked asked;		/* and of whom; the servers are the last run's */
	uint64_t	 when;		/* the last one's end, if it said; else 0 */
};

/* dispatch.c */

extern const struct msg_row	 logger_rows[MSG_TYPES];

/* The outputs have all that the old log has; the scan may begin. */
void		 logger_started(struct chan *);
/* Write what waits, and close the XML document behind it. */
void		 logger_flush(struct chan *);
/* From the old log: a line of its header with its newline; and a host or targets it has done. */
void		 logger_header(const char *line, size_t, bool first);
void		 logger_past_host(struct chan *, const struct host *, const struct totals *then);
/* failed: the name they are of was not found; or NULL. */
void		 logger_past_done(struct chan *, const struct mark *,
		    const struct msg_namefailed *failed);
/* A run went on with it, or ended; the notes are lines. */
void		 logger_past_run(struct chan *, const struct mark *, const struct buffer *notes);

/* records.c */

/*
 * Begin each output, but for the old log.  lines: of the header; past, chain: of the old log, else
 * zero; anew: documents that are there already are written over; false:
 * one of them may not be.
 */
bool		 records_begin(struct chan *, const struct plan *, const struct buffer *args,
		    const struct buffer *lines, const struct totals *past, uint64_t chain,
		    bool anew);
/* The scan goes on: lines are of this run of it. */
void		 records_resumed(struct chan *, const struct plan *, const struct buffer *lines);
void		 records_host(struct chan *, const struct plan *, const struct host *);
/* Is there an output that should have what the old log has? */
bool		 records_lack_past(const struct plan *);
/* A host of the old log for those; then: the totals after it, NULL for one in part. */
void		 records_past_host(struct chan *, const struct plan *, const struct host *,
		    const struct totals *then);
void		 records_past_done(struct chan *, const struct plan *, const struct mark *);
void		 records_past_failed(struct chan *, const struct plan *, const struct mark *,
		    const struct msg_namefailed *);
void		 records_past_run(struct chan *, const struct plan *, const struct mark *,
		    const struct buffer *notes);
void		 records_done(struct chan *, const struct plan *, const struct msg_ranges *);
void		 records_failed(struct chan *, const struct plan *, const struct msg_namefailed *);
/* All of it to the disk. */
void		 records_checkpoint(struct chan *, const struct plan *);
void		 records_flush(struct chan *);
/* rendered: what an old log, of which nothing is scanned now, says of its last run; or NULL. */
void		 records_end(struct chan *, const struct plan *, const struct msg_finish *,
		    const struct rendered *rendered);

/* output.c */

int		 output_fd(enum output);

/*
 * Append a record to an output.  It may wait for others; those that are written together go to
 * a log in one write.  When that fails the parent is told once, and nothing is written there again.
 */
void		 output_put(struct chan *, enum output, const struct buffer *);
/* Write what waits. */
void		 output_flush(struct chan *);
bool		 output_waits(enum output);
/* What goes behind all that is written of the XML document, until more is. */
void		 output_tail(const struct buffer *);
/*
 * Before anything is written to it: it is written anew, and will begin so.  What is there already
 * has to begin so too, or it fails: it is no older rendering of this scan.
 */
bool		 output_anew(struct chan *, enum output, const struct buffer *);
/* Wait until an output is on disk; fails as output_put() does. */
void		 output_sync(struct chan *, enum output);

/* view.c */

/* Add to the buffer; one that is full ends the process. */
void		 buf_add(struct buffer *, const char *, ...) printflike(2, 3);
/* The same of a text as it is. */
void		 buf_text(struct buffer *, const char *);

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
	uint32_t		 nunseen;
	struct port_entry	 shown[PORT_BITS];
	struct unseen_port {	/* a port that is only counted */
		uint16_t	 port;
		uint8_t		 state;
		uint8_t		 reason;
	}			 unseen[PORT_BITS];
};
void		 view_host(const struct plan *, const struct host *, struct view *);

/* Were its ports scanned, and came fewer answers than UNCERTAIN of COVERAGE_ALL? */
#define UNCERTAIN	9950
bool		 view_uncertain(const struct plan *, const struct host *);

/* Was its name asked for, and nobody said whether it has one? */
bool		 view_nameless(const struct host *);

/*
 * Take the largest of n counts out and say whose it was; 0 when none is left.  Among equals
 * the order is theirs, but the first two, of states and of reasons, come last.
 */
uint32_t	 view_largest(uint32_t *counts, unsigned int n, unsigned int *whose);

/* "22,30-110", of rising ports. */
void		 view_ranges(const uint16_t *, uint32_t n, struct buffer *);
/* The same of the ports that are only counted, of one state and for one reason. */
void		 view_unseen(const struct view *, unsigned int state, unsigned int reason,
		    struct buffer *);

/* "Sun Nov 22 19:29:00 2026", as ctime(3) has it; seconds since 1970. */
void		 view_ctime(uint64_t, struct buffer *);
/* "1.02" of microseconds. */
void		 view_seconds(uint64_t elapsed, struct buffer *);

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
 * xml.c: valid by nmap's DTD.  What xml_start() wrote, any number of hosts and of names that
 * failed, and what xml_end() wrote, are one well-formed document, whatever the names are.
 * What is not printable ASCII stands in it as \xHH, as text_escape() has it.
 */

/* Args is the command line, escaped; it is cut where a reader would refuse it. */
void		 xml_start(const struct plan *, const struct buffer *args, struct buffer *);
void		 xml_host(const struct plan *, const struct host *, const struct view *,
		    struct buffer *);
/* A comment. */
void		 xml_failed(const struct msg_namefailed *, struct buffer *);
/* Now in seconds since 1970, elapsed in microseconds. */
void		 xml_end(enum ending, const struct totals *, uint64_t now, uint64_t elapsed,
		    struct buffer *);

/*
 * json.c: each record is a line, an object (RFC 8259) as postern.schema.json has it: "start",
 * "host", "name-failed" or "end".  Other text than printable ASCII as in XML.
 */

void		 json_start(const struct plan *, const struct buffer *args, struct buffer *);
void		 json_host(const struct plan *, const struct host *, const struct view *,
		    struct buffer *);
void		 json_failed(const struct msg_namefailed *, struct buffer *);
/* Now in seconds since 1970, elapsed in microseconds: those of the message are one run's. */
void		 json_end(const struct msg_finish *, const struct totals *, uint64_t now,
		    uint64_t elapsed, struct buffer *);

/*
 * journal.c: a record is what one write appends to a log.  It ends with a line
 * "# postern: WORD ... check HEX", a mark; the check value covers all bytes of the record
 * before " check" and, by its key, the record before it.  It shows accidents, not forgers.
 */

#define OURS		"# postern: "
#define FIRST_LINE	"# Nmap 7.93 compatible log: postern "

/* Lines that are for people only: --resume takes nothing from them. */
#define NOTE_UNCERTAIN	OURS "uncertain "	/* a host whose answers came in part */
#define NOTE_NAME	OURS "name "	/* one whose name could not be asked for */
#define NOTE_COUNTS	OURS "sent "		/* and what came */
#define NOTE_ASKED	OURS "asked "		/* name servers, and how often */
#define NOTE_END	OURS "end "		/* when, and how */
#define NOTE_RUN	OURS "run "		/* of whoever resumed it: as in the header */
#define NOTE_CONVERTED	OURS "converted "	/* it is not what the scan wrote */
#define FAILED_NAME	"# Failed to resolve \""

extern const char *const	 mark_words[MARK_COUNT];
extern const char *const	 line_words[LINE_KINDS];	/* none for LINE_ARGS */
extern const char *const	 ending_names[ENDING_COUNT];

/* Before all else: what the check values are keyed with, which without it anybody could make. */
void		 journal_key(const void *secret, size_t);
bool		 journal_keyed(void);
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
/* What is recorded of the run that goes on with a log, as journal_line() made it; its mark. */
void		 journal_resumed(const struct totals *, const struct buffer *lines,
		    struct buffer *);
/* A comment on a host that is not done. */
void		 journal_partial(const struct host *, struct buffer *);
void		 journal_failed(const struct msg_namefailed *, struct buffer *);
/* A host that is done, but of whose answers some did not come. */
void		 journal_uncertain(const struct host *, struct buffer *);
/* One of which nobody said whether it has a name. */
void		 journal_nameless(const struct host *, struct buffer *);
/* What was sent and what came, of a scan that sent anything. */
void		 journal_counts(const struct msg_stats *, struct buffer *);
/* Which servers were asked, if there were any, and what came; when and how the run ended. */
void		 journal_evidence(const struct msg_finish *, const struct timespec *now,
		    struct buffer *);
/* The same of an old log, in its own lines; and that these are no more than a copy. */
void		 journal_converted(const struct buffer *notes, struct buffer *);
/* The footer for people; now in seconds since 1970, elapsed in microseconds. */
void		 journal_footer(enum ending, const struct totals *, uint64_t now,
		    uint64_t elapsed, struct buffer *);
void		 journal_end(enum ending, const struct totals *, struct buffer *);

/* cursor.c: a line that is read from its beginning to its end. */

struct cursor {
	const char	*at;
	const char	*end;
};

bool		 parse_starts(const char *line, size_t, const char *prefix);
/*
 * Each goes on behind what it is asked for, when that is what follows; else it says false,
 * and the line is to be given up.  A number is decimal, of at most 18 digits, without leading
 * zeros; a hexadecimal one has exactly so many digits, in lower case.
 */
bool		 eat(struct cursor *, const char *);
bool		 eat_number(struct cursor *, uint64_t *);
bool		 eat_hex(struct cursor *, int digits, uint64_t *);
/* As addr_text() has it, before a space, a comma, a semicolon or the end. */
bool		 eat_addr(struct cursor *, struct addr *);

/*
 * facts.c: all of a host but its place, which the mark that follows names, in a line of its
 * own.  Of a host under way it has the ports since the part before.
 */

#define FACTS_DONE	OURS "host "
#define FACTS_PART	OURS "part "	/* its outcome is PARTIAL */

/* The line and its newline. */
void		 facts_add(const struct host *, struct buffer *);
/*
 * A line without its newline that facts_add() can have written, and no other.  0, or -1, and
 * then the host is not to be used.  What it fills HOST, HOSTADDRS and HOSTPORTS may say;
 * entries past nothers and nports are left as they were.
 */
int		 facts_parse(const char *line, size_t, struct host *);

/* parse.c: every function takes one line without its newline. */

/* Only what text_escape() leaves. */
bool		 parse_printable(const char *line, size_t);
/*
 * Has it zeros in a row, as a power cut leaves them where pages did not reach the disk, and
 * nothing of another log behind them?
 */
bool		 parse_hole(const char *record, size_t);
/* One of the lines that are for people only. */
bool		 parse_note(const char *line, size_t);
/* What journal_counts(), journal_evidence() and journal_failed() write; 0, or -1. */
int		 parse_counts(const char *line, size_t, struct msg_stats *);
int		 parse_asked(const char *line, size_t, struct msg_asked *);
int		 parse_end(const char *line, size_t, uint64_t *when);
int		 parse_failed(const char *line, size_t, struct msg_namefailed *);
/* Format, seed and start from the second line: RESUMABLE, VERSION or ALTERED. */
enum replay	 parse_log(const char *line, size_t, struct msg_pastend *);
/* A mark.  0, or -1. */
int		 parse_mark(const char *line, size_t, struct mark *);
/* A line of the plan, unescaped, more unset.  0, or -1. */
int		 parse_line(const char *line, size_t, struct msg_line *, bool *continues);

/*
 * foreign.c: what a log of nmap's (-oN, -oG) shows to be finished, whoever wrote it and whatever
 * is torn.  A host is finished once the next one begins, or the run ends; not when a run begins
 * before, bytes are missing, its time was out, or it was listed only.  One that is down is, by
 * its line alone; so is one by its line of facts in a log of ours.
 */

#define FOREIGN_MAX	2	/* hosts that one line may finish */

struct foreign {
	struct addr	 host;	/* under way; of no family: none */
	bool		 up;	/* it was scanned */
};

/* A whole line without its newline.  Gives how many hosts it finishes, in done. */
unsigned int	 foreign_line(struct foreign *, const char *line, size_t,
		    struct addr done[FOREIGN_MAX]);

/* replay.c */

/* Begin to read a log for an enum replay_mode: from SKIP_FD for TO_SKIP, else from OLD_FD. */
void		 replay_begin(uint8_t mode);
/* Read it once more, for the outputs that lack what it has; then logger_started(). */
void		 replay_render(void);
/* Is there work that can be done now? */
bool		 replay_ready(const struct chan *);
/* Do a bounded piece of it: tells the parent what the log says, PASTEND last. */
void		 replay_step(struct chan *);
/* A log is being read. */
bool		 replay_busy(void);
/* PASTEND is sent, of a log that was not read TO_SKIP. */
bool		 replay_over(void);
/* The parent goes on with the log: cut off what a crash left behind the last record. */
int		 replay_cut(void);
/* Where the log ends.  False: it can't be gone on with. */
bool		 replay_result(uint64_t *chain, struct totals *);

/* rendered.c: in the order of the log. */

/* A line that is neither facts nor a mark. */
void		 rendered_line(struct chan *, const char *line, size_t);
/* A record with this mark is whole, and of this host; NULL: of none. */
void		 rendered_record(struct chan *, const struct mark *, struct host *);
/* The log is gone on with: what it says of the end of its last run, if it does. */
void		 rendered_run(struct chan *);
/* It is not: what there is to say at its end. */
const struct rendered *rendered_end(void);

/* privs.c */

/* Give up everything, and later what only reading an old log needs. */
struct msg_ready	 logger_drop(struct ids);
void			 logger_narrow(void);

#endif /* LOGGER_H */
