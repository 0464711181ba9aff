#include "epochd/worker.h"

#include "epochd/parallel.h"
#include "epochd/wire.h"
#include "epochd/worker_crew.h"
#include "image/reason.h"
#include "matr-ld/root.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CREW_SECONDS 36000 /* of processor time: a last resort, each question has its own */

/* What a program's workers died of: they are not asked again. */
struct fatal {
	char *path, *why;
};

struct workers {
	struct workers_options options;
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct crew *crew;   /* NULL: none yet, or it is dead */
	bool impossible;     /* in this process, then */
	struct fatal *fatal;
	size_t fatal_count, fatal_capacity;
	char note[ERR_TEXT_MAX];
};

/* One question on its way; the answer is in out. */
struct asking {
	struct workers *w;
	const struct question *q;
	struct arena *arena;
	struct answer *out;
	char why[ERR_TEXT_MAX]; /* FAILED, GUILTY: for people */
};

enum outcome {
	ANSWERED,
	FAILED,    /* the crew is dead, or does not answer as it must: of whatever reason */
	GUILTY,    /* of this question */
	UNASKED,   /* there is no crew and none can be made */
};

void workers_open(struct workers **out, const struct workers_options *o)
{
	struct workers *w = xcalloc(1, sizeof(*w));

	w->options = *o;
	if (!o->threads)
		w->options.threads = parallel_threads();
	if (!o->seconds)
		w->options.seconds = WORKER_SECONDS;
	if (!o->memory)
		w->options.memory = WORKER_MEMORY;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->freed, NULL);
	*out = w;
}

void workers_rest(struct workers *w)
{
	char unused[ERR_TEXT_MAX];

	if (w->crew)
		crew_bury(w->crew, unused, sizeof(unused));
	w->crew = NULL;
}

