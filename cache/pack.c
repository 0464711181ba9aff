/*
 * pack.c - a whole table's record in a third of its bytes
 *
 * Numbers are written seven bits at a time, lowest first, offsets as steps.  What
 * belongs to a symbol index (name, version) is written where the index is met
 * first; later entries name it by its number.  Unpacked it is the very record
 * that the table's key is the hash of.
 *
 *	numbers: entries, providers, versions
 *	providers * 8 bytes, versions * 8 bytes
 *	per entry: u8 kind | flags << 4, number type, step of the offset (signed), value,
 *	addend (signed), provider + 1, symbol: 0 and a new one's index, key (8 bytes) and
 *	version + 1, or the number of a known one + 1
 *	then the trailer of a stored table (record.h)
 */
#include "cache/internal.h"

#include <stdlib.h>

/* Symbols of one table in the order in which they are met, found by their index. */
struct symbols {
	struct symbol {
		uint64_t key;
		uint32_t index;
		uint16_t version;
	} *at;
	size_t count, capacity;
	struct map numbers; /* index + 1 -> position in `at` */
};

static void symbols_release(struct symbols *s)
{
	free(s->at);
	map_release(&s->numbers);
}

static void put_number(struct buf *b, uint64_t n)
{
	while (n > 127) {
		buf_put_u8(b, (uint8_t)(n | 128));
		n >>= 7;
	}
	buf_put_u8(b, (uint8_t)n);
}

static void put_signed(struct buf *b, uint64_t n)
{
	put_number(b, n << 1 ^ (uint64_t)((int64_t)n >> 63));
}

static uint64_t take_number(struct record *r)
{
	uint64_t n = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = record_u8(r);
		n |= (uint64_t)(byte & 127) << shift;
		shift += 7;
	} while (byte & 128 && shift < 64);
	return n;
}

static uint64_t take_signed(struct record *r)
{
	uint64_t n = take_number(r);

	return n >> 1 ^ -(n & 1);
}

/* ---- packing ---- */

static void pack_symbol(struct buf *b, struct symbols *s, const uint8_t *entry)
{
	struct symbol new = {load_u64(entry + 24), load_u32(entry + 32), load_u16(entry + 40)};
	const struct map_entry *x = map_find(&s->numbers, (uint64_t)new.index + 1);

	if (x && s->at[x->number].key == new.key && s->at[x->number].version == new.version) {
		put_number(b, x->number + 1);
		return;
	}
	put_number(b, 0);
	put_number(b, new.index);
	buf_put_u64(b, new.key);
	put_number(b, (uint16_t)(new.version + 1));
	map_add(&s->numbers, (uint64_t)new.index + 1)->number = s->count;
	s->at = array_grow(s->at, s->count, &s->capacity, sizeof(*s->at));
	s->at[s->count++] = new;
}

static void pack_entries(struct buf *b, struct symbols *s, const struct catalogue_table *t)
{
	const uint8_t *p = t->entries;
	uint64_t offset = 0;
	size_t i;

	for (i = 0; i < t->count; i++, p += ENTRY_BYTES) {
		buf_put_u8(b, (uint8_t)(p[42] | p[43] << 4));
		put_number(b, load_u16(p + 36));
		put_signed(b, load_u64(p) - offset);
		put_number(b, load_u64(p + 8));
		put_signed(b, load_u64(p + 16));
		put_number(b, (uint16_t)(load_u16(p + 38) + 1));
		pack_symbol(b, s, p);
		offset = load_u64(p);
	}
}

bool table_pack(const struct buf *whole, struct buf *out)
{
	uint8_t trailer[TRAILER_BYTES] = {[8] = RECORD_VERSION, [9] = STORED_PACKED};
	struct symbols symbols = {0};
	struct catalogue_table t;

	if (!table_split(&t, whole->data, whole->used))
		return false;
	put_number(out, t.count);
	put_number(out, t.provider_count);
	put_number(out, t.version_count);
	buf_put(out, t.providers, t.provider_count * 8);
	buf_put(out, t.versions, t.version_count * 8);
	pack_entries(out, &symbols, &t);
	buf_put(out, trailer, sizeof(trailer));
	symbols_release(&symbols);
	return true;
}

/* ---- unpacking ---- */

static bool unpack_symbol(struct record *r, struct symbols *s, uint8_t *entry)
{
	uint64_t number = take_number(r);
	struct symbol new;

	if (number == 0) {
		new.index = (uint32_t)take_number(r);
		new.key = record_u64(r);
		new.version = (uint16_t)(take_number(r) - 1);
		s->at = array_grow(s->at, s->count, &s->capacity, sizeof(*s->at));
		s->at[s->count] = new;
		number = ++s->count;
	}
	if (r->bad || number > s->count)
		return false;
	memcpy(entry + 24, &s->at[number - 1].key, 8);
	memcpy(entry + 32, &s->at[number - 1].index, 4);
	memcpy(entry + 40, &s->at[number - 1].version, 2);
	return true;
}

static bool unpack_entries(struct record *r, struct symbols *s, uint8_t *p, size_t count)
{
	uint64_t offset = 0, value, addend;
	uint16_t type, provider;
	bool ok = true;
	uint8_t kind;

	for (; ok && count; count--, p += ENTRY_BYTES) {
		kind = record_u8(r);
		type = (uint16_t)take_number(r);
		offset += take_signed(r);
		value = take_number(r);
		addend = take_signed(r);
		provider = (uint16_t)(take_number(r) - 1);
		memcpy(p, &offset, 8);
		memcpy(p + 8, &value, 8);
		memcpy(p + 16, &addend, 8);
		memcpy(p + 36, &type, 2);
		memcpy(p + 38, &provider, 2);
		p[42] = kind & 15;
		p[43] = kind >> 4;
		ok = unpack_symbol(r, s, p);
	}
	return ok;
}

bool table_unpack(const MDB_val *record, struct buf *out)
{
	const uint8_t *p = record->mv_data;
	struct record r = {.at = p, .end = p + record->mv_size - TRAILER_BYTES};
	uint8_t trailer[TRAILER_BYTES] = {[8] = RECORD_VERSION};
	struct symbols symbols = {0};
	uint64_t count, providers, versions;
	const uint8_t *keys;
	bool ok;

	count = take_number(&r);
	providers = take_number(&r);
	versions = take_number(&r);
	/* An entry takes seven bytes at least, so a wrong count does not ask for much memory. */
	if (r.bad || providers >= NO_INDEX || versions >= NO_INDEX || count > record->mv_size / 7)
		return false;
	keys = record_bytes(&r, (providers + versions) * 8);
	if (!keys)
		return false;
	ok = unpack_entries(&r, &symbols, buf_extend(out, count * ENTRY_BYTES), count);
	buf_put(out, keys, (providers + versions) * 8);
	memcpy(trailer, &(uint32_t){(uint32_t)count}, 4);
	memcpy(trailer + 4, &(uint16_t){(uint16_t)providers}, 2);
	memcpy(trailer + 6, &(uint16_t){(uint16_t)versions}, 2);
	buf_put(out, trailer, sizeof(trailer));
	symbols_release(&symbols);
	return ok && r.at == r.end;
}
