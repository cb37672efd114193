/* A scan and a host to render, for the tests of the formats. */

#ifndef RENDER_H
#define RENDER_H

#include <string.h>

#include "logger.h"
#include "test.h"

static struct plan	 plan;
static struct host	 host;
static struct view	 view __attribute__((unused));
static char		 text[1 << 20];
static struct buffer	 out = { text, sizeof(text), 0 };

static inline void
add_plan(unsigned int first, unsigned int last)
{
	for (unsigned int p = first; p <= last; p++)
		plan.bits[p / 8] |= (uint8_t)(1U << p % 8);
	plan_ports(&plan);
}

/* A host that is up, in a scan of the ports from first to last (0, 0: none). */
static inline void
fresh(const char *ip, unsigned int first, unsigned int last)
{
	memset(&plan, 0, sizeof(plan));
	memset(&host, 0, sizeof(host));
	memset(text, 0, sizeof(text));
	out.len = 0;
	if (last != 0) {
		plan.config.port_kind = PROBE_TCP_SYN;
		add_plan(first, last);
	}
	CHECK(addr_parse(ip, &host.h.addr) == 0);
	host.h.state = HOST_UP;
	host.h.reason = REASON_USER_SET;
	host.h.coverage = COVERAGE_ALL;
	host.h.rest_state = last != 0 ? PORT_FILTERED : PORT_UNKNOWN;
	host.h.rest_reason = last != 0 ? REASON_NO_RESPONSE : REASON_UNKNOWN;
}

static inline void
add_ports(unsigned int first, unsigned int last, uint8_t state, uint8_t reason, uint8_t ttl)
{
	for (unsigned int p = first; p <= last; p++)
		host.port[host.nports++] = (struct port_entry){
			.port = (uint16_t)p, .proto = PROTO_TCP, .state = state,
			.reason = reason, .ttl = ttl
		};
	host.h.ports = host.nports;
}

static inline void
set_names(const char *name, const char *rdns)
{
	snprintf(host.h.name, sizeof(host.h.name), "%s", name);
	snprintf(host.h.rdns, sizeof(host.h.rdns), "%s", rdns);
}

/* What nmap 7.93 answered on loopback, with filters that drop and reject. */
static inline void
mixed_host(void)
{
	fresh("127.0.0.4", 1, 500);
	host.h.srtt = 8;
	add_ports(31, 60, PORT_FILTERED, REASON_ADMIN_PROHIBITED, 64);
	add_ports(61, 70, PORT_FILTERED, REASON_HOST_PROHIBITED, 64);
	add_ports(71, 79, PORT_CLOSED, REASON_RESET, 64);
	add_ports(80, 80, PORT_OPEN, REASON_SYN_ACK, 64);
	add_ports(81, 100, PORT_CLOSED, REASON_RESET, 64);
	add_ports(101, 140, PORT_FILTERED, REASON_HOST_PROHIBITED, 64);
	add_ports(141, 442, PORT_CLOSED, REASON_RESET, 64);
	add_ports(443, 443, PORT_OPEN, REASON_SYN_ACK, 64);
	add_ports(444, 499, PORT_CLOSED, REASON_RESET, 64);
	add_ports(500, 500, PORT_OPEN, REASON_SYN_ACK, 64);
}

#endif /* RENDER_H */
