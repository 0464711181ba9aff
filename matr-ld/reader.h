/*
 * reader.h - checked reading of one ELF file while it is parsed
 *
 * Inside of object.c and its siblings.  Every range is compared with the
 * file's size before memory is taken for it, belongs to the object afterwards
 * and is counted into the digest.  After the first failure `code` stays set and
 * the sentence is in `e`; the functions then return NULL, so a caller may
 * check at the end of a group.
 */
#ifndef MATR_LD_READER_H
#define MATR_LD_READER_H

#include "matr-ld/object.h"

#include <libelf.h>
#include <xxhash.h>

struct reader {
	struct object *o; /* being built */
	int fd;
	Elf *elf;
	uint64_t file_bytes;
	XXH3_state_t *digest; /* NULL: what is read now does not count */
	void *peeked; /* reader_peek's buffer; malloc'ed */
	size_t peeked_bytes;
	int code; /* 0, or the first failure's negative errno value */
	struct err *e;
};

/* Record that the file is malformed: "'PATH': SENTENCE".  Returns -EBADMSG. */
int reader_malformed(struct reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* [offset, offset + bytes) of the file, with a NUL behind it; `what` names it in the error. */
void *reader_at(struct reader *r, uint64_t offset, uint64_t bytes, const char *what);

/* The same for a short look: valid until the next peek, and not kept. */
const void *reader_peek(struct reader *r, uint64_t offset, uint64_t bytes, const char *what);

/* Checks the range and counts it into the digest, without keeping it. */
void reader_digest(struct reader *r, uint64_t offset, uint64_t bytes, const char *what);

/* The same as reader_at by link-time address: the range must lie in the file part of one PT_LOAD.
 */
void *reader_vaddr(struct reader *r, uint64_t vaddr, uint64_t bytes, const char *what);

/* Zeroed memory of the object. */
void *object_alloc(struct object *o, size_t bytes);
void *object_memdup(struct object *o, const void *from, size_t bytes);

/* Bytes from vaddr to the end of the file part that it lies in; 0: it is in none. */
uint64_t reader_room(const struct reader *r, uint64_t vaddr, uint64_t *offset);

/* The passes over a file, in this order; 0 or a negative errno value. */
int object_read_headers(struct reader *r, unsigned *reason);
int object_read_dynamic(struct reader *r);
int object_read_relocations(struct reader *r);
int object_read_symbols(struct reader *r);
int object_read_versions(struct reader *r);
int object_read_sections(struct reader *r);

#endif
