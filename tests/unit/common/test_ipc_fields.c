/*
 * Field by field, what a payload may not hold: the well-formed message passes, and the same
 * with one field changed ends the receiver, who says that the payload was bad.
 */

#include <endian.h>

#include "good.h"
#include "receive.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))

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

	SET(PASTEND, pastend, up, 4)		/* of three */
	SET(PASTEND, pastend, replay, REPLAY_COUNT)
	SET(PASTEND, pastend, format, FORMATS)
	SET(PASTEND, pastend, format, FORMAT_REPORT)
	SET(PASTEND, pastend, zero[5], 1)

	SET(LOGSTARTED, logstarted, zero[0], 1)
	SET(LOGFINISHED, logfinished, zero[7], 1)
	SET(LOGFAILED, logfailed, error, 0)
	SET(LOGFAILED, logfailed, output, OUTPUTS)
	SET(LOGFAILED, logfailed, zero[2], 1)

	SET(START, start, zero[0], 1)
	SET(STOP, stop, zero[7], 1)
	SET(CREDIT, credit, zero[3], 1)

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
	SET(PROBECONFIG, probeconfig, zero, 1)
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
	SET(TARGETS, targets, e[0].steps, 4 | STEP_PING)
	SET(TARGETS, targets, e[0].zero[1], 1)
	SET(TARGETS, targets, e[0].addr.family, FAMILY_NONE)
	SET(TARGETS, targets, e[0].addr.zero[0], 1)
	SET(TARGETS, targets, e[34].steps, 1)

	SET(RELEASE, release, n, 0)
	SET(RELEASE, release, n, HOSTS_MAX + 1)
	SET(RELEASE, release, n, UINT32_MAX)
	SET(RELEASE, release, zero, 1)

	SET(LOGCONFIG, logconfig, flags, LOG_FLAGS + 1)
	SET(LOGCONFIG, logconfig, verbosity, 11)
	SET(LOGCONFIG, logconfig, port_kind, PROBE_TCP_ACK)
	SET(LOGCONFIG, logconfig, format[0], FORMATS)
	SET(LOGCONFIG, logconfig, format[2], 255)
	SET(LOGCONFIG, logconfig, zero[6], 1)

	SET(LOGPORTS, logports, piece, PORT_PIECES)
	SET(LOGPORTS, logports, proto, 0)
	SET(LOGPORTS, logports, zero[0], 1)

	SET(LOGLINE, logline, kind, LINE_KINDS)
	SET(LOGLINE, logline, more, 2)
	SET(LOGLINE, logline, zero[0], 1)
	SET(LOGLINE, logline, text[3], '\n')
	SET(LOGLINE, logline, text[LINE_TEXT - 1], 'x')
	SET(REPLAY, replay, zero[4], 1)

	SET(HOST, host, place.zero, 1)
	SET(HOST, host, place.offset, 1ULL << 32)
	SET(HOST, host, addr.family, FAMILY_NONE)
	SET(HOST, host, addr.ip[5], 1)
	SET(HOST, host, ports, PORT_BITS + 1)
	SET(HOST, host, others, ADDRESSES_MAX)
	SET(HOST, host, from.family, 9)
	SET(HOST, host, state, HOST_STATE_COUNT)
	SET(HOST, host, reason, REASON_COUNT)
	SET(HOST, host, outcome, OUTCOME_COUNT)
	SET(HOST, host, flags, 0)		/* but a hardware address */
	SET(HOST, host, flags, HOST_FLAGS + 1)
	SET(HOST, host, rest_state, PORT_STATE_COUNT)
	SET(HOST, host, rest_reason, REASON_COUNT)
	SET(HOST, host, rdns_lookup, LOOKUP_COUNT)
	SET(HOST, host, rdns_lookup, LOOKUP_NONE)	/* but a name */
	SET(HOST, host, zero[3], 1)
	SET(HOST, host, name[0], '%')
	SET(HOST, host, name[0], 0)
	SET(HOST, host, name[200], 'x')
	SET(HOST, host, rdns[1], '(')
	SET(HOST, host, rdns[255], 'x')

	SET(HOSTADDRS, hostaddrs, n, 0)
	SET(HOSTADDRS, hostaddrs, n, 2)
	SET(HOSTADDRS, hostaddrs, n, HOSTADDRS_MAX + 1)
	SET(HOSTADDRS, hostaddrs, n, UINT32_MAX)
	SET(HOSTADDRS, hostaddrs, zero, 1)
	SET(HOSTADDRS, hostaddrs, addr[0].zero[1], 1)

	SET(HOSTPORTS, hostports, n, 0)
	SET(HOSTPORTS, hostports, n, 3)
	SET(HOSTPORTS, hostports, n, HOSTPORTS_MAX + 1)
	SET(HOSTPORTS, hostports, n, UINT32_MAX)
	SET(HOSTPORTS, hostports, zero, 1)
	SET(HOSTPORTS, hostports, e[1].port, 22)	/* the same twice */
	SET(HOSTPORTS, hostports, e[1].port, 21)	/* falling */
	SET(HOSTPORTS, hostports, e[0].proto, PROTO_SCTP)
	SET(HOSTPORTS, hostports, e[0].state, PORT_UNKNOWN)
	SET(HOSTPORTS, hostports, e[1].state, PORT_STATE_COUNT)
	SET(HOSTPORTS, hostports, e[1].reason, REASON_COUNT)
	SET(HOSTPORTS, hostports, e[1].zero[1], 1)
	SET(HOSTPORTS, hostports, e[1].from.zero[0], 1)


	SET(DONE, done, n, 0)
	SET(DONE, done, n, RANGES_MAX + 1)
	SET(DONE, done, n, UINT32_MAX)
	SET(DONE, done, zero, 1)
	SET(DONE, done, e[0].last, 3)		/* before its first */
	SET(DONE, done, e[0].zero, 1)
	SET(DONE, done, e[0].last, 1ULL << 32)

	SET(NAMEFAILED, namefailed, place.zero, 1)
	SET(NAMEFAILED, namefailed, place.offset, UINT64_MAX)
	SET(NAMEFAILED, namefailed, lookup, LOOKUP_NONE)
	SET(NAMEFAILED, namefailed, lookup, LOOKUP_FOUND)
	SET(NAMEFAILED, namefailed, lookup, LOOKUP_COUNT)
	SET(NAMEFAILED, namefailed, zero[6], 1)
	SET(NAMEFAILED, namefailed, name[0], 0)
	SET(NAMEFAILED, namefailed, name[0], '"')

	SET(FINISH, finish, ending, ENDING_COUNT)
	SET(FINISH, finish, stats.last, 2)
	SET(FINISH, finish, stats.loss, 1000001)
	SET(FINISH, finish, stats.lost, 1)
	SET(FINISH, finish, zero[6], 1)
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
	SET(PASTEND, pastend, up, 0)
	SET(FORWARD, forward, id, LOOKUPS_MAX - 1)
	SET(FORWARD, forward, family, FAMILY_NONE)
	SET(REVERSE, reverse, e[0].id, LOOKUPS_MAX - 1)
	SET(PROBECONFIG, probeconfig, min_rtt, 2)
	SET(PROBECONFIG, probeconfig, port_hosts, HOSTS_MAX)
	SET(PROBECONFIG, probeconfig, port_kind, PROBE_NONE)
	SET(PROBECONFIG, probeconfig, max_rate, UINT32_MAX)
	SET(PROBEPORTS, probeports, piece, 0)
	SET(PROBEPORTS, probeports, bits[PORT_BITS / 8 - (PORT_PIECES - 1) * PORT_PIECE - 1], 255)
	SET(TARGETS, targets, e[0].steps, STEP_PORTS)
	SET(RELEASE, release, n, HOSTS_MAX)
	SET(LOGCONFIG, logconfig, flags, LOG_FLAGS)
	SET(HOST, host, others, 0)
	SET(HOST, host, place.offset, UINT32_MAX)
	SET(HOST, host, state, HOST_UNKNOWN)
	SET(HOSTPORTS, hostports, e[1].port, 23)
	SET(FINISH, finish, ending, ENDING_COUNT - 1)
	SET(LOGLINE, logline, text[LINE_TEXT - 2], 0)
};

