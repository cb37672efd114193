/*
 * Where targets come from: the expressions of the command line (or of an old log's plan), then
 * those of -iL, one after the other; the addresses of names come in as they become known.
 * Nothing is spread out in memory: a /8 is four words and a counter.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parent.h"

#define RESOLVED_MAX	LOOKUPS_MAX	/* names known, their addresses not yet taken */
#define STEPS_AT_ONCE	1000	/* that lead to no target */

/* A set of addresses that is being gone through; of a name, one after the other. */
struct walk {
	struct target	 set;
	uint64_t	 at;
	uint64_t	 base;		/* what places have before at */
	uint32_t	 spec;
	struct target	 name;		/* as the user has it; empty: none */
	struct addr	 named[ADDRESSES_MAX];	/* its addresses that are scanned, */
	unsigned int	 nnamed, nwalked;
	struct addr	 others[ADDRESSES_MAX];	/* and that are not */
	unsigned int	 nothers;
};

static const struct options	*options;
static unsigned int		 next_argument;
static struct list		 list, exclude_list;
static char			 first_word[WORD_MAX];	/* of the list, if source_any() took it */
static const char		*exclude_rest;	/* of --exclude, not yet read */
static struct walk		 current;	/* count 0: the next expression is due */
static struct walk		*resolved[RESOLVED_MAX];	/* a ring */
static unsigned int		 resolved_in, resolved_out;
static uint32_t			 nspecs;
static unsigned int		 nbad;
static int			 awaited = -1;	/* the list that has nothing yet */

static struct exclusion		*excluded;
static struct exclusion		*skipped;	/* NULL: none */
static struct range		*done;		/* sorted and apart, after done_sort() */
static size_t			 ndone, done_room;
static bool			 done_sorted;

void
source_init(const struct options *o, const struct files *f)
{
	options = o;
	exclude_rest = o->exclude;
	list_init(&list, f->list == -1 ? -1 : FD_LIST);
	list_init(&exclude_list, f->excludefile == -1 ? -1 : FD_EXCLUDE);
	if ((excluded = exclusion_new()) == NULL)
		fatal("memory");
}

unsigned int
source_bad(void)
{
	return (nbad);
}

int
source_fd(void)
{
	return (awaited);
}

static bool
before(const void *p, const void *q)
{
	const struct range	*a = p, *b = q;

	return (a->spec < b->spec || (a->spec == b->spec && a->first < b->first));
}

static void
done_sort(void)
{
	size_t	 kept = 0;

	sort(done, ndone, sizeof(*done), before);
	for (size_t i = 0; i < ndone; i++)
		if (kept != 0 && done[kept - 1].spec == done[i].spec &&
		    done[i].first <= done[kept - 1].last + 1) {
			if (done[i].last > done[kept - 1].last)
				done[kept - 1].last = done[i].last;
		} else
			done[kept++] = done[i];
	ndone = kept;
	done_sorted = true;
}

void
source_done(const struct range *r)
{
	struct range	*last = ndone == 0 ? NULL : &done[ndone - 1];

	if (last != NULL && last->spec == r->spec && last->last + 1 == r->first) {
		last->last = r->last;
		return;
	}
	if (ndone == done_room) {
		done_sort();	/* many may become one */
		if (ndone >= done_room / 2) {
			done_room = done_room == 0 ? 256 : done_room * 2;
			done = bigger(done, done_room * sizeof(*done));
		}
	}
	done[ndone++] = *r;
	done_sorted = false;
}

/* The range of done targets that has this one in it, or NULL. */
static const struct range *
done_range(uint32_t spec, uint64_t offset)
{
	size_t	 low = 0, high = ndone;

	if (!done_sorted)
		done_sort();
	while (low < high) {
		size_t			 mid = low + (high - low) / 2;
		const struct range	*r = &done[mid];

		if (r->spec == spec && r->first <= offset && offset <= r->last)
			return (r);
		if (r->spec < spec || (r->spec == spec && r->last < offset))
			low = mid + 1;
		else
			high = mid;
	}
	return (NULL);
}

void
source_exclude(const struct target *set)
{
	if (exclusion_add(excluded, set) == -1)
		fatal("memory for exclusions");
}

void
source_excluded(void)
{
	exclusion_ready(excluded);
}

static bool
has(struct exclusion *set, const struct addr *a)
{
	char		 text[ADDR_TEXT], error[TARGET_ERROR];
	struct target	 alone;

	if (target_parse(addr_text(a, text), &alone, error) == -1)
		fatalx("%s", error);
	return (exclusion_run(set, &alone, 0) == 0);
}

bool
source_excludes(const struct addr *a)
{
	return (has(excluded, a));
}

bool
source_skips(const struct addr *a)
{
	return (skipped != NULL && has(skipped, a));
}

