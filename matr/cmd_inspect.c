/* matr inspect: what a program is bound to, from the store or resolved now. */
#include "matr/matr.h"
#include "matr/program_path.h"

#include "cache/catalogue.h"
#include "cache/publish.h"
#include "common/out.h"
#include "epochd/policy.h"
#include "image/reason.h"
#include "inspect/inspect.h"
#include "matr-ld/object.h"
#include "matr-ld/resolve.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct run {
	struct matr_options *o;
	struct inspect_request request;
	const char *file;   /* the operand */
	const char *path;   /* canonical */
	bool now;	    /* do not ask the store */
	struct arena arena; /* the mapping, when it comes from the store; texts */
	struct mapping mapping;
	int published;	    /* layout of its image in the epoch; -1: the epoch was not asked */
	struct resolver *resolver; /* the mapping points into it, when it was resolved now */
};

/* ---- from the store ---- */

static bool unchanged(const struct member *m, bool portable)
{
	struct identity id;
	struct stat st;

	if (stat(m->path, &st) < 0)
		return false;
	identity_from_stat(&id, &st);
	return identity_holds(&id, &m->identity, portable);
}

/*
 * The current epoch's mapping, if it still holds.  NULL: it is in r->mapping;
 * else why it cannot be used, for the line that says what was done instead.
 */
static const char *look_into(struct run *r, struct store *s, struct catalogue_read *snapshot)
{
	struct catalogue_get get = {.path = r->path, .arena = &r->arena};
	struct catalogue_program record;
	struct catalogue_epoch epoch;
	struct err e = ERR_INIT;
	size_t i;

	if (publish_current(s, &get.epoch, NULL) < 0)
		return arena_printf(&r->arena, "no epoch is current in %s", store_dir(s));
	if (catalogue_get_epoch(snapshot, get.epoch, &r->arena, &epoch, &e) < 0)
		return arena_strdup(&r->arena, e.text);
	if (epoch.root[0])
		return arena_printf(&r->arena, "epoch %llu is of the system in %s",
				    (unsigned long long)get.epoch, epoch.root);
	if (r->request.view == INSPECT_CLOSURE)
		get.flags = CATALOGUE_NO_BINDINGS;
	if (catalogue_get_mapping(snapshot, &get, &r->mapping, &e) < 0)
		return arena_strdup(&r->arena, e.text);
	if (!r->mapping.member_count)
		return arena_printf(&r->arena, "epoch %llu knows only the reason",
				    (unsigned long long)get.epoch);
	for (i = 0; i < r->mapping.member_count; i++)
		if (!unchanged(&r->mapping.members[i], store_is_portable(s)))
			return arena_printf(&r->arena, "'%s' has changed since epoch %llu",
					    r->mapping.members[i].path,
					    (unsigned long long)get.epoch);
	if (catalogue_get_program(snapshot, get.epoch, r->path, &r->arena, &record, NULL) == 0)
		r->published = record.flags & PROGRAM_LAYOUT_EXEC ? POLICY_EXEC : POLICY_EPOCH;
	r->request.source = arena_printf(&r->arena, "epoch %llu of %s",
					 (unsigned long long)get.epoch, store_dir(s));
	return NULL;
}

static const char *from_store(struct run *r)
{
	struct catalogue_read *snapshot;
	struct err e = ERR_INIT;
	struct store *s;
	const char *why;

	if (r->now)
		return "as asked";
	if (r->request.view == INSPECT_SHADOWED)
		return "the store does not keep what was shadowed";
	if (store_open(&s, r->o->store, STORE_READ_ONLY, &e) < 0)
		return arena_strdup(&r->arena, e.text);
	if (catalogue_read_begin(&snapshot, s, &e) < 0) {
		why = arena_strdup(&r->arena, e.text);
	} else {
		why = look_into(r, s, snapshot);
		catalogue_read_end(snapshot);
	}
	store_close(s);
	return why;
}

/* ---- resolved now ---- */

