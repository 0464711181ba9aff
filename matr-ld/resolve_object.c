#include "matr-ld/internal.h"

const struct object *resolver_object(struct resolver *r, const char *path)
{
	const struct object_entry *entry = objects_get(&r->objects, path);

	return entry ? entry->object : NULL;
}
