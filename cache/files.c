/* files.c - the scan's memory, and the roots that a scan begins at */
#include "cache/internal.h"

#include <errno.h>
#include <stdlib.h>

/* file (behind the header): identity, u32 class, u32 bytes of path, u64 extra, path */
static void file_encode(struct buf *b, const struct catalogue_file *f)
{
	buf_clear(b);
	record_begin(b, DB_FILES);
	put_identity(b, &f->identity);
	buf_put_u32(b, f->class);
	put_text_size(b, f->path);
	buf_put_u64(b, f->extra);
	put_text(b, f->path);
	record_finish(b, 0);
}

static bool file_decode(const MDB_val *value, struct arena *a, struct catalogue_file *f)
{
	struct record r;
	uint32_t path;

	if (!record_open(&r, DB_FILES, value->mv_data, value->mv_size))
		return false;
	record_identity(&r, &f->identity);
	f->class = record_u32(&r);
	path = record_u32(&r);
	f->extra = record_u64(&r);
	f->path = record_text(&r, path, a);
	return !r.bad && r.at == r.end && f->path;
}

int catalogue_get_files(struct catalogue_read *r, struct arena *a, struct catalogue_file **out,
			size_t *count, struct err *e)
{
	struct catalogue_file *list = NULL;
	size_t n = 0, capacity = 0;
	MDB_val key, value;
	MDB_cursor *cursor;
	int step, rc = 0;

	step = mdb_cursor_open(r->txn, r->store->dbi[DB_FILES], &cursor);
	if (step)
		return store_fail(r->store, step, "read", e);
	while (rc == 0 && !(step = read_step(r, cursor, &key, &value, MDB_NEXT))) {
		list = array_grow(list, n, &capacity, sizeof(*list));
		if (!file_decode(&value, a, &list[n++]))
			rc = record_damaged(r->store, DB_FILES, &key, e);
	}
	mdb_cursor_close(cursor);
	if (rc == 0 && step != MDB_NOTFOUND)
		rc = store_fail(r->store, step, "read", e);
	rc = read_verify(r, rc, e);
	if (rc == 0) {
		*out = arena_memdup(a, list, n * sizeof(*list));
		*count = n;
	}
	free(list);
	return rc;
}

/* Records of files that the scan did not meet again go; damaged ones too. */
static void forget_missing(struct catalogue_write *w, const struct map *seen)
{
	struct arena a = ARENA_INIT;
	struct catalogue_file f;
	MDB_val key, value;
	MDB_cursor *cursor;

	if (mdb_cursor_open(w->snapshot->txn, w->store->dbi[DB_FILES], &cursor))
		return;
	while (!read_step(w->snapshot, cursor, &key, &value, MDB_NEXT)) {
		if (!file_decode(&value, &a, &f) ||
		    !map_find(seen, string_key(f.path)))
			pend(w, DB_FILES, &key, NULL);
	}
	mdb_cursor_close(cursor);
	arena_release(&a);
}

int catalogue_put_files(struct catalogue_write *w, const struct catalogue_file *files, size_t count,
			struct err *e)
{
	uint8_t bytes[PATH_KEY_MAX];
	struct buf b = BUF_INIT;
	struct map seen = MAP_INIT;
	MDB_val key = {.mv_data = bytes}, data, old;
	size_t i;
	int rc = check_snapshot(w, e);

	if (rc < 0)
		return rc;
	for (i = 0; i < count; i++)
		if (files[i].path[0] != '/')
			return err_set(e, -EINVAL, "'%s' is no absolute path", files[i].path);
	pthread_mutex_lock(&w->mutex);
	for (i = 0; i < count; i++) {
		key.mv_size = path_key(bytes, files[i].path);
		file_encode(&b, &files[i]);
		data = (MDB_val){.mv_size = b.used, .mv_data = b.data};
		map_add(&seen, string_key(files[i].path));
		if (read_record(w->snapshot, DB_FILES, &key, &old, NULL) == 0 &&
		    old.mv_size == data.mv_size &&
		    memcmp(old.mv_data, data.mv_data, old.mv_size) == 0)
			continue;
		pend(w, DB_FILES, &key, &data);
	}
	forget_missing(w, &seen);
	pthread_mutex_unlock(&w->mutex);
	map_release(&seen);
	buf_release(&b);
	return 0;
}

/* ---- roots: the record is the folder's name again, behind the header ---- */

int catalogue_list_roots(struct catalogue_read *r, struct arena *a, const char ***out,
			 size_t *count, struct err *e)
{
	const char **list = NULL;
	size_t n = 0, capacity = 0;
	MDB_val key, value;
	MDB_cursor *cursor;
	struct record rec;
	int step, rc = 0;

	step = mdb_cursor_open(r->txn, r->store->dbi[DB_ROOTS], &cursor);
	if (step)
		return store_fail(r->store, step, "read", e);
	while (rc == 0 && !(step = read_step(r, cursor, &key, &value, MDB_NEXT))) {
		list = array_grow(list, n, &capacity, sizeof(*list));
		list[n] = NULL;
		if (record_open(&rec, DB_ROOTS, value.mv_data, value.mv_size))
			list[n] = record_text(&rec, (uint32_t)(rec.end - rec.at), a);
		if (!list[n++])
			rc = record_damaged(r->store, DB_ROOTS, &key, e);
	}
	mdb_cursor_close(cursor);
	if (rc == 0 && step != MDB_NOTFOUND)
		rc = store_fail(r->store, step, "read", e);
	rc = read_verify(r, rc, e);
	if (rc == 0) {
		*out = arena_memdup(a, list, n * sizeof(*list));
		*count = n;
	}
	free(list);
	return rc;
}

static int change_root(struct store *s, const char *folder, bool add, int *changed, struct err *e)
{
	uint8_t bytes[PATH_KEY_MAX];
	MDB_val key = {.mv_data = bytes}, value, data;
	struct catalogue_write *w;
	struct buf b = BUF_INIT;
	bool there;
	int rc;

	if (folder[0] != '/' || strlen(folder) >= CATALOGUE_PATH_MAX)
		return err_set(e, -EINVAL, "'%s' is no absolute path", folder);
	rc = store_lock_exclusive(s, e);
	if (rc < 0)
		return rc;
	rc = catalogue_write_begin(&w, s, e);
	if (rc == 0) {
		key.mv_size = path_key(bytes, folder);
		there = read_record(w->snapshot, DB_ROOTS, &key, &value, NULL) == 0;
		record_begin(&b, DB_ROOTS);
		put_text(&b, folder);
		record_finish(&b, 0);
		data = (MDB_val){.mv_size = b.used, .mv_data = b.data};
		if (there != add)
			pend(w, DB_ROOTS, &key, add ? &data : NULL);
		rc = catalogue_write_commit(w, e);
		if (rc == 0)
			*changed = there != add;
		buf_release(&b);
	}
	store_unlock(s);
	return rc;
}

int catalogue_add_root(struct store *s, const char *folder, int *changed, struct err *e)
{
	return change_root(s, folder, true, changed, e);
}

int catalogue_remove_root(struct store *s, const char *folder, int *changed, struct err *e)
{
	return change_root(s, folder, false, changed, e);
}
