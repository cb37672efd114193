/*
 * The prober: builds probes, sends them, reads what strangers send back and says what it means.
 *
 * packet.c	parses packets: pure, hostile input
 * build.c	builds packets: pure
 * cookie.c	what makes a reply provable: pure
 * judge.c	what a packet says of a host or a port: pure
 *
 * open.c	the sockets, and what leaves by them
 * capture.c	what comes in, and when
 * route.c	which way a packet to an address goes
 * blocks.c	addresses that all go one way
 * gateways.c	the gateways' addresses on their links, for --send-eth
 * send.c	a probe leaves
 * order.c	in which order ports are probed
 * engine.c and others	whom to probe, when, how fast, how often: engine.h, estimators.h
 * results.c	what the parent will be told
 * turns.c	packets in, probes out
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

enum { TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };

/* The start of a packet of ours that an ICMP error quotes. */
struct quote {
	struct addr	 src;
	struct addr	 dst;
	uint8_t		 protocol;	/* IPPROTO_TCP or IPPROTO_ICMP, else nothing below is set */
	uint8_t		 icmp_type;
	uint16_t	 src_port;	/* TCP */
	uint16_t	 dst_port;
	uint32_t	 seq;		/* TCP; or ICMP identifier << 16 | sequence number */
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
	unsigned int	 ifindex;	/* where it came in; 0: the capture does not say */
};

/*
 * Parse an IPv4 packet that begins at p, of which len bytes were captured.  0, or -1 when it
 * is truncated, a later fragment, or contradicts itself.  Checksums are left to the kernel
 * (it does not deliver on AF_PACKET what it has yet to verify; a forger can make them anyway).
 */
int	 parse_ipv4(const uint8_t *p, size_t len, struct packet *);

/* The same for an ARP packet (the bytes after the link header). */
int	 parse_arp(const uint8_t *p, size_t len, struct packet *);

/*
 * Find what follows the link header of a captured packet; link is libpcap's type of it (DLT_).
 * Gives its EtherType, with *p and *len past the header and in *ifindex where it came in (0: the
 * link type does not say); -1 when it is truncated, or of a type that parse_link_knows() not.
 */
int	 parse_link(int link, const uint8_t **p, size_t *len, unsigned int *ifindex);
bool	 parse_link_knows(int link);

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

/* Time in the cookie's units, which a reply brings back. */
#define COOKIE_UNIT	((usec_t)64)

/*
 * Each try of a question has a number, and so a source port, of its own: those of a ping, of
 * the canaries (in turn), and of a port scan.
 */
enum { TRY_PING = 0, TRY_CANARY = 8, TRY_PORT = 16, TRIES = 32 };

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

struct cookie	 cookie_make(const struct siphash_key *, const struct question *, uint8_t tryno,
		    usec_t now);

/* The same in two steps: first what all questions have in common that we ask one target. */
struct siphash	 cookie_begin(const struct siphash_key *, const struct question *);
struct cookie	 cookie_end(const struct siphash *, const struct question *, uint8_t tryno,
		    usec_t now);

/*
 * Was the number made for this try of this question (of ICMP: for any), at most COOKIE_AGE before
 * now and not after it (a slack of one unit either way)?  True, and when it was sent in *sent.
 */
bool		 cookie_check(const struct siphash_key *, const struct question *, uint8_t tryno,
		    uint32_t number, usec_t now, usec_t *sent);
/* Is this the source port of a try of this question?  True, and of which. */
bool		 cookie_try(const struct siphash_key *, const struct question *, uint16_t sport,
		    uint8_t *tryno);

/* build.c */

#define PROBE_SIZE	64	/* no probe is longer */

/*
 * Build the IPv4 packet (with its header: RFC 791; TCP with an MSS option of 1460 for SYN, as
 * nmap sends) or the ARP request (RFC 826, without link header) that asks the question.
 * id is the IPv4 identification, ttl 0 is not allowed.  mac is our hardware address (ARP only).
 * The length; 0: there is no such packet (another kind of question, or of address).
 */
size_t		 build_probe(uint8_t buf[PROBE_SIZE], const struct question *, struct cookie,
		    uint16_t id, uint8_t ttl, const uint8_t mac[6]);

/* An Ethernet frame (IEEE 802.3, 3.2; RFC 894), all of it bytes: nothing stands between. */
struct frame {
	uint8_t	 dst[6];
	uint8_t	 src[6];
	uint8_t	 type[2];
	uint8_t	 packet[PROBE_SIZE];
};
#define FRAME_HEADER	offsetof(struct frame, packet)

