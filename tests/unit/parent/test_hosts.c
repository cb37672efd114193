/* The hosts in hand: ids, addresses that come twice, ports and who told of them. */

#include <malloc.h>
#include <string.h>

#include "apart.h"
#include "parent.h"

#define HOSTS	100

static struct host	*first;

static struct host *
add(uint32_t address, uint64_t offset)
{
	struct candidate	 c = {
		.place = { .offset = offset }, .addr = addr_from_ipv4(address)
	};

	return (host_new(&c, &first));
}

static void
ids_are_used_again_and_never_for_two(void)
{
	bool		 used[HOSTS] = { false };
	struct host	*h[HOSTS], *again;

	hosts_init(HOSTS);
	for (uint32_t i = 0; i < HOSTS; i++) {
		CHECK(hosts_room() && hosts_count() == i);
		h[i] = add(i, i);
		CHECK(first == NULL && h[i]->id < HOSTS && !used[h[i]->id]);
		used[h[i]->id] = true;
		CHECK(host_at(h[i]->id) == h[i] && host_slot(h[i]->id) == h[i]);
	}
	CHECK(!hosts_room() && hosts_count() == HOSTS);
	CHECK(host_free(h[42]) == NULL);
	CHECK(hosts_room() && host_slot(42) == NULL);
	again = add(1000, 7);
	CHECK(again->id == 42 && again->place.offset == 7 && first == NULL && !hosts_room());
	CHECK(host_slot(HOSTS) == NULL);
}

static void
the_same_address_waits_its_turn(void)
{
	struct host	*a, *b, *heir;

	hosts_init(HOSTS);
	a = add(5, 1);
	CHECK(first == NULL);
	b = add(5, 2);
	CHECK(first == a && b != a && hosts_count() == 2);
	heir = host_free(a);
	CHECK(heir == b && heir->place.offset == 2 && hosts_count() == 1);
	/* Now it is the one that others wait for. */
	a = add(5, 3);
	CHECK(first == b);
	CHECK(host_free(b) == a);
	CHECK(host_free(a) == NULL && hosts_count() == 0);
	add(5, 4);
	CHECK(first == NULL);
}

/* Each of many comes up once, whatever else has ended in between. */
static void
many_of_the_same_address_all_get_their_turn(void)
{
	bool		 seen[HOSTS] = { false };
	struct host	*h, *other;

	hosts_init(HOSTS);
	h = add(5, 0);
	other = add(6, 99);
	for (uint64_t i = 1; i < 50; i++) {
		add(5, i);
		CHECK(first == h);
	}
	for (int i = 0; i < 50; i++) {
		CHECK(h != NULL && !seen[h->place.offset]);
		seen[h->place.offset] = true;
		if (i == 20) {
			add(5, 50);
			CHECK(first == h);
			CHECK(host_free(other) == NULL);
		}
		h = host_free(h);
	}
	CHECK(h != NULL && host_free(h) == NULL && hosts_count() == 0);
}

static void
addresses_that_share_a_bucket_are_told_apart(void)
{
	hosts_init(HOSTS);
	for (int round = 0; round < 100; round++) {
		for (uint32_t i = 0; i < HOSTS; i++) {
			add(i * 65536 + 1, i);
			CHECK(first == NULL);
		}
		for (uint32_t i = 0; i < HOSTS; i++)
			CHECK(host_free(host_at((i * 37) % HOSTS)) == NULL);
	}
	CHECK(hosts_count() == 0);
}

static void
a_host_keeps_what_its_candidate_said(void)
{
	char			 name[] = "a.example";
	struct addr		 others[2] = { addr_from_ipv4(7), addr_from_ipv4(8) };
	struct candidate	 c = {
		.place = { .spec = 3, .offset = 4 }, .addr = addr_from_ipv4(6), .name = name,
		.others = others, .nothers = 2
	};
	struct host		*h;

	hosts_init(HOSTS);
	h = host_new(&c, &first);
	memset(name, 'x', sizeof(name) - 1);
	memset(others, 0, sizeof(others));
	CHECK(strcmp(h->more->name, "a.example") == 0 && h->more->nothers == 2);
	CHECK(addr_to_ipv4(&h->more->others[0]) == 7 && addr_to_ipv4(&h->more->others[1]) == 8);
	CHECK(h->place.spec == 3 && h->place.offset == 4);
	CHECK(h->work == WORK_HEIR && !h->queued && !h->ticket);
	CHECK(host_free(h) == NULL);
	h = add(9, 0);
	CHECK(h->more == NULL && host_more(h)->name == NULL && host_more(h)->nports == 0);
	CHECK(h->coverage == COVERAGE_ALL);
}

