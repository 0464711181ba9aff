#include "matr/epoch_report.h"

#include "image/reason.h"
#include "matr/epoch_preflight_report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define FAILURES_SHOWN 20 /* where not all are asked for */

static void line(const char *label, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(const char *label, const char *format, ...)
{
	va_list ap;

	printf("  %-12s ", label);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
}

static void report_reasons(const struct catalogue_epoch *e)
{
	char count[OUT_NUMBER_BYTES];

	for (size_t i = 0; i < e->reason_count; i++)
		printf("  %12s %6s  %s: %s\n", "", out_count(count, e->reasons[i].count),
		       reason_name(e->reasons[i].reason), reason_sentence(e->reasons[i].reason));
}

void report_epoch(const struct catalogue_epoch *e, const struct out *o)
{
	char a[OUT_NUMBER_BYTES], b[OUT_NUMBER_BYTES], c[OUT_NUMBER_BYTES];

	printf("%sepoch %llu%s  begun %s\n", out_style(o, OUT_BOLD),
	       (unsigned long long)e->number, out_style(o, OUT_PLAIN), out_time(a, e->begun_nsec));
	line("programs", "%s, %s eligible, %s with an image", out_count(a, e->programs),
	     out_count(b, e->eligible), out_count(c, e->published));
	report_reasons(e);
	line("libraries", "%s, %s distinct tables", out_count(a, e->libraries),
	     out_count(b, e->tables));
	line("bindings", "%s, %s distinct", out_count(a, e->bindings),
	     out_count(b, e->distinct_bindings));
	line("bytes", "%s of pages, %s of images", out_bytes(a, e->pages_bytes),
	     out_bytes(b, e->image_bytes));
	line("took", "%s, %s program%s resolved anew", out_duration(a, e->taken_nsec),
	     out_count(b, e->resolved), e->resolved == 1 ? "" : "s");
}

static int count_layout(void *context, const struct catalogue_program *p, struct err *e)
{
	struct report_layouts *l = context;

	(void)e;
	if (p->flags & PROGRAM_PUBLISHED)
		l->count[p->flags & PROGRAM_LAYOUT_EXEC ? POLICY_EXEC : POLICY_EPOCH]++;
	else if (p->reason == REASON_LAYOUT_OFF)
		l->count[POLICY_OFF]++;
	return 0;
}

int report_count_layouts(struct report_layouts *out, struct catalogue_read *read, uint64_t epoch,
			 struct err *e)
{
	*out = (struct report_layouts){0};
	return catalogue_each_program(read, epoch, count_layout, out, e);
}

void report_layouts(const struct report_layouts *l)
{
	char a[OUT_NUMBER_BYTES], b[OUT_NUMBER_BYTES], c[OUT_NUMBER_BYTES];

	line("layouts", "%s epoch, %s exec, %s off", out_count(a, l->count[POLICY_EPOCH]),
	     out_count(b, l->count[POLICY_EXEC]), out_count(c, l->count[POLICY_OFF]));
}

void report_failure(const char *before, const struct epoch_failure *f)
{
	const char *detail = f->detail ? f->detail : reason_sentence(f->reason);
	size_t n = strlen(f->path);

	if (*detail == '\'' && strncmp(detail + 1, f->path, n) == 0 && detail[n + 1] == '\'')
		printf("  %s%s%s\n", before, f->path, detail + n + 2);
	else
		printf("  %s%s: %s\n", before, f->path, detail);
}

static void report_failures(const struct epoch_result *r, bool all, const struct out *o)
{
	size_t shown = all || r->failure_count <= FAILURES_SHOWN ? r->failure_count : FAILURES_SHOWN;

	if (r->unreadable)
		line("unreadable", "%zu files or folders were passed over", r->unreadable);
	if (r->failure_count)
		printf("%sprograms that do not start as things are:%s\n", out_style(o, OUT_YELLOW),
		       out_style(o, OUT_PLAIN));
	for (size_t i = 0; i < shown; i++)
		report_failure("", &r->failures[i]);
	if (shown < r->failure_count)
		printf("  ... and %zu more (--verbose)\n", r->failure_count - shown);
}

void report_result(const struct epoch_result *r, bool all, const struct out *o)
{
	if (r->unchanged)
		printf("nothing has changed: epoch %llu stays current\n",
		       (unsigned long long)r->epoch.number);
	report_epoch(&r->epoch, o);
	report_failures(r, all, o);
}

void report_check(const struct epoch_result *r, bool all, const struct out *o)
{
	char a[OUT_NUMBER_BYTES], b[OUT_NUMBER_BYTES], c[OUT_NUMBER_BYTES];

	if (!r->epoch.findings.against)
		puts("there is no epoch to compare with");
	if (r->unchanged)
		printf("nothing has changed since epoch %llu\n",
		       (unsigned long long)r->epoch.number);
	else
		printf("%s programs looked at, %s resolved anew, in %s; nothing was published\n",
		       out_count(a, r->epoch.programs), out_count(b, r->epoch.resolved),
		       out_duration(c, r->epoch.taken_nsec));
	report_failures(r, all, o);
}

static void set_number(json_t *j, const char *name, uint64_t n)
{
	json_object_set_new(j, name, json_integer((json_int_t)n));
}

json_t *report_layouts_json(const struct report_layouts *l)
{
	json_t *j = json_object();

	for (int i = 0; i < POLICY_LAYOUTS; i++)
		set_number(j, policy_layout_name((enum policy_layout)i), l->count[i]);
	return j;
}

static json_t *reasons_json(const struct catalogue_epoch *e)
{
	json_t *reasons = json_object();

	for (size_t i = 0; i < e->reason_count; i++)
		set_number(reasons, reason_name(e->reasons[i].reason), e->reasons[i].count);
	return reasons;
}

json_t *report_epoch_json(const struct catalogue_epoch *e)
{
	json_t *j = json_object();

	set_number(j, "epoch", e->number);
	set_number(j, "parent", e->parent);
	set_number(j, "begun_nsec", (uint64_t)e->begun_nsec);
	set_number(j, "taken_nsec", e->taken_nsec);
	set_number(j, "programs", e->programs);
	set_number(j, "eligible", e->eligible);
	set_number(j, "published", e->published);
	set_number(j, "resolved", e->resolved);
	set_number(j, "libraries", e->libraries);
	set_number(j, "tables", e->tables);
	set_number(j, "bindings", e->bindings);
	set_number(j, "distinct_bindings", e->distinct_bindings);
	set_number(j, "pages_bytes", e->pages_bytes);
	set_number(j, "image_bytes", e->image_bytes);
	json_object_set_new(j, "root", json_string(e->root));
	json_object_set_new(j, "note", json_string(e->note));
	json_object_set_new(j, "loader", json_string(e->loader_path));
	json_object_set_new(j, "ineligible", reasons_json(e));
	return j;
}

static json_t *failures_json(const struct epoch_result *r)
{
	json_t *failures = json_array();

	for (size_t i = 0; i < r->failure_count; i++) {
		const struct epoch_failure *f = &r->failures[i];

		json_array_append_new(failures,
				      json_pack("{s:s, s:s, s:s?}", "path", f->path, "reason",
						reason_name(f->reason), "detail", f->detail));
	}
	return failures;
}

static void add_result_json(json_t *j, const struct epoch_result *r)
{
	json_object_set_new(j, "unchanged", json_boolean(r->unchanged));
	set_number(j, "unreadable", r->unreadable);
	json_object_set_new(j, "failures", failures_json(r));
	json_object_set_new(j, "preflight", report_findings_json(&r->epoch.findings));
}

json_t *report_result_json(const struct epoch_result *r)
{
	json_t *j = report_epoch_json(&r->epoch);

	add_result_json(j, r);
	return j;
}

json_t *report_check_json(const struct epoch_result *r)
{
	json_t *j = json_object();

	json_object_set_new(j, "check", json_true());
	set_number(j, "programs", r->epoch.programs);
	set_number(j, "resolved", r->epoch.resolved);
	set_number(j, "taken_nsec", r->epoch.taken_nsec);
	json_object_set_new(j, "ineligible", reasons_json(&r->epoch));
	add_result_json(j, r);
	return j;
}

void report_json(json_t *j)
{
	json_object_set_new(j, "schema", json_integer(1));
	json_dumpf(j, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
	putchar('\n');
	json_decref(j);
}
