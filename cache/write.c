/* write.c - changes are collected, then put into LMDB at once */
#include "cache/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Tables beyond this many bytes do not wait in memory for the commit. */
#define FLUSH_BYTES ((size_t)128 << 20)

int catalogue_write_begin(struct catalogue_write **out, struct store *s, struct err *e)
{
	struct catalogue_write *w;
	struct catalogue_read *snapshot;
	int rc = 0, dead;

	pthread_mutex_lock(&s->mutex);
	if (!s->lock_depth)
		rc = err_set(e, -EPERM, "the store '%s' is not locked for writing", s->dir);
	else if (s->writing)
		rc = err_set(e, -EBUSY, "the store '%s' is being written already", s->dir);
	else
		s->writing = true;
	pthread_mutex_unlock(&s->mutex);
	if (rc < 0)
		return rc;
	/* Dead readers would keep old pages from being used again for ever. */
	mdb_reader_check(s->env, &dead);
	rc = catalogue_read_begin(&snapshot, s, e);
	if (rc < 0) {
		s->writing = false;
		return rc;
	}
	w = xcalloc(1, sizeof(*w));
	w->store = s;
	w->snapshot = snapshot;
	pthread_mutex_init(&w->mutex, NULL);
	*out = w;
	return 0;
}

void catalogue_write_abort(struct catalogue_write *w)
{
	int i;

	if (!w)
		return;
	catalogue_read_end(w->snapshot);
	for (i = 0; i < DB_COUNT; i++) {
		free(w->lists[i].items);
		map_release(&w->known[i]);
	}
	map_release(&w->bases);
	arena_release(&w->arena);
	arena_release(&w->tables);
	buf_release(&w->scratch);
	w->store->writing = false;
	pthread_mutex_destroy(&w->mutex);
	free(w);
}

/* ---- collecting ---- */

static struct pending *add(struct catalogue_write *w, enum database db, const MDB_val *key,
			   const MDB_val *data)
{
	struct arena *a = db == DB_TABLES ? &w->tables : &w->arena;
	struct pending_list *l = &w->lists[db];
	struct pending *p;

	l->items = array_grow(l->items, l->count, &l->capacity, sizeof(*l->items));
	p = &l->items[l->count++];
	*p = (struct pending){.key_bytes = (uint16_t)key->mv_size, .order = (uint32_t)l->count};
	p->key = arena_memdup(a, key->mv_data, key->mv_size);
	if (data) {
		p->data = arena_memdup(a, data->mv_data, data->mv_size);
		p->data_bytes = data->mv_size;
	}
	return p;
}

void pend(struct catalogue_write *w, enum database db, const MDB_val *key, const MDB_val *data)
{
	add(w, db, key, data);
}

static bool same(const void *a, size_t a_bytes, const MDB_val *b)
{
	return a_bytes == b->mv_size && memcmp(a, b->mv_data, a_bytes) == 0;
}

int is_known(struct catalogue_write *w, enum database db, const MDB_val *key)
{
	const struct pending *p;
	uint64_t h = load_u64(key->mv_data);
	const struct map_entry *known = map_find(&w->known[db], h);
	MDB_val value;

	if (known) {
		if (known->number == PENDING_STORED)
			return read_record(w->snapshot, db, key, &value, NULL) == 0;
		p = &w->lists[db].items[known->number];
		return same(p->key, p->key_bytes, key);
	}
	if (read_record(w->snapshot, db, key, &value, NULL) < 0)
		return 0;
	map_add(&w->known[db], h)->number = PENDING_STORED;
	return 1;
}

static int two_of_one_key(enum database db, const MDB_val *old, const MDB_val *data, struct err *e)
{
	if (db != DB_STRINGS || !old->mv_size || ((const char *)old->mv_data)[old->mv_size - 1])
		return err_set(e, -EEXIST, "two different records of %s have one key", db_name(db));
	return err_set(e, -EEXIST, "two strings have one key: '%.200s' and '%.200s'",
		       (const char *)old->mv_data, (const char *)data->mv_data);
}

int pend_new(struct catalogue_write *w, enum database db, const MDB_val *key, const MDB_val *data,
	     struct err *e)
{
	const struct pending *p;
	uint64_t h = load_u64(key->mv_data);
	const struct map_entry *known = map_find(&w->known[db], h);
	MDB_val value;
	int rc;

