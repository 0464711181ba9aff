#include "epochd/pages.h"

#include "common/file.h"
#include "epochd/views.h"
#include "image/apply.h"
#include "image/hash.h"
#include "image/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_UP(n) (((n) + MATR_PAGE - 1) & ~(uint64_t)(MATR_PAGE - 1))

void pages_init(struct pages *p)
{
	*p = (struct pages){0};
}

void pages_release(struct pages *p)
{
	free(p->tables);
	pages_init(p);
}

void pages_use(struct pages *p, struct table *t)
{
	if (t->used)
		return;
	t->used = true;
	p->tables = array_grow(p->tables, p->table_count, &p->capacity, sizeof(struct table *));
	p->tables[p->table_count++] = t;
}

const uint64_t *table_pages(const struct table *t)
{
	return t->patched ? t->patched->pages : t->pages;
}

uint32_t table_pages_layer(const struct table *t)
{
	return t->patched ? t->patched->layer : t->layer;
}

static size_t count_residuals(const struct table *t)
{
	struct entries e = table_entries(t);
	size_t n = 0;

	for (size_t i = 0; i < e.count; i++) {
		const struct entry *b = &e.at[i];

		n += entry_is_residual(b);
	}
	entries_release(&e);
	return n;
}

static void plan_table(struct table *t, const struct slot *s, uint64_t *at)
{
	t->pages = xcalloc(s->plan.call_count, sizeof(*t->pages));
	t->pages_offset = *at;
	for (size_t c = 0; c < s->plan.call_count; c++) {
		if (!call_from_pages(&s->plan, c))
			continue;
		t->pages[c] = *at;
		*at += PAGE_UP(s->plan.calls[c].bytes);
	}
	t->pages_bytes = *at - t->pages_offset;
}

/* It gets pages of its own in the layer that is made now. */
static bool needs_pages(const struct table *t, const struct slot *s)
{
	return !t->placed && s->materialisable && !table_is_private(t, s) && !t->patched;
}

static uint64_t new_segment_bytes(const struct pages *p, const struct layout *l)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < p->table_count; i++) {
		const struct slot *s = layout_find(l, p->tables[i]->object->key);

		for (size_t c = 0; needs_pages(p->tables[i], s) && c < s->plan.call_count; c++)
			if (call_from_pages(&s->plan, c))
				bytes += PAGE_UP(s->plan.calls[c].bytes);
	}
	return bytes;
}

/* A base is needed also where only tables that differ from it are used. */
static void use_bases(struct pages *p)
{
	size_t count = p->table_count;

	for (size_t i = 0; i < count; i++) {
		struct table *t = p->tables[i];

		if (!t->placed && t->base && t->count <= TABLE_MAX_PATCH)
			t->patched = t->base;
		if (t->patched)
			pages_use(p, (struct table *)t->patched);
	}
}

void pages_plan(struct pages *p, const struct layout *l)
{
	uint64_t at = 0;
	size_t fresh = 0;

	use_bases(p);
	for (size_t i = 0; i < p->table_count; i++) {
		struct table *t = p->tables[i];

		if (t->placed)
			continue;
		fresh++;
		t->layer = l->layer_count;
		t->residual_offset = at;
		at += table_view_bytes(t, l) + count_residuals(t) * sizeof(Elf64_Rela);
	}
	p->residual_bytes = PAGE_UP(at);
	p->moving_bytes = PAGE_UP(new_segment_bytes(p, l) / MATR_PAGE * MATR_MOVING_BYTES);
	at = MATR_PAGE + p->residual_bytes + p->moving_bytes;
	for (size_t i = 0; i < p->table_count; i++) {
		struct table *t = p->tables[i];
		const struct slot *s = layout_find(l, t->object->key);
		uint64_t there = t->pages_offset;

		if (t->placed && there)
			plan_table(t, s, &there);
		else if (needs_pages(t, s))
			plan_table(t, s, &at);
	}
	p->file_bytes = fresh ? at : 0;
}

/* ---- writing ---- */

struct writing {
	struct pages *pages;
	const struct pages_request *request;
	uint64_t *hashes; /* by piece of the content */
};

static int write_at(const struct writing *w, const void *data, size_t bytes, uint64_t offset,
		    struct err *e)
{
	int ret = file_pwrite_all(w->request->fd, data, bytes, offset);

	return ret < 0 ? err_set(e, ret, "cannot write the pages file: %s", strerror(-ret)) : 0;
}

/* The segment's bytes as they lie in the library's file; beyond its end they are zero. */
static int read_segment(const struct object *o, int fd, const struct mmap_call *c, uint8_t *to,
			struct err *e)
{
	uint64_t done = 0;

