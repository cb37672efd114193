/*
 * The parent: starts the others, and then walks the hosts through the four steps.
 *
 * ports.c	port expressions
 * targets.c	target expressions and sets of addresses
 * lists.c	words from a file
 */

#ifndef PARENT_H
#define PARENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "ipc.h"
#include "log.h"
#include "privs.h"
#include "text.h"

/* ports.c */

struct port_set {
	uint8_t		 bits[PORT_BITS / 8];	/* port p: bit p % 8 of byte p / 8 */
};

#define PORTS_ERROR	128

/*
 * Parse nmap's port grammar: n, a-b, -b (from 1), a- (to 65535), service names with the
 * wildcards * and ?, [range] (only ports with a name), sticky prefixes T: U: S: P:, separated
 * by commas.  TCP ports are added to the set; ports of the other protocols are checked and
 * ignored, and *others says that there were some.  0, or -1 and one line in error that names
 * the offending part.
 */
int		 ports_parse(const char *expr, struct port_set *, bool *others,
		    char error[PORTS_ERROR]);

/* The n TCP ports that are most often open and not in exclude (when given), added to the set. */
void		 ports_top(unsigned int n, const struct port_set *exclude, struct port_set *);

bool		 ports_has(const struct port_set *, uint16_t port);
void		 ports_remove(struct port_set *, const struct port_set *gone);
void		 ports_intersect(struct port_set *, const struct port_set *kept);
unsigned int	 ports_count(const struct port_set *);

/* As ports_parse() reads it: 1-3,80; cut when size is too small (the length it would have). */
size_t		 ports_text(const struct port_set *, char *buf, size_t size);

/* targets.c */

/*
 * A target expression: a set of IPv4 addresses (CIDR, octet lists and ranges, *, all of it
 * combinable), or a name, with or without /N.  The addresses of a set are numbered from 0 in
 * rising order; those of name/N are known once the name is.
 */
struct target {
	char		 name[NAME_MAX_TEXT];	/* empty: a set */
	uint8_t		 prefix;		/* of name/N; 32 when there was none */
	uint8_t		 octet[4][32];		/* of a set: the values of each octet, a bit each */
	uint64_t	 count;			/* of a set: its addresses, at most 2^32 */
};

#define TARGET_ERROR	192

/* Parse one expression (no white space in it).  0, or -1 and one line in error. */
int		 target_parse(const char *text, struct target *, char error[TARGET_ERROR]);

/* The set of name/N once its address is known: the block round that address. */
void		 target_resolved(const struct target *name, const struct addr *,
		    struct target *set);

/* Address number n of a set, n < count. */
struct addr	 target_address(const struct target *set, uint64_t n);

/* A set of addresses that are not to be touched: any number of targets, asked millions of times. */
struct exclusion;
struct exclusion *exclusion_new(void);
/* Add the addresses of a set.  0, or -1 when there is no memory for it. */
int		 exclusion_add(struct exclusion *, const struct target *set);
/* After the last add, before the first question. */
void		 exclusion_ready(struct exclusion *);
bool		 exclusion_has(const struct exclusion *, const struct addr *);
/*
 * The last offset of a run of addresses of the set that begins at offset n and is wholly
 * excluded, so that a generator can step over it at once; n - 1 when n itself is not excluded.
 */
uint64_t	 exclusion_run(const struct exclusion *, const struct target *set, uint64_t n);

/* lists.c */

#define WORD_MAX	1024	/* with the NUL: nmap's limit */

/* Words separated by white space, # to the end of line is a comment: -iL and --excludefile. */
struct list {
	int		 fd;
	unsigned int	 line;		/* of the word read last, from 1 */
	size_t		 at, end;	/* unread part of buf */
	bool		 eof;
	char		 buf[4096];
};

void		 list_init(struct list *, int fd);

/*
 * The next word: 1; 0 at the end; -1 with errno when it can't be read; -2 when a word is
 * longer than WORD_MAX - 1 or has a NUL or control byte in it (line says where).
 * Reads at most once a call when the buffer has no whole word: -3, call again.
 */
int		 list_word(struct list *, char word[WORD_MAX]);

#endif /* PARENT_H */
