/*
 * One start under ptrace, cut into phases.
 *
 *	stop                                      the phase that ends there
 *	exec is done                              kernel
 *	the shim goes (matr_handover)             shim
 *	first _dl_debug_state (RT_ADD)            loader
 *	arch_prctl(ARCH_SET_FS)                   libraries
 *	_dl_debug_state, RT_CONSISTENT            relocation
 *	the program's entry                       initialisers
 *	the last thread ends                      program
 *	the process can be waited for             exit
 *
 * A restart of the shim passes its way out again: what has been until then
 * counts as the shim's, and ld.so begins anew.
 */
#include "matr/time.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where a start stands. */
struct walk {
	const struct time_server_facts *facts;
	const struct time_target *target;
	struct time_start *out;
	enum time_what what;
	enum time_variant variant;
	struct tracee t;
	int stat;	    /* /proc/PID/stat */
	enum time_phase in; /* the phase that it is in; TIME_PHASES: all are over */
	uint64_t loader;    /* base of ld.so; 0: not known yet */
	size_t cpuid_from;  /* the first of the instructions that this start counts */
	bool in_call;
	uint64_t ran_nsec, minor, major; /* at the last boundary */
	unsigned stops;
};

/* ---- boundaries ---- */

/* Fields 10 and 12; the name, field 2, may hold anything and ends with the last ')'. */
static void read_faults(struct walk *w, uint64_t *minor, uint64_t *major)
{
	unsigned long long min = 0, maj = 0;
	char text[1024], *p;
	ssize_t n = pread(w->stat, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	p = strrchr(text, ')');
	if (p)
		sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %llu %*u %llu", &min, &maj);
	*minor = min;
	*major = maj;
}

/* Takes what has gone by since the last boundary, less what the stops have cost. */
static void take(struct walk *w, struct time_part *part, uint64_t stop_nsec)
{
	uint64_t ran = w->t.ran_nsec - w->ran_nsec, minor, major;
	uint64_t cost = (w->t.stops - w->stops) * stop_nsec;

	part->known = true;
	part->nsec += ran > cost ? ran - cost : 0;
	w->ran_nsec = w->t.ran_nsec;
	w->stops = w->t.stops;
	if (w->t.pid) {
		read_faults(w, &minor, &major);
		part->minor += minor - w->minor;
		part->major += major - w->major;
		w->minor = minor;
		w->major = major;
	}
}

static void end_phase(struct walk *w, enum time_phase p)
{
	take(w, &w->out->parts[p], w->out->stop_nsec);
	w->in = p + 1;
}

/* ---- where to stop next ---- */

static uint64_t in_loader(const struct walk *w, uint64_t address)
{
	return w->loader && address ? w->loader + address : 0;
}

static bool through_shim(const struct walk *w)
{
	return w->variant == TIME_MATR && w->target->handover;
}

/* At most three instructions at a time, and the event that ends the run. */
static void cpuid_points(const struct walk *w, uint64_t at[TRACEE_POINTS])
{
	static const uint8_t cpuid[2] = {0x0f, 0xa2};
	const struct time_loader *l = &w->target->loader;

	at[0] = in_loader(w, l->event);
	for (size_t i = 1; i < TRACEE_POINTS && w->cpuid_from + i - 1 < l->cpuid_count; i++) {
		uint64_t site = in_loader(w, l->cpuid[w->cpuid_from + i - 1]);
		uint8_t bytes[2];

		/* In a prepared loader another instruction may stand there. */
		if (site && tracee_read(&w->t, site, bytes, 2) == 0 && memcmp(bytes, cpuid, 2) == 0)
			at[i] = site;
	}
}

/* Every boundary is a point from well before it can come; four are enough. */
static void phase_points(const struct walk *w, uint64_t at[TRACEE_POINTS])
{
	const struct time_loader *l = &w->target->loader;

	if (w->in < TIME_INITIALISERS)
		at[0] = in_loader(w, l->event);
	if (w->in == TIME_LIBRARIES) {
		at[1] = in_loader(w, l->sites[0]);
		at[2] = in_loader(w, l->sites[1]);
	}
	if (!at[2] && w->in <= TIME_INITIALISERS)
		at[2] = w->t.entry;
	if (through_shim(w) && w->in <= TIME_RELOCATION)
		at[3] = w->t.base + w->target->handover;
}

static int set_points(struct walk *w, struct err *e)
{
	uint64_t at[TRACEE_POINTS] = {0};

	if (w->what == TIME_PARTS || w->what == TIME_CALLS)
		phase_points(w, at);
	else if (w->what != TIME_CPUID)
		at[0] = w->in <= TIME_INITIALISERS ? w->t.entry : 0;
	else if (w->loader)
		cpuid_points(w, at);
	else
		at[0] = w->t.base + w->target->handover;
	return tracee_set_points(&w->t, at, e);
}

/* ---- what a stop means; 1: go on, 0: far enough, negative: failed ---- */

static int at_exec(struct walk *w, struct err *e)
{
	/* The shim begins the exec again where ld.so mapped less than was planned. */
	if (w->in > TIME_INITIALISERS)
		return 1;
	end_phase(w, w->in == TIME_KERNEL ? TIME_KERNEL : TIME_SHIM);
	w->in = TIME_SHIM;
	w->loader = 0;
	if (!w->t.base) {
		w->in = TIME_PROGRAM;
		return w->target->options->to_exit;
	}
	if (!through_shim(w)) {
		w->loader = w->t.base;
		w->in = TIME_LOADER;
	}
	return set_points(w, e) < 0 ? e->code : 1;
}

static int at_handover(struct walk *w, struct err *e)
{
	w->loader = tracee_argument(&w->t) - w->target->loader.entry;
	end_phase(w, TIME_SHIM);
	return set_points(w, e) < 0 ? e->code : 1;
}

static int at_event(struct walk *w, struct err *e)
{
	bool relocated = tracee_is_relocated(&w->t);

	if (w->what == TIME_CPUID)
		return 0;
	/* Without DT_DEBUG nobody knows, and the second call is taken for it. */
	if (relocated || (!w->t.debug && w->in > TIME_LOADER))
		end_phase(w, TIME_RELOCATION);
	else if (w->in == TIME_LOADER)
		end_phase(w, TIME_LOADER);
	return set_points(w, e) < 0 ? e->code : 1;
}

static int at_entry(struct walk *w, struct err *e)
{
	end_phase(w, TIME_INITIALISERS);
	if (!w->target->options->to_exit || w->what == TIME_SHOW_PATH || w->what == TIME_WHOLE)
		return 0;
	return set_points(w, e) < 0 ? e->code : 1;
}

static int at_point(struct walk *w, struct err *e)
{
	uint64_t at = w->t.at;

	if (through_shim(w) && at == w->t.base + w->target->handover)
		return at_handover(w, e);
	if (at == w->t.entry && w->what != TIME_CPUID)
		return at_entry(w, e);
	if (at == in_loader(w, w->target->loader.event))
		return at_event(w, e);
	if (w->what == TIME_CPUID) {
		w->out->cpuid++;
		return 1;
	}
	end_phase(w, TIME_LIBRARIES);
	return set_points(w, e) < 0 ? e->code : 1;
}

static int at_stop(struct walk *w, struct err *e)
{
	switch (w->t.stop) {
	case TRACEE_AT_EXEC:
		return at_exec(w, e);
	case TRACEE_AT_POINT:
		return at_point(w, e);
	case TRACEE_AT_CALL:
		w->in_call = !w->in_call;
		if (w->in_call && w->in < TIME_PHASES)
			w->out->parts[w->in].calls++;
		return 1;
	case TRACEE_AT_EXIT:
		if (w->in == TIME_PROGRAM)
			end_phase(w, TIME_PROGRAM);
		return 1;
	default:
		return 1;
	}
}

/* ---- a start ---- */

/* The last phase has no stop at its end, but it began with one: half of its cost. */
static void end_exit(struct walk *w)
{
	if (w->in != TIME_EXIT)
		return;
	w->stops--;
	take(w, &w->out->parts[TIME_EXIT], w->out->stop_nsec / 2);
	w->in = TIME_PHASES;
}

static int open_stat(struct walk *w, struct err *e)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)w->t.pid);
	w->stat = open(path, O_RDONLY | O_CLOEXEC);
	if (w->stat < 0)
		return err_sys(e, "cannot open '%s'", path);
	read_faults(w, &w->minor, &w->major);
	return 0;
}

