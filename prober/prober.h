/*
 * The prober: builds probes, sends them, reads what strangers send back and says what it means.
 *
 * packet.c	parses packets: pure, hostile input
 * build.c	builds packets: pure
 * cookie.c	what makes a reply provable: pure
 * judge.c	what a packet says of a host or a port: pure
 */

#ifndef PROBER_H
#define PROBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "ipc.h"
#include "privs.h"
#include "siphash.h"
#include "state.h"

/* Time: microseconds of CLOCK_MONOTONIC. */
typedef uint64_t	 usec_t;

/* packet.c: RFC 791, 792, 9293, 826 */

enum packet_kind {
	PACKET_OTHER,		/* well formed, but nothing we ask for */
	PACKET_TCP,
	PACKET_ECHO_REPLY,	/* ICMP type 0 */
	PACKET_TIMESTAMP_REPLY,	/* ICMP type 14 */
	PACKET_ICMP_ERROR,	/* ICMP type 3 or 11, with what it quotes */
	PACKET_ARP_REPLY,	/* RFC 826 reply, IPv4 over Ethernet */
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32 };

/* The start of a packet of ours that an ICMP error quotes. */
struct quote {
	struct addr	 src;
	struct addr	 dst;
	uint8_t		 protocol;	/* IPPROTO_TCP or IPPROTO_ICMP, else nothing below is set */
	uint8_t		 icmp_type;
	uint16_t	 src_port;	/* TCP */
	uint16_t	 dst_port;
	uint32_t	 seq;		/* TCP sequence number, or ICMP identifier << 16 | sequence number */
};

struct packet {
	enum packet_kind kind;
	struct addr	 src;		/* ARP: sender protocol address */
	struct addr	 dst;		/* ARP: target protocol address */
	uint8_t		 ttl;
	uint8_t		 tcp_flags;
	uint8_t		 icmp_type;
	uint8_t		 icmp_code;
	uint16_t	 src_port;
	uint16_t	 dst_port;
	uint32_t	 seq;		/* TCP */
	uint32_t	 ack;		/* TCP */
	uint32_t	 id_seq;	/* ICMP identifier << 16 | sequence number */
	struct quote	 quote;		/* PACKET_ICMP_ERROR */
	uint8_t		 mac[6];	/* ARP: sender hardware address */
};

/*
 * Parse an IPv4 packet that begins at p, of which len bytes were captured.  0, or -1 when it
 * is truncated, a later fragment, or contradicts itself.  Checksums are left to the kernel
 * (it does not deliver on AF_PACKET what it has yet to verify; a forger can make them anyway).
 */
int	 parse_ipv4(const uint8_t *p, size_t len, struct packet *);

/* The same for an ARP packet (the bytes after the link header). */
int	 parse_arp(const uint8_t *p, size_t len, struct packet *);

/* cookie.c */

/*
 * A probe carries two values that only the prober can make: a source port and a 32-bit
 * number (TCP sequence and acknowledgment number, or ICMP identifier and sequence number).
 * The number is a keyed hash of who asks whom what, plus the time of sending in units of
 * 64 microseconds, so that whatever a reply echoes tells which probe it answers and when that
 * one left, without a table.  A reply is believed for COOKIE_AGE.
 */
#define COOKIE_AGE	((usec_t)16 * 1000 * 1000)
#define SPORT_BASE	32768	/* source ports are SPORT_BASE to SPORT_BASE + SPORT_COUNT - 1 */
#define SPORT_COUNT	16384

/* What is asked of whom: the part of a probe that all its retransmissions share. */
struct question {
	struct addr	 src;	/* ours */
	struct addr	 dst;	/* the target */
	uint8_t		 kind;	/* enum probe_kind */
	uint16_t	 port;	/* the target's; 0 for ICMP and ARP */
};

struct cookie {
	uint16_t	 sport;	/* TCP source port */
	uint32_t	 number;
};

struct cookie	 cookie_make(const struct siphash_key *, const struct question *, usec_t now);

/*
 * Was the number made for this question, at most COOKIE_AGE before now and not after it (a
 * slack of one unit either way)?  True, and when it was sent in *sent.
 */
bool		 cookie_check(const struct siphash_key *, const struct question *, uint32_t number,
		    usec_t now, usec_t *sent);

/* build.c */

#define PROBE_SIZE	64	/* no probe is longer */

/*
 * Build the IPv4 packet (with its header: RFC 791; TCP with an MSS option of 1460 for SYN, as
 * nmap sends) or the ARP request (RFC 826, without link header) that asks the question.
 * id is the IPv4 identification, ttl 0 is not allowed.  mac is our hardware address (ARP only).
 * The length.
 */
size_t		 build_probe(uint8_t buf[PROBE_SIZE], const struct question *, struct cookie,
		    uint16_t id, uint8_t ttl, const uint8_t mac[6]);

/* judge.c: section B of nmap's rules, in the README of this project's terms */

struct verdict {
	struct question	 question;	/* the probe that is answered */
	usec_t		 sent;		/* when it left; 0: not told (ARP) */
	uint8_t		 host;		/* enum host_state: what it says when it answers a ping */
	uint8_t		 port;		/* enum port_state: what it says when it answers a port probe */
	uint8_t		 reason;
	uint8_t		 ttl;
	struct addr	 from;		/* who says so; FAMILY_NONE: the target itself */
	uint8_t		 mac[6];
};

/*
 * What does the packet, received at now, answer?  True when it is provably a reply to a probe
 * of ours (its cookie is right, and for ICMP errors the quoted packet is one of ours, whole in
 * addresses, ports and number), with the verdict; false for all else.  A reply that says
 * nothing (other ICMP codes, a TCP segment that is neither SYN nor RST) is false too.
 *
 * Port probe: SYN+ACK or SYN open, RST closed; ICMP type 3 codes 0,1,2,3,9,10,13 and type 11
 * filtered.  Ping: echo, timestamp and ARP replies, RST, SYN+ACK up; type 3 codes 2 and 3 from
 * the target itself up; type 11 down; other type 3 UNKNOWN (a hint only).
 */
bool		 judge(const struct siphash_key *, const struct packet *, usec_t now,
		    struct verdict *);

#endif /* PROBER_H */
