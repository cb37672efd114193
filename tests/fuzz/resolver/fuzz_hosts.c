/*
 * Hosts files on hostile bytes.  Beyond what the sanitizers see: every name that is kept is one,
 * and is found both ways.  Includes the file it tests, to look at what it keeps and forget it.
 */

#include "../../../resolver/hosts.c"

#include <sys/mman.h>

#include "splice.h"

#define GOOD	"127.0.0.1 localhost\n192.0.2.1\ta.example b_c # PRE\n2001:db8::1 A.example.\n"	\
		"192.0.2.2 a.example\n192.0.2.1 d"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
read_bytes(const void *bytes, size_t len)
{
	int	 fd = memfd_create("hosts", MFD_CLOEXEC);

	must(fd != -1 && write(fd, bytes, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0);
	hosts_read(fd);
}

static void
check_entry(const struct entry *e)
{
	struct answer	 a = { .n = 0 };
	char		 name[NAME_MAX_TEXT];
	bool		 found = false;

	must(text_is_name(e->name) && addr_valid(&e->addr));
	must(hosts_name(&e->addr, name) && text_is_name(name));
	hosts_addresses(e->name, e->addr.family, &a);
	for (unsigned int i = 0; i < a.n; i++)
		found = found || addr_equal(&a.addr[i], &e->addr);
	must(found || a.partial);
}

/* In one pass over the buckets, which is what takes time. */
static void
check_and_forget(void)
{
	static struct bucket	*used[BUCKETS];
	size_t			 nused = 0;
	unsigned int		 n = 0;
	struct entry		*e;

	for (size_t i = 0; i < BUCKETS; i++)
		if (!STAILQ_EMPTY(&names[i]))
			used[nused++] = &names[i];
	for (size_t i = 0; i < nused; i++)
		STAILQ_FOREACH(e, used[i], by_name)
			check_entry(e);
	for (size_t i = 0; i < nused; i++)
		for (; (e = STAILQ_FIRST(used[i])) != NULL; n++) {
			STAILQ_REMOVE_HEAD(used[i], by_name);
			STAILQ_INIT(bucket_of_addr(&e->addr));
			free(e);
		}
	must(n == entries);
	entries = 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t	 len;
	void	*bytes = splice(GOOD, sizeof(GOOD) - 1, data, size, &len);

	read_bytes(bytes, len);
	read_bytes(data, size);
	check_and_forget();
	free(bytes);
	return (0);
}
