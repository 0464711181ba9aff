/* matr epoch import: an epoch of this machine from what another one exported */
#include "common/out.h"
#include "epochd/import.h"
#include "matr/epoch_actions.h"
#include "matr/epoch_report.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#define GROUPS_SHOWN 10 /* reasons, where not every program is asked for */

/* Programs that one sentence refuses, which names the first object that differs. */
struct group {
	const struct epoch_failure *first;
	size_t count;
};

static bool same_sentence(const struct epoch_failure *a, const struct epoch_failure *b)
{
	return a->reason == b->reason && !strcmp(a->detail ? a->detail : "", b->detail ? b->detail : "");
}

static void list_groups(const struct epoch_failure *f, size_t count)
{
	struct group groups[GROUPS_SHOWN];
	size_t used = 0, more = 0, g;

	for (size_t i = 0; i < count; i++) {
		for (g = 0; g < used && !same_sentence(groups[g].first, &f[i]); g++)
			;
		if (g == GROUPS_SHOWN) {
			more++;
			continue;
		}
		if (g == used)
			groups[used++] = (struct group){.first = &f[i]};
		groups[g].count++;
	}
	for (g = 0; g < used; g++) {
		report_failure("refused: ", groups[g].first);
		if (groups[g].count > 1)
			printf("    and %zu more for the same reason\n", groups[g].count - 1);
	}
	if (more)
		printf("  ... and %zu more (--verbose)\n", more);
}

static void list_refused(const struct epoch_failure *f, size_t count, bool all)
{
	if (!all) {
		list_groups(f, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		report_failure("refused: ", &f[i]);
}

static uint64_t refused(const struct import_result *r)
{
	return r->epoch.refused_count + r->missing_count;
}

static void show(const struct import_result *r, bool all)
{
	char a[OUT_NUMBER_BYTES], b[OUT_NUMBER_BYTES];
	struct out out;

	out_init(&out, stdout);
	report_result(&r->epoch, false, &out);
	printf("imported %s of %s programs\n", out_count(a, r->programs - refused(r)),
	       out_count(b, r->programs));
	list_refused(r->epoch.refused, r->epoch.refused_count, all);
	list_refused(r->missing, r->missing_count, all);
}

static void add_refused(json_t *list, const struct epoch_failure *f, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "path", f[i].path, "detail",
						      f[i].detail ? f[i].detail : ""));
}

static void show_json(const struct import_result *r)
{
	json_t *j = report_result_json(&r->epoch), *list = json_array();

	add_refused(list, r->epoch.refused, r->epoch.refused_count);
	add_refused(list, r->missing, r->missing_count);
	json_object_set_new(j, "offered", json_integer((json_int_t)r->programs));
	json_object_set_new(j, "imported", json_integer((json_int_t)(r->programs - refused(r))));
	json_object_set_new(j, "refused", list);
	report_json(j);
}

static int read_import_options(int argc, char **argv, struct matr_options *o,
			       struct import_request *r, bool *verbose)
{
	static const struct option options[] = {{"name", required_argument, NULL, 'n'},
						{"all", no_argument, NULL, 'a'},
						{"verbose", no_argument, NULL, 'v'},
						{"json", no_argument, NULL, 'j'},
						{NULL, 0, NULL, 0}};
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (c == 'n')
			r->name = optarg;
		else if (c == 'a')
			r->begin.has_least = true;
		else if (c == 'v')
			*verbose = true;
		else if (c == 'j')
			o->json = true;
		else
			return matr_wrong_option(c, argv);
	}
	if (argc - optind != 1)
		return matr_usage_error("epoch", "epoch import: needs a folder");
	r->folder = argv[optind];
	r->begin.note = "imported";
	return MATR_OK;
}

int epoch_action_import(struct store *s, int argc, char **argv, struct matr_options *o)
{
	struct import_request request = {0};
	struct import_result result;
	struct err e = ERR_INIT;
	bool verbose = false;
	int ret = read_import_options(argc, argv, o, &request, &verbose);

	if (ret)
		return ret;
	ret = epoch_import(s, &request, &result, &e);
	if (ret < 0) {
		epoch_failed(&e);
		return ret == -ENODATA ? MATR_NO : MATR_FAILED;
	}
	if (o->json)
		show_json(&result);
	else if (!o->quiet)
		show(&result, verbose);
	import_result_release(&result);
	return MATR_OK;
}
