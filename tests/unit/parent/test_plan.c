/* What the options make of a scan: ports, pings, steps; and what can't be one. */

#include "plan.h"

static void
without_options_the_thousand_ports_most_often_open(void)
{
	struct port_set	 top = { { 0 } };

	make(options());
	ports_top(1000, NULL, &top);
	CHECK(plan.nports == 1000 && memcmp(&plan.ports, &top, sizeof(top)) == 0);
	CHECK(plan.ping && plan.scan && plan.reverse_up && !plan.reverse_all && !plan.list_only);
	CHECK(plan.probe.port_kind == PROBE_TCP_SYN && plan.probe.npings == 4);
}

static void
ports_that_were_asked_for(void)
{
	struct options	 o = options();

	o.ports = "1-3,80";
	make(o);
	CHECK(plan.nports == 4 && ports_has(&plan.ports, 80) && !ports_has(&plan.ports, 4));
	o.exclude_ports = "2,80-90";
	make(o);
	CHECK(plan.nports == 2 && ports_has(&plan.ports, 1) && ports_has(&plan.ports, 3));
	o = options();
	o.fast = true;
	make(o);
	CHECK(plan.nports == 100 && ports_has(&plan.ports, 80));
	o.top_ports = 7;
	make(o);
	CHECK(plan.nports == 7);
	o.exclude_ports = "80";
	make(o);
	CHECK(plan.nports == 7 && !ports_has(&plan.ports, 80));
	o = options();
	o.ports = "1-100";
	o.top_ports = 10;
	make(o);
	CHECK(plan.nports > 0 && plan.nports < 10 && ports_has(&plan.ports, 80) &&
	    !ports_has(&plan.ports, 443));
}

static void
a_second_plan_owes_nothing_to_the_first(void)
{
	struct options	 o = options();

	plan.seed = 77;
	o.ports = "7";
	make(o);
	CHECK(plan.nports == 1 && plan.seed == 77 && plan.probe.seed == 77);
}

static void
what_is_excluded_is_not_pinged(void)
{
	struct options	 o = options();

	make(o);
	CHECK(plan.probe.npings == 4 && plan.probe.ping[1].port == 443 &&
	    plan.probe.ping[2].port == 80);
	o.exclude_ports = "443";
	make(o);
	CHECK(plan.probe.npings == 3 && plan.probe.ping[1].port == 80);
	o.exclude_ports = "1-100,443";
	o.ping_only = true;
	make(o);
	CHECK(plan.probe.npings == 2 && plan.probe.ping[0].kind == PROBE_ICMP_ECHO &&
	    plan.probe.ping[1].kind == PROBE_ICMP_TIMESTAMP);
}

static void
steps_may_be_left_out(void)
{
	struct options	 o = options();

	o.ping_only = true;
	make(o);
	CHECK(!plan.scan && plan.ping && plan.nports == 0 && plan.probe.port_kind == PROBE_NONE);
	o = options();
	o.no_ping = o.no_reverse = true;
	make(o);
	CHECK(plan.scan && !plan.ping && !plan.reverse_up && !plan.reverse_all);
	o = options();
	o.list_only = true;
	make(o);
	CHECK(plan.list_only && !plan.scan && plan.reverse_all);
	o.no_reverse = true;
	make(o);
	CHECK(plan.list_only && !plan.reverse_all && !plan.reverse_up);
	o = options();
	o.reverse_all = true;
	make(o);
	CHECK(plan.reverse_all);
	o.no_reverse = true;
	make(o);
	CHECK(!plan.reverse_all && !plan.reverse_up);
}

static void
open_does_not_wait_for_closed_ports(void)
{
	struct options	 o = options();

	make(o);
	CHECK(plan.probe.defeat_rst == 0);
	o.open_only = true;
	make(o);
	CHECK(plan.probe.defeat_rst == 1);
	o = options();
	o.defeat_rst = true;
	make(o);
	CHECK(plan.probe.defeat_rst == 1);
}

