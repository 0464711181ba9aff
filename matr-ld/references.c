/* references.c - what an object's relocations ask for, before anyone has answered */
#include "matr-ld/bind.h"

bool reference_is(const Elf64_Rela *r)
{
	unsigned type = ELF64_R_TYPE(r->r_info);

	return type != R_X86_64_RELATIVE && type != R_X86_64_NONE;
}

/* What ld.so knows, 32-bit types aside: their result depends on where libraries lie. */
bool reference_supported(const Elf64_Rela *r)
{
	switch (ELF64_R_TYPE(r->r_info)) {
	case R_X86_64_64:
	case R_X86_64_GLOB_DAT:
	case R_X86_64_JUMP_SLOT:
	case R_X86_64_COPY:
	case R_X86_64_TPOFF64:
	case R_X86_64_DTPMOD64:
	case R_X86_64_DTPOFF64:
	case R_X86_64_TLSDESC:
	case R_X86_64_SIZE64:
	case R_X86_64_IRELATIVE:
		return true;
	default:
		return false;
	}
}

static size_t count(const Elf64_Rela *r, size_t relocations)
{
	size_t n = 0;

	for (size_t i = 0; i < relocations; i++)
		n += reference_is(&r[i]);
	return n;
}

size_t reference_count(const struct object *o)
{
	return count(o->rela, o->rela_count) + count(o->plt, o->plt_count);
}

uint32_t reference_version(const struct object *o, uint32_t symbol)
{
	uint32_t v = o->versym ? o->versym[symbol] & 0x7fff : 0;

	return v < o->version_count && o->versions[v].hash && o->versions[v].name ? v : 0;
}

void reference_make(const struct object *o, const Elf64_Rela *r, bool plt, struct binding *b)
{
	uint32_t v;

	*b = (struct binding){
	    .offset = r->r_offset,
	    .addend = r->r_addend,
	    .provider = PROVIDER_NONE,
	    .symbol_index = (uint32_t)ELF64_R_SYM(r->r_info),
	    .type = (uint16_t)ELF64_R_TYPE(r->r_info),
	    .plt = plt,
	};
	if (!reference_supported(r) || !b->symbol_index || b->type == R_X86_64_IRELATIVE)
		return;
	v = reference_version(o, b->symbol_index);
	b->symbol = object_symbol_name(o, b->symbol_index);
	b->version = v ? o->versions[v].name : NULL;
	b->weak = ELF64_ST_BIND(o->symbols[b->symbol_index].st_info) == STB_WEAK;
}

static struct binding *make_all(const struct object *o, const Elf64_Rela *r, bool plt,
				struct binding *to)
{
	size_t n = plt ? o->plt_count : o->rela_count;

	for (size_t i = 0; i < n; i++)
		if (reference_is(&r[i]))
			reference_make(o, &r[i], plt, to++);
	return to;
}

struct binding *resolver_references(const struct object *o, struct arena *a, size_t *out)
{
	struct binding *all;

	*out = reference_count(o);
	all = arena_alloc(a, *out * sizeof(*all));
	make_all(o, o->plt, true, make_all(o, o->rela, false, all));
	return all;
}
