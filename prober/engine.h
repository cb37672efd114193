/*
 * The engine: whom to probe, when, how fast and how often.  It is the second half of prober.h,
 * which has the packets and how they leave and arrive; what is pure is in estimators.h.
 *
 * hosts.c	the hosts in hand
 * wheel.c	hosts that wait for their time
 * near.c	round-trip times of neighbours
 * flying.c	probes in flight, where their number is bounded
 * watch.c	hosts that are done, as canaries of a sweep
 * ping.c	is a host up?
 * ports.c	what is known of each port of a host: pure
 * passes.c	what they have shown of a host: is another needed?
 * scan.c	the ports of a host: passes, canaries, limits
 * progress.c	how far port scans have come
 * flow.c	how fast all hosts are probed
 * engine.c	who is probed next, and what a reply or a silence changes
 */

#ifndef ENGINE_H
#define ENGINE_H

/* hosts.c */

#define NO_HOST		UINT32_MAX

/* Where a host is queued: in one place at most. */
enum { IN_NONE, IN_READY, IN_WAITING, IN_WHEEL, IN_DUE, IN_DONE };

#define NO_SCAN		UINT32_MAX

struct scan;

/* A million of them may be in hand, so there is nothing here that only few of them need. */
struct host {
	struct addr	 addr;
	uint32_t	 hash_next;
	uint32_t	 next, prev;	/* in the queue it is in */
	uint32_t	 due;		/* IN_WHEEL: ticks */
	struct rtt	 rtt;
	uint32_t	 sent;		/* probes, over all steps */
	uint32_t	 last_sent;	/* in the cookie's units */
	union {
		struct {
			uint32_t	 scan;	/* its place; NO_SCAN: none */
			uint8_t		 mac[6];	/* its own, by ARP; zero: not known */
		};
		struct addr	 from;	/* HOST_DOWN: who said so */
	};
	struct way	 way;
	uint8_t		 in;		/* IN_READY and the like */
	uint8_t		 step;		/* STEP_PING, STEP_PORTS; 0: not in use */
	uint8_t		 steps;		/* that were ordered */
	uint8_t		 pass;		/* of the probes in this step, from 0 */
	uint8_t		 cursor;	/* STEP_PING: next probe of this pass */
	uint8_t		 answer;	/* which ping was answered */
	uint8_t		 state;		/* as in PINGS, like the next */
	uint8_t		 reason;
	uint8_t		 ttl;
	uint8_t		 outcome;	/* as in HOSTSDONE, like the next */
	uint16_t	 coverage;
};

/* Before the seal: map the memory that hosts_init() will divide up. */
void		 hosts_reserve(void);
/* Room for n hosts in hand, nscans of them with nports ports.  Ends the process if not. */
void		 hosts_init(uint32_t n, uint32_t nscans, uint32_t nports);
/* The host of an id: a lie when the id is out of range. */
struct host	*host_at(uint32_t id);
uint32_t	 host_id(const struct host *);
struct host	*host_find(const struct addr *);
/* A fresh host; NULL when its address is in hand already. */
struct host	*host_new(uint32_t id, const struct addr *);
/* No packet will find it any more, and the room of its scan is free for another. */
void		 host_end(struct host *);
/* Find room for its port scan, all zero: false when there is none. */
bool		 host_begin_scan(struct host *);
/* NULL: it has none. */
struct scan	*host_scan(const struct host *);
/* The hosts that have one, in no order: the next from *place on, which is moved; NULL: no more. */
struct host	*host_scanned(uint32_t *place);

/* A queue of hosts, first in, first out. */
struct queue {
	uint32_t	 head;
	uint32_t	 tail;
};

void		 queue_init(struct queue *);
/* Ends the process when the host is in a queue, or in the wheel. */
void		 queue_put(struct queue *, struct host *, uint8_t in);
/* NULL: it is empty. */
struct host	*queue_first(const struct queue *);
struct host	*queue_take(struct queue *);
/* The first, which there is, becomes the last. */
void		 queue_rotate(struct queue *);
void		 queue_remove(struct queue *, struct host *);

/* wheel.c */

