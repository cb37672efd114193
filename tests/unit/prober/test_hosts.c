/* The hosts in hand: found by id and by address, in queues in their turn, with clean memory. */

#include <string.h>

#include "apart.h"
#include "log.h"
#include "prober.h"

#define HOSTS	1000
#define SCANS	3
#define PORTS	100
#define SCAN_WORDS	(PORTS / 32 + 1)

static const struct siphash_key	 key = { { 1, 2 } };

/* send.c's, which this test does without. */
const struct siphash_key *
send_key(void)
{
	return (&key);
}

static struct addr
address(uint32_t n)
{
	return (addr_from_ipv4(0x0a000000 + n));
}

static struct host *
add(uint32_t id, uint32_t n)
{
	struct addr	 a = address(n);

	return (host_new(id, &a));
}

static struct host *
find(uint32_t n)
{
	struct addr	 a = address(n);

	return (host_find(&a));
}

static void
begin(void)
{
	hosts_reserve();
	hosts_init(HOSTS, SCANS, PORTS);
}

static void
a_host_is_found_while_it_is_in_hand(void)
{
	begin();
	CHECK(find(5) == NULL);
	for (uint32_t i = 0; i < HOSTS; i++)
		CHECK(add(i, 7 * i) == host_at(i) && host_id(host_at(i)) == i);
	for (uint32_t i = 0; i < HOSTS; i++)
		CHECK(find(7 * i) == host_at(i) && find(7 * i + 1) == NULL);
	for (uint32_t i = 0; i < HOSTS; i += 2)
		host_end(host_at(i));
	for (uint32_t i = 0; i < HOSTS; i++)
		CHECK(find(7 * i) == (i % 2 == 0 ? NULL : host_at(i)));
}

static void
an_address_is_in_hand_once(void)
{
	begin();
	CHECK(add(1, 5) != NULL);
	CHECK(add(2, 5) == NULL && find(5) == host_at(1));
	host_end(host_at(1));
	CHECK(add(2, 5) == host_at(2) && find(5) == host_at(2));
}

/* Nothing of the last host of an id is the next one's. */
static void
the_next_host_of_an_id_is_another(void)
{
	struct host	*h;

	begin();
	h = add(9, 1);
	memset((uint8_t *)h + sizeof(h->addr) + sizeof(h->hash_next), 0xff,
	    sizeof(*h) - sizeof(h->addr) - sizeof(h->hash_next));
	h->state = HOST_DOWN;
	host_end(h);
	CHECK(add(9, 2) == h);
	CHECK(h->sent == 0 && h->steps == 0 && h->step == 0 && h->rtt.srtt == 0 &&
	    h->pass == 0 && h->cursor == 0 && h->in == IN_NONE && h->scan == NO_SCAN);
}

/* A host that is in the port scan, if there is room for it there. */
static bool
begin_scan(uint32_t id)
{
	struct host	*h = add(id, id);

	h->step = STEP_PORTS;
	h->state = HOST_UP;
	return (host_begin_scan(h));
}

static void
room_for_scans_runs_out_comes_back_and_is_clean(void)
{
	static const uint64_t	 zero[SCAN_WORDS];
	const size_t		 size = sizeof(struct scan) + sizeof(zero);

	begin();
	for (uint32_t i = 0; i < SCANS; i++) {
		CHECK(begin_scan(i));
		memset(host_scan(host_at(i)), (int)i + 1, size);
	}
	for (uint32_t i = 0; i < SCANS; i++)
		for (size_t k = 0; k < size; k++)
			CHECK(((uint8_t *)host_scan(host_at(i)))[k] == i + 1);
	CHECK(!begin_scan(SCANS) && host_scan(host_at(SCANS)) == NULL);
	host_end(host_at(1));
	CHECK(host_scan(host_at(1)) == NULL && host_begin_scan(host_at(SCANS)));
	CHECK(memcmp(host_scan(host_at(SCANS))->ports, zero, sizeof(zero)) == 0 &&
	    host_scan(host_at(SCANS))->left == 0);
	CHECK(((uint8_t *)host_scan(host_at(0)))[0] == 1);
}

/* Of the hosts, those that are in the port scan, however they came and went. */
static void
the_hosts_in_the_port_scan_are_found_one_by_one(void)
{
	uint32_t	 place = 0;

	begin();
	CHECK(host_scanned(&place) == NULL);
	for (uint32_t i = 0; i < SCANS; i++)
		CHECK(begin_scan(10 + i));
	host_end(host_at(11));
	CHECK(host_scanned(&place) == host_at(10) && host_scanned(&place) == host_at(12));
	CHECK(host_scanned(&place) == NULL && host_scanned(&place) == NULL);
	CHECK(begin_scan(20));
	host_end(host_at(10));
	place = 0;
	CHECK(host_scanned(&place) == host_at(20) && host_scanned(&place) == host_at(12));
	CHECK(host_scanned(&place) == NULL);
}

