/*
 * What goes out on the wire, byte for byte.  The expected packets were put together, checksums
 * and all, by another program than ours.
 */

#include <string.h>

#include "prober.h"
#include "test.h"

static const struct cookie	 cookie = { .sport = 40000, .number = 0x12345678 };
static const uint8_t		 mac[6] = { 0x02, 0x00, 0x5e, 0x10, 0x00, 0x01 };

/* From 192.0.2.1 to 198.51.100.7. */
static struct question
question(enum probe_kind kind, uint16_t port)
{
	return ((struct question){
		.src = addr_from_ipv4(0xc0000201), .dst = addr_from_ipv4(0xc6336407),
		.kind = (uint8_t)kind, .port = port,
	});
}

/* Is the probe these bytes, and what lies behind it in the buffer left alone? */
static bool
is_built(enum probe_kind kind, uint16_t port, const uint8_t *expected, size_t len)
{
	struct question		 q = question(kind, port);
	uint8_t			 buf[PROBE_SIZE], alone[PROBE_SIZE];

	memset(buf, 0xff, sizeof(buf));
	memset(alone, 0xff, sizeof(alone));
	return (build_probe(buf, &q, cookie, 0xabcd, 64, mac) == len &&
	    memcmp(buf, expected, len) == 0 && memcmp(buf + len, alone, sizeof(buf) - len) == 0);
}

static void
a_syn_has_an_mss_and_nothing_acknowledged(void)
{
	static const uint8_t	 expected[44] = {
		0x45, 0x00, 0x00, 0x2c, 0xab, 0xcd, 0x00, 0x00, 0x40, 0x06,
		0xe2, 0xc2, 0xc0, 0x00, 0x02, 0x01, 0xc6, 0x33, 0x64, 0x07,
		0x9c, 0x40, 0x00, 0x50, 0x12, 0x34, 0x56, 0x78, 0x00, 0x00,
		0x00, 0x00, 0x60, 0x02, 0x04, 0x00, 0xa2, 0xad, 0x00, 0x00,
		0x02, 0x04, 0x05, 0xb4,
	};

	CHECK(is_built(PROBE_TCP_SYN, 80, expected, sizeof(expected)));
}

static void
an_ack_acknowledges_the_number(void)
{
	static const uint8_t	 expected[40] = {
		0x45, 0x00, 0x00, 0x28, 0xab, 0xcd, 0x00, 0x00, 0x40, 0x06,
		0xe2, 0xc6, 0xc0, 0x00, 0x02, 0x01, 0xc6, 0x33, 0x64, 0x07,
		0x9c, 0x40, 0x00, 0x50, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34,
		0x56, 0x78, 0x50, 0x10, 0x04, 0x00, 0x51, 0xaf, 0x00, 0x00,
	};

	CHECK(is_built(PROBE_TCP_ACK, 80, expected, sizeof(expected)));
}

static void
an_echo_request_carries_the_number_and_no_data(void)
{
	static const uint8_t	 expected[28] = {
		0x45, 0x00, 0x00, 0x1c, 0xab, 0xcd, 0x00, 0x00, 0x40, 0x01,
		0xe2, 0xd7, 0xc0, 0x00, 0x02, 0x01, 0xc6, 0x33, 0x64, 0x07,
		0x08, 0x00, 0x8f, 0x53, 0x12, 0x34, 0x56, 0x78,
	};

	CHECK(is_built(PROBE_ICMP_ECHO, 0, expected, sizeof(expected)));
}

static void
a_timestamp_request_tells_no_time(void)
{
	static const uint8_t	 expected[40] = {
		0x45, 0x00, 0x00, 0x28, 0xab, 0xcd, 0x00, 0x00, 0x40, 0x01,
		0xe2, 0xcb, 0xc0, 0x00, 0x02, 0x01, 0xc6, 0x33, 0x64, 0x07,
		0x0d, 0x00, 0x8a, 0x53, 0x12, 0x34, 0x56, 0x78,
	};

	CHECK(is_built(PROBE_ICMP_TIMESTAMP, 0, expected, sizeof(expected)));
}

static void
an_arp_request_asks_for_the_target(void)
{
	static const uint8_t	 expected[28] = {
		0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x02, 0x00,
		0x5e, 0x10, 0x00, 0x01, 0xc0, 0x00, 0x02, 0x01, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0xc6, 0x33, 0x64, 0x07,
	};

	CHECK(is_built(PROBE_ARP, 0, expected, sizeof(expected)));
}

