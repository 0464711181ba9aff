#include "matr/system_place.h"

#include "common/file.h"
#include "matr-ld/loader.h"
#include "matr-ld/root.h"
#include "matr/file_clone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINK SYSTEM_LINK_NAME
#define KEPT SYSTEM_KEPT_NAME
#define ASIDE SYSTEM_NEW_NAME ".link" /* a link on its way */

static int find_root(struct system_place *p, const char *root, struct err *e)
{
	if (!root || !root[0])
		return 0;
	if (!realpath(root, p->root))
		return err_sys(e, "cannot use '%s' as root", root);
	if (strcmp(p->root, "/") == 0)
		p->root[0] = '\0';
	return 0;
}

int system_place_open(struct system_place *p, const char *root, bool lock, struct err *e)
{
	char full[2 * PATH_MAX];
	int status;

	memset(p, 0, sizeof(*p));
	p->fd = -1;
	status = find_root(p, root, e);
	if (status == 0)
		status = root_canonical(p->root, "/lib64", p->folder, e);
	if (status < 0)
		return status;
	snprintf(full, sizeof(full), "%s%s", p->root, p->folder);
	p->fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd < 0)
		return err_sys(e, "cannot open '%s'", full);
	if (lock && flock(p->fd, LOCK_EX) < 0) {
		err_sys(e, "cannot lock '%s'", full);
		system_place_close(p);
		return e->code;
	}
	return 0;
}

void system_place_close(struct system_place *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

/* A loader that is no shim lies at that path. */
static bool leads_to_loader(const struct system_place *p, const char *path)
{
	struct stat st;

	return root_stat(p->root, path, &st) == 0 && S_ISREG(st.st_mode) &&
	       !loader_is_shim(p->root, path);
}

/*
 * The loader's own file, where the distribution has it apart from LINK and no way to it leads
 * through LINK; else KEPT, which we make.
 */
static enum loader_path find_first(const struct system_place *p, const char *loader)
{
	const char *own = matr_loader_path(LOADER_PATH_MULTIARCH);
	char path[PATH_MAX], link[2 * PATH_MAX];
	struct stat a, b;

	snprintf(link, sizeof(link), "%s/" LINK, p->folder);
	if (loader && root_stat(p->root, own, &a) == 0 && root_stat(p->root, loader, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
	    root_canonical(p->root, own, path, NULL) == 0 && strcmp(path, link) != 0)
		return LOADER_PATH_MULTIARCH;
	return LOADER_PATH_DIVERTED;
}

void system_look(const struct system_place *p, struct system_facts *out)
{
	const char *link = matr_loader_path(LOADER_PATH_LINK);
	struct stat st;

	*out = (struct system_facts){0};
	if (root_stat(p->root, link, &st) == 0)
		out->link = loader_is_shim(p->root, link) ? SYSTEM_LINK_SHIM : SYSTEM_LINK_STOCK;
	out->kept = fstatat(p->fd, KEPT, &st, AT_SYMLINK_NOFOLLOW) == 0;
	out->kept_leads = leads_to_loader(p, matr_loader_path(LOADER_PATH_DIVERTED));
	if (loader_find(p->root, &out->loader, NULL) < 0)
		out->loader = NULL;
	out->first = find_first(p, out->loader);
	system_look_at_dpkg(p, out);
}

/* A file of its own: a second name of the loader's would have its change time moved with it. */
static int copy_file(const struct system_place *p, const char *name, struct err *e)
{
	int from = openat(p->fd, LINK, O_RDONLY | O_CLOEXEC), to = -1, status = -1;
	struct stat st;

	if (from >= 0 && fstat(from, &st) == 0)
		to = openat(p->fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (to < 0) {
		status = err_sys(e, "cannot copy '%s/" LINK "'", p->folder);
	} else {
		status = file_clone_content(to, from, e);
		if (status == 0)
			status = file_clone_attributes(to, from, &st, true, e);
		if (status == 0 && fsync(to) < 0)
			status = err_sys(e, "cannot sync '%s/%s'", p->folder, name);
		close(to);
	}
	if (from >= 0)
		close(from);
	return status;
}

/* What stands at LINK, once more at `name`. */
static int copy_link(const struct system_place *p, const char *name, struct err *e)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n = readlinkat(p->fd, LINK, target, sizeof(target) - 1);

	if (n < 0 && errno == EINVAL)
		return copy_file(p, name, e);
	if (n < 0)
		return err_sys(e, "cannot read the link '%s/" LINK "'", p->folder);
	target[n] = '\0';
	if (symlinkat(target, p->fd, name) < 0)
		return err_sys(e, "cannot make the link '%s/%s'", p->folder, name);
	if (fstatat(p->fd, LINK, &st, AT_SYMLINK_NOFOLLOW) == 0)
		utimensat(p->fd, name, (struct timespec[]){st.st_atim, st.st_mtim},
			  AT_SYMLINK_NOFOLLOW);
	return 0;
}

static int rename_synced(const struct system_place *p, const char *from, const char *to,
			 struct err *e)
{
	if (file_sync_folder(p->fd, ".", e) < 0)
		return e->code;
	if (renameat(p->fd, from, p->fd, to) < 0)
		return err_sys(e, "cannot rename '%s/%s' to '%s'", p->folder, from, to);
	return file_sync_folder(p->fd, ".", e);
}

static int link_to_loader(const struct system_place *p, const struct system_facts *f,
			  struct err *e)
{
	if (!f->loader)
		return err_set(e, -ENOENT, "there is no loader to go back to");
	if (symlinkat(f->loader, p->fd, ASIDE) < 0)
		return err_sys(e, "cannot make the link '%s/" ASIDE "'", p->folder);
	return 0;
}

static int clear_aside(const struct system_place *p, struct err *e)
{
	if (unlinkat(p->fd, ASIDE, 0) < 0 && errno != ENOENT)
		return err_sys(e, "cannot remove '%s/" ASIDE "'", p->folder);
	return 0;
}

int system_keep(const struct system_place *p, const struct system_facts *f, struct err *e)
{
	int status;

	if (f->link == SYSTEM_LINK_SHIM && f->kept_leads)
		return 0;
	status = clear_aside(p, e);
	if (status == 0)
		status = f->link == SYSTEM_LINK_STOCK ? copy_link(p, ASIDE, e)
						      : link_to_loader(p, f, e);
	return status < 0 ? status : rename_synced(p, ASIDE, KEPT, e);
}

void system_sweep(const struct system_place *p)
{
	file_remove_tree(p->fd, SYSTEM_NEW_NAME, NULL);
	unlinkat(p->fd, ASIDE, 0);
}

int system_switch(const struct system_place *p, const char *name, struct err *e)
{
	char from[sizeof(SYSTEM_NEW_NAME) + 1 + NAME_MAX];

	snprintf(from, sizeof(from), SYSTEM_NEW_NAME "/%s", name);
	return rename_synced(p, from, LINK, e);
}

int system_back(const struct system_place *p, const struct system_facts *f, struct err *e)
{
	if (f->link == SYSTEM_LINK_STOCK) {
		if (unlinkat(p->fd, KEPT, 0) < 0 && errno != ENOENT)
			return err_sys(e, "cannot remove '%s/" KEPT "'", p->folder);
		return file_sync_folder(p->fd, ".", e);
	}
	if (f->kept_leads)
		return rename_synced(p, KEPT, LINK, e);
	if (clear_aside(p, e) < 0 || link_to_loader(p, f, e) < 0 ||
	    rename_synced(p, ASIDE, LINK, e) < 0)
		return e->code;
	unlinkat(p->fd, KEPT, 0);
	return 0;
}
