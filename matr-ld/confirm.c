#include "matr-ld/confirm.h"

#include "matr-ld/hash.h"
#include "matr-ld/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct definition {
	const struct object *object;
	const char *name;
	uint32_t hash; /* GNU hash of the name */
	uint64_t value;
	bool absolute, ifunc;
};

static bool is_it(const struct definition *d, size_t index)
{
	const struct object *o = d->object;
	const Elf64_Sym *s = &o->symbols[index];

	if (index >= o->symbol_count || s->st_value != d->value ||
	    (s->st_shndx == SHN_ABS) != d->absolute)
		return false;
	/* Undefined, but with an address: what an executable has for a function of a library. */
	if ((ELF64_ST_TYPE(s->st_info) == STT_GNU_IFUNC && s->st_shndx != SHN_UNDEF) != d->ifunc)
		return false;
	return (s->st_shndx != SHN_UNDEF || s->st_value) &&
	       strcmp(object_symbol_name(o, index), d->name) == 0;
}

static bool find_gnu(const struct definition *d)
{
	const struct object *o = d->object;
	uint32_t at = o->buckets[d->hash % o->bucket_count];

	if (at < o->gnu_base)
		return false;
	for (at -= o->gnu_base; at < o->chain_count; at++) {
		if (!((o->chain[at] ^ d->hash) >> 1) && is_it(d, o->gnu_base + at))
			return true;
		if (o->chain[at] & 1)
			return false;
	}
	return false;
}

static bool find_sysv(const struct definition *d)
{
	const struct object *o = d->object;
	size_t steps = o->chain_count;
	uint32_t at = o->buckets[sysv_hash(d->name) % o->bucket_count];

	for (; at && at < o->chain_count && steps--; at = o->chain[at])
		if (is_it(d, at))
			return true;
	return false;
}

static bool defines(const struct definition *d)
{
	if (!d->object->bucket_count)
		return false;
	return d->object->gnu_hash ? find_gnu(d) : find_sysv(d);
}

/* A symbol of the object's own needs no hash table: local ones are in none. */
static bool provides(const struct mapping *m, size_t member, const struct binding *b, uint64_t value)
{
	const struct object *own = m->members[member].object;
	struct definition d = {
		.object = b->provider < m->member_count ? m->members[b->provider].object : NULL,
		.name = object_symbol_name(own, b->symbol_index),
		.hash = own->name_hash[b->symbol_index],
		.value = value,
		.absolute = b->absolute,
		.ifunc = b->kind == BINDING_IFUNC,
	};

	if (!d.object)
		return false;
	return (d.object == own && is_it(&d, b->symbol_index)) || defines(&d);
}

static bool is_weak(const struct object *o, const struct binding *b)
{
	return ELF64_ST_BIND(o->symbols[b->symbol_index].st_info) == STB_WEAK;
}

static bool is_sound(const struct mapping *m, size_t member, const struct binding *b)
{
	const struct object *o = m->members[member].object;

	if (b->kind != BINDING_LAZY && b->kind != BINDING_RESIDUAL &&
	    (!b->symbol_index || b->symbol_index >= o->symbol_count))
		return false;
	switch (b->kind) {
	case BINDING_VALUE:
		return provides(m, member, b, b->value);
	case BINDING_IFUNC:
		return !b->addend && !b->absolute && provides(m, member, b, b->value);
	case BINDING_EXECUTABLE:
		return member != 0 && b->provider == 0 && !b->absolute;
	case BINDING_ZERO:
		return is_weak(o, b);
	case BINDING_LAZY:
		return b->plt && b->type == R_X86_64_JUMP_SLOT && !o->bind_now;
	case BINDING_RESIDUAL:
		return true;
	}
	return false;
}

/* What is filled in with an address: the others are residual or lazy. */
static bool fits_type(const struct binding *b)
{
	if (b->kind == BINDING_RESIDUAL || b->kind == BINDING_LAZY)
		return true;
	return b->type == R_X86_64_64 || b->type == R_X86_64_GLOB_DAT ||
	       b->type == R_X86_64_JUMP_SLOT;
}

static bool is_of(const struct binding *b, const Elf64_Rela *r, bool plt)
{
	return b->offset == r->r_offset && b->addend == r->r_addend && b->plt == plt &&
	       b->symbol_index == ELF64_R_SYM(r->r_info) && b->type == ELF64_R_TYPE(r->r_info) &&
	       fits_type(b);
}

static int refuse(const struct mapping *m, size_t member, struct err *e)
{
	return err_set(e, -EBADMSG, "its bindings are not those of '%s'", m->members[member].path);
}

static int confirm_table(const struct mapping *m, size_t member, bool plt, size_t *next, struct err *e)
{
	const struct member *from = &m->members[member];
	const struct object *o = from->object;
	const Elf64_Rela *r = plt ? o->plt : o->rela;
	size_t count = plt ? o->plt_count : o->rela_count;

	for (size_t i = 0; i < count; i++) {
		unsigned type = ELF64_R_TYPE(r[i].r_info);

		if (type == R_X86_64_RELATIVE || type == R_X86_64_NONE)
			continue;
		if (*next == from->binding_count || !is_of(&from->bindings[*next], &r[i], plt) ||
		    !is_sound(m, member, &from->bindings[*next]))
			return refuse(m, member, e);
		(*next)++;
	}
	return 0;
}

int confirm_member(const struct mapping *m, size_t member, struct err *e)
{
	const struct member *from = &m->members[member];
	size_t next = 0;
	int ret;

	if (!from->object)
		return err_set(e, -EBADMSG, "'%s' cannot be read", from->path);
	if (from->is_loader)
		return from->binding_count ? refuse(m, member, e) : 0;
	ret = confirm_table(m, member, false, &next, e);
	if (ret == 0)
		ret = confirm_table(m, member, true, &next, e);
	return ret == 0 && next != from->binding_count ? refuse(m, member, e) : ret;
}

static size_t count_of_executable(const struct mapping *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->member_count; i++)
		for (size_t k = 0; k < m->members[i].binding_count; k++)
			n += m->members[i].bindings[k].kind == BINDING_EXECUTABLE;
	return n;
}

int confirm_fixups(const struct mapping *m, struct err *e)
{
	const struct fixup *last = NULL;

	for (size_t i = 0; i < m->fixup_count; i++) {
		const struct fixup *f = &m->fixups[i];
		const struct binding *b;

		if (f->member >= m->member_count ||
		    f->binding >= m->members[f->member].binding_count ||
		    (last && (last->member > f->member ||
			      (last->member == f->member && last->binding >= f->binding))))
			return err_set(e, -EBADMSG, "its fixups are in no order");
		b = &m->members[f->member].bindings[f->binding];
		if (b->kind != BINDING_EXECUTABLE || !provides(m, f->member, b, f->value))
			return refuse(m, f->member, e);
		last = f;
	}
	if (m->fixup_count != count_of_executable(m))
		return err_set(e, -EBADMSG, "its fixups are not as many as are needed");
	return 0;
}
