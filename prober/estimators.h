/*
 * What the engine concludes from what came and what did not: the first half of engine.h.  All of
 * it is pure.
 *
 * rtt.c	round-trip times and time-outs
 * loss.c	how much is lost, and how many tries that takes
 * pace.c	how fast to send
 * limit.c	how slowly to ask a host that limits its answers
 */

#ifndef ESTIMATORS_H
#define ESTIMATORS_H

/* rtt.c: RFC 6298's estimator with nmap's bounds */

struct rtt {
	uint32_t	 srtt;		/* microseconds; 0: no sample yet */
	uint32_t	 rttvar;
};

/* Take in a sample.  Implausible ones change nothing. */
void		 rtt_sample(struct rtt *, int64_t sample);
/*
 * Take in a sample, of which *least is the least so far (0: there was none): how long was it kept
 * waiting by queues?  So long it took beyond that and the usual variation: that of this host, or of
 * all, which is known sooner, if that is less.
 */
uint32_t	 rtt_queue(struct rtt *, const struct rtt *all, uint32_t *least, uint32_t sample);
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
	double		 blamed_first;	/* and what was lost then */
	double		 blamed_loss;	/* and the losses since, added up */
	double		 eased_rate;	/* the rate when a queue was first blamed on it */
	usec_t		 from, to;	/* the window; to is 0 while it is open */
	uint32_t	 need;		/* markers in a window; half of it while doubling */
	uint32_t	 packets;	/* sent in the window */
	uint32_t	 marked;	/* markers among them */
	uint32_t	 answered;	/* and of those, answered */
	uint32_t	 waited;	/* and of those, for longer than usual, */
	uint32_t	 delayed;	/* and for so long that a queue has built up */
	uint64_t	 queue;		/* microseconds that their replies waited in queues */
	uint32_t	 calm;		/* windows since it last hurt */
	uint32_t	 blamed;	/* windows in a row with too much loss */
	uint32_t	 eased;		/* and with too long a queue */
	bool		 doubling;
	bool		 flooded;	/* a queue overflowed in the window that was judged last */
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

#endif /* ESTIMATORS_H */