static void
add_port(struct host *h, uint16_t port, struct addr from)
{
	more_add_port(host_need_more(h), &(struct port_entry){
		.port = port, .proto = PROTO_TCP, .state = PORT_FILTERED,
		.reason = REASON_ADMIN_PROHIBITED, .ttl = 9, .from = from });
}

static void
ports_are_kept_with_who_told_of_them(void)
{
	struct host	*h;

	hosts_init(HOSTS);
	h = add(5, 0);
	for (uint32_t p = 0; p < PORT_BITS; p++)
		add_port(h, (uint16_t)p, p % 3 == 0 ? (struct addr){ .family = FAMILY_NONE } :
		    addr_from_ipv4(1000 + p % 3));
	CHECK(h->more->nports == PORT_BITS && h->more->nsenders == 2);
	for (uint32_t p = 0; p < PORT_BITS; p++) {
		const struct port_result	*r = &h->more->ports[p];

		CHECK(r->port == p && r->state == PORT_FILTERED && r->ttl == 9 &&
		    r->reason == REASON_ADMIN_PROHIBITED);
		CHECK(p % 3 == 0 ? r->sender == 0 :
		    addr_to_ipv4(&h->more->senders[r->sender - 1]) == 1000 + p % 3);
	}
	CHECK(host_free(h) == NULL);
}

/* An address is probed once; each target that has it keeps its own place and name. */
static void
an_heir_has_all_that_was_found_out(void)
{
	struct addr		 other = addr_from_ipv4(77);
	struct candidate	 c = {
		.place = { .spec = 3, .offset = 4 }, .addr = addr_from_ipv4(5),
		.name = "heir.example", .others = &other, .nothers = 1
	};
	struct host		*h, *heir;
	struct host_more	*more;
	uint32_t		 id;

	hosts_init(HOSTS);
	h = add(5, 1);
	host_need_more(h)->name = copy("first.example", 14);
	heir = host_new(&c, &first);
	id = heir->id;
	h->work = WORK_REPORTED;
	h->state = HOST_UP;
	h->reason = REASON_SYN_ACK;
	h->outcome = OUTCOME_TIMED_OUT;
	h->srtt = 1234;
	h->coverage = 9876;
	h->more->rdns = copy("back.example", 13);
	add_port(h, 80, addr_from_ipv4(1000));
	add_port(h, 443, (struct addr){ .family = FAMILY_NONE });

	CHECK(host_free(h) == heir && hosts_count() == 1);
	CHECK(heir->id == id && host_at(id) == heir && heir->work == WORK_ENDED);
	CHECK(heir->place.spec == 3 && heir->place.offset == 4);
	CHECK(strcmp(heir->more->name, "heir.example") == 0);
	CHECK(heir->more->nothers == 1 && addr_to_ipv4(&heir->more->others[0]) == 77);
	CHECK(heir->state == HOST_UP && heir->reason == REASON_SYN_ACK && heir->srtt == 1234);
	CHECK(heir->outcome == OUTCOME_TIMED_OUT && heir->coverage == 9876);
	more = heir->more;
	CHECK(strcmp(more->rdns, "back.example") == 0);
	CHECK(more->nports == 2 && more->ports[0].port == 80 && more->ports[1].port == 443);
	CHECK(addr_to_ipv4(&more->senders[more->ports[0].sender - 1]) == 1000);
	CHECK(host_free(heir) == NULL && hosts_count() == 0);
}

