/*
 * The values of options: numbers, rates, times, names of templates, with nmap's spelling.
 * Pure.  Trusts nobody: an old log's values come through here too.
 */

#include <string.h>
#include <strings.h>

#include "parent.h"

/* A decimal number in thousandths, what follows it, or NULL; digits below are left out. */
static const char *
thousandths(const char *text, uint64_t *value)
{
	const char	*p = text;
	uint64_t	 n = 0, part = 0, scale = 1000;

	for (; *p >= '0' && *p <= '9'; p++)
		if ((n = n * 10 + (uint64_t)(*p - '0')) > UINT32_MAX)
			return (NULL);
	if (p == text)
		return (NULL);
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++)
			part += (uint64_t)(*p - '0') * (scale /= 10);
	*value = n * 1000 + part;
	return (p);
}

bool
value_number(const char *text, uint32_t max, uint32_t *out)
{
	uint64_t	 n;
	const char	*end = thousandths(text, &n);

	if (end == NULL || *end != '\0' || strchr(text, '.') != NULL || n / 1000 > max)
		return (false);
	*out = (uint32_t)(n / 1000);
	return (true);
}

bool
value_rate(const char *text, uint32_t *out)
{
	uint64_t	 n;
	const char	*end = thousandths(text, &n);

	if (end == NULL || *end != '\0' || n == 0)
		return (false);
	/* Faster than anything goes here; the greatest number is UNSET. */
	*out = n >= UINT32_MAX ? UINT32_MAX - 1 : (uint32_t)n;
	return (true);
}

bool
value_time(const char *text, uint32_t max, uint32_t *out)
{
	static const struct { const char *name; uint64_t ms; } units[] = {
		{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 },
	};
	uint64_t	 n;
	const char	*unit = thousandths(text, &n);

	if (unit == NULL)
		return (false);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcasecmp(unit, units[i].name) == 0 && n * units[i].ms / 1000 <= max) {
			*out = (uint32_t)(n * units[i].ms / 1000);
			return (true);
		}
	return (false);
}

bool
value_timing(const char *text, uint32_t *out)
{
	static const char *const	 names[] = {
		"paranoid", "sneaky", "polite", "normal", "aggressive", "insane"
	};

	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(text, names[i]) == 0) {
			*out = i;
			return (true);
		}
	return (value_number(text, 5, out));
}
