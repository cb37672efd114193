/* A logger that was taken over by an old log.  Attacked when no old log is read any more. */

#include <sys/uio.h>

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
	attack_fd(new_log("/tmp/xml"), XML_FD);
	attack_need(fcntl(XML_FD, F_SETFL, 0), "not to append");	/* as files.c opens it */
	attack_fd(new_log("/tmp/json"), JSON_FD);
	attack_fd(new_log("/tmp/old"), OLD_FD);
	attack_fd(new_log("/tmp/key"), KEY_FD);
	attack_fd(new_log("/tmp/skip"), SKIP_FD);
}

static long
append(void)
{
	return (write(NORMAL_FD, "more\n", 5));
}

static long
append_json(void)
{
	return (write(JSON_FD, "more\n", 5));
}

static long
append_old(void)
{
	return (write(OLD_FD, "more\n", 5));
}

/* An XML document is valid at each moment only if its end is written anew. */
static long
write_over_xml(void)
{
	char			 line[] = "LINE\n";
	const struct iovec	 all = { line, 5 };

	return (pwritev(XML_FD, &all, 1, 0));
}

static long
cut_xml(void)
{
	return (ftruncate(XML_FD, 0));
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
write_over_json(void)
{
	return (pwrite(JSON_FD, "LINE\n", 5, 0));
}

static long
write_over_old(void)
{
	return (pwrite(OLD_FD, "LINE\n", 5, 0));
}

static long
cut(void)
{
	return (ftruncate(NORMAL_FD, 0));
}

static long
cut_json(void)
{
	return (ftruncate(JSON_FD, 0));
}

static long
cut_old(void)
{
	return (ftruncate(OLD_FD, 0));
}

static long
read_from(int fd)
{
	char	 line[5];

	return (pread(fd, line, sizeof(line), 0));
}

static long
read_back(void)
{
	return (read_from(GREPABLE_FD));
}

static long
read_xml(void)
{
	return (read_from(XML_FD));
}

static long
read_old(void)
{
	return (read_from(OLD_FD));
}

static long
read_skip(void)
{
	return (read_from(SKIP_FD));
}

static long
write_skip(void)
{
	return (write(SKIP_FD, "more\n", 5));
}

static long
read_key(void)
{
	return (read_from(KEY_FD));
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
	{ "append_json", append_json },
	{ "append_old", append_old },
	{ "write_over_xml", write_over_xml },
	{ "cut_xml", cut_xml },
	{ "clear_append", clear_append },
	{ "write_over", write_over },
	{ "write_over_json", write_over_json },
	{ "write_over_old", write_over_old },
	{ "cut", cut },
	{ "cut_json", cut_json },
	{ "cut_old", cut_old },
	{ "read_back", read_back },
	{ "read_xml", read_xml },
	{ "read_old", read_old },
	{ "read_key", read_key },
	{ "read_skip", read_skip },
	{ "write_skip", write_skip },
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
	static const char *const	 may[] = {
		"nothing", "append", "append_json", "append_old", "write_over_xml", "cut_xml", NULL
	};
	static const struct role	 role = { 1 << CHAN_FD, setup, drop, acts, may };

	return (attack_main(&role, argc, argv));
}
