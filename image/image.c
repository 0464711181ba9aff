#include "image/image.h"

#include "image/hash.h"

#define ADDRESS_END 0x7ffffffff000ull /* first address that a process cannot have */

uint64_t matr_image_checksum(const void *bytes, size_t length)
{
	/* The member itself is left out: the hash of what is before seeds the hash of the rest. */
	const size_t at = offsetof(struct matr_image_header, checksum);
	const uint8_t *b = bytes;
	uint64_t h = matr_hash(b, at, 0);

	return matr_hash(b + at + 8, length - at - 8, h);
}

uint64_t matr_pages_checksum(const struct matr_pages_header *h)
{
	struct matr_pages_header copy = *h;

	copy.checksum = 0;
	return matr_hash(&copy, sizeof(copy), 0);
}

/* In place: a copy would be the largest thing on the shim's stack. */
static uint64_t hash_gate(struct matr_gate *g)
{
	uint64_t checksum = g->checksum, hash;

	g->checksum = 0;
	g->state_entry = 0;
	g->cpuid_entry = 0;
	g->read_entry = 0;
	g->pread_entry = 0;
	for (unsigned i = 0; i < MATR_MAX_GATE_SITES; i++)
		g->entry[i] = 0;
	hash = matr_hash(g, sizeof(*g), 0);
	g->checksum = checksum;
	return hash;
}

uint64_t matr_gate_checksum(const struct matr_gate *g)
{
	struct matr_gate copy = *g;

	return hash_gate(&copy);
}

static int range_ok(struct matr_range r, size_t element, size_t align, size_t length)
{
	return r.offset % align == 0 && r.offset <= length &&
	       r.count <= (length - r.offset) / element;
}

static int slice_ok(struct matr_range slice, struct matr_range whole)
{
	return slice.offset <= whole.count && slice.count <= whole.count - slice.offset;
}

static int string_ok(const uint8_t *b, struct matr_range r, size_t length)
{
	return range_ok(r, 1, 1, length) && r.count > 0 && b[r.offset + r.count - 1] == 0;
}

static int span_ok(uint64_t address, uint64_t bytes)
{
	return address % MATR_PAGE == 0 && address >= MATR_PAGE && bytes > 0 &&
	       address < ADDRESS_END && bytes <= ADDRESS_END - address;
}

static int segment_ok(const struct matr_segment *s)
{
	return span_ok(s->address, s->bytes) && s->offset % MATR_PAGE == 0 &&
	       s->source <= MATR_SOURCE_ANONYMOUS && s->prot <= 7;
}

/* All parts of the file are where the header says. */
static int parts_ok(const uint8_t *b, const struct matr_image_header *h, size_t n)
{
	return range_ok(h->layers, sizeof(struct matr_layer), 8, n) &&
	       h->layers.count <= MATR_MAX_LAYERS &&
	       range_ok(h->loader_segments, sizeof(struct matr_segment), 8, n) &&
	       range_ok(h->members, sizeof(struct matr_member), 8, n) &&
	       range_ok(h->segments, sizeof(struct matr_segment), 8, n) &&
	       range_ok(h->fixups, sizeof(struct matr_word), 8, n) &&
	       range_ok(h->words, sizeof(struct matr_word), 8, n) &&
	       range_ok(h->residuals, sizeof(Elf64_Rela), 8, n) &&
	       range_ok(h->views, sizeof(Elf64_Dyn), 8, n) &&
	       range_ok(h->build_ids, 1, 1, n) && string_ok(b, h->loader_path, n) &&
	       string_ok(b, h->loader_name, n) && string_ok(b, h->program_path, n) &&
	       slice_ok(h->exe_words, h->words) && slice_ok(h->exe_relative, h->words) &&
	       slice_ok(h->exe_dynamic, h->words) && slice_ok(h->exe_plain, h->words) &&
	       h->members.count > 0 &&
	       h->members.count <= MATR_MAX_MEMBERS && h->loader_segments.count > 0;
}