	while (done < c->bytes) {
		ssize_t n = pread(fd, to + done, c->bytes - done, (off_t)(c->offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read '%s'", o->path);
		if (n == 0)
			break;
		done += (uint64_t)n;
	}
	return 0;
}

/* Words that lie in one call's segment, written to its bytes. */
static void apply_to_segment(const struct words *w, uint64_t start, uint64_t bytes, uint8_t *to)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->at[i].where - start < bytes && w->at[i].where - start + 8 <= bytes)
			matr_materialise(&w->at[i], 1, (uint64_t)(uintptr_t)to - start, 0);
}

/* One materialised segment of a table. */
struct filling {
	const struct table *table;
	const struct slot *slot;
	const struct words *words;
	int fd; /* of the library */
};

/* Where .bss begins in the segment's last page ld.so finds zeros, and has nothing to write. */
static void clear_bss(const struct filling *f, const struct mmap_call *c, uint8_t *to, uint64_t bytes)
{
	const Elf64_Phdr *p = &f->table->object->phdr[c->segment];
	uint64_t end = p->p_vaddr + p->p_filesz - c->vaddr;

	if (p->p_memsz > p->p_filesz && end < bytes)
		memset(to + end, 0, bytes - end);
}

/* Which of the words in one call's segment hold addresses, and so move. */
static int write_moving(const struct writing *w, const struct filling *f, size_t call,
			struct err *e)
{
	const struct mmap_call *c = &f->slot->plan.calls[call];
	const struct pages *p = w->pages;
	uint64_t head = MATR_PAGE + p->residual_bytes, count = PAGE_UP(c->bytes) / MATR_PAGE;
	uint64_t at = head + (f->table->pages[call] - head - p->moving_bytes) / MATR_PAGE *
				     MATR_MOVING_BYTES;
	uint8_t *moving = xcalloc(count, MATR_MOVING_BYTES);
	int ret;

	for (size_t i = 0; i < f->words->count; i++) {
		uint64_t word = (f->words->at[i].where - f->slot->base - c->vaddr) / 8;
		uint8_t bit = (uint8_t)(1u << word % 8);

		if (word / 8 >= count * MATR_MOVING_BYTES)
			continue;
		/* Of two words at one place the last one stays. */
		moving[word / 8] = (uint8_t)(f->words->moves[i] ? moving[word / 8] | bit
								: moving[word / 8] & ~bit);
	}
	ret = write_at(w, moving, count * MATR_MOVING_BYTES, at, e);
	free(moving);
	return ret;
}

static int fill_segment(const struct writing *w, const struct filling *f, size_t call,
			struct err *e)
{
	const struct mmap_call *c = &f->slot->plan.calls[call];
	uint64_t bytes = PAGE_UP(c->bytes);
	uint8_t *segment = xcalloc(1, bytes);
	int ret = read_segment(f->table->object, f->fd, c, segment, e);

	if (ret == 0) {
		clear_bss(f, c, segment, bytes);
		apply_to_segment(f->words, f->slot->base + c->vaddr, bytes, segment);
		ret = write_at(w, segment, bytes, f->table->pages[call], e);
	}
	if (ret == 0)
		ret = write_moving(w, f, call, e);
	free(segment);
	return ret;
}

static int fill_segments(const struct writing *w, const struct table *t, const struct slot *s,
			 const struct words *words, struct err *e)
{
	struct filling f = {.table = t, .slot = s, .words = words, .fd = object_reopen(t->object, e)};
	int ret = 0;

	if (f.fd < 0)
		return f.fd;
	for (size_t c = 0; ret == 0 && c < s->plan.call_count; c++)
		if (t->pages[c])
			ret = fill_segment(w, &f, c, e);
	close(f.fd);
	return ret;
}

static int write_residuals(const struct writing *w, struct table *t, const struct residuals *r,
			   struct err *e)
{
	t->residual_count = r->count;
	return r->count ? write_at(w, r->at, r->count * sizeof(*r->at),
				   MATR_PAGE + t->residual_offset +
					   table_view_bytes(t, w->request->layout),
				   e)
			: 0;
}

/* Its residuals are counted by now. */
static struct dynamic_edit edit_of(const struct table *t, const struct layout *l)
{
	return (struct dynamic_edit){
		.object = t->object,
		.base = layout_find(l, t->object->key)->base,
		.residual_address = table_residual_address(t, l),
		.residual_count = t->residual_count,
	};
}

