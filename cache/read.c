/* read.c - snapshots, and the records that are read by their keys */
#include "cache/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <xxhash.h>

static int begin_txn(struct store *s, MDB_txn **txn, struct err *e)
{
	int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, txn);
	int dead;

	if (rc == MDB_READERS_FULL) {
		/* Places of processes that were killed while they read. */
		mdb_reader_check(s->env, &dead);
		rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, txn);
	}
	if (rc == MDB_MAP_RESIZED && !s->snapshots) {
		/* Another process has let the file grow beyond our map. */
		if (store_grow(s, e) < 0)
			return -ENOSPC;
		rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, txn);
	}
	return rc ? store_fail(s, rc, "read", e) : 0;
}

/*
 * Finds the map: LMDB does not tell where it is, but every page begins with
 * its own number.  The answer is believed only where the file's first page,
 * with LMDB's mark in it, is found at the beginning.  Whether anything is
 * mapped there is asked with msync(), which sandboxes allow (not mincore()).
 */
static int find_map(struct catalogue_read *r, struct err *e)
{
	const uint32_t lmdb_mark = 0xbeefc0de;
	MDB_val key = meta_key, value;
	const uint8_t *page;
	MDB_envinfo info;
	MDB_stat st;
	int rc = mdb_get(r->txn, r->store->dbi[DB_META], &key, &value);

	if (rc)
		return store_fail(r->store, rc, "read", e);
	mdb_env_info(r->store->env, &info);
	mdb_env_stat(r->store->env, &st);
	page = (const uint8_t *)((uintptr_t)value.mv_data & ~(uintptr_t)(st.ms_psize - 1));
	r->map = page - load_u64(page) * st.ms_psize;
	r->map_end = r->map + (info.me_last_pgno + 1) * st.ms_psize;
	if (msync((void *)r->map, st.ms_psize, MS_ASYNC) < 0 ||
	    load_u32(r->map + 16) != lmdb_mark || page < r->map || page >= r->map_end)
		return store_fail(r->store, MDB_CORRUPTED, "read", e);
	return 0;
}

static bool in_map(const struct catalogue_read *r, const MDB_val *v)
{
	const uint8_t *p = v->mv_data;

	return p >= r->map && p < r->map_end && v->mv_size <= (size_t)(r->map_end - p);
}

int read_step(struct catalogue_read *r, MDB_cursor *cursor, MDB_val *key, MDB_val *value,
	      MDB_cursor_op op)
{
	int rc = mdb_cursor_get(cursor, key, value, op);

	return !rc && (!in_map(r, key) || !in_map(r, value)) ? MDB_CORRUPTED : rc;
}

int catalogue_read_begin(struct catalogue_read **out, struct store *s, struct err *e)
{
	struct catalogue_read *r;
	MDB_txn *txn;
	int rc;

	pthread_mutex_lock(&s->mutex);
	rc = begin_txn(s, &txn, e);
	if (rc == 0)
		s->snapshots++;
	pthread_mutex_unlock(&s->mutex);
	if (rc < 0)
		return rc;
	r = xcalloc(1, sizeof(*r));
	r->store = s;
	r->txn = txn;
	r->txn_id = mdb_txn_id(txn);
	rc = find_map(r, e);
	if (rc < 0)
		catalogue_read_end(r);
	else
		*out = r;
	return rc;
}

void catalogue_read_end(struct catalogue_read *r)
{
	if (!r)
		return;
	buf_release(&r->expanded);
	buf_release(&r->base);
	pthread_mutex_lock(&r->store->mutex);
	mdb_txn_abort(r->txn);
	r->store->snapshots--;
	pthread_mutex_unlock(&r->store->mutex);
	free(r);
}

int read_verify(struct catalogue_read *r, int code, struct err *e)
{
	MDB_envinfo info;

	if (!r->store->no_lock)
		return code;
	/* LMDB uses a page again at the second commit after the one that freed it. */
	mdb_env_info(r->store->env, &info);
	if (info.me_last_txnid <= r->txn_id + 1)
		return code;
	return err_set(e, -EAGAIN, "'%s' was written twice while it was read: read it again",
		       r->store->mdb_path);
}

int read_record(struct catalogue_read *r, enum database db, const MDB_val *key, MDB_val *value,
		struct err *e)
{
	MDB_val k = *key;
	int rc = mdb_get(r->txn, r->store->dbi[db], &k, value);

	if (rc == MDB_NOTFOUND)
		return err_set(e, -ENOENT, "'%s' has no such record", r->store->mdb_path);
	if (rc)
		return store_fail(r->store, rc, "read", e);
	return in_map(r, value) ? 0 : record_damaged(r->store, db, key, e);
}

/* A record that another one names must be there: without it the store is damaged. */
static int read_named(struct catalogue_read *r, enum database db, const MDB_val *key,
		      MDB_val *value, struct err *e)
{
	int rc = read_record(r, db, key, value, e);

	return rc == -ENOENT ? record_damaged(r->store, db, key, e) : rc;
}

