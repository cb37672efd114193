/* The walls that not every kernel or machine has, and what it means that one is missing.  Pure. */

#include <stdio.h>

#include "parent.h"

static const struct {
	uint32_t	 wall;
	const char	*name;
	const char	*missing;	/* what it means that it is not there */
} walls[] = {
	{ WALL_NAMESPACES, "namespaces", "mounts, IPC and network are the system's" },
	{ WALL_ROOT, "empty root", "the root is a directory of the system's, if empty" },
	{ WALL_LANDLOCK, "Landlock", "one wall less before files and TCP" },
	{ WALL_MDWE, "W^X", "only the filter keeps data from being run" },
	{ WALL_PASSRIGHTS, "closed sockets", "only the filter refuses descriptors" },
	{ WALL_PIDNS, "PID namespace", "children may outlive a killed coordinator" },
};
#define NWALLS	(sizeof(walls) / sizeof(walls[0]))

const char *
wall_name(unsigned int n, uint32_t there)
{
	for (size_t i = 0; i < NWALLS; i++)
		if ((there & walls[i].wall) != 0 && n-- == 0)
			return (walls[i].name);
	return (NULL);
}

const char *
wall_text(unsigned int n, uint32_t walls_there, char buf[WALL_TEXT])
{
	for (size_t i = 0; i < NWALLS; i++)
		if ((walls_there & walls[i].wall) == 0 && n-- == 0) {
			snprintf(buf, WALL_TEXT, "%s: %s", walls[i].name, walls[i].missing);
			return (buf);
		}
	return (NULL);
}
