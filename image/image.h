/*
 * image.h - the checked reader of a program's image
 *
 * A pure function of (bytes, length): no I/O, no allocation, no libc.  The
 * shim, the tools and the fuzzer use the same source.  After matr_image_open
 * returned REASON_NONE every range, slice and string of the image lies inside
 * it, every address is a plausible user address and page aligned where it has
 * to be; what the values *mean* (is this my epoch, my program?) is the
 * caller's question.
 *
 * Ownership: `struct matr_image` points into the caller's bytes.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "image/format.h"
#include "image/reason.h"

#include <elf.h>
#include <stddef.h>

struct matr_image {
	const struct matr_image_header *header;
	const struct matr_layer *layers;
	const struct matr_segment *loader_segments;
	const struct matr_member *members;
	const struct matr_segment *segments;
	const struct matr_word *fixups;
	const struct matr_word *words;
	const uint8_t *build_ids;
	const Elf64_Rela *residuals;
	const Elf64_Dyn *views;
	const char *loader_path, *loader_name, *program_path;
};

/* REASON_NONE, REASON_IMAGE_VERSION or REASON_IMAGE_DAMAGED; *out is set only with the first. */
enum reason matr_image_open(const void *bytes, size_t length, struct matr_image *out);

/* The checksum that the header must hold: of all bytes, its own member taken as 0. */
uint64_t matr_image_checksum(const void *bytes, size_t length);

/* The same for the first page of the pages file; `file_bytes` is the file's size. */
enum reason matr_pages_check(const struct matr_pages_header *h, uint64_t file_bytes);
uint64_t matr_pages_checksum(const struct matr_pages_header *h);

/* The same for a gate as it stands in a loader file; its entries, 0 there, are set to 0. */
enum reason matr_gate_check(struct matr_gate *g);
uint64_t matr_gate_checksum(const struct matr_gate *g);

#endif
