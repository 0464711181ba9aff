#include "epochd/reuse.h"

#include "epochd/guard.h"
#include "image/reason.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEEN_SLOTS 65536 /* objects of an epoch, with room */

enum verdict { NOT_SEEN = 0, SAME, CHANGED };

struct seen {
	uint64_t record; /* 0: empty */
	enum verdict verdict;
};

struct reuse {
	pthread_mutex_t lock;        /* over the snapshot and `seen` */
	struct catalogue_read *read;
	struct catalogue_epoch parent;
	struct arena arena;
	struct seen *seen;           /* open addressing, by object record */
	size_t seen_count;
};

static bool same_system(const struct catalogue_epoch *parent,
			const struct resolver_system *system, const struct catalogue_epoch *wanted)
{
	return parent->flags == wanted->flags && parent->cpu_level == system->cpu_level &&
	       parent->has_cache == system->has_cache &&
	       parent->has_preload == system->has_preload &&
	       identity_equal(&parent->cache, &system->cache) &&
	       identity_equal(&parent->preload, &system->preload) &&
	       identity_equal(&parent->loader, &system->loader) &&
	       !strcmp(parent->root, wanted->root);
}

static int read_parent(struct reuse *r, const struct resolver_system *system,
		       const struct catalogue_epoch *wanted, struct err *e)
{
	struct catalogue_file *files;
	size_t count;
	int ret = catalogue_get_epoch(r->read, wanted->parent, &r->arena, &r->parent, e);

	if (ret == 0)
		ret = catalogue_get_files(r->read, &r->arena, &files, &count, e);
	if (ret < 0)
		return ret;
	return same_system(&r->parent, system, wanted) && guard_holds(files, count) ? 0 : -ENOENT;
}

int reuse_open(struct reuse **out, struct store *s, const struct resolver_system *system,
	       const struct catalogue_epoch *wanted, struct err *e)
{
	struct reuse *r;
	int ret;

	*out = NULL;
	if (!wanted->parent)
		return 0;
	r = xcalloc(1, sizeof(*r));
	pthread_mutex_init(&r->lock, NULL);
	r->seen = xcalloc(SEEN_SLOTS, sizeof(*r->seen));
	ret = catalogue_read_begin(&r->read, s, e);
	if (ret == 0)
		ret = read_parent(r, system, wanted, e);
	if (ret == 0) {
		*out = r;
		return 0;
	}
	reuse_close(r);
	/* A parent that is gone or cannot be read is no reason not to begin an epoch. */
	return ret == -ENOMEM ? ret : 0;
}

