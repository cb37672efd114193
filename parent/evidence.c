/*
 * What a log records as evidence of a run: what runs, since when, where and for whom.  It is
 * gathered once, while there is root, and nothing is parsed for it but a number of the kernel's.
 * Names that others chose (of the host, of interfaces, in the environment) are not trusted: each
 * is made one word that can't be taken for anything else.
 */

#include <sys/socket.h>
#include <sys/utsname.h>

#include <elf.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <link.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "parent.h"
#include "siphash.h"

#define INTERFACES_MAX	32
#define LINES_MAX	(INTERFACES_MAX + 7)
#define LINE_SIZE	512
#define NAME_SIZE	128
#define ADDRESS_ROOM	(ADDR_TEXT + 16)	/* for one more of an interface's addresses */

/* What is too long for it is cut off: so what others wrote comes last in it. */
struct line {
	size_t	 len;
	char	 text[LINE_SIZE];
};

static struct line	 lines[LINES_MAX];
static unsigned int	 nlines;
static char		 sudo_user[NAME_SIZE], sudo_uid[NAME_SIZE];

static void	 add(struct line *, const char *, ...) printflike(2, 3);

static void
add(struct line *l, const char *fmt, ...)
{
	const size_t	 room = sizeof(l->text) - l->len;
	va_list		 ap;
	int		 n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len += (size_t)n < room ? (size_t)n : room - 1;
}

static struct line *
begin(const char *word)
{
	struct line	*l = &lines[nlines];

	if (nlines++ == LINES_MAX)
		fatalx("too much evidence");
	add(l, "%s", word);
	return (l);
}

/* A name that somebody chose: letters, digits and -._ as they are, any other byte as %NN. */
static void
add_name(struct line *l, const char *before, const char *name)
{
	add(l, "%s", before);
	for (; *name != '\0' && l->len + 4 < sizeof(l->text); name++)
		if ((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
		    (*name >= '0' && *name <= '9') || strchr("-._", *name) != NULL)
			add(l, "%c", *name);
		else
			add(l, "%%%02x", (unsigned int)(unsigned char)*name);
}

void
root_keep_sudo(void)
{
	const char	*user = getenv("SUDO_USER"), *uid = getenv("SUDO_UID");

	snprintf(sudo_user, sizeof(sudo_user), "%s", user != NULL ? user : "");
	snprintf(sudo_uid, sizeof(sudo_uid), "%s", uid != NULL ? uid : "");
}

/* The build id in a segment of notes, or NULL. */
static const uint8_t *
find_build_id(const uint8_t *at, size_t size, size_t align, uint32_t *len)
{
	ElfW(Nhdr)	 h;
	size_t		 name, desc;

	while (size >= sizeof(h)) {
		memcpy(&h, at, sizeof(h));
		name = ((size_t)h.n_namesz + align - 1) & ~(align - 1);
		desc = ((size_t)h.n_descsz + align - 1) & ~(align - 1);
		if (name > size - sizeof(h) || desc > size - sizeof(h) - name)
			return (NULL);
		*len = h.n_descsz;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == sizeof(ELF_NOTE_GNU) &&
		    memcmp(at + sizeof(h), ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0)
			return (at + sizeof(h) + name);
		at += sizeof(h) + name + desc;
		size -= sizeof(h) + name + desc;
	}
	return (NULL);
}

/* Called for this program first, and not for its libraries. */
static int
on_program(struct dl_phdr_info *info, size_t size, void *text)
{
	const uint8_t	*id = NULL;
	uint32_t	 len = 0;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum && id == NULL; i++) {
		const ElfW(Phdr)	*p = &info->dlpi_phdr[i];

		if (p->p_type == PT_NOTE)
			id = find_build_id((const uint8_t *)(uintptr_t)(info->dlpi_addr +
			    p->p_vaddr), p->p_memsz, p->p_align == 8 ? 8 : 4, &len);
	}
	if (id != NULL && len != 0 && len <= (BUILD_ID_TEXT - 1) / 2)
		for (uint32_t i = 0; i < len; i++)
			snprintf((char *)text + (size_t)2 * i, 3, "%02x", id[i]);
	return (1);
}

const char *
build_id(char text[BUILD_ID_TEXT])
{
	snprintf(text, BUILD_ID_TEXT, "none");
	(void)dl_iterate_phdr(on_program, text);
	return (text);
}

static void
root_add_machine(void)
{
	char		 id[BUILD_ID_TEXT];
	struct utsname	 u;
	struct line	*l;

	add(begin("version"), " postern " VERSION " build %s", build_id(id));
	if (uname(&u) == -1)
		fatal("uname");
	l = begin("kernel");
	add_name(l, " ", u.sysname);
	add_name(l, " ", u.release);
	add_name(l, " ", u.machine);
	add_name(begin("host"), " ", u.nodename);
}

/* In UTC, and how far the local time is ahead of that. */
static void
root_add_start(void)
{
	struct timespec	 ts;
	struct tm	 tm;
	char		 utc[TIME_TEXT], offset[8];

	clock_gettime(CLOCK_REALTIME, &ts);
	if (localtime_r(&ts.tv_sec, &tm) == NULL ||
	    strftime(offset, sizeof(offset), "%z", &tm) == 0)
		fatalx("the clock has no time");
	add(begin("start"), " %s %s", text_time(utc, &ts), offset);
}

