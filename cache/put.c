/* put.c - a mapping becomes records */
#include "cache/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

static int pend_string(struct catalogue_write *w, const char *s, uint64_t *out, struct err *e)
{
	uint64_t h = string_key(s);
	MDB_val key = {.mv_size = sizeof(h), .mv_data = &h}, data;

	*out = h;
	if (!s)
		return 0;
	data = (MDB_val){.mv_size = strlen(s) + 1, .mv_data = (void *)s};
	return pend_new(w, DB_STRINGS, &key, &data, e);
}

static int pend_object(struct catalogue_write *w, const struct member *m, uint64_t *out,
		       struct err *e)
{
	struct buf *b = &w->scratch;
	MDB_val key = {.mv_size = sizeof(*out), .mv_data = out}, data;

	buf_clear(b);
	buf_put_u32(b, RECORD_VERSION);
	buf_put_u32(b, m->build_id_bytes);
	buf_put_u64(b, m->object_key);
	put_identity(b, &m->identity);
	buf_put(b, m->build_id, sizeof(m->build_id));
	put_text_size(b, m->path);
	put_text_size(b, m->soname);
	put_text_size(b, m->search_path);
	buf_put_u32(b, 0);
	put_text(b, m->path);
	put_text(b, m->soname);
	put_text(b, m->search_path);
	*out = XXH3_64bits(b->data, b->used);
	data = (MDB_val){.mv_size = b->used, .mv_data = b->data};
	return pend_new(w, DB_OBJECTS, &key, &data, e);
}

/* ---- tables: what is new is encoded without the lock ---- */

/* A member's table that was new when it was looked for. */
struct new_table {
	size_t member;
	const struct table_base *base; /* what it is compared with; NULL: it may become that */
	struct buf record;             /* as it is stored */
	bool whole;
};

static struct table_base *find_base(struct catalogue_write *w, uint64_t object)
{
	const struct map_entry *x = map_find(&w->bases, object);

	return x ? x->pointer : NULL;
}

static struct table_base *add_base(struct catalogue_write *w, uint64_t object,
				   const uint8_t *key, const struct buf *record)
{
	struct table_base *base = arena_alloc(&w->arena, sizeof(*base));

	memcpy(base->key, key, TABLE_KEY_BYTES);
	if (record)
		base->record = (MDB_val){
			.mv_size = record->used,
			.mv_data = arena_memdup(&w->arena, record->data, record->used)};
	map_add(&w->bases, object)->pointer = base;
	return base;
}

/* A stored table tells which one those of its object are compared with. */
static void learn_base(struct catalogue_write *w, uint64_t object, const uint8_t *table)
{
	MDB_val key = {.mv_size = TABLE_KEY_BYTES, .mv_data = (void *)table}, record;

	if (find_base(w, object) || read_record(w->snapshot, DB_TABLES, &key, &record, NULL) < 0)
		return;
	add_base(w, object, delta_base(&record) ? delta_base(&record) : table, NULL);
}

/* Its bytes, which a stored one is read for when it is first needed. */
static bool load_base(struct catalogue_write *w, struct table_base *base)
{
	MDB_val key = {.mv_size = TABLE_KEY_BYTES, .mv_data = base->key}, record;

	if (base->record.mv_data)
		return true;
	if (read_record(w->snapshot, DB_TABLES, &key, &record, NULL) < 0 ||
	    stored_as(&record) != STORED_PACKED)
		return false;
	base->record = record;
	base->record.mv_data = arena_memdup(&w->arena, record.mv_data, record.mv_size);
	return true;
}

/* Under the lock: which members' tables are new. */
static size_t find_new(struct catalogue_write *w, const struct mapping *m,
		       const uint8_t (*tables)[TABLE_KEY_BYTES], struct new_table *out)
{
	size_t n = 0, i;

	for (i = 0; i < m->member_count; i++) {
		MDB_val key = {.mv_size = TABLE_KEY_BYTES, .mv_data = (void *)tables[i]};
		uint64_t object = m->members[i].object_key;
		struct table_base *base;

		if (!m->members[i].binding_count)
			continue;
		if (is_known(w, DB_TABLES, &key)) {
			if (i)
				learn_base(w, object, tables[i]);
			continue;
		}
		base = i ? find_base(w, object) : NULL;
		out[n++] = (struct new_table){
			.member = i, .base = base && load_base(w, base) ? base : NULL};
	}
	return n;
}

