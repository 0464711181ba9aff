/* Rounds of starts in turn, and their medians. */
#include "matr/time.h"

#include "common/out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *const time_variant_names[TIME_VARIANTS] = {
    [TIME_LAZY] = "lazy", [TIME_NOW] = "now", [TIME_MATR] = "matr"};

/* What was measured in one variant: one element per round. */
struct series {
	struct time_start *whole, *parts;
	size_t count;
};

struct run {
	struct time_target *target;
	struct time_result *result;
	struct time_server servers[2]; /* stock's, the shim's */
	struct series series[TIME_VARIANTS];
	bool has[TIME_VARIANTS];
};

static struct time_server *server_of(struct run *r, enum time_variant v)
{
	return &r->servers[v == TIME_MATR];
}

/* ---- before the rounds ---- */

/* No namespaces, say: then stock is timed alone, as it is. */
static int start_servers(struct run *r, struct err *e)
{
	struct time_target *t = r->target;
	struct err why = ERR_INIT;

	if (t->shim && time_server_start(&r->servers[1], t, t->shim, &why) < 0) {
		r->result->columns[TIME_MATR].why = arena_strdup(&t->arena, why.text);
		time_server_end(&r->servers[1]);
		t->shim = t->stock = NULL;
	}
	return time_server_start(&r->servers[0], t, t->stock, e);
}

static const char *end_of(struct run *r, const struct time_start *s)
{
	struct arena *a = &r->target->arena;

	switch (s->outcome) {
	case TRACEE_TIMEOUT:
		return arena_printf(a, "does not come so far within %u s",
				    r->target->options->timeout);
	case TRACEE_KILLED:
		return arena_printf(a, "is killed by signal %d", s->status);
	case TRACEE_EXITED:
		return arena_printf(a, "ends with status %d%s%s", s->status, *s->text ? ": " : "",
				    s->text);
	default:
		return "is lost from sight";
	}
}

/* The shim's line: "matr: PROG: epoch N" or "matr: PROG: stock path: NAME: SENTENCE". */
static void read_path(struct time_target *t, const char *line)
{
	static const char stock[] = ": stock path: ", epoch[] = ": epoch ";
	const char *at = strstr(line, stock), *colon;

	if (at) {
		at += strlen(stock);
		colon = strchr(at, ':');
		if (!t->reason && colon) {
			t->reason = arena_printf(&t->arena, "%.*s", (int)(colon - at), at);
			t->sentence = arena_strdup(&t->arena, colon + 2);
		}
		return;
	}
	at = strstr(line, epoch);
	if (at) {
		/* The shim names the epoch that wrote the image, which later ones may share. */
		t->epoch = time_target_epoch(t);
		if (!t->epoch)
			t->epoch = strtoull(at + strlen(epoch), NULL, 10);
		t->reason = NULL;
	}
}

/* Does it come to its entry in this variant? */
static int try_variant(struct run *r, enum time_variant v, struct err *e)
{
	struct time_target *t = r->target;
	struct time_start start;
	int status = time_server_ask(server_of(r, v), TIME_SHOW_PATH, v, &start, e);

	if (status < 0)
		return status;
	if (!start.complete)
		return err_set(e, -ECHILD, "'%s' %s before its entry", t->path, end_of(r, &start));
	r->has[v] = true;
	if (v == TIME_MATR)
		read_path(t, start.text);
	return 0;
}

static int try_variants(struct run *r, struct err *e)
{
	struct time_target *t = r->target;
	struct err why = ERR_INIT;
	int status = try_variant(r, TIME_LAZY, e);

	if (status < 0 || t->is_static)
		return status;
	if (try_variant(r, TIME_NOW, &why) < 0)
		r->result->columns[TIME_NOW].why = arena_strdup(&t->arena, why.text);
	if (!t->shim)
		return 0;
	status = try_variant(r, TIME_MATR, e);
	if (status == 0 && t->reason && strcmp(t->reason, "no-image") == 0)
		t->sentence = time_target_detail(t) ? time_target_detail(t) : t->sentence;
	return status < 0 ? err_wrap(e, "through MatR: ") : 0;
}

