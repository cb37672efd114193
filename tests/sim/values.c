/* The values of a scenario's keys: each kind of value has one parser, 0 or -1. */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define LIST_MAX	4096
#define PORTS_END	65536

/* A number that is not negative, up to a terminator in "stops" or the end. */
static int
parse_real(const char *s, const char *stops, double *d, const char **rest)
{
	char	*end;

	if (*s < '0' || *s > '9')
		return (-1);
	*d = strtod(s, &end);
	if (end == s || (*end != '\0' && strchr(stops, *end) == NULL))
		return (-1);
	*rest = end;
	return (0);
}

int
set_real(const char *s, void *field)
{
	return (parse_real(s, "", field, &s));
}

int
set_number(const char *s, void *field)
{
	double	 d;

	if (parse_real(s, "", &d, &s) == -1 || d > 1e15)
		return (-1);
	*(uint64_t *)field = (uint64_t)d;
	return (0);
}

static int
parse_fraction(const char *s, const char *stops, uint64_t *f, const char **rest)
{
	double	 d;

	if (parse_real(s, stops, &d, rest) == -1)
		return (-1);
	if (**rest == '%') {
		d /= 100;
		(*rest)++;
	}
	if (d > 1)
		return (-1);
	*f = (uint64_t)(d * (double)CHANCE_ONE);
	return (0);
}

int
set_fraction(const char *s, void *field)
{
	return (parse_fraction(s, "%", field, &s) == -1 || *s != '\0' ? -1 : 0);
}

int
set_ms(const char *s, void *field)
{
	double	 ms;

	if (parse_real(s, "", &ms, &s) == -1)
		return (-1);
	*(uint64_t *)field = (uint64_t)(ms * 1e6);
	return (0);
}

int
set_yes(const char *s, void *field)
{
	*(bool *)field = strcmp(s, "yes") == 0;
	return (strcmp(s, "yes") == 0 || strcmp(s, "no") == 0 ? 0 : -1);
}

int
set_state(const char *s, void *field)
{
	static const char	*names[STATES] = { "open", "closed", "silent", "reject" };

	for (int i = 0; i < STATES; i++)
		if (strcmp(s, names[i]) == 0) {
			*(int *)field = i;
			return (0);
		}
	return (-1);
}

/* Without a burst it is Linux's for ICMP, which six intervals fill. */
int
set_limit(const char *s, void *field)
{
	struct limit	*l = field;
	double		 rate, burst = 6;

	if (parse_real(s, ":", &rate, &s) == -1 || rate <= 0)
		return (-1);
	if (*s == ':' && (parse_real(s + 1, "", &burst, &s) == -1 || burst < 1))
		return (-1);
	l->interval = (uint64_t)(1e9 / rate);
	l->slack = (uint64_t)((burst - 1) * 1e9 / rate);
	return (0);
}

int
set_name(const char *s, void *field)
{
	if (strlen(s) >= NAME_LEN)
		return (-1);
	memcpy(field, s, strlen(s) + 1);
	return (0);
}

int
set_address(const char *s, void *field)
{
	struct in_addr	 a = { 0 };

	if (strcmp(s, "host") != 0 && inet_pton(AF_INET, s, &a) != 1)
		return (-1);
	*(uint32_t *)field = ntohl(a.s_addr);
	return (0);
}

int
set_range(const char *s, void *field)
{
	struct range	*r = field;
	char		 text[64], *second;
	double		 bits;
	uint32_t	 mask;

	if (strlen(s) >= sizeof(text))
		return (-1);
	memcpy(text, s, strlen(s) + 1);
	second = strpbrk(text, "/-");
	if (second != NULL && *second == '/') {
		*second++ = '\0';
		if (set_address(text, &r->lo) == -1 || set_real(second, &bits) == -1 ||
		    bits < 1 || bits > 32)
			return (-1);
		mask = (uint32_t)((UINT64_C(1) << (32 - (int)bits)) - 1);
		r->lo &= ~mask;
		r->hi = r->lo | mask;
		return (0);
	}
	if (second != NULL)
		*second++ = '\0';
	if (set_address(text, &r->lo) == -1 ||
	    set_address(second == NULL ? text : second, &r->hi) == -1)
		return (-1);
	return (r->lo <= r->hi ? 0 : -1);
}

