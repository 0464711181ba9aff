/* matr epoch: begin, status, list, end, rollback, gc, roots */
#include "cache/gc.h"
#include "cache/publish.h"
#include "matr/epoch_report.h"
#include "matr/matr.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_KEEP 3

static int failed(const struct err *e)
{
	matr_error("%s", e->text);
	return MATR_FAILED;
}

/* An action's own options end where its operands begin. */
static int no_options(int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
		if (c != 'j')
			return matr_wrong_option(c, argv);
		o->json = true;
	}
	return MATR_OK;
}

/* ---- begin ---- */

struct bar {
	struct out out;
	struct out_progress progress;
	const char *stage; /* NULL: no bar is open */
};

static void draw(void *context, const char *stage, size_t done, size_t total)
{
	struct bar *b = context;

	(void)done;
	if (b->stage != stage) {
		if (b->stage)
			out_progress_end(&b->progress);
		out_progress_begin(&b->progress, &b->out, stage, total);
		b->stage = stage;
	}
	out_progress_add(&b->progress, 1);
}

static int parse_number(const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

static int read_layout(const char *name, struct epoch_request *r)
{
	if (!strcmp(name, "exec"))
		r->layout = EPOCH_LAYOUT_EXEC;
	else if (!strcmp(name, "epoch"))
		r->layout = EPOCH_LAYOUT_EPOCH;
	else
		return matr_usage_error("epoch", "epoch begin: --layout is exec or epoch, not '%s'",
					name);
	return MATR_OK;
}

static int read_begin_options(int argc, char **argv, struct matr_options *o,
			      struct epoch_request *r)
{
	static const struct option options[] = {
		{"root", required_argument, NULL, 'r'}, {"all", no_argument, NULL, 'a'},
		{"least", required_argument, NULL, 'l'},
		{"force", no_argument, NULL, 'f'},      {"note", required_argument, NULL, 'n'},
		{"json", no_argument, NULL, 'j'},       {"rekey", no_argument, NULL, 'k'},
		{"layout", required_argument, NULL, 'L'}, {NULL, 0, NULL, 0},
	};
	uint64_t least;
	int c, status;

	optind = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (c) {
		case 'r':
			r->root = optarg;
			break;
		case 'a':
			r->has_least = true;
			r->least = 0;
			break;
		case 'l':
			if (!parse_number(optarg, &least) || least > UINT32_MAX)
				return matr_usage_error("epoch", "epoch begin: --least needs a number");
			r->has_least = true;
			r->least = (uint32_t)least;
			break;
		case 'f':
			r->force = true;
			break;
		case 'n':
			r->note = optarg;
			break;
		case 'j':
			o->json = true;
			break;
		case 'k':
			r->rekey = true;
			break;
		case 'L':
			status = read_layout(optarg, r);
			if (status != MATR_OK)
				return status;
			break;
		default:
			return matr_wrong_option(c, argv);
		}
	}
	r->paths = (const char *const *)argv + optind;
	r->path_count = (size_t)(argc - optind);
	return MATR_OK;
}

static void show_result(const struct epoch_result *result, const struct matr_options *o)
{
	struct out out;

	out_init(&out, stdout);
	if (o->json)
		report_json(report_result_json(result));
	else if (!o->quiet)
		report_result(result, &out);
}

static int epoch_begin_action(int argc, char **argv, struct matr_options *o)
{
	struct bar bar = {0};
	struct epoch_request request = {.progress = draw, .progress_context = &bar};
	struct epoch_result result;
	struct err e = ERR_INIT;
	struct store *s;
	int ret = read_begin_options(argc, argv, o, &request);

	if (ret)
		return ret;
	if (store_open(&s, o->store, STORE_CREATE, &e) < 0)
		return failed(&e);
	out_init(&bar.out, stderr);
	if (o->quiet)
		request.progress = NULL;
	ret = epoch_begin(s, &request, &result, &e);
	if (bar.stage)
		out_progress_end(&bar.progress);
	store_close(s);
	if (ret < 0)
		return failed(&e);
	show_result(&result, o);
	epoch_result_release(&result);
	return MATR_OK;
}

/* ---- status and list ---- */

