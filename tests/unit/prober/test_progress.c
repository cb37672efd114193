/*
 * What is told of how far port scans are, and that with it a scan that was cut off anywhere can
 * go on: in another process, which finds what the first would have found, for little more.
 */

#include <sys/mman.h>

#include "scans.h"

#define HOSTS		6
#define PORTS		1000
#define CHECKPOINT	(100 * MSEC)
#define LAG		(250 * MSEC)	/* two time-outs, the least ones, and some */
#define CUTS		20

#define KNOWN		(STEP_KNOWN | STEP_PORTS)

/* What outlives a process: of each host what the log would have, and of all, what was sent. */
static struct saved {
	struct host_saved {
		bool		 up, done;
		uint32_t	 cursor;
		uint8_t		 pass;
		uint8_t		 port[PORTS + 1];
	}		 host[HOSTS];
	usec_t		 took;
	unsigned int	 probes;		/* to ports */
	unsigned int	 lately;		/* of them, too late to be told as asked */
	unsigned int	 again;			/* that were known, or not silent */
	unsigned int	 missing;
} *saved;

static usec_t		 cut;		/* when */
static unsigned int	 percent;	/* lost, each way */
static unsigned int	 retries = 10;
static bool		 by_checkpoint;	/* ports are known as they were at the last progress */

static enum port_state
all_kinds(uint16_t port)
{
	static const enum port_state	 states[] = {
		PORT_OPEN, PORT_CLOSED, PORT_FILTERED, PORT_UNKNOWN
	};

	return (states[port % 4]);
}

/* 2,000 probes a second, so that a scan takes some rounds of PROGRESS. */
static struct msg_probeconfig
slowly(void)
{
	struct msg_probeconfig	 c = normal();

	c.checkpoint = CHECKPOINT / 1000;
	c.max_rate = 2000 * 1000;
	c.max_retries = (uint8_t)retries;
	return (c);
}

static void
save_ports(uint32_t i)
{
	memcpy(saved->host[i].port, told[i].port, sizeof(saved->host[i].port));
}

/*
 * Whatever is told as asked has answered by then, if it ever will, and that was told before:
 * this network loses nothing when this is looked at.
 */
static void
save_progress(const struct progress_entry *e)
{
	for (uint32_t place = 0; percent == 0 && place < e->cursor; place++)
		CHECK(told[e->id].port[order_port(place)] == all_kinds(order_port(place)));
	saved->host[e->id].cursor = e->cursor;
	saved->host[e->id].pass = e->pass;
	save_ports(e->id);
}

static void
save_rest(void)
{
	for (uint32_t i = 0; i < HOSTS; i++) {
		saved->host[i].up |= told[i].ping.state == HOST_UP;
		saved->host[i].done |= told[i].ends == 1;
		if (!by_checkpoint || saved->host[i].done)
			save_ports(i);
	}
}

static void
count_sent(void)
{
	for (unsigned int i = 0; i < nsent; i++) {
		if (sent[i].canary || sent[i].kind != PROBE_TCP_SYN)
			continue;
		saved->probes++;
		saved->lately += now < sent[i].at + CHECKPOINT + LAG;
	}
}

static void
begin_scans(void)
{
	begin(slowly(), 1, PORTS);
	loss = percent;
	progress = save_progress;
	for (uint32_t i = 0; i < HOSTS; i++)
		machines[i] = (struct machine){ .up = true, .port = all_kinds };
}

static void
scan_until_cut(void)
{
	begin_scans();
	for (uint32_t i = 0; i < HOSTS; i++)
		target(i, BOTH);
	run(HOSTS, cut == 0 ? START + 1000 * SECOND : cut);
	saved->took = now - START;
	save_rest();
	count_sent();
}

/* Hosts go on where they were; those of which nothing is known are begun. */
static unsigned int
take_up(void)
{
	unsigned int	 n = 0;

	for (uint32_t i = 0; i < HOSTS; i++) {
		struct host_saved	*s = &saved->host[i];

		if (s->done)
			continue;
		n++;
		target(i, s->up ? KNOWN : BOTH);
		if (s->up)
			known(i, s->cursor, s->pass, s->port, PORTS + 1);
	}
	return (n);
}

