/* One program verified: three runs, two comparisons. */
#include "matr/verify.h"

#include "cache/catalogue.h"
#include "cache/publish.h"
#include "cache/store.h"
#include "image/reason.h"
#include "matr-ld/resolve.h"
#include "matr/interp_edit.h"
#include "matr/matr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct verify_worker {
	const struct verify_options *options;
	struct object_cache *objects;
	struct store *store;		  /* NULL: none */
	struct catalogue_read *catalogue; /* NULL: no epoch is published */
	uint64_t epoch;
	struct resolver *resolver; /* opened when first needed */
};

/* Verifying one program. */
struct verifying {
	struct verify_worker *worker;
	struct arena *arena;
	struct verify_result *result;
	struct verify_report report;
	struct interp interp;
	struct mapping mapping;
	struct picture lazy, now, matr;
	char *talk; /* of the LD_BIND_NOW run; NULL: stock refuses to start so */
};

/* ---- the worker ---- */

static int open_epoch(struct verify_worker *w, struct err *e)
{
	int status = store_open(&w->store, w->options->store, STORE_READ_ONLY, e);

	if (status == 0)
		status = publish_current(w->store, &w->epoch, e);
	if (status == 0 && w->epoch)
		status = catalogue_read_begin(&w->catalogue, w->store, e);
	return status == -ENOENT ? 0 : status;
}

int verify_worker_open(struct verify_worker **out, const struct verify_options *o, struct err *e)
{
	struct verify_worker *w = xcalloc(1, sizeof(*w));
	int status = 0;

	w->options = o;
	w->objects = object_cache_new();
	if (o->store)
		status = open_epoch(w, e);
	if (status < 0) {
		verify_worker_close(w);
		return status;
	}
	*out = w;
	return 0;
}

void verify_worker_close(struct verify_worker *w)
{
	if (w->catalogue)
		catalogue_read_end(w->catalogue);
	if (w->store)
		store_close(w->store);
	if (w->resolver)
		resolver_close(w->resolver);
	object_cache_free(w->objects);
	free(w);
}

/* ---- results other than a comparison ---- */

static void skip(struct verifying *v, const char *reason, const char *sentence)
{
	v->result->outcome = VERIFY_SKIPPED;
	v->result->reason = reason;
	v->result->sentence = sentence;
}

static void skip_reason(struct verifying *v, unsigned reason, const char *detail)
{
	skip(v, reason_name(reason),
	     detail && *detail ? arena_printf(v->arena, "%s (%s)", reason_sentence(reason), detail)
			       : reason_sentence(reason));
}

static void fail(struct verifying *v, const struct err *e)
{
	v->result->outcome = VERIFY_FAILED;
	v->result->reason = "failed";
	v->result->sentence = arena_strdup(v->arena, e->text);
}

/* The last line of what a program that would not start said. */
static const char *last_line(struct verifying *v, const struct tracee *t)
{
	const char *end = t->talk + t->talk_bytes, *start;

	while (end > t->talk && end[-1] == '\n')
		end--;
	for (start = end; start > t->talk && start[-1] != '\n'; start--)
		;
	return arena_printf(v->arena, "%.*s", (int)(end - start < 500 ? end - start : 500), start);
}

/* A stock run that did not come to the event. */
static void skip_outcome(struct verifying *v, const struct tracee *t)
{
	switch (t->outcome) {
	case TRACEE_TIMEOUT:
		skip(v, "timeout", "ld.so did not come to its debugger event in time");
		break;
	case TRACEE_EXITED:
		skip(v, "does-not-start",
		     arena_printf(v->arena, "stock ends with status %d: %s", t->status,
				  last_line(v, t)));
		break;
	case TRACEE_KILLED:
		skip(v, "does-not-start",
		     arena_printf(v->arena, "stock is killed by signal %d", t->status));
		break;
	default:
		skip(v, "no-event", "it has no DT_DEBUG, or ld.so sent no debugger event");
	}
}

/* ---- runs ---- */

#define ENVIRONMENT_MAX 8

