/*
 * What there is: which addresses exist and what state each port has.  Pure functions of the
 * scenario, so that the truth (below) and the answers cannot differ.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* The last group that has the address; NULL: nobody's. */
const struct group *
world_find(const struct scenario *s, uint32_t addr)
{
	for (size_t i = s->ngroups; i-- > 0;)
		if (addr - s->group[i].range.lo <= s->group[i].range.hi - s->group[i].range.lo)
			return (&s->group[i]);
	return (NULL);
}

bool
world_exists(const struct scenario *s, const struct group *g, uint32_t addr)
{
	uint32_t	 offset = addr - g->range.lo;

	for (size_t i = 0; i < g->nonly; i++)
		if (offset >= g->only[i].lo && offset <= g->only[i].hi)
			return (true);
	return (g->nonly == 0 && chance(draw(s->seed, DRAW_UP, addr, 0), g->up));
}

/* Ports listed come first, then the fractions share one draw, then the default. */
enum state
world_port(const struct scenario *s, const struct group *g, uint32_t addr, enum transport t,
    uint16_t port)
{
	uint64_t	 drawn, end = 0;

	if (t == TCP && (g->tarpit || g->syncookie))
		return (OPEN);
	for (int i = OPEN; i < STATES; i++)
		if (ports_have(&g->listed[t][i], port))
			return ((enum state)i);
	drawn = draw(s->seed, DRAW_PORT, addr, (uint64_t)t << 16 | port);
	for (int i = OPEN; i < STATES; i++) {
		end += g->fraction[t][i];
		if (chance(drawn, end))
			return ((enum state)i);
	}
	return ((enum state)g->fallback[t]);
}

static bool
transport_mute(const struct group *g, enum transport t)
{
	for (int i = OPEN; i <= CLOSED; i++)
		if (g->fallback[t] == i || g->listed[t][i].any || g->fraction[t][i] != 0)
			return (false);
	return (true);
}

/* Nothing that a scanner sends would show that such a host is there. */
bool
world_mute(const struct group *g)
{
	return (!g->echo && !g->timestamp && !g->acks.any && !g->tarpit && !g->syncookie &&
	    transport_mute(g, TCP) && transport_mute(g, UDP));
}

struct plan {
	size_t		 n;
	struct {
		enum transport	 t;
		uint16_t	 port;
		char		 text[16];
	} entry[TRANSPORTS * 65536];
};

static void
plan_add(struct plan *plan, enum transport t, const char *list)
{
	static struct ports	 set;

	memset(&set, 0, sizeof(set));
	if (set_ports(list, &set) == -1)
		errx(1, "%s: not a list of ports", list);
	for (unsigned int port = 0; port < 65536; port++) {
		if (!ports_have(&set, port))
			continue;
		plan->entry[plan->n].t = t;
		plan->entry[plan->n].port = (uint16_t)port;
		snprintf(plan->entry[plan->n++].text, sizeof(plan->entry[0].text), "%u%s",
		    port, t == TCP ? "" : "/udp");
	}
}

static void
write_host(const struct scenario *s, const struct group *g, uint32_t addr,
    const struct plan *plan, FILE *f)
{
	static const char	*words[TRANSPORTS][STATES] = {
		{ "open", "closed", "filtered", "filtered" },
		{ "open", "closed", "open|filtered", "filtered" }
	};
	char			 text[16];

	snprintf(text, sizeof(text), "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255,
	    addr >> 8 & 255, addr & 255);
	fprintf(f, "%s - %s\n", text, world_mute(g) ? "mute" :
	    g->dies_after != 0 || g->dies_packets != 0 ? "dying" : "up");
	for (size_t i = 0; i < plan->n; i++) {
		enum transport	 t = plan->entry[i].t;

		fputs_unlocked(text, f);
		putc_unlocked(' ', f);
		fputs_unlocked(plan->entry[i].text, f);
		putc_unlocked(' ', f);
		fputs_unlocked(words[t][world_port(s, g, addr, t, plan->entry[i].port)], f);
		putc_unlocked('\n', f);
	}
}

/* "address port state" for each port of each host; ports: 1-100,443 or T:...+U:... */
int
truth_write(const struct scenario *s, const char *ports, FILE *f)
{
	static struct plan	 plan;
	char			 text[4096], *save, *part;

	if (strlen(ports) >= sizeof(text))
		errx(1, "list of ports too long");
	memcpy(text, ports, strlen(ports) + 1);
	plan.n = 0;
	for (part = strtok_r(text, "+", &save); part != NULL; part = strtok_r(NULL, "+", &save)) {
		if (strncmp(part, "U:", 2) == 0)
			plan_add(&plan, UDP, part + 2);
		else if (strcmp(part, "none") != 0)
			plan_add(&plan, TCP, strncmp(part, "T:", 2) == 0 ? part + 2 : part);
	}
	for (size_t i = 0; i < s->ngroups; i++) {
		const struct group	*g = &s->group[i];

		for (uint64_t a = g->range.lo; a <= g->range.hi; a++)
			if (world_find(s, (uint32_t)a) == g && world_exists(s, g, (uint32_t)a))
				write_host(s, g, (uint32_t)a, &plan, f);
	}
	return (fflush(f) == EOF ? -1 : 0);
}
