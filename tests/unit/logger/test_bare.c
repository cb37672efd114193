/*
 * Hosts of which there is little to tell, several in one message: the outputs have them as they
 * would from a message each.
 */

#include "drive.h"

#define TEXT_MAX	65536

static bool	 together;
static char	 one_by_one[OUTPUTS][TEXT_MAX], at_once[TEXT_MAX];

/* Two hosts with no port to tell, in one message or in one each. */
static void
scan_of_bare_hosts(void)
{
	struct msg_barehosts	 m = { .n = 2 };
	struct msg_host		 h = {
		.state = HOST_UP, .reason = REASON_ECHO_REPLY, .srtt = 1500, .ttl = 60,
		.flags = HOST_HAS_MAC, .mac = { 2 }, .rest_state = PORT_FILTERED,
		.rest_reason = REASON_NO_RESPONSE, .coverage = 9000
	};

	tell_start();
	for (uint32_t i = 0; i < 2; i++) {
		h.place.offset = i;
		h.addr = addr_from_ipv4(0x0a000001 + i);
		memcpy(m.e[i], &h, BARE_SIZE);
		if (!together)
			send_host(&parent_side, &h);
	}
	if (together)
		send_barehosts(&parent_side, &m);
	tell_finish(ENDING_COMPLETE);
}

/* What a file says of the hosts, without times and the check values behind them. */
static void
keep_hosts(enum output o, char *text)
{
	static char	 whole[TEXT_MAX];
	char		*line, *rest = whole, *when;

	keep_file(files[o], whole, sizeof(whole));
	text[0] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL) {
		if ((when = strstr(line, " time ")) != NULL)
			*when = '\0';
		if ((when = strstr(line, "\"time\":\"")) != NULL)
			memset(when + 8, 'T', 20);
		if (strncmp(line, "# postern: end ", 15) != 0 &&
		    strncmp(line, "<runstats>", 10) != 0)
			snprintf(text + strlen(text), TEXT_MAX - strlen(text), "%s\n", line);
	}
}

static void
bare_hosts_are_logged_as_others(void)
{
	const uint8_t	 every[OUTPUTS] = EVERY_FORMAT;

	memcpy(config.format, every, sizeof(every));
	together = false;
	CHECK(run(scan_of_bare_hosts) == 0);
	for (enum output o = 0; o < OUTPUT_OLD; o++) {
		keep_hosts(o, one_by_one[o]);
		CHECK(strstr(one_by_one[o], "10.0.0.2") != NULL);
	}
	together = true;
	CHECK(run(scan_of_bare_hosts) == 0);
	for (enum output o = 0; o < OUTPUT_OLD; o++) {
		keep_hosts(o, at_once);
		CHECK(strcmp(at_once, one_by_one[o]) == 0);
	}
}

static void
lie_bare_in_a_host(void)
{
	struct msg_host		 h = { .addr = address("10.0.0.1"), .ports = 1 };
	struct msg_barehosts	 m = { .n = 1 };

	tell_start();
	send_host(&parent_side, &h);
	h.ports = 0;
	memcpy(m.e[0], &h, BARE_SIZE);
	send_barehosts(&parent_side, &m);
	pump();
}

static void
between_hosts_only(void)
{
	CHECK(run(lie_bare_in_a_host) == STATUS_PROCESS);
	CHECK(strstr(read_file(stderr_file), "parent sent BAREHOSTS in a host") != NULL);
}

int
main(void)
{
	CASE(bare_hosts_are_logged_as_others);
	CASE(between_hosts_only);
	return (test_done());
}
