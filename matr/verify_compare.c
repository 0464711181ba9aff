/*
 * Pictures compared, word for word, by meaning.
 *
 * Two words mean the same when they are addresses of one object with the same
 * offset, wherever the object lies in each run.  Numbers that are no
 * addresses (module ids, TLS offsets, absolute symbols, 0) must be equal.  A
 * lazy slot may hold, under MatR, what stock has there after lazy start (base
 * + its PLT entry) or what stock binds with LD_BIND_NOW.
 */
#include "matr/verify.h"

#include <string.h>

/* Comparing object `index` of all pictures. */
struct comparing {
	const struct verify_pictures *pictures;
	struct verify_report *report;
	uint32_t index;
	const struct picture_object *lazy, *now, *matr; /* now may be NULL */
};

void verify_differ(struct verify_report *r, const struct verify_difference *d)
{
	struct verify_result *result = r->result;
	struct verify_difference *all = (struct verify_difference *)result->differences;

	result->difference_count++;
	if (result->kept == VERIFY_DIFFERENCES_MAX)
		return;
	if (!all)
		all = arena_alloc(r->arena, VERIFY_DIFFERENCES_MAX * sizeof(*all));
	all[result->kept] = *d;
	all[result->kept].object = arena_strdup(r->arena, d->object);
	all[result->kept].symbol = arena_strdup(r->arena, d->symbol);
	all[result->kept].stock = arena_strdup(r->arena, d->stock);
	all[result->kept].matr = arena_strdup(r->arena, d->matr);
	result->kept++;
	result->differences = all;
}

/* The same word in two pictures. */
struct pair {
	const struct picture *p, *q;
	const struct picture_object *o, *u; /* the object in p and in q */
	uint64_t a, b;			    /* its content in p and in q */
};

static bool same_word(const struct pair *x, const struct verify_word *w)
{
	switch (w->type) {
	case R_X86_64_RELATIVE:
	case R_X86_64_RELATIVE64:
		return x->a - x->o->base == x->b - x->u->base;
	case R_X86_64_DTPMOD64:
	case R_X86_64_DTPOFF64:
	case R_X86_64_TPOFF64:
	case R_X86_64_SIZE64:
		return x->a == x->b;
	case R_X86_64_PC64:
		return picture_same_meaning(x->p, x->a + x->o->base + w->offset, x->q,
					    x->b + x->u->base + w->offset);
	default:
		return picture_same_meaning(x->p, x->a, x->q, x->b);
	}
}

/* ---- words ---- */

static void report_word(struct comparing *c, const struct verify_word *w, uint64_t stock,
			uint64_t matr)
{
	const struct object *f = c->lazy->object;
	const struct verify_pictures *p = c->pictures;
	bool now = c->now && w->slot;

	verify_differ(c->report, &(struct verify_difference){
				     .object = c->lazy->name,
				     .offset = w->offset,
				     .symbol = w->symbol ? object_symbol_name(f, w->symbol) : "",
				     .what = "word",
				     .stock = picture_describe(now ? p->now : p->lazy, stock,
							       c->report->arena),
				     .matr = picture_describe(p->matr, matr, c->report->arena),
				 });
}

static bool like_lazy(struct comparing *c, const struct verify_word *w, uint64_t lazy,
		      uint64_t matr)
{
	struct pair x = {c->pictures->lazy, c->pictures->matr, c->lazy, c->matr, lazy, matr};

	return same_word(&x, w);
}

static bool like_now(struct comparing *c, const struct verify_word *w, uint64_t now, uint64_t matr)
{
	struct pair x = {c->pictures->now, c->pictures->matr, c->now, c->matr, now, matr};

	return same_word(&x, w);
}

/* A slot after a lazy start: base + what the file has there. */
static bool is_unbound(const struct picture_object *o, const struct verify_word *w, uint64_t value)
{
	const uint8_t *file = o->data ? object_data_at(o->data, w->offset, sizeof(uint64_t)) : NULL;
	uint64_t linked;

	if (!w->slot || w->type != R_X86_64_JUMP_SLOT || !file)
		return false;
	memcpy(&linked, file, sizeof(linked));
	return value == o->base + linked;
}

static void compare_word(struct comparing *c, const struct verify_word *w)
{
	struct verify_result *r = c->report->result;
	uint64_t lazy, now = 0, matr;

	/* Outside of the writable segments: such a program is not eligible. */
	if (!picture_word(c->lazy, w->offset, &lazy) || !picture_word(c->matr, w->offset, &matr))
		return;
	r->words++;
	if (is_unbound(c->matr, w, matr))
		r->lazy++;
	if (like_lazy(c, w, lazy, matr))
		return;
	if (c->now && picture_word(c->now, w->offset, &now)) {
		if (w->slot && like_now(c, w, now, matr))
			return;
		report_word(c, w, w->slot ? now : lazy, matr);
	} else if (is_unbound(c->lazy, w, lazy)) {
		r->unchecked++;
	} else {
		report_word(c, w, lazy, matr);
	}
}

