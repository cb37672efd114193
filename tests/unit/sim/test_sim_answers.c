/* The simulator's packets: right numbers, right checksums, right times, and forgeries wrong. */

#include <string.h>

#include "../../test.h"
#include "../../sim/sim.h"
#include "../../sim/draws.c"
#include "../../sim/values.c"
#include "../../sim/world.c"
#include "../../sim/scenario.c"
#include "../../sim/path.c"
#include "../../sim/packet.c"
#include "../../sim/later.c"
#include "../../sim/state.c"
#include "../../sim/answer.c"
#include "../../sim/stats.c"
#include "../../sim/forge.c"
#include "../../sim/net.c"

#define US	0x0a5a0001
#define HOST	0x0a640001
#define OUT_MAX	4096

static struct sim	 sim;
static unsigned int	 nout;
static struct {
	uint8_t		 b[PACKET_MAX];
	size_t		 len;
	uint64_t	 when;
} out[OUT_MAX];

uint64_t
device_dropped(const char *name)
{
	(void)name;
	return (0);
}

static void
take(void *arg, const uint8_t *b, size_t len)
{
	(void)arg;
	if (nout == OUT_MAX)
		return;
	memcpy(out[nout].b, b, len);
	out[nout].len = len;
	out[nout++].when = sim.now;
}

static void
begin(const char *text)
{
	char	 all[2048];
	FILE	*f;

	snprintf(all, sizeof(all), "device sim0 tun 10.90.0.1/24\n%s", text);
	f = fmemopen(all, strlen(all), "r");
	later_forget();
	state_forget();
	if (sim.scenario != NULL) {
		stats_forget(sim.scenario);
		for (size_t i = 0; i < sim.scenario->npaths; i++) {
			free(sim.scenario->path[i].queue[OUT].departs);
			free(sim.scenario->path[i].queue[IN].departs);
		}
		free(sim.scenario);
	}
	sim = (struct sim){ .scenario = scenario_parse(f, "test"), .output = take };
	nout = 0;
	fclose(f);
}

/* Let the time pass, and all that falls due. */
static void
until(uint64_t now)
{
	while (later_next() <= now)
		sim_due(&sim, later_next());
	sim.now = now;
}

static void
send_tcp(uint64_t now, uint16_t port, uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct segment	 s = { .src = US, .dst = HOST, .sport = 4000, .dport = port, .seq = seq,
			    .ack = ack, .flags = flags, .ttl = 64, .window = 1024 };
	uint8_t		 b[PACKET_MAX];

	sim_packet(&sim, now, b, build_tcp(b, &s));
}

/* A datagram or ping: what build_udp or build_icmp makes of one the other way round. */
static void
send_other(uint64_t now, uint8_t proto, uint8_t type)
{
	static const uint8_t	 icmp[20] = { 8, 0, 0, 0, 0x12, 0x34, 0, 1, 'p', 'i', 'n', 'g' };
	struct probe		 p = { .ip = icmp, .len = sizeof(icmp), .src = HOST, .dst = US,
				    .sport = 53, .dport = 4000, .payload = icmp,
				    .payload_len = 12 };
	uint8_t			 b[PACKET_MAX];

	sim_packet(&sim, now, b, proto == IPPROTO_UDP ? build_udp(b, &p, 64) :
	    build_icmp(b, &p, type, 64));
}

/* Reply number i, parsed (so its checksums are right), from HOST to us. */
static struct probe
reply(unsigned int i)
{
	struct probe	 p;

	memset(&p, 0, sizeof(p));
	CHECK(i < nout && parse_probe(out[i].b, out[i].len, &p));
	CHECK(p.dst == US);
	return (p);
}

