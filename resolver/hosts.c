/*
 * The hosts files, both ways.  They are strangers' bytes (a user names one of them) and are
 * read behind the seal; what they can cost is bounded by the limits below, and a secret key
 * keeps a file from choosing who meets whom in a hash bucket.
 */

#include <sys/queue.h>
#include <sys/random.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "log.h"
#include "resolver.h"
#include "siphash.h"

#define BUCKETS		65536
#define ENTRIES_MAX	500000		/* over all files */
#define BYTES_MAX	(64U << 20)	/* of one file */

/* One name of one line. */
struct entry {
	STAILQ_ENTRY(entry)	 by_name;
	STAILQ_ENTRY(entry)	 by_addr;
	struct addr		 addr;
	char			 name[];
};
STAILQ_HEAD(bucket, entry);

struct line {
	bool	 too_long;
	size_t	 len;
	char	 text[1024];
};

static struct bucket		*names;		/* every entry, in the order of the files */
static struct bucket		*addrs;		/* the first entry of each address */
static struct siphash_key	 key;
static unsigned int		 entries;

static struct bucket *
new_buckets(void)
{
	struct bucket	*b = calloc(BUCKETS, sizeof(*b));

	if (b == NULL)
		fatal("hosts file");
	for (size_t i = 0; i < BUCKETS; i++)
		STAILQ_INIT(&b[i]);
	return (b);
}

static void
init(void)
{
	if (names != NULL)
		return;
	if (getrandom(&key, sizeof(key), 0) != sizeof(key))
		fatal("getrandom");
	names = new_buckets();
	addrs = new_buckets();
}

static struct bucket *
bucket_of_name(const char *name)
{
	char	 lower[NAME_MAX_TEXT];
	size_t	 len = 0;

	for (; len < sizeof(lower) && name[len] != '\0'; len++)
		lower[len] = (char)tolower((unsigned char)name[len]);
	return (&names[siphash(&key, lower, len) % BUCKETS]);
}

static struct bucket *
bucket_of_addr(const struct addr *a)
{
	return (&addrs[siphash(&key, a, sizeof(*a)) % BUCKETS]);
}

static const struct entry *
find_addr(const struct addr *a)
{
	const struct entry	*e;

	STAILQ_FOREACH(e, bucket_of_addr(a), by_addr)
		if (addr_equal(&e->addr, a))
			return (e);
	return (NULL);
}

static void
add(const struct addr *a, const char *name)
{
	size_t		 size = strlen(name) + 1;
	struct entry	*e;

	if (entries == ENTRIES_MAX)
		return;
	if ((e = malloc(sizeof(*e) + size)) == NULL)
		fatal("hosts file");
	if (++entries == ENTRIES_MAX)
		warningx("hosts files: only the first %u names are used", ENTRIES_MAX);
	e->addr = *a;
	memcpy(e->name, name, size);
	STAILQ_INSERT_TAIL(bucket_of_name(name), e, by_name);
	if (find_addr(a) == NULL)
		STAILQ_INSERT_TAIL(bucket_of_addr(a), e, by_addr);
}

static void
parse_line(char *text)
{
	static const char	 white[] = " \t\r\v\f";
	struct addr		 a;
	char			 name[NAME_MAX_TEXT];
	char			*rest, *word;

	text[strcspn(text, "#")] = '\0';
	word = strtok_r(text, white, &rest);
	if (word == NULL || addr_parse(word, &a) == -1)
		return;
	while ((word = strtok_r(NULL, white, &rest)) != NULL)
		if (name_accept(word, name))
			add(&a, name);
}

static void
end_line(struct line *line)
{
	line->text[line->len] = '\0';
	if (!line->too_long)
		parse_line(line->text);
	line->len = 0;
	line->too_long = false;
}

static void
parse_bytes(struct line *line, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] == '\n')
			end_line(line);
		else if (line->len == sizeof(line->text) - 1)
			line->too_long = true;
		else
			line->text[line->len++] = bytes[i];
}

void
hosts_read(int fd)
{
	struct line	 line = { .len = 0 };
	char		 buf[4096];
	size_t		 total = 0;
	ssize_t		 n;

	init();
	while ((n = read(fd, buf, sizeof(buf))) > 0 && total < BYTES_MAX) {
		parse_bytes(&line, buf, (size_t)n);
		total += (size_t)n;
	}
	if (n == -1 && errno != EBADF)
		warning("hosts file");
	else if (n > 0)
		warningx("hosts file: only the first %u bytes are used", BYTES_MAX);
	else if (n == 0)
		end_line(&line);
	(void)close(fd);
}

/* RFC 6761 6.3. */
static void
add_localhost(enum family family, struct answer *answer)
{
	static const struct addr	 ipv4 = { .family = FAMILY_IPV4, .ip = { 127, 0, 0, 1 } };
	static const struct addr	 ipv6 = { .family = FAMILY_IPV6, .ip = { [15] = 1 } };

	if (family != FAMILY_IPV6)
		answer_add(answer, &ipv4);
	if (family != FAMILY_IPV4)
		answer_add(answer, &ipv6);
}

void
hosts_addresses(const char *name, enum family family, struct answer *answer)
{
	const struct entry	*e;

	STAILQ_FOREACH(e, bucket_of_name(name), by_name)
		if (strcasecmp(e->name, name) == 0 &&
		    (family == FAMILY_NONE || family == e->addr.family))
			answer_add(answer, &e->addr);
	if (answer->n == 0 && strcasecmp(name, "localhost") == 0)
		add_localhost(family, answer);
}

bool
hosts_name(const struct addr *a, char name[NAME_MAX_TEXT])
{
	const struct entry	*e = find_addr(a);

	return (e != NULL && name_accept(e->name, name));
}
