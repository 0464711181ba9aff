#include "common/map.h"

#include "common/arena.h"

#include <stdlib.h>

#define FIRST_CAPACITY 64

/* The key's entry, or the free one where it belongs: there always is a free one. */
static struct map_entry *place(struct map_entry *entries, size_t capacity, uint64_t key)
{
	size_t at = key & (capacity - 1);

	while (entries[at].key && entries[at].key != key)
		at = (at + 1) & (capacity - 1);
	return &entries[at];
}

struct map_entry *map_find(const struct map *m, uint64_t key)
{
	struct map_entry *x;

	if (!m->capacity)
		return NULL;
	x = place(m->entries, m->capacity, key ? key : 1);
	return x->key ? x : NULL;
}

static void grow(struct map *m)
{
	size_t capacity = m->capacity ? m->capacity * 2 : FIRST_CAPACITY;
	struct map_entry *entries = xcalloc(capacity, sizeof(*entries));

	for (size_t i = 0; i < m->capacity; i++)
		if (m->entries[i].key)
			*place(entries, capacity, m->entries[i].key) = m->entries[i];
	free(m->entries);
	m->entries = entries;
	m->capacity = capacity;
}

struct map_entry *map_add(struct map *m, uint64_t key)
{
	struct map_entry *x;

	if (m->count * 2 >= m->capacity)
		grow(m);
	key = key ? key : 1;
	x = place(m->entries, m->capacity, key);
	m->count += !x->key;
	x->key = key;
	return x;
}

void map_release(struct map *m)
{
	free(m->entries);
	*m = (struct map)MAP_INIT;
}