static void common_environment(const char *environment[ENVIRONMENT_MAX])
{
	environment[0] = "PATH=/usr/local/bin:/usr/bin:/bin";
	environment[1] = "LC_ALL=C";
	environment[2] = NULL;
}

/* A stock run; the picture is taken only where it came to the event. */
static int run_stock(struct verifying *v, struct tracee *t, bool now, struct picture *p,
		     struct err *e)
{
	const char *environment[ENVIRONMENT_MAX];
	const char *loader = v->worker->options->loader;
	bool as_it_is = v->interp.state == INTERP_STOCK && strcmp(loader, SYSTEM_LOADER) == 0;
	struct tracee_request request = {
	    .path = v->result->path,
	    .environment = (char *const *)environment,
	    .event_file = loader,
	    .interpreter = as_it_is ? NULL : loader,
	    .timeout = v->worker->options->timeout,
	};
	int status;

	common_environment(environment);
	if (now) {
		environment[2] = "LD_BIND_NOW=1";
		environment[3] = "LD_DEBUG=bindings";
		environment[4] = NULL;
	}
	status = tracee_start(t, &request, e);
	if (status == 0 && t->outcome == TRACEE_STOPPED)
		status = picture_take(p, t, v->worker->objects, v->result->path, v->arena, e);
	return status;
}

static int run_matr(struct verifying *v, struct tracee *t, struct err *e)
{
	const struct verify_options *o = v->worker->options;
	const char *environment[ENVIRONMENT_MAX];
	bool stock = v->interp.state == INTERP_STOCK;
	struct tracee_request request = {
	    .path = v->result->path,
	    .environment = (char *const *)environment,
	    .event_file = stock ? o->shim : v->interp.content,
	    .interpreter = stock ? o->shim : NULL,
	    .timeout = o->timeout,
	};
	int status;

	common_environment(environment);
	environment[2] = "LD_MATR_REQUIRE=1";
	environment[3] = NULL;
	if (o->store && strcmp(o->store, MATR_DEFAULT_STORE) != 0) {
		environment[3] = arena_printf(v->arena, "LD_MATR_STORE=%s", o->store);
		environment[4] = NULL;
	}
	status = tracee_start(t, &request, e);
	if (status == 0 && t->outcome == TRACEE_STOPPED)
		status =
		    picture_take(&v->matr, t, v->worker->objects, v->result->path, v->arena, e);
	return status;
}

/* The shim's line: "matr: PROGRAM: stock path: NAME: SENTENCE". */
static bool skip_stock_path(struct verifying *v, const struct tracee *t)
{
	static const char mark[] = ": stock path: ";
	const char *at = strstr(t->talk, mark), *colon;

	if (t->outcome != TRACEE_EXITED || t->status != 127 || !at)
		return false;
	at += strlen(mark);
	colon = strstr(at, ": ");
	if (!colon)
		return false;
	skip(v, arena_printf(v->arena, "%.*s", (int)(colon - at), at),
	     arena_printf(v->arena, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2));
	return true;
}

/* Under MatR a program that stock starts must come to the event too. */
static void differ_outcome(struct verifying *v, const struct tracee *t)
{
	static const char *const names[] = {
	    [TRACEE_EXITED] = "ends with status",
	    [TRACEE_KILLED] = "is killed by signal",
	    [TRACEE_TIMEOUT] = "does not come on in time",
	    [TRACEE_NO_EVENT] = "sends no event",
	};

	verify_differ(&v->report, &(struct verify_difference){
				      .object = v->result->path,
				      .symbol = "",
				      .what = "start",
				      .stock = "starts",
				      .matr = arena_printf(v->arena, "%s %d: %s", names[t->outcome],
							   t->status, last_line(v, t)),
				  });
}

/* ---- the program ---- */

/* False where an object changed since the epoch: then the epoch tells nothing. */
static bool is_current(const struct mapping *m, bool portable)
{
	struct identity now;
	struct stat st;

	for (size_t i = 0; i < m->member_count; i++) {
		if (stat(m->members[i].path, &st) < 0)
			return false;
		identity_from_stat(&now, &st);
		if (!identity_holds(&now, &m->members[i].identity, portable))
			return false;
	}
	return true;
}

