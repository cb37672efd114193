/*
 * A log for --skip-done on hostile bytes, near to what nmap writes.  Beyond what the sanitizers
 * see: the hosts that are found may be told to the parent; bytes behind the last newline change
 * nothing; and with another run behind the whole of it, its last host is not found because of that.
 */

#include "logger.h"
#include "splice.h"

#define RUN	"# Nmap 7.93 scan initiated Mon Nov 23 02:48:47 2026 as: nmap 10.0.0.0/24\n"
#define NORMAL	RUN							\
	"Nmap scan report for a.example (10.0.0.1)\nHost is up (0.000041s latency).\n\n"	\
	"22/tcp open ssh\n\nNmap scan report for 10.0.0.2 [host down]\n"		\
	"Nmap scan report for 10.0.0.3\nHost is up.\n# Nmap done at x\n"
#define GREPABLE RUN							\
	"Host: 10.0.0.1 (a.example)\tStatus: Up\nHost: 10.0.0.1 (a.example)\tPorts: \n"	\
	"Host: 10.0.0.2 ()\tStatus: Timeout\nHost: 2001:db8::1 ()\tStatus: Down\n"	\
	"Host: 10.0.0.3 ()\tStatus: Up\n"
#define OWN								\
	"# postern: host 10.0.0.1 . up syn-ack 64 - 1500 - complete 10000 filtered "	\
	"no-response - . - 22:open:syn-ack:64\n"					\
	"Nmap scan report for 10.0.0.2\nHost is up.\n"
static const char *const	 logs[] = { "", NORMAL, GREPABLE, OWN };

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* How many hosts it has; what is left in f is of the line read last. */
static unsigned int
read_log(struct foreign *f, const char *log, size_t len)
{
	const char	*newline;
	unsigned int	 n, sum = 0;

	*f = (struct foreign){ .up = false };
	for (; len != 0 && (newline = memchr(log, '\n', len)) != NULL; log = newline + 1) {
		size_t		 whole = (size_t)(newline - log) + 1;
		struct msg	 m = { .pastaddrs = { .n = 0 } };

		n = foreign_line(f, log, whole - 1, m.pastaddrs.addr);
		must(n <= FOREIGN_MAX);
		m.pastaddrs.n = n;
		must(n == 0 || check_pastaddrs(&m));
		must(!f->up || f->host.family != FAMILY_NONE);
		sum += n;
		len -= whole;
	}
	return (sum);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct foreign	 f;
	char		*log, *both;
	size_t		 len;
	unsigned int	 n;

	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		log = splice(logs[i], strlen(logs[i]), data, size, &len);
		n = read_log(&f, log, len);
		must((both = malloc(len + sizeof(RUN))) != NULL);
		memcpy(both, log, len);
		memcpy(both + len, RUN, sizeof(RUN) - 1);
		must(read_log(&f, both, len + sizeof(RUN) - 1) == n && !f.up);
		free(both);
		free(log);
	}
	return (0);
}
