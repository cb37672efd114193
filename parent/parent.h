/*
 * The parent: starts the others, and then walks the hosts through the four steps.
 *
 * main.c, files.c, start.c	what is done as root: files, processes
 * options.c, names.c, rules.c, values.c	the command line (in options.h)
 * front.c	the process in front, which waits
 * evidence.c	what a log records of the run itself
 * doctor.c, walls.c	what the kernel says of each process, and which walls are missing
 * coordinator.c	the walk: set-up, the event loop, the end
 * outcome.c	what is missing, and the exit status
 * setup.c	what the others are told before the scan
 * dispatch.c	what the other processes say
 * source.c	where targets come from
 * hosts.c	the hosts in hand
 * steps.c	what is done next with each of them
 * report.c	what the logger is told of them
 * resume.c, past.c	what an old log says: of the plan, of unfinished hosts
 * known.c	how the prober is told of them
 * ports.c, targets.c, lists.c, sort.c	expressions, words of a list, sorting (in expressions.h)
 */

#ifndef PARENT_H
#define PARENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "addr.h"
#include "expressions.h"
#include "ipc.h"
#include "log.h"
#include "options.h"
#include "privs.h"
#include "text.h"

/* files.c */

/* The descriptors opened for the run; -1: there is none. */
struct files {
	int		 list;
	int		 excludefile;
	int		 system_hosts;
	int		 hosts;
	int		 key;		/* --log-key */
	int		 skip;		/* --skip-done */
	int		 log[OUTPUTS];	/* OUTPUT_REPORT is standard output */
	enum format	 report;	/* what goes to standard output */
};

#define FD_SAFE		64	/* above every number that a process begins with */

/* The same descriptor at FD_SAFE or above; -1 gives -1, with errno kept. */
int		 root_high(int fd);
/* Standard descriptors open, all others closed, no environment; who called us is kept. */
void		 root_sanitise(void);
/* Open what the options name, as whoever called us.  What can't be opened ends the process. */
void		 root_open_files(const struct options *, struct files *);

/* start.c */

enum child { CHILD_RESOLVER, CHILD_PROBER, CHILD_LOGGER, CHILDREN_COUNT };

/* Descriptors of the sealed coordinator. */
enum {
	FD_CHILD = 10,		/* to 12: the sockets to the children, by enum child */
	FD_FRONT = 13,		/* to the process in front */
	FD_LIST = 14,		/* -iL */
	FD_EXCLUDE = 15,	/* --excludefile */
	FD_DOCTOR = 16,		/* --doctor: to the process that looks at us */
};

/* Where the helpers are, checked; the ids of all processes, found. */
void		 root_prepare(void);
/* Start the children.  Their sockets are FD_CHILD and on, their process ids in pids. */
void		 root_start_children(const struct options *, const struct files *,
		    int pids[CHILDREN_COUNT]);
struct ids	 root_ids(const char *user);

/* front.c */

/* The descriptors of the sealed process in front. */
enum { FD_SIGNALS = 4, FD_COORDINATOR = 5 };

/* What it tells the coordinator, a byte each: end the scan; say the counters (SIGUSR1). */
enum { FRONT_STOPS, FRONT_ASKS };

/* Wait for the coordinator, passing signals on to it by fd; gives its exit status.  Sealed. */
int		 front_wait(int coordinator_pid, int fd, struct ids);

/* doctor.c */

/* What the coordinator tells: all are sealed, and what each says of itself. */
struct doctor_news {
	struct msg_ready	 ready[CHILDREN_COUNT];
	struct msg_ready	 parent;
};

/*
 * Wait for the coordinator's news on fd, print what the kernel says of the sealed processes,
 * from the one in front on, and let them end.  The exit status: STATUS_PRIVILEGE when any of
 * them has what it should not.
 */
int		 doctor_examine(int front_pid, int fd);
/* Print what the kernel says of one; ready is its own word, NULL when it said none. */
void		 doctor_process(const char *name, pid_t pid, const struct msg_ready *ready);

/* walls.c */

#define WALL_TEXT	128

/* The n-th wall that is there; NULL: there are fewer. */
const char	*wall_name(unsigned int n, uint32_t there);
/* The n-th wall that is missing, and what that means; NULL: there are fewer. */
const char	*wall_text(unsigned int n, uint32_t there, char buf[WALL_TEXT]);

/* privs.c */

extern const struct privs	 parent_sheet;
extern const struct privs	 front_sheet;

/* evidence.c */

/* Keep what sudo says of its user, before the environment is cleared. */
void		 root_keep_sudo(void);
/*
 * Gather what a log records of the run, a line "WORD VALUE" each.  All of it is printable ASCII,
 * and each name that others chose is one word of it, its odd bytes as %NN.
 */
