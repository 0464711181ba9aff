/*
 * reason.h - the reasons of reason.def as an enumeration
 *
 * Freestanding.  A reason is data, not an error: it says why MatR stands
 * aside, in the shim's trace, in `matr inspect`, in an epoch's summary and in
 * the manual page ld-matr.so(8).
 */
#ifndef IMAGE_REASON_H
#define IMAGE_REASON_H

enum reason {
#define REASON(number, NAME, name, sentence) REASON_##NAME = number,
#include "image/reason.def"
#undef REASON
};

/* The name ("no-epoch"); "unknown" for a number that is not in the list. */
const char *reason_name(unsigned reason);

/* The sentence, without a full stop. */
const char *reason_sentence(unsigned reason);

#endif
