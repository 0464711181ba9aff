/* PT_INTERP read, enabled, restored.  Reads ranges of the file; never maps it. */
#include "matr/interp_edit.h"

#include "common/arena.h"
#include "image/reason.h"
#include "matr/matr.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The mark is the place in this list plus 1: it is published in files, so never change it. */
static const char *const spellings[] = {
    SYSTEM_LOADER,
    "/usr/lib64/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    "/lib/ld-linux-x86-64.so.2",
    "/usr/lib/ld-linux-x86-64.so.2",
    "/lib64/ld-lsb-x86-64.so.3",
};

#define SPELLING_COUNT (sizeof(spellings) / sizeof(spellings[0]))
#define PHDR_MAX 4096	 /* far above what linkers make */
#define DYNAMIC_MAX 4096 /* entries looked at */

/* All `bytes` at `offset`, or false: the file is shorter, or cannot be read. */
static bool read_at(int fd, void *to, size_t bytes, uint64_t offset)
{
	size_t done = 0;
	ssize_t n;

	while (done < bytes) {
		n = pread(fd, (char *)to + done, bytes - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static bool write_at(int fd, const void *from, size_t bytes, uint64_t offset)
{
	return pwrite(fd, from, bytes, (off_t)offset) == (ssize_t)bytes;
}

static unsigned check_header(const Elf64_Ehdr *eh)
{
	if (memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0)
		return REASON_NOT_ELF;
	if (eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_ident[EI_DATA] != ELFDATA2LSB ||
	    eh->e_machine != EM_X86_64)
		return REASON_OTHER_MACHINE;
	if (eh->e_type != ET_EXEC && eh->e_type != ET_DYN)
		return REASON_NOT_PROGRAM;
	if (eh->e_phentsize != sizeof(Elf64_Phdr) || eh->e_phnum > PHDR_MAX)
		return REASON_MALFORMED;
	return REASON_NONE;
}

/* libc.so.6 has a PT_INTERP too: a DT_SONAME, and no word that it is a PIE. */
static bool is_library(int fd, const Elf64_Phdr *dynamic)
{
	bool soname = false, pie = false;
	Elf64_Dyn d;

	for (unsigned n = 0; n < DYNAMIC_MAX && (n + 1) * sizeof(d) <= dynamic->p_filesz; n++) {
		if (!read_at(fd, &d, sizeof(d), dynamic->p_offset + n * sizeof(d)) ||
		    d.d_tag == DT_NULL)
			break;
		soname |= d.d_tag == DT_SONAME;
		pie |= d.d_tag == DT_FLAGS_1 && (d.d_un.d_val & DF_1_PIE);
	}
	return soname && !pie;
}

/* One loader under two names is the system's all the same. */
static bool is_system_loader(const char *path)
{
	struct stat a, b;

	for (size_t n = 0; n < SPELLING_COUNT; n++)
		if (strcmp(path, spellings[n]) == 0)
			return true;
	return path[0] == '/' && stat(path, &a) == 0 && stat(SYSTEM_LOADER, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void classify(struct interp *i)
{
	const char *slash = strrchr(i->content, '/');
	size_t length = strlen(i->content);

	if (strcmp(slash ? slash + 1 : i->content, MATR_SHIM_NAME) == 0) {
		i->state = INTERP_LINKED;
		if (length + 3 <= i->bytes)
			i->mark = (uint8_t)i->content[i->bytes - 2];
		if (i->mark)
			i->state = INTERP_ENABLED;
	} else if (is_system_loader(i->content)) {
		i->state = INTERP_STOCK;
	} else {
		i->state = INTERP_OTHER;
		i->reason = REASON_OTHER_INTERPRETER;
	}
}

static void find_section(struct interp *i, int fd, const Elf64_Ehdr *eh)
{
	Elf64_Shdr names, s;
	char name[sizeof(".interp")];

	if (!eh->e_shoff || eh->e_shentsize != sizeof(s) || eh->e_shstrndx >= eh->e_shnum ||
	    !read_at(fd, &names, sizeof(names), eh->e_shoff + eh->e_shstrndx * sizeof(s)))
		return;
	for (unsigned n = 0; n < eh->e_shnum; n++) {
		uint64_t at = eh->e_shoff + n * sizeof(s);

		if (!read_at(fd, &s, sizeof(s), at))
			return;
		if (s.sh_name >= names.sh_size ||
		    !read_at(fd, name, sizeof(name), names.sh_offset + s.sh_name) ||
		    memcmp(name, ".interp", sizeof(name)) != 0)
			continue;
		i->section = at;
		i->in_section = s.sh_offset == i->offset && s.sh_size == i->bytes;
		return;
	}
}

static unsigned read_interp(struct interp *i, int fd, const Elf64_Phdr *ph)
{
	if (ph->p_filesz < 2 || ph->p_filesz > INTERP_BYTES_MAX)
		return REASON_MALFORMED;
	i->offset = ph->p_offset;
	i->bytes = (uint32_t)ph->p_filesz;
	if (!read_at(fd, i->content, i->bytes, i->offset) || i->content[i->bytes - 1] != '\0')
		return REASON_MALFORMED;
	return REASON_NONE;
}

/* What the program headers say; a reason where they are not those of a program. */
static unsigned read_headers(struct interp *i, int fd, const Elf64_Ehdr *eh)
{
	Elf64_Phdr ph, dynamic = {0};
	unsigned reason = REASON_STATIC;

	for (unsigned n = 0; n < eh->e_phnum; n++) {
		uint64_t at = eh->e_phoff + n * sizeof(ph);

		if (!read_at(fd, &ph, sizeof(ph), at))
			return REASON_MALFORMED;
		if (ph.p_type == PT_DYNAMIC)
			dynamic = ph;
		/* The kernel takes the first. */
		if (ph.p_type != PT_INTERP || i->header)
			continue;
		i->header = at;
		reason = read_interp(i, fd, &ph);
	}
	if (!i->header && dynamic.p_filesz && is_library(fd, &dynamic))
		return REASON_NOT_PROGRAM;
	if (!reason && is_library(fd, &dynamic))
		return REASON_NOT_PROGRAM;
	return reason;
}

int interp_read(struct interp *out, int fd, struct err *e)
{
	Elf64_Ehdr eh;
	struct stat st;

	memset(out, 0, sizeof(*out));
	if (fstat(fd, &st) < 0)
		return err_sys(e, "fstat");
	out->reason = REASON_NOT_ELF;
	if (!S_ISREG(st.st_mode) || !read_at(fd, &eh, sizeof(eh), 0))
		return 0;
	out->reason = check_header(&eh);
	if (!out->reason)
		out->reason = read_headers(out, fd, &eh);
	if (out->reason)
		return 0;
	classify(out);
	find_section(out, fd, &eh);
	return 0;
}

static uint8_t find_mark(const struct interp *i)
{
	size_t length = strlen(i->content);

	for (size_t n = length; n < i->bytes; n++)
		if (i->content[n])
			return INTERP_MARK_LISTED;
	for (size_t n = 0; n < SPELLING_COUNT; n++)
		if (strcmp(i->content, spellings[n]) == 0)
			return (uint8_t)(n + 1);
	return INTERP_MARK_LISTED;
}

int interp_enabled_bytes(const struct interp *i, const char *shim, char *out, struct err *e)
{
	size_t length = strlen(shim);

	if (i->state != INTERP_STOCK)
		return err_set(e, -EINVAL, "PT_INTERP does not name the system's loader");
	if (length + 3 > i->bytes)
		return err_set(e, -ENAMETOOLONG,
			       "'%s' does not fit in place of '%s': %zu characters, %u are there",
			       shim, i->content, length, i->bytes < 3 ? 0 : i->bytes - 3);
	memset(out, 0, i->bytes);
	memcpy(out, shim, length);
	out[i->bytes - 2] = (char)find_mark(i);
	return 0;
}

int interp_original_bytes(const struct interp *i, char *out, struct err *e)
{
	size_t length;

	if (i->state != INTERP_ENABLED)
		return err_set(e, -EINVAL, "was not enabled by 'matr enable'");
	if (i->mark > SPELLING_COUNT)
		return err_set(e, -ENODATA,
			       "its loader's original name is only in the store's list");
	length = strlen(spellings[i->mark - 1]);
	if (length + 1 > i->bytes)
		return err_set(e, -ENODATA, "the mark in PT_INTERP is damaged");
	memset(out, 0, i->bytes);
	memcpy(out, spellings[i->mark - 1], length);
	return 0;
}

/* ---- a longer path, for private copies ---- */

static bool all_zero(int fd, uint64_t offset, size_t bytes)
{
	char content[INTERP_BYTES_MAX];

	if (bytes > sizeof(content) || !read_at(fd, content, bytes, offset))
		return false;
	for (size_t n = 0; n < bytes; n++)
		if (content[n])
			return false;
	return true;
}

/* Does a segment have bytes in [from, to)? */
static bool covered(const Elf64_Phdr *phdr, size_t count, uint64_t from, uint64_t to)
{
	for (size_t n = 0; n < count; n++)
		if (phdr[n].p_filesz && phdr[n].p_offset < to &&
		    phdr[n].p_offset + phdr[n].p_filesz > from)
			return true;
	return false;
}

/*
 * Linkers leave zeros between two segments, up to a page boundary.  A place
 * there is better than one at the end of the file: some programs look for data
 * of their own at their end.  0: there is none.
 */
static uint64_t find_gap(int fd, const Elf64_Ehdr *eh, size_t bytes)
{
	size_t count = eh->e_phnum;
	Elf64_Phdr *phdr = xcalloc(count, sizeof(*phdr));
	uint64_t found = 0;

	if (!read_at(fd, phdr, count * sizeof(*phdr), eh->e_phoff))
		count = 0;
	for (size_t n = 0; n + 1 < count && !found; n++) {
		uint64_t from = phdr[n].p_offset + phdr[n].p_filesz;

		if (phdr[n].p_type == PT_LOAD && phdr[n + 1].p_type == PT_LOAD &&
		    from + bytes <= phdr[n + 1].p_offset &&
		    !covered(phdr, count, from, from + bytes) && all_zero(fd, from, bytes))
			found = from;
	}
	free(phdr);
	return found;
}

static int write_elsewhere(int fd, const struct interp *i, const char *shim, struct err *e)
{
	size_t bytes = strlen(shim) + 1;
	struct stat st;
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	Elf64_Shdr sh;
	uint64_t place;

	if (fstat(fd, &st) < 0)
		return err_sys(e, "fstat");
	if (!read_at(fd, &eh, sizeof(eh), 0) || !read_at(fd, &ph, sizeof(ph), i->header))
		return err_set(e, -EIO, "cannot read the program headers");
	place = find_gap(fd, &eh, bytes);
	ph.p_offset = place ? place : (uint64_t)st.st_size;
	ph.p_filesz = bytes;
	if (!write_at(fd, shim, bytes, ph.p_offset) || !write_at(fd, &ph, sizeof(ph), i->header))
		return err_sys(e, "cannot write PT_INTERP");
	/* gdb reads the section, not the header. */
	if (!i->section || !read_at(fd, &sh, sizeof(sh), i->section))
		return 0;
	sh.sh_offset = ph.p_offset;
	sh.sh_size = bytes;
	if (!write_at(fd, &sh, sizeof(sh), i->section))
		return err_sys(e, "cannot write the section header of .interp");
	return 0;
}

int interp_write_any(int fd, const struct interp *i, const char *shim, struct err *e)
{
	char bytes[INTERP_BYTES_MAX] = {0};
	size_t length = strlen(shim);

	if (length >= INTERP_BYTES_MAX)
		return err_set(e, -ENAMETOOLONG, "the shim's path is too long");
	if (length + 1 > i->bytes)
		return write_elsewhere(fd, i, shim, e);
	memcpy(bytes, shim, length);
	if (!write_at(fd, bytes, i->bytes, i->offset))
		return err_sys(e, "cannot write PT_INTERP");
	return 0;
}
