/* What is timed: the file, what its mapping says, and how the shim gets into it. */
#include "matr/time.h"

#include "cache/catalogue.h"
#include "cache/publish.h"
#include "epochd/engine.h"
#include "image/reason.h"
#include "matr-ld/loader.h"
#include "matr-ld/resolve.h"
#include "matr/interp_edit.h"
#include "matr/program_path.h"
#include "matr/shim_path.h"
#include "matr/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static void refuse(struct time_target *t, unsigned reason, const char *detail)
{
	t->reason = reason_name(reason);
	t->sentence = detail && *detail
			  ? arena_printf(&t->arena, "%s (%s)", reason_sentence(reason), detail)
			  : reason_sentence(reason);
}

/* ---- the file ---- */

static int find_program(struct time_target *t, struct err *e)
{
	const char *name = t->options->argv[0];
	struct program_behind behind;

	if (program_find(&t->path, name, &t->arena, e) < 0 ||
	    program_behind(&behind, t->path, &t->arena, e) < 0)
		return e->code;
	if (behind.through_env)
		return err_set(e, -EINVAL,
			       "'%s' is a script that env starts; name what runs it: matr time %s %s",
			       name, strrchr(behind.through_env, '/') + 1, t->path);
	t->program = behind.program;
	return 0;
}

static int read_interpreter(struct time_target *t, struct interp *interp, struct err *e)
{
	int fd = open(t->program, O_RDONLY | O_CLOEXEC | O_NONBLOCK), status;
	struct stat st;

	if (fd < 0)
		return err_sys(e, "'%s' cannot be read", t->program);
	status = interp_read(interp, fd, e);
	if (status == 0 && interp->reason)
		refuse(t, interp->reason, NULL);
	if (status == 0 && fstat(fd, &st) == 0 && (st.st_mode & (S_ISUID | S_ISGID)))
		refuse(t, REASON_SET_ID, NULL);
	else if (status == 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0)
		refuse(t, REASON_FILE_CAPABILITIES, NULL);
	close(fd);
	t->is_static = interp->reason == REASON_STATIC;
	return status;
}

/* Both views hold copies, in the same kind of memory: only the interpreter differs. */
static int choose_interpreters(struct time_target *t, const struct interp *interp, struct err *e)
{
	const char *loader = NULL;
	int status = t->is_static ? 0 : loader_find("", &loader, e);

	if (status == 0 && !t->is_static)
		status = time_loader_read(
		    &t->loader, interp->state == INTERP_OTHER ? interp->content : loader, e);
	if (status < 0 || t->reason)
		return status;
	t->stock = loader;
	if (interp->state == INTERP_STOCK)
		status = shim_find(&t->shim, &t->arena, e);
	else
		t->shim = arena_strdup(&t->arena, interp->content);
	if (status == 0 && elf_find_symbol(t->shim, "matr_handover", &t->handover, NULL) < 0)
		status = err_set(e, -ENOENT, "the shim '%s' is of another version, or no shim",
				 t->shim);
	return status;
}

/* ---- the mapping ---- */

static void count_word(void *context, const struct verify_word *w)
{
	struct time_counts *c = context;

	c->relative += w->type == R_X86_64_RELATIVE;
}

static void count_member(struct time_counts *c, const struct member *m)
{
	c->symbolic += m->binding_count;
	for (size_t i = 0; i < m->binding_count; i++) {
		const struct binding *b = &m->bindings[i];

		c->at_start += b->symbol && b->kind != BINDING_LAZY &&
			       (!b->plt || !m->object || m->object->bind_now);
	}
	if (m->object)
		verify_each_word(m->object, count_word, c);
}

static void count_mapping(struct time_counts *c, const struct mapping *m)
{
	*c = (struct time_counts){.known = m->member_count > 0};
	for (size_t i = 0; i < m->member_count; i++) {
		if (m->members[i].is_loader)
			continue;
		c->libraries += i > 0;
		count_member(c, &m->members[i]);
	}
}

/* Resolved now: what stock has to do now, whatever the store knows. */
static int look_at_mapping(struct time_target *t, struct err *e)
{
	struct resolver *resolver;
	struct mapping mapping;
	int status = resolver_open(&resolver, &(struct resolver_options){.root = ""}, e);

	if (status < 0)
		return status;
	if (resolve_program(resolver, t->program, RESOLVE_ANY_PERMISSION, &t->arena, &mapping,
			    NULL) == 0) {
		count_mapping(&t->counts, &mapping);
		t->eligible = !mapping.reason && !t->reason;
		if (mapping.reason && !t->reason)
			refuse(t, mapping.reason, mapping.detail);
	}
	resolver_close(resolver);
	return 0;
}

