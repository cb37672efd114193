/* A prober that was taken over by what it received. */

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <fcntl.h>
#include <unistd.h>

#include "attack.h"
#include "prober.h"
#include "script.h"

#define LOOPBACK	1	/* the interface's number in any network namespace */

/* One link to a peer, which hears what is sent. */
static const char	 network[] =
	"ip link add eth0 type veth peer name eth1\n"
	"ip link set eth1 up\n"
	"ip addr add 10.1.0.1/24 dev eth0\n"
	"ip link set eth0 up\n";

/* The production sockets, as many as there may be.  The channel's number is kept for it. */
static void
setup(void)
{
	attack_fd(fcntl(STDIN_FILENO, F_DUPFD, CHAN_FD), CHAN_FD);
	attack_need(script_run(network) ? 0 : -1, "a link");
	root_routes(NULL);
	root_open(NULL, true);
	for (int n = 1; n < PACKET_SOCKETS; n++)
		attack_need(dup2(FD_PACKET, FD_PACKET + n), "packet sockets");
}

/* A locked filter does not keep the capture's socket from sending. */
static long
send_on_capture(void)
{
	struct sockaddr_ll	 to = { .sll_family = AF_PACKET, .sll_ifindex = LOOPBACK };
	char			 frame[64] = { 0 };

	return (sendto(capture_fd(CAPTURE_IP), frame, sizeof(frame), 0, (struct sockaddr *)&to,
	    sizeof(to)));
}

static long
write_on_capture(void)
{
	struct sockaddr_ll	 to = {
		.sll_family = AF_PACKET, .sll_ifindex = LOOPBACK, .sll_protocol = htons(ETH_P_ALL)
	};
	char			 frame[64] = { 0 };

	if (bind(capture_fd(CAPTURE_IP), (struct sockaddr *)&to, sizeof(to)) == -1)
		return (-1);
	return (write(capture_fd(CAPTURE_IP), frame, sizeof(frame)));
}

/* Datagrams that no probe is made of, on the socket that only asks for routes. */
static long
send_datagram(void)
{
	struct sockaddr_in	 to = { .sin_family = AF_INET, .sin_port = htons(9) };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return (sendto(FD_ROUTE, "", 1, 0, (struct sockaddr *)&to, sizeof(to)));
}

/* On the sockets that send: the other calls that do. */
static long
send_message(void)
{
	struct sockaddr_in	 to = { .sin_family = AF_INET };
	char			 packet[20] = { 0x45 };
	struct iovec		 iov = { packet, sizeof(packet) };
	struct msghdr		 m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1
	};

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return (sendmsg(FD_RAW, &m, 0));
}

static long
send_batch_on(int fd)
{
	struct sockaddr_ll	 to = { .sll_family = AF_PACKET, .sll_ifindex = LOOPBACK };
	char			 frame[64] = { 0 };
	struct iovec		 iov = { frame, sizeof(frame) };
	struct mmsghdr		 m = { .msg_hdr = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1
	} };

	return (sendmmsg(fd, &m, 1, 0) == 1 ? 0 : -1);
}

static long
send_batch_on_capture(void)
{
	return (send_batch_on(capture_fd(CAPTURE_IP)));
}

/* Bound anew, the packet socket would send on other links. */
static long
bind_packet_socket(void)
{
	struct sockaddr_ll	 to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };

	return (bind(FD_PACKET, (struct sockaddr *)&to, sizeof(to)));
}

static long
set_option(void)
{
	const int	 on = 1;

	return (setsockopt(capture_fd(CAPTURE_IP), SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)));
}

/* libpcap asks for the flags of a link, which is allowed; to set them is another request. */
static long
link_flags(unsigned long request)
{
	struct ifreq	 eth0 = { .ifr_name = "eth0", .ifr_flags = IFF_UP };

	return (ioctl(FD_ROUTE, request, &eth0));
}

static long
ask_for_link_flags(void)
{
	return (link_flags(SIOCGIFFLAGS));
}

static long
set_link_flags(void)
{
	return (link_flags(SIOCSIFFLAGS));
}

/* What the prober is for, by its own functions. */
static long
emit(int fd)
{
	struct parcel	 p = {
		.dst = addr_from_ipv4(INADDR_LOOPBACK), .fd = fd, .len = 20,
		.frame = { .type = { 8 }, .packet = { 0x45, [16] = 127, [19] = 1 } }
	};
	bool	 refused;

	return (transmit(&p, 1, &refused) == 1 ? 0 : -1);
}

static long
emit_probe(void)
{
	return (emit(FD_RAW));
}

static long
emit_frames(void)
{
	long	 rc = 0;

	for (int n = 0; n < PACKET_SOCKETS && rc == 0; n++)
		rc = emit(FD_PACKET + n);
	return (rc);
}

static const struct act	 acts[] = {
	{ "send_probe", emit_probe },
	{ "send_frames", emit_frames },
	{ "send_message", send_message },
	{ "send_on_capture", send_on_capture },
	{ "send_batch_on_capture", send_batch_on_capture },
	{ "write_on_capture", write_on_capture },
	{ "send_datagram", send_datagram },
	{ "bind_packet_socket", bind_packet_socket },
	{ "set_socket_option", set_option },
	{ "ask_for_link_flags", ask_for_link_flags },
	{ "set_link_flags", set_link_flags },
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
	static const char *const	 may[] = {
		"nothing", "send_probe", "send_frames", "ask_for_link_flags", NULL
	};
	static const struct role	 role = { 1 << CHAN_FD, setup, drop, acts, may };

	return (attack_main(&role, argc, argv));
}
