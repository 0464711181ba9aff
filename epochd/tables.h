/*
 * tables.h - every distinct table of an epoch, once, in memory
 *
 * A program's mapping is dropped as soon as it has been looked at; what stays
 * is one compact copy of each distinct (object, table), with providers as
 * objects, and for each program which ones it uses.  Two programs that bind a
 * library equally share its table and so its materialised pages.
 *
 * Programs bind a library *nearly* equally far more often: one of them
 * provides `stdout` or interposes malloc.  So an object's first table is kept
 * whole, as the base, and another one that differs in few places only as its
 * differences.  The differences are also what the shim writes at exec into the
 * base's pages (TABLE_MAX_PATCH), instead of a whole set of pages per program.
 * Where the layout is an older epoch's, so is an object's base.
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
	uint64_t provider; /* object key, OBJECT_SELF or OBJECT_EXECUTABLE; OBJECT_NONE: none, or a
			      BINDING_EXECUTABLE */
	uint32_t symbol_index;
	uint16_t type;
	uint8_t kind;     /* enum binding_kind */
	uint8_t absolute;
};

/* More differing words than this, and a table gets pages of its own. */
#define TABLE_MAX_PATCH 96

struct table {
	uint8_t key[TABLE_KEY_BYTES];
	const struct object *object;
	const struct table *base; /* NULL: this one is whole */
	struct entry *entries;  /* whole: all; else the ones that differ from the base's */
	uint32_t *index;        /* not whole: which of the base's entries each replaces, ascending */
	size_t count;           /* of entries */
	size_t bindings;        /* of the whole table */
	bool is_base;           /* others of its object are compared with it */
	bool live;              /* some program has it, not only others are compared with it */
	struct table *next;     /* in its bucket: older tables follow, the base of an object last */
	/* filled while pages are laid out (epochd/pages.h): */
	bool used;              /* some published program has it as a library's table */
	bool placed;            /* the layout had it before: nothing is to be written */
	uint64_t *pages;        /* offset in the pages file per call of the object's plan */
	uint64_t pages_offset, pages_bytes; /* of all its segments together */
	const struct table *patched; /* its pages are this table's, with a patch; NULL: its own */
	uint32_t layer;         /* of its own pages and of its residuals */
	uint64_t residual_offset; /* from the start of that layer's residual part */
	size_t residual_count;
};

#define TABLES_BUCKETS 16384

/* What the layout has already (inherit.h); both are called under the lock. */
struct tables_inherit {
	struct table *(*base)(const void *context, const struct object *o);
	void (*place)(const void *context, struct table *t);
	const void *context;
};

struct tables {
	pthread_mutex_t lock;
	struct table *buckets[TABLES_BUCKETS];
	struct tables_inherit inherit; /* base NULL: nothing */
};

void tables_init(struct tables *t);
void tables_release(struct tables *t);

/* The one table of member `index` of a mapping; `key` as catalogue_table_key made it. */
struct table *tables_add(struct tables *t, const struct mapping *m, size_t index,
			 const uint8_t key[TABLE_KEY_BYTES]);

/* All entries of a table: its own, or the base's with the differences in place. */
struct entries {
	const struct entry *at;
	size_t count;
	struct entry *owned; /* NULL, or what entries_release frees */
};

struct entries table_entries(const struct table *t);
void entries_release(struct entries *e);

#endif
