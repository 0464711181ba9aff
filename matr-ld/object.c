#include "matr-ld/object.h"

#include "common/arena.h"
#include "image/reason.h"
#include "matr-ld/reader.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

/* What ends a segment wherever arithmetic is done on it. */
#define ADDRESS_MAX ((uint64_t)1 << 47)

static int not_elf(struct reader *r, unsigned *reason, unsigned why, const char *text)
{
	*reason = why;
	r->code = err_set(r->e, -ENOEXEC, "'%s' %s", r->o->path, text);
	return r->code;
}

/*
 * What ld.so looks at before anything else.  A file of another class or
 * machine is -ENOEXEC with OTHER_MACHINE: a search goes on behind it.  Other
 * byte order is an error to ld.so, so it is -EBADMSG here.
 */
static int check_ident(struct reader *r, const Elf64_Ehdr *h, unsigned *reason)
{
	if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
		return not_elf(r, reason, REASON_NOT_ELF, "is not an ELF file");
	*reason = REASON_OTHER_MACHINE;
	if (h->e_ident[EI_CLASS] == ELFCLASS32)
		return not_elf(r, reason, REASON_OTHER_MACHINE, "is a 32-bit object");
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB)
		return reader_malformed(r, "not a little-endian ELF file");
	if (h->e_machine != EM_X86_64)
		return not_elf(r, reason, REASON_OTHER_MACHINE, "is for another machine");
	*reason = REASON_MALFORMED;
	if (h->e_ident[EI_VERSION] != EV_CURRENT || h->e_version != EV_CURRENT)
		return reader_malformed(r, "unknown ELF version");
	if (h->e_ident[EI_OSABI] != ELFOSABI_SYSV && h->e_ident[EI_OSABI] != ELFOSABI_GNU)
		return reader_malformed(r, "made for another operating system");
	if (h->e_phnum && h->e_phentsize != sizeof(Elf64_Phdr))
		return reader_malformed(r, "program headers of an unknown size");
	return 0;
}

static int check_segment(struct reader *r, const Elf64_Phdr *p)
{
	if (p->p_type != PT_LOAD)
		return 0;
	if (p->p_vaddr >= ADDRESS_MAX || p->p_memsz > ADDRESS_MAX - p->p_vaddr)
		return reader_malformed(r, "a segment lies outside of the address space");
	if (p->p_filesz > p->p_memsz)
		return reader_malformed(r, "a segment is larger in the file than in memory");
	if (p->p_flags & PF_W && p->p_flags & PF_X)
		r->o->writable_code = true;
	return 0;
}

/* Counted last, by name_object(): a copy that is enabled differs in nothing else. */
static const char *read_interpreter(struct reader *r, const Elf64_Phdr *p)
{
	XXH3_state_t *digest = r->digest;
	const char *name;

	r->digest = NULL;
	name = reader_at(r, p->p_offset, p->p_filesz, "PT_INTERP");
	r->digest = digest;
	return name;
}

static int read_special_segments(struct reader *r)
{
	struct object *o = r->o;

	for (size_t i = 0; i < o->phdr_count; i++) {
		const Elf64_Phdr *p = &o->phdr[i];

		if (check_segment(r, p) < 0)
			return r->code;
		if (p->p_type == PT_TLS)
			o->tls = p;
		else if (p->p_type == PT_GNU_RELRO)
			o->relro = p;
		else if (p->p_type == PT_DYNAMIC)
			o->dynamic_phdr = p;
		else if (p->p_type == PT_INTERP)
			o->interpreter = read_interpreter(r, p);
	}
	return r->code;
}

int object_read_headers(struct reader *r, unsigned *reason)
{
	struct object *o = r->o;
	const Elf64_Ehdr *h;
	size_t phnum;

	if (r->file_bytes < sizeof(*h))
		return not_elf(r, reason, REASON_NOT_ELF, "is too short for an ELF file");
	h = reader_at(r, 0, sizeof(*h), "the ELF header");
	if (!h || check_ident(r, h, reason) < 0)
		return r->code;
	r->elf = elf_begin(r->fd, ELF_C_READ, NULL);
	if (!r->elf || elf_kind(r->elf) != ELF_K_ELF || elf_getphdrnum(r->elf, &phnum) < 0)
		return reader_malformed(r, "%s", elf_errmsg(-1));
	o->elf_type = h->e_type;
	o->entry = h->e_entry;
	o->phdr_count = phnum;
	o->phdr_offset = h->e_phoff;
	if (phnum)
		o->phdr =
		    reader_at(r, h->e_phoff, phnum * sizeof(*o->phdr), "the program header table");
	return r->code ? r->code : read_special_segments(r);
}

