/*
 * unit_cache - the store: round trips, damage, crashes, a full disk
 *
 *	unit_cache DIR           all cases, in new folders below DIR
 *	unit_cache --small DIR   DIR is on a file system that is almost full
 *	unit_cache --read DIR    reads what the first left in DIR/round, as any user
 *	unit_cache --time DIR    how long a big epoch takes to save and to load
 *
 * Prints one line per failure and "N passed, N failed" at the end.
 */
#include "tests/unit_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void test_round_trip(void)
{
	struct arena a = ARENA_INIT;
	struct store *s = open_new("round", &a), *again = NULL;
	uint64_t id, current = 0;
	struct stat st;

	if (!s)
		return;
	id = store_id(s);
	CHECK(id != 0);
	CHECK(stat(store_dir(s), &st) == 0 && (st.st_mode & 0777) == (geteuid() ? 0700 : 0755));
	CHECK(publish_current(s, &current, &err) == -ENOENT);
	CHECK(begin_epoch(s, 1, &small) == 0);
	CHECK(epoch_is_whole(s, 1, &small));
	CHECK(begin_epoch(s, 1, &small) == -EEXIST);
	CHECK(publish_current(s, &current, &err) == 0 && current == 1);
	store_close(s);
	CHECK(store_open(&again, arena_printf(&a, "%s/round", base), STORE_READ_ONLY, &err) == 0);
	CHECK(again && store_id(again) == id && epoch_is_whole(again, 1, &small));
	CHECK(again && store_lock_exclusive(again, &err) == -EROFS);
	store_close(again);
	arena_release(&a);
}

static void test_ineligible_and_missing(void)
{
	struct arena a = ARENA_INIT;
	struct store *s = open_new("reason", &a);
	struct mapping m = {.path = "/usr/bin/static", .reason = 4, .detail = "no PT_INTERP"}, n;
	struct catalogue_get get = {.epoch = 3, .path = m.path, .arena = &a};
	struct catalogue_write *w;
	struct catalogue_read *r;
	char *longest = arena_alloc(&a, 3000);

	CHECK(catalogue_write_begin(&w, s, &err) == -EPERM);
	CHECK(store_lock_exclusive(s, &err) == 0 && catalogue_write_begin(&w, s, &err) == 0);
	CHECK(catalogue_put_mapping(w, &(struct catalogue_put){.epoch = 3, .mapping = &m}, &err) ==
	      0);
	memset(longest, 'x', 2999);
	longest[0] = '/';
	m.path = longest;
	CHECK(catalogue_put_mapping(w, &(struct catalogue_put){.epoch = 3, .mapping = &m}, &err) ==
	      0);
	CHECK(catalogue_write_commit(w, &err) == 0);
	CHECK(catalogue_read_begin(&r, s, &err) == 0);
	CHECK(catalogue_get_mapping(r, &get, &n, &err) == 0 && n.reason == 4 &&
	      !strcmp(n.detail, "no PT_INTERP") && n.member_count == 0);
	get.path = longest;
	CHECK(catalogue_get_mapping(r, &get, &n, &err) == 0 && !strcmp(n.path, longest));
	longest[2500] = 'y';
	CHECK(catalogue_get_mapping(r, &get, &n, &err) == -ENOENT);
	catalogue_read_end(r);
	store_unlock(s);
	store_close(s);
	arena_release(&a);
}

static int count_program(void *context, const struct catalogue_program *p, struct err *e)
{
	(void)e;
	if (p->member_count == small.closure && p->flags == PROGRAM_PUBLISHED)
		++*(unsigned *)context;
	return 0;
}

