/* sweep.c - records that no program uses any more go */
#include "cache/internal.h"

#include <errno.h>
#include <stdlib.h>

struct sweep {
	struct catalogue_write *w;
	struct map live[DB_COUNT]; /* of objects, strings, tables, exports */
	struct catalogue_swept swept;
};

static void keep(struct sweep *s, enum database db, uint64_t key)
{
	if (key)
		map_add(&s->live[db], key);
}

static int keep_table(struct sweep *s, const uint8_t key[TABLE_KEY_BYTES], struct err *e);

/* And with it what it differs from. */
static int keep_differences(struct sweep *s, const uint8_t *key, const MDB_val *record, struct err *e)
{
	size_t count = delta_count(record), i;

	keep(s, DB_TABLES, load_u64(key));
	for (i = 0; i < count; i++) {
		keep(s, DB_STRINGS, delta_symbol(record, i));
		keep(s, DB_STRINGS, delta_version(record, i));
	}
	return keep_table(s, delta_base(record), e);
}

/* The strings of a table live with it. */
static int keep_table(struct sweep *s, const uint8_t key[TABLE_KEY_BYTES], struct err *e)
{
	MDB_val db_key = {.mv_size = TABLE_KEY_BYTES, .mv_data = (void *)key}, record;
	struct catalogue_table t;
	size_t i;
	int rc;

	if (!load_u64(key) || map_find(&s->live[DB_TABLES], load_u64(key)))
		return 0;
	rc = read_record(s->w->snapshot, DB_TABLES, &db_key, &record, e);
	if (rc == 0 && delta_base(&record))
		return keep_differences(s, key, &record, e);
	if (rc == 0)
		rc = catalogue_get_table(s->w->snapshot, key, &t, e);
	if (rc < 0)
		return rc;
	keep(s, DB_TABLES, load_u64(key));
	for (i = 0; i < t.count; i++)
		keep(s, DB_STRINGS, load_u64(t.entries + i * ENTRY_BYTES + 24));
	for (i = 0; i < t.version_count; i++)
		keep(s, DB_STRINGS, load_u64(t.versions + i * 8));
	return 0;
}

static int keep_object(struct sweep *s, uint64_t record, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct catalogue_object o;
	int rc;

	if (!record || map_find(&s->live[DB_OBJECTS], record))
		return 0;
	keep(s, DB_OBJECTS, record);
	rc = catalogue_get_object(s->w->snapshot, record, &a, &o, e);
	if (rc == 0)
		keep(s, DB_EXPORTS, o.object_key);
	arena_release(&a);
	return rc;
}

static int keep_program(void *context, const struct catalogue_program *p, struct err *e)
{
	struct sweep *s = context;
	size_t i;
	int rc = 0;

	for (i = 0; i < p->member_count && rc == 0; i++) {
		rc = keep_object(s, p->members[i].object_record, e);
		if (rc < 0)
			break;
		keep(s, DB_STRINGS, p->members[i].request);
		keep(s, DB_STRINGS, p->members[i].found_in);
		rc = keep_table(s, p->members[i].table, e);
	}
	return rc;
}

static int drop_unused(struct sweep *s, enum database db, uint64_t *dropped, struct err *e)
{
	MDB_val key, value;
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(s->w->snapshot->txn, s->w->store->dbi[db], &cursor);

	if (rc)
		return store_fail(s->w->store, rc, "read", e);
	while (!(rc = read_step(s->w->snapshot, cursor, &key, &value, MDB_NEXT))) {
		if (key.mv_size >= 8 && map_find(&s->live[db], load_u64(key.mv_data)))
			continue;
		pend(s->w, db, &key, NULL);
		(*dropped)++;
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : store_fail(s->w->store, rc, "read", e);
}

static int sweep(struct sweep *s, struct err *e)
{
	struct program_walk walk = {.each = keep_program, .context = s};
	MDB_val everything = {.mv_size = 0, .mv_data = ""};
	int rc = read_programs(s->w->snapshot, &everything, &walk, e);

	if (rc == 0)
		rc = drop_unused(s, DB_TABLES, &s->swept.tables, e);
	if (rc == 0)
		rc = drop_unused(s, DB_OBJECTS, &s->swept.objects, e);
	if (rc == 0)
		rc = drop_unused(s, DB_STRINGS, &s->swept.strings, e);
	if (rc == 0)
		rc = drop_unused(s, DB_EXPORTS, &s->swept.exports, e);
	return rc;
}

int catalogue_sweep(struct store *store, struct catalogue_swept *out, struct err *e)
{
	struct sweep s = {0};
	int rc, db;

	rc = catalogue_write_begin(&s.w, store, e);
	if (rc < 0)
		return rc;
	rc = sweep(&s, e);
	if (rc == 0)
		rc = catalogue_write_commit(s.w, e);
	else
		catalogue_write_abort(s.w);
	for (db = 0; db < DB_COUNT; db++)
		map_release(&s.live[db]);
	if (rc == 0)
		*out = s.swept;
	return rc;
}
