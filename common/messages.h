/*
 * Every message that may pass between two processes is a row in this file.
 *
 * A process is built with the rows of its own groups and no others: it has no handler for a
 * message that is not meant for it, and none can be added by mistake (it would not compile).
 *
 * name		what a message is called: MSG_TARGETS
 * stem		its payload, check and handler: struct msg_targets, check_targets(),
 *		on_targets(), send_targets()
 * from		the processes that may send it
 * phases	the phases in which it may arrive; a phase only ever moves on: SETUP, RUN, DRAIN
 *
 * Payloads and their limits are in payloads.h and payloads_logs.h, the checks of every field in
 * check.c and check_logs.c.
 */

#ifndef MESSAGES_H
#define MESSAGES_H

/*        name         stem         from      phases      what it says */
#define TO_PARENT(M) \
	M(READY,       ready,       CHILDREN, SETUP)       /* sealed, and what it kept */ \
	M(SAY,         say,         CHILDREN, ANY_PHASE)   /* a line for the user */ \
	M(ADDRESSES,   addresses,   RESOLVER, RUN | DRAIN) /* of one name */ \
	M(HOSTNAMES,   hostnames,   RESOLVER, RUN | DRAIN) /* of some addresses */ \
	M(ASKED,       asked,       RESOLVER, DRAIN)       /* whom, and how often; ends */ \
	M(PINGS,       pings,       PROBER,   RUN | DRAIN) /* hosts found up or down */ \
	M(PORTSTATES,  portstates,  PROBER,   RUN | DRAIN) /* ports that answered */ \
	M(PROGRESS,    progress,    PROBER,   RUN | DRAIN) /* how far port scans are */ \
	M(HOSTSDONE,   hostsdone,   PROBER,   RUN | DRAIN) /* hosts with nothing left */ \
	M(STATS,       stats,       PROBER,   RUN | DRAIN) /* counters; the last one ends */ \
	M(PASTLINE,    pastline,    LOGGER,   SETUP)       /* the plan an old log holds */ \
	M(PASTDONE,    pastdone,    LOGGER,   SETUP)       /* targets an old log has done */ \
	M(PASTHOST,    pasthost,    LOGGER,   SETUP)       /* a host it has in part */ \
	M(PASTPORTS,   pastports,   LOGGER,   SETUP)       /* and its ports */ \
	M(PASTADDRS,   pastaddrs,   LOGGER,   SETUP)       /* hosts that any log has done */ \
	M(PASTEND,     pastend,     LOGGER,   SETUP)       /* the old log's last word */ \
	M(LOGSTARTED,  logstarted,  LOGGER,   RUN)         /* the header is on disk */ \
	M(LOGFAILED,   logfailed,   LOGGER,   RUN | DRAIN) /* a log took no more */ \
	M(LOGFINISHED, logfinished, LOGGER,   DRAIN)      /* the footer is on disk */

#define TO_CHILDREN(M) \
	M(START,       start,       PARENT,   SETUP)       /* the configuration is whole */ \
	M(STOP,        stop,        PARENT,   RUN)         /* take in what is on its way */

#define TO_RESOLVER(M) \
	M(FORWARD,     forward,     PARENT,   RUN)         /* the addresses of a name? */ \
	M(REVERSE,     reverse,     PARENT,   RUN)         /* the names of addresses? */

#define TO_PROBER(M) \
	M(PROBECONFIG, probeconfig, PARENT,   SETUP)       /* timing, kinds of ping */ \
	M(PROBEPORTS,  probeports,  PARENT,   SETUP)       /* a piece of the port set */ \
	M(TARGETS,     targets,     PARENT,   RUN)         /* hosts to ping, to scan */ \
	M(KNOWN,       known,       PARENT,   RUN)         /* what an old log has of one */ \
	M(RELEASE,     release,     PARENT,   RUN)         /* room for more in the port scan */

#define TO_LOGGER(M) \
	M(LOGCONFIG,   logconfig,   PARENT,   SETUP)       /* what to write, and how */ \
	M(LOGPORTS,    logports,    PARENT,   SETUP)       /* a piece of the port set */ \
	M(LOGLINE,     logline,     PARENT,   SETUP)       /* a line of the header */ \
	M(REPLAY,      replay,      PARENT,   SETUP)       /* read the old log */ \
	M(HOST,        host,        PARENT,   RUN | DRAIN) /* a host, and how much of it follows */ \
	M(HOSTADDRS,   hostaddrs,   PARENT,   RUN | DRAIN) /* its other addresses */ \
	M(HOSTPORTS,   hostports,   PARENT,   RUN | DRAIN) /* its ports that answered */ \
	M(BAREHOSTS,   barehosts,   PARENT,   RUN | DRAIN) /* hosts that nothing follows */ \
	M(DONE,        done,        PARENT,   RUN | DRAIN) /* targets with no text */ \
	M(CHECKPOINT,  checkpoint,  PARENT,   RUN | DRAIN) /* all of it to the disk */ \
	M(NAMEFAILED,  namefailed,  PARENT,   RUN | DRAIN) /* a target's name unknown */ \
	M(FINISH,      finish,      PARENT,   RUN | DRAIN) /* write the footer */

/* Flow control, between any two, below every handler (ipc.c). */
#define TO_ANY(M) \
	M(CREDIT,      credit,      ANYBODY,  ANY_PHASE)   /* room for more messages */

#define ALL_MESSAGES(M) \
	TO_PARENT(M) TO_CHILDREN(M) TO_RESOLVER(M) TO_PROBER(M) TO_LOGGER(M) TO_ANY(M)

/* Who may send, and when: sets of bits, so that a row can name several. */
enum proc { PARENT = 1, RESOLVER = 2, PROBER = 4, LOGGER = 8 };
enum phase { SETUP = 1, RUN = 2, DRAIN = 4 };
#define CHILDREN	(RESOLVER | PROBER | LOGGER)
#define ANYBODY		(PARENT | CHILDREN)
#define ANY_PHASE	(SETUP | RUN | DRAIN)

#endif /* MESSAGES_H */
