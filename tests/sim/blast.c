/*
 * blast [-c COUNT] [-i DEVICE] [-m METHOD] [-r RATE] [-g MAC] PREFIX PORTS
 *
 * What sending costs, without a scanner around it: the same SYN in a bare loop of one system
 * call, with nothing but its address, port and checksum changed.  It says packets a second,
 * which is the most that a scanner with this call can reach here.
 *
 *	raw		raw IP socket, sendto			rawmmsg		sendmmsg of 64
 *	packet		AF_PACKET socket, send			packetmmsg	sendmmsg of 64
 *	txring		AF_PACKET TX_RING of 256
 *
 * The methods with AF_PACKET need the device, and where it is Ethernet the MAC of the gateway.
 */

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

#define BATCH		64
#define RING		256
#define FRAME		256
#define RING_DATA	32	/* where a frame's bytes begin, after its tpacket2_hdr */
#define ETHER_LEN	14
#define RETRIES		1000000

_Static_assert(sizeof(struct tpacket2_hdr) == RING_DATA, "the kernel aligns it to 16");

enum method { RAW, RAWMMSG, PACKET, PACKETMMSG, TXRING, METHODS };

static const char	*const method_names[METHODS] = {
	"raw", "rawmmsg", "packet", "packetmmsg", "txring"
};

struct blast {
	enum method	 method;
	const char	*device;
	uint64_t	 count, rate;
	struct range	 target;
	uint32_t	 source;
	uint16_t	 ports[65536];
	size_t		 nports;
	uint8_t		 ether[ETHER_LEN];
	size_t		 ether_len;
	int		 fd;
	uint64_t	 next, sent, refused;
	uint8_t		 packet[BATCH][FRAME];
	struct sockaddr_in to[BATCH];
	struct iovec	 iov[BATCH];
	struct mmsghdr	 msg[BATCH];
	uint8_t		*ring;
};

static uint64_t
now_ns(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec);
}

/* The address that the kernel would send from. */
static uint32_t
source_for(uint32_t target)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET, .sin_port = htons(9),
				    .sin_addr.s_addr = htonl(target) };
	socklen_t		 len = sizeof(sin);
	int			 fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd == -1 || connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "no route to the target");
	close(fd);
	return (ntohl(sin.sin_addr.s_addr));
}

static void
open_raw(struct blast *b)
{
	int	 one = 1;

	if ((b->fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW)) == -1 ||
	    setsockopt(b->fd, IPPROTO_IP, IP_HDRINCL, &one, sizeof(one)) == -1)
		err(1, "raw socket");
}

static void
open_ring(struct blast *b)
{
	struct tpacket_req	 req = { .tp_block_size = 4096, .tp_frame_size = FRAME,
				    .tp_block_nr = RING * FRAME / 4096, .tp_frame_nr = RING };
	int			 version = TPACKET_V2;

	if (setsockopt(b->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) == -1 ||
	    setsockopt(b->fd, SOL_PACKET, PACKET_TX_RING, &req, sizeof(req)) == -1)
		err(1, "PACKET_TX_RING");
	b->ring = mmap(NULL, (size_t)RING * FRAME, PROT_READ | PROT_WRITE, MAP_SHARED, b->fd, 0);
	if (b->ring == MAP_FAILED)
		err(1, "mmap");
}

static void
open_packet(struct blast *b)
{
	struct sockaddr_ll	 sll = { .sll_family = AF_PACKET };
	struct ifreq		 ifr;

	if (b->device == NULL)
		errx(2, "this method needs -i");
	memset(&ifr, 0, sizeof(ifr));
	memcpy(ifr.ifr_name, b->device, strnlen(b->device, IFNAMSIZ - 1));
	sll.sll_protocol = htons(ETH_P_IP);
	if ((b->fd = socket(AF_PACKET, SOCK_RAW, 0)) == -1 ||
	    ioctl(b->fd, SIOCGIFINDEX, &ifr) == -1)
		err(1, "%s", b->device);
	sll.sll_ifindex = ifr.ifr_ifindex;
	if (ioctl(b->fd, SIOCGIFHWADDR, &ifr) == -1)
		err(1, "%s", b->device);
	if (ifr.ifr_hwaddr.sa_family == ARPHRD_ETHER) {
		memcpy(b->ether + 6, ifr.ifr_hwaddr.sa_data, 6);
		put16(b->ether + 12, ETH_P_IP);
		b->ether_len = ETHER_LEN;
	}
	if (b->method == TXRING)
		open_ring(b);
	if (bind(b->fd, (struct sockaddr *)&sll, sizeof(sll)) == -1)
		err(1, "bind");
}

/* Probe number n: addresses first, so that no host gets two in a row; its length. */
static size_t
make_probe(struct blast *b, uint64_t n, uint8_t *to)
{
	uint64_t	 hosts = (uint64_t)b->target.hi - b->target.lo + 1;
	struct segment	 seg = { .src = b->source, .sport = 40000, .window = 1024,
			    .mss = 1460, .flags = FLAG_SYN, .ttl = 64 };

	seg.dst = b->target.lo + (uint32_t)(n % hosts);
	seg.dport = b->ports[n / hosts % b->nports];
	seg.seq = (uint32_t)draw(1, DRAW_ISN, seg.dst, seg.dport);
	if (b->ether_len > 0)
		memcpy(to, b->ether, b->ether_len);
	return (b->ether_len + build_tcp(to + b->ether_len, &seg));
}

