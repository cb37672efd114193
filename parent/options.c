/*
 * The command line.  One table gives the parser, --help, and what an old log may say again:
 * options that open a file or need privilege are never taken from a log.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent.h"

enum kind {
	KIND_SET,		/* a bool becomes true */
	KIND_CLEAR,		/* and false again: the last one counts */
	KIND_COUNT,		/* a uint32_t grows, by as many as the letter is repeated */
	KIND_TEXT,		/* a const char *, once */
	KIND_LIST,		/* a const char *; given again, it goes on behind a comma */
	KIND_NUMBER,		/* a uint32_t within bounds */
	KIND_RATE,		/* packets a second, in thousandths */
	KIND_TIME,		/* milliseconds, at most max */
	KIND_TIMING,		/* -T: a number or a name */
	KIND_NOTHING,		/* accepted, because it is what we do anyway */
};

enum {
	ATTACHED = 1,		/* the value may follow at once: -p80 */
	PLAN = 2,		/* goes into the log, and is taken from it again */
	AGAIN = 4,		/* has to be given again with --resume: a file, or privilege */
	NOT_ZERO = 8,		/* of a number or time */
	NOT_SHORT = 16,		/* of a time: at least SHORTEST */
};

struct option {
	const char	*name;		/* without its dash or dashes */
	const char	*value;		/* what --help calls it; NULL: there is none */
	enum kind	 kind;
	unsigned int	 flags;
	size_t		 offset;	/* in struct options */
	uint32_t	 max;		/* of a number or time */
	const char	*help;		/* NULL: another spelling of the row before */
};

#define DELAY_MAX	3600000		/* milliseconds: as microseconds they still fit 32 bits */
#define SHORTEST	100
#define PARALLELISM_MAX	1000000
#define AT(field)	offsetof(struct options, field)

