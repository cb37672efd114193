/* What the fields of a payload may not hold, and the ends of what they may. */

#ifndef FIELDS_H
#define FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "ipc.h"

/* A field of a message set to a value. */
struct change {
	enum msg_type	 type;
	const char	*what;
	size_t		 offset;
	size_t		 size;
	uint64_t	 value;
};
#define SET(name, stem, field, v)						\
	{ MSG_##name, #name " " #field " = " #v, offsetof(struct msg, stem.field),	\
	    sizeof(((struct msg *)NULL)->stem.field), (uint64_t)(v) },

static const struct change	 bad[] = {
	SET(READY, ready, walls, 64 | WALL_LANDLOCK)
	SET(READY, ready, walls, WALL_NAMESPACES)	/* but a Landlock version */
	SET(READY, ready, landlock_abi, 0)
	SET(READY, ready, uid, 0)
	SET(READY, ready, gid, 0)
	SET(READY, ready, zero, 1)

	SET(SAY, say, level, SAY_LEVELS)
	SET(SAY, say, zero[0], 1)
	SET(SAY, say, zero[6], 1)
	SET(SAY, say, text[1], 27)
	SET(SAY, say, text[1], 0)		/* and more behind it */
	SET(SAY, say, text[511], 'x')

	SET(ADDRESSES, addresses, lookup, LOOKUP_NONE)
	SET(ADDRESSES, addresses, lookup, LOOKUP_COUNT)
	SET(ADDRESSES, addresses, lookup, LOOKUP_NOT_FOUND)
	SET(ADDRESSES, addresses, source, SOURCE_NONE)
	SET(ADDRESSES, addresses, source, SOURCES)
	SET(ADDRESSES, addresses, n, 0)
	SET(ADDRESSES, addresses, n, 1)		/* a second behind it */
	SET(ADDRESSES, addresses, n, 3)		/* no third */
	SET(ADDRESSES, addresses, n, ADDRESSES_MAX + 1)
	SET(ADDRESSES, addresses, n, 255)
	SET(ADDRESSES, addresses, partial, 2)
	SET(ADDRESSES, addresses, partial, 255)
	SET(ADDRESSES, addresses, addr[1].family, FAMILY_NONE)
	SET(ADDRESSES, addresses, addr[1].family, FAMILY_IPV4)	/* with too many bytes */
	SET(ADDRESSES, addresses, addr[1].family, 5)
	SET(ADDRESSES, addresses, addr[0].zero[2], 1)
	SET(ADDRESSES, addresses, addr[0].ip[4], 1)
	SET(ADDRESSES, addresses, addr[39].ip[15], 1)

	SET(HOSTNAMES, hostnames, n, 0)
	SET(HOSTNAMES, hostnames, n, 1)
	SET(HOSTNAMES, hostnames, n, HOSTNAMES_MAX)
	SET(HOSTNAMES, hostnames, n, HOSTNAMES_MAX + 1)
	SET(HOSTNAMES, hostnames, n, UINT32_MAX)
	SET(HOSTNAMES, hostnames, zero, 1)
	SET(HOSTNAMES, hostnames, e[0].lookup, LOOKUP_NONE)
	SET(HOSTNAMES, hostnames, e[0].lookup, LOOKUP_NOT_FOUND)	/* but a name */
	SET(HOSTNAMES, hostnames, e[1].lookup, LOOKUP_NO_IPV4)
	SET(HOSTNAMES, hostnames, e[1].lookup, LOOKUP_COUNT)
	SET(HOSTNAMES, hostnames, e[1].lookup, LOOKUP_FOUND)		/* but no name */
	SET(HOSTNAMES, hostnames, e[0].source, SOURCE_NONE)
	SET(HOSTNAMES, hostnames, e[0].source, SOURCES)
	SET(HOSTNAMES, hostnames, e[1].source, SOURCE_DNS)
	SET(HOSTNAMES, hostnames, e[0].zero[0], 1)
	SET(HOSTNAMES, hostnames, e[1].zero[1], 1)
	SET(HOSTNAMES, hostnames, e[0].name[0], '.')
	SET(HOSTNAMES, hostnames, e[0].name[1], '/')
	SET(HOSTNAMES, hostnames, e[0].name[255], 'x')
	SET(HOSTNAMES, hostnames, e[1].name[0], 'x')

	SET(PINGS, pings, n, 0)
	SET(PINGS, pings, n, 1)
	SET(PINGS, pings, n, 3)
	SET(PINGS, pings, n, PINGS_MAX + 1)
	SET(PINGS, pings, n, UINT32_MAX)
	SET(PINGS, pings, zero, 1)
	SET(PINGS, pings, e[0].state, HOST_UNKNOWN)
	SET(PINGS, pings, e[1].state, HOST_STATE_COUNT)
	SET(PINGS, pings, e[0].reason, REASON_COUNT)
	SET(PINGS, pings, e[0].has_mac, 0)	/* but one is there */
	SET(PINGS, pings, e[0].has_mac, 2)
	SET(PINGS, pings, e[1].mac[5], 1)
	SET(PINGS, pings, e[0].zero[1], 1)
	SET(PINGS, pings, e[0].from.family, 1)
	SET(PINGS, pings, e[0].from.ip[0], 1)	/* of no family */

	SET(PORTSTATES, portstates, n, 0)
	SET(PORTSTATES, portstates, n, 2)
	SET(PORTSTATES, portstates, n, PORTSTATES_MAX + 1)
	SET(PORTSTATES, portstates, n, UINT32_MAX)
	SET(PORTSTATES, portstates, zero, 1)
	SET(PORTSTATES, portstates, e[0].port.proto, 0)
	SET(PORTSTATES, portstates, e[0].port.proto, PROTO_UDP)
	SET(PORTSTATES, portstates, e[0].port.state, PORT_UNKNOWN)
	SET(PORTSTATES, portstates, e[0].port.state, PORT_STATE_COUNT)
	SET(PORTSTATES, portstates, e[0].port.reason, REASON_COUNT)
	SET(PORTSTATES, portstates, e[0].port.zero[0], 1)
	SET(PORTSTATES, portstates, e[0].port.from.family, 255)
	SET(PORTSTATES, portstates, e[30].id, 1)

	SET(HOSTSDONE, hostsdone, n, 0)
	SET(HOSTSDONE, hostsdone, n, HOSTSDONE_MAX + 1)
	SET(HOSTSDONE, hostsdone, n, UINT32_MAX)
	SET(HOSTSDONE, hostsdone, zero, 1)
	SET(HOSTSDONE, hostsdone, e[0].outcome, OUTCOME_COUNT)
	SET(HOSTSDONE, hostsdone, e[0].zero, 1)
	SET(HOSTSDONE, hostsdone, e[61].zero, 1)
	SET(HOSTSDONE, hostsdone, e[0].coverage, COVERAGE_ALL + 1)

	SET(STATS, stats, last, 2)
	SET(STATS, stats, loss, 1000001)
	SET(STATS, stats, lost, 1)
	SET(STATS, stats, sent, 1)		/* but two of them counted */
	SET(STATS, stats, pings, 3)		/* with the other, four of three */
	SET(STATS, stats, ports, 3)
	SET(STATS, stats, pings, 4)
	SET(STATS, stats, pings, UINT64_MAX)
	SET(STATS, stats, ports, UINT64_MAX)

	SET(PROGRESS, progress, n, 0)
	SET(PROGRESS, progress, n, 1)
	SET(PROGRESS, progress, n, PROGRESS_MAX + 1)
	SET(PROGRESS, progress, n, UINT32_MAX)
	SET(PROGRESS, progress, zero, 1)
	SET(PROGRESS, progress, e[0].cursor, PORT_BITS + 1)
	SET(PROGRESS, progress, e[1].cursor, UINT32_MAX)
	SET(PROGRESS, progress, e[0].pass, PASS_MAX + 1)
	SET(PROGRESS, progress, e[1].pass, 255)
	SET(PROGRESS, progress, e[0].zero[0], 1)
	SET(PROGRESS, progress, e[1].zero[2], 1)
	SET(PROGRESS, progress, e[79].id, 1)

	SET(ASKED, asked, queries, 8)		/* but nine that came to something */
	SET(ASKED, asked, answered, 6)
	SET(ASKED, asked, answered, UINT64_MAX)
	SET(ASKED, asked, failed, 4)
	SET(ASKED, asked, failed, UINT64_MAX)
	SET(ASKED, asked, timed_out, 2)
	SET(ASKED, asked, timed_out, UINT64_MAX)
	SET(ASKED, asked, n, 0)
	SET(ASKED, asked, n, 1)
	SET(ASKED, asked, n, SERVERS_MAX)
	SET(ASKED, asked, n, SERVERS_MAX + 1)
	SET(ASKED, asked, n, UINT32_MAX)
	SET(ASKED, asked, server[0].family, FAMILY_NONE)
	SET(ASKED, asked, server[0].family, 255)
	SET(ASKED, asked, server[1].family, FAMILY_IPV4)	/* with too many bytes */
	SET(ASKED, asked, server[0].zero[1], 1)
	SET(ASKED, asked, server[0].ip[4], 1)
	SET(ASKED, asked, server[2].ip[15], 1)

	SET(PASTLINE, pastline, kind, LINE_ARGS)
	SET(PASTLINE, pastline, kind, LINE_WALLS)
	SET(PASTLINE, pastline, kind, LINE_KINDS)
	SET(PASTLINE, pastline, more, 2)
	SET(PASTLINE, pastline, zero[5], 1)
	SET(PASTLINE, pastline, text[0], 200)
	SET(PASTLINE, pastline, text[LINE_TEXT - 1], 'x')

	SET(PASTDONE, pastdone, n, 0)
	SET(PASTDONE, pastdone, n, 1)
	SET(PASTDONE, pastdone, n, RANGES_MAX + 1)
	SET(PASTDONE, pastdone, n, UINT32_MAX)
	SET(PASTDONE, pastdone, zero, 1)
	SET(PASTDONE, pastdone, e[0].first, 5)	/* after its last */
	SET(PASTDONE, pastdone, e[1].zero, 1)
	SET(PASTDONE, pastdone, e[1].last, 1ULL << 32)
	SET(PASTDONE, pastdone, e[1].last, UINT64_MAX)

	SET(PASTADDRS, pastaddrs, n, 0)
	SET(PASTADDRS, pastaddrs, n, 1)
	SET(PASTADDRS, pastaddrs, n, 3)
	SET(PASTADDRS, pastaddrs, n, HOSTADDRS_MAX + 1)
	SET(PASTADDRS, pastaddrs, n, UINT32_MAX)
	SET(PASTADDRS, pastaddrs, zero, 1)
	SET(PASTADDRS, pastaddrs, addr[0].family, FAMILY_NONE)
	SET(PASTADDRS, pastaddrs, addr[1].family, FAMILY_IPV4)	/* with too many bytes */
	SET(PASTADDRS, pastaddrs, addr[0].ip[4], 1)
	SET(PASTADDRS, pastaddrs, addr[1].zero[2], 1)
	SET(PASTADDRS, pastaddrs, addr[48].ip[15], 1)

	SET(PASTEND, pastend, up, 4)		/* of three */
	SET(PASTEND, pastend, replay, REPLAY_COUNT)
	SET(PASTEND, pastend, format, FORMATS)
	SET(PASTEND, pastend, format, FORMAT_REPORT)
	SET(PASTEND, pastend, ending, ENDING_COUNT)
	SET(PASTEND, pastend, zero[2], 1)
	SET(PASTEND, pastend, several, 2)
	SET(PASTEND, pastend, unfinished, 1)	/* of one log */

	SET(LOGSTARTED, logstarted, zero[0], 1)
	SET(LOGFINISHED, logfinished, zero[7], 1)
	SET(LOGFAILED, logfailed, error, 0)
	SET(LOGFAILED, logfailed, output, OUTPUTS)
	SET(LOGFAILED, logfailed, zero[2], 1)

	SET(START, start, zero[0], 1)
	SET(STOP, stop, zero[7], 1)
	SET(CREDIT, credit, zero[3], 1)
	SET(CHECKPOINT, checkpoint, zero[0], 1)
	SET(CHECKPOINT, checkpoint, zero[7], 1)

	SET(FORWARD, forward, id, LOOKUPS_MAX)
	SET(FORWARD, forward, family, 1)
	SET(FORWARD, forward, family, 255)
	SET(FORWARD, forward, zero[2], 1)
	SET(FORWARD, forward, name[0], 0)
	SET(FORWARD, forward, name[0], ' ')
	SET(FORWARD, forward, name[1], '\n')
	SET(FORWARD, forward, name[255], 'x')

	SET(REVERSE, reverse, n, 0)
	SET(REVERSE, reverse, n, 2)
	SET(REVERSE, reverse, n, REVERSE_MAX + 1)
	SET(REVERSE, reverse, n, UINT32_MAX)
	SET(REVERSE, reverse, zero, 1)
	SET(REVERSE, reverse, e[0].id, LOOKUPS_MAX)
	SET(REVERSE, reverse, e[0].addr.family, FAMILY_NONE)
	SET(REVERSE, reverse, e[0].addr.ip[15], 1)
	SET(REVERSE, reverse, e[40].id, 1)

	SET(PROBECONFIG, probeconfig, min_rtt, 0)
	SET(PROBECONFIG, probeconfig, min_rtt, 3)
	SET(PROBECONFIG, probeconfig, initial_rtt, 4)
	SET(PROBECONFIG, probeconfig, max_rtt, 1)
	SET(PROBECONFIG, probeconfig, scan_delay, 5)
	SET(PROBECONFIG, probeconfig, max_scan_delay, 3)
	SET(PROBECONFIG, probeconfig, hosts, 0)
	SET(PROBECONFIG, probeconfig, hosts, HOSTS_MAX + 1)
	SET(PROBECONFIG, probeconfig, port_hosts, 0)
	SET(PROBECONFIG, probeconfig, port_hosts, HOSTS_MAX + 1)
	SET(PROBECONFIG, probeconfig, timing, 6)
	SET(PROBECONFIG, probeconfig, max_retries, RETRIES_MAX + 1)
	SET(PROBECONFIG, probeconfig, ordered, 2)
	SET(PROBECONFIG, probeconfig, defeat_rst, 2)
	SET(PROBECONFIG, probeconfig, min_parallelism, 2)
	SET(PROBECONFIG, probeconfig, min_rate, 2)
	SET(PROBECONFIG, probeconfig, port_kind, PROBE_ARP)
	SET(PROBECONFIG, probeconfig, port_kind, PROBE_KINDS)
	SET(PROBECONFIG, probeconfig, npings, 1)
	SET(PROBECONFIG, probeconfig, npings, 3)
	SET(PROBECONFIG, probeconfig, npings, PINGS_KINDS_MAX + 1)
	SET(PROBECONFIG, probeconfig, npings, 255)
	SET(PROBECONFIG, probeconfig, zero[0], 1)
	SET(PROBECONFIG, probeconfig, zero[4], 1)
	SET(PROBECONFIG, probeconfig, host_timeout, HOST_TIMEOUT_MAX + 1)
	SET(PROBECONFIG, probeconfig, limit_retries, RETRIES_MAX + 1)
	SET(PROBECONFIG, probeconfig, ping[0].kind, PROBE_NONE)
	SET(PROBECONFIG, probeconfig, ping[0].kind, PROBE_ARP)
	SET(PROBECONFIG, probeconfig, ping[0].kind, PROBE_KINDS)
	SET(PROBECONFIG, probeconfig, ping[1].zero, 1)
	SET(PROBECONFIG, probeconfig, ping[0].port, 7)	/* an echo has none */

	SET(PROBEPORTS, probeports, piece, PORT_PIECES)
	SET(PROBEPORTS, probeports, proto, PROTO_UDP)
	SET(PROBEPORTS, probeports, zero[5], 1)
	SET(PROBEPORTS, probeports, bits[PORT_BITS / 8 - (PORT_PIECES - 1) * PORT_PIECE], 1)

	SET(TARGETS, targets, n, 0)
	SET(TARGETS, targets, n, 2)
	SET(TARGETS, targets, n, TARGETS_MAX + 1)
	SET(TARGETS, targets, n, UINT32_MAX)
	SET(TARGETS, targets, zero, 1)
	SET(TARGETS, targets, e[0].steps, 0)
	SET(TARGETS, targets, e[0].steps, STEPS + 1)
	SET(TARGETS, targets, e[0].steps, 8 | STEP_PING)
	SET(TARGETS, targets, e[0].steps, STEP_KNOWN)
	SET(TARGETS, targets, e[0].steps, STEP_KNOWN | STEP_PING)
	SET(TARGETS, targets, e[0].steps, STEPS)	/* known to be up, and to be pinged */
	SET(TARGETS, targets, e[0].zero[1], 1)
	SET(TARGETS, targets, e[0].addr.family, FAMILY_NONE)
	SET(TARGETS, targets, e[0].addr.zero[0], 1)
	SET(TARGETS, targets, e[34].steps, 1)

	SET(KNOWN, known, cursor, PORT_BITS + 1)
	SET(KNOWN, known, cursor, UINT32_MAX)
	SET(KNOWN, known, pass, PASS_MAX + 1)
	SET(KNOWN, known, last, 2)
	SET(KNOWN, known, n, 0)			/* but two follow */
	SET(KNOWN, known, n, 1)
	SET(KNOWN, known, n, 3)
	SET(KNOWN, known, n, KNOWN_MAX + 1)
	SET(KNOWN, known, n, UINT16_MAX)
	SET(KNOWN, known, zero, 1)
	SET(KNOWN, known, e[0].state, PORT_UNKNOWN)
	SET(KNOWN, known, e[1].state, PORT_STATE_COUNT)
	SET(KNOWN, known, e[1].zero, 1)
	SET(KNOWN, known, e[239].port, 1)

	SET(RELEASE, release, n, 0)
	SET(RELEASE, release, n, HOSTS_MAX + 1)
	SET(RELEASE, release, n, UINT32_MAX)
	SET(RELEASE, release, zero, 1)

#include "fields_logs.h"
};

