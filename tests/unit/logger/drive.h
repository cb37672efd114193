/*
 * Plays the parent to the logger's handlers, over a real channel, with memory files in place
 * of the logs.  A scan runs in a process of its own, for a handler may end it.
 */

#ifndef DRIVE_H
#define DRIVE_H

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "logger.h"
#include "test.h"

#define LINES_KEPT	64
#define SKIPPED_KEPT	64

/* What the logger said. */
static struct {
	unsigned int		 n[MSG_TYPES];
	struct msg_pastend	 end;
	struct msg_logfailed	 failed;
	struct msg_line		 line[LINES_KEPT];
	struct range		 done[LINES_KEPT * RANGES_MAX];
	unsigned int		 ndone;
	struct addr		 skipped[SKIPPED_KEPT];	/* the last ones */
	unsigned int		 nskipped;
	struct msg_host		 part[LINES_KEPT];
	unsigned int		 part_ports[LINES_KEPT];	/* told of each */
} said;
static struct port_entry	 part_port[PORT_BITS];	/* of the last part */

static struct chan	 parent_side, logger_side;

#define COUNT(NAME, stem)							\
static void									\
on_##stem(struct chan *c, const struct msg *m)					\
{										\
	(void)c;								\
	(void)m;								\
	said.n[MSG_##NAME]++;							\
}
COUNT(LOGSTARTED, logstarted)
COUNT(LOGFINISHED, logfinished)

static void
on_logfailed(struct chan *c, const struct msg *m)
{
	(void)c;
	said.n[MSG_LOGFAILED]++;
	said.failed = m->logfailed;
}

static void
on_pastline(struct chan *c, const struct msg *m)
{
	(void)c;
	said.line[said.n[MSG_PASTLINE]++ % LINES_KEPT] = m->pastline;
}

static void
on_pastdone(struct chan *c, const struct msg *m)
{
	(void)c;
	said.n[MSG_PASTDONE]++;
	for (uint32_t i = 0; i < m->pastdone.n; i++)
		said.done[said.ndone++ % (LINES_KEPT * RANGES_MAX)] = m->pastdone.e[i];
}

static void
on_pastaddrs(struct chan *c, const struct msg *m)
{
	(void)c;
	said.n[MSG_PASTADDRS]++;
	for (uint32_t i = 0; i < m->pastaddrs.n; i++)
		said.skipped[said.nskipped++ % SKIPPED_KEPT] = m->pastaddrs.addr[i];
}

static void
on_pasthost(struct chan *c, const struct msg *m)
{
	unsigned int	 n = said.n[MSG_PASTHOST]++ % LINES_KEPT;

	(void)c;
	said.part[n] = m->pasthost;
	said.part_ports[n] = 0;
}

static void
on_pastports(struct chan *c, const struct msg *m)
{
	unsigned int	 n = (said.n[MSG_PASTHOST] - 1) % LINES_KEPT;

	(void)c;
	said.n[MSG_PASTPORTS]++;
	for (uint32_t i = 0; i < m->pastports.n && said.part_ports[n] < PORT_BITS; i++)
		part_port[said.part_ports[n]++] = m->pastports.e[i];
}

static void
on_pastend(struct chan *c, const struct msg *m)
{
	(void)c;
	said.n[MSG_PASTEND]++;
	said.end = m->pastend;
}

static const struct msg_row	 parent_rows[MSG_TYPES] = {
	ROW(LOGSTARTED, logstarted, LOGGER, ANY_PHASE)
	ROW(LOGFINISHED, logfinished, LOGGER, ANY_PHASE)
	ROW(LOGFAILED, logfailed, LOGGER, ANY_PHASE)
	ROW(PASTLINE, pastline, LOGGER, ANY_PHASE)
	ROW(PASTDONE, pastdone, LOGGER, ANY_PHASE)
	ROW(PASTADDRS, pastaddrs, LOGGER, ANY_PHASE)
	ROW(PASTHOST, pasthost, LOGGER, ANY_PHASE)
	ROW(PASTPORTS, pastports, LOGGER, ANY_PHASE)
	ROW(PASTEND, pastend, LOGGER, ANY_PHASE)
};

static inline void
drive_open(void)
{
	int	 sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) == -1)
		fatal("socketpair");
	chan_init(&logger_side, sv[0], LOGGER, PARENT, logger_rows);
	chan_init(&parent_side, sv[1], PARENT, LOGGER, parent_rows);
	memset(&said, 0, sizeof(said));
}

