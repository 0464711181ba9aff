/*
 * file.h - files read whole, replaced at once, and made to last
 *
 * The one place that knows how a file is replaced so that a reader sees the
 * old one or the new one and a crash leaves one of the two: written aside in
 * the same folder, synced, renamed over, folder synced.
 *
 * Names are relative to a folder's descriptor; AT_FDCWD is fine.  Every
 * function retries on EINTR and opens with O_CLOEXEC.  `what` in an error
 * sentence is the name as given.
 */
#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include "common/buf.h"
#include "common/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Appends the whole file to `b`.  -EFBIG where it holds more than `max` bytes
 * (0: no limit); -ENOENT and the like from open.  On failure b is as before.
 */
int file_read(int dirfd, const char *name, size_t max, struct buf *b, struct err *e);

/* All bytes, or an error: a short write is continued.  `offset` is a file offset in bytes. */
int file_write_all(int fd, const void *data, size_t bytes);
int file_pwrite_all(int fd, const void *data, size_t bytes, uint64_t offset);

struct file_replace {
	int dirfd;	  /* folder; AT_FDCWD: the working directory */
	const char *name; /* of the file; the temporary one is name + ".tmp" */
	const void *data; /* the new content */
	size_t bytes;
	mode_t mode; /* exact, whatever the umask is */
};

/*
 * Replaces (or makes) a file at once.  After success the new content survives
 * a power cut.  After failure the old file is untouched and no temporary one
 * is left.  Two processes that replace one file at a time must lock it.
 */
int file_replace(const struct file_replace *r, struct err *e);

/* Makes a folder and the missing ones above it; those that exist keep their mode. */
int file_mkdirs(const char *path, mode_t mode, struct err *e);

/* Makes a folder's entries last: fsync on a descriptor of it (or of a name in dirfd). */
int file_sync_folder(int dirfd, const char *name, struct err *e);

/* Removes a file or a whole folder; 0 where there is none.  Never follows a link. */
int file_remove_tree(int dirfd, const char *name, struct err *e);

#endif
