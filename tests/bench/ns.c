/*
 * What the prober's pure parts cost: nanoseconds a packet, each the best of some rounds, for what
 * disturbs a measurement only ever adds to it.
 */

#include <string.h>
#include <stdio.h>
#include <time.h>

#include "prober.h"

#define ROUNDS		7
#define TIMES		400000
#define REPLIES		1024	/* different ones: no branch is to be learnt by heart */
#define NOW		((usec_t)3600 * 1000 * 1000)
#define IP_HEADER	20

static const struct siphash_key	 key = { { 0x0123456789abcdef, 0xfedcba9876543210 } };
static struct question		 questions[REPLIES];
static uint8_t			 bytes[REPLIES][PROBE_SIZE];	/* a SYN/ACK to each */
static struct packet		 packets[REPLIES];		/* and parsed */
static size_t			 lengths[REPLIES];
static volatile uint64_t	 sink;	/* keeps the compiler from leaving out what nobody reads */

static double
now_ns(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static void
put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* A segment of the question's target, made from a probe: the ends change places. */
static void
make_reply(unsigned int i)
{
	struct question	*q = &questions[i], back;
	struct cookie	 c, theirs;
	uint8_t		*tcp = bytes[i] + IP_HEADER;

	*q = (struct question){ .src = addr_from_ipv4(0x0a5a0001),
	    .dst = addr_from_ipv4(0x0a640000 + i), .kind = PROBE_TCP_SYN,
	    .port = (uint16_t)(i * 7 + 1) };
	c = cookie_make(&key, q, (uint8_t)(i % 3), NOW);
	back = (struct question){ .src = q->dst, .dst = q->src, .kind = PROBE_TCP_SYN,
	    .port = c.sport };
	theirs = (struct cookie){ .sport = q->port, .number = i };
	lengths[i] = build_probe(bytes[i], &back, theirs, (uint16_t)i, 57, NULL);
	put32(tcp + 8, c.number + 1);
	tcp[13] = TCP_SYN | TCP_ACK;
}

static bool
prepare(void)
{
	struct verdict	 v;

	for (unsigned int i = 0; i < REPLIES; i++) {
		make_reply(i);
		if (parse_ipv4(bytes[i], lengths[i], &packets[i]) == -1 ||
		    !judge(&key, &packets[i], NOW + 20000, &v) || v.port != PORT_OPEN)
			return (false);
	}
	return (true);
}

static void
do_parse(unsigned int i)
{
	struct packet	 p;

	sink += (uint64_t)parse_ipv4(bytes[i], lengths[i], &p) + p.src_port;
}

static void
do_judge(unsigned int i)
{
	struct verdict	 v;

	sink += judge(&key, &packets[i], NOW + 20000, &v);
}

static void
do_cookie(unsigned int i)
{
	sink += cookie_make(&key, &questions[i], 0, NOW).number;
}

/* As in a port scan, where the rest is done once for all ports of a host. */
static void
do_cookie_end(unsigned int i)
{
	static struct siphash	 begun;

	if (i == 0)
		begun = cookie_begin(&key, &questions[0]);
	sink += cookie_end(&begun, &questions[i], 0, NOW).number;
}

static void
do_build(unsigned int i)
{
	static const struct cookie	 c = { .sport = SPORT_BASE, .number = 1 };
	uint8_t				 buf[PROBE_SIZE];

	sink += build_probe(buf, &questions[i], c, (uint16_t)i, 64, NULL) + buf[36];
}

/* A host is due and waits again, among as many as are in hand: the cost must not grow with them. */
static void
do_wheel(unsigned int i)
{
	static usec_t	 when = NOW;
	struct host	*h = wheel_due(when);

	if (h == NULL)
		when += 256;
	else
		wheel_put(h, when + 1000 + i * 997 % 1000000);
	sink += h != NULL;
}

static void
fill_wheel(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct addr	 a = addr_from_ipv4(0x0a000000 + i);

		wheel_put(host_new(i, &a), NOW + i * 997 % 1000000);
	}
}

static double
best_of(void (*work)(unsigned int))
{
	double	 best = 1e18, took;

	for (int round = 0; round < ROUNDS; round++) {
		took = now_ns();
		for (unsigned int i = 0; i < TIMES; i++)
			work(i % REPLIES);
		took = (now_ns() - took) / TIMES;
		if (took < best)
			best = took;
	}
	return (best);
}

int
main(void)
{
	static const struct {
		const char	*name;
		void		(*work)(unsigned int);
	} parts[] = {
		{ "parse a SYN/ACK", do_parse }, { "judge it", do_judge },
		{ "make a cookie", do_cookie },
		{ "make one in a port scan", do_cookie_end }, { "build a SYN", do_build },
		{ "wait in the wheel, among 1,000,000 hosts", do_wheel },
	};

	if (!prepare()) {
		fprintf(stderr, "a reply is not believed\n");
		return (1);
	}
	hosts_reserve();
	hosts_init(HOSTS_MAX, 1, 1);
	wheel_init(NOW);
	fill_wheel(1000000);
	printf("| part of the prober | ns |\n|---|---|\n");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		printf("| %s | %.0f |\n", parts[i].name, best_of(parts[i].work));
	return (0);
}
