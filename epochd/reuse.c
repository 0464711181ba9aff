#include "epochd/reuse.h"

#include "image/reason.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEEN_SLOTS 65536 /* objects of an epoch, with room */

enum verdict { NOT_SEEN = 0, SAME, CHANGED };

struct seen {
	uint64_t record; /* 0: empty */
	uint64_t key;    /* object key; 0: the record cannot be read */
	enum verdict verdict;
};

struct reuse {
	pthread_mutex_t lock;        /* over the snapshot and `seen` */
	struct catalogue_read *read;
	struct catalogue_epoch parent;
	struct arena arena;
	struct guard_memory guard;
	const char *root;            /* the resolver's */
	bool portable;               /* the store is */
	bool moved;                  /* its files are copies of the parent's: each closure is found again */
	bool modes_count;            /* the folders' modes do too: a shared store */
	bool cache_holds;            /* ld.so.cache has the content that it had */
	bool cache_moved;            /* but is another file */
	struct seen *seen;           /* open addressing, by object record */
	size_t seen_count;
};

static bool same_files(const struct catalogue_epoch *parent, const struct resolver_system *system,
		       bool portable)
{
	return identity_holds(&parent->preload, &system->preload, portable) &&
	       identity_holds(&parent->loader, &system->loader, portable);
}

