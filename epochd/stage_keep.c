/*
 * stage_keep.c - which programs are as they were, and what can be built upon
 *
 * A program of which nothing has moved keeps its record and its image.  Whether
 * nothing moved is asked in two ways: first by looking at files and folders
 * only; where that does not tell, by finding the closure again.
 */
#include "epochd/making.h"

#include "image/reason.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Pages of which no more than a part is still used are not worth adding to. */
#define SPARE_BYTES ((uint64_t)64 << 20)

static void mark_live(struct making *m, const struct catalogue_program *from)
{
	bool published = from->flags & PROGRAM_PUBLISHED;

	for (size_t i = 0; i < from->member_count; i++) {
		uint64_t key = reuse_object_key(m->reuse, from->members[i].object_record);
		struct ledger_table *t = ledger_table(&m->ledger, key, from->members[i].table);
		struct ledger_slot *s = published ? ledger_slot(&m->ledger, key) : NULL;

		if (t)
			__atomic_or_fetch(&t->flags, LEDGER_LIVE, __ATOMIC_RELAXED);
		if (s)
			__atomic_store_n(&s->live, 1, __ATOMIC_RELAXED);
	}
}

/* The policy would have the same image of it, or the same reason for none. */
static bool policy_agrees(const struct making *m, const struct program *p,
			  const struct catalogue_program *from)
{
	enum policy_layout now = policy_for(&m->policy, p->path);

	if (from->reason == REASON_LAYOUT_OFF)
		return now == POLICY_OFF && from->detail &&
		       !strcmp(from->detail, policy_source(&m->policy, p->path));
	if (from->flags & PROGRAM_PUBLISHED)
		return now == (from->flags & PROGRAM_LAYOUT_EXEC ? POLICY_EXEC : POLICY_EPOCH);
	return now != POLICY_OFF || from->reason != REASON_NOT_WORTHWHILE;
}

/* A twin that looked the same may have gone; a worker may get through where the last one died. */
static void take_same(struct making *m, struct program *p, const struct catalogue_program *from)
{
	p->same = true;
	p->kept = from->reason != REASON_SAME_KEY && from->reason != REASON_WORKER_DIED &&
		  policy_agrees(m, p, from);
	if (!p->kept)
		return;
	p->layout = from->flags & PROGRAM_LAYOUT_EXEC ? POLICY_EXEC : POLICY_EPOCH;
	p->reason = from->reason;
	p->detail = from->detail ? xstrdup(from->detail) : NULL;
	p->published = from->flags & PROGRAM_PUBLISHED;
	p->bindings = from->bindings;
	memcpy(p->key, from->key, sizeof(p->key));
	mark_live(m, from);
}

static void keep_untouched(struct making *m, struct program *p)
{
	struct catalogue_program from;
	struct arena arena = ARENA_INIT;

	if (reuse_untouched(m->reuse, p->path, &arena, &from))
		take_same(m, p, &from);
	arena_release(&arena);
}

/* Of a file that cannot be parsed it is the reason why not. */
static void find_closure(struct making *m, const struct question *q, struct arena *a,
			 struct mapping *out)
{
	struct err why = ERR_INIT;

	if (making_resolve(m, q, a, out, &why) == 0)
		return;
	*out = (struct mapping){.path = q->path,
				.reason = out->reason ? out->reason : REASON_UNREADABLE_FILE,
				.detail = arena_strdup(a, why.text)};
}

static int keep_same_closure(void *context, size_t index, struct err *e)
{
	struct making *m = context;
	struct program *p = &m->programs[index];
	const struct question q = {.path = p->path, .flags = RESOLVE_CLOSURE_ONLY};
	struct catalogue_program from;
	struct arena arena = ARENA_INIT;
	struct mapping now = {0};

	(void)e;
	if (!p->same)
		find_closure(m, &q, &arena, &now);
	if (!p->same && reuse_same_closure(m->reuse, &now, &arena, &from)) {
		take_same(m, p, &from);
		for (size_t i = 0; p->kept && i < now.member_count; i++)
			making_guard(m, now.members[i].object);
	}
	arena_release(&arena);
	return 0;
}

/* Is the last epoch current, or was it only withdrawn?  One that was rolled back is neither. */
static bool may_stay(const struct making *m)
{
	uint64_t current;
	int ret = publish_current(m->store, &current, NULL);

	return ret == 0 ? current == m->parent
			: ret == -ENOENT && publish_is_sealed(m->store, m->parent);
}

static bool is_unchanged(const struct making *m)
{
	if (m->request->rekey || reuse_cache_moved(m->reuse) ||
	    reuse_parent(m->reuse)->flags != making_flags(m) || !may_stay(m) ||
	    reuse_parent(m->reuse)->programs != m->program_count)
		return false;
	for (size_t i = 0; i < m->program_count; i++)
		if (!m->programs[i].same)
			return false;
	return true;
}

/* May this epoch add a layer to its parent's layout? */
static bool can_continue(const struct making *m)
{
	const struct ledger *l = &m->ledger;
	uint64_t all = 0;

	if (m->request->rekey || !l->layer_count || l->layer_count >= MATR_MAX_LAYERS)
		return false;
	for (uint32_t i = 0; i < l->layer_count; i++)
		all += l->layers[i].bytes;
	return all <= l->living + l->living / 2 + SPARE_BYTES;
}

int stage_keep(struct making *m, bool *unchanged, struct err *e)
{
	struct buf bytes = BUF_INIT;
	int ret;

	*unchanged = false;
	if (!m->reuse)
		return 0;
	if (publish_load(m->store, m->parent, LEDGER_FILE, &bytes, NULL) == 0)
		ledger_load(&m->ledger, &bytes, store_id(m->store));
	buf_release(&bytes);
	for (size_t i = 0; i < m->program_count; i++)
		keep_untouched(m, &m->programs[i]);
	ret = making_parallel(m, "comparing", m->program_count, keep_same_closure, e);
	if (ret < 0)
		return ret;
	*unchanged = is_unchanged(m);
	m->continues = can_continue(m);
	return 0;
}

/* What was marked to be kept has to be taken over by the tables instead. */
void keep_nothing(struct making *m)
{
	ledger_release(&m->ledger);
	m->continues = false;
	for (size_t i = 0; i < m->program_count; i++) {
		struct program *p = &m->programs[i];

		if (!p->kept)
			continue;
		free(p->detail);
		*p = (struct program){.path = p->path};
	}
}
