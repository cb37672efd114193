/*
 * A million hosts being pinged at once: the memory that takes, and that a probe costs no more
 * when a million are waited for than when a thousand are.  There is no network but a hole.
 */

#include <sys/mman.h>
#include <sys/socket.h>

#include <time.h>

#include "apart.h"
#include "prober.h"

#define SECOND		((usec_t)1000000)
#define START		(3600 * SECOND)

static struct chan	 chan;
static int		 parents_end;
static uint32_t		 nsent, nended;
static usec_t		 now = START;

unsigned int
transmit(const struct parcel parcels[], unsigned int n, bool *refused)
{
	(void)parcels;
	*refused = false;
	nsent += n;
	return (n);
}

enum route_found
route_to(const struct addr *dst, usec_t when, struct way *w)
{
	(void)when;
	(void)dst;
	*w = (struct way){ 0 };
	return (ROUTE_FOUND);
}

const struct route *
route_at(uint16_t which)
{
	static struct route	 route;

	(void)which;
	route.src = addr_from_ipv4(0xc0000201);
	return (&route);
}

void
capture_stats(struct msg_stats *s)
{
	(void)s;
}

static void
begin(uint32_t hosts)
{
	struct msg_probeconfig	 c = {
		.min_rtt = 100000, .initial_rtt = 1000000, .max_rtt = 10000000, .hosts = HOSTS_MAX,
		.port_hosts = 1, .timing = 5, .max_retries = 10, .limit_retries = 14, .npings = 1,
		.ping = { { .kind = PROBE_ICMP_ECHO } },
	};
	int			 pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1)
		abort();
	chan_init(&chan, pair[0], PROBER, PARENT, NULL);
	parents_end = pair[1];
	send_init(false);
	engine_init(now);
	engine_config(&c);
	engine_start(now);
	for (uint32_t i = 0; i < hosts; i++)
		engine_target(&(struct target_entry){ .id = i, .steps = STEP_PING,
		    .addr = addr_from_ipv4(0x0a000000 + i) }, now);
}

static void
hear(void)
{
	struct msg	 m;

	results_flush(&chan);
	while (recv(parents_end, &m, sizeof(m), MSG_DONTWAIT) == sizeof(m)) {
		chan.acked++;
		nended += m.type == MSG_HOSTSDONE ? m.hostsdone.n : 0;
	}
}

/* Until all is sent that may be sent now, and that is over. */
static void
run(uint32_t hosts, usec_t until)
{
	while (nended < hosts && now < until) {
		while (engine_run(now))
			now += 10;
		hear();
		now = engine_next(now) > now ? engine_next(now) : now + 1;
	}
	hear();
}

/* Kilobytes of memory that are in use, as the kernel counts them. */
static long
resident(void)
{
	long	 pages = 0;
	FILE	*f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%*d %ld", &pages) != 1)
		abort();
	fclose(f);
	return (pages * (sysconf(_SC_PAGESIZE) / 1024));
}

static void
a_million_hosts_take_less_than_a_hundred_megabytes(void)
{
	long	 before = resident();

	begin(HOSTS_MAX);
	run(HOSTS_MAX, START + 100 * SECOND);
	CHECK(nended == HOSTS_MAX && nsent == 2 * HOSTS_MAX);
	CHECK(resident() - before < 100 * 1024);
}

/* What few hosts need, few take. */
static void
a_thousand_hosts_take_little(void)
{
	long	 before = resident();

	begin(1000);
	run(1000, START + 100 * SECOND);
	CHECK(nended == 1000 && nsent == 2000);
	CHECK(resident() - before < 8 * 1024);
}

/* Nanoseconds of the processor's time for each probe. */
static double
cost(uint32_t hosts)
{
	struct timespec	 from, to;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	run(hosts, START + 100 * SECOND);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	return (((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) /
	    nsent);
}

static uint32_t	 many;
static double	*result;

static void
measure(void)
{
	begin(many);
	*result = cost(many);
}

/* The least of three: what else the machine does only adds to it. */
static double
least_cost(uint32_t hosts)
{
	double	 least = 1e9;

	many = hosts;
	for (int i = 0; i < 3; i++) {
		CHECK(apart(measure, NULL, 0) == 0);
		if (*result < least)
			least = *result;
	}
	return (least);
}

/* Were they looked through, it would cost 256 times as much; what caches miss is a few times. */
static void
a_probe_costs_the_same_however_many_wait(void)
{
	double	 few, all;

	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	    -1, 0);
	if (result == MAP_FAILED)
		abort();
	few = least_cost(4096);
	all = least_cost(HOSTS_MAX);
	CHECK(all < 25 * few);
}

int
main(void)
{
	CASE_APART(a_million_hosts_take_less_than_a_hundred_megabytes);
	CASE_APART(a_thousand_hosts_take_little);
	CASE(a_probe_costs_the_same_however_many_wait);
	return (test_done());
}
