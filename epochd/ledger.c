#include "epochd/ledger.h"

#include "common/arena.h"
#include "image/hash.h"

#include <stdlib.h>
#include <string.h>

#define LEDGER_MAGIC 0x003152474454414dull /* "MATDGR1\0" */
#define LEDGER_VERSION (MATR_FORMAT_VERSION << 16 | 1)
#define FREE UINT32_MAX

struct head {
	uint64_t magic, checksum; /* XXH64 of everything behind these two members */
	uint64_t store_id;
	uint32_t version, layer_count;
	uint64_t layout_id, loader_base, end, living;
	uint64_t slot_count, table_count;
	struct matr_layer layers[MATR_MAX_LAYERS];
};

/* ---- the three indices ---- */

static uint64_t table_hash(uint64_t object, const uint8_t key[TABLE_KEY_BYTES])
{
	uint64_t h;

	memcpy(&h, key, sizeof(h));
	return h ^ object;
}

static size_t first_place(const struct ledger_index *x, uint64_t hash)
{
	return hash * 0x9e3779b97f4a7c15u >> 24 & (x->size - 1);
}

/* Room for one more; true where the index is a new, empty one that must be filled. */
static bool make_room(struct ledger_index *x, size_t count)
{
	if (x->size > 2 * count)
		return false;
	x->size = x->size ? x->size : 256;
	while (x->size <= 2 * count)
		x->size *= 2;
	free(x->at);
	x->at = xmalloc(x->size * sizeof(*x->at));
	memset(x->at, 0xff, x->size * sizeof(*x->at));
	return true;
}

static void enter(struct ledger_index *x, uint64_t hash, size_t position)
{
	size_t at = first_place(x, hash);

	while (x->at[at] != FREE)
		at = (at + 1) & (x->size - 1);
	x->at[at] = (uint32_t)position;
}

static void index_slot(struct ledger *l, size_t i)
{
	if (make_room(&l->slot_index, l->slot_count))
		for (size_t k = 0; k < i; k++)
			enter(&l->slot_index, l->slots[k].object, k);
	enter(&l->slot_index, l->slots[i].object, i);
}

static void enter_table(struct ledger *l, size_t i)
{
	const struct ledger_table *t = &l->tables[i];

	enter(&l->table_index, table_hash(t->object, t->key), i);
	if (t->flags & LEDGER_BASE)
		enter(&l->base_index, t->object, i);
}

static void index_table(struct ledger *l, size_t i)
{
	bool fresh = make_room(&l->table_index, l->table_count);

	if (make_room(&l->base_index, l->table_count) || fresh)
		for (size_t k = 0; k < i; k++)
			enter_table(l, k);
	enter_table(l, i);
}

struct ledger_slot *ledger_slot(const struct ledger *l, uint64_t object)
{
	const struct ledger_index *x = &l->slot_index;

	if (!x->size)
		return NULL;
	for (size_t at = first_place(x, object); x->at[at] != FREE; at = (at + 1) & (x->size - 1))
		if (l->slots[x->at[at]].object == object)
			return &l->slots[x->at[at]];
	return NULL;
}

struct ledger_table *ledger_table(const struct ledger *l, uint64_t object,
				  const uint8_t key[TABLE_KEY_BYTES])
{
	const struct ledger_index *x = &l->table_index;

	if (!x->size)
		return NULL;
	for (size_t at = first_place(x, table_hash(object, key)); x->at[at] != FREE;
	     at = (at + 1) & (x->size - 1)) {
		struct ledger_table *t = &l->tables[x->at[at]];

		if (t->object == object && !memcmp(t->key, key, TABLE_KEY_BYTES))
			return t;
	}
	return NULL;
}

struct ledger_table *ledger_base(const struct ledger *l, uint64_t object)
{
	const struct ledger_index *x = &l->base_index;

	if (!x->size)
		return NULL;
	for (size_t at = first_place(x, object); x->at[at] != FREE; at = (at + 1) & (x->size - 1))
		if (l->tables[x->at[at]].object == object)
			return &l->tables[x->at[at]];
	return NULL;
}

void ledger_put_slot(struct ledger *l, const struct ledger_slot *slot)
{
	struct ledger_slot *old = ledger_slot(l, slot->object);

	if (old) {
		*old = *slot;
		return;
	}
	l->slots = array_grow(l->slots, l->slot_count, &l->slot_capacity, sizeof(*l->slots));
	l->slots[l->slot_count++] = *slot;
	index_slot(l, l->slot_count - 1);
}

