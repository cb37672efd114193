/*
 * The prober: builds probes, sends them, reads what strangers send back and says what it means.
 *
 * packet.c	parses packets: pure, hostile input
 * build.c	builds packets: pure
 * cookie.c	what makes a reply provable: pure
 * judge.c	what a packet says of a host or a port: pure
 * rtt.c	round-trip times and time-outs: pure
 * window.c	how many probes may be in flight: pure
 *
 * open.c	the sockets and the capture, while privileged
 * route.c	which way a packet to an address goes
 * flights.c	probes that wait for their reply, in a timing wheel
 * hosts.c	the hosts in hand
 * send.c	a probe leaves
 * order.c	in which order ports are probed
 * engine.c	who is probed next, and what a reply or a silence changes
 * results.c	what the parent will be told
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

struct cookie	 cookie_make(const struct siphash_key *, const struct question *, uint8_t tryno,
		    usec_t now);

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

/* judge.c: nmap's rules of what a reply means */

struct verdict {
	struct question	 question;	/* the probe that is answered */
	usec_t		 sent;		/* when it left; 0: not told (ARP) */
	uint8_t		 tryno;		/* which try it was, from 0; 0 when not told (ICMP, ARP) */
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

/* rtt.c: RFC 6298's estimator with nmap's bounds */

struct rtt {
	uint32_t	 srtt;		/* microseconds; 0: no sample yet */
	uint32_t	 rttvar;
	uint32_t	 timeout;	/* 0: no sample yet */
};

/* Take in a sample.  Implausible ones change nothing.  The time-out is kept in [min, max]. */
void		 rtt_sample(struct rtt *, int64_t sample, uint32_t min, uint32_t max);

/* window.c: RFC 5681's congestion window, counted in probes, with nmap's constants */

struct window {
	double		 cwnd;
	double		 ssthresh;
	uint32_t	 inflight;
	uint32_t	 resolved;	/* probes answered or given up */
	uint32_t	 answered;	/* and of them, answered */
	usec_t		 cut;		/* when the window was cut last */
};

void		 window_init(struct window *, uint32_t limit);
bool		 window_has_room(const struct window *);
void		 window_sent(struct window *);
/* A probe in flight was given up. */
void		 window_expired(struct window *);
/* A probe in flight was answered; fast: -T4 and up.  limit: the most it may grow to. */
void		 window_answered(struct window *, bool fast, uint32_t limit);
/*
 * A probe was lost: sent when, noticed now.  Loss within one flight counts once.  Gives what
 * the window shrank by: what the window over all is to shrink by too.
 */
double		 window_lost(struct window *, usec_t sent, usec_t now, uint8_t timing);
/* A host's window shrank by so much: the one over all too, but not below where it began. */
void		 window_share(struct window *all, double shrunk);

/* open.c */

/* Descriptors of the sealed prober; libpcap chooses its own from 4 to 9. */
enum { FD_RAW = 10, FD_ROUTE = 11, FD_ARP = 12 };

/*
 * Open all of it, on one interface or (iface NULL) on all, the ARP socket only if it is of use.
 * Ends the process when it can't.
 */
void		 root_open(const char *iface, bool arp);
/* To be polled for packets. */
int		 capture_fd(void);
/*
 * The next packet that is there: 1 and the packet, parsed, with the time the kernel took it in;
 * 0 when there is none; -1 when it can't be parsed (it is counted).
 */
int		 capture_next(struct packet *, usec_t *when);
void		 capture_stats(struct msg_stats *);
/* Send: 0, or -1 with errno (ENOBUFS and EAGAIN: later). */
int		 send_ip(const struct addr *dst, const uint8_t *packet, size_t len);
int		 send_arp(unsigned int ifindex, const uint8_t *packet, size_t len);

/* route.c */

struct route {
	struct addr	 src;		/* the address we send from */
	bool		 local;		/* the address is this machine's own */
	bool		 onlink;	/* on an Ethernet of ours: ARP reaches it */
	unsigned int	 ifindex;	/* onlink: that interface */
	const uint8_t	*mac;		/* onlink: its hardware address, 6 bytes */
};

/*
 * Read the interfaces (or only that one) and the routes without a gateway.  Before the seal.
 * False: there is no Ethernet on which ARP would be of use.
 */
bool		 root_routes(const char *iface);
/* FOUND; NONE: nowhere; NOBODY: it is no host's address (broadcast, multicast, reserved). */
enum route_found { ROUTE_FOUND, ROUTE_NONE, ROUTE_NOBODY };
/* Where would the kernel send a packet to this address? */
enum route_found	 route_to(const struct addr *, struct route *);

/* flights.c */

struct flight {
	uint32_t	 next;		/* in its slot of the wheel */
	uint32_t	 due;		/* milliseconds, as the wheel counts them */
	uint32_t	 host;
	uint32_t	 generation;	/* of the host, when it left */
	uint32_t	 probe : 20;	/* index in the host's step, or FLIGHT_WAKE */
	uint32_t	 tryno : 4;
	uint32_t	 zero : 8;
};

#define FLIGHTS_MAX	(1U << 20)
#define FLIGHT_MASK	0xfffffU	/* what fits into probe */
#define FLIGHT_WAKE	0xfffffU	/* no probe: the host's delay is over */

void		 flights_init(void);
/* Is there room for two more?  If not, nothing may be sent either. */
bool		 flights_room(void);
void		 flight_add(usec_t due, const struct flight *);
/* The next flight that is due: true, and a copy; it is gone from the wheel. */
bool		 flight_due(usec_t now, struct flight *);
/* When something may be due next: never later than it is, at most 100 ms from now. */
usec_t		 flights_next(usec_t now);

/* hosts.c */

/* The state of one probe in a host's current step. */
enum {
	PROBE_TRIES = 0x0f,	/* how often it was sent */
	PROBE_IN_FLIGHT = 0x10,
	PROBE_ANSWERED = 0x20,
	PROBE_FILTERED = 0x40,	/* answered, but only by an ICMP error: may yet be overruled */
};
#define TRIES_MAX	15

#define PINGS_STEP_MAX	PINGS_KINDS_MAX
#define NO_HOST		UINT32_MAX

/* A queue of hosts. */
struct queue {
	uint32_t	 head;
	uint32_t	 tail;
};

struct host {
	struct addr	 addr;
	struct addr	 src;
	unsigned int	 ifindex;	/* ARP */
	const uint8_t	*mac;		/* ARP: ours */
	uint32_t	 id;
	uint32_t	 generation;	/* changes with each step and each host */
	uint32_t	 hash_next;
	uint32_t	 queue_next;	/* in the queue it is in, both ways */
	uint32_t	 queue_prev;
	struct queue	*queue;		/* NULL: in none */
	uint8_t		 step;		/* STEP_PING, STEP_PORTS; 0: not in use */
	uint8_t		 steps;		/* that were ordered */
	bool		 waking;	/* a FLIGHT_WAKE is on its way */
	bool		 arp;
	uint8_t		 pass;		/* of the probes in this step, from 0 */
	uint8_t		 tries;		/* passes that are worth it */
	uint32_t	 cursor;	/* next probe of this pass */
	uint32_t	 nprobes;
	uint32_t	 open_probes;	/* of them, not answered */
	uint32_t	 sent;		/* probes, over all steps */
	uint8_t		*probe;		/* state of each */
	uint8_t		 ping[PINGS_STEP_MAX];	/* where that is while pinging */
	struct rtt	 rtt;
	struct window	 window;
	usec_t		 last_sent;
	usec_t		 deadline;	/* --host-timeout; 0: none (yet) */
};

/* Before the seal: map the memory that hosts_init() will divide up. */
void		 hosts_reserve(void);
/* Room for n hosts in hand, nslabs of them with slab_size probes.  Ends the process if not. */
void		 hosts_init(uint32_t n, uint32_t nslabs, uint32_t slab_size);
/* The host of an id: a lie when the id is out of range. */
struct host	*host_at(uint32_t id);
struct host	*host_find(const struct addr *);
/* A fresh host; NULL when its address is in hand already. */
struct host	*host_new(uint32_t id, const struct addr *);
void		 host_free(struct host *);
/* Probe states for the port step, all zero: false when all slabs are in use. */
bool		 host_slab(struct host *);
uint32_t	 hosts_count(void);
void		 queue_init(struct queue *);
void		 queue_put(struct queue *, struct host *);
struct host	*queue_take(struct queue *);
void		 queue_remove(struct host *);

/* send.c */

/* Before the seal: the key of the cookies. */
void		 send_init(void);
const struct siphash_key *send_key(void);
/*
 * Send a probe.  0, also when the kernel refuses it for good (it will be missed like a lost
 * one); -1 when its queue is full: nothing was sent, and nothing should be for a while.
 */
int		 send_probe(const struct host *, const struct question *, uint8_t tryno,
		    usec_t now);
/* A probe has left; when may the next, at so many in 1,000 seconds?  0: at once. */
usec_t		 send_pace(uint32_t max_rate, usec_t now);
/* Fill in what was sent and refused. */
void		 send_counted(struct msg_stats *);

/* order.c */

#define NOT_A_PORT	UINT32_MAX

/* A piece of the set of ports. */
void		 order_piece(const struct msg_ports *);
/* The set is whole: put it in order, and give its size. */
uint32_t	 order_make(uint64_t seed, bool rising);
uint16_t	 order_port(uint32_t place);
/* Where a port stands, or NOT_A_PORT. */
uint32_t	 order_place(uint16_t port);

/* engine.c */

/* Before the seal: memory. */
void		 engine_init(void);
void		 engine_config(const struct msg_probeconfig *);
/* The configuration is whole: after it, targets may come. */
void		 engine_start(void);
void		 engine_target(const struct target_entry *);
/* The parent is done with so many hosts that were in the port scan. */
void		 engine_release(uint32_t n);
void		 engine_reply(const struct verdict *, usec_t now);
/* Handle what is due and send what may be sent; false when there was nothing to send. */
bool		 engine_run(usec_t now);
/* When engine_run() has something to do next. */
usec_t		 engine_next(usec_t now);
/* Send nothing more. */
void		 engine_stop(usec_t now);
/* Stopped, and what was on its way has arrived or is late. */
bool		 engine_drained(usec_t now);
/* A packet came that proved to be no reply to us. */
void		 engine_invalid(void);
void		 engine_stats(struct msg_stats *);

/* results.c */

/* Is there room for one more port's result?  For hosts there always is. */
bool		 results_room(void);
void		 result_ping(const struct ping_entry *);
void		 result_port(uint32_t id, const struct port_entry *);
void		 result_done(const struct hostdone_entry *);
/* Send what there is room for; true when all of it went out. */
bool		 results_flush(struct chan *);

/* dispatch.c, privs.c */

usec_t		 prober_now(void);
extern const struct msg_row	 prober_rows[MSG_TYPES];
extern const struct privs	 prober_sheet;

#endif /* PROBER_H */
