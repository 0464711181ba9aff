/*
 * inherit.h - tables of this epoch that the layout holds already
 *
 * Where an epoch keeps its parent's layout, a table that is in the ledger
 * (ledger.h) is not materialised again: it lies where it lies.  And a new table
 * is compared with the base that its object has in the layout, though no
 * program of this epoch that is resolved anew need have that one: its entries
 * are read from the catalogue.
 */
#ifndef EPOCHD_INHERIT_H
#define EPOCHD_INHERIT_H

#include "epochd/layout.h"
#include "epochd/ledger.h"
#include "epochd/reuse.h"
#include "epochd/tables.h"

/* What tables_init takes as context; both may be empty. */
struct inheritance {
	const struct ledger *ledger;
	struct reuse *reuse; /* NULL: nothing is inherited */
};

/* tables_inherit_fn's: the base of an object, whole; NULL where the layout has none. */
struct table *inherit_base(const void *context, const struct object *o);

/* Where `t` lies, if the layout has it. */
void inherit_place(const void *context, struct table *t);

/* Enters what this epoch laid out; after the pages are written. */
void inherit_record(struct ledger *l, const struct tables *tables, const struct layout *layout);

#endif