static int get_mapping(struct verifying *v, struct err *e)
{
	struct verify_worker *w = v->worker;
	struct catalogue_get get = {.epoch = w->epoch, .path = v->result->path, .arena = v->arena};
	int status = -ENOENT;

	if (w->catalogue)
		status = catalogue_get_mapping(w->catalogue, &get, &v->mapping, e);
	if (status < 0 ? status != -ENOENT : is_current(&v->mapping, store_is_portable(w->store)))
		return status;
	if (!w->resolver) {
		status = resolver_open(&w->resolver, &(struct resolver_options){.root = ""}, e);
		if (status < 0)
			return status;
	}
	return resolve_program(w->resolver, v->result->path, 0, v->arena, &v->mapping, e);
}

/* True where there is something to verify. */
static bool look(struct verifying *v, struct err *e)
{
	int fd = open(v->result->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int status;

	if (fd < 0) {
		err_sys(e, "cannot open");
		fail(v, e);
		return false;
	}
	status = interp_read(&v->interp, fd, e);
	close(fd);
	if (status == 0 && v->interp.reason) {
		skip_reason(v, v->interp.reason, NULL);
		return false;
	}
	if (status == 0)
		status = get_mapping(v, e);
	if (status < 0) {
		fail(v, e);
		return false;
	}
	if (v->mapping.reason)
		skip_reason(v, v->mapping.reason, v->mapping.detail);
	return !v->mapping.reason;
}

/* Both stock runs; false: there is nothing to compare with. */
static bool see_stock(struct verifying *v, struct err *e)
{
	struct tracee t;
	bool stopped = false;
	int status = run_stock(v, &t, false, &v->lazy, e);

	if (status == -ENOEXEC)
		skip(v, "does-not-start", arena_strdup(v->arena, e->text));
	else if (status < 0)
		fail(v, e);
	else if (t.outcome != TRACEE_STOPPED)
		skip_outcome(v, &t);
	else
		stopped = true;
	tracee_end(&t);
	if (!stopped)
		return false;
	if (run_stock(v, &t, true, &v->now, e) < 0) {
		fail(v, e);
		stopped = false;
	} else if (t.outcome == TRACEE_STOPPED) {
		v->talk = t.talk;
		t.talk = NULL;
	}
	tracee_end(&t);
	return stopped;
}

/* The MatR run; false: there is no picture. */
static bool see_matr(struct verifying *v, struct err *e)
{
	struct tracee t;
	bool stopped = false;

	if (run_matr(v, &t, e) < 0)
		fail(v, e);
	else if (t.outcome == TRACEE_STOPPED)
		stopped = true;
	else if (!skip_stock_path(v, &t))
		differ_outcome(v, &t);
	tracee_end(&t);
	return stopped;
}

static void compare(struct verifying *v, struct err *e)
{
	struct verify_pictures pictures = {.lazy = &v->lazy, .matr = &v->matr};

	if (v->talk) {
		pictures.now = &v->now;
		verify_providers(&v->mapping, v->talk, &v->report);
	}
	if (see_matr(v, e)) {
		v->result->outcome = VERIFY_SAME;
		verify_compare(&pictures, &v->report);
	}
	if (v->result->difference_count)
		v->result->outcome = VERIFY_DIFFERENT;
}

void verify_program(struct verify_worker *w, const char *path, struct arena *a,
		    struct verify_result *out)
{
	struct verifying v = {
	    .worker = w,
	    .arena = a,
	    .result = out,
	    .report = {.result = out, .arena = a},
	};
	struct err e = ERR_INIT;

	*out = (struct verify_result){.path = arena_strdup(a, path)};
	if (look(&v, &e) && see_stock(&v, &e))
		compare(&v, &e);
	free(v.talk);
	object_cache_trim(w->objects, path);
}
