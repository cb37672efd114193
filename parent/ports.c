/*
 * Port expressions and sets of ports.  An expression comes from the command line, or from
 * the log of a scan that is resumed; neither is trusted.
 */

#include <stdio.h>
#include <string.h>

#include "parent.h"
#include "services.h"

#define DIGITS		"0123456789"
#define LETTERS		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define NAME_BYTES	LETTERS DIGITS "_.+/-*?"
#define ITEM_MAX	64	/* the text between two commas, with its NUL */

enum { PROTO_IP = 0, PROTO_UNKNOWN = 255 };	/* P: and none of T: U: S: P: */

/* What the items read so far have settled for those that follow. */
struct spec {
	uint8_t		 proto;
	bool		 named;		/* within [ ]: only ports that have a name */
	bool		 others;	/* ports of another protocol than TCP were named */
	struct port_set	*set;
};

static void
ports_add(struct port_set *set, uint16_t port)
{
	set->bits[port / 8] |= (uint8_t)(1 << port % 8);
}

static bool
has_name(uint16_t port)
{
	return (strcmp(service_name(PROTO_TCP, port), "unknown") != 0);
}

static char
lower(char c)
{
	return (c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
}

/* Does the name match the mask?  After a mismatch the last * takes one byte more. */
static bool
matches(const char *mask, const char *name)
{
	const char	*star = NULL, *retry = NULL;

	while (*name != '\0') {
		if (*mask == '*') {
			star = ++mask;
			retry = name;
		} else if (*mask == '?' || lower(*mask) == lower(*name)) {
			mask++;
			name++;
		} else if (star != NULL) {
			mask = star;
			name = ++retry;
		} else
			return (false);
	}
	return (mask[strspn(mask, "*")] == '\0');
}

/* This and the parsers below return NULL, or what is wrong. */
static const char *
parse_name(struct spec *spec, const char *mask)
{
	bool	 found = spec->proto == PROTO_IP;	/* ignored, and has no table here */

	for (size_t i = 0; i < nservices; i++) {
		if (services[i].proto != spec->proto || !matches(mask, services[i].name))
			continue;
		found = true;
		if (spec->proto == PROTO_TCP)
			ports_add(spec->set, services[i].port);
	}
	return (found ? NULL : "no service of this protocol has such a name");
}

/* Read digits into n, when there are any; what no port can be is read as 65536. */
static const char *
parse_number(const char *s, uint32_t *n)
{
	if (*s >= '0' && *s <= '9')
		*n = 0;
	for (; *s >= '0' && *s <= '9'; s++)
		if ((*n = *n * 10 + (uint32_t)(*s - '0')) > UINT16_MAX)
			*n = UINT16_MAX + 1;
	return (s);
}

/* Digits and hyphens: n, a-b, -b, a- or the hyphen alone. */
static const char *
parse_range(struct spec *spec, const char *s)
{
	uint32_t	 max = spec->proto == PROTO_IP ? 255 : UINT16_MAX;
	uint32_t	 first = spec->proto == PROTO_IP ? 0 : 1, last = max;

	s = parse_number(s, &first);
	if (*s == '-')
		s = parse_number(s + 1, &last);
	else
		last = first;
	if (*s != '\0')
		return ("not a range");
	if (first > max || last > max)
		return (max == 255 ? "a protocol is 0 to 255" : "a port is 0 to 65535");
	if (first > last)
		return ("the range runs backwards");
	if (spec->proto != PROTO_TCP)
		return (NULL);
	for (uint32_t port = first; port <= last; port++)
		if (!spec->named || has_name((uint16_t)port))
			ports_add(spec->set, (uint16_t)port);
	return (NULL);
}

static uint8_t
proto_of(char letter)
{
	switch (letter) {
	case 'T':
		return (PROTO_TCP);
	case 'U':
		return (PROTO_UDP);
	case 'S':
		return (PROTO_SCTP);
	case 'P':
		return (PROTO_IP);
	default:
		return (PROTO_UNKNOWN);
	}
}

/* Step over what may stand before a port: T: U: S: P: and [ */
static const char *
parse_front(struct spec *spec, const char **s)
{
	for (;;) {
		if (**s == '[') {
			if (spec->named)
				return ("a [ within [ ]");
			spec->named = true;
			*s += 1;
		} else if (**s != '\0' && (*s)[1] == ':') {
			if ((spec->proto = proto_of(**s)) == PROTO_UNKNOWN)
				return ("only T: U: S: and P: stand for protocols");
			*s += 2;
		} else
			return (NULL);
	}
}

static const char *
parse_item(struct spec *spec, char *item)
{
	const char	*s = item, *why;
	size_t		 len = strlen(item);
	bool		 closes = len != 0 && item[len - 1] == ']';

	if (closes)
		item[len - 1] = '\0';
	if ((why = parse_front(spec, &s)) != NULL)
		return (why);
	if (closes && !spec->named)
		return ("a ] without its [");
	spec->others |= spec->proto != PROTO_TCP;
	if (*s == '\0')
		why = "a port is missing";
	else if (s[strspn(s, DIGITS "-")] == '\0')
		why = parse_range(spec, s);
	else if (s[strspn(s, NAME_BYTES)] == '\0')
		why = parse_name(spec, s);
	else
		why = "neither a port nor the name of one";
	spec->named = spec->named && !closes;
	return (why);
}

/* Copy an item without the spaces round it, then parse it. */
static const char *
parse_part(struct spec *spec, const char *s, size_t len)
{
	char	 item[ITEM_MAX];

	for (; len != 0 && *s == ' '; s++)
		len--;
	while (len != 0 && s[len - 1] == ' ')
		len--;
	if (len >= sizeof(item))
		return ("longer than any port or name");
	memcpy(item, s, len);
	item[len] = '\0';
	return (parse_item(spec, item));
}

int
ports_parse(const char *expr, struct port_set *set, bool *others, char error[PORTS_ERROR])
{
	struct spec	 spec = { .proto = PROTO_TCP, .set = set };
	const char	*why;
	int		 len;

	do {
		len = (int)strcspn(expr, ",");
		why = parse_part(&spec, expr, (size_t)len);
		if (why == NULL && spec.named && expr[len] == '\0')
			why = "a [ without its ]";
		if (why != NULL) {
			snprintf(error, PORTS_ERROR, "bad port \"%.*s\": %s",
			    len < ITEM_MAX ? len : ITEM_MAX, expr, why);
			return (-1);
		}
		expr += len;
	} while (*expr++ == ',' && *expr != '\0');	/* As in nmap, a comma may end it. */
	*others = spec.others;
	return (0);
}

void
ports_top(unsigned int n, const struct port_set *exclude, struct port_set *set)
{
	struct port_set	 done = { .bits = { 0 } };

	if (exclude != NULL)
		done = *exclude;
	/* First the ports that have a rank, then the others from 1 up. */
	for (size_t i = 0; i < ntcp_ranks + UINT16_MAX && n != 0; i++) {
		uint16_t	 port = i < ntcp_ranks ? tcp_ranks[i] :
				    (uint16_t)(i - ntcp_ranks + 1);

		if (ports_has(&done, port))
			continue;
		ports_add(&done, port);
		ports_add(set, port);
		n--;
	}
}

bool
ports_has(const struct port_set *set, uint16_t port)
{
	return ((set->bits[port / 8] >> port % 8 & 1) != 0);
}

void
ports_remove(struct port_set *set, const struct port_set *gone)
{
	for (size_t i = 0; i < sizeof(set->bits); i++)
		set->bits[i] &= (uint8_t)~gone->bits[i];
}

void
ports_intersect(struct port_set *set, const struct port_set *kept)
{
	for (size_t i = 0; i < sizeof(set->bits); i++)
		set->bits[i] &= kept->bits[i];
}

unsigned int
ports_count(const struct port_set *set)
{
	unsigned int	 n = 0;

	for (size_t i = 0; i < sizeof(set->bits); i++)
		n += (unsigned int)__builtin_popcount(set->bits[i]);
	return (n);
}
