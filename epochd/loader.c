#include "epochd/loader.h"

#include "common/arena.h"
#include "epochd/code_sites.h"
#include "image/hash.h"
#include "image/image.h"
#include "image/key.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_DOWN(n) ((n) & ~(uint64_t)(MATR_PAGE - 1))
#define PAGE_UP(n) PAGE_DOWN((n) + MATR_PAGE - 1)
#define LOADER_PREPARATION 4 /* raised when a loader is prepared in another way */
#define LOADER_MAX_BYTES ((size_t)16 << 20)

/* mov $9,%eax; syscall */
static const uint8_t mmap_call[7] = {0xb8, 0x09, 0x00, 0x00, 0x00, 0x0f, 0x05};

struct work {
	const char *root, *path;
	bool portable;
	uint8_t *file;       /* the installed loader, changed in place */
	size_t file_bytes;
	const Elf64_Phdr *phdr;
	size_t phdr_count;
	const Elf64_Phdr *writable; /* its last PT_LOAD */
	uint64_t gate_vaddr;
	struct matr_gate gate;
};

static int read_installed(struct work *w, struct prepared_loader *out, struct err *e)
{
	int fd = root_open(w->root, w->path, e);
	struct stat st;
	ssize_t got;

	if (fd < 0)
		return err_wrap(e, "no loader: ");
	if (fstat(fd, &st) < 0) {
		err_sys(e, "cannot look at the loader '%s'", w->path);
		close(fd);
		return e->code;
	}
	if (st.st_size < (off_t)sizeof(Elf64_Ehdr) || !S_ISREG(st.st_mode) || (size_t)st.st_size > LOADER_MAX_BYTES) {
		close(fd);
		return err_set(e, -ENOEXEC, "'%s' does not look like a loader: %lld bytes", w->path,
			       (long long)st.st_size);
	}
	w->file_bytes = (size_t)st.st_size;
	w->file = xcalloc(1, PAGE_UP(w->file_bytes));
	got = pread(fd, w->file, w->file_bytes, 0);
	close(fd);
	if (got != (ssize_t)w->file_bytes)
		return err_set(e, -EIO, "cannot read the loader '%s' as a whole", w->path);
	identity_from_stat(&out->installed, &st);
	return 0;
}

static int segment_is_sound(const struct work *w, const Elf64_Phdr *p)
{
	return p->p_offset <= w->file_bytes && p->p_filesz <= w->file_bytes - p->p_offset &&
	       p->p_memsz >= p->p_filesz && p->p_vaddr < ((uint64_t)1 << 32) &&
	       p->p_memsz < ((uint64_t)1 << 32) &&
	       p->p_vaddr % MATR_PAGE == p->p_offset % MATR_PAGE;
}

static int read_headers(struct work *w, struct prepared_loader *out, struct err *e)
{
	const Elf64_Ehdr *h = (const void *)w->file;
	size_t loads = 0;

	if (memcmp(h->e_ident, ELFMAG, SELFMAG) || h->e_machine != EM_X86_64 ||
	    h->e_type != ET_DYN || h->e_phentsize != sizeof(Elf64_Phdr) ||
	    h->e_phoff % 8 || h->e_phoff > w->file_bytes ||
	    h->e_phnum > (w->file_bytes - h->e_phoff) / sizeof(Elf64_Phdr))
		return err_set(e, -ENOEXEC, "'%s' is not an x86-64 loader", w->path);
	w->phdr = (const void *)(w->file + h->e_phoff);
	w->phdr_count = h->e_phnum;
	out->entry = h->e_entry;
	for (size_t i = 0; i < w->phdr_count; i++) {
		if (w->phdr[i].p_type == PT_DYNAMIC)
			out->dynamic = w->phdr[i].p_vaddr;
		if (w->phdr[i].p_type != PT_LOAD)
			continue;
		if (!segment_is_sound(w, &w->phdr[i]) || ++loads >= LOADER_MAX_SEGMENTS)
			return err_set(e, -ENOEXEC, "'%s' has segments out of range", w->path);
		w->writable = &w->phdr[i];
	}
	if (!w->writable || !(w->writable->p_flags & PF_W) || (w->writable->p_flags & PF_X) ||
	    !out->dynamic)
		return err_set(e, -ENOEXEC, "the last segment of '%s' is not its data", w->path);
	w->gate_vaddr = PAGE_UP(w->writable->p_vaddr + w->writable->p_memsz);
	return 0;
}

