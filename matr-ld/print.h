/*
 * print.h - a mapping for people and for programs (the tool matr-ld only)
 *
 * The store-less sister of inspect/: plain tables, or one JSON document with a
 * "schema" number.
 */
#ifndef MATR_LD_PRINT_H
#define MATR_LD_PRINT_H

#include "common/out.h"
#include "matr-ld/resolve.h"

struct json_t;

struct printer {
	bool json; /* set before print_begin */
	struct out out;
	struct json_t *files; /* JSON: what was printed so far */
};

void print_begin(struct printer *p, FILE *file);
void print_mapping(struct printer *p, const struct mapping *m);
void print_end(struct printer *p);

#endif
