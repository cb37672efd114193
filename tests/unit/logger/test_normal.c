/*
 * The normal format: what a reader of nmap's logs finds.  The expected blocks were printed
 * by nmap 7.93 for the same answers, but for what nmap has no block for.
 */

#include "render.h"

static bool
renders(const char *expected)
{
	view_host(&plan, &host, &view);
	out.len = 0;
	text[0] = '\0';
	normal_host(&plan, &host, &view, FORMAT_NORMAL, &out);
	if (strcmp(text, expected) == 0)
		return (true);
	printf("# rendered:\n%s# expected:\n%s", text, expected);
	return (false);
}

static void
several_states_and_reasons_are_counted_largest_first(void)
{
	mixed_host();
	CHECK(renders("Nmap scan report for 127.0.0.4\n"
	    "Host is up (0.0000080s latency).\n"
	    "Not shown: 387 closed tcp ports (reset), 50 filtered tcp ports (host-prohibited), "
	    "30 filtered tcp ports (admin-prohibited), 30 filtered tcp ports (no-response)\n"
	    "PORT    STATE SERVICE\n"
	    "80/tcp  open  http\n"
	    "443/tcp open  https\n"
	    "500/tcp open  isakmp\n"
	    "\n"));
}

static void
open_alone_collapses_every_other_state(void)
{
	fresh("127.0.0.1", 22, 26);
	plan.config.flags = LOG_OPEN;
	host.h.srtt = 44;
	add_plan(80, 80);
	add_ports(22, 22, PORT_OPEN, REASON_SYN_ACK, 64);
	add_ports(23, 23, PORT_CLOSED, REASON_RESET, 64);
	add_ports(24, 26, PORT_FILTERED, REASON_NO_RESPONSE, 0);
	add_ports(80, 80, PORT_OPEN, REASON_SYN_ACK, 64);
	set_names("lo-one", "localhost");
	CHECK(renders("Nmap scan report for lo-one (127.0.0.1)\n"
	    "Host is up (0.000044s latency).\n"
	    "rDNS record for 127.0.0.1: localhost\n"
	    "Not shown: 3 filtered tcp ports (no-response), 1 closed tcp port (reset)\n"
	    "PORT   STATE SERVICE\n"
	    "22/tcp open  ssh\n"
	    "80/tcp open  http\n"
	    "\n"));
}

static void
open_leaves_out_hosts_without_an_open_port(void)
{
	fresh("127.0.0.1", 22, 26);
	plan.config.flags = LOG_OPEN;
	add_ports(22, 22, PORT_CLOSED, REASON_RESET, 64);
	CHECK(renders(""));
	host.h.state = HOST_DOWN;
	plan.config.verbosity = 1;
	CHECK(renders(""));
	plan.config.flags = 0;
	CHECK(renders("Nmap scan report for 127.0.0.1 [host down]\n"));
}

static void
a_host_with_nothing_to_list_says_so(void)
{
	fresh("127.0.0.3", 1, 500);
	CHECK(renders("Nmap scan report for 127.0.0.3\n"
	    "Host is up.\n"
	    "All 500 scanned ports on 127.0.0.3 are in ignored states.\n"
	    "Not shown: 500 filtered tcp ports (no-response)\n"
	    "\n"));
}

static void
equal_counts_keep_nmaps_order(void)
{
	fresh("127.0.0.8", 1, 60);
	add_ports(31, 60, PORT_CLOSED, REASON_RESET, 64);
	CHECK(renders("Nmap scan report for 127.0.0.8\n"
	    "Host is up.\n"
	    "All 60 scanned ports on 127.0.0.8 are in ignored states.\n"
	    "Not shown: 30 closed tcp ports (reset), 30 filtered tcp ports (no-response)\n"
	    "\n"));
}

static void
few_ports_are_all_listed_after_an_empty_line(void)
{
	fresh("127.0.0.3", 500, 501);
	plan.config.flags = LOG_REASON;
	CHECK(renders("Nmap scan report for 127.0.0.3\n"
	    "Host is up, received user-set.\n"
	    "\n"
	    "PORT    STATE    SERVICE REASON\n"
	    "500/tcp filtered isakmp  no-response\n"
	    "501/tcp filtered stmf    no-response\n"
	    "\n"));
}

