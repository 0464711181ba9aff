/*
 * The bindings: for every relocation that names a symbol, who provides it and
 * what becomes of the word.  BINDING_RESIDUAL is the answer that is never
 * wrong, since ld.so then does the relocation itself; it is given wherever the
 * result depends on something that is only known at exec.
 */
#include "matr-ld/bind.h"

#include <stdlib.h>
#include <string.h>

/* Since 2.33 ld.so ends where a library asks the executable to choose a function for it. */
#define RELEASE_EXECUTABLE_CHECKED 33

static bool is_lazy_slot(const struct requirer *q, const struct binding *b)
{
	return b->plt && b->type == R_X86_64_JUMP_SLOT && !q->object->bind_now;
}

/* Left to ld.so: at its first call where it is lazy, else at start. */
static void leave(const struct requirer *q, struct binding *b)
{
	b->kind = is_lazy_slot(q, b) ? BINDING_LAZY : BINDING_RESIDUAL;
}

static enum type_class class_of(unsigned type)
{
	switch (type) {
	case R_X86_64_JUMP_SLOT:
	case R_X86_64_DTPMOD64:
	case R_X86_64_DTPOFF64:
	case R_X86_64_TPOFF64:
	case R_X86_64_TLSDESC:
		return CLASS_PLT;
	case R_X86_64_COPY:
		return CLASS_COPY;
	default:
		return CLASS_ANY;
	}
}

static const char *member_path(const struct requirer *q, uint32_t i)
{
	return q->bind->job->out->members[i].path;
}

static void want(struct requirer *q, uint32_t symbol, enum type_class class, struct wanted *w)
{
	const struct object *o = q->object;
	uint32_t v = reference_version(o, symbol);

	*w = (struct wanted){
	    .name = object_symbol_name(o, symbol),
	    .hash = o->name_hash[symbol],
	    .class = class,
	    .version = v ? &o->versions[v] : NULL,
	    .version_file = v ? q->version_files[v] : PROVIDER_NONE,
	};
}

/* Through the scope; asked once per symbol and class of this requirer. */
static struct answer look_up(struct requirer *q, uint32_t symbol, enum type_class class)
{
	uint32_t *known = class == CLASS_COPY ? NULL : &q->known[class][symbol];
	struct answer a;
	struct wanted w;
	uint32_t n;

	if (known && *known && !q->symbolic)
		return *scope_answer(q->bind->scope, *known - 1);
	want(q, symbol, class, &w);
	if (q->symbolic) {
		a = scope_lookup_in(q->bind->scope, q->index, &w);
		if (a.status != ANSWER_NONE)
			return a;
	}
	n = scope_lookup(q->bind->scope, &w);
	if (known)
		*known = n + 1;
	return *scope_answer(q->bind->scope, n);
}

static void refuse_missing(struct requirer *q, const struct binding *b, unsigned status)
{
	const char *at = b->version ? "@" : "", *version = b->version ? b->version : "";

	if (status == ANSWER_BROKEN || b->version)
		job_refuse(q->bind->job, REASON_VERSION_FILE,
			   "'%s' needs '%s%s%s', which is not in the library it was linked to",
			   member_path(q, q->index), b->symbol, at, version);
	else
		job_refuse(q->bind->job, REASON_SYMBOL_MISSING,
			   "'%s' needs '%s%s%s', which nothing provides", member_path(q, q->index),
			   b->symbol, at, version);
}

/* No provider.  A lazy slot may still get one from a later dlopen, weak or strong. */
static void bind_nothing(struct requirer *q, struct binding *b, unsigned status)
{
	leave(q, b);
	if (b->kind == BINDING_LAZY)
		return;
	if (!b->weak || status == ANSWER_BROKEN)
		refuse_missing(q, b, status);
	else if (b->type == R_X86_64_64 ||
		 (!b->addend && (b->type == R_X86_64_GLOB_DAT || b->type == R_X86_64_JUMP_SLOT)))
		b->kind = BINDING_ZERO;
}

static void bind_ifunc(struct requirer *q, struct binding *b)
{
	struct job *j = q->bind->job;

	leave(q, b);
	if (b->addend || b->absolute)
		return;
	if (order_surely_before(j, b->provider, q->index))
		b->kind = BINDING_IFUNC;
	else if (b->kind == BINDING_RESIDUAL && order_surely_before(j, q->index, b->provider) &&
		 (b->provider || j->r->loader.release >= RELEASE_EXECUTABLE_CHECKED))
		job_refuse(j, REASON_IFUNC_ORDER,
			   "'%s' needs '%s', chosen at start by '%s', which is relocated later",
			   member_path(q, q->index), b->symbol, member_path(q, b->provider));
}