void		 root_evidence(void);
/* Line n of it; NULL: there are fewer. */
const char	*evidence_line(unsigned int n);

/* So many hosts are skipped because of that log. */
void		 evidence_skip(uint64_t hosts, const char *log);

#define BUILD_ID_TEXT	129

/* The build id of this program as its linker wrote it, in hexadecimal; "none" where it didn't. */
const char	*build_id(char text[BUILD_ID_TEXT]);

/*
 * A digest (SipHash) of what it covered before, 0 at first, and of these bytes, as one piece.  It
 * shows accident, not forgery: it is short, and its key is in the source.
 */
uint64_t	 digest_add(uint64_t before, const void *, size_t);
/* Of the targets as they were written, of --exclude and of the ports; as weak as digest_add(). */
uint64_t	 scope_digest(const struct options *, const struct port_set *);

/* plan.c */

/* What is to be done: the options, with every default filled in. */
struct plan {
	bool		 ping;		/* false: -Pn */
	bool		 scan;		/* ports are scanned */
	bool		 list_only;
	bool		 reverse_up;	/* names of hosts that are up are looked up */
	bool		 reverse_all;	/* and of all others */
	bool		 resolve_all;	/* every address of a name is a target */
	struct port_set	 ports;
	unsigned int	 nports;
	struct msg_probeconfig probe;
	uint64_t	 seed;
};

/* The plan that the options make; what can't be one ends the process with STATUS_USAGE. */
void		 plan_make(const struct options *, struct plan *);
void		 plan_check_targets(const struct options *);

/* source.c */

/* What comes next: an address, or a name that has to be looked up first. */
struct candidate {
	struct place	 place;
	struct addr	 addr;
	const char	*name;		/* of the address, as the user gave it; NULL: none */
	const struct addr *others;	/* the name's other addresses */
	unsigned int	 nothers;
	bool		 by_name;	/* its expression is a name: it may have been another */
	const struct target *unresolved;	/* the name; no address then */
};

/* WAIT: for the list; AGAIN: nothing found yet, call again. */
enum source_state { SOURCE_TARGET, SOURCE_NAME, SOURCE_WAIT, SOURCE_AGAIN, SOURCE_END };

void		 source_init(const struct options *, const struct files *);
/* Targets that an old log has done are passed over; before the first source_next(). */
void		 source_done(const struct range *);
/*
 * Addresses that another log has done are passed over, before the first source_next(); in the
 * end, how many there are.  They are still within the scope: a name may stand for one.
 */
void		 source_skip(const struct addr *);
uint64_t	 source_skipped(void);
/* Addresses that are excluded: from the command line and the file, but for names. */
void		 source_exclude(const struct target *);
/*
 * The next name to exclude, which has to be looked up, in c->unresolved: SOURCE_NAME,
 * SOURCE_WAIT, or SOURCE_END when there is none left.
 */
enum source_state source_exclude_name(struct candidate *);
/* All are known: after the last source_exclude(), before the first source_next(). */
void		 source_excluded(void);
/* After that: is this address one of them? */
bool		 source_excludes(const struct addr *);
/* Is it of a host that --skip-done passes over? */
bool		 source_skips(const struct addr *);
/* What source_next() gives is good until the next call. */
enum source_state source_next(struct candidate *);
/* Before the first of them: is there any target at all?  TARGET, WAIT or END. */
enum source_state source_any(void);
/*
 * A SOURCE_NAME is known now: its first IPv4 address comes up next, or with --resolve-all each of
 * them, and those that an old log has of it in part.  False when it has none.
 */
bool		 source_resolved(uint32_t spec, const struct target *, const struct addr *,
		    unsigned int n);
/* What a SOURCE_WAIT waits for, to be polled; -1: nothing. */
int		 source_fd(void);
/* Target words that could not be read as such. */
unsigned int	 source_bad(void);

/* hosts.c */

struct port_result {
	uint16_t	 port;
	uint8_t		 state;
	uint8_t		 reason;
	uint8_t		 ttl;
	uint8_t		 sender;	/* index in senders plus one; 0: the host itself */
};

#define SENDERS_MAX	254
#define NO_HOST		UINT32_MAX

/* How far a host's work is. */
enum work {
	WORK_HEIR,		/* its address is in hand for another target */
	WORK_QUEUED,		/* to be given to the prober */
	WORK_SENT,		/* in the prober's hands */
	WORK_ENDED,
	WORK_REPORTED,		/* to be written */
};

