/*
 * apply.h - materialise: write a mapping's values into the bytes of a segment
 *
 * The loops that put relocated words in place: at epoch time into the bytes of
 * the pages file, at exec into the process itself.  Freestanding.
 * The caller has made sure that every word lies in writable memory.
 */
#ifndef IMAGE_APPLY_H
#define IMAGE_APPLY_H

#include "image/format.h"

#include <stddef.h>

/* For each word: the 8 bytes at memory address (where + place_bias) = value + value_bias. */
void matr_materialise(const struct matr_word *words, size_t count, uint64_t place_bias,
		      uint64_t value_bias);

/* Layout=exec: adds `slide` to the moving words of whole pages of a segment (format.h). */
void matr_slide_pages(const uint64_t *moving, size_t page_count, void *pages, uint64_t slide);

#endif