/* ---- rounds ---- */

/* One start.  A run that does not come as far as it should ends everything. */
static int measure(struct run *r, enum time_what what, enum time_variant v, struct err *e)
{
	struct series *s = &r->series[v];
	struct time_start *start = &(what == TIME_WHOLE ? s->whole : s->parts)[s->count];
	int status = time_server_ask(server_of(r, v), what, v, start, e);

	if (status < 0)
		return status;
	if (start->complete)
		return 0;
	return err_set(e, -ECHILD, "'%s'%s %s%s", r->target->path,
		       v == TIME_MATR ? " through MatR" : "", end_of(r, start),
		       start->outcome == TRACEE_TIMEOUT && r->target->options->to_exit
			   ? "; if it does not end by itself, leave out --until exit"
			   : "");
}

/* Everything in turn, so that what the machine does meanwhile hits all alike. */
static int one_round(struct run *r, struct err *e)
{
	int status = 0;

	for (int v = 0; v < TIME_VARIANTS && status == 0; v++)
		if (r->has[v])
			status = measure(r, TIME_WHOLE, (enum time_variant)v, e);
	for (int v = 0; v < TIME_VARIANTS && status == 0; v++) {
		if (!r->has[v])
			continue;
		status = measure(r, TIME_PARTS, (enum time_variant)v, e);
		r->series[v].count++;
	}
	return status;
}

static int rounds(struct run *r, struct err *e)
{
	const struct time_options *o = r->target->options;
	unsigned n = o->rounds ? o->rounds : TIME_ROUNDS, i;
	time_t begun = time(NULL);
	struct out_progress bar;
	struct out out;
	int status;

	out_init(&out, stderr);
	out.terminal = out.terminal && !o->matr->quiet && !o->show_output;
	for (int v = 0; v < TIME_VARIANTS; v++) {
		r->series[v].whole = xcalloc(n, sizeof(struct time_start));
		r->series[v].parts = xcalloc(n, sizeof(struct time_start));
	}
	/* The first one warms up, and does not count. */
	status = one_round(r, e);
	for (int v = 0; v < TIME_VARIANTS; v++)
		r->series[v].count = 0;
	out_progress_begin(&bar, &out, "Timing", n);
	for (i = 0; i < n && status == 0; i++) {
		if (!o->rounds && i >= TIME_ROUNDS_LEAST && time(NULL) - begun > TIME_SECONDS)
			break;
		status = one_round(r, e);
		out_progress_add(&bar, 1);
	}
	out_progress_end(&bar);
	r->result->rounds = i;
	return status;
}

/* Counted apart, since counting takes time. */
static int count_calls(struct run *r, struct err *e)
{
	struct time_start calls, cpuid;
	int status = 0;

	for (int v = 0; v < TIME_VARIANTS && status == 0; v++) {
		if (!r->has[v])
			continue;
		status = time_server_ask(server_of(r, (enum time_variant)v), TIME_CALLS,
					 (enum time_variant)v, &calls, e);
		for (int p = 0; p < TIME_PHASES; p++)
			r->result->columns[v].parts[p].calls = calls.parts[p].calls;
		if (status < 0 || r->target->is_static)
			continue;
		status = time_server_ask(server_of(r, (enum time_variant)v), TIME_CPUID,
					 (enum time_variant)v, &cpuid, e);
		r->result->columns[v].cpuid = cpuid.cpuid;
	}
	return status;
}

/* ---- medians ---- */

