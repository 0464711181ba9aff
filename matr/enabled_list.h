/*
 * enabled_list.h - the list of enabled files, STORE/enabled
 *
 * Text, one file per line, replaced at once: the original bytes of PT_INTERP
 * in hexadecimal; where the shim is not the installed one a colon and its path
 * in hexadecimal; a blank; the canonical path (backslash as \\, newline as
 * \n).  It is what `matr enable --list` shows and `matr disable --all` undoes,
 * and the only memory of a spelling of the loader that has no mark of its own
 * (interp_edit.h).
 *
 * A file enters the list before it is changed and leaves it after it was
 * restored, so after a crash the list may name a file that is not enabled, and
 * never misses one that is.  A package upgrade leaves such lines too, until
 * the file is enabled again (enable_again.h).
 *
 * Opening takes a lock on the store's folder and keeps it until close, so two
 * commands wait for each other.
 */
#ifndef MATR_ENABLED_LIST_H
#define MATR_ENABLED_LIST_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct enabled_file {
	char *path;	/* canonical; owned by the list */
	uint8_t *bytes; /* the original PT_INTERP; owned by the list */
	size_t count;	/* of bytes */
	char *shim;	/* what it was enabled with; NULL: the installed one; owned by the list */
};

struct enabled_list {
	struct enabled_file *files; /* in the order in which they were enabled */
	size_t file_count, capacity;
	int folder; /* the store's, locked */
};

/*
 * Reads the list.  The store's folder is made with `create` (0755 for root,
 * 0700 for anyone else), else -ENOENT where there is none.  -EBADMSG: damaged.
 */
int enabled_list_open(struct enabled_list *l, const char *store, bool create, struct err *e);
void enabled_list_close(struct enabled_list *l);

/* NULL: not in the list. */
const struct enabled_file *enabled_list_find(const struct enabled_list *l, const char *path);

/* In memory only, until enabled_list_save().  What `f` holds is copied; any older line goes. */
void enabled_list_put(struct enabled_list *l, const struct enabled_file *f);
void enabled_list_remove(struct enabled_list *l, const char *path);
int enabled_list_save(const struct enabled_list *l, struct err *e);

#endif
