#include "epochd/compare_parts.h"

#include "common/names.h"
#include "matr-ld/resolve.h"

#include "epochd/exports.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define PAIR_SLOTS 65536

struct compare_name {
	const char *name, *path;
};

/* Two tables that were compared, and what there was to say about them. */
struct compare_pair {
	uint64_t hash[2];
	struct compare_pair *next;
	struct pair_finding *said; /* owned */
	size_t count, capacity;
};

struct pair_finding {
	struct finding *finding;
	const char *needs; /* it holds where the closure has this object; NULL: in any */
};

void comparison_init(struct comparison *c, struct findings *f)
{
	*c = (struct comparison){.findings = f, .hidden = FINDING_SHADOWED};
	c->pairs = xcalloc(PAIR_SLOTS, sizeof(struct compare_pair *));
}

void comparison_release(struct comparison *c)
{
	for (size_t i = 0; c->pairs && i < PAIR_SLOTS; i++)
		for (struct compare_pair *p = c->pairs[i]; p; p = p->next)
			free(p->said);
	hiding_release(c);
	free(c->pairs);
	map_release(&c->names);
	arena_release(&c->arena);
	*c = (struct comparison){0};
}

/* ---- names ---- */

const char *compare_name(const struct compare_member *m)
{
	return m->soname ? m->soname : base_name(m->path);
}

/* NULL: not known. */
static const struct compare_name *name_of(const struct comparison *c, uint64_t key)
{
	const struct map_entry *x = map_find(&c->names, key);

	return x ? x->pointer : NULL;
}

/* An object key stands for a path and a content, so its name is the same in all programs. */
static void learn_names(struct comparison *c, const struct compare_program *p)
{
	for (size_t i = 0; i < p->member_count; i++) {
		const struct compare_member *m = &p->members[i];
		struct compare_name *n;

		if (!m->object_key || name_of(c, m->object_key))
			continue;
		n = arena_alloc(&c->arena, sizeof(*n));
		n->name = arena_strdup(&c->arena, compare_name(m));
		n->path = arena_strdup(&c->arena, m->path);
		map_add(&c->names, m->object_key)->pointer = n;
	}
}

const char *compare_member_name(const struct compare_program *p, size_t member)
{
	return member ? compare_name(&p->members[member]) : COMPARE_PROGRAM;
}

/* NULL: none. */
const char *compare_provider(const struct comparison *c, const struct compare_program *p,
			     size_t member, uint64_t key)
{
	const struct compare_name *n;

	switch (key) {
	case OBJECT_NONE:
		return NULL;
	case OBJECT_EXECUTABLE:
		return COMPARE_PROGRAM;
	case OBJECT_SELF:
		return compare_member_name(p, member);
	}
	n = name_of(c, key);
	return n ? n->name : NULL;
}

/* Of a library; NULL: none, or the program itself. */
static const char *provider_path(const struct comparison *c, const struct compare_program *p,
				 size_t member, uint64_t key)
{
	const struct compare_name *n = key > OBJECT_SELF ? name_of(c, key) : NULL;

	if (key == OBJECT_SELF && member)
		return p->members[member].path;
	return n ? n->path : NULL;
}

/* ---- which member of the old closure a member is ---- */

const struct compare_member *compare_find(const struct compare_program *p, size_t hint,
					  const char *name)
{
	if (hint && hint < p->member_count && !strcmp(compare_name(&p->members[hint]), name))
		return &p->members[hint];
	for (size_t i = 1; i < p->member_count; i++)
		if (!strcmp(compare_name(&p->members[i]), name))
			return &p->members[i];
	return NULL;
}

const struct compare_member *compare_old(const struct compare_program *old,
					 const struct compare_program *now, size_t member)
{
	return member ? compare_find(old, member, compare_name(&now->members[member])) : old->members;
}

/* Merged systems have one folder under two names. */
static const char *without_usr(const char *path)
{
	return !strncmp(path, "/usr/lib", 8) ? path + 4 : path;
}

static bool same_folder(const char *a, const char *b)
{
	size_t x, y;

	a = without_usr(a);
	b = without_usr(b);
	x = (size_t)(base_name(a) - a);
	y = (size_t)(base_name(b) - b);
	return x == y && !memcmp(a, b, x);
}

static void compare_folders(struct comparison *c, const struct compare_member *old,
			    const struct compare_member *now)
{
	if (same_folder(old->path, now->path))
		return;
	finding_concerns(c->findings,
			 findings_say(c->findings, &(struct finding_words){
							   .kind = FINDING_LIBRARY_MOVED,
							   .subject = compare_name(now),
							   .from = old->path,
							   .to = now->path,
						   }));
}

/* ---- two tables ---- */

/* A table by reference: symbol, version, type. */
struct lookup {
	const struct catalogue_table *table;
	size_t next;	 /* where the next one is looked for first */
	uint32_t *slots; /* entry + 1 by hash, made when the order differs; owned */
	size_t slot_count;
};

