/*
 * front.h - the shim in front of a loader, in one file
 *
 * In system mode the file that programs name is a copy of the installed loader in which the
 * shim's segments stand behind the loader's own, and whose entry is the shim's.  The kernel
 * maps both.  On the stock path the shim enters the loader that is mapped already, which is at the
 * kernel's AT_BASE, as ever; debuggers and link editors see a loader.
 *
 * `matr system enable` makes the file (matr/system_file.h) and fills in the shim's
 * `matr_front`, which it finds by its exported name.  In ld-matr.so.1 itself it is all zero.
 *
 * The copy counts only as long as the installed file is the one that it was made from: the C
 * library and its loader are replaced together, and this file a moment later.
 */
#ifndef IMAGE_FRONT_H
#define IMAGE_FRONT_H

#include "image/format.h"

struct matr_front {
	uint64_t entry;	      /* the loader's, bytes from AT_BASE; 0: there is no loader in this file */
	uint64_t debug_state; /* its _dl_debug_state, likewise */
	uint64_t old_fstat;   /* it uses fstat(2), not newfstatat(2) */
	struct matr_identity installed; /* the file that it is a copy of; always exact */
};
_Static_assert(sizeof(struct matr_front) == 72, "struct matr_front");

#endif