void reuse_close(struct reuse *r)
{
	if (!r)
		return;
	if (r->read)
		catalogue_read_end(r->read);
	arena_release(&r->arena);
	free(r->seen);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

const struct catalogue_epoch *reuse_parent(const struct reuse *r)
{
	return &r->parent;
}

static struct seen *place_of(struct reuse *r, uint64_t record)
{
	size_t at = record * 0x9e3779b97f4a7c15u >> 40 & (SEEN_SLOTS - 1);

	while (r->seen[at].record && r->seen[at].record != record)
		at = (at + 1) & (SEEN_SLOTS - 1);
	return &r->seen[at];
}

static enum verdict look_at(struct reuse *r, uint64_t record)
{
	struct catalogue_object o;
	struct arena arena = ARENA_INIT;
	enum verdict verdict = CHANGED;
	struct identity now;
	struct stat st;

	if (catalogue_get_object(r->read, record, &arena, &o, NULL) == 0 &&
	    stat(o.path, &st) == 0) {
		identity_from_stat(&now, &st);
		if (identity_equal(&now, &o.identity))
			verdict = SAME;
	}
	arena_release(&arena);
	return verdict;
}

static bool object_unchanged(struct reuse *r, uint64_t record)
{
	struct seen *s = place_of(r, record);

	if (s->record)
		return s->verdict == SAME;
	if (r->seen_count + 1 >= SEEN_SLOTS) /* more objects than are worth remembering */
		return look_at(r, record) == SAME;
	s->record = record;
	s->verdict = look_at(r, record);
	r->seen_count++;
	return s->verdict == SAME;
}

/* What is not there can come: such a program is looked at every time. */
static bool depends_on_absence(unsigned reason)
{
	return reason == REASON_LIBRARY_MISSING || reason == REASON_LIBRARY_BAD ||
	       reason == REASON_UNREADABLE_FILE || reason == REASON_RELATIVE_PATH;
}

static bool unchanged(struct reuse *r, const char *path, struct arena *a)
{
	struct catalogue_program p;

	if (catalogue_get_program(r->read, r->parent.number, path, a, &p, NULL) < 0 ||
	    p.member_count == 0 || depends_on_absence(p.reason))
		return false;
	for (size_t i = 0; i < p.member_count; i++)
		if (!object_unchanged(r, p.members[i].object_record))
			return false;
	return true;
}

bool reuse_unchanged(struct reuse *r, const char *path)
{
	struct arena arena = ARENA_INIT;
	bool yes;

	pthread_mutex_lock(&r->lock);
	yes = unchanged(r, path, &arena);
	pthread_mutex_unlock(&r->lock);
	arena_release(&arena);
	return yes;
}

bool reuse_same_refusal(struct reuse *r, const struct mapping *now)
{
	struct arena arena = ARENA_INIT;
	struct catalogue_program p;
	bool same;

	pthread_mutex_lock(&r->lock);
	same = catalogue_get_program(r->read, r->parent.number, now->path, &arena, &p, NULL) == 0 &&
	       p.reason == now->reason && p.detail && now->detail &&
	       !strcmp(p.detail, now->detail);
	pthread_mutex_unlock(&r->lock);
	arena_release(&arena);
	return same;
}

/* The record's members as parsed objects; false where one is not what the record says. */
static bool find_objects(struct mapping *m, struct resolver *resolver)
{
	for (size_t i = 0; i < m->member_count; i++) {
		struct member *member = &m->members[i];

		member->object = resolver_object(resolver, member->path);
		if (!member->object ||
		    !identity_equal(&member->object->identity, &member->identity))
			return false;
	}
	return true;
}

/* Reads the record and its tables in one go; the snapshot is one thread's at a time. */
static int read_mapping(struct reuse *r, const char *path, struct arena *a, struct mapping *m,
			uint8_t (**keys)[TABLE_KEY_BYTES])
{
	struct catalogue_get get = {.epoch = r->parent.number,
				    .path = path,
				    .flags = CATALOGUE_NO_NAMES,
				    .arena = a};
	struct catalogue_program p;
	int ret = -ENOENT;

	pthread_mutex_lock(&r->lock);
	if (unchanged(r, path, a)) {
		ret = catalogue_get_program(r->read, r->parent.number, path, a, &p, NULL);
		if (ret == 0)
			ret = catalogue_get_mapping(r->read, &get, m, NULL);
	}
	pthread_mutex_unlock(&r->lock);
	if (ret < 0)
		return ret;
	*keys = arena_alloc(a, (p.member_count + 1) * sizeof(**keys));
	for (size_t i = 0; i < p.member_count; i++)
		memcpy((*keys)[i], p.members[i].table, TABLE_KEY_BYTES);
	return 0;
}

bool reuse_program(struct reuse *r, const struct reuse_take *take)
{
	uint8_t (*keys)[TABLE_KEY_BYTES] = NULL;
	struct arena arena = ARENA_INIT;
	struct mapping m = {0};
	int ret = read_mapping(r, take->path, &arena, &m, &keys);
	bool taken;

	/* The engine weighs again what an earlier epoch may have found too light. */
	if (ret == 0 && m.reason == REASON_NOT_WORTHWHILE)
		m.reason = REASON_NONE;
	/* Damaged or changed: the resolver has the last word. */
	taken = ret == 0 && find_objects(&m, take->resolver);
	if (taken)
		program_take(take->program, &m, take->tables,
			     (const uint8_t (*)[TABLE_KEY_BYTES])keys);
	arena_release(&arena);
	return taken;
}
