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

/* The strings go first: a table must never be kept without them. */
static int pend_table(struct catalogue_write *w, const struct mapping *m, size_t member,
		      const uint8_t *table, struct err *e)
{
	const struct member *from = &m->members[member];
	MDB_val key = {.mv_size = TABLE_KEY_BYTES, .mv_data = (void *)table}, data;
	const char *version = NULL;
	uint64_t unused;
	size_t i;
	int rc = 0;

	if (!from->binding_count || is_known(w, DB_TABLES, &key))
		return 0;
	for (i = 0; i < from->binding_count && rc == 0; i++) {
		rc = pend_string(w, from->bindings[i].symbol, &unused, e);
		if (rc == 0 && from->bindings[i].version != version)
			rc = pend_string(w, version = from->bindings[i].version, &unused, e);
	}
	if (rc < 0)
		return rc;
	buf_clear(&w->scratch);
	rc = table_encode(m, member, &w->scratch, e);
	if (rc < 0)
		return rc;
	data = (MDB_val){.mv_size = w->scratch.used, .mv_data = w->scratch.data};
	return pend_new(w, DB_TABLES, &key, &data, e);
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
	if (rc == 0)
		rc = pend_table(w, m, i, table, e);
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

	rc = flush_if_large(w, e);
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
	if (rc == 0) {
		pthread_mutex_lock(&w->mutex);
		rc = put_program(w, put, tables, e);
		pthread_mutex_unlock(&w->mutex);
	}
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
