/* What is taken from a name server's answer, and what no answer can do. */

#include <arpa/nameser.h>

#include <string.h>

#include "resolver.h"
#include "state.h"
#include "test.h"

struct message {
	int		 len;
	unsigned char	 bytes[512];
};

static void
put(struct message *m, const void *bytes, size_t n)
{
	memcpy(m->bytes + m->len, bytes, n);
	m->len += (int)n;
}

/* An answer to a question about a.b, without any record yet. */
static struct message
answer_to(int type)
{
	struct message	 m = { .len = 12, .bytes = { 0x12, 0x34, 0x81, 0x80, 0, 1 } };
	unsigned char	 question[] = { 1, 'a', 1, 'b', 0, 0, (unsigned char)type, 0, 1 };

	put(&m, question, sizeof(question));
	return (m);
}

static void
record(struct message *m, int type, const void *data, size_t n)
{
	unsigned char	 head[] = {
		0xc0, 12, 0, (unsigned char)type, 0, 1, 0, 0, 0, 60, 0, (unsigned char)n
	};

	put(m, head, sizeof(head));
	put(m, data, n);
	m->bytes[7]++;
}

static enum lookup
parse(int type, const struct message *m, struct answer *answer)
{
	return (parse_answer(type, m->bytes, (size_t)m->len, answer));
}

static void
every_address_is_taken_once(void)
{
	struct message	 m4 = answer_to(ns_t_a), m6 = answer_to(ns_t_aaaa);
	struct answer	 answer = { .n = 0 };
	char		 buf[ADDR_TEXT];

	record(&m4, ns_t_a, "\xc0\0\2\1", 4);
	record(&m4, ns_t_a, "\xc0\0\2\2", 4);
	record(&m4, ns_t_a, "\xc0\0\2\1", 4);
	record(&m6, ns_t_aaaa, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	CHECK(parse(ns_t_a, &m4, &answer) == LOOKUP_FOUND && answer.n == 2);
	CHECK(parse(ns_t_aaaa, &m6, &answer) == LOOKUP_FOUND && answer.n == 3);
	CHECK(strcmp(addr_text(&answer.addr[1], buf), "192.0.2.2") == 0);
	CHECK(strcmp(addr_text(&answer.addr[2], buf), "2001:db8::1") == 0);
	CHECK(addr_valid(&answer.addr[0]) && addr_valid(&answer.addr[2]));
}

/* An exclusion must know all of them: what is left out is told. */
static void
more_addresses_than_there_is_room_for_are_told(void)
{
	struct answer	 answer = { .n = 0 };
	struct addr	 a;

	for (uint32_t i = 0; i < ADDRESSES_MAX; i++) {
		a = addr_from_ipv4(i);
		answer_add(&answer, &a);
	}
	answer_add(&answer, &a);	/* is there already */
	CHECK(answer.n == ADDRESSES_MAX && !answer.partial);
	a = addr_from_ipv4(ADDRESSES_MAX);
	answer_add(&answer, &a);
	CHECK(answer.n == ADDRESSES_MAX && answer.partial);
	CHECK(addr_to_ipv4(&answer.addr[ADDRESSES_MAX - 1]) == ADDRESSES_MAX - 1);
}

static void
an_answer_that_was_cut_off_is_partial(void)
{
	struct message	 m = answer_to(ns_t_a);
	struct answer	 answer = { .n = 0 };

	record(&m, ns_t_a, "\xc0\0\2\1", 4);
	CHECK(parse(ns_t_a, &m, &answer) == LOOKUP_FOUND && answer.n == 1 && !answer.partial);
	m.bytes[2] |= 2;
	CHECK(parse(ns_t_a, &m, &answer) == LOOKUP_FOUND && answer.n == 1 && answer.partial);
}

static void
an_answer_that_was_cut_off_says_nothing_of_what_it_lacks(void)
{
	struct message	 m = answer_to(ns_t_a);
	struct answer	 answer = { .n = 0 };

	CHECK(parse(ns_t_a, &m, &answer) == LOOKUP_NOT_FOUND);
	m.bytes[2] |= 2;
	CHECK(parse(ns_t_a, &m, &answer) == LOOKUP_SERVER_FAILED);
}

static enum lookup
ptr(const char *labels, size_t n, struct answer *answer)
{
	struct message	 m = answer_to(ns_t_ptr);

	*answer = (struct answer){ .n = 0 };
	record(&m, ns_t_ptr, labels, n);
	return (parse(ns_t_ptr, &m, answer));
}

static void
only_host_names_are_taken(void)
{
	struct answer	 answer;

	CHECK(ptr("\4host\7example", 14, &answer) == LOOKUP_FOUND);
	CHECK(strcmp(answer.name, "host.example") == 0);
	CHECK(ptr("\4h\033[2", 6, &answer) == LOOKUP_BAD_NAME && answer.name[0] == '\0');
	CHECK(ptr("\3a/b", 5, &answer) == LOOKUP_BAD_NAME && answer.name[0] == '\0');
	CHECK(ptr("\1*\1b", 5, &answer) == LOOKUP_BAD_NAME);
	CHECK(ptr("\3a.b", 5, &answer) == LOOKUP_BAD_NAME);
	CHECK(ptr("\3a\0b", 5, &answer) == LOOKUP_BAD_NAME);
	CHECK(ptr("\xc0\x21", 2, &answer) == LOOKUP_BAD_NAME);		/* it points at itself */
	CHECK(ptr("\x3fx", 2, &answer) == LOOKUP_BAD_NAME);		/* beyond the end */
	CHECK(ptr("", 1, &answer) == LOOKUP_BAD_NAME);			/* the root */
}

static void
each_failure_has_its_name(void)
{
	struct answer	 answer = { .n = 0 };

	static const struct {
		unsigned char	 rcode;
		enum lookup	 lookup;
	}		 cases[] = {
		{ ns_r_nxdomain, LOOKUP_NOT_FOUND }, { ns_r_servfail, LOOKUP_SERVER_FAILED },
		{ ns_r_notimpl, LOOKUP_SERVER_FAILED }, { ns_r_refused, LOOKUP_REFUSED },
		{ ns_r_formerr, LOOKUP_SERVER_FAILED }, { 15, LOOKUP_SERVER_FAILED }
	};
	struct message	 m = answer_to(ns_t_a);

	record(&m, ns_t_a, "\xc0\0\2\1", 4);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		m.bytes[3] = (unsigned char)(0x80 | cases[i].rcode);
		CHECK(parse(ns_t_a, &m, &answer) == cases[i].lookup);
		CHECK(answer_is_usable(m.bytes) == (cases[i].rcode == ns_r_nxdomain));
	}
	CHECK(answer.n == 0);
}

