/*
 * The resolver: names to addresses and addresses to names, from the hosts files and from the
 * name servers.  It believes nobody: what a file or a server says leaves here as addresses,
 * checked names and enums only.
 *
 * names.c	the name of an address in the DNS, and which names pass: pure
 * answer.c	what a name server's answer says: hostile input
 * hosts.c	the hosts files: hostile input
 * servers.c	the name servers, and sockets to them
 * pace.c	how fast one of them is asked: pure (in pace.h)
 * lanes.c	queries in flight, and the sockets they go by
 * tcp.c	answers that do not fit into a datagram
 * cache.c	names that are known already
 * question.c	whom to ask, and what becomes of it
 * query.c	look-ups, from the request to the reply
 * dispatch.c	what the parent may ask, and the loop
 */

#ifndef RESOLVER_H
#define RESOLVER_H

#include <sys/queue.h>

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "ipc.h"
#include "pace.h"
#include "privs.h"
#include "text.h"

/* The descriptors that a resolver has, besides CHAN_FD. */
#define HOSTS_FD	4	/* /etc/hosts; may be absent */
#define USER_HOSTS_FD	5	/* the file of --hosts; may be absent */
#define LANE_FD		8	/* the first of LANES sockets to name servers */

#define LANES_EACH	8
#define LANES		(SERVERS_MAX * LANES_EACH)
#define STREAMS		4	/* TCP connections at once */
#define TRIES_MAX	8	/* queries for one question, over all servers */
#define QUESTIONS	2	/* of one look-up */
#define WIRE_MAX	288	/* bytes of a query: a header, a name, EDNS */
#define DATAGRAM_MAX	4096	/* more than a server is told to send */

/* Where the servers' socket addresses are, in a row: connect(2) is allowed with these. */
#define PIN_ADDRESS	0x10000000U
#define PIN_SIZE	32U

/* names.c */

/* The name under which the DNS keeps the names of an address (RFC 1035 3.5, RFC 3596 2.5). */
void		 name_reverse(const struct addr *, char name[NAME_MAX_TEXT]);

/* Copy a stranger's host name, less one final dot.  False, and nothing, when it is none. */
bool		 name_accept(const char *from, char to[NAME_MAX_TEXT]);

/* answer.c */

struct answer {
	uint8_t		 n;
	bool		 partial;	/* there are more */
	struct addr	 addr[ADDRESSES_MAX];
	char		 name[NAME_MAX_TEXT];
};

/* Add an address that is not there yet; beyond ADDRESSES_MAX the answer is partial. */
void		 answer_add(struct answer *, const struct addr *);

/*
 * Is it an answer to this query: a response that bears its number and repeats its question
 * (RFC 5452, 9.1)?  Case does not count.
 */
bool		 answer_repeats(const uint8_t *msg, size_t len, const uint8_t *query,
		    size_t query_len);

/* The next are of messages for which that is so. */

/* It did not fit (TC); the server does not understand the query; it says something of the name. */
bool		 answer_is_cut(const uint8_t *msg);
bool		 answer_is_formerr(const uint8_t *msg);
bool		 answer_is_usable(const uint8_t *msg);

/*
 * What it says to a query of a type, A, AAAA or PTR (RFC 1035 section 4).  What it finds it adds
 * to the answer; of one that is cut that is partial.
 */
enum lookup	 parse_answer(int type, const uint8_t *msg, size_t len, struct answer *answer);

/* hosts.c */

/*
 * Add a hosts(5) file, read from where the descriptor stands, and close it: an address, then
 * names, # begins a comment (so the tags of lmhosts are skipped).  Lines that are none are
 * skipped.  A descriptor that is not open is no file.
 */
void		 hosts_read(int fd);

/* Add all addresses of the name, of one family or (NONE) of both; localhost is built in. */
void		 hosts_addresses(const char *name, enum family, struct answer *);

/* The first name that the files give the address.  False when they have none. */
bool		 hosts_name(const struct addr *, char name[NAME_MAX_TEXT]);

/* servers.c */

struct server {
	struct addr	 addr;
	uint16_t	 port;
};

/*
 * Parse a list of name servers: a[:port],b,[v6]:port.  How many there are (the first
 * SERVERS_MAX of them in s), or -1 when something in it is no such thing.
 */
int		 parse_servers(const char *list, struct server s[SERVERS_MAX]);

/*
 * Find the servers of the list, or without one those of the system's resolver configuration, and
 * pin their addresses.  How many there are; those that have no route are left out, with a warning
 * if the list has them.  Ends the process when the list is wrong.  Before privs_drop().
 */
unsigned int	 servers_open(const char *list);
unsigned int	 servers_count(void);
const struct server *servers_at(unsigned int);
/* Pin the addresses of these, n of them, for tests. */
void		 servers_pin(const struct server *, unsigned int n);
/* A new socket, connected to a server or (SOCK_STREAM) about to be; -1 with errno. */
int		 servers_socket(unsigned int server, int type);

