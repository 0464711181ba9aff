#include "epochd/roots.h"

#include "cache/catalogue.h"
#include "cache/store.h"

#include <errno.h>

const char *const engine_default_roots[] = {"/usr", "/opt", NULL};

static int read_chosen(struct roots *r, struct store *s, struct err *e)
{
	struct catalogue_read *read;
	const char **folders;
	int ret = catalogue_read_begin(&read, s, e);

	if (ret < 0)
		return ret;
	ret = catalogue_list_roots(read, &r->arena, &folders, &r->count, e);
	catalogue_read_end(read);
	if (ret < 0)
		return ret;
	r->folders = folders;
	r->chosen = r->count > 0;
	return 0;
}

int roots_read(struct roots *r, const char *store_dir, struct err *e)
{
	struct store *s;
	int ret;

	*r = (struct roots){0};
	ret = store_open(&s, store_dir, STORE_READ_ONLY, e);
	if (ret == 0) {
		ret = read_chosen(r, s, e);
		store_close(s);
	}
	if (ret < 0 && ret != -ENOENT)
		return ret;
	if (r->chosen)
		return 0;
	r->folders = engine_default_roots;
	for (r->count = 0; engine_default_roots[r->count];)
		r->count++;
	return 0;
}

void roots_release(struct roots *r)
{
	arena_release(&r->arena);
	*r = (struct roots){0};
}
