/* A coordinator that was taken over by a message of a child; and the process in front. */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"
#include "parent.h"

/* The user's stdout and stderr: files, in the worst case. */
static void
setup(void)
{
	attack_fd(open("/tmp/stdout", O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
	attack_fd(open("/tmp/stderr", O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
}

static long
say(void)
{
	return (write(STDERR_FILENO, "line\n", 5));
}

/* The report is the logger's. */
static long
report(void)
{
	return (write(STDOUT_FILENO, "line\n", 5));
}

static const struct act		 acts[] = {
	{ "say", say }, { "report", report }, { NULL, NULL }
};
static const char *const	 may[] = { "nothing", "say", NULL };

static struct msg_ready
drop_parent(struct ids ids)
{
	return (privs_drop(&parent_sheet, ids));
}

static struct msg_ready
drop_front(struct ids ids)
{
	return (privs_drop(&front_sheet, ids));
}

int
main(int argc, char *argv[])
{
	const struct role	 parent = {
		parent_sheet.fds & ~(uint64_t)7, setup, drop_parent, acts, may
	};
	const struct role	 front = {
		front_sheet.fds & ~(uint64_t)7, setup, drop_front, acts, may
	};

	if (argc > 1 && strcmp(argv[1], "front") == 0)
		return (attack_main(&front, argc - 1, argv + 1));
	return (attack_main(&parent, argc, argv));
}
