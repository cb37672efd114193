/*
 * What the parser makes of replies, of broken replies and of noise.
 *
 * The packets were put together, checksums and all, by another program than ours.  Each is
 * parsed from a heap block of its exact size, so that the address sanitizer sees one byte too
 * many.  With a directory as argument the packets are written there, one a file: seeds for
 * the fuzzer.
 */

#include <net/ethernet.h>

#include <pcap/dlt.h>
#include <string.h>

#include "prober.h"
#include "test.h"

#define US	0xc0000201	/* 192.0.2.1 */
#define TARGET	0xc6336407	/* 198.51.100.7 */
#define ROUTER	0xcb007109	/* 203.0.113.9 */
#define NUMBER	0x12345678	/* that the probes carried; from port 40000 to 80 */

#define LONGEST	64
struct vector {
	size_t	 len;
	uint8_t	 bytes[LONGEST];
};

static const struct vector	 syn_ack = { 44, {
	0x45, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x00, 0x00, 0x39, 0x06,
	0x95, 0x90, 0xc6, 0x33, 0x64, 0x07, 0xc0, 0x00, 0x02, 0x01,
	0x00, 0x50, 0x9c, 0x40, 0xde, 0xad, 0xbe, 0xef, 0x12, 0x34,
	0x56, 0x79, 0x60, 0x12, 0xff, 0xff, 0x08, 0xff, 0x00, 0x00,
	0x02, 0x04, 0x05, 0xb4,
} };
static const struct vector	 reset = { 40, {
	0x45, 0x00, 0x00, 0x28, 0x00, 0x00, 0x00, 0x00, 0x39, 0x06,
	0x95, 0x94, 0xc6, 0x33, 0x64, 0x07, 0xc0, 0x00, 0x02, 0x01,
	0x00, 0x50, 0x9c, 0x40, 0x00, 0x00, 0x00, 0x00, 0x12, 0x34,
	0x56, 0x79, 0x50, 0x14, 0x00, 0x00, 0xbe, 0x56, 0x00, 0x00,
} };
static const struct vector	 echo_reply = { 28, {
	0x45, 0x00, 0x00, 0x1c, 0x00, 0x07, 0x00, 0x00, 0x39, 0x01,
	0x95, 0x9e, 0xc6, 0x33, 0x64, 0x07, 0xc0, 0x00, 0x02, 0x01,
	0x00, 0x00, 0x97, 0x53, 0x12, 0x34, 0x56, 0x78,
} };
static const struct vector	 timestamp_reply = { 40, {
	0x45, 0x00, 0x00, 0x28, 0x00, 0x07, 0x00, 0x00, 0x39, 0x01,
	0x95, 0x92, 0xc6, 0x33, 0x64, 0x07, 0xc0, 0x00, 0x02, 0x01,
	0x0e, 0x00, 0x81, 0x47, 0x12, 0x34, 0x56, 0x78, 0x00, 0x00,
	0x00, 0x00, 0x01, 0x02, 0x03, 0x04, 0x01, 0x02, 0x03, 0x04,
} };
/* Administratively prohibited; quotes a SYN. */
static const struct vector	 unreachable = { 56, {
	0x45, 0x00, 0x00, 0x38, 0x00, 0x07, 0x00, 0x00, 0xfa, 0x01,
	0xc2, 0xb2, 0xcb, 0x00, 0x71, 0x09, 0xc0, 0x00, 0x02, 0x01,
	0x03, 0x0d, 0xf7, 0xb5, 0x00, 0x00, 0x00, 0x00, 0x45, 0x00,
	0x00, 0x2c, 0xab, 0xcd, 0x00, 0x00, 0x40, 0x06, 0xe2, 0xc2,
	0xc0, 0x00, 0x02, 0x01, 0xc6, 0x33, 0x64, 0x07, 0x9c, 0x40,
	0x00, 0x50, 0x12, 0x34, 0x56, 0x78,
} };
/* Quotes an echo request. */
static const struct vector	 time_exceeded = { 56, {
	0x45, 0x00, 0x00, 0x38, 0x00, 0x07, 0x00, 0x00, 0xfa, 0x01,
	0xc2, 0xb2, 0xcb, 0x00, 0x71, 0x09, 0xc0, 0x00, 0x02, 0x01,
	0x0b, 0x00, 0xf4, 0xff, 0x00, 0x00, 0x00, 0x00, 0x45, 0x00,
	0x00, 0x1c, 0xab, 0xcd, 0x00, 0x00, 0x40, 0x01, 0xe2, 0xd7,
	0xc0, 0x00, 0x02, 0x01, 0xc6, 0x33, 0x64, 0x07, 0x08, 0x00,
	0x8f, 0x53, 0x12, 0x34, 0x56, 0x78,
} };
static const struct vector	 arp_reply = { 28, {
	0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x02, 0x02, 0x00,
	0x5e, 0x10, 0x00, 0x07, 0xc6, 0x33, 0x64, 0x07, 0x02, 0x00,
	0x5e, 0x10, 0x00, 0x01, 0xc0, 0x00, 0x02, 0x01,
} };

