#include "epochd/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What an epoch has: paths in the order of the walk, which is nearly that of their names. */
struct paths {
	const char **list; /* owned; strings in the diff's arena */
	size_t count, capacity;
};

struct walk {
	struct diff *d;
	struct comparison comparison;
	struct comparison reverse; /* what is hidden there and not here */
	struct paths old_programs, now_programs;
	struct diff_library *libraries; /* by path, open addressing; path NULL: free; owned */
	size_t library_count, library_slots;
};

static void add_path(struct paths *p, const char *path, struct arena *a)
{
	p->list = array_grow(p->list, p->count, &p->capacity, sizeof(char *));
	p->list[p->count++] = arena_strdup(a, path);
}

static int by_path(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* ---- libraries ---- */

static struct diff_library *library_place(struct diff_library *slots, size_t count, const char *path)
{
	size_t at = catalogue_string_key(path) & (count - 1);

	while (slots[at].path && strcmp(slots[at].path, path))
		at = (at + 1) & (count - 1);
	return &slots[at];
}

static void grow_libraries(struct walk *w)
{
	size_t slots = w->library_slots ? w->library_slots * 2 : 4096;
	struct diff_library *new = xcalloc(slots, sizeof(*new));

	for (size_t i = 0; i < w->library_slots; i++)
		if (w->libraries[i].path)
			*library_place(new, slots, w->libraries[i].path) = w->libraries[i];
	free(w->libraries);
	w->libraries = new;
	w->library_slots = slots;
}

static int note_libraries(struct walk *w, struct stored *s, const struct catalogue_program *p,
			  struct err *e)
{
	const struct catalogue_object *o;
	int ret = 0;

	for (size_t i = 1; ret == 0 && i < p->member_count; i++) {
		struct diff_library *l;

		ret = stored_object(s, p->members[i].object_record, &o, e);
		if (ret < 0)
			break;
		if (w->library_count * 2 >= w->library_slots)
			grow_libraries(w);
		l = library_place(w->libraries, w->library_slots, o->path);
		w->library_count += !l->path;
		l->path = o->path;
		*(s == &w->d->old ? &l->old : &l->now) = o;
	}
	return ret;
}

static int library_by_path(const void *left, const void *right)
{
	const struct diff_library *a = left, *b = right;

	return strcmp(a->path, b->path);
}

static void list_libraries(struct walk *w)
{
	struct diff *d = w->d;

	d->libraries = arena_alloc(&d->arena, (w->library_count + 1) * sizeof(*d->libraries));
	for (size_t i = 0; i < w->library_slots; i++) {
		const struct diff_library *l = &w->libraries[i];

		if (l->path && (!l->old || !l->now || l->old->object_key != l->now->object_key))
			d->libraries[d->library_count++] = *l;
	}
	qsort(d->libraries, d->library_count, sizeof(*d->libraries), library_by_path);
}

/* ---- programs ---- */

static bool same_objects(const struct compare_program *a,
			 const struct compare_program *b)
{
	if (a->reason != b->reason || a->member_count != b->member_count)
		return false;
	for (size_t i = 0; i < a->member_count; i++)
		if (a->members[i].object_key != b->members[i].object_key ||
		    memcmp(a->members[i].table, b->members[i].table, TABLE_KEY_BYTES))
			return false;
	return true;
}

static int look_at_old(void *context, const struct catalogue_program *p, struct err *e)
{
	struct walk *w = context;

	add_path(&w->old_programs, p->path, &w->d->arena);
	return note_libraries(w, &w->d->old, p, e);
}

static int look_at_now(void *context, const struct catalogue_program *p, struct err *e)
{
	struct walk *w = context;
	struct compare_program old, now;
	struct arena a = ARENA_INIT;
	int ret = note_libraries(w, &w->d->now, p, e);

	add_path(&w->now_programs, p->path, &w->d->arena);
	if (ret == 0)
		ret = stored_view(&w->d->now, p, &a, &now, e);
	if (ret == 0)
		ret = stored_program(&w->d->old, p->path, &a, &old, e);
	if (ret == 0 && !same_objects(&old, &now)) {
		w->d->changed_count++;
		ret = comparison_program(&w->comparison, &old, &now, e);
		if (ret == 0)
			ret = comparison_program(&w->reverse, &now, &old, e);
	} else if (ret == -ENOENT) {
		ret = 0; /* a new one */
	}
	arena_release(&a);
	return ret;
}

/* Those of `a` that `b` does not have. */
static size_t only_in(const struct paths *a, const struct paths *b, const char **out)
{
	size_t n = 0;

	for (size_t i = 0, k = 0; i < a->count; i++) {
		while (k < b->count && strcmp(b->list[k], a->list[i]) < 0)
			k++;
		if (k == b->count || strcmp(b->list[k], a->list[i]))
			out[n++] = a->list[i];
	}
	return n;
}

static void list_programs(struct walk *w)
{
	struct paths *old = &w->old_programs, *now = &w->now_programs;
	struct diff *d = w->d;

	if (old->count)
		qsort(old->list, old->count, sizeof(char *), by_path);
	if (now->count)
		qsort(now->list, now->count, sizeof(char *), by_path);
	d->added = arena_alloc(&d->arena, (now->count + 1) * sizeof(char *));
	d->removed = arena_alloc(&d->arena, (old->count + 1) * sizeof(char *));
	d->added_count = only_in(now, old, d->added);
	d->removed_count = only_in(old, now, d->removed);
}

static int compare_epochs(struct diff *d, struct err *e)
{
	struct walk w = {.d = d};
	struct findings findings;
	int ret;

	findings_init(&findings);
	comparison_init(&w.comparison, &findings);
	comparison_init(&w.reverse, &findings);
	w.reverse.hidden = FINDING_UNSHADOWED;
	w.reverse.only_hidden = true;
	ret = catalogue_each_program(d->old.read, d->old.number, look_at_old, &w, e);
	if (ret == 0)
		ret = catalogue_each_program(d->now.read, d->now.number, look_at_now, &w, e);
	if (ret == 0) {
		list_programs(&w);
		list_libraries(&w);
		findings_list(&findings, &d->arena, &d->findings);
		d->findings.against = d->old.number;
	}
	free(w.old_programs.list);
	free(w.now_programs.list);
	free(w.libraries);
	comparison_release(&w.comparison);
	comparison_release(&w.reverse);
	findings_release(&findings);
	return ret;
}

int diff_epochs(struct diff *d, struct store *s, uint64_t old, uint64_t now, struct err *e)
{
	int ret;

	*d = (struct diff){0};
	ret = stored_open(&d->old, s, old, e);
	if (ret == 0)
		ret = stored_open(&d->now, s, now, e);
	if (ret == 0)
		ret = compare_epochs(d, e);
	if (ret < 0)
		diff_release(d);
	return ret;
}

void diff_release(struct diff *d)
{
	stored_close(&d->old);
	stored_close(&d->now);
	arena_release(&d->arena);
	*d = (struct diff){0};
}