static int encode_new(const struct mapping *m, struct new_table *t, struct err *e)
{
	struct buf whole = BUF_INIT;
	int rc = table_encode(m, t->member, &whole, e);

	if (rc == 0 && !(t->base && delta_encode(&whole, t->base, &t->record))) {
		buf_clear(&t->record);
		t->whole = true;
		table_pack(&whole, &t->record);
	}
	buf_release(&whole);
	return rc;
}

/* The strings go first: a table must never be kept without them. */
static int pend_strings(struct catalogue_write *w, const struct member *from,
			const struct new_table *t, struct err *e)
{
	MDB_val record = {.mv_size = t->record.used, .mv_data = t->record.data};
	size_t count = t->whole ? from->binding_count : delta_count(&record), i;
	const char *version = NULL;
	uint64_t unused;
	int rc = 0;

	for (i = 0; i < count && rc == 0; i++) {
		const struct binding *b = &from->bindings[t->whole ? i : delta_index(&record, i)];

		rc = pend_string(w, b->symbol, &unused, e);
		if (rc == 0 && b->version != version)
			rc = pend_string(w, version = b->version, &unused, e);
	}
	return rc;
}

static int pend_table(struct catalogue_write *w, const struct mapping *m, const struct new_table *t,
		      const uint8_t *table, struct err *e)
{
	const struct member *from = &m->members[t->member];
	MDB_val key = {.mv_size = TABLE_KEY_BYTES, .mv_data = (void *)table};
	MDB_val data = {.mv_size = t->record.used, .mv_data = t->record.data};
	int rc;

	if (is_known(w, DB_TABLES, &key)) /* another program was quicker */
		return 0;
	rc = pend_strings(w, from, t, e);
	if (rc == 0)
		rc = pend_new(w, DB_TABLES, &key, &data, e);
	if (rc == 0 && t->whole && t->member && !find_base(w, from->object_key))
		add_base(w, from->object_key, table, &t->record);
	return rc;
}

/* Everything that a member's line of the program's record names. */
static int put_member(struct catalogue_write *w, const struct mapping *m, size_t i,
		      const uint8_t *table, struct buf *record, struct err *e)
{
	const struct member *from = &m->members[i];
	uint64_t object = 0, request = 0, found_in = 0;
	int rc = pend_object(w, from, &object, e);

	if (rc == 0)
		rc = pend_string(w, from->request, &request, e);
	if (rc == 0)
		rc = pend_string(w, from->found_in, &found_in, e);
	if (rc < 0)
		return rc;
	buf_put_u64(record, object);
	buf_put(record, table, TABLE_KEY_BYTES);
	buf_put_u64(record, request);
	buf_put_u64(record, found_in);
	buf_put_u32(record, from->requirer);
	buf_put_u32(record, from->found_by);
	buf_put_u32(record, from->is_loader);
	buf_put_u32(record, 0);
	return 0;
}

static void put_program_head(struct buf *b, const struct catalogue_put *put)
{
	static const uint8_t no_key[PROGRAM_KEY_BYTES];
	const struct mapping *m = put->mapping;
	uint64_t bindings = 0;

	for (size_t i = 0; i < m->member_count; i++)
		bindings += m->members[i].binding_count;
	record_begin(b, DB_PROGRAMS);
	buf_put_u32(b, m->reason);
	buf_put_u32(b, put->flags);
	buf_put_u32(b, m->needs_path);
	buf_put_u32(b, m->lazy_left);
	buf_put(b, put->program_key ? put->program_key : no_key, PROGRAM_KEY_BYTES);
	buf_put_u64(b, bindings);
	buf_put_u32(b, (uint32_t)m->member_count);
	buf_put_u32(b, (uint32_t)m->fixup_count);
	put_text_size(b, m->path);
	put_text_size(b, m->detail);
}

static int put_program(struct catalogue_write *w, const struct catalogue_put *put,
		       const uint8_t (*tables)[TABLE_KEY_BYTES], struct err *e)
{
	const struct mapping *m = put->mapping;
	uint8_t bytes[PROGRAM_DB_KEY_MAX];
	MDB_val key = {.mv_data = bytes}, data;
	struct buf b = BUF_INIT;
	size_t i;
	int rc = 0;

	put_program_head(&b, put);
	for (i = 0; i < m->member_count && rc == 0; i++)
		rc = put_member(w, m, i, tables[i], &b, e);
	for (i = 0; i < m->fixup_count; i++) {
		buf_put_u32(&b, m->fixups[i].member);
		buf_put_u32(&b, m->fixups[i].binding);
		buf_put_u64(&b, m->fixups[i].value);
	}
	put_text(&b, m->path);
	put_text(&b, m->detail);
	record_finish(&b, 0);
	if (rc == 0) {
		key.mv_size = program_db_key(bytes, put->epoch, m->path);
		data = (MDB_val){.mv_size = b.used, .mv_data = b.data};
		pend(w, DB_PROGRAMS, &key, &data);
	}
	buf_release(&b);
	return rc;
}

