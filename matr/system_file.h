/*
 * system_file.h - the file that stands in the loader's place in system mode
 *
 * A copy of the installed loader with the shim in front (image/front.h): who reads it as a file
 * (link editors, which libc.so, the linker script, sends here for __tls_get_addr; ldconfig,
 * gdb, valgrind, ldd) finds the loader, with all its sections and its SONAME.  Who starts it
 * gets the shim first.
 *
 *	the loader's file, its header changed: entry, place of the program headers, mark
 *	its last segment once more, .bss included: older kernels clear an interpreter's
 *	  .bss only where it comes last
 *	program headers | the shim, from its ELF header on
 *
 * From the program headers on, file offset and address are the same.  ld.so reads its own
 * program headers in memory, so they lie in the shim's first segment.
 *
 * Made from the two files and the loader's identity alone: making it again tells whether it
 * is still right.
 */
#ifndef MATR_SYSTEM_FILE_H
#define MATR_SYSTEM_FILE_H

#include "common/buf.h"
#include "common/err.h"
#include "common/identity.h"
#include "image/loader_path.h"

struct system_file_request {
	const struct buf *shim;		  /* ld-matr.so.1, as a whole */
	const struct buf *loader;	  /* the installed ld.so */
	const struct identity *installed; /* its identity */
	enum loader_path first;		  /* where it will be found */
};

/* Fills the empty `out`.  -ENOEXEC: one of the two is not what it should be. */
int system_file_make(struct buf *out, const struct system_file_request *r, struct err *e);

#endif