static bool same_system(const struct reuse *r, const struct resolver_system *system,
			const struct catalogue_epoch *wanted)
{
	const uint64_t no_policy = ((uint64_t)1 << REUSE_POLICY_SHIFT) - 1;
	const struct catalogue_epoch *parent = &r->parent;

	return ((parent->flags ^ wanted->flags) & no_policy) == 0 &&
	       parent->cpu_level == system->cpu_level &&
	       parent->has_preload == system->has_preload &&
	       !strcmp(parent->loader_path, system->loader_name) &&
	       same_files(parent, system, r->portable) && !strcmp(parent->root, wanted->root);
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
	r->guard = (struct guard_memory){.files = files, .count = count, .root = r->root};
	guard_memory_open(&r->guard);
	r->moved = !same_files(&r->parent, system, false);
	r->cache_holds = r->parent.cache_digest == system->cache_digest;
	r->cache_moved = !identity_holds(&r->parent.cache, &system->cache, r->portable);
	return same_system(r, system, wanted) ? 0 : -ENOENT;
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
	r->root = system->root;
	r->modes_count = store_is_shared(s);
	r->portable = store_is_portable(s);
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
	guard_memory_release(&r->guard);
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

/* The file is as it was, and so is where ld.so looks for what it needs. */
static bool object_holds(struct reuse *r, const struct catalogue_object *o)
{
	struct identity now;
	struct stat st;

	if (root_stat(r->root, o->path, &st) < 0)
		return false;
	identity_from_stat(&now, &st);
	return identity_equal(&now, &o->identity) &&
	       guard_search_holds(&r->guard, o->search_path, o->path) &&
	       (!r->modes_count || guard_modes_hold(&r->guard, o->path));
}

static struct seen look_at(struct reuse *r, uint64_t record)
{
	struct seen s = {.record = record, .verdict = CHANGED};
	struct arena arena = ARENA_INIT;
	struct catalogue_object o;

	if (catalogue_get_object(r->read, record, &arena, &o, NULL) == 0) {
		s.key = o.object_key;
		if (object_holds(r, &o))
			s.verdict = SAME;
	}
	arena_release(&arena);
	return s;
}

/* Under the lock. */
static struct seen seen_object(struct reuse *r, uint64_t record)
{
	struct seen *s = place_of(r, record);

	if (s->record)
		return *s;
	if (r->seen_count + 1 >= SEEN_SLOTS) /* more objects than are worth remembering */
		return look_at(r, record);
	*s = look_at(r, record);
	r->seen_count++;
	return *s;
}

bool reuse_cache_moved(const struct reuse *r)
{
	return r->cache_moved;
}

uint64_t reuse_object_key(struct reuse *r, uint64_t record)
{
	uint64_t key;

	pthread_mutex_lock(&r->lock);
	key = seen_object(r, record).key;
	pthread_mutex_unlock(&r->lock);
	return key;
}

bool reuse_table(struct reuse *r, const uint8_t key[TABLE_KEY_BYTES], reuse_look_fn *look,
		 void *context)
{
	struct catalogue_table t;
	bool there;

	pthread_mutex_lock(&r->lock);
	there = catalogue_get_table(r->read, key, &t, NULL) == 0;
	if (there)
		look(context, &t);
	pthread_mutex_unlock(&r->lock);
	return there;
}

void reuse_keep_guard(struct reuse *r, struct guard *g)
{
	guard_keep(g, &r->guard);
}

/* What is not there can come: such a program is looked at every time. */
static bool depends_on_absence(unsigned reason)
{
	return reason == REASON_LIBRARY_MISSING || reason == REASON_LIBRARY_BAD ||
	       reason == REASON_UNREADABLE_FILE || reason == REASON_RELATIVE_PATH ||
	       reason == REASON_UNTRUSTED_FOLDER;
}

static bool untouched(struct reuse *r, const char *path, struct arena *a,
		      struct catalogue_program *p)
{
	if (!r->cache_holds ||
	    catalogue_get_program(r->read, r->parent.number, path, a, p, NULL) < 0 ||
	    p->member_count == 0 || depends_on_absence(p->reason))
		return false;
	for (size_t i = 0; i < p->member_count; i++)
		if (seen_object(r, p->members[i].object_record).verdict != SAME)
			return false;
	return true;
}

bool reuse_untouched(struct reuse *r, const char *path, struct arena *a,
		     struct catalogue_program *out)
{
	bool yes;

	pthread_mutex_lock(&r->lock);
	yes = !r->moved && untouched(r, path, a, out);
	pthread_mutex_unlock(&r->lock);
	return yes;
}

/* Found by the engine, not by the resolver. */
static unsigned resolver_reason(unsigned reason)
{
	switch (reason) {
	case REASON_NOT_WORTHWHILE:
	case REASON_SAME_KEY:
	case REASON_LAYOUT_OFF:
		return REASON_NONE;
	}
	return reason;
}

/* Found by looking at relocations, which finding the closure does not do. */
static bool found_after_closure(unsigned reason)
{
	switch (reason) {
	case REASON_VERSION_MISSING:
	case REASON_VERSION_WARNING:
	case REASON_SYMBOL_MISSING:
	case REASON_RELR_MARKER:
	case REASON_PROTECTED_COPY:
	case REASON_IFUNC_ORDER:
	case REASON_RELOCATION_TYPE:
	case REASON_TLS_MISMATCH:
	case REASON_VERSION_FILE:
		return true;
	}
	return false;
}

/*
 * Where the closure is the same: was it refused then and now for the same, in the same words?
 * What relocations said then outranks what the closure alone says now, if it stops the start.
 */
static bool same_outcome(const struct catalogue_program *p, const struct mapping *now)
{
	unsigned then = resolver_reason(p->reason);

	if (now->reason == REASON_NONE)
		return then == REASON_NONE || found_after_closure(then);
	if (found_after_closure(then) && resolve_stops_start(then) &&
	    !resolve_stops_start(now->reason))
		return true;
	return then == now->reason && p->detail && now->detail && !strcmp(p->detail, now->detail);
}

static bool same_closure(struct reuse *r, const struct mapping *now, struct arena *a,
			 struct catalogue_program *p)
{
	struct catalogue_object o;

	if (catalogue_get_program(r->read, r->parent.number, now->path, a, p, NULL) < 0 ||
	    p->member_count != now->member_count || !same_outcome(p, now))
		return false;
	for (size_t i = 0; i < p->member_count; i++) {
		const struct member *m = &now->members[i];

		if (catalogue_get_object(r->read, p->members[i].object_record, a, &o, NULL) < 0 ||
		    strcmp(o.path, m->path) ||
		    !identity_holds(&o.identity, &m->identity, r->portable) ||
		    o.object_key != m->object_key)
			return false;
	}
	return true;
}

bool reuse_same_closure(struct reuse *r, const struct mapping *now, struct arena *a,
			struct catalogue_program *out)
{
	bool same;

	pthread_mutex_lock(&r->lock);
	same = same_closure(r, now, a, out);
	pthread_mutex_unlock(&r->lock);
	return same;
}

static bool read_mapping(struct reuse *r, const struct mapping *now, struct arena *a,
			 struct mapping *out, struct catalogue_program *p)
{
	struct catalogue_get get = {.epoch = r->parent.number,
				    .path = now->path,
				    .flags = CATALOGUE_NO_NAMES,
				    .arena = a};

	/* A twin that looked the same may have gone, or the policy have changed: it is weighed anew. */
	return same_closure(r, now, a, p) && p->reason != REASON_SAME_KEY &&
	       p->reason != REASON_LAYOUT_OFF &&
	       catalogue_get_mapping(r->read, &get, out, NULL) == 0 &&
	       out->member_count == now->member_count;
}

bool reuse_mapping(struct reuse *r, const struct mapping *now, struct arena *a,
		   struct mapping *out, const uint8_t (**keys)[TABLE_KEY_BYTES])
{
	uint8_t (*table_keys)[TABLE_KEY_BYTES];
	struct catalogue_program p;
	bool ok;

	pthread_mutex_lock(&r->lock);
	ok = read_mapping(r, now, a, out, &p);
	pthread_mutex_unlock(&r->lock);
	if (!ok)
		return false;
	out->reason = resolver_reason(out->reason);
	table_keys = arena_alloc(a, (p.member_count + 1) * sizeof(*table_keys));
	for (size_t i = 0; i < p.member_count; i++) {
		memcpy(table_keys[i], p.members[i].table, TABLE_KEY_BYTES);
		out->members[i].object = now->members[i].object;
	}
	*keys = (const uint8_t (*)[TABLE_KEY_BYTES])table_keys;
	return true;
}
