/*
 * program.c - the executable as the kernel mapped it
 *
 * Environment: before ld.so runs, so the dynamic section is as linked.  Reads
 * the executable's memory; the one system call is readlink for $ORIGIN.
 */
#include "ldso-shim/shim.h"

#include "image/key.h"
#include "ldso-shim/sys.h"

/* True where the kernel has mapped `bytes` of the file at `vaddr`, to be read. */
static int is_mapped(const struct process *p, uint64_t vaddr, uint64_t bytes)
{
	for (size_t i = 0; i < p->phdr_count; i++) {
		const Elf64_Phdr *h = &p->phdr[i];

		if (h->p_type == PT_LOAD && (h->p_flags & PF_R) && vaddr >= h->p_vaddr &&
		    bytes <= h->p_filesz && vaddr - h->p_vaddr <= h->p_filesz - bytes)
			return 1;
	}
	return 0;
}

/* False where the program headers are not where the load address says. */
static int find_base(uint64_t *base, const struct process *p)
{
	for (size_t i = 0; i < p->phdr_count; i++)
		if (p->phdr[i].p_type == PT_PHDR)
			*base = (uint64_t)p->phdr - p->phdr[i].p_vaddr;
	return is_mapped(p, (uint64_t)p->phdr - *base, p->phdr_count * sizeof(*p->phdr));
}

const char *program_interpreter(const struct process *p)
{
	uint64_t base = 0;

	if (!find_base(&base, p))
		return 0;
	for (size_t i = 0; i < p->phdr_count; i++) {
		const Elf64_Phdr *h = &p->phdr[i];
		const char *name = (const char *)base + h->p_vaddr;

		if (h->p_type == PT_INTERP)
			return h->p_filesz && is_mapped(p, h->p_vaddr, h->p_filesz) &&
					       !name[h->p_filesz - 1] ? name : 0;
	}
	return 0;
}

/* What ld.so never looks at may be wrong in a program that runs: only what is there is read. */
static void read_headers(struct program *out, const struct process *p)
{
	for (size_t i = 0; i < p->phdr_count; i++) {
		const Elf64_Phdr *h = &p->phdr[i];

		if (h->p_type == PT_LOAD && (h->p_flags & PF_W)) {
			if (!out->writable_end)
				out->writable_start = h->p_vaddr;
			out->writable_end = h->p_vaddr + h->p_memsz;
		} else if (!is_mapped(p, h->p_vaddr, h->p_filesz)) {
			continue;
		} else if (h->p_type == PT_DYNAMIC) {
			out->dynamic = (Elf64_Dyn *)(out->base + h->p_vaddr);
			out->dynamic_count = h->p_filesz / sizeof(Elf64_Dyn);
			out->dynamic_writable = (h->p_flags & PF_W) != 0;
		} else if (h->p_type == PT_NOTE && !out->build_id) {
			out->build_id = matr_find_build_id((const uint8_t *)out->base + h->p_vaddr,
							   h->p_filesz, &out->build_id_bytes);
		}
	}
}

/* The dynamic section ends with its first DT_NULL; false where it has none, or is too large. */
static int cut_dynamic(struct program *out)
{
	size_t saved = 0;

	for (size_t i = 0; i < out->dynamic_count && saved <= MAX_DYNAMIC; i++) {
		if (out->dynamic[i].d_tag == DT_NULL) {
			out->dynamic_count = i + 1;
			return 1;
		}
		saved += out->dynamic[i].d_tag != DT_NEEDED;
	}
	return 0;
}

void program_save(const struct program *p, uint64_t values[MAX_DYNAMIC])
{
	for (const Elf64_Dyn *d = p->dynamic; d->d_tag != DT_NULL; d++)
		if (d->d_tag != DT_NEEDED)
			*values++ = d->d_un.d_val;
}

void program_restore(const struct program *p, const uint64_t values[MAX_DYNAMIC])
{
	for (Elf64_Dyn *d = p->dynamic; d->d_tag != DT_NULL; d++)
		if (d->d_tag != DT_NEEDED)
			d->d_un.d_val = *values++;
}

/*
 * ld.so tells its state where DT_DEBUG says.  Without it nobody would notice that
 * ld.so needed fewer files than planned (hook.c); of two, only the last is written.
 */
static int has_debug(const struct program *program)
{
	size_t n = 0;

	for (const Elf64_Dyn *d = program->dynamic; d->d_tag != DT_NULL; d++)
		n += d->d_tag == DT_DEBUG;
	return n == 1;
}

