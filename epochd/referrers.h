/*
 * referrers.h - does an object name any of these symbols at all?
 *
 * Asked before its tables are searched, of which it may have hundreds.  For one thread at a time.
 */
#ifndef EPOCHD_REFERRERS_H
#define EPOCHD_REFERRERS_H

#include "cache/catalogue.h"
#include "matr-ld/object.h"

struct referrers {
	struct referrers_object *objects; /* by object key; owned */
	size_t object_count, object_capacity;
	struct referrers_answer *answers; /* by object key and list; owned */
	size_t answer_count, answer_capacity;
};

/* `number` names the list: the same number, the same list. */
bool referrers_ask(struct referrers *r, const struct object *o,
		   const struct catalogue_exports *symbols, size_t number);
void referrers_release(struct referrers *r);

#endif