void		 wheel_init(usec_t now);
/* For so long (microseconds) nobody's time has passed; wheel_due() was not called meanwhile. */
void		 wheel_stood(usec_t as_long);
/* The host is in no queue; it waits until then. */
void		 wheel_put(struct host *, usec_t due);
/* A host whose time has come, out of the wheel again; NULL: none. */
struct host	*wheel_due(usec_t now);
void		 wheel_remove(struct host *);
/* When a host may be due next: never later than it is, at most 100 ms from now. */
usec_t		 wheel_next(usec_t now);

/* near.c */

/* A host has this round-trip time: a hint for others with the same first 24 bits. */
void		 near_learn(const struct addr *, uint32_t sample);
/* Its neighbours' round-trip time, srtt 0 when nothing is known of them. */
struct rtt	 near_rtt(const struct addr *);

/* flying.c */

/*
 * At most so many probes in flight, FLYING_MAX at most; 0: they are not counted.  None is for
 * longer than that (microseconds) or a second: who makes out to be far may not hold up others.
 */
#define FLYING_MAX	1024
void		 flying_init(uint32_t most, uint32_t longest);
bool		 flying_room(usec_t now);
/* When one of them will be given up, if none is answered. */
usec_t		 flying_next(void);
/* One leaves, whose reply is waited for so long: microseconds. */
void		 flying_add(const struct question *, usec_t now, uint32_t timeout);
void		 flying_answered(const struct question *);

/* watch.c */

/* A host is up and done; the question is one that it answered. */
void		 watch_begin(const struct host *, const struct question *);
/*
 * Send a canary to one of them, for which there is room: true.  False: none may be asked now.
 * Canaries that are now known to be lost are in *lost either way.
 */
bool		 watch_turn(usec_t now, struct tally *lost);
/* A reply to one of those canaries: true, and the time in queues. */
bool		 watch_reply(const struct verdict *, usec_t now, uint32_t *queue);

/* ping.c */

void		 ping_init(const struct msg_probeconfig *);
/* Send the host's next probe, for which there is room, or none yet.  What then: */
enum turn { TURN_AGAIN, TURN_LATER, TURN_OVER };	/* LATER: *when */
enum turn	 ping_turn(struct host *, usec_t now, usec_t *when);
/* Is it a reply to one of the host's pings?  Then which, and how long it took, is in the host. */
bool		 ping_reply(struct host *, const struct verdict *, usec_t now);
/* Does the ping that it answered make a canary?  Not if by ARP (no cookie) or an ICMP error. */
bool		 ping_canary(const struct host *);

/* ports.c */

/* What is known of a port. */
enum { PORT_UNASKED, PORT_SAID, PORT_SURE };	/* SAID: by an ICMP error, may be overruled */

#define CANARIES	32	/* at once, of one host */

/* Canaries cease, and may come again: an outage, a limit of resets, or the host's end. */
enum { MUTE_NEVER, MUTE_ONCE, MUTE_NOW };

/* How far a scan is, as in PROGRESS. */
struct reach {
	uint32_t	 cursor;
	uint8_t		 pass;
};

