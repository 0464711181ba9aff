/* Every file is parsed once: a table of objects by path, in shards with a lock each. */
#include "matr-ld/internal.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

void objects_init(struct objects *s, const char *root)
{
	s->root = root;
	for (size_t i = 0; i < OBJECT_SHARDS; i++) {
		struct object_shard *h = &s->shards[i];

		pthread_mutex_init(&h->lock, NULL);
		pthread_cond_init(&h->done, NULL);
		h->capacity = 64;
		h->slots = xcalloc(h->capacity, sizeof(*h->slots));
	}
}

static void free_entry(struct object_entry *e)
{
	object_free(e->object);
	free(e->sentence);
	free(e->path);
	free(e);
}

void objects_release(struct objects *s)
{
	for (size_t i = 0; i < OBJECT_SHARDS; i++) {
		struct object_shard *h = &s->shards[i];
		struct object_entry *e, *next;

		for (size_t k = 0; k < h->capacity; k++)
			for (e = h->slots[k]; e; e = next) {
				next = e->next;
				free_entry(e);
			}
		free(h->slots);
		pthread_mutex_destroy(&h->lock);
		pthread_cond_destroy(&h->done);
	}
}

static void grow(struct object_shard *h)
{
	size_t capacity = h->capacity * 2;
	struct object_entry **slots = xcalloc(capacity, sizeof(*slots)), *e, *next;

	for (size_t k = 0; k < h->capacity; k++)
		for (e = h->slots[k]; e; e = next) {
			next = e->next;
			e->next = slots[e->hash & (capacity - 1)];
			slots[e->hash & (capacity - 1)] = e;
		}
	free(h->slots);
	h->slots = slots;
	h->capacity = capacity;
}

static struct object_entry *find(struct object_shard *h, const char *path, uint64_t hash)
{
	struct object_entry *e = h->slots[hash & (h->capacity - 1)];

	while (e && (e->hash != hash || strcmp(e->path, path) != 0))
		e = e->next;
	return e;
}

static struct object_entry *add(struct object_shard *h, const char *path, uint64_t hash)
{
	struct object_entry *e = xcalloc(1, sizeof(*e));

	if (h->count++ >= h->capacity)
		grow(h);
	e->path = xstrdup(path);
	e->hash = hash;
	e->next = h->slots[hash & (h->capacity - 1)];
	h->slots[hash & (h->capacity - 1)] = e;
	return e;
}

static bool is_absent(const struct object_entry *e)
{
	return e->code == -ENOENT || e->code == -ENOTDIR;
}

static void parse(const struct objects *s, struct object_entry *e)
{
	struct err error = ERR_INIT;

	e->code = object_open(&e->object, s->root, e->path, &e->reason, &error);
	if (e->code < 0 && !is_absent(e))
		e->sentence = xstrdup(error.text);
}

const struct object_entry *objects_get(struct objects *s, const char *path)
{
	uint64_t hash = XXH3_64bits(path, strlen(path));
	struct object_shard *h = &s->shards[hash >> 58];
	struct object_entry *e;

	pthread_mutex_lock(&h->lock);
	e = find(h, path, hash);
	if (e) {
		while (!e->ready)
			pthread_cond_wait(&h->done, &h->lock);
		pthread_mutex_unlock(&h->lock);
		if (e->code == -EACCES && root_denied)
			root_denied(path);
		return is_absent(e) ? NULL : e;
	}
	e = add(h, path, hash);
	pthread_mutex_unlock(&h->lock);
	parse(s, e);
	pthread_mutex_lock(&h->lock);
	e->ready = true;
	pthread_cond_broadcast(&h->done);
	pthread_mutex_unlock(&h->lock);
	return is_absent(e) ? NULL : e;
}

void objects_lock(struct objects *s)
{
	for (size_t i = 0; i < OBJECT_SHARDS; i++)
		pthread_mutex_lock(&s->shards[i].lock);
}

void objects_unlock(struct objects *s)
{
	for (size_t i = 0; i < OBJECT_SHARDS; i++)
		pthread_mutex_unlock(&s->shards[i].lock);
}

/* What another thread was about to parse: that thread is not here. */
static void drop_unready(struct object_shard *h)
{
	for (size_t k = 0; k < h->capacity; k++)
		for (struct object_entry **at = &h->slots[k]; *at;) {
			if ((*at)->ready) {
				at = &(*at)->next;
				continue;
			}
			*at = (*at)->next;
			h->count--;
		}
}

void objects_in_child(struct objects *s)
{
	for (size_t i = 0; i < OBJECT_SHARDS; i++) {
		pthread_mutex_init(&s->shards[i].lock, NULL);
		pthread_cond_init(&s->shards[i].done, NULL);
		drop_unready(&s->shards[i]);
	}
}
