/*
 * What the passes over the ports of a host have shown: how much of what it answers is lost, whether
 * it limits how many resets it sends, and whether there must be another pass.  Pure.
 */

#include <math.h>

#include "prober.h"

#define FEW_ANSWERS	10	/* answers, to judge by */
#define FEW_RESETS	3	/* in a later pass: after a burst they say enough */
#define MORE_RESETS	0.05	/* of those in the pass before: besides a few, not lost by chance */

static const struct msg_probeconfig	*config;
static uint32_t				 nports;

void
passes_init(const struct msg_probeconfig *c, uint32_t n)
{
	config = c;
	nports = n;
}

/*
 * A pass is over: what share of the answers have all passes missed?  The canaries say what this
 * one lost; and what it brought, the one before had lost, whatever the canaries said then.
 */
static void
judge_loss(struct scan *s)
{
	double	 loss, before;

	if (!s->limited && s->gained_before + s->gained >= FEW_ANSWERS && s->gained_before != 0) {
		before = (double)s->gained / s->gained_before;
		if (before > s->loss)
			s->missed = fmin(s->missed * fmin(before, 1) / s->loss, 1);
		tally_add(&s->total, s->gained_before + s->gained, s->gained);
	}
	loss = loss_of_few(&s->tally, loss_estimate(&s->total, flow_tally()));
	s->missed *= loss;
	s->loss = loss;
	s->tally = (struct tally){ 0 };
}

/*
 * Did most resets of this pass come early in it?  Over ports that are in no order their mean place
 * is the middle, give or take three standard errors, but for a host that allows a burst.
 */
static bool
resets_early(const struct scan *s)
{
	if (config->ordered || s->resets == 0)
		return (false);
	return ((double)s->reset_places / s->resets < nports * (0.5 - 3 / sqrt(12.0 * s->resets)));
}

/*
 * After a second pass or a later one: does the host limit how many resets it sends?  Then it
 * says of more ports that they are closed than should have been lost in the pass before.  A few
 * more may be losses that canaries were spared, and the next pass will have the rest of them,
 * unless it is the little that is left after a burst.
 */
static bool
looks_limited(const struct host *h, const struct scan *s)
{
	double	 loss = loss_estimate(&s->total, flow_tally());
	double	 expected = 1.5 * fmax(loss, s->loss) * (s->resets_before + 0.5);

	if (config->defeat_rst || h->pass <= s->begun)
		return (false);
	if (s->early && s->resets >= FEW_RESETS)
		return (true);
	return (s->resets > expected + 3 * sqrt(expected) + 0.3 && (config->ordered ||
	    s->resets + FEW_RESETS > s->resets_before * MORE_RESETS));
}

/*
 * Did resets come at the beginning of the first pass, and then no more?  Over ports that are in
 * no order they are spread evenly, but for those of a host that has used up its limit.
 */
static bool
resets_ceased(const struct scan *s)
{
	return ((s->resets >= 3 && pow((double)(s->last_reset + 1) / nports, s->resets) < 1e-3) ||
	    resets_early(s));
}

bool
passes_respite(const struct host *h, struct scan *s)
{
	if (s->respite != 0 || config->defeat_rst ||
	    !(s->muted || (h->pass == 0 && resets_ceased(s))))
		return (false);
	s->respite = (uint8_t)(h->pass + 1);
	return (true);
}

bool
passes_more(const struct host *h, struct scan *s, double *seconds)
{
	unsigned int	 passes = h->pass + 1U;

	*seconds = 0;
	s->limited = s->limited || looks_limited(h, s);
	s->early = resets_early(s);
	judge_loss(s);
	if (s->limited && passes <= config->limit_retries)
		*seconds = limit_pass(&s->limit, s->resets, s->left, s->ended - s->ended_before);
	if (*seconds != 0)
		return (true);
	if (passes > config->max_retries)
		return (false);
	/*
	 * What passes before the first one here have lost is not known, so that counts as none.
	 * A pass that still brought many finds the estimate wrong, whatever the canaries say: it
	 * has missed as large a share of those that it was to bring.
	 */
	return (h->pass == s->begun || s->respite == passes ||
	    s->missed > loss_bound(config->timing) ||
	    s->gained > sqrt(loss_bound(config->timing)) * (nports - s->left));
}

uint16_t
passes_coverage(const struct host *h, const struct scan *s)
{
	double	 missed = s->missed, came = nports - s->left, ratio, more;
	bool	 limited = s->limited || (h->pass == 0 && resets_ceased(s));

	if (s->left == 0)
		return (COVERAGE_ALL);
	/* Or it limits its answers, and there were not to be tries enough: nobody knows. */
	if ((!s->limited && (s->deaf >= DEAF_WINDOWS || (s->muted && !config->defeat_rst))) ||
	    h->outcome != OUTCOME_COMPLETE ||
	    (limited && h->pass >= config->limit_retries && !config->defeat_rst))
		missed = (double)s->left / nports;
	else if (s->gained != 0 && s->gained_before != 0) {
		/* What further passes would have brought, had they gone on like the last two. */
		const struct tally	 last = { s->gained_before, s->gained };

		ratio = limited ? last.lost / last.asked : loss_of_few(&last, s->loss);
		ratio = fmin(ratio, 0.95);
		more = s->gained * ratio / (1 - ratio);
		missed = fmax(missed, more / (came + more));
	}
	return ((uint16_t)(COVERAGE_ALL * (1 - fmin(missed, 1))));
}
