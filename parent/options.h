/*
 * The command line, as the rest of the parent knows it.  Its words are the user's own; those
 * that come from an old log are nobody's, and pass the same parsers.
 */

#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "payloads.h"

/* options.c */

#define TARGETS_ARGS_MAX 4096
#define PLAN_MAX	(TARGETS_ARGS_MAX + 256)
#define UNSET		UINT32_MAX	/* a number that was not given */

/* What was asked for, in its order: it goes into the log, so that it can be resumed. */
struct plan_line {
	enum line_kind	 kind;
	const char	*name;		/* of the option; or the target */
	const char	*value;		/* NULL: none */
};

struct options {
	const char	*targets[TARGETS_ARGS_MAX];
	unsigned int	 ntargets;
	struct plan_line plan[PLAN_MAX];
	unsigned int	 nplan;
	const char	*list;		/* -iL */
	const char	*exclude;
	const char	*excludefile;
	const char	*hosts;
	const char	*dns_servers;
	const char	*iface;
	const char	*log[OUTPUTS];	/* OUTPUT_OLD: of the next three, what was given */
	const char	*resume;
	const char	*convert;
	const char	*verify;
	const char	*all;		/* -oA */
	const char	*skip_done;
	const char	*log_key;
	const char	*ports;		/* -p */
	const char	*exclude_ports;
	uint32_t	 top_ports;	/* 0: not given */
	uint32_t	 timing;
	/* Where they are not given, UNSET: as the timing says. */
	uint32_t	 min_rate;	/* packets in 1,000 seconds */
	uint32_t	 max_rate;
	uint32_t	 min_rtt;	/* milliseconds, like all times here */
	uint32_t	 initial_rtt;
	uint32_t	 max_rtt;
	uint32_t	 scan_delay;
	uint32_t	 max_scan_delay;
	uint32_t	 min_parallelism;
	uint32_t	 max_parallelism;
	uint32_t	 min_hostgroup;
	uint32_t	 max_hostgroup;
	uint32_t	 max_retries;
	uint32_t	 host_timeout;
	uint32_t	 checkpoint;
	uint32_t	 verbosity;
	bool		 list_only;
	bool		 ping_only;
	bool		 no_ping;
	bool		 no_reverse;
	bool		 reverse_all;
	bool		 resolve_all;	/* every IPv4 address of a name is a target */
	bool		 system_dns;
	bool		 fast;		/* -F */
	bool		 ordered;	/* -r */
	bool		 reason;
	bool		 open_only;
	bool		 defeat_rst;
	bool		 send_eth;
	bool		 append;	/* --append-output */
	bool		 doctor;
	bool		 help;
	bool		 version;
};

void		 options_init(struct options *);
/* Bad input ends the process: one line, STATUS_USAGE. */
void		 options_parse(struct options *, int argc, char *argv[]);
/* An option that a log records: "name value", which is cut up.  0, or -1 when it may not be. */
int		 options_from_log(struct options *, char *text);
/* Was this option, which can't come from a log, given? */
bool		 options_given(const struct options *, const char *name);
void		 options_help(void);

/* names.c */

/* The logs that the command line may name. */
struct log_kind {
	const char	*option;
	const char	*suffix;	/* for -oA */
	enum format	 format;
};
extern const struct log_kind	 log_kinds[OUTPUTS];	/* not of REPORT and OLD */
/* What named it: -oN, --resume. */
const char	*log_option(const struct options *, enum output);
/* Does it go to standard output? */
bool		 log_stdout(const struct options *, enum output);
/*
 * nmap's escapes: %H %M %S %m %d %y %Y as in strftime(3), %T for %H%M%S, %R for %H%M, %D for
 * %m%d%y; before anything else a % is dropped.  False when dst, of size bytes, is too small.
 */
struct tm;
bool		 name_expand(char *dst, size_t size, const char *, const struct tm *);
/* The names as they will be opened, by the local time of now. */
void		 options_names(struct options *);

/* rules.c */

/* What makes no sense ends the process: one line, STATUS_USAGE. */
void		 options_check(const struct options *);

/* values.c: the whole text is the value, or they return false. */

bool		 value_number(const char *, uint32_t max, uint32_t *);
/* 12.5 is 12,500 thousandths; zero is no rate. */
bool		 value_rate(const char *, uint32_t *thousandths);
/* 1500ms, 1.5s, 10m, 2h; a plain number is seconds. */
bool		 value_time(const char *, uint32_t max, uint32_t *milliseconds);
/* A number or a name of nmap's templates. */
bool		 value_timing(const char *, uint32_t *);

#endif /* OPTIONS_H */
