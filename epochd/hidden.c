/*
 * hidden.c - definitions that are new in a closure, and are not found there
 *
 * An object defines more than before, or is new itself; some reference asks for such a symbol and
 * has another provider, which comes first.  Few objects define more than before, and few
 * others refer to what is new, so all is asked once: what an object defines more, by the pair
 * of objects; who refers to it, by table.
 */
#include "epochd/compare_parts.h"
#include "epochd/exports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define SLOTS 16384
#define MOST_ENTRIES 50000000 /* that are looked at in all: an upgrade of everything ends somewhere */

/* What an object defines more than the one before it. */
struct more {
	uint64_t old, now; /* object keys; old 0: there was none */
	size_t number;	   /* 1 and up */
	struct catalogue_exports added; /* the list is owned */
	struct more *next;
};

/* A table was searched for one of these. */
struct searched {
	uint64_t hash[2];
	struct finding **said; /* owned */
	size_t count, capacity;
	struct searched *next;
};

struct hiding {
	struct more *more[SLOTS];
	struct searched *searched[SLOTS];
	size_t more_count;
	uint64_t entries;
};

void hiding_release(struct comparison *c)
{
	for (size_t i = 0; c->hiding && i < SLOTS; i++) {
		for (struct more *m = c->hiding->more[i]; m; m = m->next)
			free((void *)m->added.list);
		for (struct searched *s = c->hiding->searched[i]; s; s = s->next)
			free(s->said);
	}
	free(c->hiding);
	c->hiding = NULL;
}

/* ---- what is defined more ---- */

/* Nothing where it is not known what an object defines. */
static void find_added(struct more *m, const struct compare_program *old,
		       const struct compare_member *before, const struct compare_program *now,
		       size_t member)
{
	struct catalogue_exports then = {0}, is;

	if (now->tables->exports(now->context, now, member, &is, NULL) < 0)
		return;
	if (before && old->tables->exports(old->context, old, (size_t)(before - old->members), &then,
					   NULL) < 0)
		return;
	m->added = exports_added(&then, &is);
}

static struct more *more_of(struct comparison *c, const struct compare_program *old,
			    const struct compare_program *now, size_t member)
{
	const struct compare_member *before = compare_old(old, now, member);
	uint64_t is = now->members[member].object_key, was = before ? before->object_key : 0;
	struct more **slot = &c->hiding->more[(is ^ was * 3) & (SLOTS - 1)], *m;

	for (m = *slot; m; m = m->next)
		if (m->old == was && m->now == is)
			return m;
	m = arena_alloc(&c->arena, sizeof(*m));
	*m = (struct more){.old = was, .now = is, .number = ++c->hiding->more_count, .next = *slot};
	*slot = m;
	find_added(m, old, before, now, member);
	return m;
}

/* ---- who asks for it ---- */

struct search {
	struct comparison *c;
	const struct compare_program *now;
	size_t member, loser;
	const struct more *more;
	struct searched *searched;
};

static int say(struct search *s, size_t entry, const char *winner, struct err *e)
{
	const char *symbol, *version;
	struct finding *x;
	size_t i = 0;
	int ret = s->now->tables->names(s->now->context, entry, &symbol, &version, e);

	if (ret < 0)
		return ret;
	x = findings_say(s->c->findings,
			 &(struct finding_words){.kind = s->c->hidden,
						 .from = compare_member_name(s->now, s->loser),
						 .to = winner});
	finding_symbol(s->c->findings, x, symbol, version);
	while (i < s->searched->count && s->searched->said[i] != x)
		i++;
	if (i < s->searched->count)
		return 0;
	s->searched->said = array_grow(s->searched->said, s->searched->count,
				       &s->searched->capacity, sizeof(struct finding *));
	s->searched->said[s->searched->count++] = x;
	return 0;
}

/* An object that binds to itself although it comes later in scope did not look for the symbol. */
static bool did_not_search(const struct search *s, const struct catalogue_entry *x)
{
	return x->provider == OBJECT_SELF && s->member >= s->loser;
}

static int search_table(struct search *s, struct err *e)
{
	const struct compare_program *p = s->now;
	struct catalogue_table t;
	struct catalogue_entry x;
	const char *winner;
	int ret = p->tables->get(p->context, p, s->member, &t, e);

	if (ret < 0)
		return ret;
	s->c->hiding->entries += t.count;
	for (size_t i = 0; ret == 0 && i < t.count; i++) {
		catalogue_table_entry(&t, i, &x);
		if (!x.symbol || x.provider == OBJECT_NONE || x.provider == s->more->now ||
		    did_not_search(s, &x) || !exports_have(&s->more->added, x.symbol, x.version))
			continue;
		winner = compare_provider(s->c, p, s->member, x.provider);
		if (winner && strcmp(winner, compare_member_name(p, s->loser)))
			ret = say(s, i, winner, e);
	}
	return ret;
}

static struct searched *searched_of(struct search *s, bool *known)
{
	struct {
		uint8_t table[TABLE_KEY_BYTES];
		uint64_t object, more, before;
	} key = {.object = s->now->members[s->member].object_key,
		 .more = s->more->number,
		 .before = s->member < s->loser};
	struct searched **slot, *x;
	XXH128_hash_t h;

	memcpy(key.table, s->now->members[s->member].table, TABLE_KEY_BYTES);
	h = XXH3_128bits(&key, sizeof(key));
	slot = &s->c->hiding->searched[h.low64 & (SLOTS - 1)];
	for (x = *slot; x; x = x->next)
		if (x->hash[0] == h.low64 && x->hash[1] == h.high64)
			break;
	*known = x;
	if (x)
		return x;
	x = arena_alloc(&s->c->arena, sizeof(*x));
	*x = (struct searched){.hash = {h.low64, h.high64}, .next = *slot};
	*slot = x;
	return x;
}

static int search_member(struct search *s, struct err *e)
{
	const struct compare_program *p = s->now;
	bool known;
	int ret = 0;

	if (!memcmp(p->members[s->member].table, compare_no_table, TABLE_KEY_BYTES) ||
	    (p->tables->may_refer &&
	     !p->tables->may_refer(p->context, p, s->member, &s->more->added, s->more->number)))
		return 0;
	s->searched = searched_of(s, &known);
	if (!known && s->c->hiding->entries < MOST_ENTRIES)
		ret = search_table(s, e);
	for (size_t i = 0; i < s->searched->count; i++)
		finding_concerns(s->c->findings, s->searched->said[i]);
	return ret;
}

int hiding_program(struct comparison *c, const struct compare_program *old,
		   const struct compare_program *now, struct err *e)
{
	struct search s = {.c = c, .now = now};
	int ret = 0;

	if (!c->hiding)
		c->hiding = xcalloc(1, sizeof(*c->hiding));
	for (s.loser = 1; ret == 0 && s.loser < now->member_count; s.loser++) {
		const struct compare_member *l = &now->members[s.loser];

		if (s.loser < old->member_count && l->object_key == old->members[s.loser].object_key)
			continue;
		s.more = more_of(c, old, now, s.loser);
		if (!s.more->added.count)
			continue;
		for (s.member = 0; ret == 0 && s.member < now->member_count; s.member++)
			ret = search_member(&s, e);
	}
	return ret;
}
