#include "epochd/image_write.h"

#include "epochd/image_header.h"
#include "epochd/needs.h"
#include "image/hash.h"
#include "image/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* An image being built: each part in a buffer of its own, put together at the end. */
struct parts {
	const struct image_request *r;
	struct matr_image_header header;
	struct buf layers, members, segments, fixups, words, build_ids, residuals, views;
	struct needs needs;
	uint16_t layer_index[MATR_MAX_LAYERS]; /* a layer's place among those of this image */
};

static void parts_release(struct parts *p)
{
	buf_release(&p->layers);
	buf_release(&p->members);
	buf_release(&p->segments);
	buf_release(&p->fixups);
	buf_release(&p->words);
	buf_release(&p->build_ids);
	buf_release(&p->residuals);
	buf_release(&p->views);
	needs_release(&p->needs);
}

static struct matr_range put_words(struct parts *p, const struct words *w)
{
	struct matr_range range = {(uint32_t)(p->words.used / sizeof(struct matr_word)),
				   (uint32_t)w->count};

	buf_put(&p->words, w->at, w->count * sizeof(*w->at));
	return range;
}

/* Only those whose values are addresses, or only the others. */
static struct matr_range put_some_words(struct parts *p, const struct words *w, bool addresses)
{
	struct matr_range range = {(uint32_t)(p->words.used / sizeof(struct matr_word)), 0};

	for (size_t i = 0; i < w->count; i++) {
		if (w->moves[i] != addresses)
			continue;
		buf_put(&p->words, &w->at[i], sizeof(w->at[i]));
		range.count++;
	}
	return range;
}

/* ---- the executable ---- */

static void put_executable_dynamic(struct parts *p, size_t residual_count)
{
	const struct object *o = p->r->program->object;
	struct words edits = {0};

	materialise_dynamic(&(struct dynamic_edit){.object = o,
						   .residual_count = residual_count,
						   .executable = true},
			    &edits);
	p->header.exe_dynamic = put_words(p, &edits);
	p->header.exe_dynamic_rela = residual_count ? dynamic_entry_value(o, DT_RELA) : 0;
	words_release(&edits);
}

static int put_executable(struct parts *p, struct err *e)
{
	const struct program *program = p->r->program;
	struct materialised m = {0};
	int ret = materialise_executable(
		&(struct executable_request){program->members[0].table, p->r->layout, p->r->slides},
		&m, e);

	/* Where this is not possible (0) ld.so relocates the executable natively. */
	if (ret <= 0)
		return ret;
	p->header.exe_words = put_some_words(p, &m.words, true);
	p->header.exe_plain = put_some_words(p, &m.words, false);
	p->header.exe_relative = put_words(p, &m.relative);
	put_executable_dynamic(p, m.residuals.count);
	buf_put(&p->residuals, m.residuals.at, m.residuals.count * sizeof(Elf64_Rela));
	p->header.moving_residuals = m.moving_residuals;
	materialised_release(&m);
	return 0;
}

/* ---- layers ---- */

/* The layers that some library of the program has pages or residuals in. */
static void put_layers(struct parts *p)
{
	const struct layout *l = p->r->layout;
	bool used[MATR_MAX_LAYERS] = {false};
	uint16_t count = 0;

	for (size_t i = 1; i < p->r->program->member_count; i++) {
		const struct table *t = p->r->program->members[i].table;

		if (t && table_pages(t))
			used[table_pages_layer(t)] = true;
		if (t && (t->residual_count || table_view_address(t, l)))
			used[t->layer] = true;
	}
	for (uint32_t i = 0; i < l->layer_count; i++) {
		if (!used[i])
			continue;
		p->layer_index[i] = count++;
		buf_put(&p->layers, &l->layers[i], sizeof(l->layers[i]));
	}
}

/* ---- members ---- */

/* The first call maps the whole span; the first segment itself ends here. */
static uint64_t first_segment_bytes(const struct slot *s)
{
	const Elf64_Phdr *p = &s->object->phdr[s->plan.calls[0].segment];

	return ((p->p_vaddr + p->p_filesz + MATR_PAGE - 1) & ~(uint64_t)(MATR_PAGE - 1)) -
	       s->plan.start;
}

