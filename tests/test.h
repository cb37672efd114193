/*
 * What a unit test needs: CHECK(), which counts and goes on, and test_done(), the exit status.
 * A test program prints TAP lines (ok / not ok / ok # SKIP), one for each thing it shows;
 * tests/run.sh counts them.
 */

#ifndef TEST_H
#define TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int	 test_bad;		/* CHECKs of this case that failed */
static int	 test_failed;		/* cases that failed */

#define CHECK(e) do {							\
	if (!(e)) {							\
		printf("# %s:%d: %s\n", __FILE__, __LINE__, #e);	\
		test_bad++;						\
	}								\
} while (0)

/* Run a case: a function without arguments whose name says what it shows. */
#define CASE(f) do {							\
	test_bad = 0;							\
	f();								\
	printf("%s - %s\n", test_bad == 0 ? "ok" : "not ok", #f);	\
	fflush(stdout);							\
	test_failed += test_bad != 0;					\
} while (0)

#define SKIP(name, why)	printf("ok - %s # SKIP %s\n", (name), (why))

static inline int
test_done(void)
{
	return (test_failed == 0 ? 0 : 1);
}

#endif /* TEST_H */
