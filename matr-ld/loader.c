#include "matr-ld/loader.h"

#include "common/buf.h"
#include "common/file.h"
#include "image/cpu.h"
#include "image/loader_path.h"
#include "matr-ld/root.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOADER_BYTES_MAX ((size_t)64 << 20)

/* Bits of the older hwcap scheme in ld.so.cache. */
#define HWCAP_X86_64 ((uint64_t)1 << 1)
#define HWCAP_AVX512_1 ((uint64_t)1 << 2)
#define PLATFORM_HASWELL ((uint64_t)1 << 50)
#define PLATFORM_XEON_PHI ((uint64_t)1 << 51)

static bool is_folder_string(const char *s, size_t n)
{
	if (n < 4 || s[0] != '/' || s[n - 1] != '/')
		return false;
	for (size_t i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] > '~' || s[i] == '%' || s[i] == '$')
			return false;
	return memmem(s, n, "/lib", 4) || memmem(s, n, "lib/", 4);
}

/* The default folders stand one after the other, NUL between them, and are the first such run. */
static void find_folders(struct loader *l, const struct buf *b, struct arena *a)
{
	size_t n;

	for (size_t at = 1; at < b->used; at += n + 1) {
		n = strnlen(b->data + at, b->used - at);
		if (b->data[at - 1] == '\0' && is_folder_string(b->data + at, n)) {
			if (l->folder_count < LOADER_FOLDERS_MAX)
				l->folders[l->folder_count++] = arena_strdup(a, b->data + at);
		} else if (l->folder_count) {
			return;
		}
	}
}

static void default_folders(struct loader *l)
{
	static const char *const usual[] = {"/lib/x86_64-linux-gnu/",
					    "/usr/lib/x86_64-linux-gnu/",
					    "/lib64/",
					    "/usr/lib64/",
					    "/lib/",
					    "/usr/lib/"};

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		l->folders[l->folder_count++] = usual[i];
}

/* $LIB is the first default folder without what is before it and without the last slash. */
static const char *find_lib(const struct loader *l, struct arena *a)
{
	const char *first = l->folders[0];
	char *lib;

	if (strncmp(first, "/usr/", 5) == 0)
		first += 4;
	lib = arena_strdup(a, first + 1);
	lib[strlen(lib) - 1] = '\0';
	return lib;
}

static unsigned find_release(const struct buf *b)
{
	static const char mark[] = "release version 2.";
	const char *p = memmem(b->data, b->used, mark, sizeof(mark) - 1);

	if (p)
		return (unsigned)strtoul(p + sizeof(mark) - 1, NULL, 10);
	return memmem(b->data, b->used, "glibc-hwcaps", 12) ? 33 : 31;
}

/* AVX512PF and AVX512ER, and an operating system that saves the registers; gcc 15 has no name for
 * them. */
static bool is_xeon_phi(void)
{
	unsigned a, b, c, d;

	return __builtin_cpu_supports("avx512f") && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
	       (b & 1u << 26) && (b & 1u << 27);
}

/* ld.so names a platform on Intel processors only; elsewhere it keeps the kernel's. */
static const char *find_platform(unsigned level, uint64_t *bit)
{
	__builtin_cpu_init();
	*bit = 0;
	if (!__builtin_cpu_is("intel"))
		return "x86_64";
	if (level >= 3 && is_xeon_phi()) {
		*bit = PLATFORM_XEON_PHI;
		return "xeon_phi";
	}
	if (level >= 3) {
		*bit = PLATFORM_HASWELL;
		return "haswell";
	}
	return "x86_64";
}

/* All combinations of the older hwcap folders, the ones with more parts first (glibc <= 2.36). */
static void add_legacy_subfolders(struct loader *l, unsigned level, struct arena *a)
{
	bool avx512 = level >= 4 && __builtin_cpu_is("intel");
	const char *parts[4];
	size_t n = 0;

	parts[n++] = "tls/";
	parts[n++] = arena_printf(a, "%s/", l->platform);
	if (avx512)
		parts[n++] = "avx512_1/";
	if (strcmp(l->platform, "x86_64") != 0)
		parts[n++] = "x86_64/";
	for (unsigned mask = (1u << n) - 1; mask; mask--) {
		char name[64] = "";

		for (size_t i = 0; i < n; i++)
			if (mask & 1u << (n - 1 - i))
				strcat(name, parts[i]);
		l->subfolders[l->subfolder_count++] = arena_strdup(a, name);
	}
	l->filter.legacy_hwcaps = HWCAP_X86_64 | (avx512 ? HWCAP_AVX512_1 : 0);
}

static void find_subfolders(struct loader *l, unsigned level, struct arena *a)
{
	l->platform = find_platform(level, &l->filter.platform);
	l->filter.cpu_level = level;
	l->filter.named_hwcaps = l->release >= 33;
	for (unsigned v = level; l->filter.named_hwcaps && v >= 2; v--)
		l->subfolders[l->subfolder_count++] =
		    arena_printf(a, "glibc-hwcaps/x86-64-v%u/", v);
	if (l->release <= 36)
		add_legacy_subfolders(l, level, a);
	l->subfolders[l->subfolder_count++] = "";
}

static void find_shim(struct loader *l, const char *root, struct arena *a)
{
	const char *link = matr_loader_path(LOADER_PATH_LINK);
	char path[PATH_MAX];

	if (strcmp(l->name, link) != 0 && loader_is_shim(root, link) &&
	    root_canonical(root, link, path, NULL) == 0)
		l->shim = arena_strdup(a, path);
}

int loader_open(struct loader *l, const char *root, unsigned cpu_level, struct arena *a,
		struct err *e)
{
	char path[PATH_MAX], full[2 * PATH_MAX];
	struct buf b = BUF_INIT;
	struct stat st;
	int rc;

	*l = (struct loader){0};
	rc = loader_find(root, &l->name, e);
	if (rc == 0)
		rc = root_canonical(root, l->name, path, e);
	if (rc < 0)
		return rc;
	snprintf(full, sizeof(full), "%s%s", root, path);
	if (stat(full, &st) < 0)
		return err_sys(e, "cannot stat '%s'", full);
	rc = file_read(AT_FDCWD, full, LOADER_BYTES_MAX, &b, e);
	if (rc < 0)
		return rc;
	l->path = arena_strdup(a, path);
	find_shim(l, root, a);
	identity_from_stat(&l->identity, &st);
	l->release = find_release(&b);
	find_folders(l, &b, a);
	if (!l->folder_count)
		default_folders(l);
	l->lib = find_lib(l, a);
	find_subfolders(l, cpu_level ? cpu_level : matr_cpu_level(), a);
	buf_release(&b);
	return 0;
}
