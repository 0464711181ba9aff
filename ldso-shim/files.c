/*
 * files.c - opening and trusting files of the store
 *
 * Environment: before ld.so runs, or inside its mmap call; open descriptors
 * only, no memory of the process is changed.
 */
#include "ldso-shim/shim.h"

#include "ldso-shim/sys.h"

#define TYPE_MASK 0170000u
#define TYPE_FOLDER 0040000u
#define MAX_NAME 256
#define OVERFLOW_UID 65534u

/* The kernel's struct stat of x86-64, as far as it is needed. */
struct kernel_stat {
	uint64_t dev, ino, nlink;
	uint32_t mode, uid, gid, pad0;
	uint64_t rdev;
	int64_t size, blksize, blocks;
	int64_t atime_sec, atime_nsec, mtime_sec, mtime_nsec, ctime_sec, ctime_nsec;
	int64_t unused[3];
};
_Static_assert(sizeof(struct kernel_stat) == 144, "struct stat of x86-64");

int file_facts(int fd, struct file_facts *out)
{
	struct kernel_stat st;
	long ret;

	if (S.old_fstat)
		ret = sys_call3(SYS_FSTAT, fd, (long)&st, 0);
	else
		ret = sys_call6(SYS_NEWFSTATAT, fd, (long)"", (long)&st, AT_EMPTY_PATH_VALUE, 0, 0);
	if (ret < 0)
		return 0;
	out->identity = (struct matr_identity){
		.dev = st.dev,
		.ino = st.ino,
		.size = (uint64_t)st.size,
		.mtime_sec = st.mtime_sec,
		.ctime_sec = st.ctime_sec,
		.mtime_nsec = (uint32_t)st.mtime_nsec,
		.ctime_nsec = (uint32_t)st.ctime_nsec,
	};
	out->mode = st.mode;
	out->uid = st.uid;
	return 1;
}

/* Of the wanted type, root's or the user's own, and nobody else may write to it. */
int file_trusted(const struct file_facts *f, uint32_t type, const struct process *p)
{
	return (f->mode & TYPE_MASK) == type && (f->mode & 022) == 0 && f->uid != OVERFLOW_UID &&
	       (f->uid == 0 || (f->uid == p->euid && p->uid == p->euid));
}

/* A sticky folder that others write to (/tmp) may stand above the store, but not be it. */
static int folder_trusted(int fd, int last)
{
	struct file_facts f;

	return file_facts(fd, &f) && f.uid == 0 &&
	       ((f.mode & 022) == 0 || (!last && (f.mode & 01000)));
}

/* The first component of a path, without slashes; returns what comes behind it, NULL: too long. */
static const char *component(const char *path, char name[MAX_NAME])
{
	size_t n = 0;

	while (path[n] && path[n] != '/') {
		if (n + 1 >= MAX_NAME)
			return 0;
		name[n] = path[n];
		n++;
	}
	name[n] = 0;
	path += n;
	while (*path == '/')
		path++;
	return path;
}

/* For uid 0: the folder and every one above it are root's and nobody else may write there. */
int folder_chain_trusted(const char *path)
{
	int fd = (int)sys_openat(AT_FDCWD_VALUE, "/", OPEN_FOLDER), next;
	int ok = path[0] == '/' && fd >= 0;
	char name[MAX_NAME];

	while (ok && *path == '/')
		path++;
	ok = ok && folder_trusted(fd, *path == 0);
	while (ok && *path) {
		path = component(path, name);
		next = path ? (int)sys_openat(fd, name, OPEN_FOLDER | OPEN_NOFOLLOW) : -1;
		sys_close(fd);
		fd = next;
		ok = fd >= 0 && folder_trusted(fd, *path == 0);
	}
	if (fd >= 0)
		sys_close(fd);
	return ok;
}

/* As far as fstat tells; of a portable image's files the build-id is compared besides. */
int identity_matches(const struct matr_identity *a, const struct matr_identity *b)
{
	if (a->size != b->size || a->mtime_sec != b->mtime_sec)
		return 0;
	return (S.image.header->flags & MATR_IMAGE_PORTABLE) ||
	       (a->dev == b->dev && a->ino == b->ino && a->mtime_nsec == b->mtime_nsec &&
		a->ctime_sec == b->ctime_sec && a->ctime_nsec == b->ctime_nsec);
}

static int loader_build_id_matches(int fd)
{
	const struct matr_image_header *h = S.image.header;
	const uint8_t *want = S.image.build_ids + h->installed_build_id.offset;
	uint32_t bytes = h->installed_build_id.count;
	uint8_t have[MATR_MAX_BUILD_ID];

	if (!(h->flags & MATR_IMAGE_PORTABLE))
		return 1;
	if (sys_call6(SYS_PREAD64, fd, (long)have, bytes, (long)h->installed_build_id_at, 0, 0) !=
	    (long)bytes)
		return 0;
	for (uint32_t i = 0; i < bytes; i++)
		if (have[i] != want[i])
			return 0;
	return 1;
}

/* The installed loader is the one that was prepared. */
enum reason loader_identity_check(void)
{
	long fd = sys_openat(AT_FDCWD_VALUE, S.image.loader_path, OPEN_READ);
	struct file_facts f;
	int same;

	if (fd < 0)
		return REASON_LOADER_CHANGED;
	same = file_facts((int)fd, &f) &&
	       identity_matches(&f.identity, &S.image.header->installed) &&
	       loader_build_id_matches((int)fd);
	sys_close((int)fd);
	return same ? REASON_NONE : REASON_LOADER_CHANGED;
}

/* The file at `path` is the one that the epoch saw, or is still absent. */
enum reason path_identity_check(const char *path, const struct matr_identity *want, int exists,
				enum reason if_changed)
{
	long fd = sys_openat(AT_FDCWD_VALUE, path, OPEN_READ);
	struct file_facts f;
	int same;

	if (fd < 0)
		return exists ? if_changed : REASON_NONE;
	same = exists && file_facts((int)fd, &f) && identity_matches(&f.identity, want);
	sys_close((int)fd);
	return same ? REASON_NONE : if_changed;
}