void table_view(const struct table *t, const struct layout *l, Elf64_Dyn *out)
{
	struct dynamic_edit edit = edit_of(t, l);

	edit.no_plt = table_hides_plt(t, l);
	materialise_view(&edit, out);
}

/* What ld.so reads of the dynamic section: a view in the residual part, or its own, edited. */
static int write_dynamic(const struct writing *w, struct table *t, const struct slot *s,
			 struct materialised *m, struct err *e)
{
	const struct object *o = t->object;
	struct dynamic_edit edit = edit_of(t, w->request->layout);
	Elf64_Dyn *view;
	int ret;

	if (!table_has_view(t, w->request->layout)) {
		materialise_dynamic(&edit, &m->words);
		return 0;
	}
	materialise_own_dynamic(o, s->base, &m->words);
	view = xcalloc(o->dynamic_count, sizeof(*view));
	table_view(t, w->request->layout, view);
	ret = write_at(w, view, o->dynamic_count * sizeof(*view), MATR_PAGE + t->residual_offset, e);
	free(view);
	return ret;
}

static int write_table(void *context, size_t index, struct err *e)
{
	const struct writing *w = context;
	struct table *t = w->pages->tables[index];
	const struct slot *s = layout_find(w->request->layout, t->object->key);
	struct materialised m = {0};
	int ret;

	if (t->placed)
		return 0;
	ret = materialise_library(t, s, w->request->layout, &m, e);
	if (ret < 0)
		return ret;
	if (ret == 0) {
		free(t->pages);
		t->pages = NULL;
		t->patched = NULL;
		return 0;
	}
	ret = write_residuals(w, t, &m.residuals, e);
	if (ret == 0)
		ret = write_dynamic(w, t, s, &m, e);
	if (ret == 0 && t->pages)
		ret = fill_segments(w, t, s, &m.words, e);
	materialised_release(&m);
	return ret;
}

/* One piece of what was written, read again. */
static int hash_piece(void *context, size_t index, struct err *e)
{
	const struct writing *w = context;
	uint64_t at = MATR_PAGE + index * MATR_PAGES_PIECE, left = w->pages->file_bytes - at;
	size_t n = left < MATR_PAGES_PIECE ? left : MATR_PAGES_PIECE, done = 0;
	uint8_t *piece = xmalloc(n);

	while (done < n) {
		ssize_t got = pread(w->request->fd, piece + done, n - done, (off_t)(at + done));

		if (got <= 0)
			break;
		done += (size_t)got;
	}
	w->hashes[index] = matr_hash(piece, n, 0);
	free(piece);
	return done == n ? 0 : err_sys(e, "cannot read the pages file again");
}

static int hash_content(struct writing *w, uint64_t *out, struct err *e)
{
	size_t pieces = (w->pages->file_bytes - MATR_PAGE + MATR_PAGES_PIECE - 1) / MATR_PAGES_PIECE;
	int ret;

	w->hashes = xcalloc(pieces, sizeof(*w->hashes));
	ret = parallel_for(&(struct parallel){.threads = w->request->threads,
					      .count = pieces,
					      .each = hash_piece,
					      .context = w},
			   e);
	*out = matr_hash(w->hashes, pieces * sizeof(*w->hashes), 0);
	free(w->hashes);
	return ret;
}

static int write_header(struct writing *w, struct err *e)
{
	const struct layout *l = w->request->layout;
	const struct matr_layer *layer = &l->layers[l->layer_count - 1];
	struct matr_pages_header h = {
		.magic = MATR_PAGES_MAGIC,
		.version = MATR_FORMAT_VERSION,
		.header_bytes = sizeof(h),
		.file_bytes = layer->bytes,
		.store_id = w->request->store_id,
		.epoch = w->request->epoch,
		.layout_id = l->id,
		.id = layer->id,
		.residual_address = layer->residual_address,
		.residual_bytes = layer->residual_bytes,
		.moving_bytes = layer->moving_bytes,
	};
	int ret = hash_content(w, &h.content_checksum, e);

	h.checksum = matr_pages_checksum(&h);
	return ret < 0 ? ret : write_at(w, &h, sizeof(h), 0, e);
}

int pages_write(struct pages *p, const struct pages_request *r, struct err *e)
{
	struct writing w = {.pages = p, .request = r};
	int ret = parallel_for(&(struct parallel){.threads = r->threads,
						  .count = p->table_count,
						  .each = write_table,
						  .context = &w,
						  .progress = r->progress,
						  .progress_context = r->progress_context,
						  .stage = "materialising"},
			       e);

	return ret < 0 ? ret : write_header(&w, e);
}
