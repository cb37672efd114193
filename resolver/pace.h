/*
 * pace.c: how fast one name server is asked.  Pure; time in microseconds of any clock.
 */

#ifndef PACE_H
#define PACE_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t	 usec_t;

#define MSEC		UINT64_C(1000)
#define NEVER		UINT64_MAX
#define PERIODS		64

/* Queries that were sent one after the other, and what became of them. */
struct period {
	usec_t		 start;
	usec_t		 end;		/* 0: not yet */
	uint32_t	 sent;
	uint32_t	 answered;
	uint32_t	 lost;
	bool		 judged;
};

struct pace {
	usec_t		 srtt;		/* of its answers, as the next; 0: none yet */
	usec_t		 rttvar;
	unsigned int	 window;	/* queries that may be in flight */
	unsigned int	 in_flight;
	unsigned int	 silent;	/* time-outs since the last answer */
	usec_t		 heard;		/* when that was; 0: never */
	bool		 dead;
	usec_t		 again;		/* when it may be asked, if it is */
	usec_t		 backoff;
	double		 rate;		/* queries a second; 0: no limit is known */
	usec_t		 clear;		/* when what was sent is paid for */
	double		 from;		/* rate when the good periods ended; 0: they last */
	double		 slowed;	/* the loss there */
	double		 bad;		/* the rate before the last cut; 0: there was none */
	usec_t		 since;		/* when that was */
	double		 path;		/* loss that no slowing down mends */
	unsigned int	 nperiods;
	struct period	 period[PERIODS];
};

void		 pace_init(struct pace *);
/* When may a query be sent?  Now, later, or NEVER: not before one in flight ends. */
usec_t		 pace_when(const struct pace *, usec_t now);
/* One was sent.  The number has to be given when it ends. */
unsigned int	 pace_sent(struct pace *, usec_t now);
/* It was answered; late: after it was lost. */
void		 pace_answered(struct pace *, unsigned int number, usec_t rtt, bool late,
		    usec_t now);
/* Has the server answered in the time in which it would have, three times over? */
bool		 pace_heard_lately(const struct pace *, usec_t now);
/* It was not, in time. */
void		 pace_lost(struct pace *, unsigned int number, usec_t now);
/* Nobody waits for it any more. */
void		 pace_gone(struct pace *, unsigned int number);
/* The server is not there, as its machine says. */
void		 pace_died(struct pace *, usec_t now);
/* It says that it is asked too much. */
void		 pace_refused(struct pace *);
/* How long to wait for the answer to a question's try, counted from 0. */
usec_t		 pace_timeout(const struct pace *, unsigned int try);

#endif /* PACE_H */
