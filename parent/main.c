/*
 * postern begins here, as root.  It reads its command line, opens what that names as whoever
 * called it, starts the coordinator in a PID namespace of its own, and from then on is the
 * process in front, which waits.  It reads nothing else while it is privileged.
 */

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parent.h"

static struct options	 options;
static struct files	 files;

/* The command line as the log shows it: words with spaces in quotes, as nmap does. */
static char *
command_line(int argc, char *argv[])
{
	static char	 line[64 * 1024];
	size_t		 at = (size_t)snprintf(line, sizeof(line), "postern");
	bool		 quote;

	for (int i = 1; i < argc; i++) {
		quote = strpbrk(argv[i], " \t\n") != NULL || argv[i][0] == '\0';
		if (at + 2 * strlen(argv[i]) + 4 >= sizeof(line))
			break;
		line[at++] = ' ';
		if (quote)
			line[at++] = '"';
		for (const char *p = argv[i]; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				line[at++] = '\\';
			line[at++] = *p;
		}
		if (quote)
			line[at++] = '"';
	}
	line[at] = '\0';
	return (line);
}

/* --help and --version need nothing and nobody. */
static void
answer(void)
{
	char	 id[BUILD_ID_TEXT];

	if (options.help)
		options_help();
	else if (options.version)
		printf("postern " VERSION " (build %s)\n", build_id(id));
	else
		return;
	exit(fflush(stdout) == 0 ? STATUS_OK : STATUS_INCOMPLETE);
}

/* What can be checked before anything is begun or opened. */
static void
check(void)
{
	static struct plan	 plan;

	if (options.doctor)
		return;
	if (options.iface != NULL && if_nametoindex(options.iface) == 0)
		die(STATUS_USAGE, "-e %s: no such interface", options.iface);
	plan_check_targets(&options);
	plan_make(&options, &plan);
}

/*
 * --doctor: the run that is looked at goes on in a child, as any run would; we stay root, and
 * look at it.  The descriptor is the child's end.
 */
static int
fork_doctor(void)
{
	int	 sp[2], pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sp) == -1 ||
	    (pid = fork()) == -1)
		fatal("doctor");
	if (pid != 0) {
		close(sp[1]);
		exit(doctor_examine(pid, sp[0]));
	}
	close(sp[0]);
	return (sp[1]);
}

int
main(int argc, char *argv[])
{
	const char	*line;
	int		 sp[2], pid, doctor = -1;
	bool		 pid_namespace;
	struct ids	 ids;

	root_sanitise();
	options_init(&options);
	options_parse(&options, argc, argv);
	line = command_line(argc, argv);
	answer();
	check();
	root_prepare();
	root_evidence();
	root_open_files(&options, &files);
	ids = root_ids("_postern-parent");
	if (options.doctor)
		doctor = root_high(fork_doctor());
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sp) == -1)
		fatal("socketpair");
	pid_namespace = unshare(CLONE_NEWPID) == 0;
	if ((pid = fork()) == -1)
		fatal("fork");
	if (pid == 0) {
		(void)setsid();		/* the terminal's signals are for the process in front */
		if (dup3(sp[1], FD_FRONT, O_CLOEXEC) == -1 ||
		    (doctor != -1 && dup3(doctor, FD_DOCTOR, O_CLOEXEC) == -1))
			fatal("descriptor");
		close(sp[0]);
		exit(coordinate(&options, &files, ids, pid_namespace, line));
	}
	close(sp[1]);
	return (front_wait(pid, sp[0], ids));
}
