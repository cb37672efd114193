/*
 * The payloads of the messages between the parent and the logger: the second half of payloads.h,
 * which includes this and whose rules hold here as well.
 */

#ifndef PAYLOADS_LOGS_H
#define PAYLOADS_LOGS_H

#include <stddef.h>
#include <string.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* parent -> logger */

/* The logger's outputs: one descriptor each, their numbers in logger.h. */
enum output {
	OUTPUT_REPORT,		/* standard output */
	OUTPUT_NORMAL,
	OUTPUT_GREPABLE,
	OUTPUT_XML,
	OUTPUT_JSON,
	OUTPUT_OLD,		/* the log that is resumed, or only read */
	OUTPUTS
};
enum format {
	FORMAT_NONE,
	FORMAT_REPORT,		/* nmap's normal format without the lines of a log */
	FORMAT_NORMAL,
	FORMAT_GREPABLE,
	FORMAT_XML,
	FORMAT_JSON,
	FORMATS
};

enum log_flag {
	LOG_REASON = 1,		/* --reason */
	LOG_OPEN = 2,		/* --open */
	LOG_PING_ONLY = 4,	/* -sn */
	LOG_LIST_ONLY = 8,	/* -sL */
	LOG_FLAGS = 15
};

struct msg_logconfig {
	uint64_t	 seed;
	uint64_t	 start;		/* seconds since 1970 */
	uint32_t	 flags;		/* set of enum log_flag */
	uint8_t		 verbosity;	/* 0 to 10 */
	uint8_t		 port_kind;	/* enum probe_kind; NONE: no port scan */
	uint8_t		 format[OUTPUTS];	/* enum format of each output; NONE: not there */
	uint8_t		 zero[4];
};

enum line_kind {
	LINE_ARGS,		/* the command line, for people */
	LINE_OPTION,		/* an option of the plan: its name, a space, its value */
	LINE_TARGET,		/* a target expression */
	LINE_LIST,		/* a target list that has to be given again */
	LINE_WALLS,		/* walls that are missing */
	LINE_RUN,		/* who runs it, where and when: a word, a space, its value */
	LINE_KINDS
};

#define LINE_TEXT	992
struct msg_line {
	uint8_t		 kind;		/* enum line_kind */
	uint8_t		 more;		/* 1: the next line of this kind goes on with this one */
	uint8_t		 zero[6];
	char		 text[LINE_TEXT];	/* printable but for LINE_ARGS and LINE_TARGET */
};
#define msg_logline	msg_line
#define msg_pastline	msg_line

/* What an old log is read for; TO_SKIP is of another log, which may be nmap's. */
enum replay_mode { TO_RESUME, TO_CONVERT, TO_VERIFY, TO_SKIP, REPLAY_MODES };

struct msg_replay {
	uint8_t		 mode;		/* enum replay_mode */
	uint8_t		 zero[7];
};

/*
 * Where a target stands in the plan: the offset in the expression's (at most 2^32) addresses; of
 * a name under --resolve-all, the address itself as a number.
 */
struct place {
	uint32_t	 spec;		/* which expression, counted from 0 */
	uint32_t	 zero;
	uint64_t	 offset;
};

/* CHECKPOINT: it is under way; the ports are those since it was last told. */
enum { HOST_HAS_MAC = 1, HOST_CHECKPOINT = 2, HOST_FLAGS = 3 };

struct msg_host {
	struct place	 place;
	struct addr	 addr;
	uint32_t	 srtt;		/* 0: not measured */
	uint32_t	 ports;		/* entries that follow in HOSTPORTS */
	uint32_t	 others;	/* entries that follow in HOSTADDRS */
	uint32_t	 cursor;	/* PARTIAL: as in PROGRESS */
	struct addr	 from;		/* who gave the reason, if not the host itself */
	uint8_t		 state;		/* enum host_state; UNKNOWN for -sL */
	uint8_t		 reason;
	uint8_t		 ttl;
	uint8_t		 outcome;	/* enum outcome; PARTIAL is not done and goes in no count */
	uint8_t		 flags;
	uint8_t		 mac[6];
	uint8_t		 rest_state;	/* enum port_state of the ports that do not follow */
	uint8_t		 rest_reason;
	uint8_t		 rdns_lookup;	/* enum lookup */
	uint16_t	 coverage;	/* as in HOSTSDONE; COVERAGE_ALL where nothing was asked */
	uint8_t		 pass;		/* PARTIAL: as in PROGRESS */
	uint8_t		 zero[7];
	char		 name[NAME_MAX_TEXT];	/* as the user gave it; may be empty */
	char		 rdns[NAME_MAX_TEXT];	/* may be empty */
};

