/*
 * epoch_actions.h - the actions of `matr epoch`, and what they share
 *
 * cmd_epoch.c holds the table: name, function, how the store is opened.  An
 * action gets the open store (begin: NULL, it opens it itself) and argv with argv[0] = its name, and returns an
 * exit code (matr.h).  It reads its own options; one that has none but --json
 * calls epoch_own_options() or epoch_no_operands().
 */
#ifndef MATR_EPOCH_ACTIONS_H
#define MATR_EPOCH_ACTIONS_H

#include "cache/catalogue.h"
#include "matr/matr.h"

enum { EPOCHS_KEPT = 3 }; /* by gc, where nobody says a number */

typedef int epoch_action(struct store *s, int argc, char **argv, struct matr_options *o);

epoch_action epoch_action_begin;  /* epoch_begin.c */
epoch_action epoch_action_packages; /* epoch_packages.c */
epoch_action epoch_action_status; /* epoch_show.c */
epoch_action epoch_action_list;   /* epoch_show.c */
epoch_action epoch_action_show;   /* epoch_show.c */
epoch_action epoch_action_diff;   /* epoch_diff.c */
epoch_action epoch_action_roots;  /* epoch_roots.c */
epoch_action epoch_action_export; /* epoch_export.c */
epoch_action epoch_action_import; /* epoch_import.c */

/* Prints the error; MATR_FAILED. */
int epoch_failed(const struct err *e);

/* 1: `text` is a decimal number and nothing else; 0: it is not, or too large. */
int epoch_parse_number(const char *text, uint64_t *out);

/* --json, --verbose and exactly `wanted` numbers of epochs. */
struct epoch_show_options {
	bool verbose;
	uint64_t numbers[2];
};

int epoch_show_options(int argc, char **argv, int wanted, struct epoch_show_options *out,
		       struct matr_options *o);

/* An epoch that is kept.  -ENOENT, with a sentence that tells whether it was once. */
int epoch_find(struct catalogue_read *r, uint64_t number, struct arena *a,
	       struct catalogue_epoch *out, struct err *e);

/* Reads --json; optind is then the first operand.  _no_operands: there must be none. */
int epoch_own_options(int argc, char **argv, struct matr_options *o);
int epoch_no_operands(int argc, char **argv, struct matr_options *o);

#endif