/* The provider's address, plus the addend. */
static void bind_value(struct requirer *q, struct binding *b, const Elf64_Sym *s)
{
	unsigned type = ELF64_ST_TYPE(s->st_info);

	if (type == STT_GNU_IFUNC && s->st_shndx != SHN_UNDEF) {
		bind_ifunc(q, b);
		return;
	}
	if (type == STT_TLS || (b->type != R_X86_64_64 && b->addend)) {
		leave(q, b);
		return;
	}
	b->kind = BINDING_VALUE;
	if (b->provider == 0 && q->index != 0 && !b->absolute) {
		b->kind = BINDING_EXECUTABLE;
		b->value = 0;
		bind_add_fixup(q, b, s->st_value);
	}
}

/* What ld.so warns about when it copies. */
static void check_copy(struct requirer *q, const struct binding *b, const Elf64_Sym *s)
{
	const Elf64_Sym *ref = &q->object->symbols[b->symbol_index];

	if (s->st_size > ref->st_size || ELF64_ST_VISIBILITY(s->st_other) == STV_PROTECTED)
		job_refuse(q->bind->job, REASON_PROTECTED_COPY,
			   "'%s' copies '%s' of '%s', which %s", member_path(q, q->index),
			   b->symbol, member_path(q, b->provider),
			   s->st_size > ref->st_size ? "is larger there" : "is protected there");
}

/* The same for the address of a function that the executable stands in for: at the first call. */
static bool stands_in(const struct requirer *q, const struct binding *b, const Elf64_Sym *s)
{
	const Elf64_Sym *ref = &q->object->symbols[b->symbol_index];

	return q->index == 0 && b->type == R_X86_64_JUMP_SLOT && ref->st_shndx == SHN_UNDEF &&
	       ref->st_value && ELF64_ST_VISIBILITY(s->st_other) == STV_PROTECTED;
}

static void bind_stand_in(struct requirer *q, struct binding *b)
{
	leave(q, b);
	job_refuse(q->bind->job, REASON_PROTECTED_COPY,
		   "'%s' stands in for the protected function '%s' of '%s'",
		   member_path(q, q->index), b->symbol, member_path(q, b->provider));
}

/* ld.so divides by the alignment of a TLS block that is not there. */
static void check_tls(struct requirer *q, const struct binding *b, const struct object *provider)
{
	if ((b->type == R_X86_64_TPOFF64 || b->type == R_X86_64_TLSDESC) && !provider->tls)
		job_refuse(q->bind->job, REASON_TLS_MISMATCH,
			   "'%s' takes '%s' for thread-local, but '%s' has no such data",
			   member_path(q, q->index), b->symbol, member_path(q, b->provider));
}

static void bind_found(struct requirer *q, struct binding *b, const struct answer *a)
{
	const struct object *o = q->bind->job->out->members[a->member].object;
	const Elf64_Sym *s = &o->symbols[a->symbol];

	b->provider = a->member;
	b->provider_symbol = a->symbol;
	b->value = s->st_value;
	b->absolute = s->st_shndx == SHN_ABS;
	b->unique = ELF64_ST_BIND(s->st_info) == STB_GNU_UNIQUE;
	switch (b->type) {
	case R_X86_64_64:
	case R_X86_64_GLOB_DAT:
	case R_X86_64_JUMP_SLOT:
		if (stands_in(q, b, s))
			bind_stand_in(q, b);
		else
			bind_value(q, b, s);
		break;
	case R_X86_64_COPY:
		check_copy(q, b, s);
		b->kind = BINDING_RESIDUAL;
		break;
	default:
		check_tls(q, b, o);
		b->kind = BINDING_RESIDUAL;
	}
}

static bool binds_itself(const struct requirer *q, const struct binding *b, const Elf64_Sym *ref)
{
	unsigned visibility = ELF64_ST_VISIBILITY(ref->st_other);

	/* The lazy path does not search for anything that is not of default visibility. */
	if (is_lazy_slot(q, b))
		return visibility != STV_DEFAULT;
	return ELF64_ST_BIND(ref->st_info) == STB_LOCAL || visibility == STV_HIDDEN ||
	       visibility == STV_INTERNAL;
}

/*
 * A protected symbol of one's own: calls stay at home; an address is taken at
 * home too, but where only the executable's copy or stand-in comes before it.
 * Releases before 2.36 had more exceptions for data, so whatever does not
 * simply lead home is ld.so's work; the provider is told by the present rule.
 */
