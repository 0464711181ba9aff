/*
 * status.h - what the daemon says of itself, as JSON: S/status, and `matr epoch status`
 *
 *	schema      1
 *	state       "epoch", "management", "building", "failed"
 *	why         a sentence
 *	since       when that began, nanoseconds since 1970
 *	epoch       number of the current epoch, or null
 *	pid         of the daemon, or null: it has ended
 *	boot_id     of the boot in which this was written
 *	packages    the package manager that runs, or null
 *	watch       how ("fanotify", "inotify", "both", "none"), folders (watched with
 *	            inotify), unwatched (for which no watches were left)
 *	last        of builds: result ("built", "failed", "stopped", or null: none yet),
 *	            reason, ended (nanoseconds since 1970), took (nanoseconds)
 *	builds, failures   counted since the daemon began
 */
#ifndef EPOCHD_STATUS_H
#define EPOCHD_STATUS_H

#include "common/buf.h"

#include <stdint.h>
#include <sys/types.h>

#define STATUS_BOOT_ID_BYTES 40

struct status_watch {
	const char *how;
	uint64_t folders, unwatched;
};

struct status {
	const char *state, *why;
	int64_t since_nsec;
	uint64_t epoch; /* 0: none is current */
	pid_t pid;	/* 0: it has ended */
	char boot_id[STATUS_BOOT_ID_BYTES];
	const char *packages; /* NULL: none runs */
	struct status_watch watch;
	const char *last_result; /* NULL: none yet */
	char last_reason[512];
	int64_t last_ended_nsec;
	uint64_t last_took_nsec;
	uint64_t builds, failures;
};

void status_write(const struct status *s, struct buf *out);

/* This boot's id, or "" where the kernel does not tell. */
void status_boot_id(char out[STATUS_BOOT_ID_BYTES]);

/* The boot id in a status that was read from a file; "" where there is none. */
void status_read_boot_id(const struct buf *text, char out[STATUS_BOOT_ID_BYTES]);

#endif
