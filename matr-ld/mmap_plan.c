#include "matr-ld/mmap_plan.h"

#include "matr-ld/object.h"

#include <errno.h>
#include <sys/mman.h>

#define PAGE ((uint64_t)4096)
/* MAP_PRIVATE | MAP_DENYWRITE: how ld.so asks for a file's segment. */
#define MAP_SEGMENT (MAP_PRIVATE | MAP_DENYWRITE)

static uint64_t down(uint64_t v) { return v & -PAGE; }

static uint64_t up(uint64_t v) { return (v + PAGE - 1) & -PAGE; }

static uint32_t protection(const Elf64_Phdr *p)
{
	return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
	       (p->p_flags & PF_X ? PROT_EXEC : 0);
}

static int refuse(const struct object *o, const char *why, struct err *e)
{
	return err_set(e, -EBADMSG, "'%s': %s", o->path, why);
}

/* What ld.so demands of a PT_LOAD; `before` is the one before it or NULL. */
static int check(const struct object *o, const Elf64_Phdr *p, const Elf64_Phdr *before,
		 struct err *e)
{
	uint64_t align = p->p_align > PAGE ? p->p_align : PAGE;

	/* Less than a page is accepted since 2.35; an older ld.so says itself that it is not. */
	if (align & (align - 1))
		return refuse(o, "a segment's alignment is not a power of two", e);
	if ((p->p_vaddr - p->p_offset) & (align - 1))
		return refuse(o, "a segment's address and offset do not agree", e);
	if (before && down(p->p_vaddr) < up(before->p_vaddr + before->p_memsz))
		return refuse(o, "the segments overlap or are not in order", e);
	return 0;
}

static void add_call(struct mmap_plan *plan, const struct mmap_call *call)
{
	plan->calls[plan->call_count++] = *call;
}

/* The file's part of a segment, and the pages of .bss that have no file behind them. */
static void plan_segment(struct mmap_plan *plan, const Elf64_Phdr *p, uint32_t index, bool first)
{
	uint64_t data_end = p->p_vaddr + p->p_filesz, end = p->p_vaddr + p->p_memsz;

	if (first || up(data_end) > down(p->p_vaddr))
		add_call(plan, &(struct mmap_call){
				   .vaddr = down(p->p_vaddr),
				   .bytes = first ? plan->span : up(data_end) - down(p->p_vaddr),
				   .offset = down(p->p_offset),
				   .prot = protection(p),
				   .flags = MAP_SEGMENT | (first ? 0 : MAP_FIXED),
				   .segment = index,
			       });
	if (end > data_end && end > up(data_end))
		add_call(plan, &(struct mmap_call){
				   .vaddr = up(data_end),
				   .bytes = end - up(data_end),
				   .prot = protection(p),
				   .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
				   .segment = index,
				   .anonymous = 1,
			       });
}

static int measure(struct mmap_plan *plan, const struct object *o, struct err *e)
{
	const Elf64_Phdr *before = NULL;

	*plan = (struct mmap_plan){.align = PAGE};
	for (size_t i = 0; i < o->phdr_count; i++) {
		const Elf64_Phdr *p = &o->phdr[i];

		if (p->p_type != PT_LOAD)
			continue;
		if (check(o, p, before, e) < 0)
			return -EBADMSG;
		if (!before)
			plan->start = down(p->p_vaddr);
		plan->span = p->p_vaddr + p->p_memsz - plan->start;
		if (p->p_align > plan->align)
			plan->align = p->p_align;
		before = p;
	}
	if (!before || !plan->span)
		return refuse(o, "there is nothing to load", e);
	if (plan->align > PAGE)
		plan->reserve_bytes =
		    plan->span >= plan->align ? plan->span + plan->align : 2 * plan->align;
	return 0;
}

int mmap_plan_make(struct mmap_plan *plan, const struct object *o, struct arena *a, struct err *e)
{
	bool first = true;
	int rc = measure(plan, o, e);

	if (rc < 0)
		return rc;
	plan->calls = arena_alloc(a, o->phdr_count * 2 * sizeof(*plan->calls));
	for (size_t i = 0; i < o->phdr_count; i++) {
		if (o->phdr[i].p_type != PT_LOAD)
			continue;
		plan_segment(plan, &o->phdr[i], (uint32_t)i, first);
		first = false;
	}
	return 0;
}
