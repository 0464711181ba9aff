#include "matr/system_try.h"

#include "common/arena.h"
#include "common/file.h"
#include "epochd/engine.h"
#include "matr-ld/root.h"
#include "matr/interp_edit.h"
#include "matr/matr.h"
#include "matr/system_run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ARGUMENTS 5
#define PROGRAM_BYTES_MAX ((size_t)64 << 20)

struct candidate {
	const char *argv[ARGUMENTS];
};

static const struct candidate candidates[] = {
#define TRY(...) {{__VA_ARGS__}},
#include "matr/system_try.def"
#undef TRY
};

#define CANDIDATES (sizeof(candidates) / sizeof(candidates[0]))

struct trying {
	const struct system_place *place;
	struct arena arena;
	const char *folder; /* SYSTEM_NEW_NAME, inside the root */
	const char *shim;
	const char *copies[CANDIDATES]; /* inside the root; NULL: not there */
	const char *packed[CANDIDATES]; /* the same without gaps */
	size_t count;
};

/* Where SELinux is, a loader has a label of its own. */
static void copy_label(const struct system_place *p, const char *loader)
{
	char from[2 * PATH_MAX], label[256], to[3 * PATH_MAX];
	ssize_t n;

	strcpy(from, p->root);
	if (root_canonical(p->root, loader, from + strlen(from), NULL) < 0)
		return;
	snprintf(to, sizeof(to), "%s%s/" SYSTEM_NEW_NAME "/" MATR_SHIM_NAME, p->root, p->folder);
	n = getxattr(from, "security.selinux", label, sizeof(label));
	if (n > 0)
		setxattr(to, "security.selinux", label, (size_t)n, 0);
}

int system_new_file(const struct system_place *p, const struct system_facts *f,
		    const struct buf *file, struct err *e)
{
	struct file_replace r = {.name = MATR_SHIM_NAME,
				 .data = file->data,
				 .bytes = file->used,
				 .mode = 0755};
	int status = file_remove_tree(p->fd, SYSTEM_NEW_NAME, e);

	if (status == 0 && mkdirat(p->fd, SYSTEM_NEW_NAME, 0755) < 0)
		status = err_sys(e, "cannot make '%s/" SYSTEM_NEW_NAME "'", p->folder);
	if (status < 0)
		return status;
	r.dirfd = openat(p->fd, SYSTEM_NEW_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.dirfd < 0)
		return err_sys(e, "cannot open '%s/" SYSTEM_NEW_NAME "'", p->folder);
	/* Whatever the umask is. */
	status = fchmod(r.dirfd, 0755) < 0 ? err_sys(e, "fchmod") : file_replace(&r, e);
	close(r.dirfd);
	if (status == 0)
		copy_label(p, matr_loader_path(f->first));
	return status;
}

/* ---- copies that name the new file ---- */

static int write_copy(struct trying *t, const char *copy, const struct buf *content, struct err *e)
{
	const char *path = arena_printf(&t->arena, "%s%s", t->place->root, copy);
	struct interp interp;
	int status, fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	if (fd < 0)
		return err_sys(e, "cannot make '%s'", path);
	status = file_write_all(fd, content->data, content->used);
	if (status < 0) {
		errno = -status;
		err_sys(e, "cannot write '%s'", path);
	}
	if (status == 0)
		status = interp_read(&interp, fd, e);
	/* A script, or a static program: nothing to try. */
	if (status == 0)
		status = interp.header && interp.state == INTERP_STOCK
			     ? interp_write_any(fd, &interp, t->shim, e)
			     : 1;
	if (fchmod(fd, 0755) < 0 && status == 0)
		status = err_sys(e, "fchmod");
	close(fd);
	if (status == 0)
		t->packed[t->count++] = copy;
	return status;
}

