/*
 * The payloads of the messages.  One message has one size, MSG_SIZE; what a payload does not
 * use of it is zero, and so is every field called zero and every entry past n.
 *
 * Numbers are in host byte order (a socketpair does not leave the machine), times are in
 * microseconds unless they say otherwise.  A payload has no padding: every byte that is sent
 * was written.
 */

#ifndef PAYLOADS_H
#define PAYLOADS_H

#include <stdint.h>

#include "addr.h"
#include "state.h"
#include "text.h"

#define MSG_SIZE	1024
#define MSG_HEADER	16
#define MSG_BODY	(MSG_SIZE - MSG_HEADER)

#define PORT_BITS	65536
#define PORT_PIECE	992		/* bytes of a port set in one message */
#define PORT_PIECES	9		/* messages for a whole one */

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

struct msg_none {
	uint8_t		 zero[8];
};
#define msg_start	msg_none
#define msg_stop	msg_none
#define msg_credit	msg_none
#define msg_logstarted	msg_none
#define msg_logfinished	msg_none
#define msg_checkpoint	msg_none

/* The walls a process has put up round itself; what the kernel lacks is a bit not set. */
enum wall {
	WALL_NAMESPACES = 1,	/* its own mount, IPC, UTS (and, if it can, network) namespaces */
	WALL_ROOT = 2,		/* an empty, read-only root (else an empty directory) */
	WALL_LANDLOCK = 4,
	WALL_MDWE = 8,		/* memory is never writable and executable */
	WALL_PASSRIGHTS = 16,	/* the sockets refuse descriptors */
	WALL_PIDNS = 32,	/* the coordinator is process 1 of a PID namespace */
	WALL_ALL = 63
};

struct msg_ready {
	uint32_t	 walls;		/* set of enum wall */
	uint32_t	 landlock_abi;	/* 0: none */
	uint32_t	 uid, gid;
	uint32_t	 servers;	/* resolver: name servers it can ask */
	uint32_t	 zero;
};

enum say_level { SAY_NOTE, SAY_WARNING, SAY_FATAL, SAY_LEVELS };

struct msg_say {
	uint8_t		 level;		/* enum say_level */
	uint8_t		 zero[7];
	char		 text[512];	/* printable */
};

/* resolver -> parent */
enum name_source { SOURCE_NONE, SOURCE_HOSTS, SOURCE_DNS, SOURCES };

/* Of both families: FOUND if either has one, unless the question for IPv4 had no answer. */
#define ADDRESSES_MAX	40
struct msg_addresses {
	uint32_t	 id;		/* of the FORWARD it answers */
	uint8_t		 lookup;	/* enum lookup */
	uint8_t		 source;	/* enum name_source */
	uint8_t		 n;		/* 0 unless FOUND */
	uint8_t		 partial;	/* 1: the name has more addresses than these */
	struct addr	 addr[ADDRESSES_MAX];
};

#define HOSTNAMES_MAX	3
struct msg_hostnames {
	uint32_t	 n;
	uint32_t	 zero;
	struct hostname_entry {
		uint32_t	 id;	/* of the REVERSE entry it answers */
		uint8_t		 lookup;
		uint8_t		 source;
		uint8_t		 zero[2];
		char		 name[NAME_MAX_TEXT];	/* empty unless FOUND */
	}		 e[HOSTNAMES_MAX];
};

#define SERVERS_MAX	3	/* as many as resolv.conf(5) has */
struct msg_asked {
	uint64_t	 queries;	/* sent to them */
	uint64_t	 answered, failed, timed_out;	/* of them; what is of no use has failed */
	uint32_t	 n;
	struct addr	 server[SERVERS_MAX];
};

/* parent -> resolver */

#define LOOKUPS_MAX	1024	/* look-ups in hand at once: ids are below, one use at a time */

struct msg_forward {
	uint32_t	 id;
	uint8_t		 family;	/* enum family; NONE: both */
	uint8_t		 zero[3];
	char		 name[NAME_MAX_TEXT];
};

