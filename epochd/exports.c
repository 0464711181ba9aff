#include "epochd/exports.h"

#include <stdlib.h>
#include <string.h>

#define NAME_BITS (~(((uint64_t)1 << EXPORT_VERSION_BITS) - 1))

struct exports_slot {
	uint64_t key; /* object key; 0: free */
	struct catalogue_exports exports;
};

void exports_init(struct exports *x)
{
	*x = (struct exports){0};
	pthread_mutex_init(&x->lock, NULL);
}

void exports_release(struct exports *x)
{
	free(x->slots);
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

static struct exports_slot *place(struct exports_slot *slots, size_t capacity, uint64_t key)
{
	size_t at = key & (capacity - 1);

	while (slots[at].key && slots[at].key != key)
		at = (at + 1) & (capacity - 1);
	return &slots[at];
}

static void grow(struct exports *x)
{
	size_t capacity = x->capacity ? x->capacity * 2 : 4096;
	struct exports_slot *slots = xcalloc(capacity, sizeof(*slots));

	for (size_t i = 0; i < x->capacity; i++)
		if (x->slots[i].key)
			*place(slots, capacity, x->slots[i].key) = x->slots[i];
	free(x->slots);
	x->slots = slots;
	x->capacity = capacity;
}

/* Under the lock. */
static struct exports_slot *slot_of(struct exports *x, uint64_t object)
{
	if (x->count * 2 >= x->capacity)
		grow(x);
	return place(x->slots, x->capacity, object);
}

struct catalogue_exports exports_of(struct exports *x, const struct object *o, bool *is_new)
{
	struct catalogue_exports result;
	struct exports_slot *slot;

	pthread_mutex_lock(&x->lock);
	slot = slot_of(x, o->key);
	*is_new = !slot->key;
	if (*is_new) {
		*slot = (struct exports_slot){o->key, make(o, &x->arena)};
		x->count++;
	}
	result = slot->exports;
	pthread_mutex_unlock(&x->lock);
	return result;
}

bool exports_find(struct exports *x, uint64_t object, struct catalogue_exports *out)
{
	struct exports_slot *slot;
	bool found;

	pthread_mutex_lock(&x->lock);
	slot = slot_of(x, object);
	found = slot->key;
	if (found)
		*out = slot->exports;
	pthread_mutex_unlock(&x->lock);
	return found;
}

void exports_keep(struct exports *x, uint64_t object, const struct catalogue_exports *exports)
{
	struct exports_slot *slot;

	pthread_mutex_lock(&x->lock);
	slot = slot_of(x, object);
	if (!slot->key) {
		*slot = (struct exports_slot){object, *exports};
		x->count++;
	}
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
