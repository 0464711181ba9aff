/*
 * Fuzzes what an import reads (epochd/bundle.h): any bytes are a layer of an artifact that came
 * from anywhere.  The items are walked as the importer does, tables are put together from their
 * differences, and records are read as the catalogue reads them.
 */
#include "cache/catalogue.h"
#include "cache/internal.h"
#include "cache/transfer.h"
#include "common/file.h"
#include "epochd/bundle.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static struct catalogue_write *write_begin(void)
{
	static char folder[] = "/dev/shm/matr-fuzz-store.XXXXXX";
	static struct store *store;
	struct catalogue_write *w;

	if (!store && (!mkdtemp(folder) || store_open(&store, folder, STORE_CREATE, NULL) < 0 ||
		       store_lock_exclusive(store, NULL) < 0 ||
		       file_remove_tree(AT_FDCWD, folder, NULL) < 0))
		abort();
	if (catalogue_write_begin(&w, store, NULL) < 0)
		abort();
	return w;
}

static void put_table(struct catalogue_write *w, struct record *item,
		      struct transfer_table *base)
{
	const uint8_t *key = record_bytes(item, TABLE_KEY_BYTES);
	struct transfer_table t = {.bytes = item->at, .size = (size_t)(item->end - item->at)};

	if (!key)
		return;
	memcpy(t.key, key, TABLE_KEY_BYTES);
	if (!transfer_find_base(&t))
		return;
	/* Any base will do here: its key is only compared. */
	if (base->bytes)
		memcpy(base->key, t.base, TABLE_KEY_BYTES);
	transfer_put_table(w, &t, base->bytes ? base : NULL, NULL);
	*base = t;
}

static void read_program(struct record *item, struct arena *a)
{
	size_t members = bundle_count(item, 44), fixups = bundle_count(item, 16);

	record_sized(item, a);
	for (size_t i = 0; i < members && !item->bad; i++) {
		record_u64(item);
		record_bytes(item, TABLE_KEY_BYTES);
		record_bytes(item, 12);
		record_sized(item, a);
		record_sized(item, a);
	}
	for (size_t i = 0; i < fixups && !item->bad; i++)
		record_bytes(item, 16);
}

static void read_bundle(const struct buf *content)
{
	struct catalogue_write *w = write_begin();
	struct transfer_table base = {0};
	struct arena arena = ARENA_INIT;
	struct record r, item;
	uint32_t tag;

	if (bundle_open(&r, content))
		while (bundle_next(&r, &tag, &item)) {
			if (tag == BUNDLE_TABLE)
				put_table(w, &item, &base);
			else if (tag == BUNDLE_PROGRAM)
				read_program(&item, &arena);
			else if (tag == BUNDLE_OBJECT)
				record_sized(&item, &arena);
		}
	arena_release(&arena);
	catalogue_write_abort(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct buf layer = BUF_INIT, content = BUF_INIT;

	if (!bytes)
		return 0;
	buf_put(&layer, data + 1, bytes - 1);
	if (data[0] & 1)
		read_bundle(&layer);
	else if (bundle_unpack(&layer, &content, NULL) == 0)
		read_bundle(&content);
	buf_release(&layer);
	buf_release(&content);
	return 0;
}
