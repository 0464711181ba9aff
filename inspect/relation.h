/*
 * relation.h - the rows behind the views (private to inspect/)
 *
 * Text and JSON show the same rows; which they are is decided here once.
 */
#ifndef INSPECT_RELATION_H
#define INSPECT_RELATION_H

#include "common/names.h"
#include "inspect/inspect.h"

/* What is counted per member and over all. */
struct inspect_counts {
	size_t bindings, value, executable, zero, lazy, ifunc, residual;
	size_t provided; /* bindings of other members that are provided by this one */
};

/* One per member, then one for all; malloc'd, the caller frees it. */
struct inspect_counts *inspect_count(const struct mapping *m);

/* True where the binding is a row of the request's view. */
bool inspect_selects(const struct inspect_request *q, size_t member, const struct binding *b);

/* A needed library in which nothing is bound (counts from inspect_count). */
bool inspect_is_unused(const struct mapping *m, size_t member, const struct inspect_counts *counts);

/* "symbol@version", into *text, which is malloc'd and grows. */
const char *symbol_at_version(const struct binding *b, char **text, size_t *capacity);

/* Index behind the last shadow of the binding that shadows[i] speaks of. */
size_t inspect_shadow_end(const struct mapping *m, size_t i);

/* The binding a shadow speaks of, or NULL where it speaks of none. */
const struct binding *inspect_shadow_binding(const struct mapping *m, const struct shadow *s);

#endif
