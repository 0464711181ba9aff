/* The relocation tables, and where they point. */
#include "matr-ld/reader.h"

#include <errno.h>

/* `bytes_tag` absent means an empty table. */
static const void *read_table(struct reader *r, int64_t tag, uint64_t bytes, const char *what)
{
	uint64_t at;

	if (!bytes || !object_dynamic(r->o, tag, &at))
		return NULL;
	return reader_vaddr(r, at, bytes, what);
}

/* ld.so takes a part of an entry for a whole one; nobody shall have to know what it finds there. */
static int check_multiple(struct reader *r, int64_t tag, size_t entry, const char *what)
{
	uint64_t bytes;

	if (object_dynamic(r->o, tag, &bytes) && bytes % entry)
		return reader_malformed(r, "%s", what);
	return 0;
}

static int check_sizes(struct reader *r)
{
	uint64_t v;

	check_multiple(r, DT_RELASZ, sizeof(Elf64_Rela), "DT_RELASZ ends inside a relocation");
	check_multiple(r, DT_PLTRELSZ, sizeof(Elf64_Rela), "DT_PLTRELSZ ends inside a relocation");
	check_multiple(r, DT_RELRSZ, sizeof(uint64_t), "DT_RELRSZ ends inside an entry");
	if (object_dynamic(r->o, DT_RELAENT, &v) && v != sizeof(Elf64_Rela))
		return reader_malformed(r, "DT_RELAENT is not the size of a relocation");
	if (object_dynamic(r->o, DT_RELRENT, &v) && v != sizeof(uint64_t))
		return reader_malformed(r, "DT_RELRENT is not the size of an address");
	if (object_dynamic(r->o, DT_PLTREL, &v) && v != DT_RELA)
		return reader_malformed(r, "DT_PLTREL is not DT_RELA");
	return r->code;
}

/* ld.so gives up where one of the first DT_RELACOUNT relocations is another one. */
static int check_count(struct reader *r)
{
	const struct object *o = r->o;
	uint64_t count = 0;

	object_dynamic(o, DT_RELACOUNT, &count);
	for (size_t i = 0; i < count && i < o->rela_count; i++)
		if (ELF64_R_TYPE(o->rela[i].r_info) != R_X86_64_RELATIVE)
			return reader_malformed(r, "DT_RELACOUNT counts what is not relative");
	return r->code;
}

int object_read_relocations(struct reader *r)
{
	struct object *o = r->o;
	uint64_t rela = 0, plt = 0, rela_bytes = 0, plt_bytes = 0, relr_bytes = 0, v;

	if (check_sizes(r) < 0)
		return r->code;
	if (object_dynamic(o, DT_RELA, &rela))
		object_dynamic(o, DT_RELASZ, &rela_bytes);
	if (object_dynamic(o, DT_PLTREL, &v) && object_dynamic(o, DT_JMPREL, &plt))
		object_dynamic(o, DT_PLTRELSZ, &plt_bytes);
	if (object_dynamic(o, DT_RELR, &v))
		object_dynamic(o, DT_RELRSZ, &relr_bytes);
	/* Old linkers count the PLT's part into DT_RELASZ too. */
	if (plt_bytes && plt_bytes <= rela_bytes && rela + rela_bytes == plt + plt_bytes)
		rela_bytes -= plt_bytes;
	o->rela = read_table(r, DT_RELA, rela_bytes, "DT_RELA");
	o->plt = read_table(r, DT_JMPREL, plt_bytes, "DT_JMPREL");
	o->relr = read_table(r, DT_RELR, relr_bytes, "DT_RELR");
	o->rela_count = o->rela ? rela_bytes / sizeof(*o->rela) : 0;
	o->plt_count = o->plt ? plt_bytes / sizeof(*o->plt) : 0;
	o->relr_count = o->relr ? relr_bytes / sizeof(*o->relr) : 0;
	return r->code < 0 ? r->code : check_count(r);
}

static bool words_writable(const struct object *o, const Elf64_Rela *rela, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ELF64_R_TYPE(rela[i].r_info) != R_X86_64_NONE &&
		    ELF64_R_TYPE(rela[i].r_info) != R_X86_64_COPY &&
		    !object_in_data(o, rela[i].r_offset, 8))
			return false;
	return true;
}

static bool relr_writable(const struct object *o)
{
	uint64_t where = 0, bits, at;

	for (size_t i = 0; i < o->relr_count; i++) {
		if (!(o->relr[i] & 1)) {
			where = o->relr[i];
			if (!object_in_data(o, where, 8))
				return false;
			where += 8;
			continue;
		}
		for (bits = o->relr[i] >> 1, at = where; bits; bits >>= 1, at += 8)
			if (bits & 1 && !object_in_data(o, at, 8))
				return false;
		where += 63 * 8;
	}
	return true;
}

static const Elf64_Phdr *first_load(const struct object *o)
{
	for (size_t i = 0; i < o->phdr_count; i++)
		if (o->phdr[i].p_type == PT_LOAD)
			return &o->phdr[i];
	return NULL;
}

bool object_materialisable(const struct object *o)
{
	const Elf64_Phdr *first = first_load(o);

	return first && !(first->p_flags & PF_W) && o->dynamic_phdr &&
	       object_in_data(o, o->dynamic_phdr->p_vaddr, o->dynamic_phdr->p_filesz) &&
	       words_writable(o, o->rela, o->rela_count) &&
	       words_writable(o, o->plt, o->plt_count) && relr_writable(o);
}

static bool all_aligned(const Elf64_Rela *r, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (r[i].r_offset % 8)
			return false;
	return true;
}

bool object_words_aligned(const struct object *o)
{
	/* An odd entry of RELR is a bitmap. */
	for (size_t i = 0; i < o->relr_count; i++)
		if (!(o->relr[i] & 1) && o->relr[i] % 8)
			return false;
	return all_aligned(o->rela, o->rela_count) && all_aligned(o->plt, o->plt_count);
}
