/* The loader's file with the shim behind it, and entered first. */
#include "matr/system_file.h"

#include "image/front.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define PAGE_UP(n) (((n) + MATR_PAGE - 1) & ~(uint64_t)(MATR_PAGE - 1))
#define SEGMENTS_MAX 64
#define FILE_MAX ((uint64_t)64 << 20)

/* A file and its headers, checked. */
struct elf {
	const struct buf *file;
	const Elf64_Ehdr *header;
	const Elf64_Phdr *segments;
	const Elf64_Phdr *last; /* PT_LOAD */
	const char *what;	/* for errors */
};

struct making_file {
	struct elf shim, loader;
	struct buf *out;
	uint64_t data;	/* offset of the copy of the loader's last segment */
	uint64_t table; /* offset and address of the program headers */
	uint64_t front; /* of the shim's ELF header */
};

static bool inside(const struct buf *b, uint64_t offset, uint64_t bytes)
{
	return offset <= b->used && bytes <= b->used - offset;
}

static bool segment_is_sound(const struct buf *file, const Elf64_Phdr *p)
{
	return inside(file, p->p_offset, p->p_filesz) && p->p_filesz <= p->p_memsz &&
	       p->p_memsz < FILE_MAX && p->p_vaddr < FILE_MAX &&
	       p->p_vaddr % MATR_PAGE == p->p_offset % MATR_PAGE;
}

static int open_elf(struct elf *f, struct err *e)
{
	const Elf64_Ehdr *h = (const void *)f->file->data;

	if (f->file->used < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 ||
	    h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_X86_64 ||
	    h->e_type != ET_DYN || h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phoff % 8 ||
	    h->e_phnum > SEGMENTS_MAX ||
	    !inside(f->file, h->e_phoff, h->e_phnum * sizeof(Elf64_Phdr)))
		return err_set(e, -ENOEXEC, "%s is no x86-64 shared object", f->what);
	f->header = h;
	f->segments = (const void *)(f->file->data + h->e_phoff);
	for (unsigned i = 0; i < h->e_phnum; i++) {
		if (f->segments[i].p_type != PT_LOAD)
			continue;
		if (!segment_is_sound(f->file, &f->segments[i]))
			return err_set(e, -ENOEXEC, "segment %u of %s is out of range", i, f->what);
		f->last = &f->segments[i];
	}
	if (!f->last || !(f->last->p_flags & PF_W))
		return err_set(e, -ENOEXEC, "the last segment of %s is not its data", f->what);
	return 0;
}

/* What is at a vaddr, `bytes` of it; NULL: not all of it is in one segment of the file. */
static const void *at(const struct elf *f, uint64_t vaddr, uint64_t bytes)
{
	for (unsigned i = 0; i < f->header->e_phnum; i++) {
		const Elf64_Phdr *p = &f->segments[i];

		if (p->p_type == PT_LOAD && vaddr >= p->p_vaddr && bytes <= p->p_filesz &&
		    vaddr - p->p_vaddr <= p->p_filesz - bytes)
			return f->file->data + p->p_offset + (vaddr - p->p_vaddr);
	}
	return NULL;
}

static uint64_t dynamic_value(const struct elf *f, int64_t tag)
{
	const Elf64_Dyn *d;

	for (unsigned i = 0; i < f->header->e_phnum; i++) {
		uint64_t vaddr = f->segments[i].p_vaddr;

		if (f->segments[i].p_type != PT_DYNAMIC)
			continue;
		for (; (d = at(f, vaddr, sizeof(*d))) && d->d_tag != DT_NULL; vaddr += sizeof(*d))
			if (d->d_tag == tag)
				return d->d_un.d_val;
	}
	return 0;
}

/* The vaddr of an exported symbol, or 0.  In both files .dynstr follows .dynsym: it ends the walk. */
static uint64_t find_symbol(const struct elf *f, const char *name)
{
	uint64_t symbol = dynamic_value(f, DT_SYMTAB), strings = dynamic_value(f, DT_STRTAB);

	for (; symbol && symbol + sizeof(Elf64_Sym) <= strings; symbol += sizeof(Elf64_Sym)) {
		const Elf64_Sym *s = at(f, symbol, sizeof(*s));
		const char *text = s ? at(f, strings + s->st_name, strlen(name) + 1) : NULL;

		if (text && s->st_shndx != SHN_UNDEF && memcmp(text, name, strlen(name) + 1) == 0)
			return s->st_value;
	}
	return 0;
}

static void pad_to(struct buf *b, uint64_t size)
{
	uint64_t n = size - b->used;

	memset(buf_extend(b, n), 0, n);
}

/* The loader's file, then its data with .bss. */
static void put_loader(struct making_file *m)
{
	const Elf64_Phdr *data = m->loader.last;

	buf_put(m->out, m->loader.file->data, m->loader.file->used);
	m->data = PAGE_UP(m->out->used) + data->p_vaddr % MATR_PAGE;
	pad_to(m->out, m->data);
	buf_put(m->out, m->loader.file->data + data->p_offset, data->p_filesz);
	pad_to(m->out, m->data + data->p_memsz);
}

static bool in_data(const struct making_file *m, uint64_t vaddr)
{
	return vaddr >= m->loader.last->p_vaddr &&
	       vaddr - m->loader.last->p_vaddr < m->loader.last->p_memsz;
}

/* Where the copy of the data has that address. */
static uint64_t data_offset(const struct making_file *m, uint64_t vaddr)
{
	return m->data + (vaddr - m->loader.last->p_vaddr);
}

