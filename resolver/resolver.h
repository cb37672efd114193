/*
 * The resolver: names to addresses and addresses to names, from the hosts files and from the
 * name servers.  It believes nobody: what a file or a server says leaves here as addresses,
 * checked names and enums only.
 *
 * names.c	the name of an address in the DNS, and which names pass: pure
 * answer.c	what a name server's answer says: hostile input
 * hosts.c	the hosts files: hostile input
 * servers.c	the name servers, the sockets to them and what is in flight
 * query.c	look-ups, from the request to the reply
 * dispatch.c	what the parent may ask, and the loop
 */

#ifndef RESOLVER_H
#define RESOLVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "ipc.h"
#include "privs.h"
#include "text.h"

/* The descriptors that a resolver has, besides CHAN_FD. */
#define HOSTS_FD	4	/* /etc/hosts; may be absent */
#define USER_HOSTS_FD	5	/* the file of --hosts; may be absent */
#define LANE_FD		8	/* the first of LANES sockets to name servers */

#define TRIES_MAX	3	/* queries for one look-up, over all servers */
#define LANES_EACH	4
#define LANES		(SERVERS_MAX * LANES_EACH)

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
 * What c-ares hands back for a query of a type (A, AAAA or PTR): its status and, where there
 * was one, the answer's bytes (RFC 1035 section 4).  What it finds it adds to the answer.
 * NO_SERVER says that nobody listens where the server should be.
 */
enum lookup	 parse_answer(int type, int status, const unsigned char *msg, int len,
		    struct answer *);

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
 * Open the lanes to the servers of the list, or without one to those of the system's
 * resolver configuration.  How many servers there are; those that have no route are left
 * out with a warning.  Ends the process when the list is wrong.  Before privs_drop(): only
 * there can c-ares get at random numbers for its queries.
 */
unsigned int	 servers_open(const char *list);
unsigned int	 servers_count(void);

/* The server that is asked in a look-up's try, counted from 0; and can it be asked now? */
unsigned int	 servers_of_try(unsigned int try);
bool		 servers_room(unsigned int server);

/* A query that is in flight, and the slot of query.c that it is for. */
struct question {
	struct slot	*of;
	unsigned int	 lane;
};

/*
 * Send a query to the server of a try.  query_answered() is called exactly once for it, maybe
 * from within this call.
 */
void		 servers_ask(struct question *, const char *name, int type, unsigned int try);

/* Set up LANES slots for poll(2); the time-out for it in milliseconds. */
int		 servers_poll(struct pollfd fds[LANES]);
/* Take in answers and time-outs, after poll(2). */
void		 servers_process(const struct pollfd fds[LANES]);
/* End every query in flight. */
void		 servers_cancel(void);
/* Which servers there are, and how many queries they were sent. */
void		 servers_asked(struct msg_asked *);

/* query.c */

/* Begin a look-up.  An id that is still in use is a lie. */
void		 query_forward(const struct msg_forward *);
void		 query_reverse(const struct reverse_entry *);

/* From servers.c: the end of a query that was in flight, as parse_answer() takes it. */
void		 query_answered(struct question *, int status, const unsigned char *msg, int len);

/* Send what waits to the servers that have room. */
void		 query_ask(void);
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

#endif /* RESOLVER_H */