static bool object_decode(uint64_t key, const MDB_val *value, struct arena *a,
			  struct catalogue_object *out)
{
	struct record r = {.at = value->mv_data};
	uint64_t sum = XXH3_64bits(value->mv_data, value->mv_size);
	uint32_t path, soname, search;
	const uint8_t *p;

	r.end = r.at + value->mv_size;
	if (sum != key || record_u8(&r) != RECORD_VERSION)
		return false;
	record_bytes(&r, 3);
	out->build_id_bytes = record_u32(&r);
	out->object_key = record_u64(&r);
	record_identity(&r, &out->identity);
	p = record_bytes(&r, sizeof(out->build_id));
	if (!p || out->build_id_bytes > sizeof(out->build_id))
		return false;
	memcpy(out->build_id, p, sizeof(out->build_id));
	path = record_u32(&r);
	soname = record_u32(&r);
	search = record_u32(&r);
	record_u32(&r);
	out->path = record_text(&r, path, a);
	out->soname = record_text(&r, soname, a);
	out->search_path = record_text(&r, search, a);
	return !r.bad && r.at == r.end && out->path;
}

int catalogue_get_object(struct catalogue_read *r, uint64_t record, struct arena *a,
			 struct catalogue_object *out, struct err *e)
{
	MDB_val key = {.mv_size = sizeof(record), .mv_data = &record}, value;
	struct catalogue_object o = {0};
	int rc = read_named(r, DB_OBJECTS, &key, &value, e);

	if (rc == 0 && !object_decode(record, &value, a, &o))
		rc = record_damaged(r->store, DB_OBJECTS, &key, e);
	rc = read_verify(r, rc, e);
	if (rc == 0)
		*out = o;
	return rc;
}

static bool unpack(const MDB_val *record, struct buf *out)
{
	buf_clear(out);
	return stored_as(record) == STORED_PACKED && table_unpack(record, out);
}

/* Puts a table together that is stored as differences. */
static int expand_table(struct catalogue_read *r, const MDB_val *record, const MDB_val *key,
			struct err *e)
{
	MDB_val base = {.mv_size = TABLE_KEY_BYTES, .mv_data = (void *)delta_base(record)}, value;
	struct catalogue_table t;
	int rc = base.mv_data ? read_named(r, DB_TABLES, &base, &value, e)
			      : record_damaged(r->store, DB_TABLES, key, e);

	if (rc < 0)
		return rc;
	buf_clear(&r->expanded);
	if (!unpack(&value, &r->base) || !table_split(&t, r->base.data, r->base.used))
		return record_damaged(r->store, DB_TABLES, &base, e);
	return delta_expand(record, &t, &r->expanded)
		       ? 0
		       : record_damaged(r->store, DB_TABLES, key, e);
}

int catalogue_get_table(struct catalogue_read *r, const uint8_t table[TABLE_KEY_BYTES],
			struct catalogue_table *out, struct err *e)
{
	MDB_val key = {.mv_size = TABLE_KEY_BYTES, .mv_data = (void *)table}, value;
	struct catalogue_table t = {0};
	int rc = read_named(r, DB_TABLES, &key, &value, e);

	if (rc == 0 && stored_as(&value) == STORED_DIFFERENCES)
		rc = expand_table(r, &value, &key, e);
	else if (rc == 0 && !unpack(&value, &r->expanded))
		rc = record_damaged(r->store, DB_TABLES, &key, e);
	if (rc == 0 && !table_open(&t, table, r->expanded.data, r->expanded.used))
		rc = record_damaged(r->store, DB_TABLES, &key, e);
	rc = read_verify(r, rc, e);
	if (rc == 0)
		*out = t;
	return rc;
}

int catalogue_get_string(struct catalogue_read *r, uint64_t string, const char **out, struct err *e)
{
	MDB_val key = {.mv_size = sizeof(string), .mv_data = &string}, value;
	int rc = read_named(r, DB_STRINGS, &key, &value, e);
	const char *s;

	if (rc == 0) {
		s = value.mv_data;
		if (!value.mv_size || s[value.mv_size - 1] || string_key(s) != string)
			rc = record_damaged(r->store, DB_STRINGS, &key, e);
	}
	rc = read_verify(r, rc, e);
	if (rc == 0)
		*out = value.mv_data;
	return rc;
}

uint64_t catalogue_string_key(const char *s) { return string_key(s); }

static void decode_member(struct record *r, struct catalogue_member *m)
{
	const uint8_t *table;

	m->object_record = record_u64(r);
	table = record_bytes(r, TABLE_KEY_BYTES);
	if (table)
		memcpy(m->table, table, TABLE_KEY_BYTES);
	m->request = record_u64(r);
	m->found_in = record_u64(r);
	m->requirer = record_u32(r);
	m->found_by = record_u32(r);
	m->is_loader = record_u32(r);
	record_u32(r);
}

