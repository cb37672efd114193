/*
 * Two name servers on loopback for tests: what they do with a query its name says.  Numbers
 * and ports of the first queries are kept.
 */

#ifndef NAMESERVER_H
#define NAMESERVER_H

#include <sys/socket.h>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "text.h"

static int		 dns[2];	/* their sockets */
static int		 dns_tcp;	/* of the first */
static unsigned int	 asked[3];	/* queries they had */
static uint16_t		 ids[64];	/* of the first queries of this run */
static uint16_t		 ports[64];	/* that they came from */
static struct sockaddr_in late_from;	/* who asked the first server first for "late" */

struct query {
	unsigned char	 bytes[512];
	size_t		 len;		/* of header and question */
	int		 type;
	bool		 edns;
	char		 name[NAME_MAX_TEXT];
};

static struct query	 late;		/* and the answer to that */

#define OVER_TCP	2	/* the first server's number, there */

static bool
parse_query(struct query *q, ssize_t n)
{
	size_t	 at = 12, out = 0;

	if (n < 17)
		return (false);
	while (at < (size_t)n && q->bytes[at] != 0) {
		memcpy(q->name + out, q->bytes + at + 1, q->bytes[at]);
		out += q->bytes[at];
		q->name[out++] = '.';
		at += q->bytes[at] + 1U;
	}
	q->name[out == 0 ? 0 : out - 1] = '\0';
	q->type = q->bytes[at + 2];
	q->len = at + 5;
	q->edns = q->bytes[11] != 0;
	q->bytes[11] = 0;		/* the record of EDNS goes */
	return (q->len <= (size_t)n);
}

static void
add_record(struct query *q, int type, const void *data, size_t n)
{
	unsigned char	 head[] = {
		0xc0, 12, 0, (unsigned char)type, 0, 1, 0, 0, 0, 60, 0, (unsigned char)n
	};

	memcpy(q->bytes + q->len, head, sizeof(head));
	memcpy(q->bytes + q->len + sizeof(head), data, n);
	q->len += sizeof(head) + n;
	q->bytes[7]++;
}