/* The port scan of one host. */
struct scan {
	struct siphash	 cookies;	/* of its probes, begun */
	struct pace	 pace;
	struct tally	 tally;		/* of its canaries in this pass */
	struct tally	 total;		/* and in all passes */
	struct tally	 reset_canaries; /* of those that are resets, while they come */
	double		 loss;		/* in the pass before, as estimated */
	double		 missed;	/* the share of answers that no pass before has got */
	uint64_t	 clear;		/* nanoseconds: when the next probe is due at this pace */
	usec_t		 deadline;	/* --host-timeout; 0: none */
	usec_t		 ended;		/* the last pass: when its last probe was sent */
	usec_t		 ended_before;	/* and the pass before */
	struct limit	 limit;
	struct reach	 told;		/* to the parent */
	struct reach	 settled;	/* asked so far, and answered or lost */
	struct reach	 noted;		/* asked so far by then: */
	usec_t		 noted_at;
	uint32_t	 host;		/* whose it is; NO_HOST: nobody's */
	uint32_t	 rtt_min;	/* the least that was seen; 0: none was */
	uint32_t	 cursor;	/* next port of this pass, by its place in the order */
	uint32_t	 window;	/* flow_window() of the last turn */
	uint32_t	 window_cursor;	/* where the cursor was when that window began, */
	uint32_t	 window_before;	/* and the one before */
	uint32_t	 left;		/* ports without an answer */
	uint32_t	 gained;	/* ports that answered themselves in this pass */
	uint32_t	 gained_before;	/* and in the pass before */
	uint32_t	 resets;	/* ports that said that they are closed in this pass */
	uint32_t	 resets_before;	/* and in the pass before */
	uint32_t	 last_reset;	/* the last place, in the order, of such a port */
	uint64_t	 reset_places;	/* and all of their places in this pass, added up */
	uint32_t	 canary[CANARIES];	/* when they left, in the cookie's units; 0: none */
	uint16_t	 canary_port;
	uint16_t	 open_port;	/* 0: none is known */
	uint8_t		 canary_kind;	/* enum probe_kind; NONE: nothing is known to answer */
	bool		 canary_resets;	/* it answers with a reset */
	uint8_t		 ncanary;	/* sent so far */
	uint8_t		 since;		/* probes since the last canary */
	uint8_t		 silent;	/* windows in a row in which no canary was answered */
	uint8_t		 last;		/* canaries at the end of this pass, */
	bool		 heard;		/* and one of those was answered */
	uint32_t	 unheard;	/* canaries in a row, by windows, that were not */
	bool		 hushed;	/* the canary is asked at the end of passes only */
	bool		 limited;	/* it limits its resets: slow passes, canaries hushed */
	bool		 early;		/* resets of the pass before came early in it */
	bool		 resting;	/* between passes */
	uint8_t		 mute;		/* of its canaries: MUTE_NEVER and the like */
	bool		 awaits;	/* stands still until what is known of it is told */
	bool		 row;		/* of which a part was told */
	uint8_t		 begun;		/* the first pass of this run */
	uint8_t		 again;		/* how often ports were asked again within a pass */
	uint8_t		 respite;	/* the pass after a longer rest; 0: there was none */
	uint64_t	 ports[];	/* two bits each */
};

/* 0: nothing yet; else as port_know() was told: what, one to three, which the caller chooses. */
unsigned int	 port_known(const struct scan *, uint32_t place);
void		 port_know(struct scan *, uint32_t place, uint64_t what);
/* Move the cursor to the next port without an answer, nports when there is none: where it is. */
uint32_t	 port_next(struct scan *, uint32_t nports);

/* passes.c */

void		 passes_init(const struct msg_probeconfig *, uint32_t nports);
/* A pass begins, or goes on, where the cursor is. */
void		 passes_begin(struct scan *);
/*
 * Within a pass: have so many probes at once been lost that their ports must be asked again?  True:
 * the cursor was moved back.
 */
bool		 passes_again(const struct host *, struct scan *);
/*
 * Among the ports so many canaries were asked, and lost.  Of resets, which may be limited as well
 * as lost, that tells whether they ceased, of others how much the path loses.  False: for so long
 * none was answered that they tell nothing any more.
 */
bool		 passes_canaries(struct scan *, const struct tally *);
/* All ports were asked in this pass: do only canaries tell that the host is still there? */
bool		 passes_ask(const struct scan *);
/* They were asked, if so, and answered or lost. */
void		 passes_asked(struct scan *);
/*
 * A pass is over: is a longer rest needed before the next, for a limit to show?  Only once, and
 * then there is a next.
 */
bool		 passes_respite(const struct host *, struct scan *);
/*
 * A pass is over and its replies are in or late: shall there be another, of so many seconds?  0:
 * as the pace is.
 */
bool		 passes_more(const struct host *, struct scan *, double *seconds);
/* How many of the answers that there are have come, as far as one can tell: as in HOSTSDONE. */
uint16_t	 passes_coverage(const struct host *, const struct scan *);

/* scan.c */

void		 scan_init(const struct msg_probeconfig *, uint32_t nports);
/* The host's room for a scan is new: begin. */
void		 scan_begin(struct host *, usec_t now);
/* As ping_turn(); of probes that are due, a few. */
enum turn	 scan_turn(struct host *, usec_t now, usec_t *when);
/* A reply to one of its probes.  False: it changes nothing. */
bool		 scan_reply(struct host *, const struct verdict *, usec_t now);
/*
 * What is known of a host whose scan awaits it: true when that is all, and the scan may go on.
 * Ends the process when it can't be.
 */
bool		 scan_known(struct host *, const struct msg_known *, usec_t now);

/* progress.c */