/* What a stop costs now, in this process: it has its idle calls before it. */
static int measure_stop(struct walk *w, struct err *e)
{
	uint64_t at[TRACEE_POINTS] = {(uint64_t)tracee_idle}, cost[TRACEE_IDLE_CALLS], before;
	int status = tracee_set_points(&w->t, at, e), n;

	if (status < 0)
		return status;
	for (n = 0; n < TRACEE_IDLE_CALLS; n++) {
		before = w->t.ran_nsec;
		status = tracee_run(&w->t, TRACEE_TO_POINT, e);
		if (status <= 0)
			return status;
		cost[n] = w->t.ran_nsec - before;
	}
	w->out->stop_nsec = time_median(cost, TRACEE_IDLE_CALLS);
	return 1;
}

static int walk(struct walk *w, struct err *e)
{
	enum tracee_how how = w->what == TIME_CALLS ? TRACEE_TO_CALL : TRACEE_TO_POINT;
	int more = measure_stop(w, e);

	if (more > 0)
		more = open_stat(w, e) < 0 ? e->code : 1;
	if (more <= 0)
		return more;
	w->ran_nsec = w->t.ran_nsec;
	w->stops = w->t.stops;
	do {
		more = tracee_run(&w->t, how, e);
		if (more > 0)
			more = at_stop(w, e);
		else if (more == 0)
			end_exit(w);
	} while (more > 0);
	return more;
}

