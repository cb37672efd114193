/*
 * What a name server answers, on hostile bytes.  Beyond what the sanitizers see: what is found
 * may be told to the parent, and nothing is found where nothing came out.
 */

#include <arpa/nameser.h>

#include "resolver.h"
#include "splice.h"

/* Answers about a.b (RFC 1035 section 4): flags, counts, question, and one record. */
#define ABOUT(type)	"\0\1\x81\x80\0\1\0\1\0\0\0\0\1a\1b\0\0" type "\0\1"			\
			"\xc0\x0c\0" type "\0\1\0\0\0\7"
#define A		ABOUT("\1") "\0\4\xc0\0\2\1"
#define AAAA		ABOUT("\x1c") "\0\x10\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
#define PTR		ABOUT("\xc") "\0\xb\1h\7example\0"

static const struct good {
	int		 type;
	size_t		 len;
	const char	*bytes;
} goods[] = {
	{ ns_t_a, 0, "" }, { ns_t_aaaa, 0, "" }, { ns_t_ptr, 0, "" },
	{ ns_t_a, sizeof(A) - 1, A }, { ns_t_aaaa, sizeof(AAAA) - 1, AAAA },
	{ ns_t_ptr, sizeof(PTR) - 1, PTR },
};

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* The question, without its type. */
static uint8_t	 query[] = "\0\1\1\0\0\1\0\0\0\0\0\0\1a\1b\0\0\1\0\1";

static enum lookup
fuzz_answer(int type, const unsigned char *bytes, size_t len)
{
	struct answer	 a = { .n = 0 };
	enum lookup	 l;

	query[sizeof(query) - 4] = (uint8_t)type;
	if (!answer_repeats(bytes, len, query, sizeof(query) - 1))
		return (LOOKUP_NONE);
	l = parse_answer(type, bytes, len, &a);
	must(l > LOOKUP_NONE && l < LOOKUP_COUNT);
	must((l == LOOKUP_FOUND) == (a.n != 0 || a.name[0] != '\0'));
	must(a.n <= ADDRESSES_MAX && (!a.partial || l == LOOKUP_FOUND));
	must(type == ns_t_ptr ? a.n == 0 : a.name[0] == '\0');
	for (unsigned int i = 0; i < a.n; i++)
		must(addr_valid(&a.addr[i]) &&
		    a.addr[i].family == (type == ns_t_a ? FAMILY_IPV4 : FAMILY_IPV6));
	must(a.name[0] == '\0' || (text_ended(a.name, sizeof(a.name)) && text_is_name(a.name)));
	return (l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void	*bytes;
	size_t	 len;

	for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
		const struct good	*g = &goods[i];

		must(g->len == 0 || fuzz_answer(g->type, (const uint8_t *)g->bytes, g->len) ==
		    LOOKUP_FOUND);
		bytes = splice(g->bytes, g->len, data, size, &len);
		(void)fuzz_answer(g->type, bytes, len);
		free(bytes);
	}
	return (0);
}
