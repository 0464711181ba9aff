/* matr verify: ask the installed loader whether the mapping is right. */
#include "matr/matr.h"

#include "cache/catalogue.h"
#include "cache/publish.h"
#include "cache/store.h"
#include "common/out.h"
#include "matr-ld/loader.h"
#include "matr/program_path.h"
#include "matr/shim_path.h"
#include "matr/verify.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_SECONDS 20
#define JOBS_MAX 256

/* How many programs were skipped for one reason. */
struct skipped {
	const char *reason;
	size_t count;
};

struct verify_run {
	struct matr_options *o;
	struct arena arena;
	struct verify_options options;
	const char **paths;
	size_t count, capacity;
	bool all;
	unsigned jobs;
	struct out err;
	struct out_progress bar;

	struct verify_result sum; /* its counts: of all programs */
	size_t same, different, failed, skipped;
	struct skipped *reasons;
	size_t reason_count, reason_capacity;
};

/* ---- what to verify ---- */

static void add_path(struct verify_run *r, const char *path)
{
	r->paths = array_grow(r->paths, r->count, &r->capacity, sizeof(*r->paths));
	r->paths[r->count++] = arena_strdup(&r->arena, path);
}

static int add_program(void *context, const struct catalogue_program *p, struct err *e)
{
	(void)e;
	add_path(context, p->path);
	return 0;
}

/* All programs of the current epoch.  The store is closed again: LMDB and fork do not mix. */
static int add_epoch(struct verify_run *r, struct err *e)
{
	struct catalogue_read *catalogue;
	struct store *store;
	uint64_t epoch = 0;
	int status = store_open(&store, r->o->store, STORE_READ_ONLY, e);

	if (status < 0)
		return status;
	status = publish_current(store, &epoch, e);
	if (status == 0)
		status = catalogue_read_begin(&catalogue, store, e);
	if (status == 0) {
		status = catalogue_each_program(catalogue, epoch, add_program, r, e);
		catalogue_read_end(catalogue);
	}
	store_close(store);
	return status;
}

static int add_operands(struct verify_run *r, char **operands, struct err *e)
{
	const char *whole;
	int status = 0;

	for (; status == 0 && *operands; operands++) {
		status = program_operand(&whole, *operands, &r->arena, e);
		if (status == 0)
			add_path(r, whole);
	}
	return status;
}

/* ---- results ---- */

static void count_skipped(struct verify_run *r, const char *reason)
{
	for (size_t i = 0; i < r->reason_count; i++) {
		if (strcmp(r->reasons[i].reason, reason) == 0) {
			r->reasons[i].count++;
			return;
		}
	}
	r->reasons =
	    array_grow(r->reasons, r->reason_count, &r->reason_capacity, sizeof(*r->reasons));
	r->reasons[r->reason_count++] =
	    (struct skipped){.reason = arena_strdup(&r->arena, reason), .count = 1};
}

static void count(struct verify_run *r, const struct verify_result *p)
{
	r->sum.objects += p->objects;
	r->sum.words += p->words;
	r->sum.lazy += p->lazy;
	r->sum.unchecked += p->unchecked;
	r->sum.providers += p->providers;
	r->sum.bytes += p->bytes;
	r->sum.difference_count += p->difference_count;
	r->same += p->outcome == VERIFY_SAME;
	r->different += p->outcome == VERIFY_DIFFERENT;
	r->failed += p->outcome == VERIFY_FAILED;
	if (p->outcome == VERIFY_SKIPPED) {
		r->skipped++;
		count_skipped(r, p->reason ? p->reason : "unknown");
	}
}

static void show_difference(const struct verify_difference *d)
{
	printf("  %-8s %s", d->what, d->object);
	if (d->offset)
		printf("+0x%" PRIx64, d->offset);
	printf("%s%s\n           stock: %s\n           matr:  %s\n", *d->symbol ? " " : "",
	       d->symbol, d->stock, d->matr);
}

/* Does this result have lines of its own? */
static bool is_shown(const struct verify_run *r, const struct verify_result *p)
{
	if (p->outcome == VERIFY_DIFFERENT || p->outcome == VERIFY_FAILED)
		return true;
	return !r->o->quiet && !(r->all && p->outcome == VERIFY_SAME);
}

static void show(const struct verify_result *p)
{
	if (p->outcome == VERIFY_DIFFERENT) {
		printf("%s: %" PRIu64 " differences\n", p->path, p->difference_count);
		for (size_t i = 0; i < p->kept; i++)
			show_difference(&p->differences[i]);
		if (p->difference_count > p->kept)
			printf("  and %" PRIu64 " more\n", p->difference_count - p->kept);
	} else if (p->outcome == VERIFY_FAILED) {
		printf("%s: could not be verified: %s\n", p->path, p->sentence);
	} else if (p->outcome == VERIFY_SKIPPED) {
		printf("%s: skipped: %s: %s\n", p->path, p->reason, p->sentence);
	} else {
		printf("%s: no difference in %" PRIu64 " words of %" PRIu64 " objects (%" PRIu64
		       " still lazy), %" PRIu64 " providers\n",
		       p->path, p->words, p->objects, p->lazy, p->providers);
	}
}

/* The bar gives way to a line of results, and is there again. */
static void draw_progress(struct verify_run *r, size_t done)
{
	out_progress_begin(&r->bar, &r->err, "Verifying", r->count);
	out_progress_add(&r->bar, done);
}

