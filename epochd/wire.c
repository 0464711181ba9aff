#include "epochd/wire.h"

#include "image/reason.h"
#include "matr-ld/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NO_TEXT UINT32_MAX
#define LONGEST_TEXT 65536

enum { FLAG_ABSOLUTE = 1, FLAG_UNIQUE = 2 };

struct wire_member {
	struct identity identity;
	uint64_t key;
	uint32_t requirer, found_by, is_loader, bindings;
};

struct wire_binding {
	uint32_t provider, symbol;
	uint8_t kind, flags;
	uint16_t zero;
};

/* ---- writing ---- */

struct writer {
	char *at;
	size_t room;
	bool full;
};

static void put(struct writer *w, const void *from, size_t bytes)
{
	if (bytes > w->room) {
		w->full = true;
		return;
	}
	if (bytes)
		memcpy(w->at, from, bytes);
	w->at += bytes;
	w->room -= bytes;
}

static void put_text(struct writer *w, const char *s)
{
	uint32_t bytes = s ? (uint32_t)strlen(s) : NO_TEXT;

	put(w, &bytes, sizeof(bytes));
	if (s)
		put(w, s, bytes);
}

static void put_bindings(struct writer *w, const struct member *m)
{
	size_t bytes = m->binding_count * sizeof(struct wire_binding);
	char *to = w->at;

	if (bytes > w->room) {
		w->full = true;
		return;
	}
	for (size_t i = 0; i < m->binding_count; i++, to += sizeof(struct wire_binding)) {
		const struct binding *b = &m->bindings[i];
		struct wire_binding x = {
			.provider = b->provider,
			.symbol = b->provider_symbol,
			.kind = b->kind,
			.flags = (b->absolute ? FLAG_ABSOLUTE : 0) | (b->unique ? FLAG_UNIQUE : 0),
		};

		memcpy(to, &x, sizeof(x));
	}
	w->at += bytes;
	w->room -= bytes;
}

static void put_member(struct writer *w, const struct member *m)
{
	struct wire_member x = {.identity = m->identity,
				.key = m->object_key,
				.requirer = m->requirer,
				.found_by = m->found_by,
				.is_loader = m->is_loader,
				.bindings = (uint32_t)m->binding_count};

	put(w, &x, sizeof(x));
	put_text(w, m->path);
	put_text(w, m->request);
	put_text(w, m->found_in);
	put_bindings(w, m);
}

size_t wire_write(const struct answer *a, void *to, size_t room)
{
	const struct mapping *m = &a->mapping;
	struct answer_head head = {.reason = m->reason,
				   .code = a->code,
				   .needs_path = m->needs_path,
				   .members = (uint32_t)m->member_count,
				   .denied = (uint32_t)a->denied_count};
	struct writer w = {.at = to, .room = room};

	put(&w, &head, sizeof(head));
	put_text(&w, m->path);
	put_text(&w, m->detail);
	put_text(&w, a->text);
	for (size_t i = 0; i < a->denied_count; i++)
		put_text(&w, a->denied[i]);
	for (size_t i = 0; i < m->member_count; i++)
		put_member(&w, &m->members[i]);
	return w.full ? 0 : (size_t)(w.at - (char *)to);
}

/* ---- reading ---- */

struct wire {
	const struct wire_reading *r;
	const char *at;
	size_t left;
	const char *bad; /* what is wrong; NULL: nothing so far */
	int code;
	struct mapping *m;
	size_t fixup_capacity;
};

static bool wrong(struct wire *w, const char *what)
{
	if (!w->bad) {
		w->bad = what;
		w->code = -EBADMSG;
	}
	return false;
}

static const void *take(struct wire *w, size_t bytes)
{
	const char *from = w->at;

	if (bytes > w->left) {
		wrong(w, "it ends too early");
		return NULL;
	}
	w->at += bytes;
	w->left -= bytes;
	return from;
}

static bool get(struct wire *w, void *to, size_t bytes)
{
	const void *from = take(w, bytes);

	if (from)
		memcpy(to, from, bytes);
	return from;
}

static const char *get_text(struct wire *w)
{
	uint32_t bytes = NO_TEXT;
	const char *from;
	char *to;

	if (!get(w, &bytes, sizeof(bytes)) || bytes == NO_TEXT)
		return NULL;
	if (bytes > LONGEST_TEXT) {
		wrong(w, "a text is too long");
		return NULL;
	}
	from = take(w, bytes);
	if (!from)
		return NULL;
	if (memchr(from, 0, bytes)) {
		wrong(w, "a text has a NUL");
		return NULL;
	}
	to = arena_alloc(w->r->arena, (size_t)bytes + 1);
	memcpy(to, from, bytes);
	return to;
}

