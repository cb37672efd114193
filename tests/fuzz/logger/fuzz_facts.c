/*
 * The line of a host on hostile bytes.  Beyond what the sanitizers see: a line that is read is
 * the one that would be written of what was read, and what was read may be sent to the parent.
 */

#include "logger.h"
#include "splice.h"

#define DONE	"# postern: host 10.0.0.1 a.example up syn-ack 64 2001:db8::9 1500 "	\
		"00:11:22:33:44:55 complete 10000 f no-response found b.example "	\
		"10.0.0.2,2001:db8::1 1-21:c:reset:64,22:o:syn-ack:64@::1,"		\
		"24-99:of:no-response:0"
#define PART	"# postern: part 2001:db8::1 . unknown user-set 0 - 0 - 2:77 9950 - "	\
		"unknown-response - . - 80:o:syn-ack:60"
static const char *const	 lines[] = { "", DONE, PART };

static struct host	 host;
static char		 text[1 << 20];
static struct buffer	 out = { text, sizeof(text), 0 };

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_ports_can_be_sent(void)
{
	struct msg	 m;

	for (uint32_t i = 0; i < host.nports; i += m.hostports.n) {
		memset(&m, 0, sizeof(m));
		for (; m.hostports.n < HOSTPORTS_MAX && i + m.hostports.n < host.nports;
		    m.hostports.n++)
			m.hostports.e[m.hostports.n] = host.port[i + m.hostports.n];
		must(check_hostports(&m));
		must(i == 0 || host.port[i].port > host.port[i - 1].port);
	}
}

static void
check_host_can_be_sent(void)
{
	struct msg	 m = { .host = host.h };

	must(check_host(&m) && host.h.ports == host.nports && host.h.others == host.nothers);
	for (uint32_t i = 0; i < host.nothers; i++) {
		memset(&m, 0, sizeof(m));
		m.hostaddrs.n = 1;
		m.hostaddrs.addr[0] = host.other[i];
		must(check_hostaddrs(&m));
	}
	check_ports_can_be_sent();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	*line;
	size_t	 len;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		line = splice(lines[i], strlen(lines[i]), data, size, &len);
		if (facts_parse(line, len, &host) == 0) {
			out.len = 0;
			facts_add(&host, &out);
			must(out.len == len + 1 && memcmp(text, line, len) == 0);
			check_host_can_be_sent();
		}
		free(line);
	}
	return (0);
}
