/*
 * hash.h - the two hash functions of ELF symbol tables
 *
 * gABI (DT_HASH, versions) and the GNU extension (DT_GNU_HASH).
 */
#ifndef MATR_LD_HASH_H
#define MATR_LD_HASH_H

#include <stdint.h>

static inline uint32_t gnu_hash(const char *name)
{
	uint32_t h = 5381;

	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		h = h * 33 + *c;
	return h;
}

static inline uint32_t sysv_hash(const char *name)
{
	uint32_t h = 0;

	for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
		h = (h << 4) + *c;
		h ^= h >> 24 & 0xf0;
	}
	return h & 0x0fffffff;
}

#endif
