/* What the list says, done again. */
#include "matr/enable_again.h"

#include "image/reason.h"
#include "matr/enabling.h"
#include "matr/interp_edit.h"
#include "matr/package_lock.h"
#include "matr/shim_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum finding {
	AS_IT_WAS, /* enabled, or out of reach just now */
	REPLACED,
	GONE,
	UNFIT, /* cannot be enabled any more */
};

static bool folder_exists(const char *path)
{
	char *folder = xstrdup(path);
	struct stat st;
	bool is;

	*strrchr(folder, '/') = '\0';
	is = !*folder || stat(folder, &st) == 0;
	free(folder);
	return is;
}

/* What is there under the name of a listed file; for UNFIT, *why. */
static enum finding find(const char *path, const char **why)
{
	struct err e = ERR_INIT;
	struct interp interp;
	struct stat st = {0};
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int status;

	*why = "it is a link now";
	if (fd < 0 && errno == ELOOP)
		return UNFIT;
	if (fd < 0)
		return errno == ENOENT && folder_exists(path) ? GONE : AS_IT_WAS;
	status = fstat(fd, &st) < 0 ? -1 : interp_read(&interp, fd, &e);
	close(fd);
	if (status < 0 || interp.state == INTERP_ENABLED)
		return AS_IT_WAS;
	if (interp.state == INTERP_STOCK && !(st.st_mode & (S_ISUID | S_ISGID)))
		return REPLACED;
	*why = interp.state == INTERP_STOCK	? reason_sentence(REASON_SET_ID)
	       : interp.state == INTERP_LINKED ? "it names the shim since it was linked"
					       : reason_sentence(interp.reason);
	return UNFIT;
}

static void drop(struct enabling *r, const char *path, const char *why)
{
	matr_note(r->o, "'%s' is not on the list of enabled programs any more: %s", path, why);
	enabled_list_remove(&r->list, path);
	if (enabled_list_save(&r->list, &r->list_error) < 0)
		matr_error("%s", r->list_error.text);
}

/* A shim that does not work would make the program useless. */
static bool usable(struct enabling *r, const char *shim)
{
	struct err e = ERR_INIT;

	if (r->shim && strcmp(r->shim, shim) == 0)
		return true;
	if (shim_check(shim, &e) < 0) {
		matr_error("programs that packages replaced are not enabled again: %s", e.text);
		return false;
	}
	r->shim = arena_strdup(&r->arena, shim);
	return true;
}

static bool read_only(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

static void enable(struct enabling *r, const char *path)
{
	const struct enabled_file *f = enabled_list_find(&r->list, path);

	if (read_only(path))
		matr_note(r->o, "'%s' was replaced, and is on a file system that is read-only here: "
			  "`matr epoch begin` enables it again", path);
	else if (usable(r, f && f->shim ? f->shim : MATR_INSTALLED_SHIM))
		enabling_enable(r, path);
}

/* One file; the list may become shorter, or the file its last line. */
static void look(struct enabling *r, const char *path)
{
	const char *why;

	switch (find(path, &why)) {
	case REPLACED:
		enable(r, path);
		break;
	case GONE:
		drop(r, path, "it is gone");
		break;
	case UNFIT:
		drop(r, path, why);
		break;
	case AS_IT_WAS:
		break;
	}
}

/* While packages change nothing is done: that something is to be done is told. */
static void tell_waiting(const struct enabling *r, const char *manager)
{
	const char *why;
	size_t n = 0;

	for (size_t i = 0; i < r->list.file_count; i++)
		n += find(r->list.files[i].path, &why) == REPLACED;
	if (n)
		matr_note(r->o, "enabled programs that were replaced (%zu) are not enabled again "
			  "while %s works", n, manager);
}

static void look_at_all(struct enabling *r)
{
	size_t count = r->list.file_count;
	char **paths = xcalloc(count, sizeof(*paths));

	for (size_t i = 0; i < count; i++)
		paths[i] = arena_strdup(&r->arena, r->list.files[i].path);
	for (size_t i = 0; i < count && r->has_list; i++)
		look(r, paths[i]);
	free(paths);
}

int enable_again(struct matr_options *o, enum enable_again_when when)
{
	struct enabling r = {.o = o, .force = true, .again = true};
	const char *manager;
	struct stat st;

	/* Nobody else may begin an epoch there. */
	if (stat(o->store, &st) < 0 || st.st_uid != geteuid())
		return MATR_OK;
	enabling_list_open(&r, false);
	if (!r.has_list && r.list_error.code != -ENOENT) {
		matr_error("%s", r.list_error.text);
		r.status = MATR_FAILED;
	}
	manager = when == ENABLE_AGAIN_HOOK ? package_lock_held() : package_run_held();
	if (r.has_list && !manager)
		look_at_all(&r);
	else if (r.has_list && when == ENABLE_AGAIN_QUIET)
		tell_waiting(&r, manager);
	return enabling_finish(&r);
}
