/* One well-formed message of each type. */

#ifndef GOOD_H
#define GOOD_H

#include <string.h>

#include "ipc.h"
#include "magic.h"

#define GOOD_ADDR	{ .family = FAMILY_IPV4, .ip = { 192, 0, 2, 1 } }
#define GOOD_SENDER	{ .family = FAMILY_IPV6, .ip = { 0x20, 1, 0xd, 0xb8, [15] = 1 } }
#define GOOD_BARE								\
	{ [offsetof(struct msg_host, addr)] = FAMILY_IPV4, 0, 0, 0, 192, 0, 2, 1,	\
	    [offsetof(struct msg_host, state)] = HOST_UP, REASON_ECHO_REPLY,		\
	    [offsetof(struct msg_host, rest_state)] = PORT_FILTERED }

static const struct msg	 good_payloads[MSG_TYPES] = {
	[MSG_READY] = { .ready = {
		.walls = WALL_NAMESPACES | WALL_LANDLOCK, .landlock_abi = 1, .uid = 7, .gid = 8,
		.servers = 2 } },
	[MSG_SAY] = { .say = { .level = SAY_WARNING, .text = "a line" } },
	[MSG_ADDRESSES] = { .addresses = {
		.id = 5, .lookup = LOOKUP_FOUND, .source = SOURCE_DNS, .n = 2, .partial = 1,
		.addr = { GOOD_ADDR, GOOD_SENDER } } },
	[MSG_HOSTNAMES] = { .hostnames = { .n = 2, .e = {
		{ .id = 1, .lookup = LOOKUP_FOUND, .source = SOURCE_HOSTS, .name = "a.example" },
		{ .id = 2, .lookup = LOOKUP_TIMED_OUT } } } },
	[MSG_PINGS] = { .pings = { .n = 2, .e = {
		{ .id = 1, .rtt = 9, .state = HOST_UP, .reason = REASON_ARP_RESPONSE,
		    .has_mac = 1, .mac = { 2 } },
		{ .id = 2, .state = HOST_DOWN, .reason = REASON_HOST_UNREACH,
		    .from = GOOD_SENDER } } } },
	[MSG_PORTSTATES] = { .portstates = { .n = 1, .e = { { .id = 3, .port = {
		.port = 80, .proto = PROTO_TCP, .state = PORT_OPEN, .reason = REASON_SYN_ACK,
		.ttl = 64 } } } } },
	[MSG_HOSTSDONE] = { .hostsdone = { .n = 1, .e = {
		{ .id = 3, .srtt = 1, .probes = 2, .outcome = OUTCOME_TIMED_OUT } } } },
	[MSG_STATS] = { .stats = {
		.sent = 3, .pings = 1, .ports = 1, .received = 1, .last = 1 } },
	[MSG_PROGRESS] = { .progress = { .n = 2, .e = {
		{ .id = 1, .cursor = PORT_BITS, .pass = PASS_MAX }, { .id = 2 } } } },
	[MSG_ASKED] = { .asked = {
		.queries = 9, .answered = 5, .failed = 3, .timed_out = 1, .n = 2,
		.server = { GOOD_ADDR, GOOD_SENDER } } },
	[MSG_PASTLINE] = { .pastline = { .kind = LINE_OPTION, .more = 1, .text = "p 80" } },
	[MSG_PASTDONE] = { .pastdone = { .n = 2, .hosts = 9, .e = {
		{ .spec = 1, .first = 4, .last = 4 }, { .spec = 2, .last = 7 } } } },
	[MSG_PASTHOST] = { .pasthost = {
		.place = { .spec = 1, .offset = 2 }, .addr = GOOD_ADDR, .ports = 2,
		.state = HOST_UP, .outcome = OUTCOME_PARTIAL, .cursor = 7, .pass = 1,
		.coverage = COVERAGE_ALL,
		.rdns_lookup = LOOKUP_TIMED_OUT, .name = "a.example" } },
	[MSG_PASTPORTS] = { .pastports = { .n = 2, .e = {
		{ .port = 22, .proto = PROTO_TCP, .state = PORT_OPEN, .reason = REASON_SYN_ACK },
		{ .port = 80, .proto = PROTO_TCP, .state = PORT_CLOSED, .from = GOOD_SENDER } } } },
	[MSG_PASTADDRS] = { .pastaddrs = { .n = 2, .addr = { GOOD_ADDR, GOOD_SENDER } } },
	[MSG_PASTEND] = { .pastend = {
		.hosts = 3, .up = 3, .replay = REPLAY_TORN_HEADER, .format = FORMAT_GREPABLE,
		.ending = ENDING_INTERRUPTED } },
	[MSG_LOGFAILED] = { .logfailed = { .error = 28, .output = OUTPUT_REPORT } },

	[MSG_FORWARD] = { .forward = { .id = 1, .family = FAMILY_IPV4, .name = "a.example" } },
	[MSG_REVERSE] = { .reverse = { .n = 1, .e = { { .id = 1, .addr = GOOD_ADDR } } } },

	[MSG_PROBECONFIG] = { .probeconfig = {
		.min_rtt = 1, .initial_rtt = 2, .max_rtt = 3, .scan_delay = 4, .max_scan_delay = 4,
		.hosts = HOSTS_MAX, .port_hosts = 10, .checkpoint = 5000, .max_rate = 1,
		.max_parallelism = 1, .timing = 5, .max_retries = RETRIES_MAX, .ordered = 1,
		.port_kind = PROBE_TCP_SYN, .npings = 2, .ping = {
			{ .kind = PROBE_ICMP_ECHO }, { .kind = PROBE_TCP_ACK, .port = 80 } } } },
	[MSG_PROBEPORTS] = { .probeports = {
		.piece = PORT_PIECES - 1, .proto = PROTO_TCP, .bits = { 255 } } },
	[MSG_TARGETS] = { .targets = { .n = 1, .e = {
		{ .id = 1, .steps = STEP_PING | STEP_PORTS, .addr = GOOD_ADDR } } } },
	[MSG_KNOWN] = { .known = { .id = 1, .cursor = 7, .pass = 1, .last = 1, .n = 2, .e = {
		{ .port = 80, .state = PORT_OPEN }, { .port = 22, .state = PORT_CLOSED } } } },
	[MSG_RELEASE] = { .release = { .n = 1 } },

	[MSG_LOGCONFIG] = { .logconfig = {
		.flags = LOG_REASON, .verbosity = 10, .port_kind = PROBE_TCP_SYN,
		.format = { FORMAT_NORMAL, FORMAT_NONE, FORMAT_GREPABLE, FORMAT_XML,
		    FORMAT_JSON, FORMAT_NORMAL } } },
	[MSG_LOGPORTS] = { .logports = { .piece = 1, .proto = PROTO_TCP, .bits = { 1 } } },
	[MSG_LOGLINE] = { .logline = { .kind = LINE_WALLS, .text = "landlock" } },
	[MSG_HOST] = { .host = {
		.place = { .spec = 1, .offset = 2 }, .addr = GOOD_ADDR, .ports = PORT_BITS,
		.others = ADDRESSES_MAX - 1, .from = GOOD_SENDER, .state = HOST_UP,
		.reason = REASON_SYN_ACK, .flags = HOST_HAS_MAC, .mac = { 2 },
		.rest_state = PORT_CLOSED, .rest_reason = REASON_RESET,
		.rdns_lookup = LOOKUP_FOUND, .name = "a.example", .rdns = "b.example" } },
	[MSG_HOSTADDRS] = { .hostaddrs = { .n = 1, .addr = { GOOD_ADDR } } },
	[MSG_HOSTPORTS] = { .hostports = { .n = 2, .e = {
		{ .port = 22, .proto = PROTO_TCP, .state = PORT_OPEN, .reason = REASON_SYN_ACK },
		{ .port = 80, .proto = PROTO_TCP, .state = PORT_CLOSED_FILTERED } } } },
	[MSG_BAREHOSTS] = { .barehosts = { .n = 2, .e = { GOOD_BARE, GOOD_BARE } } },
	[MSG_DONE] = { .done = { .n = 1, .e = { { .spec = 1, .first = 4, .last = 9 } } } },
	[MSG_NAMEFAILED] = { .namefailed = { .lookup = LOOKUP_REFUSED, .name = "a.example" } },
	[MSG_FINISH] = { .finish = {
		.elapsed = 5, .ending = ENDING_INTERRUPTED,
		.stats = { .sent = 3, .pings = 1, .ports = 1 },
		.asked = { .queries = 9, .timed_out = 9, .n = 1, .server = { GOOD_ADDR } } } },
};

/* With the header that it has as the first of all. */
static inline struct msg
good(enum msg_type type)
{
	struct msg	 m = good_payloads[type];

	m.magic = MSG_MAGIC;
	m.type = (uint16_t)type;
	m.seq = type != MSG_CREDIT;
	m.ack = type == MSG_CREDIT ? CHAN_WINDOW / 2 : 0;
	return (m);
}

#endif /* GOOD_H */