/* The same fields at the ends of what they may hold: else a refusal would show nothing. */
static const struct change	 fine[] = {
	SET(SAY, say, level, SAY_FATAL)
	SET(SAY, say, text[6], '~')
	SET(ADDRESSES, addresses, lookup, LOOKUP_FOUND)
	SET(ADDRESSES, addresses, partial, 0)
	SET(HOSTNAMES, hostnames, e[1].lookup, LOOKUP_NO_SERVER)
	SET(PINGS, pings, e[1].reason, REASON_COUNT - 1)
	SET(PORTSTATES, portstates, e[0].port.port, 0)
	SET(PORTSTATES, portstates, e[0].port.state, PORT_STATE_COUNT - 1)
	SET(HOSTSDONE, hostsdone, e[0].outcome, OUTCOME_COUNT - 1)
	SET(PASTLINE, pastline, kind, LINE_LIST)
	SET(PASTDONE, pastdone, e[1].last, UINT32_MAX)
	SET(STATS, stats, pings, 2)
	SET(STATS, stats, ports, 2)
	SET(STATS, stats, sent, 2)
	SET(PROGRESS, progress, e[1].cursor, PORT_BITS)
	SET(PROGRESS, progress, e[1].pass, PASS_MAX)
	SET(ASKED, asked, queries, UINT64_MAX)
	SET(ASKED, asked, timed_out, 0)
	SET(NAMEFAILED, namefailed, lookup, LOOKUP_NO_IPV4)
	SET(PASTEND, pastend, up, 0)
	SET(PASTEND, pastend, ending, ENDING_COUNT - 1)
	SET(PASTHOST, pasthost, cursor, PORT_BITS)
	SET(PASTHOST, pasthost, pass, PASS_MAX)
	SET(PASTHOST, pasthost, cursor, 0)
	SET(PASTPORTS, pastports, e[1].port, UINT16_MAX)
	SET(PASTADDRS, pastaddrs, addr[0].ip[3], 255)
	SET(FORWARD, forward, id, LOOKUPS_MAX - 1)
	SET(FORWARD, forward, family, FAMILY_NONE)
	SET(REVERSE, reverse, e[0].id, LOOKUPS_MAX - 1)
	SET(PROBECONFIG, probeconfig, min_rtt, 2)
	SET(PROBECONFIG, probeconfig, port_hosts, HOSTS_MAX)
	SET(PROBECONFIG, probeconfig, port_kind, PROBE_NONE)
	SET(PROBECONFIG, probeconfig, max_rate, UINT32_MAX)
	SET(PROBEPORTS, probeports, piece, 0)
	SET(PROBEPORTS, probeports, bits[PORT_BITS / 8 - (PORT_PIECES - 1) * PORT_PIECE - 1], 255)
	SET(PROBECONFIG, probeconfig, host_timeout, HOST_TIMEOUT_MAX)
	SET(PROBECONFIG, probeconfig, checkpoint, UINT32_MAX)
	SET(TARGETS, targets, e[0].steps, STEP_PORTS)
	SET(TARGETS, targets, e[0].steps, STEP_KNOWN | STEP_PORTS)
	SET(KNOWN, known, cursor, PORT_BITS)
	SET(KNOWN, known, pass, PASS_MAX)
	SET(KNOWN, known, last, 0)
	SET(KNOWN, known, e[1].state, PORT_STATE_COUNT - 1)
	SET(RELEASE, release, n, HOSTS_MAX)
	SET(LOGCONFIG, logconfig, flags, LOG_FLAGS)
	SET(LOGCONFIG, logconfig, format[OUTPUT_OLD], FORMATS - 1)
	SET(HOST, host, others, 0)
	SET(HOST, host, place.offset, UINT32_MAX)
	SET(HOST, host, state, HOST_UNKNOWN)
	SET(HOST, host, outcome, OUTCOME_PARTIAL)
	SET(HOST, host, coverage, COVERAGE_ALL)
	SET(BAREHOSTS, barehosts, e[1][offsetof(struct msg_host, state)], HOST_DOWN)
	SET(BAREHOSTS, barehosts, e[0][offsetof(struct msg_host, outcome)], OUTCOME_TIMED_OUT)
	SET(HOSTPORTS, hostports, e[1].port, 23)
	SET(FINISH, finish, ending, ENDING_COUNT - 1)
	SET(FINISH, finish, stats.ports, 2)
	SET(LOGLINE, logline, text[LINE_TEXT - 2], 0)
};

#endif /* FIELDS_H */