/* A thread-local descriptor: a function of ld.so, and what it gets. */
static void compare_descriptor(struct comparing *c, const struct verify_word *w)
{
	struct verify_word argument = {.offset = w->offset + 8,
				       .type = R_X86_64_TPOFF64,
				       .symbol = w->symbol,
				       .slot = w->slot};
	uint64_t lazy, matr;

	compare_word(c, w);
	if (!picture_word(c->lazy, argument.offset, &lazy) ||
	    !picture_word(c->matr, argument.offset, &matr) ||
	    !picture_same_class(c->pictures->lazy, lazy, c->pictures->matr, matr))
		compare_word(c, &argument);
}

/* ---- copies ---- */

static void report_copy(struct comparing *c, const struct verify_word *w, const uint64_t words[2])
{
	report_word(c, w, words[0], words[1]);
	if (c->report->result->kept &&
	    c->report->result->difference_count <= VERIFY_DIFFERENCES_MAX)
		((struct verify_difference *)
		     c->report->result->differences)[c->report->result->kept - 1]
		    .what = "copy";
}

static void compare_copy(struct comparing *c, const struct verify_word *w)
{
	const struct object *f = c->lazy->object;
	const uint8_t *a, *b;
	uint64_t size, at, words[2];

	if (!c->lazy->copies || !c->matr->copies || w->rela == SIZE_MAX)
		return;
	a = c->lazy->copies[w->rela];
	b = c->matr->copies[w->rela];
	size = f->symbols[w->symbol].st_size;
	if (!a || !b)
		return;
	c->report->result->words++;
	for (at = 0; at < size; at += sizeof(words[0])) {
		size_t bytes = size - at < sizeof(words[0]) ? size - at : sizeof(words[0]);

		if (memcmp(a + at, b + at, bytes) == 0)
			continue;
		words[0] = words[1] = 0;
		memcpy(&words[0], a + at, bytes);
		memcpy(&words[1], b + at, bytes);
		if (bytes == sizeof(words[0]) &&
		    (picture_same_meaning(c->pictures->lazy, words[0], c->pictures->matr,
					  words[1]) ||
		     picture_same_class(c->pictures->lazy, words[0], c->pictures->matr, words[1])))
			continue;
		report_copy(c, w, words);
		return;
	}
}

static void each_word(void *context, const struct verify_word *w)
{
	struct comparing *c = context;

	if (w->type == R_X86_64_COPY)
		compare_copy(c, w);
	else if (w->type == R_X86_64_TLSDESC)
		compare_descriptor(c, w);
	else
		compare_word(c, w);
}

/* ---- lists of objects ---- */

static const char *name_at(const struct picture *p, size_t i)
{
	return i < p->count ? p->objects[i].name : "(none)";
}

static bool same_objects(const struct picture *p, const struct picture *q, struct verify_report *r)
{
	bool same = true;

	for (size_t i = 0; i < p->count || i < q->count; i++) {
		if (strcmp(name_at(p, i), name_at(q, i)) == 0)
			continue;
		verify_differ(r, &(struct verify_difference){.object = r->result->path,
							     .symbol = "",
							     .what = "closure",
							     .stock = name_at(p, i),
							     .matr = name_at(q, i)});
		same = false;
	}
	return same;
}

/* Relocations of one file, words of another: nothing can be said. */
static bool same_files(const struct comparing *c)
{
	const struct object *f = c->lazy->object;

	return f->digest == c->matr->object->digest &&
	       (!c->now || f->digest == c->now->object->digest);
}

void verify_compare(const struct verify_pictures *p, struct verify_report *r)
{
	if (!same_objects(p->lazy, p->matr, r) || (p->now && !same_objects(p->now, p->matr, r)))
		return;
	for (uint32_t i = 0; i < p->lazy->count; i++) {
		struct comparing c = {
		    .pictures = p,
		    .report = r,
		    .index = i,
		    .lazy = &p->lazy->objects[i],
		    .matr = &p->matr->objects[i],
		    .now = p->now ? &p->now->objects[i] : NULL,
		};

		if (c.lazy->kind == PICTURE_VDSO)
			continue;
		if (!same_files(&c)) {
			r->result->outcome = VERIFY_FAILED;
			r->result->reason = "failed";
			r->result->sentence =
			    arena_printf(r->arena, "'%s' changed meanwhile", c.lazy->name);
			return;
		}
		r->result->objects++;
		verify_each_word(c.lazy->object, each_word, &c);
		verify_other_bytes(p, i, r);
	}
}
