/*
 * roots.h - the folders that an epoch begins with
 *
 * As `matr epoch roots` set them in the store; default engine_default_roots.
 */
#ifndef EPOCHD_ROOTS_H
#define EPOCHD_ROOTS_H

#include "common/arena.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Ended by NULL. */
extern const char *const engine_default_roots[];

struct roots {
	const char *const *folders;
	size_t count;
	bool chosen; /* not the default */
	struct arena arena;
};

/* A store that holds nothing yet has the default. */
int roots_read(struct roots *r, const char *store_dir, struct err *e);
void roots_release(struct roots *r);

#endif
