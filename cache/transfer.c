#include "cache/transfer.h"

#include "cache/internal.h"

#include <errno.h>

_Static_assert(TRANSFER_VERSION == RECORD_VERSION, "stored tables have the records' version");

static MDB_val record_of(const struct transfer_table *t)
{
	return (MDB_val){.mv_size = t->size, .mv_data = (void *)t->bytes};
}

static bool has_base(const struct transfer_table *t)
{
	static const uint8_t none[TABLE_KEY_BYTES];

	return memcmp(t->base, none, sizeof(none)) != 0;
}

bool transfer_find_base(struct transfer_table *t)
{
	MDB_val record = record_of(t);
	const uint8_t *base = delta_base(&record);

	memset(t->base, 0, sizeof(t->base));
	if (base)
		memcpy(t->base, base, sizeof(t->base));
	return base || stored_as(&record) == STORED_PACKED;
}

int transfer_get_table(struct catalogue_read *r, const uint8_t key[TABLE_KEY_BYTES],
		       struct transfer_table *out, struct err *e)
{
	MDB_val db_key = {.mv_size = TABLE_KEY_BYTES, .mv_data = (void *)key}, value;
	int rc = read_record(r, DB_TABLES, &db_key, &value, e);

	if (rc < 0)
		return rc == -ENOENT ? record_damaged(r->store, DB_TABLES, &db_key, e) : rc;
	memcpy(out->key, key, TABLE_KEY_BYTES);
	out->bytes = value.mv_data;
	out->size = value.mv_size;
	return transfer_find_base(out) ? 0 : record_damaged(r->store, DB_TABLES, &db_key, e);
}

static void each_difference(const MDB_val *record, transfer_string_fn *each, void *context)
{
	size_t count = delta_count(record), i;

	for (i = 0; i < count; i++) {
		each(context, delta_symbol(record, i));
		each(context, delta_version(record, i));
	}
}

int transfer_each_string(struct catalogue_read *r, const struct transfer_table *t,
			 transfer_string_fn *each, void *context, struct err *e)
{
	MDB_val record = record_of(t);
	struct catalogue_table table;
	size_t i;
	int rc;

	if (has_base(t)) {
		each_difference(&record, each, context);
		return 0;
	}
	rc = catalogue_get_table(r, t->key, &table, e);
	for (i = 0; rc == 0 && i < table.count; i++)
		each(context, load_u64(table.entries + i * ENTRY_BYTES + 24));
	for (i = 0; rc == 0 && i < table.version_count; i++)
		each(context, load_u64(table.versions + i * 8));
	return rc;
}

/* The whole record, from differences or packed; false: these bytes are none. */
static bool whole_record(const struct transfer_table *t, const struct transfer_table *base,
			 struct buf *out)
{
	MDB_val record = record_of(t), from;
	struct buf other = BUF_INIT;
	struct catalogue_table b;
	bool ok;

	if (!has_base(t))
		return stored_as(&record) == STORED_PACKED && table_unpack(&record, out);
	if (!base || memcmp(base->key, t->base, TABLE_KEY_BYTES) != 0 || has_base(base))
		return false;
	from = record_of(base);
	ok = stored_as(&from) == STORED_PACKED && table_unpack(&from, &other) &&
	     table_open(&b, base->key, other.data, other.used) && delta_expand(&record, &b, out);
	buf_release(&other);
	return ok;
}

/* A table without its names would be a damaged one for whoever asks for them. */
static bool strings_known(struct catalogue_write *w, const struct catalogue_table *t)
{
	uint64_t last = 0;

	for (size_t i = 0; i < t->count + t->version_count; i++) {
		uint64_t h = i < t->count ? load_u64(t->entries + i * ENTRY_BYTES + 24)
					  : load_u64(t->versions + (i - t->count) * 8);
		MDB_val key = {.mv_size = sizeof(h), .mv_data = &h};

		if (h && h != last && !is_known(w, DB_STRINGS, &key))
			return false;
		last = h;
	}
	return true;
}

int transfer_put_table(struct catalogue_write *w, const struct transfer_table *t,
		       const struct transfer_table *base, struct err *e)
{
	MDB_val key = {.mv_size = TABLE_KEY_BYTES, .mv_data = (void *)t->key}, data = record_of(t);
	struct catalogue_table table;
	struct buf whole = BUF_INIT;
	bool sound = whole_record(t, base, &whole) && table_open(&table, t->key, whole.data, whole.used);
	int rc = 0;

	if (!sound) {
		buf_release(&whole);
		return err_set(e, -EBADMSG, "a table is damaged");
	}
	pthread_mutex_lock(&w->mutex);
	rc = flush_if_large(w, e);
	if (rc == 0 && !strings_known(w, &table))
		rc = err_set(e, -EBADMSG, "a table lacks the names of its symbols");
	if (rc == 0 && !is_known(w, DB_TABLES, &key))
		rc = pend_new(w, DB_TABLES, &key, &data, e);
	pthread_mutex_unlock(&w->mutex);
	buf_release(&whole);
	return rc;
}

int transfer_put_string(struct catalogue_write *w, const char *s, struct err *e)
{
	uint64_t h = string_key(s);
	MDB_val key = {.mv_size = sizeof(h), .mv_data = &h};
	MDB_val data = {.mv_size = strlen(s) + 1, .mv_data = (void *)s};
	int rc;

	pthread_mutex_lock(&w->mutex);
	rc = pend_new(w, DB_STRINGS, &key, &data, e);
	pthread_mutex_unlock(&w->mutex);
	return rc;
}
