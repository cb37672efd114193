/*
 * What each reply says, row by row of nmap's rules, and that no reply is believed which is
 * wrong in one field.
 */

#include <string.h>

#include "prober.h"
#include "test.h"

#define SENT	((usec_t)3600 * 1000 * 1000)	/* a whole unit of the cookie's */
#define NOW	(SENT + 20000)
#define TTL	57

#define US	addr_from_ipv4(0xc0000201)
#define TARGET	addr_from_ipv4(0xc6336407)
#define ROUTER	addr_from_ipv4(0xcb007109)

static const struct siphash_key	 key = { { 0x0123456789abcdef, 0xfedcba9876543210 } };
static const uint8_t		 mac[6] = { 2, 0, 0x5e, 0x10, 0, 7 };

static struct question
question(enum probe_kind kind)
{
	bool	 tcp = kind == PROBE_TCP_SYN || kind == PROBE_TCP_ACK;

	return ((struct question){
		.src = US, .dst = TARGET, .kind = (uint8_t)kind, .port = tcp ? 80 : 0,
	});
}

static struct cookie
cookie(enum probe_kind kind)
{
	struct question	 q = question(kind);

	return (cookie_make(&key, &q, 0, SENT));
}

/* A segment from the target to the port that a probe of this kind came from. */
static struct packet
segment(enum probe_kind kind, unsigned int flags, uint32_t seq, uint32_t ack)
{
	return ((struct packet){
		.kind = PACKET_TCP, .src = TARGET, .dst = US, .ttl = TTL,
		.tcp_flags = (uint8_t)flags, .src_port = 80, .dst_port = cookie(kind).sport,
		.seq = seq, .ack = ack,
	});
}

static struct packet
syn_ack(void)
{
	return (segment(PROBE_TCP_SYN, TCP_SYN | TCP_ACK, 99, cookie(PROBE_TCP_SYN).number + 1));
}

static struct packet
reset_to_syn(void)
{
	return (segment(PROBE_TCP_SYN, TCP_RST | TCP_ACK, 0, cookie(PROBE_TCP_SYN).number + 1));
}

static struct packet
reset_to_ack(void)
{
	return (segment(PROBE_TCP_ACK, TCP_RST, cookie(PROBE_TCP_ACK).number, 0));
}

static struct packet
icmp_reply(enum probe_kind kind)
{
	return ((struct packet){
		.kind = kind == PROBE_ICMP_ECHO ? PACKET_ECHO_REPLY : PACKET_TIMESTAMP_REPLY,
		.src = TARGET, .dst = US, .ttl = TTL, .id_seq = cookie(kind).number,
	});
}

static struct packet
arp_reply(void)
{
	struct packet	 p = { .kind = PACKET_ARP_REPLY, .src = TARGET, .dst = US, .ifindex = 7 };

	memcpy(p.mac, mac, sizeof(mac));
	return (p);
}

/* An error that quotes the probe of this kind. */
static struct packet
icmp_error(struct addr from, uint8_t type, uint8_t code, enum probe_kind kind)
{
	struct packet	 p = {
		.kind = PACKET_ICMP_ERROR, .src = from, .dst = US, .ttl = TTL,
		.icmp_type = type, .icmp_code = code,
		.quote = { .src = US, .dst = TARGET, .seq = cookie(kind).number },
	};

	if (kind == PROBE_TCP_SYN || kind == PROBE_TCP_ACK) {
		p.quote.protocol = PROTO_TCP;
		p.quote.src_port = cookie(kind).sport;
		p.quote.dst_port = 80;
	} else {
		p.quote.protocol = 1;
		p.quote.icmp_type = kind == PROBE_ICMP_ECHO ? 8 : 13;
	}
	return (p);
}

static bool
believed(const struct packet *p, usec_t now)
{
	struct verdict	 v;

	return (judge(&key, p, now, &v));
}