#define REVERSE_MAX	41
struct msg_reverse {
	uint32_t	 n;
	uint32_t	 zero;
	struct reverse_entry {
		uint32_t	 id;
		struct addr	 addr;
	}		 e[REVERSE_MAX];
};

/* parent -> prober */

/* Kinds of probe, for pings and for ports. */
enum probe_kind {
	PROBE_NONE, PROBE_ICMP_ECHO, PROBE_ICMP_TIMESTAMP, PROBE_TCP_SYN, PROBE_TCP_ACK, PROBE_ARP,
	PROBE_KINDS
};

#define HOSTS_MAX	1048576	/* hosts in hand at once */
#define RETRIES_MAX	14
#define HOST_TIMEOUT_MAX 864000000U	/* milliseconds: ten days */
#define PINGS_KINDS_MAX	16
struct msg_probeconfig {
	uint64_t	 seed;		/* of the order in which ports are probed */
	uint32_t	 min_rtt, initial_rtt, max_rtt;	/* bounds of a probe's time-out */
	uint32_t	 scan_delay;	/* between two probes to a host */
	uint32_t	 max_scan_delay; /* the longest that a host's limits may make it; 0: any */
	uint32_t	 min_rate;	/* packets in 1,000 seconds over all; 0: none */
	uint32_t	 max_rate;	/* the same; 0: no limit */
	uint32_t	 host_timeout;	/* milliseconds from the first port probe; 0: none */
	uint32_t	 min_parallelism; /* probes in flight to a host, if there are; 0: any */
	uint32_t	 max_parallelism; /* and over all; 0: any */
	uint32_t	 hosts;		/* at most so many in hand at once: ids are below */
	uint32_t	 port_hosts;	/* and of them, so many in the port scan */
	uint32_t	 checkpoint;	/* milliseconds between two reports of PROGRESS; 0: none */
	uint8_t		 timing;	/* -T: 0 to 5 */
	uint8_t		 max_retries;
	uint8_t		 ordered;	/* -r */
	uint8_t		 port_kind;	/* enum probe_kind; NONE: no port scan */
	uint8_t		 npings;
	uint8_t		 defeat_rst;	/* closed ports may be called filtered */
	uint8_t		 limit_retries;	/* as max_retries, for a host that limits its resets */
	uint8_t		 zero[5];
	struct ping_kind {
		uint8_t		 kind;	/* enum probe_kind */
		uint8_t		 zero;
		uint16_t	 port;
	}		 ping[PINGS_KINDS_MAX];
};

struct msg_ports {
	uint8_t		 piece;		/* 0 to PORT_PIECES - 1, in order */
	uint8_t		 proto;		/* PROTO_TCP */
	uint8_t		 zero[6];
	uint8_t		 bits[PORT_PIECE];	/* port p: bit p % 8 of byte p / 8 of all pieces */
};
#define msg_probeports	msg_ports
#define msg_logports	msg_ports

/* KNOWN: it is up, and MSG_KNOWN says how far its port scan is; no ping. */
enum { STEP_PING = 1, STEP_PORTS = 2, STEP_KNOWN = 4, STEPS = 7 };

/* Hosts in the port scan that the parent is done with: as many more may begin theirs. */
struct msg_release {
	uint32_t	 n;
	uint32_t	 zero;
};

#define TARGETS_MAX	35
struct msg_targets {
	uint32_t	 n;
	uint32_t	 zero;
	struct target_entry {
		uint32_t	 id;	/* not in use for another host */
		uint8_t		 steps;	/* set of STEP_; without STEP_PING only ARP can say down */
		uint8_t		 zero[3];
		struct addr	 addr;
	}		 e[TARGETS_MAX];
};