static void find_build_id(const struct work *w, struct prepared_loader *out)
{
	for (size_t i = 0; i < w->phdr_count && !out->build_id_bytes; i++) {
		const Elf64_Phdr *p = &w->phdr[i];
		const uint8_t *id = NULL;
		size_t bytes = 0;

		if (p->p_type == PT_NOTE && p->p_offset % 4 == 0 && p->p_offset <= w->file_bytes &&
		    p->p_filesz <= w->file_bytes - p->p_offset)
			id = matr_find_build_id(w->file + p->p_offset, p->p_filesz, &bytes);
		if (!id || bytes > sizeof(out->build_id))
			continue;
		memcpy(out->build_id, id, bytes);
		out->build_id_bytes = (uint32_t)bytes;
		out->build_id_at = (uint64_t)(id - w->file);
	}
}

/* jmp *displacement(%rip), 6 bytes, to the gate's member at `offset`. */
static void write_jump(uint8_t *at, uint64_t vaddr, uint64_t target)
{
	int32_t displacement = (int32_t)(target - (vaddr + 6));

	at[0] = 0xff;
	at[1] = 0x25;
	memcpy(at + 2, &displacement, 4);
}

static int redirect_mmap(struct work *w, const Elf64_Phdr *p, struct err *e)
{
	uint8_t *start = w->file + p->p_offset, *end = start + p->p_filesz;

	for (uint8_t *at = start; at + sizeof(mmap_call) <= end; at++) {
		uint32_t n = w->gate.site_count;
		uint64_t vaddr = p->p_vaddr + (uint64_t)(at - start);

		if (memcmp(at, mmap_call, sizeof(mmap_call)))
			continue;
		if (n == MATR_MAX_GATE_SITES)
			return err_set(e, -ENOEXEC, "'%s' has more than %u mmap calls", w->path,
				       MATR_MAX_GATE_SITES);
		write_jump(at, vaddr, w->gate_vaddr + offsetof(struct matr_gate, entry) + 8 * n);
		at[6] = 0x90;
		w->gate.back[n] = vaddr + sizeof(mmap_call);
		w->gate.site_count++;
		at += sizeof(mmap_call) - 1;
	}
	return 0;
}

static const Elf64_Phdr *segment_of(const struct work *w, uint64_t vaddr, uint64_t bytes)
{
	for (size_t i = 0; i < w->phdr_count; i++) {
		const Elf64_Phdr *p = &w->phdr[i];

		if (p->p_type == PT_LOAD && vaddr >= p->p_vaddr && bytes <= p->p_filesz &&
		    vaddr - p->p_vaddr <= p->p_filesz - bytes)
			return p;
	}
	return NULL;
}

static uint8_t *bytes_at(const struct work *w, uint64_t vaddr, uint64_t bytes)
{
	const Elf64_Phdr *p = segment_of(w, vaddr, bytes);

	return p ? w->file + p->p_offset + (vaddr - p->p_vaddr) : NULL;
}

static uint64_t dynamic_value(const struct work *w, uint64_t dynamic, int64_t tag)
{
	for (uint64_t at = dynamic;; at += sizeof(Elf64_Dyn)) {
		const Elf64_Dyn *d = (const void *)bytes_at(w, at, sizeof(*d));

		if (!d || d->d_tag == DT_NULL)
			return 0;
		if (d->d_tag == tag)
			return d->d_un.d_val;
	}
}

