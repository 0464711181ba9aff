#include "epochd/export.h"

#include "cache/transfer.h"
#include "epochd/artifact.h"
#include "epochd/bundle.h"
#include "image/hash.h"
#include "image/reason.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUNDLE_BYTES ((uint64_t)256 << 10) /* what a bundle has about */
#define LEAST_BUNDLES 16u

/* One object of the epoch's programs, and which tables they have of it. */
struct exported {
	struct catalogue_object object;
	uint8_t (*tables)[TABLE_KEY_BYTES];
	size_t count, capacity;
};

struct exporting {
	struct catalogue_read *read;
	struct export_result *result;
	struct arena arena;         /* texts of objects */
	struct exported *objects;   /* in order of paths, then keys, when all are there */
	size_t count, capacity;
	uint32_t *index;            /* hash table over objects by key: number + 1 */
	size_t index_size;
	struct buf programs[EXPORT_MAX_BUNDLES];
	struct buf tables[EXPORT_MAX_BUNDLES];
	uint64_t *strings;          /* of the bundle that is being made */
	size_t string_count, string_capacity;
	struct buf whole;           /* items of all programs, cut at program_ends */
	struct part {
		uint64_t hash;
		size_t end;
	} *parts;
	size_t part_count, part_capacity;
};

/* ---- objects ---- */

static size_t slot_of(const struct exporting *x, uint64_t key)
{
	size_t at = key & (x->index_size - 1);

	while (x->index[at] && x->objects[x->index[at] - 1].object.object_key != key)
		at = (at + 1) & (x->index_size - 1);
	return at;
}

static void grow_index(struct exporting *x)
{
	free(x->index);
	x->index_size = x->index_size ? x->index_size * 4 : 4096;
	x->index = xcalloc(x->index_size, sizeof(*x->index));
	for (size_t i = 0; i < x->count; i++)
		x->index[slot_of(x, x->objects[i].object.object_key)] = (uint32_t)i + 1;
}

static struct exported *object_of(struct exporting *x, const struct catalogue_object *o)
{
	size_t at;

	if (x->count * 2 >= x->index_size)
		grow_index(x);
	at = slot_of(x, o->object_key);
	if (!x->index[at]) {
		x->objects = array_grow(x->objects, x->count, &x->capacity, sizeof(*x->objects));
		x->objects[x->count++] = (struct exported){.object = *o};
		x->index[at] = (uint32_t)x->count;
	}
	return &x->objects[x->index[at] - 1];
}

static void add_table(struct exported *o, const uint8_t key[TABLE_KEY_BYTES])
{
	static const uint8_t none[TABLE_KEY_BYTES];

	if (!memcmp(key, none, sizeof(none)))
		return;
	for (size_t i = o->count; i--;)
		if (!memcmp(o->tables[i], key, TABLE_KEY_BYTES))
			return;
	o->tables = array_grow(o->tables, o->count, &o->capacity, sizeof(*o->tables));
	memcpy(o->tables[o->count++], key, TABLE_KEY_BYTES);
}

/* ---- programs ---- */

/* Refused by the engine and not by the resolver: another machine may think otherwise. */
static bool has_mapping(const struct catalogue_program *p)
{
	switch (p->reason) {
	case REASON_NONE:
	case REASON_NOT_WORTHWHILE:
	case REASON_LAYOUT_OFF:
		return p->member_count > 0;
	}
	return false;
}

static int put_member(struct exporting *x, const struct catalogue_member *m, struct err *e)
{
	const char *request = NULL, *found_in = NULL;
	struct catalogue_object o;
	int ret = catalogue_get_object(x->read, m->object_record, &x->arena, &o, e);

	if (ret == 0 && m->request)
		ret = catalogue_get_string(x->read, m->request, &request, e);
	if (ret == 0 && m->found_in)
		ret = catalogue_get_string(x->read, m->found_in, &found_in, e);
	if (ret < 0)
		return ret;
	add_table(object_of(x, &o), m->table);
	buf_put_u64(&x->whole, o.object_key);
	buf_put(&x->whole, m->table, TABLE_KEY_BYTES);
	buf_put_u32(&x->whole, m->requirer);
	buf_put_u32(&x->whole, m->found_by);
	buf_put_u32(&x->whole, m->is_loader);
	bundle_put_text(&x->whole, request);
	bundle_put_text(&x->whole, found_in);
	return 0;
}