static int loader_ok(const struct matr_image_header *h)
{
	return span_ok(h->gate_address, MATR_PAGE) && h->gate_offset % MATR_PAGE == 0 &&
	       span_ok(h->loader_base, MATR_PAGE) &&
	       h->loader_file_bytes == h->gate_offset + MATR_PAGE;
}

static int layer_ok(const struct matr_layer *l)
{
	uint64_t mapped = l->residual_bytes + l->moving_bytes;

	return l->number < MATR_MAX_LAYERS && l->unused == 0 && l->bytes >= MATR_PAGE &&
	       l->bytes % MATR_PAGE == 0 && l->residual_bytes % MATR_PAGE == 0 &&
	       l->moving_bytes % MATR_PAGE == 0 && l->residual_bytes <= l->bytes - MATR_PAGE &&
	       l->moving_bytes <= l->bytes - MATR_PAGE - l->residual_bytes &&
	       (mapped == 0 || span_ok(l->residual_address, mapped));
}

/* What is recognised by its build-id has one; only of the installed loader it is read from the file. */
static int portable_ok(const struct matr_image *image)
{
	const struct matr_image_header *h = image->header;

	if (!slice_ok(h->installed_build_id, h->build_ids) ||
	    h->installed_build_id.count > MATR_MAX_BUILD_ID)
		return 0;
	if (!(h->flags & MATR_IMAGE_PORTABLE))
		return 1;
	for (uint32_t i = 0; i < h->members.count; i++)
		if (!image->members[i].build_id_address || !image->members[i].build_id.count)
			return 0;
	return h->installed_build_id.count > 0;
}

/* Slides are drawn below MATR_SLIDE_SPAN; layout=epoch has none. */
static int slide_ok(const struct matr_image_header *h)
{
	if (!(h->flags & MATR_IMAGE_SLIDES))
		return h->slide_align == 0 && h->moving_residuals == 0;
	return h->slide_align >= MATR_PAGE && h->slide_align <= MATR_SLIDE_SPAN &&
	       (h->slide_align & (h->slide_align - 1)) == 0 &&
	       h->moving_residuals <= h->residuals.count;
}

/* Each is sound, and none is named twice. */
static int layers_ok(const struct matr_image *image)
{
	for (uint32_t i = 0; i < image->header->layers.count; i++)
		if (!layer_ok(&image->layers[i]) ||
		    (i && image->layers[i].number <= image->layers[i - 1].number))
			return 0;
	return 1;
}

/* The entry lies in one of the loader's segments, and its name is that of a file. */
static int loader_names_ok(const struct matr_image *image)
{
	const struct matr_image_header *h = image->header;
	int entry_inside = 0;

	for (uint32_t i = 0; i < h->loader_segments.count; i++) {
		const struct matr_segment *s = &image->loader_segments[i];

		if (!segment_ok(s))
			return 0;
		entry_inside |= h->loader_entry - s->address < s->bytes;
	}
	const struct matr_segment *last = &image->loader_segments[h->loader_segments.count - 1];

	if (last->prot != 3 || last->bytes % MATR_PAGE ||
	    h->gate_address != last->address + last->bytes - MATR_PAGE)
		return 0;
	for (const char *c = image->loader_name; *c; c++)
		if (*c == '/')
			return 0;
	return entry_inside;
}

static uint64_t page_up(uint64_t n)
{
	return (n + MATR_PAGE - 1) & ~(uint64_t)(MATR_PAGE - 1);
}

/* ld.so passes a span that ends where .bss ends; the kernel maps whole pages. */
static int inside(const struct matr_member *m, uint64_t address, uint64_t bytes)
{
	uint64_t span = page_up(m->span);

	return address >= m->start && bytes <= span && address - m->start <= span - bytes;
}

static int in_writable_segment(const struct matr_image *image, const struct matr_member *m,
			       uint64_t address)
{
	const struct matr_segment *s = image->segments + m->segments.offset;

	for (uint32_t i = 1; i < m->segments.count; i++)
		if (address >= s[i].address && s[i].bytes >= 8 &&
		    address - s[i].address <= s[i].bytes - 8)
			return (s[i].prot & 2) != 0; /* PROT_WRITE */
	return 0;
}

