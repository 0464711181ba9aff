/* exports.c - what objects define: one record per content */
#include "cache/internal.h"

#include <errno.h>

int catalogue_put_exports(struct catalogue_write *w, uint64_t object,
			  const struct catalogue_exports *exports, struct err *e)
{
	MDB_val key = {.mv_size = sizeof(object), .mv_data = &object}, data;
	struct buf b = BUF_INIT;
	int rc;

	record_begin(&b, DB_EXPORTS);
	buf_put(&b, exports->list, exports->count * sizeof(*exports->list));
	record_finish(&b, 0);
	data = (MDB_val){.mv_size = b.used, .mv_data = b.data};
	pthread_mutex_lock(&w->mutex);
	rc = check_snapshot(w, e);
	if (rc == 0 && !is_known(w, DB_EXPORTS, &key))
		rc = pend_new(w, DB_EXPORTS, &key, &data, e);
	pthread_mutex_unlock(&w->mutex);
	buf_release(&b);
	return rc;
}

int catalogue_get_exports(struct catalogue_read *r, uint64_t object, struct arena *a,
			  struct catalogue_exports *out, struct err *e)
{
	MDB_val key = {.mv_size = sizeof(object), .mv_data = &object}, value;
	struct catalogue_exports x = {0};
	struct record rec;
	int rc = read_record(r, DB_EXPORTS, &key, &value, e);

	if (rc == 0 && (!record_open(&rec, DB_EXPORTS, value.mv_data, value.mv_size) ||
			(size_t)(rec.end - rec.at) % sizeof(*x.list)))
		rc = record_damaged(r->store, DB_EXPORTS, &key, e);
	if (rc == 0) {
		x.count = (size_t)(rec.end - rec.at) / sizeof(*x.list);
		x.list = arena_memdup(a, rec.at, x.count * sizeof(*x.list));
	}
	rc = read_verify(r, rc, e);
	if (rc == 0)
		*out = x;
	return rc;
}
