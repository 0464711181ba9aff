#include "matr/epoch_preflight_report.h"

#include "common/names.h"
#include "epochd/compare.h"
#include "image/reason.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN 10   /* findings of a kind, where not all are asked for */
#define EXAMPLES 3 /* programs or symbols in a line */

bool report_broke(const struct catalogue_findings *f)
{
	struct findings_totals t = findings_total(f);

	return t.broken || t.call_fails;
}

/* ---- words ---- */

static void print_more(size_t count, size_t shown)
{
	char text[OUT_NUMBER_BYTES];

	if (count > shown)
		printf(" and %s more", out_count(text, count - shown));
}

static size_t shown_of(size_t listed, bool all)
{
	return all || listed < EXAMPLES ? listed : EXAMPLES;
}

static void print_symbols(const struct catalogue_finding *f, bool all)
{
	size_t n = shown_of(f->listed_symbols, all);

	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? ", " : "", f->symbols[i]);
	print_more(f->symbol_count, n);
}

static void print_programs(const struct catalogue_finding *f, bool all)
{
	size_t n = shown_of(f->listed_programs, all);

	for (size_t i = 0; i < n; i++) {
		printf("%s%s", i ? ", " : "", f->programs[i]);
		if (f->program_packages[i])
			printf(" (%s)", f->program_packages[i]);
	}
	print_more(f->program_count, n);
}

static void print_program_count(const struct catalogue_finding *f)
{
	char text[OUT_NUMBER_BYTES];

	printf(" (%s program%s)", out_count(text, f->program_count),
	       f->program_count == 1 ? "" : "s");
}

static const char *or_nothing(const char *name) { return name ? name : "nothing"; }

static void print_package(const char *before, const char *package, bool gone)
{
	if (package)
		printf("%spackage %s%s", before, package, gone ? ", which is not installed" : "");
}

/* Needed by whom, where it was, whose it is. */
static void print_origin(const struct catalogue_finding *f)
{
	if (f->requirer && strcmp(f->requirer, COMPARE_PROGRAM)) {
		printf(", needed by %s", f->requirer);
		print_package(" of ", f->requirer_package, false);
	}
	if (f->from)
		printf("; was %s", f->kind == FINDING_CALL_FAILS ? "in " : "");
	if (f->from)
		fputs(f->from, stdout);
	print_package(f->from ? " of " : "; ", f->package, f->package_gone);
	putchar('\n');
}

static void print_trouble(const struct catalogue_finding *f, bool all)
{
	if (f->subject)
		fputs(f->subject, stdout);
	else
		print_symbols(f, all);
	if (f->reason)
		printf(" (%s)", reason_name(f->reason));
	print_origin(f);
	fputs("      ", stdout);
	print_programs(f, all);
	putchar('\n');
}

static void print_finding(const struct catalogue_finding *f, bool all)
{
	fputs("    ", stdout);
	switch (f->kind) {
	case FINDING_BROKEN:
	case FINDING_CALL_FAILS:
	case FINDING_REPAIRED:
		print_trouble(f, all);
		return;
	case FINDING_LIBRARY_MOVED:
		printf("%s: %s -> %s", f->subject, f->from, f->to);
		break;
	case FINDING_PROVIDER_MOVED:
		print_symbols(f, all);
		printf(": %s -> %s", or_nothing(f->from), or_nothing(f->to));
		break;
	default:
		print_symbols(f, all);
		printf(": of %s, by %s", or_nothing(f->from), or_nothing(f->to));
	}
	print_program_count(f);
	putchar('\n');
}

static bool is_bad(unsigned kind) { return kind == FINDING_BROKEN || kind == FINDING_CALL_FAILS; }

/* Findings are in the order of their kinds. */
static size_t report_kind(const struct catalogue_findings *f, size_t at, bool all,
			  const struct out *o)
{
	unsigned kind = f->list[at].kind;
	size_t end = at, shown;

	while (end < f->count && f->list[end].kind == kind)
		end++;
	shown = all || end - at < SHOWN ? end - at : SHOWN;
	printf("  %s%s:%s\n", out_style(o, is_bad(kind) ? OUT_RED : OUT_YELLOW),
	       finding_sentence(kind), out_style(o, OUT_PLAIN));
	for (size_t i = 0; i < shown; i++)
		print_finding(&f->list[at + i], all);
	if (shown < end - at)
		printf("    ... and %zu more of these (--verbose)\n", end - at - shown);
	return end;
}

