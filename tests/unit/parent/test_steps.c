/*
 * The walk of the hosts through the steps, with the other processes played here: how much is
 * handed on at once, and what becomes of the prober's words on the way to the logger.
 */

#include <sys/socket.h>

#include <string.h>

#include "apart.h"
#include "parent.h"

static struct options	 options;
static struct files	 files = { .list = -1, .excludefile = -1 };
static struct plan	 plan;
static struct chan	 peers[CHILDREN_COUNT];

static unsigned int	 ntargets;	/* that the prober was told of, and of them the last */
static struct target_entry last_target;
static struct msg_host	 last_host;
static unsigned int	 nhosts;	/* that the logger was told of */
static uint64_t		 ndone;		/* and those without a word */

static void
on_targets(struct chan *c, const struct msg *m)
{
	(void)c;
	ntargets += m->targets.n;
	last_target = m->targets.e[m->targets.n - 1];
}

static void
on_host(struct chan *c, const struct msg *m)
{
	(void)c;
	nhosts++;
	last_host = m->host;
}

static void
on_barehosts(struct chan *c, const struct msg *m)
{
	(void)c;
	nhosts += m->barehosts.n;
	last_host = host_of_bare(m->barehosts.e[m->barehosts.n - 1]);
}

static void
on_done(struct chan *c, const struct msg *m)
{
	(void)c;
	ndone += m->done.hosts;
}

static void
on_release(struct chan *c, const struct msg *m)
{
	(void)c;
	(void)m;
}

static const struct msg_row	 rows[MSG_TYPES] = {
	ROW(TARGETS, targets, PARENT, ANY_PHASE)
	ROW(RELEASE, release, PARENT, ANY_PHASE)
	ROW(HOST, host, PARENT, ANY_PHASE)
	ROW(BAREHOSTS, barehosts, PARENT, ANY_PHASE)
	ROW(DONE, done, PARENT, ANY_PHASE)
};

static void
begin(const char *target)
{
	static const enum proc	 procs[CHILDREN_COUNT] = { RESOLVER, PROBER, LOGGER };
	int			 sp[2];

	for (int i = 0; i < CHILDREN_COUNT; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sp) == -1)
			abort();
		chan_init(&channels[i], sp[0], PARENT, procs[i], parent_rows);
		chan_phase(&channels[i], RUN);
		chan_init(&peers[i], sp[1], procs[i], PARENT, rows);
	}
	options.targets[options.ntargets++] = target;
	options.no_reverse = true;
	plan_make(&options, &plan);
	source_init(&options, &files);
	steps_init(&plan);
	report_init(&plan, &options);
	CHECK(steps_exclude());
}

/* One side handles all that it was sent. */
static void
hear(struct chan *side)
{
	for (int i = 0; i < CHILDREN_COUNT; i++)
		while (chan_recv(&side[i]) == 1)
			;
}

static void
say_down(uint32_t id)
{
	send_pings(&peers[CHILD_PROBER], &(const struct msg_pings){
		.n = 1, .e = { { .id = id, .state = HOST_DOWN, .reason = REASON_NO_RESPONSE } } });
	send_hostsdone(&peers[CHILD_PROBER], &(const struct msg_hostsdone){
		.n = 1, .e = { { .id = id } } });
	hear(channels);
	hear(peers);
}

/* The one target answers a ping; of the answers of its ports so many come. */
static void
scan_one(uint16_t coverage, uint8_t has_mac)
{
	begin("192.0.2.7");
	steps_run();
	hear(peers);
	CHECK(ntargets == 1);
	send_pings(&peers[CHILD_PROBER], &(const struct msg_pings){ .n = 1, .e = { {
		.id = last_target.id, .state = HOST_UP, .reason = REASON_ECHO_REPLY, .rtt = 5,
		.has_mac = has_mac, .mac = { has_mac } } } });
	send_hostsdone(&peers[CHILD_PROBER], &(const struct msg_hostsdone){
		.n = 1, .e = { { .id = last_target.id, .coverage = coverage } } });
	hear(channels);
	CHECK(report_run(true));
	hear(peers);
	CHECK(nhosts == 1);
}

/* Nothing is heard in between: what fits on the way to the prober goes there at once. */
static void
a_sweep_is_handed_on_as_fast_as_the_prober_takes_it(void)
{
	options_init(&options);
	begin("10.0.0.0/8");
	steps_run();
	CHECK(chan_room(&channels[CHILD_PROBER]) == 0 && steps_more());
	steps_run();
	CHECK(!steps_more());		/* it waits now, and does not turn in circles */
	hear(peers);
	CHECK(ntargets == CHAN_WINDOW * TARGETS_MAX && hosts_count() == ntargets);
	hear(channels);			/* there is room again */
	steps_run();
	hear(peers);
	CHECK(ntargets > CHAN_WINDOW * TARGETS_MAX && steps_more());
}

/* What was taken last is still to be reported: nobody is to be waited for. */
static void
a_list_that_has_come_to_its_end_is_not_waited_for(void)
{
	options_init(&options);
	options.list_only = true;
	begin("192.0.2.0/30");
	steps_run();
	CHECK(report_backlog() == 4 && steps_more() && !steps_finished());
	CHECK(report_run(true));
	steps_run();
	CHECK(!steps_more() && steps_finished());
	hear(peers);
	CHECK(nhosts == 4 && ntargets == 0);
}

static void
hosts_in_hand_have_a_bound(void)
{
	options_init(&options);
	begin("10.0.0.0/8");
	for (int i = 0; i < 1000; i++) {
		steps_run();
		hear(peers);
		hear(channels);
	}
	CHECK(ntargets == plan.probe.hosts && !hosts_room() && !steps_more());
	for (uint32_t id = 0; id < 100; id++)
		say_down(id);
	CHECK(!report_run(false) && report_run(true));
	hear(peers);
	CHECK(ndone == 100 && nhosts == 0 && hosts_count() == plan.probe.hosts - 100);
	steps_run();
	hear(peers);
	CHECK(ntargets == plan.probe.hosts + 100);
}

static void
what_came_of_a_hosts_answers_reaches_the_log(void)
{
	options_init(&options);
	scan_one(9730, 0);
	CHECK(last_host.coverage == 9730 && last_host.state == HOST_UP);
	CHECK(last_host.flags == 0 && last_host.srtt == 5);
}

static void
the_address_of_a_card_reaches_the_log(void)
{
	options_init(&options);
	scan_one(COVERAGE_ALL, 1);
	CHECK(last_host.coverage == COVERAGE_ALL);
	CHECK(last_host.flags == HOST_HAS_MAC && last_host.mac[0] == 1);
}

int
main(void)
{
	CASE_APART(a_sweep_is_handed_on_as_fast_as_the_prober_takes_it);
	CASE_APART(a_list_that_has_come_to_its_end_is_not_waited_for);
	CASE_APART(hosts_in_hand_have_a_bound);
	CASE_APART(what_came_of_a_hosts_answers_reaches_the_log);
	CASE_APART(the_address_of_a_card_reaches_the_log);
	return (test_done());
}
