/*
 * The other processes, played to the coordinator's steps over real channels: what each of them
 * was told, in its order, and an old log's words of a host.
 */

#ifndef WALK_H
#define WALK_H

#include <sys/socket.h>

#include <string.h>

#include "apart.h"
#include "parent.h"

#define TOLD_MAX	4096

static struct options	 options;
static struct files	 files = { .list = -1, .excludefile = -1 };
static struct plan	 plan;
static struct chan	 peers[CHILDREN_COUNT];

/* What they were told, of many the first; and a letter for each message, in order. */
static struct {
	char			 to_prober[TOLD_MAX], to_logger[TOLD_MAX];
	struct target_entry	 target[TOLD_MAX];
	unsigned int		 ntargets;
	struct msg_known	 known[64];
	unsigned int		 nknown;
	struct msg_host		 host[64];
	unsigned int		 nhosts;
	struct port_entry	 port[TOLD_MAX];
	unsigned int		 nports;
	struct addr		 other[64];
	unsigned int		 nothers;
	struct msg_namefailed	 failed;
	struct msg_forward	 forward;
	struct reverse_entry	 reverse[64];
	unsigned int		 nforwards, nreverses;
} told;

static inline void
note_letter(char order[TOLD_MAX], char letter)
{
	size_t	 n = strlen(order);

	if (n < TOLD_MAX - 1)
		order[n] = letter;
}

static void
on_targets(struct chan *c, const struct msg *m)
{
	(void)c;
	note_letter(told.to_prober, m->targets.e[0].steps & STEP_KNOWN ? 'K' : 'T');
	for (uint32_t i = 0; i < m->targets.n; i++, told.ntargets++)
		if (told.ntargets < TOLD_MAX)
			told.target[told.ntargets] = m->targets.e[i];
}

static void
on_known(struct chan *c, const struct msg *m)
{
	(void)c;
	note_letter(told.to_prober, m->known.last ? 'L' : 'k');
	told.known[told.nknown++ % 64] = m->known;
}

static void
on_host(struct chan *c, const struct msg *m)
{
	(void)c;
	note_letter(told.to_logger, m->host.flags & HOST_CHECKPOINT ? 'p' : 'H');
	told.host[told.nhosts++ % 64] = m->host;
}

/* The same, one by one. */
static void
on_barehosts(struct chan *c, const struct msg *m)
{
	(void)c;
	for (uint32_t i = 0; i < m->barehosts.n; i++) {
		note_letter(told.to_logger, 'H');
		told.host[told.nhosts++ % 64] = host_of_bare(m->barehosts.e[i]);
	}
}

static void
on_hostports(struct chan *c, const struct msg *m)
{
	(void)c;
	note_letter(told.to_logger, '.');
	for (uint32_t i = 0; i < m->hostports.n; i++, told.nports++)
		if (told.nports < TOLD_MAX)
			told.port[told.nports] = m->hostports.e[i];
}

static void
on_forward(struct chan *c, const struct msg *m)
{
	(void)c;
	told.forward = m->forward;
	told.nforwards++;
}

static void
on_reverse(struct chan *c, const struct msg *m)
{
	(void)c;
	for (uint32_t i = 0; i < m->reverse.n; i++)
		told.reverse[told.nreverses++ % 64] = m->reverse.e[i];
}

static void
on_hostaddrs(struct chan *c, const struct msg *m)
{
	(void)c;
	for (uint32_t i = 0; i < m->hostaddrs.n; i++)
		told.other[told.nothers++ % 64] = m->hostaddrs.addr[i];
}

static void
on_namefailed(struct chan *c, const struct msg *m)
{
	(void)c;
	note_letter(told.to_logger, 'F');
	told.failed = m->namefailed;
}

#define LETTER(stem, order, letter)						\
static void									\
on_##stem(struct chan *c, const struct msg *m)					\
{										\
	(void)c;								\
	(void)m;								\
	note_letter(told.order, letter);					\
}
LETTER(release, to_prober, 'r')
LETTER(done, to_logger, 'D')
LETTER(checkpoint, to_logger, 'C')

static const struct msg_row	 rows[MSG_TYPES] = {
	ROW(FORWARD, forward, PARENT, ANY_PHASE)
	ROW(REVERSE, reverse, PARENT, ANY_PHASE)
	ROW(TARGETS, targets, PARENT, ANY_PHASE)
	ROW(KNOWN, known, PARENT, ANY_PHASE)
	ROW(RELEASE, release, PARENT, ANY_PHASE)
	ROW(HOST, host, PARENT, ANY_PHASE)
	ROW(HOSTADDRS, hostaddrs, PARENT, ANY_PHASE)
	ROW(HOSTPORTS, hostports, PARENT, ANY_PHASE)
	ROW(BAREHOSTS, barehosts, PARENT, ANY_PHASE)
	ROW(NAMEFAILED, namefailed, PARENT, ANY_PHASE)
	ROW(DONE, done, PARENT, ANY_PHASE)
	ROW(CHECKPOINT, checkpoint, PARENT, ANY_PHASE)
};