void workers_close(struct workers *w)
{
	if (!w)
		return;
	workers_rest(w);
	for (size_t i = 0; i < w->fatal_count; i++) {
		free(w->fatal[i].path);
		free(w->fatal[i].why);
	}
	free(w->fatal);
	pthread_cond_destroy(&w->freed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

const char *workers_note(const struct workers *w)
{
	return w->note[0] ? w->note : NULL;
}

static struct crew *make_crew(const struct workers *w, bool alone, struct err *e)
{
	struct crew_request r = {
		.resolver = w->options.resolver,
		.threads = alone ? 1 : w->options.threads,
		.sandbox = {.root = resolver_system(w->options.resolver)->root,
			    .memory = alone ? w->options.memory / 2 : w->options.memory,
			    .seconds = alone ? w->options.seconds : CREW_SECONDS},
	};

	if (w->options.own_user)
		sandbox_user(&r.sandbox);
	return crew_make(&r, e);
}

/* Under the lock. */
static bool have_crew(struct workers *w)
{
	struct err e = ERR_INIT;

	if (w->crew || w->impossible)
		return w->crew;
	w->crew = make_crew(w, false, &e);
	w->impossible = !w->crew;
	if (w->impossible)
		snprintf(w->note, sizeof(w->note), "not in processes of their own: %.900s", e.text);
	else if (w->crew->note[0] && !w->note[0])
		snprintf(w->note, sizeof(w->note), "with less of a sandbox than there should be: %s",
			 w->crew->note);
	return w->crew;
}

static struct crew_channel *free_channel(const struct crew *c)
{
	for (unsigned i = 0; i < c->count; i++)
		if (!c->channels[i].busy)
			return &c->channels[i];
	return NULL;
}

/* NULL: there is no crew. */
static struct crew_channel *enter(struct workers *w, struct crew **crew)
{
	struct crew_channel *c = NULL;

	pthread_mutex_lock(&w->lock);
	while (have_crew(w) && !(c = free_channel(w->crew)))
		pthread_cond_wait(&w->freed, &w->lock);
	*crew = w->crew;
	if (c) {
		c->busy = true;
		w->crew->users++;
	}
	pthread_mutex_unlock(&w->lock);
	return c;
}

/* The last one who leaves a dead crew buries it. */
static void leave(struct workers *w, struct crew *crew, struct crew_channel *c, bool dead)
{
	char unused[ERR_TEXT_MAX];

	pthread_mutex_lock(&w->lock);
	c->busy = false;
	crew->users--;
	crew->dead |= dead;
	if (crew->dead && w->crew == crew)
		w->crew = NULL;
	if (crew->dead && dead)
		crew_end(crew);
	if (crew->dead && !crew->users)
		crew_bury(crew, unused, sizeof(unused));
	pthread_cond_broadcast(&w->freed);
	pthread_mutex_unlock(&w->lock);
}

/* Not about another program. */
static bool is_asked(const struct asking *a, const char *path)
{
	char canonical[PATH_MAX];

	return !strcmp(path, a->q->path) ||
	       (root_canonical(resolver_system(a->w->options.resolver)->root, a->q->path, canonical,
			       NULL) == 0 && !strcmp(path, canonical));
}

static enum outcome ask(struct asking *a, struct crew_channel *c)
{
	struct wire_reading reading = {.resolver = a->w->options.resolver,
				       .arena = a->arena,
				       .bindings = !(a->q->flags & RESOLVE_CLOSURE_ONLY)};
	struct err e = ERR_INIT;
	bool late;
	void *bytes = crew_ask(c, a->q, a->w->options.seconds, &reading.bytes, &late);
	int ret;

	a->why[0] = '\0';
	if (late)
		snprintf(a->why, sizeof(a->why), "took longer than %u seconds",
			 a->w->options.seconds);
	if (!bytes)
		return late ? GUILTY : FAILED;
	reading.from = bytes;
	ret = wire_read(&reading, a->out, &e);
	free(bytes);
	if (ret == 0 && a->out->code == 0 && !is_asked(a, a->out->mapping.path))
		ret = err_set(&e, -EBADMSG, "a worker answered for another program");
	if (ret < 0)
		snprintf(a->why, sizeof(a->why), "%s", e.text);
	return ret < 0 ? FAILED : ANSWERED;
}

static enum outcome ask_crew(struct asking *a)
{
	struct crew *crew;
	struct crew_channel *c = enter(a->w, &crew);
	enum outcome result;

	if (!c)
		return UNASKED;
	result = ask(a, c);
	leave(a->w, crew, c, result != ANSWERED);
	return result;
}

static enum outcome ask_alone(struct asking *a)
{
	struct err e = ERR_INIT;
	struct crew *crew = make_crew(a->w, true, &e);
	char why[ERR_TEXT_MAX];
	enum outcome result;

	if (!crew) {
		snprintf(a->why, sizeof(a->why), "could not be made: %.900s", e.text);
		return GUILTY;
	}
	result = ask(a, &crew->channels[0]);
	crew_bury(crew, why, sizeof(why));
	if (result == FAILED && !a->why[0])
		memcpy(a->why, why, sizeof(why));
	return result == ANSWERED ? ANSWERED : GUILTY;
}

/* ---- what is refused here ---- */

/* A file that is a member as far as that can be told without reading it. */
static void add_unread(struct asking *a, const char *path)
{
	const char *root = resolver_system(a->w->options.resolver)->root;
	struct mapping *m = &a->out->mapping;
	struct member *members;
	char canonical[PATH_MAX];
	struct stat st;

	if (root_canonical(root, path, canonical, NULL) < 0 || root_stat(root, canonical, &st) < 0)
		return;
	members = arena_alloc(a->arena, (m->member_count + 1) * sizeof(*members));
	if (m->member_count)
		memcpy(members, m->members, m->member_count * sizeof(*members));
	else
		m->path = arena_strdup(a->arena, canonical);
	members[m->member_count] = (struct member){
		.path = arena_strdup(a->arena, canonical),
		.request = m->member_count ? path : NULL,
		.found_by = m->member_count ? FOUND_PATH : FOUND_EXECUTABLE,
	};
	identity_from_stat(&members[m->member_count++].identity, &st);
	m->members = members;
}

/*
 * Keeps of the closure which files it has, and `unread`, which nobody read: so that the next epoch
 * can see whether it is still so.
 */
static void refuse(struct asking *a, unsigned reason, const char *detail, const char *unread)
{
	struct mapping *m = &a->out->mapping;

	if (!m->path)
		m->path = arena_strdup(a->arena, a->q->path);
	m->reason = reason;
	m->detail = arena_strdup(a->arena, detail);
	m->fixup_count = m->lazy_left = 0;
	for (size_t i = 0; i < m->member_count; i++)
		m->members[i].binding_count = 0;
	add_unread(a, unread);
	a->out->code = 0;
}

/* The first folder above `path` that not everyone may search; false: there is none. */
static bool closed_folder(const char *root, char *path)
{
	struct stat st;
	char *slash;

	while ((slash = strrchr(path, '/'))) {
		*slash = '\0';
		if (root_stat(root, *path ? path : "/", &st) == 0 && !(st.st_mode & S_IXOTH))
			return true;
	}
	return false;
}

/* What the resolver would have said of a file that root can read and not everyone; NULL: nothing. */
static const char *closed_to_others(struct asking *a, const char *path, unsigned *reason)
{
	const char *root = resolver_system(a->w->options.resolver)->root;
	char folder[PATH_MAX];
	struct stat st;

	if (root_stat(root, path, &st) < 0)
		return NULL;
	snprintf(folder, sizeof(folder), "%s", path);
	*reason = REASON_NOT_READABLE;
	if (!a->out->mapping.member_count && st.st_mode & (S_ISUID | S_ISGID))
		*reason = REASON_SET_ID;
	else if (st.st_mode & S_IROTH && closed_folder(root, folder))
		*reason = REASON_UNTRUSTED_FOLDER;
	if (*reason == REASON_UNTRUSTED_FOLDER)
		return arena_printf(a->arena, "'%s' lies below '%s'", path, *folder ? folder : "/");
	return arena_printf(a->arena, "'%s' has mode %04o", path, st.st_mode & 07777);
}

/*
 * As a user of its own it may see less than we do.  What is not there for us either made no
 * difference; else no answer that others' files could have changed is taken.
 */
static void refuse_denied(struct asking *a)
{
	unsigned reason = a->out->mapping.reason;
	const char *detail = NULL;
	size_t at;

	if (geteuid() != 0 || reason == REASON_SET_ID || reason == REASON_FILE_CAPABILITIES)
		return;
	for (at = 0; at < a->out->denied_count; at++)
		if ((detail = closed_to_others(a, a->out->denied[at], &reason)))
			break;
	if (detail)
		refuse(a, reason, detail, a->out->denied[at]);
}

static int conclude(struct asking *a, struct mapping *out, struct err *e)
{
	refuse_denied(a);
	*out = a->out->mapping;
	return a->out->code < 0 ? err_set(e, a->out->code, "%s", a->out->text) : 0;
}

/* The sentence, or NULL: it has killed nobody yet.  It lives as long as the workers. */
static const char *find_fatal(struct workers *w, const char *path)
{
	const char *why = NULL;

	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->fatal_count && !why; i++)
		if (!strcmp(w->fatal[i].path, path))
			why = w->fatal[i].why;
	pthread_mutex_unlock(&w->lock);
	return why;
}

static void add_fatal(struct workers *w, const char *path, const char *why)
{
	pthread_mutex_lock(&w->lock);
	w->fatal = array_grow(w->fatal, w->fatal_count, &w->fatal_capacity, sizeof(*w->fatal));
	w->fatal[w->fatal_count++] = (struct fatal){.path = xstrdup(path), .why = xstrdup(why)};
	pthread_mutex_unlock(&w->lock);
}

static void refuse_fatal(struct asking *a, const char *why)
{
	refuse(a, REASON_WORKER_DIED,
	       arena_printf(a->arena, "'%s': the process that resolved it %s", a->q->path, why),
	       a->q->path);
}

int workers_resolve(struct workers *w, const struct question *q, struct arena *a,
		    struct mapping *out, struct err *e)
{
	struct answer answer = {0};
	struct asking asking = {.w = w, .q = q, .arena = a, .out = &answer};
	const char *fatal = find_fatal(w, q->path);
	enum outcome result = fatal ? GUILTY : ask_crew(&asking);

	if (result == UNASKED)
		return resolve_program(w->options.resolver, q->path, q->flags, a, out, e);
	if (result == FAILED)
		result = ask_alone(&asking);
	if (result != ANSWERED && !fatal)
		add_fatal(w, q->path, asking.why);
	if (result != ANSWERED)
		refuse_fatal(&asking, fatal ? fatal : asking.why);
	return conclude(&asking, out, e);
}
