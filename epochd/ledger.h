/*
 * ledger.h - what a layout has given out so far, for the epoch after this one
 *
 * A layout outlives its epoch: the next one keeps every address, shares
 * the pages that are there, and adds only what is new.  What is there stands in
 * the ledger: the slot of every object, and where the pages and residuals of
 * every table lie.  Nothing is ever taken off it; it ends with its layout.
 *
 * Objects and tables are named by content (member.object_key, table key).  An
 * object's key covers its path, headers, tables and writable data, a table's
 * key its providers, so in one layout the pages of (object, table) are
 * always the same bytes.
 *
 * The ledger lies beside the epoch as the file "layout", for its owner's eyes only.
 * One that is damaged, of another version or of another store is as good as none:
 * then everything is laid out anew.
 */
#ifndef EPOCHD_LEDGER_H
#define EPOCHD_LEDGER_H

#include "cache/catalogue.h"
#include "common/buf.h"
#include "image/format.h"

#define LEDGER_FILE "layout"

struct ledger_slot {
	uint64_t object; /* object key */
	uint64_t base;   /* load address */
	uint64_t start;  /* run-time address of the first page */
	uint64_t live;   /* in memory only: 1: some image of this epoch has it */
};

enum ledger_flags {
	LEDGER_BASE = 1,   /* the table that others of its object are compared with */
	LEDGER_PLACED = 2, /* some image used it: pages and residuals are where it says */
	LEDGER_LIVE = 4,   /* in memory only: some program of this epoch has it */
};

struct ledger_table {
	uint64_t object;
	uint8_t key[TABLE_KEY_BYTES];
	uint8_t patched[TABLE_KEY_BYTES]; /* the table whose pages it patches; zero: none */
	uint64_t pages;           /* offset of its first segment in its layer; 0: none of its own */
	uint64_t pages_bytes;     /* of all its segments, whole pages */
	uint64_t residual_offset; /* in the layer's residual part */
	uint32_t residual_count;
	uint32_t layer;           /* of its own pages and of its residuals */
	uint32_t bindings;
	uint32_t flags;           /* enum ledger_flags */
};

struct ledger_index {
	uint32_t *at; /* hash table of positions; owned */
	size_t size;  /* 0: none yet */
};

struct ledger {
	uint64_t layout_id;
	uint64_t loader_base;
	uint64_t end; /* first address that was not given out */
	struct matr_layer layers[MATR_MAX_LAYERS];
	uint32_t layer_count;
	uint64_t living; /* bytes of pages that the epoch it was saved for uses */
	struct ledger_slot *slots;
	size_t slot_count, slot_capacity;
	struct ledger_table *tables;
	size_t table_count, table_capacity;
	struct ledger_index slot_index, table_index, base_index;
};

/* False where the bytes are no ledger of this store; *l is then empty. */
bool ledger_load(struct ledger *l, const struct buf *bytes, uint64_t store_id);
void ledger_save(const struct ledger *l, uint64_t store_id, struct buf *out);
void ledger_release(struct ledger *l);

/* NULL: not there.  Valid until the next one is added. */
struct ledger_slot *ledger_slot(const struct ledger *l, uint64_t object);
struct ledger_table *ledger_table(const struct ledger *l, uint64_t object,
				  const uint8_t key[TABLE_KEY_BYTES]);
struct ledger_table *ledger_base(const struct ledger *l, uint64_t object);

/* One that is there already gets the new content. */
void ledger_put_slot(struct ledger *l, const struct ledger_slot *slot);
void ledger_put_table(struct ledger *l, const struct ledger_table *table);

/* Sets l->living from the tables that are alive and those whose pages they patch. */
void ledger_weigh(struct ledger *l);

#endif