/* What is known of the ports of a host that was given with STEP_KNOWN, in a row of messages. */
#define KNOWN_MAX	240
struct msg_known {
	uint32_t	 id;
	uint32_t	 cursor;	/* as in PROGRESS, the same in all of a row */
	uint8_t		 pass;
	uint8_t		 last;		/* 1: the row ends, its port scan may begin */
	uint16_t	 n;		/* may be 0 */
	uint32_t	 zero;
	struct known_entry {
		uint16_t	 port;	/* it has answered: it is not asked again */
		uint8_t		 state;	/* enum port_state, never UNKNOWN */
		uint8_t		 zero;
	}		 e[KNOWN_MAX];
};

/* prober -> parent */

#define PINGS_MAX	25
struct msg_pings {
	uint32_t	 n;
	uint32_t	 zero;
	struct ping_entry {
		uint32_t	 id;
		uint32_t	 rtt;		/* 0: not measured */
		uint8_t		 state;		/* HOST_UP or HOST_DOWN */
		uint8_t		 reason;
		uint8_t		 ttl;		/* of the reply; 0: none */
		uint8_t		 has_mac;
		uint8_t		 mac[6];
		uint8_t		 zero[2];
		struct addr	 from;		/* who said so, if not the host itself */
	}		 e[PINGS_MAX];
};

struct port_entry {
	uint16_t	 port;
	uint8_t		 proto;		/* PROTO_TCP */
	uint8_t		 state;		/* enum port_state, never UNKNOWN */
	uint8_t		 reason;
	uint8_t		 ttl;		/* of the reply; 0: none */
	uint8_t		 zero[2];
	struct addr	 from;		/* who said so, if not the host itself */
};

#define PORTSTATES_MAX	31
struct msg_portstates {
	uint32_t	 n;
	uint32_t	 zero;
	struct portstate_entry {
		uint32_t		 id;
		struct port_entry	 port;
	}		 e[PORTSTATES_MAX];
};

/*
 * A port scan goes over its ports in passes, in an order that the seed gives; in this pass all
 * before the cursor are asked.
 */
#define PROGRESS_MAX	80
struct msg_progress {
	uint32_t	 n;
	uint32_t	 zero;
	struct progress_entry {
		uint32_t	 id;
		uint32_t	 cursor;	/* at most the number of ports */
		uint8_t		 pass;		/* at most PASS_MAX */
		uint8_t		 zero[3];
	}		 e[PROGRESS_MAX];
};
#define PASS_MAX	(RETRIES_MAX + 1)

#define COVERAGE_ALL	10000	/* expected, from the loss that was seen */
#define HOSTSDONE_MAX	62
struct msg_hostsdone {
	uint32_t	 n;
	uint32_t	 zero;
	struct hostdone_entry {
		uint32_t	 id;
		uint32_t	 srtt;		/* 0: no reply ever */
		uint32_t	 probes;	/* sent to it */
		uint8_t		 outcome;	/* enum outcome */
		uint8_t		 zero;
		uint16_t	 coverage;	/* of COVERAGE_ALL answers, so many have come */
	}		 e[HOSTSDONE_MAX];
};

struct msg_stats {
	uint64_t	 sent;		/* packets the kernel took */
	uint64_t	 pings;		/* of them: to find hosts, by ARP or else */
	uint64_t	 ports;		/* of them: to ports; the rest are canaries */
	uint64_t	 refused;	/* and did not take, for good: a firewall, no route */
	uint64_t	 full;		/* and had no room for: they were sent later */
	uint64_t	 received;	/* packets that passed the filter */
	uint64_t	 dropped;	/* by the receive ring, for want of room */
	uint64_t	 invalid;	/* failed validation */
	uint64_t	 late;		/* replies to nothing that was still asked */
	uint64_t	 canaries;	/* asked again of hosts that had answered */
	uint64_t	 lost;		/* canaries without an answer */
	uint32_t	 last;		/* 1: answer to STOP, nothing follows */
	uint32_t	 loss;		/* of a million packets, as estimated, there and back */
};

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
#endif /* PAYLOADS_H */
