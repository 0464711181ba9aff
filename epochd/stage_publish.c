/* stage_publish.c - which programs get images, where everything lies, and the files */
#include "epochd/making.h"

#include "image/key.h"
#include "image/reason.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- which get images ---- */

static int by_key(const void *a, const void *b)
{
	const struct program *x = *(struct program *const *)a, *y = *(struct program *const *)b;
	int order = memcmp(x->key, y->key, sizeof(x->key));

	return order ? order : strcmp(x->path, y->path);
}

/* Programs of one key from `first` on: as many as there are. */
static size_t same_key_run(struct program *const *p, size_t count)
{
	size_t n = 1;

	while (n < count && !memcmp(p[n]->key, p[0]->key, sizeof(p[0]->key)))
		n++;
	return n;
}

/*
 * Copies of one program have one key, and the image of the first serves all; enabled ones too.
 * Files of one key that differ otherwise (edited after linking, in a place that
 * the key does not cover) cannot be told apart at exec: none gets an image.
 */
static bool are_copies(struct program *const *p, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (p[i]->object->body != p[0]->object->body)
			return false;
	return true;
}

/* The catalogue has them as eligible by now: the record is written anew, with the reason. */
static int refuse_program(struct making *m, struct program *p, const char *twin, struct err *e)
{
	struct arena arena = ARENA_INIT;
	struct mapping mapping = {0};
	int ret = making_resolve(m, &(struct question){.path = p->path}, &arena, &mapping, e);

	p->published = false;
	p->reason = REASON_SAME_KEY;
	p->detail = xstrdup(arena_printf(&arena, "'%s' is the other one", twin));
	if (ret == 0)
		ret = making_keep_program(m, p, &mapping, NULL, e);
	arena_release(&arena);
	return ret;
}

static int refuse_run(struct making *m, struct program *const *p, size_t count, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < count; i++)
		if (p[i]->published)
			ret = refuse_program(m, p[i], p[i ? 0 : 1]->path, e);
	return ret;
}

/* One image for a run of copies; a twin that gets none of its own counts too: it would find one. */
static int choose_from_run(struct making *m, struct program *const *p, size_t count, struct err *e)
{
	if (!are_copies(p, count))
		return refuse_run(m, p, count, e);
	for (size_t i = 0; i < count; i++)
		if (p[i]->published) {
			m->published[m->published_count++] = p[i];
			break;
		}
	return 0;
}

/*
 * A kept program with the key of one that was resolved now: only its content tells
 * whether it is a copy, so it is resolved as well.
 */
static int wake_twins(struct making *m, struct err *e)
{
	struct program **kept = xcalloc(m->program_count, sizeof(struct program *));
	size_t n = 0, at, low, high;
	int ret = 0;

	for (size_t i = 0; i < m->program_count; i++)
		if (m->programs[i].kept && (m->programs[i].key[0] | m->programs[i].key[1]))
			kept[n++] = &m->programs[i];
	if (n)
		qsort(kept, n, sizeof(struct program *), by_key);
	for (size_t i = 0; ret == 0 && i < m->program_count; i++) {
		const struct program *p = &m->programs[i];

		if (!p->object)
			continue;
		for (low = 0, high = n; low < high;) {
			at = (low + high) / 2;
			if (memcmp(kept[at]->key, p->key, sizeof(p->key)) < 0)
				low = at + 1;
			else
				high = at;
		}
		for (; ret == 0 && low < n && !memcmp(kept[low]->key, p->key, sizeof(p->key)); low++)
			if (kept[low]->kept)
				ret = making_wake(m, kept[low], e);
	}
	free(kept);
	return ret;
}

static int choose_published(struct making *m, struct err *e)
{
	struct program **keyed = xcalloc(m->program_count, sizeof(struct program *));
	size_t n = 0, run;
	int ret = wake_twins(m, e);

	m->published = xcalloc(m->program_count, sizeof(struct program *));
	for (size_t i = 0; i < m->program_count; i++)
		if (m->programs[i].object)
			keyed[n++] = &m->programs[i];
	if (n)
		qsort(keyed, n, sizeof(struct program *), by_key);
	for (size_t i = 0; ret == 0 && i < n; i += run) {
		run = same_key_run(&keyed[i], n - i);
		ret = choose_from_run(m, &keyed[i], run, e);
	}
	free(keyed);
	return ret;
}

static int lay_out(struct making *m, struct err *e)
{
	int ret = 0;

	m->layout.portable = m->portable;
	for (size_t i = 0; ret == 0 && i < m->published_count; i++) {
		const struct program *p = m->published[i];

		for (size_t k = 1; ret == 0 && k < p->member_count; k++) {
			if (p->members[k].is_loader)
				continue;
			ret = layout_use(&m->layout, p->members[k].object, e);
			if (ret == 0)
				pages_use(&m->pages, p->members[k].table);
		}
	}
	if (ret < 0)
		return ret;
	m->layout.views = m->loader.reads_arrive;
	m->layout.long_views = m->loader.preads_arrive;
	pages_plan(&m->pages, &m->layout);
	if (m->pages.file_bytes)
		layout_add_layer(&m->layout,
				 &(struct matr_layer){.bytes = m->pages.file_bytes,
						      .residual_bytes = m->pages.residual_bytes,
						      .moving_bytes = m->pages.moving_bytes});
	return layout_place(&m->layout, m->loader.span, e);
}

/* ---- files ---- */

/* `pages`, or `pages.N`. */
static void layer_name(char name[16], uint32_t number)
{
	snprintf(name, 16, number ? "pages.%u" : "pages", number);
}

