/*
 * Port numbers, their names (from the IANA registry) and how often they are found open.
 * The tables are made from common/data/ when the program is built.
 */

#ifndef SERVICES_H
#define SERVICES_H

#include <stddef.h>
#include <stdint.h>

struct service {
	uint16_t	 port;
	uint8_t		 proto;		/* PROTO_TCP, PROTO_UDP, PROTO_SCTP */
	const char	*name;
};

/* Rising by proto, then port; one name a port. */
extern const struct service	 services[];
extern const size_t		 nservices;

/* TCP ports, the one most often found open first. */
extern const uint16_t		 tcp_ranks[];
extern const size_t		 ntcp_ranks;

/* The name of a port, or "unknown". */
const char	*service_name(uint8_t proto, uint16_t port);

#endif /* SERVICES_H */
