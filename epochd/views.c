#include "epochd/views.h"

#include <sys/mman.h>

#define PAGE_UP(n) (((n) + MATR_PAGE - 1) & ~(uint64_t)(MATR_PAGE - 1))

/* Independent of addresses: what materialise_library leaves over, at most. */
bool entry_is_residual(const struct entry *b)
{
	return b->kind == BINDING_RESIDUAL || b->kind == BINDING_IFUNC ||
	       (b->kind == BINDING_VALUE && !b->provider && !b->absolute);
}

#define HEADER_READ 832 /* bytes of a library that ld.so reads first, on every 64-bit system */

/* Of a tag given twice ld.so takes the last one; a view changes their order. */
static bool one_soname(const struct object *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->dynamic_count; i++)
		n += o->dynamic[i].d_tag == DT_SONAME;
	return n <= 1;
}

static bool read_first(const struct object *o)
{
	return o->phdr_offset < HEADER_READ &&
	       o->phdr_count * sizeof(Elf64_Phdr) <= HEADER_READ - o->phdr_offset;
}

/* ld.so reads its program headers with a call that arrives in the shim. */
bool table_has_view(const struct table *t, const struct layout *l)
{
	const struct object *o = t->object;
	const struct slot *s = layout_find(l, o->key);

	return (read_first(o) ? l->views : l->long_views) && s->materialisable &&
	       !table_is_private(t, s) && one_soname(o);
}

uint64_t table_view_bytes(const struct table *t, const struct layout *l)
{
	return table_has_view(t, l) ? t->object->dynamic_count * sizeof(Elf64_Dyn) : 0;
}

uint64_t table_view_address(const struct table *t, const struct layout *l)
{
	return table_has_view(t, l) && table_pages(t)
		       ? l->layers[t->layer].residual_address + t->residual_offset
		       : 0;
}

uint64_t table_residual_address(const struct table *t, const struct layout *l)
{
	return l->layers[t->layer].residual_address + t->residual_offset + table_view_bytes(t, l);
}

bool call_from_pages(const struct mmap_plan *plan, size_t call)
{
	return call > 0 && !plan->calls[call].anonymous && (plan->calls[call].prot & PROT_WRITE);
}

bool table_is_private(const struct table *t, const struct slot *s)
{
	return s->materialisable && t->object->has_usdt_semaphore;
}

/* What ld.so protects after relocation, if it is the start of the first segment of pages. */
static bool relro_range(const struct table *t, const struct layout *l, uint64_t *start, uint64_t *end)
{
	const struct slot *s = layout_find(l, t->object->key);
	const Elf64_Phdr *relro = t->object->relro;
	size_t call = 0;

	if (!relro || !table_has_view(t, l))
		return false;
	while (call < s->plan.call_count && !call_from_pages(&s->plan, call))
		call++;
	if (call == s->plan.call_count)
		return false;
	/* As ld.so rounds it: a page is protected only as a whole. */
	*start = relro->p_vaddr & ~(uint64_t)(MATR_PAGE - 1);
	*end = (relro->p_vaddr + relro->p_memsz) & ~(uint64_t)(MATR_PAGE - 1);
	return *start == s->plan.calls[call].vaddr && *end > *start &&
	       *end - *start <= PAGE_UP(s->plan.calls[call].bytes);
}

static bool writes_residual(const struct table *t, uint64_t start, uint64_t end)
{
	struct entries e = table_entries(t);
	bool found = false;

	for (size_t i = 0; !found && i < e.count; i++)
		found = entry_is_residual(&e.at[i]) && e.at[i].offset + 8 > start && e.at[i].offset < end;
	entries_release(&e);
	return found;
}

static bool has_lazy_slots(const struct table *t)
{
	struct entries e = table_entries(t);
	bool found = false;

	for (size_t i = 0; !found && i < e.count; i++)
		found = e.at[i].kind == BINDING_LAZY;
	entries_release(&e);
	return found;
}

/* For lazy binding ld.so fills GOT[1] and GOT[2], which linkers put at the end of what is protected. */
static bool fills_got(const struct object *o, uint64_t start, uint64_t end)
{
	uint64_t got = 0;

	return o->plt_count && !o->bind_now && object_dynamic(o, DT_PLTGOT, &got) &&
	       got + 24 > start && got < end;
}

uint64_t table_relro_bytes(const struct table *t, const struct layout *l)
{
	uint64_t start, end;

	if (!table_pages(t) || !relro_range(t, l, &start, &end) || writes_residual(t, start, end) ||
	    (fills_got(t->object, start, end) && has_lazy_slots(t)))
		return 0;
	return end - start;
}

/*
 * With every slot bound nothing reads GOT[1] and GOT[2]; they stay 0, as in a library that is
 * linked with -z now.  Else ld.so would write to a page that is read-only.
 */
bool table_hides_plt(const struct table *t, const struct layout *l)
{
	uint64_t start, end;

	return relro_range(t, l, &start, &end) && fills_got(t->object, start, end) &&
	       !writes_residual(t, start, end) && !has_lazy_slots(t);
}
