/*
 * gc.h - old epochs go
 *
 * Kept are the newest `keep` epochs, the current one, and each that a running
 * process may still have mapped (its files are looked for in /proc/PID/maps;
 * where a process may not be looked at, the newest GC_UNSEEN_KEEP more stay).
 * Prepared loaders stay as long as an epoch that is kept names them, and the
 * newest one besides.  Of an epoch that goes, the folder goes first and the
 * history after it, so that a crash leaves history without a folder, which the
 * next gc takes away.
 *
 * Needs store_lock_exclusive().
 */
#ifndef CACHE_GC_H
#define CACHE_GC_H

#include "cache/store.h"

#define GC_UNSEEN_KEEP 4

struct gc_options {
	unsigned keep; /* newest epochs; 0 counts as 1 */
	int dry_run;   /* 1: only count */
};

struct gc_result {
	uint64_t epochs_removed, epochs_kept;
	uint64_t epochs_in_use; /* kept only because a process maps them, or could not be looked at */
	uint64_t loaders_removed;
	uint64_t tables_removed, objects_removed, strings_removed;
};

int gc_run(struct store *s, const struct gc_options *options, struct gc_result *out, struct err *e);

#endif
