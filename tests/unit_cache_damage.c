/* unit_cache_damage.c - damaged and foreign files, kill -9, full disks, little memory */
#include "tests/unit_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* Every byte of the records flipped in turn: an error or the truth, never a crash or a lie. */
void test_damage(void)
{
	struct arena a = ARENA_INIT;
	struct store *s = open_new("damage", &a), *again = NULL;
	static const struct shape tiny = {
	    .programs = 1, .libraries = 3, .closure = 3, .bindings = 9};
	static const char *const marks[] = {"/usr/bin/program-0", "/usr/lib/lib2.so", "GLIBC_2.2.5",
					    "_ZN76symbol4Ev"};
	char *path = arena_printf(&a, "%s/damage/cache.mdb", base);
	struct buf b = BUF_INIT;
	unsigned found = 0;
	size_t i, k, at;
	int fd;

	CHECK(begin_epoch(s, 1, &tiny) == 0);
	store_close(s);
	CHECK(file_read(AT_FDCWD, path, 0, &b, &err) == 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	for (k = 0; k < 4; k++) {
		const char *p = b.data + 8192, *end = b.data + b.used;
		size_t n = strlen(marks[k]);

		/* Behind the key's page header; every place where the text stands in a record. */
		while ((p = memmem(p, (size_t)(end - p), marks[k], n))) {
			at = (size_t)(p - b.data);
			for (i = 0; i < n; i++) {
				char flipped = (char)(b.data[at + i] ^ 0x20);

				CHECK(pwrite(fd, &flipped, 1, (off_t)(at + i)) == 1);
				CHECK(store_open(&again, arena_printf(&a, "%s/damage", base),
						 STORE_READ_ONLY, &err) == 0);
				found += !epoch_is_whole(again, 1, &tiny);
				store_close(again);
				CHECK(pwrite(fd, b.data + at + i, 1, (off_t)(at + i)) == 1);
			}
			p += n;
		}
	}
	CHECK(found > 20);
	close(fd);
	buf_release(&b);
	arena_release(&a);
}

/* Looks at everything in the store; in a child, since a crash is what must not happen. */
static int survives(const char *dir, const struct shape *shape)
{
	struct store *s;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (store_open(&s, dir, STORE_READ_ONLY, &err) == 0) {
			epoch_is_whole(s, 1, shape);
			store_close(s);
		}
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* LMDB's own bytes: the beginnings of pages, where numbers, flags and offsets stand. */
void test_damaged_pages(void)
{
	struct arena a = ARENA_INIT;
	struct store *s = open_new("pages", &a);
	const char *dir = arena_printf(&a, "%s/pages", base);
	struct buf b = BUF_INIT;
	unsigned seed = 1, i, k;
	size_t at;
	int fd;

	CHECK(begin_epoch(s, 1, &small) == 0);
	store_close(s);
	CHECK(file_read(AT_FDCWD, arena_printf(&a, "%s/cache.mdb", dir), 0, &b, &err) == 0);
	fd = open(arena_printf(&a, "%s/cache.mdb", dir), O_RDWR | O_CLOEXEC);
	for (i = 0; i < 150; i++) {
		for (k = 0; k < 1 + i % 8; k++) {
			at = (size_t)rand_r(&seed) % (b.used / 4096) * 4096;
			at += (size_t)rand_r(&seed) % (i % 2 ? 20 : 200);
			CHECK(pwrite(fd, &(char){(char)rand_r(&seed)}, 1, (off_t)at) == 1);
		}
		CHECK(survives(dir, &small));
		CHECK(file_pwrite_all(fd, b.data, b.used, 0) == 0);
	}
	close(fd);
	buf_release(&b);
	arena_release(&a);
}

static int open_of(const char *bytes, size_t n, off_t truncate_at, struct arena *a)
{
	char *dir = new_dir("foreign", a), *path = arena_printf(a, "%s/cache.mdb", dir);
	struct store *s = NULL;
	int rc;

	CHECK(file_mkdirs(dir, 0700, &err) == 0);
	CHECK(file_replace(
		  &(struct file_replace){
		      .dirfd = AT_FDCWD, .name = path, .data = bytes, .bytes = n, .mode = 0600},
		  &err) == 0);
	if (truncate_at)
		CHECK(truncate(path, truncate_at) == 0);
	rc = store_open(&s, dir, STORE_CREATE, &err);
	CHECK(rc == 0 || strstr(err.text, "cache.mdb"));
	store_close(s);
	return rc;
}

void test_foreign_files(void)
{
	struct arena a = ARENA_INIT;
	struct store *s = open_new("donor", &a), *none = NULL;
	struct buf b = BUF_INIT;
	char junk[20000];

	memset(junk, 'j', sizeof(junk));
	CHECK(begin_epoch(s, 1, &small) == 0);
	store_close(s);
	CHECK(file_read(AT_FDCWD, arena_printf(&a, "%s/donor/cache.mdb", base), 0, &b, &err) == 0);
	CHECK(open_of(b.data, b.used, 0, &a) == 0);
	CHECK(open_of(b.data, b.used, (off_t)b.used - 4096, &a) == -EBADMSG);
	CHECK(open_of(b.data, b.used, 8192, &a) == -EBADMSG);
	CHECK(open_of(b.data, b.used, 100, &a) == -EBADMSG);
	CHECK(open_of(junk, sizeof(junk), 0, &a) == -EBADMSG);
	CHECK(open_of("", 0, 0, &a) == 0);
	CHECK(store_open(&none, arena_printf(&a, "%s/nowhere", base), 0, &err) == -ENOENT);
	CHECK(store_open(&none, arena_printf(&a, "%s/nowhere", base), STORE_READ_ONLY, &err) ==
	      -ENOENT);
	buf_release(&b);
	arena_release(&a);
}

/* A child begins epochs until it is killed; whatever `current` names must be whole. */
static void begin_for_ever(const char *dir)
{
	struct catalogue_read *r;
	struct store *s;
	uint64_t last;

	if (store_open(&s, dir, STORE_CREATE, &err) < 0)
		_exit(1);
	for (;;) {
		if (catalogue_read_begin(&r, s, &err) < 0 ||
		    catalogue_last_epoch(r, &last, &err) < 0)
			_exit(2);
		catalogue_read_end(r);
		if (begin_epoch(s, last + 1, &small) < 0)
			_exit(3);
		if (gc_run(s, &(struct gc_options){.keep = 2}, &(struct gc_result){0}, &err) < 0)
			_exit(4);
	}
}

static int pages_are_whole(struct store *s, uint64_t n, struct arena *a)
{
	struct buf b = BUF_INIT;
	size_t i;
	int rc =
	    file_read(AT_FDCWD, arena_printf(a, "%s/current/pages", store_dir(s)), 0, &b, &err);

	for (i = 0; rc == 0 && i < b.used; i++)
		if (b.data[i] != (char)n)
			rc = -1;
	if (b.used != 65536)
		rc = -1;
	buf_release(&b);
	return rc == 0;
}

void test_kill(void)
{
	struct arena a = ARENA_INIT;
	char *dir = new_dir("kill", &a);
	struct store *s = NULL;
	uint64_t current;
	int round, status;
	pid_t pid;

	for (round = 0; round < 40; round++) {
		fflush(stdout);
		pid = fork();
		if (pid == 0)
			begin_for_ever(dir);
		usleep(1000 + (unsigned)round * 997 % 40000);
		kill(pid, SIGKILL);
		CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
		if (store_open(&s, dir, STORE_CREATE, &err) < 0) {
			CHECK(!"the store opens after a kill");
			continue;
		}
		if (publish_current(s, &current, &err) == 0)
			CHECK(epoch_is_whole(s, current, &small) &&
			      pages_are_whole(s, current, &a));
		else
			CHECK(err.code == -ENOENT);
		store_close(s);
	}
	arena_release(&a);
}

/* Leaves `left` bytes of the file system free. */
static void fill_disk(const char *path, off_t left)
{
	struct statvfs fs;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && fstatvfs(fd, &fs) == 0);
	CHECK(posix_fallocate(fd, 0, (off_t)(fs.f_bavail * fs.f_frsize) - left) == 0);
	close(fd);
}

/* On a full disk: an error that says so, and the old epoch as it was. */
void test_full_disk(void)
{
	struct shape big = {.programs = 40, .libraries = 60, .closure = 20, .bindings = 900};
	struct arena a = ARENA_INIT;
	struct store *s = open_new("full", &a);
	static char pages[64 << 20];
	uint64_t current = 0;
	char *filler;

	if (!s)
		return;
	CHECK(begin_epoch(s, 1, &small) == 0);
	CHECK(store_lock_exclusive(s, &err) == 0);
	CHECK(publish_epoch(s, 2, pages, sizeof(pages)) == -ENOSPC);
	CHECK(strstr(err.text, "No space left") && strstr(err.text, "pages"));
	CHECK(publish_epoch(s, 2, pages, 4096) == 0);
	filler = arena_printf(&a, "%s/filler", base);
	fill_disk(filler, 256 << 10);
	CHECK(save_epoch(s, 2, &big) == -ENOSPC);
	CHECK(strstr(err.text, "cache.mdb"));
	CHECK(unlink(filler) == 0);
	CHECK(publish_discard(s, 2, &err) == 0);
	store_unlock(s);
	CHECK(publish_current(s, &current, &err) == 0 && current == 1);
	CHECK(epoch_is_whole(s, 1, &small));
	CHECK(begin_epoch(s, 2, &small) == 0 && epoch_is_whole(s, 2, &small));
	store_close(s);
	arena_release(&a);
}

/* With little address space the map is small and grows; a large epoch is flushed as it comes. */
void test_little_memory(void)
{
	struct shape big = {.programs = 60, .libraries = 600, .closure = 20, .bindings = 4800};
	struct shape some = {.programs = 6, .libraries = 600, .closure = 20, .bindings = 4800};
	struct arena a = ARENA_INIT;
	char *dir = new_dir("ulimit", &a);
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct rlimit limit = {(rlim_t)800 << 20, (rlim_t)800 << 20};
		struct store *s;

		setrlimit(RLIMIT_AS, &limit);
		if (store_open(&s, dir, STORE_CREATE, &err) < 0 || begin_epoch(s, 1, &big) < 0) {
			fprintf(stderr, "%s\n", err.text);
			_exit(1);
		}
		_exit(epoch_is_whole(s, 1, &some) ? 0 : 2);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	arena_release(&a);
}
