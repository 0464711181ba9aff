/* What no relocation touches: must be the file's, whatever pages are mapped. */
#include "matr/verify.h"

#include <string.h>

#define WORD sizeof(uint64_t)

/* One segment, and which of its words are somebody else's business. */
struct mask {
	const struct object *object;
	uint64_t vaddr, bytes; /* of the segment's file part */
	uint8_t *touched;      /* one per word */
};

static void touch(struct mask *m, uint64_t vaddr, uint64_t bytes)
{
	uint64_t first, last;

	if (!bytes || vaddr + bytes <= m->vaddr || vaddr >= m->vaddr + m->bytes)
		return;
	first = vaddr < m->vaddr ? 0 : (vaddr - m->vaddr) / WORD;
	last = (vaddr + bytes - 1 - m->vaddr) / WORD;
	for (; first <= last && first * WORD < m->bytes; first++)
		m->touched[first] = 1;
}

static void touch_word(void *context, const struct verify_word *w)
{
	struct mask *m = context;
	uint64_t bytes = WORD;

	if (w->type == R_X86_64_TLSDESC)
		bytes = 2 * WORD;
	else if (w->type == R_X86_64_COPY && w->symbol < m->object->symbol_count)
		bytes = m->object->symbols[w->symbol].st_size;
	touch(m, w->offset, bytes);
}

/*
 * ld.so writes to .dynamic and to GOT[1] and GOT[2] too; the loader's name, which
 * some editors of ELF files move to a writable segment, is what enabling changes.
 */
static void touch_own(struct mask *m)
{
	uint64_t got;

	for (size_t i = 0; i < m->object->phdr_count; i++)
		if (m->object->phdr[i].p_type == PT_INTERP)
			touch(m, m->object->phdr[i].p_vaddr, m->object->phdr[i].p_filesz);

	if (m->object->dynamic_phdr)
		touch(m, m->object->dynamic_phdr->p_vaddr, m->object->dynamic_phdr->p_memsz);
	if (object_dynamic(m->object, DT_PLTGOT, &got))
		touch(m, got + WORD, 2 * WORD);
}

static void report_bytes(const struct verify_pictures *p, uint32_t index, uint64_t vaddr,
			 const uint64_t words[2], struct verify_report *r)
{
	verify_differ(r, &(struct verify_difference){
			     .object = p->lazy->objects[index].name,
			     .offset = vaddr,
			     .symbol = "",
			     .what = "bytes",
			     .stock = picture_describe(p->lazy, words[0], r->arena),
			     .matr = picture_describe(p->matr, words[1], r->arena),
			 });
}

static void compare_segment(const struct verify_pictures *p, uint32_t index, size_t segment,
			    struct verify_report *r)
{
	const struct picture_object *o = &p->lazy->objects[index], *u = &p->matr->objects[index];
	const uint8_t *a = o->segments[segment], *b = u->segments[segment];
	const Elf64_Phdr *ph = &o->object->phdr[segment];
	struct mask m = {.object = o->object, .vaddr = ph->p_vaddr, .bytes = ph->p_filesz};
	uint64_t words[2];

	m.touched = arena_alloc(r->arena, m.bytes / WORD + 1);
	verify_each_word(o->object, touch_word, &m);
	touch_own(&m);
	for (uint64_t at = 0; at < m.bytes; at += WORD) {
		size_t n = m.bytes - at < WORD ? m.bytes - at : WORD;

		if (m.touched[at / WORD])
			continue;
		r->result->bytes += n;
		if (memcmp(a + at, b + at, n) == 0)
			continue;
		words[0] = words[1] = 0;
		memcpy(&words[0], a + at, n);
		memcpy(&words[1], b + at, n);
		/* Early initialisation of libc, and IFUNC resolvers, have run: they may store
		 * addresses. */
		if (picture_same_meaning(p->lazy, words[0], p->matr, words[1]) ||
		    picture_same_class(p->lazy, words[0], p->matr, words[1]))
			continue;
		report_bytes(p, index, m.vaddr + at, words, r);
	}
}

void verify_other_bytes(const struct verify_pictures *p, uint32_t index, struct verify_report *r)
{
	const struct picture_object *o = &p->lazy->objects[index], *u = &p->matr->objects[index];

	/* ld.so's own data differ by nature: addresses, random guards, the environment. */
	if (o->kind == PICTURE_LOADER || o->kind == PICTURE_VDSO)
		return;
	for (size_t i = 0; i < o->object->phdr_count; i++)
		if (o->segments[i] && u->segments[i])
			compare_segment(p, index, i, r);
}
