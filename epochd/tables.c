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
			free(at->index);
			free(at->pages);
			free(at);
		}
	pthread_mutex_destroy(&t->lock);
}

static size_t bucket_of(const struct object *o)
{
	return ((uintptr_t)o >> 4) * 0x9e3779b97f4a7c15u >> 32 & (TABLES_BUCKETS - 1);
}

/* The table with this key, else (found = false) the object's base or NULL. */
static struct table *find(const struct tables *t, const struct object *o,
			  const uint8_t key[TABLE_KEY_BYTES], bool *found)
{
	struct table *base = NULL;

	*found = true;
	for (struct table *at = t->buckets[bucket_of(o)]; at; at = at->next) {
		if (at->object != o)
			continue;
		if (!memcmp(at->key, key, TABLE_KEY_BYTES))
			return at;
		if (!at->base)
			base = at;
	}
	*found = false;
	return base;
}

/* As the catalogue names providers: so that a table is the same from there. */
static uint64_t provider_of(const struct mapping *m, size_t member, const struct binding *b)
{
	if (b->provider == PROVIDER_NONE || b->kind == BINDING_EXECUTABLE)
		return OBJECT_NONE;
	if (b->provider == member)
		return OBJECT_SELF;
	return b->provider == 0 ? OBJECT_EXECUTABLE : m->members[b->provider].object_key;
}

static struct entry make_entry(const struct mapping *m, size_t member, const struct binding *b)
{
	return (struct entry){
		.offset = b->offset,
		.value = b->provider == 0 && member != 0 && !b->absolute ? 0 : b->value,
		.addend = b->addend,
		.provider = provider_of(m, member, b),
		.symbol_index = b->symbol_index,
		.type = b->type,
		.kind = b->kind,
		.absolute = b->absolute,
	};
}

static bool entry_equal(const struct entry *a, const struct entry *b)
{
	return a->value == b->value && a->provider == b->provider && a->kind == b->kind &&
	       a->absolute == b->absolute && a->offset == b->offset && a->type == b->type &&
	       a->addend == b->addend && a->symbol_index == b->symbol_index;
}

/* Turns a whole table into its differences from the base, where these are few. */
static void reduce(struct table *table, const struct table *base)
{
	size_t differences = 0, at = 0;
	struct entry *entries;

	if (!base || base->count != table->count)
		return;
	for (size_t i = 0; i < table->count; i++)
		differences += !entry_equal(&table->entries[i], &base->entries[i]);
	if (differences > table->count / 2)
		return;
	entries = xcalloc(differences, sizeof(*entries));
	table->index = xcalloc(differences, sizeof(*table->index));
	for (size_t i = 0; i < table->count; i++) {
		if (entry_equal(&table->entries[i], &base->entries[i]))
			continue;
		entries[at] = table->entries[i];
		table->index[at++] = (uint32_t)i;
	}
	free(table->entries);
	table->entries = entries;
	table->count = differences;
	table->base = base;
}

static struct table *make(const struct mapping *m, size_t index, const uint8_t key[TABLE_KEY_BYTES])
{
	const struct member *member = &m->members[index];
	struct table *table = xcalloc(1, sizeof(*table));

	memcpy(table->key, key, TABLE_KEY_BYTES);
	table->object = member->object;
	table->count = table->bindings = member->binding_count;
	table->entries = xcalloc(table->count, sizeof(*table->entries));
	for (size_t i = 0; i < table->count; i++)
		table->entries[i] = make_entry(m, index, &member->bindings[i]);
	return table;
}

static void drop(struct table *table)
{
	free(table->entries);
	free(table->index);
	free(table);
}

static void insert(struct tables *t, struct table *table)
{
	struct table **bucket = &t->buckets[bucket_of(table->object)];

	table->next = *bucket;
	*bucket = table;
}

/* Under the lock: as find, but an object that has no table yet gets the layout's base. */
static struct table *find_or_inherit(struct tables *t, const struct object *o,
				     const uint8_t key[TABLE_KEY_BYTES], bool *found)
{
	struct table *base = find(t, o, key, found);

	if (base || !t->inherit.base)
		return base;
	base = t->inherit.base(t->inherit.context, o);
	if (!base)
		return NULL;
	insert(t, base);
	return find(t, o, key, found);
}

struct table *tables_add(struct tables *t, const struct mapping *m, size_t index,
			 const uint8_t key[TABLE_KEY_BYTES])
{
	const struct object *o = m->members[index].object;
	struct table *table = NULL, *base, *other;
	bool found;

	pthread_mutex_lock(&t->lock);
	other = base = find_or_inherit(t, o, key, &found);
	if (!found) {
		pthread_mutex_unlock(&t->lock);
		table = make(m, index, key);
		reduce(table, base);
		pthread_mutex_lock(&t->lock);
		other = find(t, o, key, &found);
		if (!found) {
			table->is_base = !other;
			if (t->inherit.place)
				t->inherit.place(t->inherit.context, table);
			insert(t, table);
			other = table;
		}
	}
	other->live = true;
	pthread_mutex_unlock(&t->lock);
	if (table && other != table)
		drop(table);
	return other;
}

struct entries table_entries(const struct table *t)
{
	struct entries e = {.at = t->entries, .count = t->count};

	if (!t->base)
		return e;
	e.count = t->base->count;
	e.owned = xcalloc(e.count, sizeof(*e.owned));
	memcpy(e.owned, t->base->entries, e.count * sizeof(*e.owned));
	for (size_t i = 0; i < t->count; i++)
		e.owned[t->index[i]] = t->entries[i];
	e.at = e.owned;
	return e;
}

void entries_release(struct entries *e)
{
	free(e->owned);
	*e = (struct entries){0};
}