static inline void
drive_close(void)
{
	close(logger_side.fd);
	close(parent_side.fd);
}

static int	 slowness = CHAN_WINDOW;	/* messages that the parent hears at once */
static void	 (*flushed)(void);		/* called when the logger has flushed its outputs */

/* Let both sides handle what they were sent, and the logger read on, until all is quiet. */
static inline void
pump(void)
{
	bool	 busy = true;

	while (busy) {
		busy = false;
		while (chan_recv(&logger_side) == 1)
			busy = true;
		logger_flush(&logger_side);
		if (flushed != NULL)
			flushed();
		if (replay_ready(&logger_side)) {
			replay_step(&logger_side);
			busy = true;
		}
		for (int i = 0; i < slowness && chan_recv(&parent_side) == 1; i++)
			busy = true;
	}
}

/* Send a payload to the logger and let it work. */
#define TELL(stem, ...) do {							\
	const struct msg_##stem	 body_ = { __VA_ARGS__ };			\
	send_##stem(&parent_side, &body_);					\
	pump();									\
} while (0)

/* What was on each descriptor when a scan was over. */
static int	 files[OUTPUTS] = { -1, -1, -1, -1, -1, -1 };
static int	 stderr_file = -1;
static char	 contents[1 << 21];

static inline const char *
read_file(int fd)
{
	ssize_t	 n = pread(fd, contents, sizeof(contents) - 1, 0);

	contents[n < 0 ? 0 : n] = '\0';
	return (contents);
}

/* How many lines begin so? */
static inline unsigned int
count_lines(enum output o, const char *start)
{
	unsigned int	 n = 0;

	for (const char *p = read_file(files[o]); p != NULL && *p != '\0';) {
		n += strncmp(p, start, strlen(start)) == 0;
		p = strchr(p, '\n');
		p = p == NULL ? NULL : p + 1;
	}
	return (n);
}

