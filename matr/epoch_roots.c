/* matr epoch roots: the folders that an epoch begins with */
#include "epochd/roots.h"
#include "matr/epoch_actions.h"
#include "matr/epoch_daemon.h"
#include "matr/epoch_report.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int list_roots(struct store *s, struct matr_options *o)
{
	struct arena arena = ARENA_INIT;
	struct catalogue_read *read;
	struct err e = ERR_INIT;
	const char **roots;
	size_t count;
	json_t *list;
	int ret = catalogue_read_begin(&read, s, &e);

	if (ret == 0)
		ret = catalogue_list_roots(read, &arena, &roots, &count, &e);
	if (ret < 0)
		return epoch_failed(&e);
	if (count == 0) {
		roots = (const char **)engine_default_roots;
		while (roots[count])
			count++;
	}
	list = json_array();
	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list, json_string(roots[i]));
		if (!o->json)
			puts(roots[i]);
	}
	if (o->json)
		report_json(json_pack("{s:O}", "roots", list));
	json_decref(list);
	catalogue_read_end(read);
	arena_release(&arena);
	return MATR_OK;
}

/* Whether the store has no roots of its own yet, so that the defaults hold. */
static bool has_default_roots(struct store *s)
{
	struct arena arena = ARENA_INIT;
	struct catalogue_read *read;
	const char **roots;
	size_t count = 1;

	if (catalogue_read_begin(&read, s, NULL) < 0)
		return false;
	if (catalogue_list_roots(read, &arena, &roots, &count, NULL) < 0)
		count = 1;
	catalogue_read_end(read);
	arena_release(&arena);
	return count == 0;
}

static int change_root(struct store *s, int add, const char *folder, struct matr_options *o)
{
	char real[PATH_MAX];
	struct err e = ERR_INIT;
	int changed, ret;

	/* A folder that has gone can still be taken off the list by the name it has there. */
	if (!realpath(folder, real)) {
		if (add || strlen(folder) >= sizeof(real)) {
			matr_error("no folder '%s': %s", folder, strerror(errno));
			return MATR_FAILED;
		}
		strcpy(real, folder);
	}
	ret = add ? catalogue_add_root(s, real, &changed, &e)
		  : catalogue_remove_root(s, real, &changed, &e);
	if (ret < 0)
		return epoch_failed(&e);
	if (changed)
		return MATR_OK;
	matr_note(o, add ? "'%s' is a root already" : "'%s' is not a root", real);
	return add ? MATR_OK : MATR_NO;
}

static int change_roots(struct store *s, int argc, char **argv, struct matr_options *o)
{
	int add = strcmp(argv[0], "add") == 0, worst = MATR_OK, status;
	struct err e = ERR_INIT;
	bool defaults;

	if (!add && strcmp(argv[0], "remove"))
		return matr_usage_error("epoch", "epoch roots: '%s' is not add, remove or list",
					argv[0]);
	if (argc < 2)
		return matr_usage_error("epoch", "epoch roots %s: names no folder", argv[0]);
	if (store_lock_exclusive(s, &e) < 0)
		return epoch_failed(&e);
	defaults = has_default_roots(s);
	for (int i = 1; i < argc; i++) {
		status = change_root(s, add, argv[i], o);
		if (status != MATR_OK)
			worst = status;
	}
	if (add && defaults && !has_default_roots(s))
		matr_note(o, "the roots that were added take the place of /usr and /opt");
	store_unlock(s);
	epoch_daemon_ask(store_dirfd(s), CONTROL_ROOTS, &status);
	return worst;
}

int epoch_action_roots(struct store *s, int argc, char **argv, struct matr_options *o)
{
	int ret = epoch_own_options(argc, argv, o);

	if (ret)
		return ret;
	argc -= optind;
	argv += optind;
	return argc == 0 || !strcmp(argv[0], "list") ? list_roots(s, o)
						     : change_roots(s, argc, argv, o);
}
