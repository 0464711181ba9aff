/*
 * identity.h - which file exactly
 *
 * The answer to "is this still the file that was resolved?" without reading
 * it: what fstat tells.  A replaced file has another inode or time; a file
 * written in place has another mtime and, whatever is done to mtime
 * afterwards, another ctime.
 */
#ifndef COMMON_IDENTITY_H
#define COMMON_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct identity {
	uint64_t dev;       /* st_dev */
	uint64_t ino;       /* st_ino */
	uint64_t size;      /* bytes */
	int64_t mtime_sec;  /* seconds since 1970 */
	int64_t ctime_sec;
	uint32_t mtime_nsec;
	uint32_t ctime_nsec;
};

void identity_from_stat(struct identity *id, const struct stat *st);
bool identity_equal(const struct identity *a, const struct identity *b);

/*
 * What a copy by tar or rsync, or an image's layer, has in common with the file that was copied:
 * size and mtime in seconds.  A portable store goes by these, and by build-ids.
 */
bool identity_same_copy(const struct identity *a, const struct identity *b);

/* One or the other, as the store has it. */
bool identity_holds(const struct identity *a, const struct identity *b, bool portable);

/* Same file as far as naming goes: (dev, ino), the way ld.so recognises an object. */
bool identity_same_inode(const struct identity *a, const struct identity *b);

#endif