/* "5" or "5-9". */
static int
parse_span(const char *s, struct range *r)
{
	double	 lo, hi;

	if (parse_real(s, "-", &lo, &s) == -1)
		return (-1);
	hi = lo;
	if (*s == '-' && parse_real(s + 1, "", &hi, &s) == -1)
		return (-1);
	if (lo > hi || hi > UINT32_MAX)
		return (-1);
	r->lo = (uint32_t)lo;
	r->hi = (uint32_t)hi;
	return (0);
}

/* Call "each" with every piece of a list. */
static int
for_list(const char *s, int (*each)(const char *, void *), void *arg)
{
	char	 text[LIST_MAX], *save, *piece;

	if (strlen(s) >= sizeof(text))
		return (-1);
	memcpy(text, s, strlen(s) + 1);
	for (piece = strtok_r(text, ",", &save); piece != NULL;
	    piece = strtok_r(NULL, ",", &save))
		if (each(piece, arg) == -1)
			return (-1);
	return (0);
}

void
ports_add(struct ports *p, unsigned int port)
{
	p->word[port / 64] |= UINT64_C(1) << port % 64;
	p->any = true;
}

bool
ports_have(const struct ports *p, unsigned int port)
{
	return ((p->word[port / 64] >> port % 64 & 1) != 0);
}

static int
add_ports(const char *s, void *arg)
{
	struct range	 r = { 0, PORTS_END - 1 };

	if (strcmp(s, "all") != 0 && (parse_span(s, &r) == -1 || r.hi >= PORTS_END))
		return (-1);
	for (uint32_t port = r.lo; port <= r.hi; port++)
		ports_add(arg, port);
	return (0);
}

int
set_ports(const char *s, void *field)
{
	return (for_list(s, add_ports, field));
}

int
set_rtt_late(const char *s, void *field)
{
	struct group	*g = field;
	double		 seconds;

	if (parse_fraction(s, "%:", &g->late, &s) == -1 || *s != ':' ||
	    parse_real(s + 1, "", &seconds, &s) == -1)
		return (-1);
	g->late_by = (uint64_t)(seconds * 1e9);
	return (0);
}

int
set_dies(const char *s, void *field)
{
	struct group	*g = field;
	double		 n;

	if (parse_real(s, "sp", &n, &s) == -1 || (*s != '\0' && s[1] != '\0'))
		return (-1);
	if (*s == 'p')
		g->dies_packets = (uint64_t)n;
	else
		g->dies_after = (uint64_t)(n * 1e9);
	return (0);
}

static int
add_only(const char *s, void *arg)
{
	struct group	*g = arg;

	return (g->nonly == ONLY_MAX ? -1 : parse_span(s, &g->only[g->nonly++]));
}

int
set_only(const char *s, void *field)
{
	return (for_list(s, add_only, field));
}

/* "syn443": 443 is closed, not filtered; "ack80": an ACK to 80 is answered, SYN or no SYN. */
static int
add_ping(const char *s, void *arg)
{
	struct group	*g = arg;

	if (strcmp(s, "echo") == 0)
		g->echo = true;
	else if (strcmp(s, "ts") == 0)
		g->timestamp = true;
	else if (strncmp(s, "syn", 3) == 0)
		return (add_ports(s + 3, &g->listed[TCP][CLOSED]));
	else if (strncmp(s, "ack", 3) == 0)
		return (add_ports(s + 3, &g->acks));
	else
		return (strcmp(s, "none") == 0 ? 0 : -1);
	return (0);
}

int
set_ping(const char *s, void *field)
{
	struct group	*g = field;

	g->echo = g->timestamp = false;
	return (for_list(s, add_ping, g));
}