static void end_part(struct exporting *x, const char *path)
{
	x->parts = array_grow(x->parts, x->part_count, &x->part_capacity, sizeof(*x->parts));
	x->parts[x->part_count++] =
		(struct part){.hash = matr_hash(path, strlen(path), 0), .end = x->whole.used};
}

static int put_program(void *context, const struct catalogue_program *p, struct err *e)
{
	struct exporting *x = context;
	size_t item;
	int ret = 0;

	if (!has_mapping(p))
		return 0;
	item = bundle_begin(&x->whole, BUNDLE_PROGRAM);
	buf_put_u32(&x->whole, (uint32_t)p->member_count);
	buf_put_u32(&x->whole, (uint32_t)p->fixup_count);
	bundle_put_text(&x->whole, p->path);
	for (size_t i = 0; ret == 0 && i < p->member_count; i++)
		ret = put_member(x, &p->members[i], e);
	for (size_t i = 0; i < p->fixup_count; i++) {
		buf_put_u32(&x->whole, p->fixups[i].member);
		buf_put_u32(&x->whole, p->fixups[i].binding);
		buf_put_u64(&x->whole, p->fixups[i].value);
	}
	bundle_end(&x->whole, item);
	end_part(x, p->path);
	x->result->programs++;
	return ret;
}

/* ---- spreading over bundles ---- */

/*
 * A power of two, so that an epoch of about the same size has the same number, and a part the
 * same bundle.
 */
static uint32_t bundle_number(uint64_t bytes)
{
	uint32_t n = LEAST_BUNDLES;

	while (n < EXPORT_MAX_BUNDLES && bytes / n > BUNDLE_BYTES)
		n *= 2;
	return n;
}

static struct buf *bundle_of(struct buf *bundles, uint32_t number, uint64_t hash)
{
	struct buf *b = &bundles[hash >> 32 & (number - 1)];

	if (!b->used)
		bundle_head(b);
	return b;
}

static void spread_programs(struct exporting *x)
{
	uint32_t number = bundle_number(x->whole.used);
	size_t start = 0;

	for (size_t i = 0; i < x->part_count; start = x->parts[i++].end)
		buf_put(bundle_of(x->programs, number, x->parts[i].hash), x->whole.data + start,
			x->parts[i].end - start);
}

/* ---- tables ---- */

static int by_path(const void *a, const void *b)
{
	const struct exported *x = a, *y = b;
	int order = strcmp(x->object.path, y->object.path);

	if (order)
		return order;
	return (x->object.object_key > y->object.object_key) -
	       (x->object.object_key < y->object.object_key);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, TABLE_KEY_BYTES);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void note_string(void *context, uint64_t string)
{
	struct exporting *x = context;

	if (!string)
		return;
	x->strings = array_grow(x->strings, x->string_count, &x->string_capacity,
				sizeof(*x->strings));
	x->strings[x->string_count++] = string;
}

static void put_table(struct buf *b, const struct transfer_table *t)
{
	size_t item = bundle_begin(b, BUNDLE_TABLE);

	buf_put(b, t->key, TABLE_KEY_BYTES);
	buf_put(b, t->bytes, t->size);
	bundle_end(b, item);
}

/* Whatever the tables are differences from goes with them, used or not. */
static int add_bases(struct exporting *x, struct exported *o, struct err *e)
{
	static const uint8_t none[TABLE_KEY_BYTES];
	struct transfer_table t;
	int ret = 0;

	for (size_t i = 0, n = o->count; ret == 0 && i < n; i++) {
		ret = transfer_get_table(x->read, o->tables[i], &t, e);
		if (ret == 0 && memcmp(t.base, none, sizeof(none)) != 0)
			add_table(o, t.base);
	}
	return ret;
}

static int put_tables(struct exporting *x, const struct exported *o, struct buf *b, bool bases,
		      struct err *e)
{
	static const uint8_t none[TABLE_KEY_BYTES];
	struct transfer_table t;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < o->count; i++) {
		ret = transfer_get_table(x->read, o->tables[i], &t, e);
		if (ret < 0 || bases != !memcmp(t.base, none, sizeof(none)))
			continue;
		put_table(b, &t);
		x->result->tables++;
		ret = transfer_each_string(x->read, &t, note_string, x, e);
	}
	return ret;
}