/* Build what stands before the packet.  type is its EtherType. */
void		 build_frame(struct frame *, const uint8_t dst[6], const uint8_t src[6],
		    uint16_t type);

/* judge.c: nmap's rules of what a reply means */

struct verdict {
	struct question	 question;	/* the probe that is answered */
	usec_t		 sent;		/* when it left; 0: not told (ARP) */
	uint8_t		 tryno;		/* which try it was; 0 when not told (ICMP, ARP) */
	uint8_t		 host;		/* enum host_state of a host that was pinged */
	uint8_t		 port;		/* enum port_state of a port that was probed */
	uint8_t		 reason;
	uint8_t		 ttl;
	struct addr	 from;		/* who says so; FAMILY_NONE: the target itself */
	uint8_t		 mac[6];
	unsigned int	 ifindex;	/* as the packet's */
};

/*
 * What does the packet, received at now, answer?  True when it is provably a reply to a probe
 * of ours (its cookie is right, and for ICMP errors the quoted packet is one of ours, whole in
 * addresses, ports and number), with the verdict; false for all else.  A reply that says
 * nothing (other ICMP codes, a TCP segment that is neither SYN nor RST) is false too.
 *
 * Port probe: SYN+ACK open (a bare SYN proves nothing), RST closed; ICMP type 3 codes 0, 1, 2,
 * 3, 9, 10, 13 and type 11 filtered.  Ping: echo, timestamp and ARP replies, RST, SYN+ACK up;
 * type 3 codes 2 and 3 from the target itself up; type 11 down; other type 3 UNKNOWN (a hint
 * only).
 */
bool		 judge(const struct siphash_key *, const struct packet *, usec_t now,
		    struct verdict *);
/* Is it provably a SYN of ours, to this machine itself, whose loopback has brought it in? */
bool		 judge_own(const struct siphash_key *, const struct packet *, usec_t now);

/* open.c */

/* Descriptors of the sealed prober; libpcap chooses its own from 4 to 9. */
enum { FD_RAW = 10, FD_ROUTE = 11, FD_PACKET = 12 };
#define PACKET_SOCKETS	16	/* from FD_PACKET on: link n of route.c has FD_PACKET + n */

/*
 * Open all of it and the capture, on one interface or (iface NULL) on all; packet sockets only
 * for frames, one for each link that root_routes() found.  Ends the process when it can't.
 */
void		 root_open(const char *iface, bool frames);

#define BATCH_MAX	64	/* parcels in one system call */

/* A packet that is to leave. */
struct parcel {
	struct addr	 dst;		/* whom to, by FD_RAW */
	int		 fd;		/* FD_RAW, or the packet socket of a link */
	uint16_t	 len;		/* of the packet */
	struct frame	 frame;		/* by FD_RAW: its packet alone */
	uint8_t		 tryno;		/* what it is for: TRY_PING and the like */
};
_Static_assert(offsetof(struct parcel, frame.packet) % 4 == 0, "an IP header is not aligned");

/*
 * Hand packets, at most BATCH_MAX, to the kernel, all of them by the same socket: how many it
 * took, from the first on.  Fewer than n: it has refused the next one for good, or (not refused)
 * its queue is full, or link or route are gone.
 */
unsigned int	 transmit(const struct parcel [], unsigned int n, bool *refused);

/* capture.c */

enum { CAPTURE_IP, CAPTURE_ARP, CAPTURES };

/* On one interface or (iface NULL) on all.  Ends the process when it can't. */
void		 root_open_captures(const char *iface, bool arp);
/* To be polled for packets; -1: there is no such capture. */
int		 capture_fd(unsigned int which);
/*
 * The next packet that is there: 1 and the packet, parsed, with the time the kernel took it in;
 * 0 when there is none; -1 when it can't be parsed (it is counted).
 */
int		 capture_next(struct packet *, usec_t *when);
/* Fill in what was received; add what was dropped, and what can't be parsed as invalid. */
void		 capture_stats(struct msg_stats *);

/* route.c */

/* A way out of this machine, shared by all the targets that it leads to. */
struct route {
	struct addr	 src;		/* the address we send from */
	int		 fd;		/* FD_RAW, or by which packet socket its frames leave */
	unsigned int	 ifindex;	/* of frames: on which link; else 0, as mac */
	uint8_t		 mac[6];	/* our hardware address there */
	struct addr	 gateway;	/* the next hop; FAMILY_NONE: the target itself */
	uint8_t		 gateway_mac[6]; /* zero: not known */
};
#define ROUTES_MAX	256