/* The same, to be kept. */
static inline void
keep_file(int fd, char *text, size_t size)
{
	ssize_t	 n = pread(fd, text, size - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
}

/* All but an XML document are appended to. */
static inline int
fresh_file(int old, int flags)
{
	int	 low, fd;

	if (old != -1)
		close(old);
	if ((low = memfd_create("log", 0)) == -1 || (fd = fcntl(low, F_DUPFD, 20)) == -1 ||
	    fcntl(fd, F_SETFL, flags) == -1)
		fatal("memfd");
	close(low);
	return (fd);
}

/* Run a scan in a process of its own; its exit status.  The files stay, for a later part. */
static inline int
run_again(void (*scan)(void))
{
	int	 status;
	pid_t	 pid;

	fflush(stdout);
	if ((pid = fork()) == -1)
		fatal("fork");
	if (pid == 0) {
		drive_open();
		logger_side.fd = fcntl(logger_side.fd, F_DUPFD, 30);
		parent_side.fd = fcntl(parent_side.fd, F_DUPFD, 30);
		for (enum output o = 0; o < OUTPUTS; o++)
			dup2(files[o], output_fd(o));
		dup2(stderr_file, STDERR_FILENO);
		scan();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static inline int
run(void (*scan)(void))
{
	for (int o = 0; o < OUTPUTS; o++)
		files[o] = fresh_file(files[o], o == OUTPUT_XML ? 0 : O_APPEND);
	stderr_file = fresh_file(stderr_file, O_APPEND);
	return (run_again(scan));
}

/* In a scan: a CHECK whose failure is the exit status. */
#define MUST(e)	do {								\
	if (!(e)) {								\
		dprintf(STDERR_FILENO, "%s:%d: %s\n", __FILE__, __LINE__, #e);	\
		_exit(1);							\
	}									\
} while (0)

#define ALL_FORMATS	{ FORMAT_REPORT, FORMAT_NORMAL, FORMAT_GREPABLE }
#define EVERY_FORMAT								\
	{ FORMAT_REPORT, FORMAT_NORMAL, FORMAT_GREPABLE, FORMAT_XML, FORMAT_JSON }
#define SEED		0x0123456789abcdef
#define START		1795375740	/* Sun Nov 22 19:29:00 2026 UTC */

/* Ports 22, 80 and 110 to 119. */
static inline void
tell_ports(void)
{
	struct msg_ports	 p = { .proto = PROTO_TCP };

	for (; p.piece < PORT_PIECES; p.piece++) {
		memset(p.bits, 0, sizeof(p.bits));
		if (p.piece == 0) {
			p.bits[22 / 8] |= 1 << 22 % 8;
			p.bits[80 / 8] |= 1 << 80 % 8;
			for (int i = 110; i < 120; i++)
				p.bits[i / 8] |= (uint8_t)(1 << i % 8);
		}
		send_logports(&parent_side, &p);
		pump();
	}
}

/* A line of the header in as many pieces as it needs. */
static inline void
tell_line_text(uint8_t kind, const char *text)
{
	struct msg_line	 l = { .kind = kind };
	size_t		 len;

	do {
		memset(l.text, 0, sizeof(l.text));
		len = strlen(text);
		l.more = len > LINE_TEXT - 1;
		memcpy(l.text, text, l.more ? LINE_TEXT - 1 : len);
		text += l.more ? LINE_TEXT - 1 : len;
		send_logline(&parent_side, &l);
		pump();
	} while (l.more);
}

static inline struct addr
address(const char *text)
{
	struct addr	 a;

	MUST(addr_parse(text, &a) == 0);
	return (a);
}

/* What a scan begins with; a test may ask for other outputs. */
static struct msg_logconfig	 config = {
	.seed = SEED, .start = START, .verbosity = 1, .port_kind = PROBE_TCP_SYN,
	.format = ALL_FORMATS
};

static inline void
tell_start(void)
{
	setenv("TZ", "UTC", 1);
	send_logconfig(&parent_side, &config);
	tell_ports();
	tell_line_text(LINE_ARGS, "postern -v -oA x \"two words\" a\\b");
	tell_line_text(LINE_OPTION, "timing 4");
	tell_line_text(LINE_TARGET, "10.0.0.0/28");
	tell_line_text(LINE_LIST, "");
	tell_line_text(LINE_TARGET, "evil\ntarget\\\x1b");
	tell_line_text(LINE_WALLS, "no landlock");
	tell_line_text(LINE_RUN, "who uid 0 (root)");
	TELL(start, .zero = { 0 });
	MUST(said.n[MSG_LOGSTARTED] == 1);
}

static uint16_t	 answers = COVERAGE_ALL;	/* of the next hosts */
static uint8_t	 name_asked = LOOKUP_FOUND;	/* and how the look-up of their names ended */

/* Target 0:OFFSET at 10.0.0.OFFSET, with port 22 open, 80 closed and the rest silent. */
static inline void
tell_host_as(uint64_t offset, uint8_t outcome, uint8_t flags)
{
	struct msg_host		 h = {
		.place = { 0, 0, offset }, .state = HOST_UP, .reason = REASON_ECHO_REPLY,
		.ports = 2, .outcome = outcome, .flags = flags, .srtt = 1500,
		.rest_state = PORT_FILTERED, .rest_reason = REASON_NO_RESPONSE,
		.rdns_lookup = name_asked, .coverage = answers
	};
	struct msg_hostports	 p = {
		.n = 2, .e = {
			{ .port = 22, .proto = PROTO_TCP, .state = PORT_OPEN,
			  .reason = REASON_SYN_ACK, .ttl = 60 },
			{ .port = 80, .proto = PROTO_TCP, .state = PORT_CLOSED,
			  .reason = REASON_RESET, .ttl = 60 },
		}
	};

	if (name_asked == LOOKUP_FOUND)
		snprintf(h.rdns, sizeof(h.rdns), "a.example");
	h.addr = addr_from_ipv4(0x0a000000 + (uint32_t)offset);
	if (outcome == OUTCOME_PARTIAL) {
		h.pass = 1;
		h.cursor = 7;
	}
	send_host(&parent_side, &h);
	send_hostports(&parent_side, &p);
	pump();
}

static inline void
tell_host(uint64_t offset, uint8_t outcome)
{
	tell_host_as(offset, outcome, 0);
}

static inline void
tell_finish(uint8_t ending)
{
	TELL(stop, .zero = { 0 });
	TELL(finish, .elapsed = 1020000, .ending = ending, .stats = {
		.sent = 1234, .pings = 34, .ports = 1140, .refused = 1, .full = 2,
		.received = 1200, .dropped = 3, .invalid = 4, .late = 5,
		.canaries = 60, .lost = 7, .loss = 1249 },
	    .asked = { .queries = 7, .answered = 4, .failed = 2, .timed_out = 1, .n = 2, .server = {
		addr_from_ipv4(0x0a000035), addr_from_ipv4(0x0a000036) } });
	MUST(said.n[MSG_LOGFINISHED] == 1);
}

#endif /* DRIVE_H */
