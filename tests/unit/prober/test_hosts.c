/* The hosts in hand: found by id and by address, in queues in their turn, with clean memory. */

#include <string.h>

#include "apart.h"
#include "log.h"
#include "prober.h"

#define HOSTS	1000
#define SLABS	3
#define SLAB	100

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
	hosts_init(HOSTS, SLABS, SLAB);
}

static void
a_host_is_found_while_it_is_in_hand(void)
{
	begin();
	CHECK(find(5) == NULL && hosts_count() == 0);
	for (uint32_t i = 0; i < HOSTS; i++)
		CHECK(add(i, 7 * i) == host_at(i));
	CHECK(hosts_count() == HOSTS);
	for (uint32_t i = 0; i < HOSTS; i++)
		CHECK(find(7 * i) == host_at(i) && find(7 * i + 1) == NULL);
	for (uint32_t i = 0; i < HOSTS; i += 2)
		host_free(host_at(i));
	CHECK(hosts_count() == HOSTS / 2);
	for (uint32_t i = 0; i < HOSTS; i++)
		CHECK(find(7 * i) == (i % 2 == 0 ? NULL : host_at(i)));
}

static void
an_address_is_in_hand_once(void)
{
	begin();
	CHECK(add(1, 5) != NULL);
	CHECK(add(2, 5) == NULL && hosts_count() == 1 && find(5) == host_at(1));
	host_free(host_at(1));
	CHECK(add(2, 5) == host_at(2) && find(5) == host_at(2));
}

/* What was on its way for the last host of an id is not the next one's. */
static void
the_next_host_of_an_id_is_another(void)
{
	struct host	*h;
	uint32_t	 generation;

	begin();
	h = add(9, 1);
	h->sent = 77;
	h->steps = STEP_PORTS;
	h->rtt.srtt = 5;
	generation = h->generation;
	host_free(h);
	CHECK(h->step == 0);
	CHECK(add(9, 2) == h && h->generation != generation);
	CHECK(h->sent == 0 && h->steps == 0 && h->rtt.srtt == 0 && h->id == 9 &&
	    h->probe == NULL && h->queue == NULL);
}

static void
slabs_run_out_come_back_and_are_clean(void)
{
	begin();
	for (uint32_t i = 0; i < SLABS; i++) {
		CHECK(host_slab(add(i, i)));
		memset(host_at(i)->probe, 0xff, SLAB);
	}
	for (uint32_t i = 0; i < SLABS; i++)
		for (uint32_t k = 0; k < SLAB; k++)
			CHECK(host_at(i)->probe[k] == 0xff);
	CHECK(!host_slab(add(SLABS, SLABS)));
	host_free(host_at(1));
	CHECK(host_slab(host_at(SLABS)));
	for (uint32_t k = 0; k < SLAB; k++)
		CHECK(host_at(SLABS)->probe[k] == 0 && host_at(0)->probe[k] == 0xff);
	/* A host that still pings has none to give back. */
	host_at(SLABS + 1)->probe = add(SLABS + 1, 99)->ping;
	host_free(host_at(SLABS + 1));
	CHECK(!host_slab(add(1, 1)));
}

static void
a_queue_is_first_in_first_out(void)
{
	struct queue	 q;

	begin();
	queue_init(&q);
	CHECK(queue_take(&q) == NULL);
	for (uint32_t i = 0; i < 5; i++)
		queue_put(&q, add(i, i));
	for (uint32_t i = 0; i < 5; i++)
		CHECK(queue_take(&q) == host_at(i));
	CHECK(queue_take(&q) == NULL);
	queue_put(&q, host_at(3));
	CHECK(queue_take(&q) == host_at(3) && queue_take(&q) == NULL);
}

static void
a_host_is_in_one_queue_once(void)
{
	struct queue	 q, other;
	struct host	*h;

	begin();
	queue_init(&q);
	queue_init(&other);
	h = add(1, 1);
	queue_put(&q, h);
	queue_put(&q, h);
	queue_put(&other, h);
	CHECK(queue_take(&other) == NULL && queue_take(&q) == h && queue_take(&q) == NULL);
	queue_put(&other, h);
	CHECK(queue_take(&other) == h);
}

/* Hosts 0 to 4 without one of them, however it left, are in order. */
static void
check_without(uint32_t gone, bool freed)
{
	struct queue	 q;

	queue_init(&q);
	for (uint32_t i = 0; i < 5; i++)
		queue_put(&q, add(i, i));
	if (freed)
		host_free(host_at(gone));
	else
		queue_remove(host_at(gone));
	if (gone == 4)	/* the tail is right */
		queue_put(&q, add(5, 5));
	for (uint32_t i = 0; i < 5; i++)
		if (i != gone)
			CHECK(queue_take(&q) == host_at(i));
	CHECK(queue_take(&q) == (gone == 4 ? host_at(5) : NULL));
	CHECK(queue_take(&q) == NULL);
	for (uint32_t i = 0; i < 6; i++)
		if (find(i) != NULL)
			host_free(host_at(i));
}

static void
a_host_may_leave_a_queue_from_anywhere(void)
{
	begin();
	for (uint32_t i = 0; i < 5; i++) {
		check_without(i, false);
		check_without(i, true);
	}
	add(0, 0);
	queue_remove(host_at(0));	/* in none: nothing happens */
	CHECK(hosts_count() == 1);
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
	CHECK(add(HOSTS_MAX - 1, 1) != NULL && host_slab(host_at(HOSTS_MAX - 1)));
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
	CASE_APART(slabs_run_out_come_back_and_are_clean);
	CASE_APART(a_queue_is_first_in_first_out);
	CASE_APART(a_host_is_in_one_queue_once);
	CASE_APART(a_host_may_leave_a_queue_from_anywhere);
	CASE(what_the_parent_may_not_ask_for_ends_the_process);
	return (test_done());
}