/* No target can be an IPv6 address, yet. */
void
source_skip(const struct addr *a)
{
	if (a->family != FAMILY_IPV4)
		return;
	if ((skipped == NULL && (skipped = exclusion_new()) == NULL) ||
	    exclusion_add_address(skipped, a) == -1)
		fatal("memory for hosts to skip");
}

uint64_t
source_skipped(void)
{
	if (skipped == NULL)
		return (0);
	exclusion_ready(skipped);
	return (exclusion_count(skipped));
}

/* The next word of --exclude, then of --excludefile: 1; 0 at the end; -1 when there is none yet. */
static int
exclude_word(char word[WORD_MAX])
{
	size_t	 len;
	int	 result;

	while (exclude_rest != NULL && *exclude_rest != '\0') {
		len = strcspn(exclude_rest, ",");
		if (len >= WORD_MAX)
			die(STATUS_USAGE, "--exclude: a target of %zu bytes", len);
		snprintf(word, WORD_MAX, "%.*s", (int)len, exclude_rest);
		exclude_rest += len + (exclude_rest[len] == ',');
		if (len != 0)
			return (1);
	}
	if (exclude_list.fd == -1)
		return (0);
	result = list_word(&exclude_list, word);
	if (result == -1)
		die(STATUS_USAGE, "--excludefile %s: %s", options->excludefile, strerror(errno));
	if (result == -2)
		die(STATUS_USAGE, "--excludefile %s: line %u has a word that is no target",
		    options->excludefile, exclude_list.line);
	awaited = result == -3 ? exclude_list.fd : -1;
	if (result == 0)
		exclude_list.fd = -1;
	return (result == -3 ? -1 : result);
}

enum source_state
source_exclude_name(struct candidate *c)
{
	static struct target	 t;
	char			 word[WORD_MAX], error[TARGET_ERROR];
	int			 result;

	while ((result = exclude_word(word)) == 1) {
		if (target_parse(word, &t, error) == -1)	/* plan.c has looked at --exclude */
			die(STATUS_USAGE, "--excludefile %s: %s", options->excludefile, error);
		if (t.name[0] != '\0') {
			*c = (struct candidate){ .unresolved = &t };
			return (SOURCE_NAME);
		}
		source_exclude(&t);
	}
	return (result == 0 ? SOURCE_END : SOURCE_WAIT);
}

/*
 * Go on to the next of the sets round a name's addresses, which rise: those that have one in
 * common come one after the other.  False when there is none.
 */
static bool
next_set(struct walk *w)
{
	const uint64_t	 before = w->base;
	struct addr	 first;

	while (w->nwalked < w->nnamed) {
		target_resolved(&w->name, &w->named[w->nwalked], &w->set);
		first = target_address(&w->set, 0);
		w->base = options->resolve_all ? addr_to_ipv4(&first) : 0;
		if (w->nwalked++ == 0 || w->base != before) {
			w->at = 0;
			return (true);
		}
	}
	return (false);
}

/* The last of a run of addresses that are done, excluded or skipped; at - 1: the next is not. */
static uint64_t
left_out(const struct walk *w)
{
	const struct range	*r = done_range(w->spec, w->base + w->at);
	uint64_t		 run;

	if (r != NULL)
		return (r->last - w->base);
	run = exclusion_run(excluded, &w->set, w->at);
	if (run + 1 == w->at && skipped != NULL)
		run = exclusion_run(skipped, &w->set, w->at);
	return (run);
}

static void
take(struct walk *w, struct candidate *c)
{
	*c = (struct candidate){
		.place = { .spec = w->spec, .offset = w->base + w->at },
		.addr = target_address(&w->set, w->at),
		.by_name = w->nnamed != 0 && !options->resolve_all
	};
	w->at++;
	for (unsigned int i = 0; i < w->nnamed; i++)
		if (addr_equal(&c->addr, &w->named[i])) {
			c->name = w->name.name;
			c->others = w->others;
			c->nothers = w->nothers;
		}
}

/* The next address of a walk: TARGET; END when there is none; AGAIN after many left out. */
static enum source_state
walk_next(struct walk *w, struct candidate *c)
{
	uint64_t	 run;

	for (int steps = 0; w->at < w->set.count || next_set(w); steps++) {
		if (steps == STEPS_AT_ONCE)
			return (SOURCE_AGAIN);
		run = left_out(w);
		if (run + 1 == w->at) {
			take(w, c);
			return (SOURCE_TARGET);
		}
		w->at = run + 1;
	}
	return (SOURCE_END);
}

static bool
rises(const void *a, const void *b)
{
	return (addr_to_ipv4(a) < addr_to_ipv4(b));
}

