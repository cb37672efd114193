/* Networks for tests to work in are made by a shell script. */

#ifndef SCRIPT_H
#define SCRIPT_H

#include <sys/wait.h>

#include <stdbool.h>
#include <unistd.h>

/* Run it to its end, or to its first failure: then false. */
static inline bool
script_run(const char *text)
{
	int	 status;
	pid_t	 pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-ec", text, (char *)NULL);
		_exit(127);
	}
	return (pid != -1 && waitpid(pid, &status, 0) == pid && status == 0);
}

#endif /* SCRIPT_H */
