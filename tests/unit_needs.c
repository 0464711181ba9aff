/*
 * unit_needs.c - hidden DT_NEEDED entries change nothing: needs.c against a model of ld.so
 *
 * Random closures, with cycles and with entries that are there twice.  With and without the
 * hidden entries: the breadth-first closure, what every object reaches, and the depth-first
 * sort, begun at random objects in random order with later objects among them, as
 * dlopen and exit do, must be the same.
 */
#include "epochd/needs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS = 40, LATER = 4, ENTRIES = 12, ROUNDS = 20000 };

static uint64_t random_state = 88172645463325252ull;

static unsigned draw(unsigned below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 20) % below;
}

/* Objects by number; which are in a closure, and in what order, follows from what they need. */
struct graph {
	unsigned count;
	unsigned need[MEMBERS + LATER][ENTRIES], need_count[MEMBERS + LATER];
	bool hidden[MEMBERS + LATER][ENTRIES];
};

static char names[MEMBERS + LATER][8];
static const char *texts[MEMBERS][ENTRIES];
static struct object objects[MEMBERS];

static void make_graph(struct graph *g)
{
	unsigned cycles = draw(3);

	memset(g, 0, sizeof(*g));
	g->count = 2 + draw(MEMBERS - 2);
	for (unsigned i = 0; i < g->count + LATER; i++) {
		g->need_count[i] = draw(ENTRIES);
		for (unsigned k = 0; k < g->need_count[i]; k++) {
			unsigned behind = i >= g->count ? 0 : i + 1;
			unsigned first = cycles == 2 || draw(20) < cycles ? 1 : behind;

			if (first < 1)
				first = 1;
			if (first >= g->count)
				first = g->count - 1;
			g->need[i][k] = first + draw(g->count - first);
		}
	}
}

/* Breadth-first from object 0: the order, who required each and with which entry. */
struct closure {
	unsigned count, member[MEMBERS], requirer[MEMBERS], place[MEMBERS];
};

static void make_closure(const struct graph *g, bool thin, struct closure *c)
{
	memset(c, 0, sizeof(*c));
	c->count = 1;
	memset(c->place, 0xff, sizeof(c->place));
	c->place[0] = 0;
	for (unsigned i = 0; i < c->count; i++)
		for (unsigned k = 0; k < g->need_count[c->member[i]]; k++) {
			unsigned target = g->need[c->member[i]][k];

			if ((thin && g->hidden[c->member[i]][k]) || c->place[target] != ~0u)
				continue;
			c->place[target] = c->count;
			c->requirer[c->count] = i;
			c->member[c->count++] = target;
		}
}

static void choose(struct graph *g, const struct closure *c)
{
	struct program_member members[MEMBERS] = {0};
	struct program p = {.members = members, .member_count = c->count};
	struct needs needs;

	for (unsigned i = 0; i < c->count; i++) {
		struct object *o = &objects[i];

		*o = (struct object){.soname = i ? names[c->member[i]] : NULL, .needed = texts[i]};
		for (unsigned k = 0; k < g->need_count[c->member[i]]; k++)
			texts[i][o->needed_count++] = names[g->need[c->member[i]][k]];
		members[i] = (struct program_member){
			.object = o, .request = o->soname, .requirer = c->requirer[i]};
	}
	needs_choose(&needs, &p, 36, 1);
	for (unsigned i = 0; i < c->count; i++)
		for (unsigned k = 0; needs.hidden[i] && k < g->need_count[c->member[i]]; k++)
			g->hidden[c->member[i]][k] = needs.hidden[i][k];
	needs_release(&needs);
}

struct sort {
	const struct graph *g;
	bool thin, seen[MEMBERS + LATER];
	unsigned order[MEMBERS + LATER], count;
};

static void visit(struct sort *s, unsigned i)
{
	if (s->seen[i])
		return;
	s->seen[i] = true;
	for (unsigned k = 0; k < s->g->need_count[i]; k++)
		if (!s->thin || !s->g->hidden[i][k])
			visit(s, s->g->need[i][k]);
	s->order[s->count++] = i;
}

/* From one object: what it reaches.  From many: the order. */
static bool same_order(const struct graph *g, const unsigned *from, unsigned count)
{
	struct sort whole = {.g = g}, thin = {.g = g, .thin = true};

	for (unsigned i = 0; i < count; i++)
		visit(&whole, from[i]), visit(&thin, from[i]);
	return whole.count == thin.count &&
	       memcmp(whole.order, thin.order, sizeof(*whole.order) * whole.count) == 0;
}

int main(void)
{
	unsigned long hidden = 0, failed = 0;

	for (unsigned i = 0; i < MEMBERS + LATER; i++)
		snprintf(names[i], sizeof(names[i]), "%u", i);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct graph g;
		struct closure whole, thin;
		unsigned from[3 * MEMBERS];

		make_graph(&g);
		make_closure(&g, false, &whole);
		choose(&g, &whole);
		make_closure(&g, true, &thin);
		for (unsigned i = 0; i < g.count; i++)
			for (unsigned k = 0; k < g.need_count[i]; k++)
				hidden += g.hidden[i][k];
		failed += memcmp(&whole, &thin, sizeof(whole)) != 0;
		for (unsigned i = 0; i < 3 * MEMBERS; i++)
			from[i] = draw(g.count + LATER);
		failed += !same_order(&g, from, 3 * MEMBERS);
		for (unsigned i = 0; i < g.count; i++)
			failed += !same_order(&g, &i, 1);
	}
	printf("%lu entries hidden, %lu failed\n", hidden, failed);
	return failed || hidden < ROUNDS;
}
