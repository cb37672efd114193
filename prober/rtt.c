/*
 * Round-trip times: RFC 6298's estimator with nmap's bounds.  Pure.  A stranger chooses the
 * samples within what the cookie lets pass, so no sample can push the time-out out of bounds.
 */

#include "prober.h"

#define MSEC		1000
#define SAMPLE_MAX	(8000 * MSEC)
#define RTTVAR_MIN	(5 * MSEC)
#define RTTVAR_MAX	(2000 * MSEC)
#define JUMP_MAX	(1500 * MSEC)

static uint32_t
clamp(int64_t value, int64_t min, int64_t max)
{
	return ((uint32_t)(value < min ? min : value > max ? max : value));
}

void
rtt_sample(struct rtt *r, int64_t sample)
{
	int64_t	 delta;

	if (sample < 0 || sample >= SAMPLE_MAX)
		return;
	if (sample == 0)
		sample = 1;
	if (r->srtt == 0) {
		r->srtt = (uint32_t)sample;
		r->rttvar = clamp(sample, RTTVAR_MIN, RTTVAR_MAX);
		return;
	}
	delta = sample - r->srtt;
	if (delta > JUMP_MAX && delta > 3 * (int64_t)r->srtt + 2 * (int64_t)r->rttvar)
		return;
	r->srtt = clamp(r->srtt + delta / 8, 1, SAMPLE_MAX);
	delta = delta < 0 ? -delta : delta;
	r->rttvar = clamp(r->rttvar + (delta - r->rttvar) / 4, 0, RTTVAR_MAX);
}

uint32_t
rtt_queue(struct rtt *r, const struct rtt *all, uint32_t *least, uint32_t sample)
{
	uint32_t	 usual = r->rttvar, queue = 0;

	if (*least == 0 || sample < *least)
		*least = sample;
	if (all->srtt != 0 && all->rttvar < usual)
		usual = all->rttvar;
	if (sample > *least + usual)
		queue = sample - *least - usual;
	rtt_sample(r, sample);
	return (queue);
}

uint32_t
rtt_timeout(const struct rtt *r, uint32_t min, uint32_t max)
{
	if (r->srtt == 0)
		return (max);
	return (clamp((int64_t)r->srtt + 4 * (int64_t)r->rttvar, min, max));
}
