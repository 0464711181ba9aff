/*
 * file_clone.h - a second file that is like the first one
 *
 * Content, mode, owner, times, extended attributes (ACLs, file capabilities
 * and security labels are such) from one open file to another, new one.  The
 * order is the one that the kernel demands: writing and chown take set-id bits
 * and capabilities away, so owner comes before mode, mode before attributes,
 * times last.
 */
#ifndef MATR_FILE_CLONE_H
#define MATR_FILE_CLONE_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Appends the whole content of `from` to the empty file `to`; shares blocks where that works. */
int file_clone_content(int to, int from, struct err *e);

/*
 * Gives `to` everything of `from` but its content; `st` is from's fstat.
 * With `exact` whatever cannot be kept is an error; else it is left out (a
 * user namespace cannot give files away, a tmpfs may know no such attributes).
 */
int file_clone_attributes(int to, int from, const struct stat *st, bool exact, struct err *e);

/*
 * Extended attributes held in memory: a write in place takes some away, and
 * they are put back from here.
 */
struct file_xattr {
	char *name;
	void *value;
	size_t bytes;
};

struct file_xattrs {
	struct file_xattr *all;
	size_t count;
};

int file_xattrs_read(struct file_xattrs *x, int fd, struct err *e);
/* Sets those that are missing or differ. */
int file_xattrs_write(const struct file_xattrs *x, int fd, bool exact, struct err *e);
bool file_xattrs_have(const struct file_xattrs *x, const char *name);
void file_xattrs_release(struct file_xattrs *x);

#endif