/* Who logged in, which the kernel keeps through su and sudo. */
static void
root_add_login(struct line *l)
{
	char		 text[16] = "";
	unsigned long	 id = UINT32_MAX;
	int		 fd = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);

	if (fd != -1 && read(fd, text, sizeof(text) - 1) > 0)
		id = strtoul(text, NULL, 10);
	if (fd != -1)
		close(fd);
	if (id < UINT32_MAX)
		add(l, " loginuid %lu", id);
	else
		add(l, " loginuid unset");
}

static void
root_add_who(void)
{
	struct line		*l = begin("who");
	const struct passwd	*pw = getpwuid(getuid());

	add(l, " uid %u", getuid());
	if (pw != NULL) {
		add_name(l, " (", pw->pw_name);
		add(l, ")");
	}
	root_add_login(l);
	if (sudo_uid[0] != '\0')
		add_name(l, " sudo-uid ", sudo_uid);
	if (sudo_user[0] != '\0')
		add_name(l, " sudo-user ", sudo_user);
}

static void
add_address(struct line *l, const struct ifaddrs *a)
{
	const bool	 v4 = a->ifa_addr->sa_family == AF_INET;
	const size_t	 size = v4 ? 4 : 16;
	const size_t	 at = v4 ? offsetof(struct sockaddr_in, sin_addr) :
	    offsetof(struct sockaddr_in6, sin6_addr);
	struct addr	 addr = { .family = v4 ? FAMILY_IPV4 : FAMILY_IPV6 };
	int		 prefix = 0;
	char		 text[ADDR_TEXT];

	memcpy(addr.ip, (const uint8_t *)a->ifa_addr + at, size);
	for (size_t i = 0; a->ifa_netmask != NULL && i < size; i++)
		prefix += __builtin_popcount(((const uint8_t *)a->ifa_netmask)[at + i]);
	add(l, " addr %s/%d", addr_text(&addr, text), prefix);
}

/* Is it an Internet address of this interface?  IPv4 ones may bear a label: eth0:1. */
static bool
is_address_of(const struct ifaddrs *a, const char *name)
{
	const size_t	 len = strlen(name);

	return (a->ifa_addr != NULL && (a->ifa_addr->sa_family == AF_INET ||
	    a->ifa_addr->sa_family == AF_INET6) && strncmp(a->ifa_name, name, len) == 0 &&
	    (a->ifa_name[len] == '\0' || a->ifa_name[len] == ':'));
}

static void
add_interface(const struct ifaddrs *link, const struct ifaddrs *all)
{
	static const uint8_t	 none[6];
	struct sockaddr_ll	 ll = { .sll_halen = 0 };
	struct line		*l = begin("interface");

	if (link->ifa_addr != NULL)	/* a tunnel has none */
		memcpy(&ll, link->ifa_addr, sizeof(ll));
	add_name(l, " ", link->ifa_name);
	add(l, " index %u", if_nametoindex(link->ifa_name));
	if (ll.sll_halen == 6 && memcmp(ll.sll_addr, none, 6) != 0)
		add(l, " mac %02x:%02x:%02x:%02x:%02x:%02x", ll.sll_addr[0], ll.sll_addr[1],
		    ll.sll_addr[2], ll.sll_addr[3], ll.sll_addr[4], ll.sll_addr[5]);
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		if (!is_address_of(a, link->ifa_name))
			continue;
		if (l->len + ADDRESS_ROOM > sizeof(l->text)) {
			add(l, " (and more)");
			return;
		}
		add_address(l, a);
	}
}

static void
root_add_interfaces(void)
{
	struct ifaddrs	*all;
	unsigned int	 n = 0;

	if (getifaddrs(&all) == -1)
		fatal("the interfaces");
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next)
		if ((a->ifa_addr == NULL || a->ifa_addr->sa_family == AF_PACKET) &&
		    (a->ifa_flags & IFF_UP) != 0 && n++ < INTERFACES_MAX)
			add_interface(a, all);
	if (n > INTERFACES_MAX)
		add(begin("interface"), " (%u more)", n - INTERFACES_MAX);
	freeifaddrs(all);
}

void
root_evidence(void)
{
	root_add_machine();
	root_add_start();
	root_add_who();
	root_add_interfaces();
}

void
evidence_skip(uint64_t hosts, const char *log)
{
	struct line	*l = begin("skipped");

	add(l, " %llu hosts of", (unsigned long long)hosts);
	add_name(l, " ", log);
}

const char *
evidence_line(unsigned int n)
{
	return (n < nlines ? lines[n].text : NULL);
}

uint64_t
digest_add(uint64_t before, const void *data, size_t len)
{
	const struct siphash_key	 key = { { before, 0x706f737465726e32 } };

	return (siphash(&key, data, len));
}

uint64_t
scope_digest(const struct options *o, const struct port_set *ports)
{
	uint64_t	 d = 0;

	for (unsigned int i = 0; i < o->ntargets; i++)
		d = digest_add(d, o->targets[i], strlen(o->targets[i]));
	d = digest_add(d, "", 0);	/* no target is empty */
	if (o->exclude != NULL)
		d = digest_add(d, o->exclude, strlen(o->exclude));
	return (digest_add(d, ports->bits, sizeof(ports->bits)));
}
