/* The names of states, reasons, outcomes and look-up results, from the tables in state.h. */

#include "state.h"

#define S(id, name)	name,
const char *const	 port_state_names[PORT_STATE_COUNT] = { PORT_STATES(S) };
const char *const	 host_state_names[HOST_STATE_COUNT] = { HOST_STATES(S) };
const char *const	 reason_names[REASON_COUNT] = { REASONS(S) };
const char *const	 outcome_names[OUTCOME_COUNT] = { OUTCOMES(S) };
const char *const	 lookup_names[LOOKUP_COUNT] = { LOOKUPS(S) };
#undef S