static int ascending(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

static double median(double *values, size_t n)
{
	if (!n)
		return 0;
	qsort(values, n, sizeof(*values), ascending);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

uint64_t time_median(const uint64_t *values, size_t n)
{
	double *copy = xcalloc(n, sizeof(*copy)), m;

	for (size_t i = 0; i < n; i++)
		copy[i] = (double)values[i];
	m = median(copy, n);
	free(copy);
	return (uint64_t)(m + 0.5);
}

/* Of the 64-bit number at `offset` in each start. */
static uint64_t median_of(const struct time_start *starts, size_t n, size_t offset)
{
	uint64_t *values = xcalloc(n, sizeof(*values)), m;

	for (size_t i = 0; i < n; i++)
		values[i] = *(const uint64_t *)((const char *)&starts[i] + offset);
	m = time_median(values, n);
	free(values);
	return m;
}

#define PART(p, member)                                                                            \
	(offsetof(struct time_start, parts) + (size_t)(p) * sizeof(struct time_part) +             \
	 offsetof(struct time_part, member))

static void sum_up(struct run *r, enum time_variant v)
{
	struct time_column *c = &r->result->columns[v];
	const struct series *s = &r->series[v];

	c->known = r->has[v] && s->count;
	if (!c->known)
		return;
	c->nsec = median_of(s->whole, s->count, offsetof(struct time_start, nsec));
	c->minor = median_of(s->whole, s->count, offsetof(struct time_start, minor));
	c->major = median_of(s->whole, s->count, offsetof(struct time_start, major));
	c->outcome = s->whole[0].outcome;
	c->status = s->whole[0].status;
	for (int p = 0; p < TIME_PHASES; p++) {
		c->parts[p].known = s->parts[0].parts[p].known;
		c->parts[p].nsec = median_of(s->parts, s->count, PART(p, nsec));
		c->parts[p].minor = median_of(s->parts, s->count, PART(p, minor));
		c->parts[p].major = median_of(s->parts, s->count, PART(p, major));
	}
}

/* Median of the rounds' ratios: what lasts longer than a round falls out. */
static double ratio(const struct series *above, const struct series *below)
{
	size_t n = below->count < above->count ? below->count : above->count;
	double *values = xcalloc(n, sizeof(*values)), m;

	for (size_t i = 0; i < n; i++)
		values[i] = (double)above->whole[i].nsec /
			    (double)(below->whole[i].nsec ? below->whole[i].nsec : 1);
	m = median(values, n);
	free(values);
	return m;
}

static void sum_up_all(struct run *r)
{
	struct time_column *c = r->result->columns;

	r->result->same_end = true;
	r->result->stop_nsec = median_of(r->series[TIME_LAZY].parts, r->series[TIME_LAZY].count,
					 offsetof(struct time_start, stop_nsec));
	for (int v = 0; v < TIME_VARIANTS; v++) {
		sum_up(r, (enum time_variant)v);
		if (!c[v].known)
			continue;
		if (c[TIME_MATR].known || r->has[TIME_MATR])
			r->result->ratio[v] = ratio(&r->series[v], &r->series[TIME_MATR]);
		if (c[v].outcome != c[TIME_LAZY].outcome || c[v].status != c[TIME_LAZY].status)
			r->result->same_end = false;
	}
}

uint64_t time_without_relocation(const struct time_column *c)
{
	const struct time_part *p = &c->parts[TIME_RELOCATION];
	uint64_t all = 0;

	if (!c->known || !p->known || !c->parts[TIME_LIBRARIES].known)
		return 0;
	for (int i = 0; i < TIME_PHASES; i++)
		all += c->parts[i].nsec;
	/* Its share of the traced starts, taken off those that count. */
	return all ? (uint64_t)((double)c->nsec * (double)(all - p->nsec) / (double)all) : 0;
}

int time_run(struct time_target *t, struct time_result *out, struct err *e)
{
	struct run r = {.target = t, .result = out, .servers = {{.fd = -1}, {.fd = -1}}};
	int status;

	*out = (struct time_result){0};
	status = start_servers(&r, e);
	if (status == 0)
		status = try_variants(&r, e);
	if (status == 0)
		status = rounds(&r, e);
	if (status == 0)
		status = count_calls(&r, e);
	if (status == 0)
		sum_up_all(&r);
	out->cpuid_nsec = time_cpuid_cost();
	for (int i = 0; i < 2; i++)
		time_server_end(&r.servers[i]);
	for (int v = 0; v < TIME_VARIANTS; v++) {
		free(r.series[v].whole);
		free(r.series[v].parts);
	}
	return status;
}
