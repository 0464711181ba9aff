/*
 * image_write.h - builds the image of one program, as image/format.h says
 */
#ifndef EPOCHD_IMAGE_WRITE_H
#define EPOCHD_IMAGE_WRITE_H

#include "common/buf.h"
#include "epochd/layout.h"
#include "epochd/loader.h"
#include "epochd/pages.h"
#include "epochd/program.h"
#include "matr-ld/resolve.h"

struct image_request {
	const struct program *program;
	const struct layout *layout;
	const struct prepared_loader *loader;
	const struct resolver_system *system;
	uint64_t store_id, epoch;
	bool slides;   /* layout=exec */
	bool portable; /* identities are size, mtime in seconds and build-id */
};

/*
 * Appends the finished image, checksum included, to `out`.  -E2BIG: more than
 * an image can describe.  What it builds passes matr_image_open().
 */
int image_write(const struct image_request *r, struct buf *out, struct err *e);

/* Gives a finished image the identity that ld.so.cache has now.  -EBADMSG: it is damaged. */
int image_renew(struct buf *image, const struct resolver_system *system, struct err *e);

#endif