/* Who is sent a message of this type, in a phase that it may come in. */
static struct chan
receiver_of(enum msg_type type)
{
	static const enum proc	 procs[] = { PARENT, RESOLVER, PROBER, LOGGER };
	const struct msg_row	*row;
	enum phase		 phase;

	for (size_t i = 0; i < N(procs); i++) {
		row = &rows_of(procs[i])[type];
		if (row->handle == NULL)
			continue;
		phase = (row->phases & SETUP) != 0 ? SETUP : (row->phases & RUN) != 0 ? RUN : DRAIN;
		for (size_t k = 0; k < N(procs); k++)
			if ((row->from & procs[k]) != 0)
				return (fresh(-1, procs[i], procs[k], phase));
	}
	return (fresh(-1, PARENT, LOGGER, RUN));	/* CREDIT */
}

static struct msg
changed(const struct change *change)
{
	struct msg	 m = good(change->type);
	uint64_t	 value = htole64(change->value);

	memcpy((uint8_t *)&m + change->offset, &value, change->size);
	return (m);
}

static void
a_good_payload_is_taken(void)
{
	for (enum msg_type t = MSG_NONE + 1; t < MSG_TYPES; t++) {
		struct msg	 m = good(t);

		CHECK(receive(receiver_of(t), &m, 1) == 0 && received->reason[0] == '\0');
		CHECK(received->n[t] == (t == MSG_CREDIT ? 0 : 1));
	}
}