	if (known) {
		/* It was compared when it was found there, but for its like. */
		if (known->number == PENDING_STORED)
			rc = read_record(w->snapshot, db, key, &value, e);
		else {
			p = &w->lists[db].items[known->number];
			value = (MDB_val){.mv_size = p->data_bytes, .mv_data = (void *)p->data};
			rc = 0;
		}
		if (rc == 0 && !same(value.mv_data, value.mv_size, data))
			rc = two_of_one_key(db, &value, data, e);
		return rc;
	}
	rc = read_record(w->snapshot, db, key, &value, NULL);
	if (rc == 0) {
		if (!same(value.mv_data, value.mv_size, data))
			return two_of_one_key(db, &value, data, e);
		map_add(&w->known[db], h)->number = PENDING_STORED;
		return 0;
	}
	if (rc != -ENOENT)
		return read_record(w->snapshot, db, key, &value, e);
	map_add(&w->known[db], h)->number = w->lists[db].count;
	add(w, db, key, data)->is_new = 1;
	return 0;
}

/* ---- committing ---- */

static int compare_bytes(const struct pending *a, const struct pending *b)
{
	size_t n = a->key_bytes < b->key_bytes ? a->key_bytes : b->key_bytes;
	int c = memcmp(a->key, b->key, n);

	if (c)
		return c;
	return (a->key_bytes > b->key_bytes) - (a->key_bytes < b->key_bytes);
}

static int by_bytes(const void *left, const void *right)
{
	const struct pending *a = left, *b = right;
	int c = compare_bytes(a, b);

	return c ? c : (a->order > b->order) - (a->order < b->order);
}

static int by_number(const void *left, const void *right)
{
	const struct pending *a = left, *b = right;
	uint64_t x = load_u64(a->key), y = load_u64(b->key);

	return (x > y) - (x < y);
}

static bool is_integer(enum database db)
{
	return db == DB_OBJECTS || db == DB_STRINGS || db == DB_EXPORTS;
}

/* True where the first key comes behind all stored ones: then pages fill from left to right. */
static bool may_append(MDB_cursor *cursor, enum database db, const struct pending *first)
{
	struct pending last = {0};
	MDB_val key, value;

	if (mdb_cursor_get(cursor, &key, &value, MDB_LAST))
		return true;
	last.key = key.mv_data;
	last.key_bytes = (uint16_t)key.mv_size;
	return is_integer(db) ? by_number(first, &last) > 0 : compare_bytes(first, &last) > 0;
}

static int put_one(MDB_cursor *cursor, MDB_txn *txn, const struct pending *p, unsigned append)
{
	MDB_val key = {.mv_size = p->key_bytes, .mv_data = (void *)p->key};
	MDB_val data = {.mv_size = p->data_bytes, .mv_data = (void *)p->data};
	int rc;

	if (!p->data) {
		rc = mdb_del(txn, mdb_cursor_dbi(cursor), &key, NULL);
		return rc == MDB_NOTFOUND ? 0 : rc;
	}
	rc = mdb_cursor_put(cursor, &key, &data, append | (p->is_new ? MDB_NOOVERWRITE : 0));
	return rc == MDB_KEYEXIST && p->is_new ? 0 : rc;
}

/* `items` are sorted; of several changes to one record the last one counts. */
static int put_sorted(MDB_txn *txn, MDB_cursor *cursor, enum database db,
		      const struct pending *items, size_t count)
{
	unsigned append = may_append(cursor, db, &items[0]) ? MDB_APPEND : 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < count && !rc; i++)
		if (i + 1 == count || compare_bytes(&items[i], &items[i + 1]) != 0)
			rc = put_one(cursor, txn, &items[i], append);
	return rc;
}

/* The list itself keeps its order, which the key sets refer to. */
static int put_list(struct catalogue_write *w, MDB_txn *txn, enum database db)
{
	struct pending_list *l = &w->lists[db];
	size_t count = l->count - l->done;
	struct pending *sorted;
	MDB_cursor *cursor;
	int rc;

	if (!count)
		return 0;
	rc = mdb_cursor_open(txn, w->store->dbi[db], &cursor);
	if (rc)
		return rc;
	sorted = xmalloc(count * sizeof(*sorted));
	memcpy(sorted, l->items + l->done, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), is_integer(db) ? by_number : by_bytes);
	rc = put_sorted(txn, cursor, db, sorted, count);
	free(sorted);
	mdb_cursor_close(cursor);
	return rc;
}

/*
 * Lets the file reach its last page: LMDB does not write pages that were
 * freed in the transaction that made them, and store.c takes a file that ends
 * early for a damaged one.
 */
