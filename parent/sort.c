/*
 * Sorting in place by heap: qsort(3) asks the system how much memory there is, and that call
 * is not on the coordinator's sheet.
 */

#include <string.h>

#include "parent.h"

#define ELEMENT_MAX	64

static void
swap(char *a, char *b, size_t size)
{
	char	 was[ELEMENT_MAX];

	memcpy(was, a, size);
	memcpy(a, b, size);
	memcpy(b, was, size);
}

/* Let element i sink in a heap of n, the last in order on top. */
static void
sink(char *base, size_t i, size_t n, size_t size, sort_before *before)
{
	size_t	 child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n && before(base + child * size, base + (child + 1) * size))
			child++;
		if (!before(base + i * size, base + child * size))
			return;
		swap(base + i * size, base + child * size, size);
		i = child;
	}
}

void
sort(void *base, size_t n, size_t size, sort_before *before)
{
	if (size > ELEMENT_MAX)
		fatalx("elements of %zu bytes are too large to sort", size);
	for (size_t i = n / 2; i-- > 0;)
		sink(base, i, n, size, before);
	for (size_t i = n; i-- > 1;) {
		swap(base, (char *)base + i * size, size);
		sink(base, 0, i, size, before);
	}
}
