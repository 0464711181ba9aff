#include "matr-ld/reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

int reader_malformed(struct reader *r, const char *format, ...)
{
	char text[ERR_TEXT_MAX / 2];
	va_list ap;

	if (r->code)
		return r->code;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	r->code = -EBADMSG;
	return err_set(r->e, -EBADMSG, "'%s': %s", r->o->path, text);
}

void *reader_at(struct reader *r, uint64_t offset, uint64_t bytes, const char *what)
{
	char *to;
	size_t done = 0;
	ssize_t n;

	if (r->code)
		return NULL;
	if (offset > r->file_bytes || bytes > r->file_bytes - offset) {
		reader_malformed(r, "%s reaches beyond the end of the file", what);
		return NULL;
	}
	to = arena_alloc(&r->o->memory, bytes + 1);
	while (done < bytes) {
		n = pread(r->fd, to + done, bytes - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r->code = err_sys(r->e, "cannot read %s of '%s'", what, r->o->path);
			return NULL;
		}
		if (n == 0) {
			reader_malformed(r, "the file became shorter while it was read");
			return NULL;
		}
		done += (size_t)n;
	}
	XXH3_64bits_update(r->digest, to, bytes);
	return to;
}

uint64_t reader_room(const struct reader *r, uint64_t vaddr, uint64_t *offset)
{
	const Elf64_Phdr *p = r->o->phdr;

	for (size_t i = 0; i < r->o->phdr_count; i++, p++) {
		if (p->p_type != PT_LOAD || vaddr < p->p_vaddr || vaddr - p->p_vaddr >= p->p_filesz)
			continue;
		*offset = p->p_offset + (vaddr - p->p_vaddr);
		return p->p_filesz - (vaddr - p->p_vaddr);
	}
	return 0;
}

void *reader_vaddr(struct reader *r, uint64_t vaddr, uint64_t bytes, const char *what)
{
	uint64_t offset = 0;

	if (r->code)
		return NULL;
	if (reader_room(r, vaddr, &offset) < bytes) {
		reader_malformed(r, "%s lies outside of the loaded segments", what);
		return NULL;
	}
	return reader_at(r, offset, bytes, what);
}
