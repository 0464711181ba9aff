#include "matr-ld/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 40 /* the kernel's own limit */

_Thread_local root_denied_fn *root_denied;

static int denied(const char *path, int code)
{
	if (code == -EACCES && root_denied)
		root_denied(path);
	return code;
}

/* What is still to walk; a link's target is put before the rest. */
struct walk {
	const char *root;
	char *out; /* canonical so far, without a final slash */
	char rest[PATH_MAX];
	unsigned links;
};

static void drop_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
}

static int follow(struct walk *w, const char *full)
{
	char target[PATH_MAX], joined[2 * PATH_MAX];
	ssize_t n = readlink(full, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	target[n] = '\0';
	if (target[0] == '/')
		w->out[0] = '\0';
	else
		drop_last(w->out);
	snprintf(joined, sizeof(joined), "%s/%s", target, w->rest);
	if (strlen(joined) >= sizeof(w->rest))
		return -ENAMETOOLONG;
	strcpy(w->rest, joined);
	return 0;
}

/* One component: append it, then see what it is. */
static int step(struct walk *w, const char *name)
{
	char full[2 * PATH_MAX];
	struct stat st;
	size_t n = strlen(w->out);

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		drop_last(w->out);
		return 0;
	}
	if (n + 1 + strlen(name) >= PATH_MAX)
		return -ENAMETOOLONG;
	w->out[n] = '/';
	strcpy(w->out + n + 1, name);
	snprintf(full, sizeof(full), "%s%s", w->root, w->out);
	if (lstat(full, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return follow(w, full);
	if (!S_ISDIR(st.st_mode) && w->rest[strspn(w->rest, "/")])
		return -ENOTDIR;
	return 0;
}

static int walk_below(const char *root, const char *path, char *out)
{
	struct walk w = {.root = root, .out = out};
	char name[NAME_MAX + 1];
	size_t skip, n;
	int rc;

	if (strlen(path) >= sizeof(w.rest))
		return -ENAMETOOLONG;
	strcpy(w.rest, path);
	out[0] = '\0';
	for (;;) {
		skip = strspn(w.rest, "/");
		n = strcspn(w.rest + skip, "/");
		if (!n)
			break;
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, w.rest + skip, n);
		name[n] = '\0';
		memmove(w.rest, w.rest + skip + n, strlen(w.rest + skip + n) + 1);
		rc = step(&w, name);
		if (rc < 0)
			return rc;
	}
	if (!out[0])
		strcpy(out, "/");
	return 0;
}

int root_canonical(const char *root, const char *path, char *out, struct err *e)
{
	int rc;

	if (root[0]) {
		rc = walk_below(root, path, out);
		if (rc < 0) {
			errno = -rc;
			return denied(path, err_sys(e, "cannot find '%s' below '%s'", path, root));
		}
		return 0;
	}
	return realpath(path, out) ? 0 : denied(path, err_sys(e, "cannot find '%s'", path));
}

int root_open(const char *root, const char *path, struct err *e)
{
	/* Not blocking: opening a FIFO that lies in a search folder must not wait for its writer.
	 */
	const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	char inside[PATH_MAX], full[2 * PATH_MAX];
	const char *asked = path;
	int fd, rc;

	if (root[0]) {
		rc = root_canonical(root, path, inside, e);
		if (rc < 0)
			return rc;
		snprintf(full, sizeof(full), "%s%s", root, inside);
		path = full;
	}
	fd = open(path, flags);
	return fd >= 0 ? fd : denied(asked, err_sys(e, "cannot open '%s'", path));
}

int root_stat(const char *root, const char *path, struct stat *st)
{
	char inside[PATH_MAX], full[2 * PATH_MAX];
	int rc;

	if (root[0]) {
		rc = walk_below(root, path, inside);
		if (rc < 0)
			return rc;
		snprintf(full, sizeof(full), "%s%s", root, inside);
		path = full;
	}
	return stat(path, st) < 0 ? -errno : 0;
}