/* Nothing was found out but that it is down: the heir keeps its name. */
static void
an_heir_of_a_dead_host_keeps_its_own(void)
{
	struct candidate	 c = { .addr = addr_from_ipv4(5), .name = "heir.example" };
	struct host		*h, *heir;

	hosts_init(HOSTS);
	h = add(5, 1);
	heir = host_new(&c, &first);
	h->state = HOST_DOWN;
	CHECK(host_free(h) == heir && heir->state == HOST_DOWN);
	CHECK(strcmp(host_more(heir)->name, "heir.example") == 0);
	CHECK(host_free(heir) == NULL);
}

#define MANY	262144		/* what plan.c takes on */

static size_t
memory(void)
{
	struct mallinfo2	 m = mallinfo2();

	return (m.uordblks + m.hblkhd);
}

/* All that the table costs, with its index; and nothing more for a host that has no answer. */
static void
a_host_of_which_nothing_is_known_costs_less_than_a_hundred_bytes(void)
{
	size_t	 before = memory(), empty;

	CHECK(sizeof(struct host) <= 80);
	hosts_init(MANY);
	empty = memory();
	for (uint32_t i = 0; i < MANY; i++)
		add(i, i);
	CHECK(!hosts_room() && hosts_count() == MANY);
	printf("# %zu bytes a host, %zu in all\n", sizeof(struct host),
	    (memory() - before) / MANY);
	CHECK(memory() == empty && memory() - before < (size_t)100 * MANY);
}

/* Pages of the table in memory: the kernel's count. */
static long
resident(void)
{
	long	 all = 0, here = 0;
	FILE	*f = fopen("/proc/self/statm", "r");

	CHECK(f != NULL && fscanf(f, "%ld %ld", &all, &here) == 2);
	if (f != NULL)
		fclose(f);
	return (here * sysconf(_SC_PAGESIZE));
}

static void
memory_is_taken_as_hosts_come_and_used_again(void)
{
	long	 before, few, many;

	hosts_init(MANY);
	before = resident();
	for (uint32_t i = 0; i < MANY; i++)
		host_free(add(i, i));
	few = resident() - before;
	for (uint32_t i = 0; i < MANY; i++)
		add(i, i);
	many = resident() - before;
	CHECK(few < 1 << 20 && many > MANY * 79L);
}

/* What the first found out goes from heir to heir. */
static void
an_heirs_heir_inherits_too(void)
{
	struct host	*h;
	bool		 seen[3] = { false };

	hosts_init(HOSTS);
	h = add(5, 0);
	add(5, 1);
	add(5, 2);
	add_port(h, 80, addr_from_ipv4(1000));
	h->state = HOST_UP;
	for (int i = 0; i < 3; i++) {
		CHECK(h->more->nports == 1 && h->more->ports[0].port == 80 &&
		    h->more->nsenders == 1);
		CHECK(h->state == HOST_UP && !seen[h->place.offset]);
		seen[h->place.offset] = true;
		h = host_free(h);
	}
	CHECK(h == NULL && seen[0] && seen[1] && seen[2] && hosts_count() == 0);
}

/* A network that answers from many addresses makes nobody else's name out of one. */
static void
senders_beyond_the_most_are_left_out(void)
{
	struct host	*h;

	hosts_init(HOSTS);
	h = add(5, 0);
	for (uint32_t i = 0; i < 1000; i++)
		add_port(h, (uint16_t)i, addr_from_ipv4(1 + i));
	CHECK(h->more->nsenders == SENDERS_MAX);
	for (uint32_t i = 0; i < 1000; i++) {
		unsigned int	 sender = h->more->ports[i].sender;

		CHECK(i < SENDERS_MAX ? addr_to_ipv4(&h->more->senders[sender - 1]) == 1 + i :
		    sender == 0);
	}
	host_free(h);
}

static void
queues_are_first_in_first_out(void)
{
	struct host_queue	 q;

	hosts_init(HOSTS);
	queue_init(&q);
	CHECK(queue_take(&q) == NULL && q.count == 0);
	for (uint32_t i = 0; i < 10; i++)
		queue_put(&q, add(i, i));
	CHECK(q.count == 10);
	for (uint32_t i = 0; i < 10; i++)
		CHECK(queue_take(&q)->place.offset == i);
	CHECK(queue_take(&q) == NULL && q.count == 0);
	queue_put(&q, host_at(3));
	CHECK(queue_take(&q) == host_at(3) && queue_take(&q) == NULL);
}

