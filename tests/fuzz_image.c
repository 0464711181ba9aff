/*
 * Fuzzes the reader of published files: any bytes are an image, a pages header
 * and a gate.  The checksum is made right first, so that what lies behind it
 * is reached; whatever is accepted is then walked through as the shim would.
 * Build with clang -fsanitize=fuzzer,address,undefined; real images are a good
 * corpus.
 */
#include "image/image.h"
#include "image/key.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static volatile uint64_t sink;

static void touch(const void *at, size_t bytes)
{
	const uint8_t *p = at;

	for (size_t i = 0; i < bytes; i++)
		sink += p[i];
}

static void touch_words(const struct matr_image *m, struct matr_range slice)
{
	touch(m->words + slice.offset, slice.count * sizeof(*m->words));
}

static void walk_member(const struct matr_image *m, const struct matr_member *k)
{
	touch(m->segments + k->segments.offset, k->segments.count * sizeof(*m->segments));
	touch(m->fixups + k->fixups.offset, k->fixups.count * sizeof(*m->fixups));
	touch(m->build_ids + k->build_id.offset, k->build_id.count);
	touch_words(m, k->words);
	touch(m->views + k->view.offset, k->view.count * sizeof(*m->views));
}

static void walk(const struct matr_image *m)
{
	const struct matr_image_header *h = m->header;

	sink += strlen(m->loader_path) + strlen(m->loader_name) + strlen(m->program_path);
	touch(m->layers, h->layers.count * sizeof(*m->layers));
	touch(m->loader_segments, h->loader_segments.count * sizeof(*m->loader_segments));
	touch(m->residuals, h->residuals.count * sizeof(*m->residuals));
	touch_words(m, h->exe_words);
	touch_words(m, h->exe_relative);
	touch_words(m, h->exe_plain);
	touch_words(m, h->exe_dynamic);
	for (uint32_t i = 0; i < h->members.count; i++)
		walk_member(m, &m->members[i]);
}

/* A copy of its own, exactly as long: reading behind its end is seen. */
static void try_image(const uint8_t *data, size_t bytes)
{
	struct matr_image m;
	uint8_t *copy = malloc(bytes ? bytes : 1);

	if (!copy)
		abort();
	memcpy(copy, data, bytes);
	if (bytes >= sizeof(struct matr_image_header)) {
		struct matr_image_header *h = (struct matr_image_header *)copy;

		h->file_bytes = bytes;
		h->checksum = matr_image_checksum(copy, bytes);
	}
	if (matr_image_open(copy, bytes, &m) == REASON_NONE)
		walk(&m);
	free(copy);
}

static void try_small(const uint8_t *data, size_t bytes)
{
	struct matr_pages_header pages;
	struct matr_gate gate;
	size_t found;

	if (bytes >= sizeof(pages)) {
		memcpy(&pages, data, sizeof(pages));
		pages.checksum = matr_pages_checksum(&pages);
		sink += matr_pages_check(&pages, pages.file_bytes);
	}
	if (bytes >= sizeof(gate)) {
		memcpy(&gate, data, sizeof(gate));
		gate.checksum = matr_gate_checksum(&gate);
		if (matr_gate_check(&gate) == REASON_NONE)
			touch(gate.back, gate.site_count * sizeof(gate.back[0]));
	}
	matr_find_build_id(data, bytes, &found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	try_image(data, bytes);
	try_small(data, bytes);
	return 0;
}
