/*
 * Target expressions, and the set of addresses that are not to be touched.  An expression
 * comes from the command line, from a file the user named, or from the log of a scan that is
 * resumed; none is trusted.
 *
 * There is no qsort() here: glibc's asks the system how much memory there is, which this
 * process may not do any more.
 */

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent.h"

#define SET_BYTES	"0123456789.,-*"	/* whatever else is in a target makes it a name */
#define SPANS_MAX	256	/* a target of more spans than this is kept as it is */
#define NOT_A_SET	"not four octets of numbers, ranges, lists or *"

/* Addresses in a row, both ends inside. */
struct span {
	uint32_t	 first;
	uint32_t	 last;
};

/* A target that is kept as it is. */
struct odd {
	struct target	 set;
	struct odd	*next;
};

struct exclusion {
	struct span	*span;		/* once ready, rising and apart */
	size_t		 n;
	size_t		 room;
	struct odd	*odd;
	bool		 ready;
};

static bool
octet_has(const uint8_t bits[32], unsigned int v)
{
	return ((bits[v / 8] >> v % 8 & 1) != 0);
}

static void
octet_add(uint8_t bits[32], unsigned int first, unsigned int last)
{
	for (unsigned int v = first; v <= last; v++)
		bits[v / 8] |= (uint8_t)(1 << v % 8);
}

/* Values 64 * i to 64 * i + 63, the lowest in the lowest bit. */
static uint64_t
octet_word(const uint8_t bits[32], unsigned int i)
{
	uint64_t	 w;

	memcpy(&w, bits + 8 * (size_t)i, sizeof(w));
	return (le64toh(w));
}

static unsigned int
ones(uint64_t w)
{
	return ((unsigned int)__builtin_popcountll(w));
}

/* How many values below v are in it? */
static unsigned int
octet_below(const uint8_t bits[32], unsigned int v)
{
	unsigned int	 n = 0;

	for (unsigned int i = 0; i < v / 64; i++)
		n += ones(octet_word(bits, i));
	if (v % 64 != 0)
		n += ones(octet_word(bits, v / 64) & ((1ULL << v % 64) - 1));
	return (n);
}

static unsigned int
octet_count(const uint8_t bits[32])
{
	return (octet_below(bits, 256));
}

/* The value with n others below it, n < octet_count(). */
static unsigned int
octet_nth(const uint8_t bits[32], unsigned int n)
{
	unsigned int	 i = 0;
	uint64_t	 w = octet_word(bits, 0);

	while (ones(w) <= n) {
		n -= ones(w);
		w = octet_word(bits, ++i);
	}
	for (; n != 0; n--)
		w &= w - 1;	/* Without its lowest one. */
	return (64 * i + (unsigned int)__builtin_ctzll(w));
}

/* Where octet i of an address is in its number. */
static unsigned int
octet_shift(unsigned int i)
{
	return (24 - 8 * i);
}

static unsigned int
octet_of(uint32_t ip, unsigned int i)
{
	return (ip >> octet_shift(i) & 0xff);
}

static bool
set_has(const struct target *set, uint32_t ip)
{
	for (unsigned int i = 0; i < 4; i++)
		if (!octet_has(set->octet[i], octet_of(ip, i)))
			return (false);
	return (true);
}

/* How many addresses of the set are not above ip? */
static uint64_t
set_upto(const struct target *set, uint32_t ip)
{
	uint64_t	 n = 0, each = set->count;

	for (unsigned int i = 0; i < 4; i++) {
		each /= octet_count(set->octet[i]);
		n += each * octet_below(set->octet[i], octet_of(ip, i));
		if (!octet_has(set->octet[i], octet_of(ip, i)))
			return (n);
	}
	return (n + 1);
}

/* Address number n, n < count. */
static uint32_t
set_nth(const struct target *set, uint32_t n)
{
	uint32_t	 ip = 0;

	for (unsigned int i = 4; i-- > 0;) {
		unsigned int	 count = octet_count(set->octet[i]);

		ip |= octet_nth(set->octet[i], n % count) << octet_shift(i);
		n /= count;
	}
	return (ip);
}

/* The last of the addresses in a row that begins with ip and is wholly in the set, as ip is. */
static uint32_t
set_row(const struct target *set, uint32_t ip)
{
	for (unsigned int i = 4; i-- > 0;) {
		unsigned int	 v = octet_of(ip, i);

		while (v < 255 && octet_has(set->octet[i], v + 1))
			v++;
		ip = (ip & ~(0xffU << octet_shift(i))) | v << octet_shift(i);
		/* Past a full octet the next value of the one before it goes on from 0. */
		if (octet_count(set->octet[i]) != 256)
			break;
	}
	return (ip);
}

