#include "epochd/referrers.h"

#include "epochd/exports.h"

void referrers_release(struct referrers *r)
{
	map_release(&r->names);
	map_release(&r->answers);
	arena_release(&r->arena);
	*r = (struct referrers){0};
}

static const uint64_t *names_of(struct referrers *r, const struct object *o)
{
	const struct map_entry *x = map_find(&r->names, o->key);
	uint64_t *names;

	if (x)
		return x->pointer;
	names = arena_alloc(&r->arena, (o->symbol_count + 1) * sizeof(*names));
	for (size_t i = 1; i < o->symbol_count; i++)
		names[i] = catalogue_string_key(object_symbol_name(o, i));
	map_add(&r->names, o->key)->pointer = names;
	return names;
}

static bool refers(const uint64_t *names, size_t count, const struct catalogue_exports *symbols)
{
	for (size_t i = 1; i < count; i++)
		if (exports_have(symbols, names[i], 0))
			return true;
	return false;
}

bool referrers_ask(struct referrers *r, const struct object *o,
		   const struct catalogue_exports *symbols, size_t number)
{
	uint64_t key = (o->key ^ number * 0x9e3779b97f4a7c15u) | 1;
	struct map_entry *x = map_find(&r->answers, key);

	if (!x) {
		x = map_add(&r->answers, key);
		x->number = refers(names_of(r, o), o->symbol_count, symbols);
	}
	return x->number;
}
