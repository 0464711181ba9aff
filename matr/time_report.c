/* The result of `matr time` as a table. */
#include "matr/time.h"

#include "common/out.h"

#include <stdio.h>
#include <string.h>

#define GROUPS 3 /* times, faults, calls */
#define COLUMNS (1 + GROUPS * TIME_VARIANTS)
#define CELL_BYTES 40
#define CPUID_SHARE 0.01 /* less of a start is not worth a line */

static const char *const titles[TIME_PHASES] = {
#define TIME_PHASE(name, json, title) [TIME_##name] = title,
#include "matr/time_phase.def"
#undef TIME_PHASE
};

static double ms(uint64_t nsec) { return (double)nsec / 1e6; }

/* ---- above the table ---- */

static void report_head(const struct time_target *t, const struct time_result *r)
{
	char a[OUT_NUMBER_BYTES], b[OUT_NUMBER_BYTES], c[OUT_NUMBER_BYTES], d[OUT_NUMBER_BYTES];
	const struct time_counts *n = &t->counts;

	printf("%s", t->program);
	if (n->known)
		printf(": %s libraries; relocations: %s symbolic (%s bound at start), %s relative",
		       out_count(a, n->libraries), out_count(b, n->symbolic),
		       out_count(c, n->at_start), out_count(d, n->relative));
	printf("\n%s, medians of %u rounds in turn\n",
	       t->options->to_exit ? "whole runs" : "starts up to the program's entry", r->rounds);
}

/* ---- the table ---- */

/* One column of each group for each variant that was timed. */
struct table {
	const struct time_result *result;
	enum time_variant shown[TIME_VARIANTS];
	unsigned count; /* of these */
	struct out_column columns[COLUMNS];
	struct out_table *out;
};

struct row {
	char text[COLUMNS][CELL_BYTES];
	const char *cells[COLUMNS];
};

static void begin_table(struct table *t, const struct time_result *r)
{
	static const char *const group_titles[GROUPS][TIME_VARIANTS] = {
	    {"LAZY ms", "NOW ms", "MATR ms"},
	    {"FAULTS lazy", "now", "matr"},
	    {"CALLS lazy", "now", "matr"},
	};

	*t = (struct table){.result = r, .columns = {{.title = "PHASE"}}};
	for (int v = 0; v < TIME_VARIANTS; v++)
		if (r->columns[v].known)
			t->shown[t->count++] = (enum time_variant)v;
	for (unsigned i = 0; i < GROUPS * t->count; i++)
		t->columns[1 + i] =
		    (struct out_column){.title = group_titles[i / t->count][t->shown[i % t->count]],
					.right = true};
	t->out = out_table_new(t->columns, 1 + (size_t)GROUPS * t->count);
}

static void begin_row(struct row *row, const char *title)
{
	memset(row, 0, sizeof(*row));
	snprintf(row->text[0], CELL_BYTES, "%s", title);
	for (unsigned i = 0; i < COLUMNS; i++)
		row->cells[i] = row->text[i];
}

/* Variant number i of those that are shown. */
static void fill(const struct table *t, struct row *row, unsigned i, const struct time_part *p)
{
	char *time = row->text[1 + i], *faults = row->text[1 + t->count + i];
	char number[OUT_NUMBER_BYTES];

	if (!p->known) {
		snprintf(time, CELL_BYTES, "-");
		return;
	}
	snprintf(time, CELL_BYTES, "%.2f", ms(p->nsec));
	snprintf(faults, CELL_BYTES, "%s%s", out_count(number, p->minor + p->major),
		 p->major ? "*" : "");
	snprintf(row->text[1 + 2 * t->count + i], CELL_BYTES, "%s", out_count(number, p->calls));
}

static void phase_row(const struct table *t, int phase)
{
	bool any = false;
	struct row row;

	begin_row(&row, titles[phase]);
	for (unsigned i = 0; i < t->count; i++) {
		const struct time_part *p = &t->result->columns[t->shown[i]].parts[phase];

		fill(t, &row, i, p);
		any |= p->known;
	}
	if (any)
		out_table_row(t->out, row.cells);
}