static void
checkpoints_are_every_five_seconds_or_as_asked_for(void)
{
	struct options	 o = options();

	make(o);
	CHECK(plan.probe.checkpoint == 5000);
	o.checkpoint = 250;
	make(o);
	CHECK(plan.probe.checkpoint == 250);
}

static void
contradictions_are_refused(void)
{
	struct options	 o = options();

	o.min_rate = 2000;
	o.max_rate = 1000;
	CHECK(refused(make_apart, o, "--min-rate is more than --max-rate"));
	o = options();
	o.min_rtt = 200;
	o.max_rtt = 100;
	CHECK(refused(make_apart, o, "--min-rtt-timeout is more than --max-rtt-timeout"));
	o.max_rtt = UNSET;
	o.initial_rtt = 100;
	CHECK(refused(make_apart, o, "--min-rtt-timeout is more than --initial-rtt-timeout"));
	o.min_rtt = UNSET;
	o.max_rtt = 99;
	CHECK(refused(make_apart, o, "--initial-rtt-timeout is more than --max-rtt-timeout"));
	o = options();
	o.scan_delay = 20;
	o.max_scan_delay = 0;
	CHECK(refused(make_apart, o, "--scan-delay is more than --max-scan-delay"));
	o = options();
	o.min_parallelism = 3;
	o.max_parallelism = 2;
	CHECK(refused(make_apart, o, "--min-parallelism is more than --max-parallelism"));
	o = options();
	o.min_hostgroup = 3;
	o.max_hostgroup = 2;
	CHECK(refused(make_apart, o, "--min-hostgroup is more than --max-hostgroup"));
}

static void
hostgroups_bound_the_hosts_in_the_port_scan(void)
{
	struct options	 o = options();

	o.max_hostgroup = 3;
	make(o);
	CHECK(plan.probe.port_hosts == 3);
	o = options();
	o.ports = "80";
	make(o);
	CHECK(plan.probe.port_hosts == 65536);
	o.min_hostgroup = 100000;
	make(o);
	CHECK(plan.probe.port_hosts == 100000);
	o.min_hostgroup = 0;
	make(o);
	CHECK(plan.probe.port_hosts == 65536);
	o.min_hostgroup = HOSTS_MAX;
	make(o);
	CHECK(plan.probe.port_hosts == plan.probe.hosts);
}

static void
make_apart_twice(void)
{
	make(apart_options);
	CHECK(plan.probe.port_hosts >= 1 && plan.probe.port_hosts < 100);
	make(apart_options);
}

/* It is said, but once. */
static void
a_hostgroup_is_no_larger_than_memory(void)
{
	char		 said[1000];
	struct options	 o = options();

	o.ports = "-";
	o.min_hostgroup = 2;
	apart_options = o;
	CHECK(apart(make_apart_twice, said, sizeof(said)) == 0 && said[0] == '\0');
	apart_options.min_hostgroup = 100;
	CHECK(apart(make_apart_twice, said, sizeof(said)) == 0);
	CHECK(strstr(said, "--min-hostgroup 100: there is memory") != NULL);
	CHECK(strchr(said, '\n') == said + strlen(said) - 1);
}

/* However many ports there are, their results fit in the memory that is set apart for them. */
static void
hosts_in_the_port_scan_are_as_many_as_fit(void)
{
	struct options	 o = options();

	o.ports = "-";
	make(o);
	CHECK(plan.nports == 65535 && plan.probe.port_hosts >= 1);
	CHECK((uint64_t)plan.probe.port_hosts * plan.nports * sizeof(struct port_result) <=
	    64U << 20);
	o.ports = "80";
	make(o);
	CHECK(plan.probe.port_hosts > 1000 && plan.probe.port_hosts <= plan.probe.hosts);
}

