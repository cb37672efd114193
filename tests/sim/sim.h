/*
 * The simulator: a whole internet behind one TUN or TAP device, to measure scanners in.
 *
 * A scenario (scenario.c) says which hosts there are and how they behave.  What a host is like
 * (world.c) is a keyed hash of the scenario's seed, so that the same functions give the truth
 * to compare a scan with.  Times are nanoseconds; chances are fractions of 2^32.
 *
 * A probe goes through path.c, net.c, and answer.c; its reply goes back the same way, and waits
 * in later.c until it is due.
 */

#ifndef SIM_H
#define SIM_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define NAME_LEN	32
#define GROUPS_MAX	64
#define PATHS_MAX	16
#define ROUTES_MAX	16
#define ONLY_MAX	64
#define PACKET_MAX	2048
#define CHANCE_ONE	(UINT64_C(1) << 32)
#define SECOND		UINT64_C(1000000000)

enum direction { OUT, IN };
enum state { OPEN, CLOSED, SILENT, REJECT, STATES };
enum transport { TCP, UDP, TRANSPORTS };

struct range {
	uint32_t	 lo, hi;
};

struct ports {
	uint64_t	 word[65536 / 64];
	bool		 any;
};

/* A token bucket's shape; an interval of 0 is no limit. */
struct limit {
	uint64_t	 interval;	/* between tokens */
	uint64_t	 slack;		/* burst - 1 intervals */
};

/* Uniform, or with burst > 1 two states (Gilbert and Elliott): all lost, or nothing. */
struct loss {
	uint64_t	 rate;
	double		 burst;		/* mean length in packets */
	uint64_t	 enter, leave;	/* chances of a change of state */
};

/* A drop-tail queue: when each packet that is still in it will have left. */
struct queue {
	uint64_t	*departs;
	uint64_t	 free_at;
	uint32_t	 head, len, size;
};

struct path {
	char		 name[NAME_LEN];
	uint64_t	 id;
	double		 bandwidth;	/* Mbit/s; 0: without end */
	uint64_t	 queue_size;
	uint64_t	 rtt;
	struct loss	 loss[2];
	struct limit	 router_limit;
	uint32_t	 router;
	/* What changes. */
	struct queue	 queue[2];
	bool		 bad[2];
	uint64_t	 packets[2], lost[2], dropped[2];
	uint64_t	 router_bucket;
};

struct group {
	char		 name[NAME_LEN];
	struct range	 range;
	struct range	 only[ONLY_MAX];	/* offsets from range.lo */
	size_t		 nonly;
	uint64_t	 up;
	bool		 echo, timestamp;
	struct ports	 acks;
	struct ports	 listed[TRANSPORTS][STATES];
	uint64_t	 fraction[TRANSPORTS][STATES];
	int		 fallback[TRANSPORTS];	/* enum state */
	int		 absent;		/* SILENT or REJECT */
	uint64_t	 code, quote, ttl;
	uint32_t	 from;			/* of ICMP errors; 0: the host */
	char		 path_name[NAME_LEN];
	struct path	*path;
	uint64_t	 rtt, jitter;
	struct loss	 loss[2];
	uint64_t	 reorder, dup, late, late_by, forge;
	struct limit	 rst_limit, icmp_limit;
	bool		 tarpit, syncookie;
	uint64_t	 dies_after, dies_packets;
};

struct scenario {
	uint64_t	 seed;
	uint64_t	 chatter;		/* 0: none */
	char		 device[NAME_LEN];
	bool		 tap;
	struct range	 link;			/* the device's own prefix */
	uint32_t	 address, gateway;
	size_t		 ngroups, npaths;
	struct path	 path[PATHS_MAX];
	struct group	 group[GROUPS_MAX];
};

/* A packet of the scanner. */
struct probe {
	const uint8_t	*ip, *payload;		/* payload: after the transport header */
	size_t		 len, hlen, payload_len;
	uint32_t	 src, dst, seq, ack;
	uint16_t	 sport, dport;
	uint8_t		 proto, flags;		/* flags: TCP's, or the ICMP type */
};