/* Tables do not depend on the program, and a copied program is the program. */
static void test_tables_and_copies(void)
{
	struct arena a = ARENA_INIT;
	struct store *s = open_new("tables", &a);
	uint8_t key[2][TABLE_KEY_BYTES], program_key[PROGRAM_KEY_BYTES] = "fifteen letters";
	struct catalogue_program record;
	struct catalogue_write *w;
	struct catalogue_read *r;
	struct mapping m, n;
	unsigned p, count = 0;
	uint64_t last;

	make_mapping(&m, &small, 0, &a);
	make_mapping(&n, &small, 1, &a);
	CHECK(catalogue_table_key(&m, 2, key[0], &err) == 0);
	CHECK(catalogue_table_key(&n, 2, key[1], &err) == 0);
	CHECK(memcmp(key[0], key[1], TABLE_KEY_BYTES) == 0);
	n.members[2].bindings[5].addend++;
	CHECK(catalogue_table_key(&n, 2, key[1], &err) == 0);
	CHECK(memcmp(key[0], key[1], TABLE_KEY_BYTES) != 0);
	CHECK(begin_epoch(s, 1, &small) == 0);
	store_lock_exclusive(s, &err);
	CHECK(catalogue_write_begin(&w, s, &err) == 0);
	for (p = 0; p < small.programs; p++) {
		struct catalogue_copy copy = {
		    .from = 1, .to = 2, .program_key = program_key, .flags = PROGRAM_PUBLISHED};

		copy.path = arena_printf(&a, "/usr/bin/program-%u", p);
		CHECK(catalogue_copy_program(w, &copy, &err) == 0);
		copy.path = "/usr/bin/nothing";
		CHECK(catalogue_copy_program(w, &copy, &err) == -ENOENT);
	}
	CHECK(catalogue_put_epoch(w, &(struct catalogue_epoch){.number = 2}, &err) == 0);
	CHECK(catalogue_write_commit(w, &err) == 0);
	CHECK(epoch_is_whole(s, 2, &small));
	CHECK(catalogue_read_begin(&r, s, &err) == 0);
	CHECK(catalogue_each_program(r, 2, count_program, &count, &err) == 0 &&
	      count == small.programs);
	CHECK(catalogue_get_program(r, 2, m.path, &a, &record, &err) == 0 &&
	      memcmp(record.key, program_key, sizeof(program_key)) == 0);
	CHECK(catalogue_last_epoch(r, &last, &err) == 0 && last == 2);
	catalogue_read_end(r);
	store_unlock(s);
	store_close(s);
	arena_release(&a);
}

static void test_epochs_roots_files(void)
{
	struct catalogue_reason_count reasons[] = {{4, 10}, {7, 3}};
	struct catalogue_epoch e7 = {.number = 7,
				     .parent = 6,
				     .begun_nsec = 5,
				     .taken_nsec = 9,
				     .bindings = 1ULL << 40,
				     .root = "/srv/root",
				     .note = "why",
				     .reasons = reasons,
				     .reason_count = 2,
				     .has_cache = 1,
				     .cpu_level = 3,
				     .cache = {.ino = 77}};
	struct catalogue_file files[3] = {{.path = "/b", .class = 2},
					  {.path = "/a", .class = 1, .extra = 5}};
	struct catalogue_epoch *epochs;
	struct catalogue_file *got;
	struct arena a = ARENA_INIT;
	struct store *s = open_new("small", &a);
	struct catalogue_write *w;
	struct catalogue_read *r;
	const char **roots;
	size_t n;
	int changed;

	CHECK(catalogue_add_root(s, "/opt", &changed, &err) == 0 && changed);
	CHECK(catalogue_add_root(s, "/opt", &changed, &err) == 0 && !changed);
	CHECK(catalogue_add_root(s, "opt", &changed, &err) == -EINVAL);
	CHECK(catalogue_add_root(s, "/a", &changed, &err) == 0 && changed);
	store_lock_exclusive(s, &err);
	CHECK(catalogue_write_begin(&w, s, &err) == 0 && catalogue_put_epoch(w, &e7, &err) == 0);
	CHECK(catalogue_put_files(w, files, 2, &err) == 0 && catalogue_write_commit(w, &err) == 0);
	files[1].path = "/c";
	CHECK(catalogue_write_begin(&w, s, &err) == 0 &&
	      catalogue_put_files(w, files, 2, &err) == 0);
	CHECK(catalogue_write_commit(w, &err) == 0);
	CHECK(catalogue_read_begin(&r, s, &err) == 0);
	CHECK(catalogue_list_roots(r, &a, &roots, &n, &err) == 0 && n == 2 &&
	      !strcmp(roots[0], "/a"));
	CHECK(catalogue_get_files(r, &a, &got, &n, &err) == 0 && n == 2);
	CHECK(n == 2 && !strcmp(got[1].path, "/c") && got[1].extra == 5 && got[1].class == 1);
	CHECK(catalogue_list_epochs(r, &a, &epochs, &n, &err) == 0 && n == 1);
	CHECK(n == 1 && epochs[0].number == 7 && epochs[0].bindings == 1ULL << 40 &&
	      epochs[0].reason_count == 2 && epochs[0].reasons[1].count == 3 &&
	      !strcmp(epochs[0].root, "/srv/root") && !strcmp(epochs[0].loader_file, "") &&
	      epochs[0].cache.ino == 77 && epochs[0].cpu_level == 3);
	catalogue_read_end(r);
	CHECK(catalogue_remove_root(s, "/opt", &changed, &err) == 0 && changed);
	CHECK(catalogue_remove_root(s, "/opt", &changed, &err) == 0 && !changed);
	store_unlock(s);
	store_close(s);
	arena_release(&a);
}