/* The exported function _dl_debug_state; its symbol is found by walking the table. */
static uint64_t find_debug_state(const struct work *w, uint64_t dynamic)
{
	uint64_t symbols = dynamic_value(w, dynamic, DT_SYMTAB);
	uint64_t strings = dynamic_value(w, dynamic, DT_STRTAB);
	static const char name[] = "_dl_debug_state";

	/* In every ld.so .dynstr directly follows .dynsym: it ends the walk. */
	for (uint64_t at = symbols; symbols && at + sizeof(Elf64_Sym) <= strings;
	     at += sizeof(Elf64_Sym)) {
		const Elf64_Sym *s = (const void *)bytes_at(w, at, sizeof(*s));
		const uint8_t *text = s ? bytes_at(w, strings + s->st_name, sizeof(name)) : NULL;

		if (!s || !text)
			return 0;
		if (s->st_shndx != SHN_UNDEF && !memcmp(text, name, sizeof(name)))
			return s->st_value;
	}
	return 0;
}

/* An empty function at a 16-byte boundary has room for the jump before the next one. */
static void redirect_debug_state(struct work *w, uint64_t dynamic)
{
	static const uint8_t endbr[4] = {0xf3, 0x0f, 0x1e, 0xfa};
	uint64_t vaddr = find_debug_state(w, dynamic);
	uint8_t *at = vaddr % 16 == 0 ? bytes_at(w, vaddr, 16) : NULL;
	const uint8_t *body = at;

	if (!vaddr || !at)
		return;
	if (!memcmp(body, endbr, sizeof(endbr)))
		body += sizeof(endbr);
	if (body[0] != 0xc3 && !(body[0] == 0xf3 && body[1] == 0xc3))
		return;
	write_jump(at, vaddr, w->gate_vaddr + offsetof(struct matr_gate, state_entry));
	w->gate.state_at = (uint32_t)vaddr;
}

/* `mov $5,%eax; syscall` is fstat(2); a loader without it (2.33 to 2.36) asks with newfstatat. */
static bool uses_old_fstat(const struct work *w)
{
	static const uint8_t fstat_call[7] = {0xb8, 0x05, 0x00, 0x00, 0x00, 0x0f, 0x05};

	return memmem(w->file, w->file_bytes, fstat_call, sizeof(fstat_call)) != NULL;
}

/* Before the other redirections: the code is decoded as it was linked. */
static void redirect_code(struct work *w, struct prepared_loader *out)
{
	struct loader_code code = {.file = w->file,
				   .file_bytes = w->file_bytes,
				   .phdr = w->phdr,
				   .phdr_count = w->phdr_count,
				   .cpuid_entry = w->gate_vaddr + offsetof(struct matr_gate, cpuid_entry),
				   .read_entry = w->gate_vaddr + offsetof(struct matr_gate, read_entry),
				   .pread_entry = w->gate_vaddr + offsetof(struct matr_gate, pread_entry)};
	struct code_sites sites = code_sites_redirect(&code);

	w->gate.cpuid_sites = sites.cpuid;
	w->gate.read_sites = sites.read;
	w->gate.pread_sites = sites.pread;
	out->reads_arrive = sites.read && !sites.read_left;
	out->preads_arrive = out->reads_arrive && sites.pread && !sites.pread_left;
}

static void add_segment(struct prepared_loader *out, const struct matr_segment *s)
{
	out->segments[out->segment_count++] = *s;
}

static uint32_t prot_of(const Elf64_Phdr *p)
{
	return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
	       (p->p_flags & PF_X ? PROT_EXEC : 0);
}

