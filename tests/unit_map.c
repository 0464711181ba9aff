/* common/map.h: what was put in is found, before and after the table has grown. */
#include "common/map.h"

#include <stdio.h>

#define KEYS 10000

static int passed, failed;

static void check(int good, const char *what, uint64_t key)
{
	if (good) {
		passed++;
		return;
	}
	failed++;
	printf("failed: %s, key %llx\n", what, (unsigned long long)key);
}

/* Every third starts at the same place as others, until the table is large. */
static uint64_t key_of(uint64_t i)
{
	return i % 3 ? i * 0x9e3779b97f4a7c15u : i << 32;
}

static void see(const struct map *m, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		const struct map_entry *x = map_find(m, key_of(i));

		check(x && x->key == key_of(i) && x->number == i, "found", key_of(i));
	}
}

int main(void)
{
	struct map m = MAP_INIT;
	struct map_entry *x;

	check(!map_find(&m, 7), "nothing in an empty one", 7);
	for (uint64_t i = 1; i < KEYS; i++) {
		check(!map_find(&m, key_of(i)), "absent before", key_of(i));
		x = map_add(&m, key_of(i));
		check(x->key == key_of(i) && x->number == 0, "a fresh one", key_of(i));
		x->number = i;
		see(&m, i > 4 ? i - 4 : 1, i + 1);
	}
	see(&m, 1, KEYS);
	check(m.count == KEYS - 1 && m.count * 2 <= m.capacity, "half full at most", 0);
	check(map_add(&m, key_of(5))->number == 5 && m.count == KEYS - 1, "added twice", key_of(5));
	map_add(&m, 0)->pointer = &m;
	check(map_find(&m, 0)->pointer == &m && map_find(&m, 0) == map_find(&m, 1), "0 is 1", 0);
	map_release(&m);
	check(!map_find(&m, key_of(5)) && !m.entries, "empty after all", key_of(5));
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
