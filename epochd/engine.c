#include "epochd/engine.h"

#include "cache/publish.h"
#include "epochd/guard.h"
#include "epochd/image_write.h"
#include "epochd/reuse.h"
#include "epochd/scan.h"
#include "epochd/settle.h"
#include "image/key.h"
#include "image/reason.h"
#include "matr-ld/resolve.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const engine_default_roots[] = {"/usr", "/opt", NULL};

/* Everything that lives while an epoch is made. */
struct making {
	struct store *store;
	const struct epoch_request *request;
	struct epoch_result *result;
	struct resolver *resolver;
	struct catalogue_write *write;
	struct publish *publish;
	struct reuse *reuse;  /* NULL: nothing can be taken over */
	struct guard guard;
	uint64_t number, parent;
	uint64_t resolved;    /* programs resolved anew; counted by many threads */
	struct scan scan;
	struct program *programs;
	size_t program_count;
	struct tables tables;
	struct layout layout;
	struct pages pages;
	struct prepared_loader loader;
	struct program **published;
	size_t published_count;
	uint64_t image_bytes; /* added up by many threads */
};

static uint64_t now_nsec(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int run_parallel(struct making *m, const char *stage, size_t count, parallel_fn *each,
			struct err *e)
{
	return parallel_for(&(struct parallel){.threads = m->request->threads,
					       .count = count,
					       .each = each,
					       .context = m,
					       .progress = m->request->progress,
					       .progress_context = m->request->progress_context,
					       .stage = stage},
			    e);
}

/* ---- 1: what there is ---- */

static int scan_roots(struct making *m, struct err *e)
{
	struct catalogue_read *read;
	const char **roots = NULL;
	struct arena arena = ARENA_INIT;
	size_t count = 0;
	struct stat st;
	int ret = catalogue_read_begin(&read, m->store, e);

	if (ret < 0)
		return ret;
	ret = catalogue_list_roots(read, &arena, &roots, &count, e);
	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = scan_add(&m->scan, roots[i], e);
	for (size_t i = 0; ret == 0 && count == 0 && engine_default_roots[i]; i++)
		if (root_stat(m->request->root ? m->request->root : "",
			      engine_default_roots[i], &st) == 0)
			ret = scan_add(&m->scan, engine_default_roots[i], e);
	catalogue_read_end(read);
	arena_release(&arena);
	return ret;
}

static int find_programs(struct making *m, struct err *e)
{
	int ret = 0;

	m->scan.root = m->request->root;
	if (m->request->path_count == 0)
		ret = scan_roots(m, e);
	for (size_t i = 0; ret == 0 && i < m->request->path_count; i++)
		ret = scan_add(&m->scan, m->request->paths[i], e);
	if (ret < 0)
		return ret;
	scan_finish(&m->scan);
	m->result->unreadable = m->scan.unreadable;
	m->program_count = m->scan.count;
	m->programs = xcalloc(m->program_count, sizeof(*m->programs));
	for (size_t i = 0; i < m->program_count; i++)
		m->programs[i].path = xstrdup(m->scan.paths[i]);
	return 0;
}

static int last_epoch(struct making *m, struct err *e)
{
	struct catalogue_read *read;
	int ret = catalogue_read_begin(&read, m->store, e);

	if (ret < 0)
		return ret;
	ret = catalogue_last_epoch(read, &m->parent, e);
	catalogue_read_end(read);
	m->number = m->parent + 1;
	return ret;
}

enum { EPOCH_ALL = 1, EPOCH_SHARED = 2 };

/* Options that change what an epoch holds. */
static uint64_t wanted_flags(const struct making *m)
{
	return (m->request->all ? EPOCH_ALL : 0) | (store_is_shared(m->store) ? EPOCH_SHARED : 0);
}

static int open_reuse(struct making *m, struct err *e)
{
	struct catalogue_epoch wanted = {.parent = m->parent,
					 .flags = wanted_flags(m),
					 .root = m->request->root ? m->request->root : ""};

	if (m->request->force)
		return 0;
	return reuse_open(&m->reuse, m->store, resolver_system(m->resolver), &wanted, e);
}

static bool program_is_unchanged(struct making *m, const char *path)
{
	struct arena arena = ARENA_INIT;
	struct mapping now = {0};
	bool same = reuse_untouched(m->reuse, path);

	if (!same)
		same = resolve_program(m->resolver, path, RESOLVE_CLOSURE_ONLY, &arena, &now,
				       NULL) == 0 &&
		       reuse_same_closure(m->reuse, &now);
	arena_release(&arena);
	return same;
}

/* Nothing to do: the parent is current and would come out the same. */
static bool is_unchanged(struct making *m)
{
	uint64_t current;

	if (!m->reuse || publish_current(m->store, &current, NULL) < 0 || current != m->parent ||
	    reuse_parent(m->reuse)->programs != m->scan.count)
		return false;
	for (size_t i = 0; i < m->scan.count; i++)
		if (!program_is_unchanged(m, m->scan.paths[i]))
			return false;
	return true;
}

static void keep_parent(struct making *m)
{
	struct catalogue_epoch *out = &m->result->epoch;
	struct arena *a = &m->result->arena;

	*out = *reuse_parent(m->reuse);
	out->root = arena_strdup(a, out->root);
	out->note = arena_strdup(a, out->note);
	out->loader_file = arena_strdup(a, out->loader_file);
	out->loader_path = arena_strdup(a, out->loader_path);
	out->reasons = arena_memdup(a, out->reasons, out->reason_count * sizeof(*out->reasons));
	out->resolved = 0;
	m->result->unchanged = true;
}

static int open_resolver(struct making *m, struct err *e)
{
	struct resolver_options options = {
		.root = m->request->root,
		.require_world_readable = store_is_shared(m->store),
	};

	return resolver_open(&m->resolver, &options, e);
}

/* ---- 2: resolve ---- */

/* An image costs a few mappings at exec: a program that binds little is better off without. */
static void weigh(const struct making *m, struct program *p)
{
	char text[80];

	if (p->reason)
		return;
	p->published = m->request->all || p->lookups >= ENGINE_MIN_LOOKUPS;
	if (p->published)
		return;
	snprintf(text, sizeof(text), "%zu lookups at start, fewer than %d", p->lookups,
		 ENGINE_MIN_LOOKUPS);
	p->reason = REASON_NOT_WORTHWHILE;
	p->detail = xstrdup(text);
}

static int keep_program(struct making *m, struct program *p, const struct mapping *mapping,
			const uint8_t (*keys)[TABLE_KEY_BYTES], struct err *e)
{
	struct mapping kept = *mapping;
	uint8_t key[PROGRAM_KEY_BYTES];

	kept.reason = p->reason;
	kept.detail = p->detail;
	memcpy(key, p->key, sizeof(key));
	return catalogue_put_mapping(m->write,
				     &(struct catalogue_put){.epoch = m->number,
							     .mapping = &kept,
							     .table_keys = keys,
							     .program_key = p->reason ? NULL : key,
							     .flags = p->published
									      ? PROGRAM_PUBLISHED
									      : 0},
				     e);
}

static int unreadable_program(struct program *p, const struct err *e)
{
	p->reason = REASON_UNREADABLE_FILE;
	p->detail = xstrdup(e->text);
	return 0;
}

static void guard_closure(struct making *m, const struct program *p)
{
	for (size_t i = 0; i < p->member_count; i++) {
		guard_object(&m->guard, p->members[i].object);
		if (store_is_shared(m->store))
			guard_modes(&m->guard, p->members[i].object->path);
	}
}

static int take_over(struct making *m, struct program *p, struct err *e)
{
	uint8_t key[PROGRAM_KEY_BYTES];

	weigh(m, p);
	guard_closure(m, p);
	memcpy(key, p->key, sizeof(key));
	return catalogue_copy_program(m->write,
				      &(struct catalogue_copy){.from = m->parent,
							       .to = m->number,
							       .path = p->path,
							       .program_key = p->published ? key : NULL,
							       .flags = p->published
										? PROGRAM_PUBLISHED
										: 0},
				      e);
}

static int take_resolved(struct making *m, struct program *p, const struct mapping *mapping,
			 struct err *e)
{
	uint8_t (*keys)[TABLE_KEY_BYTES] = xcalloc(mapping->member_count + 1, sizeof(*keys));
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < mapping->member_count; i++)
		ret = catalogue_table_key(mapping, i, keys[i], e);
	if (ret == 0) {
		program_take(p, mapping, &m->tables, (const uint8_t (*)[TABLE_KEY_BYTES])keys);
		weigh(m, p);
		guard_closure(m, p);
		ret = keep_program(m, p, mapping, (const uint8_t (*)[TABLE_KEY_BYTES])keys, e);
	}
	free(keys);
	return ret;
}

