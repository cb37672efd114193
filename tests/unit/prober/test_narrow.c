/*
 * A link that is narrower than we are fast, with a queue that has room for 20 packets, as of 10
 * Mbit/s: it is filled, but hardly ever overflows, and what is lost then is not missed.
 */

#include <sys/mman.h>

#include "scans.h"

#define HOSTS	64
#define SEEDS	12

static uint8_t	 timing;
static uint64_t	 seed;		/* of the order of ports */
static usec_t	 rtt;
static usec_t	 delay;		/* jitter */

/* What seeds run apart have found. */
static struct sums {
	unsigned int	 wrong;
	unsigned int	 sent;
	unsigned int	 dropped;
}	*all;

static void
narrow(struct msg_probeconfig c, uint16_t last)
{
	c.seed = seed;
	begin(c, 1, last);
	bottleneck.rate = 14880;
	bottleneck.room = 20;
}

static void
scan_all(void)
{
	scan(HOSTS, (struct machine){ .up = true, .rtt = rtt, .port = mixed }, BOTH);
}

static void
find_all(void)
{
	struct msg_probeconfig	 c = template(timing);

	c.checkpoint = 50;
	narrow(c, 1000);
	jitter = delay;
	scan_all();
	CHECK(missed(0, HOSTS, 1000) == 0);
	CHECK(took() < 1.3 * nsent / bottleneck.rate);
	all->wrong += wrong(0, HOSTS, 1000);
	all->sent += nsent;
	all->dropped += bottleneck.dropped;
}

static void
find_all_often(unsigned int runs)
{
	memset(all, 0, sizeof(*all));
	for (seed = 1; seed <= runs; seed++)
		CHECK(apart(find_all, NULL, 0) == 0);
}

/* It begins far too fast, at -T5 by so much that it costs more than all the rest. */
static void
it_is_filled_but_not_flooded(void)
{
	static const usec_t	 rtts[] = { MSEC, 20 * MSEC, 50 * MSEC };

	for (int i = 0; i < 3; i++)
		for (timing = 3; timing <= 5; timing++) {
			rtt = rtts[i];
			find_all_often(timing == 4 && rtt == 20 * MSEC ? SEEDS : 4);
			CHECK(all->dropped * (timing == 5 ? 25.0 : 50) < all->sent);
			CHECK(all->wrong <= 3);
		}
}

/* Replies that come early or late by themselves are not taken for a queue. */
static void
nor_left_half_empty_for_jitter(void)
{
	timing = 4;
	rtt = 20 * MSEC;
	for (delay = 2 * MSEC; delay <= 10 * MSEC; delay += 4 * MSEC) {
		find_all_often(3);
		CHECK(all->dropped * 100.0 < all->sent && all->wrong <= 2);
	}
	delay = 0;
}

/* How often a port was asked, at most; of the places before the first none was. */
static unsigned int
most_tries(uint32_t first, uint32_t nports)
{
	unsigned int	 most = 0, unlike = 0;
	static uint8_t	 n[HOSTS][1001];

	memset(n, 0, sizeof(n));
	for (unsigned int i = 0; i < nsent; i++) {
		if (sent[i].kind != PROBE_TCP_SYN || sent[i].canary)
			continue;
		if (++n[sent[i].machine][sent[i].port] > most)
			most = n[sent[i].machine][sent[i].port];
	}
	for (unsigned int i = 0; i < HOSTS; i++)
		for (uint32_t place = 0; place < nports; place++)
			unlike += (n[i][order_port(place)] == 0) != (place < first);
	CHECK(unlike == 0);
	return (most);
}

/* There is but one pass: what the beginning has lost would be missed. */
static void
scan_once(uint8_t allowed, uint16_t last)
{
	struct msg_probeconfig	 c = template(4);

	c.max_retries = 0;
	c.limit_retries = allowed;
	narrow(c, last);
	scan_all();
	CHECK(bottleneck.dropped > 200);
}

