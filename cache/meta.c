/* meta.c - the one record about the store itself: whose it is, and of which kind */
#include "cache/internal.h"

#include <errno.h>

const MDB_val meta_key = {.mv_size = 5, .mv_data = "store"};

void meta_encode(struct buf *b, const struct store_meta *m)
{
	record_begin(b, DB_META);
	buf_put_u32(b, CATALOGUE_VERSION);
	buf_put_u32(b, m->flags);
	buf_put_u64(b, m->id);
	buf_put_u64(b, m->last_epoch);
	record_finish(b, 0);
}

bool meta_decode(const MDB_val *value, struct store_meta *m)
{
	struct record r;

	if (!record_open(&r, DB_META, value->mv_data, value->mv_size))
		return false;
	m->version = record_u32(&r);
	m->flags = record_u32(&r);
	m->id = record_u64(&r);
	m->last_epoch = record_u64(&r);
	return !r.bad && m->id;
}

bool store_is_portable(const struct store *s)
{
	return s->portable;
}

static int mark(struct store *s, bool portable, struct err *e)
{
	MDB_val key = meta_key, value;
	struct catalogue_write *w;
	struct store_meta meta;
	struct buf b = BUF_INIT;
	int rc = catalogue_write_begin(&w, s, e);

	if (rc < 0)
		return rc;
	rc = read_record(w->snapshot, DB_META, &key, &value, e);
	if (rc == 0 && !meta_decode(&value, &meta))
		rc = record_damaged(s, DB_META, &meta_key, e);
	if (rc < 0) {
		catalogue_write_abort(w);
		return rc;
	}
	meta.flags = portable ? META_PORTABLE : 0;
	meta_encode(&b, &meta);
	value = (MDB_val){.mv_size = b.used, .mv_data = b.data};
	pend(w, DB_META, &key, &value);
	buf_release(&b);
	rc = catalogue_write_commit(w, e);
	if (rc == 0)
		s->portable = portable;
	return rc;
}

int store_choose_portable(struct store *s, bool portable, struct err *e)
{
	struct catalogue_read *read;
	uint64_t last;
	int rc;

	if (s->portable == portable)
		return 0;
	rc = catalogue_read_begin(&read, s, e);
	if (rc < 0)
		return rc;
	rc = catalogue_last_epoch(read, &last, e);
	catalogue_read_end(read);
	if (rc == 0 && last)
		rc = err_set(e, -EINVAL, "the store '%s' is %s, and all its epochs are: "
			     "%s one needs a folder of its own", s->dir,
			     s->portable ? "portable" : "a local one",
			     s->portable ? "a local" : "a portable");
	return rc < 0 ? rc : mark(s, portable, e);
}
