/* matr enable and matr disable: the loader's name in program files, in place. */
#include "matr/matr.h"

#include "matr/enable_again.h"
#include "matr/enabled_search.h"
#include "matr/enabling.h"
#include "matr/shim_path.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int list_files(struct enabling *r)
{
	enabling_list_open(r, false);
	if (!r->has_list && r->list_error.code != -ENOENT) {
		matr_error("%s", r->list_error.text);
		r->status = MATR_FAILED;
	}
	for (size_t i = 0; r->has_list && i < r->list.file_count; i++)
		enabling_print_listed(r, r->list.files[i].path);
	return enabling_finish(r);
}

static int enable_operands(struct enabling *r)
{
	struct err e = ERR_INIT;

	if (shim_check(r->shim, &e) < 0) {
		matr_error("nothing is enabled: %s%s", e.text,
			   e.code == -ENOENT ? "; --interpreter names another place" : "");
		r->status = MATR_FAILED;
		return enabling_finish(r);
	}
	enabling_list_open(r, true);
	if (!r->has_list)
		matr_note(r->o, "no list of enabled files is kept: %s", r->list_error.text);
	for (size_t i = 0; i < r->named_count; i++)
		enabling_enable(r, r->named[i]);
	return enabling_finish(r);
}

int cmd_enable(int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {
	    {"interpreter", required_argument, NULL, 'i'},
	    {"force", no_argument, NULL, 'f'},
	    {"list", no_argument, NULL, 'l'},
	    {"again", no_argument, NULL, 'a'},
	    {"json", no_argument, NULL, 'j'},
	    {"quiet", no_argument, NULL, 'q'},
	    {NULL, 0, NULL, 0},
	};
	struct enabling r = {.o = o, .shim = MATR_INSTALLED_SHIM};
	bool list = false, again = false;
	int c;

	while ((c = getopt_long(argc, argv, ":q", options, NULL)) != -1) {
		if (c == 'i')
			r.shim = optarg;
		else if (c == 'f')
			r.force = true;
		else if (c == 'l')
			list = true;
		else if (c == 'a')
			again = true;
		else if (c == 'j')
			o->json = true;
		else if (c == 'q')
			o->quiet = true;
		else
			return matr_wrong_option(c, argv);
	}
	r.named = (const char **)argv + optind;
	r.named_count = (size_t)(argc - optind);
	if ((list || again) && r.named_count)
		return matr_usage_error("enable", "enable: --list and --again take no file");
	if (list)
		return list_files(&r);
	if (again)
		return enable_again(o, ENABLE_AGAIN_QUIET);
	if (!r.named_count)
		return matr_usage_error("enable", "enable: no file named");
	return enable_operands(&r);
}

/* The list shrinks while it is walked: what could not be disabled stays and is passed over. */
static void disable_listed(struct enabling *r)
{
	size_t at = 0;

	while (r->has_list && at < r->list.file_count) {
		char *path = xstrdup(r->list.files[at].path);

		if (access(path, F_OK) < 0 && errno == ENOENT) {
			matr_note(r->o, "'%s' is gone", path);
			enabled_list_remove(&r->list, path);
			enabled_list_save(&r->list, NULL);
		} else if (enabling_disable(r, path) < 0) {
			at++;
		}
		free(path);
	}
}

static void disable_all(struct enabling *r)
{
	if (r->has_list) {
		disable_listed(r);
	} else if (r->list_error.code != -ENOENT) {
		matr_error("%s; `matr disable --search` finds what is enabled without it",
			   r->list_error.text);
		r->status = MATR_FAILED;
	}
}

static int disable_operands(struct enabling *r, bool all, bool search, char **operands)
{
	enabling_list_open(r, false);
	if (all)
		disable_all(r);
	else if (search)
		enabled_search_disable(r, operands, r->named_count);
	else
		for (size_t i = 0; i < r->named_count; i++)
			enabling_disable(r, r->named[i]);
	return enabling_finish(r);
}

int cmd_disable(int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {
	    {"all", no_argument, NULL, 'a'},
	    {"search", no_argument, NULL, 's'},
	    {"json", no_argument, NULL, 'j'},
	    {"quiet", no_argument, NULL, 'q'},
	    {NULL, 0, NULL, 0},
	};
	struct enabling r = {.o = o};
	bool all = false, search = false;
	int c;

	while ((c = getopt_long(argc, argv, ":q", options, NULL)) != -1) {
		if (c == 'a')
			all = true;
		else if (c == 's')
			search = true;
		else if (c == 'j')
			o->json = true;
		else if (c == 'q')
			o->quiet = true;
		else
			return matr_wrong_option(c, argv);
	}
	r.named = (const char **)argv + optind;
	r.named_count = (size_t)(argc - optind);
	if (all ? search || r.named_count : !search && !r.named_count)
		return matr_usage_error("disable", "disable: name files, or say --all or --search");
	return disable_operands(&r, all, search, argv + optind);
}
