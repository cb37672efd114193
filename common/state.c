/* The names of port states, reasons and look-up results, from the tables in state.h. */

#include "state.h"

#define S(id, name)	name,
const char *const	 port_state_names[PORT_STATE_COUNT] = { PORT_STATES(S) };
const char *const	 reason_names[REASON_COUNT] = { REASONS(S) };
const char *const	 lookup_names[LOOKUP_COUNT] = { LOOKUPS(S) };
#undef S
