/*
 * enabled_search.h - enabled programs that no list knows
 *
 * The mark within an enabled file tells that it is enabled and what it was
 * before, so that a store that was lost strands no program.
 */
#ifndef MATR_ENABLED_SEARCH_H
#define MATR_ENABLED_SEARCH_H

#include "matr/enabling.h"

/*
 * Disables every enabled program below these folders, links not followed;
 * without folders: where packages put programs.  What it could not look at or
 * disable is told, and r->status is then MATR_FAILED.
 */
void enabled_search_disable(struct enabling *r, char **folders, size_t count);

#endif
