/* matr epoch status, list: what there is */
#include "cache/publish.h"
#include "matr/epoch_actions.h"
#include "matr/epoch_daemon.h"
#include "matr/epoch_preflight_report.h"
#include "matr/epoch_report.h"

#include <errno.h>

static int show_none(json_t *daemon, const struct matr_options *o)
{
	if (o->json) {
		report_json(json_pack("{s:s, s:o?}", "state", "management", "daemon", daemon));
		return MATR_NO;
	}
	puts("no epoch is current: programs take the stock path");
	epoch_daemon_report(daemon);
	json_decref(daemon);
	return MATR_NO;
}

int epoch_action_status(struct store *s, int argc, char **argv, struct matr_options *o)
{
	struct err error = ERR_INIT, *e = &error;
	struct arena arena = ARENA_INIT;
	struct catalogue_read *read;
	struct report_layouts layouts;
	struct catalogue_epoch epoch;
	uint64_t number;
	struct out out;
	json_t *daemon;
	int ret = epoch_no_operands(argc, argv, o);

	if (ret)
		return ret;
	daemon = epoch_daemon_status(store_dirfd(s));
	ret = publish_current(s, &number, e);
	out_init(&out, stdout);
	if (ret == -ENOENT)
		return show_none(daemon, o);
	if (ret == 0)
		ret = catalogue_read_begin(&read, s, e);
	if (ret < 0) {
		json_decref(daemon);
		return epoch_failed(e);
	}
	ret = catalogue_get_epoch(read, number, &arena, &epoch, e);
	if (ret == 0)
		ret = report_count_layouts(&layouts, read, number, e);
	if (ret == 0 && o->json) {
		json_t *j = report_epoch_json(&epoch);

		json_object_set_new(j, "state", json_string("epoch"));
		json_object_set_new(j, "layouts", report_layouts_json(&layouts));
		json_object_set(j, "daemon", daemon ? daemon : json_null());
		report_json(j);
	} else if (ret == 0) {
		report_epoch(&epoch, &out);
		report_layouts(&layouts);
		epoch_daemon_report(daemon);
	}
	json_decref(daemon);
	catalogue_read_end(read);
	arena_release(&arena);
	return ret < 0 ? epoch_failed(e) : MATR_OK;
}

static void list_table(const struct catalogue_epoch *epochs, size_t count, uint64_t current)
{
	static const struct out_column columns[] = {
		{"EPOCH", true, false},    {"", false, false},        {"BEGUN", false, false},
		{"PROGRAMS", true, false}, {"IMAGES", true, false},   {"LIBRARIES", true, false},
		{"BYTES", true, false},    {"TOOK", true, false},     {"BROKE", true, false},
		{"MOVED", true, false},    {"HIDDEN", true, false},   {"NOTE", false, true},
	};
	struct out_table *t = out_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	struct out out;

	out_init(&out, stdout);
	for (size_t i = 0; i < count; i++) {
		const struct catalogue_epoch *e = &epochs[i];
		char number[OUT_NUMBER_BYTES], time[OUT_NUMBER_BYTES], programs[OUT_NUMBER_BYTES],
			images[OUT_NUMBER_BYTES], libraries[OUT_NUMBER_BYTES],
			bytes[OUT_NUMBER_BYTES], took[OUT_NUMBER_BYTES], broke[OUT_NUMBER_BYTES],
			moved[OUT_NUMBER_BYTES], hidden[OUT_NUMBER_BYTES];
		struct findings_totals sums = findings_total(&e->findings);
		bool known = e->findings.against;
		const char *cells[] = {
			out_count(number, e->number),
			e->number == current ? "current" : "",
			out_time(time, e->begun_nsec),
			out_count(programs, e->programs),
			out_count(images, e->published),
			out_count(libraries, e->libraries),
			out_bytes(bytes, e->pages_bytes + e->image_bytes),
			out_duration(took, e->taken_nsec),
			known ? out_count(broke, sums.broken + sums.call_fails) : "-",
			known ? out_count(moved, sums.libraries_moved + sums.providers_moved) : "-",
			known ? out_count(hidden, sums.shadowed) : "-",
			e->note,
		};

		out_table_row(t, cells);
	}
	out_table_print(t, &out);
}

static json_t *with_totals(const struct catalogue_epoch *e)
{
	json_t *j = report_epoch_json(e);

	json_object_set_new(j, "against", json_integer((json_int_t)e->findings.against));
	json_object_set_new(j, "changed", report_totals_json(&e->findings));
	return j;
}

/* What changed with an epoch when it was begun. */
int epoch_action_show(struct store *s, int argc, char **argv, struct matr_options *o)
{
	struct epoch_show_options options = {0};
	struct err error = ERR_INIT, *e = &error;
	struct arena arena = ARENA_INIT;
	struct catalogue_read *read;
	struct catalogue_epoch epoch;
	struct out out;
	int ret = epoch_show_options(argc, argv, 1, &options, o);

	if (ret)
		return ret;
	ret = catalogue_read_begin(&read, s, e);
	if (ret < 0)
		return epoch_failed(e);
	out_init(&out, stdout);
	ret = epoch_find(read, options.numbers[0], &arena, &epoch, e);
	if (ret == 0 && o->json) {
		json_t *j = report_epoch_json(&epoch);

		json_object_set_new(j, "preflight", report_findings_json(&epoch.findings));
		report_json(j);
	} else if (ret == 0) {
		report_epoch(&epoch, &out);
		report_since(&epoch.findings, options.verbose, &out);
	}
	catalogue_read_end(read);
	arena_release(&arena);
	return ret < 0 ? epoch_failed(e) : MATR_OK;
}

int epoch_action_list(struct store *s, int argc, char **argv, struct matr_options *o)
{
	struct err error = ERR_INIT, *e = &error;
	struct arena arena = ARENA_INIT;
	struct catalogue_read *read;
	struct catalogue_epoch *epochs;
	uint64_t current = 0;
	size_t count;
	int ret = epoch_no_operands(argc, argv, o);

	if (ret)
		return ret;
	ret = catalogue_read_begin(&read, s, e);
	if (ret < 0)
		return epoch_failed(e);
	publish_current(s, &current, NULL);
	ret = catalogue_list_epochs(read, &arena, &epochs, &count, e);
	if (ret == 0 && o->json) {
		json_t *list = json_array();

		for (size_t i = 0; i < count; i++)
			json_array_append_new(list, with_totals(&epochs[i]));
		report_json(json_pack("{s:o, s:I}", "epochs", list, "current", (json_int_t)current));
	} else if (ret == 0) {
		list_table(epochs, count, current);
	}
	catalogue_read_end(read);
	arena_release(&arena);
	return ret < 0 ? epoch_failed(e) : MATR_OK;
}
