/*
 * What the passes over the ports of a host have shown: how much of what it answers is lost, whether
 * it limits how many resets it sends, and whether there must be another pass.
 */

#include <math.h>

#include "prober.h"

#define FEW_ANSWERS	10	/* answers, to judge by */
#define FEW		3	/* answers, to judge by where they came, or that they ceased */
#define SPARED		3	/* resets of a later pass that need not mean anything */
#define MORE_RESETS	0.05	/* nor need this share of those in the pass before */
#define SILENT_WINDOWS	3	/* without an answer, */
#define UNHEARD		10	/* and so many canaries in them: they say nothing any more */
#define MUTE		0.8	/* of a window's canaries: so many miss when resets ceased, */
#define CHANCE		1e-3	/* and by loss alone no more often than this */
#define RETRIES_AGAIN	3	/* for so many that are allowed, one may be at once */
#define LOSS_LEAST	0.1	/* that is allowed for, */
#define LOSS_MOST	0.4	/* and the most: a limit may have been in what was counted */

static const struct msg_probeconfig	*config;
static uint32_t				 nports;

void
passes_init(const struct msg_probeconfig *c, uint32_t n)
{
	config = c;
	nports = n;
}

void
passes_begin(struct scan *s)
{
	s->window = flow_window();
	s->window_cursor = s->window_before = s->cursor;
}

/*
 * When probes went so fast over all that a queue on the way overflowed, those of that window may be
 * lost, and of the one before, which went as fast while its canaries were waited for.  The number
 * of passes takes losses for spread evenly; so what was lost in heaps is asked again at once.
 */
bool
passes_again(const struct host *h, struct scan *s)
{
	bool	 again;

	if (s->window == flow_window())
		return (false);
	again = flow_flooded(s->window) && s->window_before < s->cursor &&
	    s->again < config->limit_retries / RETRIES_AGAIN &&
	    h->pass + s->again < config->limit_retries;
	if (again) {
		s->again++;
		s->cursor = s->window_cursor = s->window_before;
	}
	s->window = flow_window();
	s->window_before = s->window_cursor;
	s->window_cursor = s->cursor;
	return (again);
}

/* Are so many of these canaries missing that the path does not explain it? */
static bool
ceases(const struct scan *s, const struct tally *window)
{
	double	 loss = loss_estimate(&s->reset_canaries, flow_tally());

	loss = fmin(fmax(loss, LOSS_LEAST), LOSS_MOST);
	return (window->lost > MUTE * window->asked &&
	    pow(loss, fmax(window->lost, s->unheard)) < CHANCE);
}

bool
passes_canaries(struct scan *s, const struct tally *window)
{
	if (window->asked == 0)
		return (true);
	s->silent = window->lost < window->asked ? 0 : (uint8_t)(s->silent + 1);
	s->unheard = s->silent == 0 ? 0 : s->unheard + (uint32_t)window->asked;
	if (s->silent >= SILENT_WINDOWS && s->unheard >= UNHEARD) {
		s->mute = MUTE_NOW;
		s->tally = (struct tally){ 0 };	/* what it lost says nothing of the path */
		return (false);
	}
	if (s->canary_resets && ceases(s, window))
		s->mute = MUTE_NOW;
	else if (s->mute == MUTE_NOW && window->lost * 2 < window->asked)
		s->mute = MUTE_ONCE;
	if (!s->canary_resets) {
		tally_add(&s->tally, window->asked, window->lost);
		tally_add(&s->total, window->asked, window->lost);
	} else if (s->mute != MUTE_NOW && s->silent == 0)
		tally_add(&s->reset_canaries, window->asked, window->lost);
	return (true);
}

/* What it has to give, if that is limited, is not used up then. */
bool
passes_ask(const struct scan *s)
{
	return (s->gained < FEW);
}

void
passes_asked(struct scan *s)
{
	if (s->last != 0 && s->heard)
		s->mute = MUTE_ONCE;
	else if (s->last != 0 && passes_ask(s))
		s->mute = MUTE_NOW;
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
 * is about the middle, give or take three standard errors, but for a host that allows a burst.  (So
 * do those of a firewall that lets a few popular ports through: these are in front.  It is taken
 * for a limit with a small burst, and loses a second.)
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
	if (s->early && s->resets >= FEW)
		return (true);
	return (s->resets > expected + 3 * sqrt(expected) + 0.3 && (config->ordered ||
	    s->resets > MORE_RESETS * s->resets_before - SPARED));
}

/*
 * Of the first pass: did resets come at its beginning, and then no more, or fewer?  Over ports that
 * are in no order they are spread evenly, but for those of a host that has used up its limit.
 */
static bool
resets_ceased(const struct scan *s)
{
	return ((s->resets >= FEW &&
	    pow((s->last_reset + 1.0) / nports, s->resets) < 1e-3) || resets_early(s));
}

bool
passes_respite(const struct host *h, struct scan *s)
{
	bool	 ceased = (s->mute != MUTE_NEVER && s->canary_resets) ||
		    (h->pass == 0 && resets_ceased(s));

	if (!ceased || s->respite != 0 || s->limited || config->defeat_rst ||
	    h->pass >= config->limit_retries)
		return (false);
	s->respite = (uint8_t)(h->pass + 1);
	return (true);
}

bool
passes_more(const struct host *h, struct scan *s, double *seconds)
{
	unsigned int	 passes = h->pass + 1U;

	*seconds = 0;
	if (s->mute == MUTE_NOW && !passes_ask(s) &&
	    (s->limited || (s->respite != 0 && s->respite == h->pass)))
		s->mute = MUTE_ONCE;
	s->limited = s->limited || looks_limited(h, s);
	s->early = resets_early(s);
	judge_loss(s);
	if (s->limited && passes <= config->limit_retries)
		*seconds = limit_pass(&s->limit, s->resets, s->left, s->ended - s->ended_before);
	if (*seconds != 0)
		return (true);
	if (s->respite == passes)
		return (true);
	if (passes > config->max_retries || passes + s->again > config->limit_retries)
		return (false);
	/*
	 * What passes before the first one here have lost is not known, so that counts as none.
	 * A pass that still brought many finds the estimate wrong, whatever the canaries say: it
	 * has missed as large a share of those that it was to bring.
	 */
	return (h->pass == s->begun || s->missed > loss_bound(config->timing) ||
	    s->gained > sqrt(loss_bound(config->timing)) * (nports - s->left));
}

/*
 * Did it fall silent, or its resets cease, or were there not to be so many tries as its limit
 * takes?  Or was it not asked all?  Then nobody knows what else it would have said.
 */
static bool
nobody_knows(const struct host *h, const struct scan *s, bool limited)
{
	if (h->outcome != OUTCOME_COMPLETE || (s->mute == MUTE_NEVER && s->unheard >= UNHEARD) ||
	    (s->mute == MUTE_NOW && !(s->canary_resets && config->defeat_rst)))
		return (true);
	return (limited && h->pass >= config->limit_retries && !config->defeat_rst);
}

uint16_t
passes_coverage(const struct host *h, const struct scan *s)
{
	double	 missed = s->missed, came = nports - s->left, ratio, more;
	bool	 limited = s->limited || (h->pass == 0 && resets_ceased(s));

	if (s->left == 0)
		return (COVERAGE_ALL);
	if (nobody_knows(h, s, limited))
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
