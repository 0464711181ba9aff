#include "epochd/exports.h"

#include <stdlib.h>
#include <string.h>

#define NAME_BITS (~(((uint64_t)1 << EXPORT_VERSION_BITS) - 1))

void exports_init(struct exports *x)
{
	*x = (struct exports){0};
	pthread_mutex_init(&x->lock, NULL);
}

void exports_release(struct exports *x)
{
	map_release(&x->lists);
	arena_release(&x->arena);
	pthread_mutex_destroy(&x->lock);
}

static int by_number(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static bool is_export(const struct object *o, size_t i)
{
	const Elf64_Sym *s = &o->symbols[i];
	unsigned visibility = ELF64_ST_VISIBILITY(s->st_other);

	return s->st_shndx != SHN_UNDEF && ELF64_ST_BIND(s->st_info) == STB_GLOBAL &&
	       (visibility == STV_DEFAULT || visibility == STV_PROTECTED) &&
	       (!o->versym || (o->versym[i] & 0x7fff) != 0);
}

static const char *version_of(const struct object *o, size_t i)
{
	size_t v = o->versym ? o->versym[i] & 0x7fff : 0;

	return v > 1 && v < o->version_count ? o->versions[v].name : NULL;
}

static struct catalogue_exports make(const struct object *o, struct arena *a)
{
	uint64_t *list = xcalloc(o->symbol_count + 1, sizeof(*list));
	struct catalogue_exports x = {0};
	size_t n = 0;

	for (size_t i = 1; i < o->symbol_count; i++)
		if (is_export(o, i))
			list[n++] = catalogue_export(catalogue_string_key(object_symbol_name(o, i)),
						     catalogue_string_key(version_of(o, i)));
	qsort(list, n, sizeof(*list), by_number);
	for (size_t i = 0; i < n; i++)
		if (!x.count || list[x.count - 1] != list[i])
			list[x.count++] = list[i];
	x.list = arena_memdup(a, list, x.count * sizeof(*list));
	free(list);
	return x;
}

/* Under the lock; NULL: not known. */
static const struct catalogue_exports *find(const struct exports *x, uint64_t object)
{
	const struct map_entry *m = map_find(&x->lists, object);

	return m ? m->pointer : NULL;
}

/* Under the lock. */
static void keep(struct exports *x, uint64_t object, const struct catalogue_exports *exports)
{
	map_add(&x->lists, object)->pointer = arena_memdup(&x->arena, exports, sizeof(*exports));
}

struct catalogue_exports exports_of(struct exports *x, const struct object *o, bool *is_new)
{
	const struct catalogue_exports *known;
	struct catalogue_exports result;

	pthread_mutex_lock(&x->lock);
	known = find(x, o->key);
	*is_new = !known;
	result = known ? *known : make(o, &x->arena);
	if (!known)
		keep(x, o->key, &result);
	pthread_mutex_unlock(&x->lock);
	return result;
}

bool exports_find(struct exports *x, uint64_t object, struct catalogue_exports *out)
{
	const struct catalogue_exports *known;

	pthread_mutex_lock(&x->lock);
	known = find(x, object);
	if (known)
		*out = *known;
	pthread_mutex_unlock(&x->lock);
	return known;
}

void exports_keep(struct exports *x, uint64_t object, const struct catalogue_exports *exports)
{
	pthread_mutex_lock(&x->lock);
	if (!find(x, object))
		keep(x, object, exports);
	pthread_mutex_unlock(&x->lock);
}

bool exports_have(const struct catalogue_exports *x, uint64_t symbol, uint64_t version)
{
	uint64_t wanted = catalogue_export(symbol, version), name = wanted & NAME_BITS;
	size_t low = 0, high = x->count, at;

	while (low < high) {
		at = (low + high) / 2;
		if (x->list[at] < name)
			low = at + 1;
		else
			high = at;
	}
	/* One without a version is found by any reference, and a reference without one finds any. */
	for (; low < x->count && (x->list[low] & NAME_BITS) == name; low++)
		if (x->list[low] == wanted || x->list[low] == name || wanted == name)
			return true;
	return false;
}

struct catalogue_exports exports_added(const struct catalogue_exports *old,
				       const struct catalogue_exports *now)
{
	uint64_t *list = xcalloc(now->count + 1, sizeof(*list));
	struct catalogue_exports added = {.list = list};

	for (size_t i = 0, k = 0; i < now->count; i++) {
		while (k < old->count && old->list[k] < now->list[i])
			k++;
		if (k == old->count || old->list[k] != now->list[i])
			list[added.count++] = now->list[i];
	}
	return added;
}