/* What few hosts have: it is there from when it is first needed. */
struct host_more {
	char		*name;		/* as the user gave it; or NULL, like the next */
	char		*rdns;
	struct addr	*others;
	struct port_result *ports;
	struct addr	*senders;
	uint32_t	 nothers;
	uint32_t	 nports;
	uint32_t	 nsenders;
	uint32_t	 nsaved;	/* ports that the log has already */
	uint32_t	 cursor;	/* of its port scan, as in PROGRESS, like the next */
	uint8_t		 pass;
	bool		 moved;		/* since the log was told */
	struct addr	 from;		/* who gave the reason, if not the host itself */
	bool		 has_mac;
	uint8_t		 mac[6];
};

/* There may be a quarter of a million of them: it is kept small. */
struct host {
	struct place	 place;
	struct host_more *more;		/* or NULL */
	uint32_t	 id;
	uint32_t	 next;		/* in its list */
	uint32_t	 same;		/* next of those that wait for this address */
	uint32_t	 hash_next;
	uint32_t	 srtt;
	struct addr	 addr;
	uint16_t	 coverage;	/* as in HOSTSDONE */
	bool		 used;
	bool		 queued;	/* in a queue: at most one */
	bool		 ticket;	/* it counts as one in the port scan */
	bool		 pinged;
	bool		 naming;	/* its name is asked for */
	bool		 resumed;	/* an old log had part of it */
	uint8_t		 work;		/* enum work */
	uint8_t		 state;
	uint8_t		 reason;
	uint8_t		 ttl;
	uint8_t		 outcome;
	uint8_t		 rdns_lookup;
};

/* First in, first out. */
struct host_queue {
	uint32_t	 head;
	uint32_t	 tail;
	unsigned int	 count;
};

void		 hosts_init(uint32_t n);
bool		 hosts_room(void);
unsigned int	 hosts_count(void);
/* A fresh host.  *first is the host in hand that has this address already, or NULL. */
struct host	*host_new(const struct candidate *, struct host **first);
/* The host of an id that another process named: a lie when there is none. */
struct host	*host_at(uint32_t id);
/*
 * Free it.  Gives the host that had the same address, with all that was found out of it, or
 * NULL when there is none.
 */
struct host	*host_free(struct host *);
/* What few hosts have: all zero when this one has none of it. */
const struct host_more *host_more(const struct host *);
/* The same to be written to; made when it is not there. */
struct host_more *host_need_more(struct host *);
/* The n-th of all slots, or NULL when that is not in use: to go through them all. */
struct host	*host_slot(uint32_t n);
void		 more_add_port(struct host_more *, const struct port_entry *);
void		 queue_init(struct host_queue *);
void		 queue_put(struct host_queue *, struct host *);
struct host	*queue_take(struct host_queue *);
/* A copy, and realloc(3): or the process ends. */
void		*copy(const void *, size_t);
void		*bigger(void *, size_t);

/* steps.c */

void		 steps_init(const struct plan *);
/*
 * First: have the names that are excluded looked up.  True when all are known; one that can't
 * be ends the process, for what it stands for might be touched.
 */
bool		 steps_exclude(void);
/* Do all that can be done now; what the messages bring in between is taken up here. */
void		 steps_run(void);
/* Nothing is left to do. */
bool		 steps_finished(void);
/* Are there hosts of an old log without a route now?  That is said; the log keeps them as is. */
bool		 steps_left(void);
/* No more targets are taken; what is in hand is finished or, at the end, written as it is. */
void		 steps_stop(void);
void		 steps_abandon(void);
/* A host in the port scan was written: the prober may begin with another. */
void		 step_release(void);
/* There may be more to be done at once: steps_run() found something. */
bool		 steps_more(void);
void		 step_addresses(const struct msg_addresses *);
void		 step_hostnames(const struct hostname_entry *);
void		 step_ping(const struct ping_entry *);
void		 step_port(const struct portstate_entry *);
void		 step_progress(const struct progress_entry *);
void		 step_done(const struct hostdone_entry *);

/* report.c */

void		 report_init(const struct plan *, const struct options *);
/* A host is finished, or (OUTCOME_PARTIAL) given up: it will be written, then freed. */
void		 report_host(struct host *);
void		 report_name_failed(const struct place *, const char *name, enum lookup);
/* Send the logger what there is room for, what waits for company too if flush says so. */
/* True when all has been sent. */
bool		 report_run(bool flush);
/* Hosts under way, as far as they have got, go to the logs too, and then to the disk. */
void		 report_checkpoint(void);
/* Hosts that wait to be written. */
unsigned int	 report_backlog(void);

/* resume.c */

