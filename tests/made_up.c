/* made_up.c - mappings of programs that do not exist, and their comparison */
#include "tests/made_up.h"

#include <string.h>

static void make_member(struct member *m, unsigned library, const char *path, struct arena *a)
{
	m->path = path;
	m->soname = library ? arena_printf(a, "lib%u.so", library) : NULL;
	m->object_key = 0x1000000000000ULL * (library + 1) + 12345;
	m->identity = (struct identity){.dev = 1,
					.ino = 100 + library,
					.size = 4096 + library,
					.mtime_sec = 1700000000,
					.ctime_sec = 1700000001,
					.mtime_nsec = 7,
					.ctime_nsec = library};
	m->build_id_bytes = 20;
	memset(m->build_id, (int)library + 1, 20);
}

static void make_binding(struct binding *b, const struct mapping *m, unsigned member, unsigned i,
			 struct arena *a)
{
	*b = (struct binding){
	    .offset = 0x4000 + 8 * i,
	    .value = 0x1000 + 16 * i,
	    .addend = i % 5 ? 0 : -8,
	    .symbol = arena_printf(a, "_ZN%u6symbol%uEv", member * 7, i),
	    .symbol_index = i,
	    .version = i % 3 ? "GLIBC_2.2.5" : NULL,
	    .type = i % 2 ? 6 : 7,
	    .kind = BINDING_VALUE,
	    .plt = i % 2 == 0,
	    .weak = i % 7 == 0,
	    .provider = (uint32_t)((member + i) % m->member_count),
	};
	if (i % 11 == 3) {
		b->kind = BINDING_ZERO;
		b->provider = PROVIDER_NONE;
		b->value = 0;
	} else if (b->provider == 0 && member) {
		b->kind = BINDING_EXECUTABLE;
		b->value = 0;
	}
}

/* Program number p: libraries 1, 2, 3 ... with equal tables wherever the closure is equal. */
void make_mapping(struct mapping *m, const struct shape *s, unsigned p, struct arena *a)
{
	unsigned i, k;

	*m = (struct mapping){.path = arena_printf(a, "/usr/bin/program-%u", p), .lazy_left = p};
	m->member_count = s->closure;
	m->members = arena_alloc(a, s->closure * sizeof(*m->members));
	m->fixups = arena_alloc(a, s->closure * s->bindings * sizeof(*m->fixups));
	for (i = 0; i < s->closure; i++) {
		unsigned library = i ? (p / 4 + i) % s->libraries + 1 : 0;

		make_member(&m->members[i], i ? library : 1000 + p,
			    i ? arena_printf(a, "/usr/lib/lib%u.so", library) : m->path, a);
		m->members[i].request = i ? m->members[i].soname : NULL;
		m->members[i].found_in = i ? "/usr/lib" : NULL;
		m->members[i].found_by = i ? FOUND_CACHE : FOUND_EXECUTABLE;
		m->members[i].bindings = arena_alloc(a, s->bindings * sizeof(struct binding));
		m->members[i].binding_count = s->bindings;
		for (k = 0; k < s->bindings; k++) {
			make_binding(&m->members[i].bindings[k], m, i, k, a);
			if (m->members[i].bindings[k].kind == BINDING_EXECUTABLE)
				m->fixups[m->fixup_count++] =
				    (struct fixup){i, k, 0x555000 + p + k};
		}
	}
}

static int same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static int same_binding(const struct binding *a, const struct binding *b, int executable_value)
{
	return a->offset == b->offset && (executable_value || a->value == b->value) &&
	       a->addend == b->addend && same_text(a->symbol, b->symbol) &&
	       same_text(a->version, b->version) && a->provider == b->provider &&
	       a->symbol_index == b->symbol_index && a->type == b->type && a->kind == b->kind &&
	       a->absolute == b->absolute && a->plt == b->plt && a->weak == b->weak &&
	       a->unique == b->unique;
}

static int same_member(const struct member *a, const struct member *b)
{
	size_t i;

	if (!same_text(a->path, b->path) || !same_text(a->soname, b->soname) ||
	    !same_text(a->request, b->request) || !same_text(a->found_in, b->found_in) ||
	    a->requirer != b->requirer || a->found_by != b->found_by ||
	    !identity_equal(&a->identity, &b->identity) || a->object_key != b->object_key ||
	    a->build_id_bytes != b->build_id_bytes || a->is_loader != b->is_loader ||
	    memcmp(a->build_id, b->build_id, sizeof(a->build_id)) != 0 ||
	    a->binding_count != b->binding_count)
		return 0;
	for (i = 0; i < a->binding_count; i++)
		if (!same_binding(&a->bindings[i], &b->bindings[i], 0))
			return 0;
	return 1;
}

int same_mapping(const struct mapping *a, const struct mapping *b)
{
	size_t i;

	if (!same_text(a->path, b->path) || a->reason != b->reason ||
	    !same_text(a->detail, b->detail) || a->member_count != b->member_count ||
	    a->fixup_count != b->fixup_count || a->lazy_left != b->lazy_left ||
	    a->needs_path != b->needs_path)
		return 0;
	for (i = 0; i < a->member_count; i++)
		if (!same_member(&a->members[i], &b->members[i]))
			return 0;
	for (i = 0; i < a->fixup_count; i++)
		if (memcmp(&a->fixups[i], &b->fixups[i], sizeof(a->fixups[i])) != 0)
			return 0;
	return 1;
}
