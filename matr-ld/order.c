/*
 * Which object ld.so has surely relocated before another.
 *
 * It relocates in the reverse of its initialisation order, the executable
 * last.  That order is a topological one wherever there is no cycle of
 * DT_NEEDED; what a cycle does to it differs between releases, so nothing is
 * claimed there.  "Not sure" is never wrong: such a relocation is left to ld.so.
 */
#include "matr-ld/internal.h"

#include <stdlib.h>
#include <string.h>

/* glibc 2.35 sorts depth-first; before it a cycle anywhere might disturb the rest. */
#define RELEASE_DEPTH_FIRST 35

/* State of Tarjan's algorithm for strongly connected components. */
struct walk {
	struct job *j;
	uint32_t *number, *low, *stack;
	uint32_t next, top;
	bool *on_stack;
};

static size_t needed_count(const struct job *j, uint32_t i)
{
	return j->nodes[i].needed ? j->out->members[i].object->needed_count : 0;
}

static void close_component(struct walk *w, uint32_t i)
{
	bool alone = w->stack[w->top - 1] == i;
	uint32_t k;

	do {
		k = w->stack[--w->top];
		w->on_stack[k] = false;
		w->j->nodes[k].in_cycle = !alone;
	} while (k != i);
}

static void visit(struct walk *w, uint32_t i)
{
	w->number[i] = w->low[i] = ++w->next;
	w->stack[w->top++] = i;
	w->on_stack[i] = true;
	for (size_t n = 0; n < needed_count(w->j, i); n++) {
		uint32_t k = w->j->nodes[i].needed[n];

		if (k == PROVIDER_NONE)
			continue;
		if (!w->number[k])
			visit(w, k);
		if (w->on_stack[k] && w->low[k] < w->low[i])
			w->low[i] = w->low[k];
	}
	if (w->low[i] == w->number[i])
		close_component(w, i);
}

void order_prepare(struct job *j)
{
	size_t n = j->out->member_count;
	struct walk w = {.j = j};

	w.number = xcalloc(n * 3, sizeof(*w.number));
	w.low = w.number + n;
	w.stack = w.low + n;
	w.on_stack = xcalloc(n, sizeof(*w.on_stack));
	for (uint32_t i = 0; i < n; i++) {
		if (!w.number[i])
			visit(&w, i);
		j->has_cycle |= j->nodes[i].in_cycle;
	}
	free(w.number);
	free(w.on_stack);
}

/* Everything that `from` needs, itself aside unless it is in a cycle. */
static const bool *reach(const struct job *j, uint32_t from)
{
	size_t n = j->out->member_count, top = 0;
	uint32_t *stack;
	bool *seen;

	if (j->nodes[from].reach)
		return j->nodes[from].reach;
	seen = arena_alloc(j->arena, n * sizeof(*seen));
	stack = arena_alloc(j->arena, (n + 1) * sizeof(*stack));
	stack[top++] = from;
	while (top) {
		uint32_t i = stack[--top];

		for (size_t k = 0; k < needed_count(j, i); k++) {
			uint32_t next = j->nodes[i].needed[k];

			if (next == PROVIDER_NONE || seen[next])
				continue;
			seen[next] = true;
			stack[top++] = next;
		}
	}
	j->nodes[from].reach = seen;
	return seen;
}

static bool needs_directly(const struct job *j, uint32_t who, uint32_t whom)
{
	for (size_t k = 0; k < needed_count(j, who); k++)
		if (j->nodes[who].needed[k] == whom)
			return true;
	return false;
}

bool order_surely_before(const struct job *j, uint32_t provider, uint32_t requirer)
{
	if (provider == requirer || j->out->members[provider].is_loader)
		return true;
	if (provider == 0 || requirer == 0)
		return requirer == 0; /* the executable comes last */
	if (j->has_cycle && j->r->loader.release < RELEASE_DEPTH_FIRST)
		return false;
	if (j->nodes[requirer].in_cycle && !needs_directly(j, requirer, provider))
		return false;
	return reach(j, requirer)[provider] && !reach(j, provider)[requirer];
}
