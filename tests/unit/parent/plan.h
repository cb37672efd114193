/* Options become a plan, and what can't be one is refused. */

#ifndef PLAN_H
#define PLAN_H

#include <string.h>

#include "apart.h"
#include "parent.h"

static struct plan	 plan;

static inline struct options
options(void)
{
	struct options	 o;

	options_init(&o);
	return (o);
}

/* Make the plan; what it holds must pass the prober's own check. */
static inline void
make(struct options o)
{
	struct msg	 m = { .zero = 0 };

	plan_make(&o, &plan);
	m.probeconfig = plan.probe;
	CHECK(check_probeconfig(&m));
}

static struct options	 apart_options;

static inline void
make_apart(void)
{
	plan_make(&apart_options, &plan);
}

static inline void
check_apart(void)
{
	plan_check_targets(&apart_options);
}

/* f with these options ends with status 2 and one line that says why. */
static inline bool
refused(void (*f)(void), struct options o, const char *why)
{
	char	 said[1000];
	int	 status;

	apart_options = o;
	status = apart(f, said, sizeof(said));
	if (status == STATUS_USAGE && strstr(said, why) != NULL &&
	    strchr(said, '\n') == said + strlen(said) - 1)
		return (true);
	printf("# status %d, %s\n", status, said);
	return (false);
}

#endif /* PLAN_H */