static void
a_frame_says_whom_to_from_whom_and_what(void)
{
	static const uint8_t	 to[6] = { 0x02, 0, 0x5e, 0x10, 0, 0xfe };
	static const uint8_t	 expected[14] = {
		0x02, 0x00, 0x5e, 0x10, 0x00, 0xfe, 0x02, 0x00, 0x5e, 0x10, 0x00, 0x01, 0x08, 0x06
	};
	struct frame		 f = { .packet = { 0x45 } };

	build_frame(&f, to, mac, 0x0806);
	CHECK(FRAME_HEADER == 14 && memcmp(&f, expected, 14) == 0 && f.packet[0] == 0x45);
}

static void
what_cannot_be_asked_has_no_length(void)
{
	struct question	 q = question(PROBE_NONE, 80);
	uint8_t		 buf[PROBE_SIZE];

	CHECK(build_probe(buf, &q, cookie, 1, 64, mac) == 0);
	q.kind = PROBE_KINDS;
	CHECK(build_probe(buf, &q, cookie, 1, 64, mac) == 0);
	q = question(PROBE_TCP_SYN, 80);
	q.dst.family = q.src.family = FAMILY_IPV6;
	CHECK(build_probe(buf, &q, cookie, 1, 64, mac) == 0);
	q.src.family = FAMILY_IPV4;
	CHECK(build_probe(buf, &q, cookie, 1, 64, mac) == 0);
	q = question(PROBE_TCP_SYN, 80);
	q.src.family = FAMILY_IPV6;
	CHECK(build_probe(buf, &q, cookie, 1, 64, mac) == 0);
}

/* RFC 1071 another way: a number is congruent to its 16-bit digits' sum modulo 65535. */
static bool
sums_up(const uint8_t *p, size_t len, uint64_t rest)
{
	for (size_t i = 0; i < len; i++)
		rest = (rest * 256 + p[i]) % 65535;
	return (rest == 0);
}

static uint32_t
draw(uint64_t *state)
{
	*state = *state * 6364136223846793005 + 1442695040888963407;
	return ((uint32_t)(*state >> 32));
}

/* The two addresses and the segment, after the rest of the pseudo-header (RFC 9293, 3.1). */
static bool
tcp_sums_up(const uint8_t *buf, size_t len)
{
	return (sums_up(buf + 12, len - 12, 6 + len - 20));
}

static void
checksums_hold_whatever_is_asked(void)
{
	static const uint8_t	 kinds[] = {
		PROBE_ICMP_ECHO, PROBE_ICMP_TIMESTAMP, PROBE_TCP_SYN, PROBE_TCP_ACK
	};
	uint8_t			 buf[PROBE_SIZE];
	uint64_t		 state = 1;
	struct question		 q;
	struct cookie		 c;
	size_t			 len;

	for (unsigned int i = 0; i < 40000; i++) {
		q = question(kinds[i % 4], (uint16_t)draw(&state));
		q.src = addr_from_ipv4(draw(&state) | 0x80000000);
		q.dst = addr_from_ipv4(draw(&state));
		c = (struct cookie){ (uint16_t)draw(&state), draw(&state) };
		len = build_probe(buf, &q, c, (uint16_t)draw(&state),
		    (uint8_t)(1 + draw(&state) % 255), mac);
		CHECK(len >= 28 && len <= PROBE_SIZE && len % 2 == 0);
		CHECK(sums_up(buf, 20, 0));
		CHECK(i % 4 >= 2 ? tcp_sums_up(buf, len) : sums_up(buf + 20, len - 20, 0));
	}
}

static void
our_own_parser_reads_the_probe_back(void)
{
	struct question	 q = question(PROBE_TCP_ACK, 443);
	uint8_t		 buf[PROBE_SIZE];
	struct packet	 p;
	size_t		 len;

	len = build_probe(buf, &q, cookie, 7, 255, mac);
	CHECK(parse_ipv4(buf, len, &p) == 0 && p.kind == PACKET_TCP && p.ttl == 255);
	CHECK(addr_equal(&p.src, &q.src) && addr_equal(&p.dst, &q.dst));
	CHECK(p.src_port == cookie.sport && p.dst_port == 443 && p.tcp_flags == TCP_ACK);
	CHECK(p.seq == cookie.number && p.ack == cookie.number);
}

int
main(void)
{
	CASE(a_syn_has_an_mss_and_nothing_acknowledged);
	CASE(an_ack_acknowledges_the_number);
	CASE(an_echo_request_carries_the_number_and_no_data);
	CASE(a_timestamp_request_tells_no_time);
	CASE(an_arp_request_asks_for_the_target);
	CASE(a_frame_says_whom_to_from_whom_and_what);
	CASE(what_cannot_be_asked_has_no_length);
	CASE(checksums_hold_whatever_is_asked);
	CASE(our_own_parser_reads_the_probe_back);
	return (test_done());
}
