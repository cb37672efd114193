/* Hosts that no network has, for test_xml.c and test_json.c: hostile names, random contents. */

#ifndef HOSTILE_H
#define HOSTILE_H

#include "render.h"

/* None of them would pass for a host name: the formats must not count on that. */
static const char *const	 hostile_names[] = {
	"a\"b", "a'b", "a\\", "a\\\"", "\x01\x1b[31m\x7f", "\xc3\xa9\xff\xfe", "\t\r\n",
	"<script>alert(1)</script>", "]]>", "-->", "--", "-", "\"/></hostnames></host>", "&amp;",
	"&#0;", "%s%n%d", "\"},{\"record\":\"host\"", "\\u0000", "<!--", "<?xml?>", "<![CDATA[",
};
#define NHOSTILE	(sizeof(hostile_names) / sizeof(hostile_names[0]))

static uint64_t	 draws;

/* Of the numbers below n, one (Knuth's MMIX generator: the same in every run). */
static inline uint32_t
draw(uint32_t n)
{
	draws = draws * 6364136223846793005U + 1442695040888963407U;
	return ((uint32_t)(draws >> 33) % n);
}

static inline void
draw_name(char name[NAME_MAX_TEXT])
{
	uint32_t	 len = draw(2) == 0 ? 0 : draw(NAME_MAX_TEXT);

	memset(name, 0, NAME_MAX_TEXT);
	for (uint32_t i = 0; i < len; i++)
		name[i] = (char)(draw(4) == 0 ? "\"'<>&\\-]"[draw(8)] : (char)(1 + draw(255)));
}

static inline void
draw_addr(struct addr *a)
{
	static const char *const	 some[] = { "10.9.0.2", "2001:db8::1", "255.255.255.255" };

	memset(a, 0, sizeof(*a));
	if (draw(2) == 0)
		CHECK(addr_parse(some[draw(3)], a) == 0);
}

static inline void
draw_ports(unsigned int first, unsigned int last)
{
	for (unsigned int p = first; p <= last; p++)
		if (draw(3) != 0) {
			add_ports(p, p, (uint8_t)(1 + draw(PORT_STATE_COUNT - 1)),
			    (uint8_t)draw(REASON_COUNT), (uint8_t)draw(256));
			draw_addr(&host.port[host.nports - 1].from);
		}
}

/* A scan of up to 400 ports and a host in it, and what of it is shown. */
static inline void
draw_host(void)
{
	unsigned int	 first = 1 + draw(65000), last = draw(4) == 0 ? 0 : first + draw(400);

	fresh(draw(2) == 0 ? "10.9.0.2" : "2001:db8::1", last == 0 ? 0 : first, last);
	plan.config.flags = draw(LOG_FLAGS + 1);
	plan.config.verbosity = (uint8_t)draw(3);
	host.h.state = draw(8) == 0 ? HOST_DOWN : HOST_UP;
	if (last != 0 && host.h.state == HOST_UP)
		draw_ports(first, last);
	else
		host.h.rest_state = PORT_UNKNOWN;
	host.h.outcome = (uint8_t)draw(OUTCOME_COUNT);
	host.h.reason = (uint8_t)draw(REASON_COUNT);
	host.h.ttl = (uint8_t)draw(256);
	host.h.srtt = draw(2) * draw(UINT32_MAX);
	host.h.coverage = (uint16_t)draw(COVERAGE_ALL + 1);
	host.h.flags = (uint8_t)draw(HOST_FLAGS + 1);
	draw_addr(&host.h.from);
	host.nothers = host.h.others = draw(4);
	for (uint32_t i = 0; i < host.nothers; i++)
		host.other[i] = host.h.addr;
	draw_name(host.h.name);
	draw_name(host.h.rdns);
	view_host(&plan, &host, &view);
}

static inline unsigned int
occurrences(const char *what)
{
	unsigned int	 n = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		n++;
	return (n);
}

/* All ports shown, each with the longest words there are. */
static inline void
worst_host(void)
{
	fresh("2001:db8:1111:2222:3333:4444:5555:6666", 1, 65535);
	add_plan(0, 0);
	add_ports(0, 65535, PORT_CLOSED_FILTERED, REASON_SYN, 255);
	for (uint32_t i = 0; i < host.nports; i++)
		host.port[i].from = host.h.addr;
	view_host(&plan, &host, &view);
	memset(view.ignored, 0, sizeof(view.ignored));
	view.nshown = host.nports;
	memcpy(view.shown, host.port, sizeof(view.shown));
}

#endif /* HOSTILE_H */