static void
reasons_say_who_answered_and_from_how_far(void)
{
	struct addr	 router;

	fresh("10.77.0.5", 80, 80);
	add_plan(443, 443);
	plan.config.flags = LOG_REASON;
	plan.config.verbosity = 1;
	host.h.srtt = 230;
	host.h.reason = REASON_ECHO_REPLY;
	host.h.ttl = 64;
	add_ports(80, 80, PORT_FILTERED, REASON_TIME_EXCEEDED, 64);
	add_ports(443, 443, PORT_FILTERED, REASON_ADMIN_PROHIBITED, 64);
	CHECK(addr_parse("10.9.0.2", &router) == 0);
	host.port[0].from = host.port[1].from = router;
	CHECK(renders("Nmap scan report for 10.77.0.5\n"
	    "Host is up, received echo-reply ttl 64 (0.00023s latency).\n"
	    "\n"
	    "PORT    STATE    SERVICE REASON\n"
	    "80/tcp  filtered http    time-exceeded from 10.9.0.2 ttl 64\n"
	    "443/tcp filtered https   admin-prohibited from 10.9.0.2 ttl 64\n"
	    "\n"));
}

static void
columns_widen_with_the_service_names_under_reason(void)
{
	fresh("10.9.0.2", 107, 110);
	plan.config.flags = LOG_REASON;
	add_ports(107, 110, PORT_CLOSED, REASON_RESET, 64);
	host.h.reason = REASON_ARP_RESPONSE;
	host.h.srtt = 29;
	host.h.flags = HOST_HAS_MAC;
	memcpy(host.h.mac, "\x02\xab\xcd\xef\x01\x9a", 6);
	set_names("", "peer.example");
	CHECK(renders("Nmap scan report for peer.example (10.9.0.2)\n"
	    "Host is up, received arp-response (0.000029s latency).\n"
	    "\n"
	    "PORT    STATE  SERVICE REASON\n"
	    "107/tcp closed rtelnet reset ttl 64\n"
	    "108/tcp closed snagas  reset ttl 64\n"
	    "109/tcp closed pop2    reset ttl 64\n"
	    "110/tcp closed pop3    reset ttl 64\n"
	    "MAC Address: 02:AB:CD:EF:01:9A (Unknown)\n"
	    "\n"));
}

static unsigned int
listed(unsigned int ports, uint8_t verbosity)
{
	fresh("127.0.0.1", 1, ports);
	plan.config.verbosity = verbosity;
	view_host(&plan, &host, &view);
	return (view.nshown);
}

static void
a_state_is_collapsed_above_25_ports_a_level_of_verbosity(void)
{
	CHECK(listed(25, 0) == 25);
	CHECK(listed(26, 0) == 0);
	CHECK(listed(50, 1) == 50);
	CHECK(listed(51, 1) == 0);
	CHECK(listed(275, 10) == 275);
	fresh("127.0.0.1", 1, 65535);
	add_ports(1, 65535, PORT_OPEN, REASON_SYN_ACK, 0);
	view_host(&plan, &host, &view);
	CHECK(view.nshown == 65535);
}

static bool
latency_is(uint32_t us, const char *expected)
{
	char	 block[128];

	fresh("127.0.0.1", 0, 0);
	host.h.srtt = us;
	snprintf(block, sizeof(block),
	    "Nmap scan report for 127.0.0.1\nHost is up (%ss latency).\n", expected);
	return (renders(block));
}

static void
latency_has_two_significant_digits(void)
{
	CHECK(latency_is(5, "0.0000050"));
	CHECK(latency_is(12, "0.000012"));
	CHECK(latency_is(125, "0.00013"));
	CHECK(latency_is(995, "0.00100"));
	CHECK(latency_is(42000, "0.042"));
	CHECK(latency_is(1234567, "1.2"));
	CHECK(latency_is(12345678, "12"));
	CHECK(latency_is(UINT32_MAX, "4295"));
}

static void
a_ping_scan_has_no_empty_lines(void)
{
	fresh("127.0.0.1", 0, 0);
	plan.config.flags = LOG_PING_ONLY;
	set_names("two.example", "localhost");
	host.nothers = host.h.others = 2;
	CHECK(addr_parse("127.0.0.8", &host.other[0]) == 0);
	CHECK(addr_parse("127.0.0.9", &host.other[1]) == 0);
	CHECK(renders("Nmap scan report for two.example (127.0.0.1)\n"
	    "Host is up.\n"
	    "Other addresses for two.example (not scanned): 127.0.0.8 127.0.0.9\n"
	    "rDNS record for 127.0.0.1: localhost\n"));
}

static void
a_list_scan_says_nothing_of_the_state(void)
{
	fresh("10.9.0.2", 0, 0);
	plan.config.flags = LOG_LIST_ONLY | LOG_REASON;
	host.h.state = HOST_UNKNOWN;
	set_names("", "peer.example");
	CHECK(renders("Nmap scan report for peer.example (10.9.0.2)\n"));
}

