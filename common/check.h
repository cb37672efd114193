/*
 * What the checks of payloads are made of.  For check.c, check_logs.c and ipc.c alone: all others
 * see a check by its row of a table.
 */

#ifndef CHECK_H
#define CHECK_H

#include "ipc.h"

#define ZERO(field)	all_zero((field), sizeof(field))
#define ENDED(field)	text_ended((field), sizeof(field))
/* Entries past n, in an array that ends its payload, are zero. */
#define REST_ZERO(array, n)							\
	((n) <= sizeof(array) / sizeof((array)[0]) &&				\
	    all_zero(&(array)[n], sizeof(array) - (n) * sizeof((array)[0])))
/* A batch: 1 to all of its entries in use, the rest zero. */
#define BATCH(p)								\
	((p)->n != 0 && (p)->zero == 0 && REST_ZERO((p)->e, (p)->n))

#define CHECK_EMPTY(stem)							\
bool										\
check_##stem(const struct msg *m)						\
{										\
	return (ZERO(m->stem.zero));						\
}
bool		 all_zero(const void *, size_t);
/* One that is there. */
bool		 is_addr(const struct addr *);
bool		 is_name(const char *);
/* Parts of payloads that several of them have. */
bool		 is_asked(const struct msg_asked *);
/* What the resolver may say, or nothing was asked. */
bool		 is_lookup(uint8_t);
bool		 is_port(const struct port_entry *);
bool		 is_ports(const struct msg_ports *);
bool		 is_stats(const struct msg_stats *);

#endif /* CHECK_H */
