/*
 * The engine: whom to probe, when, how fast and how often.  It is the second half of prober.h,
 * which has the packets and how they leave and arrive.
 *
 * rtt.c	round-trip times and time-outs: pure
 * loss.c	how much is lost, and how many tries that takes: pure
 * pace.c	how fast to send: pure
 * limit.c	how slowly to ask a host that limits its answers: pure
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

/* rtt.c: RFC 6298's estimator with nmap's bounds */

struct rtt {
	uint32_t	 srtt;		/* microseconds; 0: no sample yet */
	uint32_t	 rttvar;
};

/* Take in a sample.  Implausible ones change nothing. */
void		 rtt_sample(struct rtt *, int64_t sample);
/*
 * Take in a sample, of which *least is the least so far (0: there was none): how long was it kept
 * waiting by queues?  So long it took beyond that and the usual variation.
 */
uint32_t	 rtt_queue(struct rtt *, uint32_t *least, uint32_t sample);
/* How long to wait for a reply, in [min, max]; max when there was no sample. */
uint32_t	 rtt_timeout(const struct rtt *, uint32_t min, uint32_t max);

/* loss.c */

/* Packets whose reply was certain to come if nothing was lost, and those without one. */
struct tally {
	double		 asked;
	double		 lost;
};

void		 tally_add(struct tally *, double asked, double lost);
/*
 * The share that is lost, there and back: of this host's packets, and as far as those are few, of
 * all hosts' (NULL: nothing is known of others).
 */
double		 loss_estimate(const struct tally *host, const struct tally *all);
/* The same of so few packets that what is expected has a say. */
double		 loss_of_few(const struct tally *, double expected);
/* The share of answers that may be missed: 1 in 12,500, at -T4 1 in 3,333, at -T5 1 in 1,000. */
double		 loss_bound(uint8_t timing);
/*
 * How many tries it takes until no more than that is missed at this loss: at most most, and, if
 * it may be, two.
 */
unsigned int	 loss_tries(double loss, uint8_t timing, unsigned int most);

/* pace.c */

/*
 * How fast to send, to one host or over all: doubled until it hurts, then kept just below that.
 * What hurts is seen by markers: packets that are certain to be answered unless lost.  Those of
 * a window of time are counted; when all are answered or overdue, the rate is judged by them,
 * and the next window begins.
 */
struct pace {
	double		 rate;		/* packets a second */
	uint64_t	 gap;		/* nanoseconds from one to the next, at this rate */
	double		 most;		/* never more, nor less than least */
	double		 least;
	double		 asked;		/* at this rate it catches up when packets left late */
	double		 base;		/* the loss that is not the rate's fault */
	double		 good;		/* a rate that lately did not hurt */
	double		 usual;		/* microseconds that replies wait in queues anyway */
	double		 blamed_rate;	/* the rate when loss was first blamed on it */
	double		 blamed_base;	/* and the base */
	double		 blamed_loss;	/* and the losses since, added up */
	usec_t		 from, to;	/* the window; to is 0 while it is open */
	uint32_t	 need;		/* markers in a window; half of it while doubling */
	uint32_t	 packets;	/* sent in the window */
	uint32_t	 marked;	/* markers among them */
	uint32_t	 answered;	/* and of those, answered */
	uint32_t	 delayed;	/* and of those, for longer than usual */
	uint64_t	 queue;		/* microseconds that their replies waited in queues */
	uint32_t	 calm;		/* windows since it last hurt */
	uint32_t	 blamed;	/* windows in a row with too much loss */
	uint32_t	 eased;		/* and with too long a queue */
	bool		 doubling;
	bool		 overtaken;	/* a later packet was answered: what is missing is lost */
};

/* Begin at a rate, never to go under the least; so many markers make a window. */
void		 pace_init(struct pace *, double rate, double least, uint32_t need, usec_t now);
/* The rate was changed: bring it within its bounds, and the gap with it. */
void		 pace_bound(struct pace *);
/* Begin a window, whatever there was in the one before. */
void		 pace_window(struct pace *, usec_t now);
/*
 * When the next packet is due, after one that was due then and left now: in nanoseconds.  What
 * was missed is not made up for, but at the rate that was asked for: a little.
 */
uint64_t	 pace_next(const struct pace *, uint64_t due, usec_t now);
/* A packet was sent; is it a marker? */
void		 pace_sent(struct pace *, bool marker, usec_t now);
/*
 * A marker was answered that was sent then, and so long was it kept waiting by queues
 * (microseconds beyond the path's least round-trip time).
 */
void		 pace_answered(struct pace *, usec_t sent, uint32_t queue, const struct rtt *);
/*
 * Judge the window if it can be judged: what is not answered within timeout is lost.  True
 * when it was judged; its markers, and those lost, are in *tally.
 */
bool		 pace_judge(struct pace *, usec_t now, uint32_t timeout, struct tally *);
/* Markers that are left are answered or overdue: *tally, and a new window, nothing judged. */
void		 pace_close(struct pace *, usec_t now, struct tally *);
/* So much loss is known not to be the rate's fault: what was blamed on it is taken back. */
void		 pace_excuse(struct pace *, double base);
/*
 * Nothing was sent for a while: a queue on the way has run empty, and would be full again before
 * canaries tell, if the rate was a little too high: a little less (as RFC 2861 for TCP).
 */
void		 pace_rested(struct pace *);
/* Nothing to go by: the rate doubles every so often up to this, if it is made use of. */
void		 pace_blind(struct pace *, double most, usec_t now);

/* limit.c */

/* A host that limits how many answers of a kind it gives in a second. */
struct limit {
	double		 rate;		/* answers a second; 0: not known yet */
	double		 lasts;		/* seconds, of the pass just over; 0: as it came */
	usec_t		 since;		/* within a pass: the last look */
	uint32_t	 seen;		/* and the answers by then */
};

/*
 * A pass over the ports is over: so many answered in it, so many are left, and so long it is
 * (microseconds) since the end of the pass before.  How many seconds shall the next one last?
 * 0: there need be none.
 */
double		 limit_pass(struct limit *, uint32_t answers, uint32_t left, usec_t elapsed);
/*
 * Within such a pass, so many ports having answered in it: by what factor may the rest be asked
 * faster?  1 as a rule.
 */
double		 limit_faster(struct limit *, uint32_t answers, usec_t now);

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