/* What changes about a host that exists, from its first probe on. */
struct host {
	uint32_t		 addr;
	uint32_t		 probes, replies;
	bool			 bad[2];
	const struct group	*group;
	uint64_t		 first, rst_bucket, icmp_bucket;
};

/* A connection half open, as the host sees it. */
struct conn {
	struct conn	*next;
	uint32_t	 host, peer;
	uint16_t	 port, peer_port;
	uint32_t	 peer_seq;
	unsigned int	 sent;			/* SYN/ACKs */
};

enum stage { STAGE_BACK, STAGE_WRITE, STAGE_SYNACK, STAGE_CHATTER };

/* Something to do at its time. */
struct pending {
	enum stage		 stage;
	const struct group	*group;
	struct conn		 conn;		/* STAGE_SYNACK: a copy, to find it by */
	size_t			 len;
	uint8_t			 bytes[];
};

typedef void	 sim_output(void *, const uint8_t *, size_t);

struct sim {
	struct scenario	*scenario;
	uint64_t	 now;
	uint64_t	 forged;
	sim_output	*output;		/* a packet for the scanner, without link header */
	void		*arg;
};

/* draws.c */
enum draw {
	DRAW_UP, DRAW_PORT, DRAW_ISN, DRAW_LOSS_OUT, DRAW_LOSS_IN, DRAW_PATH_OUT, DRAW_PATH_IN,
	DRAW_JITTER, DRAW_LATE, DRAW_REORDER, DRAW_DUP, DRAW_FORGE, DRAW_FORGE_KIND
};
uint64_t	 draw(uint64_t seed, enum draw, uint64_t a, uint64_t b);
bool		 chance(uint64_t drawn, uint64_t fraction);
uint64_t	 below(uint64_t drawn, uint64_t end);
void		 loss_prepare(struct loss *);
bool		 loss_hits(const struct loss *, bool *bad, uint64_t drawn);
bool		 bucket_take(uint64_t *bucket, const struct limit *, uint64_t now);

/* values.c: what stands after a key; -1 when it is malformed. */
int		 set_fraction(const char *, void *);	/* 0.05 or 5% */
int		 set_ms(const char *, void *);
int		 set_number(const char *, void *);
int		 set_real(const char *, void *);
int		 set_yes(const char *, void *);
int		 set_state(const char *, void *);
int		 set_limit(const char *, void *);	/* PER_SECOND[:BURST] */
int		 set_ports(const char *, void *);	/* 1-5,80 or all */
int		 set_address(const char *, void *);	/* or "host": 0 */
int		 set_range(const char *, void *);	/* PREFIX, A-B or A */
int		 set_name(const char *, void *);
int		 set_rtt_late(const char *, void *);	/* struct group: FRACTION:SECONDS */
int		 set_dies(const char *, void *);	/* struct group: 5s or 100p */
int		 set_only(const char *, void *);	/* struct group */
int		 set_ping(const char *, void *);	/* struct group */
void		 ports_add(struct ports *, unsigned int);
bool		 ports_have(const struct ports *, unsigned int);

/* scenario.c: ends the program when the scenario is malformed. */
struct scenario	*scenario_parse(FILE *, const char *name);

/* world.c */
const struct group *world_find(const struct scenario *, uint32_t addr);
bool		 world_exists(const struct scenario *, const struct group *, uint32_t addr);
enum state	 world_port(const struct scenario *, const struct group *, uint32_t addr,
		    enum transport, uint16_t port);
bool		 world_mute(const struct group *);
int		 truth_write(const struct scenario *, const char *ports, FILE *);