static void
ports_that_can_not_be_scanned_are_refused(void)
{
	struct options	 o = options();

	o.ports = "80,x-";
	CHECK(refused(make_apart, o, "-p 80,x-: "));
	o.ports = "80";
	o.exclude_ports = "70000";
	CHECK(refused(make_apart, o, "--exclude-ports 70000: "));
	o.exclude_ports = "1-100";
	CHECK(refused(make_apart, o, "no port is left"));
	o = options();
	o.exclude_ports = "-";
	CHECK(refused(make_apart, o, "no port is left"));
}

static void
ports_of_other_protocols_are_left_out_and_said(void)
{
	char		 said[1000];
	struct options	 o = options();

	o.ports = "T:80,U:53";
	apart_options = o;
	CHECK(apart(make_apart, said, sizeof(said)) == 0);
	CHECK(strstr(said, "only TCP") != NULL);
	o.ports = "U:53";
	apart_options = o;
	CHECK(apart(make_apart, said, sizeof(said)) == STATUS_USAGE);
}

static void
targets_are_looked_at_before_anything_begins(void)
{
	struct options	 o = options();

	o.targets[0] = "10.0.0.0/8";
	o.targets[1] = "a.example/24";
	o.ntargets = 2;
	o.exclude = "10.1.0.0/16,b.example,10.2.3.4";
	plan_check_targets(&o);
	CHECK(o.ntargets == 2);		/* we are still here */
	o.targets[1] = "10.0.0.256";
	CHECK(refused(check_apart, o, "10.0.0.256"));
	o.targets[1] = "-";
	CHECK(refused(check_apart, o, "\"-\""));
	o.ntargets = 1;
	o.exclude = "10.1.0.0/16,1.2.3";
	CHECK(refused(check_apart, o, "--exclude: bad target \"1.2.3\""));
	o.exclude = "10.1.0.0/16,::1";
	CHECK(refused(check_apart, o, "IPv6"));
	o.exclude = "10.1.0.0/16 10.2.0.0/16";
	CHECK(refused(check_apart, o, "--exclude"));
}

/* A name is one target, or the whole block round it. */
static void
no_more_hosts_are_in_hand_than_there_are_targets(void)
{
	struct options	 o = options();

	o.targets[0] = "10.0.0.0/19";
	o.targets[1] = "a.example/19";
	o.targets[2] = "b.example";
	o.ntargets = 3;
	make(o);
	CHECK(plan.probe.hosts == 16385);
	o.resolve_all = true;
	make(o);
	CHECK(plan.probe.hosts == 262144);
	o.resolve_all = false;
	o.list = "targets.txt";
	make(o);
	CHECK(plan.probe.hosts == 262144);
	o.list = NULL;
	o.ntargets = 1;
	o.targets[0] = "10.0.0.0/8";
	make(o);
	CHECK(plan.probe.hosts == 262144);
	o.targets[0] = "10.0.0.1";
	make(o);
	CHECK(plan.probe.hosts == 4096);
}

int
main(void)
{
	CASE(without_options_the_thousand_ports_most_often_open);
	CASE(ports_that_were_asked_for);
	CASE(a_second_plan_owes_nothing_to_the_first);
	CASE(what_is_excluded_is_not_pinged);
	CASE(steps_may_be_left_out);
	CASE(open_does_not_wait_for_closed_ports);
	CASE(checkpoints_are_every_five_seconds_or_as_asked_for);
	CASE(contradictions_are_refused);
	CASE(hosts_in_the_port_scan_are_as_many_as_fit);
	CASE(hostgroups_bound_the_hosts_in_the_port_scan);
	CASE(a_hostgroup_is_no_larger_than_memory);
	CASE(no_more_hosts_are_in_hand_than_there_are_targets);
	CASE(ports_that_can_not_be_scanned_are_refused);
	CASE(ports_of_other_protocols_are_left_out_and_said);
	CASE(targets_are_looked_at_before_anything_begins);
	return (test_done());
}