/* What is said of a host that is down lies where a scan's place lies: it frees none. */
static void
a_host_that_is_down_has_no_scan_to_give_back(void)
{
	begin();
	for (uint32_t i = 0; i < SCANS; i++)
		CHECK(begin_scan(i));
	for (uint32_t i = SCANS; i < SCANS + 10; i++) {
		struct host	*h = add(i, i);

		h->state = HOST_DOWN;
		h->from = address(i);
		h->step = STEP_PING;
		CHECK(host_scan(h) == NULL);
		host_end(h);
	}
	CHECK(!begin_scan(SCANS));
}

static void
a_queue_is_first_in_first_out(void)
{
	struct queue	 q;

	begin();
	queue_init(&q);
	CHECK(queue_take(&q) == NULL);
	for (uint32_t i = 0; i < 5; i++) {
		queue_put(&q, add(i, i), IN_READY);
		CHECK(host_at(i)->in == IN_READY);
	}
	for (uint32_t i = 0; i < 5; i++)
		CHECK(queue_take(&q) == host_at(i) && host_at(i)->in == IN_NONE);
	CHECK(queue_take(&q) == NULL);
	queue_put(&q, host_at(3), IN_WAITING);
	CHECK(queue_take(&q) == host_at(3) && queue_take(&q) == NULL);
}

/* Hosts 0 to 4 without one of them are in order, and so is what is put in after them. */
static void
check_without(uint32_t gone)
{
	struct queue	 q;

	queue_init(&q);
	for (uint32_t i = 0; i < 5; i++)
		queue_put(&q, host_at(i), IN_READY);
	queue_remove(&q, host_at(gone));
	queue_put(&q, host_at(5), IN_READY);
	for (uint32_t i = 0; i < 6; i++)
		if (i != gone)
			CHECK(queue_take(&q) == host_at(i));
	CHECK(queue_take(&q) == NULL);
}

/* Whoever was first comes last, and can still leave from there. */
static void
a_queue_goes_round(void)
{
	struct queue	 q;

	begin();
	queue_init(&q);
	CHECK(queue_first(&q) == NULL);
	queue_put(&q, add(1, 1), IN_READY);
	queue_rotate(&q);
	CHECK(queue_first(&q) == host_at(1));
	queue_put(&q, add(2, 2), IN_READY);
	queue_put(&q, add(3, 3), IN_READY);
	for (uint32_t i = 1; i <= 7; i++) {
		CHECK(queue_first(&q) == host_at((i - 1) % 3 + 1));
		queue_rotate(&q);
	}
	queue_remove(&q, host_at(1));
	CHECK(queue_take(&q) == host_at(2) && queue_take(&q) == host_at(3));
	CHECK(queue_first(&q) == NULL);
}

static void
a_host_may_leave_a_queue_from_anywhere(void)
{
	begin();
	for (uint32_t i = 0; i < 6; i++)
		add(i, i);
	for (uint32_t i = 0; i < 5; i++)
		check_without(i);
}

static void
queued_twice(void)
{
	struct queue	 q, other;

	begin();
	queue_init(&q);
	queue_init(&other);
	queue_put(&q, add(1, 1), IN_READY);
	queue_put(&other, host_at(1), IN_READY);
}

static void
a_host_that_is_queued_twice_ends_the_process(void)
{
	char	 said[200];

	CHECK(apart(queued_twice, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "queued twice") != NULL);
}

static void
out_of_range(void)
{
	begin();
	CHECK(host_at(HOSTS - 1) != NULL);
	host_at(HOSTS);
}

static void
too_many(void)
{
	hosts_reserve();
	hosts_init(HOSTS_MAX, HOSTS_MAX, PORT_BITS);
}

static void
the_most_that_fit(void)
{
	hosts_reserve();
	hosts_init(HOSTS_MAX, 4096, 1000);
	CHECK(begin_scan(HOSTS_MAX - 1) && host_scan(host_at(HOSTS_MAX - 1)) != NULL);
}

static void
what_the_parent_may_not_ask_for_ends_the_process(void)
{
	char	 said[200];

	CHECK(apart(out_of_range, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "out of range") != NULL);
	CHECK(apart(too_many, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "too many at once") != NULL);
	CHECK(apart(the_most_that_fit, NULL, 0) == 0);
}

int
main(void)
{
	CASE_APART(a_host_is_found_while_it_is_in_hand);
	CASE_APART(an_address_is_in_hand_once);
	CASE_APART(the_next_host_of_an_id_is_another);
	CASE_APART(room_for_scans_runs_out_comes_back_and_is_clean);
	CASE_APART(the_hosts_in_the_port_scan_are_found_one_by_one);
	CASE_APART(a_host_that_is_down_has_no_scan_to_give_back);
	CASE_APART(a_queue_is_first_in_first_out);
	CASE_APART(a_queue_goes_round);
	CASE_APART(a_host_may_leave_a_queue_from_anywhere);
	CASE(a_host_that_is_queued_twice_ends_the_process);
	CASE(what_the_parent_may_not_ask_for_ends_the_process);
	return (test_done());
}