static void
what_overflowed_at_once_is_asked_again_at_once(void)
{
	seed = 1;
	rtt = 20 * MSEC;
	scan_once(RETRIES_MAX, 1000);
	CHECK(wrong(0, HOSTS, 1000) < 30);
	CHECK(most_tries(0, 1000) > 1 && most_tries(0, 1000) <= 1 + 4);
}

/* The pass of each host is over before that is known, and windows go by before its next turn. */
static void
even_at_the_end_of_a_pass(void)
{
	struct msg_probeconfig	 c = template(4);

	c.max_retries = 0;
	seed = 1;
	narrow(c, 10);
	scan(256, (struct machine){ .up = true, .rtt = 20 * MSEC, .port = mixed }, BOTH);
	CHECK(bottleneck.dropped > 100);
	CHECK(wrong(0, 256, 10) < 5);
}

static void
but_not_where_the_user_allows_few_retries(void)
{
	seed = 1;
	rtt = 20 * MSEC;
	scan_once(2, 1000);
	CHECK(wrong(0, HOSTS, 1000) > 60);
	CHECK(most_tries(0, 1000) == 1);
}

/* Besides what the link drops, a third is lost: there is no pass but is needed. */
static void
nor_more_often_than_the_user_allows(void)
{
	struct msg_probeconfig	 c = template(4);

	c.max_retries = c.limit_retries = 6;
	seed = 1;
	rtt = 20 * MSEC;
	narrow(c, 300);
	bottleneck.rate = 3000;
	loss = 20;
	scan_all();
	CHECK(most_tries(0, 300) == 7);
}

/* The link gets narrow when the last pass that is allowed begins. */
static void
not_even_in_the_last_pass(void)
{
	struct msg_probeconfig	 c = template(4);

	c.max_retries = c.limit_retries = 3;
	c.max_rate = 20000 * 1000;
	seed = 1;
	narrow(c, 1000);
	bottleneck.rate = 0;
	loss = 10;
	for (uint32_t i = 0; i < HOSTS; i++) {
		machines[i] = (struct machine){ .up = true, .rtt = 20 * MSEC, .port = mixed };
		target(i, STEP_PORTS);
	}
	while (host_at(0)->pass < 3)
		run(1, now + MSEC);
	bottleneck.rate = 6000;
	run(HOSTS, START + 1000 * SECOND);
	CHECK(nended == HOSTS && bottleneck.dropped > 100);
	CHECK(most_tries(0, 1000) == 4);
}

/* What was asked before an interruption is left alone. */
static void
a_resumed_pass_is_asked_from_its_cursor(void)
{
	static uint8_t		 ports[PORT_BITS];
	struct msg_probeconfig	 c = template(4);

	c.max_retries = 0;
	seed = 1;
	narrow(c, 1000);
	memset(ports, PORT_UNKNOWN, sizeof(ports));
	for (uint32_t place = 0; place < 500; place++)
		if (mixed(order_port(place)) == PORT_OPEN)
			ports[order_port(place)] = PORT_OPEN;
	for (uint32_t i = 0; i < HOSTS; i++) {
		machines[i] = (struct machine){ .up = true, .rtt = 20 * MSEC, .port = mixed };
		target(i, STEP_KNOWN | STEP_PORTS);
		known(i, 500, 0, ports, 1001);
	}
	run(HOSTS, START + 1000 * SECOND);
	CHECK(nended == HOSTS && most_tries(500, 1000) > 1);
}

int
main(void)
{
	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (all == MAP_FAILED)
		fatal("mmap");
	CASE(it_is_filled_but_not_flooded);
	CASE(nor_left_half_empty_for_jitter);
	CASE_APART(what_overflowed_at_once_is_asked_again_at_once);
	CASE_APART(even_at_the_end_of_a_pass);
	CASE_APART(but_not_where_the_user_allows_few_retries);
	CASE_APART(nor_more_often_than_the_user_allows);
	CASE_APART(not_even_in_the_last_pass);
	CASE_APART(a_resumed_pass_is_asked_from_its_cursor);
	return (test_done());
}
