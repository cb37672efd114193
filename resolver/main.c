/*
 * The resolver: resolver UID GID [SERVERS]
 *
 * Started by the coordinator with its channel, the hosts files and nothing else.  It trusts
 * its command line; everything that comes later is checked.
 */

#include "log.h"
#include "resolver.h"

int
main(int argc, char *argv[])
{
	struct chan		 parent;
	struct ids		 ids;
	struct msg_ready	 ready;
	unsigned int		 servers;

	chan_child(&parent, RESOLVER, resolver_rows);
	ids = privs_ids(argc == 4 ? 3 : argc, argv);
	servers = servers_open(argc == 4 ? argv[3] : NULL);
	lanes_open();
	ready = resolver_drop(ids);
	ready.servers = servers;
	send_ready(&parent, &ready);

	resolver_run(&parent);
	return (STATUS_OK);
}
