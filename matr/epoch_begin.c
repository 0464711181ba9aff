/* matr epoch begin: read the options, run the engine, show what came of it */
#include "matr/epoch_actions.h"
#include "matr/epoch_report.h"

#include <getopt.h>
#include <string.h>

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
			if (!epoch_parse_number(optarg, &least) || least > UINT32_MAX)
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

int epoch_action_begin(struct store *s, int argc, char **argv, struct matr_options *o)
{
	struct bar bar = {0};
	struct epoch_request request = {.progress = draw, .progress_context = &bar};
	struct epoch_result result;
	struct err e = ERR_INIT;
	int ret = read_begin_options(argc, argv, o, &request);

	if (ret)
		return ret;
	if (store_open(&s, o->store, STORE_CREATE, &e) < 0)
		return epoch_failed(&e);
	out_init(&bar.out, stderr);
	if (o->quiet)
		request.progress = NULL;
	ret = epoch_begin(s, &request, &result, &e);
	if (bar.stage)
		out_progress_end(&bar.progress);
	store_close(s);
	if (ret < 0)
		return epoch_failed(&e);
	show_result(&result, o);
	epoch_result_release(&result);
	return MATR_OK;
}
