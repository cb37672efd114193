/*
 * What a packet says of a host or a port.  It trusts no packet: a question is made up from
 * the packet's own addresses and ports, and only when the packet carries the cookie of that
 * very question is it a reply.
 *
 * ARP has no room for a cookie.  Whoever is on the link can answer for anybody there, and
 * whether the address was asked for at all the engine has to know.
 *
 * Pure: no state, no clock, no I/O.
 */

#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <string.h>

#include "prober.h"

/*
 * Is the port that of a try of the verdict's question, made a TCP probe of this kind, and does the
 * number answer that try?  If so, set which and when.
 */
static bool
is_proved_tcp(const struct siphash_key *key, enum probe_kind kind, uint16_t sport,
    uint32_t number, usec_t now, struct verdict *v)
{
	v->question.kind = (uint8_t)kind;
	return (cookie_try(key, &v->question, sport, &v->tryno) &&
	    cookie_check(key, &v->question, v->tryno, number, now, &v->sent));
}

/*
 * A RST that has an ACK acknowledges a SYN (RFC 9293, 3.10.7.1).  Some stacks do not count
 * the SYN: theirs look as if the probe had left one unit of the cookie earlier, and are
 * believed as such.  The sequence number of a RST that answers an ACK is what that ACK
 * acknowledged.
 */
static bool
judge_reset(const struct siphash_key *key, const struct packet *p, usec_t now, struct verdict *v)
{
	v->reason = REASON_RESET;
	v->port = PORT_CLOSED;
	if ((p->tcp_flags & TCP_ACK) != 0 &&
	    is_proved_tcp(key, PROBE_TCP_SYN, p->dst_port, p->ack - 1, now, v))
		return (true);
	v->port = PORT_UNFILTERED;
	return (is_proved_tcp(key, PROBE_TCP_ACK, p->dst_port, p->seq, now, v));
}

/*
 * A bare SYN (nmap's split handshake) acknowledges nothing, so it could come from anybody: it
 * is not believed.
 */
static bool
judge_tcp(const struct siphash_key *key, const struct packet *p, usec_t now, struct verdict *v)
{
	v->question.src = p->dst;
	v->question.dst = p->src;
	v->question.port = p->src_port;
	v->host = HOST_UP;
	if ((p->tcp_flags & TCP_RST) != 0)
		return (judge_reset(key, p, now, v));
	if ((p->tcp_flags & (TCP_SYN | TCP_ACK)) != (TCP_SYN | TCP_ACK))
		return (false);
	v->reason = REASON_SYN_ACK;
	v->port = PORT_OPEN;
	return (is_proved_tcp(key, PROBE_TCP_SYN, p->dst_port, p->ack - 1, now, v));
}

static bool
judge_icmp(const struct siphash_key *key, const struct packet *p, usec_t now, struct verdict *v)
{
	bool	 echo = p->kind == PACKET_ECHO_REPLY;

	v->question.src = p->dst;
	v->question.dst = p->src;
	v->question.kind = echo ? PROBE_ICMP_ECHO : PROBE_ICMP_TIMESTAMP;
	v->reason = echo ? REASON_ECHO_REPLY : REASON_TIMESTAMP_REPLY;
	v->host = HOST_UP;
	return (cookie_check(key, &v->question, 0, p->id_seq, now, &v->sent));
}

/* REASON_UNKNOWN for an error that says nothing. */
static uint8_t
error_reason(uint8_t type, uint8_t code)
{
	static const uint8_t	 unreachable[] = {
		[ICMP_NET_UNREACH] = REASON_NET_UNREACH,
		[ICMP_HOST_UNREACH] = REASON_HOST_UNREACH,
		[ICMP_PROT_UNREACH] = REASON_PROTO_UNREACH,
		[ICMP_PORT_UNREACH] = REASON_PORT_UNREACH,
		[ICMP_NET_ANO] = REASON_NET_PROHIBITED,
		[ICMP_HOST_ANO] = REASON_HOST_PROHIBITED,
		[ICMP_PKT_FILTERED] = REASON_ADMIN_PROHIBITED,
	};

	if (type == ICMP_TIME_EXCEEDED)
		return (REASON_TIME_EXCEEDED);
	return (code < sizeof(unreachable) ? unreachable[code] : REASON_UNKNOWN);
}