static void
add_addresses(struct query *q)
{
	if (q->type == ns_t_aaaa) {
		add_record(q, ns_t_aaaa, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
		return;
	}
	add_record(q, ns_t_a, "\xc0\0\2\1", 4);
	add_record(q, ns_t_a, "\xc0\0\2\2", 4);
	add_record(q, ns_t_a, "\xc0\0\2\1", 4);
}

static void
add_name(struct query *q)
{
	switch (atoi(q->name)) {
	case 66:
		add_record(q, ns_t_ptr, "\4h\033[2", 6);
		return;
	case 67:
		add_record(q, ns_t_ptr, "\3a/b", 5);
		return;
	default:
		add_record(q, ns_t_ptr, "\4host\7example", 14);
	}
}

/* What comes before the answer from a forger, or a broken server. */
static void
send_rubbish(int fd, const struct query *q, const struct sockaddr_in *to)
{
	struct query	 forged = *q;
	char		 noise[600];

	memset(noise, 0xc0, sizeof(noise));
	sendto(fd, noise, 0, 0, (const struct sockaddr *)to, sizeof(*to));
	sendto(fd, noise, 3, 0, (const struct sockaddr *)to, sizeof(*to));
	sendto(fd, noise, sizeof(noise), 0, (const struct sockaddr *)to, sizeof(*to));
	forged.bytes[0] ^= 0x55;
	add_record(&forged, ns_t_a, "\6\6\6\6", 4);
	sendto(fd, forged.bytes, forged.len, 0, (const struct sockaddr *)to, sizeof(*to));
	forged.bytes[0] ^= 0x55;
	forged.bytes[13] ^= 1;		/* the right number, another question */
	sendto(fd, forged.bytes, forged.len, 0, (const struct sockaddr *)to, sizeof(*to));
}

/* The name says what the server does; false: it keeps silent. */
static bool
answer_query(int server, struct query *q, const struct sockaddr_in *from)
{
	int	 rcode = ns_r_noerror;

	if (strncmp(q->name, "silent", 6) == 0 ||
	    (server == 0 && strncmp(q->name, "lost", 4) == 0))
		return (false);
	if (strncmp(q->name, "nx", 2) == 0)
		rcode = ns_r_nxdomain;
	else if (strncmp(q->name, "refused", 7) == 0)
		rcode = ns_r_refused;
	else if (server == 0 && strncmp(q->name, "failing", 7) == 0)
		rcode = ns_r_servfail;
	else if (server == 0 && strncmp(q->name, "unable", 6) == 0)
		rcode = ns_r_notimpl;
	q->bytes[2] = 0x81;
	q->bytes[3] = (unsigned char)(0x80 | rcode);
	if (strncmp(q->name, "forged", 6) == 0)
		send_rubbish(dns[server], q, from);
	if (strncmp(q->name, "plain", 5) == 0 && q->edns)
		q->bytes[3] = 0x80 | ns_r_formerr;
	else if (strncmp(q->name, "cut", 3) == 0 ||
	    (strncmp(q->name, "long", 4) == 0 && server != OVER_TCP))
		q->bytes[2] |= 2;
	else if (rcode == ns_r_noerror && q->type == ns_t_ptr)
		add_name(q);
	else if (rcode == ns_r_noerror && strncmp(q->name, "empty", 5) != 0)
		add_addresses(q);
	return (true);
}

static void
send_late(void)
{
	sendto(dns[0], late.bytes, late.len, 0, (struct sockaddr *)&late_from, sizeof(late_from));
}

static void
serve(int server)
{
	struct sockaddr_in	 from;
	socklen_t		 size = sizeof(from);
	struct query		 q = { .len = 0 };
	unsigned int		 n = asked[0] + asked[1];

	if (!parse_query(&q, recvfrom(dns[server], q.bytes, sizeof(q.bytes), MSG_DONTWAIT,
	    (struct sockaddr *)&from, &size)))
		return;
	asked[server]++;
	if (n < 64) {
		ids[n] = (uint16_t)(q.bytes[0] << 8 | q.bytes[1]);
		ports[n] = from.sin_port;
	}
	if (!answer_query(server, &q, &from))
		return;
	if (server == 0 && strncmp(q.name, "late", 4) == 0) {
		if (asked[0] > 1) {
			send_late();
			return;
		}
		late = q;
		late_from = from;
	} else
		sendto(dns[server], q.bytes, q.len, 0, (struct sockaddr *)&from, size);
}

/* One question over TCP, in two pieces as the answer; it may be lied about, or cut off. */
static void
serve_stream(void)
{
	struct query	 q = { .len = 0 };
	unsigned char	 head[2];
	int		 fd = accept(dns_tcp, NULL, NULL);
	ssize_t		 n;

	if (fd == -1 || recv(fd, head, 2, MSG_WAITALL) != 2 ||
	    (n = recv(fd, q.bytes, (size_t)(head[0] << 8 | head[1]), MSG_WAITALL)) <= 0 ||
	    !parse_query(&q, n) || !answer_query(OVER_TCP, &q, NULL)) {
		close(fd);
		return;
	}
	asked[OVER_TCP]++;
	head[0] = (unsigned char)(q.len >> 8);
	head[1] = (unsigned char)q.len;
	if (strcmp(q.name, "long-false.example") == 0)
		head[1]++;
	if (strcmp(q.name, "long-other.example") == 0)
		q.bytes[14] ^= 1;
	if (send(fd, head, 1, MSG_NOSIGNAL) == 1 && send(fd, head + 1, 1, MSG_NOSIGNAL) == 1 &&
	    send(fd, q.bytes, 9, MSG_NOSIGNAL) == 9)
		send(fd, q.bytes + 9, q.len - 9, MSG_NOSIGNAL);
	close(fd);
}

static int
listen_on(uint16_t port, int type)
{
	struct sockaddr_in	 sin = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int			 fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    (type == SOCK_STREAM && listen(fd, 16) == -1))
		fatal("name server of the test");
	return (fd);
}

#endif /* NAMESERVER_H */
