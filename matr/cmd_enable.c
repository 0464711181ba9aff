/* matr enable and matr disable: the loader's name in program files, in place. */
#include "matr/matr.h"

#include "common/arena.h"
#include "image/reason.h"
#include "matr/enabled_list.h"
#include "matr/interp_edit.h"
#include "matr/program_edit.h"
#include "matr/shim_path.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* One run of either command. */
struct run {
	struct matr_options *o;
	struct arena arena;
	struct enabled_list list;
	bool has_list;
	bool force;
	const char *shim;   /* enable: the path to write */
	const char **named; /* every operand: further links may be among them */
	size_t named_count;
	struct err list_error; /* why there is no list */
	int status;	       /* enum matr_exit */
};

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
static int report(struct run *r, const struct task *t, enum result result, const char *verb,
		  const char *reason, const char *sentence)
{
	const char *path = t->path ? t->path : t->given;
	static const char *const results[] = {"", "already", "refused", "failed"};

	if (result == REFUSED || result == FAILED)
		r->status = MATR_FAILED;
	if (r->o->json)
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

static int refuse(struct run *r, const struct task *t, const char *verb, unsigned reason)
{
	return report(r, t, REFUSED, verb, reason_name(reason), reason_sentence(reason));
}

/* Finds and reads the file of an operand. */
static int look(struct run *r, struct task *t, const char *given, const char *verb)
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

static int change(struct run *r, struct task *t, const char *verb)
{
	struct err e = ERR_INIT;
	struct program_edit edit = {
	    .path = t->path,
	    .st = &t->st,
	    .offset = t->interp.offset,
	    .bytes = t->bytes,
	    .count = t->interp.bytes,
	    .named = r->named,
	    .named_count = r->named_count,
	};

	if (program_edit(&edit, &t->how, &e) < 0)
		return report(r, t, FAILED, verb, NULL, e.text);
	return report(r, t, DONE, verb, NULL, NULL);
}

/* 0: goes on; else the file was reported. */
static int check_enable(struct run *r, struct task *t)
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
static int list_task(struct run *r, struct task *t)
{
	struct err e = ERR_INIT;

	if (r->has_list) {
		enabled_list_put(&r->list, t->path, t->interp.content, t->interp.bytes);
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

static void enable_file(struct run *r, const char *given)
{
	struct task t;

	if (look(r, &t, given, "enabled") == 0 && check_enable(r, &t) == 0 &&
	    list_task(r, &t) == 0 && change(r, &t, "enabled") < 0 && r->has_list) {
		enabled_list_remove(&r->list, t.path);
		enabled_list_save(&r->list, NULL);
	}
	free(t.path);
}

/* The bytes to restore: the mark knows, else the list. */
static int find_original(struct run *r, struct task *t, struct err *e)
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

static int check_disable(struct run *r, struct task *t)
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
static int disable_file(struct run *r, const char *given)
{
	struct task t;
	int status = look(r, &t, given, "disabled");

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

static void open_list(struct run *r, bool create)
{
	r->has_list = enabled_list_open(&r->list, r->o->store, create, &r->list_error) == 0;
}

static int finish(struct run *r)
{
	if (r->has_list)
		enabled_list_close(&r->list);
	arena_release(&r->arena);
	return r->status;
}

static int list_files(struct run *r)
{
	open_list(r, false);
	if (!r->has_list && r->list_error.code != -ENOENT) {
		matr_error("%s", r->list_error.text);
		r->status = MATR_FAILED;
	}
	for (size_t i = 0; r->has_list && i < r->list.file_count; i++) {
		const char *path = r->list.files[i].path;
		struct task t = {.given = path};

		if (r->o->json)
			report_json(&t, "listed", NULL, NULL);
		else
			puts(path);
	}
	return finish(r);
}

static int enable_operands(struct run *r)
{
	struct err e = ERR_INIT;

	if (shim_check(r->shim, &e) < 0) {
		matr_error("nothing is enabled: %s%s", e.text,
			   e.code == -ENOENT ? "; --interpreter names another place" : "");
		r->status = MATR_FAILED;
		return finish(r);
	}
	open_list(r, true);
	if (!r->has_list)
		matr_note(r->o, "no list of enabled files is kept: %s", r->list_error.text);
	for (size_t i = 0; i < r->named_count; i++)
		enable_file(r, r->named[i]);
	return finish(r);
}

int cmd_enable(int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {
	    {"interpreter", required_argument, NULL, 'i'},
	    {"force", no_argument, NULL, 'f'},
	    {"list", no_argument, NULL, 'l'},
	    {"json", no_argument, NULL, 'j'},
	    {"quiet", no_argument, NULL, 'q'},
	    {NULL, 0, NULL, 0},
	};
	struct run r = {.o = o, .shim = MATR_INSTALLED_SHIM};
	bool list = false;
	int c;

	while ((c = getopt_long(argc, argv, ":q", options, NULL)) != -1) {
		if (c == 'i')
			r.shim = optarg;
		else if (c == 'f')
			r.force = true;
		else if (c == 'l')
			list = true;
		else if (c == 'j')
			o->json = true;
		else if (c == 'q')
			o->quiet = true;
		else
			return matr_wrong_option(c, argv);
	}
	r.named = (const char **)argv + optind;
	r.named_count = (size_t)(argc - optind);
	if (list && r.named_count)
		return matr_usage_error("enable", "enable: --list takes no file");
	if (list)
		return list_files(&r);
	if (!r.named_count)
		return matr_usage_error("enable", "enable: no file named");
	return enable_operands(&r);
}

/* The list shrinks while it is walked: what could not be disabled stays and is passed over. */
static void disable_listed(struct run *r)
{
	size_t at = 0;

	while (r->has_list && at < r->list.file_count) {
		char *path = xstrdup(r->list.files[at].path);

		if (access(path, F_OK) < 0 && errno == ENOENT) {
			matr_note(r->o, "'%s' is gone", path);
			enabled_list_remove(&r->list, path);
			enabled_list_save(&r->list, NULL);
		} else if (disable_file(r, path) < 0) {
			at++;
		}
		free(path);
	}
}

int cmd_disable(int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {
	    {"all", no_argument, NULL, 'a'},
	    {"json", no_argument, NULL, 'j'},
	    {"quiet", no_argument, NULL, 'q'},
	    {NULL, 0, NULL, 0},
	};
	struct run r = {.o = o};
	bool all = false;
	int c;

	while ((c = getopt_long(argc, argv, ":q", options, NULL)) != -1) {
		if (c == 'a')
			all = true;
		else if (c == 'j')
			o->json = true;
		else if (c == 'q')
			o->quiet = true;
		else
			return matr_wrong_option(c, argv);
	}
	r.named = (const char **)argv + optind;
	r.named_count = (size_t)(argc - optind);
	if (all == (r.named_count > 0))
		return matr_usage_error("disable", "disable: name files, or say --all");
	open_list(&r, false);
	if (!all) {
		for (size_t i = 0; i < r.named_count; i++)
			disable_file(&r, r.named[i]);
	} else if (r.has_list) {
		disable_listed(&r);
	} else if (r.list_error.code != -ENOENT) {
		matr_error("%s", r.list_error.text);
		r.status = MATR_FAILED;
	}
	return finish(&r);
}
