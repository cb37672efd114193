/* A prober that was taken over by what it received. */

#include <sys/socket.h>

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"
#include "prober.h"

#define CAPTURE_FD	4	/* where libpcap's socket comes to be */

static void
setup(void)
{
	attack_fd(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), CAPTURE_FD);
	attack_fd(socket(AF_INET, SOCK_RAW, IPPROTO_RAW), FD_RAW);
	attack_fd(socket(AF_INET, SOCK_DGRAM, 0), FD_ROUTE);
	attack_fd(socket(AF_PACKET, SOCK_DGRAM, 0), FD_ARP);
}

/* A locked filter does not keep the capture's socket from sending. */
static long
send_on_capture(void)
{
	struct sockaddr_ll	 to = { .sll_family = AF_PACKET, .sll_ifindex = 1 };
	char			 frame[64] = { 0 };

	return (sendto(CAPTURE_FD, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)));
}

static long
write_on_capture(void)
{
	struct sockaddr_ll	 to = {
		.sll_family = AF_PACKET, .sll_ifindex = 1, .sll_protocol = htons(ETH_P_ALL)
	};
	char			 frame[64] = { 0 };

	if (bind(CAPTURE_FD, (struct sockaddr *)&to, sizeof(to)) == -1)
		return (-1);
	return (write(CAPTURE_FD, frame, sizeof(frame)));
}

/* Datagrams that no probe is made of, on the socket that only asks for routes. */
static long
send_datagram(void)
{
	struct sockaddr_in	 to = { .sin_family = AF_INET, .sin_port = htons(9) };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return (sendto(FD_ROUTE, "", 1, 0, (struct sockaddr *)&to, sizeof(to)));
}

static long
set_option(void)
{
	return (setsockopt(CAPTURE_FD, SOL_SOCKET, SO_BROADCAST, &(int){ 1 }, sizeof(int)));
}

static long
emit_probe(void)
{
	struct sockaddr_in	 to = { .sin_family = AF_INET };
	char			 packet[20] = { 0x45 };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(packet + 16, &to.sin_addr, 4);
	return (sendto(FD_RAW, packet, sizeof(packet), 0, (struct sockaddr *)&to, sizeof(to)));
}

static const struct act	 acts[] = {
	{ "send_probe", emit_probe },
	{ "send_on_capture", send_on_capture },
	{ "write_on_capture", write_on_capture },
	{ "send_datagram", send_datagram },
	{ "set_socket_option", set_option },
	{ NULL, NULL }
};

static struct msg_ready
drop(struct ids ids)
{
	return (privs_drop(&prober_sheet, ids));
}

int
main(int argc, char *argv[])
{
	static const char *const	 may[] = { "nothing", "send_probe", NULL };
	static const struct role	 role = { 1 << CHAN_FD, setup, drop, acts, may };

	return (attack_main(&role, argc, argv));
}