/* Which of them a target takes, and where it is. */
struct way {
	uint16_t	 route;
	bool		 local;		/* the address is this machine's own */
	bool		 onlink;	/* on an Ethernet of ours: ARP reaches it */
};

/*
 * Read the links (or only that one) and the routes.  Before the seal.  A link is an Ethernet with
 * ARP and an IPv4 address; of those after the first PACKET_SOCKETS nothing is known: what goes
 * their way, or by a tunnel, leaves by raw IP alone, and without ARP of ours.
 * False: there is no link on which ARP would be of use.
 */
bool		 root_routes(const char *iface);
/* The interface's index of link n, counted from 0; 0: there is none. */
unsigned int	 root_link_index(int n);
/* FOUND; NONE: nowhere; NOBODY: it is no host's address (broadcast, multicast, reserved). */
enum route_found { ROUTE_FOUND, ROUTE_NONE, ROUTE_NOBODY };
/*
 * Where would the kernel send a packet to this address?  What it said up to a second before now
 * still holds, also of other addresses of the block that this one is in (blocks.c).
 */
enum route_found	 route_to(const struct addr *, usec_t now, struct way *);
const struct route *route_at(uint16_t);
/* After root_routes(), for frames: find the gateways' hardware addresses, for up to a second. */
void		 root_routes_frames(void);

/* blocks.c */

/* Before the seal: read which blocks of addresses are one. */
void		 root_blocks(void);
/* The way to an address (in host byte order).  False: ask the kernel. */
bool		 block_way(uint32_t ip, usec_t now, struct way *);
/* The kernel was asked: the way to the whole block, if it is one. */
void		 block_learn(uint32_t ip, usec_t now, const struct way *);

/* gateways.c */

struct gateway {
	struct addr	 addr;
	unsigned int	 ifindex;
	uint8_t		 mac[6];	/* zero: not known */
};

/* Fill in the mac of those that the kernel knows, or gets to know within a second. */
void		 root_find_gateways(struct gateway [], unsigned int n);

/* send.c */

struct host;

/* Before the seal: the key of the cookies.  frames: --send-eth. */
void		 send_init(bool frames);
const struct siphash_key *send_key(void);
/* Is there room in the batch for one more probe? */
bool		 send_room(void);
/*
 * Put a probe into the batch, in which there is room.  One that the kernel then refuses for good
 * is missed like a lost one, and counted.
 */
void		 send_probe(const struct host *, const struct question *, struct cookie,
		    uint8_t tryno);
/*
 * Send the batch.  False: part of it is left for the next call, for the kernel's queue is full, or
 * link or route are gone.
 */
bool		 send_flush(void);
/* Fill in what was sent, for what, and refused. */
void		 send_counted(struct msg_stats *);

/* order.c */

#define NOT_A_PORT	UINT32_MAX

/* A piece of the set of ports. */
void		 order_piece(const struct msg_ports *);
/* The set is whole: put it in order, and give its size. */
uint32_t	 order_make(uint64_t seed, bool rising);
/* The port at a place, which is below that size. */
uint16_t	 order_port(uint32_t place);
/* Where a port stands, or NOT_A_PORT. */
uint32_t	 order_place(uint16_t port);

/* results.c */

/* Is there room for one more port's result?  For hosts and progress there always is. */
bool		 results_room(void);
/* Are there so many that the parent should have them now? */
bool		 results_many(void);
/* The host is up or down: its state and the rest are in it. */
void		 result_ping(const struct host *);
void		 result_port(uint32_t id, const struct port_entry *);
/* The host is through: once that is told, it is no longer in use. */
void		 result_done(struct host *);
/* Send what there is room for; true when all of it went out. */
bool		 results_flush(struct chan *);

/* turns.c */

/*
 * Take in what packets there are, for a while: were there any?  asked: the configuration is whole.
 * Before, nothing was asked, so nothing is an answer, and nothing is to be sent.
 */
bool		 turn_packets(bool asked);
/*
 * Send probes, for a while; *now is its last look at the clock.  False: there are none that may be
 * sent at once.
 */
bool		 turn_probes(bool asked, usec_t *now);

/* dispatch.c, privs.c */

usec_t		 prober_now(void);
extern const struct msg_row	 prober_rows[MSG_TYPES];
extern const struct privs	 prober_sheet;

#include "estimators.h"
#include "engine.h"

#endif /* PROBER_H */