/* packet.c */
#define FLAG_FIN	0x01
#define FLAG_SYN	0x02
#define FLAG_RST	0x04
#define FLAG_ACK	0x10
struct segment {
	uint32_t	 src, dst, seq, ack;
	uint16_t	 sport, dport, window, mss;	/* mss 0: no option */
	uint8_t		 flags, ttl;
};
uint32_t	 get32(const uint8_t *);
uint16_t	 get16(const uint8_t *);
void		 put32(uint8_t *, uint32_t);
void		 put16(uint8_t *, uint16_t);
uint16_t	 checksum(const uint8_t *, size_t, uint32_t sum);
uint32_t	 pseudo_sum(const uint8_t *ip, size_t len);
bool		 parse_probe(const uint8_t *, size_t, struct probe *);
size_t		 build_tcp(uint8_t *, const struct segment *);
size_t		 build_udp(uint8_t *, const struct probe *, uint8_t ttl);
size_t		 build_icmp(uint8_t *, const struct probe *, uint8_t type, uint8_t ttl);
size_t		 build_error(uint8_t *, const struct probe *, uint32_t from, uint8_t code,
		    size_t quote, uint8_t ttl);

/* path.c */
void		 queue_init(struct queue *, uint64_t size);
bool		 queue_pass(struct queue *, uint64_t *when, uint64_t time_on_wire);
bool		 path_pass(struct path *, uint64_t seed, enum direction, size_t len,
		    uint64_t *when);

/* state.c: hosts and half-open connections. */
struct host	*host_get(const struct group *, uint32_t addr, uint64_t now);
size_t		 hosts_touched(void);
uint32_t	 hosts_most_probes(void);
struct conn	*conn_find(const struct conn *);
struct conn	*conn_add(const struct conn *);
void		 conn_drop(const struct conn *);
void		 state_forget(void);

/* later.c */
struct pending	*pending_new(enum stage, const uint8_t *, size_t);
void		 later_add(uint64_t when, struct pending *);
uint64_t	 later_next(void);			/* UINT64_MAX: nothing waits */
struct pending	*later_take(uint64_t now);
void		 later_forget(void);

/* net.c */
void		 sim_start(struct sim *, uint64_t now);
void		 sim_packet(struct sim *, uint64_t now, const uint8_t *, size_t);
void		 sim_arp(struct sim *, uint64_t now, const uint8_t *, size_t);
void		 sim_due(struct sim *, uint64_t now);
void		 send_reply(struct sim *, const struct group *, struct host *, uint64_t when,
		    const uint8_t *, size_t);

/* answer.c */
void		 answer(struct sim *, struct host *, const struct probe *, uint64_t when);
void		 answer_again(struct sim *, const struct conn *, uint64_t when);
void		 answer_error(struct sim *, const struct group *, struct host *,
		    const struct probe *, uint8_t code, uint64_t when);

/* forge.c */
#define FORGERIES	8
void		 forge(struct sim *, const struct group *, const struct probe *, uint64_t when);
size_t		 build_forgery(uint8_t *, const struct probe *, unsigned int kind,
		    uint64_t drawn, uint8_t ttl);

/* device.c */
struct device {
	int			 fd;
	const struct scenario	*scenario;
	uint8_t			 mac[6];	/* the scanner's */
};
int		 device_open(struct device *, const struct scenario *);
ssize_t		 device_read(struct device *, struct sim *);
sim_output	 device_write;
uint64_t	 device_dropped(const char *name);
uint64_t	 clock_now(void);

/* stats.c */
enum counter {
	C_PROBES, C_BYTES, C_SYN, C_ACK, C_RST, C_TCP_OTHER, C_UDP, C_ECHO, C_TIMESTAMP,
	C_PROTO_OTHER, C_ARP, C_NOT_IPV4, C_MALFORMED, C_OUTSIDE, C_ABSENT, C_DEAD,
	C_LOST_OUT, C_LOST_IN, C_DROPPED_OUT, C_DROPPED_IN, C_REPLIES, C_REPLY_SYNACK,
	C_REPLY_RST, C_REPLY_ERROR, C_REPLY_OTHER, C_SYNACK_AGAIN, C_RST_LIMITED,
	C_ICMP_LIMITED, C_LATE, C_REORDERED, C_DUPLICATED, C_FORGED, C_WRITE_FAILED,
	COUNTERS
};
void		 count(enum counter);
void		 count_probe(const struct probe *, uint64_t now);
uint64_t	 counted(enum counter);
void		 stats_write(const struct scenario *, FILE *);
void		 stats_forget(struct scenario *);

#endif /* SIM_H */