/* Widen a set to whole blocks of /prefix, and count it. */
static void
set_finish(struct target *set, unsigned int prefix)
{
	set->prefix = 32;
	set->count = 1;
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int	 kept = prefix < 8 * i ? 0 : prefix - 8 * i;
		unsigned int	 block = kept < 8 ? 1U << (8 - kept) : 1;

		for (unsigned int v = 0; v < 256; v++)
			if (octet_has(set->octet[i], v)) {
				octet_add(set->octet[i], v & ~(block - 1), v | (block - 1));
				v |= block - 1;
			}
		set->count *= octet_count(set->octet[i]);
	}
}

/* Read digits into n, when there are any; what no octet can be is read as 256. */
static const char *
parse_number(const char *s, unsigned int *n)
{
	if (*s >= '0' && *s <= '9')
		*n = 0;
	for (; *s >= '0' && *s <= '9'; s++)
		if ((*n = *n * 10 + (unsigned int)(*s - '0')) > 255)
			*n = 256;
	return (s);
}

/*
 * A part of an octet: n, a-b, -b, a-, - or *.  This and the parsers below return NULL, or
 * what is wrong.
 */
static const char *
parse_values(const char **cursor, uint8_t bits[32])
{
	unsigned int	 first = 0, last = 255;
	const char	*s = *cursor, *end = parse_number(s, &first);

	if (*end == '-')
		end = parse_number(end + 1, &last);
	else if (*end == '*' && end == s)
		end++;
	else if (end == s)
		return ("an octet is missing");
	else
		last = first;
	if (first > 255 || last > 255)
		return ("an octet is 0 to 255");
	if (first > last)
		return ("a range runs backwards");
	octet_add(bits, first, last);
	*cursor = end;
	return (NULL);
}

static const char *
parse_set(const char *s, struct target *t)
{
	const char	*why;

	for (unsigned int i = 0; i < 4; i++) {
		if (i != 0 && *s++ != '.')
			return (NOT_A_SET);
		if ((why = parse_values(&s, t->octet[i])) != NULL)
			return (why);
		while (*s == ',') {
			s++;
			if ((why = parse_values(&s, t->octet[i])) != NULL)
				return (why);
		}
	}
	return (*s == '\0' || *s == '/' ? NULL : NOT_A_SET);
}

static const char *
parse_name(const char *s, size_t len, struct target *t)
{
	if (len != 0 && s[len - 1] == '.')
		len--;
	if (len >= sizeof(t->name))
		return ("a name has at most 253 bytes");
	memcpy(t->name, s, len);
	return (text_is_name(t->name) ? NULL : "neither an address nor a host name");
}

/* What follows the slash. */
static const char *
parse_prefix(const char *s, unsigned int *prefix)
{
	const char	*end = parse_number(s, prefix);

	if (end == s || *end != '\0')
		return ("a number has to follow the slash, and nothing else");
	return (*prefix <= 32 ? NULL : "a prefix is 0 to 32");
}

static const char *
parse_target(const char *text, struct target *t)
{
	size_t		 len = strcspn(text, "/");
	unsigned int	 prefix = 32;
	const char	*why;

	if (strlen(text) >= WORD_MAX)
		return ("too long");
	if (text[len] == '/' && (why = parse_prefix(text + len + 1, &prefix)) != NULL)
		return (why);
	if (len == 0 || strspn(text, SET_BYTES) != len) {
		t->prefix = (uint8_t)prefix;
		return (parse_name(text, len, t));
	}
	if ((why = parse_set(text, t)) == NULL)
		set_finish(t, prefix);
	return (why);
}

/* Is it an IPv6 address, perhaps with a zone (RFC 4007, 11.2) or a prefix? */
static bool
is_ipv6(const char *text)
{
	char		 base[ADDR_TEXT];
	size_t		 len = strcspn(text, "%/");
	struct addr	 a;

	if (len >= sizeof(base))
		return (false);
	memcpy(base, text, len);
	base[len] = '\0';
	return (addr_parse(base, &a) == 0 && a.family == FAMILY_IPV6);
}

int
target_parse(const char *text, struct target *t, char error[TARGET_ERROR])
{
	const char	*why;

	*t = (struct target){ .count = 0 };
	if (is_ipv6(text)) {
		snprintf(error, TARGET_ERROR, "IPv6 is not supported yet: %.100s", text);
		return (-1);
	}
	if ((why = parse_target(text, t)) != NULL) {
		snprintf(error, TARGET_ERROR, "bad target \"%.100s\": %s", text, why);
		return (-1);
	}
	return (0);
}