static int write_pages(struct making *m, struct err *e)
{
	uint32_t last = m->layout.layer_count - 1;
	char name[16];
	struct pages_request request = {.layout = &m->layout,
					.store_id = store_id(m->store),
					.epoch = m->number,
					.threads = m->request->threads,
					.progress = m->request->progress,
					.progress_context = m->request->progress_context};
	int ret;

	layer_name(name, last);
	ret = publish_create(m->publish,
				 &(struct publish_file){.place = PUBLISH_EPOCH,
							.name = name,
							.bytes = m->pages.file_bytes},
				 &request.fd, e);

	if (ret < 0)
		return ret;
	ret = pages_write(&m->pages, &request, e);
	close(request.fd);
	return ret;
}

static int write_image(void *context, size_t index, struct err *e)
{
	struct making *m = context;
	struct program *p = m->published[index];
	char name[MATR_KEY_NAME_BYTES];
	struct buf image = BUF_INIT;
	int ret = image_write(&(struct image_request){.program = p,
						      .layout = &m->layout,
						      .loader = &m->loader,
						      .system = resolver_system(m->resolver),
						      .store_id = store_id(m->store),
						      .epoch = m->number,
						      .slides = p->layout == POLICY_EXEC,
						      .portable = m->portable},
			      &image, e);

	matr_key_name(p->key, name);
	if (ret == 0)
		ret = publish_put(m->publish,
				  &(struct publish_file){.place = PUBLISH_PROGRAM,
							 .name = name,
							 .data = image.data,
							 .bytes = image.used},
				  e);
	__atomic_add_fetch(&m->image_bytes, image.used, __ATOMIC_RELAXED);
	buf_release(&image);
	return ret;
}

/* The parent's image with the identity that ld.so.cache has now; 1: done, 0: it is there already. */
static int renew_image(struct making *m, const char *key, uint64_t *bytes, struct err *e)
{
	const struct resolver_system *system = resolver_system(m->resolver);
	char name[8 + MATR_KEY_NAME_BYTES];
	struct buf image = BUF_INIT;
	int ret;

	snprintf(name, sizeof(name), "prog/%s", key);
	ret = publish_load(m->store, m->parent, name, &image, e);
	if (ret == 0)
		ret = image_renew(&image, system, e);
	if (ret == 0)
		ret = publish_put(m->publish,
				  &(struct publish_file){.place = PUBLISH_PROGRAM,
							 .name = key,
							 .data = image.data,
							 .bytes = image.used},
				  e);
	*bytes = image.used;
	buf_release(&image);
	return ret == -EEXIST ? 0 : ret < 0 ? ret : 1;
}

static int link_image(struct making *m, const struct program *p, struct err *e)
{
	char key[MATR_KEY_NAME_BYTES];
	struct publish_file f = {.place = PUBLISH_PROGRAM, .name = key};
	int ret;

	matr_key_name(p->key, key);
	ret = reuse_cache_moved(m->reuse) ? renew_image(m, key, &f.bytes, e)
					  : publish_link(m->publish, &f, m->parent, e);
	if (ret > 0) {
		m->linked++;
		m->image_bytes += f.bytes;
	}
	return ret < 0 ? ret : 0;
}

/* The layers and the images that the parent has already. */
static int link_old(struct making *m, struct err *e)
{
	char name[16];
	struct publish_file f = {.place = PUBLISH_EPOCH, .name = name};
	int ret = 0;

	for (uint32_t i = 0; ret >= 0 && i < m->ledger.layer_count; i++) {
		layer_name(name, i);
		ret = publish_link(m->publish, &f, m->parent, e);
	}
	for (size_t i = 0; ret >= 0 && i < m->program_count; i++)
		if (m->programs[i].kept && m->programs[i].published)
			ret = link_image(m, &m->programs[i], e);
	return ret < 0 ? ret : 0;
}

static int write_ledger(struct making *m, struct err *e)
{
	struct buf bytes = BUF_INIT;
	int ret;

	inherit_record(&m->ledger, &m->tables, &m->layout);
	ledger_save(&m->ledger, store_id(m->store), &bytes);
	ret = publish_put(m->publish,
			  &(struct publish_file){.place = PUBLISH_EPOCH,
						 .name = LEDGER_FILE,
						 .data = bytes.data,
						 .bytes = bytes.used,
						 .own = 1},
			  e);
	buf_release(&bytes);
	return ret;
}

static int write_scan(struct making *m, struct err *e)
{
	struct buf memory = BUF_INIT;
	int ret;

	scan_save(&m->scan, &memory);
	ret = publish_put(m->publish,
			  &(struct publish_file){.place = PUBLISH_EPOCH,
						 .name = SCAN_FILE,
						 .data = memory.data,
						 .bytes = memory.used,
						 .own = 1},
			  e);
	buf_release(&memory);
	return ret;
}

static int write_files(struct making *m, struct err *e)
{
	int ret = publish_begin(&m->publish, m->store, m->number, e);

	if (ret == 0)
		ret = publish_put(m->publish,
				  &(struct publish_file){.place = PUBLISH_LOADER,
							 .name = m->loader.name,
							 .data = m->loader.bytes,
							 .bytes = m->loader.size,
							 .executable = 1},
				  e);
	if (ret == 0)
		ret = write_scan(m, e);
	if (ret == 0)
		ret = link_old(m, e);
	if (ret == 0 && m->pages.file_bytes)
		ret = write_pages(m, e);
	if (ret == 0)
		ret = making_parallel(m, "writing", m->published_count, write_image, e);
	if (ret == 0)
		ret = write_ledger(m, e);
	return ret;
}

int stage_publish(struct making *m, struct err *e)
{
	int ret = choose_published(m, e);

	if (ret == 0)
		ret = lay_out(m, e);
	return ret < 0 ? ret : write_files(m, e);
}