/* 1: taken over from the parent; 0: it has to be resolved. */
static int reuse_one(struct making *m, struct program *p, struct arena *a, struct err *e)
{
	const uint8_t (*keys)[TABLE_KEY_BYTES];
	struct mapping now = {0}, old = {0};
	int ret;

	if (!m->reuse || resolve_program(m->resolver, p->path, RESOLVE_CLOSURE_ONLY, a, &now, NULL) < 0 ||
	    !reuse_mapping(m->reuse, &now, a, &old, &keys))
		return 0;
	program_take(p, &old, &m->tables, keys);
	ret = take_over(m, p, e);
	return ret < 0 ? ret : 1;
}

static int resolve_one(void *context, size_t index, struct err *e)
{
	struct making *m = context;
	struct program *p = &m->programs[index];
	struct arena arena = ARENA_INIT;
	struct mapping mapping = {0};
	struct err local = ERR_INIT;
	int ret = reuse_one(m, p, &arena, e);

	if (ret == 0) {
		__atomic_add_fetch(&m->resolved, 1, __ATOMIC_RELAXED);
		if (resolve_program(m->resolver, p->path, 0, &arena, &mapping, &local) < 0)
			ret = unreadable_program(p, &local);
		else
			ret = take_resolved(m, p, &mapping, e);
	}
	arena_release(&arena);
	return ret < 0 ? ret : 0;
}