/* The engine's own copy of the object, which must be the one that the worker saw. */
static bool look_at_object(struct wire *w, struct member *m, const struct wire_member *x)
{
	const struct object *o = resolver_object(w->r->resolver, m->path);

	if (!o || o->key != x->key || !identity_equal(&o->identity, &x->identity)) {
		wrong(w, "a file has changed meanwhile");
		w->code = -ESTALE;
		return false;
	}
	m->object = o;
	m->soname = o->soname;
	m->search_path = o->runpath ? o->runpath : o->rpath;
	m->identity = o->identity;
	m->object_key = o->key;
	memcpy(m->build_id, o->build_id, sizeof(m->build_id));
	m->build_id_bytes = o->build_id_bytes;
	return true;
}

static bool get_answers(struct wire *w, struct member *m, uint32_t count)
{
	const struct wire_binding *x = take(w, (size_t)count * sizeof(*x));

	if (!x)
		return false;
	m->bindings = resolver_references(m->object, w->r->arena, &m->binding_count);
	if (m->is_loader || m->binding_count != count)
		return wrong(w, "a member has another number of bindings");
	for (size_t i = 0; i < count; i++, x++) {
		struct wire_binding y;

		memcpy(&y, x, sizeof(y));
		m->bindings[i].provider = y.provider;
		m->bindings[i].provider_symbol = y.symbol;
		m->bindings[i].kind = y.kind;
		m->bindings[i].absolute = y.flags & FLAG_ABSOLUTE ? 1 : 0;
		m->bindings[i].unique = y.flags & FLAG_UNIQUE ? 1 : 0;
	}
	return true;
}

static bool get_member(struct wire *w, size_t i)
{
	const char *loader = resolver_system(w->r->resolver)->loader_path;
	struct member *m = &w->m->members[i];
	struct wire_member x;

	if (!get(w, &x, sizeof(x)))
		return false;
	m->path = get_text(w);
	m->request = get_text(w);
	m->found_in = get_text(w);
	m->requirer = x.requirer;
	m->found_by = x.found_by;
	m->is_loader = x.is_loader;
	if (w->bad || !m->path || m->path[0] != '/' || x.requirer > i || x.found_by > FOUND_LOADER ||
	    x.is_loader > 1 || (x.is_loader && strcmp(m->path, loader)) || (i && !m->request))
		return wrong(w, "a member is not as it must be");
	return look_at_object(w, m, &x) && (!x.bindings || get_answers(w, m, x.bindings));
}

/* ---- what an answer says must be so ---- */

static bool is_word(const struct binding *b)
{
	return b->type == R_X86_64_64 || b->type == R_X86_64_GLOB_DAT ||
	       b->type == R_X86_64_JUMP_SLOT;
}

static bool kind_fits(const struct member *from, const struct binding *b, const Elf64_Sym *s)
{
	unsigned type = s ? ELF64_ST_TYPE(s->st_info) : STT_NOTYPE;
	bool chosen = s && type == STT_GNU_IFUNC && s->st_shndx != SHN_UNDEF;
	bool absolute = s && s->st_shndx == SHN_ABS;

	switch (b->kind) {
	case BINDING_VALUE:
	case BINDING_EXECUTABLE:
		return s && is_word(b) && !chosen && type != STT_TLS && b->absolute == absolute;
	case BINDING_IFUNC:
		return chosen && is_word(b) && !b->addend && !b->absolute && !absolute;
	case BINDING_ZERO:
		return !s && b->weak && is_word(b);
	case BINDING_LAZY:
		return b->plt && b->type == R_X86_64_JUMP_SLOT && !from->object->bind_now;
	default:
		return b->kind == BINDING_RESIDUAL;
	}
}

/* The executable's values are a list of their own, in the order of the bindings. */
static void add_fixup(struct wire *w, size_t member, size_t binding, uint64_t value)
{
	struct mapping *m = w->m;

	m->fixups = array_grow(m->fixups, m->fixup_count, &w->fixup_capacity, sizeof(*m->fixups));
	m->fixups[m->fixup_count++] = (struct fixup){
		.member = (uint32_t)member, .binding = (uint32_t)binding, .value = value};
}

