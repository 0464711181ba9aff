/*
 * inspect.h - a mapping as relations that people and scripts can read
 *
 * Given a struct mapping, from the store or fresh from the resolver, one view
 * of it is written as aligned tables (inspect_text) or as one JSON object
 * (inspect_json).  Nothing is looked up anywhere else: files are not opened.
 *
 * Views
 *	summary     what it is, one line per object: bindings, what others bind in it
 *	closure     the objects in load order, and why each was found where it was
 *	bindings    object, symbol@version, provider, type, how
 *	unresolved  bindings without a provider (weak ones, lazy ones)
 *	shadowed    definitions that lost, in scope order; needs mapping.shadows
 *	unused      needed libraries in which nothing is bound
 *
 * Filters narrow bindings, unresolved and shadowed.  A symbol is matched as
 * "name" and as "name@version"; an object as path, base name and SONAME; `*`,
 * `?` and `[...]` work as in the shell (fnmatch).
 *
 * JSON: {"schema": 1, "program", "source", "eligible", "layout", "reason" (when not),
 * "counts", "members"} and the view's own array.  Long arrays are written
 * element by element, so memory does not grow with them.  Names that are not
 * UTF-8 have their odd bytes replaced by "?".
 */
#ifndef INSPECT_INSPECT_H
#define INSPECT_INSPECT_H

#include "common/mapping.h"
#include "common/out.h"

enum inspect_view {
	INSPECT_SUMMARY,
	INSPECT_CLOSURE,
	INSPECT_BINDINGS,
	INSPECT_UNRESOLVED,
	INSPECT_SHADOWED,
	INSPECT_UNUSED,
};

struct inspect_request {
	const struct mapping *mapping;
	enum inspect_view view;
	const char *symbol; /* filters; NULL: any */
	const char *object; /* the requirer */
	const char *provider;
	const char *layout; /* of an eligible program: "epoch" or "exec"; NULL: not known */
	const char *layout_from; /* the setting that decided it; NULL exactly where layout is */
	const char *source; /* where the mapping came from, for JSON: "epoch 12 of /var/lib/matr" */
};

/* Both return how many rows the view has (members for summary and closure). */
size_t inspect_text(const struct inspect_request *q, const struct out *o);
size_t inspect_json(const struct inspect_request *q, FILE *f);

#endif