/* Only the target itself can lack a protocol or a port. */
static uint8_t
error_host(uint8_t reason, bool from_target)
{
	if (reason == REASON_TIME_EXCEEDED)
		return (HOST_DOWN);
	if (from_target && (reason == REASON_PROTO_UNREACH || reason == REASON_PORT_UNREACH))
		return (HOST_UP);
	return (HOST_UNKNOWN);
}

/* Is the quoted packet a probe of ours, whole in addresses, ports and number? */
static bool
judge_quote(const struct siphash_key *key, const struct quote *quote, usec_t now,
    struct verdict *v)
{
	v->question.src = quote->src;
	v->question.dst = quote->dst;
	if (quote->protocol == IPPROTO_TCP) {
		v->question.port = quote->dst_port;
		return (is_proved_tcp(key, PROBE_TCP_SYN, quote->src_port, quote->seq, now, v) ||
		    is_proved_tcp(key, PROBE_TCP_ACK, quote->src_port, quote->seq, now, v));
	}
	if (quote->protocol != IPPROTO_ICMP)
		return (false);
	if (quote->icmp_type == ICMP_ECHO)
		v->question.kind = PROBE_ICMP_ECHO;
	else if (quote->icmp_type == ICMP_TIMESTAMP)
		v->question.kind = PROBE_ICMP_TIMESTAMP;
	else
		return (false);
	return (cookie_check(key, &v->question, 0, quote->seq, now, &v->sent));
}

static bool
judge_error(const struct siphash_key *key, const struct packet *p, usec_t now, struct verdict *v)
{
	bool	 from_target = addr_equal(&p->src, &p->quote.dst);

	v->reason = error_reason(p->icmp_type, p->icmp_code);
	v->host = error_host(v->reason, from_target);
	v->port = PORT_FILTERED;
	if (!from_target)
		v->from = p->src;
	return (v->reason != REASON_UNKNOWN && addr_equal(&p->quote.src, &p->dst) &&
	    judge_quote(key, &p->quote, now, v));
}

static bool
judge_arp(const struct packet *p, struct verdict *v)
{
	v->question.src = p->dst;
	v->question.dst = p->src;
	v->question.kind = PROBE_ARP;
	v->reason = REASON_ARP_RESPONSE;
	v->host = HOST_UP;
	memcpy(v->mac, p->mac, sizeof(v->mac));
	v->ifindex = p->ifindex;
	return (true);
}

bool
judge(const struct siphash_key *key, const struct packet *p, usec_t now, struct verdict *v)
{
	bool	 proved = false;

	*v = (struct verdict){ .ttl = p->ttl };
	switch (p->kind) {
	case PACKET_TCP:
		proved = judge_tcp(key, p, now, v);
		break;
	case PACKET_ECHO_REPLY:
	case PACKET_TIMESTAMP_REPLY:
		proved = judge_icmp(key, p, now, v);
		break;
	case PACKET_ICMP_ERROR:
		proved = judge_error(key, p, now, v);
		break;
	case PACKET_ARP_REPLY:
		proved = judge_arp(p, v);
		break;
	case PACKET_OTHER:
		break;
	}
	if (v->sent > now)	/* cookie_check()'s slack; no RTT is negative */
		v->sent = now;
	return (proved);
}

bool
judge_own(const struct siphash_key *key, const struct packet *p, usec_t now)
{
	struct verdict	 v = {
		.question = { .src = p->src, .dst = p->dst, .port = p->dst_port }
	};

	return (p->kind == PACKET_TCP && p->tcp_flags == TCP_SYN &&
	    is_proved_tcp(key, PROBE_TCP_SYN, p->src_port, p->seq, now, &v));
}
