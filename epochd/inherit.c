#include "epochd/inherit.h"

#include <stdlib.h>
#include <string.h>

static bool is_zero(const uint8_t key[TABLE_KEY_BYTES])
{
	static const uint8_t none[TABLE_KEY_BYTES];

	return !memcmp(key, none, sizeof(none));
}

static void take_entries(void *context, const struct catalogue_table *from)
{
	struct table *t = context;

	t->count = t->bindings = from->count;
	t->entries = xcalloc(from->count, sizeof(*t->entries));
	for (size_t i = 0; i < from->count; i++) {
		struct catalogue_entry e;

		catalogue_table_entry(from, i, &e);
		t->entries[i] = (struct entry){
			.offset = e.offset,
			.value = e.value,
			.addend = e.addend,
			.provider = e.kind == BINDING_EXECUTABLE ? OBJECT_NONE : e.provider,
			.symbol_index = e.symbol_index,
			.type = e.type,
			.kind = e.kind,
			.absolute = e.absolute,
		};
	}
}

struct table *inherit_base(const void *context, const struct object *o)
{
	const struct inheritance *h = context;
	const struct ledger_table *known;
	struct table *t;

	if (!h->reuse)
		return NULL;
	known = ledger_base(h->ledger, o->key);
	if (!known)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	if (!reuse_table(h->reuse, known->key, take_entries, t)) {
		free(t);
		return NULL;
	}
	memcpy(t->key, known->key, TABLE_KEY_BYTES);
	t->object = o;
	t->is_base = true;
	inherit_place(h, t);
	return t;
}

void inherit_place(const void *context, struct table *t)
{
	const struct inheritance *h = context;
	const struct ledger_table *known;
	bool patched;

	if (!h->reuse)
		return;
	known = ledger_table(h->ledger, t->object->key, t->key);
	if (!known || !(known->flags & LEDGER_PLACED))
		return;
	patched = !is_zero(known->patched);
	/* A patch of pages whose table is not at hand cannot be written again. */
	if (patched && (!t->base || memcmp(t->base->key, known->patched, TABLE_KEY_BYTES) ||
			!t->base->placed || t->count > TABLE_MAX_PATCH))
		return;
	t->placed = true;
	t->patched = patched ? t->base : NULL;
	t->pages_offset = known->pages;
	t->pages_bytes = known->pages_bytes;
	t->layer = known->layer;
	t->residual_offset = known->residual_offset;
	t->residual_count = known->residual_count;
}

static void record_table(struct ledger *l, const struct table *t)
{
	struct ledger_table *old = ledger_table(l, t->object->key, t->key);
	struct ledger_table new = {
		.object = t->object->key,
		.bindings = (uint32_t)t->bindings,
		.flags = (t->is_base ? LEDGER_BASE : 0) | (t->live ? LEDGER_LIVE : 0),
	};

	if (old && (t->placed || !t->used)) {
		old->flags |= new.flags;
		return;
	}
	new.flags |= old ? old->flags & LEDGER_BASE : 0;
	memcpy(new.key, t->key, TABLE_KEY_BYTES);
	if (t->used) {
		new.flags |= LEDGER_PLACED;
		new.pages = t->pages ? t->pages_offset : 0;
		new.pages_bytes = t->pages ? t->pages_bytes : 0;
		new.residual_offset = t->residual_offset;
		new.residual_count = (uint32_t)t->residual_count;
		new.layer = t->layer;
		if (t->patched)
			memcpy(new.patched, t->patched->key, TABLE_KEY_BYTES);
	}
	ledger_put_table(l, &new);
}

void inherit_record(struct ledger *l, const struct tables *tables, const struct layout *layout)
{
	l->layout_id = layout->id;
	l->loader_base = layout->loader_base;
	l->end = layout->end;
	l->layer_count = layout->layer_count;
	memcpy(l->layers, layout->layers, sizeof(l->layers));
	for (size_t i = 0; i < layout->count; i++) {
		const struct slot *s = &layout->slots[i];
		const struct ledger_slot *old = ledger_slot(l, s->key);

		ledger_put_slot(l, &(struct ledger_slot){.object = s->key,
							 .base = s->base,
							 .start = s->start,
							 .live = (old && old->live) || s->uses});
	}
	for (size_t i = 0; i < TABLES_BUCKETS; i++)
		for (const struct table *t = tables->buckets[i]; t; t = t->next)
			record_table(l, t);
	ledger_weigh(l);
}