/* Milliseconds between two rounds of telling the parent; 0: it is told nothing. */
void		 progress_init(uint32_t checkpoint, usec_t now);
/* Begin a round when its time has come. */
void		 progress_turn(usec_t now);
/*
 * Begin the last round: nothing is sent any more, and has not been for so long (microseconds), for
 * which replies were waited for.  0: probes are left that the kernel had no room for.
 */
void		 progress_last(usec_t idle);
/* A round is not over, for all the results before it, and the next is due: no more results. */
bool		 progress_late(void);
/* Tell what there is room for; true when the round is over. */
bool		 progress_flush(struct chan *);

/* flow.c */

void		 flow_start(const struct msg_probeconfig *, usec_t now);
/* May a probe leave now? */
bool		 flow_room(usec_t now);
/*
 * A probe was put into the batch; it is a canary if flow_canary_sent() was called before, which
 * tells how fast to go, or only that a host is there.
 */
void		 flow_sent(usec_t now);
void		 flow_canary_sent(bool tells);
/* The canary that left then came back: as pace_answered(). */
void		 flow_canary_answered(usec_t sent, usec_t now, uint32_t queue);
/* Canaries were judged, and tell what the path loses, or not: what they answer may be limited. */
void		 flow_canaries(const struct tally *, bool tells);
/* Nothing has told for a while how a sweep fares. */
bool		 flow_wants_canary(void);
/* There is nobody to be asked: ask again as much later. */
void		 flow_without_canary(void);
/* Time goes by in windows, by each of which the rate is judged: the number of this one. */
uint32_t	 flow_window(void);
/* Was it so fast that a queue overflowed?  Known when it is over, for 63 windows. */
bool		 flow_flooded(uint32_t window);
/* The round-trip time of canaries of all hosts. */
const struct rtt *flow_rtt(void);
/* What is lost over all, and of it, what is not the rate's fault. */
const struct tally *flow_tally(void);
double		 flow_base(void);
/* Change the rate when there is something to judge it by. */
void		 flow_judge(usec_t now);
/*
 * Send the batch.  False: part of it is held back, for want of room or since the link or the route
 * is gone.  flow_open() is the same before more is put into the batch.  While it is false no host
 * becomes due: the time-outs of what is held back begin when it leaves.  Ends the process when
 * nothing leaves for ten seconds.
 */
bool		 flow_flush(usec_t now);
bool		 flow_open(usec_t now);
/* Is part of the batch held back? */
bool		 flow_full(void);
/* How long ago the last probe left: microseconds; 0: some have not yet. */
usec_t		 flow_idle(usec_t now);
/* How long all in all no host has become due: microseconds. */
usec_t		 flow_stood(void);
/* When something may leave: what is held back, or (more) another probe; UINT64_MAX: nothing. */
usec_t		 flow_next(usec_t now, bool more);
/* When the last that was sent is answered, or late. */
usec_t		 flow_late(void);
/* Fill in what canaries told. */
void		 flow_stats(struct msg_stats *);

/* engine.c */

/* Before the seal: memory. */
void		 engine_init(usec_t now);
void		 engine_config(const struct msg_probeconfig *);
/* The configuration is whole: after it, targets may come. */
void		 engine_start(usec_t now);
/* Ends the process when the id, or the address, is in hand already. */
void		 engine_target(const struct target_entry *, usec_t now);
/* The parent is done with so many hosts that were in the port scan. */
void		 engine_release(uint32_t n, usec_t now);
/* What is known of the ports of a host that was given with STEP_KNOWN. */
void		 engine_known(const struct msg_known *, usec_t now);
void		 engine_reply(const struct verdict *, usec_t now);
/*
 * Handle what is due and send what may be sent.  True: there may be more to send at once; else
 * engine_next() tells when.
 */
bool		 engine_run(usec_t now);
/* When engine_run() has something to do next. */
usec_t		 engine_next(usec_t now);
/* Send nothing more. */
void		 engine_stop(usec_t now);
/* Stopped, and what was on its way has arrived, or was waited for long enough (0.9 s at most). */
bool		 engine_drained(usec_t now);
/* A packet came that proved to be no reply to us. */
void		 engine_invalid(void);
void		 engine_stats(struct msg_stats *);
/* How long a reply of this host is waited for: microseconds. */
uint32_t	 engine_timeout(const struct host *);

#endif /* ENGINE_H */
