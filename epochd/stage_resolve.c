/* stage_resolve.c - every program's mapping, taken over from the parent or resolved */
#include "epochd/making.h"

#include "image/reason.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An image costs a few mappings at exec: a program that binds little is better off without. */
static void weigh(const struct making *m, struct program *p)
{
	char text[120];

	if (p->reason)
		return;
	p->layout = policy_for(&m->policy, p->path);
	if (p->layout == POLICY_OFF) {
		p->reason = REASON_LAYOUT_OFF;
		p->detail = xstrdup(policy_source(&m->policy, p->path));
		return;
	}
	p->published = p->lookups + p->lazy / ENGINE_LAZY_WEIGHT >= m->least;
	if (p->published)
		return;
	snprintf(text, sizeof(text), "%zu lookups at start and %zu lazy ones: too few", p->lookups,
		 p->lazy);
	p->reason = REASON_NOT_WORTHWHILE;
	p->detail = xstrdup(text);
}

static uint32_t program_flags(const struct program *p)
{
	return (p->published ? PROGRAM_PUBLISHED : 0) |
	       (p->published && p->layout == POLICY_EXEC ? PROGRAM_LAYOUT_EXEC : 0);
}

int making_keep_program(struct making *m, struct program *p, const struct mapping *mapping,
			const uint8_t (*keys)[TABLE_KEY_BYTES], struct err *e)
{
	struct mapping kept = *mapping;
	uint8_t key[PROGRAM_KEY_BYTES];

	kept.reason = p->reason;
	kept.detail = p->detail;
	if (!m->write)
		return 0;
	memcpy(key, p->key, sizeof(key));
	return catalogue_put_mapping(m->write,
				     &(struct catalogue_put){.epoch = m->number,
							     .mapping = &kept,
							     .table_keys = keys,
							     .program_key = p->object ? key : NULL,
							     .flags = program_flags(p)},
				     e);
}

/* The file itself cannot be parsed: the resolver tells why as far as it got. */
static int unreadable_program(struct making *m, struct program *p, unsigned reason,
			      const struct err *why, struct err *e)
{
	const struct mapping nothing = {.path = p->path};

	p->reason = reason ? reason : REASON_UNREADABLE_FILE;
	p->detail = xstrdup(why->text);
	return making_keep_program(m, p, &nothing, NULL, e);
}

void making_guard(struct making *m, const struct object *o)
{
	if (!o) /* a worker's user could not read it */
		return;
	guard_object(&m->guard, o);
	if (store_is_shared(m->store))
		guard_modes(&m->guard, o->path);
}

static void guard_closure(struct making *m, const struct program *p)
{
	for (size_t i = 0; i < p->member_count; i++)
		making_guard(m, p->members[i].object);
}

static int take_over(struct making *m, struct program *p, struct err *e)
{
	uint8_t key[PROGRAM_KEY_BYTES];

	if (!p->kept) {
		weigh(m, p);
		guard_closure(m, p);
	}
	if (!m->write)
		return 0;
	memcpy(key, p->key, sizeof(key));
	return catalogue_copy_program(m->write,
				      &(struct catalogue_copy){.from = m->parent,
							       .to = m->number,
							       .path = p->path,
							       .program_key = p->kept ? NULL : key,
							       .flags = program_flags(p)},
				      e);
}

int making_take(struct making *m, struct program *p, const struct mapping *mapping,
		const uint8_t (*keys)[TABLE_KEY_BYTES], struct err *e)
{
	program_take(p, mapping, &m->tables, keys);
	weigh(m, p);
	guard_closure(m, p);
	return making_keep_program(m, p, mapping, keys, e);
}

static int take_resolved(struct making *m, struct program *p, const struct mapping *mapping,
			 struct err *e)
{
	uint8_t (*keys)[TABLE_KEY_BYTES] = xcalloc(mapping->member_count + 1, sizeof(*keys));
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < mapping->member_count; i++)
		ret = catalogue_table_key(mapping, i, keys[i], e);
	if (ret == 0)
		ret = stage_preflight_look(m, mapping, (const uint8_t (*)[TABLE_KEY_BYTES])keys, e);
	if (ret == 0)
		ret = making_take(m, p, mapping, (const uint8_t (*)[TABLE_KEY_BYTES])keys, e);
	free(keys);
	return ret;
}

int making_resolve(struct making *m, const struct question *q, struct arena *a,
		   struct mapping *out, struct err *e)
{
	return workers_resolve(m->workers, q, a, out, e);
}

/* 1: taken over from the parent; 0: it has to be resolved. */
static int reuse_one(struct making *m, struct program *p, struct arena *a, struct err *e)
{
	const struct question closure = {.path = p->path, .flags = RESOLVE_CLOSURE_ONLY};
	const uint8_t (*keys)[TABLE_KEY_BYTES];
	struct mapping now = {0}, old = {0};
	int ret;

	if (!m->reuse || (m->continues && !p->same) ||
	    policy_for(&m->policy, p->path) == POLICY_OFF ||
	    making_resolve(m, &closure, a, &now, NULL) < 0 ||
	    !reuse_mapping(m->reuse, &now, a, &old, &keys))
		return 0;
	program_take(p, &old, &m->tables, keys);
	ret = take_over(m, p, e);
	return ret < 0 ? ret : 1;
}

static int resolve_one(void *context, size_t index, struct err *e)
{
	struct making *m = context;
	struct program *p = &m->programs[index];
	struct arena arena = ARENA_INIT;
	struct mapping mapping = {0};
	struct err local = ERR_INIT;
	int ret;

	if (m->request->import)
		return import_one(m, p, e);
	ret = p->kept ? 1 : reuse_one(m, p, &arena, e);
	if (p->kept)
		return take_over(m, p, e);

	if (ret == 0) {
		__atomic_add_fetch(&m->resolved, 1, __ATOMIC_RELAXED);
		if (making_resolve(m, &(struct question){.path = p->path}, &arena, &mapping,
				   &local) < 0)
			ret = unreadable_program(m, p, mapping.reason, &local, e);
		else
			ret = take_resolved(m, p, &mapping, e);
	}
	arena_release(&arena);
	return ret < 0 ? ret : 0;
}

int making_wake(struct making *m, struct program *p, struct err *e)
{
	free(p->detail);
	*p = (struct program){.path = p->path};
	return resolve_one(m, (size_t)(p - m->programs), e);
}

int stage_resolve(struct making *m, struct err *e)
{
	int ret = making_parallel(m, "resolving", m->program_count, resolve_one, e);

	workers_rest(m->workers);
	return ret;
}