/* ---- 3: which get images ---- */

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
 * Copies of one program have one key, and the image of the first serves all.
 * Files of one key that differ otherwise (edited after linking, in a place that
 * the key does not cover) cannot be told apart at exec: none gets an image.
 */
static bool are_copies(struct program *const *p, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (p[i]->object->digest != p[0]->object->digest)
			return false;
	return true;
}

/* The catalogue has them as eligible by now: the record is written anew, with the reason. */
static int refuse_program(struct making *m, struct program *p, const char *twin, struct err *e)
{
	struct arena arena = ARENA_INIT;
	struct mapping mapping = {0};
	int ret = resolve_program(m->resolver, p->path, 0, &arena, &mapping, e);

	p->published = false;
	p->reason = REASON_SAME_KEY;
	p->detail = xstrdup(arena_printf(&arena, "'%s' is the other one", twin));
	if (ret == 0)
		ret = keep_program(m, p, &mapping, NULL, e);
	arena_release(&arena);
	return ret;
}

static int refuse_run(struct making *m, struct program *const *p, size_t count, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = refuse_program(m, p[i], p[i ? 0 : 1]->path, e);
	return ret;
}

static int choose_published(struct making *m, struct err *e)
{
	size_t n = 0, kept = 0, run;
	int ret = 0;

	m->published = xcalloc(m->program_count, sizeof(struct program *));
	for (size_t i = 0; i < m->program_count; i++)
		if (m->programs[i].published)
			m->published[n++] = &m->programs[i];
	if (n)
		qsort(m->published, n, sizeof(struct program *), by_key);
	for (size_t i = 0; ret == 0 && i < n; i += run) {
		run = same_key_run(&m->published[i], n - i);
		if (are_copies(&m->published[i], run))
			m->published[kept++] = m->published[i];
		else
			ret = refuse_run(m, &m->published[i], run, e);
	}
	m->published_count = kept;
	return ret;
}