/* Layout=exec leaves an object to ld.so where its words cannot be moved. */
static bool stays_native(const struct parts *p, const struct slot *s, const struct table *t)
{
	return p->r->slides && table_pages(t) && !s->aligned;
}

static struct matr_range put_segments(struct parts *p, const struct slot *s, const struct table *t)
{
	struct matr_range range = {(uint32_t)(p->segments.used / sizeof(struct matr_segment)),
				   (uint32_t)s->plan.call_count};
	const uint64_t *all_pages = stays_native(p, s, t) ? NULL : table_pages(t);

	for (size_t i = 0; i < s->plan.call_count; i++) {
		const struct mmap_call *c = &s->plan.calls[i];
		uint64_t pages = all_pages ? all_pages[i] : 0;
		struct matr_segment segment = {
			.address = s->base + c->vaddr,
			.bytes = c->bytes,
			.offset = c->offset,
			.source_offset = i ? pages : first_segment_bytes(s),
			.prot = c->prot,
			.source = c->anonymous ? MATR_SOURCE_ANONYMOUS
				  : pages      ? MATR_SOURCE_PAGES
					       : MATR_SOURCE_FILE,
		};

		if (segment.source == MATR_SOURCE_PAGES)
			segment.layer = p->layer_index[table_pages_layer(t)];
		buf_put(&p->segments, &segment, sizeof(segment));
	}
	return range;
}

static void add_dynamic_words(struct parts *p, const struct slot *s, const struct table *t,
			      struct words *out)
{
	materialise_dynamic(&(struct dynamic_edit){.object = t->object,
						   .base = s->base,
						   .residual_address = table_residual_address(
							   t, p->r->layout),
						   .residual_count = t->residual_count},
			    out);
}

/* The table of an object that keeps its own pages: the shim writes it at exec. */
static int private_words(const struct parts *p, const struct slot *s, const struct table *t,
			 struct words *out, struct err *e)
{
	struct materialised m = {0};
	int ret = materialise_library(t, s, p->r->layout, &m, e);

	*out = m.words;
	m.words = (struct words){0};
	materialised_release(&m);
	return ret;
}

/*
 * ld.so reads .dynamic and then writes to it: a fault that maps the page and a second
 * one that copies it.  Where the shim writes first, it is one.  The word is the
 * one that is there already.
 */
static void put_first_touch(struct parts *p, const struct slot *s, const struct table *t,
			    struct matr_member *to)
{
	struct words words = {0};

	add_dynamic_words(p, s, t, &words);
	if (words.count > 1)
		words.count = 1;
	to->words = put_words(p, &words);
	words_release(&words);
}

/* What the shim writes at exec: a whole table, or a patch of the pages of the table's base. */
static int put_member_words(struct parts *p, const struct slot *s, const struct table *t,
			    struct matr_member *to, struct err *e)
{
	bool private = table_is_private(t, s);
	struct words words = {0};
	int ret;

	if (stays_native(p, s, t))
		return 0;
	if (private)
		ret = private_words(p, s, t, &words, e);
	else if (table_pages(t) && t->patched)
		ret = materialise_patch(t, s, p->r->layout, &words, e);
	else {
		if (table_pages(t) && !table_view_address(t, p->r->layout))
			put_first_touch(p, s, t, to);
		return 0;
	}
	if (ret >= 0 && (!private || ret > 0)) {
		if (!table_view_address(t, p->r->layout))
			add_dynamic_words(p, s, t, &words);
		to->words = put_some_words(p, &words, true);
		to->address_words = to->words.count;
		to->words.count += put_some_words(p, &words, false).count;
		to->flags |= private ? MATR_MEMBER_PRIVATE : 0;
	}
	words_release(&words);
	return ret < 0 ? ret : 0;
}

static struct matr_range put_fixups(struct parts *p, size_t member, uint64_t base)
{
	const struct program *program = p->r->program;
	struct matr_range range = {(uint32_t)(p->fixups.used / sizeof(struct matr_word)), 0};