/* Sections lie where the segment is that they are in. */
static int move_sections(struct making_file *m, struct err *e)
{
	const Elf64_Ehdr *h = m->loader.header;
	Elf64_Shdr *s;

	if (h->e_shnum && (h->e_shentsize != sizeof(*s) || h->e_shoff % 8 ||
			   !inside(m->loader.file, h->e_shoff, h->e_shnum * sizeof(*s))))
		return err_set(e, -ENOEXEC, "the section headers of %s are out of range",
			       m->loader.what);
	s = (Elf64_Shdr *)(m->out->data + h->e_shoff);
	for (unsigned i = 0; i < h->e_shnum; i++)
		if ((s[i].sh_flags & SHF_ALLOC) && in_data(m, s[i].sh_addr))
			s[i].sh_offset = data_offset(m, s[i].sh_addr);
	return 0;
}

static void put_segment(struct making_file *m, const Elf64_Phdr *p)
{
	Elf64_Phdr new = *p;

	if (p->p_memsz && in_data(m, p->p_vaddr))
		new.p_offset = data_offset(m, p->p_vaddr);
	if (p == m->loader.last)
		new.p_filesz = new.p_memsz;
	buf_put(m->out, &new, sizeof(new));
}

/* The shim's first segment begins a page earlier, with the program headers. */
static void put_shim_segment(struct making_file *m, const Elf64_Phdr *p)
{
	uint64_t before = p->p_vaddr ? 0 : m->front - m->table;
	Elf64_Phdr new = *p;

	new.p_vaddr = new.p_paddr = m->front + p->p_vaddr - before;
	new.p_offset = m->front + p->p_offset - before;
	new.p_filesz = new.p_memsz = p->p_memsz + before;
	buf_put(m->out, &new, sizeof(new));
}

static unsigned put_segments(struct making_file *m)
{
	const struct elf *shim = &m->shim, *loader = &m->loader;
	unsigned count = loader->header->e_phnum;

	for (unsigned i = 0; i < loader->header->e_phnum; i++) {
		put_segment(m, &loader->segments[i]);
		/* PT_LOADs are in the order of their addresses. */
		for (unsigned k = 0;
		     &loader->segments[i] == loader->last && k < shim->header->e_phnum; k++)
			if (shim->segments[k].p_type == PT_LOAD) {
				put_shim_segment(m, &shim->segments[k]);
				count++;
			}
	}
	return count;
}

/* Returns how many program headers there are. */
static unsigned put_shim(struct making_file *m)
{
	const Elf64_Phdr *data = m->loader.last;
	uint64_t span = PAGE_UP(data->p_vaddr + data->p_memsz);
	unsigned count;

	m->table = PAGE_UP(m->out->used) > span ? PAGE_UP(m->out->used) : span;
	m->front = m->table + MATR_PAGE;
	pad_to(m->out, m->table);
	count = put_segments(m);
	pad_to(m->out, m->front);
	buf_put(m->out, m->shim.file->data, m->shim.last->p_offset + m->shim.last->p_filesz);
	return count;
}

static void edit_headers(struct making_file *m, unsigned segments, enum loader_path first)
{
	Elf64_Ehdr *h = (Elf64_Ehdr *)m->out->data;
	Elf64_Ehdr *own = (Elf64_Ehdr *)(m->out->data + m->front);

	h->e_flags = own->e_flags = MATR_SHIM_MARK | first;
	h->e_entry = m->front + own->e_entry;
	h->e_phoff = m->table;
	h->e_phnum = (Elf64_Half)segments;
}

/* `mov $5,%eax; syscall`: see epochd/loader.c. */
static bool uses_old_fstat(const struct buf *loader)
{
	static const uint8_t fstat_call[7] = {0xb8, 0x05, 0x00, 0x00, 0x00, 0x0f, 0x05};

	return memmem(loader->data, loader->used, fstat_call, sizeof(fstat_call)) != NULL;
}

static int check(struct making_file *m, struct matr_front *front, uint64_t *front_at, struct err *e)
{
	int status = open_elf(&m->shim, e);

	if (status == 0)
		status = open_elf(&m->loader, e);
	if (status < 0)
		return status;
	*front_at = find_symbol(&m->shim, "matr_front");
	if (!matr_is_shim(m->shim.header->e_flags) || !at(&m->shim, *front_at, sizeof(*front)) ||
	    m->shim.last->p_filesz != m->shim.last->p_memsz)
		return err_set(e, -ENOEXEC, "%s is not ld-matr.so.1 of this version", m->shim.what);
	front->entry = m->loader.header->e_entry;
	front->debug_state = find_symbol(&m->loader, "_dl_debug_state");
	front->old_fstat = uses_old_fstat(m->loader.file);
	if (matr_is_shim(m->loader.header->e_flags) || !front->entry || !front->debug_state)
		return err_set(e, -ENOEXEC, "%s has no entry or no _dl_debug_state",
			       m->loader.what);
	return 0;
}

int system_file_make(struct buf *out, const struct system_file_request *r, struct err *e)
{
	struct making_file m = {.shim = {.file = r->shim, .what = "the shim"},
				.loader = {.file = r->loader, .what = "the loader"},
				.out = out};
	const struct identity *id = r->installed;
	struct matr_front front = {.installed = {.dev = id->dev,
						 .ino = id->ino,
						 .size = id->size,
						 .mtime_sec = id->mtime_sec,
						 .ctime_sec = id->ctime_sec,
						 .mtime_nsec = id->mtime_nsec,
						 .ctime_nsec = id->ctime_nsec}};
	uint64_t front_at;
	unsigned segments;
	int status = check(&m, &front, &front_at, e);

	if (status < 0)
		return status;
	put_loader(&m);
	if (move_sections(&m, e) < 0)
		return e->code;
	segments = put_shim(&m);
	edit_headers(&m, segments, r->first);
	memcpy(out->data + m.front + front_at, &front, sizeof(front));
	return 0;
}
