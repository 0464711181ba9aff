#include "epochd/layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define EMPTY UINT32_MAX

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

static size_t place_in_index(const struct layout *l, const struct object *o)
{
	size_t at = ((uintptr_t)o >> 4) * 0x9e3779b97f4a7c15u >> 20 & (l->index_size - 1);

	while (l->index[at] != EMPTY && l->slots[l->index[at]].object != o)
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
		l->index[place_in_index(l, l->slots[i].object)] = (uint32_t)i;
}

int layout_use(struct layout *l, const struct object *o, struct err *e)
{
	struct slot *s = (struct slot *)layout_find(l, o);
	struct slot fresh = {.object = o, .uses = 1};
	int ret;

	if (s) {
		s->uses++;
		return 0;
	}
	ret = mmap_plan_make(&fresh.plan, o, &l->arena, e);
	if (ret < 0)
		return ret;
	fresh.materialisable = object_materialisable(o);
	if (l->count == l->capacity) {
		l->slots = array_grow(l->slots, l->count, &l->capacity, sizeof(*l->slots));
		rebuild_index(l);
	}
	l->index[place_in_index(l, o)] = (uint32_t)l->count;
	l->slots[l->count++] = fresh;
	return 0;
}

const struct slot *layout_find(const struct layout *l, const struct object *o)
{
	size_t at;

	if (!l->index_size)
		return NULL;
	at = place_in_index(l, o);
	return l->index[at] == EMPTY ? NULL : &l->slots[l->index[at]];
}

static int by_use(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	if (x->uses != y->uses)
		return x->uses < y->uses ? 1 : -1;
	return strcmp(x->object->path, y->object->path);
}

static uint64_t align_up(uint64_t n, uint64_t align)
{
	return (n + align - 1) & ~(align - 1);
}

void layout_add_layer(struct layout *l, uint64_t bytes, uint64_t residual_bytes)
{
	l->layers[l->layer_count] = (struct matr_layer){
		.bytes = bytes, .residual_bytes = residual_bytes, .number = l->layer_count};
	l->layer_count++;
}

/* Gives out addresses from `at`; returns the first free one behind. */
static uint64_t hand_out(struct layout *l, uint64_t at, uint64_t loader_span)
{
	struct matr_layer *layer = &l->layers[l->layer_count - 1];

	l->loader_base = at;
	at = align_up(at + loader_span, MATR_PAGE);
	layer->residual_address = layer->residual_bytes ? at : 0;
	at = align_up(at + layer->residual_bytes, MATR_PAGE);
	for (size_t i = 0; i < l->count; i++) {
		struct slot *s = &l->slots[i];
		uint64_t room = s->plan.reserve_bytes > s->plan.span ? s->plan.reserve_bytes
								     : s->plan.span;

		/* As ld.so does it since 2.35: the first page has the alignment of p_align. */
		at = align_up(at, s->plan.align);
		s->start = at;
		s->base = at - s->plan.start;
		at = align_up(at + room, MATR_PAGE);
	}
	return at;
}

int layout_place(struct layout *l, uint64_t loader_span, struct err *e)
{
	uint64_t size, room, random[3];

	if (l->count > 1)
		qsort(l->slots, l->count, sizeof(*l->slots), by_use);
	if (l->count)
		rebuild_index(l);
	/* Alignment may cost more at another base: leave a margin of one region. */
	size = hand_out(l, LAYOUT_LOWEST, loader_span) - LAYOUT_LOWEST;
	if (size > (LAYOUT_HIGHEST - LAYOUT_LOWEST) / 4)
		return err_set(e, -E2BIG, "the libraries need more address space than an epoch has");
	room = LAYOUT_HIGHEST - LAYOUT_LOWEST - 2 * size;
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_sys(e, "cannot draw an address");
	l->id = random[1];
	l->layers[l->layer_count - 1].id = random[2];
	hand_out(l, LAYOUT_LOWEST + random[0] % (room / MATR_PAGE) * MATR_PAGE, loader_span);
	return 0;
}
