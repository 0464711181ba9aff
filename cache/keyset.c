#include "cache/internal.h"

#include <stdlib.h>

/*
 * Keys are hashes already: their low bits are the place.  0 means a free one,
 * so a key 0 passes for 1; whoever cares compares the records as well.
 */
static size_t place(const struct key_set *set, uint64_t key)
{
	size_t at = key & (set->capacity - 1);

	while (set->keys[at] && set->keys[at] != key)
		at = (at + 1) & (set->capacity - 1);
	return at;
}

bool key_set_find(const struct key_set *set, uint64_t key, uint32_t *index)
{
	size_t at;

	if (!set->capacity)
		return false;
	key = key ? key : 1;
	at = place(set, key);
	if (set->keys[at] != key)
		return false;
	*index = set->index[at];
	return true;
}

static void grow(struct key_set *set)
{
	struct key_set bigger = {.capacity = set->capacity ? set->capacity * 2 : 1024};
	size_t i, at;

	bigger.keys = xcalloc(bigger.capacity, sizeof(*bigger.keys));
	bigger.index = xcalloc(bigger.capacity, sizeof(*bigger.index));
	for (i = 0; i < set->capacity; i++) {
		if (!set->keys[i])
			continue;
		at = place(&bigger, set->keys[i]);
		bigger.keys[at] = set->keys[i];
		bigger.index[at] = set->index[i];
	}
	bigger.used = set->used;
	free(set->keys);
	free(set->index);
	*set = bigger;
}

void key_set_add(struct key_set *set, uint64_t key, uint32_t index)
{
	size_t at;

	if (set->used * 2 >= set->capacity)
		grow(set);
	key = key ? key : 1;
	at = place(set, key);
	if (!set->keys[at])
		set->used++;
	set->keys[at] = key;
	set->index[at] = index; /* NOLINT(clang-analyzer-unix.Malloc): grow() gave a new one */
}

void key_set_release(struct key_set *set)
{
	free(set->keys);
	free(set->index);
	*set = (struct key_set){0};
}
