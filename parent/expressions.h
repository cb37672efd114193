/*
 * What users write in expressions and lists: ports, targets, and sets of what is excluded.  All of
 * it is parsed without privilege, and may come from an old log, which nobody vouches for.
 */

#ifndef EXPRESSIONS_H
#define EXPRESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "payloads.h"

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
/* The same of one IPv4 address. */
int		 exclusion_add_address(struct exclusion *, const struct addr *);
/* After the last add, before the first question. */
void		 exclusion_ready(struct exclusion *);
/* Once ready: how many addresses, of one to which each was added alone. */
uint64_t	 exclusion_count(const struct exclusion *);
/*
 * The last offset of a run of addresses of the set that begins at offset n and is wholly
 * excluded, so that a generator can step over it at once; n - 1 when n itself is not excluded.
 */
uint64_t	 exclusion_run(const struct exclusion *, const struct target *set, uint64_t n);

/* sort.c */

/* Does a belong before b? */
typedef bool	 sort_before(const void *a, const void *b);
/* Sort n elements of at most 64 bytes each. */
void		 sort(void *, size_t n, size_t size, sort_before *);

/* lists.c */

#define WORD_MAX	1024	/* with the NUL: nmap's limit */

/* Words separated by white space, # to the end of line is a comment: -iL and --excludefile. */
struct list {
	int		 fd;
	unsigned int	 line;		/* of the word read last, from 1 */
	size_t		 at, end;	/* unread part of buf */
	bool		 eof;
	bool		 skipping;	/* the rest of a word that was refused */
	char		 buf[4096];
};

void		 list_init(struct list *, int fd);

/*
 * The next word: 1; 0 at the end; -1 with errno when it can't be read; -2 when a word is
 * longer than WORD_MAX - 1 or has a NUL or control byte in it (line says where; the next call
 * goes on behind it).
 * Never waits: -3, call again when there is something to read.
 */
int		 list_word(struct list *, char word[WORD_MAX]);

/*
 * The digest of a whole file, as weak as digest_add(), and its size; its position stays where it
 * is.  False when it can't be read at an offset (a pipe, a terminal), or is longer than
 * LIST_DIGEST_MAX bytes (so that a device without end has one).
 */
#define LIST_DIGEST_MAX	((uint64_t)1 << 30)
bool		 list_digest(int fd, uint64_t *digest, uint64_t *bytes);
/* The same as a log records it: "list iL DIGEST BYTES", or "list iL - stream". */
#define LIST_DIGEST	64
void		 list_digest_line(const char *option, int fd, char line[LIST_DIGEST]);

#endif /* EXPRESSIONS_H */