static int show_status(struct store *s, struct matr_options *o, struct err *e)
{
	struct arena arena = ARENA_INIT;
	struct catalogue_read *read;
	struct report_layouts layouts;
	struct catalogue_epoch epoch;
	uint64_t number;
	struct out out;
	int ret = publish_current(s, &number, e);

	out_init(&out, stdout);
	if (ret == -ENOENT) {
		if (o->json)
			report_json(json_pack("{s:s}", "state", "management"));
		else
			puts("no epoch is current: programs take the stock path");
		return MATR_NO;
	}
	if (ret == 0)
		ret = catalogue_read_begin(&read, s, e);
	if (ret < 0)
		return failed(e);
	ret = catalogue_get_epoch(read, number, &arena, &epoch, e);
	if (ret == 0)
		ret = report_count_layouts(&layouts, read, number, e);
	if (ret == 0 && o->json) {
		json_t *j = report_epoch_json(&epoch);

		json_object_set_new(j, "state", json_string("epoch"));
		json_object_set_new(j, "layouts", report_layouts_json(&layouts));
		report_json(j);
	} else if (ret == 0) {
		report_epoch(&epoch, &out);
		report_layouts(&layouts);
	}
	catalogue_read_end(read);
	arena_release(&arena);
	return ret < 0 ? failed(e) : MATR_OK;
}

static void list_table(const struct catalogue_epoch *epochs, size_t count, uint64_t current)
{
	static const struct out_column columns[] = {
		{"EPOCH", true, false},    {"", false, false},        {"BEGUN", false, false},
		{"PROGRAMS", true, false}, {"IMAGES", true, false},   {"LIBRARIES", true, false},
		{"BYTES", true, false},    {"TOOK", true, false},     {"NOTE", false, true},
	};
	struct out_table *t = out_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	struct out out;

	out_init(&out, stdout);
	for (size_t i = 0; i < count; i++) {
		const struct catalogue_epoch *e = &epochs[i];
		char number[OUT_NUMBER_BYTES], time[OUT_NUMBER_BYTES], programs[OUT_NUMBER_BYTES],
			images[OUT_NUMBER_BYTES], libraries[OUT_NUMBER_BYTES],
			bytes[OUT_NUMBER_BYTES], took[OUT_NUMBER_BYTES];
		const char *cells[] = {
			out_count(number, e->number),
			e->number == current ? "current" : "",
			out_time(time, e->begun_nsec),
			out_count(programs, e->programs),
			out_count(images, e->published),
			out_count(libraries, e->libraries),
			out_bytes(bytes, e->pages_bytes + e->image_bytes),
			out_duration(took, e->taken_nsec),
			e->note,
		};

		out_table_row(t, cells);
	}
	out_table_print(t, &out);
}

static int show_list(struct store *s, struct matr_options *o, struct err *e)
{
	struct arena arena = ARENA_INIT;
	struct catalogue_read *read;
	struct catalogue_epoch *epochs;
	uint64_t current = 0;
	size_t count;
	int ret = catalogue_read_begin(&read, s, e);

	if (ret < 0)
		return failed(e);
	publish_current(s, &current, NULL);
	ret = catalogue_list_epochs(read, &arena, &epochs, &count, e);
	if (ret == 0 && o->json) {
		json_t *list = json_array();

		for (size_t i = 0; i < count; i++)
			json_array_append_new(list, report_epoch_json(&epochs[i]));
		report_json(json_pack("{s:o, s:I}", "epochs", list, "current", (json_int_t)current));
	} else if (ret == 0) {
		list_table(epochs, count, current);
	}
	catalogue_read_end(read);
	arena_release(&arena);
	return ret < 0 ? failed(e) : MATR_OK;
}

/* ---- end, rollback, gc ---- */

static int end_epoch(struct store *s, struct matr_options *o, struct err *e)
{
	int ret = store_lock_exclusive(s, e);

	if (ret == 0)
		ret = publish_withdraw(s, e);
	if (ret < 0)
		return failed(e);
	store_unlock(s);
	matr_note(o, "no epoch is current: programs take the stock path from now on");
	return MATR_OK;
}

static int rollback(struct store *s, const char *text, struct matr_options *o)
{
	struct err e = ERR_INIT;
	uint64_t number;
	int ret;

	if (!parse_number(text, &number))
		return matr_usage_error("epoch", "epoch rollback: '%s' is not a number", text);
	ret = store_lock_exclusive(s, &e);
	if (ret == 0)
		ret = publish_switch(s, number, &e);
	if (ret < 0)
		return failed(&e);
	store_unlock(s);
	matr_note(o, "epoch %llu is current", (unsigned long long)number);
	return MATR_OK;
}