static const struct vector *const	 ipv4[] = {
	&syn_ack, &reset, &echo_reply, &timestamp_reply, &unreachable, &time_exceeded
};
#define N_IPV4	(sizeof(ipv4) / sizeof(ipv4[0]))

typedef int	 parser(const uint8_t *, size_t, struct packet *);

/* Parse from a block with nothing behind it. */
static int
parse_exact(parser *parse, const uint8_t *bytes, size_t len, struct packet *packet)
{
	uint8_t	*block = malloc(len != 0 ? len : 1);
	int	 result;

	if (block == NULL)
		abort();
	memcpy(block, bytes, len);
	result = parse(block, len, packet);
	free(block);
	return (result);
}

/* The same of a vector with one byte changed. */
static int
parse_with(const struct vector *v, size_t at, unsigned int value, struct packet *packet)
{
	struct vector	 changed = *v;

	changed.bytes[at] = (uint8_t)value;
	return (parse_exact(parse_ipv4, changed.bytes, changed.len, packet));
}

static bool
is_from_to(const struct packet *p, uint32_t src, uint32_t dst)
{
	return (addr_valid(&p->src) && addr_to_ipv4(&p->src) == src &&
	    addr_valid(&p->dst) && addr_to_ipv4(&p->dst) == dst);
}

static void
tcp_replies_are_read(void)
{
	struct packet	 p;

	CHECK(parse_exact(parse_ipv4, syn_ack.bytes, syn_ack.len, &p) == 0);
	CHECK(p.kind == PACKET_TCP && is_from_to(&p, TARGET, US) && p.ttl == 57);
	CHECK(p.src_port == 80 && p.dst_port == 40000 && p.tcp_flags == (TCP_SYN | TCP_ACK));
	CHECK(p.seq == 0xdeadbeef && p.ack == NUMBER + 1);
	CHECK(parse_exact(parse_ipv4, reset.bytes, reset.len, &p) == 0);
	CHECK(p.kind == PACKET_TCP && p.tcp_flags == (TCP_RST | TCP_ACK));
	CHECK(p.seq == 0 && p.ack == NUMBER + 1);
}

static void
icmp_replies_are_read(void)
{
	struct packet	 p;

	CHECK(parse_exact(parse_ipv4, echo_reply.bytes, echo_reply.len, &p) == 0);
	CHECK(p.kind == PACKET_ECHO_REPLY && is_from_to(&p, TARGET, US));
	CHECK(p.id_seq == NUMBER && p.ttl == 57);
	CHECK(parse_exact(parse_ipv4, timestamp_reply.bytes, timestamp_reply.len, &p) == 0);
	CHECK(p.kind == PACKET_TIMESTAMP_REPLY && is_from_to(&p, TARGET, US));
	CHECK(p.id_seq == NUMBER);
}

static void
icmp_errors_and_what_they_quote_are_read(void)
{
	struct packet	 p;

	CHECK(parse_exact(parse_ipv4, unreachable.bytes, unreachable.len, &p) == 0);
	CHECK(p.kind == PACKET_ICMP_ERROR && is_from_to(&p, ROUTER, US) && p.ttl == 250);
	CHECK(p.icmp_type == 3 && p.icmp_code == 13 && p.quote.protocol == PROTO_TCP);
	CHECK(addr_to_ipv4(&p.quote.src) == US && addr_to_ipv4(&p.quote.dst) == TARGET);
	CHECK(p.quote.src_port == 40000 && p.quote.dst_port == 80 && p.quote.seq == NUMBER);
	CHECK(parse_exact(parse_ipv4, time_exceeded.bytes, time_exceeded.len, &p) == 0);
	CHECK(p.kind == PACKET_ICMP_ERROR && p.icmp_type == 11 && p.icmp_code == 0);
	CHECK(p.quote.protocol == 1 && p.quote.icmp_type == 8 && p.quote.seq == NUMBER);
	CHECK(p.quote.src_port == 0 && p.quote.dst_port == 0);
}