static const struct option	 table[] = {
	{ "iL", "FILE", KIND_TEXT, AGAIN, AT(list), 0,
	    "targets from a file, - for standard input" },
	{ "exclude", "TARGETS", KIND_LIST, PLAN, AT(exclude), 0,
	    "never touch these (comma-separated)" },
	{ "excludefile", "FILE", KIND_TEXT, AGAIN, AT(excludefile), 0,
	    "never touch what this file lists" },
	{ "resolve-all", NULL, KIND_SET, PLAN, AT(resolve_all), 0,
	    "scan every IPv4 address of a name, not the first only" },

	{ "sL", NULL, KIND_SET, PLAN, AT(list_only), 0, "list the targets, send them nothing" },
	{ "sn", NULL, KIND_SET, PLAN, AT(ping_only), 0, "ping only, no port scan" },
	{ "sP", NULL, KIND_SET, PLAN, AT(ping_only), 0, NULL },
	{ "Pn", NULL, KIND_SET, PLAN, AT(no_ping), 0, "no ping: take every target as up" },
	{ "PN", NULL, KIND_SET, PLAN, AT(no_ping), 0, NULL },
	{ "P0", NULL, KIND_SET, PLAN, AT(no_ping), 0, NULL },

	{ "n", NULL, KIND_SET, PLAN, AT(no_reverse), 0, "never look up names of addresses" },
	{ "R", NULL, KIND_SET, PLAN, AT(reverse_all), 0,
	    "look up those of hosts that are down too" },
	{ "hosts", "FILE", KIND_TEXT, AGAIN, AT(hosts), 0,
	    "names from this file (hosts or lmhosts), before DNS" },
	{ "dns-servers", "LIST", KIND_TEXT, AGAIN, AT(dns_servers), 0,
	    "ask these: address, IPv4:port or [IPv6]:port, comma-separated" },
	{ "system-dns", NULL, KIND_SET, 0, AT(system_dns), 0,
	    "ask the servers of resolv.conf (done anyway)" },

	{ "sS", NULL, KIND_NOTHING, 0, 0, 0, "TCP SYN scan (what is done anyway)" },
	{ "p", "PORTS", KIND_TEXT, ATTACHED | PLAN, AT(ports), 0,
	    "22,80-90,http*,[1-1024],- : only these ports" },
	{ "F", NULL, KIND_SET, PLAN, AT(fast), 0, "the 100 ports most often open" },
	{ "top-ports", "N", KIND_NUMBER, PLAN | NOT_ZERO, AT(top_ports), 65536,
	    "the N ports most often open" },
	{ "exclude-ports", "PORTS", KIND_LIST, PLAN, AT(exclude_ports), 0, "but not these" },
	{ "r", NULL, KIND_SET, PLAN, AT(ordered), 0, "ports in rising order" },

	{ "T", "0-5", KIND_TIMING, ATTACHED | PLAN, AT(timing), 5,
	    "timing: paranoid, sneaky, polite, normal, aggressive, insane" },
	{ "min-rate", "N", KIND_RATE, PLAN, AT(min_rate), 0, "at least N packets a second" },
	{ "max-rate", "N", KIND_RATE, PLAN, AT(max_rate), 0, "at most N packets a second" },
	{ "min-rtt-timeout", "TIME", KIND_TIME, PLAN | NOT_ZERO, AT(min_rtt), DELAY_MAX,
	    "wait at least so long for a reply" },
	{ "max-rtt-timeout", "TIME", KIND_TIME, PLAN | NOT_ZERO, AT(max_rtt), DELAY_MAX,
	    "at most so long" },
	{ "initial-rtt-timeout", "TIME", KIND_TIME, PLAN | NOT_ZERO, AT(initial_rtt), DELAY_MAX,
	    "so long before anything was measured" },
	{ "scan-delay", "TIME", KIND_TIME, PLAN, AT(scan_delay), DELAY_MAX,
	    "so long between two probes to a host" },
	{ "max-scan-delay", "TIME", KIND_TIME, PLAN, AT(max_scan_delay), DELAY_MAX,
	    "at most so long for a host that limits its answers" },
	{ "min-parallelism", "N", KIND_NUMBER, PLAN | NOT_ZERO, AT(min_parallelism),
	    PARALLELISM_MAX, "at least N probes to a host on their way at once" },
	{ "max-parallelism", "N", KIND_NUMBER, PLAN | NOT_ZERO, AT(max_parallelism),
	    PARALLELISM_MAX, "at most N probes on their way at once" },
	{ "min-hostgroup", "N", KIND_NUMBER, PLAN, AT(min_hostgroup), HOSTS_MAX,
	    "make room to scan the ports of N hosts at once" },
	{ "max-hostgroup", "N", KIND_NUMBER, PLAN | NOT_ZERO, AT(max_hostgroup), HOSTS_MAX,
	    "of at most N" },
	{ "max-retries", "N", KIND_NUMBER, PLAN, AT(max_retries), RETRIES_MAX,
	    "at most N retransmissions of a probe (0-14)" },
	{ "host-timeout", "TIME", KIND_TIME, PLAN, AT(host_timeout), HOST_TIMEOUT_MAX,
	    "give a host up after so long (30s, 10m, 2h; 0: never)" },
	{ "defeat-rst-ratelimit", NULL, KIND_SET, PLAN, AT(defeat_rst), 0,
	    "closed ports may be called filtered: do not wait for them" },
	{ "send-eth", NULL, KIND_SET, AGAIN, AT(send_eth), 0, "send Ethernet frames" },
	{ "send-ip", NULL, KIND_CLEAR, 0, AT(send_eth), 0, "send IP packets (done anyway)" },
	{ "e", "IFACE", KIND_TEXT, AGAIN, AT(iface), 0, "use this interface only" },

	{ "oN", "FILE", KIND_TEXT, 0, AT(log[OUTPUT_NORMAL]), 0,
	    "log for people; - for standard output" },
	{ "oG", "FILE", KIND_TEXT, 0, AT(log[OUTPUT_GREPABLE]), 0,
	    "log for programs, one host a line" },
	{ "oX", "FILE", KIND_TEXT, 0, AT(log[OUTPUT_XML]), 0, "nmap's XML" },
	{ "oJ", "FILE", KIND_TEXT, 0, AT(log[OUTPUT_JSON]), 0, "JSON lines" },
	{ "oA", "BASE", KIND_TEXT, 0, AT(all), 0,
	    "all: BASE.nmap, BASE.gnmap, BASE.xml, BASE.jsonl" },
	{ "append-output", NULL, KIND_SET, 0, AT(append), 0,
	    "go on behind what is in the logs (not -oX)" },
	{ "checkpoint", "TIME", KIND_TIME, PLAN | NOT_SHORT, AT(checkpoint), DELAY_MAX,
	    "log how far hosts under way are, so often (5s)" },
	{ "log-key", "FILE", KIND_TEXT, AGAIN, AT(log_key), 0,
	    "seal the logs with this secret, of 16 bytes or more" },
	{ "resume", "LOG", KIND_TEXT, 0, AT(resume), 0,
	    "go on with the scan that this log records" },
	{ "skip-done", "LOG", KIND_TEXT, AGAIN, AT(skip_done), 0,
	    "leave out hosts that this log has done: nmap's (-oN, -oG) or ours" },
	{ "convert", "LOG", KIND_TEXT, 0, AT(convert), 0,
	    "write this log in other formats; scan nothing" },
	{ "verify", "LOG", KIND_TEXT, 0, AT(verify), 0,
	    "is this log whole, and as it was written?" },
	{ "v", NULL, KIND_COUNT, ATTACHED | PLAN, AT(verbosity), 10,
	    "say more; again for more still" },
	{ "reason", NULL, KIND_SET, PLAN, AT(reason), 0, "say why a host or port is in its state" },
	{ "open", NULL, KIND_SET, PLAN, AT(open_only), 0,
	    "report open ports only (and --defeat-rst-ratelimit)" },

	{ "doctor", NULL, KIND_SET, 0, AT(doctor), 0,
	    "show what each process may still do, and end" },
	{ "help", NULL, KIND_SET, 0, AT(help), 0, "this text" },
	{ "h", NULL, KIND_SET, 0, AT(help), 0, NULL },
	{ "version", NULL, KIND_SET, 0, AT(version), 0, "the version" },
	{ "V", NULL, KIND_SET, 0, AT(version), 0, NULL },
};

