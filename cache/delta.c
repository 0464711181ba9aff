/*
 * delta.c - a table kept as its differences from another table of the same object
 *
 * Programs bind a library nearly equally far more often than equally, so whole
 * records would be most of a store.  Both tables are compared entry by entry,
 * with providers and versions as keys and not as indices, which shift.  Put
 * together again a table is the very bytes that its key is the hash of.
 */
#include "cache/internal.h"

#include <errno.h>
#include <stdlib.h>

#define SLOTS 256 /* a power of two */

/* Keys in the order of their first use, as table.c numbers them. */
struct numbering {
	uint64_t *keys;
	size_t count, capacity;
	uint64_t memo[SLOTS];
	uint16_t number[SLOTS];
};

static uint16_t number_of(struct numbering *n, uint64_t key)
{
	size_t slot = key & (SLOTS - 1), i;

	if (!key)
		return NO_INDEX;
	if (n->memo[slot] == key)
		return n->number[slot];
	for (i = 0; i < n->count && n->keys[i] != key; i++)
		;
	if (i == n->count) {
		n->keys = array_grow(n->keys, n->count, &n->capacity, sizeof(*n->keys));
		n->keys[n->count++] = key;
	}
	n->memo[slot] = key;
	n->number[slot] = (uint16_t)i;
	return (uint16_t)i;
}

static uint8_t entry_flags(const struct catalogue_entry *e)
{
	return (uint8_t)((e->absolute ? ENTRY_ABSOLUTE : 0) | (e->plt ? ENTRY_PLT : 0) |
			 (e->weak ? ENTRY_WEAK : 0) | (e->unique ? ENTRY_UNIQUE : 0));
}

static void put_entry(uint8_t *p, const struct catalogue_entry *e, struct numbering *providers,
		      struct numbering *versions)
{
	uint16_t provider = number_of(providers, e->provider);
	uint16_t version = number_of(versions, e->version);

	memcpy(p, &e->offset, 8);
	memcpy(p + 8, &e->value, 8);
	memcpy(p + 16, &e->addend, 8);
	memcpy(p + 24, &e->symbol, 8);
	memcpy(p + 32, &e->symbol_index, 4);
	memcpy(p + 36, &e->type, 2);
	memcpy(p + 38, &provider, 2);
	memcpy(p + 40, &version, 2);
	p[42] = e->kind;
	p[43] = entry_flags(e);
}

/* ---- one difference: u32 index, u32 symbol index, then as in the order below ---- */

static void put_difference(struct buf *b, uint32_t index, const struct catalogue_entry *e)
{
	buf_put_u32(b, index);
	buf_put_u32(b, e->symbol_index);
	buf_put_u64(b, e->offset);
	buf_put_u64(b, e->value);
	buf_put_u64(b, (uint64_t)e->addend);
	buf_put_u64(b, e->symbol);
	buf_put_u64(b, e->provider);
	buf_put_u64(b, e->version);
	buf_put_u16(b, e->type);
	buf_put_u8(b, e->kind);
	buf_put_u8(b, entry_flags(e));
	buf_put_u32(b, 0);
}

static void read_difference(const uint8_t *p, struct catalogue_entry *e)
{
	*e = (struct catalogue_entry){
	    .symbol_index = load_u32(p + 4),
	    .offset = load_u64(p + 8),
	    .value = load_u64(p + 16),
	    .addend = (int64_t)load_u64(p + 24),
	    .symbol = load_u64(p + 32),
	    .provider = load_u64(p + 40),
	    .version = load_u64(p + 48),
	    .type = load_u16(p + 56),
	    .kind = p[58],
	    .absolute = p[59] & ENTRY_ABSOLUTE ? 1 : 0,
	    .plt = p[59] & ENTRY_PLT ? 1 : 0,
	    .weak = p[59] & ENTRY_WEAK ? 1 : 0,
	    .unique = p[59] & ENTRY_UNIQUE ? 1 : 0,
	};
}

static bool same_entry(const struct catalogue_entry *a, const struct catalogue_entry *b)
{
	return a->provider == b->provider && a->value == b->value && a->offset == b->offset &&
	       a->addend == b->addend && a->symbol == b->symbol && a->version == b->version &&
	       a->symbol_index == b->symbol_index && a->type == b->type && a->kind == b->kind &&
	       entry_flags(a) == entry_flags(b);
}

const uint8_t *delta_base(const MDB_val *record)
{
	const uint8_t *p = record->mv_data;

	if (stored_as(record) != STORED_DIFFERENCES ||
	    record->mv_size < TRAILER_BYTES + TABLE_KEY_BYTES)
		return NULL;
	return p + record->mv_size - TRAILER_BYTES - TABLE_KEY_BYTES;
}

