/*
 * The XML: what nmap 7.93 printed for the same answers, but for times that postern does not
 * know; and a document whatever the names are.
 */

#include "document.h"
#include "hostile.h"

static char		 args_text[2 << 20] = "postern -p 1-500 127.0.0.1";
static struct buffer	 args = { args_text, sizeof(args_text), 26 };

static void
begin(void)
{
	out.len = 0;
	xml_start(&plan, &args, &out);
}

static void
end(void)
{
	const struct totals	 t = { 1, 1, 0 };

	xml_end(ENDING_COMPLETE, &t, 1795375740, 100000, &out);
}

static void
render(void)
{
	view_host(&plan, &host, &view);
	out.len = 0;
	text[0] = '\0';
	xml_host(&plan, &host, &view, &out);
}

static bool
renders(const char *expected)
{
	render();
	if (strcmp(text, expected) == 0)
		return (true);
	printf("# rendered:\n%s# expected:\n%s", text, expected);
	return (false);
}

static void
a_log_is_a_document_of_nmap(void)
{
	fresh("127.0.0.1", 1, 500);
	plan.config.start = 1795375739;
	plan.config.verbosity = 1;
	view_host(&plan, &host, &view);
	begin();
	xml_host(&plan, &host, &view, &out);
	end();
	CHECK(is_document(text));
	CHECK(strcmp(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE nmaprun>\n"
	    "<nmaprun scanner=\"nmap\" args=\"postern -p 1-500 127.0.0.1\" start=\"1795375739\" "
	    "startstr=\"Sun Nov 22 19:28:59 2026\" version=\"7.93\" xmloutputversion=\"1.05\">\n"
	    "<!-- Written by postern " VERSION ", compatible with nmap 7.93. -->\n"
	    "<scaninfo type=\"syn\" protocol=\"tcp\" numservices=\"500\" services=\"1-500\"/>\n"
	    "<verbose level=\"1\"/>\n<debugging level=\"0\"/>\n"
	    "<host><status state=\"up\" reason=\"user-set\" reason_ttl=\"0\"/>\n"
	    "<address addr=\"127.0.0.1\" addrtype=\"ipv4\"/>\n<hostnames>\n</hostnames>\n"
	    "<ports><extraports state=\"filtered\" count=\"500\">\n"
	    "<extrareasons reason=\"no-response\" count=\"500\" proto=\"tcp\" ports=\"1-500\"/>\n"
	    "</extraports>\n</ports>\n</host>\n"
	    "<runstats><finished time=\"1795375740\" timestr=\"Sun Nov 22 19:29:00 2026\" "
	    "summary=\"Nmap done at Sun Nov 22 19:29:00 2026; 1 IP address (1 host up) scanned "
	    "in 0.10 seconds\" elapsed=\"0.10\" exit=\"success\"/>"
	    "<hosts up=\"1\" down=\"0\" total=\"1\"/>\n</runstats>\n</nmaprun>\n") == 0);
}

static void
ports_that_are_only_counted_are_named_in_ranges_largest_first(void)
{
	fresh("127.0.0.1", 1, 500);
	host.h.reason = REASON_LOCALHOST;
	host.h.srtt = 8;
	add_ports(31, 60, PORT_FILTERED, REASON_ADMIN_PROHIBITED, 64);
	add_ports(61, 70, PORT_FILTERED, REASON_HOST_UNREACH, 64);
	add_ports(71, 79, PORT_CLOSED, REASON_RESET, 64);
	add_ports(80, 80, PORT_OPEN, REASON_SYN_ACK, 64);
	add_ports(81, 500, PORT_CLOSED, REASON_RESET, 64);
	CHECK(renders("<host><status state=\"up\" reason=\"localhost-response\" "
	    "reason_ttl=\"0\"/>\n"
	    "<address addr=\"127.0.0.1\" addrtype=\"ipv4\"/>\n<hostnames>\n</hostnames>\n"
	    "<ports><extraports state=\"closed\" count=\"429\">\n"
	    "<extrareasons reason=\"reset\" count=\"429\" proto=\"tcp\" ports=\"71-79,81-500\"/>\n"
	    "</extraports>\n<extraports state=\"filtered\" count=\"70\">\n"
	    "<extrareasons reason=\"admin-prohibited\" count=\"30\" proto=\"tcp\" "
	    "ports=\"31-60\"/>\n"
	    "<extrareasons reason=\"no-response\" count=\"30\" proto=\"tcp\" ports=\"1-30\"/>\n"
	    "<extrareasons reason=\"host-unreach\" count=\"10\" proto=\"tcp\" ports=\"61-70\"/>\n"
	    "</extraports>\n"
	    "<port protocol=\"tcp\" portid=\"80\"><state state=\"open\" reason=\"syn-ack\" "
	    "reason_ttl=\"64\"/><service name=\"http\" method=\"table\" conf=\"3\"/></port>\n"
	    "</ports>\n<times srtt=\"8\" rttvar=\"-1\" to=\"-1\"/>\n</host>\n"));
}