static void
every_truncation_is_refused(void)
{
	struct packet	 p;

	for (size_t i = 0; i < N_IPV4; i++)
		for (size_t len = 0; len < ipv4[i]->len; len++)
			CHECK(parse_exact(parse_ipv4, ipv4[i]->bytes, len, &p) == -1);
	for (size_t len = 0; len < arp_reply.len; len++)
		CHECK(parse_exact(parse_arp, arp_reply.bytes, len, &p) == -1);
}

/* No vector has a byte that its headers do not ask for. */
static void
a_shorter_total_length_is_refused_too(void)
{
	struct packet	 p;

	for (size_t i = 0; i < N_IPV4; i++)
		for (unsigned int total = 0; total < ipv4[i]->len; total++)
			CHECK(parse_with(ipv4[i], 3, total, &p) == -1);
}

static void
what_contradicts_itself_is_refused(void)
{
	static const struct {
		const struct vector	*v;
		size_t			 at;
		unsigned int		 value;
	}		 wrong[] = {
		{ &reset, 0, 0x55 },		/* version */
		{ &reset, 0, 0x65 },
		{ &reset, 0, 0x44 },		/* a header of 16 bytes */
		{ &reset, 0, 0x40 },
		{ &reset, 0, 0x4f },		/* of 60, with 40 there */
		{ &reset, 0, 0x46 },		/* of 24, which leaves 16 for TCP's 20 */
		{ &reset, 2, 1 },		/* a total of 296 */
		{ &reset, 3, 41 },
		{ &reset, 6, 0x1f },		/* a later fragment */
		{ &reset, 7, 1 },
		{ &reset, 32, 0x40 },		/* a TCP header of 16 */
		{ &reset, 32, 0 },
		{ &reset, 32, 0x60 },		/* of 24, with 20 there */
		{ &reset, 32, 0xf0 },
		{ &unreachable, 28, 0x55 },	/* the quoted version */
		{ &unreachable, 28, 0x44 },	/* and header lengths */
		{ &unreachable, 28, 0x46 },
		{ &unreachable, 28, 0x4f },
		{ &unreachable, 35, 1 },	/* the quoted packet is a later fragment */
	};
	struct packet	 p;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(parse_with(wrong[i].v, wrong[i].at, wrong[i].value, &p) == -1);
}

static void
a_first_fragment_with_a_whole_header_is_read(void)
{
	struct packet	 p;

	CHECK(parse_with(&syn_ack, 6, 0x20, &p) == 0 && p.kind == PACKET_TCP);	/* MF */
	CHECK(parse_with(&syn_ack, 6, 0x40, &p) == 0 && p.kind == PACKET_TCP);	/* DF */
}

static void
ip_options_are_passed_over(void)
{
	struct vector	 v = { 44, { 0 } };
	struct packet	 p;

	memcpy(v.bytes, reset.bytes, 20);
	memset(v.bytes + 20, 1, 4);
	memcpy(v.bytes + 24, reset.bytes + 20, 20);
	v.bytes[0] = 0x46;
	v.bytes[3] = 44;
	CHECK(parse_exact(parse_ipv4, v.bytes, v.len, &p) == 0);
	CHECK(p.kind == PACKET_TCP && p.src_port == 80 && p.ack == NUMBER + 1);
}

static void
padding_of_the_link_is_ignored(void)
{
	struct packet	 p;
	struct vector	 v = echo_reply;

	memset(v.bytes + v.len, 0xff, 18);
	CHECK(parse_exact(parse_ipv4, v.bytes, v.len + 18, &p) == 0);
	CHECK(p.kind == PACKET_ECHO_REPLY && p.id_seq == NUMBER);
	v.bytes[3] = 27;	/* the padding does not stand in for what is missing */
	CHECK(parse_exact(parse_ipv4, v.bytes, v.len + 18, &p) == -1);
	v = arp_reply;
	CHECK(parse_exact(parse_arp, v.bytes, v.len + 18, &p) == 0);
	CHECK(p.kind == PACKET_ARP_REPLY);
}