/* ---- the store ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* An epoch of this program alone, in a store that goes when the target does. */
static int try_epoch(struct time_target *t, struct err *e)
{
	const char *folder = getenv("TMPDIR");
	struct epoch_request request = {
	    .paths = &t->program, .path_count = 1, .has_least = true, .note = "matr time --try"};
	struct epoch_result result;
	struct store *store;
	char *path;
	int status;

	path = arena_printf(&t->arena, "%s/matr-time.XXXXXX", folder && *folder ? folder : "/tmp");
	if (!mkdtemp(path))
		return err_sys(e, "cannot make a temporary store '%s'", path);
	t->store = t->temporary = path;
	status = store_open(&store, path, STORE_CREATE, e);
	if (status < 0)
		return status;
	status = epoch_begin(store, &request, &result, e);
	store_close(store);
	if (status == 0)
		epoch_result_release(&result);
	return status;
}

static int choose_store(struct time_target *t, struct err *e)
{
	const char *given = t->options->matr->store;
	char *whole;

	if (t->options->try)
		return try_epoch(t, e);
	if (strcmp(given, MATR_DEFAULT_STORE) == 0)
		return 0;
	/* One that is not there yet has no epoch, which the shim will say. */
	whole = realpath(given, NULL);
	t->store = arena_strdup(&t->arena, whole ? whole : given);
	free(whole);
	return 0;
}

/* The reason that the current epoch knows; NULL: it does not know the program. */
static const char *reason_in_epoch(struct time_target *t, struct store *s, uint64_t *epoch)
{
	struct catalogue_get get = {
	    .path = t->program, .flags = CATALOGUE_NO_BINDINGS, .arena = &t->arena};
	struct catalogue_read *read;
	struct mapping m;
	const char *text = NULL;

	if (publish_current(s, epoch, NULL) < 0 || catalogue_read_begin(&read, s, NULL) < 0)
		return NULL;
	get.epoch = *epoch;
	if (catalogue_get_mapping(read, &get, &m, NULL) == 0)
		text = !m.reason  ? "the program has changed since"
		       : m.detail ? arena_printf(&t->arena, "%s: %s (%s)", reason_name(m.reason),
						 reason_sentence(m.reason), m.detail)
				  : arena_printf(&t->arena, "%s: %s", reason_name(m.reason),
						 reason_sentence(m.reason));
	catalogue_read_end(read);
	return text;
}

const char *time_target_detail(struct time_target *t)
{
	const char *folder = t->store ? t->store : MATR_DEFAULT_STORE, *text;
	uint64_t epoch = 0;
	struct store *s;

	if (store_open(&s, folder, STORE_READ_ONLY, NULL) < 0)
		return NULL;
	text = reason_in_epoch(t, s, &epoch);
	store_close(s);
	if (!text && epoch)
		text = arena_printf(&t->arena, "epoch %llu does not know it",
				    (unsigned long long)epoch);
	return text;
}

uint64_t time_target_epoch(const struct time_target *t)
{
	uint64_t epoch = 0;
	struct store *s;

	if (store_open(&s, t->store ? t->store : MATR_DEFAULT_STORE, STORE_READ_ONLY, NULL) < 0)
		return 0;
	if (publish_current(s, &epoch, NULL) < 0)
		epoch = 0;
	store_close(s);
	return epoch;
}

/* ---- all of it ---- */

int time_target_open(struct time_target *t, const struct time_options *o, struct err *e)
{
	struct interp *interp = xcalloc(1, sizeof(*interp));
	int status;

	*t = (struct time_target){.options = o};
	status = find_program(t, e);
	if (status == 0)
		status = read_interpreter(t, interp, e);
	if (status == 0)
		status = choose_interpreters(t, interp, e);
	if (status == 0 && !t->is_static)
		status = look_at_mapping(t, e);
	if (status == 0 && t->shim)
		status = choose_store(t, e);
	free(interp);
	return status;
}

void time_target_close(struct time_target *t)
{
	if (t->temporary)
		nftw(t->temporary, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_release(&t->arena);
}
