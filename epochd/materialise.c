#include "epochd/materialise.h"

#include <stdlib.h>
#include <string.h>

#ifndef DT_RELR
#define DT_RELRSZ 35
#define DT_RELR 36
#define DT_RELRENT 37
#endif

void words_release(struct words *w)
{
	free(w->at);
	free(w->moves);
	*w = (struct words){0};
}

void materialised_release(struct materialised *m)
{
	words_release(&m->words);
	words_release(&m->relative);
	free(m->residuals.at);
	*m = (struct materialised){0};
}

static void add_word(struct words *w, struct matr_word word, bool moves)
{
	size_t room = w->capacity;

	w->at = array_grow(w->at, w->count, &w->capacity, sizeof(*w->at));
	w->moves = array_grow(w->moves, w->count, &room, sizeof(*w->moves));
	w->moves[w->count] = moves;
	w->at[w->count++] = word;
}

static void add_residual(struct residuals *r, uint64_t offset, uint64_t info, uint64_t addend)
{
	r->at = array_grow(r->at, r->count, &r->capacity, sizeof(*r->at));
	r->at[r->count++] = (Elf64_Rela){offset, info, (int64_t)addend};
}

/* One object being materialised. */
struct job {
	const struct object *object;
	const struct layout *layout;
	struct materialised *out;
	uint64_t base;    /* library: load address; executable: 0 */
	bool executable, slides;
	struct object_data data; /* loaded where some word depends on what the file has there */
};

/* A word whose value is `value` plus the object's own load address. */
static void self_word(const struct job *j, uint64_t vaddr, uint64_t value)
{
	struct words *w = j->executable ? &j->out->relative : &j->out->words;

	add_word(w, (struct matr_word){j->base + vaddr, j->base + value}, true);
}

static void value_word(const struct job *j, uint64_t vaddr, uint64_t value, bool moves)
{
	add_word(&j->out->words, (struct matr_word){j->base + vaddr, value}, moves);
}

static uint64_t file_word(const struct job *j, uint64_t vaddr)
{
	const uint8_t *at = object_data_at(&j->data, vaddr, 8);
	uint64_t word = 0;

	if (at)
		memcpy(&word, at, sizeof(word));
	return word;
}

static void relative_words(const struct job *j)
{
	const struct object *o = j->object;

	for (size_t i = 0; i < o->rela_count; i++)
		if (ELF64_R_TYPE(o->rela[i].r_info) == R_X86_64_RELATIVE)
			self_word(j, o->rela[i].r_offset, (uint64_t)o->rela[i].r_addend);
	for (size_t i = 0; i < o->plt_count; i++)
		if (ELF64_R_TYPE(o->plt[i].r_info) == R_X86_64_RELATIVE)
			self_word(j, o->plt[i].r_offset, (uint64_t)o->plt[i].r_addend);
}

/* gABI proposal for SHT_RELR: an even word is an address, an odd one a bitmap of 63 words. */
static void relr_words(const struct job *j)
{
	uint64_t where = 0;

	for (size_t i = 0; i < j->object->relr_count; i++) {
		uint64_t entry = j->object->relr[i];

		if (!(entry & 1)) {
			self_word(j, entry, file_word(j, entry));
			where = entry + 8;
			continue;
		}
		for (unsigned bit = 0; bit < 63; bit++)
			if (entry >> (bit + 1) & 1)
				self_word(j, where + 8 * bit, file_word(j, where + 8 * bit));
		where += 63 * 8;
	}
}

static bool provider_base(const struct job *j, const struct entry *b, uint64_t *base)
{
	const struct slot *s;

	if (b->absolute) {
		*base = 0;
		return true;
	}
	if (b->provider == OBJECT_SELF) {
		*base = j->base;
		return true;
	}
	s = b->provider ? layout_find(j->layout, b->provider) : NULL;
	/* The one object of a closure without a slot is the loader. */
	*base = s ? s->base : j->layout->loader_base;
	return b->provider != OBJECT_NONE;
}

static void residual(const struct job *j, const struct entry *b)
{
	uint64_t info = ELF64_R_INFO((uint64_t)b->symbol_index, b->type);

	add_residual(&j->out->residuals, b->offset, info, (uint64_t)b->addend);
}

static void value_binding(const struct job *j, const struct entry *b)
{
	uint64_t value = b->value + (uint64_t)b->addend, base = 0;
	bool self = b->provider == OBJECT_SELF && !b->absolute;

	if (self)
		self_word(j, b->offset, value);
	else if (provider_base(j, b, &base))
		value_word(j, b->offset, base + value, !b->absolute);
	else
		residual(j, b);
}

