/* The grepable format: what nmap 7.93 printed for the same answers. */

#include "render.h"

static bool
renders(const char *expected)
{
	view_host(&plan, &host, &view);
	out.len = 0;
	text[0] = '\0';
	grepable_host(&plan, &host, &view, &out);
	if (strcmp(text, expected) == 0)
		return (true);
	printf("# rendered:\n%s# expected:\n%s", text, expected);
	return (false);
}

static void
two_ignored_states_are_not_named(void)
{
	mixed_host();
	CHECK(renders("Host: 127.0.0.4 ()\tStatus: Up\n"
	    "Host: 127.0.0.4 ()\tPorts: 80/open/tcp//http///, 443/open/tcp//https///, "
	    "500/open/tcp//isakmp///\n"));
}

static void
one_ignored_state_is_named(void)
{
	fresh("127.0.0.1", 1, 500);
	host.h.rest_state = PORT_CLOSED;
	host.h.rest_reason = REASON_RESET;
	add_ports(22, 22, PORT_OPEN, REASON_SYN_ACK, 64);
	CHECK(renders("Host: 127.0.0.1 ()\tStatus: Up\n"
	    "Host: 127.0.0.1 ()\tPorts: 22/open/tcp//ssh///\tIgnored State: closed (499)\n"));
}

static void
all_ports_in_one_ignored_state(void)
{
	fresh("127.0.0.3", 1, 500);
	CHECK(renders("Host: 127.0.0.3 ()\tStatus: Up\n"
	    "Host: 127.0.0.3 ()\tPorts: \tIgnored State: filtered (500)\n"));
}

static void
parentheses_hold_the_reverse_name_and_never_the_typed_one(void)
{
	fresh("127.0.0.1", 0, 0);
	set_names("lo-one", "localhost");
	CHECK(renders("Host: 127.0.0.1 (localhost)\tStatus: Up\n"));
	set_names("lo-one", "");
	CHECK(renders("Host: 127.0.0.1 ()\tStatus: Up\n"));
}

static void
hosts_that_are_down_are_named_under_v_only(void)
{
	fresh("10.9.0.3", 1, 10);
	host.h.state = HOST_DOWN;
	host.h.rest_state = PORT_UNKNOWN;
	CHECK(renders(""));
	plan.config.verbosity = 1;
	CHECK(renders("Host: 10.9.0.3 ()\tStatus: Down\n"));
}

static void
a_list_scan_knows_no_state(void)
{
	fresh("10.9.0.3", 0, 0);
	host.h.state = HOST_UNKNOWN;
	CHECK(renders("Host: 10.9.0.3 ()\tStatus: Unknown\n"));
}

static void
a_host_timeout_is_a_status_of_its_own(void)
{
	fresh("127.0.0.2", 1, 400);
	host.h.outcome = OUTCOME_TIMED_OUT;
	CHECK(renders("Host: 127.0.0.2 ()\tStatus: Up\n"
	    "Host: 127.0.0.2 ()\tStatus: Timeout\n"));
	add_ports(22, 22, PORT_OPEN, REASON_SYN_ACK, 64);
	CHECK(renders("Host: 127.0.0.2 ()\tStatus: Up\n"
	    "Host: 127.0.0.2 ()\tPorts: 22/open/tcp//ssh///\n"
	    "Host: 127.0.0.2 ()\tStatus: Timeout\n"));
}

static void
open_leaves_out_hosts_without_an_open_port(void)
{
	fresh("127.0.0.2", 1, 400);
	plan.config.flags = LOG_OPEN;
	CHECK(renders(""));
	add_ports(22, 22, PORT_OPEN, REASON_SYN_ACK, 64);
	CHECK(renders("Host: 127.0.0.2 ()\tStatus: Up\n"
	    "Host: 127.0.0.2 ()\tPorts: 22/open/tcp//ssh///\tIgnored State: filtered (399)\n"));
}

static void
the_ports_scanned_are_named_in_ranges(void)
{
	fresh("127.0.0.1", 30, 110);
	add_plan(22, 22);
	add_plan(65534, 65535);
	grepable_ports(&plan, &out);
	CHECK(strcmp(text, "# Ports scanned: TCP(84;22,30-110,65534-65535) UDP(0;) SCTP(0;) "
	    "PROTOCOLS(0;)\n") == 0);
	fresh("127.0.0.1", 0, 0);
	grepable_ports(&plan, &out);
	CHECK(strcmp(text, "# Ports scanned: TCP(0;) UDP(0;) SCTP(0;) PROTOCOLS(0;)\n") == 0);
}

int
main(void)
{
	CASE(two_ignored_states_are_not_named);
	CASE(one_ignored_state_is_named);
	CASE(all_ports_in_one_ignored_state);
	CASE(parentheses_hold_the_reverse_name_and_never_the_typed_one);
	CASE(hosts_that_are_down_are_named_under_v_only);
	CASE(a_list_scan_knows_no_state);
	CASE(a_host_timeout_is_a_status_of_its_own);
	CASE(open_leaves_out_hosts_without_an_open_port);
	CASE(the_ports_scanned_are_named_in_ranges);
	return (test_done());
}