/* A definition of that very name; an executable's undefined function with an address is one. */
static bool defines(const struct object *o, uint32_t symbol, const struct object *asker,
		    uint32_t wanted)
{
	const Elf64_Sym *s;

	if (symbol >= o->symbol_count || o->name_hash[symbol] != asker->name_hash[wanted])
		return false;
	s = &o->symbols[symbol];
	if (s->st_shndx == SHN_UNDEF && !s->st_value)
		return false;
	/* Hashes of 32 bits meet by chance, and can be made to. */
	return !strcmp(object_symbol_name(o, symbol), object_symbol_name(asker, wanted));
}

static bool check_answer(struct wire *w, size_t member, size_t i)
{
	const struct member *from = &w->m->members[member];
	struct binding *b = &from->bindings[i];
	const struct object *o;
	const Elf64_Sym *s;
	bool executable = b->provider == 0 && member != 0 && !b->absolute;

	if (b->provider == PROVIDER_NONE)
		return kind_fits(from, b, NULL);
	if (b->provider >= w->m->member_count)
		return false;
	o = w->m->members[b->provider].object;
	if (!b->symbol || !defines(o, b->provider_symbol, from->object, b->symbol_index))
		return false;
	s = &o->symbols[b->provider_symbol];
	b->value = executable ? 0 : s->st_value;
	if (b->kind == BINDING_EXECUTABLE)
		add_fixup(w, member, i, s->st_value);
	if ((b->kind == BINDING_EXECUTABLE && !executable) ||
	    (b->kind == BINDING_VALUE && executable))
		return false;
	return kind_fits(from, b, s);
}

static bool check_member(struct wire *w, size_t i)
{
	const struct member *m = &w->m->members[i];
	bool complete = w->r->bindings && !w->m->reason && !m->is_loader;

	if (complete && !m->binding_count && reference_count(m->object))
		return wrong(w, "a member has no bindings");
	for (size_t k = 0; k < m->binding_count; k++) {
		if (!check_answer(w, i, k))
			return wrong(w, "a binding cannot be so");
		w->m->lazy_left += m->bindings[k].kind == BINDING_LAZY;
	}
	return true;
}

static bool check_mapping(struct wire *w)
{
	struct mapping *m = w->m;

	if (w->left)
		return wrong(w, "it goes on behind its end");
	if (m->member_count && strcmp(m->members[0].path, m->path))
		return wrong(w, "the program is another one");
	for (size_t i = 0; i < m->member_count; i++)
		if (!check_member(w, i))
			return false;
	if (m->reason)
		return true;
	if (!m->member_count || resolver_confirm(w->r->resolver, m, w->r->arena))
		return wrong(w, "the program is not eligible");
	return true;
}

static bool get_denied(struct wire *w, struct answer *out, uint32_t count)
{
	if (count > w->left / sizeof(uint32_t))
		return wrong(w, "it ends too early");
	out->denied = arena_alloc(w->r->arena, count * sizeof(*out->denied));
	for (; out->denied_count < count; out->denied_count++) {
		out->denied[out->denied_count] = get_text(w);
		if (!out->denied[out->denied_count])
			return wrong(w, "a path is missing");
	}
	return true;
}

static bool read_all(struct wire *w, struct answer *out)
{
	struct answer_head head;

	if (!get(w, &head, sizeof(head)))
		return false;
	w->m->path = get_text(w);
	w->m->detail = get_text(w);
	out->text = get_text(w);
	out->code = head.code;
	w->m->reason = head.reason;
	w->m->needs_path = head.needs_path;
	if (w->bad || !w->m->path || head.needs_path > 1 || head.code > 0 || head.reason >= 100 ||
	    (head.code < 0) != (out->text != NULL) || !head.reason == !!w->m->detail ||
	    head.members > w->left / sizeof(struct wire_member) || (head.code < 0 && head.members))
		return wrong(w, "its head is not as it must be");
	if (!get_denied(w, out, head.denied))
		return false;
	w->m->members = arena_alloc(w->r->arena, head.members * sizeof(*w->m->members));
	w->m->member_count = head.members;
	for (size_t i = 0; i < head.members; i++)
		if (!get_member(w, i))
			return false;
	return head.code < 0 || check_mapping(w);
}

int wire_read(const struct wire_reading *r, struct answer *out, struct err *e)
{
	struct answer answer = {0};
	struct wire w = {.r = r, .at = r->from, .left = r->bytes, .m = &answer.mapping};
	struct fixup *fixups;
	bool good = read_all(&w, &answer);

	fixups = answer.mapping.fixups;
	answer.mapping.fixups =
		arena_memdup(r->arena, fixups, answer.mapping.fixup_count * sizeof(*fixups));
	free(fixups);
	if (!good)
		return err_set(e, w.code, "what a worker answered cannot be used: %s", w.bad);
	*out = answer;
	return 0;
}
