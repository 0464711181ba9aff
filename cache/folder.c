/* Which folders may become a store: what is not ours stays as it is. */
#include "cache/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What a folder may hold that has no catalogue yet; each also with ".tmp" behind it, after a crash. */
static const char *const own_names[] = {
    "cache.mdb-lock", "current", "enabled",    "epochd.lock", "epochd.sock", "epochs",
    "loader",	      "lock",	 "lost+found", "matr.conf",   "status",
};

static bool is_ours(const char *name)
{
	size_t i, n;

	for (i = 0; i < sizeof(own_names) / sizeof(own_names[0]); i++) {
		n = strlen(own_names[i]);
		if (!strncmp(name, own_names[i], n) && (!name[n] || !strcmp(name + n, ".tmp")))
			return true;
	}
	return !strcmp(name, ".") || !strcmp(name, "..");
}

int folder_may_become_store(const struct store *s, struct err *e)
{
	int fd = openat(s->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		rc = err_sys(e, "cannot list '%s'", s->dir);
		if (fd >= 0)
			close(fd);
		return rc;
	}
	while (rc == 0 && (entry = readdir(d)))
		if (!is_ours(entry->d_name))
			rc = err_set(e, -ENOTEMPTY,
				     "'%s' holds other files ('%s'): a new store needs a folder of "
				     "its own",
				     s->dir, entry->d_name);
	closedir(d);
	return rc;
}