/* An address that the log has in part is gone on with, though the name has it no more. */
static void
add_recorded(struct walk *w)
{
	struct addr	 past[ADDRESSES_MAX];
	unsigned int	 n = past_named(w->spec, past, ADDRESSES_MAX), fresh = w->nnamed;
	char		 text[ADDR_TEXT];

	for (unsigned int i = 0; i < n && w->nnamed < ADDRESSES_MAX; i++) {
		unsigned int	 k = 0;

		while (k < fresh && !addr_equal(&w->named[k], &past[i]))
			k++;
		if (k < fresh || source_excludes(&past[i]) || source_skips(&past[i]))
			continue;
		warningx("%s: %s is not its address any more; the scan of it goes on",
		    w->name.name, addr_text(&past[i], text));
		w->named[w->nnamed++] = past[i];
	}
}

bool
source_resolved(uint32_t spec, const struct target *name, const struct addr *addr, unsigned int n)
{
	struct walk	*w;

	if (resolved_in - resolved_out == RESOLVED_MAX || n == 0 || n > ADDRESSES_MAX)
		fatalx("too many names at once");
	if ((w = calloc(1, sizeof(*w))) == NULL)
		fatal("memory");
	w->spec = spec;
	w->name = *name;
	for (unsigned int i = 0; i < n; i++)
		if (addr[i].family == FAMILY_IPV4 && (w->nnamed == 0 || options->resolve_all))
			w->named[w->nnamed++] = addr[i];
		else
			w->others[w->nothers++] = addr[i];
	if (w->nnamed == 0) {
		free(w);
		return (false);
	}
	if (options->resolve_all) {
		add_recorded(w);
		sort(w->named, w->nnamed, sizeof(w->named[0]), rises);
	}
	resolved[resolved_in++ % RESOLVED_MAX] = w;
	return (true);
}

/* The next target word: 1; 0 at the end; -1 when the list has none yet. */
static int
next_word(char word[WORD_MAX])
{
	int	 result;

	if (next_argument < options->ntargets) {
		snprintf(word, WORD_MAX, "%s", options->targets[next_argument++]);
		return (1);
	}
	if (list.fd == -1)
		return (0);
	if (first_word[0] != '\0') {
		snprintf(word, WORD_MAX, "%s", first_word);
		first_word[0] = '\0';
		return (1);
	}
	while ((result = list_word(&list, word)) == -2) {
		warningx("-iL %s: line %u: a word that is no target; left out", options->list,
		    list.line);
		nbad++;
	}
	awaited = result == -3 ? list.fd : -1;
	if (result == -3 || result == 1)
		return (result == 1 ? 1 : -1);
	if (result == -1) {
		warning("-iL %s", options->list);
		nbad++;
	}
	list.fd = -1;
	return (0);
}

enum source_state
source_any(void)
{
	char	 word[WORD_MAX];
	int	 result;

	if (options->ntargets != 0 || first_word[0] != '\0')
		return (SOURCE_TARGET);
	if ((result = next_word(word)) != 1)
		return (result == 0 ? SOURCE_END : SOURCE_WAIT);
	snprintf(first_word, sizeof(first_word), "%s", word);
	return (SOURCE_TARGET);
}

/* Take up the next expression.  SOURCE_TARGET: current is one to walk. */
static enum source_state
next_expression(struct candidate *c)
{
	static char	 word[WORD_MAX];
	char		 error[TARGET_ERROR];
	int		 result;

	for (;;) {
		if ((result = next_word(word)) != 1)
			return (result == 0 ? SOURCE_END : SOURCE_WAIT);
		current = (struct walk){ .spec = nspecs++ };
		if (target_parse(word, &current.set, error) == -1) {
			warningx("%s; left out", error);
			nbad++;
			current.set.count = 0;
			continue;
		}
		if (current.set.name[0] == '\0')
			return (SOURCE_TARGET);
		current.set.count = 0;
		/*
		 * A name alone that is done needs not be looked up again; with --resolve-all
		 * only one that was not found is known to be.
		 */
		if (current.set.prefix == 32 && done_range(current.spec, 0) != NULL)
			continue;
		*c = (struct candidate){
			.place = { .spec = current.spec }, .unresolved = &current.set
		};
		return (SOURCE_NAME);
	}
}

enum source_state
source_next(struct candidate *c)
{
	static struct walk	*taken;		/* what the last candidate points into */
	enum source_state	 state;

	free(taken);
	taken = NULL;
	while (resolved_out != resolved_in) {
		struct walk	*w = resolved[resolved_out % RESOLVED_MAX];

		state = walk_next(w, c);
		if (state == SOURCE_END ||
		    (w->at >= w->set.count && w->nwalked == w->nnamed)) {
			resolved_out++;
			taken = w;
		}
		if (state != SOURCE_END)
			return (state);
		free(taken);
		taken = NULL;
	}
	while ((state = walk_next(&current, c)) == SOURCE_END)
		if ((state = next_expression(c)) != SOURCE_TARGET)
			return (state);
	return (state);
}
