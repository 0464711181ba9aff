#include "epochd/referrers.h"

#include "epochd/exports.h"

#include <stdlib.h>

struct referrers_object {
	uint64_t key;   /* object key; 0: free */
	uint64_t *names; /* string key of each symbol's name; owned */
};

struct referrers_answer {
	uint64_t key; /* 0: free */
	bool yes;
};

void referrers_release(struct referrers *r)
{
	for (size_t i = 0; i < r->object_capacity; i++)
		free(r->objects[i].names);
	free(r->objects);
	free(r->answers);
	*r = (struct referrers){0};
}

static struct referrers_object *object_place(struct referrers_object *o, size_t capacity,
					     uint64_t key)
{
	size_t at = key & (capacity - 1);

	while (o[at].key && o[at].key != key)
		at = (at + 1) & (capacity - 1);
	return &o[at];
}

static struct referrers_answer *answer_place(struct referrers_answer *a, size_t capacity,
					     uint64_t key)
{
	size_t at = key & (capacity - 1);

	while (a[at].key && a[at].key != key)
		at = (at + 1) & (capacity - 1);
	return &a[at];
}

static void grow_objects(struct referrers *r)
{
	size_t capacity = r->object_capacity ? r->object_capacity * 2 : 1024;
	struct referrers_object *new = xcalloc(capacity, sizeof(*new));

	for (size_t i = 0; i < r->object_capacity; i++)
		if (r->objects[i].key)
			*object_place(new, capacity, r->objects[i].key) = r->objects[i];
	free(r->objects);
	r->objects = new;
	r->object_capacity = capacity;
}

static void grow_answers(struct referrers *r)
{
	size_t capacity = r->answer_capacity ? r->answer_capacity * 2 : 4096;
	struct referrers_answer *new = xcalloc(capacity, sizeof(*new));

	for (size_t i = 0; i < r->answer_capacity; i++)
		if (r->answers[i].key)
			*answer_place(new, capacity, r->answers[i].key) = r->answers[i];
	free(r->answers);
	r->answers = new;
	r->answer_capacity = capacity;
}

static const uint64_t *names_of(struct referrers *r, const struct object *o)
{
	struct referrers_object *slot;

	if (r->object_count * 2 >= r->object_capacity)
		grow_objects(r);
	slot = object_place(r->objects, r->object_capacity, o->key);
	if (!slot->key) {
		slot->key = o->key;
		slot->names = xcalloc(o->symbol_count + 1, sizeof(*slot->names));
		for (size_t i = 1; i < o->symbol_count; i++)
			slot->names[i] = catalogue_string_key(object_symbol_name(o, i));
		r->object_count++;
	}
	return slot->names;
}

static bool refers(const uint64_t *names, size_t count, const struct catalogue_exports *symbols)
{
	for (size_t i = 1; i < count; i++)
		if (exports_have(symbols, names[i], 0))
			return true;
	return false;
}

bool referrers_ask(struct referrers *r, const struct object *o,
		   const struct catalogue_exports *symbols, size_t number)
{
	uint64_t key = (o->key ^ number * 0x9e3779b97f4a7c15u) | 1;
	struct referrers_answer *slot;

	if (r->answer_count * 2 >= r->answer_capacity)
		grow_answers(r);
	slot = answer_place(r->answers, r->answer_capacity, key);
	if (!slot->key) {
		*slot = (struct referrers_answer){
			key, refers(names_of(r, o), o->symbol_count, symbols)};
		r->answer_count++;
	}
	return slot->yes;
}
