#include "matr-ld/bind.h"

#include <stdlib.h>
#include <string.h>

static uint32_t binding_index(const struct requirer *q, const struct binding *b)
{
	return (uint32_t)(b - q->member->bindings);
}

void bind_add_fixup(struct requirer *q, const struct binding *b, uint64_t value)
{
	struct bind *d = q->bind;

	d->fixups = array_grow(d->fixups, d->fixup_count, &d->fixup_capacity, sizeof(*d->fixups));
	d->fixups[d->fixup_count++] =
	    (struct fixup){.member = q->index, .binding = binding_index(q, b), .value = value};
}

/* Later members that define the symbol too. */
static void note_losers(struct requirer *q, const struct binding *b, const struct answer *a)
{
	const struct object *o = q->object;
	uint32_t v = o->versym ? o->versym[b->symbol_index] & 0x7fff : 0;
	struct bind *d = q->bind;
	struct wanted w = {
	    .name = b->symbol,
	    .hash = o->name_hash[b->symbol_index],
	    .class = b->type == R_X86_64_JUMP_SLOT ? CLASS_PLT : CLASS_ANY,
	    .version = b->version ? &o->versions[v] : NULL,
	    .version_file = PROVIDER_NONE,
	};

	for (uint32_t i = q->symbolic && a->member == q->index ? 0 : a->member + 1;
	     i < d->job->out->member_count; i++) {
		if (i == a->member || scope_lookup_in(d->scope, i, &w).status != ANSWER_FOUND)
			continue;
		d->shadows = array_grow(d->shadows, d->shadow_count, &d->shadow_capacity,
					sizeof(*d->shadows));
		d->shadows[d->shadow_count++] =
		    (struct shadow){.member = q->index, .binding = binding_index(q, b), .loser = i};
	}
}

void bind_note_answer(struct requirer *q, const struct binding *b, const struct answer *a)
{
	struct bind *d = q->bind;

	if (d->job->flags & RESOLVE_SHADOWS)
		note_losers(q, b, a);
	if (!b->unique)
		return;
	d->uniques =
	    array_grow(d->uniques, d->unique_count, &d->unique_capacity, sizeof(*d->uniques));
	d->uniques[d->unique_count++] = (struct unique_reference){
	    .name = b->symbol,
	    .hash = q->object->name_hash[b->symbol_index],
	    .member = q->index,
	    .binding = binding_index(q, b),
	    .answer_symbol = a->symbol,
	};
}

/* By name; within one in load order and table order. */
static int compare_uniques(const void *pa, const void *pb)
{
	const struct unique_reference *a = pa, *b = pb;
	int order;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	order = strcmp(a->name, b->name);
	if (order)
		return order;
	if (a->member != b->member)
		return a->member < b->member ? -1 : 1;
	return a->binding < b->binding ? -1 : a->binding > b->binding;
}

static struct binding *binding_of(struct bind *d, const struct unique_reference *u)
{
	return &d->job->out->members[u->member].bindings[u->binding];
}

/* The slot is filled at its first call: it enters nothing into ld.so's table at start. */
static bool fills_later(struct bind *d, const struct unique_reference *u)
{
	const struct binding *b = binding_of(d, u);

	return b->plt && b->type == R_X86_64_JUMP_SLOT &&
	       !d->job->out->members[u->member].object->bind_now;
}

static void leave(struct bind *d, const struct unique_reference *u)
{
	binding_of(d, u)->kind = fills_later(d, u) ? BINDING_LAZY : BINDING_RESIDUAL;
}

static bool same_answer(struct bind *d, const struct unique_reference *a,
			const struct unique_reference *b)
{
	return binding_of(d, a)->provider == binding_of(d, b)->provider &&
	       a->answer_symbol == b->answer_symbol;
}

/* The reference that ld.so surely does first, or NULL. */
static const struct unique_reference *
surely_first(struct bind *d, const struct unique_reference *group, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool first = !fills_later(d, &group[i]);

		for (size_t k = 0; k < count && first; k++)
			first = fills_later(d, &group[k]) ||
				order_surely_before(d->job, group[i].member, group[k].member);
		if (first)
			return &group[i];
	}
	return NULL;
}

/*
 * Answers differ where a requirer searches itself first: whatever ld.so enters
 * into its table first is the answer to all.  They are left to it; the
 * provider is told where the order is known.
 */
static void leave_group(struct bind *d, const struct unique_reference *group, size_t count)
{
	const struct unique_reference *first = surely_first(d, group, count);
	const struct binding *winner = first ? binding_of(d, first) : NULL;

	for (size_t i = 0; i < count; i++) {
		struct binding *b = binding_of(d, &group[i]);

		leave(d, &group[i]);
		b->provider = winner ? winner->provider : PROVIDER_NONE;
		b->provider_symbol = winner ? winner->provider_symbol : 0;
		b->value = winner ? winner->value : 0;
	}
}

/*
 * ld.so keeps a table of unique symbols that a later dlopen consults, so one
 * reference must be its own work; which one does not matter where all lead to
 * the same definition.  The provider's own one is preferred: then the tables
 * of all other objects are equal in all programs.
 */
static void decide_group(struct bind *d, struct unique_reference *group, size_t count)
{
	const struct unique_reference *chosen = NULL;
	bool same = true;

	for (size_t i = 0; i < count; i++) {
		same = same && same_answer(d, &group[0], &group[i]);
		if (fills_later(d, &group[i]))
			continue;
		if (!chosen || (chosen->member != binding_of(d, chosen)->provider &&
				group[i].member == binding_of(d, &group[i])->provider))
			chosen = &group[i];
	}
	if (!same) {
		leave_group(d, group, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (!chosen || chosen == &group[i])
			leave(d, &group[i]);
}

void bind_unique(struct bind *d)
{
	struct unique_reference *u = d->uniques;
	size_t n;

	if (!d->unique_count)
		return;
	qsort(u, d->unique_count, sizeof(*u), compare_uniques);
	for (size_t at = 0; at < d->unique_count; at += n) {
		for (n = 1; at + n < d->unique_count && u[at].hash == u[at + n].hash &&
			    strcmp(u[at].name, u[at + n].name) == 0;
		     n++)
			;
		decide_group(d, u + at, n);
	}
}

/* A reference that became residual after all needs no fixup. */
static void drop_unused_fixups(struct bind *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->fixup_count; i++) {
		const struct fixup *f = &d->fixups[i];

		if (d->job->out->members[f->member].bindings[f->binding].kind == BINDING_EXECUTABLE)
			d->fixups[n++] = *f;
	}
	d->fixup_count = n;
}

void bind_finish(struct bind *d)
{
	struct mapping *out = d->job->out;
	struct arena *a = d->job->arena;

	drop_unused_fixups(d);
	out->fixups = arena_memdup(a, d->fixups, d->fixup_count * sizeof(*d->fixups));
	out->fixup_count = d->fixup_count;
	out->shadows = arena_memdup(a, d->shadows, d->shadow_count * sizeof(*d->shadows));
	out->shadow_count = d->shadow_count;
	free(d->uniques);
	free(d->fixups);
	free(d->shadows);
}
