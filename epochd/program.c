#include "epochd/program.h"

#include "common/arena.h"
#include "image/key.h"

#include <stdlib.h>
#include <string.h>

void program_release(struct program *p)
{
	free(p->path);
	free(p->detail);
	free(p->members);
	free(p->fixups);
	*p = (struct program){0};
}

static void make_key(struct program *p, const struct mapping *m)
{
	const struct object *o = m->members[0].object;
	struct matr_key_input in = {
		.phdr = o->phdr,
		.phdr_count = o->phdr_count,
		.dynamic = o->dynamic,
		.dynamic_count = o->dynamic_count,
		.build_id = o->build_id,
		.build_id_bytes = o->build_id_bytes,
		.strings = {o->strings, o->strings_bytes},
		.plt = {o->plt, o->plt_count * sizeof(*o->plt)},
		.rela = {o->rela, o->rela_count * sizeof(*o->rela)},
	};

	p->needs_path = m->needs_path || !o->build_id_bytes;
	if (p->needs_path)
		in.path = m->path;
	matr_key_make(&in, p->key);
}

/* Lookups that an image saves: before the program's first instruction, or at its first call. */
static void count_lookups(struct program *p, const struct member *from)
{
	for (size_t i = 0; i < from->binding_count; i++) {
		const struct binding *b = &from->bindings[i];

		if (b->kind == BINDING_RESIDUAL || b->kind == BINDING_LAZY)
			continue;
		if (b->plt && !from->object->bind_now)
			p->lazy++;
		else
			p->lookups++;
	}
}

/* The request as it stands in the requirer: the mapping does not live as long. */
static const char *own_request(const struct mapping *m, const struct member *from)
{
	const struct object *o = m->members[from->requirer].object;

	for (size_t i = 0; from->request && o && i < o->needed_count; i++)
		if (strcmp(o->needed[i], from->request) == 0)
			return o->needed[i];
	return NULL;
}

static void take_member(struct program *p, const struct mapping *m, size_t i, struct tables *tables,
		       const uint8_t key[TABLE_KEY_BYTES])
{
	const struct member *from = &m->members[i];
	struct program_member *to = &p->members[i];

	to->object = from->object;
	to->is_loader = from->is_loader;
	to->asked_by_soname = from->request && from->soname && !strcmp(from->request, from->soname);
	to->request = own_request(m, from);
	to->requirer = from->requirer;
	if (!from->is_loader)
		to->table = tables_add(tables, m, i, key);
	count_lookups(p, from);
	p->bindings += from->binding_count;
}

static void take_fixups(struct program *p, const struct mapping *m)
{
	p->fixups = xcalloc(m->fixup_count, sizeof(*p->fixups));
	p->fixup_count = m->fixup_count;
	for (size_t i = 0; i < m->fixup_count; i++) {
		const struct fixup *f = &m->fixups[i];
		const struct binding *b = &m->members[f->member].bindings[f->binding];

		p->fixups[i] = (struct program_fixup){
			.member = f->member,
			.offset = b->offset,
			.value = f->value + (uint64_t)b->addend,
		};
	}
}

void program_take(struct program *p, const struct mapping *m, struct tables *tables,
		 const uint8_t (*keys)[TABLE_KEY_BYTES])
{
	free(p->path);
	p->path = xstrdup(m->path);
	p->reason = m->reason;
	p->detail = m->detail ? xstrdup(m->detail) : NULL;
	p->lazy_left = m->lazy_left;
	if (m->member_count && m->members[0].object && m->members[0].object->dynamic_count) {
		p->object = m->members[0].object;
		make_key(p, m);
	}
	if (p->reason)
		return;
	p->members = xcalloc(m->member_count, sizeof(*p->members));
	p->member_count = m->member_count;
	for (size_t i = 0; i < m->member_count; i++)
		take_member(p, m, i, tables, keys[i]);
	take_fixups(p, m);
}
