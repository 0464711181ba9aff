/* The result of `matr time` as JSON, schema 1. */
#include "matr/time.h"

#include "matr/epoch_report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const phase_names[TIME_PHASES] = {
#define TIME_PHASE(name, json, title) [TIME_##name] = json,
#include "matr/time_phase.def"
#undef TIME_PHASE
};

/* File names and arguments need not be UTF-8, which JSON demands. */
static json_t *text(const char *s)
{
	json_t *j = s ? json_string(s) : json_null();
	char *copy;

	if (j)
		return j;
	copy = xstrdup(s);
	for (char *p = copy; *p; p++)
		if (*p & 0x80)
			*p = '?';
	j = json_string(copy);
	free(copy);
	return j;
}

static void set(json_t *j, const char *name, uint64_t n)
{
	json_object_set_new(j, name, json_integer((json_int_t)n));
}

static json_t *part(const struct time_part *p)
{
	json_t *j = json_object();

	if (!p->known) {
		json_decref(j);
		return json_null();
	}
	set(j, "nsec", p->nsec);
	set(j, "minor_faults", p->minor);
	set(j, "major_faults", p->major);
	set(j, "calls", p->calls);
	return j;
}

static json_t *column(const struct time_column *c)
{
	static const char *const ends[] = {
	    [TRACEE_STOPPED] = "entry", [TRACEE_EXITED] = "exit", [TRACEE_KILLED] = "signal"};
	json_t *j = json_object(), *phases = json_object();

	set(j, "nsec", c->nsec);
	set(j, "minor_faults", c->minor);
	set(j, "major_faults", c->major);
	set(j, "cpuid", c->cpuid);
	json_object_set_new(j, "end", json_string(ends[c->outcome]));
	set(j, "status", (uint64_t)c->status);
	for (int p = 0; p < TIME_PHASES; p++)
		json_object_set_new(phases, phase_names[p], part(&c->parts[p]));
	json_object_set_new(j, "phases", phases);
	return j;
}

static json_t *variants(const struct time_result *r)
{
	json_t *j = json_object(), *v;

	for (int i = 0; i < TIME_VARIANTS; i++) {
		const struct time_column *c = &r->columns[i];

		v = c->known ? column(c) : json_null();
		if (!c->known && c->why) {
			v = json_object();
			json_object_set_new(v, "not_timed", text(c->why));
		}
		json_object_set_new(j, time_variant_names[i], v);
	}
	return j;
}

static json_t *counts(const struct time_counts *n)
{
	json_t *j = json_object();

	if (!n->known) {
		json_decref(j);
		return json_null();
	}
	set(j, "libraries", n->libraries);
	set(j, "symbolic", n->symbolic);
	set(j, "bound_at_start", n->at_start);
	set(j, "relative", n->relative);
	return j;
}

static json_t *reason(const struct time_target *t)
{
	json_t *j;

	if (!t->reason)
		return json_null();
	j = json_object();
	json_object_set_new(j, "name", text(t->reason));
	json_object_set_new(j, "sentence", text(t->sentence));
	return j;
}

static json_t *number_or_null(double n) { return n > 0 ? json_real(n) : json_null(); }

static json_t *estimate(const struct time_target *t, const struct time_result *r)
{
	uint64_t rest = time_without_relocation(&r->columns[TIME_LAZY]);

	return t->epoch || !t->eligible || !rest ? json_null() : json_integer((json_int_t)rest);
}

void time_report_json(const struct time_target *t, const struct time_result *r)
{
	json_t *j = json_object(), *arguments = json_array(), *speed_up = json_object();

	for (char **a = t->options->argv; *a; a++)
		json_array_append_new(arguments, text(*a));
	json_object_set_new(j, "program", text(t->program));
	json_object_set_new(j, "arguments", arguments);
	json_object_set_new(j, "until", json_string(t->options->to_exit ? "exit" : "entry"));
	set(j, "rounds", r->rounds);
	json_object_set_new(j, "epoch", t->epoch ? json_integer((json_int_t)t->epoch) : json_null());
	json_object_set_new(j, "tried", json_boolean(t->temporary != NULL));
	json_object_set_new(j, "reason", reason(t));
	json_object_set_new(j, "counts", counts(&t->counts));
	json_object_set_new(j, "variants", variants(r));
	json_object_set_new(speed_up, "lazy", number_or_null(r->ratio[TIME_LAZY]));
	json_object_set_new(speed_up, "now", number_or_null(r->ratio[TIME_NOW]));
	json_object_set_new(j, "speed_up", speed_up);
	json_object_set_new(j, "without_relocation_nsec", estimate(t, r));
	set(j, "stop_nsec", r->stop_nsec);
	set(j, "cpuid_nsec", r->cpuid_nsec);
	json_object_set_new(j, "same_end", json_boolean(r->same_end));
	report_json(j);
}
