/*
 * stage_import.c - a program's mapping, taken from the record of an import
 *
 * The closure is found here, on this machine's files.  Only where it is the record's, object by
 * object and by content, its tables are taken, and only after each was compared with the
 * relocations and symbols of the objects (confirm.h).  Whatever does not agree is refused: it is the
 * next ordinary epoch's to resolve.
 */
#include "epochd/making.h"

#include "image/reason.h"
#include "matr-ld/confirm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MEMO_SLOTS 65536u /* a power of two; more distinct tables are compared again */

/* Tables of which is known that they are their object's; by key and object. */
static struct {
	pthread_mutex_t lock;
	struct confirmed {
		uint8_t key[TABLE_KEY_BYTES];
		uint64_t object;
	} at[MEMO_SLOTS];
} memo = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool is_confirmed(const uint8_t key[TABLE_KEY_BYTES], uint64_t object)
{
	const struct confirmed *c;
	uint64_t hash;
	bool yes;

	memcpy(&hash, key, sizeof(hash));
	c = &memo.at[hash & (MEMO_SLOTS - 1)];
	pthread_mutex_lock(&memo.lock);
	yes = c->object == object && !memcmp(c->key, key, TABLE_KEY_BYTES);
	pthread_mutex_unlock(&memo.lock);
	return yes;
}

static void note_confirmed(const uint8_t key[TABLE_KEY_BYTES], uint64_t object)
{
	struct confirmed *c;
	uint64_t hash;

	memcpy(&hash, key, sizeof(hash));
	c = &memo.at[hash & (MEMO_SLOTS - 1)];
	pthread_mutex_lock(&memo.lock);
	c->object = object;
	memcpy(c->key, key, TABLE_KEY_BYTES);
	pthread_mutex_unlock(&memo.lock);
}

/* One program that is being imported. */
struct importing {
	struct catalogue_read *read;
	struct arena *arena;
	struct mapping now;              /* the closure as it is here; becomes the mapping */
	struct catalogue_program record; /* as it was there */
	uint8_t (*keys)[TABLE_KEY_BYTES];
};

static int compare_object(const struct member *here, const struct catalogue_object *there,
			  struct err *e)
{
	if (strcmp(here->path, there->path) != 0)
		return err_set(e, -EBADMSG, "it has '%s' in the place of '%s'", here->path, there->path);
	if (here->build_id_bytes != there->build_id_bytes ||
	    memcmp(here->build_id, there->build_id, here->build_id_bytes) != 0)
		return err_set(e, -EBADMSG, "'%s' has another build-id", here->path);
	if (here->identity.size != there->identity.size || here->object_key != there->object_key)
		return err_set(e, -EBADMSG, "'%s' has another content", here->path);
	return 0;
}

static int compare_closure(struct importing *i, struct err *e)
{
	struct catalogue_object there;
	int ret = 0;

	for (size_t k = 0; ret == 0 && k < i->now.member_count && k < i->record.member_count; k++) {
		ret = catalogue_get_object(i->read, i->record.members[k].object_record, i->arena,
					   &there, e);
		if (ret == 0)
			ret = compare_object(&i->now.members[k], &there, e);
	}
	if (ret == 0 && i->now.member_count != i->record.member_count)
		ret = err_set(e, -EBADMSG, "it has %zu objects, and had %zu", i->now.member_count,
			      i->record.member_count);
	return ret;
}

/* The bindings of the record, for the objects that are here. */
static int take_bindings(struct importing *i, const struct making *m, struct err *e)
{
	struct catalogue_get get = {.epoch = m->request->import,
				    .path = i->now.path,
				    .flags = CATALOGUE_NO_NAMES,
				    .arena = i->arena};
	struct mapping there;
	int ret = catalogue_get_mapping(i->read, &get, &there, e);

	if (ret < 0)
		return ret;
	i->keys = arena_alloc(i->arena, i->now.member_count * sizeof(*i->keys));
	i->now.fixups = there.fixups;
	i->now.fixup_count = there.fixup_count;
	for (size_t k = 0; k < i->now.member_count; k++) {
		struct member *to = &i->now.members[k];

		to->bindings = there.members[k].bindings;
		to->binding_count = there.members[k].binding_count;
		memcpy(i->keys[k], i->record.members[k].table, TABLE_KEY_BYTES);
		for (size_t n = 0; n < to->binding_count; n++)
			i->now.lazy_left += to->bindings[n].kind == BINDING_LAZY;
	}
	return 0;
}

static int confirm(const struct importing *i, struct err *e)
{
	int ret = 0;

	for (size_t k = 0; ret == 0 && k < i->now.member_count; k++) {
		uint64_t object = i->now.members[k].object_key;

		if (i->now.members[k].binding_count && is_confirmed(i->keys[k], object))
			continue;
		ret = confirm_member(&i->now, k, e);
		if (ret == 0 && i->now.members[k].binding_count)
			note_confirmed(i->keys[k], object);
	}
	return ret < 0 ? ret : confirm_fixups(&i->now, e);
}

static int find_mapping(struct importing *i, struct making *m, const char *path, struct err *e)
{
	int ret = catalogue_read_begin(&i->read, m->store, e);

	if (ret < 0)
		return ret;
	ret = making_resolve(m, &(struct question){.path = path, .flags = RESOLVE_CLOSURE_ONLY},
			     i->arena, &i->now, e);
	if (ret == 0 && !i->now.reason)
		ret = catalogue_get_program(i->read, m->request->import, i->now.path, i->arena,
					    &i->record, e);
	if (ret == 0 && !i->now.reason)
		ret = compare_closure(i, e);
	if (ret == 0 && !i->now.reason)
		ret = take_bindings(i, m, e);
	if (ret == 0 && !i->now.reason)
		ret = confirm(i, e);
	catalogue_read_end(i->read);
	return ret;
}

/* A record without members: the next epoch looks at the program anew. */
static int refuse(struct making *m, struct program *p, unsigned reason, const char *why,
		  struct err *e)
{
	const struct mapping empty = {.path = p->path};

	p->reason = reason;
	p->detail = why ? xstrdup(why) : NULL;
	return making_keep_program(m, p, &empty, NULL, e);
}

int import_one(struct making *m, struct program *p, struct err *e)
{
	struct arena arena = ARENA_INIT;
	struct importing i = {.arena = &arena};
	struct err why = ERR_INIT;
	int ret = find_mapping(&i, m, p->path, &why);

	if (ret < 0) {
		ret = refuse(m, p, REASON_IMPORT_DIFFERS, why.text, e);
	} else if (i.now.reason) {
		ret = refuse(m, p, i.now.reason, i.now.detail, e);
	} else {
		ret = making_take(m, p, &i.now, (const uint8_t (*)[TABLE_KEY_BYTES])i.keys, e);
		__atomic_add_fetch(&m->imported, 1, __ATOMIC_RELAXED);
	}
	arena_release(&arena);
	return ret;
}
