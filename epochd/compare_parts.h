/*
 * compare_parts.h - what compare.c and hidden.c share; nobody else includes it
 *
 * compare.c looks at references whose answer changed; hidden.c at objects that define more than
 * before, and at the references that do not find them there.
 */
#ifndef EPOCHD_COMPARE_PARTS_H
#define EPOCHD_COMPARE_PARTS_H

#include "epochd/compare.h"

/* The key of no table. */
extern const uint8_t compare_no_table[TABLE_KEY_BYTES];

/* Equal texts, or both NULL. */
bool compare_same(const char *a, const char *b);

/* compare_start.c: `failing` does not start, `other` does. */
void compare_say_start(struct comparison *c, enum finding_kind kind,
		       const struct compare_program *failing, const struct compare_program *other);

/* The name that an object is known by. */
const char *compare_name(const struct compare_member *m);

/* The same of members[member]; the executable is COMPARE_PROGRAM. */
const char *compare_member_name(const struct compare_program *p, size_t member);

/* The name behind an object key in that member's table; NULL: none. */
const char *compare_provider(const struct comparison *c, const struct compare_program *p,
			     size_t member, uint64_t key);

/* The library of that name, looked for at `hint` first; NULL: none. */
const struct compare_member *compare_find(const struct compare_program *p, size_t hint,
					  const char *name);

/* Which member it was; NULL: none. */
const struct compare_member *compare_old(const struct compare_program *old,
					 const struct compare_program *now, size_t member);

/* Says what hides definitions that are new in the closure. */
int hiding_program(struct comparison *c, const struct compare_program *old,
		   const struct compare_program *now, struct err *e);
void hiding_release(struct comparison *c);

#endif