/* The query that answer_to() answers. */
static struct message
query_of(int type)
{
	struct message	 m = answer_to(type);

	m.bytes[2] = 1;
	m.bytes[3] = 0;
	return (m);
}

static bool
repeats(const struct message *m)
{
	struct message	 q = query_of(ns_t_a);

	return (answer_repeats(m->bytes, (size_t)m->len, q.bytes, (size_t)q.len));
}

/* RFC 5452, 9.1: number, flags, and the question as it was asked. */
static void
only_an_answer_to_the_query_is_one(void)
{
	const struct message	 good = answer_to(ns_t_a);
	struct message		 m = good;
	unsigned int		 still = 0;

	CHECK(repeats(&good));
	for (int len = 0; len < good.len; len++) {
		m.len = len;
		CHECK(!repeats(&m));
	}
	/* Whatever bit is changed of number, response bit, opcode, count and question matters. */
	for (int at = 0; at < good.len; at++)
		for (int bit = 0; bit < 8; bit++) {
			bool	 matters = at < 2 || (at == 2 && bit > 2) ||
			    at == 4 || at == 5 || at >= 12;

			m = good;
			m.bytes[at] ^= (unsigned char)(1 << bit);
			still += repeats(&m);
			CHECK(repeats(&m) == !matters || (bit == 5 && (at == 13 || at == 15)));
		}
	CHECK(still == 3 + 8 + 48 + 2);		/* the letters' case is none of it */
	m = good;
	m.bytes[5] = 0;
	m.len = 12;
	CHECK(!repeats(&m));
	m.bytes[3] = 0x80 | ns_r_formerr;
	CHECK(repeats(&m));			/* it could not read the question */
}

/* Every prefix of an answer, and every answer with one byte changed. */
static void
broken_answers_do_no_harm(void)
{
	struct message	 m = answer_to(ns_t_ptr), bad;
	struct answer	 answer;
	unsigned int	 found = 0, names = 0;

	record(&m, ns_t_ptr, "\4host\7example", 14);
	for (int len = 12; len < m.len; len++) {
		bad = m;
		bad.len = len;
		answer = (struct answer){ .n = 0 };
		found += parse(ns_t_ptr, &bad, &answer) == LOOKUP_FOUND;
	}
	CHECK(found == 0);
	for (int at = 0; at < m.len; at++)
		for (int byte = 0; byte < 256; byte++) {
			bad = m;
			bad.bytes[at] = (unsigned char)byte;
			answer = (struct answer){ .n = 0 };
			if (parse(ns_t_ptr, &bad, &answer) == LOOKUP_FOUND)
				names += text_is_name(answer.name);
			else
				CHECK(answer.name[0] == '\0');
			(void)parse(ns_t_a, &bad, &answer);
			(void)parse(ns_t_aaaa, &bad, &answer);
		}
	CHECK(names > 256);
}

int
main(void)
{
	CASE(every_address_is_taken_once);
	CASE(more_addresses_than_there_is_room_for_are_told);
	CASE(an_answer_that_was_cut_off_is_partial);
	CASE(an_answer_that_was_cut_off_says_nothing_of_what_it_lacks);
	CASE(only_host_names_are_taken);
	CASE(each_failure_has_its_name);
	CASE(only_an_answer_to_the_query_is_one);
	CASE(broken_answers_do_no_harm);
	return (test_done());
}
