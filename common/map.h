/*
 * map.h - what belongs to a 64-bit key
 *
 *	struct map m = MAP_INIT;
 *	struct map_entry *x = map_find(&m, key);
 *
 *	if (!x)
 *		map_add(&m, key)->pointer = make(key);
 *	map_release(&m);
 *
 * Keys are hashes already: their low bits are the place.  0 marks a free entry, so a key 0 passes
 * for 1; whoever cares compares what the value says.  Nothing is ever taken out.  The table has
 * open addressing, is never more than half full, and doubles; so an entry lives until the next
 * map_add only, what its pointer names as long as its owner says: the map owns none of that.
 *
 * Adding is the only thing that takes memory; running out of it ends the process (common/arena.h
 * says why), so there are no errors.  A map belongs to one thread at a time.
 */
#ifndef COMMON_MAP_H
#define COMMON_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_entry {
	uint64_t key; /* 0: free */
	union {
		void *pointer; /* not owned */
		uint64_t number;
	};
};

struct map {
	struct map_entry *entries; /* owned; NULL while nothing was ever added */
	size_t count, capacity;	   /* entries in use; all of them, a power of two */
};

#define MAP_INIT {0}

/* The key's entry; NULL: it has none. */
struct map_entry *map_find(const struct map *m, uint64_t key);

/* The same; a key that has none gets one, whose value is 0 or NULL. */
struct map_entry *map_add(struct map *m, uint64_t key);

/* Frees the table; the map may be used again. */
void map_release(struct map *m);

#endif