/* Read the old log, by way of the logger; options and exclusions of its plan are taken up. */
void		 resume_line(const struct msg_line *);
void		 resume_done(const struct msg_ranges *);
void		 resume_init(struct options *);
/* The old log has spoken its last: is there something to go on with?  If not, the process ends. */
void		 resume_end(const struct msg_pastend *);
/* --skip-done: what was it good for?  If for nothing, the process ends. */
void		 resume_skipped(const char *log, const struct msg_pastend *);
/* --verify: say what the log is; gives the exit status. */
int		 resume_verified(const struct msg_pastend *);

/* past.c */

/* A host that an old log has in part. */
struct past {
	struct past	*next;
	struct place	 place;
	struct addr	 addr;
	uint32_t	 srtt;
	uint8_t		 state;
	uint8_t		 reason;
	uint8_t		 ttl;
	uint8_t		 rdns_lookup;
	struct host_more more;		/* without other addresses of its name */
};
/* What the log has of a host, or more of it; its ports follow. */
void		 past_host(const struct msg_host *);
void		 past_ports(const struct msg_hostports *);
/* These are done: nothing in part is left of them. */
void		 past_done(const struct range *);
/* Those not yet taken. */
unsigned int	 past_count(void);
/* Of them, at most max addresses that bore this expression's name. */
unsigned int	 past_named(uint32_t spec, struct addr *, unsigned int max);
/* Take the host of a place out: the caller frees it.  NULL: there is none. */
struct past	*past_take(const struct place *);
void		 past_free(struct past *);
/* Take all of them out, in the order of the plan: the caller frees them, and the array. */
struct past	**past_all(unsigned int *n);

/* known.c */

/*
 * What an old log has of a candidate, if that fits the plan and the prober has room: the caller
 * frees it.  The candidate's address becomes the log's.  Only before any other host is begun.
 */
struct past	*known_find(struct candidate *, const struct plan *);
/* A host goes on from there. */
void		 known_begin(struct host *, struct past *);
/* Nothing goes on: what the log has of them is to be written elsewhere.  True: it is all said. */
bool		 known_report(const struct plan *);
/* Tell the prober of such hosts, as there is room.  True when nothing is left to be told. */
bool		 known_send(void);

/* coordinator.c */

/* The processes as the coordinator sees them. */
extern struct chan	 channels[CHILDREN_COUNT];

/* A child's last word before it ends; a log that takes no more. */
void		 last_word(enum proc, const char *text);
void		 log_failed(unsigned int output, int error);
/* Walk the hosts through the steps; gives the exit status. */
int		 coordinate(struct options *, const struct files *, struct ids, bool pid_namespace,
		    const char *command_line);

/* Until there is room for a message to a child; false when it is gone, or time is up. */
bool		 await_room(enum child);

/* outcome.c */

/* What is missing from the result: it is said at the end, and by the exit status. */
enum missing { MISSING_NAME, MISSING_ROUTE, MISSING_TIME, MISSING_ANSWERS, MISSINGS };
void		 run_missing(enum missing);
void		 run_no_route(const struct addr *);
/* How a look-up ended: when no server answered any, that is said too; the status is the same. */
void		 run_lookup(bool reverse, enum lookup, enum name_source);
/* It ends at once: say how to go on from what is on disk; gives the exit status. */
int		 outcome_at_once(const struct options *);
/* Say how it ended; gives the exit status. */
int		 outcome_status(const struct options *, enum ending, bool has_log,
		    bool logger_gone);

/* setup.c */

/* What to write; once more after an old log was read. */
void		 setup_logger(const struct options *, const struct plan *, const struct files *);
/* The lines of a new log's header: the walls are those that are there. */
void		 setup_header(const struct options *, uint32_t walls, const char *command_line);
/* What is recorded of this run: what root_evidence() found, the digests, the walls. */
void		 setup_evidence(const struct options *, const struct plan *, uint32_t walls);
/* The ports, to both. */
void		 setup_ports(const struct plan *);

/* dispatch.c */

extern const struct msg_row	 parent_rows[MSG_TYPES];
/* What a child has said that the coordinator waits for. */
struct heard {
	bool			 ready[CHILDREN_COUNT];
	struct msg_ready	 words[CHILDREN_COUNT];
	bool			 drained;	/* the prober's last counters are there */
	struct msg_stats	 stats;
	bool			 asked;		/* the resolver's last word is there */
	struct msg_asked	 servers;
	bool			 log_started;
	bool			 log_finished;
	bool			 replaying;	/* it may speak of the old log */
	bool			 skipping;	/* or, before that, of that of --skip-done */
	bool			 past_ended;
	struct msg_pastend	 past;
};
extern struct heard	 heard;

#endif /* PARENT_H */