/* The groups of --help: each begins with the option named. */
static const struct {
	const char	*first;
	const char	*title;
} groups[] = {
	{ "iL", "TARGETS (names, 192.0.2.1, 192.0.2.0/24, 192.0.2-3.1,7-9,*)" },
	{ "sL", "STEPS" },
	{ "n", "NAMES" },
	{ "sS", "PORTS" },
	{ "T", "TIMING" },
	{ "oN", "LOGS" },
	{ "doctor", "OTHER" },
};

static bool
is_long(const char *name)
{
	return (strlen(name) > 2);
}

static const char *
dashes(const struct option *o)
{
	return (is_long(o->name) ? "--" : "-");
}

void
options_help(void)
{
	size_t	 group = 0;
	char	 left[40];

	printf("postern " VERSION ": scan ports, with nothing privileged near the network\n"
	    "usage: postern [options] target ...\n");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (group < sizeof(groups) / sizeof(groups[0]) &&
		    strcmp(table[i].name, groups[group].first) == 0)
			printf("%s:\n", groups[group++].title);
		if (table[i].help == NULL)
			continue;
		snprintf(left, sizeof(left), "%s%s %s", dashes(&table[i]), table[i].name,
		    table[i].value != NULL ? table[i].value : "");
		printf("  %-22s %s\n", left, table[i].help);
	}
	printf("Exit status: 0 complete, 1 something is missing, 2 usage, 4 privilege, 5 network,\n"
	    "70 a process died, 75 stopped early and resumable.\n");
}

static const char *
join(const char *a, const char *b)
{
	size_t	 size = strlen(a) + strlen(b) + 2;
	char	*both = malloc(size);

	if (both == NULL)
		fatal("memory");
	snprintf(both, size, "%s,%s", a, b);
	return (both);
}

static bool
long_enough(const struct option *o, uint32_t n)
{
	return (n >= ((o->flags & NOT_SHORT) != 0 ? SHORTEST : (o->flags & NOT_ZERO) != 0));
}