static void compose(struct work *w, struct prepared_loader *out)
{
	const Elf64_Phdr *data = w->writable;
	uint64_t elf_bytes = PAGE_UP(w->file_bytes);
	uint64_t start = PAGE_DOWN(data->p_vaddr);
	uint64_t data_bytes = w->gate_vaddr - start;

	out->size = elf_bytes + data_bytes + MATR_PAGE;
	out->bytes = xcalloc(1, out->size);
	memcpy(out->bytes, w->file, w->file_bytes);
	memcpy(out->bytes + elf_bytes + (data->p_vaddr - start), w->file + data->p_offset,
	       data->p_filesz);
	out->gate_offset = elf_bytes + data_bytes;
	for (size_t i = 0; i < w->phdr_count; i++) {
		const Elf64_Phdr *p = &w->phdr[i];

		if (p->p_type == PT_LOAD && p != data)
			add_segment(out, &(struct matr_segment){
				.address = PAGE_DOWN(p->p_vaddr),
				.bytes = PAGE_UP(p->p_vaddr + p->p_memsz) - PAGE_DOWN(p->p_vaddr),
				.offset = PAGE_DOWN(p->p_offset),
				.prot = prot_of(p)});
	}
	add_segment(out, &(struct matr_segment){.address = start,
						.bytes = data_bytes + MATR_PAGE,
						.offset = elf_bytes,
						.prot = PROT_READ | PROT_WRITE});
	out->span = w->gate_vaddr + MATR_PAGE;
	w->gate.checksum = matr_gate_checksum(&w->gate);
	memcpy(out->bytes + out->gate_offset, &w->gate, sizeof(w->gate));
}

static int prepare(struct work *w, struct prepared_loader *out, struct err *e)
{
	int ret = read_installed(w, out, e);

	if (ret < 0)
		return ret;
	ret = read_headers(w, out, e);
	if (ret < 0)
		return ret;
	find_build_id(w, out);
	if (w->portable && !out->build_id_bytes)
		return err_set(e, -ENOEXEC, "the loader '%s' has no build-id, which a portable store needs",
			       w->path);
	if (!w->portable)
		cpuid_answers_record(&w->gate);
	w->gate.digest[0] = matr_hash(w->file, w->file_bytes, 0);
	w->gate.digest[1] = matr_hash(w->file, w->file_bytes, 1);
	/* The name covers what makes two prepared copies differ: also how, and for whom. */
	snprintf(out->name, sizeof(out->name), "%016llx%016llx",
		 (unsigned long long)w->gate.digest[0],
		 (unsigned long long)matr_hash(&w->gate, sizeof(w->gate), LOADER_PREPARATION));
	out->old_fstat = uses_old_fstat(w);
	redirect_code(w, out);
	for (size_t i = 0; i < w->phdr_count; i++) {
		if (w->phdr[i].p_type != PT_LOAD || !(w->phdr[i].p_flags & PF_X))
			continue;
		ret = redirect_mmap(w, &w->phdr[i], e);
		if (ret < 0)
			return ret;
	}
	if (!w->gate.site_count)
		return err_set(e, -ENOEXEC, "no mmap call was found in the loader '%s'", w->path);
	redirect_debug_state(w, out->dynamic);
	if (!w->gate.state_at)
		return err_set(e, -ENOEXEC, "the debugger's event was not found in the loader '%s'",
			       w->path);
	compose(w, out);
	return 0;
}

int loader_prepare(struct prepared_loader *out, const struct loader_request *r, struct err *e)
{
	struct work w = {.root = r->root,
			 .path = r->path,
			 .portable = r->portable,
			 .gate = {.magic = MATR_GATE_MAGIC,
				  .version = MATR_FORMAT_VERSION,
				  .header_bytes = sizeof(struct matr_gate),
				  .store_id = r->store_id}};
	struct prepared_loader l = {.path = r->path};
	int ret = prepare(&w, &l, e);

	free(w.file);
	if (ret < 0)
		loader_release(&l);
	else
		*out = l;
	return ret;
}

void loader_release(struct prepared_loader *l)
{
	free(l->bytes);
	l->bytes = NULL;
}