/* The processes are there; the options are a scan of these ports, without names. */
static inline void
prepare(const char *target, const char *ports)
{
	static const enum proc	 procs[CHILDREN_COUNT] = { RESOLVER, PROBER, LOGGER };
	int			 sp[2];

	options_init(&options);
	for (int i = 0; i < CHILDREN_COUNT; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sp) == -1)
			abort();
		chan_init(&channels[i], sp[0], PARENT, procs[i], parent_rows);
		chan_phase(&channels[i], RUN);
		chan_init(&peers[i], sp[1], procs[i], PARENT, rows);
	}
	options.targets[options.ntargets++] = target;
	options.no_reverse = true;
	options.ports = ports;
}

/* All but the names that are excluded, if there are any. */
static inline void
set_up_most(void)
{
	plan_make(&options, &plan);
	source_init(&options, &files);
	steps_init(&plan);
	report_init(&plan, &options);
}

static inline void
set_up(void)
{
	set_up_most();
	CHECK(steps_exclude());
}

static inline void
begin(const char *target, const char *ports)
{
	prepare(target, ports);
	set_up();
}

/* Both sides handle what they were sent. */
static inline void
hear(void)
{
	for (int i = 0; i < CHILDREN_COUNT; i++) {
		while (chan_recv(&peers[i]) == 1)
			;
		while (chan_recv(&channels[i]) == 1)
			;
	}
}

static inline void
walk(void)
{
	for (int i = 0; i < 20; i++) {
		steps_run();
		(void)report_run(true);
		hear();
	}
}

/* The resolver says that the name it was asked last has these addresses, one word each. */
static inline void
say_addresses(const char *words)
{
	struct msg_addresses	 m = {
		.id = told.forward.id, .lookup = LOOKUP_FOUND, .source = SOURCE_DNS
	};
	char			 text[1024], *rest = text, *word;

	snprintf(text, sizeof(text), "%s", words);
	while ((word = strsep(&rest, " ")) != NULL)
		CHECK(addr_parse(word, &m.addr[m.n++]) == 0);
	send_addresses(&peers[CHILD_RESOLVER], &m);
	hear();
}

/* And that a look-up of an address ended so, with a name when it was found. */
static inline void
say_name(uint32_t id, uint8_t lookup)
{
	struct msg_hostnames	 m = { .n = 1, .e = { { .id = id, .lookup = lookup } } };

	if (lookup == LOOKUP_FOUND) {
		m.e[0].source = SOURCE_DNS;
		snprintf(m.e[0].name, sizeof(m.e[0].name), "a.example");
	}
	send_hostnames(&peers[CHILD_RESOLVER], &m);
	hear();
}

/* The prober says that a host answers. */
static inline void
say_up(uint32_t id)
{
	send_pings(&peers[CHILD_PROBER], &(const struct msg_pings){
		.n = 1, .e = { { .id = id, .state = HOST_UP, .reason = REASON_ECHO_REPLY } } });
	hear();
}

static inline void
say_port(uint32_t id, uint16_t port, uint8_t state)
{
	send_portstates(&peers[CHILD_PROBER], &(const struct msg_portstates){ .n = 1, .e = { {
		.id = id, .port = { .port = port, .proto = PROTO_TCP, .state = state } } } });
	hear();
}

static inline void
say_progress(uint32_t id, uint32_t cursor, uint8_t pass)
{
	send_progress(&peers[CHILD_PROBER], &(const struct msg_progress){
		.n = 1, .e = { { .id = id, .cursor = cursor, .pass = pass } } });
	hear();
}

static inline void
say_done(uint32_t id)
{
	send_hostsdone(&peers[CHILD_PROBER], &(const struct msg_hostsdone){
		.n = 1, .e = { { .id = id, .coverage = COVERAGE_ALL } } });
	hear();
}

/* The old log has part of target 0:OFFSET. */
static inline struct msg_host
a_part(uint64_t offset, const char *ip, uint32_t cursor)
{
	struct msg_host	 m = {
		.place = { .offset = offset }, .state = HOST_UP, .reason = REASON_ECHO_REPLY,
		.ttl = 64, .srtt = 7, .outcome = OUTCOME_PARTIAL, .cursor = cursor, .pass = 2,
		.coverage = COVERAGE_ALL
	};

	CHECK(addr_parse(ip, &m.addr) == 0);
	return (m);
}

/* And of it these ports, one after the other. */
static inline void
part_ports(uint16_t first, uint16_t last, uint8_t state)
{
	struct msg_hostports	 m = { .n = 0 };

	for (uint16_t port = first; port <= last; port++) {
		m.e[m.n++] = (struct port_entry){
			.port = port, .proto = PROTO_TCP, .state = state, .ttl = 60
		};
		if (m.n == HOSTPORTS_MAX || port == last) {
			past_ports(&m);
			m.n = 0;
		}
	}
}

static inline void
part(uint64_t offset, const char *ip, uint32_t cursor)
{
	const struct msg_host	 m = a_part(offset, ip, cursor);

	past_host(&m);
}

static inline struct past *
taken(uint64_t offset)
{
	return (past_take(&(const struct place){ .offset = offset }));
}

#endif /* WALK_H */