static void
checksums_are_those_of_rfc_1071(void)
{
	static const uint8_t	 b[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	CHECK(checksum(b, sizeof(b), 0) == 0x220d);
}

static void
a_syn_is_answered_by_state(void)
{
	struct probe	 p;

	begin("group a 10.100.0.1 open=80 closed=81 default=silent\n");
	send_tcp(1, 80, FLAG_SYN, 0xffffffff, 0);
	send_tcp(2, 81, FLAG_SYN, 7, 0);
	send_tcp(3, 82, FLAG_SYN, 7, 0);
	CHECK(nout == 2);
	p = reply(0);
	CHECK(p.flags == (FLAG_SYN | FLAG_ACK) && p.ack == 0 && p.src == HOST);
	CHECK(p.sport == 80 && p.dport == 4000 && get16(out[0].b + 34) == 64240);
	CHECK(get32(out[0].b + 40) == 0x020405b4 && out[0].len == 44 && out[0].b[8] == 57);
	p = reply(1);
	CHECK(p.flags == (FLAG_RST | FLAG_ACK) && p.ack == 8 && p.seq == 0 && p.sport == 81);
}

static void
an_ack_is_reset_with_its_number_and_a_reset_with_nothing(void)
{
	struct probe	 p;

	begin("group a 10.100.0.1 open=80 default=silent ping=ack443\n");
	send_tcp(1, 80, FLAG_ACK, 5, 1234);
	send_tcp(2, 443, FLAG_ACK, 5, 4321);
	send_tcp(3, 444, FLAG_ACK, 5, 4321);
	send_tcp(4, 443, FLAG_SYN, 5, 0);
	send_tcp(5, 80, FLAG_RST, 5, 0);
	CHECK(nout == 2);
	p = reply(0);
	CHECK(p.flags == FLAG_RST && p.seq == 1234 && p.sport == 80);
	p = reply(1);
	CHECK(p.flags == FLAG_RST && p.seq == 4321 && p.sport == 443);
}

static void
a_synack_comes_again_until_a_reset(void)
{
	begin("group a 10.100.0.1 open=80 rtt=100\n");
	send_tcp(0, 80, FLAG_SYN, 1, 0);
	until(60 * SECOND);
	CHECK(nout == 3 && out[0].when == SECOND / 10);
	CHECK(out[1].when == SECOND * 11 / 10 && out[2].when == SECOND * 31 / 10);
	CHECK(memcmp(out[0].b, out[2].b, out[0].len) == 0);
	send_tcp(100 * SECOND, 80, FLAG_SYN, 1, 0);
	send_tcp(100 * SECOND + 1, 80, FLAG_RST, 2, 0);
	until(200 * SECOND);
	CHECK(nout == 4 && counted(C_SYNACK_AGAIN) == 2);
}

static void
a_ping_comes_back_as_it_was(void)
{
	struct probe	 p;

	begin("group a 10.100.0.1 ping=echo\n");
	send_other(1, IPPROTO_ICMP, 8);
	send_other(1, IPPROTO_ICMP, 13);
	CHECK(nout == 1);
	p = reply(0);
	CHECK(p.flags == 0 && memcmp(out[0].b + 28, "ping", 4) == 0);
	CHECK(get16(out[0].b + 24) == 0x1234);
	begin("group a 10.100.0.1\n");
	send_other(1, IPPROTO_ICMP, 13);
	p = reply(0);
	CHECK(p.flags == 14 && get32(out[0].b + 32) < 86400000);
}

static void
a_closed_udp_port_is_unreachable_once_a_second(void)
{
	struct probe	 p;

	begin("group a 10.100.0.1 udp_closed=53 icmp_limit=1:1 quote=8\n");
	send_other(1, IPPROTO_UDP, 0);
	send_other(2, IPPROTO_UDP, 0);
	send_other(SECOND + 2, IPPROTO_UDP, 0);
	CHECK(nout == 2 && counted(C_ICMP_LIMITED) == 1);
	p = reply(0);
	CHECK(p.flags == 3 && out[0].b[21] == 3 && p.src == HOST && out[0].len == 28 + 28);
	CHECK(get32(out[0].b + 44) == HOST && get16(out[0].b + 50) == 53);
	CHECK(checksum(out[0].b + 28, 20, 0) == 0);
	begin("group a 10.100.0.1 udp_open=53\n");
	send_other(1, IPPROTO_UDP, 0);
	p = reply(0);
	CHECK(p.proto == IPPROTO_UDP && p.sport == 53 && p.dport == 4000);
}

static void
a_rejected_port_is_a_routers_word(void)
{
	struct probe	 p;

	begin("group a 10.100.0.1 reject=9 from=10.99.0.1 code=10\n");
	send_tcp(1, 9, FLAG_SYN, 77, 0);
	p = reply(0);
	CHECK(p.flags == 3 && out[0].b[21] == 10 && p.src == 0x0a630001);
	CHECK(get32(out[0].b + 28 + 24) == 77);
}

static void
resets_are_limited(void)
{
	begin("group a 10.100.0.1 rst_limit=50:5\n");
	for (uint16_t port = 1; port <= 1000; port++)
		send_tcp(SECOND + port * (SECOND / 1000), port, FLAG_SYN, 1, 0);
	CHECK(nout >= 53 && nout <= 56 && counted(C_RST_LIMITED) == 1000 - nout);
}

static void
replies_are_lost_late_and_double_as_asked(void)
{
	begin("group a 10.100.0.1 loss=20% dup=10%\n");
	for (uint16_t port = 1; port <= 4000; port++)
		send_tcp(port, port, FLAG_SYN, 1, 0);
	until(SECOND);
	CHECK(counted(C_LOST_OUT) > 700 && counted(C_LOST_OUT) < 900);
	CHECK(counted(C_LOST_IN) > 560 && counted(C_LOST_IN) < 720);
	CHECK(nout == 4000 - counted(C_LOST_OUT) - counted(C_LOST_IN) + counted(C_DUPLICATED));
	begin("group a 10.100.0.1 late=10%:5 rtt=10\n");
	for (uint16_t port = 1; port <= 1000; port++)
		send_tcp(1, port, FLAG_SYN, 1, 0);
	until(SECOND);
	CHECK(nout == 1000 - counted(C_LATE) && counted(C_LATE) > 70);
	until(6 * SECOND);
	CHECK(nout == 1000);
}

static void
a_narrow_path_drops_both_ways(void)
{
	begin("path p bandwidth=10 queue=20 rtt=20\ngroup a 10.100.0.1 path=p\n");
	for (uint16_t port = 1; port <= 100; port++)
		send_tcp(1, port, FLAG_SYN, 1, 0);
	until(SECOND);
	CHECK(nout == 20 && counted(C_DROPPED_OUT) == 80 && counted(C_DROPPED_IN) == 0);
	/* One transmission time out, one back, the round trip. */
	CHECK(out[0].when == 1 + 2 * 67200 + 20000000);
}

static void
a_host_dies(void)
{
	begin("group a 10.100.0.1 dies_after=3p\n");
	for (uint16_t port = 1; port <= 10; port++)
		send_tcp(port, port, FLAG_SYN, 1, 0);
	CHECK(nout == 3 && counted(C_DEAD) == 7);
}

/* None of the forgeries is what a host would send to the probe. */
static void
forgeries_answer_nothing_that_was_sent(void)
{
	struct segment	 syn = { .src = US, .dst = HOST, .sport = 4000, .dport = 80, .seq = 99,
			    .flags = FLAG_SYN, .ttl = 64 };
	struct probe	 p, f;
	uint8_t		 b[PACKET_MAX], forged[PACKET_MAX];
	size_t		 len = build_tcp(b, &syn);

	CHECK(parse_probe(b, len, &p));
	for (unsigned int kind = 0; kind < FORGERIES; kind++) {
		len = build_forgery(forged, &p, kind, 0x123456789abcdef, 57);
		CHECK(len > 0 && parse_probe(forged, len, &f));
		if (f.proto == IPPROTO_TCP)
			CHECK(f.src != HOST || f.sport != 80 || f.dport != 4000 ||
			    (f.flags & FLAG_ACK) == 0 || f.ack != 100);
		else
			CHECK(get16(forged + 50) != 80 || get32(forged + 52) != 99);
	}
}

static void
what_is_damaged_is_not_answered(void)
{
	struct segment	 s = { .src = US, .dst = HOST, .sport = 4000, .dport = 80,
			    .flags = FLAG_SYN, .ttl = 64 };
	uint8_t		 b[PACKET_MAX];
	size_t		 len = build_tcp(b, &s);

	begin("group a 10.100.0.1 open=80\n");
	for (size_t i = 0; i < len; i++) {
		b[i] ^= 0x10;
		sim_packet(&sim, 1, b, len);
		sim_packet(&sim, 1, b, i);
		b[i] ^= 0x10;
	}
	CHECK(nout == 0);
	sim_packet(&sim, 1, b, len);
	CHECK(nout == 1);
}

int
main(void)
{
	CASE(checksums_are_those_of_rfc_1071);
	CASE(a_syn_is_answered_by_state);
	CASE(an_ack_is_reset_with_its_number_and_a_reset_with_nothing);
	CASE(a_synack_comes_again_until_a_reset);
	CASE(a_ping_comes_back_as_it_was);
	CASE(a_closed_udp_port_is_unreachable_once_a_second);
	CASE(a_rejected_port_is_a_routers_word);
	CASE(resets_are_limited);
	CASE(replies_are_lost_late_and_double_as_asked);
	CASE(a_narrow_path_drops_both_ways);
	CASE(a_host_dies);
	CASE(forgeries_answer_nothing_that_was_sent);
	CASE(what_is_damaged_is_not_answered);
	return (test_done());
}
