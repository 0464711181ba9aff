#include "epochd/code_sites.h"
#include "epochd/making.h"

#include "epochd/settle.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_nsec(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

int making_parallel(struct making *m, const char *stage, size_t count, parallel_fn *each,
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

/* ---- what there is ---- */

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
	struct buf memory = BUF_INIT;
	int ret = 0;

	m->scan.root = m->request->root;
	m->scan.threads = m->request->threads;
	if (!m->request->force && !m->request->import && m->parent &&
	    publish_load(m->store, m->parent, SCAN_FILE, &memory, NULL) == 0)
		scan_remember(&m->scan, &memory);
	buf_release(&memory);
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

/* A portable store has no answers to cpuid (loader.h), so they are nothing that an image can save. */
static uint32_t least_lookups(const struct epoch_request *r, bool portable)
{
	if (r->has_least)
		return r->least;
	if (portable)
		return ENGINE_MIN_LOOKUPS;
	return cpuid_cost() > ENGINE_CPUID_TRAPS ? 0 : ENGINE_MIN_LOOKUPS;
}

static int choose_identity(struct making *m, struct err *e)
{
	bool portable = m->request->identity == EPOCH_IDENTITY_PORTABLE;
	int ret = 0;

	m->portable = store_is_portable(m->store);
	if (m->request->identity == EPOCH_IDENTITY_STORE)
		return 0;
	if (!m->request->check)
		ret = store_choose_portable(m->store, portable, e);
	m->portable = portable;
	return ret;
}

enum {
	EPOCH_SHARED = 2,
	EPOCH_PORTABLE = 4,
	ENGINE_VERSION_SHIFT = 8,
	ENGINE_LEAST_SHIFT = 16,
};

/* The newest that is kept; no import's record, which one that was killed leaves behind. */
static int find_parent(struct making *m, struct catalogue_read *read, struct err *e)
{
	struct arena arena = ARENA_INIT;
	struct catalogue_epoch *all;
	size_t count = 0;
	int ret = catalogue_list_epochs(read, &arena, &all, &count, e);

	for (size_t i = 0; ret == 0 && i < count; i++)
		if (!(all[i].flags & EPOCH_IMPORTING))
			m->parent = all[i].number;
	arena_release(&arena);
	return ret;
}

static int last_epoch(struct making *m, struct err *e)
{
	struct catalogue_read *read;
	int ret = catalogue_read_begin(&read, m->store, e);

	if (ret < 0)
		return ret;
	ret = catalogue_last_epoch(read, &m->number, e);
	m->number++;
	if (ret == 0)
		ret = find_parent(m, read, e);
	catalogue_read_end(read);
	m->least = least_lookups(m->request, m->portable);
	return ret;
}

uint64_t making_flags(const struct making *m)
{
	uint64_t least = m->least < UINT16_MAX ? m->least : UINT16_MAX;

	return (store_is_shared(m->store) ? EPOCH_SHARED : 0) | (m->portable ? EPOCH_PORTABLE : 0) |
	       (uint64_t)ENGINE_VERSION << ENGINE_VERSION_SHIFT | least << ENGINE_LEAST_SHIFT |
	       (uint64_t)policy_hash(&m->policy) << REUSE_POLICY_SHIFT;
}

/* A portable epoch is of the root as it will be seen from inside, wherever that lies now. */
const char *making_root(const struct making *m)
{
	return m->request->root && !m->portable ? m->request->root : "";
}

static int read_policy(struct making *m, struct err *e)
{
	static const int overrides[] = {
		[EPOCH_LAYOUT_POLICY] = -1,
		[EPOCH_LAYOUT_EPOCH] = POLICY_EPOCH,
		[EPOCH_LAYOUT_EXEC] = POLICY_EXEC,
	};

	return policy_read(&m->policy,
			   &(struct policy_request){.root = m->request->root,
						    .store_dir = store_dir(m->store),
						    .override = overrides[m->request->layout]},
			   e);
}

static int open_reuse(struct making *m, struct err *e)
{
	struct catalogue_epoch wanted = {
		.parent = m->parent, .flags = making_flags(m), .root = making_root(m)};

	if (m->request->force || m->request->import)
		return 0;
	return reuse_open(&m->reuse, m->store, resolver_system(m->resolver), &wanted, e);
}

/* Nothing has changed: the parent stays current, or is again where it was withdrawn. */
static int keep_parent(struct making *m, struct err *e)
{
	uint64_t current;
	struct catalogue_epoch *out = &m->result->epoch;
	struct arena *a = &m->result->arena;

	*out = *reuse_parent(m->reuse);
	out->root = arena_strdup(a, out->root);
	out->note = arena_strdup(a, out->note);
	out->loader_file = arena_strdup(a, out->loader_file);
	out->loader_path = arena_strdup(a, out->loader_path);
	out->reasons = arena_memdup(a, out->reasons, out->reason_count * sizeof(*out->reasons));
	out->resolved = 0;
	out->findings = (struct catalogue_findings){.against = m->parent};
	m->result->unchanged = true;
	if (publish_current(m->store, &current, NULL) == 0)
		return 0;
	return publish_switch(m->store, m->parent, e);
}

static int open_resolver(struct making *m, struct err *e)
{
	struct resolver_options options = {
		.root = m->request->root,
		.require_world_readable = store_is_shared(m->store),
		.require_build_ids = m->portable,
	};

	int ret = resolver_open(&m->resolver, &options, e);

	if (ret < 0)
		return ret;
	m->guard.root = resolver_system(m->resolver)->root;
	workers_open(&m->workers,
		     &(struct workers_options){.resolver = m->resolver,
					       .threads = m->request->threads,
					       .own_user = geteuid() == 0 && store_is_shared(m->store)});
	return 0;
}

/* Builds upon the parent's layout, if that may be and the loader in it is still the one. */
static void choose_layout(struct making *m)
{
	m->continues = m->continues &&
		       !strcmp(reuse_parent(m->reuse)->loader_file, m->loader.name);
	if (!m->continues) {
		keep_nothing(m);
		return;
	}
	layout_continue(&m->layout, &m->ledger);
	reuse_keep_guard(m->reuse, &m->guard);
	m->inheritance = (struct inheritance){.ledger = &m->ledger, .reuse = m->reuse};
	m->tables.inherit = (struct tables_inherit){
		.base = inherit_base, .place = inherit_place, .context = &m->inheritance};
}

/* ---- seal and switch ---- */

static int seal(struct making *m, struct err *e)
{
	struct publish *p = m->publish;
	struct catalogue_write *w = m->write;
	struct catalogue_file *files;
	size_t count;
	int ret = catalogue_put_epoch(w, &m->result->epoch, e);

	if (ret == 0 && m->request->import)
		ret = catalogue_drop_epoch(w, m->request->import, e);
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

/* What the epoch would be, without one. */
static int check_only(struct making *m, uint64_t begun, uint64_t start, struct err *e)
{
	int ret = stage_resolve(m, e);

	if (ret < 0)
		return ret;
	stage_preflight(m);
	stage_describe(m, begun, now_nsec(CLOCK_MONOTONIC) - start);
	return 0;
}

static int make_epoch(struct making *m, struct err *e)
{
	uint64_t begun = now_nsec(CLOCK_REALTIME), start = now_nsec(CLOCK_MONOTONIC);
	bool unchanged = false;
	int ret = choose_identity(m, e);

	if (ret == 0)
		ret = last_epoch(m, e);
	if (ret == 0)
		ret = read_policy(m, e);
	if (ret == 0)
		ret = find_programs(m, e);
	if (ret == 0)
		ret = open_resolver(m, e);
	if (ret == 0)
		ret = open_reuse(m, e);
	if (ret == 0)
		ret = stage_keep(m, &unchanged, e);
	if (ret == 0 && unchanged)
		return keep_parent(m, e);
	if (ret == 0 && !m->request->import)
		ret = stage_preflight_open(m, e);
	if (ret == 0 && m->request->check)
		return check_only(m, begun, start, e);
	if (ret == 0)
		ret = loader_prepare(&m->loader,
				     &(struct loader_request){
					     .root = resolver_system(m->resolver)->root,
					     .path = resolver_system(m->resolver)->loader_name,
					     .store_id = store_id(m->store),
					     .portable = m->portable},
				     e);
	if (ret == 0)
		choose_layout(m);
	if (ret == 0)
		ret = catalogue_write_begin(&m->write, m->store, e);
	if (ret == 0)
		ret = stage_resolve(m, e);
	if (ret == 0 && m->request->import && !m->imported)
		ret = err_set(e, -ENODATA, "no program of it is here as it was there");
	if (ret == 0 && !m->request->import)
		stage_preflight(m);
	if (ret == 0)
		ret = stage_publish(m, e);
	if (ret == 0)
		ret = settle(m, e);
	if (ret < 0)
		return ret;
	stage_describe(m, begun, now_nsec(CLOCK_MONOTONIC) - start);
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
	preflight_close(m->preflight);
	exports_release(&m->exports);
	guard_release(&m->guard);
	policy_release(&m->policy);
	scan_release(&m->scan);
	pages_release(&m->pages);
	layout_release(&m->layout);
	ledger_release(&m->ledger);
	tables_release(&m->tables);
	loader_release(&m->loader);
	workers_close(m->workers);
	if (m->resolver)
		resolver_close(m->resolver);
}

int epoch_begin(struct store *s, const struct epoch_request *r, struct epoch_result *out,
		struct err *e)
{
	struct making m = {.store = s, .request = r, .result = out};
	int ret;

	*out = (struct epoch_result){0};
	ret = r->check ? 0 : store_lock_exclusive(s, e);
	if (ret < 0)
		return ret;
	tables_init(&m.tables);
	guard_init(&m.guard);
	layout_init(&m.layout);
	pages_init(&m.pages);
	exports_init(&m.exports);
	ret = make_epoch(&m, e);
	making_release(&m);
	if (!r->check)
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
