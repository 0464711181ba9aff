/* Parsed files by path, as one worker keeps them. */
#include "matr/verify.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	char *path;
	struct object *object;
	struct object_data data; /* no segments: not loaded yet */
	struct entry *next;
};

#define BUCKETS 4096

#define KEPT_MAX 600 /* objects; about the libraries of a desktop's programs */

struct object_cache {
	struct entry *buckets[BUCKETS];
	size_t count;
};

static size_t bucket_of(const char *path)
{
	uint32_t h = 5381;

	for (; *path; path++)
		h = h * 33 + (unsigned char)*path;
	return h % BUCKETS;
}

struct object_cache *object_cache_new(void) { return xcalloc(1, sizeof(struct object_cache)); }

static void free_entry(struct entry *n)
{
	object_data_release(&n->data);
	object_free(n->object);
	free(n->path);
	free(n);
}

static void clear(struct object_cache *c)
{
	struct entry *n, *next;

	for (size_t i = 0; i < BUCKETS; i++) {
		for (n = c->buckets[i]; n; n = next) {
			next = n->next;
			free_entry(n);
		}
		c->buckets[i] = NULL;
	}
	c->count = 0;
}

void object_cache_free(struct object_cache *c)
{
	if (c)
		clear(c);
	free(c);
}

void object_cache_trim(struct object_cache *c, const char *program)
{
	struct entry **at = &c->buckets[bucket_of(program)], *n;

	while ((n = *at)) {
		if (strcmp(n->path, program) != 0) {
			at = &n->next;
			continue;
		}
		*at = n->next;
		free_entry(n);
		c->count--;
	}
	if (c->count > KEPT_MAX)
		clear(c);
}

static bool is_current(const struct object *o, const char *path)
{
	struct identity now;
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	identity_from_stat(&now, &st);
	return identity_equal(&now, &o->identity);
}

const struct object *object_cache_get(struct object_cache *c, const char *path, struct err *e)
{
	struct entry **at = &c->buckets[bucket_of(path)], *n;
	struct object *o;
	unsigned reason;

	for (n = *at; n; n = n->next) {
		if (strcmp(n->path, path) != 0)
			continue;
		/* Else it is opened anew; pictures of the old one still point to it. */
		if (is_current(n->object, path))
			return n->object;
		break;
	}
	if (object_open(&o, "", path, &reason, e) < 0)
		return NULL;
	n = xmalloc(sizeof(*n));
	*n = (struct entry){.path = xstrdup(path), .object = o, .next = *at};
	*at = n;
	c->count++;
	return o;
}

const struct object_data *object_cache_data(struct object_cache *c, const struct object *o)
{
	for (struct entry *n = c->buckets[bucket_of(o->path)]; n; n = n->next) {
		if (n->object != o)
			continue;
		if (n->data.segments || object_data_load(&n->data, o, NULL) == 0)
			return &n->data;
	}
	return NULL;
}
