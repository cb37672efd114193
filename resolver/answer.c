/*
 * What a name server's answer says.  Every byte of it may be hostile: c-ares takes it apart,
 * and only addresses and names that pass our own check come out.
 */

#include <arpa/nameser.h>
#include <netdb.h>

#include <ares.h>
#include <ctype.h>
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

static int
rcode(const uint8_t *msg)
{
	return (msg[3] & 15);
}

bool
answer_is_cut(const uint8_t *msg)
{
	return ((msg[2] & 2) != 0);
}

bool
answer_is_formerr(const uint8_t *msg)
{
	return (rcode(msg) == ns_r_formerr || rcode(msg) == ns_r_notimpl);
}

bool
answer_is_usable(const uint8_t *msg)
{
	return (rcode(msg) == ns_r_noerror || rcode(msg) == ns_r_nxdomain);
}

bool
answer_repeats(const uint8_t *msg, size_t len, const uint8_t *query, size_t query_len)
{
	size_t	 end = NS_HFIXEDSZ;

	if (len < NS_HFIXEDSZ || msg[0] != query[0] || msg[1] != query[1] ||
	    (msg[2] & 0xf8) != 0x80)	/* a response, to a standard query */
		return (false);
	if (answer_is_formerr(msg) && msg[4] == 0 && msg[5] == 0)
		return (true);		/* who can't read a question need not repeat it */
	while (end < query_len && query[end] != 0)
		end += query[end] + 1U;
	end += 1 + NS_QFIXEDSZ;
	if (msg[4] != 0 || msg[5] != 1 || end > query_len || end > len)
		return (false);
	for (size_t i = NS_HFIXEDSZ; i < end; i++)
		if (tolower(msg[i]) != tolower(query[i]))
			return (false);
	return (true);
}

enum lookup
parse_answer(int type, const uint8_t *msg, size_t len, struct answer *answer)
{
	int	 status;

	switch (rcode(msg)) {
	case ns_r_noerror:
		break;
	case ns_r_nxdomain:
		return (LOOKUP_NOT_FOUND);
	case ns_r_refused:
		return (LOOKUP_REFUSED);
	default:
		return (LOOKUP_SERVER_FAILED);
	}
	status = parse_type(type, msg, (int)len, answer);
	if (answer_is_cut(msg) && status != ARES_SUCCESS)
		return (LOOKUP_SERVER_FAILED);	/* what it lacks may exist */
	answer->partial |= answer_is_cut(msg);
	switch (status) {
	case ARES_SUCCESS:
		return (LOOKUP_FOUND);
	case ARES_ENODATA:
		return (LOOKUP_NOT_FOUND);
	case ARES_EBADNAME:
		return (LOOKUP_BAD_NAME);
	default:
		return (LOOKUP_SERVER_FAILED);
	}
}