static void bind_protected(struct requirer *q, struct binding *b)
{
	const struct answer home = {q->index, b->symbol_index, ANSWER_FOUND};
	enum type_class class = class_of(b->type);
	struct answer a = look_up(q, b->symbol_index, class), call;
	bool leads_home = a.member == q->index;

	if (a.status != ANSWER_FOUND) {
		leave(q, b);
		return;
	}
	call = look_up(q, b->symbol_index, CLASS_PLT);
	if (class == CLASS_PLT || call.member != q->index)
		a = home;
	bind_found(q, b, &a);
	if ((class != CLASS_PLT && !leads_home) || b->unique)
		leave(q, b);
}

static void bind_symbol(struct requirer *q, struct binding *b)
{
	const Elf64_Sym *ref = &q->object->symbols[b->symbol_index];
	const struct answer home = {q->index, b->symbol_index, ANSWER_FOUND};
	struct answer a;

	if (ELF64_ST_VISIBILITY(ref->st_other) != STV_DEFAULT && ref->st_shndx == SHN_UNDEF) {
		leave(q, b);
	} else if (binds_itself(q, b, ref)) {
		bind_found(q, b, &home);
		b->unique = 0;
	} else if (ELF64_ST_BIND(ref->st_info) == STB_LOCAL) {
		leave(q, b);
	} else if (ELF64_ST_VISIBILITY(ref->st_other) == STV_PROTECTED) {
		bind_protected(q, b);
	} else {
		a = look_up(q, b->symbol_index, class_of(b->type));
		if (a.status == ANSWER_FOUND)
			bind_found(q, b, &a);
		else
			bind_nothing(q, b, a.status);
		if (a.status == ANSWER_FOUND)
			bind_note_answer(q, b, &a);
	}
}

static void bind_relocation(struct requirer *q, const Elf64_Rela *r, bool plt)
{
	struct binding *b = &q->member->bindings[q->member->binding_count++];

	reference_make(q->object, r, plt, b);
	if (!reference_supported(r)) {
		b->kind = BINDING_RESIDUAL;
		job_refuse(q->bind->job, REASON_RELOCATION_TYPE, "'%s' has a relocation of type %u",
			   member_path(q, q->index), (unsigned)ELF64_R_TYPE(r->r_info));
	} else if (!b->symbol) {
		leave(q, b);
	} else {
		bind_symbol(q, b);
	}
}

static void bind_table(struct requirer *q, const Elf64_Rela *r, size_t count, bool plt)
{
	for (size_t i = 0; i < count; i++)
		if (reference_is(&r[i]))
			bind_relocation(q, &r[i], plt);
}

/* Which members the files of the requirer's versions are. */
static void find_version_files(struct requirer *q)
{
	const struct object *o = q->object;

	q->version_files = xcalloc(o->version_count, sizeof(*q->version_files));
	for (size_t i = 0; i < o->version_count; i++)
		q->version_files[i] = o->versions[i].file
					  ? closure_find(q->bind->job, o->versions[i].file)
					  : PROVIDER_NONE;
}

static void bind_member(struct bind *bind, uint32_t index)
{
	struct member *m = &bind->job->out->members[index];
	const struct object *o = m->object;
	struct requirer q = {
	    .bind = bind,
	    .index = index,
	    .object = o,
	    .member = m,
	    .symbolic = o->symbolic && index != 0,
	};

	m->bindings = arena_alloc(bind->job->arena, reference_count(o) * sizeof(*m->bindings));
	find_version_files(&q);
	q.known[CLASS_ANY] = xcalloc(o->symbol_count * 2, sizeof(*q.known[0]));
	q.known[CLASS_PLT] = q.known[CLASS_ANY] + o->symbol_count;
	bind_table(&q, o->rela, o->rela_count, false);
	bind_table(&q, o->plt, o->plt_count, true);
	free(q.known[CLASS_ANY]);
	free(q.version_files);
}

static void count_lazy(struct mapping *out)
{
	for (size_t i = 0; i < out->member_count; i++)
		for (size_t k = 0; k < out->members[i].binding_count; k++)
			out->lazy_left += out->members[i].bindings[k].kind == BINDING_LAZY;
}

void bind_all(struct job *j)
{
	struct bind bind = {.job = j, .scope = scope_make(j)};

	for (uint32_t i = 0; i < j->out->member_count; i++)
		if (!j->out->members[i].is_loader)
			bind_member(&bind, i);
	bind_unique(&bind);
	bind_finish(&bind);
	count_lazy(j->out);
	scope_free(bind.scope);
}
