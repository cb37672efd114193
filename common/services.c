/* Look-ups in the tables of ports; the tables themselves are generated (GNUmakefile). */

#include "services.h"

const char *
service_name(uint8_t proto, uint16_t port)
{
	size_t	 low = 0, high = nservices;
	uint32_t want = (uint32_t)proto << 16 | port;

	while (low < high) {
		size_t		 mid = low + (high - low) / 2;
		uint32_t	 have = (uint32_t)services[mid].proto << 16 | services[mid].port;

		if (have == want)
			return (services[mid].name);
		if (have < want)
			low = mid + 1;
		else
			high = mid;
	}
	return ("unknown");
}