	for (size_t i = 0; i < program->fixup_count; i++) {
		const struct program_fixup *f = &program->fixups[i];
		struct matr_word word = {base + f->offset, f->value};

		if (f->member != member)
			continue;
		buf_put(&p->fixups, &word, sizeof(word));
		range.count++;
	}
	return range;
}

/*
 * Where every request for it is its DT_SONAME, ld.so need not compare the SONAME too, which it
 * otherwise does for each object with each DT_NEEDED of each other one, in pages that it
 * would not touch.  libc.so.6 it recognises by its SONAME.
 */
static bool hides_soname(const struct program_member *m)
{
	uint64_t soname;

	return m->asked_by_soname && object_dynamic(m->object, DT_SONAME, &soname) &&
	       strcmp(m->object->soname, "libc.so.6") != 0;
}

/* A view of this program's own: as the one that all share, but without the hidden entries. */
static struct matr_range put_own_view(struct parts *p, const struct program_member *from,
				      const bool *hidden)
{
	const struct table *t = from->table;
	struct matr_range range = {(uint32_t)(p->views.used / sizeof(Elf64_Dyn)), 0};
	Elf64_Dyn *view = xcalloc(t->object->dynamic_count, sizeof(*view));
	size_t needed = 0;

	table_view(t, p->r->layout, view);
	for (size_t i = hides_soname(from) ? 1 : 0; i < t->object->dynamic_count; i++) {
		if (view[i].d_tag == DT_NEEDED && hidden[needed++])
			continue;
		buf_put(&p->views, &view[i], sizeof(*view));
		range.count++;
	}
	free(view);
	return range;
}

static void put_view(struct parts *p, const struct slot *s, size_t index, struct matr_member *to)
{
	const struct program_member *from = &p->r->program->members[index];

	to->view_address = table_view_address(from->table, p->r->layout);
	if (!to->view_address)
		return;
	if (hides_soname(from))
		to->view_address += sizeof(Elf64_Dyn);
	if (p->needs.hidden[index])
		to->view = put_own_view(p, from, p->needs.hidden[index]);
	to->dynamic_address = s->base + from->object->dynamic_phdr->p_vaddr;
	to->relro_bytes = table_relro_bytes(from->table, p->r->layout);
}

/* Checked at exec only where it lies in what the first call maps: the first segment. */
static void put_build_id(struct parts *p, const struct slot *s, struct matr_member *to)
{
	const struct object *o = s->object;
	uint64_t end = s->plan.call_count > 1 ? s->plan.calls[1].vaddr : s->plan.start + s->plan.span;

	if (!o->build_id_bytes || o->build_id_vaddr < s->plan.start ||
	    o->build_id_vaddr + o->build_id_bytes > end)
		return;
	to->build_id_address = s->base + o->build_id_vaddr;
	to->build_id = (struct matr_range){(uint32_t)p->build_ids.used, o->build_id_bytes};
	buf_put(&p->build_ids, o->build_id, o->build_id_bytes);
}

static int put_member(struct parts *p, size_t index, struct err *e)
{
	const struct program_member *from = &p->r->program->members[index];
	const struct slot *s = layout_find(p->r->layout, from->object->key);
	const struct table *t = from->table;
	struct matr_member to = {
		.identity = image_identity(&from->object->identity),
		.base = s->base,
		.start = s->start,
		.span = s->plan.span,
		.reserve_bytes = s->plan.reserve_bytes,
		.path_hash = (uint32_t)matr_hash(from->object->path, strlen(from->object->path), 0),
	};

	if (put_member_words(p, s, t, &to, e) < 0)
		return e->code;
	to.segments = put_segments(p, s, t);
	if (!stays_native(p, s, t) && (table_pages(t) || to.words.count))
		to.fixups = put_fixups(p, index, s->base);
	if (table_pages(t) && !stays_native(p, s, t))
		put_view(p, s, index, &to);
	put_build_id(p, s, &to);
	buf_put(&p->members, &to, sizeof(to));
	return 0;
}

/* ---- the whole ---- */