static void
a_field_at_the_end_of_its_range_is_taken(void)
{
	for (size_t i = 0; i < N(fine); i++) {
		struct msg	 m = changed(&fine[i]);
		int		 status = receive(receiver_of(fine[i].type), &m, 1);

		if (status != 0)
			printf("# %s: %s\n", fine[i].what, received->reason);
		CHECK(status == 0 && received->n[fine[i].type] == 1);
	}
}

static void
one_bad_field_ends_the_receiver(void)
{
	for (size_t i = 0; i < N(bad); i++) {
		struct msg	 m = changed(&bad[i]);
		int		 status = receive(receiver_of(bad[i].type), &m, 1);

		if (status == 0)
			printf("# %s was taken\n", bad[i].what);
		CHECK(ended_saying(status, "with a bad payload") && received->total == 0);
	}
}

/* Of a name without any address nobody can say that it has more. */
static void
only_addresses_that_were_found_may_be_partial(void)
{
	struct msg	 m = good(MSG_ADDRESSES);

	m.addresses = (struct msg_addresses){ .id = 5, .lookup = LOOKUP_NOT_FOUND };
	CHECK(receive(receiver_of(MSG_ADDRESSES), &m, 1) == 0 && received->total == 1);
	m.addresses.partial = 1;
	CHECK(ended_saying(receive(receiver_of(MSG_ADDRESSES), &m, 1), "with a bad payload"));
	CHECK(received->total == 0);
}

static void
every_payload_has_a_bad_field_here(void)
{
	for (enum msg_type t = MSG_NONE + 1; t < MSG_TYPES; t++) {
		size_t	 n = 0;

		for (size_t i = 0; i < N(bad); i++)
			n += bad[i].type == t;
		CHECK(n != 0);
	}
}

/* Bytes of the fixed size that the payload does not use: the first and the last of them. */
static void
bytes_past_the_end_of_a_payload_end_the_receiver(void)
{
	for (enum msg_type t = MSG_NONE + 1; t < MSG_TYPES; t++) {
		struct chan	 c = receiver_of(t);
		size_t		 size = t == MSG_CREDIT ? sizeof(struct msg_none) : c.rows[t].size;
		size_t		 at[] = { size, MSG_BODY - 1 };

		for (size_t i = 0; i < N(at) && size < MSG_BODY; i++) {
			struct msg	 m = good(t);

			m.body[at[i]] = 1;
			CHECK(ended_saying(receive(c, &m, 1), "with bytes past its end"));
		}
	}
}

int
main(void)
{
	receive_init();
	CASE(a_good_payload_is_taken);
	CASE(a_field_at_the_end_of_its_range_is_taken);
	CASE(one_bad_field_ends_the_receiver);
	CASE(only_addresses_that_were_found_may_be_partial);
	CASE(every_payload_has_a_bad_field_here);
	CASE(bytes_past_the_end_of_a_payload_end_the_receiver);
	return (test_done());
}
