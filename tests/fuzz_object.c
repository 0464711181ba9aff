/*
 * Fuzzes the ELF front end and the resolver behind it: any bytes are one file
 * that is opened, planned and resolved as a program.  Build with clang
 * -fsanitize=fuzzer,address,undefined; small real programs are a good corpus.
 */
#include "matr-ld/ldcache.h"
#include "matr-ld/mmap_plan.h"
#include "matr-ld/object.h"
#include "matr-ld/resolve.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void try_object(const char *path)
{
	struct arena a = ARENA_INIT;
	struct mmap_plan plan;
	struct object *o;

	if (object_open(&o, "", path, NULL, NULL) < 0)
		return;
	mmap_plan_make(&plan, o, &a, NULL);
	object_materialisable(o);
	for (size_t i = 0; i < o->symbol_count; i++)
		object_symbol_name(o, i);
	object_free(o);
	arena_release(&a);
}

/* A new resolver each time: it would remember the file by its name. */
static void try_program(const char *path)
{
	const struct resolver_options options = {.cpu_level = 1};
	struct arena a = ARENA_INIT;
	struct resolver *r;
	struct mapping m;

	if (resolver_open(&r, &options, NULL) < 0)
		abort();
	resolve_program(r, path, RESOLVE_SHADOWS, &a, &m, NULL);
	arena_release(&a);
	resolver_close(r);
}

static void try_cache(const uint8_t *data, size_t bytes)
{
	static const char *const names[] = {"libc.so.6", "a", "libz.so.10", ""};
	const struct ldcache_filter filter = {
		.cpu_level = 3, .named_hwcaps = true, .legacy_hwcaps = 2};
	struct ldcache c;
	uint8_t *copy = malloc(bytes + 1);

	if (!copy)
		return;
	memcpy(copy, data, bytes);
	if (!ldcache_parse(&c, copy, bytes))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ldcache_lookup(&c, names[i], &filter);
	ldcache_release(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char path[64];
	int fd;

	if (bytes >= 5 && (memcmp(data, "glibc", 5) == 0 || memcmp(data, "ld.so", 5) == 0)) {
		try_cache(data, bytes);
		return 0;
	}
	snprintf(path, sizeof(path), "/dev/shm/matr-fuzz-%ld", (long)getpid());
	fd = open(path, O_CREAT | O_TRUNC | O_RDWR, 0700);
	if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
		abort();
	close(fd);
	try_object(path);
	try_program(path);
	unlink(path);
	return 0;
}