/* Tables that are new, then the program that names them. */
static int put_tables_and_program(struct catalogue_write *w, const struct catalogue_put *put,
				  const uint8_t (*tables)[TABLE_KEY_BYTES], struct err *e)
{
	const struct mapping *m = put->mapping;
	struct new_table *new = xcalloc(m->member_count, sizeof(*new));
	size_t count = 0, i;
	int rc;

	pthread_mutex_lock(&w->mutex);
	rc = check_snapshot(w, e);
	if (rc == 0)
		count = find_new(w, m, tables, new);
	pthread_mutex_unlock(&w->mutex);
	for (i = 0; i < count && rc == 0; i++)
		rc = encode_new(m, &new[i], e);
	pthread_mutex_lock(&w->mutex);
	if (rc == 0)
		rc = flush_if_large(w, e);
	for (i = 0; i < count && rc == 0; i++)
		rc = pend_table(w, m, &new[i], tables[new[i].member], e);
	if (rc == 0)
		rc = put_program(w, put, tables, e);
	pthread_mutex_unlock(&w->mutex);
	for (i = 0; i < count; i++)
		buf_release(&new[i].record);
	free(new);
	return rc;
}

int catalogue_put_mapping(struct catalogue_write *w, const struct catalogue_put *put, struct err *e)
{
	const struct mapping *m = put->mapping;
	const uint8_t(*tables)[TABLE_KEY_BYTES] = put->table_keys;
	uint8_t(*own)[TABLE_KEY_BYTES] = NULL;
	size_t i;
	int rc = 0;

	if (!tables) {
		own = xcalloc(m->member_count, sizeof(*own));
		for (i = 0; i < m->member_count && rc == 0; i++)
			rc = catalogue_table_key(m, i, own[i], e);
		tables = (const uint8_t(*)[TABLE_KEY_BYTES])own;
	}
	if (rc == 0)
		rc = put_tables_and_program(w, put, tables, e);
	free(own);
	return rc;
}

/* Where flags and program key stand in a program's record. */
#define FLAGS_AT (RECORD_HEADER + 4)
#define PROGRAM_KEY_AT (RECORD_HEADER + 16)

static int copy_program(struct catalogue_write *w, const struct catalogue_copy *copy, struct err *e)
{
	uint8_t bytes[PROGRAM_DB_KEY_MAX];
	MDB_val key = {.mv_data = bytes}, value;
	struct record r;
	int rc;

	key.mv_size = program_db_key(bytes, copy->from, copy->path);
	rc = read_record(w->snapshot, DB_PROGRAMS, &key, &value, e);
	if (rc == -ENOENT)
		return err_set(e, rc, "epoch %llu has no program '%s'",
			       (unsigned long long)copy->from, copy->path);
	if (rc < 0)
		return rc;
	if (!record_open(&r, DB_PROGRAMS, value.mv_data, value.mv_size) ||
	    value.mv_size < PROGRAM_KEY_AT + PROGRAM_KEY_BYTES)
		return record_damaged(w->store, DB_PROGRAMS, &key, e);
	buf_clear(&w->scratch);
	buf_put(&w->scratch, value.mv_data, value.mv_size);
	memcpy(w->scratch.data + FLAGS_AT, &copy->flags, sizeof(copy->flags));
	if (copy->program_key)
		memcpy(w->scratch.data + PROGRAM_KEY_AT, copy->program_key, PROGRAM_KEY_BYTES);
	record_finish(&w->scratch, 0);
	epoch_key(bytes, copy->to);
	value = (MDB_val){.mv_size = w->scratch.used, .mv_data = w->scratch.data};
	pend(w, DB_PROGRAMS, &key, &value);
	return 0;
}

int catalogue_copy_program(struct catalogue_write *w, const struct catalogue_copy *copy,
			   struct err *e)
{
	int rc;

	pthread_mutex_lock(&w->mutex);
	rc = check_snapshot(w, e);
	if (rc == 0)
		rc = copy_program(w, copy, e);
	pthread_mutex_unlock(&w->mutex);
	return rc;
}
