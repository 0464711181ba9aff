/* The shim's segments and the loader's symbol tables, in one file. */
#include "matr/system_file.h"

#include "common/arena.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A file and its headers, checked. */
struct elf {
	const struct buf *file;
	const Elf64_Ehdr *header;
	const Elf64_Shdr *sections;
	const char *what; /* for errors */
};

struct making_file {
	struct elf shim, loader;
	struct buf *out;
	size_t start; /* where the file begins in `out` */
	Elf64_Shdr *sections;
	uint64_t debug_state; /* the shim's, a vaddr */
};

static const char debug_state[] = "_dl_debug_state";

static bool inside(const struct buf *b, uint64_t offset, uint64_t bytes)
{
	return offset <= b->used && bytes <= b->used - offset;
}

static int open_elf(struct elf *f, struct err *e)
{
	const Elf64_Ehdr *h = (const void *)f->file->data;

	if (f->file->used < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 ||
	    h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_X86_64 ||
	    h->e_phentsize != sizeof(Elf64_Phdr) || h->e_shentsize != sizeof(Elf64_Shdr) ||
	    h->e_shstrndx >= h->e_shnum || h->e_phoff % 8 || h->e_shoff % 8 ||
	    !inside(f->file, h->e_phoff, h->e_phnum * sizeof(Elf64_Phdr)) ||
	    !inside(f->file, h->e_shoff, h->e_shnum * sizeof(Elf64_Shdr)))
		return err_set(e, -ENOEXEC, "%s is no x86-64 ELF file with section headers",
			       f->what);
	f->header = h;
	f->sections = (const void *)(f->file->data + h->e_shoff);
	for (unsigned i = 0; i < h->e_shnum; i++) {
		const Elf64_Shdr *s = &f->sections[i];

		if (s->sh_link >= h->e_shnum ||
		    (s->sh_type != SHT_NOBITS && !inside(f->file, s->sh_offset, s->sh_size)))
			return err_set(e, -ENOEXEC, "section %u of %s is out of range", i, f->what);
	}
	return 0;
}

static const Elf64_Shdr *find_section(const struct elf *f, uint32_t type)
{
	for (unsigned i = 1; i < f->header->e_shnum; i++)
		if (f->sections[i].sh_type == type)
			return &f->sections[i];
	return NULL;
}

/* A defined symbol of .dynsym; NULL: it has none of that name. */
static const Elf64_Sym *find_symbol(const struct elf *f, const char *name)
{
	const Elf64_Shdr *table = find_section(f, SHT_DYNSYM);
	const Elf64_Shdr *names = table ? &f->sections[table->sh_link] : NULL;
	const Elf64_Sym *s;

	for (size_t i = 0; table && i < table->sh_size / sizeof(*s); i++) {
		s = (const Elf64_Sym *)(f->file->data + table->sh_offset) + i;
		if (s->st_name < names->sh_size && s->st_shndx != SHN_UNDEF &&
		    names->sh_size - s->st_name > strlen(name) &&
		    strcmp(f->file->data + names->sh_offset + s->st_name, name) == 0)
			return s;
	}
	return NULL;
}

/* What the kernel maps: up to the end of the last segment. */
static int put_segments(struct making_file *m, struct err *e)
{
	const Elf64_Ehdr *h = m->shim.header;
	const Elf64_Phdr *p = (const void *)(m->shim.file->data + h->e_phoff);
	uint64_t end = 0;

	for (unsigned i = 0; i < h->e_phnum; i++) {
		if (!inside(m->shim.file, p[i].p_offset, p[i].p_filesz))
			return err_set(e, -ENOEXEC, "a segment of the shim is out of range");
		if (p[i].p_type == PT_LOAD && end < p[i].p_offset + p[i].p_filesz)
			end = p[i].p_offset + p[i].p_filesz;
	}
	if (!matr_is_shim(h->e_flags) || !end)
		return err_set(e, -ENOEXEC, "%s is not ld-matr.so.1 of this version", m->shim.what);
	buf_put(m->out, m->shim.file->data, end);
	return 0;
}

static void align(struct making_file *m)
{
	while ((m->out->used - m->start) % 8)
		buf_put_u8(m->out, 0);
}

static void put_contents(struct making_file *m, unsigned i)
{
	const Elf64_Shdr *from = &m->loader.sections[i];

	align(m);
	m->sections[i] = *from;
	m->sections[i].sh_offset = m->out->used - m->start;
	/* In no segment.  Only .dynamic keeps its address, by which gdb knows the loader. */
	if (from->sh_type != SHT_DYNAMIC) {
		m->sections[i].sh_flags &= ~(uint64_t)SHF_ALLOC;
		m->sections[i].sh_addr = 0;
	}
	buf_put(m->out, m->loader.file->data + from->sh_offset, from->sh_size);
}

