/* What the parent may ask of the prober.  It is believed no further than the checks go. */

#include <time.h>

#include "log.h"
#include "prober.h"

static msg_handler	 on_start, on_stop, on_probeconfig, on_probeports, on_targets, on_release;
static msg_handler	 on_known;

const struct msg_row	 prober_rows[MSG_TYPES] = { TO_CHILDREN(ROW) TO_PROBER(ROW) };

static bool		 configured;
static uint8_t		 pieces;	/* of the port set that have come */

usec_t
prober_now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((usec_t)ts.tv_sec * 1000000 + (usec_t)ts.tv_nsec / 1000);
}

static void
on_probeconfig(struct chan *c, const struct msg *m)
{
	(void)c;
	if (configured)
		fatalx("a second configuration");
	configured = true;
	engine_config(&m->probeconfig);
}

static void
on_probeports(struct chan *c, const struct msg *m)
{
	(void)c;
	if (m->probeports.piece != pieces)
		fatalx("piece %u of the ports out of order", m->probeports.piece);
	pieces++;
	order_piece(&m->probeports);
}

static void
on_start(struct chan *c, const struct msg *m)
{
	(void)m;
	if (!configured || pieces != PORT_PIECES)
		fatalx("a start without the whole configuration");
	chan_phase(c, RUN);
	engine_start(prober_now());
}

static void
on_targets(struct chan *c, const struct msg *m)
{
	(void)c;
	for (uint32_t i = 0; i < m->targets.n; i++)
		engine_target(&m->targets.e[i], prober_now());
}

static void
on_known(struct chan *c, const struct msg *m)
{
	(void)c;
	engine_known(&m->known, prober_now());
}

static void
on_release(struct chan *c, const struct msg *m)
{
	(void)c;
	engine_release(m->release.n, prober_now());
}

static void
on_stop(struct chan *c, const struct msg *m)
{
	(void)m;
	chan_phase(c, DRAIN);
	engine_stop(prober_now());
}
