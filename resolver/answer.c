/*
 * What a name server's answer says.  Every byte of it may be hostile: c-ares takes it apart,
 * and only addresses and names that pass our own check come out.
 */

#include <arpa/nameser.h>
#include <netdb.h>

#include <ares.h>
#include <string.h>

#include "resolver.h"

void
answer_add(struct answer *answer, const struct addr *a)
{
	for (unsigned int i = 0; i < answer->n; i++)
		if (addr_equal(&answer->addr[i], a))
			return;
	if (answer->n == ADDRESSES_MAX)
		answer->partial = true;
	else
		answer->addr[answer->n++] = *a;
}

static int
parse_a(const unsigned char *msg, int len, struct answer *answer)
{
	struct ares_addrttl	 found[ADDRESSES_MAX + 1];	/* one more, to see it is */
	int			 n = ADDRESSES_MAX + 1;
	int			 status = ares_parse_a_reply(msg, len, NULL, found, &n);

	if (status != ARES_SUCCESS)
		return (status);
	for (int i = 0; i < n; i++) {
		struct addr	 a = { .family = FAMILY_IPV4 };

		memcpy(a.ip, &found[i].ipaddr, sizeof(found[i].ipaddr));
		answer_add(answer, &a);
	}
	return (n == 0 ? ARES_ENODATA : ARES_SUCCESS);
}

static int
parse_aaaa(const unsigned char *msg, int len, struct answer *answer)
{
	struct ares_addr6ttl	 found[ADDRESSES_MAX + 1];
	int			 n = ADDRESSES_MAX + 1;
	int			 status = ares_parse_aaaa_reply(msg, len, NULL, found, &n);

	if (status != ARES_SUCCESS)
		return (status);
	for (int i = 0; i < n; i++) {
		struct addr	 a = { .family = FAMILY_IPV6 };

		memcpy(a.ip, &found[i].ip6addr, sizeof(found[i].ip6addr));
		answer_add(answer, &a);
	}
	return (n == 0 ? ARES_ENODATA : ARES_SUCCESS);
}

/* c-ares refuses some names of its own accord, as it does a broken answer. */
static int
parse_ptr(const unsigned char *msg, int len, struct answer *answer)
{
	struct hostent	*host;
	int		 status = ares_parse_ptr_reply(msg, len, NULL, 0, AF_UNSPEC, &host);

	if (status == ARES_EBADRESP)
		return (ARES_EBADNAME);
	if (status != ARES_SUCCESS)
		return (status);
	if (!name_accept(host->h_name, answer->name))
		status = ARES_EBADNAME;
	ares_free_hostent(host);
	return (status);
}

static int
parse_type(int type, const unsigned char *msg, int len, struct answer *answer)
{
	switch (type) {
	case ns_t_a:
		return (parse_a(msg, len, answer));
	case ns_t_aaaa:
		return (parse_aaaa(msg, len, answer));
	default:
		return (parse_ptr(msg, len, answer));
	}
}

/* RFC 1035 4.1.1: the answer did not fit, so what it lacks may exist. */
static bool
is_truncated(const unsigned char *msg, int len)
{
	return (len >= NS_HFIXEDSZ && (msg[2] & 2) != 0);
}

enum lookup
parse_answer(int type, int status, const unsigned char *msg, int len, struct answer *answer)
{
	if (status == ARES_SUCCESS)
		status = parse_type(type, msg, len, answer);
	if (is_truncated(msg, len) && status == ARES_SUCCESS)
		answer->partial = true;
	if (status != ARES_SUCCESS && is_truncated(msg, len))
		return (LOOKUP_SERVER_FAILED);

	switch (status) {
	case ARES_SUCCESS:
		return (LOOKUP_FOUND);
	case ARES_ENODATA:
	case ARES_ENOTFOUND:
		return (LOOKUP_NOT_FOUND);
	case ARES_EBADNAME:
		return (LOOKUP_BAD_NAME);
	case ARES_EREFUSED:
		return (LOOKUP_REFUSED);
	case ARES_ETIMEOUT:
		return (LOOKUP_TIMED_OUT);
	case ARES_ECONNREFUSED:
		return (LOOKUP_NO_SERVER);
	default:
		return (LOOKUP_SERVER_FAILED);
	}
}
