#include "epochd/needs.h"

#include "image/hash.h"

#include <string.h>

#define DEPTH_FIRST_RELEASE 35
#define NONE UINT32_MAX

/* One DT_NEEDED entry. */
struct need {
	uint32_t target; /* the member that it asks for */
	bool repeated;   /* which was there already, known by this name */
};

struct work {
	const struct program *p;
	struct arena *arena;
	uint32_t count;        /* members */
	struct need **needs;   /* by member and entry */
	const char **names;    /* hash table: names of members, the first one's where two have it */
	uint32_t *named;
	size_t names_mask;
	size_t row;            /* words of a bit row */
	uint64_t *reach;       /* bit rows, by member: what it needs, through others too */
};

/* ---- bits ---- */

static bool has_bit(const uint64_t *row, uint32_t i)
{
	return row[i / 64] >> i % 64 & 1;
}

static void set_bit(uint64_t *row, uint32_t i)
{
	row[i / 64] |= 1ull << i % 64;
}

static void join(uint64_t *row, const uint64_t *other, size_t words)
{
	for (size_t i = 0; i < words; i++)
		row[i] |= other[i];
}

static uint64_t *reach_of(const struct work *w, uint32_t member)
{
	return w->reach + member * w->row;
}

/* ---- names ---- */

static size_t name_place(const struct work *w, const char *name)
{
	size_t at = matr_hash(name, strlen(name), 0) & w->names_mask;

	while (w->names[at] && strcmp(w->names[at], name) != 0)
		at = (at + 1) & w->names_mask;
	return at;
}

static void add_name(struct work *w, const char *name, uint32_t member)
{
	size_t at = name_place(w, name);

	if (w->names[at])
		return;
	w->names[at] = name;
	w->named[at] = member;
}

static uint32_t find_name(const struct work *w, const char *name)
{
	size_t at = name_place(w, name);

	return w->names[at] ? w->named[at] : NONE;
}

/* ---- the closure, entry by entry ---- */

/* The next member must be the one that this request brings in. */
static bool brings_in(struct work *w, uint32_t requirer, const char *text, uint32_t member)
{
	const struct program_member *m = &w->p->members[member];

	if (member >= w->count || m->requirer != requirer || !m->request ||
	    strcmp(m->request, text) != 0)
		return false;
	add_name(w, text, member);
	if (m->object->soname)
		add_name(w, m->object->soname, member);
	return true;
}

/* Paths and tokens are left to others. */
static bool is_plain(const char *text)
{
	return !strchr(text, '/') && !strchr(text, '$');
}

static bool follow_entry(struct work *w, uint32_t member, const char *text, struct need *out,
			 uint32_t *loaded)
{
	const struct program_member *target;

	if (!is_plain(text))
		return false;
	out->target = find_name(w, text);
	if (out->target == NONE) {
		out->target = *loaded;
		return brings_in(w, member, text, (*loaded)++);
	}
	target = &w->p->members[out->target];
	out->repeated = !target->is_loader && strcmp(target->request, text) == 0;
	return true;
}

/* True where the entries lead to just the members that the program has, in their order. */
static bool follow(struct work *w)
{
	uint32_t loaded = 1;

	for (uint32_t i = 0; i < loaded && i < w->count; i++) {
		const struct object *o = w->p->members[i].object;

		w->needs[i] = arena_alloc(w->arena, (o->needed_count + 1) * sizeof(struct need));
		for (size_t k = 0; k < o->needed_count; k++)
			if (!follow_entry(w, i, o->needed[k], &w->needs[i][k], &loaded))
				return false;
	}
	return loaded == w->count;
}

/* ---- what is below what ---- */

static void find_reach(struct work *w)
{
	w->row = (w->count + 63) / 64;
	w->reach = arena_alloc(w->arena, w->count * w->row * sizeof(*w->reach));
	for (uint32_t i = 0; i < w->count; i++)
		for (size_t k = 0; k < w->p->members[i].object->needed_count; k++)
			set_bit(reach_of(w, i), w->needs[i][k].target);
	for (uint32_t k = 0; k < w->count; k++)
		for (uint32_t i = 0; i < w->count; i++)
			if (has_bit(reach_of(w, i), k))
				join(reach_of(w, i), reach_of(w, k), w->row);
}

/* Rules 1 and 2; `below` is what the entries so far ask for or lead to. */
static void choose_of_member(const struct work *w, uint32_t member, struct needs *out)
{
	size_t n = w->p->members[member].object->needed_count;
	uint64_t *below = arena_alloc(w->arena, w->row * sizeof(*below));
	bool *hidden = arena_alloc(w->arena, n * sizeof(*hidden));

	for (size_t k = 0; k < n; k++) {
		const struct need *need = &w->needs[member][k];

		if (need->repeated && has_bit(below, need->target)) {
			hidden[k] = true;
			out->hidden[member] = hidden;
			out->hidden_count++;
			out->saved += need->target;
		}
		set_bit(below, need->target);
		if (!has_bit(reach_of(w, need->target), member))
			join(below, reach_of(w, need->target), w->row);
	}
}

/* Comparisons of all entries but the executable's, as many as there could be. */
static uint64_t most_saved(const struct program *p)
{
	uint64_t entries = 0;

	for (size_t i = 1; i < p->member_count; i++)
		entries += p->members[i].object->needed_count;
	return entries * p->member_count;
}

static void prepare(struct work *w)
{
	size_t size = 64;

	w->needs = arena_alloc(w->arena, w->count * sizeof(*w->needs));
	while (size < 4ull * w->count)
		size *= 2;
	w->names = arena_alloc(w->arena, size * sizeof(*w->names));
	w->named = arena_alloc(w->arena, size * sizeof(*w->named));
	w->names_mask = size - 1;
}

void needs_choose(struct needs *out, const struct program *p, unsigned release, uint64_t min_saved)
{
	struct work w = {.p = p, .arena = &out->arena, .count = (uint32_t)p->member_count};

	*out = (struct needs){.arena = ARENA_INIT};
	out->hidden = arena_alloc(&out->arena, (p->member_count + 1) * sizeof(*out->hidden));
	if (release < DEPTH_FIRST_RELEASE || most_saved(p) < min_saved)
		return;
	prepare(&w);
	if (!follow(&w))
		return;
	find_reach(&w);
	for (uint32_t i = 1; i < w.count; i++)
		choose_of_member(&w, i, out);
	if (out->saved >= min_saved)
		return;
	memset(out->hidden, 0, p->member_count * sizeof(*out->hidden));
	out->hidden_count = 0;
	out->saved = 0;
}

void needs_release(struct needs *n)
{
	arena_release(&n->arena);
}
