/*
 * interp_edit.h - the name of the loader inside a program file
 *
 * A program names its loader in PT_INTERP: `bytes` bytes at file offset
 * `offset`, a path and NULs behind it; the section .interp covers the same
 * bytes.  Enabling writes the shim's path there, which is shorter, and changes
 * no other byte:
 *
 *	before  /lib64/ld-linux-x86-64.so.2 0
 *	after   /lib64/ld-matr.so.1 0 0 0 0 0 0 0 M 0
 *
 * M, the last byte but one, is the mark: which of the known spellings of the
 * system's loader stood there before, so that the original can be rebuilt from
 * the file alone.  INTERP_MARK_LISTED stands for any other spelling; its bytes
 * are in the store's list (enabled_list.h).  The kernel demands that the last
 * byte is NUL; nobody reads what stands between the path's NUL and the end.
 * A program that was *linked* with the shim's path has no room for a mark, and
 * so is never taken for an enabled one.
 *
 * Nothing here executes or trusts the file: every range is checked.
 */
#ifndef MATR_INTERP_EDIT_H
#define MATR_INTERP_EDIT_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

#define INTERP_BYTES_MAX 4096 /* the kernel's limit of PT_INTERP */
#define INTERP_MARK_LISTED 0xff
#define SYSTEM_LOADER "/lib64/ld-linux-x86-64.so.2"

enum interp_state {
	INTERP_NONE = 0, /* the file is no program: see reason */
	INTERP_STOCK,	 /* names the system's loader */
	INTERP_ENABLED,	 /* names the shim, and has a mark: disable can undo it */
	INTERP_LINKED,	 /* names the shim since it was linked */
	INTERP_OTHER,	 /* names another loader */
};

struct interp {
	enum interp_state state;
	unsigned reason;  /* enum reason: why it cannot be enabled; 0: it can, or is */
	uint64_t offset;  /* file offset of the bytes */
	uint32_t bytes;	  /* p_filesz */
	uint64_t header;  /* file offset of the PT_INTERP program header */
	uint64_t section; /* file offset of the section header of .interp; 0: none */
	bool in_section;  /* .interp covers the same bytes */
	uint8_t mark;	  /* INTERP_ENABLED only */
	char content[INTERP_BYTES_MAX]; /* the bytes; a NUL-terminated path unless state is NONE */
};

/*
 * Looks at an open file.  0 with *out filled, also for a file that is no
 * program (state NONE, reason says why); negative where reading fails.
 */
int interp_read(struct interp *out, int fd, struct err *e);

/*
 * The bytes (i->bytes of them) that enable the program with this shim path.
 * -ENAMETOOLONG: the path and a mark do not fit.
 */
int interp_enabled_bytes(const struct interp *i, const char *shim, char *out, struct err *e);

/*
 * The bytes that were there before.  -ENODATA: the mark says that only the
 * store's list knows them; -EINVAL: the file is not enabled.
 */
int interp_original_bytes(const struct interp *i, char *out, struct err *e);

/*
 * For a private copy that nobody else sees: writes any path, of any length, to
 * the file `fd`.  One that does not fit goes between two segments, else behind
 * the file's end, and PT_INTERP and .interp point at it; its place in memory
 * (p_vaddr), where ld.so looks, keeps the old name.
 */
int interp_write_any(int fd, const struct interp *i, const char *shim, struct err *e);

#endif
