/*
 * An Internet address as every process and every message holds it, and the
 * text of one.  Pure: no name is ever looked up here.
 */

#ifndef ADDR_H
#define ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum family { FAMILY_NONE = 0, FAMILY_IPV4 = 4, FAMILY_IPV6 = 6 };

struct addr {
	uint8_t	 family;	/* enum family */
	uint8_t	 zero[3];
	uint8_t	 ip[16];	/* network order; IPv4 in the first four, then zeros */
};

#define ADDR_TEXT	46	/* the longest text of an address and its NUL */

/* Is it of a known family, with every unused byte zero?  FAMILY_NONE is well formed too. */
bool	 addr_valid(const struct addr *);

/* An IPv4 address from a number in host byte order, and back. */
struct addr	 addr_from_ipv4(uint32_t);
uint32_t	 addr_to_ipv4(const struct addr *);

/* Equal family and bytes. */
bool	 addr_equal(const struct addr *, const struct addr *);

/*
 * Write the text (RFC 5952 for IPv6) into buf of ADDR_TEXT bytes and return buf;
 * the empty string for FAMILY_NONE.
 */
const char	*addr_text(const struct addr *, char buf[ADDR_TEXT]);

/* Parse dotted-quad or RFC 4291 text, nothing around it.  0, or -1 when it is neither. */
int	 addr_parse(const char *, struct addr *);

#endif /* ADDR_H */
