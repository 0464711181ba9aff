/*
 * parallel.h - the same work for n things, on all cores
 */
#ifndef EPOCHD_PARALLEL_H
#define EPOCHD_PARALLEL_H

#include "common/err.h"

#include <stddef.h>

/* Works on thing `index`; may be called by many threads at once. */
typedef int parallel_fn(void *context, size_t index, struct err *e);

/* Called by one thread at a time with the number of things done so far. */
typedef void progress_fn(void *context, const char *stage, size_t done, size_t total);

struct parallel {
	unsigned threads;   /* 0: one per processor */
	size_t count;
	parallel_fn *each;
	void *context;
	progress_fn *progress; /* may be NULL */
	void *progress_context;
	const char *stage;
};

/* 0, or the first error; after an error nothing new is begun. */
int parallel_for(const struct parallel *p, struct err *e);

unsigned parallel_threads(void); /* processors that this process may use */

#endif
