/*
 * A process of its own for what a test does: for code that ends the process, and for code
 * whose state begins with the process.
 */

#ifndef APART_H
#define APART_H

#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "test.h"

#define APART_SECONDS	10	/* longer, and it is stuck */
#define APART_BAD	99	/* its exit status when one of its CHECKs failed */

/*
 * Run f apart.  What it writes on standard error goes to said, of size bytes, unless that is
 * NULL.  Its exit status, 0 when f returned; or minus the signal that killed it.
 */
static inline int
apart(void (*f)(void), char *said, size_t size)
{
	int	 p[2], status;
	ssize_t	 n;
	size_t	 len = 0;
	pid_t	 pid;

	fflush(stdout);
	if (pipe(p) == -1 || (pid = fork()) == -1)
		abort();
	if (pid == 0) {
		alarm(APART_SECONDS);
		if (said != NULL)
			dup2(p[1], STDERR_FILENO);
		test_bad = 0;
		f();
		fflush(stdout);
		_exit(test_bad == 0 ? 0 : APART_BAD);
	}
	close(p[1]);
	while (said != NULL && (n = read(p[0], said + len, size - 1 - len)) > 0)
		len += (size_t)n;
	if (said != NULL)
		said[len] = '\0';
	close(p[0]);
	waitpid(pid, &status, 0);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

/* A CASE that runs apart. */
#define CASE_APART(f) do {						\
	int	 ended_ = apart(f, NULL, 0);				\
									\
	if (ended_ != 0 && ended_ != APART_BAD)				\
		printf("# ended with %d\n", ended_);			\
	printf("%s - %s\n", ended_ == 0 ? "ok" : "not ok", #f);		\
	fflush(stdout);							\
	test_failed += ended_ != 0;					\
} while (0)

#endif /* APART_H */
