/*
 * scan_memory.h - what a scan saw, for the next one
 *
 * A folder's time moves when an entry is made, renamed or removed in it.  So
 * where a folder is as it was, the next scan need not read it: its subfolders
 * and its executable files are those that are remembered here, and only these
 * are looked at.  What changed less than two seconds before it was seen is kept
 * without identity, since it may change again within the same tick.
 *
 * What this cannot see: a file that is made executable, or overwritten in
 * place by a program, in a folder where nothing else happens.
 *
 * The bytes are the engine's own: they lie beside an epoch, for its owner's
 * eyes only, and are checked like anything else that is read.
 */
#ifndef EPOCHD_SCAN_MEMORY_H
#define EPOCHD_SCAN_MEMORY_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/identity.h"

struct scan_file {
	const char *name;
	struct identity identity; /* all zero: look again */
	bool program;             /* a dynamic executable, not just executable */
};

struct scan_folder {
	const char *path;         /* as it is opened, any root in front */
	struct identity identity; /* size does not count; all zero: read it again */
	struct scan_file *files;  /* that someone may or might execute */
	size_t file_count;
	const char **folders;     /* names of subfolders */
	size_t folder_count;
	struct scan_folder *next; /* in its bucket */
};

struct scan_memory {
	struct arena arena;          /* folders and lists; the texts lie in the caller's bytes */
	struct scan_folder **buckets;
	size_t bucket_count;         /* 0: nothing is remembered */
};

/* Bytes that do not hold together are no memory at all. */
void scan_memory_load(struct scan_memory *m, const struct buf *bytes);
void scan_memory_release(struct scan_memory *m);

const struct scan_folder *scan_memory_find(const struct scan_memory *m, const char *path);

void scan_memory_save(struct scan_folder *const *folders, size_t count, struct buf *out);

#endif