#define msg_pasthost	msg_host

/*
 * Hosts that are done and of which there is no name, other address or port to tell: each is the
 * beginning of its HOST, before the names.
 */
#define BARE_SIZE	offsetof(struct msg_host, name)
#define BAREHOSTS_MAX	10
struct msg_barehosts {
	uint32_t	 n;
	uint32_t	 zero;
	uint8_t		 e[BAREHOSTS_MAX][BARE_SIZE];
};

static inline struct msg_host
host_of_bare(const uint8_t bare[BARE_SIZE])
{
	struct msg_host	 h = { .name = "" };

	memcpy(&h, bare, BARE_SIZE);
	return (h);
}

#define HOSTADDRS_MAX	49
struct msg_hostaddrs {
	uint32_t	 n;
	uint32_t	 zero;
	struct addr	 addr[HOSTADDRS_MAX];
};
#define msg_pastaddrs	msg_hostaddrs

#define HOSTPORTS_MAX	35
struct msg_hostports {
	uint32_t	 n;
	uint32_t	 zero;
	struct port_entry	 e[HOSTPORTS_MAX];	/* rising by proto, then port */
};
#define msg_pastports	msg_hostports

struct range {
	uint32_t	 spec;
	uint32_t	 zero;
	uint64_t	 first, last;	/* offsets, both ends inside */
};

#define RANGES_MAX	41
struct msg_ranges {
	uint32_t	 n;
	uint32_t	 zero;
	uint64_t	 hosts;		/* addresses that were looked at among them */
	struct range	 e[RANGES_MAX];
};
#define msg_done	msg_ranges
#define msg_pastdone	msg_ranges

struct msg_namefailed {
	struct place	 place;
	uint8_t		 lookup;	/* enum lookup, not NONE or FOUND */
	uint8_t		 zero[7];
	char		 name[NAME_MAX_TEXT];
};

#define ENDINGS(S)							\
	S(COMPLETE,	"complete")					\
	S(INTERRUPTED,	"interrupted")					\
	S(CHILD_DIED,	"a process died")				\
	S(NETWORK_GONE,	"the network went away")			\
	S(LOG_FAILED,	"a log could not be written")
#define S(id, name)	ENDING_##id,
enum ending { ENDINGS(S) ENDING_COUNT };
#undef S

struct msg_finish {
	uint64_t	 elapsed;
	uint8_t		 ending;	/* enum ending */
	uint8_t		 zero[7];
	struct msg_stats stats;		/* the prober's last, if it said any */
	struct msg_asked asked;		/* the resolver's */
};

/* logger -> parent */

#define REPLAYS(S)							\
	S(RESUMABLE,	"resumable")					\
	S(FINISHED,	"already complete")				\
	S(EMPTY,	"empty")					\
	S(FOREIGN,	"not a -oN or -oG log of postern")			\
	S(VERSION,	"written by another version of postern")	\
	S(ALTERED,	"altered since it was written")			\
	S(KEYED,	"sealed with a key: give it by --log-key")		\
	S(NOT_KEYED,	"not sealed with a key, though one is given")		\
	S(SEVERAL,	"several logs, one behind the other")			\
	S(TORN_HEADER,	"broken off within its header: nothing was scanned yet")	\
	S(NO_HOST,	"no host in it that nmap finished (only -oN and -oG are read)")	\
	S(IO,		"not readable")
#define S(id, name)	REPLAY_##id,
enum replay { REPLAYS(S) REPLAY_COUNT };
#undef S

struct msg_pastend {
	uint64_t	 seed;
	uint64_t	 start;		/* seconds since 1970, of the first part */
	uint64_t	 hosts;		/* addresses done */
	uint64_t	 up;
	uint64_t	 torn;		/* bytes after the last whole record, dropped */
	uint64_t	 line;		/* where it went wrong, counted from 1 */
	uint8_t		 replay;	/* enum replay */
	uint8_t		 format;	/* enum format of the log; NONE: not known */
	uint8_t		 ending;	/* enum ending: how its last part ended, if it says so */
	uint8_t		 several;	/* 1: it is the last of several logs in the file */
	uint8_t		 unfinished;	/* 1: of which one before it is not complete */
	uint8_t		 zero[3];
};

struct msg_logfailed {
	uint32_t	 error;		/* errno */
	uint8_t		 output;	/* enum output */
	uint8_t		 zero[3];
};

#pragma GCC diagnostic pop
#endif /* PAYLOADS_LOGS_H */
