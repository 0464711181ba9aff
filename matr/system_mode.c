#include "matr/system_mode.h"

#include "common/buf.h"
#include "common/file.h"
#include "common/identity.h"
#include "matr-ld/root.h"
#include "matr/matr.h"
#include "matr/system_boot.h"
#include "matr/system_file.h"
#include "matr/system_try.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_BYTES_MAX ((size_t)64 << 20)

/* A file inside the root, as a whole. */
static int read_inside(const struct system_mode *m, const char *path, struct buf *b, struct err *e)
{
	char full[2 * PATH_MAX];
	int status;

	strcpy(full, m->place.root);
	status = root_canonical(m->place.root, path, full + strlen(full), e);
	return status < 0 ? status : file_read(AT_FDCWD, full, FILE_BYTES_MAX, b, e);
}

/* What LINK should be, KEPT being what it should be. */
static int make_file(const struct system_mode *m, const struct system_facts *f, struct buf *out,
		     struct err *e)
{
	struct buf shim = BUF_INIT, loader = BUF_INIT;
	struct identity installed = {0};
	struct system_file_request r = {
	    .shim = &shim, .loader = &loader, .installed = &installed, .first = f->first};
	const char *path = matr_loader_path(f->first);
	struct stat st;
	int status = root_stat(m->place.root, path, &st);

	if (status < 0)
		return err_set(e, status, "there is no loader '%s'", path);
	identity_from_stat(&installed, &st);
	status = read_inside(m, path, &loader, e);
	if (status == 0)
		status = read_inside(m, m->shim ? m->shim : MATR_INSTALLED_SHIM, &shim, e);
	if (status == 0)
		status = system_file_make(out, &r, e);
	buf_release(&shim);
	buf_release(&loader);
	return status;
}

static bool is_at_link(const struct system_mode *m, const struct buf *wanted)
{
	struct buf now = BUF_INIT;
	bool same = read_inside(m, matr_loader_path(LOADER_PATH_LINK), &now, NULL) == 0 &&
		    now.used == wanted->used && memcmp(now.data, wanted->data, now.used) == 0;

	buf_release(&now);
	return same;
}

/* dpkg, upgrading between releases, takes KEPT away; the diversion and LINK tell as well. */
static bool is_wanted(const struct system_facts *f)
{
	return f->kept || f->diverted || f->link == SYSTEM_LINK_SHIM;
}

int system_state(const struct system_mode *m, struct system_facts *f, enum system_state *out,
		 struct err *e)
{
	struct buf file = BUF_INIT;
	int status = 0;

	system_look(&m->place, f);
	*out = is_wanted(f) ? SYSTEM_STALE : SYSTEM_OFF;
	if (*out == SYSTEM_OFF || f->link != SYSTEM_LINK_SHIM || !f->kept_leads ||
	    f->diverted != f->may_divert)
		return 0;
	status = make_file(m, f, &file, e);
	if (status == 0 && is_at_link(m, &file))
		*out = SYSTEM_ON;
	buf_release(&file);
	return status;
}

/* The new file: made, tried, put in place.  KEPT comes first, for it may be the loader's file. */
static int put_file(const struct system_mode *m, const struct system_facts *f, struct err *e)
{
	struct buf file = BUF_INIT;
	int status = system_keep(&m->place, f, e);

	if (status == 0)
		status = make_file(m, f, &file, e);
	if (status == 0)
		status = system_new_file(&m->place, f, &file, e);
	buf_release(&file);
	if (status == 0 && system_try(&m->place, e) < 0)
		status = err_wrap(e, "the shim fails its trial with this system: ");
	if (status == 0)
		status = system_divert(&m->place, true, e);
	if (status == 0)
		status = system_switch(&m->place, MATR_SHIM_NAME, e);
	system_sweep(&m->place);
	if (status < 0 && f->link == SYSTEM_LINK_STOCK && !f->kept)
		system_back(&m->place, f, NULL);
	return status;
}

int system_enable(const struct system_mode *m, struct err *e)
{
	struct system_facts f;
	enum system_state state;
	int status = system_state(m, &f, &state, e);

	if (status == 0 && state == SYSTEM_ON)
		return 0;
	if (status == 0)
		status = system_boot_check(m->place.root, e);
	return status < 0 ? status : put_file(m, &f, e);
}

int system_refresh(const struct system_mode *m, bool *changed, struct err *e)
{
	struct system_facts f;
	enum system_state state;
	int status = system_state(m, &f, &state, e);

	*changed = false;
	if (status < 0 || state != SYSTEM_STALE)
		return status;
	status = put_file(m, &f, e);
	*changed = status == 0;
	if (status == -ENOEXEC && system_disable(m, changed, NULL) == 0)
		err_wrap(e, "system mode is off now: ");
	return status;
}

int system_disable(const struct system_mode *m, bool *changed, struct err *e)
{
	struct system_facts f;
	int status;

	*changed = false;
	system_sweep(&m->place);
	system_look(&m->place, &f);
	if (!is_wanted(&f))
		return 0;
	/* First what only matters while dpkg runs: the rename is the step that counts. */
	status = system_divert(&m->place, false, e);
	if (system_back(&m->place, &f, status ? NULL : e) < 0)
		return e->code ? e->code : -EIO;
	*changed = true;
	return status;
}
