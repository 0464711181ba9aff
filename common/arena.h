/*
 * arena.h - one pool of memory per job
 *
 * Everything that lives as long as one job (resolving one program, reading one
 * epoch) is taken from that job's arena and given back in one call.  Memory is
 * zeroed and aligned to 16 bytes.  Running out of memory ends the process with
 * a message: no caller of ours could do anything better half-way.
 *
 * An arena belongs to one thread at a time.
 */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head; /* newest block; owned */
	size_t used;              /* bytes handed out from head */
	size_t total;             /* bytes taken from malloc by all blocks */
};

#define ARENA_INIT {0}

void *arena_alloc(struct arena *a, size_t bytes);
void *arena_memdup(struct arena *a, const void *from, size_t bytes);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Frees everything; the arena may be used again. */
void arena_release(struct arena *a);

/* malloc, calloc and realloc that end the process when memory is out; free with free(). */
void *xmalloc(size_t bytes);
void *xcalloc(size_t n, size_t bytes);
void *xrealloc(void *p, size_t bytes);
char *xstrdup(const char *s);

/*
 * Make room for one more element in a growing array: returns the (possibly
 * moved) array, with *capacity raised by doubling.  `count` is the present
 * number of elements.
 */
void *array_grow(void *array, size_t count, size_t *capacity, size_t element_bytes);

#endif