/* A question to the name servers, and all that is known of it. */
enum question_state { OVER, WAITING, FLYING, STREAM_WAITS, STREAMING };

struct flight;
struct question {
	TAILQ_ENTRY(question)	 link;		/* while it waits */
	struct slot		*of;		/* its look-up, in query.c */
	enum question_state	 state;
	bool			 retry;		/* waiting again */
	int			 type;		/* ns_t_a and the like */
	uint8_t			 result;	/* enum lookup */
	uint8_t			 said_no;	/* bits: servers that are of no use for it */
	unsigned int		 server;	/* asked last */
	usec_t			 begun;		/* 0: just now */
	usec_t			 deadline;	/* 0: not asked yet */
	unsigned int		 nflights;
	struct flight		*flight[TRIES_MAX];
	size_t			 wire_len;
	uint8_t			 wire[WIRE_MAX];	/* the query, with one flight's number */
	struct answer		 answer;
};

/* lanes.c */

/* A query under way; when it is waited for no longer its answer still counts. */
struct flight {
	TAILQ_ENTRY(flight)	 link;		/* while it is out */
	struct question		*question;
	usec_t			 sent;
	usec_t			 expires;
	unsigned int		 period;	/* as pace_sent() numbers it */
	uint16_t		 id;
	uint8_t			 lane;
	uint8_t			 server;
	bool			 out;		/* it is waited for */
};
TAILQ_HEAD(flight_list, flight);

/* Before privs_drop(). */
void		 lanes_open(void);
struct pace	*lanes_pace(unsigned int server);
/* Send a question's query: question_answered() or _silent() follow, or _unreachable(). */
void		 lanes_send(struct question *, unsigned int server, usec_t now);
/* Nothing is to come of its queries any more. */
void		 lanes_forget(struct question *);
void		 lanes_poll(struct pollfd fds[LANES]);
void		 lanes_read(const struct pollfd fds[LANES], usec_t now);
/* Those that are out for too long. */
void		 lanes_expire(usec_t now);
bool		 lanes_busy(void);
/* Count a query that went by another way, and whether its answer was of use. */
void		 lanes_count(bool good);
/* Which servers there are, and what became of the queries they were sent. */
void		 lanes_asked(struct msg_asked *);

/* tcp.c */

bool		 tcp_room(void);
bool		 tcp_busy(void);
/* Ask over TCP, for which there has to be room; question_streamed() follows, maybe now. */
void		 tcp_ask(struct question *, unsigned int server, usec_t now);
void		 tcp_forget(const struct question *);
void		 tcp_poll(struct pollfd fds[STREAMS]);
void		 tcp_process(const struct pollfd fds[STREAMS], usec_t now);

/* cache.c */

/* NONE: it is not known.  Else the name, if it was found. */
enum lookup	 cache_get(const struct addr *, char name[NAME_MAX_TEXT]);
void		 cache_put(const struct addr *, enum lookup, const char *name);

/* question.c */

/* One of a look-up's, not asked yet; and now it waits to be: query_over() follows, maybe now. */
void		 question_begin(struct question *, struct slot *, const char *name, int type);
void		 question_wait(struct question *);
/* Forget it, without a word. */
void		 question_drop(struct question *);

/* What becomes of it: an answer that repeats it, */
void		 question_answered(struct question *, unsigned int server, const uint8_t *msg,
		    size_t len);
/* one over TCP, or (NULL) none; */
void		 question_streamed(struct question *, const uint8_t *msg, size_t len);
/* none in time; and none ever, from there. */
void		 question_silent(struct question *, usec_t now);
void		 question_unreachable(struct question *, unsigned int server);

/* Ask what can be asked now. */
void		 question_ask(usec_t now);
/* When more can be, as time passes; NEVER: when something happens, or there is nothing. */
usec_t		 question_when(usec_t now);
/* Give up what has waited too long. */
void		 question_expire(usec_t now);

/* query.c */

/* Begin a look-up.  An id that is still in use is a lie. */
void		 query_forward(const struct msg_forward *);
void		 query_reverse(const struct reverse_entry *);
/* A question has its result. */
void		 query_over(const struct question *);
/* Send the results there are to the parent, as far as there is room for them. */
void		 query_send(struct chan *);
/* End all look-ups without a word. */
void		 query_stop(void);

/* dispatch.c */

extern const struct msg_row	 resolver_rows[MSG_TYPES];

/* Serve the parent until it closes its end. */
void		 resolver_run(struct chan *);

/* privs.c */

extern const struct privs	 resolver_sheet;

/* Give up everything but what it needs to ask the servers. */
struct msg_ready	 resolver_drop(struct ids);

#endif /* RESOLVER_H */