static void
hosts_that_are_down_are_named_under_v_only(void)
{
	fresh("10.9.0.3", 1, 10);
	host.h.state = HOST_DOWN;
	host.h.reason = REASON_NO_RESPONSE;
	host.h.rest_state = PORT_UNKNOWN;
	CHECK(renders(""));
	plan.config.verbosity = 1;
	CHECK(renders("Nmap scan report for 10.9.0.3 [host down]\n"));
	plan.config.flags = LOG_REASON;
	CHECK(renders("Nmap scan report for 10.9.0.3 [host down, received no-response]\n"));
}

static void
a_host_timeout_keeps_what_was_found(void)
{
	fresh("127.0.0.2", 1, 400);
	host.h.outcome = OUTCOME_TIMED_OUT;
	CHECK(renders("Nmap scan report for 127.0.0.2\n"
	    "Host is up.\n"
	    "Skipping host 127.0.0.2 due to host timeout\n"));
	add_ports(22, 22, PORT_OPEN, REASON_SYN_ACK, 64);
	CHECK(renders("Nmap scan report for 127.0.0.2\n"
	    "Host is up.\n"
	    "\n"
	    "PORT   STATE SERVICE\n"
	    "22/tcp open  ssh\n"
	    "Skipping host 127.0.0.2 due to host timeout\n"
	    "\n"));
}

static void
an_interrupted_host_is_marked(void)
{
	fresh("127.0.0.2", 1, 400);
	host.h.outcome = OUTCOME_PARTIAL;
	add_ports(22, 22, PORT_OPEN, REASON_SYN_ACK, 64);
	CHECK(renders("Nmap scan report for 127.0.0.2\n"
	    "Host is up.\n"
	    "\n"
	    "PORT   STATE SERVICE\n"
	    "22/tcp open  ssh\n"
	    "Not finished: the scan was interrupted.\n"
	    "\n"));
}

static void
the_report_has_a_first_and_a_last_line(void)
{
	struct totals	 t = { 16, 16, 0 };

	setenv("TZ", "UTC", 1);
	memset(text, 0, sizeof(text));
	out.len = 0;
	normal_start(1795375740, &out);
	normal_finish(ENDING_COMPLETE, &t, 1024999, &out);
	t.hosts = t.up = 1;
	normal_finish(ENDING_INTERRUPTED, &t, 60000000, &out);
	CHECK(strcmp(text, "Starting postern " VERSION " at 2026-11-22 19:29 UTC\n"
	    "postern done: 16 IP addresses (16 hosts up) scanned in 1.02 seconds\n"
	    "postern stopped early (interrupted): "
	    "1 IP address (1 host up) scanned in 60.00 seconds\n") == 0);
}

static void
the_worst_host_fits_a_record(void)
{
	static char	 space[RECORD_MAX];
	struct buffer	 b = { space, sizeof(space), 0 };

	fresh("2001:db8:1111:2222:3333:4444:5555:6666", 1, 65535);
	add_plan(0, 0);
	plan.config.flags = LOG_REASON;
	add_ports(0, 65535, PORT_CLOSED_FILTERED, REASON_TIME_EXCEEDED, 255);
	for (uint32_t i = 0; i < host.nports; i++)
		host.port[i].from = host.h.addr;
	view_host(&plan, &host, &view);
	memset(view.ignored, 0, sizeof(view.ignored));
	view.nshown = host.nports;
	memcpy(view.shown, host.port, sizeof(view.shown));
	normal_host(&plan, &host, &view, FORMAT_NORMAL, &b);
	CHECK(b.len > 65536 * 80 && b.len < RECORD_MAX);
	b.len = 0;
	grepable_host(&plan, &host, &view, &b);
	CHECK(b.len > 65536 * 30 && b.len < RECORD_MAX);
}

int
main(void)
{
	CASE(several_states_and_reasons_are_counted_largest_first);
	CASE(open_alone_collapses_every_other_state);
	CASE(open_leaves_out_hosts_without_an_open_port);
	CASE(a_host_with_nothing_to_list_says_so);
	CASE(equal_counts_keep_nmaps_order);
	CASE(few_ports_are_all_listed_after_an_empty_line);
	CASE(reasons_say_who_answered_and_from_how_far);
	CASE(columns_widen_with_the_service_names_under_reason);
	CASE(a_state_is_collapsed_above_25_ports_a_level_of_verbosity);
	CASE(latency_has_two_significant_digits);
	CASE(a_ping_scan_has_no_empty_lines);
	CASE(a_list_scan_says_nothing_of_the_state);
	CASE(hosts_that_are_down_are_named_under_v_only);
	CASE(a_host_timeout_keeps_what_was_found);
	CASE(an_interrupted_host_is_marked);
	CASE(the_report_has_a_first_and_a_last_line);
	CASE(the_worst_host_fits_a_record);
	return (test_done());
}
