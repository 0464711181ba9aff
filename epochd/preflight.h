/*
 * preflight.h - what an update broke, found while the next epoch is made
 *
 * Every program that is resolved anew is shown to the preflight, which compares it with the
 * same program of the last epoch (compare.h).  Programs that are taken over have not
 * changed.  Before the epoch is sealed the findings are listed, with the packages that
 * own what is missing (owner.h).
 *
 *	preflight_open(&p, &options, &e);
 *	preflight_look(p, mapping, keys, &e);          from any thread
 *	preflight_finish(p, &arena, &findings);
 *	preflight_close(p);
 */
#ifndef EPOCHD_PREFLIGHT_H
#define EPOCHD_PREFLIGHT_H

#include "epochd/compare.h"
#include "epochd/exports.h"

struct preflight;

/*
 * Compares with epoch `against` of the store, which was made for `root` ("" for the system
 * itself).  *out is NULL where there is nothing to compare with: 0, no such epoch, another root.
 */
struct preflight_options {
	struct store *store;
	uint64_t against;
	const char *root;   /* as epochs name it */
	const char *folder; /* the same, absolute, without links: whose package database is asked */
	struct exports *exports; /* stays the caller's; outlives the preflight */
};

int preflight_open(struct preflight **out, const struct preflight_options *options, struct err *e);
void preflight_close(struct preflight *p);

/* keys[i] is the table key of member i.  Nothing happens where p is NULL. */
int preflight_look(struct preflight *p, const struct mapping *m,
		   const uint8_t (*keys)[TABLE_KEY_BYTES], struct err *e);

/* The findings so far, in the arena, with packages as the root's database has them. */
void preflight_finish(struct preflight *p, struct arena *a, struct catalogue_findings *out);

#endif
