/*
 * pages.h - the pages file: residuals and materialised segments, each once
 *
 *	pages_plan()     which table needs how much room, before addresses are known
 *	layout_place()   addresses (the residual part is one of the things placed)
 *	pages_write()    the bytes, in parallel
 *
 * Between residuals and segments stands which words of the segments move with the
 * layout (image/format.h).
 *
 * What a segment's pages hold: the file's own bytes from page boundary to page
 * boundary, as ld.so would map them, with every word of the table and of
 * .dynamic in place, and zeros where .bss begins.
 *
 * The residual part has, table by table, what is left for ld.so: its view of the
 * dynamic section, if it is shown one, and the residual relocations that it names.
 */
#ifndef EPOCHD_PAGES_H
#define EPOCHD_PAGES_H

#include "epochd/layout.h"
#include "epochd/materialise.h"
#include "epochd/parallel.h"
#include "epochd/tables.h"

struct pages {
	struct table **tables;  /* used as a library's table; owned here, the tables are not */
	size_t table_count, capacity;
	uint64_t residual_bytes; /* whole pages */
	uint64_t moving_bytes;   /* whole pages, behind the residuals */
	uint64_t file_bytes;     /* whole pages, header included; 0: the layout has it all */
};

struct pages_request {
	const struct layout *layout;
	int fd;             /* of the layout's last layer, allocated */
	uint64_t store_id, epoch;
	unsigned threads;
	progress_fn *progress; /* may be NULL */
	void *progress_context;
};

void pages_init(struct pages *p);
void pages_release(struct pages *p);

/* One published program uses `t` for one of its libraries. */
void pages_use(struct pages *p, struct table *t);

/* After the last pages_use: gives out offsets in a new layer to what the layout does not have. */
void pages_plan(struct pages *p, const struct layout *l);

/*
 * Offsets in the pages file by call of the plan, of the table itself or of the
 * one that it patches; NULL: the segments come from the library's own file,
 * either natively or (PRIVATE) with words applied at exec.
 */
const uint64_t *table_pages(const struct table *t);

/* The layer in which these lie. */
uint32_t table_pages_layer(const struct table *t);

/* Run-time address of the table's residuals. */
uint64_t table_residual_address(const struct table *t, const struct layout *l);

/* Run-time address of its view of .dynamic (materialise_view); 0: ld.so reads the library's own. */
uint64_t table_view_address(const struct table *t, const struct layout *l);

/* What lies there once pages_write has written it: object.dynamic_count entries. */
void table_view(const struct table *t, const struct layout *l, Elf64_Dyn *out);

/*
 * Bytes at the start of the first segment of pages that ld.so would protect after relocation
 * (PT_GNU_RELRO) and that nothing has to be written to at exec; 0: ld.so does it.
 */
uint64_t table_relro_bytes(const struct table *t, const struct layout *l);

/* True where the shim must write the table's words at exec. */
bool table_is_private(const struct table *t, const struct slot *s);

int pages_write(struct pages *p, const struct pages_request *r, struct err *e);

#endif
