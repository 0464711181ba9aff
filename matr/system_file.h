/*
 * system_file.h - the file that stands in the loader's place in system mode
 *
 * It has two readers.  The kernel, ld.so, ldconfig and debuggers go by its program headers: to
 * them it is the shim, byte for byte, but for the mark, which says where this file looks for the
 * real loader first.  Link editors go by its section headers: libc.so, the linker script, names
 * the loader as a library, so `ld -lc` reads symbols (__tls_get_addr), their versions and
 * the SONAME from it.  To them it is the installed loader: the tables are copies of the
 * loader's, appended behind the shim's bytes, and belong to no segment.
 *
 *	shim's bytes | .dynsym .dynstr .gnu.version .gnu.version_d .dynamic .shstrtab | headers
 *
 * Sections keep their numbers, so symbols keep theirs; what has code or data in the loader
 * is there without contents; and a program header that the shim keeps free says which of
 * the data is read-only (PT_GNU_RELRO), for copies of it.  The one symbol that differs is
 * _dl_debug_state: gdb looks it up here and plants a breakpoint in what the kernel mapped,
 * which is the shim.
 *
 * Made from the two files alone, so making it again tells whether it is still right.
 */
#ifndef MATR_SYSTEM_FILE_H
#define MATR_SYSTEM_FILE_H

#include "common/buf.h"
#include "common/err.h"
#include "image/loader_path.h"

struct system_file_request {
	const struct buf *shim;	  /* ld-matr.so.1, as a whole */
	const struct buf *loader; /* the installed ld.so */
	enum loader_path first;	  /* where the real loader will be */
};

/* Appends the file to `out`.  -ENOEXEC: one of the two is not what it should be. */
int system_file_make(struct buf *out, const struct system_file_request *r, struct err *e);

#endif