static int lay_out(struct making *m, struct err *e)
{
	int ret = 0;

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
	pages_plan(&m->pages, &m->layout);
	return layout_place(&m->layout, m->loader.span, m->pages.residual_bytes, e);
}

/* ---- 4: write ---- */

static int write_pages(struct making *m, struct err *e)
{
	struct pages_request request = {.layout = &m->layout,
					.store_id = store_id(m->store),
					.epoch = m->number,
					.threads = m->request->threads,
					.progress = m->request->progress,
					.progress_context = m->request->progress_context};
	int ret = publish_create(m->publish,
				 &(struct publish_file){.place = PUBLISH_EPOCH,
							.name = "pages",
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
						      .pages = &m->pages,
						      .loader = &m->loader,
						      .system = resolver_system(m->resolver),
						      .store_id = store_id(m->store),
						      .epoch = m->number},
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
		ret = write_pages(m, e);
	if (ret == 0)
		ret = run_parallel(m, "writing", m->published_count, write_image, e);
	return ret;
}

/* ---- 5: say what it was ---- */

static void count_reasons(struct making *m, struct catalogue_epoch *out)
{
	uint32_t counts[256] = {0};

	for (size_t i = 0; i < m->program_count; i++)
		counts[m->programs[i].reason & 255]++;
	out->reasons = arena_alloc(&m->result->arena, sizeof(*out->reasons) * 256);
	for (uint32_t reason = 1; reason < 256; reason++)
		if (counts[reason])
			out->reasons[out->reason_count++] =
				(struct catalogue_reason_count){reason, counts[reason]};
}

static bool does_not_start(unsigned reason)
{
	return reason == REASON_LIBRARY_MISSING || reason == REASON_LIBRARY_BAD ||
	       reason == REASON_SYMBOL_MISSING || reason == REASON_RELR_MARKER ||
	       reason == REASON_VERSION_FILE;
}

static void list_failures(struct making *m)
{
	struct epoch_result *r = m->result;

	r->failures = arena_alloc(&r->arena, sizeof(*r->failures) * (m->program_count + 1));
	for (size_t i = 0; i < m->program_count; i++) {
		const struct program *p = &m->programs[i];

		if (!does_not_start(p->reason))
			continue;
		r->failures[r->failure_count++] = (struct epoch_failure){
			.path = arena_strdup(&r->arena, p->path),
			.reason = p->reason,
			.detail = p->detail ? arena_strdup(&r->arena, p->detail) : NULL,
		};
	}
}

static void describe(struct making *m, uint64_t begun, uint64_t taken)
{
	const struct resolver_system *system = resolver_system(m->resolver);
	struct arena *a = &m->result->arena;
	struct catalogue_epoch *out = &m->result->epoch;

	*out = (struct catalogue_epoch){
		.number = m->number,
		.parent = m->parent,
		.begun_nsec = (int64_t)begun,
		.taken_nsec = taken,
		.programs = m->program_count,
		.published = m->published_count,
		.resolved = m->resolved,
		.flags = wanted_flags(m),
		.libraries = m->layout.count,
		.tables = m->tables.count,
		.distinct_bindings = m->tables.bindings,
		.pages_bytes = m->pages.file_bytes,
		.image_bytes = m->image_bytes,
		.root = arena_strdup(a, m->request->root ? m->request->root : ""),
		.note = arena_strdup(a, m->request->note ? m->request->note : ""),
		.loader_file = arena_strdup(a, m->loader.name),
		.loader_path = arena_strdup(a, system->loader_path),
		.loader = system->loader,
		.cache = system->cache,
		.preload = system->preload,
		.has_cache = system->has_cache,
		.has_preload = system->has_preload,
		.cpu_level = system->cpu_level,
	};
	for (size_t i = 0; i < m->program_count; i++) {
		out->eligible += m->programs[i].reason == 0 ||
				 m->programs[i].reason == REASON_NOT_WORTHWHILE;
		out->bindings += m->programs[i].bindings;
	}
	count_reasons(m, out);
	list_failures(m);
}

/* ---- 6: seal and switch ---- */

static int seal(struct making *m, struct err *e)
{
	struct publish *p = m->publish;
	struct catalogue_write *w = m->write;
	struct catalogue_file *files;
	size_t count;
	int ret = catalogue_put_epoch(w, &m->result->epoch, e);

	if (ret == 0) {
		files = guard_records(&m->guard, &m->result->arena, &count);
		ret = catalogue_put_files(w, files, count, e);
	}
	if (ret < 0)
		return ret;
	m->publish = NULL;
	ret = publish_seal(p, e);
	if (ret < 0)
		return ret;
	m->write = NULL;
	ret = catalogue_write_commit(w, e);
	if (ret < 0) {
		publish_discard(m->store, m->number, NULL);
		return ret;
	}
	return publish_switch(m->store, m->number, e);
}

static int make_epoch(struct making *m, struct err *e)
{
	uint64_t begun = now_nsec(CLOCK_REALTIME), start = now_nsec(CLOCK_MONOTONIC);
	int ret = last_epoch(m, e);

	if (ret == 0)
		ret = find_programs(m, e);
	if (ret == 0)
		ret = open_resolver(m, e);
	if (ret == 0)
		ret = open_reuse(m, e);
	if (ret == 0 && is_unchanged(m)) {
		keep_parent(m);
		return 0;
	}
	if (ret == 0)
		ret = loader_prepare(&m->loader, resolver_system(m->resolver)->root,
				     MATR_LOADER_PATH, store_id(m->store), e);
	if (ret == 0)
		ret = catalogue_write_begin(&m->write, m->store, e);
	if (ret == 0)
		ret = run_parallel(m, "resolving", m->program_count, resolve_one, e);
	if (ret == 0)
		ret = choose_published(m, e);
	if (ret == 0)
		ret = lay_out(m, e);
	if (ret == 0)
		ret = write_files(m, e);
	if (ret == 0)
		ret = settle(&m->layout, m->published, m->published_count, e);
	if (ret < 0)
		return ret;
	describe(m, begun, now_nsec(CLOCK_MONOTONIC) - start);
	return seal(m, e);
}

static void making_release(struct making *m)
{
	if (m->publish)
		publish_abort(m->publish);
	if (m->write)
		catalogue_write_abort(m->write);
	for (size_t i = 0; i < m->program_count; i++)
		program_release(&m->programs[i]);
	free(m->programs);
	free(m->published);
	reuse_close(m->reuse);
	guard_release(&m->guard);
	scan_release(&m->scan);
	pages_release(&m->pages);
	layout_release(&m->layout);
	tables_release(&m->tables);
	loader_release(&m->loader);
	if (m->resolver)
		resolver_close(m->resolver);
}

int epoch_begin(struct store *s, const struct epoch_request *r, struct epoch_result *out,
		struct err *e)
{
	struct making m = {.store = s, .request = r, .result = out};
	int ret;

	*out = (struct epoch_result){0};
	ret = store_lock_exclusive(s, e);
	if (ret < 0)
		return ret;
	tables_init(&m.tables);
	guard_init(&m.guard);
	layout_init(&m.layout);
	pages_init(&m.pages);
	ret = make_epoch(&m, e);
	making_release(&m);
	store_unlock(s);
	if (ret < 0)
		epoch_result_release(out);
	return ret;
}

void epoch_result_release(struct epoch_result *r)
{
	arena_release(&r->arena);
	*r = (struct epoch_result){0};
}
