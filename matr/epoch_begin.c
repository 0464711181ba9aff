/* matr epoch begin: read the options, run the engine, show what came of it */
#include "matr/enable_again.h"
#include "epochd/confine.h"
#include "matr/epoch_actions.h"
#include "matr-ld/root.h"
#include "common/file.h"
#include "matr/epoch_daemon.h"
#include "matr/epoch_preflight_report.h"
#include "matr/epoch_report.h"
#include "matr/system_mode.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bar {
	struct out out;
	struct out_progress progress;
	const char *stage; /* NULL: no bar is open */
};

/* What the options say beyond the request. */
struct begin {
	bool verbose;
	bool here; /* do not ask the daemon */
	const struct matr_options *o;
	struct bar *bar;
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

/* Another root is none of the daemon's business, and looking changes nothing that it keeps. */
static int read_begin_options(int argc, char **argv, struct matr_options *o,
			      struct epoch_request *r, struct begin *b)
{
	static const struct option options[] = {
		{"root", required_argument, NULL, 'r'}, {"all", no_argument, NULL, 'a'},
		{"least", required_argument, NULL, 'l'},
		{"force", no_argument, NULL, 'f'},      {"note", required_argument, NULL, 'n'},
		{"json", no_argument, NULL, 'j'},       {"rekey", no_argument, NULL, 'k'},
		{"layout", required_argument, NULL, 'L'}, {"portable", no_argument, NULL, 'p'},
		{"local", no_argument, NULL, 'P'},     {"check", no_argument, NULL, 'c'},
		{"verbose", no_argument, NULL, 'v'},   {"here", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	uint64_t least;
	int c, status;

	optind = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (c) {
		case 'r':
			r->root = optarg;
			b->here = true;
			break;
		case 'h':
			b->here = true;
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
		case 'p':
			r->identity = EPOCH_IDENTITY_PORTABLE;
			break;
		case 'c':
			r->check = true;
			b->here = true;
			break;
		case 'v':
			b->verbose = true;
			break;
		case 'P':
			r->identity = EPOCH_IDENTITY_LOCAL;
			break;
		default:
			return matr_wrong_option(c, argv);
		}
	}
	r->paths = (const char *const *)argv + optind;
	r->path_count = (size_t)(argc - optind);
	return MATR_OK;
}

/* Before the epoch is sealed: with --json it is a part of the result, later. */
static void show_findings(void *context, const struct catalogue_findings *f)
{
	struct begin *b = context;
	struct out out;

	if (b->bar->stage)
		out_progress_end(&b->bar->progress);
	b->bar->stage = NULL;
	if (b->o->json || b->o->quiet)
		return;
	out_init(&out, stdout);
	report_since(f, b->verbose, &out);
	fflush(stdout);
}

static void show_result(const struct epoch_result *result, const struct epoch_request *r,
			const struct begin *b)
{
	const struct matr_options *o = b->o;
	struct out out;

	out_init(&out, stdout);
	if (o->json)
		report_json(r->check ? report_check_json(result) : report_result_json(result));
	else if (!o->quiet && r->check)
		report_check(result, b->verbose, &out);
	else if (!o->quiet)
		report_result(result, b->verbose, &out);
}

/* The default store's path below a root, links followed there and not out of it; it may be new. */
static int place_inside(const char *root, char out[PATH_MAX], struct err *e)
{
	char existing[] = MATR_DEFAULT_STORE;
	int ret = root_canonical(root, existing, out, e);

	while (ret == -ENOENT && existing[1]) {
		*strrchr(existing, '/') = 0;
		ret = root_canonical(root, existing[0] ? existing : "/", out, e);
		if (ret == 0)
			strcat(strcmp(out, "/") ? out : strcpy(out, ""),
			       MATR_DEFAULT_STORE + strlen(existing));
	}
	return ret;
}

/* A root's own store, of which no daemon of this system knows. */
static bool seals(const struct matr_options *o, const struct epoch_request *r)
{
	return r->root && !o->store_named;
}

/* To look only, a store that is not there is an empty one in a folder that goes at once. */
static int open_folder(struct store **out, const char *path, unsigned flags, struct err *e)
{
	char temporary[] = "/tmp/matr-check.XXXXXX";
	int ret = store_open(out, path, flags, e);

	if (ret != -ENOENT || !(flags & STORE_READ_ONLY))
		return ret;
	if (!mkdtemp(temporary))
		return err_sys(e, "cannot make a temporary store '%s'", temporary);
	*e = (struct err)ERR_INIT;
	ret = store_open(out, temporary, STORE_CREATE, e);
	file_remove_tree(AT_FDCWD, temporary, NULL);
	return ret;
}

/*
 * A root without a store that was named is sealed: its store lies where the programs inside will
 * look for it, everyone may read it, whoever builds the image, and copies of it hold.
 */
static int open_store(struct store **out, const struct matr_options *o, struct epoch_request *r,
		      struct err *e)
{
	char inside[PATH_MAX], path[PATH_MAX];
	int ret;

	if (!seals(o, r))
		return open_folder(out, o->store, r->check ? STORE_READ_ONLY : STORE_CREATE, e);
	ret = place_inside(r->root, inside, e);
	if (ret < 0)
		return ret;
	if (snprintf(path, sizeof(path), "%s%s", r->root, inside) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "'%s' is too long a path", r->root);
	if (r->identity == EPOCH_IDENTITY_STORE)
		r->identity = EPOCH_IDENTITY_PORTABLE;
	return open_folder(out, path, r->check ? STORE_READ_ONLY : STORE_CREATE | STORE_SHARED, e);
}

int epoch_action_begin(struct store *s, int argc, char **argv, struct matr_options *o)
{
	struct bar bar = {0};
	struct begin begin = {.o = o, .bar = &bar};
	struct epoch_request request = {.progress = draw,
					.progress_context = &bar,
					.report = show_findings,
					.report_context = &begin};
	struct epoch_result result;
	struct err e = ERR_INIT;
	int ret = read_begin_options(argc, argv, o, &request, &begin), status;

	if (ret)
		return ret;
	/* Not by a builder, which ends with its daemon, and at every change of files. */
	if (!begin.here && !request.path_count && !request.root && !request.check) {
		enable_again(o, ENABLE_AGAIN_QUIET);
		system_refresh_here(o);
	}
	if (!begin.here && !request.check && !seals(o, &request) &&
	    epoch_daemon_begin(argc - 1, argv + 1, o, &status))
		return status;
	if (open_store(&s, o, &request, &e) < 0)
		return epoch_failed(&e);
	confine_builder(store_dirfd(s));
	out_init(&bar.out, stderr);
	if (o->quiet)
		request.progress = NULL;
	ret = epoch_begin(s, &request, &result, &e);
	if (bar.stage)
		out_progress_end(&bar.progress);
	store_close(s);
	if (ret < 0)
		return epoch_failed(&e);
	if (result.exposed)
		fprintf(stderr, "matr: note: files were read %s\n", result.exposed);
	show_result(&result, &request, &begin);
	ret = request.check && report_broke(&result.epoch.findings) ? MATR_NO : MATR_OK;
	epoch_result_release(&result);
	return ret;
}