/* Members and fixups, whose numbers are checked against what is left of the record. */
static bool decode_lists(struct record *r, struct arena *a, struct catalogue_program *p)
{
	size_t i;

	if (r->bad || p->member_count > (size_t)(r->end - r->at) / MEMBER_BYTES)
		return false;
	p->members = arena_alloc(a, p->member_count * sizeof(*p->members));
	for (i = 0; i < p->member_count; i++) {
		decode_member(r, &p->members[i]);
		if (p->members[i].requirer >= p->member_count)
			return false;
	}
	if (p->fixup_count > (size_t)(r->end - r->at) / FIXUP_BYTES)
		return false;
	p->fixups = arena_alloc(a, p->fixup_count * sizeof(*p->fixups));
	for (i = 0; i < p->fixup_count; i++) {
		p->fixups[i].member = record_u32(r);
		p->fixups[i].binding = record_u32(r);
		p->fixups[i].value = record_u64(r);
		if (p->fixups[i].member >= p->member_count)
			return false;
	}
	return true;
}

static bool decode_program(struct record *r, struct arena *a, struct catalogue_program *p)
{
	uint32_t path, detail;
	const uint8_t *key;

	p->reason = record_u32(r);
	p->flags = record_u32(r);
	p->needs_path = record_u32(r);
	p->lazy_left = record_u32(r);
	key = record_bytes(r, PROGRAM_KEY_BYTES);
	if (key)
		memcpy(p->key, key, PROGRAM_KEY_BYTES);
	p->bindings = record_u64(r);
	p->member_count = record_u32(r);
	p->fixup_count = record_u32(r);
	path = record_u32(r);
	detail = record_u32(r);
	if (!decode_lists(r, a, p))
		return false;
	p->path = record_text(r, path, a);
	p->detail = record_text(r, detail, a);
	return !r->bad && r->at == r->end && p->path;
}

int program_decode(struct catalogue_read *r, const MDB_val *key, const MDB_val *value,
		   struct arena *a, struct catalogue_program *out, struct err *e)
{
	struct catalogue_program p = {0};
	uint8_t again[PROGRAM_DB_KEY_MAX];
	struct record rec;
	size_t n;

	if (!record_open(&rec, DB_PROGRAMS, value->mv_data, value->mv_size) ||
	    !decode_program(&rec, a, &p) || key->mv_size < 8)
		return record_damaged(r->store, DB_PROGRAMS, key, e);
	/* The record says itself whose it is: a key that names another program is damaged. */
	n = program_db_key(again, epoch_from_key(key->mv_data), p.path);
	if (n != key->mv_size || memcmp(again, key->mv_data, n) != 0)
		return record_damaged(r->store, DB_PROGRAMS, key, e);
	*out = p;
	return 0;
}

int catalogue_get_program(struct catalogue_read *r, uint64_t epoch, const char *path,
			  struct arena *a, struct catalogue_program *out, struct err *e)
{
	uint8_t bytes[PROGRAM_DB_KEY_MAX];
	MDB_val key = {.mv_data = bytes}, value;
	struct catalogue_program p;
	int rc;

	key.mv_size = program_db_key(bytes, epoch, path);
	rc = read_record(r, DB_PROGRAMS, &key, &value, e);
	if (rc == -ENOENT)
		err_set(e, rc, "epoch %llu has no program '%s'", (unsigned long long)epoch, path);
	if (rc == 0)
		rc = program_decode(r, &key, &value, a, &p, e);
	rc = read_verify(r, rc, e);
	if (rc == 0)
		*out = p;
	return rc;
}

int read_programs(struct catalogue_read *r, const MDB_val *prefix, struct program_walk *walk,
		  struct err *e)
{
	struct arena a = ARENA_INIT;
	struct catalogue_program p;
	MDB_val key = *prefix, value;
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(r->txn, r->store->dbi[DB_PROGRAMS], &cursor), step;

	if (rc)
		return store_fail(r->store, rc, "read", e);
	step = read_step(r, cursor, &key, &value, prefix->mv_size ? MDB_SET_RANGE : MDB_FIRST);
	while (!step && rc == 0 && key.mv_size >= prefix->mv_size &&
	       memcmp(key.mv_data, prefix->mv_data, prefix->mv_size) == 0) {
		rc = read_verify(r, program_decode(r, &key, &value, &a, &p, e), e);
		if (rc == 0)
			rc = walk->each(walk->context, &p, e);
		arena_release(&a);
		step = read_step(r, cursor, &key, &value, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	if (rc == 0 && step && step != MDB_NOTFOUND)
		return store_fail(r->store, step, "read", e);
	return rc;
}

int catalogue_each_program(struct catalogue_read *r, uint64_t epoch, catalogue_program_fn *each,
			   void *context, struct err *e)
{
	struct program_walk walk = {.each = each, .context = context};
	uint8_t bytes[8];
	MDB_val prefix = {.mv_size = sizeof(bytes), .mv_data = bytes};

	epoch_key(bytes, epoch);
	return read_programs(r, &prefix, &walk, e);
}