/* Does the packet answer the probe of this kind, and say just this? */
static bool
says(const struct packet *p, enum probe_kind kind, enum host_state host, enum port_state port,
    enum reason reason)
{
	struct question	 q = question(kind);
	struct verdict	 v;
	bool		 from_target = addr_equal(&p->src, &q.dst);
	struct addr	 from = from_target ? (struct addr){ .family = FAMILY_NONE } : p->src;

	return (judge(&key, p, NOW, &v) && v.host == host && v.port == port &&
	    v.reason == reason && v.question.kind == kind && v.question.port == q.port &&
	    addr_equal(&v.question.src, &q.src) && addr_equal(&v.question.dst, &q.dst) &&
	    addr_equal(&v.from, &from) && v.ttl == p->ttl && v.tryno == 0 &&
	    v.sent == (kind == PROBE_ARP ? 0 : SENT) && memcmp(v.mac, p->mac, 6) == 0 &&
	    v.ifindex == p->ifindex);
}

static void
a_syn_ack_is_an_open_port(void)
{
	struct packet	 p = syn_ack();

	CHECK(says(&p, PROBE_TCP_SYN, HOST_UP, PORT_OPEN, REASON_SYN_ACK));
	p.tcp_flags = 0xff & ~TCP_RST;	/* the ECN bits too */
	CHECK(says(&p, PROBE_TCP_SYN, HOST_UP, PORT_OPEN, REASON_SYN_ACK));
}

static void
a_reset_is_a_closed_port(void)
{
	struct packet	 p = reset_to_syn();

	CHECK(says(&p, PROBE_TCP_SYN, HOST_UP, PORT_CLOSED, REASON_RESET));
	p.tcp_flags |= TCP_SYN;
	CHECK(says(&p, PROBE_TCP_SYN, HOST_UP, PORT_CLOSED, REASON_RESET));
}

static void
a_reset_that_does_not_count_the_syn_is_believed(void)
{
	struct packet	 p = reset_to_syn();
	struct verdict	 v;

	p.ack--;
	CHECK(judge(&key, &p, NOW, &v) && v.port == PORT_CLOSED && v.tryno == 0);
	CHECK(v.sent == SENT - 64);
	CHECK(believed(&p, SENT + COOKIE_AGE));
}

static void
a_reset_answers_an_ack(void)
{
	struct packet	 p = reset_to_ack();

	CHECK(says(&p, PROBE_TCP_ACK, HOST_UP, PORT_UNFILTERED, REASON_RESET));
	p.tcp_flags |= TCP_ACK;
	CHECK(says(&p, PROBE_TCP_ACK, HOST_UP, PORT_UNFILTERED, REASON_RESET));
}

static void
replies_to_pings_are_up(void)
{
	struct packet	 p = icmp_reply(PROBE_ICMP_ECHO);

	CHECK(says(&p, PROBE_ICMP_ECHO, HOST_UP, PORT_UNKNOWN, REASON_ECHO_REPLY));
	p = icmp_reply(PROBE_ICMP_TIMESTAMP);
	CHECK(says(&p, PROBE_ICMP_TIMESTAMP, HOST_UP, PORT_UNKNOWN, REASON_TIMESTAMP_REPLY));
	p = arp_reply();
	CHECK(says(&p, PROBE_ARP, HOST_UP, PORT_UNKNOWN, REASON_ARP_RESPONSE));
}

/* The reasons of destination unreachable, by code; REASON_UNKNOWN where it says nothing. */
static const enum reason	 unreachable[256] = {
	[0] = REASON_NET_UNREACH, [1] = REASON_HOST_UNREACH, [2] = REASON_PROTO_UNREACH,
	[3] = REASON_PORT_UNREACH, [9] = REASON_NET_PROHIBITED, [10] = REASON_HOST_PROHIBITED,
	[13] = REASON_ADMIN_PROHIBITED,
};