static int resolve(struct run *r, unsigned more, struct err *e)
{
	unsigned flags = more;

	if (r->request.view == INSPECT_SHADOWED)
		flags |= RESOLVE_SHADOWS;
	if (r->request.view == INSPECT_CLOSURE)
		flags |= RESOLVE_CLOSURE_ONLY;
	return resolve_program(r->resolver, r->path, flags, &r->arena, &r->mapping, e);
}

/*
 * A program that is refused for its permissions, before anything is resolved,
 * has bindings all the same: they are shown, with the reason.
 */
static int resolve_in_spite(struct run *r, struct err *e)
{
	unsigned reason = r->mapping.reason;
	const char *detail = r->mapping.detail;
	int rc;

	if (reason != REASON_SET_ID && reason != REASON_FILE_CAPABILITIES &&
	    reason != REASON_NOT_READABLE)
		return 0;
	rc = resolve(r, RESOLVE_ANY_PERMISSION, e);
	if (rc == 0 && !r->mapping.reason) {
		r->mapping.reason = reason;
		r->mapping.detail = detail;
	}
	return rc;
}

/* A file that is no program at all has no mapping, but it has a reason. */
static int resolve_nothing(struct run *r, struct err *e)
{
	unsigned reason = REASON_NONE;
	struct object *o;
	int rc = object_open(&o, "", r->path, &reason, e);

	if (rc == 0)
		object_free(o);
	if (rc == 0 || reason == REASON_NONE)
		return rc;
	r->mapping = (struct mapping){.path = r->path, .reason = reason};
	r->mapping.detail = arena_strdup(&r->arena, e->text);
	return 0;
}

static int resolve_now(struct run *r, const char *why)
{
	struct err e = ERR_INIT;
	int rc = resolver_open(&r->resolver, &(struct resolver_options){.root = ""}, &e);

	if (rc == 0)
		rc = resolve(r, 0, &e);
	if (rc == 0)
		rc = resolve_in_spite(r, &e);
	if (rc == -ENOEXEC || rc == -EBADMSG)
		rc = resolve_nothing(r, &e);
	if (rc < 0) {
		matr_error("%s", e.text);
		return MATR_FAILED;
	}
	r->request.source = arena_printf(&r->arena, "resolved now: %s", why);
	return MATR_OK;
}

/* ---- showing ---- */

/* The layout that its image has, and what matr.conf says now: the next epoch follows that. */
static void find_layout(struct run *r)
{
	struct policy policy;
	struct err e = ERR_INIT;
	enum policy_layout now;
	const char *source;

	if (policy_read(&policy, &(struct policy_request){.store_dir = r->o->store, .override = -1},
			&e) < 0) {
		matr_note(r->o, "%s", e.text);
		return;
	}
	now = policy_for(&policy, r->path);
	source = policy_source(&policy, r->path);
	r->request.layout = policy_layout_name(r->published < 0 ? now : (enum policy_layout)r->published);
	if (r->published < 0 || r->published == (int)now)
		r->request.layout_from = arena_strdup(&r->arena, source);
	else
		r->request.layout_from = arena_printf(&r->arena, "from the next epoch on %s: %s",
						      policy_layout_name(now), source);
	policy_release(&policy);
}

/* An ineligible program is told with its reason, whatever the view is. */
static void tell_reason(const struct run *r)
{
	const struct mapping *m = &r->mapping;

	if (!m->reason || r->request.view == INSPECT_SUMMARY || r->o->json)
		return;
	matr_error("'%s' takes the stock path: %s: %s%s%s%s", m->path, reason_name(m->reason),
		   reason_sentence(m->reason), m->detail ? " (" : "", m->detail ? m->detail : "",
		   m->detail ? ")" : "");
}

static int show(struct run *r)
{
	const struct inspect_request *q = &r->request;
	bool filtered = q->symbol || q->object || q->provider;
	struct out out;
	size_t rows;

	out_init(&out, stdout);
	matr_note(r->o, "source: %s", q->source);
	tell_reason(r);
	rows = r->o->json ? inspect_json(q, stdout) : inspect_text(q, &out);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		matr_error("cannot write the result: %s", strerror(errno));
		return MATR_FAILED;
	}
	if (rows || q->view == INSPECT_SUMMARY)
		return MATR_OK;
	matr_note(r->o, filtered ? "nothing matches" : "nothing to show");
	return filtered ? MATR_NO : MATR_OK;
}

