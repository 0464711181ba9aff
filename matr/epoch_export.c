/* matr epoch export: an epoch into an OCI image layout */
#include "cache/publish.h"
#include "common/out.h"
#include "epochd/export.h"
#include "matr/epoch_actions.h"
#include "matr/epoch_report.h"

#include <errno.h>
#include <getopt.h>

#define DEFAULT_NAME "epoch"

static void show(const struct export_request *r, const struct export_result *x)
{
	char a[OUT_NUMBER_BYTES], b[OUT_NUMBER_BYTES], c[OUT_NUMBER_BYTES];

	printf("epoch %llu is '%s' in %s\n", (unsigned long long)r->epoch, r->name, r->folder);
	printf("  %-12s %s, with %s objects and %s tables\n", "programs", out_count(a, x->programs),
	       out_count(b, x->objects), out_count(c, x->tables));
	printf("  %-12s %s, %s\n", "blobs", out_count(a, x->blobs), out_bytes(b, x->bytes));
	printf("  %-12s %s, %s\n", "of these new", out_count(a, x->new_blobs),
	       out_bytes(b, x->new_bytes));
	printf("  %-12s %s\n", "digest", x->digest);
}

static void show_json(const struct export_request *r, const struct export_result *x)
{
	report_json(json_pack("{s:I, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "epoch",
			      (json_int_t)r->epoch, "name", r->name, "folder", r->folder, "digest",
			      x->digest, "programs", (json_int_t)x->programs, "objects",
			      (json_int_t)x->objects, "tables", (json_int_t)x->tables, "blobs",
			      (json_int_t)x->blobs, "bytes", (json_int_t)x->bytes, "new_blobs",
			      (json_int_t)x->new_blobs, "new_bytes", (json_int_t)x->new_bytes));
}

/* [N] DIR; without N the current epoch. */
static int read_operands(struct store *s, int argc, char **argv, struct export_request *r)
{
	struct err e = ERR_INIT;
	int count = argc - optind;

	if (count != 1 && count != 2)
		return matr_usage_error("epoch", "epoch export: needs a folder");
	if (count == 2 && !epoch_parse_number(argv[optind], &r->epoch))
		return matr_usage_error("epoch", "epoch export: '%s' is not a number", argv[optind]);
	r->folder = argv[argc - 1];
	if (count == 1 && publish_current(s, &r->epoch, &e) < 0)
		return epoch_failed(&e);
	return MATR_OK;
}

int epoch_action_export(struct store *s, int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {{"name", required_argument, NULL, 'n'},
						{"json", no_argument, NULL, 'j'},
						{NULL, 0, NULL, 0}};
	struct export_request request = {.name = DEFAULT_NAME};
	struct export_result result;
	struct err e = ERR_INIT;
	int c, ret;

	optind = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (c == 'n')
			request.name = optarg;
		else if (c == 'j')
			o->json = true;
		else
			return matr_wrong_option(c, argv);
	}
	ret = read_operands(s, argc, argv, &request);
	if (ret)
		return ret;
	if (epoch_export(s, &request, &result, &e) < 0)
		return epoch_failed(&e);
	if (o->json)
		show_json(&request, &result);
	else if (!o->quiet)
		show(&request, &result);
	return MATR_OK;
}