static void
a_neighbour_has_two_addresses_and_every_port_a_service(void)
{
	fresh("10.9.0.2", 443, 444);
	add_plan(4, 4);
	host.h.reason = REASON_ARP_RESPONSE;
	host.h.flags = HOST_HAS_MAC;
	memcpy(host.h.mac, "\x5a\x6c\x57\x07\x32\xf9", 6);
	add_ports(4, 4, PORT_CLOSED, REASON_RESET, 64);
	add_ports(443, 443, PORT_OPEN, REASON_SYN_ACK, 64);
	add_ports(444, 444, PORT_FILTERED, REASON_TIME_EXCEEDED, 63);
	CHECK(addr_parse("2001:db8::9", &host.port[2].from) == 0);
	set_names("two.example", "peer.example");
	CHECK(renders("<host><status state=\"up\" reason=\"arp-response\" reason_ttl=\"0\"/>\n"
	    "<address addr=\"10.9.0.2\" addrtype=\"ipv4\"/>\n"
	    "<address addr=\"5A:6C:57:07:32:F9\" addrtype=\"mac\"/>\n"
	    "<hostnames>\n<hostname name=\"two.example\" type=\"user\"/>\n"
	    "<hostname name=\"peer.example\" type=\"PTR\"/>\n</hostnames>\n"
	    "<ports><port protocol=\"tcp\" portid=\"4\"><state state=\"closed\" reason=\"reset\" "
	    "reason_ttl=\"64\"/><service name=\"unknown\" method=\"table\" conf=\"3\"/></port>\n"
	    "<port protocol=\"tcp\" portid=\"443\"><state state=\"open\" reason=\"syn-ack\" "
	    "reason_ttl=\"64\"/><service name=\"https\" method=\"table\" conf=\"3\"/></port>\n"
	    "<port protocol=\"tcp\" portid=\"444\"><state state=\"filtered\" "
	    "reason=\"time-exceeded\" reason_ttl=\"63\" reason_ip=\"2001:db8::9\"/>"
	    "<service name=\"snpp\" method=\"table\" conf=\"3\"/></port>\n"
	    "</ports>\n</host>\n"));
}

static void
an_ipv6_address_says_so(void)
{
	fresh("2001:db8::1", 0, 0);
	CHECK(renders("<host><status state=\"up\" reason=\"user-set\" reason_ttl=\"0\"/>\n"
	    "<address addr=\"2001:db8::1\" addrtype=\"ipv6\"/>\n<hostnames>\n</hostnames>\n"
	    "</host>\n"));
}

static void
without_a_port_scan_there_is_no_scaninfo(void)
{
	fresh("127.0.0.1", 0, 0);
	begin();
	end();
	CHECK(is_document(text) && occurrences("<scaninfo") == 0 && occurrences("<ports") == 0);
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
	CHECK(renders("<host><status state=\"down\" reason=\"no-response\" reason_ttl=\"0\"/>\n"
	    "<address addr=\"10.9.0.3\" addrtype=\"ipv4\"/>\n<hostnames>\n</hostnames>\n"
	    "<ports>\n</ports>\n</host>\n"));
}

static void
open_leaves_out_hosts_without_an_open_port(void)
{
	fresh("127.0.0.2", 1, 400);
	plan.config.flags = LOG_OPEN;
	CHECK(renders(""));
	add_ports(22, 22, PORT_OPEN, REASON_SYN_ACK, 64);
	render();
	CHECK(occurrences("<port ") == 1 && occurrences("count=\"399\"") == 2);
}

static void
what_is_not_whole_is_marked(void)
{
	fresh("127.0.0.2", 1, 400);
	add_ports(22, 22, PORT_OPEN, REASON_SYN_ACK, 64);
	host.h.outcome = OUTCOME_TIMED_OUT;
	render();
	CHECK(occurrences("<host timedout=\"true\"><status ") == 1);
	CHECK(occurrences("<port ") == 1 && occurrences("<extraports") == 0);
	host.h.outcome = OUTCOME_PARTIAL;
	host.h.coverage = 9730;
	render();
	CHECK(occurrences("timedout") == 0 && occurrences("<port ") == 1);
	CHECK(occurrences("<!-- Not finished: the scan was interrupted. -->\n") == 1);
	CHECK(occurrences("<!-- Some answers may be missing: about 97.30 % of them came. -->\n")
	    == 1);
}

static void
an_early_end_is_an_error_with_its_reason(void)
{
	const struct totals	 t = { 16, 5, 0 };

	fresh("127.0.0.1", 0, 0);
	xml_end(ENDING_INTERRUPTED, &t, 1795375740, 60004999, &out);
	CHECK(strcmp(text, "<runstats><finished time=\"1795375740\" "
	    "timestr=\"Sun Nov 22 19:29:00 2026\" "
	    "summary=\"postern stopped at Sun Nov 22 19:29:00 2026; 16 IP addresses (5 hosts up) "
	    "scanned in 60.00 seconds\" elapsed=\"60.00\" exit=\"error\" "
	    "errormsg=\"interrupted\"/><hosts up=\"5\" down=\"11\" total=\"16\"/>\n"
	    "</runstats>\n</nmaprun>\n") == 0);
}