static const enum probe_kind	 quoted_kinds[] = {
	PROBE_ICMP_ECHO, PROBE_ICMP_TIMESTAMP, PROBE_TCP_SYN, PROBE_TCP_ACK
};

static void
each_unreachable_code_says_what_nmap_says(void)
{
	enum host_state	 from_target;
	enum reason	 reason;
	struct packet	 p;

	for (unsigned int i = 0; i < 256 * 4; i++) {
		reason = unreachable[i / 4];
		from_target = i / 4 == 2 || i / 4 == 3 ? HOST_UP : HOST_UNKNOWN;
		p = icmp_error(ROUTER, 3, (uint8_t)(i / 4), quoted_kinds[i % 4]);
		CHECK(reason == REASON_UNKNOWN ? !believed(&p, NOW) :
		    says(&p, quoted_kinds[i % 4], HOST_UNKNOWN, PORT_FILTERED, reason));
		p.src = TARGET;
		CHECK(reason == REASON_UNKNOWN ? !believed(&p, NOW) :
		    says(&p, quoted_kinds[i % 4], from_target, PORT_FILTERED, reason));
	}
}

static void
time_exceeded_is_filtered_and_down(void)
{
	struct packet	 p;

	for (size_t i = 0; i < 4; i++) {
		p = icmp_error(ROUTER, 11, 0, quoted_kinds[i]);
		CHECK(says(&p, quoted_kinds[i], HOST_DOWN, PORT_FILTERED, REASON_TIME_EXCEEDED));
	}
}

