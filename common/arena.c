#include "common/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks grow with the arena: a short list costs little, a long one few calls. */
#define SMALLEST_BLOCK ((size_t)4 * 1024)
#define LARGEST_BLOCK ((size_t)256 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t bytes; /* of data[] */
	_Alignas(16) char data[];
};

static void out_of_memory(size_t bytes)
{
	fprintf(stderr, "matr: out of memory (%zu bytes wanted)\n", bytes);
	exit(1);
}

void *xmalloc(size_t bytes)
{
	void *p = malloc(bytes ? bytes : 1);

	if (!p)
		out_of_memory(bytes);
	return p;
}

void *xcalloc(size_t n, size_t bytes)
{
	void *p = calloc(n ? n : 1, bytes ? bytes : 1);

	if (!p)
		out_of_memory(n * bytes);
	return p;
}

void *xrealloc(void *p, size_t bytes)
{
	p = realloc(p, bytes ? bytes : 1);
	if (!p)
		out_of_memory(bytes);
	return p;
}

char *xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(xmalloc(n), s, n);
}

void *array_grow(void *array, size_t count, size_t *capacity, size_t element_bytes)
{
	if (count < *capacity)
		return array;
	*capacity = *capacity ? *capacity * 2 : 16;
	return xrealloc(array, *capacity * element_bytes);
}

static size_t next_block(const struct arena *a)
{
	size_t room = SMALLEST_BLOCK;

	while (room < a->total && room < LARGEST_BLOCK)
		room *= 2;
	return room;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
	struct arena_block *b = a->head;
	size_t need = (bytes + 15) & ~(size_t)15;
	size_t room;
	bool big;
	void *p;

	if (!b || b->bytes - a->used < need) {
		room = next_block(a);
		big = need > room / 4;
		room = big ? need : room;
		b = xmalloc(sizeof(*b) + room);
		b->bytes = room;
		a->total += sizeof(*b) + room;
		if (a->head && big) {
			/* A big block of its own goes second; the present one stays in use. */
			b->next = a->head->next;
			a->head->next = b;
			return memset(b->data, 0, need);
		}
		b->next = a->head;
		a->head = b;
		a->used = 0;
	}
	p = b->data + a->used;
	a->used += need;
	return memset(p, 0, need);
}

void *arena_memdup(struct arena *a, const void *from, size_t bytes)
{
	void *p = arena_alloc(a, bytes);

	if (bytes)
		memcpy(p, from, bytes);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_memdup(a, s, strlen(s) + 1);
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list ap, again;
	char *s;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	s = arena_alloc(a, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, format, again);
	va_end(again);
	return s;
}

void arena_release(struct arena *a)
{
	struct arena_block *b = a->head, *next;

	for (; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena)ARENA_INIT;
}