static void
point(struct blast *b, size_t i)
{
	size_t	 len = make_probe(b, b->next++, b->packet[i]);

	b->iov[i].iov_base = b->packet[i];
	b->iov[i].iov_len = len;
	b->msg[i].msg_hdr.msg_iov = &b->iov[i];
	b->msg[i].msg_hdr.msg_iovlen = 1;
	if (b->method == RAW || b->method == RAWMMSG) {
		b->to[i].sin_family = AF_INET;
		memcpy(&b->to[i].sin_addr, b->packet[i] + 16, 4);
		b->msg[i].msg_hdr.msg_name = &b->to[i];
		b->msg[i].msg_hdr.msg_namelen = sizeof(b->to[i]);
	}
}

/* A full queue is counted and asked again; anything else is the end. */
static void
refused(struct blast *b, const char *what)
{
	if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
		err(1, "%s", what);
	if (++b->refused > RETRIES)
		errx(1, "the queue stays full");
}

static void
send_one(struct blast *b)
{
	point(b, 0);
	while (sendto(b->fd, b->packet[0], b->iov[0].iov_len, 0,
	    b->msg[0].msg_hdr.msg_name, b->msg[0].msg_hdr.msg_namelen) == -1)
		refused(b, "sendto");
	b->sent++;
}

static void
send_batch(struct blast *b)
{
	unsigned int	 done = 0;
	int		 n;

	for (size_t i = 0; i < BATCH; i++)
		point(b, i);
	while (done < BATCH) {
		if ((n = sendmmsg(b->fd, b->msg + done, BATCH - done, 0)) == -1)
			refused(b, "sendmmsg");
		else
			done += (unsigned int)n;
	}
	b->sent += BATCH;
}

static void
send_ring(struct blast *b)
{
	for (size_t i = 0; i < RING; i++) {
		struct tpacket2_hdr	*h = (void *)(b->ring + i * FRAME);
		uint8_t			*data = b->ring + i * FRAME + RING_DATA;

		while (__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) != TP_STATUS_AVAILABLE)
			if (send(b->fd, NULL, 0, 0) == -1)
				refused(b, "send");
		h->tp_len = (uint32_t)make_probe(b, b->next++, data);
		__atomic_store_n(&h->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_RELEASE);
	}
	while (send(b->fd, NULL, 0, 0) == -1)
		refused(b, "send");
	b->sent += RING;
}

/* Wait until there may be one more. */
static void
pace(const struct blast *b, uint64_t start)
{
	uint64_t	 due = start + b->sent * SECOND / b->rate, now = now_ns();
	struct timespec	 ts = { 0, 0 };

	if (due <= now)
		return;
	ts.tv_sec = (time_t)((due - now) / SECOND);
	ts.tv_nsec = (long)((due - now) % SECOND);
	nanosleep(&ts, NULL);
}

static void
run(struct blast *b)
{
	uint64_t	 start = now_ns();
	double		 seconds;

	while (b->sent < b->count) {
		if (b->method == RAW || b->method == PACKET)
			send_one(b);
		else if (b->method == TXRING)
			send_ring(b);
		else
			send_batch(b);
		if (b->rate != 0)
			pace(b, start);
	}
	seconds = (double)(now_ns() - start) / (double)SECOND;
	printf("method=%s sent=%ju refused=%ju seconds=%.6f per_second=%.0f\n",
	    method_names[b->method], (uintmax_t)b->sent, (uintmax_t)b->refused, seconds,
	    (double)b->sent / seconds);
}

static _Noreturn void
usage(void)
{
	fprintf(stderr, "usage: blast [-c count] [-g mac] [-i device] "
	    "[-m raw|rawmmsg|packet|packetmmsg|txring] [-r rate] prefix ports\n");
	exit(2);
}

static enum method
method_of(const char *name)
{
	for (int i = 0; i < METHODS; i++)
		if (strcmp(name, method_names[i]) == 0)
			return ((enum method)i);
	usage();
}

static void
targets(struct blast *b, const char *prefix, const char *ports)
{
	static struct ports	 set;

	if (set_range(prefix, &b->target) == -1 || set_ports(ports, &set) == -1 || !set.any)
		usage();
	for (unsigned int p = 0; p < 65536; p++)
		if (ports_have(&set, p))
			b->ports[b->nports++] = (uint16_t)p;
	b->source = source_for(b->target.lo);
}

int
main(int argc, char **argv)
{
	static struct blast	 b = { .count = 1000000 };
	uint8_t			*mac = b.ether;
	int			 c;

	while ((c = getopt(argc, argv, "c:g:i:m:r:")) != -1)
		switch (c) {
		case 'c': b.count = strtoull(optarg, NULL, 10); break;
		case 'g':
			if (sscanf(optarg, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1,
			    mac + 2, mac + 3, mac + 4, mac + 5) != 6)
				usage();
			break;
		case 'i': b.device = optarg; break;
		case 'm': b.method = method_of(optarg); break;
		case 'r': b.rate = strtoull(optarg, NULL, 10); break;
		default: usage();
		}
	if (optind != argc - 2)
		usage();
	targets(&b, argv[optind], argv[optind + 1]);
	if (b.method == RAW || b.method == RAWMMSG)
		open_raw(&b);
	else
		open_packet(&b);
	run(&b);
	return (0);
}