/* Everything but what runs code: those come last. */
static void plain_binding(const struct job *j, const struct entry *b)
{
	switch (b->kind) {
	case BINDING_VALUE:
		value_binding(j, b);
		break;
	case BINDING_ZERO:
		value_word(j, b->offset, (uint64_t)b->addend, false);
		break;
	case BINDING_LAZY:
		self_word(j, b->offset, file_word(j, b->offset));
		break;
	case BINDING_RESIDUAL:
		if (b->type != R_X86_64_IRELATIVE)
			residual(j, b);
		break;
	}
}

/* The distance from an executable to a library is not known before exec. */
static bool resolver_moves(const struct job *j, const struct entry *b)
{
	return b->kind == BINDING_IFUNC && j->executable && j->slides && !b->absolute &&
	       b->provider != OBJECT_NONE && b->provider != OBJECT_SELF &&
	       b->provider != OBJECT_EXECUTABLE;
}

static void resolver_binding(const struct job *j, const struct entry *b)
{
	uint64_t base;

	if (b->kind == BINDING_RESIDUAL && b->type == R_X86_64_IRELATIVE) {
		residual(j, b);
	} else if (b->kind == BINDING_IFUNC && !resolver_moves(j, b)) {
		if ((j->executable && j->object->elf_type != ET_EXEC) ||
		    !provider_base(j, b, &base))
			residual(j, b);
		else
			add_residual(&j->out->residuals, b->offset, R_X86_64_IRELATIVE,
				     base + b->value - j->base);
	}
}

static void moving_resolver_binding(const struct job *j, const struct entry *b)
{
	uint64_t base = 0;

	if (!resolver_moves(j, b))
		return;
	provider_base(j, b, &base);
	add_residual(&j->out->residuals, b->offset, R_X86_64_IRELATIVE, base + b->value);
	j->out->moving_residuals++;
}

/* Residuals need a DT_RELA; a DT_RELR trio of a library can be made one. */
static bool residuals_have_room(const struct job *j)
{
	if (!j->out->residuals.count || dynamic_entry_value(j->object, DT_RELA))
		return true;
	return !j->executable && dynamic_entry_value(j->object, DT_RELR) &&
	       dynamic_entry_value(j->object, DT_RELRENT);
}

/* RELR words and lazy slots hold what the file has there, plus the base. */
static bool needs_data(const struct job *j, const struct entries *e)
{
	if (j->object->relr_count)
		return true;
	for (size_t i = 0; i < e->count; i++)
		if (e->at[i].kind == BINDING_LAZY)
			return true;
	return false;
}

static int load_data(struct job *j, const struct entries *entries, struct err *e)
{
	return needs_data(j, entries) ? object_data_load(&j->data, j->object, e) : 0;
}

static int materialise(struct job *j, const struct table *t, struct err *e)
{
	struct entries entries = table_entries(t);
	int ret = load_data(j, &entries, e);

	if (ret == 0) {
		relative_words(j);
		relr_words(j);
		for (size_t i = 0; i < entries.count; i++)
			plain_binding(j, &entries.at[i]);
		for (size_t i = 0; i < entries.count; i++)
			resolver_binding(j, &entries.at[i]);
		for (size_t i = 0; i < entries.count; i++)
			moving_resolver_binding(j, &entries.at[i]);
		ret = residuals_have_room(j);
	}
	object_data_release(&j->data);
	entries_release(&entries);
	if (ret <= 0)
		materialised_release(j->out);
	return ret;
}

int materialise_patch(const struct table *t, const struct slot *s, const struct layout *l,
		      struct words *out, struct err *e)
{
	struct entries own = {.at = t->entries, .count = t->count};
	struct materialised m = {0};
	struct job j = {.object = t->object, .layout = l, .out = &m, .base = s->base};
	int ret = load_data(&j, &own, e);

	for (size_t i = 0; ret == 0 && i < own.count; i++)
		plain_binding(&j, &own.at[i]);
	object_data_release(&j.data);
	*out = m.words;
	m.words = (struct words){0};
	materialised_release(&m);
	return ret;
}

int materialise_library(const struct table *t, const struct slot *s, const struct layout *l,
			struct materialised *out, struct err *e)
{
	struct job j = {.object = t->object, .layout = l, .out = out, .base = s->base};

	return s->materialisable ? materialise(&j, t, e) : 0;
}

int materialise_executable(const struct executable_request *r, struct materialised *out,
			   struct err *e)
{
	struct job j = {.object = r->table->object,
			.layout = r->layout,
			.out = out,
			.executable = true,
			.slides = r->slides};

	return object_materialisable(r->table->object) ? materialise(&j, r->table, e) : 0;
}

