/*
 * slide.c - layout=exec: addresses that differ at every exec
 *
 * Environment: slide_image before anything of the epoch is mapped; slide_segment
 * inside ld.so's mmap call; no memory but the image's and the segment's own is
 * written.
 *
 * The epoch's slots keep their distances and move together, as the libraries of any
 * process do behind the kernel's one random number.  That number is taken from
 * where the kernel has put the image, so it costs no system call, has the
 * entropy of the mmap area and is fixed where randomisation is off.
 *
 * All addresses of the image are moved once, here; nothing else in the shim
 * knows of the slide.  Words in the pages that hold an address are moved when their
 * segment has been mapped: a map in the pages file, bit by bit, says which ones.
 */
#include "ldso-shim/shim.h"

#include "image/apply.h"
#include "ldso-shim/sys.h"

static uint64_t draw(const struct matr_image_header *h)
{
	uint64_t page = (uint64_t)h / MATR_PAGE;

	return page % (MATR_SLIDE_SPAN / h->slide_align) * h->slide_align;
}

static void move_segments(const struct matr_segment *from, uint32_t count, uint64_t slide)
{
	struct matr_segment *s = (struct matr_segment *)from;

	for (uint32_t i = 0; i < count; i++)
		s[i].address += slide;
}

static void move_header(struct matr_image_header *h, uint64_t slide)
{
	h->loader_base += slide;
	h->loader_entry += slide;
	h->loader_dynamic += slide;
	h->gate_address += slide;
}

static void move_values(struct matr_word *w, uint32_t count, uint64_t slide)
{
	for (uint32_t i = 0; i < count; i++)
		w[i].value += slide;
}

static void move_members(const struct matr_image_header *h, uint64_t slide)
{
	struct matr_member *members = (struct matr_member *)S.image.members;
	struct matr_word *words = (struct matr_word *)S.image.words;

	for (uint32_t i = 0; i < h->members.count; i++) {
		struct matr_member *m = &members[i];

		m->base += slide;
		m->start += slide;
		if (m->build_id_address)
			m->build_id_address += slide;
		if (m->view_address) {
			m->view_address += slide;
			m->dynamic_address += slide;
		}
		for (uint32_t k = 0; k < m->words.count; k++)
			words[m->words.offset + k].where += slide;
		move_values(words + m->words.offset, m->address_words, slide);
	}
}

static void move_fixups(const struct matr_image_header *h, uint64_t slide)
{
	struct matr_word *fixups = (struct matr_word *)S.image.fixups;

	for (uint32_t i = 0; i < h->fixups.count; i++)
		fixups[i].where += slide;
}

static void move_layers(const struct matr_image_header *h, uint64_t slide)
{
	struct matr_layer *layers = (struct matr_layer *)S.image.layers;

	for (uint32_t i = 0; i < h->layers.count; i++)
		layers[i].residual_address += slide;
}

/* Functions of libraries that choose a function for the executable. */
static void move_residuals(const struct matr_image_header *h, uint64_t slide)
{
	Elf64_Rela *r = (Elf64_Rela *)S.image.residuals + h->residuals.count;

	for (uint64_t i = h->moving_residuals; i--;)
		(--r)->r_addend += (int64_t)(slide - S.program.base);
}

enum reason slide_image(void)
{
	struct matr_image_header *h = (struct matr_image_header *)S.image.header;

	if (!(h->flags & MATR_IMAGE_SLIDES))
		return REASON_NONE;
	if (sys_mprotect((uint64_t)h, S.image_bytes, PROT_READ | PROT_WRITE) < 0)
		return REASON_MAP_FAILED;
	S.slide = draw(h);
	move_header(h, S.slide);
	move_layers(h, S.slide);
	move_segments(S.image.loader_segments, h->loader_segments.count, S.slide);
	move_segments(S.image.segments, h->segments.count, S.slide);
	move_members(h, S.slide);
	move_fixups(h, S.slide);
	move_residuals(h, S.slide);
	move_values((struct matr_word *)S.image.words + h->exe_words.offset, h->exe_words.count,
		    S.slide);
	return sys_mprotect((uint64_t)h, S.image_bytes, PROT_READ) < 0 ? REASON_MAP_FAILED
								       : REASON_NONE;
}

void slide_segment(const struct matr_segment *s)
{
	const struct matr_layer *l = &S.image.layers[s->layer];
	const uint8_t *moving = (const uint8_t *)(l->residual_address + l->residual_bytes);
	uint64_t page;

	if (!S.image.header->slide_align || s->source != MATR_SOURCE_PAGES)
		return;
	page = (s->source_offset - MATR_PAGE - l->residual_bytes - l->moving_bytes) / MATR_PAGE;
	matr_slide_pages((const uint64_t *)(const void *)(moving + page * MATR_MOVING_BYTES),
			 (s->bytes + MATR_PAGE - 1) / MATR_PAGE, (void *)s->address, S.slide);
}