static void
id_not_in_hand(void)
{
	hosts_init(HOSTS);
	add(5, 0);
	CHECK(host_at(0) != NULL);
	host_at(1);
}

static void
id_out_of_range(void)
{
	hosts_init(HOSTS);
	host_at(HOSTS);
}

static void
id_of_one_that_is_gone(void)
{
	hosts_init(HOSTS);
	host_free(add(5, 0));
	host_at(0);
}

static void
an_id_that_nobody_has_is_a_lie(void)
{
	char	 said[200];

	CHECK(apart(id_not_in_hand, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "host 1 is not in hand") != NULL);
	CHECK(apart(id_out_of_range, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(apart(id_of_one_that_is_gone, said, sizeof(said)) == STATUS_PROCESS);
}

static struct host_queue	 one, two;

static void
queue_it_twice(void)
{
	struct host	*h;

	hosts_init(HOSTS);
	queue_init(&one);
	queue_init(&two);
	h = add(5, 0);
	queue_put(&one, h);
	CHECK(queue_take(&one) == h);
	queue_put(&two, h);		/* one after the other is fine */
	CHECK(two.count == 1);
	queue_put(&one, h);
}

static void
free_it_queued(void)
{
	struct host	*h;

	hosts_init(HOSTS);
	queue_init(&one);
	h = add(5, 0);
	queue_put(&one, h);
	host_free(h);
}

static enum work	 how_far;

static void
report_it(void)
{
	struct options	 options;
	struct plan	 plan = { .scan = true };
	struct host	*h;

	options_init(&options);
	report_init(&plan, &options);
	hosts_init(HOSTS);
	h = add(5, 0);
	h->work = (uint8_t)how_far;
	report_host(h);
	CHECK(report_backlog() == 1 && h->work == WORK_REPORTED);
}

static void
a_host_is_in_one_queue_at_most(void)
{
	char	 said[200];

	CHECK(apart(queue_it_twice, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "host 0 is queued twice") != NULL);
	CHECK(apart(free_it_queued, said, sizeof(said)) == STATUS_PROCESS);
	CHECK(strstr(said, "host 0 is freed while it is queued") != NULL);
}

static void
a_host_is_reported_at_its_end_and_once(void)
{
	char	 said[200];

	for (how_far = WORK_HEIR; how_far <= WORK_REPORTED; how_far++) {
		if (how_far == WORK_ENDED) {
			CHECK(apart(report_it, NULL, 0) == 0);
			continue;
		}
		CHECK(apart(report_it, said, sizeof(said)) == STATUS_PROCESS);
		CHECK(strstr(said, "host 0 is reported before its end") != NULL);
	}
}

int
main(void)
{
	CASE_APART(ids_are_used_again_and_never_for_two);
	CASE_APART(the_same_address_waits_its_turn);
	CASE_APART(many_of_the_same_address_all_get_their_turn);
	CASE_APART(addresses_that_share_a_bucket_are_told_apart);
	CASE_APART(a_host_keeps_what_its_candidate_said);
	CASE_APART(ports_are_kept_with_who_told_of_them);
	CASE_APART(an_heir_has_all_that_was_found_out);
	CASE_APART(an_heir_of_a_dead_host_keeps_its_own);
	CASE_APART(a_host_of_which_nothing_is_known_costs_less_than_a_hundred_bytes);
	CASE_APART(memory_is_taken_as_hosts_come_and_used_again);
	CASE_APART(an_heirs_heir_inherits_too);
	CASE_APART(senders_beyond_the_most_are_left_out);
	CASE_APART(queues_are_first_in_first_out);
	CASE(an_id_that_nobody_has_is_a_lie);
	CASE(a_host_is_in_one_queue_at_most);
	CASE(a_host_is_reported_at_its_end_and_once);
	return (test_done());
}