/* Of a tag given twice ld.so takes the last. */
static void read_tables(struct program_tables *t, const Elf64_Dyn *d)
{
	for (; d->d_tag != DT_NULL; d++) {
		uint64_t value = d->d_un.d_val;

		switch (d->d_tag) {
		case DT_STRTAB:
			t->strings = value;
			break;
		case DT_STRSZ:
			t->strings_bytes = value;
			break;
		case DT_JMPREL:
			t->plt = value;
			break;
		case DT_PLTRELSZ:
			t->plt_bytes = value;
			break;
		case DT_RELA:
			t->rela = value;
			break;
		case DT_RELASZ:
			t->rela_bytes = value;
			break;
		}
	}
	/* Old linkers count the PLT's part into DT_RELASZ too. */
	if (t->plt_bytes && t->plt_bytes <= t->rela_bytes &&
	    t->rela + t->rela_bytes == t->plt + t->plt_bytes)
		t->rela_bytes -= t->plt_bytes;
}

static int has_origin(const struct program *program, const struct program_tables *t)
{
	for (const Elf64_Dyn *d = program->dynamic; d->d_tag != DT_NULL; d++)
		if ((d->d_tag == DT_RPATH || d->d_tag == DT_RUNPATH) &&
		    d->d_un.d_val < t->strings_bytes &&
		    matr_path_has_origin((const char *)program->base + t->strings +
					 d->d_un.d_val))
			return 1;
	return 0;
}

static int table_is_mapped(const struct process *p, uint64_t vaddr, uint64_t bytes)
{
	return !vaddr || !bytes || is_mapped(p, vaddr, bytes);
}

/* The tables are where .dynamic says, and the strings end with a NUL. */
static int tables_are_mapped(const struct program *out, const struct process *p,
			     const struct program_tables *t)
{
	return table_is_mapped(p, t->strings, t->strings_bytes) &&
	       table_is_mapped(p, t->plt, t->plt_bytes) &&
	       table_is_mapped(p, t->rela, t->rela_bytes) &&
	       (!t->strings || !t->strings_bytes ||
		((const char *)out->base)[t->strings + t->strings_bytes - 1] == 0);
}

static struct matr_key_table table_at(const struct program *p, uint64_t vaddr, uint64_t bytes)
{
	return (struct matr_key_table){(const void *)(p->base + vaddr), vaddr ? bytes : 0};
}

/* $ORIGIN is what ld.so takes it for: the folder of /proc/self/exe. */
enum reason program_read_path(struct program *out, char path[MAX_PATH])
{
	long n = sys_call3(SYS_READLINK, (long)"/proc/self/exe", (long)path, MAX_PATH - 1);

	if (n <= 0 || path[0] != '/')
		return REASON_NO_PROC;
	path[n] = 0;
	out->path = path;
	return REASON_NONE;
}

static enum reason take_exec_name(struct program *out, const char *name)
{
	if (!name || name[0] != '/')
		return REASON_NO_PROC;
	out->path = name;
	return REASON_NONE;
}

enum reason program_read(struct program *out, const struct process *p)
{
	if (!find_base(&out->base, p))
		return REASON_NO_IMAGE;
	read_headers(out, p);
	if (!out->dynamic || !out->dynamic_writable || !cut_dynamic(out) ||
	    !has_debug(out))
		return REASON_NO_IMAGE;
	read_tables(&out->tables, out->dynamic);
	if (!tables_are_mapped(out, p, &out->tables))
		return REASON_NO_IMAGE;
	out->has_origin = has_origin(out, &out->tables);
	if (!out->has_origin && !out->build_id_bytes)
		return take_exec_name(out, p->exec_name);
	return REASON_NONE;
}

void program_make_key(struct program *out, const struct process *p)
{
	const struct program_tables *t = &out->tables;
	struct matr_key_input in = {
		.phdr = p->phdr,
		.phdr_count = p->phdr_count,
		.dynamic = out->dynamic,
		.dynamic_count = out->dynamic_count,
		.build_id = out->build_id,
		.build_id_bytes = out->build_id_bytes,
		.path = out->path,
		.strings = table_at(out, t->strings, t->strings_bytes),
		.plt = table_at(out, t->plt, t->plt_bytes),
		.rela = table_at(out, t->rela, t->rela_bytes),
	};

	matr_key_make(&in, out->key);
}
