/*
 * Services for the lab: one process that listens on each ADDRESS:PORT it is given, and closes
 * every connection it accepts.  It comes back to its caller when all of them listen, and goes
 * on in the background.  Its arguments are our own scripts'; it reads nothing from the network.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <err.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"

#define SERVICES_MAX	256

static struct sockaddr_in
parse_service(char *text)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET };
	char			*colon = strchr(text, ':');
	struct addr		 addr;
	unsigned long		 port;

	if (colon == NULL)
		errx(2, "%s: not ADDRESS:PORT", text);
	*colon = '\0';
	port = strtoul(colon + 1, NULL, 10);
	if (addr_parse(text, &addr) == -1 || addr.family != FAMILY_IPV4 ||
	    port == 0 || port > UINT16_MAX)
		errx(2, "%s:%s: not ADDRESS:PORT", text, colon + 1);
	sin.sin_addr.s_addr = htonl(addr_to_ipv4(&addr));
	sin.sin_port = htons((uint16_t)port);
	return (sin);
}

static int
listen_on(const struct sockaddr_in *sin)
{
	int	 fd, on = 1;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    bind(fd, (const struct sockaddr *)sin, sizeof(*sin)) == -1 || listen(fd, 128) == -1)
		err(1, "listen on port %u", ntohs(sin->sin_port));
	return (fd);
}

/* A connection that went away before it was accepted is no error. */
static void
serve(struct pollfd *fds, nfds_t n)
{
	int	 conn;

	for (;;) {
		if (poll(fds, n, -1) == -1)
			err(1, "poll");
		for (nfds_t i = 0; i < n; i++)
			if (fds[i].revents != 0 && (conn = accept(fds[i].fd, NULL, NULL)) != -1)
				close(conn);
	}
}

int
main(int argc, char *argv[])
{
	struct pollfd		 fds[SERVICES_MAX];
	struct sockaddr_in	 sin;
	nfds_t			 n = 0;

	if (argc < 2 || argc - 1 > SERVICES_MAX)
		errx(2, "usage: listen ADDRESS:PORT ...");
	for (int i = 1; i < argc; i++) {
		sin = parse_service(argv[i]);
		fds[n++] = (struct pollfd){ .fd = listen_on(&sin), .events = POLLIN };
	}
	if (daemon(0, 0) == -1)
		err(1, "daemon");
	serve(fds, n);
}
