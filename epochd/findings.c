#include "epochd/findings.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static const struct {
	const char *name, *sentence;
} kinds[] = {
#define FINDING(number, NAME, name, sentence) [number] = {name, sentence},
#include "epochd/finding.def"
#undef FINDING
};

const char *finding_name(unsigned kind)
{
	return kind && kind < FINDING_KINDS ? kinds[kind].name : "?";
}

const char *finding_sentence(unsigned kind)
{
	return kind && kind < FINDING_KINDS ? kinds[kind].sentence : "?";
}

void findings_init(struct findings *f)
{
	*f = (struct findings){.slot_count = 4096};
	f->slots = xcalloc(f->slot_count, sizeof(struct finding *));
}

void findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		map_release(&f->all[i]->symbols);
	free(f->all);
	free(f->slots);
	arena_release(&f->arena);
	*f = (struct findings){0};
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static uint64_t mix(uint64_t h, const char *s)
{
	return s ? XXH3_64bits_withSeed(s, strlen(s), h) : h * 0x9e3779b97f4a7c15u + 1;
}

static uint64_t hash_words(const struct finding_words *w)
{
	uint64_t h = (uint64_t)w->kind << 32 | w->reason;

	return mix(mix(mix(mix(h, w->subject), w->requirer), w->from), w->to);
}

static bool says(const struct finding *x, const struct finding_words *w)
{
	const struct catalogue_finding *k = &x->kept;

	return k->kind == w->kind && k->reason == w->reason && same_text(k->subject, w->subject) &&
	       same_text(k->requirer, w->requirer) && same_text(k->from, w->from) &&
	       same_text(k->to, w->to);
}

static char *copy(struct arena *a, const char *s) { return s ? arena_strdup(a, s) : NULL; }

static struct finding *make(struct findings *f, const struct finding_words *w)
{
	struct finding *x = arena_alloc(&f->arena, sizeof(*x));

	x->kept = (struct catalogue_finding){
		.kind = w->kind,
		.reason = w->reason,
		.subject = copy(&f->arena, w->subject),
		.requirer = copy(&f->arena, w->requirer),
		.from = copy(&f->arena, w->from),
		.to = copy(&f->arena, w->to),
		.programs = arena_alloc(&f->arena, FINDING_LISTED * sizeof(char *)),
		.symbols = arena_alloc(&f->arena, FINDING_LISTED * sizeof(char *)),
	};
	f->all = array_grow(f->all, f->count, &f->capacity, sizeof(struct finding *));
	f->all[f->count++] = x;
	return x;
}

struct finding *findings_say(struct findings *f, const struct finding_words *words)
{
	uint64_t hash = hash_words(words);
	struct finding **slot = &f->slots[hash & (f->slot_count - 1)], *x;

	for (x = *slot; x; x = x->next)
		if (x->hash == hash && says(x, words))
			return x;
	x = make(f, words);
	x->hash = hash;
	x->next = *slot;
	*slot = x;
	return x;
}

void findings_program(struct findings *f, const char *path)
{
	f->program = path;
	f->serial++;
}

void finding_concerns(struct findings *f, struct finding *x)
{
	struct catalogue_finding *k = &x->kept;

	if (x->serial == f->serial)
		return;
	x->serial = f->serial;
	k->program_count++;
	if (k->listed_programs < FINDING_LISTED)
		k->programs[k->listed_programs++] = arena_strdup(&f->arena, f->program);
}

/* A symbol that many programs have is counted once. */
static bool is_new_symbol(struct finding *x, uint64_t key)
{
	if (map_find(&x->symbols, key))
		return false;
	map_add(&x->symbols, key);
	x->kept.symbol_count++;
	return true;
}

void finding_symbol(struct findings *f, struct finding *x, const char *name, const char *version)
{
	struct catalogue_finding *k = &x->kept;

	if (!is_new_symbol(x, mix(mix(0, name), version)) || k->listed_symbols >= FINDING_LISTED)
		return;
	k->symbols[k->listed_symbols++] = version ? arena_printf(&f->arena, "%s@%s", name, version)
						  : arena_strdup(&f->arena, name);
}

/* ---- the list ---- */

static int by_weight(const void *left, const void *right)
{
	const struct catalogue_finding *a = &(*(struct finding *const *)left)->kept;
	const struct catalogue_finding *b = &(*(struct finding *const *)right)->kept;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->program_count != b->program_count)
		return a->program_count > b->program_count ? -1 : 1;
	if (a->symbol_count != b->symbol_count)
		return a->symbol_count > b->symbol_count ? -1 : 1;
	return strcmp(a->programs[0], b->programs[0]);
}

static int by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void keep_lists(struct arena *a, struct catalogue_finding *k)
{
	const char **programs = arena_alloc(a, (k->listed_programs + 1) * sizeof(char *));
	const char **symbols = arena_alloc(a, (k->listed_symbols + 1) * sizeof(char *));

	for (size_t i = 0; i < k->listed_programs; i++)
		programs[i] = arena_strdup(a, k->programs[i]);
	for (size_t i = 0; i < k->listed_symbols; i++)
		symbols[i] = arena_strdup(a, k->symbols[i]);
	/* Threads found them in any order. */
	qsort(programs, k->listed_programs, sizeof(char *), by_text);
	qsort(symbols, k->listed_symbols, sizeof(char *), by_text);
	k->programs = programs;
	k->program_packages = arena_alloc(a, (k->listed_programs + 1) * sizeof(char *));
	k->symbols = symbols;
}

static void keep_finding(struct arena *a, struct catalogue_finding *to, const struct finding *x)
{
	*to = x->kept;
	to->subject = copy(a, to->subject);
	to->requirer = copy(a, to->requirer);
	to->from = copy(a, to->from);
	to->to = copy(a, to->to);
	keep_lists(a, to);
}

void findings_list(const struct findings *f, struct arena *a, struct catalogue_findings *out)
{
	struct finding **sorted = xcalloc(f->count + 1, sizeof(struct finding *));
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++)
		if (f->all[i]->kept.program_count)
			sorted[n++] = f->all[i];
	qsort(sorted, n, sizeof(struct finding *), by_weight);
	out->count = n < FINDINGS_MOST ? n : FINDINGS_MOST;
	out->dropped = n - out->count;
	out->list = arena_alloc(a, (out->count + 1) * sizeof(*out->list));
	for (size_t i = 0; i < out->count; i++)
		keep_finding(a, &out->list[i], sorted[i]);
	free(sorted);
}

struct findings_totals findings_total(const struct catalogue_findings *f)
{
	struct findings_totals t = {0};

	for (size_t i = 0; i < f->count; i++) {
		const struct catalogue_finding *k = &f->list[i];

		t.broken += k->kind == FINDING_BROKEN ? k->program_count : 0;
		t.call_fails += k->kind == FINDING_CALL_FAILS ? k->symbol_count : 0;
		t.repaired += k->kind == FINDING_REPAIRED ? k->program_count : 0;
		t.libraries_moved += k->kind == FINDING_LIBRARY_MOVED;
		t.providers_moved += k->kind == FINDING_PROVIDER_MOVED ? k->symbol_count : 0;
		t.shadowed += k->kind == FINDING_SHADOWED ? k->symbol_count : 0;
		t.unshadowed += k->kind == FINDING_UNSHADOWED ? k->symbol_count : 0;
	}
	return t;
}