void ledger_put_table(struct ledger *l, const struct ledger_table *table)
{
	struct ledger_table *old = ledger_table(l, table->object, table->key);

	if (old) {
		*old = *table;
		return;
	}
	l->tables = array_grow(l->tables, l->table_count, &l->table_capacity, sizeof(*l->tables));
	l->tables[l->table_count++] = *table;
	index_table(l, l->table_count - 1);
}

void ledger_weigh(struct ledger *l)
{
	static const uint8_t none[TABLE_KEY_BYTES];
	uint8_t *needed = xcalloc(l->table_count, 1);

	for (size_t i = 0; i < l->table_count; i++) {
		const struct ledger_table *t = &l->tables[i], *base;

		if (!(t->flags & LEDGER_LIVE) || !(t->flags & LEDGER_PLACED))
			continue;
		needed[i] = 1;
		base = memcmp(t->patched, none, sizeof(none))
			       ? ledger_table(l, t->object, t->patched)
			       : NULL;
		if (base)
			needed[base - l->tables] = 1;
	}
	l->living = 0;
	for (size_t i = 0; i < l->table_count; i++)
		l->living += needed[i] ? l->tables[i].pages_bytes : 0;
	free(needed);
}

/* ---- as bytes ---- */

static bool table_sound(const struct ledger *l, const struct ledger_table *t)
{
	uint64_t bytes = t->layer < l->layer_count ? l->layers[t->layer].bytes : 0;

	if (!(t->flags & LEDGER_PLACED))
		return true;
	return t->pages % MATR_PAGE == 0 && t->pages <= bytes && t->pages_bytes <= bytes - t->pages;
}

static bool load(struct ledger *l, const struct head *h, const char *rest, size_t bytes)
{
	size_t slots = h->slot_count * sizeof(*l->slots);

	if (h->layer_count > MATR_MAX_LAYERS || h->slot_count > bytes || h->table_count > bytes ||
	    bytes != slots + h->table_count * sizeof(*l->tables))
		return false;
	l->layout_id = h->layout_id;
	l->loader_base = h->loader_base;
	l->end = h->end;
	l->living = h->living;
	l->layer_count = h->layer_count;
	memcpy(l->layers, h->layers, sizeof(l->layers));
	for (size_t i = 0; i < h->slot_count; i++) {
		struct ledger_slot slot;

		memcpy(&slot, rest + i * sizeof(slot), sizeof(slot));
		slot.live = 0;
		ledger_put_slot(l, &slot);
	}
	for (size_t i = 0; i < h->table_count; i++) {
		struct ledger_table table;

		memcpy(&table, rest + slots + i * sizeof(table), sizeof(table));
		table.flags &= ~(uint32_t)LEDGER_LIVE;
		if (!table_sound(l, &table))
			return false;
		ledger_put_table(l, &table);
	}
	return true;
}

#define CHECKED_FROM offsetof(struct head, store_id)

bool ledger_load(struct ledger *l, const struct buf *bytes, uint64_t store_id)
{
	struct head h;

	*l = (struct ledger){0};
	if (bytes->used < sizeof(h))
		return false;
	memcpy(&h, bytes->data, sizeof(h));
	if (h.magic != LEDGER_MAGIC || h.version != LEDGER_VERSION || h.store_id != store_id ||
	    h.checksum !=
		    matr_hash(bytes->data + CHECKED_FROM, bytes->used - CHECKED_FROM, 0))
		return false;
	if (load(l, &h, bytes->data + sizeof(h), bytes->used - sizeof(h)))
		return true;
	ledger_release(l);
	return false;
}

void ledger_save(const struct ledger *l, uint64_t store_id, struct buf *out)
{
	struct head h = {
		.magic = LEDGER_MAGIC,
		.store_id = store_id,
		.version = LEDGER_VERSION,
		.layer_count = l->layer_count,
		.layout_id = l->layout_id,
		.loader_base = l->loader_base,
		.end = l->end,
		.living = l->living,
		.slot_count = l->slot_count,
		.table_count = l->table_count,
	};
	size_t start = out->used;

	memcpy(h.layers, l->layers, sizeof(h.layers));
	buf_put(out, &h, sizeof(h));
	buf_put(out, l->slots, l->slot_count * sizeof(*l->slots));
	buf_put(out, l->tables, l->table_count * sizeof(*l->tables));
	h.checksum = matr_hash(out->data + start + CHECKED_FROM, out->used - start - CHECKED_FROM, 0);
	memcpy(out->data + start, &h, sizeof(h));
}

void ledger_release(struct ledger *l)
{
	free(l->slots);
	free(l->tables);
	free(l->slot_index.at);
	free(l->table_index.at);
	free(l->base_index.at);
	*l = (struct ledger){0};
}