static void reach_last_page(struct store *s)
{
	struct stat st;
	uint64_t need = store_catalogue_bytes(s);

	if (stat(s->mdb_path, &st) == 0 && (uint64_t)st.st_size < need &&
	    truncate(s->mdb_path, (off_t)need) < 0)
		return;
}

/* LMDB tells a short write, which only a full disk brings about, as EIO. */
static int full_disk(struct store *s, int rc)
{
	struct statvfs fs;

	if (rc == EIO && fstatvfs(s->dirfd, &fs) == 0 && fs.f_bavail * fs.f_frsize < 1 << 20)
		return ENOSPC;
	return rc;
}

static bool is_content(int db)
{
	return db == DB_OBJECTS || db == DB_STRINGS || db == DB_TABLES || db == DB_EXPORTS;
}

static int commit_once(struct catalogue_write *w, bool content_only)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(w->store->env, NULL, 0, &txn), db;

	if (rc)
		return rc;
	for (db = 0; db < DB_COUNT && !rc; db++)
		if (!content_only || is_content(db))
			rc = put_list(w, txn, db);
	if (rc) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

/* A map that became too small is enlarged; nothing of ours may look into it meanwhile. */
static int commit_growing(struct catalogue_write *w, bool content_only, struct err *e)
{
	struct store *s = w->store;
	int rc = commit_once(w, content_only);

	while (rc == MDB_MAP_FULL || rc == MDB_MAP_RESIZED) {
		pthread_mutex_lock(&s->mutex);
		if (s->snapshots || store_grow(s, e) < 0) {
			pthread_mutex_unlock(&s->mutex);
			return store_fail(s, MDB_MAP_FULL, "write", e);
		}
		pthread_mutex_unlock(&s->mutex);
		rc = commit_once(w, content_only);
	}
	if (rc)
		return store_fail(s, full_disk(s, rc), "write", e);
	reach_last_page(s);
	return 0;
}

/* What is on disk now need not be remembered, but for strings, which many tables share. */
static void forget_flushed(struct catalogue_write *w)
{
	struct map *known = &w->known[DB_TABLES];
	size_t i;
	int db;

	for (i = 0; i < known->capacity; i++)
		if (known->entries[i].key)
			known->entries[i].number = PENDING_STORED;
	w->lists[DB_TABLES].count = 0;
	arena_release(&w->tables);
	for (db = 0; db < DB_COUNT; db++)
		if (is_content(db))
			w->lists[db].done = w->lists[db].count;
}

int check_snapshot(const struct catalogue_write *w, struct err *e)
{
	if (w->snapshot)
		return 0;
	return err_set(e, -EIO, "'%s' could not be read again", w->store->mdb_path);
}

int flush_if_large(struct catalogue_write *w, struct err *e)
{
	int rc = check_snapshot(w, e);

	if (rc < 0 || w->tables.total < FLUSH_BYTES)
		return rc;
	catalogue_read_end(w->snapshot);
	w->snapshot = NULL;
	rc = commit_growing(w, true, e);
	if (rc == 0)
		forget_flushed(w);
	/* Where this fails there is no snapshot any more, which check_snapshot() tells. */
	if (rc == 0)
		return catalogue_read_begin(&w->snapshot, w->store, e);
	catalogue_read_begin(&w->snapshot, w->store, NULL);
	return rc;
}

static void pend_last_epoch(struct catalogue_write *w)
{
	MDB_val key = meta_key, value;
	struct store_meta meta;

	if (!w->last_epoch || read_record(w->snapshot, DB_META, &key, &value, NULL) < 0 ||
	    !meta_decode(&value, &meta) || meta.last_epoch >= w->last_epoch)
		return;
	meta.last_epoch = w->last_epoch;
	buf_clear(&w->scratch);
	meta_encode(&w->scratch, &meta);
	value = (MDB_val){.mv_size = w->scratch.used, .mv_data = w->scratch.data};
	pend(w, DB_META, &key, &value);
}

int catalogue_write_commit(struct catalogue_write *w, struct err *e)
{
	size_t changes = 0;
	int rc = check_snapshot(w, e), db;

	if (rc < 0) {
		catalogue_write_abort(w);
		return rc;
	}
	pend_last_epoch(w);
	for (db = 0; db < DB_COUNT; db++)
		changes += w->lists[db].count - w->lists[db].done;
	/* The snapshot would keep the pages that this commit frees. */
	catalogue_read_end(w->snapshot);
	w->snapshot = NULL;
	if (changes)
		rc = commit_growing(w, false, e);
	catalogue_write_abort(w);
	return rc;
}
