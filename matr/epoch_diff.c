/* matr epoch diff: what is otherwise in one epoch than in another */
#include "epochd/diff.h"
#include "matr/epoch_actions.h"
#include "matr/epoch_preflight_report.h"
#include "matr/epoch_report.h"

#include <errno.h>
#include <string.h>

#define SHOWN 10 /* lines of a kind, where not all are asked for */

static void print_rest(size_t count, size_t shown)
{
	if (count > shown)
		printf("    ... and %zu more of these (--verbose)\n", count - shown);
}

static void print_paths(const char *title, const char *const *paths, size_t count, bool all)
{
	size_t shown = all || count < SHOWN ? count : SHOWN;

	if (count)
		printf("  %s:\n", title);
	for (size_t i = 0; i < shown; i++)
		printf("    %s\n", paths[i]);
	print_rest(count, shown);
}

static char *build_id(char text[2 * 32 + 1], const struct catalogue_object *o)
{
	text[0] = '\0';
	for (uint32_t i = 0; o && i < o->build_id_bytes && i < 32; i++)
		sprintf(text + 2 * i, "%02x", o->build_id[i]);
	return text;
}

static void print_library(const struct diff_library *l)
{
	char old[65], now[65];

	printf("    %s", l->path);
	build_id(old, l->old);
	build_id(now, l->now);
	if (!l->old)
		fputs(": new", stdout);
	else if (!l->now)
		fputs(": gone", stdout);
	else if (*old && *now && strcmp(old, now))
		printf(": build-id %.12s -> %.12s", old, now);
	else
		fputs(": other content", stdout);
	putchar('\n');
}

static void print_libraries(const struct diff *d, bool all)
{
	size_t shown = all || d->library_count < SHOWN ? d->library_count : SHOWN;

	if (d->library_count)
		puts("  libraries changed:");
	for (size_t i = 0; i < shown; i++)
		print_library(&d->libraries[i]);
	print_rest(d->library_count, shown);
}

static void print_diff(const struct diff *d, bool all)
{
	char a[OUT_NUMBER_BYTES], b[OUT_NUMBER_BYTES], c[OUT_NUMBER_BYTES], l[OUT_NUMBER_BYTES];
	struct out out;

	out_init(&out, stdout);
	printf("epoch %llu -> %llu: ", (unsigned long long)d->old.number,
	       (unsigned long long)d->now.number);
	report_totals(&d->findings);
	printf("\n  %s programs added, %s removed, %s changed; %s libraries changed\n",
	       out_count(a, d->added_count), out_count(b, d->removed_count),
	       out_count(c, d->changed_count), out_count(l, d->library_count));
	print_paths("programs added", d->added, d->added_count, all);
	print_paths("programs removed", d->removed, d->removed_count, all);
	print_libraries(d, all);
	report_findings(&d->findings, all, &out);
}

/* ---- JSON ---- */

static json_t *paths_json(const char *const *paths, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(paths[i]));
	return list;
}

static void set_object(json_t *j, const char *name, const struct catalogue_object *o)
{
	char text[65];

	if (o)
		json_object_set_new(j, name, json_pack("{s:s, s:s*}", "build_id", build_id(text, o),
						       "soname", o->soname));
}

static json_t *diff_json(const struct diff *d)
{
	json_t *j = report_findings_json(&d->findings), *libraries = json_array();

	for (size_t i = 0; i < d->library_count; i++) {
		json_t *l = json_pack("{s:s}", "path", d->libraries[i].path);

		set_object(l, "old", d->libraries[i].old);
		set_object(l, "new", d->libraries[i].now);
		json_array_append_new(libraries, l);
	}
	json_object_set_new(j, "old", json_integer((json_int_t)d->old.number));
	json_object_set_new(j, "new", json_integer((json_int_t)d->now.number));
	json_object_set_new(j, "programs_added", paths_json(d->added, d->added_count));
	json_object_set_new(j, "programs_removed", paths_json(d->removed, d->removed_count));
	json_object_set_new(j, "programs_changed", json_integer((json_int_t)d->changed_count));
	json_object_set_new(j, "libraries", libraries);
	return j;
}

/* Both must be kept: said before anything is compared. */
static int check_numbers(struct store *s, const uint64_t numbers[2], struct err *e)
{
	struct arena arena = ARENA_INIT;
	struct catalogue_epoch epoch;
	struct catalogue_read *read;
	int ret = catalogue_read_begin(&read, s, e);

	if (ret < 0)
		return ret;
	for (int i = 0; ret == 0 && i < 2; i++)
		ret = epoch_find(read, numbers[i], &arena, &epoch, e);
	catalogue_read_end(read);
	arena_release(&arena);
	return ret;
}

int epoch_action_diff(struct store *s, int argc, char **argv, struct matr_options *o)
{
	struct epoch_show_options options = {0};
	struct err e = ERR_INIT;
	struct diff d;
	int ret = epoch_show_options(argc, argv, 2, &options, o);

	if (ret)
		return ret;
	ret = check_numbers(s, options.numbers, &e);
	if (ret == 0)
		ret = diff_epochs(&d, s, options.numbers[0], options.numbers[1], &e);
	if (ret < 0)
		return epoch_failed(&e);
	if (o->json)
		report_json(diff_json(&d));
	else
		print_diff(&d, options.verbose);
	diff_release(&d);
	return MATR_OK;
}
