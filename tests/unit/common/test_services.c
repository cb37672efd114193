/* The tables made from the data files are whole, in order, and found by number. */

#include <string.h>

#include "services.h"
#include "state.h"
#include "test.h"

static void
services_rise_by_protocol_and_port(void)
{
	unsigned int	 wrong = 0;

	CHECK(nservices > 10000);
	for (size_t i = 1; i < nservices; i++) {
		const struct service	*a = &services[i - 1], *b = &services[i];

		wrong += a->proto > b->proto || (a->proto == b->proto && a->port >= b->port);
	}
	CHECK(wrong == 0);
}

/* A name goes into logs, so it may hold nothing that a reader of them trips over. */
static void
names_are_short_and_plain(void)
{
	unsigned int	 wrong = 0;

	for (size_t i = 0; i < nservices; i++) {
		const char	*s = services[i].name;
		size_t		 len = strlen(s);

		wrong += len == 0 || len > 63 || strspn(s, "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+/*-") != len;
		wrong += services[i].proto != PROTO_TCP && services[i].proto != PROTO_UDP &&
		    services[i].proto != PROTO_SCTP;
	}
	CHECK(wrong == 0);
}

static void
well_known_ports_have_their_names(void)
{
	CHECK(strcmp(service_name(PROTO_TCP, 22), "ssh") == 0);
	CHECK(strcmp(service_name(PROTO_TCP, 25), "smtp") == 0);
	CHECK(strcmp(service_name(PROTO_TCP, 443), "https") == 0);
	CHECK(strcmp(service_name(PROTO_UDP, 53), "domain") == 0);
	CHECK(strcmp(service_name(PROTO_UDP, 69), "tftp") == 0);
	CHECK(strcmp(service_name(PROTO_SCTP, 9), "discard") == 0);
}

static void
other_ports_are_unknown(void)
{
	CHECK(strcmp(service_name(PROTO_TCP, 0), "unknown") == 0);
	CHECK(strcmp(service_name(PROTO_TCP, 4), "unknown") == 0);
	CHECK(strcmp(service_name(PROTO_TCP, 65535), "unknown") == 0);
	CHECK(strcmp(service_name(0, 80), "unknown") == 0);
	CHECK(strcmp(service_name(255, 80), "unknown") == 0);
}

static void
every_service_is_found(void)
{
	unsigned int	 wrong = 0;

	for (size_t i = 0; i < nservices; i++)
		wrong += service_name(services[i].proto, services[i].port) != services[i].name;
	CHECK(wrong == 0);
}

static void
no_port_has_two_ranks(void)
{
	static uint8_t	 seen[65536];
	unsigned int	 wrong = 0;

	for (size_t i = 0; i < ntcp_ranks; i++)
		wrong += seen[tcp_ranks[i]]++;
	CHECK(wrong == 0);
	CHECK(seen[0] == 0);
}

static void
the_most_often_open_come_first(void)
{
	CHECK(ntcp_ranks >= 1000);
	CHECK(tcp_ranks[0] == 80);
	CHECK(tcp_ranks[1] == 23);
	CHECK(tcp_ranks[2] == 443);
}

int
main(void)
{
	CASE(services_rise_by_protocol_and_port);
	CASE(names_are_short_and_plain);
	CASE(well_known_ports_have_their_names);
	CASE(other_ports_are_unknown);
	CASE(every_service_is_found);
	CASE(no_port_has_two_ranks);
	CASE(the_most_often_open_come_first);
	return (test_done());
}