static void test_lock(void)
{
	struct arena a = ARENA_INIT;
	struct store *s = open_new("lock", &a);
	int status;
	pid_t pid;

	CHECK(store_lock_exclusive(s, &err) == 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct store *t;
		int rc = store_open(&t, arena_printf(&a, "%s/lock", base), STORE_CREATE, &err);

		if (rc == 0)
			rc = store_lock_exclusive(t, &err);
		_exit(rc == -EBUSY && strstr(err.text, "process") ? 0 : 1);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	store_unlock(s);
	store_close(s);
	arena_release(&a);
}

static void test_gc(void)
{
	struct arena a = ARENA_INIT;
	struct store *s = open_new("gc", &a);
	struct shape other = {.programs = 3, .libraries = 9, .closure = 7, .bindings = 11};
	struct gc_result result;
	void *map;
	int fd;

	CHECK(begin_epoch(s, 1, &other) == 0 && begin_epoch(s, 2, &small) == 0);
	CHECK(begin_epoch(s, 3, &small) == 0 && begin_epoch(s, 4, &small) == 0);
	fd = open(arena_printf(&a, "%s/epochs/2/pages", store_dir(s)), O_RDONLY | O_CLOEXEC);
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	CHECK(map != MAP_FAILED);
	CHECK(gc_run(s, &(struct gc_options){.keep = 1, .dry_run = 1}, &result, &err) == 0);
	CHECK(publish_is_sealed(s, 1));
	CHECK(gc_run(s, &(struct gc_options){.keep = 1}, &result, &err) == 0);
	CHECK(publish_is_sealed(s, 2) && publish_is_sealed(s, 4));
	if (result.epochs_in_use == 1) /* every process could be looked at */
		CHECK(!publish_is_sealed(s, 1) && !publish_is_sealed(s, 3) &&
		      result.tables_removed);
	CHECK(epoch_is_whole(s, 4, &small) && epoch_is_whole(s, 2, &small));
	munmap(map, 4096);
	CHECK(publish_switch(s, 2, &err) == 0);
	CHECK(gc_run(s, &(struct gc_options){.keep = 1}, &result, &err) == 0);
	CHECK(publish_is_sealed(s, 2) && publish_is_sealed(s, 4));
	CHECK(publish_withdraw(s, &err) == 0 && publish_withdraw(s, &err) == 0);
	store_close(s);
	arena_release(&a);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void measure(void)
{
	struct shape big = {.programs = 1200, .libraries = 2200, .closure = 30, .bindings = 600};
	struct arena a = ARENA_INIT;
	struct store *s = open_new("time", &a);
	struct gc_result result;
	struct mapping m;
	double t = now(), made;
	unsigned p;

	for (p = 0; p < big.programs; p++) {
		make_mapping(&m, &big, p, &a);
		arena_release(&a);
	}
	made = now() - t;
	store_lock_exclusive(s, &err);
	t = now();
	CHECK(save_epoch(s, 1, &big) == 0);
	printf("save:  %.2f s (%u programs; making them up: %.2f s of it)\n", now() - t,
	       big.programs, made);
	t = now();
	CHECK(save_epoch(s, 2, &big) == 0);
	printf("again: %.2f s (nothing new)\n", now() - t);
	t = now();
	CHECK(epoch_is_whole(s, 2, &big));
	printf("load:  %.2f s (the same %.2f s of it)\n", now() - t, made);
	t = now();
	CHECK(save_epoch(s, 3, &small) == 0 &&
	      gc_run(s, &(struct gc_options){.keep = 1}, &result, &err) == 0);
	printf("gc:    %.2f s (%llu tables, %llu strings removed)\n", now() - t,
	       (unsigned long long)result.tables_removed,
	       (unsigned long long)result.strings_removed);
	printf("size:  %.1f MB\n", (double)store_catalogue_bytes(s) / 1e6);
	store_close(s);
	arena_release(&a);
}

/* Whoever may not write the lock file reads all the same. */
static void test_read(void)
{
	struct arena a = ARENA_INIT;
	struct store *s = NULL;

	CHECK(store_open(&s, arena_printf(&a, "%s/round", base), STORE_READ_ONLY, &err) == 0);
	CHECK(s && epoch_is_whole(s, 1, &small));
	store_close(s);
	CHECK(store_open(&s, arena_printf(&a, "%s/round", base), 0, &err) < 0);
	arena_release(&a);
}

int main(int argc, char **argv)
{
	base = argv[argc - 1];
	if (argc == 3 && strcmp(argv[1], "--small") == 0) {
		test_full_disk();
	} else if (argc == 3 && strcmp(argv[1], "--read") == 0) {
		test_read();
	} else if (argc == 3 && strcmp(argv[1], "--time") == 0) {
		measure();
	} else if (argc == 2) {
		test_round_trip();
		test_ineligible_and_missing();
		test_tables_and_copies();
		test_epochs_roots_files();
		test_damage();
		test_damaged_pages();
		test_foreign_files();
		test_lock();
		test_gc();
		test_kill();
#ifndef __SANITIZE_ADDRESS__ /* its shadow alone is larger than the limit */
		test_little_memory();
#endif
	} else {
		fprintf(stderr, "usage: unit_cache [--small|--read|--time] DIR\n");
		return 2;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