static void
what_nobody_asked_for_is_other(void)
{
	struct packet	 p;

	CHECK(parse_with(&reset, 9, 17, &p) == 0 && p.kind == PACKET_OTHER);	/* UDP */
	CHECK(parse_with(&reset, 9, 255, &p) == 0 && p.kind == PACKET_OTHER);
	CHECK(parse_with(&echo_reply, 20, 8, &p) == 0 && p.kind == PACKET_OTHER);
	CHECK(parse_with(&echo_reply, 20, 5, &p) == 0 && p.kind == PACKET_OTHER);
}

static void
an_unknown_quoted_protocol_has_no_ports(void)
{
	struct packet	 p;

	CHECK(parse_with(&unreachable, 37, 17, &p) == 0 && p.kind == PACKET_ICMP_ERROR);
	CHECK(p.quote.protocol == 17 && p.quote.src_port == 0 && p.quote.dst_port == 0);
	CHECK(p.quote.seq == 0 && p.quote.icmp_type == 0);
}

static void
the_quoted_total_length_is_not_believed(void)
{
	struct packet	 p;

	CHECK(parse_with(&time_exceeded, 30, 0xff, &p) == 0 && p.quote.seq == NUMBER);
	CHECK(parse_with(&time_exceeded, 31, 8, &p) == 0 && p.quote.seq == NUMBER);
	CHECK(parse_with(&time_exceeded, 31, 0, &p) == 0 && p.quote.seq == NUMBER);
}

static void
arp_replies_are_read_and_nothing_else_of_arp(void)
{
	static const uint8_t	 mac[6] = { 0x02, 0x00, 0x5e, 0x10, 0x00, 0x07 };
	struct vector		 v;
	struct packet		 p;

	CHECK(parse_exact(parse_arp, arp_reply.bytes, arp_reply.len, &p) == 0);
	CHECK(p.kind == PACKET_ARP_REPLY && is_from_to(&p, TARGET, US));
	CHECK(memcmp(p.mac, mac, sizeof(mac)) == 0);
	for (size_t at = 0; at < 8; at++) {	/* hardware, protocol, lengths, operation */
		v = arp_reply;
		v.bytes[at] ^= 3;
		CHECK(parse_exact(parse_arp, v.bytes, v.len, &p) == 0);
		CHECK(p.kind == PACKET_OTHER);
	}
}

/* Parse a link header from a block of its exact size; how much is behind it in *left. */
static int
link_of(int link, const uint8_t *bytes, size_t len, unsigned int *ifindex, size_t *left)
{
	uint8_t		*block = malloc(len != 0 ? len : 1);
	const uint8_t	*p = block;
	int		 type;

	if (block == NULL)
		abort();
	memcpy(block, bytes, len);
	*left = len;
	type = parse_link(link, &p, left, ifindex);
	CHECK(p + *left == block + len);
	free(block);
	return (type);
}

static void
link_headers_say_what_follows(void)
{
	static const uint8_t	 ethernet[16] = { [12] = 8, 6, 0xaa, 0xbb };
	static const uint8_t	 cooked[22] = { 8, 0, [4] = 0, 1, 2, 3, [20] = 0xaa, 0xbb };
	unsigned int		 ifindex = 1;
	size_t			 left;

	CHECK(link_of(DLT_EN10MB, ethernet, 16, &ifindex, &left) == ETHERTYPE_ARP);
	CHECK(left == 2 && ifindex == 0);
	CHECK(link_of(DLT_LINUX_SLL2, cooked, 22, &ifindex, &left) == ETHERTYPE_IP);
	CHECK(left == 2 && ifindex == 0x10203);
	CHECK(link_of(DLT_RAW, ethernet, 16, &ifindex, &left) == ETHERTYPE_IP);
	CHECK(left == 16 && ifindex == 0);
}

static void
truncated_and_unknown_link_headers_are_refused(void)
{
	static const uint8_t	 bytes[20] = { 8, 0, [12] = 8, 0 };
	unsigned int		 ifindex;
	size_t			 left;

	for (size_t len = 0; len < 14; len++)
		CHECK(link_of(DLT_EN10MB, bytes, len, &ifindex, &left) == -1);
	CHECK(link_of(DLT_EN10MB, bytes, 14, &ifindex, &left) == ETHERTYPE_IP && left == 0);
	for (size_t len = 0; len < 20; len++)
		CHECK(link_of(DLT_LINUX_SLL2, bytes, len, &ifindex, &left) == -1);
	CHECK(link_of(DLT_LINUX_SLL2, bytes, 20, &ifindex, &left) == ETHERTYPE_IP && left == 0);
	CHECK(!parse_link_knows(DLT_NULL) && parse_link_knows(DLT_RAW));
	CHECK(link_of(DLT_NULL, bytes, 20, &ifindex, &left) == -1);
}

