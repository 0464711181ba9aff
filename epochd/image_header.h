/*
 * image_header.h - what an image's header says of program, system, layout and loader
 *
 * Inside of image_write.c, which adds the ranges of the image's parts when it puts them together.
 */
#ifndef EPOCHD_IMAGE_HEADER_H
#define EPOCHD_IMAGE_HEADER_H

#include "epochd/image_write.h"

void image_header_fill(const struct image_request *r, struct matr_image_header *h);

/* As published. */
struct matr_identity image_identity(const struct identity *id);

#endif
