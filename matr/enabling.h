/*
 * enabling.h - program files enabled and disabled, one by one
 *
 *	struct enabling r = {.o = o, .shim = path};
 *	enabling_list_open(&r, create);
 *	enabling_enable(&r, path) or enabling_disable(&r, path), for each file
 *	return enabling_finish(&r);
 *
 * What became of a file is printed, and entered into the list of the store
 * (enabled_list.h): before a file is enabled, after it was disabled.  Without a
 * list only what has a mark of its own (interp_edit.h) can be enabled.
 */
#ifndef MATR_ENABLING_H
#define MATR_ENABLING_H

#include "common/arena.h"
#include "matr/enabled_list.h"
#include "matr/matr.h"

struct enabling {
	struct matr_options *o;
	struct arena arena;
	struct enabled_list list;
	bool has_list;
	bool force;	    /* also files with capabilities */
	bool again;	    /* what the list says is done again: results are talk, on standard */
			    /* error, and a file that cannot be enabled now stays in the list */
	const char *shim;   /* enable: the path to write */
	const char **named; /* every operand: further links may be among them */
	size_t named_count;
	struct err list_error; /* why there is no list */
	int status;	       /* enum matr_exit: MATR_FAILED once a file was refused or failed */
};

/* A list that is not there, or damaged: has_list stays false, list_error tells. */
void enabling_list_open(struct enabling *r, bool create);

/* 0: the file is (or was already) enabled; not enabled any more (or never was). */
int enabling_enable(struct enabling *r, const char *path);
int enabling_disable(struct enabling *r, const char *path);

/* One line of a result, as JSON where the options say so. */
void enabling_print_listed(const struct enabling *r, const char *path);

/* Gives everything back; r->status. */
int enabling_finish(struct enabling *r);

#endif
