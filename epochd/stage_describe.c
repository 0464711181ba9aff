/* stage_describe.c - what the epoch was: for its record, the summary and people */
#include "epochd/making.h"

#include "image/reason.h"

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

static void count_layout(const struct making *m, struct catalogue_epoch *out)
{
	const struct ledger *l = &m->ledger;

	for (size_t i = 0; i < l->slot_count; i++)
		out->libraries += l->slots[i].live;
	for (size_t i = 0; i < l->table_count; i++) {
		if (!(l->tables[i].flags & LEDGER_LIVE))
			continue;
		out->tables++;
		out->distinct_bindings += l->tables[i].bindings;
	}
	for (uint32_t i = 0; i < l->layer_count; i++)
		out->pages_bytes += l->layers[i].bytes;
}

static void list_failures(struct making *m)
{
	struct epoch_result *r = m->result;

	r->failures = arena_alloc(&r->arena, sizeof(*r->failures) * (m->program_count + 1));
	for (size_t i = 0; i < m->program_count; i++) {
		const struct program *p = &m->programs[i];

		if (!resolve_stops_start(p->reason))
			continue;
		r->failures[r->failure_count++] = (struct epoch_failure){
			.path = arena_strdup(&r->arena, p->path),
			.reason = p->reason,
			.detail = p->detail ? arena_strdup(&r->arena, p->detail) : NULL,
		};
	}
}

static void list_refused(struct making *m)
{
	struct epoch_result *r = m->result;

	r->refused = arena_alloc(&r->arena, sizeof(*r->refused) * (m->program_count + 1));
	for (size_t i = 0; i < m->program_count; i++) {
		const struct program *p = &m->programs[i];

		if (p->reason == REASON_IMPORT_DIFFERS)
			r->refused[r->refused_count++] = (struct epoch_failure){
				.path = arena_strdup(&r->arena, p->path),
				.reason = p->reason,
				.detail = p->detail ? arena_strdup(&r->arena, p->detail) : NULL,
			};
	}
}

void stage_describe(struct making *m, uint64_t begun_nsec, uint64_t taken_nsec)
{
	const struct resolver_system *system = resolver_system(m->resolver);
	struct arena *a = &m->result->arena;
	struct catalogue_epoch *out = &m->result->epoch;

	*out = (struct catalogue_epoch){
		.number = m->number,
		.parent = m->parent,
		.begun_nsec = (int64_t)begun_nsec,
		.taken_nsec = taken_nsec,
		.programs = m->program_count,
		.published = m->published_count + m->linked,
		.resolved = m->resolved,
		.flags = making_flags(m),
		.image_bytes = m->image_bytes,
		.root = arena_strdup(a, making_root(m)),
		.note = arena_strdup(a, m->request->note ? m->request->note : ""),
		.loader_file = arena_strdup(a, m->loader.name),
		.loader_path = arena_strdup(a, system->loader_name),
		.loader = system->loader,
		.cache = system->cache,
		.cache_digest = system->cache_digest,
		.preload = system->preload,
		.has_cache = system->has_cache,
		.has_preload = system->has_preload,
		.cpu_level = system->cpu_level,
		.findings = m->findings,
	};
	m->result->exposed = workers_note(m->workers);
	if (m->result->exposed)
		m->result->exposed = arena_strdup(a, m->result->exposed);
	count_layout(m, out);
	for (size_t i = 0; i < m->program_count; i++) {
		out->eligible += m->programs[i].reason == 0 ||
				 m->programs[i].reason == REASON_NOT_WORTHWHILE;
		out->bindings += m->programs[i].bindings;
	}
	count_reasons(m, out);
	list_failures(m);
	list_refused(m);
}
