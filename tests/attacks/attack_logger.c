/* A logger that was taken over by an old log.  Attacked when no old log is read any more. */

#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "attack.h"
#include "logger.h"

static int
new_log(const char *path)
{
	int	 fd = open(path, O_RDWR | O_APPEND | O_CREAT, 0600);

	attack_need(fd, path);
	attack_need(write(fd, "line\n", 5) == 5 ? 0 : -1, path);
	return (fd);
}

static void
setup(void)
{
	attack_fd(new_log("/tmp/report"), REPORT_FD);
	attack_fd(new_log("/tmp/normal"), NORMAL_FD);
	attack_fd(new_log("/tmp/grepable"), GREPABLE_FD);
}

static long
append(void)
{
	return (write(NORMAL_FD, "more\n", 5));
}

/* Without O_APPEND what was written before could be written over. */
static long
clear_append(void)
{
	return (fcntl(NORMAL_FD, F_SETFL, 0));
}

static long
write_over(void)
{
	return (pwrite(NORMAL_FD, "LINE\n", 5, 0));
}

static long
cut(void)
{
	return (ftruncate(NORMAL_FD, 0));
}

static long
read_back(void)
{
	char	 line[5];

	return (pread(GREPABLE_FD, line, sizeof(line), 0));
}

static long
write_elsewhere(void)
{
	return (write(STDERR_FILENO, "line\n", 5));
}

static long
make_readable(void)
{
	return (fchmod(NORMAL_FD, 0666));
}

static const struct act	 acts[] = {
	{ "append", append },
	{ "clear_append", clear_append },
	{ "write_over", write_over },
	{ "cut", cut },
	{ "read_back", read_back },
	{ "write_elsewhere", write_elsewhere },
	{ "make_readable", make_readable },
	{ NULL, NULL }
};

static struct msg_ready
drop(struct ids ids)
{
	struct msg_ready	 ready = logger_drop(ids);

	logger_narrow();
	return (ready);
}

int
main(int argc, char *argv[])
{
	static const char *const	 may[] = { "nothing", "append", NULL };
	static const struct role	 role = { 1 << CHAN_FD, setup, drop, acts, may };

	return (attack_main(&role, argc, argv));
}
