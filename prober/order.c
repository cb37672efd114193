/*
 * In which order ports are probed: a permutation that the seed in the log's header fixes, so
 * that a scan can be told again, with the ports that are most often open in front.
 */

#include <string.h>

#include "prober.h"
#include "services.h"

#define POPULAR	30	/* ports that go first */

static uint8_t	 bits[PORT_PIECES * PORT_PIECE];
static uint32_t	 nports;
static uint16_t	 order[PORT_BITS];
static uint32_t	 position[PORT_BITS];	/* in order, or NOT_A_PORT */

void
order_piece(const struct msg_ports *p)
{
	memcpy(bits + (size_t)p->piece * PORT_PIECE, p->bits, PORT_PIECE);
}

static void
swap_ports(uint32_t i, uint32_t j)
{
	uint16_t	 port = order[i];

	order[i] = order[j];
	order[j] = port;
	position[order[i]] = i;
	position[order[j]] = j;
}

/* A permutation from the seed (Fisher and Yates), the popular ports first. */
static void
shuffle_ports(uint64_t seed)
{
	const struct siphash_key	 key = { { seed, 0 } };
	uint32_t			 front = 0;

	for (uint32_t i = nports; i > 1; i--)
		swap_ports(i - 1, (uint32_t)(siphash(&key, &i, sizeof(i)) % i));
	for (size_t i = 0; i < POPULAR && i < ntcp_ranks; i++)
		if (position[tcp_ranks[i]] != NOT_A_PORT)
			swap_ports(position[tcp_ranks[i]], front++);
}

uint32_t
order_make(uint64_t seed, bool rising)
{
	nports = 0;
	for (uint32_t port = 0; port < PORT_BITS; port++) {
		position[port] = NOT_A_PORT;
		if ((bits[port / 8] & 1U << port % 8) != 0) {
			position[port] = nports;
			order[nports++] = (uint16_t)port;
		}
	}
	if (!rising)
		shuffle_ports(seed);
	return (nports);
}

uint16_t
order_port(uint32_t place)
{
	return (order[place]);
}

uint32_t
order_place(uint16_t port)
{
	return (position[port]);
}
