/*
 * unit_cache.h - what the cases of the store's unit test share
 *
 * made_up.c makes the programs, unit_cache_steps.c takes the steps of an
 * epoch, unit_cache.c and unit_cache_damage.c hold the cases.
 */
#ifndef TESTS_UNIT_CACHE_H
#define TESTS_UNIT_CACHE_H

#include "cache/catalogue.h"
#include "cache/gc.h"
#include "cache/publish.h"
#include "common/buf.h"
#include "common/file.h"
#include "tests/made_up.h"

#include <stdio.h>

extern unsigned passed, failed;
extern struct err err;	 /* of the last step */
extern const char *base; /* the folder that the stores are made in */
extern const struct shape small;

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (what) {                                                                        \
			passed++;                                                                  \
		} else {                                                                           \
			failed++;                                                                  \
			printf("%s:%d: not true: %s (%s)\n", __FILE__, __LINE__, #what, err.text); \
		}                                                                                  \
	} while (0)

/* A folder that is not there (any more). */
char *new_dir(const char *name, struct arena *a);
struct store *open_new(const char *name, struct arena *a);

/* The steps of publish.h, and all of them in their order. */
int publish_epoch(struct store *s, uint64_t number, const void *pages, size_t bytes);
int save_epoch(struct store *s, uint64_t number, const struct shape *shape);
int begin_epoch(struct store *s, uint64_t number, const struct shape *shape);

/* What an epoch holds is what was put, field by field. */
int epoch_is_whole(struct store *s, uint64_t number, const struct shape *shape);

void test_damage(void);
void test_damaged_pages(void);
void test_foreign_files(void);
void test_kill(void);
void test_full_disk(void);
void test_little_memory(void);

#endif
