/* What the simulator counts, and how it is written: key=value lines. */

#include <inttypes.h>
#include <string.h>

#include "sim.h"

#define PEAK_WINDOW	(SECOND / 10)

static const char	*const names[COUNTERS] = {
	"probes", "bytes", "probes_syn", "probes_ack", "probes_rst", "probes_tcp_other",
	"probes_udp", "probes_echo", "probes_timestamp", "probes_other", "probes_arp",
	"not_ipv4", "malformed", "outside", "absent", "dead", "lost_out", "lost_in",
	"dropped_out", "dropped_in", "replies", "replies_synack", "replies_rst",
	"replies_error", "replies_other", "synack_again", "rst_limited", "icmp_limited",
	"late", "reordered", "duplicated", "forged", "write_failed"
};

static uint64_t	 counters[COUNTERS];
static uint64_t	 first, last;		/* probe */
static uint64_t	 window, in_window, most_in_window;

void
count(enum counter c)
{
	counters[c]++;
}

uint64_t
counted(enum counter c)
{
	return (counters[c]);
}

static enum counter
kind_of(const struct probe *p)
{
	if (p->proto == IPPROTO_UDP)
		return (C_UDP);
	if (p->proto == IPPROTO_ICMP)
		return (p->flags == 8 ? C_ECHO : p->flags == 13 ? C_TIMESTAMP : C_PROTO_OTHER);
	if (p->proto != IPPROTO_TCP)
		return (C_PROTO_OTHER);
	if ((p->flags & FLAG_RST) != 0)
		return (C_RST);
	if ((p->flags & FLAG_SYN) != 0)
		return (C_SYN);
	return ((p->flags & FLAG_ACK) != 0 ? C_ACK : C_TCP_OTHER);
}

/* The resets of the scanner's kernel count as such alone: they are no probes. */
void
count_probe(const struct probe *p, uint64_t now)
{
	enum counter	 kind = kind_of(p);

	counters[kind]++;
	if (kind == C_RST)
		return;
	counters[C_PROBES]++;
	counters[C_BYTES] += p->len;
	if (first == 0)
		first = now;
	last = now;
	if (now - window >= PEAK_WINDOW) {
		window = now;
		in_window = 0;
	}
	if (++in_window > most_in_window)
		most_in_window = in_window;
}

void
stats_write(const struct scenario *s, FILE *f)
{
	for (int i = 0; i < COUNTERS; i++)
		fprintf(f, "%s=%" PRIu64 "\n", names[i], counters[i]);
	fprintf(f, "seconds=%.6f\n", (double)(last - first) / (double)SECOND);
	fprintf(f, "peak_per_second=%" PRIu64 "\n", most_in_window * (SECOND / PEAK_WINDOW));
	fprintf(f, "hosts_touched=%zu\n", hosts_touched());
	fprintf(f, "most_probes_to_a_host=%" PRIu32 "\n", hosts_most_probes());
	fprintf(f, "device_dropped=%" PRIu64 "\n", device_dropped(s->device));
	for (size_t i = 0; i < s->npaths; i++) {
		const struct path	*p = &s->path[i];

		for (int d = OUT; d <= IN; d++)
			fprintf(f, "path.%s.%s=%" PRIu64 " lost=%" PRIu64 " dropped=%" PRIu64
			    "\n", p->name, d == OUT ? "out" : "in", p->packets[d] +
			    p->dropped[d], p->lost[d], p->dropped[d]);
	}
	fflush(f);
}

/* As if nothing had been sent yet; but not the device's drops, which the kernel counts. */
void
stats_forget(struct scenario *s)
{
	memset(counters, 0, sizeof(counters));
	first = last = window = in_window = most_in_window = 0;
	for (size_t i = 0; i < s->npaths; i++) {
		struct path	*p = &s->path[i];

		for (int d = OUT; d <= IN; d++) {
			p->packets[d] = p->lost[d] = p->dropped[d] = 0;
			p->bad[d] = false;
			p->queue[d].head = p->queue[d].len = 0;
			p->queue[d].free_at = 0;
		}
		p->router_bucket = 0;
	}
}