static void put_loader_build_id(struct parts *p)
{
	const struct prepared_loader *l = p->r->loader;

	if (!p->r->portable)
		return;
	p->header.installed_build_id =
		(struct matr_range){(uint32_t)p->build_ids.used, l->build_id_bytes};
	p->header.installed_build_id_at = l->build_id_at;
	buf_put(&p->build_ids, l->build_id, l->build_id_bytes);
}

static void put_loader_segments(const struct image_request *r, struct buf *out)
{
	for (size_t i = 0; i < r->loader->segment_count; i++) {
		struct matr_segment s = r->loader->segments[i];

		s.address += r->layout->loader_base;
		buf_put(out, &s, sizeof(s));
	}
}

static struct matr_range append(struct buf *out, const void *data, size_t bytes, size_t element)
{
	struct matr_range range;

	while (out->used % 8)
		buf_put_u8(out, 0);
	range = (struct matr_range){(uint32_t)out->used, (uint32_t)(bytes / element)};
	buf_put(out, data, bytes);
	return range;
}

static struct matr_range append_string(struct buf *out, const char *s)
{
	return append(out, s, strlen(s) + 1, 1);
}

static int compose(struct parts *p, struct buf *out, struct err *e)
{
	struct matr_image_header *h = &p->header;
	struct buf loader_segments = BUF_INIT;

	buf_put(out, h, sizeof(*h));
	put_loader_segments(p->r, &loader_segments);
	h->loader_segments = append(out, loader_segments.data, loader_segments.used,
				    sizeof(struct matr_segment));
	buf_release(&loader_segments);
	h->layers = append(out, p->layers.data, p->layers.used, sizeof(struct matr_layer));
	h->members = append(out, p->members.data, p->members.used, sizeof(struct matr_member));
	h->segments = append(out, p->segments.data, p->segments.used, sizeof(struct matr_segment));
	h->fixups = append(out, p->fixups.data, p->fixups.used, sizeof(struct matr_word));
	h->words = append(out, p->words.data, p->words.used, sizeof(struct matr_word));
	h->residuals = append(out, p->residuals.data, p->residuals.used, sizeof(Elf64_Rela));
	h->views = append(out, p->views.data, p->views.used, sizeof(Elf64_Dyn));
	h->build_ids = append(out, p->build_ids.data, p->build_ids.used, 1);
	h->loader_path = append_string(out, p->r->loader->path);
	h->loader_name = append_string(out, p->r->loader->name);
	h->program_path = append_string(out, p->r->program->path);
	if (out->used > MATR_MAX_IMAGE_BYTES)
		return err_set(e, -E2BIG, "the image of '%s' would have %zu bytes",
			       p->r->program->path, out->used);
	h->file_bytes = out->used;
	memcpy(out->data, h, sizeof(*h));
	h->checksum = matr_image_checksum(out->data, out->used);
	memcpy(out->data, h, sizeof(*h));
	return 0;
}

int image_write(const struct image_request *r, struct buf *out, struct err *e)
{
	struct parts p = {.r = r};
	int ret;

	needs_choose(&p.needs, r->program, r->system->release, NEEDS_MIN_SAVED);
	image_header_fill(r, &p.header);
	put_loader_build_id(&p);
	put_layers(&p);
	ret = put_executable(&p, e);
	for (size_t i = 1; ret == 0 && i < r->program->member_count; i++)
		if (!r->program->members[i].is_loader)
			ret = put_member(&p, i, e);
	if (ret == 0)
		ret = compose(&p, out, e);
	parts_release(&p);
	return ret;
}

int image_renew(struct buf *image, const struct resolver_system *system, struct err *e)
{
	struct matr_image_header *h = (void *)image->data;
	struct matr_image opened;

	if (!image->data || matr_image_open(image->data, image->used, &opened))
		return err_set(e, -EBADMSG, "an image of the epoch before is damaged");
	h->cache = image_identity(&system->cache);
	h->flags &= ~(uint32_t)MATR_IMAGE_HAS_CACHE;
	h->flags |= system->has_cache ? MATR_IMAGE_HAS_CACHE : 0;
	h->checksum = matr_image_checksum(image->data, image->used);
	return 0;
}
