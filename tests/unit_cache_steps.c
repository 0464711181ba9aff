/* unit_cache_steps.c - an epoch is saved, published, made current, and looked at again */
#include "tests/unit_cache.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const struct shape small = {.programs = 5, .libraries = 6, .closure = 4, .bindings = 40};
const char *base;
unsigned passed, failed;
struct err err;

char *new_dir(const char *name, struct arena *a)
{
	char *dir = arena_printf(a, "%s/%s", base, name);

	file_remove_tree(AT_FDCWD, dir, NULL);
	return dir;
}

int save_epoch(struct store *s, uint64_t number, const struct shape *shape)
{
	struct catalogue_epoch epoch = {.number = number,
					.parent = number - 1,
					.programs = shape->programs,
					.note = "test",
					.loader_file = "loader-a"};
	struct arena a = ARENA_INIT;
	struct catalogue_write *w;
	struct mapping m;
	unsigned p;
	int rc = catalogue_write_begin(&w, s, &err);

	if (rc < 0)
		return rc;
	for (p = 0; p < shape->programs && rc == 0; p++) {
		make_mapping(&m, shape, p, &a);
		rc = catalogue_put_mapping(
		    w, &(struct catalogue_put){.epoch = number, .mapping = &m}, &err);
		arena_release(&a);
	}
	if (rc == 0)
		rc = catalogue_put_epoch(w, &epoch, &err);
	if (rc < 0)
		catalogue_write_abort(w);
	else
		rc = catalogue_write_commit(w, &err);
	return rc;
}

int publish_epoch(struct store *s, uint64_t number, const void *pages, size_t bytes)
{
	struct publish_file f = {.place = PUBLISH_EPOCH, .name = "pages", .bytes = bytes};
	struct publish_file image = {.place = PUBLISH_PROGRAM, .data = &number, .bytes = 8};
	struct publish_file loader = {.place = PUBLISH_LOADER,
				      .name = "loader-a",
				      .data = "loader",
				      .bytes = 6,
				      .executable = 1};
	struct publish *p;
	char name[32];
	int fd, i, rc = publish_begin(&p, s, number, &err);

	if (rc < 0)
		return rc;
	rc = publish_create(p, &f, &fd, &err);
	if (rc == 0) {
		rc = file_pwrite_all(fd, pages, bytes, 0);
		close(fd);
	}
	for (i = 0; i < 5 && rc == 0; i++) {
		sprintf(name, "%d", i);
		image.name = name;
		rc = publish_put(p, &image, &err);
	}
	if (rc == 0)
		rc = publish_put(p, &loader, &err);
	if (rc < 0) {
		publish_abort(p);
		return rc;
	}
	return publish_seal(p, &err);
}

int begin_epoch(struct store *s, uint64_t number, const struct shape *shape)
{
	static char pages[65536];
	int rc = store_lock_exclusive(s, &err);

	if (rc < 0)
		return rc;
	memset(pages, (int)number, sizeof(pages));
	rc = publish_epoch(s, number, pages, sizeof(pages));
	if (rc == 0) {
		rc = save_epoch(s, number, shape);
		if (rc < 0)
			publish_discard(s, number, NULL);
	}
	if (rc == 0)
		rc = publish_switch(s, number, &err);
	store_unlock(s);
	return rc;
}

struct store *open_new(const char *name, struct arena *a)
{
	struct store *s = NULL;

	CHECK(store_open(&s, new_dir(name, a), STORE_CREATE, &err) == 0);
	return s;
}

int epoch_is_whole(struct store *s, uint64_t number, const struct shape *shape)
{
	struct arena a = ARENA_INIT;
	struct catalogue_read *r;
	struct mapping m, n;
	unsigned p;
	int whole = 1;

	if (catalogue_read_begin(&r, s, &err) < 0)
		return 0;
	for (p = 0; p < shape->programs && whole; p++) {
		struct catalogue_get get = {.epoch = number, .arena = &a};

		make_mapping(&m, shape, p, &a);
		get.path = m.path;
		whole = catalogue_get_mapping(r, &get, &n, &err) == 0 && same_mapping(&m, &n);
		arena_release(&a);
	}
	catalogue_read_end(r);
	return whole;
}