static bool is_for_linkers(const struct making_file *m, unsigned i)
{
	const Elf64_Shdr *symbols = find_section(&m->loader, SHT_DYNSYM);

	switch (m->loader.sections[i].sh_type) {
	case SHT_DYNSYM:
	case SHT_GNU_versym:
	case SHT_GNU_verdef:
	case SHT_DYNAMIC:
		return true;
	}
	return i == symbols->sh_link || i == m->loader.header->e_shstrndx;
}

static void put_sections(struct making_file *m)
{
	for (unsigned i = 1; i < m->loader.header->e_shnum; i++) {
		const Elf64_Shdr *from = &m->loader.sections[i];

		if (is_for_linkers(m, i)) {
			put_contents(m, i);
		} else if ((from->sh_type == SHT_PROGBITS || from->sh_type == SHT_NOBITS) &&
			   (from->sh_flags & SHF_ALLOC)) {
			m->sections[i] = *from;
			m->sections[i].sh_type = SHT_NOBITS;
			m->sections[i].sh_offset = 0;
		}
	}
}

/* The copy of the symbol table: gdb's breakpoint has to be in the shim. */
static void move_debug_state(struct making_file *m)
{
	const Elf64_Sym *from = find_symbol(&m->loader, debug_state);
	const Elf64_Shdr *table = find_section(&m->loader, SHT_DYNSYM);
	size_t number;
	Elf64_Sym *to;

	if (!from)
		return;
	number = (size_t)(from - (const Elf64_Sym *)(m->loader.file->data + table->sh_offset));
	to = (Elf64_Sym *)(m->out->data + m->start +
			   m->sections[table - m->loader.sections].sh_offset);
	to[number].st_value = m->debug_state;
}

static const Elf64_Phdr *find_segment(const struct elf *f, uint32_t type)
{
	const Elf64_Phdr *p = (const void *)(f->file->data + f->header->e_phoff);

	for (unsigned i = 0; i < f->header->e_phnum; i++)
		if (p[i].p_type == type)
			return &p[i];
	return NULL;
}

/* Link editors put a copy of read-only data where it will be read-only too. */
static void put_relro(struct making_file *m)
{
	const Elf64_Phdr *spare = find_segment(&m->shim, PT_NULL);
	const Elf64_Phdr *relro = find_segment(&m->loader, PT_GNU_RELRO);

	if (spare && relro)
		memcpy(m->out->data + m->start + ((const char *)spare - m->shim.file->data), relro,
		       sizeof(*relro));
}

static void put_headers(struct making_file *m, enum loader_path first)
{
	Elf64_Ehdr *h;
	uint64_t at;

	align(m);
	at = m->out->used - m->start;
	buf_put(m->out, m->sections, m->loader.header->e_shnum * sizeof(Elf64_Shdr));
	h = (Elf64_Ehdr *)(m->out->data + m->start);
	h->e_flags = MATR_SHIM_MARK | first;
	h->e_shoff = at;
	h->e_shnum = m->loader.header->e_shnum;
	h->e_shstrndx = m->loader.header->e_shstrndx;
}

static int check(struct making_file *m, struct err *e)
{
	const Elf64_Sym *s;
	int status = open_elf(&m->shim, e);

	if (status == 0)
		status = open_elf(&m->loader, e);
	if (status < 0)
		return status;
	if (matr_is_shim(m->loader.header->e_flags) || !find_section(&m->loader, SHT_DYNSYM) ||
	    !find_section(&m->loader, SHT_DYNAMIC))
		return err_set(e, -ENOEXEC, "%s is not a loader with symbols", m->loader.what);
	s = find_symbol(&m->shim, debug_state);
	if (!s)
		return err_set(e, -ENOEXEC, "%s has no %s", m->shim.what, debug_state);
	m->debug_state = s->st_value;
	return 0;
}

int system_file_make(struct buf *out, const struct system_file_request *r, struct err *e)
{
	struct making_file m = {.shim = {.file = r->shim, .what = "the shim"},
				.loader = {.file = r->loader, .what = "the loader"},
				.out = out,
				.start = out->used};
	int status = check(&m, e);

	if (status == 0)
		status = put_segments(&m, e);
	if (status < 0)
		return status;
	m.sections = xcalloc(m.loader.header->e_shnum, sizeof(*m.sections));
	put_sections(&m);
	move_debug_state(&m);
	put_relro(&m);
	put_headers(&m, r->first);
	free(m.sections);
	return 0;
}
