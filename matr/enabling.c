/* One program file enabled or disabled; see the header. */
#include "matr/enabling.h"

#include "image/reason.h"
#include "matr/interp_edit.h"
#include "matr/program_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* One file of it. */
struct task {
	const char *given; /* the operand */
	char *path;	   /* canonical; NULL when it was never found */
	struct stat st;
	struct interp interp;
	char bytes[INTERP_BYTES_MAX]; /* what will be written */
	enum program_edit_how how;
};

enum result { DONE, ALREADY, REFUSED, FAILED };

static const char *const how_names[] = {
    [PROGRAM_EDIT_REPLACED] = "replaced",
    [PROGRAM_EDIT_IN_PLACE] = "written in place",
    [PROGRAM_EDIT_RELINKED] = "replaced under all its names",
};

static void report_json(const struct task *t, const char *result, const char *reason,
			const char *sentence)
{
	json_t *line =
	    json_pack("{s:i, s:s, s:s, s:s*, s:s*, s:s*}", "schema", 1, "file",
		      t->path ? t->path : t->given, "result", result, "how",
		      t->how ? how_names[t->how] : NULL, "reason", reason, "detail", sentence);

	if (!line)
		return;
	json_dumpf(line, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(line);
}

/* Tells the result of one file; `verb` is "enabled" or "disabled". */
static int report(struct enabling *r, const struct task *t, enum result result, const char *verb,
		  const char *reason, const char *sentence)
{
	const char *path = t->path ? t->path : t->given;
	static const char *const results[] = {"", "already", "refused", "failed"};

	if (result == REFUSED || result == FAILED)
		r->status = MATR_FAILED;
	if (r->again && (result == DONE || result == ALREADY))
		matr_note(r->o, "'%s': %s", path, result == DONE ? "enabled again" : sentence);
	else if (r->o->json && !r->again)
		report_json(t, result == DONE ? verb : results[result], reason, sentence);
	else if (result == REFUSED)
		matr_error("'%s' is left alone: %s%s%s", path, reason ? reason : "",
			   reason ? ": " : "", sentence);
	else if (result == FAILED)
		matr_error("'%s' could not be %s: %s", path, verb, sentence);
	else if (!r->o->quiet)
		printf("%s: %s\n", path, result == DONE ? verb : sentence);
	return result == DONE || result == ALREADY ? 0 : -1;
}

static int refuse(struct enabling *r, const struct task *t, const char *verb, unsigned reason)
{
	return report(r, t, REFUSED, verb, reason_name(reason), reason_sentence(reason));
}

/* Finds and reads the file of an operand. */
static int look(struct enabling *r, struct task *t, const char *given, const char *verb)
{
	struct err e = ERR_INIT;
	int fd;

	memset(t, 0, sizeof(*t));
	t->given = given;
	t->path = realpath(given, NULL);
	fd = t->path ? open(t->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	if (fd < 0)
		return report(r, t, FAILED, verb, NULL, strerror(errno));
	if (fstat(fd, &t->st) < 0)
		err_sys(&e, "fstat");
	else
		interp_read(&t->interp, fd, &e);
	close(fd);
	if (e.code)
		return report(r, t, FAILED, verb, NULL, e.text);
	if (t->interp.state == INTERP_NONE)
		return refuse(r, t, verb, t->interp.reason);
	return 0;
}

static bool same_interp(const struct interp *a, const struct interp *b)
{
	return a->state == b->state && a->reason == b->reason && a->offset == b->offset &&
	       a->bytes == b->bytes && a->header == b->header && a->section == b->section &&
	       a->in_section == b->in_section && a->mark == b->mark &&
	       !strcmp(a->content, b->content);
}

static bool same_program(const struct task *t, const struct stat *st, const struct interp *now)
{
	const struct stat *was = &t->st;

	return st->st_size == was->st_size && st->st_mode == was->st_mode &&
	       st->st_uid == was->st_uid && st->st_mtim.tv_sec == was->st_mtim.tv_sec &&
	       st->st_mtim.tv_nsec == was->st_mtim.tv_nsec &&
	       same_interp(now, &t->interp);
}

/*
 * On overlayfs a file with several links becomes another inode, with the same content, when it is
 * first opened for writing.  Then it is looked at once more.
 */
static bool is_copied_up(struct task *t)
{
	struct interp now = {0};
	struct err e = ERR_INIT;
	struct stat st;
	bool same;
	int fd = open(t->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return false;
	same = t->st.st_nlink > 1 && fstat(fd, &st) == 0 && interp_read(&now, fd, &e) == 0 &&
	       same_program(t, &st, &now);
	close(fd);
	if (same)
		t->st = st;
	return same;
}

static int change(struct enabling *r, struct task *t, const char *verb)
{
	struct err e = ERR_INIT, again = ERR_INIT;
	int status;
	struct program_edit edit = {
	    .path = t->path,
	    .st = &t->st,
	    .offset = t->interp.offset,
	    .bytes = t->bytes,
	    .count = t->interp.bytes,
	    .named = r->named,
	    .named_count = r->named_count,
	};

	status = program_edit(&edit, &t->how, &e);
	if (status == -EAGAIN && is_copied_up(t)) {
		e = again;
		status = program_edit(&edit, &t->how, &e);
	}
	if (status < 0)
		return report(r, t, FAILED, verb, NULL, e.text);
	return report(r, t, DONE, verb, NULL, NULL);
}

/* 0: goes on; else the file was reported. */
static int check_enable(struct enabling *r, struct task *t)
{
	struct err e = ERR_INIT;

	if (t->interp.state == INTERP_ENABLED || t->interp.state == INTERP_LINKED) {
		char *text =
		    arena_printf(&r->arena, "already names '%s'%s", t->interp.content,
				 t->interp.state == INTERP_LINKED ? ", since it was linked" : "");

		report(r, t, ALREADY, "enabled", NULL, text);
		return 1;
	}
	if (t->interp.reason)
		return refuse(r, t, "enabled", t->interp.reason);
	if (t->st.st_mode & (S_ISUID | S_ISGID))
		return refuse(r, t, "enabled", REASON_SET_ID);
	if (!r->force && getxattr(t->path, "security.capability", NULL, 0) > 0)
		return refuse(r, t, "enabled", REASON_FILE_CAPABILITIES);
	if (t->interp.section && !t->interp.in_section)
		return report(r, t, REFUSED, "enabled", reason_name(REASON_MALFORMED),
			      "its section .interp and its PT_INTERP are not the same bytes");
	if (interp_enabled_bytes(&t->interp, r->shim, t->bytes, &e) < 0)
		return report(r, t, REFUSED, "enabled", NULL, e.text);
	return 0;
}

/*
 * The list comes before the file.  Without a list (a store that may not be
 * written) only what has a mark of its own can be enabled.
 */
static int list_task(struct enabling *r, struct task *t)
{
	struct err e = ERR_INIT;

	if (r->has_list) {
		enabled_list_put(&r->list, &(struct enabled_file){
					       .path = t->path,
					       .bytes = (uint8_t *)t->interp.content,
					       .count = t->interp.bytes,
					       .shim = (char *)r->shim,
					   });
		if (enabled_list_save(&r->list, &e) == 0)
			return 0;
		enabled_list_remove(&r->list, t->path);
		r->has_list = false;
		r->list_error = e;
		enabled_list_close(&r->list);
	}
	if ((uint8_t)t->bytes[t->interp.bytes - 2] != INTERP_MARK_LISTED)
		return 0;
	return report(r, t, REFUSED, "enabled", NULL,
		      arena_printf(&r->arena, "its loader's spelling '%s' must be listed: %s",
				   t->interp.content, r->list_error.text));
}

int enabling_enable(struct enabling *r, const char *path)
{
	struct task t;
	int status = look(r, &t, path, "enabled");

	if (status == 0)
		status = check_enable(r, &t);
	if (status == 0)
		status = list_task(r, &t);
	if (status == 0) {
		status = change(r, &t, "enabled");
		if (status < 0 && r->has_list && !r->again) {
			enabled_list_remove(&r->list, t.path);
			enabled_list_save(&r->list, NULL);
		}
	}
	free(t.path);
	return status < 0 ? -1 : 0;
}

/* The bytes to restore: the mark knows, else the list. */
static int find_original(struct enabling *r, struct task *t, struct err *e)
{
	const struct enabled_file *f;
	int status = interp_original_bytes(&t->interp, t->bytes, e);

	if (status != -ENODATA)
		return status;
	f = r->has_list ? enabled_list_find(&r->list, t->path) : NULL;
	if (!f || f->count != t->interp.bytes)
		return err_set(e, -ENODATA,
			       "its loader's original name is in the list of the store it was "
			       "enabled with, not in that of '%s'",
			       r->o->store);
	memcpy(t->bytes, f->bytes, f->count);
	e->code = 0;
	return 0;
}

static int check_disable(struct enabling *r, struct task *t)
{
	struct err e = ERR_INIT;

	if (t->interp.state == INTERP_STOCK || t->interp.state == INTERP_OTHER) {
		report(r, t, ALREADY, "disabled", NULL, "is not enabled");
		return 1;
	}
	if (t->interp.state == INTERP_LINKED)
		return report(r, t, REFUSED, "disabled", NULL,
			      "it names the shim since it was linked; link it again");
	if (find_original(r, t, &e) < 0)
		return report(r, t, REFUSED, "disabled", NULL, e.text);
	return 0;
}

/* 0: the file is not enabled any more (or never was). */
int enabling_disable(struct enabling *r, const char *path)
{
	struct task t;
	int status = look(r, &t, path, "disabled");

	if (status == 0)
		status = check_disable(r, &t);
	if (status == 0)
		status = change(r, &t, "disabled");
	if (status >= 0 && r->has_list && enabled_list_find(&r->list, t.path)) {
		enabled_list_remove(&r->list, t.path);
		enabled_list_save(&r->list, NULL);
	}
	free(t.path);
	return status < 0 ? -1 : 0;
}

void enabling_print_listed(const struct enabling *r, const char *path)
{
	struct task t = {.given = path};

	if (r->o->json)
		report_json(&t, "listed", NULL, NULL);
	else
		puts(path);
}

void enabling_list_open(struct enabling *r, bool create)
{
	r->has_list = enabled_list_open(&r->list, r->o->store, create, &r->list_error) == 0;
}

int enabling_finish(struct enabling *r)
{
	if (r->has_list)
		enabled_list_close(&r->list);
	arena_release(&r->arena);
	return r->status;
}
