#include "epochd/tables.h"

#include "common/arena.h"

#include <stdlib.h>
#include <string.h>

void tables_init(struct tables *t)
{
	memset(t, 0, sizeof(*t));
	pthread_mutex_init(&t->lock, NULL);
}

void tables_release(struct tables *t)
{
	struct table *at, *next;

	for (size_t i = 0; i < TABLES_BUCKETS; i++)
		for (at = t->buckets[i]; at; at = next) {
			next = at->next;
			free(at->entries);
			free(at->pages);
			free(at);
		}
	pthread_mutex_destroy(&t->lock);
}

static size_t bucket_of(const struct object *o, const uint8_t key[TABLE_KEY_BYTES])
{
	uint64_t h;

	memcpy(&h, key, sizeof(h));
	h ^= (uintptr_t)o >> 4;
	return h * 0x9e3779b97f4a7c15u >> 32 & (TABLES_BUCKETS - 1);
}

static struct table *find(const struct tables *t, size_t bucket, const struct object *o,
			  const uint8_t key[TABLE_KEY_BYTES])
{
	for (struct table *at = t->buckets[bucket]; at; at = at->next)
		if (at->object == o && !memcmp(at->key, key, TABLE_KEY_BYTES))
			return at;
	return NULL;
}

static struct table *make(const struct mapping *m, const struct member *member,
			  const uint8_t key[TABLE_KEY_BYTES])
{
	struct table *table = xcalloc(1, sizeof(*table));

	memcpy(table->key, key, TABLE_KEY_BYTES);
	table->object = member->object;
	table->count = member->binding_count;
	table->entries = xcalloc(table->count, sizeof(*table->entries));
	for (size_t i = 0; i < table->count; i++) {
		const struct binding *b = &member->bindings[i];
		bool named = b->provider != PROVIDER_NONE && b->kind != BINDING_EXECUTABLE;

		table->entries[i] = (struct entry){
			.offset = b->offset,
			.value = b->value,
			.addend = b->addend,
			.provider = named ? m->members[b->provider].object : NULL,
			.symbol_index = b->symbol_index,
			.type = b->type,
			.kind = b->kind,
			.absolute = b->absolute,
		};
	}
	return table;
}

struct table *tables_add(struct tables *t, const struct mapping *m, size_t index,
			 const uint8_t key[TABLE_KEY_BYTES])
{
	const struct member *member = &m->members[index];
	size_t bucket = bucket_of(member->object, key);
	struct table *table, *other;

	pthread_mutex_lock(&t->lock);
	table = find(t, bucket, member->object, key);
	pthread_mutex_unlock(&t->lock);
	if (table)
		return table;
	table = make(m, member, key);
	pthread_mutex_lock(&t->lock);
	other = find(t, bucket, member->object, key);
	if (!other) {
		table->next = t->buckets[bucket];
		t->buckets[bucket] = table;
		t->count++;
		t->bindings += table->count;
	}
	pthread_mutex_unlock(&t->lock);
	if (!other)
		return table;
	free(table->entries);
	free(table);
	return other;
}
