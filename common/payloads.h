/*
 * The payloads of the messages.  One message has one size, MSG_SIZE; what a payload does not
 * use of it is zero, and so is every field called zero and every entry past n.
 *
 * Numbers are in host byte order (a socketpair does not leave the machine), times are in
 * microseconds unless they say otherwise.  A payload has no padding: every byte that is sent
 * was written.  What goes to the logger and comes from it is in payloads_logs.h.
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
	uint64_t	 full;		/* and had no room for at first */
	uint64_t	 received;	/* packets that passed the filter */
	uint64_t	 dropped;	/* by the receive ring, for want of room */
	uint64_t	 invalid;	/* failed validation */
	uint64_t	 late;		/* replies to nothing that was still asked */
	uint64_t	 canaries;	/* asked again of hosts that had answered */
	uint64_t	 lost;		/* canaries without an answer */
	uint32_t	 last;		/* 1: answer to STOP, nothing follows */
	uint32_t	 loss;		/* of a million packets, as estimated, there and back */
};

#pragma GCC diagnostic pop

#include "payloads_logs.h"

#endif /* PAYLOADS_H */
