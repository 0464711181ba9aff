#include "image/apply.h"

void matr_materialise(const struct matr_word *words, size_t count, uint64_t place_bias,
		      uint64_t value_bias)
{
	/* A relocated word may be unaligned (packed structures). */
	typedef uint64_t __attribute__((aligned(1), may_alias)) unaligned_word;

	for (size_t i = 0; i < count; i++)
		*(unaligned_word *)(uintptr_t)(words[i].where + place_bias) =
			words[i].value + value_bias;
}

void matr_slide_pages(const uint64_t *moving, size_t page_count, void *pages, uint64_t slide)
{
	uint64_t *word = pages;

	for (size_t n = page_count * MATR_MOVING_BYTES / sizeof(*moving); n--; moving++, word += 64)
		for (uint64_t bits = *moving; bits; bits &= bits - 1)
			word[__builtin_ctzll(bits)] += slide;
}