static void
hostile_names_stay_text(void)
{
	struct msg_namefailed	 f;

	for (size_t i = 0; i < NHOSTILE; i++) {
		fresh("127.0.0.1", 0, 0);
		memset(&f, 0, sizeof(f));
		f.lookup = LOOKUP_NOT_FOUND;
		snprintf(f.name, sizeof(f.name), "%s", hostile_names[i]);
		set_names(hostile_names[i], hostile_names[NHOSTILE - 1 - i]);
		view_host(&plan, &host, &view);
		begin();
		xml_host(&plan, &host, &view, &out);
		xml_failed(&f, &out);
		end();
		CHECK(is_document(text));
		CHECK(occurrences("<") == 20 && occurrences("<hostname ") == 2);
	}
}

static void
what_cannot_be_written_in_xml_is_escaped(void)
{
	fresh("127.0.0.1", 0, 0);
	set_names("<\x01>&'\"\xc3\xa9", "a---b-c");
	render();
	CHECK(occurrences("name=\"&lt;\\x01&gt;&amp;&apos;&quot;\\xc3\\xa9\" type=\"user\"") == 1);
	CHECK(occurrences("name=\"a-&#45;&#45;b-c\" type=\"PTR\"") == 1);
}

static void
a_name_that_nobody_said_is_a_comment_of_its_host(void)
{
	fresh("127.0.0.1", 0, 0);
	host.h.rdns_lookup = LOOKUP_REFUSED;
	render();
	CHECK(occurrences("<!-- Whether it has a name is not known: refused by the name server. "
	    "-->\n</host>\n") == 1);
	host.h.rdns_lookup = LOOKUP_NOT_FOUND;
	render();
	CHECK(occurrences("<!--") == 0);
}

static void
a_name_that_was_not_found_is_a_comment(void)
{
	struct msg_namefailed	 f = { .lookup = LOOKUP_NOT_FOUND, .name = "nosuch.invalid" };

	fresh("127.0.0.1", 0, 0);
	xml_failed(&f, &out);
	CHECK(strcmp(text, "<!-- Failed to resolve \"nosuch.invalid\": no such name -->\n") == 0);
}

static void
a_long_command_line_is_cut(void)
{
	static char	 space[RECORD_MAX];
	struct buffer	 b = { space, sizeof(space), 0 };
	struct buffer	 whole = args;

	fresh("127.0.0.1", 0, 0);
	memset(args_text, '"', sizeof(args_text) - 1);
	args.len = sizeof(args_text) - 1;
	xml_start(&plan, &args, &b);
	CHECK(b.len > 1000000 && b.len < 10000000);
	CHECK(strstr(space, "&quot; ...\" start=") != NULL);
	memset(args_text, 0, sizeof(args_text));
	args = whole;
	strncpy(args_text, "postern", sizeof(args_text) - 1);
}

static void
any_host_leaves_a_document(void)
{
	for (int i = 0; i < 300; i++) {
		draw_host();
		begin();
		xml_host(&plan, &host, &view, &out);
		end();
		if (!is_document(text))
			break;
		CHECK(view.nshown + view.nunseen == view.total);
		CHECK(occurrences("<port ") == (occurrences("<host") == 1 ? 0 : view.nshown));
	}
	CHECK(is_document(text));
}

static void
the_worst_host_fits_a_record(void)
{
	static char	 space[RECORD_MAX];
	struct buffer	 b = { space, sizeof(space), 0 };

	worst_host();
	xml_host(&plan, &host, &view, &b);
	CHECK(b.len > 65536 * 200 && b.len < RECORD_MAX);
}

int
main(void)
{
	setenv("TZ", "UTC", 1);
	CASE(a_log_is_a_document_of_nmap);
	CASE(ports_that_are_only_counted_are_named_in_ranges_largest_first);
	CASE(a_neighbour_has_two_addresses_and_every_port_a_service);
	CASE(an_ipv6_address_says_so);
	CASE(without_a_port_scan_there_is_no_scaninfo);
	CASE(hosts_that_are_down_are_named_under_v_only);
	CASE(open_leaves_out_hosts_without_an_open_port);
	CASE(what_is_not_whole_is_marked);
	CASE(an_early_end_is_an_error_with_its_reason);
	CASE(hostile_names_stay_text);
	CASE(what_cannot_be_written_in_xml_is_escaped);
	CASE(a_name_that_nobody_said_is_a_comment_of_its_host);
	CASE(a_name_that_was_not_found_is_a_comment);
	CASE(a_long_command_line_is_cut);
	CASE(any_host_leaves_a_document);
	CASE(the_worst_host_fits_a_record);
	return (test_done());
}
