#include "epochd/layout.h"

#include "matr-ld/root.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define EMPTY UINT32_MAX
#define LAYOUT_END (LAYOUT_HIGHEST - MATR_SLIDE_SPAN) /* slots are below; slides lead further */

void layout_init(struct layout *l)
{
	*l = (struct layout){0};
	l->arena = (struct arena)ARENA_INIT;
}

void layout_release(struct layout *l)
{
	free(l->slots);
	free(l->index);
	arena_release(&l->arena);
	layout_init(l);
}

static size_t place_in_index(const struct layout *l, uint64_t key)
{
	size_t at = key * 0x9e3779b97f4a7c15u >> 20 & (l->index_size - 1);

	while (l->index[at] != EMPTY && l->slots[l->index[at]].key != key)
		at = (at + 1) & (l->index_size - 1);
	return at;
}

static void rebuild_index(struct layout *l)
{
	free(l->index);
	l->index_size = l->capacity * 4;
	l->index = xmalloc(l->index_size * sizeof(*l->index));
	memset(l->index, 0xff, l->index_size * sizeof(*l->index));
	for (size_t i = 0; i < l->count; i++)
		l->index[place_in_index(l, l->slots[i].key)] = (uint32_t)i;
}

static struct slot *add_slot(struct layout *l, const struct slot *fresh)
{
	if (l->count == l->capacity) {
		l->slots = array_grow(l->slots, l->count, &l->capacity, sizeof(*l->slots));
		rebuild_index(l);
	}
	l->index[place_in_index(l, fresh->key)] = (uint32_t)l->count;
	l->slots[l->count] = *fresh;
	return &l->slots[l->count++];
}

/* In a subfolder that ld.so searches first where the processor is good enough. */
static bool has_variants(const struct object *o)
{
	const char *name = strrchr(o->path, '/');
	char path[PATH_MAX];
	struct stat st;

	for (int level = 2; name && level <= 4; level++)
		if (snprintf(path, sizeof(path), "%.*s/glibc-hwcaps/x86-64-v%d%s",
			     (int)(name - o->path), o->path, level, name) < PATH_MAX &&
		    root_stat(o->root, path, &st) == 0)
			return true;
	return false;
}

int layout_use(struct layout *l, const struct object *o, struct err *e)
{
	struct slot *s = (struct slot *)layout_find(l, o->key);

	if (!s)
		s = add_slot(l, &(struct slot){.key = o->key});
	s->uses++;
	if (s->object)
		return 0;
	s->object = o;
	s->materialisable = object_materialisable(o);
	s->aligned = object_words_aligned(o);
	s->level_matters = l->portable && has_variants(o);
	return mmap_plan_make(&s->plan, o, &l->arena, e);
}

const struct slot *layout_find(const struct layout *l, uint64_t key)
{
	size_t at;

	if (!l->index_size)
		return NULL;
	at = place_in_index(l, key);
	return l->index[at] == EMPTY ? NULL : &l->slots[l->index[at]];
}

void layout_continue(struct layout *l, const struct ledger *from)
{
	l->id = from->layout_id;
	l->loader_base = from->loader_base;
	l->end = from->end;
	l->layer_count = from->layer_count;
	memcpy(l->layers, from->layers, sizeof(l->layers));
	for (size_t i = 0; i < from->slot_count; i++)
		add_slot(l, &(struct slot){.key = from->slots[i].object,
					   .base = from->slots[i].base,
					   .start = from->slots[i].start,
					   .placed = true});
}

/* Those that have an address first, then the most used ones. */
static int by_use(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	if (x->placed != y->placed)
		return x->placed ? -1 : 1;
	if (x->placed)
		return (x->start > y->start) - (x->start < y->start);
	if (x->uses != y->uses)
		return x->uses < y->uses ? 1 : -1;
	return strcmp(x->object->path, y->object->path);
}

static uint64_t align_up(uint64_t n, uint64_t align)
{
	return (n + align - 1) & ~(align - 1);
}

void layout_add_layer(struct layout *l, const struct matr_layer *sizes)
{
	l->layers[l->layer_count] = *sizes;
	l->layers[l->layer_count].number = l->layer_count;
	l->layer_count++;
}

/* Gives out addresses from `at` to what has none; returns the first free one behind. */
static uint64_t hand_out(struct layout *l, uint64_t at)
{
	struct matr_layer *layer = l->layer_count ? &l->layers[l->layer_count - 1] : NULL;

	if (layer && !layer->id && layer->residual_bytes + layer->moving_bytes) {
		layer->residual_address = at;
		at = align_up(at + layer->residual_bytes + layer->moving_bytes, MATR_PAGE);
	}
	for (size_t i = 0; i < l->count; i++) {
		struct slot *s = &l->slots[i];
		uint64_t room = s->plan.reserve_bytes > s->plan.span ? s->plan.reserve_bytes
								     : s->plan.span;

		if (s->placed)
			continue;
		/* As ld.so does it since 2.35: the first page has the alignment of p_align. */
		at = align_up(at, s->plan.align);
		s->start = at;
		s->base = at - s->plan.start;
		at = align_up(at + room, MATR_PAGE);
	}
	return at;
}

/* A region of its own, somewhere; the loader is the first thing in it. */
static int draw_region(struct layout *l, uint64_t loader_span, uint64_t random, struct err *e)
{
	uint64_t first = align_up(LAYOUT_LOWEST + loader_span, MATR_PAGE);
	/* Alignment may cost more at another base: leave a margin of one region. */
	uint64_t size = hand_out(l, first) - LAYOUT_LOWEST;
	uint64_t room = LAYOUT_END - LAYOUT_LOWEST - 2 * size;

	if (size > (LAYOUT_END - LAYOUT_LOWEST) / 4)
		return err_set(e, -E2BIG, "the libraries need more address space than an epoch has");
	l->loader_base = LAYOUT_LOWEST + random % (room / MATR_PAGE) * MATR_PAGE;
	l->end = align_up(l->loader_base + loader_span, MATR_PAGE);
	return 0;
}

int layout_place(struct layout *l, uint64_t loader_span, struct err *e)
{
	uint64_t random[3];
	int ret;

	if (l->count > 1)
		qsort(l->slots, l->count, sizeof(*l->slots), by_use);
	if (l->count)
		rebuild_index(l);
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_sys(e, "cannot draw an address");
	if (!l->id) {
		ret = draw_region(l, loader_span, random[0], e);
		if (ret < 0)
			return ret;
		l->id = random[1] | 1;
	}
	l->end = hand_out(l, l->end);
	if (l->end > LAYOUT_END)
		return err_set(e, -E2BIG, "the libraries need more address space than the layout has");
	if (l->layer_count && !l->layers[l->layer_count - 1].id)
		l->layers[l->layer_count - 1].id = random[2] | 1;
	for (size_t i = 0; i < l->count; i++)
		l->slots[i].placed = true;
	return 0;
}