static uint64_t dynamic_entry(const struct object *o, int64_t tag)
{
	uint64_t at = 0;

	/* Of a tag given twice ld.so takes the last. */
	for (size_t i = 0; i < o->dynamic_count && o->dynamic[i].d_tag != DT_NULL; i++)
		if (o->dynamic[i].d_tag == tag)
			at = o->dynamic_phdr->p_vaddr + i * sizeof(Elf64_Dyn);
	return at;
}

uint64_t dynamic_entry_value(const struct object *o, int64_t tag)
{
	uint64_t at = dynamic_entry(o, tag);

	return at ? at + offsetof(Elf64_Dyn, d_un) : 0;
}

static void set_value(const struct dynamic_edit *d, int64_t tag, uint64_t value, struct words *out)
{
	uint64_t at = dynamic_entry_value(d->object, tag);

	if (at)
		add_word(out, (struct matr_word){d->base + at, value}, false);
}

static void rename_tag(const struct dynamic_edit *d, int64_t from, int64_t to, struct words *out)
{
	uint64_t at = dynamic_entry(d->object, from);

	if (at)
		add_word(out, (struct matr_word){d->base + at, (uint64_t)to}, false);
}

static void relr_becomes_rela(const struct dynamic_edit *d, uint64_t address, uint64_t bytes,
			      struct words *out)
{
	rename_tag(d, DT_RELR, DT_RELA, out);
	rename_tag(d, DT_RELRSZ, DT_RELASZ, out);
	rename_tag(d, DT_RELRENT, DT_RELAENT, out);
	set_value(d, DT_RELR, address, out);
	set_value(d, DT_RELRSZ, bytes, out);
	set_value(d, DT_RELRENT, sizeof(Elf64_Rela), out);
}

void materialise_dynamic(const struct dynamic_edit *d, struct words *out)
{
	uint64_t bytes = d->residual_count * sizeof(Elf64_Rela);
	uint64_t address = d->residual_address - d->base; /* modulo 2^64: ld.so adds the base */
	bool has_rela = dynamic_entry_value(d->object, DT_RELA) != 0;

	set_value(d, DT_PLTRELSZ, 0, out);
	if (!has_rela && bytes) {
		relr_becomes_rela(d, address, bytes, out);
		return;
	}
	set_value(d, DT_RELRSZ, 0, out);
	set_value(d, DT_RELASZ, bytes, out);
	set_value(d, DT_RELACOUNT, 0, out);
	if (bytes && !d->executable)
		set_value(d, DT_RELA, address, out);
}

/* Those that ld.so adds the load address to where .dynamic is writable (2.31 to 2.43). */
static const int64_t adjusted[] = {DT_HASH,   DT_PLTGOT, DT_STRTAB, DT_SYMTAB,  DT_RELA,
				   DT_REL,    DT_JMPREL, DT_VERSYM, DT_GNU_HASH};

void materialise_own_dynamic(const struct object *o, uint64_t base, struct words *out)
{
	for (size_t i = 0; i < sizeof(adjusted) / sizeof(adjusted[0]); i++) {
		uint64_t at = dynamic_entry_value(o, adjusted[i]);
		size_t index = at ? (at - o->dynamic_phdr->p_vaddr) / sizeof(Elf64_Dyn) : 0;

		if (at)
			add_word(out,
				 (struct matr_word){base + at, base + o->dynamic[index].d_un.d_ptr},
				 true);
	}
}

/* Together: ld.so takes DT_PLTREL for a sign that there is a DT_JMPREL. */
static void remove_plt(Elf64_Dyn *view, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (view[i].d_tag != DT_JMPREL && view[i].d_tag != DT_PLTREL)
			view[kept++] = view[i];
	memset(view + kept, 0, (count - kept) * sizeof(*view)); /* DT_NULL */
}

void materialise_view(const struct dynamic_edit *d, Elf64_Dyn *out)
{
	const struct object *o = d->object;
	uint64_t soname = dynamic_entry(o, DT_SONAME);
	struct words edits = {0};
	Elf64_Dyn first;

	memcpy(out, o->dynamic, o->dynamic_count * sizeof(*out));
	materialise_dynamic(d, &edits);
	for (size_t i = 0; i < edits.count; i++)
		memcpy((char *)out + (edits.at[i].where - d->base - o->dynamic_phdr->p_vaddr),
		       &edits.at[i].value, sizeof(edits.at[i].value));
	words_release(&edits);
	if (soname) {
		soname = (soname - o->dynamic_phdr->p_vaddr) / sizeof(*out);
		first = out[soname];
		memmove(out + 1, out, soname * sizeof(*out));
		out[0] = first;
	}
	if (d->no_plt)
		remove_plt(out, o->dynamic_count);
}
