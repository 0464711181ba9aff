/*
 * needs.h - which DT_NEEDED entries of a closure ld.so need not see
 *
 * For every DT_NEEDED entry ld.so compares a name with the names of all objects that it has
 * loaded so far.  Where 550 libraries need 350 others each, that is 140 million comparisons.
 * Most entries only ask again for what is there: in the views of this program (format.h) those
 * are left out on which nothing depends.  An entry of object A for object X is hidden where
 *
 *   1. X is there by then, and was asked for by this very name: so the closure, its order, who
 *      required what, and the names by which ld.so knows X (version needs are matched with
 *      these) stay as they are;
 *   2. an entry before it in A is for X too, or for an object Y that needs X, directly or
 *      through others, and does not need A.  The depth-first sort of glibc 2.35 and later
 *      goes through A's needs in their order; when it comes to X it has left Y behind, and
 *      with it everything below Y, wherever it began and whatever it had seen before.  (The one thing
 *      that could be left over is an object which the sort is still in, one above A; but Y
 *      does not lead there.)  So X has its place already and its entry changes nothing: the
 *      order of relocation, constructors and destructors is the same, with
 *      objects that dlopen adds later as well, and so is what every object can reach.
 *
 * Rule 2 holds for nothing before 2.35, which sorts by direct needs: there all stay.
 * What dlopen reads later is whole, for the link map then names the library's own section.
 *
 * Pure; `struct needs` owns its memory.
 */
#ifndef EPOCHD_NEEDS_H
#define EPOCHD_NEEDS_H

#include "common/arena.h"
#include "epochd/program.h"

#include <stdint.h>

/*
 * Fewer comparisons saved than this, and nothing is hidden: views of a program's own cost
 * something too.  See docs/decisions/0010-needs.md.
 */
#define NEEDS_MIN_SAVED 15000

struct needs {
	/* by member, then by DT_NEEDED entry: not to be seen; NULL: the member's are all seen */
	const bool **hidden;
	size_t hidden_count; /* entries of all members together */
	uint64_t saved;      /* comparisons of names that ld.so does not make */
	struct arena arena;
};

/* `release` is that of the installed loader: glibc 2.N; 0: unknown. */
void needs_choose(struct needs *out, const struct program *p, unsigned release, uint64_t min_saved);
void needs_release(struct needs *n);

#endif
