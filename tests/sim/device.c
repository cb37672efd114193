/* The device: TUN, where packets are bare, or TAP, where they have an Ethernet header. */

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

#define ETHER_LEN	14

/* A scanner that is faster than we are meets this queue first; see device_dropped=. */
#define QUEUE_LEN	10000

uint64_t
clock_now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec);
}

/*
 * No packet is ever longer than the MTU here, and the device says so.  Where it does not, libpcap
 * in immediate mode has room for 32 packets of 64 KiB, and masscan loses a third of its replies.
 */
static void
no_offloads(int sock, struct ifreq *ifr)
{
	static const uint32_t	 commands[] = { ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO };
	struct ethtool_value	 value = { .data = 0 };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		value.cmd = commands[i];
		ifr->ifr_data = (void *)&value;
		if (ioctl(sock, SIOCETHTOOL, ifr) == -1 && errno != EOPNOTSUPP)
			warn("offloads");
	}
}

int
device_open(struct device *d, const struct scenario *s)
{
	struct ifreq	 ifr;
	int		 sock;

	memset(&ifr, 0, sizeof(ifr));
	memcpy(ifr.ifr_name, s->device, strnlen(s->device, IFNAMSIZ - 1));
	ifr.ifr_flags = (short)((s->tap ? IFF_TAP : IFF_TUN) | IFF_NO_PI);
	d->scenario = s;
	if ((d->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)) == -1 ||
	    ioctl(d->fd, TUNSETIFF, &ifr) == -1)
		return (-1);
	if ((sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		return (-1);
	ifr.ifr_qlen = QUEUE_LEN;
	if (ioctl(sock, SIOCSIFTXQLEN, &ifr) == -1)
		warn("txqueuelen");
	no_offloads(sock, &ifr);
	if (s->tap && ioctl(sock, SIOCGIFHWADDR, &ifr) == 0)
		memcpy(d->mac, ifr.ifr_hwaddr.sa_data, sizeof(d->mac));
	close(sock);
	return (d->fd);
}

/* Reads and answers one packet; -1 with EAGAIN: there is none. */
ssize_t
device_read(struct device *d, struct sim *s)
{
	static uint8_t	 b[65536];
	ssize_t		 n = read(d->fd, b, sizeof(b));
	uint64_t	 now;

	if (n <= 0)
		return (n);
	now = clock_now();
	if (!d->scenario->tap)
		sim_packet(s, now, b, (size_t)n);
	else if (n > ETHER_LEN && get16(b + 12) == ETH_P_IP)
		sim_packet(s, now, b + ETHER_LEN, (size_t)n - ETHER_LEN);
	else if (n > ETHER_LEN && get16(b + 12) == ETH_P_ARP)
		sim_arp(s, now, b + ETHER_LEN, (size_t)n - ETHER_LEN);
	else
		count(C_NOT_IPV4);
	return (n);
}

/* The Ethernet source of a packet: its host's, on the link; else the gateway's. */
static uint32_t
sender_of(const struct scenario *s, const uint8_t *b, bool ip)
{
	uint32_t	 src = get32(b + (ip ? 12 : 14));

	return (src >= s->link.lo && src <= s->link.hi ? src : s->gateway);
}

/* A sim_output; arg is the device. */
void
device_write(void *arg, const uint8_t *b, size_t len)
{
	struct device	*d = arg;
	bool		 ip = b[0] >> 4 == 4;
	uint8_t		 ether[ETHER_LEN];
	struct iovec	 iov[2] = { { ether, ETHER_LEN }, { (void *)(uintptr_t)b, len } };
	ssize_t		 n;

	if (!d->scenario->tap)
		n = write(d->fd, b, len);
	else {
		memcpy(ether, d->mac, 6);
		put16(ether + 6, 0x0200);
		put32(ether + 8, sender_of(d->scenario, b, ip));
		put16(ether + 12, ip ? ETH_P_IP : ETH_P_ARP);
		n = writev(d->fd, iov, 2);
	}
	if (n == -1)
		count(C_WRITE_FAILED);
}

/* Packets that the scanner sent and the device had no room for. */
uint64_t
device_dropped(const char *name)
{
	char		 line[512], dev[64];
	uint64_t	 dropped = 0, d;
	FILE		*f = fopen("/proc/self/net/dev", "re");

	if (f == NULL)
		return (0);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, " %63[^:]: %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %"
		    SCNu64, dev, &d) == 2 && strcmp(dev, name) == 0)
			dropped = d;
	fclose(f);
	return (dropped);
}
