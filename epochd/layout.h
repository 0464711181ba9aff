/*
 * layout.h - which object lies where
 *
 * Every library that some published program uses gets one slot for all of
 * them: the slots stand side by side in one region whose base is drawn at
 * random, so that page tables are shared and an address of one layout says
 * nothing about the next.  The prepared loader comes first, then the residuals,
 * then libraries, the most used ones first.  An epoch that continues its
 * parent's layout (ledger.h) puts what is new behind all that.
 *
 * The region lies between LAYOUT_LOWEST and LAYOUT_HIGHEST: above ASan's
 * shadow, below the legacy mmap area; also where a slide (MATR_SLIDE_SPAN) has moved it.
 */
#ifndef EPOCHD_LAYOUT_H
#define EPOCHD_LAYOUT_H

#include "common/arena.h"
#include "common/err.h"
#include "epochd/ledger.h"
#include "image/format.h"
#include "matr-ld/mmap_plan.h"
#include "matr-ld/object.h"

#define LAYOUT_LOWEST 0x100100000000ull
#define LAYOUT_HIGHEST 0x2a0000000000ull

struct slot {
	uint64_t key;         /* object key */
	const struct object *object; /* NULL: of an older epoch, not used by what is resolved now */
	struct mmap_plan plan; /* with an object only */
	uint64_t base;        /* load address: run-time minus link-time address */
	uint64_t start;       /* run-time address of the first page */
	size_t uses;          /* programs; decides the order */
	bool placed;          /* has its address */
	bool materialisable;  /* object_materialisable */
	bool aligned;         /* object_words_aligned */
	bool level_matters;   /* portable: beside it lie variants for other processors */
};

struct layout {
	struct slot *slots;
	size_t count, capacity;
	uint32_t *index;      /* hash table over slots, by key */
	size_t index_size;
	uint64_t id;          /* random; drawn with the region */
	uint64_t loader_base;
	bool portable;        /* for machines with other processors than this one */
	bool views;           /* ld.so reads headers through the shim (prepared_loader.reads_arrive) */
	bool long_views;      /* also those that its first read leaves out (preads_arrive) */
	struct matr_layer layers[MATR_MAX_LAYERS]; /* the last one is being made */
	uint32_t layer_count;
	uint64_t end;         /* first address behind all that was given out */
	struct arena arena;   /* the plans */
};

void layout_init(struct layout *l);
void layout_release(struct layout *l);

/* Counts one more use of an object; makes its slot (without address) the first time. */
int layout_use(struct layout *l, const struct object *o, struct err *e);

/* The slot of an object key, or NULL.  Valid until the next layout_use or layout_place. */
const struct slot *layout_find(const struct layout *l, uint64_t key);

/* Goes on with an older epoch's layout: what has an address there keeps it. */
void layout_continue(struct layout *l, const struct ledger *from);

/*
 * A new layer; bytes, residual_bytes and moving_bytes are as in `sizes`, and layout_place
 * gives what is mapped of it an address.
 */
void layout_add_layer(struct layout *l, const struct matr_layer *sizes);

/* Draws the region, unless a layout is continued, and gives out all addresses that are missing. */
int layout_place(struct layout *l, uint64_t loader_span, struct err *e);

#endif