static uint32_t
draw(uint64_t *state)
{
	*state = *state * 6364136223846793005 + 1442695040888963407;
	return ((uint32_t)(*state >> 33));
}

/* Noise, or a vector with up to four bytes of noise in it; the length. */
static size_t
draw_bytes(uint64_t *state, uint8_t bytes[LONGEST])
{
	const struct vector	*v = ipv4[draw(state) % N_IPV4];
	size_t			 len = draw(state) % (LONGEST + 1);

	if (draw(state) % 4 == 0) {
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)draw(state);
		return (len);
	}
	memcpy(bytes, v->bytes, v->len);
	for (unsigned int n = draw(state) % 5; n > 0; n--)
		bytes[draw(state) % v->len] = (uint8_t)draw(state);
	return (draw(state) % 4 == 0 && len < v->len ? len : v->len);
}

/* What must hold of whatever is parsed. */
static bool
is_sound(const struct packet *p, const uint8_t *bytes, size_t len)
{
	size_t	 header = (size_t)(bytes[0] & 15) * 4;

	if (!addr_valid(&p->src) || !addr_valid(&p->dst) || p->src.family != FAMILY_IPV4)
		return (false);
	switch (p->kind) {
	case PACKET_TCP:
		return (bytes[9] == PROTO_TCP && len >= header + 20);
	case PACKET_ECHO_REPLY:
		return (bytes[9] == 1 && len >= header + 8 && p->icmp_type == 0);
	case PACKET_TIMESTAMP_REPLY:
		return (bytes[9] == 1 && len >= header + 20 && p->icmp_type == 14);
	case PACKET_ICMP_ERROR:
		return (bytes[9] == 1 && len >= header + 36 && addr_valid(&p->quote.src) &&
		    p->quote.src.family == FAMILY_IPV4 && addr_valid(&p->quote.dst));
	case PACKET_OTHER:
		return (true);
	case PACKET_ARP_REPLY:
		break;
	}
	return (false);
}

static void
noise_gives_sound_packets_or_none(void)
{
	uint8_t		 bytes[LONGEST];
	uint64_t	 state = 1;
	unsigned int	 parsed[PACKET_ARP_REPLY + 1] = { 0 }, refused = 0;
	struct packet	 p;
	size_t		 len;

	for (int i = 0; i < 300000; i++) {
		len = draw_bytes(&state, bytes);
		(void)parse_exact(parse_arp, bytes, len, &p);
		if (parse_exact(parse_ipv4, bytes, len, &p) == -1) {
			refused++;
			continue;
		}
		CHECK(is_sound(&p, bytes, len));
		parsed[p.kind]++;
	}
	CHECK(refused > 1000);
	for (int kind = PACKET_OTHER; kind < PACKET_ARP_REPLY; kind++)
		CHECK(parsed[kind] > 1000);
}

static int
write_seeds(const char *dir)
{
	const struct vector	*v;
	char			 path[4096];
	FILE			*f;

	for (size_t i = 0; i <= N_IPV4; i++) {
		v = i < N_IPV4 ? ipv4[i] : &arp_reply;
		snprintf(path, sizeof(path), "%s/seed-%zu", dir, i);
		if ((f = fopen(path, "w")) == NULL || fwrite(v->bytes, v->len, 1, f) != 1 ||
		    fclose(f) != 0)
			return (1);
	}
	return (0);
}

int
main(int argc, char *argv[])
{
	if (argc == 2)
		return (write_seeds(argv[1]));
	CASE(tcp_replies_are_read);
	CASE(icmp_replies_are_read);
	CASE(icmp_errors_and_what_they_quote_are_read);
	CASE(every_truncation_is_refused);
	CASE(a_shorter_total_length_is_refused_too);
	CASE(what_contradicts_itself_is_refused);
	CASE(a_first_fragment_with_a_whole_header_is_read);
	CASE(ip_options_are_passed_over);
	CASE(padding_of_the_link_is_ignored);
	CASE(what_nobody_asked_for_is_other);
	CASE(an_unknown_quoted_protocol_has_no_ports);
	CASE(the_quoted_total_length_is_not_believed);
	CASE(arp_replies_are_read_and_nothing_else_of_arp);
	CASE(link_headers_say_what_follows);
	CASE(truncated_and_unknown_link_headers_are_refused);
	CASE(noise_gives_sound_packets_or_none);
	return (test_done());
}