static void
segments_that_say_nothing_are_ignored(void)
{
	uint32_t	 number = cookie(PROBE_TCP_SYN).number;
	struct packet	 p;

	for (unsigned int flags = 0; flags < 64; flags++) {
		if ((flags & TCP_RST) != 0 || (flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
			continue;	/* a bare SYN, the split handshake, is among the rest */
		p = segment(PROBE_TCP_SYN, flags, number, number + 1);
		CHECK(!believed(&p, NOW));
	}
	p = syn_ack();
	p.kind = PACKET_OTHER;
	CHECK(!believed(&p, NOW));
}

/* A reset without ACK shows no knowledge of the SYN, whatever its fields hold. */
static void
a_bare_reset_does_not_answer_a_syn(void)
{
	uint32_t	 number = cookie(PROBE_TCP_SYN).number;
	struct packet	 p = segment(PROBE_TCP_SYN, TCP_RST, number, number + 1);

	CHECK(!believed(&p, NOW));
}

/* What must be right in every reply that has a cookie. */
static void
wrong_in_one_field(const struct packet *right)
{
	struct packet	 p = *right;

	CHECK(believed(&p, NOW));
	p.dst = ROUTER;
	CHECK(!believed(&p, NOW));
	p = *right;
	CHECK(believed(&p, SENT + COOKIE_AGE) && !believed(&p, SENT + COOKIE_AGE + 128));
	CHECK(believed(&p, SENT) && !believed(&p, SENT - 128));
}

static void
a_segment_wrong_in_one_field_is_not_believed(void)
{
	struct packet	 replies[] = { syn_ack(), reset_to_syn(), reset_to_ack() };
	struct packet	 p;

	for (size_t i = 0; i < 3; i++) {
		wrong_in_one_field(&replies[i]);
		p = replies[i];
		p.src = ROUTER;
		CHECK(!believed(&p, NOW));
		p = replies[i];
		p.src_port = 81;
		CHECK(!believed(&p, NOW));
		for (unsigned int port = 0; port < 65536; port++) {
			p = replies[i];
			p.dst_port = (uint16_t)port;
			CHECK(believed(&p, NOW) == (port == replies[i].dst_port));
		}
		p = replies[i];
		p.tcp_flags ^= TCP_ACK;		/* so the other number counts */
		CHECK(believed(&p, NOW) == (i == 2));
	}
}

/* The number of each kind of reply, its higher bits wrong (lower ones are another time). */
static void
a_segment_with_another_number_is_not_believed(void)
{
	struct packet	 p;

	for (int bit = 18; bit < 32; bit++) {
		p = syn_ack();
		p.ack ^= 1U << bit;
		CHECK(!believed(&p, NOW));
		p = reset_to_syn();
		p.ack ^= 1U << bit;
		CHECK(!believed(&p, NOW));
		p = reset_to_ack();
		p.seq ^= 1U << bit;
		CHECK(!believed(&p, NOW));
	}
	p = syn_ack();
	p.ack += 10000000 / 64;		/* ten seconds to come */
	CHECK(!believed(&p, NOW));
}

static void
an_icmp_reply_wrong_in_one_field_is_not_believed(void)
{
	struct packet	 replies[] = {
		icmp_reply(PROBE_ICMP_ECHO), icmp_reply(PROBE_ICMP_TIMESTAMP)
	};
	struct packet	 p;

	for (size_t i = 0; i < 2; i++) {
		wrong_in_one_field(&replies[i]);
		p = replies[i];
		p.src = ROUTER;
		CHECK(!believed(&p, NOW));
		p = replies[i];
		p.kind = replies[1 - i].kind;	/* an echo's number in a timestamp */
		CHECK(!believed(&p, NOW));
		for (int bit = 18; bit < 32; bit++) {	/* lower ones are another time */
			p = replies[i];
			p.id_seq ^= 1U << bit;
			CHECK(!believed(&p, NOW));
		}
		p = replies[i];
		p.id_seq += 10000000 / 64;	/* ten seconds to come */
		CHECK(!believed(&p, NOW));
	}
}

static void
a_forged_quote_is_not_believed(void)
{
	struct packet	 right, p;

	for (size_t i = 0; i < 4; i++) {
		right = icmp_error(ROUTER, 3, 1, quoted_kinds[i]);
		wrong_in_one_field(&right);
		p = right;
		p.quote.src = ROUTER;		/* not a packet of ours */
		CHECK(!believed(&p, NOW));
		p.dst = ROUTER;		/* nor of whom it was sent to */
		CHECK(!believed(&p, NOW));
		p = right;
		p.quote.dst = ROUTER;
		CHECK(!believed(&p, NOW));
		p = right;
		p.quote.seq ^= 1U << 31;
		CHECK(!believed(&p, NOW));
		p = right;
		p.quote.protocol = p.quote.protocol == 1 ? PROTO_TCP : 1;
		CHECK(!believed(&p, NOW));
		p.quote.protocol = PROTO_UDP;
		CHECK(!believed(&p, NOW));
	}
}

static void
a_quote_wrong_in_port_or_type_is_not_believed(void)
{
	struct packet	 right = icmp_error(ROUTER, 3, 1, PROBE_TCP_SYN), p;

	for (unsigned int port = 0; port < 65536; port++) {
		p = right;
		p.quote.src_port = (uint16_t)port;
		CHECK(believed(&p, NOW) == (port == right.quote.src_port));
		p = right;
		p.quote.dst_port = (uint16_t)port;
		CHECK(believed(&p, NOW) == (port == 80));
	}
	for (unsigned int type = 0; type < 256; type++) {
		p = icmp_error(ROUTER, 3, 1, PROBE_ICMP_ECHO);
		p.quote.icmp_type = (uint8_t)type;
		CHECK(believed(&p, NOW) == (type == 8));
	}
}

static void
a_reply_tells_which_try_it_answers_and_when_that_left(void)
{
	struct question	 q = question(PROBE_TCP_SYN);
	struct packet	 p = syn_ack(), e = icmp_error(ROUTER, 3, 1, PROBE_TCP_SYN);
	struct cookie	 c;
	struct verdict	 v;

	for (uint8_t t = 0; t < TRIES; t++) {
		c = cookie_make(&key, &q, t, SENT + 640 * t);
		p.ack = c.number + 1;
		p.dst_port = e.quote.src_port = c.sport;
		e.quote.seq = c.number;
		CHECK(judge(&key, &p, NOW, &v) && v.tryno == t && v.sent == SENT + 640U * t);
		CHECK(judge(&key, &e, NOW, &v) && v.tryno == t && v.sent == SENT + 640U * t);
	}
}

static void
no_reply_comes_before_its_probe(void)
{
	struct packet	 p = icmp_reply(PROBE_ICMP_ECHO);
	struct verdict	 v;

	CHECK(judge(&key, &p, SENT - 1, &v) && v.sent == SENT - 1);
	p = syn_ack();
	CHECK(judge(&key, &p, SENT - 1, &v) && v.sent == SENT - 1);
}

/* The packet an ICMP error would be that quotes the first 28 bytes of a probe; its length. */
static size_t
quote_probe(uint8_t bytes[PROBE_SIZE], enum probe_kind kind)
{
	static const uint8_t	 header[28] = {
		0x45, 0, 0, 56, 0, 0, 0, 0, TTL, 1, 0, 0, 203, 0, 113, 9, 192, 0, 2, 1, 3, 10
	};
	struct question		 q = question(kind);
	uint8_t			 probe[PROBE_SIZE];

	CHECK(build_probe(probe, &q, cookie(kind), 1, 64, mac) >= 28);
	memcpy(bytes, header, sizeof(header));
	memcpy(bytes + sizeof(header), probe, 28);
	return (56);
}

static void
a_probe_as_built_is_known_when_quoted(void)
{
	uint8_t		 bytes[PROBE_SIZE];
	struct packet	 p;

	for (size_t i = 0; i < 4; i++) {
		CHECK(parse_ipv4(bytes, quote_probe(bytes, quoted_kinds[i]), &p) == 0);
		CHECK(says(&p, quoted_kinds[i], HOST_UNKNOWN, PORT_FILTERED,
		    REASON_HOST_PROHIBITED));
	}
}

/* Somebody who knows all but the key: one of 8.8 million is believed, so of these, hardly one. */
static void
a_million_forged_syn_acks_open_hardly_a_port(void)
{
	struct packet	 p = syn_ack();
	uint64_t	 state = 1;
	unsigned int	 right = 0;

	CHECK(believed(&p, NOW));
	for (int i = 0; i < 1000000; i++) {
		state = state * 6364136223846793005 + 1442695040888963407;
		p.ack = (uint32_t)(state >> 32);
		p.dst_port = (uint16_t)(SPORT_BASE + (state >> 16) % SPORT_COUNT);
		right += believed(&p, NOW);
	}
	CHECK(right <= 1);
}

int
main(void)
{
	CASE(a_syn_ack_is_an_open_port);
	CASE(a_reset_is_a_closed_port);
	CASE(a_reset_that_does_not_count_the_syn_is_believed);
	CASE(a_reset_answers_an_ack);
	CASE(replies_to_pings_are_up);
	CASE(each_unreachable_code_says_what_nmap_says);
	CASE(time_exceeded_is_filtered_and_down);
	CASE(segments_that_say_nothing_are_ignored);
	CASE(a_bare_reset_does_not_answer_a_syn);
	CASE(a_segment_wrong_in_one_field_is_not_believed);
	CASE(a_segment_with_another_number_is_not_believed);
	CASE(an_icmp_reply_wrong_in_one_field_is_not_believed);
	CASE(a_forged_quote_is_not_believed);
	CASE(a_quote_wrong_in_port_or_type_is_not_believed);
	CASE(a_reply_tells_which_try_it_answers_and_when_that_left);
	CASE(no_reply_comes_before_its_probe);
	CASE(a_probe_as_built_is_known_when_quoted);
	CASE(a_million_forged_syn_acks_open_hardly_a_port);
	return (test_done());
}
