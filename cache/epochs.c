/* epochs.c - the history: one record per epoch */
#include "cache/internal.h"

#include <errno.h>
#include <stdlib.h>

/* The counts, in the order in which they stand in the record. */
static void put_counts(struct buf *b, const struct catalogue_epoch *p)
{
	const uint64_t counts[] = {
	    p->parent,	    p->flags,	    (uint64_t)p->begun_nsec,
	    p->taken_nsec,  p->programs,    p->eligible,
	    p->published,   p->resolved,    p->libraries,
	    p->tables,	    p->bindings,    p->distinct_bindings,
	    p->pages_bytes, p->image_bytes, p->cache_digest,
	};
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		buf_put_u64(b, counts[i]);
}

static void read_counts(struct record *r, struct catalogue_epoch *p)
{
	uint64_t *const counts[] = {
	    &p->parent,	     &p->flags,	      (uint64_t *)&p->begun_nsec,
	    &p->taken_nsec,  &p->programs,    &p->eligible,
	    &p->published,   &p->resolved,    &p->libraries,
	    &p->tables,	     &p->bindings,    &p->distinct_bindings,
	    &p->pages_bytes, &p->image_bytes, &p->cache_digest,
	};
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		*counts[i] = record_u64(r);
}

int catalogue_put_epoch(struct catalogue_write *w, const struct catalogue_epoch *p, struct err *e)
{
	const char *const texts[] = {p->root, p->note, p->loader_file, p->loader_path};
	uint8_t bytes[8];
	MDB_val key = {.mv_size = sizeof(bytes), .mv_data = bytes}, data;
	struct buf b = BUF_INIT;
	size_t i;

	if (!p->number)
		return err_set(e, -EINVAL, "epoch 0 cannot be kept: numbers begin with 1");
	record_begin(&b, DB_EPOCHS);
	put_counts(&b, p);
	put_identity(&b, &p->loader);
	put_identity(&b, &p->cache);
	put_identity(&b, &p->preload);
	buf_put_u32(&b, p->has_cache);
	buf_put_u32(&b, p->has_preload);
	buf_put_u32(&b, p->cpu_level);
	buf_put_u32(&b, (uint32_t)p->reason_count);
	for (i = 0; i < p->reason_count; i++) {
		buf_put_u32(&b, p->reasons[i].reason);
		buf_put_u32(&b, p->reasons[i].count);
	}
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		put_text_size(&b, texts[i] ? texts[i] : "");
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		put_text(&b, texts[i]);
	put_findings(&b, &p->findings);
	record_finish(&b, 0);
	epoch_key(bytes, p->number);
	data = (MDB_val){.mv_size = b.used, .mv_data = b.data};
	pthread_mutex_lock(&w->mutex);
	pend(w, DB_EPOCHS, &key, &data);
	if (w->last_epoch < p->number)
		w->last_epoch = p->number;
	pthread_mutex_unlock(&w->mutex);
	buf_release(&b);
	return 0;
}

static bool epoch_decode(const MDB_val *key, const MDB_val *value, struct arena *a,
			 struct catalogue_epoch *p)
{
	uint32_t sizes[4];
	struct record r;
	size_t i;

	*p = (struct catalogue_epoch){0};
	if (key->mv_size != 8 || !record_open(&r, DB_EPOCHS, value->mv_data, value->mv_size))
		return false;
	p->number = epoch_from_key(key->mv_data);
	read_counts(&r, p);
	record_identity(&r, &p->loader);
	record_identity(&r, &p->cache);
	record_identity(&r, &p->preload);
	p->has_cache = record_u32(&r);
	p->has_preload = record_u32(&r);
	p->cpu_level = record_u32(&r);
	p->reason_count = record_u32(&r);
	if (r.bad || p->reason_count > (size_t)(r.end - r.at) / 8)
		return false;
	p->reasons = arena_alloc(a, p->reason_count * sizeof(*p->reasons));
	for (i = 0; i < p->reason_count; i++) {
		p->reasons[i].reason = record_u32(&r);
		p->reasons[i].count = record_u32(&r);
	}
	for (i = 0; i < 4; i++)
		sizes[i] = record_u32(&r);
	p->root = record_text(&r, sizes[0], a);
	p->note = record_text(&r, sizes[1], a);
	p->loader_file = record_text(&r, sizes[2], a);
	p->loader_path = record_text(&r, sizes[3], a);
	record_findings(&r, &p->findings, a);
	return !r.bad && r.at == r.end && p->root && p->note && p->loader_file && p->loader_path;
}

