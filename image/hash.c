#include "image/hash.h"

/* The library declares more than XXH64; what is not used is not compiled in. */
#pragma GCC diagnostic ignored "-Wunused-function"
/* Plain loads: without a libc the compiler would call memcpy for every word. */
#define XXH_FORCE_MEMORY_ACCESS 1
#define XXH_NO_INLINE_HINTS 0
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t matr_hash(const void *bytes, size_t n, uint64_t seed)
{
	return XXH64(bytes, n, seed);
}
