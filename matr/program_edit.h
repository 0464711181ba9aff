/*
 * program_edit.h - a few bytes of a program file replaced, everything else kept
 *
 * Kept: content, size, mode, owner, times (of change aside, which nobody can
 * set), extended attributes with ACLs, file capabilities and labels, and the
 * hard links.  Three ways, chosen by the file:
 *
 *	one link      A copy is written beside the file, given all attributes,
 *	              synced, and renamed over it: whatever happens, the name holds
 *	              the old file or the new one.  A process that runs the
 *	              old file keeps it.
 *	several links, or a folder that may not be changed
 *	              Renaming would split them, so the bytes are written in
 *	              place, in one call: all of them lie in one page nearly
 *	              always, and a crash leaves the old or the new page.
 *	              Attributes that the kernel takes away at a write are put back.
 *	several links, and running
 *	              The kernel forbids the write (ETXTBSY).  Where all links are
 *	              known - they lie in the file's own folder or were named -
 *	              the copy is linked and renamed over each of them in turn, so
 *	              they are one file again; else -ETXTBSY, and nothing is changed.
 *
 * Refused, with nothing changed: a file with fs-verity or an IMA signature,
 * which the change would break, and a file that was changed meanwhile.
 */
#ifndef MATR_PROGRAM_EDIT_H
#define MATR_PROGRAM_EDIT_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct program_edit {
	const char *path;      /* canonical */
	const struct stat *st; /* of the file when it was looked at */
	uint64_t offset;       /* file offset of the bytes */
	const char *bytes;     /* what to write */
	uint32_t count;	       /* bytes, at most INTERP_BYTES_MAX */
	const char **named;    /* paths that may be further links of the file */
	size_t named_count;
};

enum program_edit_how {
	PROGRAM_EDIT_REPLACED = 1,
	PROGRAM_EDIT_IN_PLACE,
	PROGRAM_EDIT_RELINKED,
};

int program_edit(const struct program_edit *p, enum program_edit_how *how, struct err *e);

#endif
