/* A resolver that was taken over by a name server's answer. */

#include <sys/socket.h>

#include <netinet/in.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"
#include "resolver.h"

static struct sockaddr_in
on_loopback(uint16_t port)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return (sin);
}

/* Lanes are connected to a name server before the seal. */
static void
setup(void)
{
	struct sockaddr_in	 server = on_loopback(53);

	for (int fd = LANE_FD; fd < LANE_FD + LANES; fd++) {
		attack_fd(socket(AF_INET, SOCK_DGRAM, 0), fd);
		attack_need(connect(fd, (struct sockaddr *)&server, sizeof(server)), "connect");
	}
	attack_fd(open("/etc/hosts", O_RDONLY), HOSTS_FD);
	attack_fd(open("/etc/hosts", O_RDONLY), USER_HOSTS_FD);
}

static long
ask_server(void)
{
	return (send(LANE_FD, "", 1, 0));
}

/* A connected UDP socket sends anywhere, if it is given an address. */
static long
send_elsewhere(void)
{
	struct sockaddr_in	 other = on_loopback(9);

	return (sendto(LANE_FD, "", 1, 0, (struct sockaddr *)&other, sizeof(other)));
}

static long
connect_elsewhere(void)
{
	struct sockaddr_in	 other = on_loopback(9);

	return (connect(LANE_FD, (struct sockaddr *)&other, sizeof(other)));
}

static long
listen_elsewhere(void)
{
	struct sockaddr_in	 any = { .sin_family = AF_UNSPEC };

	return (connect(LANE_FD, (struct sockaddr *)&any, sizeof(any)));
}

static long
set_option(void)
{
	return (setsockopt(LANE_FD, SOL_SOCKET, SO_BROADCAST, &(int){ 1 }, sizeof(int)));
}

static const struct act	 acts[] = {
	{ "ask_server", ask_server },
	{ "send_elsewhere", send_elsewhere },
	{ "connect_elsewhere", connect_elsewhere },
	{ "listen_elsewhere", listen_elsewhere },
	{ "set_socket_option", set_option },
	{ NULL, NULL }
};

static struct msg_ready
drop(struct ids ids)
{
	return (privs_drop(&resolver_sheet, ids));
}

int
main(int argc, char *argv[])
{
	static const char *const	 may[] = { "nothing", "ask_server", NULL };
	static const struct role	 role = { 1 << CHAN_FD, setup, drop, acts, may };

	return (attack_main(&role, argc, argv));
}