static int words_inside(const struct matr_image *image, const struct matr_member *m,
			const struct matr_word *w, struct matr_range r)
{
	for (uint32_t i = 0; i < r.count; i++)
		if (!in_writable_segment(image, m, w[r.offset + i].where))
			return 0;
	return 1;
}

/* All its pages have their moving words. */
static int moving_ok(const struct matr_segment *s, const struct matr_layer *l)
{
	uint64_t first = MATR_PAGE + l->residual_bytes + l->moving_bytes;

	return s->source_offset >= first &&
	       (s->source_offset - first + page_up(s->bytes)) / MATR_PAGE <=
		       l->moving_bytes / MATR_MOVING_BYTES;
}

static int source_ok(const struct matr_segment *s, const struct matr_image *image)
{
	uint64_t bytes;

	if (s->source != MATR_SOURCE_PAGES)
		return s->layer == 0;
	if (s->layer >= image->header->layers.count)
		return 0;
	bytes = image->layers[s->layer].bytes;
	return s->source_offset % MATR_PAGE == 0 && s->source_offset <= bytes &&
	       page_up(s->bytes) <= bytes - s->source_offset &&
	       (!(image->header->flags & MATR_IMAGE_SLIDES) ||
		moving_ok(s, &image->layers[s->layer]));
}

static int segments_inside(const struct matr_member *m, const struct matr_image *image)
{
	const struct matr_segment *s = image->segments + m->segments.offset;

	for (uint32_t i = 0; i < m->segments.count; i++)
		if (!segment_ok(&s[i]) || !inside(m, s[i].address, s[i].bytes) ||
		    !source_ok(&s[i], image))
			return 0;
	return 1;
}

static int in_residuals(const struct matr_image *image, uint64_t address)
{
	for (uint32_t i = 0; i < image->header->layers.count; i++)
		if (address - image->layers[i].residual_address < image->layers[i].residual_bytes)
			return address % 8 == 0;
	return 0;
}

/* A view of the program's own has an end. */
static int own_view_ok(const struct matr_image *image, struct matr_range view)
{
	return view.count == 0 ||
	       (slice_ok(view, image->header->views) &&
		image->views[view.offset + view.count - 1].d_tag == DT_NULL);
}

/* With a view, what is read-only at once is the start of the first segment of pages. */
static int view_ok(const struct matr_image *image, const struct matr_member *m)
{
	const struct matr_segment *s = image->segments + m->segments.offset;
	uint32_t i = 0;

	if (!m->view_address)
		return m->dynamic_address == 0 && m->relro_bytes == 0 && m->view.count == 0;
	while (i < m->segments.count && s[i].source != MATR_SOURCE_PAGES)
		i++;
	return i < m->segments.count && in_residuals(image, m->view_address) &&
	       own_view_ok(image, m->view) &&
	       inside(m, m->dynamic_address, 8) && m->relro_bytes % MATR_PAGE == 0 &&
	       m->relro_bytes <= page_up(s[i].bytes);
}

static int member_ok(const struct matr_image *image, const struct matr_member *m)
{
	const struct matr_image_header *h = image->header;

	return span_ok(m->start, m->span) && (m->reserve_bytes == 0 || m->reserve_bytes >= m->span) &&
	       !(m->flags & ~MATR_MEMBER_KNOWN_FLAGS) && m->segments.count > 0 &&
	       m->address_words <= m->words.count && m->unused == 0 &&
	       slice_ok(m->segments, h->segments) && slice_ok(m->fixups, h->fixups) &&
	       slice_ok(m->words, h->words) && slice_ok(m->build_id, h->build_ids) &&
	       (m->build_id_address == 0 || inside(m, m->build_id_address, m->build_id.count)) &&
	       segments_inside(m, image) && view_ok(image, m) &&
	       words_inside(image, m, image->fixups, m->fixups) &&
	       words_inside(image, m, image->words, m->words);
}

/*
 * A slide is added to each word once: the executable's words come first, then the
 * members', in their order, and no two have one in common.
 */
