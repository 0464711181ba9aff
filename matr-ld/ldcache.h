/*
 * ldcache.h - /etc/ld.so.cache
 *
 * Reads the format "glibc-ld.so.cache1.1", alone or behind the old header of
 * libc 5's time, with the extension that names glibc-hwcaps folders.  It is looked
 * at exactly as far as ld.so looks: a file without the magic is as good as
 * none, a damaged entry ends the lookup that meets it.
 */
#ifndef MATR_LD_LDCACHE_H
#define MATR_LD_LDCACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ldcache {
	uint8_t *bytes; /* the file; owned */
	size_t size;
	const uint8_t *strings; /* what string offsets count from */
	size_t strings_bytes;
	const uint8_t *entries;
	uint32_t entry_count;
	uint32_t entry_bytes;  /* 24; 12 where only the old format is there */
	const uint8_t *hwcaps; /* extension: offsets of folder names */
	uint32_t hwcap_count;
};

/* Which entries this processor and this release may take. */
struct ldcache_filter {
	unsigned cpu_level;	/* glibc-hwcaps/x86-64-vN up to this N */
	bool named_hwcaps;	/* glibc >= 2.33 knows the extension */
	uint64_t legacy_hwcaps; /* bits of the older scheme that are allowed; 0: glibc > 2.36 */
	uint64_t platform;	/* bit of the platform (48 and up), or 0 */
};

/* Takes `bytes` over (malloc'ed).  False: not understood, as good as no cache; then it is freed. */
bool ldcache_parse(struct ldcache *c, uint8_t *bytes, size_t size);
void ldcache_release(struct ldcache *c);

/* The path for a DT_NEEDED name, or NULL.  Lives as long as the cache. */
const char *ldcache_lookup(const struct ldcache *c, const char *name,
			   const struct ldcache_filter *filter);

#endif