/* What the shim said of its path, else the last line that anybody wrote. */
static void take_words(struct walk *w)
{
	char *line, *rest, *chosen = NULL;

	tracee_read_talk(&w->t);
	for (line = strtok_r(w->t.talk, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!chosen || strncmp(line, "matr: ", 6) == 0 || strncmp(chosen, "matr: ", 6) != 0)
			chosen = line;
	snprintf(w->out->text, sizeof(w->out->text), "%s", chosen ? chosen : "");
}

static void sum_up(struct walk *w)
{
	struct time_start *out = w->out;

	for (int p = 0; p < TIME_PHASES; p++) {
		out->nsec += out->parts[p].nsec;
		out->minor += out->parts[p].minor;
		out->major += out->parts[p].major;
	}
	out->outcome = w->t.outcome;
	out->status = w->t.status;
	if (w->what == TIME_CPUID)
		out->complete = out->outcome == TRACEE_STOPPED;
	else
		out->complete = out->outcome == TRACEE_STOPPED || w->in == TIME_PHASES;
}

static void start_once(struct walk *w, struct err *e)
{
	const struct time_target *target = w->target;
	struct tracee_request request = {
	    .path = target->path,
	    .argv = target->options->argv,
	    .environment = w->facts->environment[w->variant],
	    .timeout = target->options->timeout,
	    .keep_output = w->what != TIME_SHOW_PATH,
	    .hardware = true,
	    .stop_at_exit = true,
	};
	int status;

	w->in = TIME_KERNEL;
	w->loader = 0;
	w->stat = -1;
	status = tracee_begin(&w->t, &request, e);
	if (status == 0 && w->t.outcome == TRACEE_STOPPED)
		status = walk(w, e);
	if (w->stat >= 0)
		close(w->stat);
	if (status == 0 && w->what == TIME_SHOW_PATH)
		take_words(w);
	if (status < 0) {
		w->out->code = status;
		snprintf(w->out->text, sizeof(w->out->text), "%s", e->text);
	}
	sum_up(w);
	tracee_end(&w->t);
}

void time_traced(const struct time_server_facts *f, enum time_what what, enum time_variant v,
		 struct time_start *out)
{
	struct walk w = {.facts = f, .target = f->target, .out = out, .what = what, .variant = v};
	struct err e = ERR_INIT;

	*out = (struct time_start){0};
	/* Three sites fit into a start. */
	do {
		start_once(&w, &e);
		w.cpuid_from += TRACEE_POINTS - 1;
	} while (what == TIME_CPUID && out->code == 0 && out->complete && w.target->loader.event &&
		 w.cpuid_from < w.target->loader.cpuid_count);
}