static void total_row(const struct table *t, const char *title)
{
	struct row row;

	begin_row(&row, title);
	for (unsigned i = 0; i < t->count; i++) {
		const struct time_column *c = &t->result->columns[t->shown[i]];
		struct time_part all = {
		    .known = true, .nsec = c->nsec, .minor = c->minor, .major = c->major};

		for (int p = 0; p < TIME_PHASES; p++)
			all.calls += c->parts[p].calls;
		fill(t, &row, i, &all);
	}
	out_table_row(t->out, row.cells);
}

static void report_table(const struct time_target *target, const struct time_result *r)
{
	struct table t;
	struct out out;

	out_init(&out, stdout);
	begin_table(&t, r);
	for (int p = 0; p < TIME_PHASES; p++)
		phase_row(&t, p);
	total_row(&t, target->options->to_exit ? "all, not traced" : "all");
	out_table_print(t.out, &out);
}

/* ---- below the table ---- */

static void report_speed_up(const struct time_target *t, const struct time_result *r)
{
	if (r->ratio[TIME_LAZY] <= 0)
		return;
	printf("%s: %.2fx against lazy", t->epoch ? "speed-up" : "through the shim",
	       r->ratio[TIME_LAZY]);
	if (r->ratio[TIME_NOW] > 0)
		printf(", %.2fx against now", r->ratio[TIME_NOW]);
	putchar('\n');
}

static void report_path(const struct time_target *t, const struct time_result *r)
{
	if (t->epoch && t->temporary)
		printf("MatR: an epoch of this program alone\n");
	else if (t->epoch)
		printf("MatR: epoch %llu\n", (unsigned long long)t->epoch);
	else if (t->reason)
		printf("MatR: stock path: %s: %s\n", t->reason, t->sentence);
	if (r->columns[TIME_MATR].why)
		printf("MatR was not timed: %s\n", r->columns[TIME_MATR].why);
	if (r->columns[TIME_NOW].why)
		printf("LD_BIND_NOW was not timed: %s\n", r->columns[TIME_NOW].why);
}

/* Only where there is a mapping, and nothing better was measured. */
static void report_estimate(const struct time_target *t, const struct time_result *r)
{
	const struct time_column *c = &r->columns[TIME_LAZY];
	uint64_t rest = time_without_relocation(c);

	if (t->epoch || !t->eligible || !rest)
		return;
	printf("estimate: without its relocation it would take %.2f ms (%.2fx), and the shim's time%s\n",
	       ms(rest), (double)c->nsec / (double)rest,
	       t->options->try ? "" : "; --try measures it");
}

static void report_cpuid(const struct time_result *r)
{
	const struct time_column *c = &r->columns[TIME_LAZY], *m = &r->columns[TIME_MATR];
	double share = c->nsec ? (double)(c->cpuid * r->cpuid_nsec) / (double)c->nsec : 0;

	if (share < CPUID_SHARE)
		return;
	printf("cpuid: %llu in ld.so, %.2f us each here: %.0f %% of lazy",
	       (unsigned long long)c->cpuid, (double)r->cpuid_nsec / 1e3, share * 100);
	if (m->known && m->cpuid != c->cpuid)
		printf("; %llu with MatR", (unsigned long long)m->cpuid);
	putchar('\n');
}

static const char *end_word(const struct time_column *c)
{
	return c->outcome == TRACEE_KILLED ? "is killed by signal" : "ends with status";
}

/* A plain end with status 0 is not worth a line. */
static void report_end(const struct time_result *r)
{
	const struct time_column *lazy = &r->columns[TIME_LAZY];

	if (r->same_end) {
		if (lazy->outcome != TRACEE_STOPPED && lazy->status)
			printf("it %s %d\n", end_word(lazy), lazy->status);
		return;
	}
	for (int v = 0; v < TIME_VARIANTS; v++)
		if (r->columns[v].known)
			printf("%s: it %s %d\n", time_variant_names[v], end_word(&r->columns[v]),
			       r->columns[v].status);
}

void time_report(const struct time_target *t, const struct time_result *r)
{
	report_head(t, r);
	report_path(t, r);
	putchar('\n');
	report_table(t, r);
	putchar('\n');
	report_speed_up(t, r);
	report_estimate(t, r);
	report_cpuid(r);
	report_end(r);
}
