#include "matr-ld/reader.h"

#include "common/arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

struct object_block {
	struct object_block *next;
	_Alignas(16) char data[];
};

/* A block of its own for each table, exactly as large: thousands of objects are kept. */
static void *new_block(struct object *o, struct object_block *b)
{
	b->next = o->memory;
	o->memory = b;
	return b->data;
}

void *object_alloc(struct object *o, size_t bytes)
{
	return new_block(o, xcalloc(1, sizeof(struct object_block) + bytes));
}

void *object_memdup(struct object *o, const void *from, size_t bytes)
{
	void *to = object_alloc(o, bytes);

	if (bytes)
		memcpy(to, from, bytes);
	return to;
}

void object_free(struct object *o)
{
	struct object_block *b, *next;

	if (!o)
		return;
	for (b = o->memory; b; b = next) {
		next = b->next;
		free(b);
	}
	free(o);
}

static bool inside(struct reader *r, uint64_t offset, uint64_t bytes, const char *what)
{
	if (r->code)
		return false;
	if (offset <= r->file_bytes && bytes <= r->file_bytes - offset)
		return true;
	reader_malformed(r, "%s reaches beyond the end of the file", what);
	return false;
}

static void *fill(struct reader *r, char *to, uint64_t offset, uint64_t bytes)
{
	size_t done = 0;
	ssize_t n;

	while (done < bytes) {
		n = pread(r->fd, to + done, bytes - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r->code = err_sys(r->e, "cannot read '%s'", r->o->path);
			return NULL;
		}
		if (n == 0) {
			reader_malformed(r, "the file became shorter while it was read");
			return NULL;
		}
		done += (size_t)n;
	}
	to[bytes] = '\0';
	if (r->digest)
		XXH3_64bits_update(r->digest, to, bytes);
	return to;
}

void *reader_at(struct reader *r, uint64_t offset, uint64_t bytes, const char *what)
{
	if (!inside(r, offset, bytes, what))
		return NULL;
	return fill(r, new_block(r->o, xmalloc(sizeof(struct object_block) + bytes + 1)), offset,
		    bytes);
}

const void *reader_peek(struct reader *r, uint64_t offset, uint64_t bytes, const char *what)
{
	if (!inside(r, offset, bytes, what))
		return NULL;
	if (bytes >= r->peeked_bytes) {
		r->peeked_bytes = bytes + 4096;
		free(r->peeked);
		r->peeked = xmalloc(r->peeked_bytes);
	}
	return fill(r, r->peeked, offset, bytes);
}

void reader_digest(struct reader *r, uint64_t offset, uint64_t bytes, const char *what)
{
	const uint64_t piece = 1 << 20;

	if (!inside(r, offset, bytes, what))
		return;
	for (; bytes > piece && !r->code; offset += piece, bytes -= piece)
		reader_peek(r, offset, piece, what);
	reader_peek(r, offset, bytes, what);
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