static int copy_program(struct trying *t, size_t i, struct err *e)
{
	const char *path = candidates[i].argv[0];
	const char *copy = arena_printf(&t->arena, "%s/%zu", t->folder, i);
	struct buf content = BUF_INIT;
	char real[2 * PATH_MAX];
	struct stat st;
	int status;

	if (root_stat(t->place->root, path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	strcpy(real, t->place->root);
	status = root_canonical(t->place->root, path, real + strlen(real), e);
	if (status == 0)
		status = file_read(AT_FDCWD, real, PROGRAM_BYTES_MAX, &content, e);
	if (status == 0)
		status = write_copy(t, copy, &content, e);
	if (status == 0)
		t->copies[i] = copy;
	buf_release(&content);
	return status < 0 ? status : 0;
}

/* ---- starts ---- */

static const char *ending(int status, char text[64])
{
	if (WIFSIGNALED(status))
		snprintf(text, 64, "was killed by signal %d", WTERMSIG(status));
	else
		snprintf(text, 64, "ended with %d", WEXITSTATUS(status));
	return text;
}

/* The first line of what it wrote may tell why. */
static int differs(const struct system_run *want, const struct system_run *got, const char *how,
		   struct err *e)
{
	char a[64], b[64];
	const char *said = got->output.used ? got->output.data : "";

	return err_set(e, -ENOEXEC, "'%s' %s %s, where the loader itself %s: %.*s", want->argv[0],
		       how, ending(got->status, a), ending(want->status, b),
		       (int)strcspn(said, "\n"), said);
}

static bool same(const struct system_run *a, const struct system_run *b)
{
	return a->status == b->status && a->output.used == b->output.used &&
	       (!a->output.used || memcmp(a->output.data, b->output.data, a->output.used) == 0);
}

/* The ways to start a program; the second variable is the store's. */
static const struct way {
	const char *name, *variables[3];
	bool secure;
} ways[] = {
    {"on the stock path", {"LD_MATR_DISABLE=1"}, false},
    {"with LD_LIBRARY_PATH", {"LD_LIBRARY_PATH=/nonexistent"}, false},
    {"as a set-id program", {NULL}, true},
    {"on the fast path", {"LD_MATR_REQUIRE=1", "STORE"}, false},
};

static int start(struct trying *t, size_t i, const struct way *w, struct err *e)
{
	struct system_run want = {.root = t->place->root,
				  .argv = (char *const *)candidates[i].argv,
				  .secure = w->secure};
	struct system_run got = want;
	int status;

	got.path = t->copies[i];
	memcpy(got.variables, w->variables, sizeof(w->variables));
	if (w->variables[1])
		got.variables[1] = arena_printf(&t->arena, "LD_MATR_STORE=%s/store", t->folder);
	status = system_run(&want, e);
	if (status == 0)
		status = system_run(&got, e);
	if (status == 0 && !same(&want, &got))
		status = differs(&want, &got, w->name, e);
	buf_release(&want.output);
	buf_release(&got.output);
	return status;
}

/* `ld.so --verify PROGRAM`, which is what ldd begins with. */
static int start_as_program(struct trying *t, size_t i, struct err *e)
{
	char *argv[] = {(char *)t->shim, "--verify", (char *)t->copies[i], NULL};
	struct system_run r = {.root = t->place->root, .argv = argv};
	char text[64];
	int status = system_run(&r, e);

	if (status == 0 && r.status)
		status = err_set(e, -ENOEXEC, "the new file as a program, --verify '%s', %s",
				 candidates[i].argv[0], ending(r.status, text));
	buf_release(&r.output);
	return status;
}

static int start_all(struct trying *t, struct err *e)
{
	int status = 0;

	for (size_t i = 0; i < CANDIDATES && status == 0; i++) {
		if (!t->copies[i])
			continue;
		status = start_as_program(t, i, e);
		for (size_t w = 0; w < sizeof(ways) / sizeof(*ways) && status == 0; w++)
			status = start(t, i, &ways[w], e);
	}
	return status;
}

/* ---- an epoch of the copies ---- */

static int make_epoch(struct trying *t, struct err *e)
{
	struct epoch_request request = {.paths = t->packed,
					.path_count = t->count,
					.root = t->place->root[0] ? t->place->root : NULL,
					.layout = EPOCH_LAYOUT_EPOCH,
					.identity = EPOCH_IDENTITY_LOCAL,
					.has_least = true};
	const char *path = arena_printf(&t->arena, "%s%s/store", t->place->root, t->folder);
	struct epoch_result result;
	struct store *store;
	int status = store_open(&store, path, STORE_CREATE, e);

	if (status < 0)
		return status;
	status = epoch_begin(store, &request, &result, e);
	store_close(store);
	if (status == 0)
		epoch_result_release(&result);
	return status;
}

int system_try(const struct system_place *p, struct err *e)
{
	struct trying t = {.place = p};
	int status = 0;

	t.folder = arena_printf(&t.arena, "%s/" SYSTEM_NEW_NAME, p->folder);
	t.shim = arena_printf(&t.arena, "%s/" MATR_SHIM_NAME, t.folder);
	for (size_t i = 0; i < CANDIDATES && status == 0; i++)
		status = copy_program(&t, i, e);
	if (status == 0 && !t.count)
		status = err_set(e, -ENOENT, "there is no program here to try it with");
	if (status == 0)
		status = make_epoch(&t, e);
	if (status == 0)
		status = start_all(&t, e);
	arena_release(&t.arena);
	return status;
}
