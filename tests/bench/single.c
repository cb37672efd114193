/*
 * single PORTS ADDRESS/BITS [eth]: the prober's engine in one process, without messages to a
 * coordinator, without sandbox, and without a log: what postern's separation costs is what it
 * takes more than this.  Every target is taken as up (-Pn), each port is asked once.
 *
 * Results go through a socketpair, as the prober's do, to this very process, which throws
 * them away: the engine is the same, byte for byte.
 */

#include <sys/socket.h>

#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ipc.h"
#include "prober.h"

#define USAGE		"usage: single low-high a.b.c.d/8-32 [eth]"
#define TELL_EVERY	20000	/* microseconds */
#define HOSTS		65536	/* in hand, at most */
#define QUICK		4000000000U	/* packets in 1,000 seconds: faster than any link here */

static uint32_t		 first, end, next;	/* targets, as numbers */
static uint32_t		 hosts;	/* in hand: no more than there are, as in postern */
static bool		 in_hand[HOSTS];	/* by id */
static uint32_t		 free_ids[HOSTS], nfree, done, open_ports;

static void
configure(unsigned int low, unsigned int high)
{
	struct msg_probeconfig	 config = {
		.seed = 1, .min_rtt = 50000, .initial_rtt = 250000, .max_rtt = 300000,
		.min_rate = QUICK, .hosts = hosts, .port_hosts = hosts, .timing = 5,
		.max_retries = 0, .port_kind = PROBE_TCP_SYN, .npings = 1,
		.ping = { { .kind = PROBE_ICMP_ECHO } },
	};
	struct msg_ports	 piece;

	engine_config(&config);
	for (uint8_t i = 0; i < PORT_PIECES; i++) {
		memset(&piece, 0, sizeof(piece));
		piece.piece = i;
		piece.proto = PROTO_TCP;
		for (unsigned int p = low; p <= high; p++)
			if (p / 8 / PORT_PIECE == i)
				piece.bits[p / 8 % PORT_PIECE] |= (uint8_t)(1 << p % 8);
		order_piece(&piece);
	}
	engine_start(prober_now());
}

/* The coordinator's part: as many targets as there is room for. */
static void
give_targets(void)
{
	struct target_entry	 target = { .steps = STEP_PORTS };

	while (nfree > 0 && next < end) {
		target.id = free_ids[--nfree];
		target.addr = addr_from_ipv4(next++);
		in_hand[target.id] = true;
		engine_target(&target, prober_now());
	}
}

static void
take_done(const struct msg_hostsdone *m)
{
	for (uint32_t i = 0; i < m->n; i++) {
		if (m->e[i].id >= hosts || !in_hand[m->e[i].id])
			errx(1, "no such host in hand");
		in_hand[m->e[i].id] = false;
		free_ids[nfree++] = m->e[i].id;
	}
	done += m->n;
	engine_release(m->n, prober_now());
}

static void
take_states(const struct msg_portstates *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		open_ports += m->e[i].port.state == PORT_OPEN;
}

/* What the engine told.  Each message is acknowledged at once, as no CREDIT would. */
static void
hear(struct chan *chan, int fd)
{
	struct msg	 m;

	while (recv(fd, &m, sizeof(m), MSG_DONTWAIT) == sizeof(m)) {
		chan->acked++;
		if (m.type == MSG_HOSTSDONE)
			take_done(&m.hostsdone);
		else if (m.type == MSG_PORTSTATES)
			take_states(&m.portstates);
	}
}

static void
serve(struct chan *chan, int ours)
{
	struct pollfd	 slot = { .fd = capture_fd(CAPTURE_IP), .events = POLLIN };
	usec_t		 now = prober_now(), then, flushed = now;
	struct timespec	 ts;
	bool		 busy;

	while (done < end - first) {
		give_targets();
		(void)turn_packets(true);
		busy = turn_probes(true, &now);
		if (busy && now < flushed + TELL_EVERY && !results_many())
			continue;
		flushed = now;
		if (!busy) {
			then = engine_next(now);
			then = then > now ? then - now : 0;
			ts.tv_sec = (time_t)(then / 1000000);
			ts.tv_nsec = (long)(then % 1000000) * 1000;
			(void)ppoll(&slot, 1, &ts, NULL);
		}
		(void)results_flush(chan);
		hear(chan, ours);
	}
}

static void
parse_arguments(char **argv, unsigned int *low, unsigned int *high)
{
	unsigned int	 a, b, c, d, bits;

	if (sscanf(argv[1], "%u-%u", low, high) != 2 || *low > *high || *high > 65535 ||
	    sscanf(argv[2], "%u.%u.%u.%u/%u", &a, &b, &c, &d, &bits) != 5 ||
	    (a | b | c | d) > 255 || bits < 8 || bits > 32)
		errx(2, USAGE);
	first = next = a << 24 | b << 16 | c << 8 | d;
	end = first + (1U << (32 - bits));
	hosts = end - first < HOSTS ? end - first : HOSTS;
}

int
main(int argc, char **argv)
{
	struct msg_stats	 stats;
	struct chan		 chan;
	unsigned int		 low, high;
	bool			 frames = argc == 4 && strcmp(argv[3], "eth") == 0;
	int			 pair[2];

	if (argc != 3 && !frames)
		errx(2, USAGE);
	parse_arguments(argv, &low, &high);
	for (uint32_t i = 0; i < hosts; i++)
		free_ids[nfree++] = i;
	root_open(NULL, root_routes(NULL) || frames);
	if (frames)
		root_routes_frames();
	send_init(frames);
	engine_init(prober_now());
	configure(low, high);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == -1)
		err(1, "socketpair");
	chan_init(&chan, pair[0], PROBER, PARENT, NULL);
	serve(&chan, pair[1]);
	engine_stats(&stats);
	printf("sent=%ju open=%u\n", (uintmax_t)stats.sent, open_ports);
	return (0);
}