void report_findings(const struct catalogue_findings *f, bool all, const struct out *o)
{
	for (size_t at = 0; at < f->count;)
		at = report_kind(f, at, all, o);
	if (f->dropped)
		printf("  %llu lesser findings were not kept\n", (unsigned long long)f->dropped);
}

static void print_total(uint64_t n, const char *one, const char *many, bool *first)
{
	char text[OUT_NUMBER_BYTES];

	if (!n)
		return;
	printf("%s%s %s", *first ? "" : ", ", out_count(text, n), n == 1 ? one : many);
	*first = false;
}

void report_totals(const struct catalogue_findings *f)
{
	struct findings_totals t = findings_total(f);
	bool first = true;

	print_total(t.broken, "program broke", "programs broke", &first);
	print_total(t.call_fails, "call would fail", "calls would fail", &first);
	if (first) {
		fputs("nothing broke", stdout);
		first = false;
	}
	print_total(t.repaired, "program repaired", "programs repaired", &first);
	print_total(t.libraries_moved, "library moved", "libraries moved", &first);
	print_total(t.providers_moved, "symbol has another provider",
		    "symbols have another provider", &first);
	print_total(t.shadowed, "definition is hidden now", "definitions are hidden now", &first);
	print_total(t.unshadowed, "definition is no longer hidden",
		    "definitions are no longer hidden", &first);
}

void report_since(const struct catalogue_findings *f, bool all, const struct out *o)
{
	if (!f->against)
		return;
	printf("since epoch %llu: ", (unsigned long long)f->against);
	report_totals(f);
	putchar('\n');
	report_findings(f, all, o);
}

/* ---- JSON ---- */

static void set_text(json_t *j, const char *name, const char *value)
{
	if (value)
		json_object_set_new(j, name, json_string(value));
}

static void set_number(json_t *j, const char *name, uint64_t n)
{
	json_object_set_new(j, name, json_integer((json_int_t)n));
}

static json_t *finding_json(const struct catalogue_finding *f)
{
	json_t *j = json_object(), *programs = json_array(), *symbols = json_array();

	set_text(j, "kind", finding_name(f->kind));
	set_text(j, "reason", f->reason ? reason_name(f->reason) : NULL);
	set_text(j, "subject", f->subject);
	set_text(j, "requirer", f->requirer);
	set_text(j, "requirer_package", f->requirer_package);
	set_text(j, "from", f->from);
	set_text(j, "to", f->to);
	set_text(j, "package", f->package);
	if (f->package)
		json_object_set_new(j, "package_installed", json_boolean(!f->package_gone));
	set_number(j, "program_count", f->program_count);
	set_number(j, "symbol_count", f->symbol_count);
	for (size_t i = 0; i < f->listed_programs; i++)
		json_array_append_new(programs, json_pack("{s:s, s:s*}", "path", f->programs[i],
							  "package", f->program_packages[i]));
	for (size_t i = 0; i < f->listed_symbols; i++)
		json_array_append_new(symbols, json_string(f->symbols[i]));
	json_object_set_new(j, "programs", programs);
	json_object_set_new(j, "symbols", symbols);
	return j;
}

json_t *report_totals_json(const struct catalogue_findings *f)
{
	struct findings_totals t = findings_total(f);
	json_t *j = json_object();

	set_number(j, "broken", t.broken);
	set_number(j, "call_fails", t.call_fails);
	set_number(j, "repaired", t.repaired);
	set_number(j, "libraries_moved", t.libraries_moved);
	set_number(j, "providers_moved", t.providers_moved);
	set_number(j, "shadowed", t.shadowed);
	set_number(j, "unshadowed", t.unshadowed);
	return j;
}

json_t *report_findings_json(const struct catalogue_findings *f)
{
	json_t *j = json_object(), *list = json_array();

	set_number(j, "against", f->against);
	set_number(j, "dropped", f->dropped);
	json_object_set_new(j, "totals", report_totals_json(f));
	for (size_t i = 0; i < f->count; i++)
		json_array_append_new(list, finding_json(&f->list[i]));
	json_object_set_new(j, "findings", list);
	return j;
}