static bool same_reference(const struct catalogue_entry *a, const struct catalogue_entry *b)
{
	return a->symbol == b->symbol && a->version == b->version && a->type == b->type;
}

static size_t slot_of(const struct lookup *l, const struct catalogue_entry *e)
{
	return (e->symbol ^ e->version * 3 ^ e->type) & (l->slot_count - 1);
}

static void make_slots(struct lookup *l)
{
	struct catalogue_entry e, other;

	for (l->slot_count = 64; l->slot_count < l->table->count * 2; l->slot_count *= 2)
		;
	l->slots = xcalloc(l->slot_count, sizeof(*l->slots));
	for (size_t i = 0, at; i < l->table->count; i++) {
		catalogue_table_entry(l->table, i, &e);
		for (at = slot_of(l, &e); l->slots[at]; at = (at + 1) & (l->slot_count - 1)) {
			/* Many words may refer to one symbol, with one answer. */
			catalogue_table_entry(l->table, l->slots[at] - 1, &other);
			if (same_reference(&other, &e))
				break;
		}
		if (e.symbol && !l->slots[at])
			l->slots[at] = (uint32_t)i + 1;
	}
}

static bool look_up(struct lookup *l, const struct catalogue_entry *wanted,
		    struct catalogue_entry *out)
{
	while (l->next < l->table->count) {
		catalogue_table_entry(l->table, l->next, out);
		if (same_reference(out, wanted)) {
			l->next++;
			return true;
		}
		if (out->symbol)
			break;
		l->next++;
	}
	if (!l->slots)
		make_slots(l);
	for (size_t at = slot_of(l, wanted); l->slots[at]; at = (at + 1) & (l->slot_count - 1)) {
		catalogue_table_entry(l->table, l->slots[at] - 1, out);
		if (same_reference(out, wanted)) {
			l->next = l->slots[at];
			return true;
		}
	}
	return false;
}

/* A call that would end the program, unless a later dlopen provides the symbol. */
static bool calls_nothing(const struct catalogue_entry *e)
{
	return e->kind == BINDING_LAZY && e->provider == OBJECT_NONE && !e->weak && !e->unique;
}

static bool is_known(const struct catalogue_entry *e)
{
	return e->provider != OBJECT_NONE || e->kind == BINDING_ZERO ||
	       (e->kind == BINDING_LAZY && !e->unique);
}

/* One member of both sides. */
struct both {
	struct comparison *c;
	struct compare_pair *pair;
	const struct compare_program *old, *now;
	size_t old_member, member;
};

/* `needs`: as in struct pair_finding. */
static int say(struct both *b, size_t entry, const struct finding_words *words, const char *needs,
	       struct err *e)
{
	const char *symbol, *version;
	struct finding *x;
	size_t i = 0;
	int ret = b->now->tables->names(b->now->context, entry, &symbol, &version, e);

	if (ret < 0)
		return ret;
	x = findings_say(b->c->findings, words);
	finding_symbol(b->c->findings, x, symbol, version);
	while (i < b->pair->count && b->pair->said[i].finding != x)
		i++;
	if (i < b->pair->count)
		return 0;
	b->pair->said = array_grow(b->pair->said, b->pair->count, &b->pair->capacity,
				   sizeof(*b->pair->said));
	b->pair->said[b->pair->count++] = (struct pair_finding){x, needs};
	return 0;
}

static int say_call(struct both *b, size_t entry, const struct catalogue_entry *old, struct err *e)
{
	struct finding_words words = {
		.kind = FINDING_CALL_FAILS,
		.requirer = b->member ? b->now->members[b->member].path : COMPARE_PROGRAM,
	};

	if (old)
		words.from = provider_path(b->c, b->old, b->old_member, old->provider);
	return say(b, entry, &words, NULL, e);
}

/* An object of this closure that defines what another one provides. */
static int say_hidden(struct both *b, size_t entry, const struct catalogue_entry *now,
		      const char *loser, struct err *e)
{
	const char *winner = compare_provider(b->c, b->now, b->member, now->provider);
	const struct compare_member *m = loser ? compare_find(b->now, 0, loser) : NULL;
	struct catalogue_exports exports;

	if (!m || !winner || !strcmp(winner, loser) ||
	    b->now->tables->exports(b->now->context, b->now, (size_t)(m - b->now->members),
				    &exports, NULL) < 0 ||
	    !exports_have(&exports, now->symbol, now->version))
		return 0;
	return say(b, entry,
		   &(struct finding_words){.kind = b->c->hidden, .from = loser, .to = winner},
		   compare_name(m), e);
}

/* The reference is new: is it to a definition of its own object, which is not found? */
static int compare_new(struct both *b, size_t entry, const struct catalogue_entry *now,
		       struct err *e)
{
	if (!b->member || now->provider == OBJECT_SELF || now->provider == OBJECT_NONE)
		return 0;
	return say_hidden(b, entry, now, compare_member_name(b->now, b->member), e);
}