int catalogue_get_epoch(struct catalogue_read *r, uint64_t number, struct arena *a,
			struct catalogue_epoch *out, struct err *e)
{
	uint8_t bytes[8];
	MDB_val key = {.mv_size = sizeof(bytes), .mv_data = bytes}, value;
	struct catalogue_epoch p;
	int rc;

	epoch_key(bytes, number);
	rc = read_record(r, DB_EPOCHS, &key, &value, e);
	if (rc == -ENOENT)
		err_set(e, rc, "the store '%s' has no epoch %llu", r->store->dir,
			(unsigned long long)number);
	if (rc == 0 && !epoch_decode(&key, &value, a, &p))
		rc = record_damaged(r->store, DB_EPOCHS, &key, e);
	rc = read_verify(r, rc, e);
	if (rc == 0)
		*out = p;
	return rc;
}

int catalogue_list_epochs(struct catalogue_read *r, struct arena *a, struct catalogue_epoch **out,
			  size_t *count, struct err *e)
{
	struct catalogue_epoch *list = NULL;
	size_t n = 0, capacity = 0;
	MDB_val key, value;
	MDB_cursor *cursor;
	int step, rc = 0;

	step = mdb_cursor_open(r->txn, r->store->dbi[DB_EPOCHS], &cursor);
	if (step)
		return store_fail(r->store, step, "read", e);
	while (rc == 0 && !(step = read_step(r, cursor, &key, &value, MDB_NEXT))) {
		list = array_grow(list, n, &capacity, sizeof(*list));
		if (!epoch_decode(&key, &value, a, &list[n++]))
			rc = record_damaged(r->store, DB_EPOCHS, &key, e);
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

int catalogue_last_epoch(struct catalogue_read *r, uint64_t *out, struct err *e)
{
	MDB_val value;
	struct store_meta meta;
	int rc = read_record(r, DB_META, &meta_key, &value, e);

	if (rc == 0 && !meta_decode(&value, &meta))
		rc = record_damaged(r->store, DB_META, &meta_key, e);
	rc = read_verify(r, rc, e);
	if (rc == 0)
		*out = meta.last_epoch;
	return rc;
}

int catalogue_drop_epoch(struct catalogue_write *w, uint64_t number, struct err *e)
{
	MDB_val key, value;
	MDB_cursor *cursor;
	uint8_t prefix[8];
	int rc = check_snapshot(w, e);

	if (rc < 0)
		return rc;
	rc = mdb_cursor_open(w->snapshot->txn, w->store->dbi[DB_PROGRAMS], &cursor);
	if (rc)
		return store_fail(w->store, rc, "read", e);
	epoch_key(prefix, number);
	key = (MDB_val){.mv_size = sizeof(prefix), .mv_data = prefix};
	rc = read_step(w->snapshot, cursor, &key, &value, MDB_SET_RANGE);
	while (!rc && key.mv_size >= 8 && memcmp(key.mv_data, prefix, 8) == 0) {
		pend(w, DB_PROGRAMS, &key, NULL);
		rc = read_step(w->snapshot, cursor, &key, &value, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	if (rc && rc != MDB_NOTFOUND)
		return store_fail(w->store, rc, "read", e);
	key = (MDB_val){.mv_size = sizeof(prefix), .mv_data = prefix};
	pend(w, DB_EPOCHS, &key, NULL);
	return 0;
}