size_t delta_index(const MDB_val *record, size_t i)
{
	return load_u32((const uint8_t *)record->mv_data + i * DIFFERENCE_BYTES);
}

size_t delta_count(const MDB_val *record)
{
	return (record->mv_size - TRAILER_BYTES - TABLE_KEY_BYTES) / DIFFERENCE_BYTES;
}

uint64_t delta_symbol(const MDB_val *record, size_t i)
{
	return load_u64((const uint8_t *)record->mv_data + i * DIFFERENCE_BYTES + 32);
}

uint64_t delta_version(const MDB_val *record, size_t i)
{
	return load_u64((const uint8_t *)record->mv_data + i * DIFFERENCE_BYTES + 48);
}

/* ---- whole again ---- */

struct expansion {
	const struct catalogue_table *base;
	const uint8_t *differences;
	size_t count;
	struct numbering providers, versions;
};

static bool expand_entries(struct expansion *x, uint8_t *out)
{
	struct catalogue_entry e;
	size_t next = 0, i;

	for (i = 0; i < x->base->count; i++, out += ENTRY_BYTES) {
		const uint8_t *d = x->differences + next * DIFFERENCE_BYTES;

		if (next < x->count && load_u32(d) == i) {
			read_difference(d, &e);
			next++;
		} else {
			catalogue_table_entry(x->base, i, &e);
		}
		put_entry(out, &e, &x->providers, &x->versions);
	}
	return next == x->count;
}

static void put_trailer(uint8_t *p, const struct expansion *x)
{
	uint32_t count = (uint32_t)x->base->count;
	uint16_t providers = (uint16_t)x->providers.count, versions = (uint16_t)x->versions.count;

	memset(p, 0, TRAILER_BYTES);
	memcpy(p, &count, 4);
	memcpy(p + 4, &providers, 2);
	memcpy(p + 6, &versions, 2);
	p[8] = RECORD_VERSION;
}

bool delta_expand(const MDB_val *record, const struct catalogue_table *base, struct buf *out)
{
	struct expansion x = {.base = base, .differences = record->mv_data};
	bool ok;

	if (!delta_base(record) || (record->mv_size - TRAILER_BYTES - TABLE_KEY_BYTES) % DIFFERENCE_BYTES)
		return false;
	x.count = delta_count(record);
	ok = expand_entries(&x, buf_extend(out, base->count * ENTRY_BYTES));
	buf_put(out, x.providers.keys, x.providers.count * 8);
	buf_put(out, x.versions.keys, x.versions.count * 8);
	put_trailer(buf_extend(out, TRAILER_BYTES), &x);
	free(x.providers.keys);
	free(x.versions.keys);
	return ok;
}

/* ---- the differences ---- */

static bool comes_back(const struct buf *delta, const struct catalogue_table *base,
		       const struct buf *whole)
{
	MDB_val record = {.mv_size = delta->used, .mv_data = delta->data};
	struct buf again = BUF_INIT;
	bool same = delta_expand(&record, base, &again) && again.used == whole->used &&
		    memcmp(again.data, whole->data, whole->used) == 0;

	buf_release(&again);
	return same;
}

static bool list_differences(const struct catalogue_table *t, const struct catalogue_table *base,
			     struct buf *out)
{
	struct catalogue_entry mine, other;
	size_t differences = 0, i;

	if (t->count != base->count)
		return false;
	for (i = 0; i < t->count && differences <= t->count / 2; i++) {
		catalogue_table_entry(t, i, &mine);
		catalogue_table_entry(base, i, &other);
		if (same_entry(&mine, &other))
			continue;
		put_difference(out, (uint32_t)i, &mine);
		differences++;
	}
	return differences <= t->count / 2;
}

bool delta_encode(const struct buf *whole, const struct table_base *base, struct buf *out)
{
	uint8_t trailer[TRAILER_BYTES] = {[8] = RECORD_VERSION, [9] = STORED_DIFFERENCES};
	struct buf other = BUF_INIT;
	struct catalogue_table t, b;
	bool ok = table_unpack(&base->record, &other) &&
		  table_split(&t, whole->data, whole->used) &&
		  table_split(&b, other.data, other.used) && list_differences(&t, &b, out);

	if (ok) {
		buf_put(out, base->key, TABLE_KEY_BYTES);
		buf_put(out, trailer, sizeof(trailer));
		ok = comes_back(out, &b, whole);
	}
	buf_release(&other);
	return ok;
}