static void
go_on(void)
{
	static struct saved	 before;
	unsigned int		 hosts;

	before = *saved;
	begin_scans();
	progress = NULL;
	for (uint32_t i = 0; i < HOSTS; i++) {
		told[i].at.cursor = before.host[i].cursor;
		told[i].at.pass = before.host[i].pass;
	}
	hosts = take_up();
	run(hosts, START + 1000 * SECOND);
	CHECK(nended == hosts);
	for (unsigned int i = 0; i < nsent; i++)
		saved->again += sent[i].kind == PROBE_TCP_SYN && !sent[i].canary &&
		    before.host[sent[i].machine].port[sent[i].port] != PORT_UNKNOWN;
	for (uint32_t i = 0; i < HOSTS; i++)
		for (uint32_t p = 1; p <= PORTS; p++)
			saved->missing += (told[i].port[p] | before.host[i].port[p]) !=
			    all_kinds((uint16_t)p);
	saved->lately = 0;
	count_sent();
}

static void
map_saved(void)
{
	if (saved == NULL)
		saved = mmap(NULL, sizeof(*saved), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (saved == MAP_FAILED)
		abort();
	memset(saved, 0, sizeof(*saved));
}

/* Nothing is cut off: what that takes. */
static struct saved
whole_scan(void)
{
	map_saved();
	cut = 0;
	CHECK(apart(scan_until_cut, NULL, 0) == 0);
	for (uint32_t i = 0; i < HOSTS; i++)
		CHECK(saved->host[i].done);
	return (*saved);
}

/* Ports that are silent, of those hosts that went on in a later pass, get one pass more. */
static unsigned int
one_pass_more(void)
{
	unsigned int	 n = 0;

	for (uint32_t i = 0; i < HOSTS; i++)
		n += saved->host[i].pass != 0 ? PORTS / 4 : 0;
	return (n);
}

/* At an instant that chance chooses between the first probe and the last. */
static void
cut_it_off(usec_t took, unsigned int *lately, unsigned int *more)
{
	map_saved();
	cut = START + 1 + throw_dice(took);
	CHECK(apart(scan_until_cut, NULL, 0) == 0);
	*lately = saved->lately;
	*more = one_pass_more();
	CHECK(apart(go_on, NULL, 0) == 0);
}

static void
a_scan_cut_off_anywhere_goes_on_and_finds_the_same(void)
{
	struct saved	 whole = whole_scan();
	unsigned int	 lately, more;

	for (int i = 0; i < CUTS; i++) {
		by_checkpoint = i % 2 == 0;
		cut_it_off(whole.took, &lately, &more);
		CHECK(saved->missing == 0 && saved->again == 0);
		CHECK(saved->probes <= whole.probes + lately + more);
	}
	by_checkpoint = false;
}

/* There is no second try: what was asked just before the end must be asked again. */
static void
without_retries_nothing_is_missed_either(void)
{
	struct saved	 whole;
	unsigned int	 lately, more;

	retries = 0;
	by_checkpoint = true;
	whole = whole_scan();
	for (int i = 0; i < CUTS; i++) {
		cut_it_off(whole.took, &lately, &more);
		CHECK(saved->missing == 0 && saved->again == 0 && more == 0);
		CHECK(saved->probes <= whole.probes + lately);
	}
	retries = 10;
	by_checkpoint = false;
}

/*
 * A fifth of all is lost, each way.  Of the 4,500 ports that answer, one in 10,000 may be missed,
 * and through the loss of what the first run knew, some more.
 */
static void
through_loss_too(void)
{
	struct saved	 whole;
	unsigned int	 lately, more, missing = 0;

	percent = 20;
	whole = whole_scan();
	for (int i = 0; i < CUTS; i++) {
		cut_it_off(whole.took, &lately, &more);
		CHECK(saved->again == 0);
		missing += saved->missing;
	}
	printf("# %u of %u missing\n", missing, CUTS * HOSTS * PORTS / 4 * 3);
	CHECK(missing <= CUTS * HOSTS * PORTS / 4 * 3 / 10000);
	percent = 0;
}

/* As Ctrl-C does: what was on its way has come, and so the last word is exact. */
static void
scan_until_stopped(void)
{
	begin_scans();
	for (uint32_t i = 0; i < HOSTS; i++)
		target(i, BOTH);
	run(HOSTS, cut);
	engine_stop(now);
	for (int i = 0; i < 100 && !engine_drained(now); i++)
		run(HOSTS, now + 20 * MSEC);
	run(HOSTS, now + MSEC);
	CHECK(results_flush(&chan));
	save_rest();
	count_sent();
	for (uint32_t i = 0; i < HOSTS; i++)
		CHECK(saved->host[i].done || (saved->host[i].pass == 0 &&
		    saved->host[i].cursor > 100 && saved->host[i].cursor < PORTS));
}

static void
a_scan_that_is_stopped_goes_on_without_a_probe_more(void)
{
	struct saved	 whole = whole_scan();

	map_saved();
	by_checkpoint = true;
	cut = START + 1730 * MSEC;
	CHECK(apart(scan_until_stopped, NULL, 0) == 0);
	CHECK(apart(go_on, NULL, 0) == 0);
	CHECK(saved->missing == 0 && saved->again == 0 && saved->probes == whole.probes);
	by_checkpoint = false;
}

/* The same, where replies take longer than it waits: save_progress() looks at what is told. */
static void
stop_far_away(void)
{
	begin_scans();
	for (uint32_t i = 0; i < HOSTS; i++) {
		machines[i].rtt = 1500 * MSEC;
		target(i, BOTH);
	}
	run(HOSTS, START + 6 * SECOND);
	engine_stop(now);
	for (int i = 0; i < 100 && !engine_drained(now); i++)
		run(HOSTS, now + 20 * MSEC);
	run(HOSTS, now + MSEC);
	CHECK(results_flush(&chan));
	for (uint32_t i = 0; i < HOSTS; i++)
		CHECK(saved->host[i].cursor > 0 && saved->host[i].cursor < PORTS);
}

static void
what_may_yet_be_answered_is_not_told_as_asked(void)
{
	map_saved();
	CHECK(apart(stop_far_away, NULL, 0) == 0);
}

/* Parcels that the kernel had no room for were not sent. */
static void
stop_with_a_full_queue(void)
{
	begin_scans();
	for (uint32_t i = 0; i < HOSTS; i++)
		target(i, BOTH);
	run(HOSTS, START + 700 * MSEC);
	queue_full = true;
	run(HOSTS, START + 710 * MSEC);
	engine_stop(now);
	for (int i = 0; i < 100 && !engine_drained(now); i++)
		run(HOSTS, now + 20 * MSEC);
	run(HOSTS, now + MSEC);
	for (uint32_t i = 0; i < HOSTS; i++)
		for (uint32_t place = 0; place < told[i].at.cursor; place++)
			CHECK(tries(i, PROBE_TCP_SYN, order_port(place)) == 1);
}

static void
what_was_not_sent_is_not_told_as_asked(void)
{
	map_saved();
	CHECK(apart(stop_with_a_full_queue, NULL, 0) == 0);
}

static unsigned int	 rounds;

static void
count_rounds(const struct progress_entry *e)
{
	(void)e;
	rounds++;
}

static void
without_a_checkpoint_nothing_is_told(void)
{
	struct msg_probeconfig	 c = slowly();

	c.checkpoint = 0;
	begin(c, 1, PORTS);
	progress = count_rounds;
	machines[5] = (struct machine){ .up = true, .port = all_kinds };
	target(5, BOTH);
	run(1, START + 600 * MSEC);
	CHECK(nended == 0 && told[5].nports > 100);
	engine_stop(now);
	run(1, now + SECOND);
	CHECK(engine_drained(now) && rounds == 0);
}

/* Ten rounds a second, but for those in which nothing has changed. */
static void
it_is_told_as_often_as_was_ordered(void)
{
	begin(slowly(), 1, 3000);
	progress = count_rounds;
	machines[5] = (struct machine){ .up = true, .port = silent };
	target(5, BOTH);
	run(1, START + SECOND);
	CHECK(nended == 0 && rounds >= 7 && rounds <= 10);
	CHECK(told[5].at.cursor > 500);
}

int
main(void)
{
	CASE(a_scan_cut_off_anywhere_goes_on_and_finds_the_same);
	CASE(without_retries_nothing_is_missed_either);
	CASE(through_loss_too);
	CASE(a_scan_that_is_stopped_goes_on_without_a_probe_more);
	CASE(what_may_yet_be_answered_is_not_told_as_asked);
	CASE(what_was_not_sent_is_not_told_as_asked);
	CASE_APART(without_a_checkpoint_nothing_is_told);
	CASE_APART(it_is_told_as_often_as_was_ordered);
	return (test_done());
}
