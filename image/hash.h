/*
 * hash.h - XXH64, the one hash of the published format
 *
 * Freestanding (the algorithm is xxhash's own header, compiled in).  Not
 * cryptographic: it tells damage and difference, not malice; whoever may write
 * to a store could write anything else there too.
 */
#ifndef IMAGE_HASH_H
#define IMAGE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t matr_hash(const void *bytes, size_t n, uint64_t seed);

#endif
