/*
 * The parsers and the judge on hostile bytes.  Beyond what the sanitizers see, it holds them
 * to this: the judge believes no packet that answers another question than its own, and,
 * once the packet has been given the right cookie, it believes what it should.
 *
 * Without libFuzzer, built with -DREPLAY, it runs the files that are its arguments.
 */

#include <net/ethernet.h>
#include <netinet/in.h>

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>

#include "prober.h"

#define NOW	((usec_t)3600 * 1000 * 1000)

static const struct siphash_key	 key = { { 1, 2 } };

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(bool truth)
{
	if (!truth)
		abort();
}

/* What holds of every verdict. */
static void
check_verdict(const struct packet *p, const struct verdict *v)
{
	bool	 from_target = addr_equal(&p->src, &v->question.dst);

	must(addr_equal(&v->question.src, &p->dst));
	must(v->question.kind > PROBE_NONE && v->question.kind < PROBE_KINDS);
	must(v->sent <= NOW && (v->sent == 0) == (v->question.kind == PROBE_ARP));
	must(v->reason > REASON_UNKNOWN && v->reason < REASON_COUNT);
	must(v->host < HOST_STATE_COUNT && v->port < PORT_STATE_COUNT);
	must(addr_valid(&v->from) && (v->from.family == FAMILY_NONE) == from_target);
	must(from_target || p->kind == PACKET_ICMP_ERROR);
}

/* Give the packet the cookie of the probe that it would answer. */
static void
give_cookie(struct packet *p, enum probe_kind kind)
{
	struct question	 q = { .src = p->dst, .dst = p->src, .kind = (uint8_t)kind };
	struct cookie	 c;

	if (p->kind == PACKET_ICMP_ERROR) {
		q.dst = p->quote.dst;
		p->quote.src = p->dst;
	}
	if (kind == PROBE_TCP_SYN || kind == PROBE_TCP_ACK)
		q.port = p->kind == PACKET_TCP ? p->src_port : p->quote.dst_port;
	c = cookie_make(&key, &q, p->ttl % TRIES, NOW);
	p->dst_port = p->quote.src_port = c.sport;
	p->quote.seq = p->id_seq = p->seq = c.number;
	p->ack = c.number + 1;
}

/* The kind of probe that a packet with the right cookie answers; NONE when it says nothing. */
static enum probe_kind
kind_answered(const struct packet *p)
{
	bool	 syn_ack = (p->tcp_flags & TCP_SYN) != 0 && (p->tcp_flags & TCP_ACK) != 0;

	switch (p->kind) {
	case PACKET_TCP:
		if ((p->tcp_flags & TCP_RST) != 0)
			return ((p->tcp_flags & TCP_ACK) != 0 ? PROBE_TCP_SYN : PROBE_TCP_ACK);
		return (syn_ack ? PROBE_TCP_SYN : PROBE_NONE);
	case PACKET_ECHO_REPLY:
		return (PROBE_ICMP_ECHO);
	case PACKET_TIMESTAMP_REPLY:
		return (PROBE_ICMP_TIMESTAMP);
	case PACKET_ICMP_ERROR:
		if (p->icmp_type == 3 && ((1 << (p->icmp_code & 15) & 0x260f) == 0 ||
		    p->icmp_code > 15))
			return (PROBE_NONE);
		if (p->quote.protocol == IPPROTO_TCP)
			return (PROBE_TCP_SYN);
		if (p->quote.protocol != IPPROTO_ICMP)
			return (PROBE_NONE);
		return (p->quote.icmp_type == 8 ? PROBE_ICMP_ECHO :
		    p->quote.icmp_type == 13 ? PROBE_ICMP_TIMESTAMP : PROBE_NONE);
	case PACKET_ARP_REPLY:
		return (PROBE_ARP);
	case PACKET_OTHER:
		break;
	}
	return (PROBE_NONE);
}

static void
fuzz_judge(struct packet *p)
{
	enum probe_kind	 kind = kind_answered(p);
	struct verdict	 v;

	must(addr_valid(&p->src) && addr_valid(&p->dst));
	must(addr_valid(&p->quote.src) && addr_valid(&p->quote.dst));
	if (judge(&key, p, NOW, &v))
		check_verdict(p, &v);
	give_cookie(p, kind);
	must(judge(&key, p, NOW, &v) == (kind != PROBE_NONE));
	if (kind == PROBE_NONE)
		return;
	must(v.question.kind == kind && (kind == PROBE_ARP || v.sent == NOW));
	if (kind == PROBE_TCP_SYN || kind == PROBE_TCP_ACK)
		must(v.tryno == p->ttl % TRIES);
	check_verdict(p, &v);
}

/* Whatever the link, what follows its header is the rest of what was captured. */
static void
fuzz_link(const uint8_t *data, size_t size)
{
	static const int	 links[] = { DLT_LINUX_SLL2, DLT_EN10MB, DLT_RAW, DLT_NULL };
	struct packet		 packet;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		const uint8_t	*p = data;
		size_t		 left = size;
		unsigned int	 ifindex;
		int		 type = parse_link(links[i], &p, &left, &ifindex);

		must(p >= data && p + left == data + size);
		must(type >= -1 && type <= UINT16_MAX);
		must(type == -1 || parse_link_knows(links[i]));
		if (type == ETHERTYPE_IP)
			(void)parse_ipv4(p, left, &packet);
		else if (type == ETHERTYPE_ARP)
			(void)parse_arp(p, left, &packet);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet	 p;

	fuzz_link(data, size);
	if (parse_ipv4(data, size, &p) == 0)
		fuzz_judge(&p);
	if (parse_arp(data, size, &p) == 0)
		fuzz_judge(&p);
	return (0);
}

#ifdef REPLAY
int
main(int argc, char *argv[])
{
	static uint8_t	 buf[65536];
	uint8_t		*data;
	size_t		 size;
	FILE		*f;

	for (int i = 1; i < argc; i++) {
		must((f = fopen(argv[i], "r")) != NULL);
		size = fread(buf, 1, sizeof(buf), f);
		fclose(f);
		must((data = malloc(size + 1)) != NULL);
		for (size_t j = 0; j < size; j++)
			data[j] = buf[j];
		LLVMFuzzerTestOneInput(data, size);
		free(data);
	}
	printf("ok - fuzz_packet: %d inputs\n", argc - 1);
	return (argc > 1 ? 0 : 1);
}
#endif