/* ---- options ---- */

enum { OPT_NOW = 256, OPT_JSON, OPT_SYMBOL, OPT_OBJECT, OPT_PROVIDER, OPT_VIEW };

static const struct option options[] = {
    {"summary", no_argument, NULL, OPT_VIEW + INSPECT_SUMMARY},
    {"closure", no_argument, NULL, OPT_VIEW + INSPECT_CLOSURE},
    {"bindings", no_argument, NULL, OPT_VIEW + INSPECT_BINDINGS},
    {"unresolved", no_argument, NULL, OPT_VIEW + INSPECT_UNRESOLVED},
    {"shadowed", no_argument, NULL, OPT_VIEW + INSPECT_SHADOWED},
    {"unused", no_argument, NULL, OPT_VIEW + INSPECT_UNUSED},
    {"symbol", required_argument, NULL, OPT_SYMBOL},
    {"object", required_argument, NULL, OPT_OBJECT},
    {"provider", required_argument, NULL, OPT_PROVIDER},
    {"now", no_argument, NULL, OPT_NOW},
    {"json", no_argument, NULL, OPT_JSON},
    {0},
};

static int read_option(struct run *r, int option, int *view, char **argv)
{
	switch (option) {
	case OPT_NOW:
		r->now = true;
		return MATR_OK;
	case OPT_JSON:
		r->o->json = true;
		return MATR_OK;
	case OPT_SYMBOL:
		r->request.symbol = optarg;
		return MATR_OK;
	case OPT_OBJECT:
		r->request.object = optarg;
		return MATR_OK;
	case OPT_PROVIDER:
		r->request.provider = optarg;
		return MATR_OK;
	case '?':
	case ':':
		return matr_wrong_option(option, argv);
	}
	if (*view >= 0 && *view != option - OPT_VIEW)
		return matr_usage_error(argv[0], "inspect: only one view at a time");
	*view = option - OPT_VIEW;
	return MATR_OK;
}

static bool takes_filters(enum inspect_view v)
{
	return v == INSPECT_BINDINGS || v == INSPECT_UNRESOLVED || v == INSPECT_SHADOWED;
}

static int read_options(struct run *r, int argc, char **argv)
{
	const struct inspect_request *q = &r->request;
	int option, view = -1, rc;
	bool filtered;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		rc = read_option(r, option, &view, argv);
		if (rc != MATR_OK)
			return rc;
	}
	if (argc - optind != 1)
		return matr_usage_error(argv[0], "inspect: %s",
					argc == optind ? "name a program"
						       : "one program at a time");
	r->file = argv[optind];
	/* A filter alone asks for bindings. */
	filtered = q->symbol || q->object || q->provider;
	if (view < 0)
		view = filtered ? INSPECT_BINDINGS : INSPECT_SUMMARY;
	r->request.view = (enum inspect_view)view;
	if (filtered && !takes_filters(r->request.view))
		return matr_usage_error(argv[0], "inspect: --symbol, --object and --provider narrow "
						 "--bindings, --unresolved and --shadowed only");
	return MATR_OK;
}

int cmd_inspect(int argc, char **argv, struct matr_options *o)
{
	struct run r = {.o = o, .published = -1};
	struct err e = ERR_INIT;
	const char *why;
	int status = read_options(&r, argc, argv);

	if (status != MATR_OK)
		return status;
	r.request.mapping = &r.mapping;
	if (program_operand(&r.path, r.file, &r.arena, &e) < 0) {
		matr_error("%s", e.text);
		arena_release(&r.arena);
		return MATR_FAILED;
	}
	why = from_store(&r);
	if (why)
		status = resolve_now(&r, why);
	if (status == MATR_OK) {
		find_layout(&r);
		status = show(&r);
	}
	if (r.resolver)
		resolver_close(r.resolver);
	arena_release(&r.arena);
	return status;
}
