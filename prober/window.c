/*
 * How many probes may be in flight: RFC 5681's congestion window, counted in probes instead of
 * bytes, one for each host and one over all, with nmap's constants.  Pure.
 */

#include "prober.h"

#define CWND_INITIAL	10
#define CWND_MAX	300
#define SSTHRESH	75
#define SCALE_MAX	50.0

void
window_init(struct window *w, uint32_t limit)
{
	*w = (struct window){ .cwnd = CWND_INITIAL, .ssthresh = SSTHRESH };
	if (limit != 0 && w->cwnd > limit)
		w->cwnd = limit;
}

bool
window_has_room(const struct window *w)
{
	return (w->inflight < (uint32_t)w->cwnd);
}

void
window_sent(struct window *w)
{
	w->inflight++;
}

void
window_expired(struct window *w)
{
	w->inflight--;
	w->resolved++;
}

/*
 * A reply opens the window: by one in slow start, by one a window after that; the more when
 * replies are rare, for then each stands for many probes that did no harm.
 */
void
window_answered(struct window *w, bool fast, uint32_t limit)
{
	double	 scale;

	w->inflight--;
	w->resolved++;
	w->answered++;
	scale = (double)w->resolved / w->answered;
	if (scale > SCALE_MAX)
		scale = SCALE_MAX;
	if (w->cwnd < w->ssthresh)
		w->cwnd += scale;
	else
		w->cwnd += (fast ? 2 : 1) * scale / w->cwnd;
	if (limit == 0)
		limit = CWND_MAX;
	if (w->cwnd > limit)
		w->cwnd = limit;
}

double
window_lost(struct window *w, usec_t sent, usec_t now, uint8_t timing)
{
	double	 divisor = timing >= 5 ? 1.25 : timing == 4 ? 4.0 / 3 : 1.5;
	double	 was = w->cwnd;

	if (sent < w->cut)
		return (0);
	w->cut = now;
	w->ssthresh = w->inflight / divisor;
	if (w->ssthresh < 2)
		w->ssthresh = 2;
	w->cwnd = 1;
	return (was - w->cwnd);
}

/* One host, hostile perhaps, takes from the others no more than it had itself. */
void
window_share(struct window *all, double shrunk)
{
	if (shrunk == 0)
		return;
	if (all->cwnd > CWND_INITIAL)
		all->cwnd -= shrunk / 2 < all->cwnd - CWND_INITIAL ? shrunk / 2 :
		    all->cwnd - CWND_INITIAL;
	all->ssthresh = all->cwnd;
}
