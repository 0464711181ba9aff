#include "epochd/preflight.h"

#include "epochd/owner.h"
#include "epochd/referrers.h"
#include "epochd/stored.h"
#include "image/reason.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct preflight {
	pthread_mutex_t lock; /* over everything below */
	struct stored last;
	struct findings findings;
	struct comparison comparison;
	struct exports *exports; /* not owned */
	struct referrers referrers;
	char *folder;
};

int preflight_open(struct preflight **out, const struct preflight_options *options, struct err *e)
{
	struct preflight *p;
	int ret;

	*out = NULL;
	if (!options->against)
		return 0;
	p = xcalloc(1, sizeof(*p));
	pthread_mutex_init(&p->lock, NULL);
	findings_init(&p->findings);
	comparison_init(&p->comparison, &p->findings);
	p->folder = xstrdup(options->folder);
	p->exports = options->exports;
	ret = stored_open(&p->last, options->store, options->against, e);
	if (ret == 0 && !strcmp(p->last.epoch.root, options->root)) {
		*out = p;
		return 0;
	}
	preflight_close(p);
	/* An epoch that is gone or damaged is no reason not to begin the next one. */
	return ret == -ENOMEM ? ret : 0;
}

void preflight_close(struct preflight *p)
{
	if (!p)
		return;
	if (p->last.read)
		stored_close(&p->last);
	comparison_release(&p->comparison);
	referrers_release(&p->referrers);
	findings_release(&p->findings);
	pthread_mutex_destroy(&p->lock);
	free(p->folder);
	free(p);
}

/* ---- the new side: a mapping that was just made ---- */

struct fresh {
	struct preflight *preflight;
	const struct mapping *mapping;
	struct buf table;
	size_t member; /* whose table was got last */
};

static int get_table(void *context, const struct compare_program *p, size_t member,
		     struct catalogue_table *out, struct err *e)
{
	struct fresh *f = context;

	(void)p;
	f->member = member;
	return catalogue_view_table(f->mapping, member, &f->table, out, e);
}

static int get_names(void *context, size_t i, const char **symbol, const char **version,
		     struct err *e)
{
	const struct fresh *f = context;
	const struct binding *b = &f->mapping->members[f->member].bindings[i];

	(void)e;
	*symbol = b->symbol ? b->symbol : "";
	*version = b->version;
	return 0;
}

static int get_exports(void *context, const struct compare_program *p, size_t member,
		       struct catalogue_exports *out, struct err *e)
{
	const struct fresh *f = context;

	(void)p;
	(void)e;
	return exports_find(f->preflight->exports, f->mapping->members[member].object_key, out)
		       ? 0
		       : -ENOENT;
}

static bool may_refer(void *context, const struct compare_program *p, size_t member,
		      const struct catalogue_exports *symbols, size_t number)
{
	const struct fresh *f = context;
	const struct object *o = f->mapping->members[member].object;

	(void)p;
	return !o || referrers_ask(&f->preflight->referrers, o, symbols, number);
}

static const struct compare_tables fresh_tables = {
	.get = get_table, .names = get_names, .exports = get_exports, .may_refer = may_refer};

static void view(struct fresh *f, const uint8_t (*keys)[TABLE_KEY_BYTES], struct arena *a,
		 struct compare_program *out)
{
	const struct mapping *m = f->mapping;
	struct compare_member *members = arena_alloc(a, (m->member_count + 1) * sizeof(*members));

	for (size_t i = 0; i < m->member_count; i++)
		members[i] = (struct compare_member){.object_key = m->members[i].object_key,
						     .path = m->members[i].path,
						     .soname = m->members[i].soname,
						     .request = m->members[i].request,
						     .table = keys[i]};
	*out = (struct compare_program){.path = m->path,
					.reason = m->reason,
					.detail = m->detail,
					.members = members,
					.member_count = m->member_count,
					.tables = &fresh_tables,
					.context = f};
}

int preflight_look(struct preflight *p, const struct mapping *m,
		   const uint8_t (*keys)[TABLE_KEY_BYTES], struct err *e)
{
	struct fresh fresh = {.preflight = p, .mapping = m};
	struct compare_program old, now;
	struct arena a = ARENA_INIT;
	int ret;

	if (!p)
		return 0;
	view(&fresh, keys, &a, &now);
	pthread_mutex_lock(&p->lock);
	ret = stored_program(&p->last, m->path, &a, &old, NULL);
	if (ret == 0)
		ret = comparison_program(&p->comparison, &old, &now, e);
	else
		ret = 0; /* a new program, or a record that cannot be read: nothing to compare with */
	pthread_mutex_unlock(&p->lock);
	buf_release(&fresh.table);
	arena_release(&a);
	return ret;
}

/* ---- who owns what is missing ---- */

static bool is_trouble(const struct catalogue_finding *f)
{
	return f->kind == FINDING_BROKEN || f->kind == FINDING_CALL_FAILS;
}

static const char *if_path(const char *s) { return s && s[0] == '/' ? s : NULL; }

/* The questions that a finding asks: its own two, then one for each program that is listed. */
static size_t ask(const struct catalogue_finding *f, struct owner_query *q)
{
	if (!is_trouble(f))
		return 0;
	if (q) {
		q[0].path = if_path(f->from);
		q[1].path = if_path(f->requirer);
		for (size_t i = 0; i < f->listed_programs; i++)
			q[2 + i].path = f->programs[i];
	}
	return 2 + f->listed_programs;
}

static void answer(struct catalogue_finding *f, const struct owner_query *q, const char *root,
		   struct arena *a)
{
	f->package = q[0].package;
	f->requirer_package = q[1].package;
	for (size_t i = 0; i < f->listed_programs; i++)
		f->program_packages[i] = q[2 + i].package;
	if (f->package || f->reason != REASON_LIBRARY_MISSING || !f->subject)
		return;
	f->package = owner_gone(root, f->subject, q + 1, 1 + f->listed_programs, a);
	f->package_gone = f->package != NULL;
}

static void find_packages(struct catalogue_findings *f, const char *root, struct arena *a)
{
	struct owner_query *q;
	size_t count = 0, at = 0, n;

	for (size_t i = 0; i < f->count; i++)
		count += ask(&f->list[i], NULL);
	if (!count)
		return;
	q = xcalloc(count, sizeof(*q));
	for (size_t i = 0; i < f->count; i++)
		at += ask(&f->list[i], q + at);
	owner_find(root, q, count, a);
	at = 0;
	for (size_t i = 0; i < f->count; i++, at += n) {
		n = ask(&f->list[i], NULL);
		if (n)
			answer(&f->list[i], q + at, root, a);
	}
	free(q);
}

void preflight_finish(struct preflight *p, struct arena *a, struct catalogue_findings *out)
{
	*out = (struct catalogue_findings){0};
	if (!p)
		return;
	findings_list(&p->findings, a, out);
	out->against = p->last.number;
	find_packages(out, p->folder, a);
}