/* Set the option's field.  False when the value is not one. */
static bool
set(struct options *opts, const struct option *o, const char *value)
{
	void		*field = (char *)opts + o->offset;
	uint32_t	*n = field;
	const char	**text = field;

	switch (o->kind) {
	case KIND_SET:
	case KIND_CLEAR:
		*(bool *)field = o->kind == KIND_SET;
		return (true);
	case KIND_COUNT:
		*n += 1 + (value != NULL ? (uint32_t)strlen(value) : 0);
		*n = *n > o->max ? o->max : *n;
		return (value == NULL || strspn(value, o->name) == strlen(value));
	case KIND_TEXT:
		if (*text != NULL || *value == '\0')
			return (false);
		*text = value;
		return (true);
	case KIND_LIST:
		*text = *text == NULL ? value : join(*text, value);
		return (*value != '\0');
	case KIND_NUMBER:
		return (value_number(value, o->max, n) && long_enough(o, *n));
	case KIND_RATE:
		return (value_rate(value, n));
	case KIND_TIME:
		return (value_time(value, o->max, n) && long_enough(o, *n));
	case KIND_TIMING:
		return (value_timing(value, n));
	case KIND_NOTHING:
		return (true);
	}
	return (false);
}

/* Which option is this word?  *value is the value in the same word, or NULL. */
static const struct option *
find(const char *word, const char **value)
{
	const char	*name = word + strspn(word, "-");
	size_t		 ndashes = (size_t)(name - word);

	*value = NULL;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct option	*o = &table[i];
		size_t			 len = strlen(o->name);

		if (ndashes != strlen(dashes(o)) || strncmp(name, o->name, len) != 0)
			continue;
		if (name[len] == '\0')
			return (o);
		if (ndashes == 2 && name[len] == '=' && o->value != NULL) {
			*value = name + len + 1;
			return (o);
		}
		if ((o->flags & ATTACHED) != 0) {
			*value = name + len;
			return (o);
		}
	}
	return (NULL);
}

static const char **
text_of(struct options *opts, const struct option *o)
{
	return ((const char **)(void *)((char *)opts + o->offset));
}

/* What a value of the option looks like. */
static const char *
hint(const struct option *o)
{
	static char	 range[40];

	switch (o->kind) {
	case KIND_NUMBER:
		snprintf(range, sizeof(range), "%d to %u", (o->flags & NOT_ZERO) != 0, o->max);
		return (range);
	case KIND_RATE:
		return ("packets a second, such as 100 or 0.5");
	case KIND_TIME:
		return ((o->flags & NOT_SHORT) != 0 ? "a time from 100ms to an hour" :
		    o->max == DELAY_MAX ? "a time up to an hour, such as 50ms, 0.5s, 2s, 1m" :
		    "a time up to ten days, such as 500ms, 30s, 10m, 2h");
	case KIND_TIMING:
		return ("0 to 5, or paranoid, sneaky, polite, normal, aggressive, insane");
	default:
		return ("see postern --help");
	}
}

/* No option of ours: say so, and whether it is one of nmap's. */
static _Noreturn void
unknown(const char *word)
{
	static const char *const	 nmaps[] = {
		"-sT", "-sU", "-sA", "-sW", "-sM", "-sN", "-sF", "-sX", "-sY", "-sZ", "-sO", "-sV",
		"-sC", "-sI", "-O", "-A", "-6", "-PS", "-PA", "-PU", "-PY", "-PE", "-PP", "-PM",
		"-PO", "-PR", "-oS", "-d", "-f", "-D", "-S", "-g", "-iR", "--script",
		"--traceroute", "--packet-trace", "--stats-every",
		"--privileged", "--defeat-icmp-ratelimit", "--nogcc", "--randomize-hosts",
		"--stylesheet", "--webxml", "--no-stylesheet", "--noninteractive", "--ttl",
		"--iflist", "--badsum", "--disable-arp-ping", "--datadir", "--log-errors",
		"--verbose", "--port-ratio", "--source-port", "--spoof-mac", "--data-length",
		"--proxies", "--mtu", "--ip-options", "--unprivileged", "--version-",
	};

	for (size_t i = 0; i < sizeof(nmaps) / sizeof(nmaps[0]); i++)
		if (strncmp(word, nmaps[i], strlen(nmaps[i])) == 0)
			die(STATUS_USAGE, "%s is nmap's, and not in postern; see postern --help",
			    word);
	die(STATUS_USAGE, "unknown option %s; see postern --help", word);
}

