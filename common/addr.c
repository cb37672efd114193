/* Addresses and their text.  Trusts nobody: its input may come from a file or the network. */

#include <arpa/inet.h>

#include <string.h>

#include "addr.h"

static size_t
addr_size(const struct addr *a)
{
	switch (a->family) {
	case FAMILY_IPV4:
		return (4);
	case FAMILY_IPV6:
		return (16);
	default:
		return (0);
	}
}

bool
addr_valid(const struct addr *a)
{
	if (a->family != FAMILY_NONE && addr_size(a) == 0)
		return (false);
	if (a->zero[0] != 0 || a->zero[1] != 0 || a->zero[2] != 0)
		return (false);
	for (size_t i = addr_size(a); i < sizeof(a->ip); i++)
		if (a->ip[i] != 0)
			return (false);
	return (true);
}

struct addr
addr_from_ipv4(uint32_t host)
{
	struct addr	 a = { .family = FAMILY_IPV4 };
	uint32_t	 net = htonl(host);

	memcpy(a.ip, &net, sizeof(net));
	return (a);
}

uint32_t
addr_to_ipv4(const struct addr *a)
{
	uint32_t	 net;

	memcpy(&net, a->ip, sizeof(net));
	return (ntohl(net));
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return (a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0);
}

/* One of the four numbers of an IPv4 address; the end of the text. */
static char *
put_number(char *p, unsigned int v)
{
	if (v >= 100)
		*p++ = (char)('0' + v / 100);
	if (v >= 10)
		*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return (p);
}

/* IPv4 without inet_ntop(), which takes eight times as long: a host's records have several. */
const char *
addr_text(const struct addr *a, char buf[ADDR_TEXT])
{
	char	*p = buf;

	for (size_t i = 0; i < 4 && a->family == FAMILY_IPV4; i++) {
		if (i != 0)
			*p++ = '.';
		p = put_number(p, a->ip[i]);
	}
	*p = '\0';
	if (a->family == FAMILY_IPV6)
		(void)inet_ntop(AF_INET6, a->ip, buf, ADDR_TEXT);
	return (buf);
}

int
addr_parse(const char *text, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, a->ip) == 1)
		a->family = FAMILY_IPV4;
	else if (inet_pton(AF_INET6, text, a->ip) == 1)
		a->family = FAMILY_IPV6;
	else
		return (-1);
	return (0);
}
