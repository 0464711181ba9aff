/*
 * tables.h - every distinct table of an epoch, once, in memory
 *
 * A program's mapping is dropped as soon as it has been looked at; what stays
 * is one compact copy of each distinct (object, table), with providers as
 * objects, and for each program which ones it uses.  Two programs that bind a
 * library equally share its table and so its materialised pages.
 *
 * tables_add may be called by many threads at once.
 */
#ifndef EPOCHD_TABLES_H
#define EPOCHD_TABLES_H

#include "cache/catalogue.h"
#include "common/mapping.h"
#include "matr-ld/object.h"

#include <pthread.h>

/* One relocation's answer, reduced to what materialising needs. */
struct entry {
	uint64_t offset, value;
	int64_t addend;
	const struct object *provider; /* NULL: none, or the executable */
	uint32_t symbol_index;
	uint16_t type;
	uint8_t kind;     /* enum binding_kind */
	uint8_t absolute;
};

struct table {
	uint8_t key[TABLE_KEY_BYTES];
	const struct object *object;
	struct entry *entries;
	size_t count;
	struct table *next;    /* in its bucket */
	/* filled while pages are laid out: */
	bool used;             /* some published program has it as a library's table */
	uint64_t *pages;       /* offset in the pages file per call of the object's plan */
	uint64_t residual_offset; /* from the start of the residual part */
	size_t residual_count;
};

#define TABLES_BUCKETS 16384

struct tables {
	pthread_mutex_t lock;
	struct table *buckets[TABLES_BUCKETS];
	size_t count, bindings;
};

void tables_init(struct tables *t);
void tables_release(struct tables *t);

/* The one table of member `index` of a mapping; `key` as catalogue_table_key made it. */
struct table *tables_add(struct tables *t, const struct mapping *m, size_t index,
			 const uint8_t key[TABLE_KEY_BYTES]);

#endif
