/*
 * What can be said of a host and of a port, and why: the words nmap's readers know.
 * Each list is a table: the enum, the name and the range check come from the same row.
 */

#ifndef STATE_H
#define STATE_H

#define PORT_STATES(S)							\
	S(UNKNOWN,		"unknown")				\
	S(OPEN,			"open")					\
	S(CLOSED,		"closed")				\
	S(FILTERED,		"filtered")				\
	S(UNFILTERED,		"unfiltered")				\
	S(OPEN_FILTERED,	"open|filtered")			\
	S(CLOSED_FILTERED,	"closed|filtered")

#define HOST_STATES(S)							\
	S(UNKNOWN,		"unknown")				\
	S(UP,			"up")					\
	S(DOWN,			"down")

#define REASONS(S)							\
	S(UNKNOWN,		"unknown-response")			\
	S(NO_RESPONSE,		"no-response")				\
	S(USER_SET,		"user-set")				\
	S(LOCALHOST,		"localhost-response")			\
	S(SYN_ACK,		"syn-ack")				\
	S(SYN,			"split-handshake-syn")			\
	S(RESET,		"reset")				\
	S(ARP_RESPONSE,		"arp-response")				\
	S(ECHO_REPLY,		"echo-reply")				\
	S(TIMESTAMP_REPLY,	"timestamp-reply")			\
	S(NET_UNREACH,		"net-unreach")				\
	S(HOST_UNREACH,		"host-unreach")				\
	S(PROTO_UNREACH,	"proto-unreach")			\
	S(PORT_UNREACH,		"port-unreach")				\
	S(NET_PROHIBITED,	"net-prohibited")			\
	S(HOST_PROHIBITED,	"host-prohibited")			\
	S(ADMIN_PROHIBITED,	"admin-prohibited")			\
	S(TIME_EXCEEDED,	"time-exceeded")			\
	S(NO_ROUTE,		"no-route")				\
	S(HOST_TIMEOUT,		"host-timeout")

/* How the work on one host ended. */
#define OUTCOMES(S)							\
	S(COMPLETE,		"complete")				\
	S(TIMED_OUT,		"timed out")				\
	S(PARTIAL,		"partial")

/* How a look-up ended.  The last is the parent's own word: a name without a target in it. */
#define LOOKUPS(S)							\
	S(NONE,			"not asked")				\
	S(FOUND,		"found")				\
	S(NOT_FOUND,		"no such name")				\
	S(SERVER_FAILED,	"the name server failed")		\
	S(REFUSED,		"refused by the name server")		\
	S(TIMED_OUT,		"timed out")				\
	S(BAD_NAME,		"not a host name")			\
	S(NO_SERVER,		"no name server")			\
	S(NO_IPV4,		"no IPv4 address")

#define S(id, name)	PORT_##id,
enum port_state { PORT_STATES(S) PORT_STATE_COUNT };
#undef S
#define S(id, name)	HOST_##id,
enum host_state { HOST_STATES(S) HOST_STATE_COUNT };
#undef S
#define S(id, name)	REASON_##id,
enum reason { REASONS(S) REASON_COUNT };
#undef S
#define S(id, name)	OUTCOME_##id,
enum outcome { OUTCOMES(S) OUTCOME_COUNT };
#undef S
#define S(id, name)	LOOKUP_##id,
enum lookup { LOOKUPS(S) LOOKUP_COUNT };
#undef S

/* Transport protocols that have ports (IANA protocol numbers). */
enum { PROTO_TCP = 6, PROTO_UDP = 17, PROTO_SCTP = 132 };

extern const char *const	 port_state_names[PORT_STATE_COUNT];
extern const char *const	 host_state_names[HOST_STATE_COUNT];
extern const char *const	 reason_names[REASON_COUNT];
extern const char *const	 outcome_names[OUTCOME_COUNT];
extern const char *const	 lookup_names[LOOKUP_COUNT];

#endif /* STATE_H */
