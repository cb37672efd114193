/* --doctor tells a sealed process from one that is not. */

#include <sys/stat.h>

#include <stdlib.h>

#include "parent.h"
#include "test.h"
#include "unit/common/sealed.h"

static const struct privs_call	 calls[] = { CALL(exit_group), CALL_1(recvfrom, 0, CHAN_FD) };

static const struct privs	 sheet = {
	.name = "test", .user = "nobody", .fds = 0xf, .fsize = 4096,
	.calls = calls, .ncalls = sizeof(calls) / sizeof(calls[0]),
};

static char	 page[8192];	/* what was printed last */

/* Take stdout aside, and put it back with what was printed meanwhile in page. */
static int
capture_begin(void)
{
	int	 saved;

	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(memfd_create("page", MFD_CLOEXEC), STDOUT_FILENO);
	return (saved);
}

static void
capture_end(int saved)
{
	ssize_t	 n;

	fflush(stdout);
	n = pread(STDOUT_FILENO, page, sizeof(page) - 1, 0);
	page[n < 0 ? 0 : n] = '\0';
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

static bool
says(const char *line)
{
	return (strstr(page, line) != NULL);
}

static bool
fits_80_columns(void)
{
	for (const char *line = page; *line != '\0'; line += strcspn(line, "\n") + 1)
		if (strcspn(line, "\n") > 80)
			return (false);
	return (page[0] != '\0');
}

static void
a_sealed_process_has_nothing(void)
{
	pid_t	 pid = sealed_start(&sheet, NULL, stay);
	int	 saved;

	for (int i = 0; i < 500 && !seen->sealed; i++)
		usleep(10000);
	saved = capture_begin();
	doctor_process("test", pid, &seen->ready);
	capture_end(saved);
	sealed_wait(pid);
	CHECK(says("user:             61000 ("));
	CHECK(says("other groups:     none\n"));
	CHECK(says("capabilities:     none, in all five sets\n"));
	CHECK(says("new privileges:   never\n"));
	CHECK(says("system calls:     filtered, by 1\n"));
	CHECK(says("threads:          1\n"));
	CHECK(says("root:             empty"));
	CHECK(says("descriptors:       0 /dev/null\n"));
	CHECK(says("\n                   3 socket:["));
	CHECK(!says("\n                   4 "));
	CHECK(says("own namespaces:   ipc mnt net uts\n"));
	CHECK(says("limits:           0 new processes\n"));
	CHECK(says("\n                  4 descriptors\n"));
	CHECK(says("\n                  4096 bytes a file\n"));
	CHECK(fits_80_columns());
}

static void
a_process_of_root_has_everything(void)
{
	static const struct msg_ready	 nothing;
	int				 saved = capture_begin();

	doctor_process("test", getpid(), &nothing);
	capture_end(saved);
	CHECK(says("user:             0 (root), group 0 (root)\n"));
	CHECK(says("capabilities:     permitted "));
	CHECK(says("\n                  effective "));
	CHECK(says("new privileges:   possible\n"));
	CHECK(says("system calls:     NOT FILTERED\n"));
	CHECK(says("NAMES IN IT\n"));
	CHECK(says("own namespaces:   none\n"));
	CHECK(says("walls:            none"));
	CHECK(says("Landlock:         none\n"));
}

static void
each_missing_wall_is_a_line(void)
{
	char	 text[WALL_TEXT];

	CHECK(wall_text(0, WALL_ALL, text) == NULL);
	CHECK(wall_text(0, WALL_ALL & ~(uint32_t)WALL_LANDLOCK, text) != NULL);
	CHECK(strncmp(text, "Landlock: ", 10) == 0);
	CHECK(wall_text(1, WALL_ALL & ~(uint32_t)WALL_LANDLOCK, text) == NULL);
	CHECK(wall_text(5, 0, text) != NULL);
	CHECK(strncmp(text, "PID namespace: ", 15) == 0);
	CHECK(wall_text(6, 0, text) == NULL);
}

int
main(void)
{
	CASE(each_missing_wall_is_a_line);
	if (geteuid() != 0) {
		SKIP("doctor_process", "needs root");
		return (test_done());
	}
	CASE(a_sealed_process_has_nothing);
	CASE(a_process_of_root_has_everything);
	return (test_done());
}
