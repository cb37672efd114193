/* A resolver that was taken over by a name server's answer. */

#include <sys/mman.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
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

/* Half of this pointer is that of a server's address; it is another's. */
#define HALF_PIN	((void *)((uintptr_t)PIN_ADDRESS | (uintptr_t)1 << 33))

/* Its servers are pinned and lanes connected before the seal, as servers.c and lanes.c do. */
static void
setup(void)
{
	struct server	 server = { .addr = addr_from_ipv4(0x7f000001), .port = 53 };

	struct sockaddr_in	 other = on_loopback(9);
	void			*half = mmap(HALF_PIN, sizeof(other), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	attack_need(half == HALF_PIN ? 0 : -1, "map memory");
	memcpy(half, &other, sizeof(other));
	servers_pin(&server, 1);
	for (int fd = LANE_FD; fd < LANE_FD + LANES; fd++)
		attack_fd(servers_socket(0, SOCK_DGRAM), fd);
	attack_fd(open("/etc/hosts", O_RDONLY), HOSTS_FD);
	attack_fd(open("/etc/hosts", O_RDONLY), USER_HOSTS_FD);
}

/* Another port to the same server. */
static long
ask_anew(void)
{
	int	 fd = servers_socket(0, SOCK_DGRAM);

	return (fd == -1 ? -1 : send(fd, "", 1, 0));
}

/* Nobody listens there: but for that the call is fine. */
static long
ask_over_tcp(void)
{
	int	 fd = servers_socket(0, SOCK_STREAM);

	return (fd == -1 && errno != ECONNREFUSED ? -1 : 0);
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
connect_elsewhere_by_half_a_pointer(void)
{
	return (connect(LANE_FD, HALF_PIN, sizeof(struct sockaddr_in)));
}

/* What comes behind the last server's address in the page. */
static long
connect_behind_the_servers(void)
{
	return (connect(LANE_FD, (void *)(uintptr_t)(PIN_ADDRESS + SERVERS_MAX * PIN_SIZE),
	    sizeof(struct sockaddr_in)));
}

static long
write_servers(void)
{
	return (mprotect((void *)(uintptr_t)PIN_ADDRESS, 4096, PROT_READ | PROT_WRITE));
}

static long
unmap_servers(void)
{
	return (munmap((void *)(uintptr_t)PIN_ADDRESS, 4096));
}

static long
map_over_servers(void)
{
	return (mmap((void *)(uintptr_t)PIN_ADDRESS, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED ? -1 : 0);
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
	{ "ask_anew", ask_anew },
	{ "ask_over_tcp", ask_over_tcp },
	{ "send_elsewhere", send_elsewhere },
	{ "connect_elsewhere", connect_elsewhere },
	{ "connect_elsewhere_by_half_a_pointer", connect_elsewhere_by_half_a_pointer },
	{ "connect_behind_the_servers", connect_behind_the_servers },
	{ "write_servers", write_servers },
	{ "unmap_servers", unmap_servers },
	{ "map_over_servers", map_over_servers },
	{ "listen_elsewhere", listen_elsewhere },
	{ "set_socket_option", set_option },
	{ NULL, NULL }
};

static struct msg_ready
drop(struct ids ids)
{
	return (resolver_drop(ids));
}

int
main(int argc, char *argv[])
{
	static const char *const	 may[] = {
		"nothing", "ask_server", "ask_anew", "ask_over_tcp", NULL
	 };
	static const struct role	 role = { 1 << CHAN_FD, setup, drop, acts, may };

	return (attack_main(&role, argc, argv));
}
