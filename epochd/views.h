/*
 * views.h - which tables ld.so is shown a view for, and what is protected at once
 *
 * Inside of the engine, between pages.c, which writes, and image_write.c, which tells
 * the shim.  All follows from a table and the layout; nothing is kept.  The
 * questions that others ask too stand in epochd/pages.h: table_view_address,
 * table_residual_address, table_relro_bytes, table_is_private.
 */
#ifndef EPOCHD_VIEWS_H
#define EPOCHD_VIEWS_H

#include "epochd/pages.h"

/* Independent of addresses: ld.so is left with it. */
bool entry_is_residual(const struct entry *b);

/* ld.so reads its program headers with a call that arrives in the shim. */
bool table_has_view(const struct table *t, const struct layout *l);

/* Bytes of the view in the residual part; 0: none. */
uint64_t table_view_bytes(const struct table *t, const struct layout *l);

/* The view has no DT_JMPREL: every slot is bound, and GOT[1] and GOT[2] stay 0. */
bool table_hides_plt(const struct table *t, const struct layout *l);

/* The call of the plan maps a writable segment of the file: it comes from the pages. */
bool call_from_pages(const struct mmap_plan *plan, size_t call);

#endif