static int compare_entry(struct both *b, size_t entry, const struct catalogue_entry *now,
			 const struct catalogue_entry *old, struct err *e)
{
	const char *from, *to;
	int ret = 0;

	if (calls_nothing(now))
		return (old && calls_nothing(old)) || b->c->only_hidden ? 0
									: say_call(b, entry, old, e);
	if (!old)
		return compare_new(b, entry, now, e);
	if (!is_known(now) || !is_known(old) || now->provider == old->provider)
		return 0;
	from = compare_provider(b->c, b->old, b->old_member, old->provider);
	to = compare_provider(b->c, b->now, b->member, now->provider);
	if (compare_same(from, to))
		return 0;
	if (!b->c->only_hidden)
		ret = say(b, entry,
			  &(struct finding_words){
				  .kind = FINDING_PROVIDER_MOVED, .from = from, .to = to},
			  NULL, e);
	return ret < 0 ? ret : say_hidden(b, entry, now, from, e);
}

static int compare_entries(struct both *b, const struct catalogue_table *old,
			   const struct catalogue_table *now, struct err *e)
{
	struct lookup l = {.table = old};
	struct catalogue_entry x, y;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < now->count; i++) {
		catalogue_table_entry(now, i, &x);
		if (x.symbol)
			ret = compare_entry(b, i, &x, look_up(&l, &x, &y) ? &y : NULL, e);
	}
	free(l.slots);
	return ret;
}

static int compare_tables(struct both *b, struct err *e)
{
	struct catalogue_table old = {0}, now;
	int ret = b->now->tables->get(b->now->context, b->now, b->member, &now, e);

	if (ret == 0 && b->old_member < b->old->member_count &&
	    memcmp(b->old->members[b->old_member].table, compare_no_table, TABLE_KEY_BYTES))
		ret = b->old->tables->get(b->old->context, b->old, b->old_member, &old, e);
	b->c->pairs_compared++;
	return ret < 0 ? ret : compare_entries(b, &old, &now, e);
}

/* The pair of these tables; *known: they were compared before. */
static struct compare_pair *find_pair(struct comparison *c, const struct compare_member *old,
				      const struct compare_member *now, bool *known)
{
	struct {
		uint8_t old[TABLE_KEY_BYTES], now[TABLE_KEY_BYTES];
		uint64_t object;
	} key = {.object = now->object_key};
	struct compare_pair **slot, *p;
	XXH128_hash_t h;

	if (old)
		memcpy(key.old, old->table, TABLE_KEY_BYTES);
	memcpy(key.now, now->table, TABLE_KEY_BYTES);
	h = XXH3_128bits(&key, sizeof(key));
	slot = &c->pairs[h.low64 & (PAIR_SLOTS - 1)];
	for (p = *slot; p; p = p->next)
		if (p->hash[0] == h.low64 && p->hash[1] == h.high64)
			break;
	*known = p;
	if (p)
		return p;
	p = arena_alloc(&c->arena, sizeof(*p));
	*p = (struct compare_pair){.hash = {h.low64, h.high64}, .next = *slot};
	*slot = p;
	return p;
}

static int compare_member(struct both *b, struct err *e)
{
	const struct compare_member *now = &b->now->members[b->member];
	const struct compare_member *old = compare_old(b->old, b->now, b->member);
	bool known;
	int ret = 0;

	b->old_member = old ? (size_t)(old - b->old->members) : SIZE_MAX;
	if (old && b->member && !b->c->only_hidden)
		compare_folders(b->c, old, now);
	if (!memcmp(now->table, old ? old->table : compare_no_table, TABLE_KEY_BYTES) ||
	    !memcmp(now->table, compare_no_table, TABLE_KEY_BYTES))
		return 0;
	b->pair = find_pair(b->c, old, now, &known);
	if (!known)
		ret = compare_tables(b, e);
	else
		b->c->pairs_known++;
	for (size_t i = 0; i < b->pair->count; i++)
		if (!b->pair->said[i].needs || compare_find(b->now, 0, b->pair->said[i].needs))
			finding_concerns(b->c->findings, b->pair->said[i].finding);
	return ret;
}

/* ---- a program ---- */

int comparison_program(struct comparison *c, const struct compare_program *old,
		       const struct compare_program *now, struct err *e)
{
	struct both b = {.c = c, .old = old, .now = now};
	bool started = !resolve_stops_start(old->reason), starts = !resolve_stops_start(now->reason);
	int ret = 0;

	findings_program(c->findings, now->path);
	learn_names(c, old);
	learn_names(c, now);
	if (started && !starts && !c->only_hidden)
		compare_say_start(c, FINDING_BROKEN, now, old);
	else if (!started && starts && !c->only_hidden)
		compare_say_start(c, FINDING_REPAIRED, old, now);
	/* Where only the program itself is known, nothing is known of what it is bound to. */
	if (!started || !starts || old->member_count < 2 || now->member_count < 2)
		return 0;
	for (b.member = 0; ret == 0 && b.member < now->member_count; b.member++)
		ret = compare_member(&b, e);
	return ret < 0 ? ret : hiding_program(c, old, now, e);
}