static int words_apart(const struct matr_image *image)
{
	const struct matr_image_header *h = image->header;
	const struct matr_range exe[] = {h->exe_words, h->exe_relative, h->exe_dynamic, h->exe_plain};
	uint32_t end = 0;

	for (unsigned i = 0; i < sizeof(exe) / sizeof(exe[0]); i++)
		if (exe[i].count && exe[i].offset + exe[i].count > end)
			end = exe[i].offset + exe[i].count;
	for (uint32_t i = 0; i < h->members.count; i++) {
		const struct matr_range r = image->members[i].words;

		if (r.count && r.offset < end)
			return 0;
		if (r.count)
			end = r.offset + r.count;
	}
	return 1;
}

static void point_into(struct matr_image *image, const uint8_t *b, const struct matr_image_header *h)
{
	image->header = h;
	image->layers = (const void *)(b + h->layers.offset);
	image->loader_segments = (const void *)(b + h->loader_segments.offset);
	image->members = (const void *)(b + h->members.offset);
	image->segments = (const void *)(b + h->segments.offset);
	image->fixups = (const void *)(b + h->fixups.offset);
	image->words = (const void *)(b + h->words.offset);
	image->build_ids = b + h->build_ids.offset;
	image->residuals = (const void *)(b + h->residuals.offset);
	image->views = (const void *)(b + h->views.offset);
	image->loader_path = (const char *)b + h->loader_path.offset;
	image->loader_name = (const char *)b + h->loader_name.offset;
	image->program_path = (const char *)b + h->program_path.offset;
}

enum reason matr_image_open(const void *bytes, size_t length, struct matr_image *out)
{
	const struct matr_image_header *h = bytes;
	struct matr_image image;

	if (length < sizeof(*h) || length > MATR_MAX_IMAGE_BYTES || h->magic != MATR_IMAGE_MAGIC)
		return REASON_IMAGE_DAMAGED;
	if (h->version != MATR_FORMAT_VERSION)
		return REASON_IMAGE_VERSION;
	if (h->header_bytes != sizeof(*h) || h->file_bytes != length ||
	    h->checksum != matr_image_checksum(bytes, length))
		return REASON_IMAGE_DAMAGED;
	if ((h->flags & ~MATR_IMAGE_KNOWN_FLAGS) || !parts_ok(bytes, h, length) || !loader_ok(h) ||
	    !slide_ok(h))
		return REASON_IMAGE_DAMAGED;
	point_into(&image, bytes, h);
	if (!layers_ok(&image) || !loader_names_ok(&image))
		return REASON_IMAGE_DAMAGED;
	for (uint32_t i = 0; i < h->members.count; i++)
		if (!member_ok(&image, &image.members[i]))
			return REASON_IMAGE_DAMAGED;
	if (!words_apart(&image) || !portable_ok(&image))
		return REASON_IMAGE_DAMAGED;
	*out = image;
	return REASON_NONE;
}

enum reason matr_pages_check(const struct matr_pages_header *h, uint64_t file_bytes)
{
	if (h->magic != MATR_PAGES_MAGIC)
		return REASON_EPOCH_INCOMPLETE;
	if (h->version != MATR_FORMAT_VERSION)
		return REASON_IMAGE_VERSION;
	if (h->header_bytes != sizeof(*h) || h->file_bytes != file_bytes ||
	    h->checksum != matr_pages_checksum(h))
		return REASON_EPOCH_INCOMPLETE;
	return REASON_NONE;
}

enum reason matr_gate_check(struct matr_gate *g)
{
	if (g->magic != MATR_GATE_MAGIC)
		return REASON_EPOCH_INCOMPLETE;
	if (g->version != MATR_FORMAT_VERSION)
		return REASON_IMAGE_VERSION;
	if (g->header_bytes != sizeof(*g) || g->checksum != hash_gate(g) ||
	    g->site_count == 0 || g->site_count > MATR_MAX_GATE_SITES ||
	    g->answer_count > MATR_MAX_CPU_ANSWERS)
		return REASON_EPOCH_INCOMPLETE;
	return REASON_NONE;
}
