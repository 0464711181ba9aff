/* mapping.c - a whole mapping, put together again from its records */
#include "cache/internal.h"

#include <errno.h>
#include <stdlib.h>

struct rebuild {
	struct catalogue_read *r;
	const struct catalogue_get *get;
	struct arena *a;
	struct mapping *m;
	struct map objects; /* object key -> closure index */
	struct map strings; /* string key -> text, in the arena */
};

/* A string in the arena, once per mapping however often it is named. */
static int get_text(struct rebuild *b, uint64_t key, const char **out, struct err *e)
{
	const struct map_entry *x;
	const char *s;
	int rc;

	*out = NULL;
	if (!key)
		return 0;
	x = map_find(&b->strings, key);
	if (x) {
		*out = x->pointer;
		return 0;
	}
	rc = catalogue_get_string(b->r, key, &s, e);
	if (rc < 0)
		return rc;
	*out = map_add(&b->strings, key)->pointer = arena_strdup(b->a, s);
	return 0;
}

static int rebuild_member(struct rebuild *b, const struct catalogue_member *from, size_t i,
			  struct err *e)
{
	struct member *m = &b->m->members[i];
	struct catalogue_object o;
	int rc = catalogue_get_object(b->r, from->object_record, b->a, &o, e);

	if (rc == 0)
		rc = get_text(b, from->request, &m->request, e);
	if (rc == 0)
		rc = get_text(b, from->found_in, &m->found_in, e);
	if (rc < 0)
		return rc;
	m->path = o.path;
	m->soname = o.soname;
	m->search_path = o.search_path;
	m->identity = o.identity;
	m->object_key = o.object_key;
	memcpy(m->build_id, o.build_id, sizeof(m->build_id));
	m->build_id_bytes = o.build_id_bytes;
	m->requirer = from->requirer;
	m->found_by = from->found_by;
	m->is_loader = from->is_loader;
	if (o.object_key)
		map_add(&b->objects, o.object_key)->number = i;
	return 0;
}

/* The closure indices of a table's providers; false: one of them is no member. */
static bool place_providers(struct rebuild *b, const struct catalogue_table *t, size_t member,
			    uint32_t *out)
{
	const struct map_entry *x;
	uint64_t key;
	size_t i;

	for (i = 0; i < t->provider_count; i++) {
		key = load_u64(t->providers + i * 8);
		x = map_find(&b->objects, key);
		if (key == OBJECT_SELF)
			out[i] = (uint32_t)member;
		else if (key == OBJECT_EXECUTABLE)
			out[i] = 0;
		else if (x)
			out[i] = (uint32_t)x->number;
		else
			return false;
	}
	return true;
}

static int rebuild_binding(struct rebuild *b, const struct catalogue_table *t, size_t i,
			   struct binding *out, struct err *e)
{
	struct catalogue_entry entry;
	int rc = 0;

	catalogue_table_entry(t, i, &entry);
	*out = (struct binding){
	    .offset = entry.offset,
	    .value = entry.value,
	    .addend = entry.addend,
	    .symbol_index = entry.symbol_index,
	    .type = entry.type,
	    .kind = entry.kind,
	    .absolute = entry.absolute,
	    .plt = entry.plt,
	    .weak = entry.weak,
	    .unique = entry.unique,
	};
	if (b->get->flags & CATALOGUE_NO_NAMES)
		return 0;
	rc = get_text(b, entry.symbol, &out->symbol, e);
	if (rc == 0)
		rc = get_text(b, entry.version, &out->version, e);
	return rc;
}

static int rebuild_table(struct rebuild *b, const struct catalogue_member *from, size_t i,
			 struct err *e)
{
	static const uint8_t none[TABLE_KEY_BYTES];
	struct member *m = &b->m->members[i];
	MDB_val key = {.mv_size = TABLE_KEY_BYTES, .mv_data = (void *)from->table};
	struct catalogue_table t;
	uint32_t *providers;
	uint16_t provider;
	size_t k;
	int rc;

	if (memcmp(from->table, none, sizeof(none)) == 0)
		return 0;
	rc = catalogue_get_table(b->r, from->table, &t, e);
	if (rc < 0)
		return rc;
	providers = xcalloc(t.provider_count, sizeof(*providers));
	if (!place_providers(b, &t, i, providers))
		rc = record_damaged(b->r->store, DB_TABLES, &key, e);
	m->bindings = arena_alloc(b->a, t.count * sizeof(*m->bindings));
	m->binding_count = t.count;
	for (k = 0; k < t.count && rc == 0; k++) {
		rc = rebuild_binding(b, &t, k, &m->bindings[k], e);
		provider = load_u16(t.entries + k * ENTRY_BYTES + 38);
		m->bindings[k].provider =
		    provider < t.provider_count ? providers[provider] : PROVIDER_NONE;
	}
	free(providers);
	return rc;
}

static int check_fixups(struct rebuild *b, const struct catalogue_program *p, struct err *e)
{
	uint8_t bytes[PROGRAM_DB_KEY_MAX];
	MDB_val key = {.mv_data = bytes};
	size_t i;

	for (i = 0; i < p->fixup_count; i++) {
		if (p->fixups[i].binding < b->m->members[p->fixups[i].member].binding_count)
			continue;
		key.mv_size = program_db_key(bytes, b->get->epoch, p->path);
		return record_damaged(b->r->store, DB_PROGRAMS, &key, e);
	}
	return 0;
}

static int rebuild(struct rebuild *b, const struct catalogue_program *p, struct err *e)
{
	bool bindings = !(b->get->flags & CATALOGUE_NO_BINDINGS);
	size_t i;
	int rc = 0;

	b->m->path = p->path;
	b->m->reason = p->reason;
	b->m->detail = p->detail;
	b->m->lazy_left = p->lazy_left;
	b->m->needs_path = p->needs_path;
	b->m->member_count = p->member_count;
	b->m->members = arena_alloc(b->a, p->member_count * sizeof(*b->m->members));
	for (i = 0; i < p->member_count && rc == 0; i++)
		rc = rebuild_member(b, &p->members[i], i, e);
	for (i = 0; i < p->member_count && rc == 0 && bindings; i++)
		rc = rebuild_table(b, &p->members[i], i, e);
	if (rc == 0 && bindings) {
		rc = check_fixups(b, p, e);
		b->m->fixups = p->fixups;
		b->m->fixup_count = p->fixup_count;
	}
	return rc;
}

int catalogue_get_mapping(struct catalogue_read *r, const struct catalogue_get *get,
			  struct mapping *out, struct err *e)
{
	struct mapping m = {0};
	struct rebuild b = {.r = r, .get = get, .a = get->arena, .m = &m};
	struct catalogue_program p;
	int rc = catalogue_get_program(r, get->epoch, get->path, get->arena, &p, e);

	if (rc == 0)
		rc = rebuild(&b, &p, e);
	map_release(&b.objects);
	map_release(&b.strings);
	if (rc == 0)
		*out = m;
	return rc;
}