static void
remember(struct options *opts, enum line_kind kind, const char *name, const char *value)
{
	struct plan_line	*line;

	if (opts->nplan == PLAN_MAX)
		die(STATUS_USAGE, "too many options and targets: %s", name);
	line = &opts->plan[opts->nplan++];
	line->kind = kind;
	line->name = name;
	line->value = value;
}

static void
add_target(struct options *opts, const char *text)
{
	if (opts->ntargets == TARGETS_ARGS_MAX)
		die(STATUS_USAGE, "too many targets on the command line: %s", text);
	opts->targets[opts->ntargets++] = text;
	remember(opts, LINE_TARGET, text, NULL);
}

void
options_init(struct options *opts)
{
	memset(opts, 0, sizeof(*opts));
	opts->timing = 3;
	opts->checkpoint = 5000;
	opts->min_rate = opts->max_rate = UNSET;
	opts->min_rtt = opts->initial_rtt = opts->max_rtt = UNSET;
	opts->scan_delay = opts->max_scan_delay = UNSET;
	opts->min_parallelism = opts->max_parallelism = UNSET;
	opts->min_hostgroup = opts->max_hostgroup = UNSET;
	opts->max_retries = opts->host_timeout = UNSET;
}

void
options_parse(struct options *opts, int argc, char *argv[])
{
	const struct option	*o;
	const char		*value;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			add_target(opts, argv[i]);
			continue;
		}
		if ((o = find(argv[i], &value)) == NULL)
			unknown(argv[i]);
		if (o->value != NULL && value == NULL && (value = argv[++i]) == NULL)
			die(STATUS_USAGE, "%s%s needs a value: %s", dashes(o), o->name, o->value);
		if (o->value != NULL && *value == '\0')
			die(STATUS_USAGE, "%s%s needs a value: %s", dashes(o), o->name, o->value);
		if (o->kind == KIND_TEXT && *text_of(opts, o) != NULL)
			die(STATUS_USAGE, "%s%s is given twice", dashes(o), o->name);
		if (!set(opts, o, value))
			die(STATUS_USAGE, "%s%s: not a value for it: %s (%s)", dashes(o), o->name,
			    value, hint(o));
		if ((o->flags & PLAN) != 0)
			remember(opts, LINE_OPTION, o->name, value);
		if ((o->flags & AGAIN) != 0 && o->kind != KIND_SET)
			remember(opts, LINE_LIST, o->name, value);
	}
	if (opts->send_eth)	/* and no --send-ip came after it */
		remember(opts, LINE_LIST, "send-eth", NULL);
	options_names(opts);
	options_check(opts);
}

/*
 * One option that an old log records.  The log is not trusted: only options that may stand in
 * a plan are taken, and their values pass the same parser.  -1 when it is not one of them.
 */
int
options_from_log(struct options *opts, char *text)
{
	char		*value = strchr(text, ' ');

	if (value != NULL)
		*value++ = '\0';
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct option	*o = &table[i];

		if (strcmp(o->name, text) != 0)
			continue;
		if ((o->flags & PLAN) == 0 || (o->value != NULL && value == NULL) ||
		    (o->value == NULL && value != NULL && (o->flags & ATTACHED) == 0))
			return (-1);
		return (set(opts, o, value) ? 0 : -1);
	}
	return (-1);
}

/* Was the option, which an old scan had and which can't be taken from its log, given again? */
bool
options_given(const struct options *opts, const char *name)
{
	for (unsigned int i = 0; i < opts->nplan; i++)
		if (opts->plan[i].kind == LINE_LIST && strcmp(opts->plan[i].name, name) == 0)
			return (true);
	return (false);
}