static void put_object(struct buf *b, const struct catalogue_object *o)
{
	size_t item = bundle_begin(b, BUNDLE_OBJECT);

	buf_put_u64(b, o->object_key);
	buf_put_u64(b, o->identity.size);
	buf_put_u32(b, o->build_id_bytes);
	buf_put(b, o->build_id, sizeof(o->build_id));
	bundle_put_text(b, o->path);
	bundle_put_text(b, o->soname);
	bundle_put_text(b, o->search_path);
	bundle_end(b, item);
}

static int put_strings(struct exporting *x, struct buf *b, struct err *e)
{
	const char *s;
	int ret = 0;

	if (x->string_count)
		qsort(x->strings, x->string_count, sizeof(*x->strings), by_number);
	for (size_t i = 0; ret == 0 && i < x->string_count; i++) {
		size_t item;

		if (i && x->strings[i] == x->strings[i - 1])
			continue;
		ret = catalogue_get_string(x->read, x->strings[i], &s, e);
		if (ret < 0)
			break;
		item = bundle_begin(b, BUNDLE_STRING);
		buf_puts(b, s);
		bundle_end(b, item);
	}
	x->string_count = 0;
	return ret;
}

static uint64_t object_hash(const struct exported *o)
{
	return matr_hash(o->object.path, strlen(o->object.path), 0);
}

static int measure_tables(struct exporting *x, uint64_t *bytes, struct err *e)
{
	struct transfer_table t;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < x->count; i++) {
		struct exported *o = &x->objects[i];

		ret = add_bases(x, o, e);
		if (o->count)
			qsort(o->tables, o->count, TABLE_KEY_BYTES, by_bytes);
		for (size_t k = 0; ret == 0 && k < o->count; k++) {
			ret = transfer_get_table(x->read, o->tables[k], &t, e);
			*bytes += ret == 0 ? t.size : 0;
		}
	}
	return ret;
}

/* All objects of one bundle, and then the strings of all their tables. */
static int fill_bundle(struct exporting *x, uint32_t which, uint32_t number, struct err *e)
{
	struct buf *b = &x->tables[which];
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < x->count; i++) {
		const struct exported *o = &x->objects[i];

		if (bundle_of(x->tables, number, object_hash(o)) != b)
			continue;
		put_object(b, &o->object);
		ret = put_tables(x, o, b, true, e);
		if (ret == 0)
			ret = put_tables(x, o, b, false, e);
	}
	return ret < 0 ? ret : put_strings(x, b, e);
}

static int spread_tables(struct exporting *x, struct err *e)
{
	uint64_t bytes = 0;
	uint32_t number;
	int ret;

	if (x->count)
		qsort(x->objects, x->count, sizeof(*x->objects), by_path);
	ret = measure_tables(x, &bytes, e);
	number = bundle_number(bytes);
	for (uint32_t i = 0; ret == 0 && i < number; i++)
		ret = fill_bundle(x, i, number, e);
	x->result->objects = x->count;
	return ret;
}

/* ---- all ---- */

static void release(struct exporting *x)
{
	for (size_t i = 0; i < x->count; i++)
		free(x->objects[i].tables);
	for (uint32_t i = 0; i < EXPORT_MAX_BUNDLES; i++) {
		buf_release(&x->programs[i]);
		buf_release(&x->tables[i]);
	}
	free(x->objects);
	free(x->index);
	free(x->strings);
	free(x->parts);
	buf_release(&x->whole);
	arena_release(&x->arena);
	catalogue_read_end(x->read);
}

int epoch_export(struct store *s, const struct export_request *r, struct export_result *out,
		 struct err *e)
{
	struct exporting x = {.result = out};
	struct catalogue_epoch epoch;
	int ret;

	*out = (struct export_result){0};
	ret = catalogue_read_begin(&x.read, s, e);
	if (ret < 0)
		return ret;
	ret = catalogue_get_epoch(x.read, r->epoch, &x.arena, &epoch, e);
	if (ret == 0)
		ret = catalogue_each_program(x.read, r->epoch, put_program, &x, e);
	if (ret == 0 && !x.part_count)
		ret = err_set(e, -ENODATA, "epoch %llu has no program to export",
			      (unsigned long long)r->epoch);
	if (ret == 0) {
		spread_programs(&x);
		ret = spread_tables(&x, e);
	}
	if (ret == 0)
		ret = artifact_write(&(struct artifact_request){.folder = r->folder,
								.name = r->name,
								.tables = x.tables,
								.programs = x.programs,
								.result = out},
				     e);
	release(&x);
	return ret;
}
