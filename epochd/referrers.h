/*
 * referrers.h - does an object name any of these symbols at all?
 *
 * Asked before its tables are searched, of which it may have hundreds.  For one thread at a time.
 */
#ifndef EPOCHD_REFERRERS_H
#define EPOCHD_REFERRERS_H

#include "cache/catalogue.h"
#include "common/map.h"
#include "matr-ld/object.h"

struct referrers {
	struct arena arena;
	struct map names;   /* object key -> string key of each symbol's name, in the arena */
	struct map answers; /* object key and list -> 1: yes, 0: no */
};

/* `number` names the list: the same number, the same list. */
bool referrers_ask(struct referrers *r, const struct object *o,
		   const struct catalogue_exports *symbols, size_t number);
void referrers_release(struct referrers *r);

#endif