/* The set is empty when the address is of another family than IPv4. */
void
target_resolved(const struct target *name, const struct addr *a, struct target *set)
{
	unsigned int	 prefix = name->prefix;

	*set = (struct target){ .prefix = 32 };
	if (a->family != FAMILY_IPV4)
		return;
	for (unsigned int i = 0; i < 4; i++)
		octet_add(set->octet[i], a->ip[i], a->ip[i]);
	set_finish(set, prefix);
}

struct addr
target_address(const struct target *set, uint64_t n)
{
	return (addr_from_ipv4(set_nth(set, (uint32_t)n)));
}

struct exclusion *
exclusion_new(void)
{
	return (calloc(1, sizeof(struct exclusion)));
}

static int
add_span(struct exclusion *x, struct span s)
{
	size_t		 room = x->room == 0 ? SPANS_MAX : 2 * x->room;
	struct span	*more;

	if (x->n == x->room) {
		if ((more = reallocarray(x->span, room, sizeof(*more))) == NULL)
			return (-1);
		x->span = more;
		x->room = room;
	}
	x->span[x->n++] = s;
	return (0);
}

static int
add_odd(struct exclusion *x, const struct target *set)
{
	struct odd	*o = calloc(1, sizeof(*o));

	if (o == NULL)
		return (-1);
	o->set = *set;
	o->next = x->odd;
	x->odd = o;
	return (0);
}

int
exclusion_add(struct exclusion *x, const struct target *set)
{
	size_t		 before = x->n;
	struct span	 s;

	x->ready = false;
	for (uint64_t n = 0; n < set->count; n += (uint64_t)s.last - s.first + 1) {
		if (x->n - before == SPANS_MAX) {
			x->n = before;
			return (add_odd(x, set));
		}
		s.first = set_nth(set, (uint32_t)n);
		s.last = set_row(set, s.first);
		if (add_span(x, s) == -1)
			return (-1);
	}
	return (0);
}

/* Those in a row are kept as one. */
int
exclusion_add_address(struct exclusion *x, const struct addr *a)
{
	const uint32_t	 ip = addr_to_ipv4(a);

	x->ready = false;
	if (x->n != 0 && ip != 0 && x->span[x->n - 1].last == ip - 1) {
		x->span[x->n - 1].last = ip;
		return (0);
	}
	return (add_span(x, (struct span){ ip, ip }));
}

static bool
before(const void *a, const void *b)
{
	return (((const struct span *)a)->first < ((const struct span *)b)->first);
}

/* Sort the spans and join those that touch or overlap. */
void
exclusion_ready(struct exclusion *x)
{
	struct span	*to = x->span;

	x->ready = true;
	if (x->n == 0)
		return;
	sort(x->span, x->n, sizeof(*x->span), before);
	for (const struct span *s = x->span + 1; s < x->span + x->n; s++)
		if (s->first <= (uint64_t)to->last + 1)
			to->last = s->last > to->last ? s->last : to->last;
		else
			*++to = *s;
	x->n = (size_t)(to - x->span) + 1;
}

uint64_t
exclusion_count(const struct exclusion *x)
{
	uint64_t	 n = 0;

	for (size_t i = 0; i < x->n; i++)
		n += (uint64_t)x->span[i].last - x->span[i].first + 1;
	return (n);
}

/* Is it excluded?  Then last is the end of a row of addresses that are. */
static bool
excluded(const struct exclusion *x, uint32_t ip, uint32_t *last)
{
	size_t	 low = 0, high = x->n;

	if (!x->ready)
		fatalx("asked what is excluded before all of it is known");
	while (low < high) {
		size_t	 mid = low + (high - low) / 2;

		if (x->span[mid].last < ip)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < x->n && x->span[low].first <= ip) {
		*last = x->span[low].last;
		return (true);
	}
	for (const struct odd *o = x->odd; o != NULL; o = o->next)
		if (set_has(&o->set, ip)) {
			*last = set_row(&o->set, ip);
			return (true);
		}
	return (false);
}

uint64_t
exclusion_run(const struct exclusion *x, const struct target *set, uint64_t n)
{
	uint32_t	 last;

	if (!excluded(x, set_nth(set, (uint32_t)n), &last))
		return (n - 1);
	return (set_upto(set, last) - 1);
}