static void each_result(void *context, const struct verify_result *p, size_t done, size_t all)
{
	struct verify_run *r = context;

	(void)all;
	count(r, p);
	if (!r->o->json && !is_shown(r, p)) {
		out_progress_add(&r->bar, 1);
		return;
	}
	out_progress_end(&r->bar);
	if (r->o->json) {
		json_t *j = verify_to_json(p);

		json_dumpf(j, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
		putchar('\n');
		json_decref(j);
	} else {
		show(p);
	}
	fflush(stdout);
	draw_progress(r, done);
}

static void summary_json(const struct verify_run *r)
{
	json_t *skipped = json_object(), *j;

	for (size_t i = 0; i < r->reason_count; i++)
		json_object_set_new(skipped, r->reasons[i].reason,
				    json_integer((json_int_t)r->reasons[i].count));
	j = json_pack("{s:i, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}}", "schema", 1,
		      "summary", "same", (json_int_t)r->same, "different", (json_int_t)r->different,
		      "failed", (json_int_t)r->failed, "skipped", (json_int_t)r->skipped, "words",
		      (json_int_t)r->sum.words, "lazy", (json_int_t)r->sum.lazy, "unchecked",
		      (json_int_t)r->sum.unchecked, "providers", (json_int_t)r->sum.providers,
		      "differences", (json_int_t)r->sum.difference_count, "reasons", skipped);
	json_dumpf(j, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(j);
}

static int most_first(const void *x, const void *y)
{
	const struct skipped *a = x, *b = y;

	return a->count < b->count ? 1 : a->count > b->count ? -1 : strcmp(a->reason, b->reason);
}

static void summary(struct verify_run *r)
{
	if (r->reason_count)
		qsort(r->reasons, r->reason_count, sizeof(*r->reasons), most_first);
	if (r->o->json) {
		summary_json(r);
		return;
	}
	printf("%zu programs verified, %zu skipped\n", r->same + r->different, r->skipped);
	for (size_t i = 0; i < r->reason_count; i++)
		printf("  %6zu skipped: %s\n", r->reasons[i].count, r->reasons[i].reason);
	if (r->failed)
		printf("  %6zu could not be verified\n", r->failed);
	printf("%" PRIu64 " words compared (%" PRIu64 " still lazy), %" PRIu64
	       " providers, %" PRIu64 " other bytes\n",
	       r->sum.words, r->sum.lazy, r->sum.providers, r->sum.bytes);
	if (r->sum.unchecked)
		printf("%" PRIu64
		       " slots have no counterpart: stock does not start with LD_BIND_NOW\n",
		       r->sum.unchecked);
	printf("%" PRIu64 " differences\n", r->sum.difference_count);
}

/* ---- the command ---- */

static int verify(struct verify_run *r, struct err *e)
{
	char *store = realpath(r->o->store, NULL);
	struct verify_job job = {.options = &r->options, .each = each_result, .context = r};
	int status = shim_find(&r->options.shim, &r->arena, e);

	if (status == 0)
		status = loader_find("", &r->options.loader, e);
	r->options.store = store;
	job.paths = r->paths;
	job.count = r->count;
	job.processes = r->count < r->jobs ? (unsigned)r->count : r->jobs;
	if (status == 0) {
		draw_progress(r, 0);
		status = verify_pool(&job, e);
		out_progress_end(&r->bar);
	}
	free(store);
	return status;
}

static int finish(struct verify_run *r, int status, const struct err *e)
{
	if (status < 0)
		matr_error("%s", e->text);
	else if (r->all || r->count != 1 || r->o->json)
		summary(r);
	free(r->paths);
	free(r->reasons);
	arena_release(&r->arena);
	return status < 0 || r->different || r->failed ? MATR_FAILED : MATR_OK;
}

static unsigned number(const char *text, unsigned max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end && n <= max ? (unsigned)n : 0;
}

int cmd_verify(int argc, char **argv, struct matr_options *o)
{
	static const struct option options[] = {
	    {"all", no_argument, NULL, 'a'},	       {"json", no_argument, NULL, 'J'},
	    {"jobs", required_argument, NULL, 'j'},    {"quiet", no_argument, NULL, 'q'},
	    {"timeout", required_argument, NULL, 't'}, {NULL, 0, NULL, 0},
	};
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct verify_run r = {.o = o,
			       .options.timeout = TIMEOUT_SECONDS,
			       .jobs = cores > 0 && cores <= JOBS_MAX ? (unsigned)cores : 1};
	struct err e = ERR_INIT;
	int c, status;

	while ((c = getopt_long(argc, argv, ":qj:", options, NULL)) != -1) {
		if (c == 'a')
			r.all = true;
		else if (c == 'J')
			o->json = true;
		else if (c == 'q')
			o->quiet = true;
		else if (c == 'j')
			r.jobs = number(optarg, JOBS_MAX);
		else if (c == 't')
			r.options.timeout = number(optarg, 3600);
		else
			return matr_wrong_option(c, argv);
	}
	if (!r.jobs || !r.options.timeout)
		return matr_usage_error("verify",
					"verify: --jobs and --timeout take a number above 0");
	if (r.all == (optind < argc))
		return matr_usage_error("verify", "verify: name programs, or say --all");
	out_init(&r.err, stderr);
	r.err.terminal = r.err.terminal && !o->quiet && r.all;
	status = r.all ? add_epoch(&r, &e) : add_operands(&r, argv + optind, &e);
	if (status == 0 && r.count)
		status = verify(&r, &e);
	return finish(&r, status, &e);
}