static int collect(struct store *s, int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {{"keep", required_argument, NULL, 'k'},
						{"json", no_argument, NULL, 'j'},
						{NULL, 0, NULL, 0}};
	struct gc_options gc = {.keep = DEFAULT_KEEP};
	struct gc_result r;
	struct err e = ERR_INIT;
	uint64_t keep;
	int c, ret;

	optind = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (c == 'k' && parse_number(optarg, &keep) && keep && keep <= UINT_MAX)
			gc.keep = (unsigned)keep;
		else if (c == 'k')
			return matr_usage_error("epoch", "epoch gc: --keep needs a number from 1");
		else if (c == 'j')
			o->json = true;
		else
			return matr_wrong_option(c, argv);
	}
	ret = store_lock_exclusive(s, &e);
	if (ret == 0)
		ret = gc_run(s, &gc, &r, &e);
	if (ret < 0)
		return failed(&e);
	store_unlock(s);
	if (o->json)
		report_json(json_pack("{s:I, s:I, s:I, s:I}", "removed",
				      (json_int_t)r.epochs_removed, "kept",
				      (json_int_t)r.epochs_kept, "in_use",
				      (json_int_t)r.epochs_in_use, "tables_removed",
				      (json_int_t)r.tables_removed));
	else
		printf("%llu epochs removed, %llu kept (%llu of them in use)\n",
		       (unsigned long long)r.epochs_removed, (unsigned long long)r.epochs_kept,
		       (unsigned long long)r.epochs_in_use);
	return MATR_OK;
}

/* ---- roots ---- */

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
		return failed(&e);
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
		return failed(&e);
	if (changed)
		return MATR_OK;
	matr_note(o, add ? "'%s' is a root already" : "'%s' is not a root", real);
	return add ? MATR_OK : MATR_NO;
}

static int change_roots(struct store *s, int argc, char **argv, struct matr_options *o)
{
	int add = strcmp(argv[0], "add") == 0, worst = MATR_OK;
	struct err e = ERR_INIT;

	if (!add && strcmp(argv[0], "remove"))
		return matr_usage_error("epoch", "epoch roots: '%s' is not add, remove or list",
					argv[0]);
	if (argc < 2)
		return matr_usage_error("epoch", "epoch roots %s: names no folder", argv[0]);
	if (store_lock_exclusive(s, &e) < 0)
		return failed(&e);
	for (int i = 1; i < argc; i++) {
		int status = change_root(s, add, argv[i], o);

		if (status != MATR_OK)
			worst = status;
	}
	store_unlock(s);
	return worst;
}

/* ---- the table of actions ---- */

static int run_action(struct store *s, int argc, char **argv, struct matr_options *o)
{
	const char *action = argv[0];
	struct err e = ERR_INIT;
	int ret;

	if (!strcmp(action, "gc"))
		return collect(s, argc, argv, o);
	ret = no_options(argc, argv, o);
	if (ret)
		return ret;
	argc -= optind;
	argv += optind;
	if (!strcmp(action, "rollback"))
		return argc == 1 ? rollback(s, argv[0], o)
				 : matr_usage_error("epoch", "epoch rollback: needs one number");
	if (!strcmp(action, "roots"))
		return argc == 0 || !strcmp(argv[0], "list") ? list_roots(s, o)
							     : change_roots(s, argc, argv, o);
	if (argc)
		return matr_usage_error("epoch", "epoch %s: unexpected '%s'", action, argv[0]);
	if (!strcmp(action, "status"))
		return show_status(s, o, &e);
	if (!strcmp(action, "list"))
		return show_list(s, o, &e);
	if (!strcmp(action, "end"))
		return end_epoch(s, o, &e);
	return matr_usage_error("epoch", "epoch: '%s' is not an action", action);
}

/* Reading actions do not make a store where there is none; roots may be set before the first epoch. */
static unsigned open_flags(const char *action)
{
	if (!strcmp(action, "roots"))
		return STORE_CREATE;
	return !strcmp(action, "status") || !strcmp(action, "list") ? STORE_READ_ONLY : 0;
}

int cmd_epoch(int argc, char **argv, struct matr_options *o)
{
	struct err e = ERR_INIT;
	struct store *s;
	int ret;

	argc--;
	argv++;
	if (!strcmp(argv[0], "begin"))
		return epoch_begin_action(argc, argv, o);
	ret = store_open(&s, o->store, open_flags(argv[0]), &e);
	if (ret == -ENOENT && !strcmp(argv[0], "status")) {
		matr_note(o, "%s", e.text);
		return MATR_NO;
	}
	if (ret < 0)
		return failed(&e);
	ret = run_action(s, argc, argv, o);
	store_close(s);
	return ret;
}