/* Build-id and its address, from the first note segment that has one. */
static void read_build_id(struct object *o, const Elf64_Phdr *p, const uint8_t *notes)
{
	uint64_t align = p->p_align == 8 ? 8 : 4, at = 0, desc, next;

	while (at + sizeof(Elf64_Nhdr) <= p->p_filesz) {
		const Elf64_Nhdr *n = (const void *)(notes + at);

		desc = (at + sizeof(*n) + n->n_namesz + align - 1) & -align;
		next = (desc + n->n_descsz + align - 1) & -align;
		if (desc > p->p_filesz || n->n_descsz > p->p_filesz - desc)
			return;
		if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 &&
		    memcmp(n + 1, "GNU", 4) == 0 && n->n_descsz &&
		    n->n_descsz <= sizeof(o->build_id)) {
			memcpy(o->build_id, notes + desc, n->n_descsz);
			o->build_id_bytes = n->n_descsz;
			o->build_id_vaddr = p->p_vaddr + desc;
			return;
		}
		at = next;
	}
}

static int read_segments(struct reader *r)
{
	struct object *o = r->o;

	for (size_t i = 0; i < o->phdr_count; i++) {
		const Elf64_Phdr *p = &o->phdr[i];
		const uint8_t *notes;

		if (p->p_type == PT_LOAD && p->p_flags & PF_W)
			reader_digest(r, p->p_offset, p->p_filesz, "a data segment");
		if (p->p_type == PT_NOTE && !o->build_id_bytes && p->p_filesz <= 65536) {
			notes = reader_peek(r, p->p_offset, p->p_filesz, "a note");
			if (notes)
				read_build_id(o, p, notes);
		}
	}
	return r->code;
}

static int parse(struct reader *r, unsigned *reason)
{
	int (*const passes[])(struct reader *) = {
	    read_segments,	 object_read_dynamic,  object_read_relocations,
	    object_read_symbols, object_read_versions, object_read_sections,
	};

	if (object_read_headers(r, reason) < 0)
		return r->code;
	*reason = REASON_MALFORMED;
	for (size_t i = 0; i < sizeof(passes) / sizeof(*passes); i++)
		if (passes[i](r) < 0)
			return r->code;
	*reason = REASON_NONE;
	return 0;
}

static void name_object(struct object *o, XXH3_state_t *digest)
{
	o->body = XXH3_64bits_digest(digest);
	if (o->interpreter)
		XXH3_64bits_update(digest, o->interpreter, strlen(o->interpreter) + 1);
	o->digest = XXH3_64bits_digest(digest);
	XXH3_64bits_reset(digest);
	XXH3_64bits_update(digest, o->path, strlen(o->path) + 1);
	XXH3_64bits_update(digest, &o->digest, sizeof(o->digest));
	o->key = XXH3_64bits_digest(digest);
}

static int open_file(struct reader *r, const char *root, unsigned *reason)
{
	struct stat st;

	*reason = REASON_UNREADABLE_FILE;
	r->fd = root_open(root, r->o->path, r->e);
	if (r->fd < 0)
		return r->fd;
	if (fstat(r->fd, &st) < 0)
		return err_sys(r->e, "cannot stat '%s'", r->o->path);
	if (!S_ISREG(st.st_mode)) {
		*reason = REASON_NOT_ELF;
		return err_set(r->e, S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL,
			       "'%s' is not a regular file", r->o->path);
	}
	identity_from_stat(&r->o->identity, &st);
	r->o->mode = st.st_mode;
	r->o->file_capabilities =
	    st.st_mode & 0111 && fgetxattr(r->fd, "security.capability", NULL, 0) > 0;
	r->file_bytes = (uint64_t)st.st_size;
	return 0;
}

int object_open(struct object **out, const char *root, const char *path, unsigned *reason,
		struct err *e)
{
	struct object *o = xcalloc(1, sizeof(*o));
	struct reader r = {.o = o, .fd = -1, .e = e};
	unsigned ignored;
	int rc;

	elf_version(EV_CURRENT);
	o->path = object_memdup(o, path, strlen(path) + 1);
	o->root = object_memdup(o, root ? root : "", strlen(root ? root : "") + 1);
	r.digest = XXH3_createState();
	XXH3_64bits_reset(r.digest);
	rc = open_file(&r, root, reason ? reason : &ignored);
	if (rc == 0)
		rc = parse(&r, reason ? reason : &ignored);
	if (rc == 0)
		name_object(o, r.digest);
	XXH3_freeState(r.digest);
	free(r.peeked);
	elf_end(r.elf);
	if (r.fd >= 0)
		close(r.fd);
	if (rc < 0)
		object_free(o);
	else
		*out = o;
	return rc;
}

bool object_dynamic(const struct object *o, int64_t tag, uint64_t *value)
{
	/* ld.so keeps the last entry of a tag. */
	for (size_t i = o->dynamic_count; i-- > 0;)
		if (o->dynamic[i].d_tag == tag) {
			*value = o->dynamic[i].d_un.d_val;
			return true;
		}
	return false;
}

const char *object_symbol_name(const struct object *o, size_t index)
{
	if (index >= o->symbol_count || o->symbols[index].st_name >= o->strings_bytes)
		return "";
	return o->strings + o->symbols[index].st_name;
}
