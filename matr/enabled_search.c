/* Walking folders for files that carry the mark. */
#include "matr/enabled_search.h"

#include "matr/interp_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS 32 /* nftw may keep open */

static struct enabling *run; /* nftw passes nothing through */

static bool is_enabled(const char *path)
{
	struct err e = ERR_INIT;
	struct interp interp;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	bool enabled;

	if (fd < 0) {
		matr_error("cannot look at '%s': %s", path, strerror(errno));
		run->status = MATR_FAILED;
		return false;
	}
	enabled = interp_read(&interp, fd, &e) == 0 && interp.state == INTERP_ENABLED;
	close(fd);
	return enabled;
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)at;
	if (type == FTW_F && S_ISREG(st->st_mode) && (st->st_mode & 0111) && is_enabled(path))
		enabling_disable(run, path);
	if (type == FTW_DNR) {
		matr_error("cannot look into '%s'", path);
		run->status = MATR_FAILED;
	}
	return 0;
}

void enabled_search_disable(struct enabling *r, char **folders, size_t count)
{
	static char *const usual[] = {"/usr", "/opt", "/bin", "/sbin", "/lib", "/lib64"};

	run = r;
	for (size_t i = 0; i < (count ? count : sizeof(usual) / sizeof(usual[0])); i++) {
		const char *folder = count ? folders[i] : usual[i];

		if (nftw(folder, visit, DESCRIPTORS, FTW_PHYS) < 0 && (count || errno != ENOENT)) {
			matr_error("cannot search '%s': %s", folder, strerror(errno));
			r->status = MATR_FAILED;
		}
	}
}
